"""How many multiplications (each with its addition) one example costs in a layer.

Counted are the products of inputs with weights, and of inputs with inputs in attention. Not
counted are biases, activations, normalization, pooling and merging, as in the published tables:
3.8 thousand million for ResNet-50 (He et al. 2015, table 1), 569 million for MobileNet (Howard et
al. 2017, table 8). Some authors call the same number "FLOPs", others write the double of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras

from seqkit.arithmetic.axes import channel_axis, per_axis, spatial_axes
from seqkit.arithmetic.equations import Equation, evaluate
from seqkit.graph.functional import read_functional
from seqkit.graph.records import Graph, Node, Shape

CostRule = Callable[[Any, Sequence[Shape], Sequence[Shape]], str | None]
"""From a layer, its input shapes and its output shapes to an expression, if there is one."""

_RULES: dict[type, CostRule] = {}

# Operations of keras.ops that multiply tensors with tensors, and have no rule here.
_UNCOUNTED = {"Conv", "ConvTranspose", "DepthwiseConv", "SeparableConv", "Tensordot", "Einsum"}


def multiply_adds(node: Node) -> Equation | None:
    """Count the multiply-adds of a node for one example.

    Args:
        node: a node whose status is "ok".

    Returns:
        The equation; 0 for a layer that only moves, compares or scales numbers; None when a size
        is not fixed, or when a class that is not from Keras computes in a way of its own.

    Example:
        >>> from seqkit.graph import read
        >>> graph = read([keras.Input((28, 28, 1)), keras.layers.Conv2D(32, 3)])
        >>> print(multiply_adds(graph.nodes[0]))
        multiply-adds 26·26·32·(3·3·1) = 194,688
    """
    try:
        expression = _expression(node.layer, node.input_shapes, node.output_shapes)
    except (TypeError, ValueError, AttributeError, IndexError, KeyError):
        return None  # a size is None, or the call is an unusual one
    if expression is None:
        return None
    return Equation("multiply-adds", expression, int(evaluate(expression)))


def total_multiply_adds(graph: Graph) -> int | None:
    """Sum over a graph; None when one of its layers cannot be counted."""
    counts = [multiply_adds(node) for node in graph.nodes]
    if any(count is None for count in counts):
        return None
    return sum(count.value or 0 for count in counts if count is not None)


def _expression(layer: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> str | None:
    if isinstance(layer, keras.Model):
        return _of_model(layer)
    for layer_class in type(layer).__mro__:
        if layer_class in _RULES:
            # A subclass with a call of its own may compute anything.
            same = getattr(type(layer), "call", None) is getattr(layer_class, "call", None)
            return _RULES[layer_class](layer, inputs, outputs) if same else None
    if not type(layer).__module__.startswith("keras."):
        return None
    if not isinstance(layer, keras.Layer):
        return _of_operation(layer, inputs, outputs)
    return None if isinstance(layer, keras.layers.Lambda | keras.layers.RNN) else "0"


def _of_model(model: Any) -> str | None:
    if not getattr(model, "inputs", None) or not getattr(model, "outputs", None):
        return None
    total = total_multiply_adds(read_functional(model))
    return None if total is None else str(total)


def _cost(*class_names: str) -> Callable[[CostRule], CostRule]:
    """Register a function as the cost rule of some Keras layers; unknown names are left out."""

    def register(function: CostRule) -> CostRule:
        for name in class_names:
            layer_class = getattr(keras.layers, name, None)
            if layer_class is not None:
                _RULES[layer_class] = function
        return function

    return register


@_cost("Dense")
def _dense(layer: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> str:
    return _times(*inputs[0][1:], layer.units)


@_cost("Conv1D", "Conv2D", "Conv3D")
def _convolution(layer: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> str:
    channels = _channels(layer, inputs[0]) // layer.groups
    window = _times(*_kernel(layer, inputs[0]), channels)
    return f"{_times(*_places(layer, outputs[0]), layer.filters)}·({window})"


@_cost("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
def _transposed(layer: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> str:
    """Every input value is multiplied by the whole window of every filter."""
    window = _times(*_kernel(layer, inputs[0]), layer.filters)
    here = _times(*_places(layer, inputs[0]), _channels(layer, inputs[0]))
    return f"{here}·({window})"


@_cost("DepthwiseConv1D", "DepthwiseConv2D")
def _depthwise(layer: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> str:
    made = _times(*_places(layer, outputs[0]), _channels(layer, outputs[0]))
    return f"{made}·({_times(*_kernel(layer, inputs[0]))})"


@_cost("SeparableConv1D", "SeparableConv2D")
def _separable(layer: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> str:
    """A depthwise convolution, then one of window 1."""
    between = _channels(layer, inputs[0]) * layer.depth_multiplier
    window = _times(*_kernel(layer, inputs[0]))
    return f"{_times(*_places(layer, outputs[0]))}·({window}·{between} + {between}·{layer.filters})"


@_cost("SimpleRNN")
def _simple_rnn(layer: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> str:
    return _gates(layer, inputs[0], 1)


@_cost("GRU")
def _gru(layer: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> str:
    return _gates(layer, inputs[0], 3)


@_cost("LSTM")
def _lstm(layer: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> str:
    return _gates(layer, inputs[0], 4)


def _gates(layer: Any, shape: Shape, gates: int) -> str:
    """At each step every gate multiplies the features and the state by a matrix each."""
    steps, features = shape[1], shape[2]
    return f"{_times(steps, gates, layer.units)}·({_times(features)} + {layer.units})"


@_cost("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
def _conv_lstm(layer: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> str:
    frame = (inputs[0][0], *inputs[0][2:])
    made = outputs[0] if not layer.return_sequences else (None, *outputs[0][2:])
    window = _times(*_kernel(layer, frame))
    both = f"({_channels(layer, frame)} + {layer.filters})"
    return f"{_times(inputs[0][1], 4, *_places(layer, made), layer.filters)}·{window}·{both}"


@_cost("TimeDistributed")
def _time_distributed(layer: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> str | None:
    frames = [(shape[0], *shape[2:]) for shape in (inputs[0], outputs[0])]
    inner = _expression(layer.layer, frames[:1], frames[1:])
    return inner and f"{_times(inputs[0][1])}·({inner})"


@_cost("Bidirectional")
def _bidirectional(layer: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> str | None:
    inner = _expression(layer.forward_layer, inputs, outputs)
    return inner and f"2·({inner})"


@_cost("SpectralNormalization")
def _wrapped(layer: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> str | None:
    return _expression(layer.layer, inputs, outputs)


@_cost("MultiHeadAttention")
def _multi_head(layer: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> str:
    """Four projections, the scores, and the mix of the values."""
    return _heads(layer, inputs, outputs, layer.num_heads, layer.num_heads, layer.value_dim)


@_cost("GroupQueryAttention")
def _grouped_query(layer: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> str:
    heads, groups = layer.num_query_heads, layer.num_key_value_heads
    return _heads(layer, inputs, outputs, heads, groups, layer.head_dim)


def _heads(
    layer: Any,
    inputs: Sequence[Shape],
    outputs: Sequence[Shape],
    heads: int,
    groups: int,
    value_size: int,
) -> str:
    query, value = inputs[0], inputs[1]
    key = inputs[2] if len(inputs) > 2 else value
    size = getattr(layer, "key_dim", None) or layer.head_dim
    here, there = _times(*query[1:-1]), _times(*value[1:-1])
    parts = [
        f"{here}·{_times(query[-1], heads, size)}",
        f"{there}·{_times(key[-1], groups, size)}",
        f"{there}·{_times(value[-1], groups, value_size)}",
        f"{here}·{there}·{heads}·({size} + {value_size})",
        f"{here}·{_times(heads, value_size, outputs[0][-1])}",
    ]
    return " + ".join(parts)


@_cost("Attention", "AdditiveAttention")
def _attention(layer: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> str:
    """Each query with each key, then the values mixed."""
    query, value = inputs[0], inputs[1]
    pairs = _times(*query[1:-1], *value[1:-1])
    return f"{pairs}·({_times(query[-1])} + {_times(value[-1])})"


@_cost("Dot")
def _dot(layer: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> str:
    axis = layer.axes if isinstance(layer.axes, int) else layer.axes[0]
    return _times(*outputs[0][1:], inputs[0][axis])


@_cost("EinsumDense")
def _einsum_dense(layer: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> str:
    """One product for each combination of the letters, but the batch."""
    given, kernel = layer.equation.replace(" ", "").split("->")[0].split(",")
    if "." in given:
        raise ValueError("the letters of `...` are not known")
    sizes = dict(zip(given, inputs[0], strict=True))
    sizes.update(zip(kernel, (int(size) for size in layer.kernel.shape), strict=True))
    del sizes[given[0]]
    return _times(*sizes.values())


def _of_operation(layer: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> str | None:
    """A function of keras.ops, called on symbolic tensors."""
    name = type(layer).__name__
    if name == "Matmul":
        return _times(*outputs[0][1:], inputs[0][-1])
    return None if name in _UNCOUNTED else "0"


def _places(layer: Any, shape: Shape) -> tuple[int | None, ...]:
    return tuple(shape[axis] for axis in spatial_axes(layer, len(shape)))


def _channels(layer: Any, shape: Shape) -> int:
    size = shape[channel_axis(layer, len(shape))]
    if size is None:
        raise ValueError("the channels are not known")
    return size


def _kernel(layer: Any, shape: Shape) -> tuple[int, ...]:
    return per_axis(layer.kernel_size, len(shape) - 2)


def _times(*sizes: int | None) -> str:
    if None in sizes:
        raise ValueError("a size is not fixed")
    return "·".join(str(size) for size in sizes) or "1"
