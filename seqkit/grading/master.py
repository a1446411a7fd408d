"""The instructor's exercise notebook: what is asked, and what is run around the answers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from seqkit.authoring.check_cells import answer_expression
from seqkit.grading.errors import GradingError, UnreadableError
from seqkit.grading.submissions import CodeCell, Handed, read


@dataclass(frozen=True)
class Master:
    """One exercise as the instructor gives it.

    Attributes:
        exercise: the name of the notebook, `01_first_stack`.
        handed: its code cells.

    Example:
        >>> Master("01_first_stack", Handed("", ())).module_name
        'ex01'
    """

    exercise: str
    handed: Handed

    @property
    def cells(self) -> tuple[CodeCell, ...]:
        """The code cells in order."""
        return self.handed.cells

    @property
    def digest(self) -> str:
        """The SHA-256 digest of the notebook."""
        return self.handed.digest

    @property
    def module_name(self) -> str:
        """The name of the exercise in the library, `ex01`."""
        return f"ex{self.exercise[:2]}"

    @property
    def question_names(self) -> tuple[str, ...]:
        """The questions that the notebook asks, in order."""
        names = [cell.question for cell in self.cells if cell.role == "check" and cell.question]
        return tuple(dict.fromkeys(names))

    @cached_property
    def expressions(self) -> dict[str, str]:
        """What each check cell gives to its question, as source: `{"q1": "parameters"}`."""
        return {
            cell.question: answer_expression(cell.source, cell.question)
            for cell in self.cells
            if cell.role == "check" and cell.question
        }


def load(path: Path) -> Master:
    """Read one exercise notebook.

    Args:
        path: the notebook as the course builds it.

    Returns:
        The master.

    Raises:
        GradingError: when it cannot be read or asks nothing.
    """
    try:
        handed = read(path)
    except UnreadableError as error:
        raise GradingError(f"The exercise {path} cannot be read: {error}") from None
    master = Master(path.stem, handed)
    if not any(cell.role == "answer" for cell in handed.cells):
        raise GradingError(f"{path} has no cell with the role answer; it is no exercise.")
    return master


def load_all(folder: Path) -> dict[str, Master]:
    """Read the exercise notebooks of a folder.

    Args:
        folder: the folder `exercises` of the course.

    Returns:
        Exercise name to master.

    Raises:
        GradingError: when there is none.
    """
    found = {path.stem: load(path) for path in sorted(folder.glob("[0-9][0-9]_*.ipynb"))}
    if not found:
        raise GradingError(
            f"There are no exercise notebooks in {folder}. Name the folder 'exercises' of the "
            "course with --master."
        )
    return found


def find_folder(start: Path) -> Path | None:
    """Look for the folder `exercises` of the course, here and in the folders above.

    Args:
        start: where to begin.

    Returns:
        The folder, or None.
    """
    for folder in (start, *start.parents):
        if any((folder / "exercises").glob("[0-9][0-9]_*.ipynb")):
            return folder / "exercises"
    return None


def combined_digest(masters: dict[str, Master]) -> str:
    """One digest of several masters: graded by the same course, or not."""
    text = "\n".join(f"{name} {master.digest}" for name, master in sorted(masters.items()))
    return hashlib.sha256(text.encode()).hexdigest()
