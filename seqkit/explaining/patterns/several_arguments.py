"""A layer whose `call` takes two tensors stands in a list, where it gets one."""

from __future__ import annotations

import inspect
from typing import Any

import keras

from seqkit.converting import public_name
from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.repairing.misfit import retold

ORDER = 31


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a layer that needs more than one argument when it is called."""
    layer = evidence.item
    if not isinstance(layer, keras.Layer) or not evidence.in_a_sequential:
        return None
    needed = _needed(layer)
    if len(needed) < 2:
        return None
    trace = retold(evidence.trace, f"needs {len(needed)} tensors, got 1")
    row = None if trace is None else trace.failed_row
    if row is None:
        return None
    kind, arguments = public_name(type(layer)), ", ".join(needed)
    before = f", {evidence.got}" if evidence.got else ""
    return Explanation(
        pattern="several_arguments",
        fault="topology",
        title=f"{kind} takes {len(needed)} tensors, and a Sequential hands it one",
        what_happened=(
            f"Layer {row.index}, {kind}, is called as {kind}()({arguments}). A Sequential calls "
            f"each layer on one tensor{before}."
        ),
        why="A Sequential calls each layer as layer(x); it has no place for a second argument.",
        fix=f"Functional API: name both tensors, and call the layer on them: layer({arguments}).",
        layer=row,
        trace=trace,
        original=evidence.error,
    )


def _needed(layer: Any) -> list[str]:
    """The arguments of `call` that have no default."""
    parameters = inspect.signature(layer.call).parameters.values()
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [one.name for one in parameters if one.kind in positional and one.default is one.empty]
