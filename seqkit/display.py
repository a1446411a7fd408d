"""How results are shown: plain text first, HTML beside it, and pictures with a description.

Every object that a room returns reads well with `print`. In a notebook it may also have an HTML
form. HTML is written with inline styles only (notebooks that are not trusted lose their style
sheets), inherits the colours of the page, and so is legible in light and dark themes.
"""

from __future__ import annotations

import base64
import html
import io
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MONO_STYLE = "font-family:monospace;white-space:pre-wrap;color:inherit"
CELL_STYLE = (
    "border:1px solid rgba(127,127,127,0.4);padding:2px 8px;color:inherit;"
    "background:transparent;vertical-align:top"
)
PICTURE_DPI = 96


def escape(text: object) -> str:
    """Return `text` as HTML that shows it letter by letter.

    Args:
        text: Anything; it is turned into a string first.

    Returns:
        The text with `&`, `<`, `>` and quotes written as HTML entities.

    Example:
        >>> escape("(None, 28) <- Dense & co")
        '(None, 28) &lt;- Dense &amp; co'
    """
    return html.escape(str(text), quote=True)


def preformatted(text: object) -> str:
    """Return `text` as an HTML block that keeps its line breaks and columns.

    Args:
        text: The plain text form of something.

    Returns:
        One `<pre>` element with inline styles that inherit the theme's colours.

    Example:
        >>> "a &lt; b" in preformatted("a < b")
        True
    """
    return f'<pre style="{MONO_STYLE}">{escape(text)}</pre>'


class Displayable:
    """Base of everything that is shown: `as_text()` is needed, `as_html()` is a luxury.

    `print(x)`, `repr(x)` and a notebook's plain text are always the same text.

    Example:
        >>> class Greeting(Displayable):
        ...     def as_text(self) -> str:
        ...         return "hello"
        >>> Greeting()
        hello
        >>> Greeting()._repr_mimebundle_()["text/plain"]
        'hello'
    """

    def as_text(self) -> str:
        """Return the plain text form."""
        raise NotImplementedError

    def as_html(self) -> str | None:
        """Return the HTML form, or None where plain text is all there is."""
        return None

    def __repr__(self) -> str:
        return self.as_text()

    def __str__(self) -> str:
        return self.as_text()

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, str]:
        """Hand a notebook all forms at once. It may ask for some only, but must cope with all."""
        bundle = {"text/plain": self.as_text()}
        rich = self.as_html()
        if rich is not None:
            bundle["text/html"] = rich
        return bundle


@dataclass(frozen=True, repr=False)
class Table(Displayable):
    """A small table: `header` names the columns, `rows` hold the cells as text."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]

    def as_text(self) -> str:
        """Return the table in columns that line up; numbers stand on the right."""
        widths = [
            max(len(cell) for cell in column)
            for column in zip(self.header, *self.rows, strict=True)
        ]
        rule = tuple("-" * width for width in widths)
        return "\n".join(self._line(row, widths) for row in (self.header, rule, *self.rows))

    def as_html(self) -> str:
        """Return the table as HTML in the theme's own colours."""
        head = "".join(
            f'<th scope="col" style="{CELL_STYLE};text-align:{self._side(i)}">{escape(name)}</th>'
            for i, name in enumerate(self.header)
        )
        body = "".join(
            "<tr>"
            + "".join(
                f'<td style="{CELL_STYLE};text-align:{self._side(i)}">{escape(cell)}</td>'
                for i, cell in enumerate(row)
            )
            + "</tr>"
            for row in self.rows
        )
        return (
            '<table style="border-collapse:collapse;color:inherit">'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    def _side(self, column: int) -> str:
        return "right" if self.numeric[column] else "left"

    def _line(self, row: Sequence[str], widths: Sequence[int]) -> str:
        cells = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, self.numeric, strict=True)
        )
        return "  ".join(cells).rstrip()


