"""A layer that does not take the shape that the layer before it gives."""

from __future__ import annotations

import keras

from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.tracing import Row

ORDER = 90


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a layer in a chain whose input has the wrong axes or sizes."""
    row = evidence.row
    if row is None or not isinstance(evidence.item, keras.Layer) or not row.input_shapes:
        return None
    if row.why.startswith(("ValueError", "TypeError")) or not row.why.startswith(_KNOWN):
        return None  # Keras' own words stand there: no fact of ours explains it
    assert evidence.trace is not None
    before = evidence.trace.rows[row.index - 1].kind if row.index else "the input"
    return Explanation(
        pattern="shape_mismatch",
        fault="adjacent_layer" if row.index else "feature_input",
        title=f"{row.kind} does not fit after {before}",
        what_happened=f"Layer {row.index}, {row.kind}: {row.why}. {evidence.got} came in.",
        why="In a Sequential each layer takes exactly what the layer before it gives.",
        fix=_fix(row, evidence),
        layer=row,
        trace=evidence.trace,
        original=evidence.error,
    )


_KNOWN = ("needs ", "its weights need", "its window", "cannot make", "dims ")


def _fix(row: Row, evidence: Evidence) -> str:
    """A repair that is certain from the classes alone; otherwise nothing is promised."""
    got = evidence.got or ()
    recurrent = (keras.layers.LSTM, keras.layers.GRU, keras.layers.SimpleRNN)
    assert evidence.trace is not None
    before = evidence.trace.rows[row.index - 1].node.item if row.index else None
    if isinstance(before, recurrent) and not before.return_sequences:
        return f"Give the {type(before).__name__} before it return_sequences=True."
    if row.index == 0 and len(got) == 3 and "4 axes" in row.why:
        return f"Add the channel axis to the data and to the Input: {(*got[1:], 1)}."
    if "its window" in row.why:
        return 'Use a smaller window, padding="same", or fewer pooling layers before it.'
    if "known sizes" in row.why:
        return (
            "Give the Input fixed sizes, or close the free axes with a global pooling such as "
            "GlobalAveragePooling2D() in place of Flatten."
        )
    return "Change this layer or the one before it so that the shapes agree."
