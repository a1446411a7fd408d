"""Data whose shape is not the one that the model was built for."""

from __future__ import annotations

from typing import Any

import keras

from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.graph import Shape
from seqkit.graph.shapes import shape_of, shapes_in

ORDER = 80


def match(evidence: Evidence) -> Explanation | None:
    """Recognise one array that does not fit a model with one input."""
    if not evidence.in_the_model:
        return None  # a callback or a loss raised; the data may well fit
    takes, came = _taken(evidence.model), _came(evidence.data)
    if takes is None or came is None or not _differ(takes, came):
        return None
    return Explanation(
        pattern="data_shape",
        fault="feature_input",
        title="The data does not have the shape that the model takes",
        what_happened=f"The model takes {takes}, and the data has the shape {came}.",
        why="The weights of the first layers were made for the sizes of the Input.",
        fix=_fix(takes, came),
        layer=evidence.row,
        trace=evidence.trace,
        original=evidence.error,
    )


def _taken(model: Any) -> Shape | None:
    """The shape of the model's only input, or None."""
    try:
        inputs = model.inputs
    except (AttributeError, ValueError):
        return None
    if not isinstance(model, keras.Model) or not inputs or len(inputs) != 1:
        return None
    return shape_of(inputs[0])


def _came(data: Any) -> Shape | None:
    """The shape of the only array that was passed, or None."""
    shapes = shapes_in(data)
    return shapes[0] if len(shapes) == 1 else None


def _differ(takes: Shape, came: Shape) -> bool:
    if takes[-1] == 1 and came[1:] == takes[1:-1]:
        return False  # Keras adds a channel axis of 1 by itself
    if len(takes) != len(came):
        return True
    pairs = list(zip(takes, came, strict=True))[1:]
    return any(None not in pair and pair[0] != pair[1] for pair in pairs)


def _fix(takes: Shape, came: Shape) -> str:
    if came == takes[1:]:
        return "The axis for the examples is missing: pass x[None], which has the shape " + (
            f"{(1, *came)}."
        )
    if len(takes) == len(came):
        return f"Change the data, or build the model for it: keras.Input({came[1:]})."
    return (
        f"The model takes {len(takes)} axes and the data has {len(came)}. Reshape the data, or "
        f"build the model for it: keras.Input({came[1:]})."
    )
