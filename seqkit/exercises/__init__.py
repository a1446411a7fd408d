"""Exercises with instant feedback: questions, hints and solutions.

    from seqkit.exercises import ex01

    ex01.q1.check(answer)    correct, not yet, or not attempted, with the reason
    ex01.q1.hint()           the next of three hints
    ex01.q1.solution()       code that the tests have executed

Every file `exNN.py` in this folder is one exercise. Nothing else lists them: a new exercise is
a new file. `question.py` says how one is written, `ex01.py` is the pattern to copy.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from types import ModuleType

from seqkit.errors import SeqkitError

_EXERCISE = re.compile(r"ex\d{2}")


class Exercise(ModuleType):
    """A module that prints as the list of its questions, not as the path of a file.

    Example:
        >>> print(repr(load("ex01")).splitlines()[0])
        Exercise 01: the first stack. Questions on lesson 01.
    """

    def __repr__(self) -> str:
        from seqkit.exercises.question import questions_of

        titles = [str(question).splitlines()[0] for question in questions_of(self)]
        return "\n".join([(self.__doc__ or self.__name__).splitlines()[0], *titles])


def names() -> list[str]:
    """Name the exercises that are installed, in order.

    Returns:
        Module names such as `["ex01", "ex02"]`.

    Example:
        >>> names()[0]
        'ex01'
    """
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in found if _EXERCISE.fullmatch(name))


def load(name: str) -> ModuleType:
    """Import one exercise by its name.

    Args:
        name: a name from `names()`, for example `"ex01"`.

    Returns:
        The module, which holds its questions as `q1`, `q2` and so on.

    Raises:
        SeqkitError: when there is no such exercise.

    Example:
        >>> load("ex01").q1.number
        1
    """
    if name not in names():
        raise SeqkitError(f"There is no exercise {name!r}. Choose one of: {', '.join(names())}.")
    module = importlib.import_module(f"{__name__}.{name}")
    module.__class__ = Exercise
    return module


def __getattr__(name: str) -> ModuleType:
    if _EXERCISE.fullmatch(name) and name in names():
        return load(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *names()])
