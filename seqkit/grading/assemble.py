"""The notebook that is run: the master's cells, and only the student's own code put in.

Of a submission count the cells of the role `answer`, and cells that the student added. They are
put where they stood: an answer in its place, an added cell after the course's cell above it.
Setup, given and check cells come from the master, whatever became of them in the submission:
edited, deleted, turned into text. Outputs, tags and other metadata never count. Where the answer
cell of a question is missing, the added cells above its check are taken for the answer.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from seqkit.grading.master import Master
from seqkit.grading.submissions import CodeCell, Handed

Kind = Literal["course", "student", "check"]


@dataclass(frozen=True)
class Step:
    """One thing that the kernel does.

    Attributes:
        kind: run code of the course, run code of the student, or hand over an answer.
        source: the code; for a check the expression that gives the answer, `parameters`.
        question: the question that the cell belongs to, or "".
    """

    kind: Kind
    source: str
    question: str = ""


@dataclass(frozen=True)
class Assembly:
    """A submission made ready to run.

    Attributes:
        steps: in order.
        notes: what was restored or left out, one sentence each.
        answered: the questions that have a cell of the student.
    """

    steps: tuple[Step, ...]
    notes: tuple[str, ...]
    answered: frozenset[str]


def assemble(master: Master, handed: Handed) -> Assembly:
    """Put the student's cells into the master.

    Args:
        master: the exercise.
        handed: what the student handed in.

    Returns:
        The steps to run.
    """
    places = _Places(master)
    own: dict[int, list[CodeCell]] = defaultdict(list)  # after which cell of the master
    answers: dict[str, list[CodeCell]] = defaultdict(list)
    seen: set[int] = set()
    notes = list(handed.notes)
    anchor = -1
    for cell in handed.cells:
        place = places.find(cell)
        if place is None:
            _put(cell, anchor, master, own, answers)
            continue
        anchor = place
        seen.add(place)
        course = master.cells[place]
        if course.role == "answer":
            answers[course.question].append(cell)
        elif course.role in ("setup", "given") and _differs(cell, course):
            notes.append(f"A given cell was changed ({course.id}); the cell of the course was run.")
    notes += _missing(master, seen, handed)
    steps = tuple(_steps(master, own, answers))
    answered = {step.question for step in steps if step.kind == "student"}
    return Assembly(steps, tuple(notes), frozenset(answered))


def _put(
    cell: CodeCell,
    anchor: int,
    master: Master,
    own: dict[int, list[CodeCell]],
    answers: dict[str, list[CodeCell]],
) -> None:
    """An added cell below an answer belongs to the answer; elsewhere it stands for itself."""
    above = master.cells[anchor] if anchor >= 0 else None
    if above is not None and above.role == "answer":
        answers[above.question].append(cell)
    else:
        own[anchor].append(cell)


def _steps(
    master: Master, own: dict[int, list[CodeCell]], answers: dict[str, list[CodeCell]]
) -> list[Step]:
    steps = [Step("student", cell.source, _next_question(master, -1)) for cell in own[-1]]
    below: list[Step] = []  # added cells that are likely the answer: they come after the starter
    done: set[str] = set()
    for place, cell in enumerate(master.cells):
        if cell.role == "answer":
            given = answers.get(cell.question, [])
            if cell.question not in done or not given:  # a question may have two answer cells
                steps += [*_answer(cell, given), *below]
                below = []
            done.add(cell.question)
        elif cell.role == "check" and cell.question:
            steps.append(Step("check", master.expressions[cell.question], cell.question))
        else:
            steps.append(Step("course", cell.source))
        question = _next_question(master, place)
        added = [Step("student", one.source, question) for one in own[place]]
        if question in answers or question in done:
            steps += added
        else:
            below += added
    return [step for step in [*steps, *below] if step.source.strip()]


def _answer(starter: CodeCell, answers: list[CodeCell]) -> list[Step]:
    """The student's cells; without any, the starter, so that later cells find the name."""
    if not answers:
        return [Step("course", starter.source, starter.question)]
    return [Step("student", cell.source, starter.question) for cell in answers]


def _next_question(master: Master, place: int) -> str:
    """The question that follows a place: an added cell above it is likely a helper for it."""
    after = (cell.question for cell in master.cells[place + 1 :] if cell.question)
    return next(after, "")


def _missing(master: Master, seen: set[int], handed: Handed) -> list[str]:
    """Sentences on the cells of the course that are not in the submission."""
    notes = []
    for place, cell in enumerate(master.cells):
        if place in seen:
            continue
        as_text = " (it was turned into text)" if cell.id in handed.text_ids else ""
        if cell.role == "answer":
            notes.append(f"The answer cell of {cell.question} is missing{as_text}.")
        elif cell.role == "check" and cell.question:
            notes.append(
                f"The check cell of {cell.question} was missing{as_text}; it was put back."
            )
    return notes


def _differs(cell: CodeCell, course: CodeCell) -> bool:
    return cell.source.split() != course.source.split()


class _Places:
    """Finds the cell of the master that a cell of a submission is."""

    def __init__(self, master: Master) -> None:
        self._cells = master.cells
        self._by_id = {cell.id: place for place, cell in enumerate(master.cells)}
        self._by_source = {cell.source.strip(): place for place, cell in enumerate(master.cells)}
        self._by_mark = {
            (cell.role, cell.question): place
            for place, cell in reversed(list(enumerate(master.cells)))
            if cell.question
        }

    def find(self, cell: CodeCell) -> int | None:
        """The place of the cell in the master; None for a cell that the student added.

        The mark counts first, then the id, then the text: some programs that edit notebooks drop
        one or the other.
        """
        if (cell.role, cell.question) in self._by_mark:
            return self._by_mark[cell.role, cell.question]
        if cell.id in self._by_id:
            return self._by_id[cell.id]
        place = self._by_source.get(cell.source.strip())
        return None if place is None or self._cells[place].role == "answer" else place
