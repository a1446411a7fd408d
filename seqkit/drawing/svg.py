"""Paint a laid-out graph as SVG.

The picture brings its own light panel, because Jupyter shows SVG as an image that cannot see the
theme. Colours are Okabe & Ito's palette, safe for colour-blind readers; a failed card has a cross
and a word, and what was not reached is dashed, so no meaning hangs on colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import pairwise

from seqkit.drawing.card import shape_text, title
from seqkit.drawing.layout import (
    CARD_HEIGHT,
    CARD_WIDTH,
    ENTRY,
    RANK_HEIGHT,
    Layout,
    Road,
    lay_out,
)
from seqkit.graph import Graph, Node, Shape

MARGIN = 18.0
HEADING = 26.0
FONT = "font-family='Helvetica,Arial,sans-serif'"
INK, PAPER, LINE = "#1a1a1a", "#ffffff", "#4d4d4d"
FILL = {"ok": "#e8f1f8", "failed": "#fdeee3", "not reached": "#f5f5f5"}
EDGE = {"ok": "#0072b2", "failed": "#d55e00", "not reached": "#8a8a8a"}
INPUT_FILL = "#fff7dc"


@dataclass(frozen=True)
class Panel:
    """One graph of a picture, with its heading."""

    graph: Graph
    heading: str = ""


def paint(panels: list[Panel], name: str, description: str) -> str:
    """Paint one graph, or several side by side.

    Args:
        panels: the graphs with their headings.
        name: the picture's title, for screen readers.
        description: what the picture shows, in words.

    Returns:
        An SVG document.
    """
    layouts = [lay_out(panel.graph) for panel in panels]
    widths = [max(layout.right - layout.left, CARD_WIDTH) + 2 * MARGIN for layout in layouts]
    top = HEADING if any(panel.heading for panel in panels) else 0.0
    rows = max(layout.ranks for layout in layouts)
    height = top + rows * RANK_HEIGHT + 2 * MARGIN
    width = sum(widths)
    parts = []
    offset = 0.0
    for panel, layout, own in zip(panels, layouts, widths, strict=True):
        if offset:
            parts.append(
                f"<line x1='{offset:.0f}' y1='{MARGIN:.0f}' x2='{offset:.0f}' "
                f"y2='{height - MARGIN:.0f}' stroke='#cccccc'/>"
            )
        middle = offset + own / 2
        if panel.heading:
            parts.append(_text(middle, MARGIN + 8, panel.heading, 14, bold=True))
        shift = middle - (layout.left + layout.right) / 2
        parts.append(_graph(panel.graph, layout, shift, MARGIN + top))
        offset += own
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' role='img' width='{width:.0f}' "
        f"height='{height:.0f}' viewBox='0 0 {width:.0f} {height:.0f}' {FONT} "
        f"style='max-width:100%;height:auto'>"
        f"<title>{escape(name)}</title><desc>{escape(description)}</desc>"
        f"<defs><marker id='arrow' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='7' "
        f"markerHeight='7' orient='auto'><path d='M0 0 L8 4 L0 8 z' fill='{LINE}'/></marker></defs>"
        f"<rect width='100%' height='100%' rx='8' fill='{PAPER}' stroke='#cccccc'/>"
        f"{''.join(parts)}</svg>"
    )


def _graph(graph: Graph, layout: Layout, shift: float, top: float) -> str:
    parts = [_road(graph, road, shift, top) for road in layout.roads]
    parts += [_card(graph, layout, index, shift, top) for index in layout.cards]
    parts += [_leaving(graph, layout, index, shift, top) for index in _ends(graph)]
    return "".join(parts)


def _ends(graph: Graph) -> list[int]:
    return sorted({edge.source for edge in graph.outputs if edge.source >= 0})


def _y(rank: int, top: float) -> float:
    return top + rank * RANK_HEIGHT


def _card(graph: Graph, layout: Layout, index: int, shift: float, top: float) -> str:
    slot = layout.cards[index]
    x, y = slot.x + shift - CARD_WIDTH / 2, _y(slot.rank, top)
    node = None if index == ENTRY else graph.nodes[index]
    status = "ok" if node is None else node.status
    words = "input" if node is None else title(node)
    fill = INPUT_FILL if node is None or node.kind == "InputLayer" else FILL[status]
    dash = " stroke-dasharray='5 4'" if status == "not reached" else ""
    stroke = 2.5 if status == "failed" else 1.5
    parts = [
        f"<rect x='{x:.1f}' y='{y:.1f}' width='{CARD_WIDTH:.0f}' height='{CARD_HEIGHT:.0f}' "
        f"rx='6' fill='{fill}' stroke='{EDGE[status]}' stroke-width='{stroke}'{dash}/>"
    ]
    label = f"✗ {words}" if status == "failed" else words
    size = 13 if len(label) <= 18 else 11
    parts.append(_text(slot.x + shift, y + 15, _fit(label), size, bold=status != "not reached"))
    parts.append(_text(slot.x + shift, y + 28, _fit(_second_line(node, graph), 30), 10))
    return "".join(parts)


def _second_line(node: Node | None, graph: Graph) -> str:
    if node is None:
        return shape_text(graph.entry[0]) if graph.entry else ""
    if node.status == "failed":
        return "failed"
    if node.status == "not reached":
        return "not reached"
    if node.kind == "InputLayer":
        return shape_text(node.output_shapes[0])
    if node.shared:
        return f"same layer as #{node.first_call}"
    return f"{node.params:,} parameters" if node.params else "no parameters"


def _road(graph: Graph, road: Road, shift: float, top: float) -> str:
    """A smooth line through the waypoints, and the tensor's shape beside its end."""
    points = _points(road, shift, top)
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    turns = len(points) > 2 and points[0][1] < _y(road.slots[0].rank, top) + CARD_HEIGHT
    for place, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
        if turns and place == 0:
            path += f" Q{x1:.1f} {y0:.1f} {x1:.1f} {y1:.1f}"
        elif abs(x0 - x1) < 0.5:
            path += f" L{x1:.1f} {y1:.1f}"
        else:
            half = (y0 + y1) / 2
            path += f" C{x0:.1f} {half:.1f} {x1:.1f} {half:.1f} {x1:.1f} {y1:.1f}"
    target = graph.nodes[road.target]
    dash = " stroke-dasharray='5 4'" if target.status == "not reached" else ""
    drawn = (
        f"<path d='{path}' fill='none' stroke='{LINE}' stroke-width='1.5' "
        f"marker-end='url(#arrow)'{dash}/>"
    )
    if target.status == "not reached":
        return drawn
    fork = len(road.slots[-1].above) == 1
    return drawn + _shape_label(target.inputs[road.shape_of_edge].shape, points, fork)


