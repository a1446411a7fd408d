"""How much of the input one number of an output can see, and how far apart two neighbours look.

For convolutions and pooling, along each spatial axis (Araujo, Norris and Sim 2019, "Computing
receptive fields of convolutional neural networks"): a window of k positions widens the field by
(k - 1) steps, and a stride makes the steps longer for all layers after it. Where branches meet,
the largest field counts. Borders are not considered: a field may be larger than the input.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras

from seqkit.arithmetic.axes import per_axis
from seqkit.graph.functional import read_functional
from seqkit.graph.records import Graph, Node, Shape


@dataclass(frozen=True)
class Field:
    """A receptive field, for each spatial axis; no axes yet where no window has been met.

    Attributes:
        size: positions of the input that one output number depends on.
        step: positions of the input between two neighbours of the output.
    """

    size: tuple[int, ...] = ()
    step: tuple[int, ...] = ()


_WINDOWS = tuple(
    getattr(keras.layers, name)
    for name in (
        *(f"Conv{rank}D" for rank in (1, 2, 3)),
        *(f"{kind}Pooling{rank}D" for kind in ("Max", "Average") for rank in (1, 2, 3)),
        *(f"{kind}Conv{rank}D" for kind in ("Depthwise", "Separable") for rank in (1, 2)),
    )
)
_POSITION_BY_POSITION = tuple(
    getattr(keras.layers, name)
    for name in (
        *("Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "Identity"),
        *("Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise"),
        *(f"SpatialDropout{rank}D" for rank in (1, 2, 3)),
        *("ActivityRegularization", "BatchNormalization", "Rescaling", "Normalization"),
        *(f"{kind}{rank}D" for kind in ("ZeroPadding", "Cropping") for rank in (1, 2, 3)),
    )
)
_MERGES = tuple(
    getattr(keras.layers, name)
    for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")
)
_LAST_AXIS = (keras.layers.LayerNormalization, keras.layers.Softmax, keras.layers.Dense)
_OPERATIONS = {"Add", "Subtract", "Multiply", "Divide", "TrueDivide", "Relu", "Relu6", "Sigmoid"}


def receptive_fields(graph: Graph, entering: Field | None = None) -> tuple[Field | None, ...]:
    """Work out the receptive field after each node.

    Args:
        graph: a graph.
        entering: the field at the graph's input, if that is not the picture itself.

    Returns:
        One `Field` for each node; None where none is defined: after Flatten, a global pooling,
        a recurrent layer or a layer that computes in a way of its own.

    Example:
        >>> from seqkit.graph import read
        >>> layers = keras.layers
        >>> graph = read([keras.Input((28, 28, 1)), layers.Conv2D(8, 3), layers.MaxPooling2D(2)])
        >>> receptive_fields(graph)[1]
        Field(size=(4, 4), step=(2, 2))
    """
    fields: list[Field | None] = []
    for node in graph.nodes:
        before = fields_before(node, fields, entering)
        fields.append(_after(node, before, entering) if node.status == "ok" else None)
    return tuple(fields)


def fields_before(
    node: Node, fields: Sequence[Field | None], entering: Field | None = None
) -> list[Field | None]:
    """The fields of what enters a node.

    Args:
        node: a node of a graph.
        fields: the fields after the nodes of the same graph that stand before it.
        entering: the field at the graph's input, if that is not the picture itself.
    """
    return [
        _of_entry(edge.shape, entering) if edge.source < 0 else fields[edge.source]
        for edge in node.inputs
    ]


def _of_entry(shape: Shape, entering: Field | None) -> Field | None:
    if entering is not None:
        return entering
    return Field() if len(shape) > 2 else None  # (batch, features) has no positions


def _after(node: Node, before: list[Field | None], entering: Field | None) -> Field | None:
    layer = node.layer
    if not before:  # an Input
        return _of_entry(node.output_shapes[0], entering)
    if any(field is None for field in before) or not node.output_shapes:
        return None
    known = [field for field in before if field is not None]
    if isinstance(layer, _MERGES) or type(layer).__name__ in _OPERATIONS:
        return _largest(known)
    if len(known) > 1:
        return None
    field, shape = known[0], node.input_shapes[0]
    if isinstance(layer, keras.Model):
        return _through_model(layer, field)
    if isinstance(layer, _WINDOWS):
        return _through_window(layer, field, shape)
    return field if _keeps_positions(layer, shape) else None


def _keeps_positions(layer: Any, shape: Shape) -> bool:
    """Whether each position of the output depends on the same position of the input only."""
    if isinstance(layer, _LAST_AXIS):
        axis = getattr(layer, "axis", -1)
        axes = axis if isinstance(axis, list | tuple) else [axis]
        return [one % len(shape) for one in axes] == [len(shape) - 1]
    return isinstance(layer, _POSITION_BY_POSITION)


def _through_window(layer: Any, field: Field, shape: Shape) -> Field:
    spatial = len(shape) - 2
    pooled = hasattr(layer, "pool_size")
    windows = per_axis(layer.pool_size if pooled else layer.kernel_size, spatial)
    rates = per_axis(getattr(layer, "dilation_rate", 1), spatial)
    strides = per_axis(layer.strides, spatial)
    size, step = field.size or (1,) * spatial, field.step or (1,) * spatial
    return Field(
        tuple(
            seen + rate * (window - 1) * far
            for seen, far, window, rate in zip(size, step, windows, rates, strict=True)
        ),
        tuple(far * stride for far, stride in zip(step, strides, strict=True)),
    )


def _through_model(model: Any, field: Field) -> Field | None:
    if not getattr(model, "inputs", None) or len(getattr(model, "outputs", None) or ()) != 1:
        return None
    graph = read_functional(model)
    source = graph.outputs[0].source
    return field if source < 0 else receptive_fields(graph, field)[source]


def _largest(fields: Sequence[Field]) -> Field | None:
    """The union of fields around one middle; their steps must agree."""
    met = [field for field in fields if field.size]
    if not met:
        return fields[0]
    if len({field.step for field in met}) > 1:
        return None
    sizes = zip(*(field.size for field in met), strict=True)
    return Field(tuple(max(along) for along in sizes), met[0].step)
