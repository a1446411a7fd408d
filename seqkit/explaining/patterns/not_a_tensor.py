"""A layer was called on something that is no tensor: a text, a Python list, nothing."""

from __future__ import annotations

from typing import Any

from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.graph.shapes import tensors_in

ORDER = 65


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a call without a tensor."""
    layer, given = evidence.called, evidence.called_with
    if layer is None or evidence.row is not None or tensors_in(given):
        return None
    if type(layer).__module__.split(".")[0] != "keras":
        return None  # a layer of the learner's own may take anything
    kind = type(layer).__name__
    what = _what(given)
    return Explanation(
        pattern="not_a_tensor",
        fault="feature_input",
        title=f"{kind} was called on {what}, and needs a tensor",
        what_happened=f"{kind} got {what}.",
        why="A layer computes with a tensor: numbers in a rectangle, the examples on axis 0.",
        fix=_fix(given),
        original=evidence.error,
    )


def _what(given: tuple[Any, ...]) -> str:
    if not given:
        return "nothing"
    one = given[0]
    if isinstance(one, str):
        return f"the text {one!r}"
    if one is None:
        return "None"
    if isinstance(one, list | tuple):
        return f"a Python {type(one).__name__}"
    return f"an object of type {type(one).__name__}"


def _fix(given: tuple[Any, ...]) -> str:
    if given and isinstance(given[0], list | tuple):
        return 'Make an array of it: np.array(x, dtype="float32").'
    if not given:
        return "Write the tensor in the second pair of brackets: Dense(3)(x)."
    if given[0] is None:
        return "Look where the variable was set: a function without `return` gives None."
    return "Pass what keras.Input or another layer returned."
