"""Where each card stands: one rank below the other, side roads in lanes of their own.

The classic recipe for layered drawings (Sugiyama, Tagawa & Toda 1981): rank by the longest way
from the inputs, put a waypoint wherever a road passes a rank, order each rank by the places of
its neighbours above, then give real cards the places they want before waypoints get theirs.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from seqkit.drawing.lettering import broken
from seqkit.drawing.picture import Card, Picture

PAGE = 664.0
"""Width that cards and lanes may take; with its margins the picture fits 700 px."""

CARD_WIDTHS = (160.0, 140.0, 120.0, 104.0, 88.0, 76.0)
"""Tried from wide to narrow, until the picture fits the page."""

LANE_WIDTH = 26.0
LABEL_WIDTH = 62.0
RANK_GAP = 40.0
_LEFT_COST = 250.0
"""What a lane at the left costs in pixels, against one at the right."""
LINK_ROOM = 22.0
"""Room at the left for the line that joins calls of one layer."""


@dataclass(frozen=True)
class Lettering:
    """The words of a card, broken into lines that fit it.

    Attributes:
        title: lines of the heading.
        details: the lines below.
        title_size: type size of the heading.
        details_size: type size below.
    """

    title: tuple[str, ...]
    details: tuple[str, ...]
    title_size: float
    details_size: float = 10.0

    @property
    def height(self) -> float:
        """Height of the card."""
        return 10.0 + len(self.title) * (self.title_size + 2) + len(self.details) * 12.0


@dataclass
class Slot:
    """A place in a rank: a card, or a waypoint of a long road.

    Attributes:
        node: position of the card in the picture; None for a waypoint.
        rank: row of the drawing, from 0.
        width: how much room it takes in its rank.
        above: the slots that lead here.
        x: centre, in SVG user units.
    """

    node: int | None
    rank: int
    width: float
    above: list[Slot] = field(default_factory=list)
    x: float = 0.0

    @property
    def aside(self) -> bool:
        """Whether this is a waypoint in a lane beside its card, not straight below it."""
        if self.node is not None:
            return False
        above = self.above[0]
        return above.aside or abs(above.x - self.x) > 1.0

    @property
    def reach(self) -> float:
        """How far from its centre a slot needs room; a lane carries a label."""
        return self.width / 2 if self.node is not None else LABEL_WIDTH


@dataclass(frozen=True)
class Road:
    """The way of one tensor: the slots it passes, from card to card.

    Attributes:
        slots: from the card that it leaves to the card that it enters.
        way: position of the way in the picture.
        landing: which of the roads into its last card it is, from 0.
    """

    slots: tuple[Slot, ...]
    way: int
    landing: int


@dataclass(frozen=True)
class Layout:
    """Where everything stands, with x centred on 0 and y from 0.

    Attributes:
        cards: the slot of each card, by its position in the picture.
        words: the words of each card.
        roads: the ways between the cards.
        left: the leftmost place that is used.
        right: the rightmost.
        tops: upper edge of the cards of each rank.
        heights: height of the cards of each rank.
        card_width: width of every card.
    """

    cards: dict[int, Slot]
    words: dict[int, Lettering]
    roads: tuple[Road, ...]
    left: float
    right: float
    tops: tuple[float, ...]
    heights: tuple[float, ...]
    card_width: float

    @property
    def height(self) -> float:
        """From the first card's top to the end of the arrows that leave the last."""
        return self.tops[-1] + self.heights[-1] + RANK_GAP

    @property
    def width(self) -> float:
        """From the leftmost to the rightmost place."""
        return self.right - self.left


def lay_out(picture: Picture, page: float = PAGE) -> Layout:
    """Place every card of a picture, with cards as wide as the page allows.

    Args:
        picture: what to place.
        page: width that should do; a picture with very many branches is wider all the same.

    Returns:
        The layout.
    """
    crowd = max(Counter(_ranks(picture).values()).values())
    fitting = [width for width in CARD_WIDTHS if crowd * (width + _gap(width)) <= page + 30]
    for width in fitting or CARD_WIDTHS[-1:]:
        layout = lay_out_with(picture, width)
        if layout.width <= page:
            break
    return layout


