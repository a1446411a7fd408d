"""`draw`: anything that can be read as a graph, as a picture."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from seqkit.display import picture_html
from seqkit.drawing.marks import Sheet
from seqkit.drawing.paint import Panel, paint
from seqkit.drawing.picture import FOLD_ABOVE, picture_of
from seqkit.drawing.sketch import describe, sketch
from seqkit.drawing.svg import to_svg
from seqkit.graph import Graph, read

_SCROLLS_ABOVE = 760
"""A wider picture is not made smaller, which would make it illegible: the reader scrolls."""


@dataclass(frozen=True, repr=False)
class Drawing:
    """A picture of a model. It shows as SVG in Jupyter and as text elsewhere.

    Attributes:
        text: the same as plain text.
        alt: what the picture shows, in words.
        sheet: everything that is painted.
        as_png: whether a notebook is given a PNG instead of SVG.
    """

    text: str
    alt: str
    sheet: Sheet = field(repr=False)
    as_png: bool = False

    @cached_property
    def svg(self) -> str:
        """The SVG document."""
        return to_svg(self.sheet)

    def png(self, scale: float = 2.0) -> bytes:
        """Return the picture as PNG, painted by matplotlib.

        Args:
            scale: dots for each pixel; 2 is sharp on a screen and in print.
        """
        from seqkit.drawing.png import to_png

        return to_png(self.sheet, scale)

    def save(self, path: str | Path) -> None:
        """Write the picture to a file: PNG if its name ends in .png, else SVG.

        Args:
            path: the file.

        Raises:
            ValueError: the name ends in something else.
        """
        path = Path(path)
        ending = path.suffix.lower()
        if ending == ".png":
            path.write_bytes(self.png())
        elif ending in ("", ".svg"):
            path.write_text(self.svg, encoding="utf-8")
        else:
            raise ValueError(
                f"A drawing is saved as .svg or .png, and {path.name!r} is neither. "
                f"Write save({path.with_suffix('.svg').name!r}) or "
                f"save({path.with_suffix('.png').name!r})."
            )

    def __repr__(self) -> str:
        return self.text

    @property
    def html(self) -> str:
        """The picture as an HTML element with its alt text."""
        image = picture_html(self.svg.encode(), "image/svg+xml", self.alt)
        if self.sheet.width <= _SCROLLS_ABOVE:
            return image
        inner = f'<div style="width:{self.sheet.width:.0f}px">{image}</div>'
        return f'<div style="overflow-x:auto">{inner}</div>'

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        if self.as_png:
            picture = base64.b64encode(self.png()).decode("ascii")
            return {"text/plain": self.text, "image/png": picture}
        return {"text/plain": self.text, "text/html": self.html}


def draw(
    model: Any, input_shape: Any = None, fold: bool | None = None, png: bool = False
) -> Drawing:
    """Draw a model, a list of layers, a trace, or the two graphs of an explanation.

    A layer that is called on several inputs is one card with several ways in and out. Where a
    layer follows itself, each call has a card, and a dashed line joins them.

    Args:
        model: whatever `sk.trace` takes, or what `sk.trace`, `sk.explain` or `sk.attempt` returned.
        input_shape: shape of one example, without the batch axis, where it is not known.
        fold: whether to fold long chains and repeated blocks; None folds large models only.
        png: show as PNG, where a tool shows no SVG; `Drawing.save("model.png")` writes a file.

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
        return _drawing([(actual, "")], fold, png)
    if isinstance(intended, Graph) and isinstance(actual, Graph):
        return draw_side_by_side(actual, intended, fold=fold, png=png)
    if isinstance(model, Graph):
        graph = model
    else:
        graph = getattr(model, "graph", None) or read(model, input_shape)
    return _drawing([(graph, "")], fold, png)


def draw_side_by_side(
    actual: Graph,
    intended: Graph,
    headings: tuple[str, str] = ("what was written", "what was meant"),
    fold: bool | None = None,
    png: bool = False,
) -> Drawing:
    """Draw two graphs in the same layout: side by side, or one below the other if they are wide.

    Args:
        actual: the graph on the left.
        intended: the graph on the right.
        headings: a heading for each.
        fold: whether to fold long chains and repeated blocks; None folds large models only.
        png: show as PNG.
    """
    return _drawing([(actual, headings[0]), (intended, headings[1])], fold, png)


def _drawing(parts: list[tuple[Graph, str]], fold: bool | None, png: bool) -> Drawing:
    if fold is None:  # two graphs are folded both or not at all, so that the eye can compare
        fold = any(len(graph.nodes) > FOLD_ABOVE for graph, _ in parts)
    panels, texts, words = [], [], []
    for graph, heading in parts:
        panels.append(Panel(picture_of(graph, fold), heading))
        texts.append((f"{heading}:\n" if heading else "") + sketch(graph, fold=fold))
        words.append((f"{heading}: " if heading else "") + describe(graph, fold))
    name = " and ".join(heading or "model" for _, heading in parts)
    alt = " ".join(words)
    return Drawing("\n".join(texts), alt, paint(panels, name, alt), png)
