"""The code cells of a program or a notebook, parsed. Nothing is run."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from seqkit.errors import SeqkitError
from seqkit.linting.finding import Place


@dataclass(frozen=True)
class Note:
    """Something that was not read, in one line."""

    place: Place
    text: str

    def __str__(self) -> str:
        return f"{self.place}: not read: {self.text}"


@dataclass(frozen=True)
class Cell:
    """A program, or one code cell of a notebook.

    Attributes:
        path: the file, as the user wrote it.
        number: number of the cell, from 1; None for a plain program.
        comments: the comment of each line that has one; such a comment may silence a rule.
        tree: the parsed code.
    """

    path: str
    number: int | None
    comments: dict[int, str]
    tree: ast.Module

    def place(self, node: ast.AST) -> Place:
        """Where a part of the code stands."""
        line = int(getattr(node, "lineno", 1))
        column = int(getattr(node, "col_offset", 0)) + 1
        return Place(self.path, line, column, self.number)

    def silences(self, line: int, code: str) -> bool:
        """Whether a comment on the line says `# noqa: SEQ...` with this code, or `# noqa`."""
        text = self.comments.get(line, "").upper()
        found = re.search(r"#\s*NOQA\b(\s*:\s*[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*)?", text)
        if found is None:
            return False
        if found.group(1) is None:
            return not text[found.end() :].lstrip().startswith(":")
        return code in re.findall(r"[A-Z]+[0-9]+", found.group(1))


def read_cells(path: Path) -> tuple[list[Cell], list[Note]]:
    """Parse a `.py` or `.ipynb` file.

    Args:
        path: the file.

    Returns:
        Its cells, and notes on those that are not Python.

    Raises:
        SeqkitError: the file is not there, or is neither a program nor a notebook.
    """
    if not path.is_file():
        kind = "is a folder, not a file" if path.is_dir() else "does not exist"
        raise SeqkitError(f"{path} {kind}. Give a program (.py), a notebook (.ipynb) or .keras.")
    text = _text(path)
    if path.suffix == ".ipynb":
        sources = _notebook(path, text)
    elif path.suffix == ".py":
        sources = [(None, text)]
    else:
        raise SeqkitError(
            f"{path} is neither a program nor a notebook. Give a file whose name ends in .py, "
            f".ipynb or .keras."
        )
    return _parse(str(path), sources)


def _text(path: Path) -> str:
    """The text of a file; a program may name its encoding in a comment, as Python allows."""
    try:
        if path.suffix == ".py":
            with tokenize.open(path) as file:
                return file.read()
        return path.read_text(encoding="utf-8-sig")
    except (UnicodeDecodeError, SyntaxError, LookupError) as error:
        raise SeqkitError(
            f"{path} is not text in UTF-8 or in the encoding that it names, so it is not a program."
        ) from error
    except OSError as error:
        raise SeqkitError(f"{path} cannot be opened: {error.strerror or error}.") from error


def _comments(source: str) -> dict[int, str]:
    """The real comments, not the `#` inside of strings."""
    found = {}
    with suppress(tokenize.TokenError, SyntaxError):
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                found[token.start[0]] = token.string
    return found


def _parse(path: str, sources: list[tuple[int | None, str]]) -> tuple[list[Cell], list[Note]]:
    cells, notes = [], []
    for number, source in sources:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # on escapes in the user's strings
                tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            place = Place(path, getattr(error, "lineno", None) or 1, 1, number)
            notes.append(Note(place, f"this is not Python ({type(error).__name__})"))
            continue
        cells.append(Cell(path, number, _comments(source), tree))
    return cells, notes


def _notebook(path: Path, text: str) -> list[tuple[int | None, str]]:
    try:
        written = json.loads(text)["cells"]
        found: list[tuple[int | None, str]] = []
        for number, cell in enumerate(written, start=1):
            if cell["cell_type"] == "code":
                found.append((number, without_magics("".join(cell["source"]))))
        return found
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SeqkitError(f"{path} is not a notebook: {type(error).__name__}.") from error


def without_magics(source: str) -> str:
    r"""Blank the lines that only IPython understands, so that line numbers stay.

    Example:
        >>> without_magics("%pip install keras\nx = 1\n!ls")
        '\nx = 1\n'
        >>> without_magics("%%bash\nls")
        '\n'
        >>> without_magics("%%time\nx = 1")
        '\nx = 1'
        >>> without_magics("files = !ls")
        'files = __shell__'
    """
    if _is_python(source):  # a line may begin with % for other reasons
        return source
    lines = source.split("\n")
    first = next((line.strip() for line in lines if line.strip()), "")
    if first.startswith("%%") and first.split()[0] not in _PYTHON_CELLS:
        return "\n" * (len(lines) - 1)
    plain = []
    continued = False
    for written in lines:
        if continued:
            continued = written.rstrip().endswith("\\")
            plain.append("")
            continue
        line = _TIMED.sub(lambda found: f"{found[1]}0;{' ' * (len(found[2]) - 2)}", written)
        if found := _FROM_SHELL.match(line):
            continued = line.rstrip().endswith("\\")
            plain.append(f"{found[1]}__shell__")
            continue
        only_ipython = line.lstrip().startswith(("%", "!", "?"))
        only_ipython = only_ipython or bool(re.match(r"\s*[\w.]+\?{1,2}\s*$", line))
        continued = only_ipython and line.rstrip().endswith("\\")
        plain.append(_keep_indent(line) if only_ipython else line)
    return "\n".join(plain)


_PYTHON_CELLS = ("%%time", "%%timeit", "%%capture", "%%attempt", "%%prun")
_FROM_SHELL = re.compile(r"(\s*[\w.]+(?:\s*,\s*[\w.]+)*\s*=\s*)[!%]")
# The statement after %time is Python; it stays in its column.
_TIMED = re.compile(r"^(\s*)(%time\s+)(?=[^\s-])")


def _is_python(source: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _keep_indent(line: str) -> str:
    """`pass` where a magic was the only line of a block."""
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}pass" if indent else ""
