"""The guide as a printed picture: the questions down the page, what a yes means at the right."""

from __future__ import annotations

from seqkit.choosing.guide import BUILDING, OTHERWISE, TRAINING, Answer, Question
from seqkit.drawing import Drawing
from seqkit.drawing.lettering import broken
from seqkit.drawing.marks import INK, PALE, Box, Curve, Head, Mark, Point, Sheet, Words

_MARGIN, _GAP = 18.0, 26.0
_ASK_WIDTH, _SAY_WIDTH, _YES_ROOM = 330.0, 250.0, 66.0
_ASK_FILL, _SAY_FILL, _END_FILL = "#fff7dc", "#e8f1f8", "#e6f4ee"
_EDGES = {_ASK_FILL: "#8a6d00", _SAY_FILL: "#0072b2", _END_FILL: "#007a56"}
_TITLE, _SMALL = 13.0, 11.0
_TITLE_LINE, _LINE = 16.0, 14.0
_BAND = 24.0
"""Room for the line that separates the question on the training from the others."""

TITLE = "Which API does my model need?"


def figure() -> Drawing:
    """Draw the guide: one card for each question, and a way to the right for yes.

    Returns:
        A `Drawing`: SVG in a notebook, text elsewhere, and a file with `.save("guide.svg")`.

    Example:
        >>> print(figure().text.splitlines()[0])
        Which API does my model need?
    """
    marks, bottom = _marks()
    width = 2 * _MARGIN + _ASK_WIDTH + _YES_ROOM + _SAY_WIDTH
    alt = described()
    return Drawing(as_text(), alt, Sheet(width, bottom + _MARGIN, tuple(marks), TITLE, alt))


def as_text() -> str:
    """The guide as plain text: the questions in order, and where a yes leads."""
    lines = [TITLE, "Ask from above; the first yes decides."]
    for number, question in enumerate(BUILDING, start=1):
        lines.append(f"{number}. {question.text}")
        lines.append(f"     yes -> {_lead(question.yes)}")
    lines.append(f"   every answer was no -> {_lead(OTHERWISE)}")
    lines.append(f"And in every case: {TRAINING.text}")
    lines.append(f"     yes -> {_lead(TRAINING.yes)}")
    return "\n".join(lines)


def described() -> str:
    """What the picture shows, in sentences."""
    steps = [f"{one.text} Yes: {_lead(one.yes)}." for one in BUILDING]
    end = f"If every answer was no: {_lead(OTHERWISE)}."
    last = f"And in every case: {TRAINING.text} Yes: {_lead(TRAINING.yes)}."
    return " ".join([f"A chart of questions. {TITLE}", *steps, end, last])


def _lead(answer: Answer) -> str:
    return f"{answer.api} (lesson {answer.lesson:02d})"


def _marks() -> tuple[list[Mark], float]:
    """All marks, and where they end."""
    marks: list[Mark] = [
        Words((_MARGIN, _MARGIN + 12), TITLE, 15, anchor="start", bold=True),
        Words((_MARGIN, _MARGIN + 30), "The first yes decides.", _SMALL + 1, anchor="start"),
    ]
    y = _MARGIN + 44
    for number, question in enumerate(BUILDING, start=1):
        made, height = _row(f"{number}. {question.text}", question, y)
        marks += [*made, *_down(y + height, "no")]
        y += height + _GAP
    end = _Card(OTHERWISE.api, _example(OTHERWISE), _ASK_WIDTH, _END_FILL)
    marks += end.marks(_MARGIN, y, end.height)
    y += end.height + _GAP / 2
    edge = 2 * _MARGIN + _ASK_WIDTH + _YES_ROOM + _SAY_WIDTH - _MARGIN
    marks.append(Curve((_MARGIN, y), (((edge, y),),), PALE, line=1.0))
    marks.append(
        Words((_MARGIN, y + 16), "And in every case:", _SMALL + 1, anchor="start", bold=True)
    )
    y += _BAND
    made, height = _row(TRAINING.text, TRAINING, y)
    return [*marks, *made], y + height


def _row(title: str, question: Question, y: float) -> tuple[list[Mark], float]:
    """A question, what its yes means, and the way between them; and how tall they are."""
    asked = _Card(title, (question.help,), _ASK_WIDTH, _ASK_FILL)
    said = _Card(question.yes.api, _example(question.yes), _SAY_WIDTH, _SAY_FILL)
    height = max(asked.height, said.height)
    left = _MARGIN + _ASK_WIDTH + _YES_ROOM
    way = _right((_MARGIN + _ASK_WIDTH, y + height / 2), left, "yes")
    return [*asked.marks(_MARGIN, y, height), *said.marks(left, y, height), *way], height


def _example(answer: Answer) -> tuple[str, str]:
    return f"for example {answer.example}", f"lesson {answer.lesson:02d}"


class _Card:
    """A box with a heading and small type below it."""

    def __init__(self, title: str, texts: tuple[str, ...], width: float, fill: str) -> None:
        self.width, self.fill = width, fill
        self.heading = broken(title, _TITLE, width - 20, 2, bold=True)
        self.lines = [one for text in texts for one in broken(text, _SMALL, width - 20, 4)]
        self.height = 12 + _TITLE_LINE * len(self.heading) + _LINE * len(self.lines)

    def marks(self, x: float, y: float, height: float) -> list[Mark]:
        """The card at this place."""
        marks: list[Mark] = [Box(x, y, self.width, height, self.fill, _EDGES[self.fill])]
        base = y + 4
        for line in self.heading:
            base += _TITLE_LINE
            marks.append(Words((x + 10, base - 2), line, _TITLE, anchor="start", bold=True))
        for line in self.lines:
            base += _LINE
            marks.append(Words((x + 10, base - 1), line, _SMALL, anchor="start"))
        return marks


def _down(y: float, word: str) -> list[Mark]:
    x = _MARGIN + 40
    end = (x, y + _GAP - 1)
    return [
        Curve((x, y), ((end,),)),
        Head(end),
        Words((x + 8, y + _GAP / 2 + 4), word, _SMALL + 1, anchor="start", bold=True),
    ]


def _right(start: Point, x: float, word: str) -> list[Mark]:
    """An arrow to the right; its head is two strokes, because `Head` points down."""
    y = start[1]
    tip = (x - 1, y)
    return [
        Curve(start, ((tip,),)),
        Curve((x - 8, y - 5), ((tip,), ((x - 8, y + 5),)), INK),
        Words(((start[0] + x) / 2, y - 6), word, _SMALL + 1, bold=True),
    ]
