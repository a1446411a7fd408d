"""How a function that the learner writes is read: by calling it on given inputs."""

from __future__ import annotations

import copy
import inspect
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from seqkit.exercises.answer_data import AnswerData, pack, unpack
from seqkit.exercises.answers import AnswerKind, is_blank, short_text
from seqkit.exercises.errors import LearnerCodeError, NotAttemptedError, WrongAnswerKindError
from seqkit.exercises.verdict import short_reason
from seqkit.exercises.words import ordinal

Arguments = tuple[Any, ...]


@dataclass(frozen=True)
class FunctionAnswer(AnswerKind):
    """A function, known by what it returns for given arguments.

    Attributes:
        inputs: makes the argument tuples. Another process may send others with `read_on`.
        keeps_errors: an error in a later call than the first is data for the judge, who can say
            what it means; otherwise it ends the reading, as an error in the first call does.

    Example:
        >>> kind = FunctionAnswer(lambda: [(2,), (3,)])
        >>> [call.output for call in calls(kind.read(lambda x: x * x))]
        [4, 9]
    """

    name: ClassVar[str] = "function"
    expects: ClassVar[str] = "the function itself, without brackets after its name"
    inputs: Callable[[], Sequence[Arguments]]
    keeps_errors: bool = False

    def _read(self, answer: object) -> AnswerData:
        return self.read_on(answer, self.inputs())

    def read_on(self, answer: object, inputs: Sequence[Arguments]) -> AnswerData:
        """Call the function on these inputs and keep what it returned.

        Args:
            answer: the learner's function.
            inputs: one tuple of arguments for each call.

        Returns:
            Arguments and results as data.

        Raises:
            LearnerCodeError: when the function raised; the original is its `__cause__`.
            NotAttemptedError: when every call returned dots.
            WrongAnswerKindError: when the answer is no function, or returns nothing, or dots here
                and there, or unreadable objects.
        """
        if not callable(answer):
            raise self._wrong_kind(answer)
        name = getattr(answer, "__name__", "your function")
        records: list[dict[str, Any]] = []
        arrays: dict[str, np.ndarray] = {}
        outputs: list[object] = []
        for number, arguments in enumerate(inputs):
            record: dict[str, Any] = {"arguments": pack(arguments, arrays, f"{number}.in")}
            records.append(record | {"output": None})
            try:
                # A copy, so that a function that changes its input cannot change the judgement.
                output = answer(*copy.deepcopy(arguments))
            except Exception as error:
                message = _crash_message(answer, arguments, error)
                if number == 0 or not self.keeps_errors:
                    raise LearnerCodeError(message) from error
                records[-1]["error"] = message
                continue
            outputs.append(output)
            if not is_blank(output):
                records[-1]["output"] = pack(output, arrays, f"{number}.out")
        _refuse_unfinished(outputs)
        return AnswerData(self.name, {"name": name, "calls": records}, arrays)


def _refuse_unfinished(outputs: Sequence[object]) -> None:
    """Say what is missing when a function returns nothing, or dots."""
    if all(_is_all_dots(output) for output in outputs):
        raise NotAttemptedError
    if all(output is None for output in outputs):
        raise WrongAnswerKindError("Your function returns None. Is `return` missing?")
    for output in outputs:
        if _is_all_dots(output):
            raise WrongAnswerKindError(
                "For some arguments your function still returns `...`. Finish this way through it."
            )
        if isinstance(output, list | tuple) and is_blank(output):
            place = next(place for place, item in enumerate(output, start=1) if item is ...)
            raise WrongAnswerKindError(f"The {ordinal(place)} value is still `...`.")


def _is_all_dots(output: object) -> bool:
    if isinstance(output, list | tuple):
        return bool(output) and all(item is ... for item in output)
    return output is ...


def _crash_message(function: Callable[..., Any], arguments: Arguments, error: Exception) -> str:
    """Say which error came, in which line of the function, and for which arguments."""
    written = inspect.unwrap(function)
    name = getattr(written, "__name__", "your function")
    called = f"called with {_arguments_in_words(written, arguments)}"
    return f"{name} raised {short_reason(error, 200)}\nIt came {_line_in(written, error)}{called}."


def _line_in(function: object, error: Exception) -> str:
    """The last line of the function that the error passed, counted from its first."""
    code = getattr(function, "__code__", None)
    lines = [
        number - frame.f_code.co_firstlineno + 1
        for frame, number in traceback.walk_tb(error.__traceback__)
        if frame.f_code is code
    ]
    return f"in line {lines[-1]} of your function, " if lines else "when your function was "


def _arguments_in_words(function: Callable[..., Any], arguments: Arguments) -> str:
    try:
        names = list(inspect.signature(function).bind(*arguments).arguments)
    except (TypeError, ValueError):
        names = []
    if len(names) != len(arguments):  # the function takes another number of arguments
        names = [_kind_in_words(value) for value in arguments]
    words = [_value_in_words(value) for value in arguments]
    return ", ".join(f"{name} {word}".strip() for name, word in zip(names, words, strict=True))


def _kind_in_words(value: object) -> str:
    return "an array" if isinstance(value, np.ndarray) else ""


def _value_in_words(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"of shape {value.shape}"
    return short_text(value) or f"of type {type(value).__name__}"


@dataclass(frozen=True)
class Call:
    """One call of the learner's function: what went in, what came out, or the error that came."""

    arguments: Arguments
    output: Any
    error: str = field(default="", repr=False)


def calls(data: AnswerData) -> list[Call]:
    """List the calls that a `FunctionAnswer` recorded.

    Args:
        data: the answer as data.

    Returns:
        The calls in order.

    Example:
        >>> data = FunctionAnswer(lambda: [(1, 2)]).read(lambda a, b: a + b)
        >>> calls(data)
        [Call(arguments=(1, 2), output=3)]
    """
    return [
        Call(
            unpack(record["arguments"], data.arrays),
            unpack(record["output"], data.arrays),
            record.get("error", ""),
        )
        for record in data.values["calls"]
    ]
