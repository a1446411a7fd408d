"""Layers that join several tensors into one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqkit.arithmetic.axes import sized
from seqkit.arithmetic.equations import Arithmetic, Equation
from seqkit.arithmetic.rules import rule
from seqkit.graph.records import Shape


@rule("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract")
def elementwise_merge(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """Number by number; an axis of size 1 is stretched to the others' size."""
    count = f"{len(shapes)} tensors, number by number"
    if len(set(shapes)) == 1:
        return Arithmetic((), f"shape unchanged: {count}")
    rank = max(len(shape) for shape in shapes)
    lines = []
    for axis in range(1, rank):
        # The last axes meet; a tensor with fewer axes has size 1 on the others.
        sizes = {shape[axis - rank] for shape in shapes if len(shape) > rank - axis}
        size = next(iter(sizes - {1}), 1)
        lines.append(sized("size", size, axis))
    return Arithmetic(tuple(lines), f"{count}; sizes of 1 are stretched")


@rule("Concatenate")
def concatenate(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """Sizes add up on one axis; the others are equal and stay."""
    rank = len(shapes[0])
    joined = layer.axis % rank
    lines = []
    for axis in range(1, rank):
        sizes = [shape[axis] for shape in shapes]
        if axis != joined:
            lines.append(sized("kept", next((size for size in sizes if size), None), axis))
        elif None in sizes:
            lines.append(Equation("joined", "", None, (axis,)))
        else:
            known = [size for size in sizes if size is not None]
            expression = " + ".join(str(size) for size in known)
            lines.append(Equation("joined", expression, sum(known), (axis,)))
    return Arithmetic(tuple(lines))


@rule("Dot")
def dot(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """The chosen axes are multiplied and summed away; the others stay, first input first."""
    first, second = shapes
    axes = (layer.axes, layer.axes) if isinstance(layer.axes, int) else tuple(layer.axes)
    summed = (axes[0] % len(first), axes[1] % len(second))
    left = [size for axis, size in enumerate(first) if axis not in (0, summed[0])]
    right = [size for axis, size in enumerate(second) if axis not in (0, summed[1])]
    rest = [*left, *right] or [1]
    note = f"summed over {first[summed[0]]} products"
    lines = tuple(sized("size", size, axis) for axis, size in enumerate(rest, start=1))
    return Arithmetic(lines, note)
