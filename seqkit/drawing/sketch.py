"""A picture as plain text: the main road on one line, side roads below it."""

from __future__ import annotations

from textwrap import shorten

from seqkit.converting import name_is_automatic
from seqkit.drawing.card import title
from seqkit.drawing.picture import ENTRY, Card, Picture, picture_of
from seqkit.graph import Graph, Node

ARROW = " --> "
WIDTH = 100
_DETAIL = 60
_WAYS_DRAWN = 40
_WAYS_TOLD = 8
_STEPS_TOLD = 14
"""More ways, or more steps of a chain, are only counted."""


def sketch(graph: Graph, width: int = WIDTH, fold: bool | None = None) -> str:
    """Draw a graph with characters.

    Args:
        graph: the graph.
        width: columns that a line may take.
        fold: whether to fold long chains and repeated blocks; None folds large models only.

    Returns:
        One line for the chain, with an underline for each road that skips ahead; for graphs
        with branches, one line for each way into each card where ways meet.

    Example:
        >>> import keras
        >>> from seqkit.graph import read
        >>> x = keras.Input((4,))
        >>> y = keras.layers.Add()([keras.layers.Dense(4)(x), x])
        >>> print(sketch(read(keras.Model(x, y))))
        Input --> Dense 4 --> Add -->
          |____________________^
    """
    sketched = _Sketch(picture_of(graph, fold, share=False))
    lines = sketched.chain(width) if sketched.is_chain else sketched.branches(width)
    return "\n".join(lines)


def describe(graph: Graph, fold: bool | None = None) -> str:
    """Say in a few sentences what a picture of the graph shows.

    Args:
        graph: the graph.
        fold: whether the picture is folded; None folds large models only.

    Example:
        >>> import keras
        >>> from seqkit.graph import read
        >>> describe(read([keras.Input((4,)), keras.layers.Dense(3)]))
        'input, then Dense 3.'
    """
    sketched = _Sketch(picture_of(graph, fold, share=False))
    told = sketched.told_chain() if sketched.is_chain else sketched.told_ways()
    if graph.failure is None:
        return told
    return f"{told} {graph.nodes[graph.failure.index].kind} failed: {graph.failure.reason}."


class _Sketch:
    """The cards of a picture as words, and what leads to each."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._words = [_word(picture.graph, card) for card in picture.cards]
        self._above: list[list[int]] = [[] for _ in picture.cards]
        for way in picture.ways:
            self._above[way.target].append(way.source)
        self._feeding = {way.source for way in picture.ways}

    @property
    def is_chain(self) -> bool:
        """Whether each card takes the tensor of the card before it, and perhaps others."""
        return all(spot - 1 in above for spot, above in enumerate(self._above) if spot)

    def chain(self, width: int) -> list[str]:
        line = ARROW.join(self._words) + ARROW.rstrip()
        if len(line) > width:
            return [*_wrapped(line, width), *self._skips_in_words(width)]
        return [line, *self._skips_below()]

    def _skips(self) -> list[tuple[int, int]]:
        """Roads that pass over cards; the second tensor from the card before is one, too."""
        found = []
        for spot, above in enumerate(self._above):
            others = list(above)
            if spot - 1 in others:
                others.remove(spot - 1)  # the main road
            for source in dict.fromkeys(others):
                found.append((source, spot))
        return sorted(found, key=lambda skip: (skip[1], skip[0]))

    def _skips_below(self) -> list[str]:
        starts = [0]
        for word in self._words:
            starts.append(starts[-1] + len(word) + len(ARROW))
        lines = []
        for source, target in self._skips():
            begin, end = starts[source] + 2, starts[target] + 1
            lines.append(" " * begin + "|" + "_" * (end - begin - 1) + "^")
        return lines

    def _skips_in_words(self, width: int) -> list[str]:
        lines = []
        for source, target in self._skips():
            word = "again" if source == target - 1 else "skip"  # the same tensor, once more
            road = f"{word}: {self._named(source)}{ARROW}{self._named(target)}"
            lines += _wrapped(road, width)
        return lines

    def branches(self, width: int) -> list[str]:
        """One line for each way into a card that takes several tensors, and the ways on."""
        ways = self._ways()
        lines = [line for way in ways[:_WAYS_DRAWN] for line in _wrapped(way, width)]
        if len(ways) > _WAYS_DRAWN:
            lines.append(f"… and {len(ways) - _WAYS_DRAWN} more ways")
        return lines

    def _ways(self) -> list[str]:
        ways = []
        for spot, above in enumerate(self._above):
            if len(above) > 1:
                ways += [f"{self._way(source)}{ARROW}{self._meeting(spot)}" for source in above]
            elif spot not in self._feeding:
                ways.append(self._way(spot) + ARROW.rstrip())
        return ways

    def _way(self, spot: int) -> str:
        """The single road that leads to a card, back to where it forks or to an input."""
        words = []
        while len(self._above[spot]) == 1:
            words.append(self._words[spot])
            spot = self._above[spot][0]
        words.append(self._meeting(spot))
        return ARROW.join(reversed(words))

    def _meeting(self, spot: int) -> str:
        """A card where ways begin or meet; its number tells it from others of the same words."""
        word = self._words[spot]
        return word if self._words.count(word) == 1 else self._named(spot)

    def told_ways(self) -> str:
        """Branches are told way by way: a sentence in one row would say they are a chain."""
        ways = self._ways()
        told = [way.removesuffix(ARROW.rstrip()).replace(ARROW, ", then ") for way in ways]
        del told[_WAYS_TOLD:]
        if len(ways) > _WAYS_TOLD:
            told.append(f"And {len(ways) - _WAYS_TOLD} more ways")
        return f"{len(ways)} ways. " + ". ".join(told) + "."

    def told_chain(self) -> str:
        steps = list(self._words)
        if len(steps) > _STEPS_TOLD:
            steps = [*steps[:6], f"{len(steps) - 10} more", *steps[-4:]]
        told = ", then ".join(steps) + "."
        far: dict[int, list[str]] = {}
        for source, target in self._skips():
            far.setdefault(target, []).append(self._named(source))
        for target, names in far.items():
            told += f" {self._words[target]} also takes {' and '.join(names)}."
        return told

    def _named(self, spot: int) -> str:
        """A card by its words and its number in the trace."""
        first = self._picture.cards[spot].nodes[0]
        return "the input" if first == ENTRY else f"{self._words[spot]} (#{first})"


def _word(graph: Graph, card: Card) -> str:
    if card.nodes == (ENTRY,):
        return "input"
    node = graph.nodes[card.nodes[0]]
    mark = {"ok": "", "failed": "x ", "not reached": "? "}[card.status]
    if card.hidden:
        return f"{mark}({card.title}: {shorten(card.details[0], _DETAIL, placeholder=' …')})"
    finish = shorten(card.details[0], _DETAIL, placeholder=" …") if len(card.nodes) > 1 else ""
    shared = f" (same layer as #{node.first_call})" if node.shared else ""
    return f"{mark}{title(node)}{_given_name(node)}{' ' * bool(finish)}{finish}{shared}"


def _given_name(node: Node) -> str:
    given = node.kind == "InputLayer" and not name_is_automatic(node.item)
    return f" {node.name}" if given else ""


def _wrapped(line: str, width: int) -> list[str]:
    """Break a line at its arrows; what follows is set in."""
    lines: list[str] = []
    here = ""
    for step in line.split(ARROW):
        longer = f"{here}{ARROW}{step}" if here else step
        if here and len(longer) > width:
            lines.append(here)
            longer = f"   {ARROW}{step}"
        here = longer
    return [*lines, here]
