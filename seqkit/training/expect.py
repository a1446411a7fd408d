"""A statement about a result that is checked when the cell runs."""

from __future__ import annotations

import numpy as np


class ExpectationError(AssertionError):
    """A statement made with `sk.expect` is not true."""


def expect(condition: object, text: str) -> None:
    """State something about a result, and check it.

    A number that varies a little between machines is better stated than printed:
    `sk.expect(accuracy > 0.85, "beats the linear model")`.

    Taught in lesson 01.

    Args:
        condition: True or False; also a NumPy boolean or a tensor that holds one boolean.
        text: The statement, in words.

    Raises:
        ExpectationError: If the condition is false.
        TypeError: If the condition is not one boolean.
        ValueError: If the text is empty.

    Example:
        >>> expect(0.87 > 0.85, "the network beats the linear model")
        ✓ the network beats the linear model
        >>> expect(0.80 > 0.85, "beats the linear model")
        Traceback (most recent call last):
        ...
        seqkit.training.expect.ExpectationError: not true in this run: beats the linear model
    """
    if not isinstance(text, str) or not text.strip():
        raise ValueError(
            "expect() needs the statement in words as its second argument, for example "
            'sk.expect(accuracy > 0.85, "beats the linear model").'
        )
    if not _as_bool(condition):
        raise ExpectationError(f"not true in this run: {text}")
    print(f"✓ {text}")


def _as_bool(condition: object) -> bool:
    if isinstance(condition, (bool, np.bool_)):
        return bool(condition)
    shape = getattr(condition, "shape", None)
    if shape is None:
        raise TypeError(
            f"expect() needs True or False, but got {type(condition).__name__}. "
            "Write a comparison, for example accuracy > 0.85."
        )
    if len(shape) > 0:
        raise TypeError(
            f"expect() needs one True or False, but got an array of shape {tuple(shape)}. "
            "Say what must hold: condition.all() for every element, condition.any() for "
            "at least one."
        )
    if "bool" not in str(getattr(condition, "dtype", "")):
        raise TypeError(
            "expect() needs True or False, but got a number. "
            "Write a comparison, for example accuracy > 0.85."
        )
    try:
        return bool(condition)
    except Exception as error:  # each backend has its own error for a tensor without a value
        raise TypeError(
            "expect() needs a value, but this tensor has none yet (it is symbolic). "
            "Call expect() outside of the model, on a computed result."
        ) from error
