"""A model or a layer of the learner's own that leaves out what Keras needs."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import Any

import keras

from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.explaining.frames import frames_of

ORDER = 2


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a missing `super().__init__()`, a missing `call`, a `call` without `return`."""
    text = str(evidence.error)
    if "super().__init__()" in text or "before Module.__init__() call" in text:
        return _no_super(evidence)
    owner = _own(evidence)
    if owner is None:
        return None
    if isinstance(evidence.error, NotImplementedError) and not _has_call(type(owner)):
        return _no_call(evidence, owner)
    if _never_returns(type(owner)):
        return _no_return(evidence, owner)
    return None


def _no_super(evidence: Evidence) -> Explanation | None:
    kinds = [
        type(frame.f_locals["self"]).__name__
        for frame in frames_of(evidence.error)
        if isinstance(frame.f_locals.get("self"), keras.Layer)
        and not _is_keras(type(frame.f_locals["self"]))
    ]
    kind = kinds[0] if kinds else "The class"
    return Explanation(
        pattern="own_class",
        fault="parameter",
        title=f"{kind} does not call super().__init__() first",
        what_happened=f"{kind} set an attribute before Keras had prepared the object.",
        why="Keras collects layers and weights from the attributes, and must be ready for them.",
        fix="Make super().__init__() the first line of __init__.",
        original=evidence.error,
    )


def _no_call(evidence: Evidence, owner: Any) -> Explanation:
    kind = type(owner).__name__
    return Explanation(
        pattern="own_class",
        fault="parameter",
        title=f"{kind} has no method `call`",
        what_happened=f"{kind} was called, and says nowhere what it computes.",
        why="Keras runs the method `call` of a class when an object of it is called.",
        fix="Write def call(self, inputs): ... and return the result.",
        layer=evidence.row,
        trace=evidence.trace,
        original=evidence.error,
    )


def _no_return(evidence: Evidence, owner: Any) -> Explanation:
    kind = type(owner).__name__
    return Explanation(
        pattern="own_class",
        fault="parameter",
        title=f"The method `call` of {kind} returns nothing",
        what_happened=f"{kind}.call has no `return` with a value, so its result is None.",
        why="The next layer gets what `call` returns.",
        fix=f"End {kind}.call with: return and the tensor.",
        layer=evidence.row,
        trace=evidence.trace,
        original=evidence.error,
    )


def _own(evidence: Evidence) -> Any:
    """The failing layer or model, when its class is not one of Keras."""
    for one in (evidence.item, evidence.called):
        if isinstance(one, keras.Layer):
            return None if _is_keras(type(one)) else one
    return None


def _is_keras(kind: type) -> bool:
    return kind.__module__.split(".")[0] == "keras"


def _has_call(kind: type) -> bool:
    return any("call" in vars(one) for one in kind.__mro__ if not _is_keras(one))


def _never_returns(kind: type) -> bool:
    """Whether its own `call` has no `return` with a value; False if the source is not known."""
    call = vars(kind).get("call")
    if call is None:
        return False
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(call)))
    except (OSError, TypeError, SyntaxError):
        return False
    results = (ast.Return, ast.Yield, ast.Raise)
    found = [node for node in ast.walk(tree) if isinstance(node, results)]
    return all(isinstance(node, ast.Return) and node.value is None for node in found)
