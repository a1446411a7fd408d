"""Literals, arithmetic, lists and Keras objects: the values of the expressions that are read."""

from __future__ import annotations

import ast
import inspect
import operator
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import keras

from seqkit.graph.copies import weights_without_memory
from seqkit.graph.reasons import first_sentence
from seqkit.linting.finding import Place
from seqkit.linting.sources import Cell
from seqkit.linting.values import (
    Named,
    Partial,
    Unknown,
    canonical,
    makeable,
    opens_files,
    plain_function,
)

_LARGEST: Final = 10**12
_LONGEST: Final = 10_000
_MOST_LAYERS: Final = 2_000
_ORIGINS = "_seqkit_origins"


class TooLong(Exception):
    """The program has more statements, or makes more layers, than the reader follows."""


class NotRead(Exception):
    """An expression that only running the program would tell.

    Args:
        node: the part that was not read.
        why: the reason, in a few words.
        refused: whether Keras itself refused to make the layer.
        is_input: whether it is a keras.Input whose shape was not read.
    """

    def __init__(
        self, node: ast.AST, why: str, refused: bool = False, is_input: bool = False
    ) -> None:
        super().__init__(why)
        self.node = node
        self.why = why
        self.refused = refused
        self.is_input = is_input


@dataclass
class Scope:
    """The names that an expression may use.

    Attributes:
        names: names of the block.
        outer: names of the file.
        cell: the cell that the expression stands in.
        on_call: what to do with a call that is not of a Keras class.
        convert: turns a model of the program into a real one, for a layer that wraps it.
    """

    names: dict[str, Any]
    outer: dict[str, Any]
    cell: Cell
    on_call: Callable[[ast.Call, Any, Scope], Any]
    convert: Callable[[Any], Any]
    _extra: dict[str, Any] = field(default_factory=dict)

    def look_up(self, name: str) -> Any:
        """The value of a name; KeyError if there is none."""
        for where in (self._extra, self.names, self.outer):
            if name in where:
                return where[name]
        raise KeyError(name)

    def known(self, node: ast.expr) -> Any:
        """The value of a plain name, or of an attribute such as `self.model`; else None."""
        try:
            return self.look_up(dotted(node))
        except KeyError:
            return None

    def inner(self, extra: dict[str, Any]) -> Scope:
        """The scope of a comprehension."""
        known = {**self._extra, **extra}
        return Scope(self.names, self.outer, self.cell, self.on_call, self.convert, known)

    def remember(self, item: Any, node: ast.AST) -> Any:
        """Note where a Keras object was made."""
        origins = self.outer.setdefault(_ORIGINS, {})
        if len(origins) >= _MOST_LAYERS:
            raise TooLong
        origins[id(item)] = (item, self.cell.place(node))  # the object is kept, so the id stays
        return item

    def origin(self, item: Any) -> Place | None:
        """Where a Keras object was made."""
        found = self.outer.get(_ORIGINS, {}).get(id(item))
        return None if found is None else found[1]


def dotted(node: ast.AST) -> str:
    """A name, or an attribute of a name, as it is written; empty for anything else.

    Example:
        >>> dotted(ast.parse("self.model", mode="eval").body), dotted(ast.parse("f()").body[0])
        ('self.model', '')
    """
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def evaluate(node: ast.expr, scope: Scope) -> Any:
    """The value of an expression, if it can be told without running the program.

    Args:
        node: the expression.
        scope: the names that it may use.

    Returns:
        A Python value, a Keras object, or what stands for one.

    Raises:
        NotRead: it cannot be told.
    """
    reader = _READERS.get(type(node))
    if reader is None:
        raise NotRead(node, f"{_short(node)} is not a literal")
    return reader(node, scope)


def _constant(node: ast.Constant, scope: Scope) -> Any:
    return node.value


def _name(node: ast.Name, scope: Scope) -> Any:
    try:
        value = scope.look_up(node.id)
    except KeyError:
        if node.id in _BUILTINS:
            return Named(f"builtins.{node.id}")
        raise NotRead(node, f"{node.id} is not known here") from None
    if isinstance(value, Unknown):
        raise NotRead(node, _because(node.id, value))
    return value


