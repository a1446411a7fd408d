"""Follow the changes until a program runs; only that one is called a repair."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from seqkit.repairing.entrance import data_problem, index_problem, kind_problem, rows_problem
from seqkit.repairing.neighbours import neighbour_problem
from seqkit.repairing.outcome import outcome_problem
from seqkit.repairing.problem import Change, Problem
from seqkit.repairing.program import Program
from seqkit.repairing.source import program_source
from seqkit.repairing.trial import Trial, try_out

# In the order in which Keras meets them.
_CHECKS: tuple[Callable[[Program], Problem | None], ...] = (
    kind_problem,
    rows_problem,
    data_problem,
    neighbour_problem,
    index_problem,
    outcome_problem,
)
MOST_CHANGES = 4
"""No repair needs more changes; a search for more would guess."""
MOST_TRIALS = 6


@dataclass(frozen=True)
class Repair:
    """A program that was tried and runs.

    Attributes:
        changes: what was changed, in this order.
        code: the program as source.
        trial: what happened when it ran.
    """

    changes: tuple[Change, ...]
    code: str
    trial: Trial


def diagnose(program: Program) -> Problem | None:
    """Find the first thing that is wrong with a program.

    Args:
        program: layers, compile arguments and data.

    Returns:
        The problem, or None if all that can be checked fits.

    Example:
        >>> import keras
        >>> items = (keras.Input((8,)), keras.layers.LSTM(4))
        >>> diagnose(Program(items)).kind
        'layer 0'
    """
    return next((problem for check in _CHECKS if (problem := check(program))), None)


def repair(program: Program) -> Repair | None:
    """Look for a program near this one that runs, and run it.

    Args:
        program: layers, compile arguments and data.

    Returns:
        The repair, or None if none was found.

    Example:
        >>> import keras
        >>> items = (keras.Input((5, 2)), keras.layers.LSTM(4), keras.layers.LSTM(4))
        >>> repair(Program(items)).changes[0].place
        1
    """
    return _first_that_runs(program, _ways(program, ()))


def runs(program: Program) -> bool:
    """Whether the program as it is can be written, built and stepped.

    Example:
        >>> import keras
        >>> runs(Program((keras.Input((4,)), keras.layers.Dense(1))))
        True
    """
    return try_out(program_source(program), program, program).ran


def repair_with(program: Program, changes: Iterable[Change]) -> Repair | None:
    """Try given changes, and what else is needed after each.

    Args:
        program: what the user wrote.
        changes: changes of it, the most likely first.

    Returns:
        The first that runs, or None.
    """
    ways = (way for change in changes for way in _ways_after(change))
    return _first_that_runs(program, ways)


def _ways_after(change: Change) -> Iterator[tuple[Change, ...]]:
    if diagnose(change.program) is None:
        yield (change,)
    else:
        yield from _ways(change.program, (change,))


def _first_that_runs(program: Program, ways: Iterable[tuple[Change, ...]]) -> Repair | None:
    for changes in itertools.islice(ways, MOST_TRIALS):
        code = program_source(changes[-1].program)
        trial = try_out(code, program, changes[-1].program)
        if trial.ran:
            return Repair(changes, code, trial)
    return None


def _ways(program: Program, so_far: tuple[Change, ...]) -> Iterator[tuple[Change, ...]]:
    """Lists of changes after which nothing is wrong any more, shallow before deep."""
    problem = diagnose(program)
    if problem is None:
        if so_far:
            yield so_far
        return
    if len(so_far) >= MOST_CHANGES:
        return
    for change in problem.changes():
        if program.model is not None and change.program.items:
            continue  # the layers of a model that is no chain cannot be written anew
        if program.trained and not _keeps_the_model(program, change.program):
            continue  # it has learned something: the data must fit, not the model
        after = diagnose(change.program)
        if after is None or after.kind != problem.kind or _moved_on(problem, after):
            yield from _ways(change.program, (*so_far, change))


def _keeps_the_model(before: Program, after: Program) -> bool:
    return before.items == after.items and before.compiled == after.compiled


def _moved_on(before: Problem, after: Problem) -> bool:
    return before.kind.startswith("layer") and before.text != after.text
