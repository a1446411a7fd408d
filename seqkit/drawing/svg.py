"""A sheet as an SVG document.

The picture brings its own light panel, because Jupyter shows SVG as an image that cannot see the
theme of the page.
"""

from __future__ import annotations

from functools import singledispatch
from html import escape

from seqkit.drawing.marks import INK, PALE, PAPER, Box, Curve, Head, Mark, Point, Sheet, Words

_FONT = "font-family='Helvetica,Arial,sans-serif'"
_DASHES = " stroke-dasharray='5 4'"
_BENDS = {1: "L", 2: "Q", 3: "C"}


def to_svg(sheet: Sheet) -> str:
    """Write a sheet as SVG, with its title and its description for screen readers.

    Args:
        sheet: the drawing.

    Returns:
        The document.
    """
    width, height = f"{sheet.width:.0f}", f"{sheet.height:.0f}"
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' role='img' width='{width}' height='{height}' "
        f"viewBox='0 0 {width} {height}' {_FONT} style='max-width:100%;height:auto'>"
        f"<title>{escape(sheet.title)}</title><desc>{escape(sheet.description)}</desc>"
        f"<rect width='100%' height='100%' rx='8' fill='{PAPER}' stroke='{PALE}'/>"
        f"{''.join(_written(mark) for mark in sheet.marks)}</svg>"
    )


@singledispatch
def _written(mark: Mark) -> str:
    raise NotImplementedError(type(mark))


@_written.register(Box)
def _box(mark: Box) -> str:
    return (
        f"<rect x='{mark.x:.1f}' y='{mark.y:.1f}' width='{mark.width:.0f}' "
        f"height='{mark.height:.0f}' rx='6' fill='{mark.fill}' stroke='{mark.edge}' "
        f"stroke-width='{mark.line}'{_DASHES if mark.dashed else ''}/>"
    )


@_written.register(Curve)
def _curve(mark: Curve) -> str:
    path = f"M{_point(mark.start)}"
    for bend in mark.bends:
        path += f" {_BENDS[len(bend)]}" + " ".join(_point(one) for one in bend)
    return (
        f"<path d='{path}' fill='none' stroke='{mark.colour}' stroke-width='{mark.line}'"
        f"{_DASHES if mark.dashed else ''}/>"
    )


@_written.register(Head)
def _head(mark: Head) -> str:
    x, y = mark.tip
    corners = f"M{_point((x - 4, y - 8))} L{_point((x + 4, y - 8))} L{_point((x, y))} z"
    return f"<path d='{corners}' fill='{mark.colour}'/>"


@_written.register(Words)
def _words(mark: Words) -> str:
    weight = " font-weight='bold'" if mark.bold else ""
    halo = f" stroke='{PAPER}' stroke-width='3' paint-order='stroke'" if mark.halo else ""
    x, y = mark.at
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' font-size='{mark.size:g}'{weight} fill='{INK}'{halo} "
        f"text-anchor='{mark.anchor}'>{escape(mark.text)}</text>"
    )


def _point(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"
