"""The records of a limit: attempts, reason, fix, way round, evidence."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from seqkit.explaining import Attempt as Tried
from seqkit.explaining import attempt
from seqkit.graph.reasons import first_sentence
from seqkit.graph.undisturbed import undisturbed


@dataclass(frozen=True)
class LimitAttempt:
    """Code that a learner would write, and that does not do what was meant.

    Attributes:
        title: what is tried.
        function: the code.
        loud: whether Keras raises; a silent attempt runs and does something else.
        pattern: the pattern that `sk.explain` must recognise; empty if it is silent.
    """

    title: str
    function: Callable[[], Any]
    loud: bool = True
    pattern: str = ""

    @property
    def source(self) -> str:
        """The body of the function, as a reader would type it."""
        return body_source(self.function)

    def run(self) -> Tried:
        """Run the code on the installed Keras, and keep what happens."""
        return attempt(self.function)


@dataclass(frozen=True)
class Check:
    """One statement about a limit, found true or false by running code."""

    statement: str
    holds: bool
    if_not: str

    def __str__(self) -> str:
        return (
            f"✓ {self.statement}" if self.holds else f"✗ not true: {self.statement}. {self.if_not}"
        )


@dataclass(frozen=True, repr=False)
class Verification:
    """All checks of one limit.

    Attributes:
        name: the limit.
        checks: the statements with their outcomes.
    """

    name: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every check holds."""
        return all(check.holds for check in self.checks)

    def __repr__(self) -> str:
        return "\n".join(str(check) for check in self.checks)


@dataclass(frozen=True, repr=False)
class Limit:
    """One thing that a flat list of built-in layers cannot say.

    Attributes:
        name: short name.
        title: the limit in one line.
        lesson: number of the lesson that teaches it.
        claims: ids of the claims that it gives evidence for.
        attempts: what a learner would try, loud and silent.
        why: why a Sequential cannot do it.
        fix_function: builds the Functional model.
        workaround_function: builds the way round inside a Sequential; None if there is none.
        price: what the way round costs; empty if there is none.
        evidence: gives the checks on the fix and the way round, without training.
        trained: gives the checks that train a network and take seconds; None if there are none.
        definitions: classes and functions of ours that the fix is made of, in reading order.
    """

    name: str
    title: str
    lesson: int
    claims: tuple[str, ...]
    attempts: tuple[LimitAttempt, ...]
    why: str
    fix_function: Callable[[], keras.Model]
    evidence: Callable[[], tuple[Check, ...]]
    workaround_function: Callable[[], keras.Model] | None = None
    price: str = ""
    trained: Callable[[], tuple[Check, ...]] | None = None
    definitions: tuple[Callable[..., Any], ...] = ()

    def fix(self) -> keras.Model:
        """Build the model that was meant, with the Functional API or by subclassing."""
        return self.fix_function()

    @property
    def fix_source(self) -> str:
        """The code of the fix, after the classes and functions that it is made of."""
        parts = [textwrap.dedent(inspect.getsource(one)).rstrip() for one in self.definitions]
        return "\n\n\n".join([*parts, body_source(self.fix_function)])

    def workaround(self) -> keras.Model | None:
        """Build the way round inside a Sequential, or return None if there is none."""
        return None if self.workaround_function is None else self.workaround_function()

    @property
    def workaround_source(self) -> str:
        """The code of the way round; empty if there is none."""
        return "" if self.workaround_function is None else body_source(self.workaround_function)

    def verify(self, train: bool = True) -> Verification:
        """Run every attempt, the fix and the way round, and say what holds.

        Args:
            train: whether to run the checks that train a network, too.

        Returns:
            The checks. One fails when Keras starts to accept an attempt, and says what to change.
            Names and random numbers go on as if nothing had been run.
        """
        with undisturbed():
            tried = tuple(self._check(one) for one in self.attempts)
            found = _run(self.evidence, "the fix can be built and checked")
            if train and self.trained is not None:
                found = (*found, *_run(self.trained, "the fix can be trained and measured"))
        return Verification(self.name, (*tried, *found))

    def _check(self, one: LimitAttempt) -> Check:
        tried = one.run()
        if not one.loud:
            return Check(
                f"{one.title}: Keras runs it without an exception",
                not tried.failed,
                f"Keras {keras.__version__} raises now. Tell so in lesson {self.lesson}.",
            )
        found = tried.explanation.pattern if tried.explanation else ""
        accepted = (
            f"Keras {keras.__version__} accepts it now. Change the text of lesson {self.lesson}."
        )
        unknown = f"It failed in another way ({found or 'no explanation'}). Read the error again."
        return Check(
            f"{one.title}: Keras raises, and it is explained as {one.pattern}",
            tried.failed and found == one.pattern,
            unknown if tried.failed else accepted,
        )

    def __repr__(self) -> str:
        tries = "\n".join(f"  - {one.title}" for one in self.attempts)
        way = self.price or "none"
        return (
            f"{self.name}: {self.title} (lesson {self.lesson})\n"
            f"attempts\n{tries}\nwhy: {self.why}\nway round inside a Sequential: {way}"
        )


def _run(evidence: Callable[[], tuple[Check, ...]], statement: str) -> tuple[Check, ...]:
    """The checks; one failed check where a Keras that behaves otherwise lets them not even run."""
    try:
        return evidence()
    except Exception as error:
        return (Check(statement, False, first_sentence(error)),)


def body_source(function: Callable[..., Any]) -> str:
    """Return the code of a function's body as a reader would type it in a cell.

    The docstring goes, the indentation goes, and the final `return` becomes `model =`.

    Example:
        >>> from seqkit.limits.residual import workaround
        >>> print(body_source(workaround))
        model = keras.Sequential([keras.Input((28, 28, 16)), Residual(16)])
    """
    source = textwrap.dedent(inspect.getsource(function))
    definition = ast.parse(source).body[0]
    assert isinstance(definition, ast.FunctionDef)
    statements = definition.body
    if ast.get_docstring(definition) is not None:
        statements = statements[1:]
    lines = source.split("\n")[statements[0].lineno - 1 : statements[-1].end_lineno]
    return re.sub(r"^return ", "model = ", textwrap.dedent("\n".join(lines)), flags=re.MULTILINE)
