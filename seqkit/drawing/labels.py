"""Where the shapes on the roads stand: beside their road, and over nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from seqkit.drawing.lettering import text_width
from seqkit.drawing.marks import Curve, Point, Words

Area = tuple[float, float, float, float]
"""Left, top, right, bottom."""

LABEL_SIZE = 11.0
_ASIDE = 6.0
_CELL = 40.0
_STRAIGHT, _NEAR_START, _NEAR_END = (0.5, 0.3, 0.75), (0.25, 0.14, 0.5, 0.8), (0.8, 0.6, 0.25)
"""Where along a road a label may stand, from 0 to 1, the best first."""
_CARD_COST, _LABEL_COST, _ROAD_COST = 500, 300, 40


@dataclass(frozen=True)
class _Wish:
    """A label that is to be placed: its words, and the corners of its road."""

    text: str
    points: tuple[Point, ...]
    fork: bool


class Labels:
    """Collects what must stay free, and the labels; then finds a place for each label."""

    def __init__(self) -> None:
        self._wishes: list[_Wish] = []
        self._fixed: list[Words] = []
        self._cards: dict[tuple[int, int], list[Area]] = defaultdict(list)
        self._roads: dict[tuple[int, int], list[Point]] = defaultdict(list)

    def avoid(self, area: Area) -> None:
        """Keep labels off a card."""
        for cell in _cells(area):
            self._cards[cell].append(area)

    def cross(self, curve: Curve) -> None:
        """Keep labels off a line, where there is room."""
        for x, y in _along(curve):
            self._roads[(int(x // _CELL), int(y // _CELL))].append((x, y))

    def add(self, text: str, points: Sequence[Point], fork: bool) -> None:
        """Ask for a label on a road.

        Args:
            text: what it says.
            points: the corners of the road.
            fork: whether the road stands alone at its end; else it does at its start.
        """
        self._wishes.append(_Wish(text, tuple(points), fork))

    def fix(self, words: Words) -> None:
        """Put a label at a place that is known to be free."""
        self._fixed.append(words)

    def placed(self) -> Iterator[Words]:
        """Yield the labels, each at the best place that is left."""
        taken: dict[tuple[int, int], list[Area]] = defaultdict(list)
        for words in self._fixed:
            for cell in _cells(_area(words)):
                taken[cell].append(_area(words))
            yield words
        for wish in self._wishes:
            options = list(_options(wish))
            costs = [place + self._cost(_area(one), taken) for place, one in enumerate(options)]
            best = options[costs.index(min(costs))]
            area = _area(best)
            for cell in _cells(area):
                taken[cell].append(area)
            yield best

    def _cost(self, area: Area, taken: dict[tuple[int, int], list[Area]]) -> int:
        cost = 0
        for cell in _cells(area):
            cost += _CARD_COST * sum(_meet(area, other) for other in self._cards.get(cell, ()))
            cost += _LABEL_COST * sum(_meet(area, other) for other in taken.get(cell, ()))
            points = self._roads.get(cell, ())
            cost += _ROAD_COST * any(_holds(area, point) for point in points)
        return cost


def _options(wish: _Wish) -> Iterator[Words]:
    """Places beside the road, the best first; a long road is labelled on its straight part."""
    parts = list(pairwise(wish.points))
    if len(parts) > 1:
        parts = [parts[1], parts[0], parts[-1], *parts[2:-1]]
    for start, end in parts:
        straight = abs(start[0] - end[0]) < 0.5
        bent = _NEAR_END if wish.fork else _NEAR_START
        outside = straight or (end[0] > start[0]) == wish.fork
        for part in _STRAIGHT if straight else bent:
            left, right = _reach(start, end, part)
            y = _on_bend(start, end, part)[1] + 4
            beside = (
                Words((right + _ASIDE, y), wish.text, LABEL_SIZE, "start", halo=True),
                Words((left - _ASIDE, y), wish.text, LABEL_SIZE, "end", halo=True),
            )
            yield from beside if outside else reversed(beside)


def _reach(start: Point, end: Point, part: float) -> tuple[float, float]:
    """How far left and right the road goes beside a label that stands there."""
    height = max(end[1] - start[1], 1.0)
    parts = [part + step * LABEL_SIZE / height / 4 for step in range(-2, 3)]
    places = [_on_bend(start, end, min(max(one, 0.0), 1.0))[0] for one in parts]
    return min(places), max(places)


def _on_bend(start: Point, end: Point, part: float) -> Point:
    """A point of the S-shaped bend between two corners."""
    (x0, y0), (x1, y1) = start, end
    slow = part * part * (3 - 2 * part)
    return x0 + (x1 - x0) * slow, y0 + (y1 - y0) * part


def _along(curve: Curve) -> Iterator[Point]:
    here = curve.start
    for bend in curve.bends:
        for step in range(1, 9):
            yield _on_bend(here, bend[-1], step / 8)
        here = bend[-1]


def _area(words: Words) -> Area:
    x, y = words.at
    width = text_width(words.text, words.size)
    left = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[words.anchor] * width
    return (left - 1, y - words.size + 2, left + width + 1, y + 2)


def _cells(area: Area) -> Iterator[tuple[int, int]]:
    left, top, right, bottom = (int(edge // _CELL) for edge in area)
    for column in range(left, right + 1):
        for row in range(top, bottom + 1):
            yield column, row


def _meet(one: Area, other: Area) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _holds(area: Area, point: Point) -> bool:
    return area[0] < point[0] < area[2] and area[1] < point[1] < area[3]