def table(header: Sequence[object], rows: Iterable[Sequence[object]]) -> Table:
    """Lay out rows under a header, as text and as HTML.

    Args:
        header: The names of the columns.
        rows: The rows; each has as many cells as the header. Numbers are aligned to the right.
            Format them yourself where the digits matter.

    Returns:
        A `Table` that prints as text and shows as HTML in a notebook.

    Raises:
        ValueError: If a row has more or fewer cells than the header.

    Example:
        >>> table(["layer", "params"], [["Conv2D", 320], ["Dense", 16010]])
        layer   params
        ------  ------
        Conv2D     320
        Dense    16010
    """
    names = tuple(str(name) for name in header)
    records = [tuple(row) for row in rows]
    for number, record in enumerate(records):
        if len(record) != len(names):
            raise ValueError(
                f"Row {number} of the table has {len(record)} cells, but the header has "
                f"{len(names)}: {', '.join(names)}. Give each row one cell for each name."
            )
    numeric = tuple(
        bool(records) and all(_is_number(record[i]) for record in records)
        for i in range(len(names))
    )
    cells = tuple(tuple(str(cell) for cell in record) for record in records)
    return Table(names, cells, numeric)


def _is_number(cell: object) -> bool:
    text = str(cell).replace(",", "").rstrip(" %")
    try:
        float(text)
    except ValueError:
        return False
    return True


def in_notebook() -> bool:
    """Return True where IPython runs this code and can show pictures and HTML.

    Example:
        >>> in_notebook()
        False
    """
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


def picture_html(data: bytes, kind: str, alt: str) -> str:
    """Return a picture as an `<img>` that carries its data and its description.

    JupyterLab gives pictures of the kinds `image/png` and `image/svg+xml` no alt text, and hides
    SVG in a notebook that is not trusted. An `<img>` in HTML keeps both.

    Args:
        data: The bytes of the picture.
        kind: Its media type, such as `image/png`.
        alt: What the picture shows, in words.

    Returns:
        One element.

    Example:
        >>> picture_html(b"<svg/>", "image/svg+xml", "nothing").startswith('<img alt="nothing" ')
        True
    """
    content = base64.b64encode(data).decode("ascii")
    return f'<img alt="{escape(alt)}" style="max-width:100%" src="data:{kind};base64,{content}">'


def picture_bundle(figure: Figure, alt: str, text: str) -> dict[str, str]:
    """Return a matplotlib figure as the data of one notebook output.

    Args:
        figure: The figure. Its background is kept, so that it is legible in both themes.
        alt: What the picture shows, in words.
        text: The plain text form of the output.

    Returns:
        The data: `text/html` with the picture and its alt text, and `text/plain`.
    """
    stream = io.BytesIO()
    # Without 'Software' the file does not name the matplotlib version that made it.
    figure.savefig(
        stream, format="png", dpi=PICTURE_DPI, bbox_inches="tight", metadata={"Software": None}
    )
    return {"text/html": picture_html(stream.getvalue(), "image/png", alt), "text/plain": text}


def show(figure: Figure, alt: str) -> None:
    """Show a matplotlib figure together with a description of what it shows.

    The description is what a reader hears who cannot see the picture; in a terminal it is
    printed instead of the picture. The figure is closed afterwards.

    Taught in lesson 01.

    Args:
        figure: A matplotlib figure, as `plt.subplots()` returns it.
        alt: One or two sentences: what the picture shows and what to see in it.

    Raises:
        ValueError: If `alt` is empty.
        TypeError: If `figure` is not a matplotlib figure.

    Example:
        >>> from matplotlib.figure import Figure
        >>> figure = Figure()
        >>> _ = figure.subplots().plot([3, 2, 1])
        >>> show(figure, alt="A line that falls from 3 to 1.")
        picture: A line that falls from 3 to 1.
    """
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(
            "A picture needs a description for readers who cannot see it, but `alt` is empty. "
            'Write one, for example sk.show(figure, alt="The loss falls from 2.3 to 0.4.").'
        )
    if not hasattr(figure, "savefig"):
        raise TypeError(
            f"show() needs a matplotlib figure, but got {type(figure).__name__}. "
            "Make one with: figure, axes = plt.subplots()."
        )
    description = " ".join(alt.split())
    text = f"picture: {description}"
    if in_notebook():
        from IPython.display import display

        display(picture_bundle(figure, description, text), raw=True)
    else:
        print(text)
    _close(figure)


def _close(figure: Figure) -> None:
    """Close the figure, so that a notebook does not show it a second time."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(figure)
