"""Fold a long graph, so that its plan fits on a page.

Three things are folded, and each says what it hides:
- a layer that only finishes the one before it (BatchNormalization, ReLU, Dropout) joins its card;
- a block that looks like an earlier one, such as the second to sixteenth block of a ResNet;
- the middle of a long chain, and the repeats of a pattern in it.

What failed, what stands beside it, inputs, outputs and shared layers are never folded, and of
branches only those that repeat a block that is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from seqkit.graph import Graph, Node

_FINISHING = {
    "Activation",
    "AlphaDropout",
    "BatchNormalization",
    "Dropout",
    "ELU",
    "GaussianDropout",
    "GaussianNoise",
    "GroupNormalization",
    "LayerNormalization",
    "LeakyReLU",
    "PReLU",
    "ReLU",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
}
"""Layers that change no shape and finish the layer before them."""

_LONG = 8
"""A chain of more cards than this is folded in the middle."""
_BEGIN, _END = 3, 2
"""Cards that stay at the two ends of such a chain."""
_PERIOD = 8
"""The longest pattern that is looked for in a chain."""
_WORTH = 3
"""Fewer cards than this are not worth folding: the fold is a card, too."""


@dataclass(frozen=True)
class Group:
    """Nodes that share a card.

    Attributes:
        nodes: their indices, in order.
        form: "calls" are calls of one layer; "fused" is a layer with what finishes it; "hidden"
            stands for layers that are not drawn.
        repeats: how often a pattern stands in a hidden chain; 0 when it is none.
        blocks: how many blocks like earlier ones are hidden; 0 for a chain.
    """

    nodes: tuple[int, ...]
    form: Literal["calls", "fused", "hidden"] = "calls"
    repeats: int = 0
    blocks: int = 0


Sources = Mapping[int, Sequence[int]]


class _Web:
    """Which groups feed which, while they are folded."""

    def __init__(self, graph: Graph, groups: Sequence[Group], sources: Sources) -> None:
        self.graph = graph
        self.groups = list(groups)
        place = {node: spot for spot, group in enumerate(groups) for node in group.nodes}
        self.above: list[list[int]] = [[] for _ in groups]
        self.below: list[list[int]] = [[] for _ in groups]
        for spot, group in enumerate(groups):
            for node in group.nodes:
                for source in sources.get(node, ()):
                    if place[source] != spot:
                        self.above[spot].append(place[source])
                        self.below[place[source]].append(spot)
        self.kept = {place[node] for node in _kept(graph) if node in place}
        ends = {place[edge.source] for edge in graph.outputs if edge.source in place}
        self.kept |= {spot for spot in ends if self.below[spot]}

    def nodes(self, spot: int) -> list[Node]:
        return [self.graph.nodes[index] for index in self.groups[spot].nodes if index >= 0]

    def kinds(self, spot: int) -> tuple[str, ...]:
        return tuple(node.kind for node in self.nodes(spot))

    def in_line(self, spot: int) -> bool:
        """Whether the card has one way in, one way out, and may be folded."""
        return spot not in self.kept and len(self.above[spot]) == 1 and len(self.below[spot]) == 1


def fold_groups(graph: Graph, groups: Sequence[Group], sources: Sources) -> list[Group]:
    """Fold what is long or repeated.

    Args:
        graph: the graph.
        groups: a group for each node, in the order of the model.
        sources: which nodes feed each node.

    Returns:
        Fewer groups, in no special order.
    """
    fused = _fuse(_Web(graph, groups, sources))
    unrepeated = _fold_blocks(_Web(graph, fused, sources))
    return _fold_chains(_Web(graph, unrepeated, sources))


def _kept(graph: Graph) -> set[int]:
    """Nodes that are never folded: the failure and its neighbours, inputs, shared layers."""
    kept = {-1}
    if graph.failure is not None:
        kept |= {graph.failure.index + step for step in (-1, 0, 1)}
    for node in graph.nodes:
        if node.kind == "InputLayer":
            kept.add(node.index)
        if node.shared:
            kept |= {node.index, node.first_call}
    return kept


def _fuse(web: _Web) -> list[Group]:
    """Let each finishing layer join the card of the layer that it finishes."""
    members: dict[int, list[int]] = {spot: [spot] for spot in range(len(web.groups))}
    head = {spot: spot for spot in members}
    for spot in members:
        nodes = web.nodes(spot)
        if not nodes or nodes[0].kind not in _FINISHING or len(web.above[spot]) != 1:
            continue
        before = web.above[spot][0]
        if {spot, before} & web.kept or len(web.below[before]) != 1:
            continue
        head[spot] = head[before]
        members[head[before]].append(spot)
    fused = []
    for spot, others in members.items():
        if head[spot] == spot:
            together = tuple(web.groups[one].nodes[0] for one in others)
            fused.append(Group(together, "fused" if len(together) > 1 else "calls"))
    return fused


def _fold_blocks(web: _Web) -> list[Group]:
    """Hide each block of branches that looks like one above it; neighbours share a card."""
    seen: set[tuple[object, ...]] = set()
    hidden: list[list[list[int]]] = []  # cards of blocks
    end_of_last = None
    for start, block in _blocks(web):
        looks = _looks(web, start, block)
        if looks not in seen or web.kept & set(block):
            seen.add(looks)
            continue
        if hidden and end_of_last == start and _same_size(web, start, block[-1]):
            hidden[-1].append(block)
        else:
            hidden.append([block])
        end_of_last = block[-1]
    return _with_hidden(
        web,
        [([one for block in blocks for one in block], 0, len(blocks)) for blocks in hidden],
    )


def _blocks(web: _Web) -> Iterable[tuple[int, list[int]]]:
    """The parts between two places that every way passes, where they hold branches."""
    furthest = -1
    start: int | None = None
    for spot in range(len(web.groups)):
        if furthest <= spot:
            if start is not None and spot - start > 1:
                yield start, list(range(start + 1, spot + 1))
            start = spot
        furthest = max([furthest, *web.below[spot]])


def _looks(web: _Web, start: int, block: Sequence[int]) -> tuple[object, ...]:
    """The classes of a block's layers, and how they are joined; sizes may differ."""
    return tuple(
        (web.kinds(spot), tuple(above - start for above in web.above[spot])) for spot in block
    )


