"""Where each card stands: one rank below the other, side roads in lanes of their own.

The classic recipe for layered drawings (Sugiyama, Tagawa & Toda 1981): rank by the longest way
from the inputs, put a waypoint wherever a road passes a rank, order each rank by the places of
its neighbours above, then give real cards the places they want before waypoints get theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from seqkit.graph import Graph

CARD_WIDTH = 150.0
CARD_HEIGHT = 34.0
LANE_WIDTH = 26.0
RANK_HEIGHT = 74.0
LABEL_WIDTH = 62.0
GAP = 22.0

ENTRY = -1
"""Node id of the place where a tensor enters a chain."""


@dataclass
class Slot:
    """A place in a rank: a card, or a waypoint of a long road.

    Attributes:
        node: index of the node; None for a waypoint.
        rank: row of the drawing, from 0.
        above: the slots that lead here.
        x: centre, in SVG user units.
    """

    node: int | None
    rank: int
    above: list[Slot] = field(default_factory=list)
    x: float = 0.0

    @property
    def width(self) -> float:
        """How much room the slot takes in its rank."""
        return LANE_WIDTH if self.node is None else CARD_WIDTH

    @property
    def aside(self) -> bool:
        """Whether this is a waypoint in a lane beside its card, not straight below it."""
        if self.node is not None:
            return False
        above = self.above[0]
        return above.aside or abs(above.x - self.x) > 1.0

    @property
    def reach(self) -> float:
        """How far to the right of its centre a slot needs room; a lane carries a label."""
        return self.width / 2 if self.node is not None else LABEL_WIDTH


@dataclass(frozen=True)
class Road:
    """The way of one tensor: the slots it passes, from card to card."""

    slots: tuple[Slot, ...]
    shape_of_edge: int
    target: int


@dataclass(frozen=True)
class Layout:
    """Cards by node index, roads, and the size of the whole."""

    cards: dict[int, Slot]
    roads: tuple[Road, ...]
    left: float
    right: float
    ranks: int


def lay_out(graph: Graph) -> Layout:
    """Place every node of a graph.

    Args:
        graph: the graph; nodes that were not reached follow one below the other.

    Returns:
        The layout, with x centred on 0.
    """
    sources = _sources(graph)
    rank_of = _ranks(graph, sources)
    cards = {index: Slot(index, rank) for index, rank in rank_of.items()}
    roads = []
    rows: list[list[Slot]] = [[] for _ in range(max(rank_of.values()) + 1)]
    for index in sorted(rank_of):
        target = cards[index]
        for edge, source in enumerate(sources.get(index, ())):
            way = [cards[source]]
            for rank in range(rank_of[source] + 1, rank_of[index]):
                waypoint = Slot(None, rank, [way[-1]])
                rows[rank].append(waypoint)
                way.append(waypoint)
            target.above.append(way[-1])
            roads.append(Road((*way, target), edge, index))
        rows[target.rank].append(target)
    _place(rows)
    slots = [slot for row in rows for slot in row]
    left = min(slot.x - slot.width / 2 for slot in slots)
    right = max(slot.x + slot.reach for slot in slots)
    return Layout(cards, tuple(roads), left, right, len(rows))


def _sources(graph: Graph) -> dict[int, list[int]]:
    """Which nodes feed each node; a node that was not reached hangs below its predecessor."""
    found: dict[int, list[int]] = {}
    for node in graph.nodes:
        if node.status == "not reached":
            found[node.index] = [node.index - 1]
        elif node.inputs:
            found[node.index] = [edge.source for edge in node.inputs]
    return found


def _ranks(graph: Graph, sources: dict[int, list[int]]) -> dict[int, int]:
    ranks: dict[int, int] = {}
    if any(ENTRY in feeding for feeding in sources.values()):
        ranks[ENTRY] = 0
    for node in graph.nodes:
        feeding = sources.get(node.index, [])
        ranks[node.index] = max((ranks[source] + 1 for source in feeding), default=0)
    _pull_down_inputs(graph, sources, ranks)
    return ranks


def _pull_down_inputs(graph: Graph, sources: dict[int, list[int]], ranks: dict[int, int]) -> None:
    """Stand a late input right above the card that needs it, not at the top of the page."""
    for node in reversed(graph.nodes):
        users = [index for index, feeding in sources.items() if node.index in feeding]
        if users and not sources.get(node.index):
            ranks[node.index] = min(ranks[user] for user in users) - 1


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
    step = CARD_WIDTH + GAP
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
