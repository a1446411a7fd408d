"""A rule: what it looks for, why that is bad, code that shows it, and code that does not.

A rule is written as a function that yields what it found. Its docstring says what it looks for;
the decorator holds the rest. `docs/rules.md` and `seqkit rule` are made from this record, and the
tests run both programs of every rule.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from seqkit.graph import Node
from seqkit.linting.finding import Fault, Finding, Severity
from seqkit.linting.subject import Subject


@dataclass(frozen=True)
class Found:
    """What a check yields: the facts of this model; the rule adds the rest.

    Attributes:
        message: what is wrong, with the numbers of this model.
        fix: what to write instead.
        node: the layer that it is about, if it is about one.
        fault: the kind of fault, where it differs from the rule's.
    """

    message: str
    fix: str
    node: Node | None = None
    fault: Fault | None = None


Check = Callable[[Subject], Iterator[Found]]


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        code: such as "SEQ201"; the first digit is the family.
        name: the same in words with hyphens.
        severity: how bad it is; "style" rules are off unless they are selected.
        fault: the kind of fault.
        lesson: number of the lesson that teaches it, or "".
        what: what the rule looks for.
        why: why that is bad.
        example: a program that the rule reports; it defines `model` or `stack` (a list of
            layers), and where needed `x`, `y` or `compile`.
        fix: the same program, repaired.
        check: the function that looks.
    """

    code: str
    name: str
    severity: Severity
    fault: Fault
    lesson: str
    what: str
    why: str
    example: str
    fix: str
    check: Check

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Ask the rule about one model."""
        for found in self.check(subject):
            yield Finding(
                code=self.code,
                name=self.name,
                severity=self.severity,
                layer=None if found.node is None else found.node.index,
                layer_name="" if found.node is None else found.node.name,
                fault=found.fault or self.fault,
                message=found.message,
                fix=found.fix,
                lesson=self.lesson,
            )


def rule(
    code: str,
    name: str,
    severity: Severity,
    fault: Fault,
    *,
    why: str,
    example: str,
    fix: str,
    lesson: str = "",
) -> Callable[[Check], Rule]:
    """Make a `Rule` of a check; its docstring becomes `what`."""

    def make(check: Check) -> Rule:
        return Rule(
            code=code,
            name=name,
            severity=severity,
            fault=fault,
            lesson=lesson,
            what=inspect.cleandoc(check.__doc__ or ""),
            why=_paragraph(why),
            example=textwrap.dedent(example).strip(),
            fix=textwrap.dedent(fix).strip(),
            check=check,
        )

    return make


def _paragraph(text: str) -> str:
    return " ".join(text.split())
