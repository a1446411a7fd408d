"""`seqkit release`: the bundle for students, without anything that gives answers away.

In it: a README, the exercises, the lessons, and the library without solutions and hidden cases.
Before a byte is written, every file is searched for every solution of the course.
"""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from seqkit.authoring import notebooks, regions
from seqkit.authoring.sources import EXERCISES, LESSONS, SOLUTIONS, find_root, sources
from seqkit.files import write_whole
from seqkit.grading.errors import GradingError

TOP = "seqkit-course"  # the folder inside a zip file
STARTERS = "seqkit/grading/starters"  # the exercises as they were given; `seqkit validate` compares

_NOTEBOOKS = "[0-9][0-9]_*.ipynb"
_CONSTRAINTS = ".binder/constraints.txt"
_COPIED = ("pyproject.toml", "LICENSE")
# Folders of the library that stay with the instructor.
_WITHHELD = ("seqkit/exercises/solutions", "seqkit/grading/hidden", STARTERS)
_TEXT = frozenset({".py", ".ipynb", ".md", ".json", ".toml", ".txt", ".yml", ".cfg", ""})
_OLDEST = (1980, 1, 1, 0, 0, 0)  # the first time that a zip file can name

_README = """\
# Exercises on Keras' `Sequential`

## Install, once

With conda: `conda env create -f environment.yml`, then `conda activate seqkit`.

Without: you need Python 3.11, 3.12 or 3.13. In this folder:

```sh
python -m venv .venv
. .venv/bin/activate            # on Windows: .venv\\Scripts\\activate
pip install -c constraints.txt -e ".[cpu,course]"
```

## Work

```sh
jupyter lab
```

Open a notebook of the folder `exercises`. Each question has a cell for your answer and a cell that
checks it at once. `.hint()` helps in three steps.{lessons}

- Write in the answer cells, and keep the names that stand there. You may add cells.
- Do not change the given cells and the check cells: the grader uses its own.
- `.check()` shows the same reasons as the grader. The grader also tries other inputs than those
  that you see, so an answer must work in general.

## Before you hand in

```sh
seqkit validate exercises/{first}.ipynb
```

This reads the file, runs nothing, and tells what is missing. Then hand in the notebook under the
name that it has. Outputs need not be there: the grader runs the notebook anew, without a network.

## The exercises

{table}
"""


@dataclass(frozen=True)
class Release:
    """What was made.

    Attributes:
        path: the zip file or the folder.
        names: the files in it, in order.
    """

    path: Path
    names: tuple[str, ...]


def release(root: Path, out: Path, lessons: bool = True) -> Release:
    """Make the bundle for students.

    Args:
        root: the folder of the course, or one inside it.
        out: a name that ends in `.zip` gives a zip file; any other, a folder.
        lessons: put the lessons in, too.

    Returns:
        What was made. Equal courses give equal bytes.

    Raises:
        GradingError: when a file holds a solution, an exercise is not as it was built, or `out` is
            a folder that is not empty.
    """
    files = dict(sorted(_files(find_root(root), lessons).items()))
    leaks = _leaks(find_root(root), files)
    if leaks:
        raise GradingError(f"Nothing was written: {'; '.join(leaks)}.")
    if out.suffix == ".zip":
        write_whole(out, _zipped(files))
    else:
        _write_folder(out, files)
    return Release(out, tuple(files))


def _files(root: Path, lessons: bool) -> dict[str, bytes]:
    """The bundle: each file with its content."""
    _refuse_answers(root)
    files = {name: (root / name).read_bytes() for name in _COPIED if (root / name).is_file()}
    files |= dict(_library(root))
    exercises = sorted((root / EXERCISES).glob(_NOTEBOOKS))
    if not exercises:
        raise GradingError(f"There are no exercises in {root / EXERCISES}. Run 'seqkit build'.")
    for path in exercises:
        files[f"{EXERCISES}/{path.name}"] = path.read_bytes()
        files[f"{STARTERS}/{path.name}"] = path.read_bytes()
    if lessons:
        for path in sorted((root / LESSONS).glob(_NOTEBOOKS)):
            files[f"{LESSONS}/{path.name}"] = path.read_bytes()
    files["README.md"] = _readme(exercises, lessons).encode()
    return files | _environment(root)


