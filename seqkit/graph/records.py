"""The records of a graph. They hold facts only: how to print or draw them is decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Shape = tuple[int | None, ...]
"""A tensor's shape, batch axis first; `None` is a size that is not fixed."""

Status = Literal["ok", "failed", "not reached"]
Style = Literal["sequential", "functional", "subclassed", "list"]


@dataclass(frozen=True)
class Edge:
    """One tensor on its way into a node.

    Attributes:
        source: index of the node that made the tensor; -1 when it enters from outside.
        shape: the tensor's shape.
        output: which output of the source it is.
    """

    source: int
    shape: Shape
    output: int = 0


@dataclass(frozen=True)
class Failure:
    """Why a node could not be called.

    Attributes:
        index: index of the node.
        error: the exception that Keras raised, untouched.
        reason: the same in a few words, with the shapes that met.
    """

    index: int
    error: Exception
    reason: str


@dataclass(frozen=True)
class Node:
    """One call of one layer.

    Attributes:
        index: position in the graph, from 0.
        name: the layer's name.
        kind: the layer's class name.
        item: what the user wrote: a layer, or anything else that stood in the list.
        layer: the layer that was called. It is a built copy when `item` was not built yet,
            because reading a graph never changes the user's layers.
        inputs: the tensors that went in.
        output_shapes: the tensors' shapes that came out; empty when the call failed.
        params: number of weights of the layer; 0 when an earlier node has counted them.
        status: "ok", "failed" or "not reached".
        first_call: index of the node that called the same layer first; its own index otherwise.
        call: Keras' own record of the call, with its arguments; None in a chain, where a layer
            gets all that the one before it gave.
    """

    index: int
    name: str
    kind: str
    item: Any
    layer: Any
    inputs: tuple[Edge, ...]
    output_shapes: tuple[Shape, ...]
    params: int | None
    status: Status
    first_call: int
    call: Any = None

    @property
    def input_shapes(self) -> tuple[Shape, ...]:
        """Shapes of the tensors that went in."""
        return tuple(edge.shape for edge in self.inputs)

    @property
    def shared(self) -> bool:
        """Whether an earlier node called the same layer."""
        return self.first_call != self.index


@dataclass(frozen=True)
class Graph:
    """A model as nodes and edges.

    Attributes:
        name: the model's name; empty for a bare list.
        style: where it came from.
        nodes: the calls, each after those that it needs.
        entry: shapes that enter a chain from outside (a Sequential shows no Input node).
        outputs: the tensors that leave the graph; empty when the build failed.
        failure: the node that failed, if one did.
        inputs: the symbolic tensors that enter, one for each shape of `entry`.
        own_params: weights that belong to the model itself and to none of its layers.
    """

    name: str
    style: Style
    nodes: tuple[Node, ...]
    entry: tuple[Shape, ...]
    outputs: tuple[Edge, ...]
    failure: Failure | None = None
    inputs: tuple[Any, ...] = ()
    own_params: int = 0

    @property
    def ok(self) -> bool:
        """Whether every node could be called."""
        return self.failure is None
