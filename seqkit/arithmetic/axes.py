"""Names and positions of axes, and the equations that many layers share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from seqkit.arithmetic.equations import Arithmetic, Equation
from seqkit.graph.records import Shape

_SPATIAL_NAMES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
_EQUAL_NAME = {2: "side", 3: "edge"}


def per_axis(value: int | Sequence[int], count: int) -> tuple[int, ...]:
    """Repeat a number for every spatial axis; leave a tuple as it is.

    Example:
        >>> per_axis(3, 2)
        (3, 3)
    """
    return (value,) * count if isinstance(value, int) else tuple(value)


def spatial_axes(layer: Any, rank: int) -> tuple[int, ...]:
    """Return the axes that are neither batch nor channels.

    Example:
        >>> import keras
        >>> spatial_axes(keras.layers.MaxPooling2D(data_format="channels_last"), 4)
        (1, 2)
    """
    first = 2 if getattr(layer, "data_format", None) == "channels_first" else 1
    return tuple(range(first, first + rank - 2))


def channel_axis(layer: Any, rank: int) -> int:
    """Return the axis of the channels."""
    return 1 if getattr(layer, "data_format", None) == "channels_first" else rank - 1


def sized(label: str, size: int | None, axis: int, expression: str = "") -> Equation:
    """An axis with a size that is given, or kept from the input."""
    return Equation(label, expression, size, (axis,))


def window_equations(
    layer: Any,
    shape: Shape,
    write: Callable[[int, int], tuple[str, int]],
) -> tuple[Equation, ...]:
    """One equation for each spatial axis, or a single one ('side') when all are alike.

    Args:
        layer: the layer, for its data format.
        shape: the input shape.
        write: gives, for the position among the spatial axes and the size there, the
            expression and its value.
    """
    axes = spatial_axes(layer, len(shape))
    names = _SPATIAL_NAMES[len(axes)]
    lines: list[Equation] = []
    for position, axis in enumerate(axes):
        size = shape[axis]
        expression, value = ("", None) if size is None else write(position, size)
        lines.append(Equation(names[position], expression, value, (axis,)))
    first = lines[0]
    if len(axes) > 1 and all(
        (line.expression, line.value) == (first.expression, first.value) for line in lines
    ):
        return (Equation(_EQUAL_NAME[len(axes)], first.expression, first.value, axes),)
    return tuple(lines)


def kept(shape: Shape, axes: Sequence[int], label: str) -> tuple[Equation, ...]:
    """The axes that keep their size."""
    return tuple(sized(label, shape[axis], axis) for axis in axes)


def unchanged(note: str = "") -> Arithmetic:
    """The output shape is the input shape."""
    return Arithmetic((), f"shape unchanged{f': {note}' if note else ''}")
