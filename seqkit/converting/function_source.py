"""A function inside a layer as source code: its name, or a lambda as it was written."""

from __future__ import annotations

import ast
import builtins
import inspect
from collections.abc import Iterator
from types import CodeType, ModuleType
from typing import Any

import keras

from seqkit.converting.needs import Needs

_MODULES = ("activations", "ops", "losses", "metrics")


def function_expression(function: Any, needs: Needs) -> str:
    """Write a function: Keras' own by its path, a lambda by its text, any other by its name.

    Example:
        >>> import keras
        >>> function_expression(keras.ops.abs, Needs())
        'keras.ops.abs'
    """
    for module in _MODULES:
        name = getattr(function, "__name__", "")
        if getattr(getattr(keras, module), name, None) is function:
            return f"keras.{module}.{name}"
    if is_lambda(function):
        return _lambda_text(function, needs) or _unwritten(function, needs)
    return needs.refer(function)


def is_lambda(function: Any) -> bool:
    """Whether a function has no name of its own."""
    return getattr(function, "__name__", "") == "<lambda>"


def _unwritten(function: Any, needs: Needs) -> str:
    """A lambda whose text is not known gets a name that the code can only refer to."""
    for name, known in needs.objects.items():
        if known is function:
            return name
    name = needs.fresh("function")
    needs.objects[name] = needs.missing[name] = function
    needs.notes.append(f"# {name} is a lambda of your own: define it before this line.")
    return name


def _lambda_text(function: Any, needs: Needs) -> str | None:
    """The text of a lambda, if it can be found and uses nothing but modules and arguments."""
    if function.__closure__ or function.__defaults__:
        return None
    try:
        source = inspect.getsource(function)
    except (OSError, TypeError):
        return None
    found = {text for text in _lambdas(source) if _is_text_of(text, function)}
    if len(found) != 1:
        return None
    text = found.pop()
    return text if _note_names(text, function, needs) else None


def _lambdas(source: str) -> Iterator[str]:
    """Every lambda in lines that may be part of a larger statement."""
    start = source.find("lambda")
    while start >= 0:
        rest = source[start:]
        for end in range(len(rest), 6, -1):
            try:
                tree = ast.parse(f"({rest[:end]})", mode="eval")
            except (SyntaxError, ValueError):
                continue
            if isinstance(tree.body, ast.Lambda) and not tree.body.args.defaults:
                # Line breaks would spoil the layout of the program.
                yield ast.unparse(tree.body) if "\n" in rest[:end] else rest[:end]
                break
        start = source.find("lambda", start + 1)


def _is_text_of(text: str, function: Any) -> bool:
    code = eval(text).__code__  # a lambda that is made and not called
    return _shape(code) == _shape(function.__code__)


def _shape(code: CodeType) -> tuple[Any, ...]:
    """What a lambda names and holds; two on one line that differ in nothing of it stay apart.

    The bytecode itself depends on where the lambda was compiled: an imported module is looked up
    in another way at the top of a file.
    """
    inner = tuple(_shape(one) if isinstance(one, CodeType) else one for one in code.co_consts)
    return code.co_argcount, code.co_names, code.co_varnames, inner


def _note_names(text: str, function: Any, needs: Needs) -> bool:
    """Import the modules that the lambda uses; any other name cannot be written."""
    tree = ast.parse(text, mode="eval")
    bound = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - bound
    modules = {}
    for name in used:
        value = function.__globals__.get(name)
        if isinstance(value, ModuleType):
            modules[name] = value
        elif not hasattr(builtins, name):
            return False
    for name, module in sorted(modules.items()):
        needs.import_module(name, module)
    return True
