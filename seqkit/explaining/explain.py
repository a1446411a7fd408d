"""`explain`: from an exception or a failed trace to an explanation."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from seqkit.errors import NotAModelError
from seqkit.explaining import patterns
from seqkit.explaining.evidence import Evidence, from_exception, from_trace
from seqkit.explaining.explanation import Explanation
from seqkit.graph.reasons import first_sentence
from seqkit.graph.undisturbed import undisturbed
from seqkit.tracing import ShapeTrace

Pattern = Callable[[Evidence], Explanation | None]


def explain(problem: Any, x: Any = None, y: Any = None) -> Explanation:
    """Say what went wrong, why, and what to write instead.

    Args:
        problem: an exception that Keras raised, a `ShapeTrace` that failed, or what
            `sk.attempt` returned.
        x: the data, where the failing call did not get it: a build fails before it sees any.
            With it, more faults can be told apart, and the fix is tried on it.
        y: the labels.

    Returns:
        An `Explanation`; its pattern is "not_recognised" when no rule fits, and then it only
        repeats facts.

    Raises:
        NotAModelError: `problem` is neither an exception nor a trace, or nothing failed.

    Example:
        >>> import keras
        >>> from seqkit.tracing import trace
        >>> explanation = explain(trace([keras.Input((4,)), keras.layers.Add()]))
        >>> explanation.pattern, explanation.layer.index
        ('residual', 0)

    Taught in lesson 11.
    """
    evidence = _evidence(problem)
    if x is not None:
        evidence = replace(evidence, data=x, labels=y)
    return explain_evidence(evidence)


def explain_evidence(evidence: Evidence) -> Explanation:
    """Ask each pattern in turn; the first that fits explains."""
    with undisturbed():
        for pattern in _patterns():
            found = _asked(pattern, evidence)
            if found is not None:
                return found
    return not_recognised(evidence)


def _asked(pattern: Pattern, evidence: Evidence) -> Explanation | None:
    """What a pattern says; a fault of ours in it must not stand in place of the learner's."""
    try:
        return pattern(evidence)
    except Exception:
        return None


def _evidence(problem: Any) -> Evidence:
    if hasattr(problem, "warned"):  # an Attempt
        problem = problem.error or next(iter(problem.warned), None)
        if problem is None:
            raise NotAModelError("Nothing failed in this attempt, so there is nothing to explain.")
    if isinstance(problem, ShapeTrace):
        if problem.ok:
            raise NotAModelError(
                "This trace has no failure, so there is nothing to explain. "
                "Pass an exception, or a trace whose .ok is False."
            )
        return from_trace(problem)
    if isinstance(problem, Warning):
        return Evidence(problem)
    if isinstance(problem, BaseException):
        return from_exception(problem)
    raise NotAModelError(
        f"sk.explain needs an exception or a failed trace, but got {type(problem).__name__}. "
        f"Catch the exception first: `except Exception as error: sk.explain(error)`, "
        f"or use `with sk.attempt():`."
    )


@cache
def _patterns() -> tuple[Pattern, ...]:
    """The `match` function of every file in `patterns`, most telling first (their ORDER)."""
    found = []
    for info in pkgutil.iter_modules(patterns.__path__):
        module = importlib.import_module(f"{patterns.__name__}.{info.name}")
        if hasattr(module, "match"):
            found.append((module.ORDER, info.name, module.match))
    return tuple(match for _, _, match in sorted(found, key=lambda one: one[:2]))


def not_recognised(evidence: Evidence) -> Explanation:
    """Repeat the facts of an error that no pattern knows, and claim nothing."""
    error = evidence.error
    row = evidence.row
    if row is not None:
        happened = f"Layer {row.index}, {row.kind}: {row.why}."
    elif evidence.called is not None:
        shapes = " and ".join(str(shape) for shape in evidence.called_on)
        what = shapes or "something that is not a tensor"
        happened = f"{type(evidence.called).__name__} was called on {what}, and stopped."
    else:
        happened = first_sentence(error) + "." if error is not None else "Nothing is known."
    return Explanation(
        pattern="not_recognised",
        fault="unknown",
        title="This error is not one that seqkit knows",
        what_happened=happened,
        why="Not recognised. Read the original message below.",
        layer=row,
        trace=evidence.trace,
        original=error,
    )
