"""`seqkit build`: everything derived from the sources, and the check that nothing drifted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from seqkit.authoring import notebooks
from seqkit.authoring.checks import failed_checks
from seqkit.authoring.errors import CellFailedError
from seqkit.authoring.execute import execute, keep_outputs
from seqkit.authoring.sources import EXERCISES, LESSONS, SOLUTIONS, Notebook, Source, sources


@dataclass(frozen=True)
class Target:
    """One derived notebook.

    Attributes:
        source: what it is made from.
        folder: where it lies: lessons, solutions or exercises.
    """

    source: Source
    folder: str

    @property
    def path(self) -> Path:
        """The notebook file."""
        return self.source.root / self.folder / f"{self.source.slug}.ipynb"

    @property
    def has_outputs(self) -> bool:
        """Whether outputs are stored: in lessons and solutions."""
        return self.folder != EXERCISES

    def make(self) -> Notebook:
        """Make the notebook without outputs."""
        makers = {
            LESSONS: notebooks.lesson,
            SOLUTIONS: notebooks.solution,
            EXERCISES: notebooks.exercise,
        }
        return makers[self.folder](self.source)


def build(
    root: Path,
    only: str | None = None,
    run: bool = True,
    force: bool = False,
    say: Callable[[str], None] = print,
) -> list[Path]:
    """Make the notebooks and the solution files, and write those that changed.

    Args:
        root: the folder of the course.
        only: build only names that begin so, `"01"` for example.
        run: run the notebooks whose code changed.
        force: run all of them.
        say: receives one line for each file.

    Returns:
        The files that were written.

    Raises:
        SourceError: when a source is not right.
        CellFailedError: when a cell fails, or a solution does not pass its own check.
    """
    written = []
    for source in sources(root, SOLUTIONS, only):
        path = solutions_file(source)
        if _write(path, solutions_text(source)):
            written.append(path)
    for target in targets(root, only):
        notebook = target.make()
        stored = _read(target.path)
        kept = stored is not None and not force and keep_outputs(notebook, stored)
        if target.has_outputs and run and not kept:
            say(f"run     {_name(target)}")
            execute(notebook, target.path, root)
            _refuse_failed_checks(notebook, target)
        if _write(target.path, _text(notebook)):
            written.append(target.path)
            say(f"wrote   {_name(target)}")
    return written


def drift(root: Path, only: str | None = None) -> list[str]:
    """Compare every derived file with its source, without running anything.

    Args:
        root: the folder of the course.
        only: compare only names that begin so.

    Returns:
        One line for each difference; empty when all is in step.
    """
    found = []
    for source in sources(root, SOLUTIONS, only):
        path = solutions_file(source)
        if not path.is_file() or path.read_text(encoding="utf-8") != solutions_text(source):
            found.append(f"{path.relative_to(root)}: differs from {source.slug}.py")
    expected = set()
    for target in targets(root, only):
        expected.add(target.path)
        found += _differences(target)
    return found + [
        f"{path.relative_to(root)}: has no source"
        for folder in (LESSONS, SOLUTIONS, EXERCISES)
        for path in sorted((root / folder).glob(f"{only or ''}*.ipynb"))
        if path not in expected
    ]


def targets(root: Path, only: str | None = None) -> Iterator[Target]:
    """List the notebooks that the sources give.

    Args:
        root: the folder of the course.
        only: take only names that begin so.

    Yields:
        Lessons, solutions, exercises.
    """
    for source in sources(root, LESSONS, only):
        yield Target(source, LESSONS)
    for source in sources(root, SOLUTIONS, only):
        yield Target(source, SOLUTIONS)
        yield Target(source, EXERCISES)


def solutions_file(source: Source) -> Path:
    """The file with the solutions of one exercise, inside the library.

    Args:
        source: a source of `solutions/src`.

    Returns:
        The path of `exNN.json`.
    """
    return source.root / "seqkit" / "exercises" / "solutions" / f"{source.exercise}.json"


def solutions_text(source: Source) -> str:
    """The content of that file.

    Args:
        source: a source of `solutions/src`.

    Returns:
        JSON text: question name to code.
    """
    return json.dumps(notebooks.solution_code(source), indent=1, ensure_ascii=False) + "\n"


def _refuse_failed_checks(notebook: Notebook, target: Target) -> None:
    """A solution that its own check refuses must never be stored."""
    failed = failed_checks(notebook) if target.folder == SOLUTIONS else []
    if failed:
        raise CellFailedError(
            f"{_name(target)}: the solution does not pass its own check in {', '.join(failed)}."
        )


def _differences(target: Target) -> list[str]:
    """What differs between a stored notebook and its source."""
    stored = _read(target.path)
    if stored is None:
        return [f"{_name(target)}: missing; run `seqkit build`"]
    made = target.make()
    if target.has_outputs:
        _drop_outputs(stored)
    if _text(stored) == _text(made):
        return []
    for number, (before, now) in enumerate(zip(stored.cells, made.cells, strict=False), start=1):
        if before != now:
            return [f"{_name(target)}: {notebooks.place(now, number)} differs from its source"]
    return [f"{_name(target)}: metadata or the number of cells differs from its source"]


def _drop_outputs(notebook: Notebook) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def _read(path: Path) -> Notebook | None:
    import nbformat

    return nbformat.read(path, as_version=4) if path.is_file() else None


def _text(notebook: Notebook) -> str:
    import nbformat

    nbformat.validate(notebook)
    return str(nbformat.writes(notebook, version=4)).rstrip("\n") + "\n"


def _write(path: Path, text: str) -> bool:
    """Write a file when its content changes; whole or not at all."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(path.suffix + ".part")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
    return True


def _name(target: Target) -> str:
    return f"{target.folder}/{target.path.name}"
