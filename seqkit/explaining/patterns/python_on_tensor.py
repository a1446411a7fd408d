"""`if`, `while` or NumPy on a tensor that has no numbers yet, inside a Lambda or an own layer."""

from __future__ import annotations

from typing import Any

import keras

from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.explaining.frames import chain_of_errors
from seqkit.repairing.misfit import retold

ORDER = 38

_AS_A_CONDITION = (
    "OperatorNotAllowedInGraphError",
    "TracerBoolConversionError",
    "KerasTensor cannot be used as a boolean",
    "as a Python `bool` is not allowed",
)
_AS_NUMBERS = (
    "TracerArrayConversionError",
    "ConcretizationTypeError",
    "TracerIntegerConversionError",
    "Cannot convert a symbolic",
    "A KerasTensor is symbolic",
    "Iterating over a symbolic KerasTensor",
    "argument must be a string, a bytes-like object or a real number",
    "is not well defined for a symbolic Tensor",
)


def match(evidence: Evidence) -> Explanation | None:
    """Recognise Python that needs a number where a tensor is only planned."""
    use = _use(evidence)
    layer = _own_code(evidence)
    if use is None or (layer is None and "KerasTensor" not in str(evidence.error)):
        return None
    kind = "The code" if layer is None else type(layer).__name__
    trace = retold(evidence.trace, f"takes a tensor as {use}")
    row = None if trace is None else trace.failed_row
    where = f"Layer {row.index}, {kind}," if row is not None else kind
    where = where if layer is not None else "Python outside any layer"
    condition = use == "a condition"
    return Explanation(
        pattern="python_on_tensor",
        fault="topology" if condition else "parameter",
        title=f"{kind} needs the numbers of a tensor that has none yet",
        what_happened=(
            f"{where} takes a tensor as {use}, in `if`, `while`, `and` or `not`."
            if condition
            else f"{where} takes a tensor as {use}, in NumPy, float(), int(), `for` or range()."
        ),
        why=(
            "Keras calls a layer on a symbolic tensor first: it has a shape and no numbers. And "
            "a Sequential has one road for all examples, whatever their numbers are."
        ),
        fix=(
            "Let the tensor decide for each number: keras.ops.where(x > 0, a, b). For a choice of "
            "layers or a loop: keras.ops.cond, keras.ops.while_loop."
            if condition
            else "Take the same function from keras.ops: keras.ops.sqrt(x) for np.sqrt(x)."
        ),
        layer=row,
        trace=trace,
        original=evidence.error,
    )


def _use(evidence: Evidence) -> str | None:
    for error in _errors(evidence):
        text = f"{type(error).__name__}: {error}"
        if any(word in text for word in _AS_A_CONDITION):
            return "a condition"
        if any(word in text for word in _AS_NUMBERS):
            return "numbers"
    return None


def _errors(evidence: Evidence) -> list[BaseException]:
    failure = None if evidence.trace is None else evidence.trace.failure
    traced = [] if failure is None else list(chain_of_errors(failure.error))
    return [*chain_of_errors(evidence.error), *traced]


def _own_code(evidence: Evidence) -> Any:
    """The Lambda or the layer of the learner's own in which it happened."""
    for one in (evidence.item, evidence.called):
        if not isinstance(one, keras.Layer):
            continue
        own = type(one).__module__.split(".")[0] != "keras"
        if own or isinstance(one, keras.layers.Lambda):
            return one
    return None
