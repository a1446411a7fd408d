"""Several output layers as the last item: a model with more than one result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from seqkit.converting import Program, name_is_automatic
from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.explaining.patterns.merging import plan_chain
from seqkit.explaining.plan import Plan, planned_fix
from seqkit.graph.chain import is_input

ORDER = 15


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a list or dict of different output layers at the end of the list."""
    row = evidence.row
    heads = _heads(evidence.item)
    if row is None or not heads or evidence.items[-1] is not evidence.item:
        return None
    names = " and ".join(_told(head[-1]) for head in heads)
    explanation = Explanation(
        pattern="multi_output",
        fault="topology",
        title="A Sequential has one output; several output layers do not fit in it",
        what_happened=(
            f"{evidence.place} of the list is a {type(evidence.item).__name__} of {len(heads)}, "
            f"{names}. Each item must be one layer."
        ),
        why=(
            "Each output layer needs the same tensor, and each result must leave the model. A "
            "Sequential hands its tensor to one layer, and only its last one is the output."
        ),
        fix=(
            "Functional API: call each output layer on the same tensor, and name all results in "
            "keras.Model. Then compile takes one loss for each."
        ),
        layer=row,
        trace=evidence.trace,
        original=evidence.error,
    )
    return planned_fix(explanation, lambda layer_for: _plan(evidence, heads, layer_for))


def _heads(item: Any) -> list[list[Any]]:
    """Output layers that differ; two of the same kind and size are rather branches."""
    named = isinstance(item, dict)
    parts = list(item.values()) if isinstance(item, dict) else item
    if not isinstance(parts, list | tuple) or len(parts) < 2:
        return []
    heads = [list(one) if isinstance(one, list | tuple) else [one] for one in parts]
    if not all(head and isinstance(head[-1], keras.layers.Dense) for head in heads):
        return []
    if not all(isinstance(layer, keras.Layer) for head in heads for layer in head):
        return []
    kinds = {(head[-1].units, head[-1].activation) for head in heads}
    own_names = any(not name_is_automatic(head[-1]) for head in heads)
    return heads if named or own_names or len(kinds) > 1 else []


def _told(layer: Any) -> str:
    own = "" if name_is_automatic(layer) else f" {layer.name!r}"
    return f"Dense({layer.units}){own}"


def _plan(evidence: Evidence, heads: list[list[Any]], layer_for: Callable[[Any], Any]) -> Program:
    assert evidence.trace is not None
    items = list(evidence.items[:-1])
    first = items.pop(0) if is_input(items[0]) else evidence.trace.graph.entry[0][1:]
    plan = Plan([first], layer_for)
    trunk = plan_chain(plan, items)
    ends = []
    for head in heads:
        value = trunk
        for layer in head:
            value = plan.call(layer, value)
        ends.append(value)
    return plan.program(*ends)
