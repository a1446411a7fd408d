"""In a clean process: data from a kernel that is not trusted becomes a verdict.

The process is forked from one that imported Keras and never ran a student's code. It rebuilds
models from the list of layers that are allowed, and judges first the cases of the notebook, then
hidden ones. What it says never names a hidden case.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from seqkit.exercises.answer_data import AnswerData, pack, unpack
from seqkit.exercises.answers import (
    ChoiceAnswer,
    IntegerAnswer,
    NumberAnswer,
    ShapeAnswer,
    TextAnswer,
)
from seqkit.exercises.function_answers import FunctionAnswer
from seqkit.exercises.model_answers import ModelAnswer
from seqkit.exercises.question import Question
from seqkit.exercises.verdict import Outcome, incorrect, partial, uncheckable
from seqkit.exercises.verdict import Verdict as CheckVerdict
from seqkit.grading import hidden
from seqkit.grading.export import encode_inputs
from seqkit.grading.results import Verdict

_PLAIN = (IntegerAnswer, NumberAnswer, ShapeAnswer, ChoiceAnswer, TextAnswer)

_VERDICTS = {
    CheckVerdict.CORRECT: Verdict.CORRECT,
    CheckVerdict.PARTIAL: Verdict.PARTIAL,
    CheckVerdict.INCORRECT: Verdict.INCORRECT,
    CheckVerdict.NOT_ATTEMPTED: Verdict.NOT_ATTEMPTED,
    CheckVerdict.CRASHED: Verdict.ERROR,
    CheckVerdict.UNCHECKABLE: Verdict.INFRASTRUCTURE,
}

ONLY_THE_SHOWN = (
    "It is right for the cases of the notebook, but not for other cases of the same kind."
)

DID_NOT_END = (
    "It is right for the cases of the notebook. For other cases of the same kind it took too long, "
    "or stopped the kernel."
)


class TamperedError(Exception):
    """The data is not of the form that an honest kernel writes."""


@dataclass(frozen=True)
class Judged:
    """The verdict on one answer, as it leaves the clean process.

    Attributes:
        verdict: correct, partial, incorrect, error, tampered or infrastructure.
        credit: the share of the points.
        message: the reason.
        trace: a shape trace as text, or "".
    """

    verdict: Verdict
    credit: float
    message: str
    trace: str = ""


def describe(payload: bytes) -> bytes:
    """Tell what an exercise asks, and the hidden inputs of its functions.

    Args:
        payload: JSON with `module` and `secret`.

    Returns:
        JSON: question name to title, points and inputs ("" where there are none).
    """
    asked = json.loads(payload)
    found = {}
    for name, question in _questions(asked["module"]).items():
        case = hidden.get(asked["module"], name)
        inputs = ""
        if case is not None and case.inputs is not None:
            inputs = encode_inputs(case.inputs(_random(asked["secret"], asked["module"], name)))
        found[name] = {"title": question.title, "points": question.points, "inputs": inputs}
    return json.dumps(found).encode()


def judge(payload: bytes) -> bytes:
    """Judge the answers of one submission.

    Args:
        payload: JSON with `module`, `secret` and `answers`: question name to `text`, `archive`
            and, for functions, `hidden` with the same two.

    Returns:
        JSON: question name to the fields of `Judged`.
    """
    asked = json.loads(payload)
    questions = _questions(asked["module"])
    judged = {}
    for name, answer in asked["answers"].items():
        result = judge_one(questions[name], answer, asked["secret"])
        judged[name] = {
            "verdict": result.verdict.value,
            "credit": result.credit,
            "message": result.message,
            "trace": result.trace,
        }
    return json.dumps(judged).encode()


def judge_one(question: Question, answer: Mapping[str, Any], secret: str) -> Judged:
    """Judge one answer: the cases of the notebook, then the hidden ones.

    Args:
        question: the question.
        answer: `text`, `archive` and perhaps `hidden`.
        secret: what the hidden cases are made from.

    Returns:
        The verdict.
    """
    try:
        outcome = question.decide(_trusted(question, _data(answer)))
        if outcome.credit > 0:
            outcome = _with_hidden(question, answer, outcome, secret)
    except TamperedError as error:
        return Judged(Verdict.TAMPERED, 0.0, f"{error} The answer must be plain data.")
    except Exception as error:
        outcome = uncheckable(error)
    verdict = _VERDICTS[outcome.verdict]
    return Judged(verdict, outcome.credit, outcome.message, outcome.trace)


def _with_hidden(
    question: Question, answer: Mapping[str, Any], shown: Outcome, secret: str
) -> Outcome:
    """What is left of the credit after the hidden cases."""
    case = hidden.get(question.exercise, question.name)
    if case is None:
        return shown
    if case.inputs is not None:
        inputs = list(case.inputs(_random(secret, question.exercise, question.name)))
        given = answer.get("hidden") or {}
        outcome = _on_hidden_inputs(question, given, inputs)
        if outcome.credit < shown.credit:
            said = DID_NOT_END if given.get("why") == "stopped" else ONLY_THE_SHOWN
            shown = _reduced(outcome, said)
    if case.judge is not None and shown.credit > 0:
        data = _trusted(question, _data(answer))
        outcome = case.judge(data, _random(secret, question.exercise, question.name))
        if outcome.credit < shown.credit:
            shown = outcome
    return shown


def _on_hidden_inputs(question: Question, exported: Any, inputs: list[Any]) -> Outcome:
    if not exported or exported.get("why"):
        return incorrect("")
    return question.decide(_with_arguments(_data(exported), inputs))


def _reduced(outcome: Outcome, message: str) -> Outcome:
    """The credit of an outcome without its words: they may quote a hidden case."""
    if outcome.verdict is CheckVerdict.UNCHECKABLE:
        return outcome
    return partial(outcome.credit, message) if outcome.credit > 0 else incorrect(message)


def _data(answer: Mapping[str, Any]) -> AnswerData:
    """The bytes as data; nothing in them can run."""
    try:
        data = AnswerData.from_bytes(
            answer["text"].encode(), base64.b64decode(answer["archive"], validate=True)
        )
    except Exception as error:
        raise TamperedError(f"The answer could not be read ({type(error).__name__}).") from None
    plain = isinstance(data.kind, str) and isinstance(data.values, dict)
    if not plain or any(array.dtype == object for array in data.arrays.values()):
        raise TamperedError("The answer has not the form of an answer.")
    return data


def _trusted(question: Question, data: AnswerData) -> AnswerData:
    """The data with all that we know better: its form, and the arguments of the calls."""
    kind = question.answer
    if data.kind != kind.name:
        raise TamperedError(f"The answer says that it is of the kind {data.kind[:40]!r}.")
    if type(kind) in _PLAIN:
        try:
            return kind.read(data.values["value"])
        except Exception:
            raise TamperedError("The answer has not the form of an answer.") from None
    if isinstance(kind, ModelAnswer) and not _is_model(data.values):
        raise TamperedError("The answer has not the form of a model.")
    if isinstance(kind, FunctionAnswer):
        return _with_arguments(data, list(kind.inputs()))
    return data


def _is_model(values: Mapping[str, Any]) -> bool:
    """Whether the facts about a model are of the types that `ModelAnswer` writes."""
    compiled = values.get("compile")
    shapes = (values.get("input_shape"), values.get("output_shape"))
    return (
        values.get("class") in ("Sequential", "Functional", "subclass")
        and isinstance(values.get("built"), bool)
        and isinstance(values.get("architecture"), dict | None)
        and all(shape is None or _is_shape(shape) for shape in shapes)
        and (compiled is None or (isinstance(compiled, dict) and _is_compiled(compiled)))
    )


def _is_shape(value: object) -> bool:
    return isinstance(value, list) and all(axis is None or type(axis) is int for axis in value)


def _is_compiled(facts: Mapping[str, Any]) -> bool:
    metrics = facts.get("metrics")
    return (
        isinstance(facts.get("optimizer"), str)
        and isinstance(facts.get("loss"), str | None)
        and isinstance(facts.get("from_logits"), bool)
        and type(facts.get("steps")) is int
        and isinstance(metrics, list)
        and all(isinstance(metric, str) for metric in metrics)
    )


def _with_arguments(data: AnswerData, inputs: list[Any]) -> AnswerData:
    """The calls with the arguments that were sent, whatever the kernel says it was asked."""
    calls = data.values.get("calls")
    if not isinstance(calls, list) or len(calls) != len(inputs):
        raise TamperedError("The number of calls is not the one that was asked for.")
    if not all(_is_call(call, data) for call in calls):
        raise TamperedError("The answer has not the form of an answer.")
    arrays = {name: array for name, array in data.arrays.items() if ".in" not in name}
    own: dict[str, np.ndarray] = {}
    packed = [pack(arguments, own, f"{number}.in") for number, arguments in enumerate(inputs)]
    values = [call | {"arguments": given} for call, given in zip(calls, packed, strict=True)]
    return replace(data, values=data.values | {"calls": values}, arrays=arrays | own)


def _is_call(call: Any, data: AnswerData) -> bool:
    """Whether a call is recorded as `FunctionAnswer` does it."""
    if not isinstance(call, dict) or not isinstance(call.get("error", ""), str):
        return False
    try:
        unpack(call["output"], data.arrays)
    except (LookupError, TypeError, AttributeError, RecursionError):
        return False
    return True


def _questions(module: str) -> dict[str, Question]:
    from seqkit import exercises
    from seqkit.exercises.question import questions_of

    return {question.name: question for question in questions_of(exercises.load(module))}


def _random(secret: str, module: str, question: str) -> np.random.Generator:
    """The same numbers for the same secret, others for each question."""
    return np.random.default_rng([int(secret, 16), zlib.crc32(f"{module}.{question}".encode())])
