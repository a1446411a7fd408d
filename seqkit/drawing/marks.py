"""What a drawing is made of: boxes, lines, arrowheads and words, with their colours.

`paint` puts them on a sheet; `svg` and `png` write the same sheet in their own language. Colours
are Okabe & Ito's palette, safe for colour-blind readers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]

INK, PAPER, LINE, PALE = "#1a1a1a", "#ffffff", "#4d4d4d", "#cccccc"


@dataclass(frozen=True)
class Box:
    """A rectangle with round corners.

    Attributes:
        x: left edge.
        y: upper edge.
        width: its width.
        height: its height.
        fill: colour inside.
        edge: colour of the line around it.
        line: thickness of that line.
        dashed: whether the line is dashed.
    """

    x: float
    y: float
    width: float
    height: float
    fill: str
    edge: str
    line: float = 1.5
    dashed: bool = False


@dataclass(frozen=True)
class Curve:
    """A line: the first point, then for each bend its control points and its end.

    Attributes:
        start: where it begins.
        bends: one point is a straight line, two a quadratic curve, three a cubic one.
        colour: its colour.
        dashed: whether it is dashed.
        line: its thickness.
    """

    start: Point
    bends: tuple[tuple[Point, ...], ...]
    colour: str = LINE
    dashed: bool = False
    line: float = 1.5


@dataclass(frozen=True)
class Head:
    """An arrowhead that points down to `tip`."""

    tip: Point
    colour: str = LINE


@dataclass(frozen=True)
class Words:
    """A line of text.

    Attributes:
        at: the middle or an end of its base line.
        text: what it says.
        size: height of the type.
        anchor: which part of the line stands at `at`.
        bold: whether it is bold.
        halo: whether a light border keeps it apart from what lies behind.
    """

    at: Point
    text: str
    size: float
    anchor: Literal["start", "middle", "end"] = "middle"
    bold: bool = False
    halo: bool = False


Mark = Box | Curve | Head | Words


@dataclass(frozen=True)
class Sheet:
    """A whole drawing.

    Attributes:
        width: width in pixels.
        height: height in pixels.
        marks: what stands on it; later marks cover earlier ones.
        title: what it is, in a few words.
        description: what it shows, in sentences.
    """

    width: float
    height: float
    marks: tuple[Mark, ...]
    title: str
    description: str