def _points(road: Road, shift: float, top: float) -> list[tuple[float, float]]:
    """The corners of a road. One that turns aside leaves its card at the side, not below."""
    first, *middle, last = road.slots
    x, y = first.x + shift, _y(first.rank, top)
    points = [(x, y + CARD_HEIGHT)]
    if middle and middle[0].aside:
        edge = CARD_WIDTH / 2 if middle[0].x > first.x else -CARD_WIDTH / 2
        points = [(x + edge, y + CARD_HEIGHT / 2)]
    for slot in middle:
        x, y = slot.x + shift, _y(slot.rank, top)
        points += [(x, y), (x, y + CARD_HEIGHT)]
    points.append((last.x + shift + _landing(road), _y(last.rank, top) - 2))
    return points


def _landing(road: Road) -> float:
    """Several roads into one card land side by side."""
    target = road.slots[-1]
    count = len(target.above)
    if count < 2:
        return 0.0
    order = sorted(range(count), key=lambda place: (target.above[place].x, place))
    step = min(30.0, (CARD_WIDTH - 30) / (count - 1))
    return (order.index(road.shape_of_edge) - (count - 1) / 2) * step


def _shape_label(shape: Shape, points: list[tuple[float, float]], fork: bool = False) -> str:
    """Write the shape where the road stands alone.

    A long road is labelled on its straight part; one that leaves a fork, at its end; one that
    runs into a meeting point, at its start; the text stands on the side away from the others.
    """
    (x0, y0), (x1, y1) = points[0], points[-1]
    if len(points) > 2:
        (x0, y0), (x1, y1) = points[1], points[2]
    if abs(x0 - x1) < 0.5:
        return _label(x0 + 6, (y0 + y1) / 2 + 3, shape, "start")
    side = 1 if (x1 > x0) == fork else -1
    x, y = (x1, y1 - 8) if fork else (x0, y0 + 13)
    return _label(x + 6 * side, y, shape, "start" if side > 0 else "end")


def _label(x: float, y: float, shape: Shape, anchor: str) -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' font-size='11' fill='{INK}' stroke='{PAPER}' "
        f"stroke-width='3' paint-order='stroke' text-anchor='{anchor}'>"
        f"{escape(shape_text(shape))}</text>"
    )


def _leaving(graph: Graph, layout: Layout, index: int, shift: float, top: float) -> str:
    slot = layout.cards[index]
    x, y = slot.x + shift, _y(slot.rank, top) + CARD_HEIGHT
    shape = graph.nodes[index].output_shapes[0]
    return (
        f"<path d='M{x:.1f} {y:.1f} L{x:.1f} {y + 24:.1f}' stroke='{LINE}' stroke-width='1.5' "
        f"marker-end='url(#arrow)'/>" + _shape_label(shape, [(x, y), (x, y + 24)])
    )


def _text(x: float, y: float, words: str, size: int, bold: bool = False) -> str:
    weight = " font-weight='bold'" if bold else ""
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' font-size='{size}'{weight} fill='{INK}' "
        f"text-anchor='middle'>{escape(words)}</text>"
    )


def _fit(words: str, limit: int = 24) -> str:
    return words if len(words) <= limit else words[: limit - 1] + "…"
