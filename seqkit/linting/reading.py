"""Find the Sequential models of a program without running it.

The code is walked statement by statement with a small set of rules: names bound to literals,
lists, loops over literal ranges, helper functions. Keras layers are made from an allow-list of
classes; nothing else of the program is executed. What cannot be read is noted, never guessed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras

from seqkit.linting.expressions import NotRead, Scope, TooLong, dotted, evaluate, not_run
from seqkit.linting.finding import Place
from seqkit.linting.sources import Cell, Note, read_cells
from seqkit.linting.values import Named, Unknown, canonical, star_names

MOST_TURNS = 200
"""Loops are followed for so many turns at most."""

MOST_DEPTH = 12
"""Helper functions are followed so deep at most."""

MOST_STEPS = 20_000
"""So many statements of a file are walked at most, those of loops counted each time."""


@dataclass
class Written:
    """A Sequential as a program writes it.

    Attributes:
        place: where `Sequential(...)` stands.
        items: what stands in its list, made as Keras objects.
        places: where each item stands.
        compile: the arguments of its `compile`, as far as they were read.
        compile_place: where `compile` stands.
        unread: why the model is not checked; empty if it is.
        lacks_entry: whether there is an Input whose shape was not read.
        refused: layers that Keras itself refuses to make, with the reason.
        stands_inside: whether it is a layer of another model, which gives it its shape.
    """

    place: Place
    items: list[Any] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    compile: dict[str, Any] | None = None
    compile_place: Place | None = None
    unread: str = ""
    lacks_entry: bool = False
    refused: list[tuple[Place, str]] = field(default_factory=list)
    stands_inside: bool = False


@dataclass(frozen=True)
class Reading:
    """What was read of a file.

    Attributes:
        cells: the code.
        models: the Sequential models in it.
        notes: what was not read.
    """

    cells: tuple[Cell, ...]
    models: tuple[Written, ...]
    notes: tuple[Note, ...]


def read_file(path: Path) -> Reading:
    """Find the Sequential models of a `.py` or `.ipynb` file.

    Args:
        path: the file.

    Returns:
        The models, and notes on what was not read.

    Raises:
        SeqkitError: the file is not there, or is neither a program nor a notebook.
    """
    cells, notes = read_cells(path)
    walker = _Walker()
    for cell in cells:
        walker.cell(cell)
    walker.uncalled()
    walker.say_what_was_passed_over(cells)
    return Reading(tuple(cells), tuple(walker.models), (*notes, *walker.notes))


class _Return(Exception):
    """A `return` was reached."""

    def __init__(self, value: Any) -> None:
        self.value = value


@dataclass
class _Function:
    """A function of the program, and the cell that it stands in."""

    node: ast.FunctionDef | ast.AsyncFunctionDef
    cell: Cell


class _Walker:
    """Walks the statements; `models` and `notes` are what it found."""

    def __init__(self) -> None:
        self.models: list[Written] = []
        self.notes: list[Note] = []
        self._functions: list[_Function] = []
        self._called: set[ast.AST] = set()
        self._followed: set[ast.AST] = set()
        self._seen: set[ast.AST] = set()
        self._attributes: list[tuple[str, Written]] = []
        self._changed: list[tuple[str, ast.AST, Cell, str]] = []
        self._globals: dict[str, Any] = {}
        self._depth = 0
        self._cell: Cell | None = None
        self._steps = 0

    def cell(self, cell: Cell) -> None:
        """Walk a whole cell; names stay known for the next one."""
        self._cell = cell
        with suppress(_Return), self._not_for_ever():
            self._block(cell.tree.body, self._globals)

    def uncalled(self) -> None:
        """Walk the functions that nobody called, with their defaults."""
        for function in self._functions:  # which grows: a function may hold functions
            if function.node not in self._called:
                self._cell = function.cell
                with self._not_for_ever():
                    self._call(function, [], {})

    def say_what_was_passed_over(self, cells: list[Cell]) -> None:
        """Note the models in code that was not walked, and those without any layer."""
        for name, node, cell, why in self._changed:
            for known, model in self._attributes:
                if known == name:
                    self._give_up(model, node, why, cell)
        for model in self.models:
            if not (model.items or model.unread or model.refused or model.lacks_entry):
                model.unread = "no layer of it was found"
                self.notes.append(Note(model.place, "a Sequential whose layers were not found"))
        ways = _ways_to_sequential(cells)
        for cell in cells:
            for node in ast.walk(cell.tree):
                if isinstance(node, ast.Call) and ways(node.func) and node not in self._seen:
                    self._note(node, "a Sequential in code that was not followed", cell)

    @contextmanager
    def _not_for_ever(self) -> Iterator[None]:
        """Give up what is left, and every model that may not be complete."""
        try:
            yield
        except (TooLong, RecursionError):
            self._depth = 0
            for model in self.models:
                model.unread = model.unread or "the program is too long to follow"
            assert self._cell is not None
            self._note(self._cell.tree, "the program is too long to follow")

    # statements

    def _block(self, body: list[ast.stmt], names: dict[str, Any]) -> None:
        for statement in body:
            self._steps += 1
            if self._steps > MOST_STEPS:
                raise TooLong
            handler = getattr(self, f"_on_{type(statement).__name__.lower()}", None)
            if handler is not None:
                handler(statement, names)

    def _on_import(self, node: ast.Import, names: dict[str, Any]) -> None:
        for alias in node.names:
            if alias.asname:
                names[alias.asname] = Named(alias.name)
            else:
                root = alias.name.split(".")[0]
                names[root] = Named(root)

    def _on_importfrom(self, node: ast.ImportFrom, names: dict[str, Any]) -> None:
        for alias in node.names:
            if alias.name == "*":
                names.update(star_names(node.module or ""))
            else:
                names[alias.asname or alias.name] = Named(f"{node.module or ''}.{alias.name}")

    def _on_functiondef(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, names: dict[str, Any]
    ) -> None:
        assert self._cell is not None
        function = _Function(node, self._cell)
        names[node.name] = function
        self._functions.append(function)

    _on_asyncfunctiondef = _on_functiondef

    def _on_classdef(self, node: ast.ClassDef, names: dict[str, Any]) -> None:
        for base in node.bases:
            parent = self._value(base, names)
            if _is_sequential(parent) or getattr(parent, "is_sequential", False):
                self._note(node, f"{node.name} is a class made from Sequential; it is not checked")
                break
        else:
            parent = None
        names[node.name] = Unknown(f"{node.name} is a class of this program", parent is not None)
        self._block(node.body, dict(names))

    def _on_assign(self, node: ast.Assign, names: dict[str, Any]) -> None:
        value = self._value(node.value, names)
        for target in node.targets:
            self._bind(target, value, names)

    def _on_annassign(self, node: ast.AnnAssign, names: dict[str, Any]) -> None:
        if node.value is not None:
            self._bind(node.target, self._value(node.value, names), names)

    def _on_augassign(self, node: ast.AugAssign, names: dict[str, Any]) -> None:
        self._change(node.target, names)
        if isinstance(node.target, ast.Name):
            left = ast.copy_location(ast.Name(node.target.id, ast.Load()), node)
            both = ast.copy_location(ast.BinOp(left, node.op, node.value), node)
            names[node.target.id] = self._value(both, names)

    def _on_expr(self, node: ast.Expr, names: dict[str, Any]) -> None:
        self._value(node.value, names)

    def _on_return(self, node: ast.Return, names: dict[str, Any]) -> None:
        raise _Return(None if node.value is None else self._value(node.value, names))

    def _on_if(self, node: ast.If, names: dict[str, Any]) -> None:
        if _is_main(node.test):
            self._block(node.body, names)
            return
        try:
            self._block(
                node.body if evaluate(node.test, self._scope(names)) else node.orelse, names
            )
        except NotRead:
            self._forget([*node.body, *node.orelse], names, "it depends on an if")

    def _on_with(self, node: ast.With, names: dict[str, Any]) -> None:
        self._block(node.body, names)

    _on_asyncwith = _on_with

    def _on_match(self, node: ast.Match, names: dict[str, Any]) -> None:
        self._value(node.subject, names)
        bodies = [statement for case in node.cases for statement in case.body]
        self._forget(bodies, names, "it depends on a match")

    def _on_asyncfor(self, node: ast.AsyncFor, names: dict[str, Any]) -> None:
        self._forget(node.body, names, "it is changed in a loop that was not followed")

    def _on_try(self, node: ast.Try, names: dict[str, Any]) -> None:
        self._block([*node.body, *node.orelse, *node.finalbody], names)

    def _on_for(self, node: ast.For, names: dict[str, Any]) -> None:
        try:
            turns = list(evaluate(node.iter, self._scope(names)))
        except (NotRead, TypeError):
            self._forget(node.body, names, "it is changed in a loop that was not followed")
            return
        if len(turns) > MOST_TURNS or _has_jump(node.body):
            self._forget(node.body, names, "it is changed in a loop that was not followed")
            return
        for value in turns:
            self._bind(node.target, value, names)
            self._block(node.body, names)

    def _on_while(self, node: ast.While, names: dict[str, Any]) -> None:
        self._forget(node.body, names, "it is changed in a while loop")

    def _on_delete(self, node: ast.Delete, names: dict[str, Any]) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                names.pop(target.id, None)
            else:
                self._change(target, names)

    def _forget(self, body: list[ast.stmt], names: dict[str, Any], why: str) -> None:
        """A block that may or may not run: what it changes is not known any more."""
        for node in (inner for statement in body for inner in ast.walk(statement)):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names[node.id] = Unknown(f"{node.id}: {why}")
            if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(
                node.ctx, ast.Load
            ):
                self._change(node, names)
            if isinstance(node, ast.Call):
                self._passed_on(node, names, why)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                name = dotted(node.func.value)
                known = names.get(name)
                self._unread_method(node, names, why)
                if isinstance(known, Written) and node.func.attr == "compile":
                    known.compile = None
                if isinstance(known, list):
                    names[name] = Unknown(f"{name}: {why}")

    def _bind(self, target: ast.expr, value: Any, names: dict[str, Any]) -> None:
        if isinstance(target, ast.Name):
            names[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            known = isinstance(value, tuple | list) and len(value) == len(target.elts)
            for index, element in enumerate(target.elts):
                each = value[index] if known else Unknown("it comes out of a tuple")
                self._bind(element, each, names)
        elif isinstance(target, ast.Attribute | ast.Subscript):
            self._change(target, names)
            if isinstance(target, ast.Attribute) and dotted(target):
                names[dotted(target)] = value
                if isinstance(value, Written):
                    self._attributes.append((target.attr, value))

    # changes that are not followed

    def _change(self, target: ast.expr, names: dict[str, Any]) -> None:
        """A part of a model is set or deleted by hand, as in `model.layers[-1].units = 3`."""
        if isinstance(target, ast.Attribute) and target.attr in _SET_WITHOUT_HARM:
            return
        if isinstance(target, ast.Attribute | ast.Subscript):
            word = target.attr if isinstance(target, ast.Attribute) else "a part of it"
            for model in _owners(target.value, names):
                self._give_up(model, target, f"{word} is set by hand")

    def _unread_method(self, node: ast.Call, names: dict[str, Any], why: str) -> None:
        """A method was called that was not followed; the model may have changed."""
        if not isinstance(node.func, ast.Attribute):
            return
        owner, method = node.func.value, node.func.attr
        known = names.get(dotted(owner))
        if isinstance(known, Written):
            if _changes_layers(method):
                self._give_up(known, node, why)
        elif method in _LIST_METHODS:
            for model in _owners(owner, names):
                self._give_up(model, node, why)
        if isinstance(owner, ast.Attribute) and method in ("add", "pop") and known is None:
            # such as self.model.add(...) in another method than self.model = Sequential()
            assert self._cell is not None
            self._changed.append((owner.attr, node, self._cell, why))

    def _passed_on(self, node: ast.Call, names: dict[str, Any], why: str) -> None:
        """A model was given to a function of the program that was not followed."""
        if node in self._followed:
            return
        own = isinstance(names.get(dotted(node.func)), _Function)
        own = own or dotted(node.func).startswith(("self.", "cls."))
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            known = names.get(dotted(argument))
            if own and isinstance(known, Written):
                self._give_up(known, node, why)

    def _left_over(self, node: ast.expr, names: dict[str, Any], why: str) -> None:
        """What an expression holds that has no value for the reader: models, and their methods."""
        if isinstance(node, ast.Lambda | ast.ListComp | ast.GeneratorExp | ast.DictComp):
            return
        if isinstance(node, ast.Call):
            self._unread_method(node, names, why)
            self._passed_on(node, names, why)
        for child in ast.iter_child_nodes(node):
            inside = child.value if isinstance(child, ast.keyword | ast.Starred) else child
            if not isinstance(inside, ast.expr):
                continue
            called = self._called_by(inside, names)
            if isinstance(called, _Function) and inside not in self._followed:
                self._value(inside, names)
            elif isinstance(inside, ast.NamedExpr) or _is_sequential(called):
                if inside not in self._seen:
                    self._seen.add(inside)
                    made = self._value(inside, names)
                    if isinstance(made, Written):
                        made.stands_inside = True
            else:
                self._left_over(inside, names, why)

    def _called_by(self, node: ast.expr, names: dict[str, Any]) -> Any:
        """What an expression calls, without calling it."""
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
            return None
        with suppress(NotRead):
            return evaluate(node.func, self._scope(names))
        return None

    # values

    def _scope(self, names: dict[str, Any]) -> Scope:
        assert self._cell is not None
        return Scope(names, self._globals, self._cell, self._on_call, _real)

    def _value(self, node: ast.expr, names: dict[str, Any]) -> Any:
        """The value of an expression, or Unknown with the reason."""
        try:
            return evaluate(node, self._scope(names))
        except NotRead as error:
            self._left_over(node, names, error.why)
            return Unknown(error.why)

    def _on_call(self, node: ast.Call, callee: Any, scope: Scope) -> Any:
        """Calls that change something: of models, of lists, of the program's own functions."""
        if isinstance(callee, Named) and callee.path == "keras.Sequential":
            return self._sequential(node, scope)
        if isinstance(callee, _Function):
            self._followed.add(node)
            arguments = [self._value(a, scope.names) for a in node.args]
            keywords = {k.arg: self._value(k.value, scope.names) for k in node.keywords if k.arg}
            return self._call(callee, arguments, keywords)
        if isinstance(node.func, ast.Attribute):
            owner = scope.known(node.func.value)
            if isinstance(owner, Written):
                return self._method(owner, node, scope)
            if isinstance(owner, list):
                return self._list_method(owner, node, scope)
        raise NotRead(node, not_run(node))

    def _call(self, function: _Function, given: list[Any], named: dict[str, Any]) -> Any:
        """Follow a function of the program; what it returns, or Unknown."""
        parameters = function.node.args
        names = dict(self._globals)
        plain = [*parameters.posonlyargs, *parameters.args]
        missing = Unknown("it is an argument of a function")
        for parameter in [*plain, *parameters.kwonlyargs]:
            names[parameter.arg] = Unknown(f"{parameter.arg} is an argument of a function")
        defaults = zip(plain[::-1], parameters.defaults[::-1], strict=False)
        for parameter, default in defaults:
            names[parameter.arg] = self._value(default, self._globals)
        for keyword, value in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True):
            if value is not None:
                names[keyword.arg] = self._value(value, self._globals)
        names.update(zip((parameter.arg for parameter in plain), given, strict=False))
        names.update(named)
        for rest in (parameters.vararg, parameters.kwarg):
            if rest is not None:
                names[rest.arg] = missing
        if self._depth >= MOST_DEPTH:
            return Unknown(f"{function.node.name} calls itself too often")
        self._called.add(function.node)
        before, self._cell = self._cell, function.cell
        self._depth += 1
        try:
            self._block(function.node.body, names)
        except _Return as reached:
            return reached.value
        finally:
            self._cell = before
            self._depth -= 1
        return None

    # models

    def _sequential(self, node: ast.Call, scope: Scope) -> Written:
        model = Written(scope.cell.place(node))
        self._seen.add(node)
        self.models.append(model)
        given = list(node.args[:1])
        for keyword in node.keywords:
            if keyword.arg == "layers":
                given.append(keyword.value)
            elif keyword.arg is None:
                self._give_up(model, node, "Sequential(**...)")
        if not given:
            return model
        first = given[0]
        if isinstance(first, ast.List | ast.Tuple):
            self._items(model, first.elts, scope)
            return model
        try:
            value: Any = evaluate(first, scope)
        except NotRead as error:
            self._give_up(model, error.node, error.why)
            return model
        if not isinstance(value, list | tuple):
            self._give_up(model, first, "its layers are not a list")
            return model
        for item in value:
            self._put(model, item, first, scope)
        return model

    def _items(self, model: Written, elements: list[ast.expr], scope: Scope) -> None:
        for element in elements:
            if isinstance(element, ast.Starred):
                inside = element.value
                if isinstance(inside, ast.List | ast.Tuple):
                    self._items(model, inside.elts, scope)
                    continue
                many = self._evaluated(model, inside, scope)
                for item in many if isinstance(many, list | tuple) else ():
                    self._put(model, item, element, scope)
            else:
                self._item(model, element, scope)

    def _item(self, model: Written, node: ast.expr, scope: Scope) -> None:
        try:
            item = evaluate(node, scope)
        except NotRead as error:
            if error.refused:
                model.refused.append((scope.cell.place(error.node), error.why))
                model.unread = model.unread or error.why
            elif error.is_input:
                model.lacks_entry = True
                self._note(error.node, f"{error.why}, so no shape is known", scope.cell)
            else:
                self._give_up(model, error.node, error.why)
            return
        self._put(model, item, node, scope)

    def _evaluated(self, model: Written, node: ast.expr, scope: Scope) -> Any:
        try:
            return evaluate(node, scope)
        except NotRead as error:
            self._give_up(model, error.node, error.why)
            return None

    def _put(self, model: Written, item: Any, node: ast.AST, scope: Scope) -> None:
        """Put one item into the list, a model inside as a real Sequential."""
        if isinstance(item, Unknown):
            self._give_up(model, node, item.why)
            return
        if isinstance(item, Written):
            item = _real(item)
            if isinstance(item, Written):
                self._give_up(model, node, "a model inside that was not read")
                return
        elif isinstance(item, Named | _Function):
            item = _as_item(item)
            if isinstance(item, Unknown):
                self._give_up(model, node, item.why)
                return
        model.items.append(item)
        model.places.append(scope.origin(item) or scope.cell.place(node))

    def _method(self, model: Written, node: ast.Call, scope: Scope) -> Any:
        assert isinstance(node.func, ast.Attribute)
        name = node.func.attr
        if name == "add" and (node.args or node.keywords):
            self._item(model, node.args[0] if node.args else node.keywords[0].value, scope)
        elif name == "pop" and model.items:
            model.items.pop()
            model.places.pop()
        elif name == "compile":
            model.compile = self._compile_arguments(node, scope)
            model.compile_place = scope.cell.place(node)
        elif _changes_layers(name):
            self._give_up(model, node, f"{name}(...) is not followed")
        return None

    def _compile_arguments(self, node: ast.Call, scope: Scope) -> dict[str, Any]:
        order = ("optimizer", "loss", "loss_weights", "metrics")
        given: list[tuple[str | None, ast.expr]] = list(zip(order, node.args, strict=False))
        given += [(keyword.arg, keyword.value) for keyword in node.keywords]
        found: dict[str, Any] = {}
        for name, value in given:
            if name is None:
                self._note(value, "compile(**...)", scope.cell)
                found.setdefault("loss", _UNREAD)
                continue
            if name not in ("optimizer", "loss", "metrics"):
                continue
            try:
                found[name] = _plain(evaluate(value, scope))
            except NotRead as error:
                self._note(error.node, f"{name} in compile: {error.why}", scope.cell)
                found[name] = _UNREAD
            if name == "metrics":
                found[name] = _read_metrics(found[name])
        return found

    def _list_method(self, owner: list[Any], node: ast.Call, scope: Scope) -> None:
        assert isinstance(node.func, ast.Attribute)
        name = node.func.attr
        if name == "append" and len(node.args) == 1:
            owner.append(self._value(node.args[0], scope.names))
        elif name == "extend" and len(node.args) == 1:
            more = self._value(node.args[0], scope.names)
            owner.extend(more if isinstance(more, list | tuple) else [Unknown("extend(...)")])
        else:
            owner.append(Unknown(f"a list is changed by {name}(...)"))

    def _give_up(self, model: Written, node: ast.AST, why: str, cell: Cell | None = None) -> None:
        if not model.unread:
            model.unread = why
            self._note(node, f"{why}; the model of line {model.place.line} is not checked", cell)

    def _note(self, node: ast.AST, text: str, cell: Cell | None = None) -> None:
        cell = cell or self._cell
        assert cell is not None
        note = Note(cell.place(node), text)
        if note not in self.notes:
            self.notes.append(note)