def _because(name: str, value: Unknown) -> str:
    return value.why if value.why.startswith(name) else f"{name} comes from code that is not run"


def _attribute(node: ast.Attribute, scope: Scope) -> Any:
    bound = scope.known(node)
    if isinstance(bound, Unknown):
        raise NotRead(node, bound.why)
    if bound is not None:
        return bound
    value = evaluate(node.value, scope)
    if isinstance(value, Named):
        path = canonical(f"{value.path}.{node.attr}")
        function = plain_function(path)
        return Named(path) if function is None else function
    raise NotRead(node, f"{_short(node)} is not a literal")


def _list(node: ast.List | ast.Tuple, scope: Scope) -> Any:
    found: list[Any] = []
    for element in node.elts:
        if isinstance(element, ast.Starred):
            several = evaluate(element.value, scope)
            if not isinstance(several, Iterable):
                raise NotRead(element, f"{_short(element.value)} is not known here")
            found += list(several)
        else:
            found.append(evaluate(element, scope))
    return found if isinstance(node, ast.List) else tuple(found)


def _dict(node: ast.Dict, scope: Scope) -> Any:
    if any(key is None for key in node.keys):
        raise NotRead(node, "a dict with ** in it")
    return {
        evaluate(key, scope): evaluate(value, scope)
        for key, value in zip(node.keys, node.values, strict=True)
        if key is not None
    }


def _unary(node: ast.UnaryOp, scope: Scope) -> Any:
    value = evaluate(node.operand, scope)
    if isinstance(node.op, ast.Not):
        return not value
    if isinstance(value, int | float):
        return -value if isinstance(node.op, ast.USub) else +value
    raise NotRead(node, f"{_short(node)} is not a literal")


_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}


def _binary(node: ast.BinOp, scope: Scope) -> Any:
    left, right = evaluate(node.left, scope), evaluate(node.right, scope)
    operation = _ARITHMETIC.get(type(node.op))
    numbers = isinstance(left, int | float) and isinstance(right, int | float)
    lists = isinstance(left, list | tuple) and (type(left) is type(right) or isinstance(right, int))
    if operation is None or not (numbers or lists) or _too_large(node.op, left, right):
        raise NotRead(node, f"{_short(node)} was not worked out")
    try:
        return operation(left, right)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise NotRead(node, f"{_short(node)} was not worked out") from error


def _too_large(op: ast.operator, left: Any, right: Any) -> bool:
    """Whether the result would take long or much memory to make."""
    if isinstance(left, list | tuple):
        return len(left) * (right if isinstance(right, int) else 1) > _LONGEST
    if isinstance(op, ast.Pow):
        return abs(right) > 64 or abs(left) > 10_000
    return abs(left) > _LARGEST or abs(right) > _LARGEST


_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}


def _compare(node: ast.Compare, scope: Scope) -> bool:
    compare = _COMPARISONS.get(type(node.ops[0]))
    if compare is None or len(node.ops) > 1:
        raise NotRead(node, f"{_short(node)} was not worked out")
    left, right = evaluate(node.left, scope), evaluate(node.comparators[0], scope)
    simple = (int, float, str, bool, type(None), tuple)
    if not (isinstance(left, simple) and isinstance(right, simple)):
        raise NotRead(node, f"{_short(node)} was not worked out")
    try:
        return bool(compare(left, right))
    except TypeError as error:
        raise NotRead(node, f"{_short(node)} was not worked out") from error


def _boolean(node: ast.BoolOp, scope: Scope) -> Any:
    value: Any = None
    for operand in node.values:
        value = evaluate(operand, scope)
        if bool(value) is isinstance(node.op, ast.Or):
            return value
    return value


def _walrus(node: ast.NamedExpr, scope: Scope) -> Any:
    value = evaluate(node.value, scope)
    scope.names[node.target.id] = value
    return value


def _either(node: ast.IfExp, scope: Scope) -> Any:
    return evaluate(node.body if evaluate(node.test, scope) else node.orelse, scope)


