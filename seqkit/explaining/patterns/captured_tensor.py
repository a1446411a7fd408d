"""A Lambda that reaches for the tensor of another layer: a second input by the back door."""

from __future__ import annotations

import inspect
from typing import Any

import keras

from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.graph.shapes import shape_of

ORDER = 36


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a function in the list that uses a symbolic tensor from outside."""
    layers = evidence.items or tuple(getattr(evidence.model, "layers", ()))
    found = [(layer, tensor) for layer in layers for tensor in _captured(layer)]
    if not found or not _is_about_it(evidence, found[0][0]):
        return None
    layer, tensor = found[0]
    index = _index(evidence, layer)
    return Explanation(
        pattern="captured_tensor",
        fault="topology",
        title="A Lambda uses the tensor of another layer",
        what_happened=(
            f"Layer {index}, Lambda, computes with a symbolic tensor of shape {shape_of(tensor)} "
            f"that was made outside this model."
        ),
        why=(
            "That tensor has no numbers in this model: nothing connects it to the data. A "
            "Sequential has one input and no second road."
        ),
        fix=(
            "Functional API: begin both roads at their Input, and join them with a merge layer, "
            "for example layers.Add()([x, other])."
        ),
        layer=_row(evidence, index),
        original=evidence.error,
    )


def _captured(layer: Any) -> list[Any]:
    """The symbolic tensors that a Lambda's function holds from outside."""
    if not isinstance(layer, keras.layers.Lambda) or not inspect.isfunction(layer.function):
        return []
    names = inspect.getclosurevars(layer.function)
    held = [*names.nonlocals.values(), *names.globals.values()]
    held += layer.function.__defaults__ or ()
    return [one for one in held if isinstance(one, keras.KerasTensor)]


def _is_about_it(evidence: Evidence, layer: Any) -> bool:
    return evidence.item is layer or "KerasTensor" in str(evidence.error)


def _index(evidence: Evidence, layer: Any) -> int:
    layers = [one for one in evidence.items if not isinstance(one, keras.layers.InputLayer)]
    layers = [one for one in layers if not isinstance(one, keras.KerasTensor)]
    layers = layers or list(getattr(evidence.model, "layers", ()))
    return next(place for place, one in enumerate(layers) if one is layer)


def _row(evidence: Evidence, index: int) -> Any:
    rows = () if evidence.trace is None else evidence.trace.rows
    return rows[index] if index < len(rows) else None
