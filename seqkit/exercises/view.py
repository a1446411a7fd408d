"""What the learner sees: every outcome, hint and solution as text, and richer as HTML.

The text says everything. The HTML adds a coloured edge, which is never the only signal, and takes
its text and background colours from the page, so that light and dark themes are both legible.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from seqkit.display import escape, in_notebook, preformatted
from seqkit.exercises.solutions_store import are_shipped
from seqkit.exercises.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from seqkit.exercises.question import Question

# A mark, and an edge colour that people with any colour vision tell apart (Okabe and Ito).
_MARKS = {
    Verdict.CORRECT: ("✓", "#009E73"),
    Verdict.PARTIAL: ("~", "#E69F00"),
    Verdict.INCORRECT: ("✗", "#D55E00"),
    Verdict.NOT_ATTEMPTED: ("-", "#7F7F7F"),
    Verdict.CRASHED: ("!", "#D55E00"),
    Verdict.UNCHECKABLE: ("?", "#7F7F7F"),
}
_BLUE = "#0072B2"
_WIDTH = 96


def stars(difficulty: int) -> str:
    """Write a difficulty of 1 to 3 as marks.

    Args:
        difficulty: 1, 2 or 3.

    Returns:
        Three marks.

    Example:
        >>> stars(2)
        '★★☆'
    """
    return "★" * difficulty + "☆" * (3 - difficulty)


def points(question: Question, credit: float = 1.0) -> str:
    """Write the points that an answer earns.

    Args:
        question: the question.
        credit: the share that was earned.

    Returns:
        For example `1 of 2 points`.

    Example:
        >>> from seqkit.exercises import ex01
        >>> points(ex01.q2, 0.5), points(ex01.q2, 2 / 3)
        ('1 of 2 points', '1.3 of 2 points')
    """
    unit = "point" if question.points == 1 else "points"
    return f"{round(question.points * credit, 1):g} of {question.points} {unit}"


def question_text(question: Question) -> str:
    """Describe a question in two lines.

    Args:
        question: the question.

    Returns:
        Its title, kind, time, difficulty and points, and what can be called.

    Example:
        >>> from seqkit.exercises import ex01
        >>> print(question_text(ex01.q1).splitlines()[1])
          .check(answer)  .hint()  .solution()
    """
    unit = "point" if question.points == 1 else "points"
    return (
        f"Question {question.number} · {question.title} ({question.kind} · {question.minutes} "
        f"minutes · {stars(question.difficulty)} · {question.points} {unit})\n"
        "  .check(answer)  .hint()  .solution()"
    )


def outcome_text(question: Question, outcome: Outcome) -> str:
    """Write an outcome as plain text.

    Args:
        question: the question that was checked.
        outcome: the result.

    Returns:
        A headline, the message, and the shape trace where there is one.
    """
    lines = [f"{_MARKS[outcome.verdict][0]} {_headline(question, outcome)}"]
    lines += [_indented(line) for line in outcome.message.splitlines()]
    if outcome.trace:
        lines += ["", textwrap.indent(outcome.trace, "  ")]
    return "\n".join(lines)


def outcome_html(question: Question, outcome: Outcome) -> str:
    """Write an outcome as HTML.

    Args:
        question: the question that was checked.
        outcome: the result.

    Returns:
        The same content as the text.
    """
    mark, colour = _MARKS[outcome.verdict]
    body = "".join(f"<p style='margin:0.2em 0'>{escape(line)}</p>" for line in _lines(outcome))
    if outcome.trace:
        body += preformatted(outcome.trace)
    return _card(f"{mark} {_headline(question, outcome)}", body, colour)


def show_outcome(question: Question, outcome: Outcome) -> None:
    """Show an outcome in the notebook, or print it.

    Args:
        question: the question that was checked.
        outcome: the result.
    """
    show(outcome_text(question, outcome), outcome_html(question, outcome))


def show_hint(question: Question, hint: tuple[int, str] | None) -> None:
    """Show one hint, or say that there are no more.

    Args:
        question: the question.
        hint: its number and text, or None after the last.
    """
    if hint is None:
        title = f"No more hints · question {question.number}"
        text = f"You have seen all three. {question.name}.solution() shows one way to solve it."
    else:
        title, text = f"Hint {hint[0]} of 3 · question {question.number}", hint[1]
    body = "\n".join(_indented(line) for line in text.splitlines())
    html = "".join(f"<p style='margin:0.2em 0'>{escape(line)}</p>" for line in text.splitlines())
    show(f"{title}\n{body}", _card(title, html, _BLUE))


def show_solution(question: Question, code: str | None) -> None:
    """Show the solution, or say that none is shipped.

    Args:
        question: the question.
        code: the solution, or None.
    """
    title = f"Solution · question {question.number}"
    if code is None:
        number = question.exercise.removeprefix("ex")
        text = "The solutions of this course come later."
        if are_shipped():
            text = (
                "No solution is stored for this question here. Read the notebook in the folder "
                f"solutions/ whose name begins with {number}."
            )
        show(f"{title}\n  {text}", _card(title, f"<p style='margin:0.2em 0'>{text}</p>", _BLUE))
        return
    show(f"{title}\n{textwrap.indent(code, '  ')}", _card(title, preformatted(code), _BLUE))


def show(text: str, html: str) -> None:
    """Show both forms in a notebook, or print the text elsewhere.

    Args:
        text: the plain form.
        html: the rich form.

    Example:
        >>> show("plain", "<b>rich</b>")
        plain
    """
    if not in_notebook():
        print(text)
        return
    from IPython.display import display

    display({"text/plain": text, "text/html": html}, raw=True)


def _headline(question: Question, outcome: Outcome) -> str:
    head = f"{outcome.verdict.label} · question {question.number}"
    if outcome.verdict in {Verdict.CORRECT, Verdict.PARTIAL}:
        head += f" · {points(question, outcome.credit)}"
    return head


def _lines(outcome: Outcome) -> list[str]:
    return outcome.message.splitlines()


def _indented(line: str) -> str:
    """One paragraph, wrapped and moved in; a line that is moved in already is code and stays."""
    if line.startswith(" "):
        return f"  {line}"
    return textwrap.fill(line, _WIDTH, initial_indent="  ", subsequent_indent="  ")


def _card(title: str, body: str, colour: str) -> str:
    return (
        f"<div style='border-left:4px solid {colour};padding:0.2em 0.8em;margin:0.4em 0'>"
        f"<p style='margin:0.2em 0'><strong>{escape(title)}</strong></p>{body}</div>"
    )
