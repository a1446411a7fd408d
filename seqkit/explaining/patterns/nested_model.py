"""A model as a layer of another one, on a shape that it was not built for."""

from __future__ import annotations

from typing import Any

import keras

from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.graph import Shape
from seqkit.graph.shapes import shape_of

ORDER = 58


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a nested model that is called on another shape than its own."""
    row = evidence.row
    model, came = _called(evidence)
    takes = _takes(model)
    if takes is None or came is None or not _differ(takes, came):
        return None
    where = f"Layer {row.index}, the model {model.name!r}," if row else f"The model {model.name!r}"
    return Explanation(
        pattern="nested_model",
        fault="adjacent_layer" if row is not None and row.index else "feature_input",
        title="A model inside the model does not take the shape that reaches it",
        what_happened=f"{where} takes {takes}, and {came} came in.",
        why="A model that was built once keeps the sizes of its own Input.",
        fix=_fix(takes, came),
        layer=row,
        trace=evidence.trace,
        original=evidence.error,
    )


def _called(evidence: Evidence) -> tuple[Any, Shape | None]:
    """The nested model and the symbolic tensor that it was called on."""
    if evidence.row is not None and isinstance(evidence.item, keras.Model):
        return evidence.item, evidence.got
    arguments = keras.tree.flatten(evidence.called_with)
    if evidence.row is None and len(arguments) == 1 and isinstance(arguments[0], keras.KerasTensor):
        return evidence.model or evidence.called, shape_of(arguments[0])
    return None, None


def _takes(model: Any) -> Shape | None:
    try:
        inputs = model.inputs
    except (AttributeError, ValueError):
        return None
    if not isinstance(model, keras.Model) or not inputs or len(inputs) != 1:
        return None
    return shape_of(inputs[0])


def _differ(takes: Shape, came: Shape) -> bool:
    if len(takes) != len(came):
        return True
    pairs = list(zip(takes, came, strict=True))[1:]
    return any(None not in pair and pair[0] != pair[1] for pair in pairs)


def _fix(takes: Shape, came: Shape) -> str:
    if len(takes) == len(came):
        return (
            f"Put a layer between that gives {takes}, or build the inner model for {came[1:]}: "
            f"keras.Input({came[1:]})."
        )
    return (
        f"The inner model takes {len(takes)} axes, and {len(came)} came in. Put a Reshape or a "
        f"Flatten between, or build the inner model for {came[1:]}: keras.Input({came[1:]})."
    )
