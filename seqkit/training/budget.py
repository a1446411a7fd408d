"""The budget of a run: `quick` for a laptop, `full` for a GPU."""

from __future__ import annotations

import os
from typing import Literal, TypeVar, overload

T = TypeVar("T")
Budget = Literal["quick", "full"]

VARIABLE = "SEQKIT_BUDGET"
_MISSING = object()


@overload
def budget() -> Budget: ...
@overload
def budget(*, quick: T, full: T) -> T: ...


def budget(*, quick: object = _MISSING, full: object = _MISSING) -> object:
    """Say how long this run may take, or choose a value by it.

    The budget is `quick` unless the environment variable `SEQKIT_BUDGET` says `full`.

    Taught in lesson 01.

    Args:
        quick: The value for a quick run.
        full: The value for a full run. Give both values or none.

    Returns:
        Without arguments the budget, "quick" or "full"; else the value of the current budget.

    Raises:
        ValueError: If `SEQKIT_BUDGET` is set to something else.
        TypeError: If only one of the two values is given.

    Example:
        >>> budget()
        'quick'
        >>> budget(quick=3, full=30)
        3
    """
    if (quick is _MISSING) != (full is _MISSING):
        given = "full" if quick is _MISSING else "quick"
        raise TypeError(
            f"budget() got only {given}=. Give both values, as in "
            "sk.budget(quick=3, full=30), or none."
        )
    current = _current()
    if quick is _MISSING:
        return current
    return full if current == "full" else quick


def _current() -> Budget:
    value = os.environ.get(VARIABLE, "").strip().lower()
    if value in ("", "quick"):
        return "quick"
    if value == "full":
        return "full"
    raise ValueError(
        f"The environment variable {VARIABLE} is {value!r}. It must be 'quick' or 'full'; "
        "without it the budget is 'quick'."
    )
