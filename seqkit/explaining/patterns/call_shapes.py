"""A layer called on a tensor whose axes or sizes it does not take, outside a chain of layers."""

from __future__ import annotations

import keras

from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.graph.reasons import first_sentence, reason_for

ORDER = 95


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a misfit by the layer and the shape alone."""
    layer, shapes = evidence.called, evidence.called_on
    if evidence.row is not None or layer is None or isinstance(layer, keras.Model):
        return None
    error = evidence.error
    if not isinstance(error, Exception) or len(shapes) != 1:
        return None
    reason = reason_for(layer, layer, shapes, error)
    if reason == first_sentence(error):
        return None  # only Keras' own words are known
    kind = type(layer).__name__
    return Explanation(
        pattern="shape_mismatch",
        fault="adjacent_layer" if _inside(evidence) else "feature_input",
        title=f"{kind} does not take what it was called on",
        what_happened=f"{kind}{_inside(evidence)}: {reason}. {shapes[0]} came in.",
        why="A layer takes exactly the tensor that it is called on.",
        fix="Change this layer or what makes the tensor, so that the shapes agree.",
        trace=evidence.trace,
        original=error,
    )


def _inside(evidence: Evidence) -> str:
    """In which model of the learner's own it was called."""
    model = evidence.model
    if model is None or isinstance(model, keras.Sequential):
        return ""
    return f", called inside {type(model).__name__}"
