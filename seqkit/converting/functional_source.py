"""Functional API code from a plan of layer calls, with the names that a person would choose."""

from __future__ import annotations

import itertools
import keyword
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from seqkit.converting.layer_source import (
    layer_source,
    name_is_automatic,
    public_name,
)
from seqkit.converting.program import Program


@dataclass(frozen=True)
class PlannedCall:
    """One layer call of a model that is to be written.

    Attributes:
        layer: the layer; the same object in two calls is written once and shared.
        sources: what it is called on: 0, 1, … for earlier calls, -1, -2, … for the inputs.
        hint: a name for the result; without one it is called `x` where that is clear.
        spread: whether several sources are separate arguments (attention), not one list.
    """

    layer: Any
    sources: tuple[int, ...]
    hint: str = ""
    spread: bool = False


def functional_program(
    inputs: Sequence[Any],
    calls: Sequence[PlannedCall],
    outputs: Sequence[int],
) -> Program:
    r"""Write a Functional model as code.

    A result that only feeds the next line is called `x`; any other gets a name of its own.

    Args:
        inputs: the InputLayers.
        calls: the calls, each after those it needs.
        outputs: the calls whose results leave the model.

    Returns:
        A program that leaves the model in `model`.

    Example:
        >>> import keras
        >>> first, add = keras.layers.Dense(4), keras.layers.Add()
        >>> calls = [PlannedCall(first, (-1,)), PlannedCall(add, (0, -1))]
        >>> program = functional_program([keras.layers.InputLayer((4,))], calls, [1])
        >>> print("\n".join(program.lines))
        inputs = keras.Input((4,))
        x = layers.Dense(4)(inputs)
        outputs = layers.Add()([x, inputs])
        model = keras.Model(inputs, outputs)
    """
    makers = _shared_layers(calls)
    names = _names(inputs, calls, outputs, reserved=makers)
    program = Program()
    for place, layer in enumerate(inputs):
        program.add(f"{names[-1 - place]} = {layer_source(layer)}")
    for variable, layer in makers.items():
        program.add(f"{variable} = {layer_source(layer)}")
        _note_class(program, layer)
    shared = {id(layer): variable for variable, layer in makers.items()}
    for index, call in enumerate(calls):
        written = shared.get(id(call.layer)) or layer_source(call.layer)
        _note_class(program, call.layer)
        program.add(f"{names[index]} = {written}({_arguments(call, names)})")
    program.add(f"model = keras.Model({_one_or_list(inputs, names)}, {_joined(outputs, names)})")
    return program


def _names(
    inputs: Sequence[Any],
    calls: Sequence[PlannedCall],
    outputs: Sequence[int],
    reserved: Iterable[str],
) -> dict[int, str]:
    """A variable for every value; only `x` is used for several, one after the other."""
    names: dict[int, str] = {}
    taken = {"keras", "layers", "model", "x", "outputs", *reserved}
    taken |= {type(call.layer).__name__ for call in calls}
    for place, layer in enumerate(inputs):
        plain = "inputs" if len(inputs) == 1 else f"input_{place + 1}"
        wanted = plain if name_is_automatic(layer) else _identifier(layer.name)
        names[-1 - place] = _fresh(wanted, taken)
    for index, call in enumerate(calls):
        if index in outputs:
            names[index] = "outputs" if len(outputs) == 1 else _fresh("output", taken)
        elif call.hint:
            names[index] = _fresh(call.hint, taken)
        else:
            names[index] = "x" if _is_free(index, calls) else _fresh(_role(index, calls), taken)
    return names


def _is_free(index: int, calls: Sequence[PlannedCall]) -> bool:
    """Whether `x` still holds the value when it is used, and is used once."""
    users = [place for place, other in enumerate(calls) if index in other.sources]
    return len(users) == 1 and all(call.hint for call in calls[index + 1 : users[0]])


def _role(index: int, calls: Sequence[PlannedCall]) -> str:
    """A value that skips ahead into a merge is a skip; one that several layers take is a trunk."""
    users = [other for other in calls if index in other.sources]
    return "skip" if any(len(other.sources) > 1 for other in users) else "trunk"


def _identifier(name: str) -> str:
    word = re.sub(r"\W", "_", name)
    return f"_{word}" if word[:1].isdigit() or keyword.iskeyword(word) else word


def _fresh(name: str, taken: set[str]) -> str:
    """The name, or the name with the first free number; it is taken from now on."""
    numbered = (f"{name}_{number}" for number in itertools.count(2))
    free = next(word for word in itertools.chain([name], numbered) if word not in taken)
    taken.add(free)
    return free


def _shared_layers(calls: Sequence[PlannedCall]) -> dict[str, Any]:
    """Layers that are called more than once get a variable."""
    seen: dict[int, int] = {}
    for call in calls:
        seen[id(call.layer)] = seen.get(id(call.layer), 0) + 1
    found: dict[str, Any] = {}
    for call in calls:
        if seen[id(call.layer)] > 1 and call.layer not in found.values():
            found[f"shared_{type(call.layer).__name__.lower()}_{len(found) + 1}"] = call.layer
    return found


def _note_class(program: Program, layer: Any) -> None:
    kind = public_name(type(layer))
    if not hasattr(keras.layers, kind):
        program.scope[kind] = type(layer)


def _arguments(call: PlannedCall, names: dict[int, str]) -> str:
    variables = ", ".join(names[source] for source in call.sources)
    return variables if len(call.sources) == 1 or call.spread else f"[{variables}]"


def _one_or_list(inputs: Sequence[Any], names: dict[int, str]) -> str:
    return _joined([-1 - place for place in range(len(inputs))], names)


def _joined(values: Sequence[int], names: dict[int, str]) -> str:
    text = ", ".join(names[value] for value in values)
    return text if len(values) == 1 else f"[{text}]"
