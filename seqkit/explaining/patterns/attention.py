"""Attention in the list: it needs a query and a value, a Sequential has one tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from seqkit.converting import Program
from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.explaining.plan import Plan, planned_fix
from seqkit.graph.chain import is_input

ORDER = 30


def match(evidence: Evidence) -> Explanation | None:
    """Recognise MultiHeadAttention, Attention or AdditiveAttention on a single tensor."""
    row, layer = evidence.row, evidence.item
    if row is None or not is_attention(layer) or len(row.input_shapes) != 1:
        return None
    kind = type(layer).__name__
    explanation = Explanation(
        pattern="attention",
        fault="topology",
        title=f"{kind} cannot stand in a Sequential list",
        what_happened=(
            f"Layer {row.index}, {kind}, compares a query with a value, so it needs both. "
            f"A Sequential hands it one tensor, {evidence.got}."
        ),
        why="A Sequential calls each layer as layer(x); it has no place for a second argument.",
        fix="Functional API: pass the tensor twice for self-attention, or two different ones.",
        layer=row,
        trace=evidence.trace,
        original=evidence.error,
    )
    return planned_fix(explanation, lambda layer_for: _plan(evidence, layer_for))


def is_attention(layer: Any) -> bool:
    """Whether the layer compares several tensors."""
    kinds = ("MultiHeadAttention", "Attention", "AdditiveAttention", "GroupQueryAttention")
    return type(layer).__name__ in kinds and isinstance(layer, keras.Layer)


def _plan(evidence: Evidence, layer_for: Callable[[Any], Any]) -> Program:
    assert evidence.trace is not None
    items = list(evidence.items)
    first = items.pop(0) if is_input(items[0]) else evidence.trace.graph.entry[0][1:]
    plan = Plan([first], layer_for)
    value = -1
    for item in items:
        if is_attention(item):
            separate = not isinstance(item, keras.layers.Attention | keras.layers.AdditiveAttention)
            value = plan.call(item, value, value, spread=separate)
        else:
            value = plan.call(item, value)
    return plan.program(value)
