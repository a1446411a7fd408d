"""One layer for two inputs (a Siamese network), or tensors in the list in place of layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras

from seqkit.converting import Program
from seqkit.explaining.chain_program import functional_chain, sequential_program
from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.explaining.history import chain_behind
from seqkit.explaining.plan import Plan, planned_fix
from seqkit.graph.chain import is_input
from seqkit.graph.reasons import is_merge

ORDER = 4


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a layer that two inputs share, and tensors that stand where layers should."""
    if evidence.row is None or not evidence.in_a_sequential:
        return None
    roads, rest = _roads(evidence.items)
    if len(roads) > 1 and _shared(roads):
        return _siamese(evidence, roads, rest)
    if isinstance(evidence.item, keras.KerasTensor) and not is_input(evidence.item):
        return _tensor(evidence)
    return None


def _siamese(evidence: Evidence, roads: list[list[Any]], rest: list[Any]) -> Explanation:
    names = " and ".join(dict.fromkeys(type(layer).__name__ for layer in _shared(roads)))
    explanation = Explanation(
        pattern="shared_layer",
        fault="topology",
        title="One layer for several inputs does not fit in a Sequential",
        what_happened=(
            f"The list holds {len(roads)} inputs, and {names} is meant for each of them. A "
            f"Sequential calls each layer once for each place in its list, one after the other."
        ),
        why=(
            "Shared weights need one layer object called on several tensors, side by side. In "
            "a list the second call would get what the first one gave."
        ),
        fix="Functional API: make the layer once, call it on each Input, then join the results.",
        layer=evidence.row,
        trace=evidence.trace,
        original=evidence.error,
    )
    return planned_fix(explanation, lambda layer_for: _plan(roads, rest, layer_for))


def _tensor(evidence: Evidence) -> Explanation:
    assert evidence.row is not None
    behind = chain_behind(evidence.item)
    made = f" It is what {type(behind[-1]).__name__} returned." if behind else ""
    explanation = Explanation(
        pattern="tensor_in_the_list",
        fault="parameter",
        title=f"{evidence.place} of the list is a tensor, not a layer",
        what_happened=f"{evidence.place} of the list: a tensor is not a layer.{made}",
        why=(
            "A Sequential calls its layers by itself, so it takes layers. The Functional API "
            "is the other way round: you call the layers, and keep the tensors."
        ),
        fix="Put the layer in the list, not what it returned. Or write all with layer(x).",
        layer=evidence.row,
        trace=evidence.trace,
        original=evidence.error,
    )
    if not behind:
        return explanation
    return planned_fix(explanation, lambda layer_for: _with_layers(evidence, behind, layer_for))


def _with_layers(
    evidence: Evidence, behind: Sequence[Any], layer_for: Callable[[Any], Any]
) -> Program:
    """The list with the layers that made the tensor in its place."""
    place = next(at for at, item in enumerate(evidence.items) if item is evidence.item)
    before, after = evidence.items[:place], evidence.items[place + 1 :]
    if not before:
        return functional_chain((*behind, *after), layer_for)
    if not is_input(before[0]):
        raise ValueError("the list has no Input, so the sizes are not known")
    return sequential_program((*before, *behind[1:], *after), None)


def _roads(items: Sequence[Any]) -> tuple[list[list[Any]], list[Any]]:
    """The roads that begin at an Input each, and what follows where they meet."""
    flat: list[Any] = []
    for item in items:
        flat += item if isinstance(item, list | tuple) else [item]
    called = [chain_behind(item) for item in flat if isinstance(item, keras.KerasTensor)]
    if called and all(len(road) > 1 for road in called):
        rest = [item for item in flat if not isinstance(item, keras.KerasTensor)]
        return [list(road) for road in called], rest
    inputs = [item for item in flat if is_input(item)]
    layers = [item for item in flat if not is_input(item)]
    return _same_layer_for_each(inputs, layers)


def _same_layer_for_each(inputs: list[Any], layers: list[Any]) -> tuple[list[list[Any]], list[Any]]:
    """[a, b, tower, tower, merge, …]: the layer stands once for each Input."""
    many = len(inputs)
    if many < 2 or len(layers) < many:
        return [], layers
    first = layers[0]
    if is_merge(first) or not all(one is first for one in layers[:many]):
        return [], layers
    return [[one, first] for one in inputs], layers[many:]


def _shared(roads: list[list[Any]]) -> list[Any]:
    return [layer for layer in roads[0][1:] if all(_has(road, layer) for road in roads[1:])]


def _has(road: list[Any], layer: Any) -> bool:
    return any(one is layer for one in road)


def _plan(roads: list[list[Any]], rest: list[Any], layer_for: Callable[[Any], Any]) -> Program:
    plan = Plan([road[0] for road in roads], layer_for)
    ends = []
    for place, road in enumerate(roads):
        value = -1 - place
        for step, layer in enumerate(road[1:], start=2):
            value = plan.call(layer, value, hint="encoded" if step == len(road) else "")
        ends.append(value)
    tail = list(rest)
    merge = tail.pop(0) if tail and is_merge(tail[0]) else keras.layers.Concatenate()
    value = plan.call(merge, *ends)
    for layer in tail:
        value = plan.call(layer, value)
    return plan.program(value)
