"""Training in which no weight gets a gradient: a step on the way to the loss has no slope."""

from __future__ import annotations

from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation

ORDER = 49


def match(evidence: Evidence) -> Explanation | None:
    """Recognise the error that TensorFlow raises when there is nothing to change."""
    if "No gradients provided for any variable" not in str(evidence.error):
        return None
    return Explanation(
        pattern="no_gradient",
        fault="training",
        title="No weight gets a gradient, so training could change nothing",
        what_happened="Between the weights and the loss stands a step that has no slope.",
        why=(
            "Training moves each weight along the slope of the loss. A choice such as argmax, "
            "round, a comparison or a change to whole numbers is flat: no slope comes back."
        ),
        fix=(
            "Take the loss before that step: train on the shares (softmax), and use argmax only "
            "on the answers of predict."
        ),
        trace=evidence.trace,
        original=evidence.error,
    )
