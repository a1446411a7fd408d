"""The end of a model: what its last layer gives, and through which activation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras

from seqkit.graph import Graph, Node, Shape


@dataclass(frozen=True)
class Head:
    """The end of a model with one output.

    Attributes:
        node: the node of the last layer with weights, such as the final Dense.
        shape: the shape that leaves the model, batch axis first.
        activation: name of the function that the output went through; "linear" if none, and
            "unknown" if a layer decides that cannot be read.
        activation_node: the node that applies it; the same as `node` in `Dense(1, "sigmoid")`.
    """

    node: Node
    shape: Shape
    activation: str
    activation_node: Node

    @property
    def units(self) -> int | None:
        """Size of the last axis."""
        return self.shape[-1]


# They change no value that the loss would care about.
_TRANSPARENT = ("Flatten", "Reshape", "Permute", "Dropout", "Identity", "InputLayer")
_ACTIVATION_LAYERS = {
    "Softmax": "softmax",
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "PReLU": "prelu",
    "ELU": "elu",
}
_OPERATIONS = {"Sigmoid": "sigmoid", "Tanh": "tanh", "Relu": "relu"}


def head_of(graph: Graph) -> Head | None:
    """Find the end of a model.

    Args:
        graph: a graph that was built.

    Returns:
        The head, or None when the model has several outputs, or failed to build.

    Example:
        >>> from seqkit.graph import read
        >>> head = head_of(read([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Softmax()]))
        >>> head.node.kind, head.units, head.activation
        ('Dense', 3, 'softmax')
    """
    if not graph.ok or len(graph.outputs) != 1 or not graph.nodes:
        return None
    edge = graph.outputs[0]
    node: Node | None = graph.nodes[edge.source] if edge.source >= 0 else None
    activation, place = "", None
    while node is not None:
        found = _activation(node.layer)
        if found and not activation:
            activation, place = found, node
        if _decides(node):
            break
        node = _before(graph, node)
    if node is None:
        return None
    return Head(node, edge.shape, activation or "linear", place or node)


def _decides(node: Node) -> bool:
    """Whether the layer makes the values, rather than passing them on or bending them."""
    return node.kind not in _TRANSPARENT and node.kind not in (*_ACTIVATION_LAYERS, "Activation")


def _before(graph: Graph, node: Node) -> Node | None:
    sources = [edge.source for edge in node.inputs]
    return graph.nodes[sources[0]] if len(sources) == 1 and sources[0] >= 0 else None


def _activation(layer: Any) -> str:
    """Name of the layer's activation; empty where the layer has none of its own."""
    kind = type(layer).__name__
    if kind in _ACTIVATION_LAYERS:
        return _ACTIVATION_LAYERS[kind]
    if kind in ("LSTM", "GRU"):
        return "bounded"  # the output is a product of a gate and tanh
    if isinstance(layer, keras.Model):
        return _of_model(layer)
    if not isinstance(layer, keras.Layer):
        return _OPERATIONS.get(kind, "unknown")  # a function of keras.ops in a Functional model
    if not type(layer).__module__.startswith("keras."):
        return "unknown"
    if kind in ("TimeDistributed", "Bidirectional"):
        return _activation(getattr(layer, "layer", None) or layer.forward_layer)
    function = getattr(layer, "activation", None)
    if function is None:
        return "unknown" if kind == "Lambda" else ""
    name = getattr(function, "__name__", type(function).__name__)
    return "" if name == "linear" else str(name)


def _of_model(model: keras.Model) -> str:
    from seqkit.errors import SeqkitError
    from seqkit.graph import read

    try:
        inner = head_of(read(model))
    except SeqkitError:
        return "unknown"
    return "unknown" if inner is None else inner.activation
