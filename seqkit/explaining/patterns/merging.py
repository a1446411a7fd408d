"""A merge layer in the list: a skip (Add), a dense skip (Concatenate), a gate (Multiply)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras

from seqkit.converting import Program
from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.explaining.plan import Plan, planned_fix
from seqkit.graph import Shape
from seqkit.graph.chain import input_layer_of, is_input
from seqkit.graph.reasons import is_merge

ORDER = 10


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a merge layer that was handed a single tensor."""
    row, layer = evidence.row, evidence.item
    if row is None or not is_merge(layer) or len(row.input_shapes) != 1:
        return None
    kind = type(layer).__name__
    pattern, meant = _meaning(layer)
    needs = "two tensors" if isinstance(layer, keras.layers.Dot) else "two or more tensors"
    explanation = Explanation(
        pattern=pattern,
        fault="topology",
        title=f"{kind} cannot stand in a Sequential list",
        what_happened=(
            f"Layer {row.index}, {kind}, needs a list of {needs}. A Sequential hands a layer "
            f"one tensor: {_origin(row.index)}, {evidence.got}."
        ),
        why=(f"A Sequential keeps no name for an earlier output, so there is nothing to {meant}."),
        fix="Functional API: give the earlier output a name, and pass both to the layer.",
        layer=row,
        trace=evidence.trace,
        original=evidence.error,
    )
    return planned_fix(explanation, lambda layer_for: _plan(evidence, layer_for))


def _meaning(layer: Any) -> tuple[str, str]:
    if isinstance(layer, keras.layers.Concatenate):
        return "dense_skip", "join it with"
    if isinstance(layer, keras.layers.Multiply):
        return "gate", "multiply it with"
    if isinstance(layer, keras.layers.Dot):
        return "dot", "take the product with"
    return "residual", "add" if isinstance(layer, keras.layers.Add) else "combine it with"


def _origin(index: int) -> str:
    return "the input" if index == 0 else "the output of the layer before it"


def _plan(evidence: Evidence, layer_for: Callable[[Any], Any]) -> Program:
    assert evidence.trace is not None
    items = list(evidence.items)
    first = items.pop(0) if is_input(items[0]) else evidence.trace.graph.entry[0][1:]
    plan = Plan([first], layer_for)
    plan_chain(plan, items)
    return plan.program()


def plan_chain(plan: Plan, items: Sequence[Any], value: int = -1) -> int:
    """Plan a list of layers; each merge layer gets the earlier value that was most likely meant."""
    block_start = value
    for item in items:
        if input_layer_of(item) is not None:
            raise ValueError("a second Input is another pattern")
        if not is_merge(item):
            value = plan.call(item, value)
            continue
        value = _merge(plan, item, value, block_start)
        block_start = value
    return value


def _merge(plan: Plan, layer: Any, value: int, block_start: int) -> int:
    """Merge with the earliest fitting value since the last merge; project it if none fits."""
    candidates = range(max(block_start, 0), value) if block_start >= 0 else range(-1, value)
    for earlier in candidates:
        if _fits(layer, plan.shape(earlier), plan.shape(value)):
            return plan.call(layer, value, earlier)
    projected = plan.call(
        _projection(plan.shape(block_start), plan.shape(value)), block_start, hint="shortcut"
    )
    return plan.call(layer, value, projected)


def _fits(layer: Any, earlier: Shape, now: Shape) -> bool:
    if not isinstance(layer, keras.layers.Concatenate):
        return earlier == now
    if len(earlier) != len(now):
        return False
    axis = layer.axis % len(now)
    return all(
        a == b for place, (a, b) in enumerate(zip(earlier, now, strict=True)) if place != axis
    )


def _projection(start: Shape, now: Shape) -> keras.Layer:
    """A layer that gives the start of a block the shape of its end, as in ResNet."""
    if len(start) != len(now):
        raise ValueError("no projection between different numbers of axes")
    if len(now) == 2:
        return keras.layers.Dense(now[1])
    if len(now) != 4 or None in (*start[1:], *now[1:]):
        raise ValueError("no projection is known for this shape")
    strides = tuple(-(-big // small) for big, small in zip(start[1:3], now[1:3], strict=True))  # type: ignore[operator]
    return keras.layers.Conv2D(now[3], 1, strides=strides, padding="same")
