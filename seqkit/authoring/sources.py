"""The text sources: Python files in the py:percent form, read with jupytext."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from seqkit.authoring.errors import SourceError

LESSONS = "lessons"
SOLUTIONS = "solutions"
EXERCISES = "exercises"

Notebook: TypeAlias = Any  # a notebook of nbformat, which has no types
Cell: TypeAlias = Any

_SLUG = re.compile(r"\d{2}_[a-z0-9_]+")


@dataclass(frozen=True)
class Source:
    """One text source.

    Attributes:
        root: the folder of the course.
        folder: `lessons` or `solutions`.
        slug: the name of the notebook without its ending, `01_first_stack`.
    """

    root: Path
    folder: str
    slug: str

    @property
    def path(self) -> Path:
        """The Python file."""
        return self.root / self.folder / "src" / f"{self.slug}.py"

    @property
    def exercise(self) -> str:
        """The name of the exercise of the same number: `ex01`."""
        return f"ex{self.slug[:2]}"

    def read(self) -> Notebook:
        """Read the file as a notebook without outputs.

        Returns:
            A notebook as nbformat knows it.
        """
        import jupytext

        return jupytext.reads(self.path.read_text(encoding="utf-8"), fmt="py:percent")


def sources(root: Path, folder: str, only: str | None = None) -> Iterator[Source]:
    """Find the sources of one folder, in order.

    Args:
        root: the folder of the course.
        folder: `lessons` or `solutions`.
        only: take only names that begin so, `"01"` for example.

    Yields:
        One source for each Python file.

    Raises:
        SourceError: for a file name that is not of the form NN_slug.py.
    """
    for path in sorted((root / folder / "src").glob("*.py")):
        if not _SLUG.fullmatch(path.stem):
            raise SourceError(f"{path.name} is not named NN_slug.py, like 01_first_stack.py.")
        if only is None or path.stem.startswith(only):
            yield Source(root, folder, path.stem)


def find_root(start: Path | None = None) -> Path:
    """Find the folder of the course from somewhere inside it.

    Args:
        start: where to begin; the working folder by default.

    Returns:
        The first folder upwards that holds `pyproject.toml` and `lessons` or `solutions`.

    Raises:
        SourceError: when there is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        marks = (folder / LESSONS / "src", folder / SOLUTIONS / "src")
        if (folder / "pyproject.toml").is_file() and any(mark.is_dir() for mark in marks):
            return folder
    raise SourceError(f"{here} is not inside the course. Change to its folder, or give --root.")