def _subscript(node: ast.Subscript, scope: Scope) -> Any:
    value = evaluate(node.value, scope)
    if not isinstance(value, list | tuple | dict | str):
        raise NotRead(node, f"{_short(node)} is not a literal")
    try:
        if isinstance(node.slice, ast.Slice):
            parts = (node.slice.lower, node.slice.upper, node.slice.step)
            return value[slice(*(None if p is None else evaluate(p, scope) for p in parts))]
        return value[evaluate(node.slice, scope)]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise NotRead(node, f"{_short(node)} was not worked out") from error


def _comprehension(node: ast.ListComp | ast.GeneratorExp, scope: Scope) -> list[Any]:
    scopes = [scope]
    for generator in node.generators:
        scopes = [inner for outer in scopes for inner in _turns(node, generator, outer)]
        if len(scopes) > _LONGEST:
            raise NotRead(node, f"{_short(node)} was not worked out")
    return [evaluate(node.elt, inner) for inner in scopes]


def _turns(node: ast.expr, generator: ast.comprehension, scope: Scope) -> list[Scope]:
    """The scopes of one `for` of a comprehension, one for each turn."""
    values = evaluate(generator.iter, scope)
    known = isinstance(values, list | tuple | range) and len(values) <= _LONGEST
    if not known or not isinstance(generator.target, ast.Name):
        raise NotRead(node, f"{_short(node)} was not worked out")
    turns = [scope.inner({generator.target.id: value}) for value in values]
    return [turn for turn in turns if all(evaluate(test, turn) for test in generator.ifs)]


def _joined(node: ast.JoinedStr, scope: Scope) -> str:
    parts = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            if part.format_spec is not None:
                raise NotRead(node, f"{_short(node)} was not worked out")
            parts.append(str(evaluate(part.value, scope)))
        else:
            parts.append(str(evaluate(part, scope)))
    return "".join(parts)


def _call(node: ast.Call, scope: Scope) -> Any:
    callee = _callee(node.func, scope)
    if isinstance(callee, Partial):
        given = [*callee.arguments, *(evaluate(argument, scope) for argument in node.args)]
        return _make(
            callee.target.path, given, {**callee.keywords, **_named(node, scope)}, node, scope
        )
    if not isinstance(callee, Named):
        return scope.on_call(node, callee, scope)
    path = callee.path
    if path.startswith("builtins."):
        return _builtin(path, node, scope)
    if path == "functools.partial" and node.args:
        target = evaluate(node.args[0], scope)
        rest = tuple(evaluate(argument, scope) for argument in node.args[1:])
        if isinstance(target, Named):
            return Partial(target, rest, _named(node, scope))
    if path == "keras.Input":
        return _input(node, scope)
    if path == "keras.InputLayer" or makeable(path) is not None:
        given = [evaluate(argument, scope) for argument in _unstarred(node)]
        return _make(path, given, _named(node, scope), node, scope)
    if path.startswith("keras.applications."):
        return _published(path, node, scope)
    if path == "keras.Sequential":
        return scope.on_call(node, callee, scope)
    raise NotRead(node, not_run(node))


def _published(path: str, node: ast.Call, scope: Scope) -> Any:
    """A published model, with shapes but without its weights: nothing is downloaded."""
    factory = getattr(keras.applications, path.rpartition(".")[2], None)
    named = {**_named(node, scope), "weights": None}
    if not inspect.isfunction(factory) or node.args or any(map(_foreign, named.values())):
        raise NotRead(node, not_run(node))
    try:
        with weights_without_memory():
            made = factory(**named)
    except Exception as error:
        raise NotRead(node, not_run(node)) from error
    return scope.remember(made, node)


def not_run(node: ast.Call) -> str:
    """Why a call has no value for the reader."""
    if isinstance(node.func, ast.Call):
        return f"{_short(node)} calls a layer (Functional API)"
    return f"{_short(node.func)}(...) is not run"


