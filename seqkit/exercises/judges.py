"""Judges that many questions share: a number, a shape, a choice; and a trace for messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.keras_types import ModelOrLayers
from seqkit.exercises.verdict import Outcome, correct, incorrect

Judge = Callable[[AnswerData], Outcome]


def number_is(
    expected: float,
    praise: str,
    known: Mapping[float, str] | None = None,
    otherwise: str = "",
    tolerance: float = 0.0,
) -> Judge:
    """Judge a number, with a message of its own for each wrong number that is foreseen.

    Args:
        expected: the right number.
        praise: the message for it.
        known: wrong number to message.
        otherwise: what to think about, for any other number.
        tolerance: how far the answer may be away.

    Returns:
        A judge for `IntegerAnswer` or `NumberAnswer`.

    Example:
        >>> judge = number_is(10, "Right.", {8: "Add one bias for each unit."})
        >>> judge(AnswerData("integer", {"value": 8})).message
        'You gave 8. Add one bias for each unit.'
    """

    def judge(data: AnswerData) -> Outcome:
        value = data.values["value"]
        if abs(value - expected) <= tolerance:
            return correct(praise)
        reason = (known or {}).get(value, otherwise)
        return incorrect(f"You gave {value:,}. {reason}".strip())

    return judge


def shape_is(
    expected: Sequence[int | None],
    praise: str,
    known: Mapping[tuple[int | None, ...], str] | None = None,
    otherwise: str = "",
) -> Judge:
    """Judge a shape, with a message of its own for each wrong shape that is foreseen.

    Args:
        expected: the right shape; None stands for the batch axis.
        praise: the message for it.
        known: wrong shape to message.
        otherwise: what to think about, for any other shape.

    Returns:
        A judge for `ShapeAnswer`.

    Example:
        >>> judge = shape_is((None, 10), "Right.", {(10,): "The batch axis is missing."})
        >>> judge(AnswerData("shape", {"value": [10]})).message
        'You gave (10,). The batch axis is missing.'
    """

    def judge(data: AnswerData) -> Outcome:
        value = tuple(data.values["value"])
        if value == tuple(expected):
            return correct(praise)
        reason = (known or {}).get(value, otherwise)
        return incorrect(f"You gave {value}. {reason}".strip())

    return judge


def choice_is(expected: str, praise: str, feedback: Mapping[str, str]) -> Judge:
    """Judge a choice, with feedback on each wrong option.

    Args:
        expected: the letter of the right option.
        praise: the message for it.
        feedback: wrong letter to message.

    Returns:
        A judge for `ChoiceAnswer`.

    Example:
        >>> judge = choice_is("b", "Right.", {"a": "ReLU has no upper bound."})
        >>> judge(AnswerData("choice", {"value": "a"})).message
        'ReLU has no upper bound.'
    """

    def judge(data: AnswerData) -> Outcome:
        value = data.values["value"]
        return correct(praise) if value == expected else incorrect(feedback[value])

    return judge


def shape_trace(model_or_layers: ModelOrLayers) -> str:
    """Write the shape trace of a model or of layers that may not fit.

    Args:
        model_or_layers: what to trace; a list begins with `keras.Input`.

    Returns:
        The trace as plain text.

    Example:
        >>> import keras
        >>> "Dense" in shape_trace([keras.Input((4,)), keras.layers.Dense(2)])
        True
    """
    from seqkit.tracing import trace

    return str(trace(model_or_layers))
