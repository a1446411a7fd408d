"""Paint laid-out pictures on a sheet.

A failed card has a cross and a word, what was not reached is dashed, and a card with several
calls lies on a second one, so no meaning hangs on colour.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from seqkit.drawing.card import shape_text
from seqkit.drawing.labels import LABEL_SIZE, Labels
from seqkit.drawing.layout import (
    CARD_WIDTHS,
    LINK_ROOM,
    PAGE,
    Layout,
    Road,
    Slot,
    lay_out,
    lay_out_with,
)
from seqkit.drawing.lettering import text_width
from seqkit.drawing.marks import PALE, Box, Curve, Head, Mark, Point, Sheet, Words
from seqkit.drawing.picture import Picture, Way

MARGIN = 18.0
HEADING = 26.0
FILL = {"ok": "#e8f1f8", "failed": "#fdeee3", "not reached": "#f5f5f5"}
EDGE = {"ok": "#0072b2", "failed": "#d55e00", "not reached": "#8a8a8a"}
INPUT_FILL = "#fff7dc"
HIDDEN_FILL, HIDDEN_EDGE = "#f2f2f2", "#6e6e6e"
LINK = "#009e73"
_STACKED = 4.0
"""How far the second card of a shared layer looks out."""
_MANY = 3
"""One tensor on more ways than this has its shape written once."""
_EXITS_APART = 60.0
_EXIT = 24.0
"""Length of an arrow that leaves the model."""


@dataclass(frozen=True)
class Panel:
    """One picture of a sheet, with its heading."""

    picture: Picture
    heading: str = ""


def paint(panels: Sequence[Panel], name: str, description: str) -> Sheet:
    """Paint one picture, or several: beside each other where the page is wide enough, else below.

    Args:
        panels: the pictures with their headings.
        name: the title, for screen readers.
        description: what the sheet shows, in words.

    Returns:
        The sheet.
    """
    layouts, beside = _arranged(panels)
    widths = [_panel_width(panel, one) for panel, one in zip(panels, layouts, strict=True)]
    top = HEADING if any(panel.heading for panel in panels) else 0.0
    heights = [top + layout.height + 2 * MARGIN for layout in layouts]
    width = sum(widths) if beside else max(widths)
    height = max(heights) if beside else sum(heights)
    marks: list[Mark] = []
    x = y = 0.0
    for panel, layout, own, tall in zip(panels, layouts, widths, heights, strict=True):
        if x:
            marks.append(Curve((x, MARGIN), (((x, height - MARGIN),),), PALE, line=1.0))
        if y:
            marks.append(Curve((MARGIN, y), (((width - MARGIN, y),),), PALE, line=1.0))
        middle = x + own / 2 if beside else width / 2
        if panel.heading:
            marks.append(Words((middle, y + MARGIN + 8), panel.heading, 14, bold=True))
        shift = middle - (layout.left + layout.right) / 2
        marks += _Painter(panel.picture, layout, shift, y + MARGIN + top).marks()
        x, y = (x + own, 0.0) if beside else (0.0, y + tall)
    return Sheet(width, height, tuple(marks), name, description)


def _arranged(panels: Sequence[Panel]) -> tuple[list[Layout], bool]:
    """The layouts, and whether they stand beside each other; then all cards are equally wide."""
    if len(panels) > 1:
        for width in CARD_WIDTHS:
            layouts = [lay_out_with(panel.picture, width) for panel in panels]
            pairs = zip(panels, layouts, strict=True)
            if sum(_panel_width(panel, one) for panel, one in pairs) <= PAGE + 2 * MARGIN:
                return layouts, True
    return [lay_out(panel.picture) for panel in panels], False


def _panel_width(panel: Panel, layout: Layout) -> float:
    heading = text_width(panel.heading, 14, bold=True)
    return max(layout.width, layout.card_width, heading) + 2 * MARGIN


class _Painter:
    """Paints one picture at its place on the sheet."""

    def __init__(self, picture: Picture, layout: Layout, shift: float, top: float) -> None:
        self._picture = picture
        self._layout = layout
        self._shift = shift
        self._top = top
        self._leaving = {way.source for way in picture.ways}
        self._labels = Labels()
        self._alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for number, way in enumerate(picture.ways):
            self._alike[_tensor(way)].append(number)

    def marks(self) -> list[Mark]:
        """Roads first, then cards over them, then labels where they hide nothing."""
        lines: list[Mark] = [self._link(one, other) for one, other in self._picture.links]
        cards: list[Mark] = []
        for spot in range(len(self._picture.cards)):
            cards += self._card(spot)
        for road in self._layout.roads:
            lines += self._road(road)
        for place in range(len(self._picture.leaving)):
            lines += self._exit(place)
        return [*lines, *cards, *self._labels.placed()]

    def _x(self, slot: Slot) -> float:
        return slot.x + self._shift

    def _y(self, slot: Slot) -> float:
        return self._top + self._layout.tops[slot.rank]

    def _bottom(self, slot: Slot) -> float:
        """Lower edge of a card, or of the rank that a waypoint passes."""
        if slot.node is None:
            return self._y(slot) + self._layout.heights[slot.rank]
        return self._y(slot) + self._layout.words[slot.node].height

    def _card(self, spot: int) -> list[Mark]:
        card, slot = self._picture.cards[spot], self._layout.cards[spot]
        words = self._layout.words[spot]
        width = self._layout.card_width
        x, y = self._x(slot) - width / 2, self._y(slot)
        fill = INPUT_FILL if card.is_input else FILL[card.status]
        edge = EDGE[card.status]
        if card.hidden and card.status == "ok":
            fill, edge = HIDDEN_FILL, HIDDEN_EDGE
        line = 2.5 if card.status == "failed" else 1.5
        dashed = card.status == "not reached"
        marks: list[Mark] = []
        if card.calls > 1:
            marks.append(Box(x + _STACKED, y + _STACKED, width, words.height, fill, edge))
        marks.append(Box(x, y, width, words.height, fill, edge, line, dashed))
        base = y + 5
        for text in words.title:
            base += words.title_size + 2
            bold = card.status != "not reached"
            marks.append(Words((self._x(slot), base - 3), text, words.title_size, bold=bold))
        for text in words.details:
            base += 12
            marks.append(Words((self._x(slot), base - 2), text, words.details_size))
        self._labels.avoid((x, y, x + width + _STACKED, y + words.height))
        return marks

    def _road(self, road: Road) -> list[Mark]:
        """A smooth line through the waypoints; its label tells the tensor's shape."""
        way = self._picture.ways[road.way]
        points = self._points(road, way)
        turns = len(points) > 2 and points[0][1] < self._bottom(road.slots[0])
        bends: list[tuple[Point, ...]] = []
        for place, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
            half = (y0 + y1) / 2
            if turns and place == 0:
                bends.append(((x1, y0), (x1, y1)))
            elif abs(x0 - x1) < 0.5:
                bends.append(((x1, y1),))
            else:
                bends.append(((x0, half), (x1, half), (x1, y1)))
        dashed = self._picture.cards[way.target].status == "not reached"
        curve = Curve(points[0], tuple(bends), dashed=dashed)
        self._labels.cross(curve)
        if way.shape is not None and not self._told_once(road):
            call = f"call {way.call}: " if way.call else ""
            fork = len(road.slots[-1].above) == 1
            self._labels.add(call + shape_text(way.shape), points, fork)
        return [curve, Head(points[-1])]

    def _told_once(self, road: Road) -> bool:
        """Whether the shape is told at another branch: one tensor on many ways has one label."""
        ways = self._alike[_tensor(self._picture.ways[road.way])]
        return len(ways) > _MANY and road.way != ways[len(ways) // 2]

    def _points(self, road: Road, way: Way) -> list[Point]:
        """The corners of a road. One that turns aside leaves its card at the side, not below."""
        first, *middle, last = road.slots
        x = self._x(first)
        points = [(x + self._departure(way), self._bottom(first))]
        if middle and middle[0].aside:
            half = self._layout.card_width / 2
            side = half if middle[0].x > first.x else -half
            points = [(x + side, (self._y(first) + self._bottom(first)) / 2)]
        for slot in middle:
            points += [(self._x(slot), self._y(slot)), (self._x(slot), self._bottom(slot))]
        points.append((self._x(last) + self._landing(road), self._y(last) - 1))
        return points

    def _departure(self, way: Way) -> float:
        """Ways out of a shared card leave it side by side, in the order of its calls."""
        count = len(self._picture.cards[way.source].nodes)
        if not way.call or self._picture.cards[way.source].calls < 2 or count < 2:
            return 0.0
        return self._beside(min(way.call, count) - 1, count)

    def _landing(self, road: Road) -> float:
        """Several roads into one card land side by side, in the order of where they come from."""
        above = road.slots[-1].above
        order = sorted(range(len(above)), key=lambda place: (above[place].x, place))
        return self._beside(order.index(road.landing), len(above))

    def _beside(self, place: int, count: int, apart: float = 30.0) -> float:
        """Where one of several roads stands at a card's edge, from the middle of the card."""
        if count < 2:
            return 0.0
        step = min(apart, (self._layout.card_width - 30) / (count - 1))
        return (place - (count - 1) / 2) * step

    def _exit(self, place: int) -> list[Mark]:
        """The arrow that leaves the model, beside the ways on if there are some."""
        spot, shape = self._picture.leaving[place]
        slot = self._layout.cards[spot]
        same = [one for one, (other, _) in enumerate(self._picture.leaving) if other == spot]
        x = self._x(slot) + self._beside(same.index(place), len(same), _EXITS_APART)
        if spot in self._leaving:
            x += self._layout.card_width / 2 - 14
        y = self._bottom(slot)
        points = [(x, y), (x, y + _EXIT)]
        curve = Curve(points[0], ((points[1],),))
        self._labels.cross(curve)
        if len(same) > 1:
            below = (x, y + _EXIT + 12)
            self._labels.fix(Words(below, shape_text(shape), LABEL_SIZE, halo=True))
        else:
            self._labels.add(shape_text(shape), points, True)
        return [curve, Head(points[1])]

    def _link(self, one: int, other: int) -> Curve:
        """A dashed line at the left joins two calls of one layer."""
        ends = []
        for spot in (one, other):
            slot = self._layout.cards[spot]
            left = self._x(slot) - self._layout.card_width / 2
            ends.append((left, (self._y(slot) + self._bottom(slot)) / 2))
        (x0, y0), (x1, y1) = ends
        aside = min(x0, x1) - LINK_ROOM
        return Curve((x0, y0), (((aside, y0), (aside, y1), (x1, y1)),), LINK, True, 2.0)


def _tensor(way: Way) -> tuple[object, ...]:
    """What two ways have in common that carry the same tensor."""
    return (way.source, way.call, way.shape)
