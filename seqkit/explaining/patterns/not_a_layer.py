"""Something in the list that is no layer: a function, a class, a string, a forgotten call."""

from __future__ import annotations

import inspect

import keras

from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.graph.chain import is_input
from seqkit.graph.foreign import library_of

ORDER = 40


def match(evidence: Evidence) -> Explanation | None:
    """Recognise an item that a Sequential cannot take at all."""
    row, item = evidence.row, evidence.item
    if row is None or isinstance(item, keras.Layer) or is_input(item):
        return None
    return Explanation(
        pattern="not_a_layer",
        fault="parameter",
        title=f"{evidence.place} of the list is not a layer",
        what_happened=f"{evidence.place} of the list: {row.why}.",
        why="A Sequential takes layer objects, made by calling a class: Dense(10).",
        fix=_fix(item),
        layer=row,
        trace=evidence.trace,
        original=evidence.error,
    )


def _fix(item: object) -> str:
    if item is None:
        return "Take it out. model.add(...) and functions without `return` give None."
    if inspect.isclass(item) and issubclass(item, keras.Layer):
        return f"Write {item.__name__}(...), with brackets and its arguments."
    if library_of(item) is not None:
        return "Write the same layer with Keras, for example keras.layers.Dense(10)."
    if inspect.isclass(item):
        return f"Write {item.__name__}(...), with brackets and its arguments."
    if isinstance(item, keras.KerasTensor):
        return "Put the layer in the list, not what it returned."
    if isinstance(item, list | tuple):
        return _fix_of_list(item)
    name = _activation(item)
    if name is not None:
        return f'For the activation write keras.layers.Activation("{name}").'
    if isinstance(item, str):
        return "A text is not a layer, and Keras knows no activation of this name."
    if callable(item):
        name = getattr(item, "__name__", "")
        inside = name if name.isidentifier() else "lambda x: ..."
        return f"Wrap the function in a layer: keras.layers.Lambda({inside})."
    return "Put a Keras layer in its place."


def _fix_of_list(item: list[object] | tuple[object, ...]) -> str:
    if item and all(isinstance(size, int) for size in item):
        return f"For the shape of the input write keras.Input({tuple(item)})."
    if sum(is_input(one) for one in item) > 1:
        return "A list has one Input. For several inputs take the Functional API: keras.Model."
    return (
        "Take the inner brackets away (or the comma that makes a tuple), or put a star in front: "
        "*block."
    )


def _activation(item: object) -> str | None:
    """The name of an activation, given as text or as a function."""
    if not isinstance(item, str) and not inspect.isfunction(item):
        return None
    if getattr(item, "__name__", "") == "<lambda>":
        return None
    try:
        function = keras.activations.get(item)
        name = item if isinstance(item, str) else str(keras.activations.serialize(function))
        return name if keras.activations.get(name) is function else None
    except Exception:  # not an activation
        return None
