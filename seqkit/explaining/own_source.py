"""Classes of the learner's own inside a fix: their source goes with the code, if it then runs."""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

from seqkit.converting import Program


def with_own_classes(program: Program) -> Program:
    """Put the source of the learner's own classes before the code that uses them.

    Args:
        program: a program that may refer to classes which nobody can import.

    Returns:
        A program that runs in an empty namespace; the same program when that is not possible.
    """
    if not program.scope:
        return program
    for typed in (True, False):
        complete = _complete(program, typed)
        if complete is not None and _runs(complete):
            return complete
    return program


def _complete(program: Program, typed: bool) -> Program | None:
    sources: list[str] = []
    imports: list[str] = []
    for thing in program.scope.values():
        tree = _tree(thing)
        if tree is None:
            return None
        imports += _imports(tree, thing)
        sources.append(_source(thing) if typed else _untyped(tree))
    blocks = [line for source in sources for line in (*source.splitlines(), "", "")]
    known = (*Program.HEADER, *program.imports)
    new = tuple(dict.fromkeys(line for line in imports if line not in known))
    return replace(
        program,
        lines=["", *blocks, *program.lines],
        scope={},
        imports=(*program.imports, *new),
        comments=(),
    )


def _runs(program: Program) -> bool:
    try:
        program.run()
    except Exception:  # then it is not offered as complete
        return False
    return True


def _source(thing: Any) -> str:
    return textwrap.dedent(inspect.getsource(thing)).rstrip()


def _tree(thing: Any) -> ast.Module | None:
    if not isinstance(thing, type):
        return None
    try:
        return ast.parse(_source(thing))
    except (OSError, TypeError, SyntaxError):
        return None


def _untyped(tree: ast.Module) -> str:
    """The source without type hints, whose names would have to be imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
    return ast.unparse(tree)


def _imports(tree: ast.Module, thing: type) -> Iterator[str]:
    """Import statements for the modules that the source names."""
    around = vars(sys.modules.get(thing.__module__, builtins))
    for node in ast.walk(tree):
        module = around.get(node.id) if isinstance(node, ast.Name) else None
        if isinstance(node, ast.Name) and isinstance(module, ModuleType):
            yield _import(node.id, module.__name__)


def _import(name: str, module: str) -> str:
    package, _, last = module.rpartition(".")
    if last == name:
        return f"from {package} import {name}" if package else f"import {name}"
    return f"import {module} as {name}"
