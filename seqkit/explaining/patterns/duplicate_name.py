"""Two different layers with one name."""

from __future__ import annotations

import keras

from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation

ORDER = 50


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a layer whose name an earlier, different layer has."""
    row, item = evidence.row, evidence.item
    if row is None or not isinstance(item, keras.Layer) or evidence.trace is None:
        return None
    earlier = [other for other in evidence.trace.rows[: row.index] if other.name == item.name]
    if not earlier or earlier[0].node.item is item:
        return None
    return Explanation(
        pattern="duplicate_name",
        fault="parameter",
        title=f"Two layers are named {item.name!r}",
        what_happened=(
            f"Layer {row.index}, {row.kind}, has the name of layer {earlier[0].index}, "
            f"{earlier[0].kind}."
        ),
        why="A model finds its layers by their names, so each name may stand once in a model.",
        fix="Give one of them another name, or leave `name` out and let Keras choose.",
        layer=row,
        trace=evidence.trace,
        original=evidence.error,
    )
