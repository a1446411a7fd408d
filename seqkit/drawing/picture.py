"""What a picture shows: cards, the ways between them, and which cards are one layer.

A card stands for one call of a layer, for all calls of a shared layer, or for a group of layers
that was folded. Where the cards stand is decided in `layout`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from seqkit.drawing.card import details, folded_words, shape_text, title
from seqkit.drawing.folding import Group, fold_groups
from seqkit.graph import Graph, Shape
from seqkit.graph.records import Status

ENTRY = -1
"""The number that edges use for the place where a tensor enters a chain."""

FOLD_ABOVE = 30
"""Models with more layers than this are folded unless the caller decides."""


@dataclass(frozen=True)
class Card:
    """One box.

    Attributes:
        nodes: the calls that it stands for, by index; (ENTRY,) where a tensor enters a chain.
        title: the heading.
        details: the lines below.
        status: "ok", "failed" or "not reached".
        is_input: whether data enters here.
        calls: how often the layer of the card is called in the whole model.
        hidden: whether it stands for layers that are not drawn.
    """

    nodes: tuple[int, ...]
    title: str
    details: tuple[str, ...]
    status: Status = "ok"
    is_input: bool = False
    calls: int = 1
    hidden: bool = False


@dataclass(frozen=True)
class Way:
    """One tensor on its way from card to card.

    Attributes:
        source: position of the card that it leaves.
        target: position of the card that it enters.
        shape: the tensor's shape; None where the model was not built that far.
        call: which call of a shared card it belongs to, from 1; 0 where there is no doubt.
    """

    source: int
    target: int
    shape: Shape | None
    call: int = 0


@dataclass(frozen=True)
class Picture:
    """All that is drawn, each card after the cards that feed it.

    Attributes:
        graph: the graph that is shown.
        cards: the boxes.
        ways: the roads between them.
        leaving: position and shape of what leaves the model.
        links: pairs of cards that are calls of one layer.
    """

    graph: Graph
    cards: tuple[Card, ...]
    ways: tuple[Way, ...]
    leaving: tuple[tuple[int, Shape], ...]
    links: tuple[tuple[int, int], ...]


def picture_of(graph: Graph, fold: bool | None = None, share: bool = True) -> Picture:
    """Decide which cards show a graph.

    Args:
        graph: the graph.
        fold: whether to fold chains and repeated blocks; None folds large models only.
        share: whether to draw a shared layer once, with all its calls, where that is possible.

    Returns:
        A `Picture`.

    Example:
        >>> import keras
        >>> from seqkit.graph import read
        >>> dense = keras.layers.Dense(2)
        >>> a, b = keras.Input((4,)), keras.Input((4,))
        >>> drawn = picture_of(read(keras.Model([a, b], [dense(a), dense(b)])))
        >>> [card.title for card in drawn.cards], drawn.cards[2].details
        (['Input', 'Input', 'Dense 2'], ('2 calls', '10 parameters'))
    """
    sources = sources_of(graph)
    if fold is None:
        fold = len(graph.nodes) > FOLD_ABOVE
    groups = [Group((ENTRY,))] if _has_entry(sources) else []
    groups += [Group((node.index,)) for node in graph.nodes]
    if fold:
        groups = fold_groups(graph, groups, sources)
    if share:
        groups = _share(graph, groups, sources)
    groups = _in_order(groups, sources)
    place = {node: position for position, group in enumerate(groups) for node in group.nodes}
    ways = _ways(graph, groups, sources, place)
    leaving = tuple(
        (place[edge.source], edge.shape) for edge in graph.outputs if edge.source in place
    )
    calls = _calls(graph)
    cards = tuple(_card(graph, group, calls) for group in groups)
    return Picture(graph, cards, ways, leaving, _links(graph, groups, place))


def sources_of(graph: Graph) -> dict[int, tuple[int, ...]]:
    """Which nodes feed each node; in a list, one without a known input hangs below the last."""
    found: dict[int, tuple[int, ...]] = {}
    chained = graph.style in ("list", "sequential")
    for node in graph.nodes:
        unknown = chained and node.index > 0 and not node.inputs
        if unknown or node.status == "not reached":
            found[node.index] = (node.index - 1,)
        else:
            found[node.index] = tuple(edge.source for edge in node.inputs)
    return found


def _has_entry(sources: Mapping[int, Sequence[int]]) -> bool:
    return any(ENTRY in feeding for feeding in sources.values())


def _feeding(groups: Sequence[Group], sources: Mapping[int, Sequence[int]]) -> dict[int, set[int]]:
    """Which groups feed each group; a group that feeds itself only inside is no loop."""
    place = {node: position for position, group in enumerate(groups) for node in group.nodes}
    feeding: dict[int, set[int]] = {}
    for position, group in enumerate(groups):
        needed = {place[source] for node in group.nodes for source in sources.get(node, ())}
        feeding[position] = needed if group.form == "calls" else needed - {position}
    return feeding


def _in_order(groups: list[Group], sources: Mapping[int, Sequence[int]]) -> list[Group]:
    """Sort the groups so that each stands after those that feed it, else as in the model."""
    order = {group.nodes: place for place, group in enumerate(_sorted(groups, sources))}
    return sorted(groups, key=lambda group: order[group.nodes])


def _sorted(groups: list[Group], sources: Mapping[int, Sequence[int]]) -> list[Group]:
    sorter = TopologicalSorter(_feeding(groups, sources))
    sorter.prepare()
    ready, order = sorted(sorter.get_ready()), []
    while ready:
        position = min(ready, key=lambda one: groups[one].nodes)
        ready.remove(position)
        order.append(groups[position])
        sorter.done(position)
        ready += sorter.get_ready()
    return order


def _share(graph: Graph, groups: list[Group], sources: Mapping[int, Sequence[int]]) -> list[Group]:
    """Put the calls of a layer on one card, unless a way would then lead back to its own card.

    Calls of one layer on two inputs are one card with two ways in and two ways out: a twin
    network is drawn as what it is, one encoder. A layer that follows itself keeps a card for
    each call, because data that runs down the page twice is easier to follow than a loop.
    """
    single = {group.nodes[0] for group in groups if group.form == "calls"}
    for nodes in _calls(graph).values():
        if len(nodes) < 2 or not single.issuperset(nodes):
            continue
        others = [group for group in groups if group.nodes[0] not in nodes]
        merged = [*others, Group(tuple(nodes))]
        try:
            TopologicalSorter(_feeding(merged, sources)).prepare()
        except CycleError:
            continue
        groups = merged
    return groups


def _ways(
    graph: Graph,
    groups: Sequence[Group],
    sources: Mapping[int, Sequence[int]],
    place: Mapping[int, int],
) -> tuple[Way, ...]:
    ways: list[Way] = []
    for position, group in enumerate(groups):
        entered: set[int] = set()
        for node in group.nodes:
            edges = graph.nodes[node].inputs if node != ENTRY else ()
            for number, source in enumerate(sources.get(node, ())):
                if place[source] == position or (group.form == "hidden" and source in entered):
                    continue
                entered.add(source)
                shape = edges[number].shape if number < len(edges) else None
                call = _call(group, node) or _call(groups[place[source]], source)
                ways.append(Way(place[source], position, shape, call))
    return tuple(ways)


def _call(group: Group, node: int) -> int:
    """Which call of a shared card a node is, from 1; 0 where the card has one call."""
    shared = group.form == "calls" and len(group.nodes) > 1
    return group.nodes.index(node) + 1 if shared else 0


def _links(
    graph: Graph, groups: Sequence[Group], place: Mapping[int, int]
) -> tuple[tuple[int, int], ...]:
    """Cards that are calls of one layer, each with the one before it."""
    last: dict[int, int] = {}
    links = []
    for node in graph.nodes:
        if node.status != "ok" or groups[place[node.index]].form != "calls":
            continue
        before = last.get(node.first_call)
        if before is not None and before != place[node.index]:
            links.append((before, place[node.index]))
        last[node.first_call] = place[node.index]
    return tuple(links)


def _card(graph: Graph, group: Group, calls: Mapping[int, Sequence[int]]) -> Card:
    if group.nodes == (ENTRY,):
        shape = (shape_text(graph.entry[0]),) if graph.entry else ()
        return Card(group.nodes, "input", shape, is_input=True)
    nodes = [graph.nodes[index] for index in group.nodes]
    first = nodes[0]
    if group.form != "calls":
        heading, lines = folded_words(nodes, group)
        return Card(group.nodes, heading, lines, first.status, hidden=group.form == "hidden")
    own = calls.get(first.first_call, ())
    call = own.index(first.index) + 1 if first.index in own else 1
    lines = details(first, call, len(own), len(nodes))
    is_input = first.kind == "InputLayer"
    return Card(group.nodes, title(first), lines, first.status, is_input, max(len(own), 1))


def _calls(graph: Graph) -> dict[int, list[int]]:
    """The calls of each layer, by the index of its first call."""
    calls: dict[int, list[int]] = {}
    for node in graph.nodes:
        if node.status == "ok":
            calls.setdefault(node.first_call, []).append(node.index)
    return calls
