"""Layers that move numbers without computing: flatten, reshape, permute, pad, crop, upsample."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from seqkit.arithmetic.axes import channel_axis, per_axis, sized, spatial_axes, window_equations
from seqkit.arithmetic.equations import Arithmetic, Equation
from seqkit.arithmetic.rules import rule
from seqkit.graph.records import Shape


@rule("Flatten")
def flatten(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """All axes but the batch axis become one."""
    sizes = shapes[0][1:]
    if None in sizes:
        return Arithmetic((Equation("values", "", None, (1,)),))
    product = math.prod(size for size in sizes if size is not None)
    return Arithmetic((Equation("values", _times(sizes) or "1", product, (1,)),))


@rule("Reshape")
def reshape(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """The same values in another order of axes; at most one size is worked out."""
    sizes, target = shapes[0][1:], layer.target_shape
    lines = []
    for axis, size in enumerate(target, start=1):
        if size == -1 and None not in sizes:
            others = [known for known in target if known != -1]
            rest = math.prod(known for known in sizes if known is not None)
            divisor = math.prod(others)
            expression = f"{_times(sizes)}/({_times(others)})" if others else _times(sizes)
            lines.append(Equation("size", expression, rest // divisor, (axis,)))
        else:
            lines.append(sized("size", None if size == -1 else size, axis))
    return Arithmetic(tuple(lines), "as asked by target_shape")


@rule("Permute")
def permute(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """Axes change places."""
    lines = (
        sized(f"axis {axis} from {source}:", shapes[0][source], axis)
        for axis, source in enumerate(layer.dims, start=1)
    )
    return Arithmetic(tuple(lines))


@rule("RepeatVector")
def repeat_vector(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """The vector, n times: a time axis is added."""
    return Arithmetic((sized("repeats", layer.n, 1), sized("features", shapes[0][1], 2)))


@rule("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D")
def zero_padding(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """Zeros before and after, on each spatial axis."""
    pairs = _pairs(layer.padding)

    def write(position: int, size: int) -> tuple[str, int]:
        before, after = pairs[position]
        return f"{size} + {before} + {after}", size + before + after

    return _spatial(layer, shapes[0], write)


@rule("Cropping1D", "Cropping2D", "Cropping3D")
def cropping(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """Cut before and after, on each spatial axis."""
    pairs = _pairs(layer.cropping)

    def write(position: int, size: int) -> tuple[str, int]:
        before, after = pairs[position]
        return f"{size} - {before} - {after}", size - before - after

    return _spatial(layer, shapes[0], write)


@rule("UpSampling1D", "UpSampling2D", "UpSampling3D")
def up_sampling(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """Every value repeated along each spatial axis."""
    factors = per_axis(layer.size, len(shapes[0]) - 2)

    def write(position: int, size: int) -> tuple[str, int]:
        return f"{size}·{factors[position]}", size * factors[position]

    return _spatial(layer, shapes[0], write)


@rule("Resizing", "CenterCrop", "RandomCrop")
def resizing(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """Height and width are arguments."""
    axes = spatial_axes(layer, len(shapes[0]))
    if layer.height == layer.width:
        lines = [Equation("side", "", layer.height, axes)]
    else:
        lines = [sized("height", layer.height, axes[0]), sized("width", layer.width, axes[1])]
    channel = channel_axis(layer, len(shapes[0]))
    return Arithmetic((*lines, sized("channels", shapes[0][channel], channel)))


def _spatial(
    layer: Any,
    shape: Shape,
    write: Callable[[int, int], tuple[str, int]],
) -> Arithmetic:
    axis = channel_axis(layer, len(shape))
    channels = sized("channels", shape[axis], axis)
    return Arithmetic((*window_equations(layer, shape, write), channels))


def _pairs(value: Any) -> tuple[tuple[int, int], ...]:
    """Keras keeps a pair for one axis, and a pair of pairs for more."""
    if isinstance(value[0], int):
        return ((value[0], value[1]),)
    return tuple((pair[0], pair[1]) for pair in value)


def _times(sizes: Sequence[int | None]) -> str:
    return "·".join(str(size) for size in sizes)
