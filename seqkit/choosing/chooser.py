"""The guide that asks: buttons in a notebook, and the same as text and HTML everywhere else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from seqkit.choosing.flow import as_text
from seqkit.choosing.guide import (
    BUILDING,
    OTHERWISE,
    TRAINING,
    Answer,
    Question,
    Recommendation,
    answer_html,
    decide,
)
from seqkit.display import Displayable, escape, in_notebook

_VIEW = "application/vnd.jupyter.widget-view+json"
_CARD = (
    "border:1px solid;border-left:6px solid #0072b2;border-radius:6px;padding:10px 14px;"
    "max-width:760px;color:inherit;line-height:1.5"
)


class Chooser(Displayable):
    """The state of one walk through the guide, and its buttons.

    Attributes:
        given: the answers so far, question by question.
    """

    def __init__(self) -> None:
        self.given: list[tuple[Question, bool]] = []
        self._panel: Any = None

    @property
    def question(self) -> Question | None:
        """The question that is asked now; None when the recommendation is there."""
        asked = [question for question, _ in self.given]
        if TRAINING in asked:
            return None
        if any(yes for _, yes in self.given) or len(asked) == len(BUILDING):
            return TRAINING
        return BUILDING[len(asked)]

    @property
    def recommendation(self) -> Recommendation | None:
        """What comes out; None while questions are open."""
        if self.question is not None:
            return None
        return decide(*(question.name for question, yes in self.given if yes))

    def answer(self, yes: bool) -> None:
        """Answer the question that is asked now.

        Args:
            yes: the answer.

        Example:
            >>> chooser = Chooser()
            >>> for yes in (False, True, False):
            ...     chooser.answer(yes)
            >>> chooser.recommendation.title
            'Functional API'
        """
        if self.question is not None:
            self.given.append((self.question, yes))

    def back(self) -> None:
        """Take the last answer back."""
        del self.given[-1:]

    def restart(self) -> None:
        """Take all answers back."""
        self.given.clear()

    def as_text(self) -> str:
        """Return the whole guide as text."""
        return as_text()

    def as_html(self) -> str:
        """Return the whole guide as HTML that opens and closes without any program."""
        rows = [
            _row(f"{number}. {question.text}", question.help, question.yes)
            for number, question in enumerate(BUILDING, start=1)
        ]
        rows.append(_row("If every answer was no", "", OTHERWISE))
        rows.append(_row(f"And in every case: {TRAINING.text}", TRAINING.help, TRAINING.yes))
        head = '<div style="font-weight:bold;font-size:110%">Which API does my model need?</div>'
        return f'<div style="{_CARD}">{head}<div>The first yes decides.</div>{"".join(rows)}</div>'

    def now_html(self) -> str:
        """Return the card that the buttons belong to: a question, or the recommendation."""
        before = "".join(
            f'<div style="opacity:0.75">{"yes" if yes else "no"} · {escape(question.text)}</div>'
            for question, yes in self.given
        )
        question, found = self.question, self.recommendation
        if question is not None:
            number = len(self.given) + 1
            now = (
                f'<div style="font-weight:bold;font-size:110%;margin-top:6px">'
                f"{number}. {escape(question.text)}</div><div>{escape(question.help)}</div>"
            )
        else:
            now = f'<div style="margin-top:6px">{found.as_html() if found else ""}</div>'
        # A screen reader says what has changed, without being sent away from the button.
        return f'<div role="status" aria-live="polite" style="{_CARD}">{before}{now}</div>'

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, Any]:
        """Hand over buttons where a notebook runs, and the whole guide for everybody else."""
        bundle: dict[str, Any] = dict(super()._repr_mimebundle_())
        panel = self.panel()
        if panel is not None:
            bundle[_VIEW] = {"version_major": 2, "version_minor": 0, "model_id": panel.model_id}
        return bundle

    def panel(self) -> Any:
        """Return the buttons as an ipywidget, or None where there is no notebook for them."""
        if self._panel is None and in_notebook():
            try:
                self._panel = _panel(self)
            except ImportError:
                return None
        return self._panel


def _row(title: str, help_text: str, answer: Answer) -> str:
    """A line that opens: the question and where a yes leads; inside it reason and code."""
    inner = f"<div>{escape(help_text)}</div>" if help_text else ""
    return (
        '<details style="margin:6px 0"><summary style="cursor:pointer">'
        f"{escape(title)} → <strong>{escape(answer.api)}</strong> (lesson {answer.lesson:02d})"
        f'</summary><div style="margin:4px 0 4px 16px">{inner}{answer_html(answer)}</div></details>'
    )


def _panel(chooser: Chooser) -> Any:
    """Four buttons under a card. They stay in their places, so that the keyboard can stay, too."""
    import ipywidgets

    card = ipywidgets.HTML()
    yes = ipywidgets.Button(description="Yes", tooltip="Answer yes")
    no = ipywidgets.Button(description="No", tooltip="Answer no")
    back = ipywidgets.Button(description="Back", tooltip="Take the last answer back")
    again = ipywidgets.Button(description="Start again", tooltip="Begin with the first question")

    def show() -> None:
        done = chooser.question is None
        card.value = chooser.now_html()
        yes.disabled = no.disabled = done
        back.disabled = again.disabled = not chooser.given
        if done:
            again.focus()  # the button that was pressed is off now, and would lose the keyboard

    def does(action: Any, *arguments: Any) -> Any:
        def pressed(_: Any) -> None:
            action(*arguments)
            show()
            if not chooser.given:
                yes.focus()

        return pressed

    yes.on_click(does(chooser.answer, True))
    no.on_click(does(chooser.answer, False))
    back.on_click(does(chooser.back))
    again.on_click(does(chooser.restart))
    show()
    return ipywidgets.VBox([card, ipywidgets.HBox([yes, no, back, again])])
