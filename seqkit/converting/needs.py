"""What written code refers to and does not make itself: own classes, functions, other models."""

from __future__ import annotations

import itertools
import keyword
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import keras


@dataclass
class Needs:
    """Everything that the code of one program needs, collected while it is written.

    Attributes:
        imports: import statements for the user's own classes and functions.
        missing: own objects that no module holds: the code can only name them.
        notes: comments for the top of the program.
        variables: by the id of a layer, the variable that holds it.
        objects: by its name, everything that the code may refer to.
        lines: statements that come before all others, such as nested models.
        uses: by the id of a layer, how often it must be written; more than once makes a variable.
        taken: names that are in use everywhere in the program.
    """

    imports: list[str] = field(default_factory=list)
    missing: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    variables: dict[int, str] = field(default_factory=dict)
    objects: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    uses: Counter[int] = field(default_factory=Counter)
    taken: set[str] = field(default_factory=lambda: {"keras", "layers", "model", "x", "outputs"})

    @property
    def scope(self) -> dict[str, Any]:
        """A namespace in which a written expression can be tried."""
        return {"keras": keras, "layers": keras.layers, **self.objects}

    def refer(self, thing: Any) -> str:
        """Return the name of a class or function of the user's own; it is imported if possible."""
        for name, known in self.objects.items():
            if known is thing:
                return name
        wanted = getattr(thing, "__name__", "function")
        importable = _is_importable(thing)
        name = wanted if importable and wanted not in self.taken else self.fresh(wanted)
        self.taken.add(name)
        self.objects[name] = thing
        if importable:
            renamed = "" if name == wanted else f" as {name}"
            self.imports.append(f"from {thing.__module__} import {wanted}{renamed}")
        else:
            self.missing[name] = thing
            self.notes.append(_what_is_missing(name, thing))
        return name

    def note(self, comment: str) -> None:
        """Add a comment to the top of the program, once."""
        if comment not in self.notes:
            self.notes.append(comment)

    def import_module(self, alias: str, module: Any) -> None:
        """Note that the code uses a module under a name of its own."""
        if alias in self.objects or alias in ("keras", "layers"):
            return
        name = module.__name__
        self.imports.append(f"import {name}" if name == alias else f"import {name} as {alias}")
        self.objects[alias] = module
        self.taken.add(alias)

    def declare(self, thing: Any, wanted: str) -> str:
        """Give a layer or model a variable for the whole program."""
        name = self.fresh(wanted)
        self.variables[id(thing)] = name
        self.objects[name] = thing
        return name

    def next_shared(self) -> int:
        """The number of the next shared layer, from 1."""
        return 1 + sum(name.startswith("shared_") for name in self.variables.values())

    def fresh(self, wanted: str) -> str:
        """Take a name that is free in the whole program."""
        return fresh(identifier(wanted), self.taken)


def identifier(name: str) -> str:
    """Turn a layer's name into one that a variable may have.

    Example:
        >>> identifier("block-1/conv"), identifier("2nd"), identifier("for")
        ('block_1_conv', '_2nd', 'for_')
    """
    word = re.sub(r"\W", "_", name)
    if keyword.iskeyword(word):
        return f"{word}_"
    return f"_{word}" if word[:1].isdigit() else word


def fresh(name: str, taken: set[str]) -> str:
    """Return the name, or the name with the first free number; it is taken from now on."""
    numbered = (f"{name}_{number}" for number in itertools.count(2))
    free = next(word for word in itertools.chain([name], numbered) if word not in taken)
    taken.add(free)
    return free


def _what_is_missing(name: str, thing: Any) -> str:
    what = "class" if isinstance(thing, type) else "function"
    if _is_inside_keras(thing):
        return (
            f"# {name} is a {what} inside Keras without a public name. Take it from the model, as "
            f"type(layer), or write your own before this line."
        )
    return f"# {name} is a {what} of your own: define it before this line."


def _is_inside_keras(thing: Any) -> bool:
    """Whether it stands where Keras moves things from version to version."""
    return str(getattr(thing, "__module__", "")).startswith("keras.src.")


def _is_importable(thing: Any) -> bool:
    """Whether `from module import name` gives this very object, here and elsewhere."""
    module, name = getattr(thing, "__module__", None), getattr(thing, "__name__", "")
    if module in (None, "__main__", "builtins") or not name.isidentifier():
        return False
    if _is_inside_keras(thing):
        return False
    if getattr(sys.modules.get(module), name, None) is not thing:
        return False
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False
