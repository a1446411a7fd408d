"""A graph as plain text: the main road on one line, side roads below it."""

from __future__ import annotations

from seqkit.converting import name_is_automatic
from seqkit.drawing.card import title
from seqkit.graph import Graph, Node

ARROW = " --> "
_WAYS = 8  # more ways are only counted in words


def sketch(graph: Graph) -> str:
    """Draw a graph with characters.

    Args:
        graph: the graph.

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
    return _chain(graph) if _is_chain_with_skips(graph) else _branches(graph)


def describe(graph: Graph) -> str:
    """Say in one sentence what a picture of the graph shows.

    Example:
        >>> import keras
        >>> from seqkit.graph import read
        >>> describe(read([keras.Input((4,)), keras.layers.Dense(3)]))
        'input, then Dense 3.'
    """
    if not _is_chain_with_skips(graph):
        return _described_ways(graph)
    steps = [_word(node) for node in graph.nodes]
    if graph.entry and graph.style in ("sequential", "list", "subclassed"):
        steps = ["input", *steps]
    if len(steps) > 14:
        steps = [*steps[:6], f"{len(steps) - 10} more", *steps[-4:]]
    text = ", then ".join(steps) + "."
    for node in graph.nodes:
        far = [edge.source for edge in node.inputs if edge.source not in (node.index - 1,)]
        if len(node.inputs) > 1 and far:
            names = " and ".join(_source_name(graph, source) for source in far)
            text += f" {_word(node)} also takes {names}."
    return text + _described_failure(graph)


def _described_ways(graph: Graph) -> str:
    """Branches are told way by way: a sentence in one row would say that they are a chain."""
    ways = _branches(graph).splitlines()
    told = [way.removesuffix(ARROW.rstrip()).replace(ARROW, ", then ") for way in ways[:_WAYS]]
    if len(ways) > _WAYS:
        told.append(f"And {len(ways) - _WAYS} more ways")
    return f"{len(ways)} ways. " + ". ".join(told) + "." + _described_failure(graph)


def _described_failure(graph: Graph) -> str:
    if graph.failure is None:
        return ""
    return f" {graph.nodes[graph.failure.index].kind} failed: {graph.failure.reason}."


def _source_name(graph: Graph, source: int) -> str:
    return "the input" if source < 0 else f"{_word(graph.nodes[source])} (#{source})"


def _word(node: Node) -> str:
    mark = {"ok": "", "failed": "x ", "not reached": "? "}[node.status]
    name = ""
    if node.kind == "InputLayer" and not name_is_automatic(node.item):
        name = f" {node.name}"
    shared = f" (same layer as #{node.first_call})" if node.shared else ""
    return f"{mark}{title(node)}{name}{shared}"


def _is_chain_with_skips(graph: Graph) -> bool:
    """Whether every card stands on one line: it takes the tensor of the card before."""
    for node in graph.nodes[1:]:
        if node.status == "not reached":
            continue
        if node.index - 1 not in [edge.source for edge in node.inputs]:
            return False
    return True


def _chain(graph: Graph) -> str:
    words = [_word(node) for node in graph.nodes]
    starts = []
    line = ""
    if graph.style != "functional":
        line = "input" + ARROW
    for word in words:
        starts.append(len(line))
        line += word + ARROW
    lines = [line.rstrip()]
    for node in graph.nodes:
        for edge in node.inputs:
            if node.status == "ok" and edge.source != node.index - 1:
                begin = (starts[edge.source] if edge.source >= 0 else 0) + 2
                end = starts[node.index] + 1
                lines.append(" " * begin + "|" + "_" * (end - begin - 1) + "^")
    return "\n".join(lines)


def _branches(graph: Graph) -> str:
    """One line for each way into a card that takes several tensors, and the ways on from there."""
    lines = []
    for node in graph.nodes:
        leaves = not any(node.index in [e.source for e in other.inputs] for other in graph.nodes)
        if len(node.inputs) > 1:
            lines += [f"{_way(graph, edge.source)}{ARROW}{_word(node)}" for edge in node.inputs]
        elif leaves:
            lines.append(_way(graph, node.index) + ARROW.rstrip())
    return "\n".join(lines)


def _way(graph: Graph, index: int) -> str:
    """The single road that leads to a card, back to where it forks or to an input."""
    words: list[str] = []
    while index >= 0:
        node = graph.nodes[index]
        words.append(_word(node))
        if len(node.inputs) != 1:
            break
        index = node.inputs[0].source
    else:
        words.append("input")
    return ARROW.join(reversed(words))
