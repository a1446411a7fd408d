"""An error of the learner's own layer: it is passed on, and no rule may explain it away."""

from __future__ import annotations

import keras

from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.graph.reasons import first_sentence, is_from_keras

ORDER = 57


def match(evidence: Evidence) -> Explanation | None:
    """Recognise that no fact about shapes is known, and that the code is not from Keras."""
    from seqkit.explaining.explain import not_recognised  # it asks this pattern

    failure = None if evidence.trace is None else evidence.trace.failure
    if failure is None or not isinstance(evidence.item, keras.Layer):
        return None
    if is_from_keras(evidence.item) or failure.reason != first_sentence(failure.error):
        return None
    return not_recognised(evidence)
