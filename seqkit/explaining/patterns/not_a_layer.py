"""Something in the list that is no layer: a function, a class, a string, a forgotten call."""

from __future__ import annotations

import inspect

import keras

from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.graph.chain import is_input

ORDER = 40


def match(evidence: Evidence) -> Explanation | None:
    """Recognise an item that a Sequential cannot take at all."""
    row, item = evidence.row, evidence.item
    if row is None or isinstance(item, keras.Layer) or is_input(item):
        return None
    return Explanation(
        pattern="not_a_layer",
        fault="parameter",
        title=f"Item {row.index} of the list is not a layer",
        what_happened=f"Item {row.index}: {row.why}.",
        why="A Sequential takes layer objects, made by calling a class: Dense(10).",
        fix=_fix(item),
        layer=row,
        trace=evidence.trace,
        original=evidence.error,
    )


def _fix(item: object) -> str:
    if inspect.isclass(item):
        return f"Write {item.__name__}(...), with brackets and its arguments."
    if isinstance(item, keras.KerasTensor):
        return "Put the layer in the list, not what it returned."
    if callable(item):
        name = getattr(item, "__name__", "function")
        return f"Wrap the function in a layer: keras.layers.Lambda({name})."
    if isinstance(item, str):
        return f'For an activation write keras.layers.Activation("{item}").'
    return "Put a Keras layer in its place."
