"""A reader's prediction beside the truth, kindly compared."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass

from seqkit.display import Displayable, escape

DEFAULT_RELATIVE_TOLERANCE = 0.01


@dataclass(frozen=True, repr=False)
class Guess(Displayable):
    """What was guessed and what is true. `correct` is None while there is no guess."""

    mine: object
    truth: object
    correct: bool | None
    remark: str = ""

    def as_text(self) -> str:
        """Return one line with the verdict, and the remark below it."""
        lines = [f"{mark} {words}" for mark, words in [self._verdict()]]
        if self.remark:
            lines.append(f"  {self.remark}")
        return "\n".join(lines)

    def as_html(self) -> str:
        """Return the same words in a framed box."""
        mark, words = self._verdict()
        remark = f"<br>{escape(self.remark)}" if self.remark else ""
        return (
            '<div style="border-left:4px solid currentColor;padding:2px 10px;color:inherit">'
            f"<strong>{mark}</strong> {escape(words)}{remark}</div>"
        )

    def _verdict(self) -> tuple[str, str]:
        truth = _written(self.truth)
        if self.correct is None:
            return "?", f"no guess yet · it is {truth}"
        if self.correct:
            return "✓", f"right · it is {truth}"
        return "✗", f"not yet · you said {_written(self.mine)}, it is {truth}"


def guess(mine: object, truth: object, tolerance: float | None = None) -> Guess:
    """Compare your prediction with the truth.

    Write the prediction before you run the cell that tells. A wrong one is never an error.

    Taught in lesson 01.

    Args:
        mine: Your prediction: a shape, a number, True or False, or a word. `...` is no guess yet.
        truth: What is really the case.
        tolerance: How far a number may be off. By default a whole number must be exact and
            any other number may be off by one hundredth of the truth.

    Returns:
        A `Guess` that shows the verdict; `.correct` is True, False, or None without a guess.

    Example:
        >>> guess(..., (None, 26, 26, 32))
        ? no guess yet · it is (None, 26, 26, 32)
        >>> guess((None, 26, 26, 32), (None, 26, 26, 32))
        ✓ right · it is (None, 26, 26, 32)
        >>> guess((26, 26, 32), (None, 26, 26, 32))
        ✗ not yet · you said (26, 26, 32), it is (None, 26, 26, 32)
          The batch axis is missing. Keras writes it first, as None.
        >>> guess(320, 320).correct
        True
    """
    said, real = _plain(mine), _plain(truth)
    if mine is ...:
        return Guess(mine, real, None)
    try:
        correct, remark = _compare(said, real, tolerance)
    except Exception:  # any object may be guessed, and a guess is never an error
        correct, remark = False, f"A guess of the kind {type(mine).__name__} cannot be compared."
    if isinstance(mine, list) and isinstance(real, tuple) and correct:
        remark = "Keras writes a shape with round brackets, as a tuple."
    return Guess(said, real, correct, remark)


def _plain(value: object) -> object:
    """Return the value as plain Python: no NumPy numbers, tensors, lists or shape classes."""
    if isinstance(value, (str, bytes, bool, int, float)) or value is None:
        return value
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    try:
        if hasattr(value, "tolist"):
            value = value.tolist()
        elif hasattr(value, "numpy"):
            value = value.numpy().tolist()
        elif hasattr(value, "as_list"):
            value = value.as_list()
    except Exception:  # a foreign object: compare it as it is
        return value
    if isinstance(value, (list, tuple)):
        return tuple(_plain(item) for item in value)
    return value


def _compare(mine: object, truth: object, tolerance: float | None) -> tuple[bool, str]:
    if isinstance(truth, bool):
        return _compare_bools(mine, truth)
    if isinstance(truth, numbers.Real):
        return _compare_numbers(mine, truth, tolerance)
    if isinstance(truth, str):
        return _compare_words(mine, truth)
    if isinstance(truth, tuple):
        return _compare_shapes(mine, truth, tolerance)
    return bool(mine == truth), ""


def _compare_bools(mine: object, truth: bool) -> tuple[bool, str]:
    if isinstance(mine, bool):
        return mine == truth, ""
    return False, "The answer is True or False, without quotes."


def _compare_numbers(
    mine: object, truth: numbers.Real, tolerance: float | None
) -> tuple[bool, str]:
    if isinstance(mine, str):
        return False, "The answer is a number, without quotes."
    if isinstance(mine, tuple):
        joined = "".join(str(part) for part in mine)
        if len(mine) > 1 and joined == str(truth):
            return False, f"Write the number without a comma: {truth}."
        return False, "The answer is one number, not a tuple."
    if isinstance(mine, bool) or not isinstance(mine, numbers.Real):
        return False, "The answer is a number."
    allowed = _allowed(float(truth), isinstance(truth, numbers.Integral), tolerance)
    if math.isnan(float(truth)) or math.isnan(float(mine)):
        return math.isnan(float(truth)) and math.isnan(float(mine)), ""
    if mine == truth:
        return True, ""
    return abs(float(mine) - float(truth)) <= allowed, ""


def _allowed(truth: float, whole: bool, tolerance: float | None) -> float:
    if tolerance is not None:
        return float(tolerance)
    return 0.0 if whole else DEFAULT_RELATIVE_TOLERANCE * abs(truth)


def _compare_words(mine: object, truth: str) -> tuple[bool, str]:
    if not isinstance(mine, str):
        return False, "The answer is a word in quotes."
    return mine.strip().casefold() == truth.strip().casefold(), ""


def _compare_shapes(
    mine: object, truth: tuple[object, ...], tolerance: float | None
) -> tuple[bool, str]:
    if not isinstance(mine, tuple):
        return False, f"The answer is a tuple with {_count(len(truth), 'entry', 'entries')}."
    if len(mine) == len(truth):
        same = [
            _compare(a, b, tolerance)[0] if b is not None else a is None
            for a, b in zip(mine, truth, strict=True)
        ]
        if all(same):
            return True, ""
        return False, _shape_remark(mine, truth, same)
    if len(truth) > 1 and truth[0] is None and mine == truth[1:]:
        return False, "The batch axis is missing. Keras writes it first, as None."
    if len(mine) > 1 and mine[0] is None and mine[1:] == truth:
        return False, "This shape has no batch axis: leave out the None."
    return False, (
        f"Your tuple has {_count(len(mine), 'entry', 'entries')}, the answer has {len(truth)}."
    )


def _shape_remark(mine: tuple[object, ...], truth: tuple[object, ...], same: list[bool]) -> str:
    wrong = [axis for axis, is_same in enumerate(same) if not is_same]
    if wrong == [0] and truth[0] is None:
        return "The batch axis is None: the model takes any number of examples at once."
    if sorted(map(str, mine)) == sorted(map(str, truth)):
        return "These are the right numbers in another order."
    axes = ", ".join(str(axis) for axis in wrong)
    return f"Look again at axis {axes} (the first one is axis 0)." if len(wrong) < len(mine) else ""


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _written(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"  # grouped, as in the column of counts
    return repr(value)
