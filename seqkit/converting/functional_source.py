"""Functional API code from a plan of layer calls, with the names that a person would choose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from seqkit.converting.layer_source import (
    layer_expression,
    made_by,
    model_name_is_automatic,
    name_is_automatic,
    shared_name,
)
from seqkit.converting.models import is_functional
from seqkit.converting.needs import Needs, fresh, identifier
from seqkit.converting.program import Program

_SHORT = 60  # a nested Sequential of so many characters stands where it is called

Value = int | tuple[int, int]
"""0, 1, … for the result of a call, -1, -2, … for an input; (2, 1) for the second result of
call 2, where a call has several."""


@dataclass(frozen=True)
class PlannedCall:
    """One layer call of a model that is to be written.

    Attributes:
        layer: the layer; the same object in two calls is written once and shared.
        sources: what it is called on: 0, 1, … for earlier calls, -1, -2, … for the inputs.
        hint: a name for the result; without one it is called `x` where that is clear.
        spread: whether several sources are separate arguments (attention), not one list.
        results: how many tensors the call gives.
        unpack: whether the only result comes in a list.
        write: writes the whole call, for operations that are no layers and for calls with more
            arguments than tensors: it gets the callee and the names of the sources.
    """

    layer: Any
    sources: tuple[Value, ...]
    hint: str = ""
    spread: bool = False
    results: int = 1
    unpack: bool = False
    write: Callable[[str, Sequence[str]], str] | None = None


def functional_program(
    inputs: Sequence[Any],
    calls: Sequence[PlannedCall],
    outputs: Sequence[Value],
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
    needs = Needs(uses=uses_in([call.layer for call in calls]))
    lines = graph_lines(inputs, calls, outputs, needs)
    return Program.of(lines, needs)


def uses_in(layers: Sequence[Any]) -> Counter[int]:
    """Count how often each layer is written, inside nested layers too; those count once.

    Example:
        >>> import keras
        >>> dense = keras.layers.Dense(2)
        >>> block = keras.Sequential([dense, keras.layers.ReLU()])
        >>> uses_in([dense, block, block])[id(dense)]
        2
    """
    counted: Counter[int] = Counter()
    waiting = list(layers)
    while waiting:
        layer = waiting.pop()
        counted[id(layer)] += 1
        if counted[id(layer)] == 1:
            waiting += _written_inside(layer)
    return counted


def _written_inside(layer: Any) -> list[Any]:
    """The layers that are written when this one is, as often as they are."""
    if is_functional(layer):
        nodes = [node for same_depth in layer._nodes_by_depth.values() for node in same_depth]
        return [node.operation for node in nodes if not node.is_input]
    if isinstance(layer, keras.Sequential):
        return list(layer._layers)
    if isinstance(layer, keras.Layer):
        return list(layer._flatten_layers(include_self=False, recursive=False))
    return []


Join = Callable[[Sequence[str]], str]


def one_or_list(names: Sequence[str]) -> str:
    """Write one name as it is and several as a list.

    Example:
        >>> one_or_list(["x"]), one_or_list(["a", "b"])
        ('x', '[a, b]')
    """
    return names[0] if len(names) == 1 else f"[{', '.join(names)}]"


def graph_lines(
    inputs: Sequence[Any],
    calls: Sequence[PlannedCall],
    outputs: Sequence[Value],
    needs: Needs,
    join: tuple[Join, Join] = (one_or_list, one_or_list),
    result: str = "model",
    options: str = "",
) -> list[str]:
    """Write one graph. Models and layers that must be there before go to `needs.lines`.

    Args:
        inputs: the InputLayers.
        calls: the calls, each after those it needs.
        outputs: the values that leave the model.
        needs: what the program needs so far.
        join: how the inputs and how the outputs are handed to keras.Model.
        result: the variable that gets the model.
        options: further arguments of keras.Model.
    """
    makers = _shared_here(calls, needs)
    callees = [_callee(call, needs) for call in calls]
    names = _names(inputs, calls, [_full(value) for value in outputs], needs)
    entries = [names[-1 - place, 0] for place in range(len(inputs))]
    lines = [
        f"{name} = {layer_expression(layer, needs)}"
        for name, layer in zip(entries, inputs, strict=True)
    ]
    lines += makers
    for index, (call, callee) in enumerate(zip(calls, callees, strict=True)):
        targets = ", ".join(names[index, part] for part in range(call.results))
        targets = f"[{targets}]" if call.unpack else targets
        lines.append(f"{targets} = {_call(call, callee, names)}")
    leaving = [names[_full(value)] for value in outputs]
    lines.append(f"{result} = keras.Model({join[0](entries)}, {join[1](leaving)}{options})")
    return lines


def _full(value: Value) -> tuple[int, int]:
    return value if isinstance(value, tuple) else (value, 0)


def _callee(call: PlannedCall, needs: Needs) -> str:
    """What is called: a layer, by its variable or where it is made; or an operation."""
    if not isinstance(call.layer, keras.Layer):
        return ""
    if isinstance(call.layer, keras.Sequential) and id(call.layer) not in needs.variables:
        return nested_stack(call.layer, needs)
    return layer_expression(call.layer, needs)


def nested_stack(model: keras.Sequential, needs: Needs) -> str:
    """Make a Sequential in a line of its own, before the graph that calls it."""
    written = made_by(model, needs)
    if id(model) not in needs.variables and len(written) <= _SHORT and needs.uses[id(model)] < 2:
        return written
    variable = needs.declare(model, "block" if model_name_is_automatic(model) else model.name)
    needs.lines.append(f"{variable} = {written}")
    return variable


def _shared_here(calls: Sequence[PlannedCall], needs: Needs) -> list[str]:
    """Lines for the layers that are written more than once, all in this graph."""
    here = Counter(id(call.layer) for call in calls)
    lines = []
    for call in calls:
        layer = call.layer
        plain = isinstance(layer, keras.Layer) and not isinstance(layer, keras.Model)
        if not plain or id(layer) in needs.variables:
            continue
        if here[id(layer)] > 1 and here[id(layer)] == needs.uses[id(layer)]:
            written = made_by(layer, needs)
            variable = needs.declare(layer, shared_name(layer, needs.next_shared()))
            lines.append(f"{variable} = {written}")
    return lines


def _call(call: PlannedCall, callee: str, names: dict[tuple[int, int], str]) -> str:
    variables = [names[_full(source)] for source in call.sources]
    if call.write is not None:
        return call.write(callee, variables)
    inside = ", ".join(variables)
    alone = len(variables) == 1 or call.spread
    return f"{callee}({inside})" if alone else f"{callee}([{inside}])"


def _names(
    inputs: Sequence[Any],
    calls: Sequence[PlannedCall],
    outputs: Sequence[tuple[int, int]],
    needs: Needs,
) -> dict[tuple[int, int], str]:
    """A variable for every value; only `x` is used for several, one after the other."""
    names: dict[tuple[int, int], str] = {}
    taken = needs.taken | {type(call.layer).__name__ for call in calls}
    for place, layer in enumerate(inputs):
        plain = "inputs" if len(inputs) == 1 else f"input_{place + 1}"
        wanted = plain if name_is_automatic(layer) else identifier(layer.name)
        names[-1 - place, 0] = fresh(wanted, taken)
    for index, call in enumerate(calls):
        for part in range(call.results):
            value = (index, part)
            if value in outputs:
                single = len(set(outputs)) == 1
                names[value] = "outputs" if single else fresh("output", taken)
            elif call.hint:
                names[value] = fresh(call.hint, taken)
            elif not _users(value, calls):
                names[value] = "_"
            elif call.results > 1 and not isinstance(call.layer, keras.Layer):
                names[value] = fresh(f"part_{part + 1}", taken)  # of keras.ops.split
            elif _is_free(value, calls):
                names[value] = "x"
            else:
                names[value] = fresh(_role(value, calls), taken)
    return names


def _users(value: tuple[int, int], calls: Sequence[PlannedCall]) -> list[int]:
    return [
        place
        for place, call in enumerate(calls)
        if any(_full(source) == value for source in call.sources)
    ]


def _is_free(value: tuple[int, int], calls: Sequence[PlannedCall]) -> bool:
    """Whether `x` still holds the value when it is used, and is used once."""
    users = _users(value, calls)
    index, part = value
    return len(users) == 1 and not part and all(call.hint for call in calls[index + 1 : users[0]])


def _role(value: tuple[int, int], calls: Sequence[PlannedCall]) -> str:
    """A named layer names its result; what skips ahead into a merge is a skip, else a trunk."""
    index, part = value
    layer = calls[index].layer
    if part:
        return _further_result(layer, part)
    users = [calls[place] for place in _users(value, calls)]
    if isinstance(layer, keras.Layer) and not name_is_automatic(layer):
        return identifier(layer.name)
    return "skip" if any(len(user.sources) > 1 for user in users) else "trunk"


def _further_result(layer: Any, part: int) -> str:
    """What a layer gives beside its output: states of a recurrent one, scores of attention."""
    if isinstance(layer, keras.layers.RNN | keras.layers.Bidirectional):
        return "state"
    return "scores" if "Attention" in type(layer).__name__ else f"part_{part + 1}"
