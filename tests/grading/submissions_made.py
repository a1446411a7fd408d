"""Notebooks for the tests of grading: solutions of the course, changed as a student might."""

from __future__ import annotations

import copy
import json
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from seqkit.grading.results import QuestionResult, SubmissionResult, Verdict

ROOT = Path(__file__).resolve().parents[2]
FIRST = "01_first_stack"

# Parts of exercise 01 that are quick to run. `small` has a number and a function; `quick` has a
# model and a list of layers, too; `whole` also trains.
PARTS = {
    "small": ("q1", "q5"),
    "quick": ("q1", "q2", "q3", "q5"),
    "whole": ("q1", "q2", "q3", "q4", "q5", "q6"),
}

Notebook = dict[str, Any]


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def exercise(name: str = FIRST) -> Notebook:
    """An exercise as students get it."""
    return dict(json.loads(_text(ROOT / "exercises" / f"{name}.ipynb")))


def solution(name: str = FIRST) -> Notebook:
    """An exercise with the answers of the course."""
    return dict(json.loads(_text(ROOT / "solutions" / f"{name}.ipynb")))


def part(notebook: Notebook, name: str) -> Notebook:
    """A part of exercise 01, as a copy."""
    shorter = copy.deepcopy(notebook)
    if name != "whole":
        shorter["cells"] = [cell for cell in shorter["cells"] if _is_in(cell, PARTS[name])]
    return shorter


def _is_in(cell: Mapping[str, Any], questions: tuple[str, ...]) -> bool:
    marks = cell["metadata"].get("seqkit", {})
    return marks.get("question", "q1") in questions and marks.get("role") != "given"


def masters_of_parts(folder: Path) -> Path:
    """Write the parts of exercise 01 into a folder, as exercises of a course."""
    for name in PARTS:
        write(part(exercise(), name), folder / f"01_{name}.ipynb")
    return folder


def write(notebook: object, path: Path) -> Path:
    """Write a notebook, well formed or not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def place(notebook: Notebook, cell_id: str) -> int:
    """Where a cell stands."""
    ids = [cell.get("id") for cell in notebook["cells"]]
    return ids.index(cell_id)


def cell(notebook: Notebook, cell_id: str) -> dict[str, Any]:
    """The cell with an id."""
    found: dict[str, Any] = notebook["cells"][place(notebook, cell_id)]
    return found


def source(notebook: Notebook, cell_id: str) -> str:
    """The text of a cell."""
    text = cell(notebook, cell_id)["source"]
    return text if isinstance(text, str) else "".join(text)


def answer(notebook: Notebook, question: str, code: str) -> None:
    """Put code into the answer cell of a question."""
    cell(notebook, f"{question}-answer")["source"] = code


def before(notebook: Notebook, question: str, code: str) -> None:
    """Put code in front of the answer to a question, which stays as it is."""
    answer(notebook, question, f"{code}\n{source(notebook, f'{question}-answer')}")


def after(notebook: Notebook, question: str, code: str) -> None:
    """Put code behind the answer to a question, which stays as it is."""
    answer(notebook, question, f"{source(notebook, f'{question}-answer')}\n{code}")


def code_cell(code: str, **fields: Any) -> dict[str, Any]:
    """A cell that a student adds."""
    number = zlib.crc32(code.encode("utf-8", "replace"))
    plain: dict[str, Any] = {
        "cell_type": "code",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
    }
    return plain | {"id": f"own-{number}", "source": code} | fields


def insert(notebook: Notebook, index: int, code: str, **fields: Any) -> None:
    """Add a code cell."""
    notebook["cells"].insert(index, code_cell(code, **fields))


def verdicts(result: SubmissionResult) -> dict[str, Verdict]:
    """The verdicts by question."""
    return {one.question: one.verdict for one in result.questions}


def by_name(result: SubmissionResult) -> dict[str, QuestionResult]:
    """The results by question."""
    return {one.question: one for one in result.questions}
