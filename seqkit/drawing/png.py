"""A sheet as a PNG picture, drawn by matplotlib, for places that do not show SVG."""

from __future__ import annotations

import io
from functools import singledispatch
from typing import TYPE_CHECKING

from seqkit.drawing.marks import INK, PAPER, Box, Curve, Head, Mark, Sheet, Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INCH = 96.0
"""Pixels of the drawing that make an inch."""
_TYPE = 0.9 * 72 / _INCH
"""Points of type for a pixel; DejaVu, matplotlib's own type, is wider than Helvetica."""
_DASHES = (0, (4, 3))


def to_png(sheet: Sheet, scale: float = 2.0) -> bytes:
    """Paint a sheet as PNG.

    Args:
        sheet: the drawing.
        scale: dots for each pixel of the drawing; 2 is sharp on a screen and in print.

    Returns:
        The bytes of the file.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure((sheet.width / _INCH, sheet.height / _INCH), facecolor=PAPER)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0, sheet.width)
    axes.set_ylim(sheet.height, 0)  # y runs down, as in SVG
    axes.axis("off")
    for mark in sheet.marks:
        _paint(mark, axes)
    stream = io.BytesIO()
    figure.savefig(
        stream,
        format="png",
        dpi=_INCH * scale,
        metadata={"Software": None, "Title": sheet.title, "Description": sheet.description},
    )
    return stream.getvalue()


@singledispatch
def _paint(mark: Mark, axes: Axes) -> None:
    raise NotImplementedError(type(mark))


@_paint.register(Box)
def _box(mark: Box, axes: Axes) -> None:
    from matplotlib.patches import FancyBboxPatch

    axes.add_patch(
        FancyBboxPatch(
            (mark.x, mark.y),
            mark.width,
            mark.height,
            boxstyle="round,pad=0,rounding_size=6",
            facecolor=mark.fill,
            edgecolor=mark.edge,
            linewidth=mark.line * 72 / _INCH,
            linestyle=_DASHES if mark.dashed else "-",
        )
    )


@_paint.register(Curve)
def _curve(mark: Curve, axes: Axes) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    codes = {1: [Path.LINETO], 2: [Path.CURVE3] * 2, 3: [Path.CURVE4] * 3}
    points, steps = [mark.start], [Path.MOVETO]
    for bend in mark.bends:
        points += bend
        steps += codes[len(bend)]
    axes.add_patch(
        PathPatch(
            Path(points, steps),
            facecolor="none",
            edgecolor=mark.colour,
            linewidth=mark.line * 72 / _INCH,
            linestyle=_DASHES if mark.dashed else "-",
        )
    )


@_paint.register(Head)
def _head(mark: Head, axes: Axes) -> None:
    from matplotlib.patches import Polygon

    x, y = mark.tip
    axes.add_patch(
        Polygon([(x - 4, y - 8), (x + 4, y - 8), (x, y)], color=mark.colour, linewidth=0)
    )


@_paint.register(Words)
def _words(mark: Words, axes: Axes) -> None:
    from matplotlib.patheffects import withStroke

    sides = {"start": "left", "middle": "center", "end": "right"}
    text = axes.text(
        *mark.at,
        mark.text.replace("$", r"\$"),  # no formula
        fontsize=mark.size * _TYPE,
        fontweight="bold" if mark.bold else "normal",
        color=INK,
        ha=sides[mark.anchor],
        va="baseline",
    )
    if mark.halo:
        text.set_path_effects([withStroke(linewidth=2.2, foreground=PAPER)])
