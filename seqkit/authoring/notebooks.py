"""From a source to notebooks without outputs: lesson, solution and exercise.

Cell metadata in a source, as jupytext writes it:

    # %% [markdown]                                              text
    # %% [markdown] seqkit={"role": "text", "only": "solutions"}  not in the exercise
    # %% seqkit={"role": "setup"}                                imports, seed, device
    # %% seqkit={"role": "given"}                                code that an exercise gives
    # %% seqkit={"role": "answer", "question": "q1", "points": 2}  see regions.py
    # %% seqkit={"role": "check", "question": "q1"}              q1.check(...)
    # %% seqkit={"role": "check"}                                a quick question, code folded
    # %% seqkit={"headline": "CNN {score:.1%}"}                  what `seqkit full` prints after it
    # %% tags=["nbval-ignore-output"]                            pictures and timings only

Text without a role is `text`, code without one is `given`.

The ids of cells depend on their content only, so that one change moves one id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from seqkit.authoring import macros, regions
from seqkit.authoring.errors import SourceError
from seqkit.authoring.sources import (
    EXERCISES,
    LESSONS,
    SOLUTIONS,
    Cell,
    Notebook,
    Source,
)

ROLES = ("setup", "given", "answer", "check", "text")

_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    # No version: it would be that of the machine on which the notebook was made.
    "language_info": {"name": "python"},
}


def lesson(source: Source) -> Notebook:
    """Make the notebook of a lesson.

    Args:
        source: a source of `lessons/src`.

    Returns:
        The notebook without outputs.
    """
    return _notebook(source, LESSONS)


def solution(source: Source) -> Notebook:
    """Make the solution notebook.

    Args:
        source: a source of `solutions/src`.

    Returns:
        The notebook without outputs.
    """
    return _notebook(source, SOLUTIONS)


def exercise(source: Source) -> Notebook:
    """Make the exercise notebook: the answers are cut, their starters stand in their place.

    Args:
        source: a source of `solutions/src`.

    Returns:
        The notebook without outputs.
    """
    return _notebook(source, EXERCISES)


def solution_code(source: Source) -> dict[str, str]:
    """Collect the solution of each question.

    Args:
        source: a source of `solutions/src`.

    Returns:
        Question name to code.
    """
    found: dict[str, list[str]] = {}
    for number, cell in enumerate(source.read().cells, start=1):
        if role(cell) == "answer":
            with _located(source, number):
                code = regions.solution(cell.source)
            found.setdefault(cell.metadata["seqkit"]["question"], []).append(code)
    return {name: "\n\n".join(parts) for name, parts in sorted(found.items())}


def role(cell: Cell) -> str:
    """The role of a cell; text or given where the metadata says nothing.

    Args:
        cell: a cell of a notebook.

    Returns:
        One of `ROLES`.
    """
    named = cell.metadata.get("seqkit", {}).get("role")
    return named or ("text" if cell.cell_type == "markdown" else "given")


def place(cell: Cell, number: int) -> str:
    """Name a cell for a person.

    Args:
        cell: the cell.
        number: its place in the notebook, from 1.

    Returns:
        For example `cell 7 (q1-answer)`.
    """
    return f"cell {number} ({cell.get('id', role(cell))})"


def _notebook(source: Source, folder: str) -> Notebook:
    import nbformat

    path = f"{folder}/{source.slug}.ipynb"
    cells: list[Cell] = []
    used: set[str] = set()
    for number, cell in enumerate(source.read().cells, start=1):
        with _located(source, number):
            _check_metadata(cell)
            if cell.metadata.get("seqkit", {}).get("only") in (None, folder):
                identity = _unused(_identity(cell), used)
                cells.append(_cell(cell, source, folder, path, identity))
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=_METADATA)
    nbformat.validate(notebook)
    return notebook


def _cell(cell: Cell, source: Source, folder: str, path: str, identity: str) -> Cell:
    """One cell as the reader of this folder gets it."""
    import nbformat

    metadata = _metadata(cell, source)
    if cell.cell_type == "markdown":
        text = macros.expand_text(cell.source, source, path)
        return nbformat.v4.new_markdown_cell(text, id=identity, metadata=metadata)
    code = macros.expand_code(cell.source, source)
    if role(cell) == "answer":
        code = regions.starter(code) if folder == EXERCISES else regions.solution(code)
    elif regions.has_region(code):
        raise SourceError("Only a cell of the role answer may hold solution markers.")
    return nbformat.v4.new_code_cell(code, id=identity, metadata=metadata)


def _metadata(cell: Cell, source: Source) -> dict[str, Any]:
    """What is stored with the cell: its role, and tags."""
    seqkit = {"role": role(cell)} | dict(cell.metadata.get("seqkit", {}))
    for ours in ("only", "headline"):
        seqkit.pop(ours, None)
    metadata: dict[str, Any] = {"seqkit": seqkit}
    if seqkit["role"] == "answer":
        metadata["seqkit"]["points"] = _points(source, seqkit)
    if cell.metadata.get("tags"):
        metadata["tags"] = list(cell.metadata["tags"])
    if seqkit["role"] == "check" and "question" not in seqkit:
        metadata["jupyter"] = {
            "source_hidden": True
        }  # the code of a quick question tells its answer
    return metadata


def _points(source: Source, seqkit: dict[str, Any]) -> int:
    """The points of a question, which stand in its exercise file."""
    points = int(macros.find_question(source.exercise, seqkit["question"]).points)
    if seqkit.get("points", points) != points:
        raise SourceError(
            f"The cell says {seqkit['points']} points, {source.exercise}.{seqkit['question']} says "
            f"{points}."
        )
    return points


def _check_metadata(cell: Cell) -> None:
    seqkit = cell.metadata.get("seqkit", {})
    if role(cell) not in ROLES:
        raise SourceError(f"The role {role(cell)!r} does not exist. Roles: {', '.join(ROLES)}.")
    if role(cell) == "answer" and "question" not in seqkit:
        raise SourceError('An answer cell names its question: "question": "q1".')
    if seqkit.get("only") not in (None, EXERCISES, SOLUTIONS):
        raise SourceError('"only" is "exercises" or "solutions".')


def _identity(cell: Cell) -> str:
    """An id from the content: the question and role, or a digest of the source."""
    question = cell.metadata.get("seqkit", {}).get("question")
    if question and role(cell) in {"answer", "check"}:
        return f"{question}-{role(cell)}"
    digest = hashlib.sha256(cell.source.encode()).hexdigest()[:10]
    return f"{'macro' if macros.is_macro(cell.source) else role(cell)}-{digest}"


def _unused(identity: str, used: set[str]) -> str:
    """The id, with a number where two cells would have the same."""
    candidate, number = identity, 1
    while candidate in used:
        number += 1
        candidate = f"{identity}-{number}"
    used.add(candidate)
    return candidate


@contextmanager
def _located(source: Source, number: int) -> Iterator[None]:
    """Let a fault name the file and the cell."""
    try:
        yield
    except SourceError as error:
        raise SourceError(f"{source.folder}/src/{source.slug}.py, cell {number}: {error}") from None