_SET_WITHOUT_HARM = ("trainable", "name", "stop_training", "optimizer", "learning_rate")
_LIST_METHODS = ("add", "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort")
_OLD_METHODS = (
    "evaluate_generator",
    "fit_generator",
    "predict_classes",
    "predict_generator",
    "predict_proba",
    "reset_states",
)


def _changes_layers(method: str) -> bool:
    """Whether a method of a Sequential may change its layers, as far as the reader knows."""
    if method in ("add", "pop"):
        return True
    return method not in _OLD_METHODS and not callable(getattr(keras.Sequential, method, None))


def _owners(node: ast.expr, names: dict[str, Any]) -> Iterator[Written]:
    """The models that an expression such as `model.layers[-1]` is a part of."""
    inside: ast.AST = node
    while True:
        known = names.get(dotted(inside))
        if isinstance(known, Written):
            yield known
        if isinstance(inside, ast.Attribute | ast.Subscript):
            inside = inside.value
        elif isinstance(inside, ast.Call):
            inside = inside.func
        else:
            return


def _is_sequential(value: Any) -> bool:
    return isinstance(value, Named) and canonical(value.path) == "keras.Sequential"


def _ways_to_sequential(cells: list[Cell]) -> Callable[[ast.expr], bool]:
    """Tell whether an expression names Keras' Sequential, by the imports of the whole file."""
    roots: dict[str, list[str]] = {}
    for node in (inner for cell in cells for inner in ast.walk(cell.tree)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.split(".")[0]
                roots.setdefault(alias.asname or root, []).append(
                    alias.name if alias.asname else root
                )
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name == "*":
                    for name, named in star_names(node.module or "").items():
                        roots.setdefault(name, []).append(named.path)
                else:
                    path = f"{node.module or ''}.{alias.name}"
                    roots.setdefault(alias.asname or alias.name, []).append(path)

    def is_way(node: ast.expr) -> bool:
        plain = isinstance(node, ast.Name)
        if not plain and not (isinstance(node, ast.Attribute) and node.attr == "Sequential"):
            return False
        first, _, rest = ast.unparse(node).partition(".")
        paths = (f"{root}.{rest}" if rest else root for root in roots.get(first, []))
        return any(canonical(path) == "keras.Sequential" for path in paths)

    return is_way


class _NotRead:
    """A compile argument that is there and was not read."""

    def __repr__(self) -> str:
        return "<not read>"


_UNREAD = _NotRead()


def _plain(value: Any) -> Any:
    """A compile argument without names that the reader knows only by their path."""
    if isinstance(value, Named | _Function | Unknown | Written):
        return _UNREAD
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value


def _read_metrics(value: Any) -> list[Any]:
    many = value if isinstance(value, list) else [value]
    return [one for one in many if one is not _UNREAD]


def _real(value: Any) -> Any:
    """A model that stands inside another, as a real one; anything else as it is."""
    if not isinstance(value, Written) or value.unread or value.lacks_entry:
        return value
    value.stands_inside = True
    try:
        return keras.Sequential(list(value.items))
    except Exception:  # its own findings tell why
        return value


def _as_item(item: Named | _Function) -> Any:
    """What the user put in the list instead of a layer: a class, or a function."""
    from seqkit.linting.values import makeable

    if isinstance(item, _Function):
        return _a_function
    found = makeable(item.path)
    return Unknown(f"{item.path} is not a layer that is read") if found is None else found


def _a_function(x: Any) -> Any:
    """Stands for a function of the program, which is not a layer."""
    return x


def _is_main(test: ast.expr) -> bool:
    names = [node.id for node in ast.walk(test) if isinstance(node, ast.Name)]
    return names == ["__name__"]


def _has_jump(body: list[ast.stmt]) -> bool:
    inside: Iterator[ast.AST] = (node for statement in body for node in ast.walk(statement))
    return any(isinstance(node, ast.Break | ast.Continue) for node in inside)