def _library(root: Path) -> Iterator[tuple[str, bytes]]:
    """The library without what is withheld, compiled files and what an editor leaves."""
    for path in sorted((root / "seqkit").rglob("*")):
        name = path.relative_to(root).as_posix()
        parts = PurePosixPath(name).parts
        hidden = any(part.startswith((".", "__pycache__")) for part in parts)
        withheld = any(name.startswith(f"{folder}/") for folder in _WITHHELD)
        if path.is_file() and not path.is_symlink() and not hidden and not withheld:
            yield name, path.read_bytes()


def _environment(root: Path) -> dict[str, bytes]:
    """The environment of the course, with its versions in a file that is easy to find."""
    files = {}
    if (root / "environment.yml").is_file():
        text = (root / "environment.yml").read_text(encoding="utf-8")
        files["environment.yml"] = text.replace(_CONSTRAINTS, "constraints.txt").encode()
    if (root / _CONSTRAINTS).is_file():
        files["constraints.txt"] = (root / _CONSTRAINTS).read_bytes()
    return files


def _readme(exercises: list[Path], lessons: bool) -> str:
    rows = [f"- [{_title(path)}]({EXERCISES}/{path.name})" for path in exercises]
    return _README.format(
        first=exercises[0].stem,
        lessons=" The lessons stand in the folder `lessons`." if lessons else "",
        table="\n".join(rows),
    )


def _title(path: Path) -> str:
    """The first heading of a notebook."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        for line in "".join(cell["source"]).splitlines():
            if line.startswith("# ") and cell["cell_type"] == "markdown":
                return line.removeprefix("# ").strip()
    return path.stem


# Nothing that gives answers away.


def _refuse_answers(root: Path) -> None:
    """An exercise that somebody has worked in would hand out the answers."""
    found = []
    for source in sources(root, SOLUTIONS):
        path = root / EXERCISES / f"{source.slug}.ipynb"
        if path.is_file():
            starters = {
                regions.starter(cell.source)
                for cell in source.read().cells
                if notebooks.role(cell) == "answer"
            }
            found += [
                f"{question} of {EXERCISES}/{path.name}"
                for question, text in _answers(path)
                if text not in starters
            ]
    if found:
        raise GradingError(
            f"Nothing was written: another text than the starter stands in {', '.join(found)}. "
            "Run 'seqkit build'."
        )


def _answers(path: Path) -> Iterator[tuple[str, str]]:
    """The answer cells of a notebook: question and text."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        marks = cell["metadata"].get("seqkit", {})
        if marks.get("role") == "answer":
            yield marks.get("question", ""), "".join(cell["source"])


def _leaks(root: Path, files: dict[str, bytes]) -> list[str]:
    """Where a solution of the course stands in the bundle, word for word."""
    texts = {name: _lines(_text(name, content)) for name, content in files.items()}
    found = []
    for path in sorted((root / "seqkit/exercises/solutions").glob("*.json")):
        for question, code in json.loads(path.read_text(encoding="utf-8")).items():
            wanted = _lines(code)
            found += [
                f"{name} holds the solution of {path.stem}.{question}"
                for name, text in texts.items()
                if wanted in text
            ]
    return found


def _text(name: str, content: bytes) -> str:
    """What a person could read in a file; the cells and outputs of a notebook."""
    if PurePosixPath(name).suffix not in _TEXT:
        return ""
    text = content.decode("utf-8", "replace")
    return "\n".join(_strings(json.loads(text))) if name.endswith(".ipynb") else text


def _strings(value: object) -> Iterator[str]:
    """All text in JSON values. The lines of a cell are a list; they belong together."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        yield "".join(value)
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)


def _lines(text: str) -> str:
    """The lines without their indentation and without empty ones, to compare whole lines."""
    kept = (line.strip() for line in text.splitlines())
    return "\n" + "".join(f"{line}\n" for line in kept if line)


# The zip file and the folder.


def _zipped(files: dict[str, bytes]) -> bytes:
    """A zip file that depends on its content only: fixed dates, rights and order."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as bundle:
        for name, content in files.items():
            entry = zipfile.ZipInfo(f"{TOP}/{name}", _OLDEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, wherever it is made
            entry.external_attr = 0o644 << 16
            bundle.writestr(entry, content)
    return stream.getvalue()


def _write_folder(out: Path, files: dict[str, bytes]) -> None:
    """The folder appears when it is complete."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise GradingError(f"{out} is there already. Name a new or an empty folder.")
    draft = out.with_name(f".{out.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    for name, content in files.items():
        path = draft / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    if out.exists():
        out.rmdir()
    draft.rename(out)
