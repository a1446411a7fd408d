"""The library as a student's kernel sees it while it is graded: without what gives answers away.

Each `exNN.py` is written anew. Its questions can still read an answer; the judge, the hints, the
misconceptions and the equivalent answers are gone, and with them everything that only they used.
"""

from __future__ import annotations

import ast
import contextlib
import json
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import seqkit
from seqkit.grading.master import find_folder

_EXERCISES = Path(seqkit.__file__).resolve().parent / "exercises"
_RECORDED = "from seqkit.grading.recorded import recorded\n"
_HELPER = re.compile(r"\bex\d\d\.[A-Za-z_]\w*")
# Placeholders that `Question` accepts; nobody reads them.
_HARMLESS = {
    "judge": "recorded",
    "hints": "('', '', '')",
    "misconceptions": "(Misconception('', None, shows=''),) * Question.MINIMUM_MISCONCEPTIONS",
    "equivalents": "(None,)",
}


def view(folder: Path, notebooks: Sequence[Path] | None = None) -> tuple[tuple[Path, Path], ...]:
    """Write the stripped exercises into a folder.

    Args:
        folder: where to write; it exists.
        notebooks: the exercise notebooks, whose helpers such as `ex03.loans` must stay; by
            default, those of the course that the library lies in.

    Returns:
        Pairs: a path in the library, and what is to stand there. The last pair puts an empty
        folder in place of the compiled files, which would tell the same.
    """
    used = {name for path in _notebooks(notebooks) for name in helpers_used(path)}
    pairs = []
    for path in sorted(_EXERCISES.glob("ex[0-9][0-9].py")):
        keep = {name.partition(".")[2] for name in used if name.startswith(f"{path.stem}.")}
        target = folder / path.name
        text = stripped(path.read_text(encoding="utf-8"), frozenset(keep))
        if not target.is_file() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")
        pairs.append((path, target))
    empty = folder / "__pycache__"
    empty.mkdir(exist_ok=True)
    compiled = _EXERCISES / "__pycache__"
    with contextlib.suppress(OSError):  # where it cannot be made now, it cannot appear later
        compiled.mkdir(exist_ok=True)
    return (*pairs, (compiled, empty)) if compiled.is_dir() else tuple(pairs)


def stripped(source: str, keep: Iterable[str]) -> str:
    """Write an exercise without what gives answers away.

    Args:
        source: the source of an `exNN.py`.
        keep: names that must stay beside the questions, and what they need.

    Returns:
        Source code.

    Example:
        >>> source = (_EXERCISES / "ex01.py").read_text(encoding="utf-8")
        >>> shorter = stripped(source, ["broken_stack"])
        >>> "_judge_q2" in source, "_judge_q2" in shorter, "def broken_stack" in shorter
        (True, False, True)
    """
    return _stripped(source, frozenset(keep))


def helpers_used(notebook: Path) -> set[str]:
    """List what a notebook takes from its exercise, in code or by the words of a task.

    Args:
        notebook: an exercise notebook.

    Returns:
        Names such as `ex03.loans` and `ex03.q1`.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells)
    return set(_HELPER.findall(text))


def _notebooks(given: Sequence[Path] | None) -> list[Path]:
    if given is not None:
        return list(given)
    folder = find_folder(_EXERCISES)
    return sorted(folder.glob("[0-9][0-9]_*.ipynb")) if folder else []


@cache
def _stripped(source: str, keep: frozenset[str]) -> str:
    tree = ast.parse(source)
    body = [_without_answers(node) for node in tree.body]
    for node in body:
        _drop_docstrings(node)
    questions = {name for node in body if _is_question(node) for name in _defined(node)}
    needed = _needed(body, questions | keep)
    kept = [node for node in body if _stays(node, needed)]
    kept[_place_of_imports(kept) : 0] = ast.parse(_RECORDED).body
    for node in kept:
        if isinstance(node, ast.ImportFrom | ast.Import):
            node.names = [one for one in node.names if _bound(one) in needed or _is_future(node)]
    return ast.unparse(ast.fix_missing_locations(ast.Module(kept, [])))


def _without_answers(node: ast.stmt) -> ast.stmt:
    """A question with harmless parts; any other statement as it is."""
    if not _is_question(node):
        return node
    call = node.value  # type: ignore[attr-defined]
    for keyword in call.keywords:
        if keyword.arg in _HARMLESS:
            keyword.value = ast.parse(_HARMLESS[keyword.arg], mode="eval").body
    return node


def _drop_docstrings(node: ast.stmt) -> None:
    """Their examples may show an answer."""
    for part in ast.walk(node):
        if isinstance(part, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(part) is not None:
            part.body = part.body[1:] or [ast.Pass()]


def _is_question(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == "Question"
    )


def _needed(body: Sequence[ast.stmt], wanted: Iterable[str]) -> set[str]:
    """The wanted names, and all names that their definitions mention, and so on."""
    defined: dict[str, list[ast.stmt]] = {}
    for node in body:
        for name in _defined(node):
            defined.setdefault(name, []).append(node)
    needed: set[str] = set()
    open_ = list(wanted)
    while open_:
        name = open_.pop()
        if name in needed:
            continue
        needed.add(name)
        for node in defined.get(name, ()):
            open_ += [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
    return needed


def _defined(node: ast.stmt) -> list[str]:
    """The names that a statement at the top of a module defines."""
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            found = [part for target in targets for part in ast.walk(target)]
            return [part.id for part in found if isinstance(part, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [_bound(alias) for alias in names]
    return []


def _stays(node: ast.stmt, needed: set[str]) -> bool:
    if isinstance(node, ast.ImportFrom) and _is_future(node):
        return True
    return any(name in needed for name in _defined(node))


def _place_of_imports(kept: Sequence[ast.stmt]) -> int:
    """Behind the imports from the future, which must come first."""
    return sum(isinstance(node, ast.ImportFrom) and _is_future(node) for node in kept)


def _is_future(node: ast.Import | ast.ImportFrom) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _bound(alias: ast.alias) -> str:
    return (alias.asname or alias.name).partition(".")[0]
