"""How an answer is read: numbers, shapes, choices and text.

An answer kind turns the learner's live object into `AnswerData`. `model_answers.py` and
`function_answers.py` hold the kinds for models, lists of layers and functions.
"""

from __future__ import annotations

import inspect
import operator
import re
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
        called: what a message calls the answer, as a word after 'the'.
        advice_on_none: where None often comes from, as a sentence; '' when there is no usual way.
    """

    name: ClassVar[str]
    expects: ClassVar[str]
    called: ClassVar[str] = "answer"
    advice_on_none: ClassVar[str] = ""

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
            raise NotAttemptedError
        if answer is None:
            advice = self.advice_on_none or f"This question expects {self.expects}."
            raise WrongAnswerKindError(f"You gave None. {advice}")
        return self._read(answer)

    @abstractmethod
    def _read(self, answer: object) -> AnswerData:
        """Turn an answer that is not blank into data."""

    def _wrong_kind(self, answer: object) -> WrongAnswerKindError:
        return WrongAnswerKindError(f"{came(answer)} This question expects {self.expects}.")


def is_blank(answer: object) -> bool:
    """Tell whether an answer is still the starter: `...`, or a list with dots in it.

    None is no starter: it comes from a function that returns nothing.

    Args:
        answer: what the learner gave.

    Returns:
        True when there is nothing to check yet.

    Example:
        >>> is_blank(...), is_blank((None, ...)), is_blank(None)
        (True, True, False)
    """
    if answer is ...:
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
        _refuse_number_as_text(answer)
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
        _refuse_number_as_text(answer)
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
        if _is_tensor(answer):
            raise WrongAnswerKindError("This is a tensor. Write `.shape` after it.")
        if isinstance(answer, str | bytes | Mapping):
            raise self._wrong_kind(answer)
        try:
            axes = tuple(answer)  # type: ignore[arg-type, var-annotated]
        except Exception:  # some objects raise errors of their own when they are iterated
            raise self._wrong_kind(answer) from None
        return AnswerData(self.name, {"value": [self._axis(axis, axes) for axis in axes]})

    def _axis(self, axis: object, axes: tuple[object, ...]) -> int | None:
        """One axis as a whole number or None."""
        if axis is None:
            return None
        number = _as_number(axis)
        if number is not None and number == int(number):
            return int(number)
        if number is not None:
            raise WrongAnswerKindError(
                f"{came(axes)} The sides of a shape are whole numbers: floor rounds down before 1 "
                "is added."
            )
        if isinstance(axis, str) and re.fullmatch(r"None|\d+", axis.strip()):
            raise WrongAnswerKindError(
                f"{came(axes)} Write {axis.strip()} without quotes: a shape holds numbers and "
                "None, no text."
            )
        raise self._wrong_kind(axes)


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
        # "b)", "(b)", "**b**" and "b." are copied from a list of options.
        letter = answer.strip("()*. \t\n").lower() if isinstance(answer, str) else None
        if letter not in self.options:
            letters = ", ".join(f'"{letter}"' for letter in self.options)
            raise WrongAnswerKindError(f"{came(answer)} Choose one of: {letters}.")
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
    except Exception:  # tensors raise errors of their own, such as AttributeError
        number = _as_float(answer)
    if number is None:
        return None
    return number if number - number == 0 else None  # neither infinite nor not-a-number


def _as_float(answer: object) -> float | None:
    try:
        return float(answer)  # type: ignore[arg-type]
    except Exception:  # symbolic tensors and tensors with several numbers
        return None


def _refuse_number_as_text(answer: object) -> None:
    """Explain `12,345`, which Python takes for two numbers, and numbers in quotes."""
    kind, digits = "text", answer.strip() if isinstance(answer, str) else ""
    if isinstance(answer, tuple) and len(answer) > 1 and all(type(n) is int for n in answer):
        kind, digits = "tuple", ",".join([f"{answer[0]}", *(f"{n:03d}" for n in answer[1:])])
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+", digits):
        raise WrongAnswerKindError(
            f"{came(answer)} This is a {kind}, not a whole number. Write the number without a "
            f"comma: {digits.replace(',', '')} or {digits.replace(',', '_')}."
        )
    if kind == "text" and re.fullmatch(r"-?[\d_]*\d(\.\d*)?", digits):
        raise WrongAnswerKindError(
            f"{came(answer)} This is a text. Write the number without quotes: {digits}."
        )


def _is_tensor(answer: object) -> bool:
    """A tensor, symbolic or with numbers; a row of numbers may well be a shape."""
    shape = getattr(answer, "shape", None)
    if shape is None or not hasattr(answer, "dtype"):
        return False
    return type(answer).__name__ == "KerasTensor" or len(shape) != 1


def short_text(value: object, width: int = 60) -> str:
    """Write a value as Python does, when that is one short line without an address in memory.

    Args:
        value: any object.
        width: how many characters the line may have.

    Returns:
        The text, or '' when it would be too long or tell nothing.

    Example:
        >>> short_text((None, 30.5)), short_text(object())
        ('(None, 30.5)', '')
    """
    if not isinstance(value, str | bool | int | float | complex | bytes | list | tuple | Mapping):
        return ""
    text = repr(value)
    return text if len(text) <= width and "\n" not in text and " at 0x" not in text else ""


def came(answer: object) -> str:
    """Say what came instead, shortly and without an address in memory.

    Args:
        answer: what the learner gave.

    Returns:
        A sentence, with advice for a function.

    Example:
        >>> came((1, 2)), came(dict)
        ('You gave (1, 2).', 'You gave the class dict.')
    """
    if text := short_text(answer):
        return f"You gave {text}."
    if isinstance(answer, type):
        return f"You gave the class {answer.__name__}."
    if inspect.isroutine(answer):
        name = answer.__name__
        known = f"You gave the function {name}. Call it: {name}()."
        return "You gave a function." if name == "<lambda>" else known
    return f"You gave an object of type {type(answer).__name__}."