def _same_size(web: _Web, before: int, spot: int) -> bool:
    """Whether the axes between batch and channels are the same; a stage ends where they change."""
    shapes = [web.nodes(one)[-1].output_shapes[:1] for one in (before, spot)]
    return len({shape[0][1:-1] if shape else None for shape in shapes}) == 1


def _fold_chains(web: _Web) -> list[Group]:
    hidden: list[tuple[list[int], int, int]] = []
    for chain in _chains(web):
        shown, parts = _without_repeats(web, chain)
        hidden += parts
        if not parts and len(shown) > _LONG:
            hidden.append((shown[_BEGIN:-_END], 0, 0))
    return _with_hidden(web, hidden)


def _chains(web: _Web) -> list[list[int]]:
    """Cards that follow each other without a branch, and have the same status."""
    chains: list[list[int]] = []
    for spot in range(len(web.groups)):
        if not web.in_line(spot) or web.groups[spot].form == "hidden":
            continue
        last = chains[-1][-1] if chains else None
        if last is not None and web.above[spot] == [last] and _status(web, last, spot):
            chains[-1].append(spot)
        else:
            chains.append([spot])
    return chains


def _status(web: _Web, one: int, other: int) -> bool:
    return web.nodes(one)[0].status == web.nodes(other)[0].status


def _without_repeats(
    web: _Web, chain: Sequence[int]
) -> tuple[list[int], list[tuple[list[int], int, int]]]:
    """Show a pattern once and hide its repeats."""
    kinds = [web.kinds(spot) for spot in chain]
    shown: list[int] = []
    hidden: list[tuple[list[int], int, int]] = []
    here = 0
    while here < len(chain):
        period, repeats = _best_repeat(kinds, here)
        shown += chain[here : here + period]
        if repeats > 1:
            part = list(chain[here + period : here + period * repeats])
            hidden.append((part, repeats - 1, 0))
        here += period * repeats
    return shown, hidden


def _best_repeat(kinds: Sequence[tuple[str, ...]], here: int) -> tuple[int, int]:
    """The period whose repeats hide most cards, and how often it stands; (1, 1) if none does."""
    best, hides = (1, 1), _WORTH - 1
    for period in range(1, min(_PERIOD, (len(kinds) - here) // 2) + 1):
        pattern = kinds[here : here + period]
        repeats = 1
        while kinds[here + period * repeats : here + period * (repeats + 1)] == pattern:
            repeats += 1
        if period * (repeats - 1) > hides:
            best, hides = (period, repeats), period * (repeats - 1)
    return best


def _with_hidden(web: _Web, hidden: Sequence[tuple[list[int], int, int]]) -> list[Group]:
    """Put each list of cards into one group: cards, repeats, blocks."""
    gone = {spot for spots, _, _ in hidden for spot in spots}
    groups = [group for spot, group in enumerate(web.groups) if spot not in gone]
    for spots, repeats, blocks in hidden:
        nodes = tuple(node for spot in spots for node in web.groups[spot].nodes)
        groups.append(Group(nodes, "hidden", repeats, blocks))
    return groups
