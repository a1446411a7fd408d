"""How an answer is read: numbers, shapes, choices and text.

An answer kind turns the learner's live object into `AnswerData`. `model_answers.py` and
`function_answers.py` hold the kinds for models, lists of layers and functions.
"""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.errors import NotAttemptedError, WrongAnswerKindError


class AnswerKind(ABC):
    """What kind of object a question asks for, and how it becomes data.

    Attributes:
        name: the name stored in `AnswerData.kind`.
        expects: what the learner has to give, as words after 'a check expects'.
    """

    name: ClassVar[str]
    expects: ClassVar[str]

    def read(self, answer: object) -> AnswerData:
        """Turn the live answer into plain data.

        Args:
            answer: what the learner gave to `check`.

        Returns:
            The answer as data.

        Raises:
            NotAttemptedError: when the answer is still the starter.
            WrongAnswerKindError: when the answer is of another kind.
        """
        if is_blank(answer):
            raise NotAttemptedError("The answer is still the starter.")
        return self._read(answer)

    @abstractmethod
    def _read(self, answer: object) -> AnswerData:
        """Turn an answer that is not blank into data."""

    def _wrong_kind(self, answer: object) -> WrongAnswerKindError:
        return WrongAnswerKindError(f"{_came(answer)} This question expects {self.expects}.")


def is_blank(answer: object) -> bool:
    """Tell whether an answer is still the starter: `...`, None, or a list of dots.

    Args:
        answer: what the learner gave.

    Returns:
        True when there is nothing to check yet.

    Example:
        >>> is_blank(...), is_blank((None, ...)), is_blank(0)
        (True, True, False)
    """
    if answer is None or answer is ...:
        return True
    return isinstance(answer, list | tuple) and any(item is ... for item in answer)


@dataclass(frozen=True)
class IntegerAnswer(AnswerKind):
    """A whole number: int, a NumPy integer, or a float without a fraction.

    Example:
        >>> IntegerAnswer().read(25450.0).values
        {'value': 25450}
    """

    name: ClassVar[str] = "integer"
    expects: ClassVar[str] = "a whole number, for example 42"

    def _read(self, answer: object) -> AnswerData:
        return AnswerData(self.name, {"value": self._whole(answer)})

    def _whole(self, answer: object) -> int:
        if isinstance(answer, bool):
            raise self._wrong_kind(answer)
        number = _as_number(answer)
        if number is None or number != int(number):
            raise self._wrong_kind(answer)
        return int(number)


@dataclass(frozen=True)
class NumberAnswer(AnswerKind):
    """A number, whole or not.

    Example:
        >>> NumberAnswer().read(2).values
        {'value': 2.0}
    """

    name: ClassVar[str] = "number"
    expects: ClassVar[str] = "a number, for example 0.5"

    def _read(self, answer: object) -> AnswerData:
        number = None if isinstance(answer, bool) else _as_number(answer)
        if number is None:
            raise self._wrong_kind(answer)
        return AnswerData(self.name, {"value": float(number)})


@dataclass(frozen=True)
class ShapeAnswer(AnswerKind):
    """A shape: a tuple or a list of whole numbers, with None for a free axis.

    Example:
        >>> ShapeAnswer().read([None, 26, 26, 32]).values
        {'value': [None, 26, 26, 32]}
    """

    name: ClassVar[str] = "shape"
    expects: ClassVar[str] = "a shape, for example (None, 28, 28)"

    def _read(self, answer: object) -> AnswerData:
        if not hasattr(answer, "__iter__") or isinstance(answer, str | Mapping):
            raise self._wrong_kind(answer)
        try:
            axes = [None if axis is None else operator.index(axis) for axis in answer]
        except TypeError:
            raise self._wrong_kind(answer) from None
        return AnswerData(self.name, {"value": axes})


@dataclass(frozen=True)
class ChoiceAnswer(AnswerKind):
    """One of several lettered options.

    Attributes:
        options: letter to text, in the order of display.

    Example:
        >>> ChoiceAnswer({"a": "ReLU", "b": "softmax"}).read(" B ").values
        {'value': 'b'}
    """

    name: ClassVar[str] = "choice"
    expects: ClassVar[str] = 'one of the letters, in quotes, for example "a"'
    options: Mapping[str, str]

    def _read(self, answer: object) -> AnswerData:
        letter = answer.strip().strip(").").lower() if isinstance(answer, str) else None
        if letter not in self.options:
            letters = ", ".join(f'"{letter}"' for letter in self.options)
            raise WrongAnswerKindError(f"{_came(answer)} Choose one of: {letters}.")
        return AnswerData(self.name, {"value": letter})


@dataclass(frozen=True)
class TextAnswer(AnswerKind):
    """A text: a name, or a line of code.

    Example:
        >>> TextAnswer().read(" adam ").values
        {'value': 'adam'}
    """

    name: ClassVar[str] = "text"
    expects: ClassVar[str] = 'a text in quotes, for example "adam"'

    def _read(self, answer: object) -> AnswerData:
        if not isinstance(answer, str):
            raise self._wrong_kind(answer)
        if not answer.strip():
            raise NotAttemptedError("The text is empty.")
        return AnswerData(self.name, {"value": answer.strip()})


def _as_number(answer: object) -> int | float | None:
    """The answer as a number, or None when it is none."""
    if isinstance(answer, str):
        return None
    try:
        return operator.index(answer)  # type: ignore[arg-type]
    except TypeError:
        pass
    try:
        number = float(answer)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if number - number == 0 else None  # neither infinite nor not-a-number


def _came(answer: object) -> str:
    """Say what came instead, shortly and without an address in memory."""
    if isinstance(answer, str | bool | int | float):
        return f"You gave {answer!r}."
    return f"You gave an object of type {type(answer).__name__}."
