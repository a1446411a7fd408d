"""What a headline shows is there by then: otherwise `seqkit full` finds out after hours."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from pathlib import Path

import pytest

from seqkit.authoring.sources import LESSONS, Source, sources

ROOT = Path(__file__).resolve().parents[2]
INNER_SCOPES = (ast.Lambda, ast.comprehension)  # with functions and classes

CODE = """\
# %%
import numpy as np
import os.path
from math import pi as circle
x, (y, *z) = 1, (2, 3)
with open("f") as file:
    for step in range(3):
        after: int = step
def mean(values):
    inner = 1
found = [one for one in range(3)]
pick = lambda given: given
"""


@pytest.mark.parametrize("source", list(sources(ROOT, LESSONS)), ids=lambda source: source.slug)
def test_a_headline_shows_what_its_lesson_has_by_then(source: Source) -> None:
    assert faults(source) == []


def test_there_are_headlines() -> None:
    assert any(headline for source in sources(ROOT, LESSONS) for headline, _ in headlines(source))


@pytest.mark.parametrize(
    ("headline", "missing"),
    [
        ("{x:.1%} {y} {z[0]} {np.pi} {os.sep} {circle}", []),
        ("{mean(max(found)):+.1f} {after} {step} {file} {pick} of {own}", []),
        ("{[k for k in found]} {(lambda a: a)(x)} 100 %", []),
        ("{x} {gone:.1%}", ["gone"]),
        ("{x:{width}}", ["width"]),
        ("{inner} {values} {one} {given} {later} {pi}",
         ["given", "inner", "later", "one", "pi", "values"]),
    ],
)  # fmt: skip
def test_a_name_that_is_not_there_is_found(
    tmp_path: Path, headline: str, missing: list[str]
) -> None:
    told = faults(lesson(tmp_path, headline))
    assert told == [f"{headline!r} needs {name}" for name in missing]


@pytest.mark.parametrize("headline", ["{x", "{x:.1%}}", "{}", "{x y}"])
def test_a_headline_that_is_no_f_string_is_found(tmp_path: Path, headline: str) -> None:
    (told,) = faults(lesson(tmp_path, headline))
    assert told.startswith(f"{headline!r} is no f-string")


def lesson(folder: Path, headline: str) -> Source:
    """A lesson with this headline after a cell that defines `own`, and before one with `later`."""
    quoted = headline.replace('"', '\\"')
    cells = f'{CODE}\n# %% seqkit={{"headline": "{quoted}"}}\nown = 1\n\n# %%\nlater = 1\n'
    source = Source(folder, LESSONS, "01_made")
    source.path.parent.mkdir(parents=True)
    source.path.write_text(cells, encoding="utf-8")
    return source


def faults(source: Source) -> list[str]:
    """What would stop `seqkit full` after the cells that have a headline."""
    return [fault for headline, code in headlines(source) for fault in _faults_of(headline, code)]


def headlines(source: Source) -> Iterator[tuple[str, list[str]]]:
    """Each headline, and the code of the lesson up to and including its cell."""
    code: list[str] = []
    for cell in source.read().cells:
        if cell.cell_type == "code":
            code.append(cell.source)
        if wanted := cell.metadata.get("seqkit", {}).get("headline"):
            yield wanted, list(code)


def _faults_of(headline: str, code: list[str]) -> list[str]:
    try:
        tree = ast.parse(f"f{headline!r}", mode="eval")
    except SyntaxError as error:
        return [f"{headline!r} is no f-string: {error.msg}"]
    known = {name for cell in code for name in _bound(ast.parse(cell))}
    return [f"{headline!r} needs {name}" for name in sorted(_loaded(tree) - known)]


def _loaded(tree: ast.AST) -> set[str]:
    """The names that an expression takes from outside."""
    nodes = list(ast.walk(tree))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    own = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    own |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    return {name.id for name in names} - own - set(dir(builtins))


def _bound(tree: ast.AST) -> Iterator[str]:
    """The names that code binds at its top level; what a function binds stays in it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif not isinstance(node, INNER_SCOPES):
            yield from _bound(node)
