"""Recurrent layers: one vector for the whole sequence, or one for each step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqkit.arithmetic.axes import channel_axis, per_axis, sized, window_equations
from seqkit.arithmetic.convolution import window_size
from seqkit.arithmetic.equations import Arithmetic, Equation
from seqkit.arithmetic.rules import rule
from seqkit.graph.records import Shape


@rule("SimpleRNN", "LSTM", "GRU", "RNN")
def recurrent(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """`return_sequences` keeps the time axis; without it only the last step leaves."""
    units = layer.units if hasattr(layer, "units") else layer.cell.output_size
    if layer.return_sequences:
        return Arithmetic((sized("steps", shapes[0][1], 1), sized("units", units, 2)))
    return Arithmetic((sized("units", units, 1),), "last step only")


@rule("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
def conv_lstm(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """A convolution at each step; `return_sequences` keeps the time axis."""
    frame = (shapes[0][0], *shapes[0][2:])
    spatial = len(frame) - 2
    windows, strides = per_axis(layer.kernel_size, spatial), per_axis(layer.strides, spatial)
    rates = per_axis(layer.dilation_rate, spatial)

    def write(position: int, size: int) -> tuple[str, int]:
        return window_size(
            size, windows[position], strides[position], layer.padding, rates[position]
        )

    filters = sized("filters", layer.filters, channel_axis(layer, len(frame)))
    lines = (*window_equations(layer, frame, write), filters)
    if not layer.return_sequences:
        return Arithmetic(lines, "last step only")
    return Arithmetic((sized("steps", shapes[0][1], 1), *(_later(line) for line in lines)))


def _later(line: Equation) -> Equation:
    """Move an equation one axis back, behind the time axis."""
    return Equation(line.label, line.expression, line.value, tuple(axis + 1 for axis in line.axes))
