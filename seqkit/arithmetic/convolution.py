"""Convolutions, plain, transposed, depthwise and separable, in one to three dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqkit.arithmetic.axes import channel_axis, per_axis, sized, window_equations
from seqkit.arithmetic.equations import Arithmetic, Equation
from seqkit.arithmetic.rules import rule
from seqkit.graph.records import Shape


def window_size(
    size: int, window: int, stride: int, padding: str, rate: int = 1
) -> tuple[str, int]:
    """Size along one axis after a window has moved over it.

    Args:
        size: size of the input along the axis.
        window: size of the kernel or pool.
        stride: step of the window.
        padding: "valid" (the window stays inside), "same" or "causal" (zeros are added).
        rate: dilation; the window reaches over rate·(window - 1) + 1 positions.

    Returns:
        The expression and its value.

    Example:
        >>> window_size(28, 3, 1, "valid")
        ('floor((28 - 3)/1) + 1', 26)
        >>> window_size(7, 2, 2, "same")
        ('ceil(7/2)', 4)
    """
    if padding != "valid":
        return f"ceil({size}/{stride})", -(-size // stride)
    reach = rate * (window - 1) + 1
    written = str(window) if rate == 1 else f"({rate}·({window} - 1) + 1)"
    return f"floor(({size} - {written})/{stride}) + 1", (size - reach) // stride + 1


@rule("Conv1D", "Conv2D", "Conv3D", "SeparableConv1D", "SeparableConv2D")
def convolution(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """Each spatial axis by the window; the channels are the filters."""
    return Arithmetic((*_windows(layer, shapes[0]), _filters(layer, shapes[0])))


@rule("DepthwiseConv1D", "DepthwiseConv2D")
def depthwise(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """Each channel has kernels of its own, `depth_multiplier` of them."""
    shape = shapes[0]
    axis = channel_axis(layer, len(shape))
    channels, multiplier = shape[axis], layer.depth_multiplier
    assert channels is not None
    expression = f"{channels}·{multiplier}"
    line = Equation("channels", expression, channels * multiplier, (axis,))
    return Arithmetic((*_windows(layer, shape), line))


@rule("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
def transposed(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """The window writes instead of reading, so the size grows by the stride."""
    shape = shapes[0]
    spatial = len(shape) - 2
    windows = per_axis(layer.kernel_size, spatial)
    strides = per_axis(layer.strides, spatial)
    rates = per_axis(layer.dilation_rate, spatial)
    extra = None if layer.output_padding is None else per_axis(layer.output_padding, spatial)

    def write(position: int, size: int) -> tuple[str, int]:
        reach = rates[position] * (windows[position] - 1) + 1
        added = None if extra is None else extra[position]
        return _grown(size, reach, strides[position], layer.padding, added)

    return Arithmetic((*window_equations(layer, shape, write), _filters(layer, shape)))


def _grown(size: int, reach: int, stride: int, padding: str, added: int | None) -> tuple[str, int]:
    """Size along one axis after a transposed convolution."""
    if added is not None:
        cut = 2 * (reach // 2) if padding == "same" else 0
        value = (size - 1) * stride + reach - cut + added
        return f"({size} - 1)·{stride} + {reach} - {cut} + {added}", value
    if padding == "same":
        return f"{size}·{stride}", size * stride
    return f"{size}·{stride} + max({reach} - {stride}, 0)", size * stride + max(reach - stride, 0)


def _windows(layer: Any, shape: Shape) -> tuple[Equation, ...]:
    spatial = len(shape) - 2
    windows = per_axis(layer.kernel_size, spatial)
    strides = per_axis(layer.strides, spatial)
    rates = per_axis(layer.dilation_rate, spatial)

    def write(position: int, size: int) -> tuple[str, int]:
        return window_size(
            size, windows[position], strides[position], layer.padding, rates[position]
        )

    return window_equations(layer, shape, write)


def _filters(layer: Any, shape: Shape) -> Equation:
    return sized("filters", layer.filters, channel_axis(layer, len(shape)))
