"""A layer that does not take the shape that the layer before it gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import keras

from seqkit.converting import Program
from seqkit.explaining.chain_program import functional_chain, sequential_program
from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation, Fault
from seqkit.explaining.plan import planned_fix
from seqkit.graph.reasons import first_sentence
from seqkit.repairing.edit import Edited, edited
from seqkit.repairing.neighbour_rules import RULES
from seqkit.tracing import Row, ShapeTrace

ORDER = 90

_OF_AN_ARGUMENT = ("dims ", " groups", "normalizes axis", "cuts ")


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a layer in a chain whose input has the wrong axes or sizes."""
    row = evidence.row
    if row is None or not isinstance(evidence.item, keras.Layer) or row.input_shape is None:
        return None
    reason = _reason(evidence.trace)
    if reason is None:
        return None  # Keras' own words stand there: no fact of ours explains it
    assert evidence.trace is not None
    before = evidence.trace.rows[row.index - 1].kind if row.index else "the input"
    mended = edited(evidence.items, evidence.trace, RULES)
    explanation = Explanation(
        pattern="shape_mismatch",
        fault=_fault(row, reason, mended),
        title=f"{row.kind} does not fit after {before}",
        what_happened=_happened(row, reason, mended),
        why=_why(evidence),
        fix=_fix(row, reason, mended),
        layer=_culprit(row, evidence, mended),
        trace=evidence.trace,
        original=evidence.error,
    )
    if not mended.items:
        return explanation
    return planned_fix(explanation, lambda layer_for: _program(evidence, mended, layer_for))


def _reason(trace: ShapeTrace | None) -> str | None:
    """The fact behind a failed row; None if only Keras' words are known."""
    failure = None if trace is None else trace.failure
    if failure is None or failure.reason == first_sentence(failure.error):
        return None
    return failure.reason


def _fault(row: Row, reason: str, mended: Edited) -> Fault:
    if mended.first is not None and mended.first.fault:
        return cast(Fault, mended.first.fault)
    if any(word in reason for word in _OF_AN_ARGUMENT):
        return "parameter"
    return "adjacent_layer" if row.index else "feature_input"


def _happened(row: Row, reason: str, mended: Edited) -> str:
    words = f"Layer {row.index}, {row.kind}: {reason}. {row.input_shape} came in."
    if mended.first is not None and mended.first.cause:
        words += f" {_sentence(mended.first.cause)}"
    return words


def _why(evidence: Evidence) -> str:
    if evidence.in_a_sequential:
        return "In a Sequential each layer takes exactly what the layer before it gives."
    return "A layer takes exactly the tensor that it is called on."


def _fix(row: Row, reason: str, mended: Edited) -> str:
    if mended.first is not None:
        words = [mended.first.words, *mended.more]
        return " ".join(_sentence(one) for one in words)
    if "known sizes" in reason:
        return "Give the Input fixed sizes: write a number where None stands now."
    if "its weights need" in reason:
        return (
            "This layer was built for another width. Take a new layer, or give it the width "
            "that it was built for."
        )
    if any(word in reason for word in _OF_AN_ARGUMENT):
        return f"Change this argument of {row.kind}, or what comes in."
    if "needs 4 axes" in reason and len(row.input_shape or ()) == 2:
        return (
            f"Say where the numbers stand in the picture: Reshape((height, width, channels)) "
            f"before {row.kind}, with height·width·channels = {(row.input_shape or ())[1]}."
        )
    return "Change this layer or the one before it so that the shapes agree."


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _culprit(row: Row, evidence: Evidence, mended: Edited) -> Row:
    """The row where the change is made, when that is certain."""
    first = mended.first
    if first is None or first.culprit is None or not first.certain:
        return row
    assert evidence.trace is not None
    return evidence.trace.rows[first.culprit.index]


def _program(evidence: Evidence, mended: Edited, layer_for: Callable[[Any], Any]) -> Program:
    if not evidence.in_a_sequential:
        return functional_chain(mended.items, layer_for)
    assert evidence.trace is not None
    entry = evidence.trace.graph.entry[0][1:] if evidence.trace.graph.entry else None
    return sequential_program(mended.items, entry)
