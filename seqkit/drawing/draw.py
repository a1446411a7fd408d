"""`draw`: anything that can be read as a graph, as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqkit.display import picture_html
from seqkit.drawing.sketch import describe, sketch
from seqkit.drawing.svg import Panel, paint
from seqkit.graph import Graph, read


@dataclass(frozen=True, repr=False)
class Drawing:
    """A picture of a model. It shows as SVG in Jupyter and as text elsewhere.

    Attributes:
        svg: the SVG document.
        text: the same as plain text.
        alt: what the picture shows, in words.
    """

    svg: str
    text: str
    alt: str

    def save(self, path: str | Path) -> None:
        """Write the SVG to a file."""
        Path(path).write_text(self.svg, encoding="utf-8")

    def __repr__(self) -> str:
        return self.text

    @property
    def html(self) -> str:
        """The picture as an HTML element with its alt text."""
        return picture_html(self.svg.encode(), "image/svg+xml", self.alt)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": self.html}


def draw(model: Any, input_shape: Any = None) -> Drawing:
    """Draw a model, a list of layers, a trace, or the two graphs of an explanation.

    Args:
        model: whatever `sk.trace` takes, or what `sk.trace`, `sk.explain` or `sk.attempt` returned.
        input_shape: shape of one example, without the batch axis, where it is not known.

    Returns:
        A `Drawing`.

    Raises:
        NotAModelError: `model` is nothing that Keras 3 can build.
        InputShapeError: the input shape is missing, or is not a shape.

    Example:
        >>> import keras
        >>> draw([keras.Input((4,)), keras.layers.Dense(3)])
        input --> Dense 3 -->

    Taught in lesson 01.
    """
    model = getattr(model, "explanation", model)  # of an Attempt
    intended = getattr(model, "intended", None)
    actual = getattr(model, "actual", None)
    if isinstance(actual, Graph) and intended is None:
        return _drawing([Panel(actual)])
    if isinstance(intended, Graph) and isinstance(actual, Graph):
        return draw_side_by_side(actual, intended)
    if isinstance(model, Graph):
        graph = model
    else:
        graph = getattr(model, "graph", None) or read(model, input_shape)
    return _drawing([Panel(graph)])


def draw_side_by_side(
    actual: Graph,
    intended: Graph,
    headings: tuple[str, str] = ("what was written", "what was meant"),
) -> Drawing:
    """Draw two graphs beside each other in the same layout.

    Args:
        actual: the graph on the left.
        intended: the graph on the right.
        headings: a heading for each.
    """
    return _drawing([Panel(actual, headings[0]), Panel(intended, headings[1])])


def _drawing(panels: list[Panel]) -> Drawing:
    texts = []
    words = []
    for panel in panels:
        head = f"{panel.heading}:\n" if panel.heading else ""
        texts.append(head + sketch(panel.graph))
        words.append((f"{panel.heading}: " if panel.heading else "") + describe(panel.graph))
    name = " and ".join(panel.heading or "model" for panel in panels)
    alt = " ".join(words)
    return Drawing(paint(panels, name, alt), "\n".join(texts), alt)
