"""One picture of any model: nodes are layer calls, edges are tensors with shapes.

`read` accepts a Sequential, a Functional model, a subclassed model, or a bare list of layers,
and returns a `Graph`. When the build fails, the graph is partial and says where and why.
"""

from seqkit.graph.read import read
from seqkit.graph.records import Edge, Failure, Graph, Node, Shape

__all__ = ["Edge", "Failure", "Graph", "Node", "Shape", "read"]