def lay_out_with(picture: Picture, card_width: float) -> Layout:
    """Place every card of a picture, with cards of a given width."""
    rank_of = _ranks(picture)
    words = {spot: letter(card, card_width) for spot, card in enumerate(picture.cards)}
    cards = {spot: Slot(spot, rank, card_width) for spot, rank in rank_of.items()}
    roads = []
    rows: list[list[Slot]] = [[] for _ in range(max(rank_of.values()) + 1)]
    entering: dict[int, list[int]] = {spot: [] for spot in rank_of}
    for number, way in enumerate(picture.ways):
        entering[way.target].append(number)
    for spot in sorted(rank_of):
        target = cards[spot]
        for landing, number in enumerate(entering[spot]):
            source = picture.ways[number].source
            steps = [cards[source]]
            for rank in range(rank_of[source] + 1, rank_of[spot]):
                waypoint = Slot(None, rank, LANE_WIDTH, [steps[-1]])
                rows[rank].append(waypoint)
                steps.append(waypoint)
            target.above.append(steps[-1])
            roads.append(Road((*steps, target), number, landing))
        rows[target.rank].append(target)
    _place(rows)
    _straighten(rows, roads)
    slots = [slot for row in rows for slot in row]
    left = min(slot.x - slot.reach for slot in slots) - LINK_ROOM * bool(picture.links)
    right = max(slot.x + slot.reach for slot in slots)
    heights = [
        max((words[slot.node].height for slot in row if slot.node is not None), default=0.0)
        for row in rows
    ]
    tops = [sum(heights[:rank]) + rank * RANK_GAP for rank in range(len(rows))]
    return Layout(cards, words, tuple(roads), left, right, tuple(tops), tuple(heights), card_width)


def letter(card: Card, width: float) -> Lettering:
    """Break the words of a card into lines; a long heading is set smaller first.

    Args:
        card: the card.
        width: its width.
    """
    heading = f"✗ {card.title}" if card.status == "failed" else card.title
    room = width - 10
    details = [line for words in card.details for line in broken(words, 10, room, 2)]
    for size, lines in ((13.0, 1), (11.0, 1), (11.0, 2), (10.0, 3)):
        title = broken(heading, size, room, lines, bold=True)
        if not any(line.endswith("…") for line in title) or heading.endswith("…"):
            break
    return Lettering(tuple(title), tuple(details), size)


def _ranks(picture: Picture) -> dict[int, int]:
    """Rank by the longest way from where data enters."""
    ranks: dict[int, int] = {}
    feeding: dict[int, list[int]] = {}
    for way in picture.ways:
        feeding.setdefault(way.target, []).append(way.source)
    for spot in range(len(picture.cards)):
        ranks[spot] = max((ranks[source] + 1 for source in feeding.get(spot, ())), default=0)
    _pull_down_inputs(picture, feeding, ranks)
    return ranks


def _pull_down_inputs(
    picture: Picture, feeding: dict[int, list[int]], ranks: dict[int, int]
) -> None:
    """Stand a late input right above the card that needs it, not at the top of the page."""
    users: dict[int, list[int]] = {}
    for way in picture.ways:
        users.setdefault(way.source, []).append(way.target)
    for spot in reversed(range(len(picture.cards))):
        if users.get(spot) and not feeding.get(spot):
            ranks[spot] = min(ranks[user] for user in users[spot]) - 1


def _place(rows: list[list[Slot]]) -> None:
    for row in rows:
        _order(row)
        _give_places(row)


def _order(row: list[Slot]) -> None:
    """Sort by the mean place of what leads here; branches of one card keep the model's order."""

    def wanted(slot: Slot) -> tuple[float, int, int]:
        middle = sum(above.x for above in slot.above) / len(slot.above) if slot.above else 0.0
        # A waypoint that leaves a card beside other cards goes to the right of them.
        return (middle, 1 if slot.node is None else 0, slot.node if slot.node is not None else 0)

    row.sort(key=wanted)


