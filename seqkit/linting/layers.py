"""Facts about one layer that several rules need."""

from __future__ import annotations

import math
from typing import Any

from seqkit.graph import Node

DENSE = ("Dense", "EinsumDense")
CONVOLUTIONS = ("Conv1D", "Conv2D", "Conv3D")
ALL_CONVOLUTIONS = (
    *CONVOLUTIONS,
    "SeparableConv1D",
    "SeparableConv2D",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Conv1DTranspose",
    "Conv2DTranspose",
    "Conv3DTranspose",
)
POOLINGS = tuple(f"{how}Pooling{n}D" for how in ("Max", "Average") for n in (1, 2, 3))
RECURRENT = ("LSTM", "GRU", "SimpleRNN", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
DROPOUTS = (
    "Dropout",
    "AlphaDropout",
    "GaussianDropout",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
)
NORMALISATIONS = ("BatchNormalization", "LayerNormalization", "GroupNormalization")
# Linear, or the same for every value: two linear layers around them are still one.
LINEAR = (
    *DROPOUTS,
    "BatchNormalization",
    "Flatten",
    "Reshape",
    "Permute",
    "Identity",
    "ActivityRegularization",
)
_ACTIVATION_LAYERS = {"Softmax": "softmax", "ReLU": "relu", "LeakyReLU": "leaky_relu", "ELU": "elu"}


def says(node: Node) -> str:
    """Name a layer in a sentence.

    Example:
        >>> import keras
        >>> from seqkit.graph import read
        >>> says(read([keras.Input((4,)), keras.layers.Dense(2)]).nodes[0])
        'Layer 0, Dense,'
    """
    return f"Layer {node.index}, {node.kind},"


def activation_of(node: Node) -> str | None:
    """Name of the function that a layer applies; None for a layer without one.

    Example:
        >>> import keras
        >>> from seqkit.graph import read
        >>> [activation_of(node) for node in read([keras.Input((4,)), keras.layers.Dense(2),
        ...     keras.layers.Softmax(), keras.layers.Dropout(0.1)]).nodes]
        ['linear', 'softmax', None]
    """
    if node.kind in _ACTIVATION_LAYERS:
        return _ACTIVATION_LAYERS[node.kind]
    if is_own(node) or not hasattr(node.layer, "activation"):
        return None
    function = node.layer.activation
    return "linear" if function is None else getattr(function, "__name__", "unknown")


def applies_along_last_axis(node: Node) -> bool:
    """Whether a softmax of this layer runs along the last axis, as Dense' own does."""
    axis = getattr(node.layer, "axis", -1)
    rank = len(node.output_shapes[0]) if node.output_shapes else 0
    return axis in (-1, rank - 1)


def is_own(node: Node) -> bool:
    """Whether the layer is of the user's own making, so that its class name says nothing."""
    return not type(node.layer).__module__.startswith("keras.")


def has_weights(node: Node) -> bool:
    """Whether the layer has weights, as far as that is known."""
    if node.params is not None and node.first_call == node.index:
        return node.params > 0
    return node.kind in (*DENSE, *ALL_CONVOLUTIONS, *RECURRENT, "Embedding", "Bidirectional")


def window(node: Node) -> tuple[int, ...]:
    """Sides of a convolution's kernel or of a pooling window; empty for other layers."""
    sides = getattr(node.layer, "kernel_size", None) or getattr(node.layer, "pool_size", None)
    return _sides(sides)


def strides(node: Node) -> tuple[int, ...]:
    """Strides of a convolution or a pooling; empty for other layers."""
    return _sides(getattr(node.layer, "strides", None))


def _sides(value: Any) -> tuple[int, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, int) else tuple(value)


def spatial(node: Node) -> tuple[int | None, ...]:
    """The sides of the map that comes in, without batch and channels; empty if unknown."""
    if len(node.input_shapes) != 1:
        return ()
    shape = node.input_shapes[0]
    first = getattr(node.layer, "data_format", None) == "channels_first"
    return shape[2:] if first else shape[1:-1]


def size(shape: tuple[int | None, ...]) -> int | None:
    """Number of values of one example; None if a side is not fixed."""
    known = [side for side in shape[1:] if side is not None]
    return math.prod(known) if len(known) == len(shape) - 1 else None


def plural(count: int, word: str) -> str:
    """A number and its noun.

    Example:
        >>> plural(1, "unit"), plural(3, "unit")
        ('1 unit', '3 units')
    """
    return f"{count} {word}{'' if count == 1 else 's'}"
