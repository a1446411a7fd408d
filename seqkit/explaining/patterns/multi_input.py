"""Two inputs: a second Input in the list, or two arrays for a model that takes one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import keras

from seqkit.converting import Program
from seqkit.explaining.chain_program import sequential_program
from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.explaining.plan import Plan, planned_fix
from seqkit.graph.chain import is_input
from seqkit.graph.reasons import is_merge
from seqkit.repairing.program import unbuilt

ORDER = 5

_WHY = (
    "A Sequential that begins with an Input is one road with one entrance: each layer gets one "
    "tensor, and a second one has no way in."
)
_FIX = (
    "Functional API: one Input for each array, a road for each, and a Concatenate where they meet."
)


_NUMBERS = {2: "Two", 3: "Three", 4: "Four"}


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a second Input, several arrays, or Keras' warning that it ignores one."""
    if _warns_of_structure(evidence.error):
        count = _received(str(evidence.error))
        return _silent(evidence, count) if count > 1 else None
    if evidence.row is not None and is_input(evidence.item):
        late = _stands_late(evidence)
        return _late_input(evidence) if late else _second_input(evidence)
    count = _arrays(evidence)
    if count > 1 and _failed_at_the_entrance(evidence):
        return _several_arrays(evidence, count)
    return None


def _warns_of_structure(error: BaseException | None) -> bool:
    return isinstance(error, Warning) and "structure of `inputs`" in str(error)


def _received(warning: str) -> int:
    """How many arrays a model with one input got, by Keras' warning; 0 if it takes several."""
    expected, _, received = warning.partition("Received:")
    if re.search(r"Expected:\s*(\[[^\]]*,|\{[^}]*,)", expected):
        return 0
    return received.count("Tensor(shape=")


def _failed_at_the_entrance(evidence: Evidence) -> bool:
    """Whether the model itself or its first layer refused, and not a loss or a callback."""
    if evidence.refused_by_model:
        return True
    if not evidence.in_the_model:
        return False
    layers = getattr(evidence.model, "layers", ())
    return evidence.called is evidence.model or any(evidence.called is one for one in layers[:1])


def _silent(evidence: Evidence, count: int) -> Explanation:
    return Explanation(
        pattern="multi_input",
        fault="topology",
        title="The model takes one input; only one array is used",
        what_happened=(
            f"{_NUMBERS.get(count, str(count))} arrays were passed. Keras warned that their "
            "structure does not match the model's single input, took one of them and dropped the "
            "rest. Nothing stopped."
        ),
        why=_WHY,
        fix=_FIX,
        original=evidence.error,
    )


def _second_input(evidence: Evidence) -> Explanation:
    assert evidence.row is not None
    explanation = Explanation(
        pattern="multi_input",
        fault="topology",
        title="A Sequential has one Input; a second cannot stand in its list",
        what_happened=(
            f"Item {evidence.row.index} after the first Input is another Input. A Sequential "
            f"hands each layer the output of the layer before, here {evidence.got}."
        ),
        why=_WHY,
        fix=_FIX,
        layer=evidence.row,
        trace=evidence.trace,
        original=evidence.error,
    )
    return planned_fix(explanation, lambda layer_for: _plan(evidence.items, layer_for))


def _stands_late(evidence: Evidence) -> bool:
    """Whether the list has one Input, and not in front: Keras notices at the first call."""
    error = evidence.error
    return error is not None and "positional argument" in str(error)


def _late_input(evidence: Evidence) -> Explanation:
    assert evidence.row is not None and evidence.trace is not None
    rest = [item for item in evidence.items if not is_input(item)]
    entry = evidence.trace.graph.entry[0][1:] if evidence.trace.graph.entry else None
    explanation = Explanation(
        pattern="input_in_the_middle",
        fault="parameter",
        title="The Input stands in the middle of the list",
        what_happened=(
            f"Item {evidence.row.index} of the list is an Input. Keras took it, and stopped at "
            f"the first call."
        ),
        why="The Input says what comes in, so it is the first item or none.",
        fix="Take it out, and begin the list with the Input for the data.",
        layer=evidence.row,
        trace=evidence.trace,
        original=evidence.error,
    )
    return planned_fix(explanation, lambda _: sequential_program(rest, entry))


def _several_arrays(evidence: Evidence, count: int) -> Explanation:
    explanation = Explanation(
        pattern="multi_input",
        fault="topology",
        title=f"The model takes one input, and {count} arrays were passed",
        what_happened=f"The data holds {count} arrays; the first layer expects one tensor.",
        why=_WHY,
        fix=_FIX,
        trace=evidence.trace,
        original=evidence.error,
    )
    return planned_fix(explanation, lambda layer_for: _plan(_with_inputs(evidence), layer_for))


def _with_inputs(evidence: Evidence) -> tuple[Any, ...]:
    """The list, with an Input for each further array where the roads can meet."""
    data = _passed(evidence)
    names = [str(name) for name in data] if isinstance(data, Mapping) else [None] * len(data)
    arrays = list(data.values()) if isinstance(data, Mapping) else list(data)
    inputs = [
        keras.layers.InputLayer(tuple(array.shape[1:]), name=name)
        for name, array in zip(names, arrays, strict=True)
    ]
    body = [item for item in unbuilt(evidence.items) if not is_input(item)]
    return (inputs[0], *body[:-1], *inputs[1:], body[-1])


def _passed(evidence: Evidence) -> Any:
    data = evidence.data
    return data[0] if isinstance(data, tuple) and len(data) == 1 else data


def _arrays(evidence: Evidence) -> int:
    data = _passed(evidence)
    if isinstance(data, Mapping):
        data = list(data.values())
    if not isinstance(data, list | tuple) or not all(hasattr(one, "shape") for one in data):
        return 0
    takes_one = bool(evidence.items) or isinstance(evidence.called, keras.Sequential)
    return len(data) if takes_one else 0


def _plan(items: tuple[Any, ...], layer_for: Callable[[Any], Any]) -> Program:
    """One road for each Input; they meet at the merge layer, or before the last layer."""
    roads: list[list[Any]] = []
    for item in items:
        if is_input(item):
            roads.append([item])
        else:
            roads[-1].append(item)
    roads[-1], merge, tail = _meeting(roads[-1])
    plan = Plan([road[0] for road in roads], layer_for)
    ends = []
    for place, road in enumerate(roads):
        value = -1 - place
        for step, layer in enumerate(road[1:], start=2):
            value = plan.call(layer, value, hint="road" if step == len(road) else "")
        ends.append(value)
    value = plan.call(merge, *ends)
    for layer in tail:
        value = plan.call(layer, value)
    return plan.program(value)


def _meeting(road: list[Any]) -> tuple[list[Any], Any, list[Any]]:
    """Split the last road where all meet: its layers, the merge layer, what follows."""
    for place, layer in enumerate(road):
        if is_merge(layer):
            return road[:place], layer, road[place + 1 :]
    return road[:-1] or road, keras.layers.Concatenate(), road[-1:] if len(road) > 1 else []