def _give_places(row: list[Slot]) -> None:
    cards = [slot for slot in row if slot.node is not None]
    _spread(cards)
    for index, slot in enumerate(row):
        if slot.node is not None:
            continue
        wish = slot.above[0].x
        # Left of the cards when the road came from the left, else right of them.
        taken = [*cards, *(other for other in row[:index] if other.node is None)]
        slot.x = _free_place(wish, taken)


def _spread(cards: list[Slot]) -> None:
    """Put cards where their sources are; push neighbours apart evenly around their middle."""
    wishes = [_wish(card) for card in cards]
    if not cards:
        return
    step = cards[0].width + _gap(cards[0].width)
    if not any(card.above for card in cards):
        wishes = [(place - (len(cards) - 1) / 2) * step for place in range(len(cards))]
    groups: list[tuple[float, list[Slot]]] = []
    for card, wish in zip(cards, wishes, strict=True):
        groups.append((wish, [card]))
        while len(groups) > 1 and _overlap(groups[-2], groups[-1], step):
            (first, some), (second, more) = groups[-2:]
            total = len(some) + len(more)
            middle = (first * len(some) + second * len(more)) / total
            groups[-2:] = [(middle, some + more)]
    for middle, members in groups:
        for place, card in enumerate(members):
            card.x = middle + (place - (len(members) - 1) / 2) * step


def _gap(width: float) -> float:
    return 22.0 if width > 120 else 10.0 if width > 90 else 8.0


def _wish(card: Slot) -> float:
    """Below the cards that feed it; long roads bend to the card, not the card to them."""
    near = [above for above in card.above if not above.aside] or card.above
    return sum(above.x for above in near) / len(near) if near else 0.0


def _overlap(left: tuple[float, list[Slot]], right: tuple[float, list[Slot]], step: float) -> bool:
    reach = (len(left[1]) + len(right[1])) / 2 * step
    return right[0] - left[0] < reach - 1e-6


def _free_place(wish: float, taken: list[Slot]) -> float:
    """Return the nearest place to `wish` where a waypoint touches nothing."""
    half = LANE_WIDTH / 2
    options = [wish]
    for slot in taken:
        options += [slot.x + slot.width / 2 + half, slot.x - slot.width / 2 - half]
    free = [
        place
        for place in options
        if all(abs(place - slot.x) >= (slot.width / 2 + half) - 1e-6 for slot in taken)
    ]
    return min(free, key=lambda place: (abs(place - wish), -place))


def _straighten(rows: list[list[Slot]], roads: list[Road]) -> None:
    """Give each long road one lane from end to end; short roads get the lanes near the cards."""
    taken = [[slot for slot in row if slot.node is not None] for row in rows]
    for road in sorted(roads, key=lambda road: (len(road.slots), road.way)):
        first, *waypoints, last = road.slots
        if not waypoints:
            continue
        beside = [slot for waypoint in waypoints for slot in taken[waypoint.rank]]
        x = _free_lane(first.x, last.x, beside)
        for waypoint in waypoints:
            waypoint.x = x
            taken[waypoint.rank].append(waypoint)


def _free_lane(start: float, end: float, taken: list[Slot]) -> float:
    """Return the place nearest to both ends of a road where it touches nothing on its way."""
    half = LANE_WIDTH / 2
    places = {(slot.x, slot.width / 2 + half) for slot in taken}
    edges = sorted((x - reach, x + reach) for x, reach in places)
    options = [start, end, *(edge for pair in edges for edge in pair)]
    free = [x for x in options if not any(a + 1e-6 < x < b - 1e-6 for a, b in edges)]
    # Straight down first; then to the right, so that the skips of a U-Net lie inside each other.

    def cost(x: float) -> float:
        return 1.5 * abs(x - start) + abs(x - end) + _LEFT_COST * (x < start)

    return min(free, key=lambda x: (cost(x), -x))