def _callee(node: ast.expr, scope: Scope) -> Any:
    """What is called; a method of a known value is left to `on_call`."""
    try:
        callee = evaluate(node, scope)
    except NotRead:
        if isinstance(node, ast.Attribute) and isinstance(scope.known(node.value), list):
            return None
        owner = scope.known(node.value) if isinstance(node, ast.Attribute) else None
        if owner is not None and not isinstance(owner, Unknown | Named):
            return None
        raise
    return Named(canonical(callee.path)) if isinstance(callee, Named) else callee


_BUILTINS: Final[dict[str, Callable[..., Any]]] = {
    "range": range,
    "len": len,
    "min": min,
    "max": max,
    "int": int,
    "float": float,
    "tuple": tuple,
    "list": list,
    "reversed": lambda values: list(reversed(values)),
}


def _builtin(path: str, node: ast.Call, scope: Scope) -> Any:
    given = [evaluate(argument, scope) for argument in _unstarred(node)]
    function = _BUILTINS[path.removeprefix("builtins.")]
    plain = (int, float, str, list, tuple, range)
    if node.keywords or not all(isinstance(value, plain) for value in given):
        raise NotRead(node, f"{_short(node)} was not worked out")
    try:
        result = function(*given)
    except (TypeError, ValueError, OverflowError) as error:
        raise NotRead(node, f"{_short(node)} was not worked out") from error
    if isinstance(result, range) and len(result) > _LONGEST:
        raise NotRead(node, f"{_short(node)} was not worked out")
    return result


def _unstarred(node: ast.Call) -> list[ast.expr]:
    if any(isinstance(argument, ast.Starred) for argument in node.args):
        raise NotRead(node, f"{_short(node.func)}(*...)")
    return node.args


def _named(node: ast.Call, scope: Scope) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for keyword in node.keywords:
        value = evaluate(keyword.value, scope)
        if keyword.arg is None:
            if not isinstance(value, dict):
                raise NotRead(keyword.value, f"{_short(node.func)}(**...)")
            found.update(value)
        else:
            found[keyword.arg] = value
    return found


def _input(node: ast.Call, scope: Scope) -> Any:
    try:
        given = [evaluate(argument, scope) for argument in _unstarred(node)]
        named = _named(node, scope)
    except NotRead as error:
        raise NotRead(error.node, error.why, is_input=True) from error
    if any(_foreign(value) for value in (*given, *named.values())):
        raise NotRead(node, "the shape in keras.Input", is_input=True)
    return _make("keras.Input", given, named, node, scope)


def _make(path: str, given: list[Any], named: dict[str, Any], node: ast.AST, scope: Scope) -> Any:
    """Make a Keras object from values that were read."""
    path = canonical(path)
    factory: Any = {"keras.Input": keras.Input, "keras.InputLayer": keras.layers.InputLayer}.get(
        path, makeable(path)
    )
    given = [scope.convert(value) for value in given]
    named = {name: scope.convert(value) for name, value in named.items()}
    values = [*given, *named.values()]
    if factory is None or opens_files(named) or any(_foreign(value) for value in values):
        raise NotRead(node, f"{_short(node)}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = factory(*given, **named)
    except Exception as error:
        words = f"Keras refuses {_short(node)}: {first_sentence(error)}"
        raise NotRead(node, words, refused=True) from error
    return scope.remember(made, node)


def _foreign(value: Any) -> bool:
    """Whether a value is only a name to the reader, so that Keras could not use it."""
    if isinstance(value, list | tuple):
        return any(_foreign(one) for one in value)
    if isinstance(value, dict):
        return any(_foreign(one) for one in value.values())
    plain = (int, float, str, bool, type(None), keras.Layer, keras.KerasTensor)
    own = type(value).__module__.startswith("keras.")
    return not isinstance(value, plain) and not own


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else text[:57] + "..."


_READERS: dict[type, Callable[[Any, Scope], Any]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.List: _list,
    ast.Tuple: _list,
    ast.Dict: _dict,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.Compare: _compare,
    ast.BoolOp: _boolean,
    ast.IfExp: _either,
    ast.NamedExpr: _walrus,
    ast.Subscript: _subscript,
    ast.ListComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.JoinedStr: _joined,
    ast.Call: _call,
}
