"""How a function that the learner writes is read: by calling it on given inputs."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from seqkit.exercises.answer_data import AnswerData, pack, unpack
from seqkit.exercises.answers import AnswerKind, is_blank
from seqkit.exercises.errors import LearnerCodeError, NotAttemptedError

Arguments = tuple[Any, ...]


@dataclass(frozen=True)
class FunctionAnswer(AnswerKind):
    """A function, known by what it returns for given arguments.

    Attributes:
        inputs: makes the argument tuples. Another process may send others with `read_on`.

    Example:
        >>> kind = FunctionAnswer(lambda: [(2,), (3,)])
        >>> [call.output for call in calls(kind.read(lambda x: x * x))]
        [4, 9]
    """

    name: ClassVar[str] = "function"
    expects: ClassVar[str] = "the function itself, without brackets after its name"
    inputs: Callable[[], Sequence[Arguments]]

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
            NotAttemptedError: when every call returned None or dots.
            WrongAnswerKindError: when the answer is no function, or returns unreadable objects.
        """
        if not callable(answer):
            raise self._wrong_kind(answer)
        name = getattr(answer, "__name__", "your function")
        records: list[dict[str, Any]] = []
        arrays: dict[str, np.ndarray] = {}
        for number, arguments in enumerate(inputs):
            try:
                # A copy, so that a function that changes its input cannot change the judgement.
                output = answer(*copy.deepcopy(arguments))
            except Exception as error:
                raise LearnerCodeError(f"{name} raised {type(error).__name__}: {error}") from error
            records.append(
                {
                    "arguments": pack(arguments, arrays, f"{number}.in"),
                    "output": None if is_blank(output) else pack(output, arrays, f"{number}.out"),
                }
            )
        if all(record["output"] is None for record in records):
            raise NotAttemptedError("The function returns nothing yet.")
        return AnswerData(self.name, {"name": name, "calls": records}, arrays)


@dataclass(frozen=True)
class Call:
    """One call of the learner's function: what went in, what came out."""

    arguments: Arguments
    output: Any


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
        Call(unpack(record["arguments"], data.arrays), unpack(record["output"], data.arrays))
        for record in data.values["calls"]
    ]
