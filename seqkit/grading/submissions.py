"""What was handed in: finding the notebooks, and reading one without trusting it.

    FOLDER/<student>/NN_slug.ipynb

Everything here may have been made by somebody who wants to harm: links, huge files, broken JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqkit.grading.errors import GradingError, UnreadableError

MAX_BYTES = 20_000_000  # a notebook with its pictures
MAX_SOURCE = 1_000_000  # characters of code; weights cannot hide in a literal

# A link is not followed, and opening a pipe does not wait; Windows knows neither.
_FLAGS = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))

# What programs add to a name: "01_first_stack (1)", "01_first_stack-Copy1", "Copy of 01_...",
# "01_first_stack - Copy (2)".
_COPY_OF = re.compile(r"^(?:[Cc]opy of )+")
_COPY = re.compile(r"(?:[ _-]*\(\d+\)|[ _-]*[Cc]opy ?\d*|[ _-]\d)+$")


@dataclass(frozen=True)
class Submission:
    """One notebook that was handed in.

    Attributes:
        student: the name of the folder that it lies in.
        exercise: the name of the exercise, `01_first_stack`.
        path: the file; nothing is known about it yet.
    """

    student: str
    exercise: str
    path: Path


@dataclass(frozen=True)
class CodeCell:
    """A code cell of a submission.

    Attributes:
        id: the id of the cell, "" where there is none.
        role: what its metadata says: setup, given, answer, check, or "".
        question: the question that its metadata names, or "".
        source: the code.
    """

    id: str
    role: str
    question: str
    source: str


@dataclass(frozen=True)
class Handed:
    """A submission that could be read.

    Attributes:
        digest: the SHA-256 digest of the file.
        cells: its code cells.
        text_ids: the ids of the cells that are not code; a check cell may have been turned to text.
        notes: what is odd about the file.
    """

    digest: str
    cells: tuple[CodeCell, ...]
    text_ids: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def find(folder: Path, exercises: Iterable[str]) -> list[Submission]:
    """List the submissions of a folder, by student and exercise.

    Args:
        folder: holds one folder for each student.
        exercises: the names of the exercises, such as `01_first_stack`.

    Returns:
        The submissions. A copy such as `01_first_stack (1).ipynb` counts where the plain name is
        missing; of several copies the last by name counts.

    Raises:
        GradingError: when the folder does not exist.
    """
    if not folder.is_dir():
        raise GradingError(
            f"There is no folder {folder}. It should hold one folder for each student."
        )
    known = set(exercises)
    found: dict[tuple[str, str], Path] = {}
    for student in sorted(folder.iterdir()):
        if not stat.S_ISDIR(student.lstat().st_mode):  # a link to another folder is no student
            continue
        try:
            files = sorted(student.iterdir(), key=lambda path: (len(path.name), path.name))
        except OSError:  # not ours to read: the others are graded
            continue
        for path in files:
            if path.suffix != ".ipynb" or path.name.startswith("."):
                continue
            exact = path.stem in known
            name = path.stem if exact else plain_name(path.stem)
            if name in known and (exact or not _is_plain(found.get((student.name, name)), name)):
                found[student.name, name] = path
    return [Submission(student, name, path) for (student, name), path in sorted(found.items())]


def passed_over(folder: Path, found: Iterable[Submission]) -> list[tuple[Path, Path]]:
    """List the copies that do not count, since another file of the same student does.

    Args:
        folder: holds one folder for each student.
        found: all submissions in it.

    Returns:
        Pairs: the copy, and the file that counts. A person should look which was meant.
    """
    counts = {(one.path.parent, one.exercise): one.path for one in found}
    pairs = []
    for path in sorted(folder.glob("*/*.ipynb")):
        # An exercise may itself have a name like that of a copy.
        chosen = counts.get((path.parent, path.stem)) or counts.get(
            (path.parent, plain_name(path.stem))
        )
        if chosen not in (None, path) and not path.name.startswith("."):
            pairs.append((path, chosen))
    return pairs


def without(folder: Path, found: Iterable[Submission]) -> list[str]:
    """List the folders of students that hold no submission.

    Args:
        folder: holds one folder for each student.
        found: all submissions in it.

    Returns:
        Their names.
    """
    there = {one.student for one in found}
    return sorted(
        place.name
        for place in folder.iterdir()
        if place.is_dir() and not place.name.startswith(".") and place.name not in there
    )


def unrecognised(folder: Path, exercises: Iterable[str]) -> list[Path]:
    """List the notebooks in the folders of students that have the name of no exercise.

    Args:
        folder: holds one folder for each student.
        exercises: the names of the exercises.

    Returns:
        The files; a person should look at their names.
    """
    known = set(exercises)
    return sorted(
        path
        for path in folder.glob("*/*.ipynb")
        if path.stem not in known and plain_name(path.stem) not in known
    )


def plain_name(stem: str) -> str:
    """The name of a notebook without what programs add to the name of a copy.

    Args:
        stem: the name of a file without its ending.

    Returns:
        The name that it was copied from.

    Example:
        >>> plain_name("01_first_stack (1)"), plain_name("Copy of 01_first_stack")
        ('01_first_stack', '01_first_stack')
    """
    return _COPY.sub("", _COPY_OF.sub("", stem))


def _is_plain(path: Path | None, name: str) -> bool:
    return path is not None and path.stem == name


def read(path: Path) -> Handed:
    """Read a notebook that was handed in.

    Args:
        path: the file.

    Returns:
        Its code cells.

    Raises:
        UnreadableError: when it is a link, too large, empty, or no notebook.
    """
    content = _bytes(path)
    digest = hashlib.sha256(content).hexdigest()
    notebook = _json(content)
    if notebook.get("nbformat") != 4:
        notebook = _converted(content)
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise UnreadableError("The file is JSON, but no notebook: it has no list of cells.")
    code = tuple(_cell(cell) for cell in cells if _is(cell, "code"))
    if sum(len(cell.source) for cell in code) > MAX_SOURCE:
        raise UnreadableError(
            f"The notebook holds more than {MAX_SOURCE:,} characters of code. Write what computes "
            "an answer, not its numbers."
        )
    text = [str(cell.get("id", "")) for cell in cells if isinstance(cell, dict)]
    ids = [cell.id for cell in code if cell.id]
    notes = ("Two cells have the same id: the file was changed outside Jupyter.",)
    return Handed(
        digest, code, frozenset(text) - set(ids), notes if len(ids) > len(set(ids)) else ()
    )


def _bytes(path: Path) -> bytes:
    """The content of a plain file; a link is not followed, a device is not read."""
    try:
        file = os.open(path, os.O_RDONLY | _FLAGS)
    except OSError as error:
        raise UnreadableError(
            f"The file cannot be opened ({error.strerror}). A link is not followed: hand in the "
            "notebook itself."
        ) from None
    try:
        facts = os.fstat(file)
        if not stat.S_ISREG(facts.st_mode):
            raise UnreadableError("This is no file. Hand in the notebook itself.")
        if facts.st_size > MAX_BYTES:
            raise UnreadableError(
                f"The file has {facts.st_size / 1e6:.0f} MB; the limit is {MAX_BYTES / 1e6:.0f} MB."
                " Clear the outputs and hand it in again."
            )
        with os.fdopen(file, "rb", closefd=False) as stream:
            content = stream.read(MAX_BYTES + 1)
    finally:
        os.close(file)
    if not content.strip():
        raise UnreadableError("The file is empty. Save the notebook, and hand it in again.")
    return content


def _json(content: bytes) -> dict[str, Any]:
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UnreadableError(
            "The file is no notebook: its JSON is broken. Open it in Jupyter, save it, and hand it "
            "in again."
        ) from None
    if not isinstance(notebook, dict):
        raise UnreadableError("The file is JSON, but no notebook.")
    return notebook


def _converted(content: bytes) -> dict[str, Any]:
    """A notebook of an older or newer format, as format 4."""
    import nbformat

    try:
        return dict(nbformat.reads(content.decode("utf-8-sig"), as_version=4))
    except Exception:  # nbformat raises many kinds
        raise UnreadableError(
            "The notebook has a format that cannot be read. Save it with JupyterLab 4."
        ) from None


def _is(cell: object, kind: str) -> bool:
    return isinstance(cell, dict) and cell.get("cell_type") == kind


def _cell(cell: dict[str, Any]) -> CodeCell:
    """The parts of a cell that count, whatever is written there."""
    metadata = cell.get("metadata")
    marks = metadata.get("seqkit") if isinstance(metadata, dict) else None
    marks = marks if isinstance(marks, dict) else {}
    return CodeCell(
        id=_text(cell.get("id")),
        role=_text(marks.get("role")),
        question=_text(marks.get("question")),
        source=_source(cell.get("source")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _source(value: object) -> str:
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    # A lone surrogate is no text: it cannot be sent to a kernel.
    return _text(value).encode("utf-8", "replace").decode()
