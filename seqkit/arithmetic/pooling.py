"""Pooling: a window that keeps one number a channel, or one number for the whole map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqkit.arithmetic.axes import channel_axis, per_axis, sized, spatial_axes, window_equations
from seqkit.arithmetic.convolution import window_size
from seqkit.arithmetic.equations import Arithmetic, Equation
from seqkit.arithmetic.rules import rule
from seqkit.graph.records import Shape

_KINDS = ("Max", "Average")
_RANKS = ("1D", "2D", "3D")


@rule(*(f"{kind}Pooling{rank}" for kind in _KINDS for rank in _RANKS))
def pooling(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """Each spatial axis by the window; the channels stay."""
    shape = shapes[0]
    spatial = len(shape) - 2
    windows = per_axis(layer.pool_size, spatial)
    strides = per_axis(layer.strides, spatial)

    def write(position: int, size: int) -> tuple[str, int]:
        return window_size(size, windows[position], strides[position], layer.padding)

    return Arithmetic((*window_equations(layer, shape, write), _channels(layer, shape)))


@rule(*(f"Adaptive{kind}Pooling{rank}" for kind in _KINDS for rank in _RANKS))
def adaptive(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """The output size is an argument; the windows are chosen to fit it."""
    shape = shapes[0]
    sizes = per_axis(layer.output_size, len(shape) - 2)

    def write(position: int, size: int) -> tuple[str, int]:
        return "", sizes[position]

    return Arithmetic((*window_equations(layer, shape, write), _channels(layer, shape)))


@rule(*(f"Global{kind}Pooling{rank}" for kind in _KINDS for rank in _RANKS))
def global_pooling(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """One number a channel; the spatial axes go, or keep the size 1."""
    shape = shapes[0]
    axis = channel_axis(layer, len(shape))
    if not layer.keepdims:
        return Arithmetic((sized("channels", shape[axis], 1),), "one number a channel")
    ones = tuple(sized("size", 1, place) for place in spatial_axes(layer, len(shape)))
    return Arithmetic((*ones, sized("channels", shape[axis], axis)), "one number a channel")


def _channels(layer: Any, shape: Shape) -> Equation:
    axis = channel_axis(layer, len(shape))
    return sized("channels", shape[axis], axis)
