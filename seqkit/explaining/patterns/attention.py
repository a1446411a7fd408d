"""Attention in the list: it needs a query and a value, a Sequential has one tensor."""

from __future__ import annotations

from seqkit.converting import public_name
from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.explaining.patterns.merging import plan_of
from seqkit.explaining.plan import planned_fix
from seqkit.graph.reasons import is_attention

ORDER = 30


def match(evidence: Evidence) -> Explanation | None:
    """Recognise MultiHeadAttention, Attention or AdditiveAttention on a single tensor."""
    row, layer = evidence.row, evidence.item
    if row is None or not is_attention(layer) or len(row.input_shapes) != 1:
        return None
    kind = public_name(type(layer))
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
    return planned_fix(explanation, lambda layer_for: plan_of(evidence, layer_for))
