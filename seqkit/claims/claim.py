"""The records of a claim: what it says, what would show it, and what the run found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from seqkit.claims.view.text import examination_text
from seqkit.display import Displayable
from seqkit.graph.reasons import first_sentence
from seqkit.graph.undisturbed import undisturbed
from seqkit.limits.limit import Check as Check


class Verdict(StrEnum):
    """What running the evidence makes of a claim."""

    HOLDS = "holds"
    HOLDS_BUT = "holds, but"
    OUTDATED = "outdated"
    WRONG = "wrong"
    NO_EVIDENCE = "no evidence"


@dataclass(frozen=True)
class Evidence:
    """The checks of a claim, by what they show. Every one of them matters for the verdict.

    Attributes:
        says: what must be true if the claim holds.
        but: a named way round or restriction, which is true as well.
        once: signs that the claim was true of an older Keras, such as an argument that warns.
        instead: for a claim that fails: what is true in its place.
    """

    says: tuple[Check, ...]
    but: tuple[Check, ...] = ()
    once: tuple[Check, ...] = ()
    instead: tuple[Check, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The verdict that follows from the checks; a contradiction is no evidence.

        Example:
            >>> fact, mistake = Check("water is wet", True, ""), Check("fire is cold", False, "")
            >>> Evidence(says=(fact,)).verdict.value, Evidence(says=(mistake,)).verdict.value
            ('holds', 'wrong')
        """
        if not self.says:
            return Verdict.NO_EVIDENCE
        if all_hold(self.says):
            return Verdict.HOLDS_BUT if self.but and all_hold(self.but) else Verdict.HOLDS
        if not all_hold(self.instead):
            return Verdict.NO_EVIDENCE
        return Verdict.OUTDATED if self.once and all_hold(self.once) else Verdict.WRONG

    def labelled(self) -> Iterator[tuple[str, Check]]:
        """Give every check with the name of its part, in reading order."""
        for label in ("says", "but", "once", "instead"):
            for check in getattr(self, label):
                yield label, check


def all_hold(checks: tuple[Check, ...]) -> bool:
    """Whether every check holds."""
    return all(check.holds for check in checks)


@dataclass(frozen=True)
class Claim:
    """One thing that the articles say about the Sequential model.

    Attributes:
        id: its id in the register, such as "A2.1".
        statement: the claim in one plain sentence.
        lessons: the lessons that teach it.
        recorded: the verdict that the lessons tell.
        evidence: runs code and gives the checks; None if nobody has written it.
        note: what the verdict leaves out: the price of a way round, or what was counted.
        limits: the limits that give evidence for it.
        shown_in: the lessons whose table shows it, where they are fewer: the evidence may use what
            the first lessons that name a claim have not taught yet.
    """

    id: str
    statement: str
    lessons: tuple[int, ...]
    recorded: Verdict
    evidence: Callable[[], Evidence] | None
    note: str = ""
    limits: tuple[str, ...] = ()
    shown_in: tuple[int, ...] = ()

    def is_shown_in(self, lesson: int) -> bool:
        """Whether the table of a lesson shows the claim."""
        return lesson in (self.shown_in or self.lessons)

    def examine(self) -> Examination:
        """Run the evidence and compute the verdict. Names and random states stay as they were.

        Returns:
            The `Examination`: `.verdict`, `.checks`, `.agrees`. Evidence that is missing, or that
            raises, gives the verdict 'no evidence' and never 'holds'.

        Taught in lesson 11.
        """
        if self.evidence is None:
            return Examination(self, Evidence(()), "nobody has written the evidence")
        try:
            with undisturbed():
                found = self.evidence()
        except Exception as error:
            return Examination(self, Evidence(()), f"the evidence did not run: {reason(error)}")
        return Examination(self, found)


def reason(error: Exception) -> str:
    """The first sentence of an exception, or its kind where it says nothing."""
    return first_sentence(error) or type(error).__name__


@dataclass(frozen=True, repr=False)
class Examination(Displayable):
    """What running the evidence of one claim found.

    Attributes:
        claim: the claim.
        evidence: the checks, by what they show.
        problem: why there is no evidence; empty if there is some.
    """

    claim: Claim
    evidence: Evidence
    problem: str = ""

    @property
    def verdict(self) -> Verdict:
        """The verdict that follows from the checks."""
        return self.evidence.verdict

    @property
    def checks(self) -> tuple[Check, ...]:
        """Every check, in reading order."""
        return tuple(check for _, check in self.evidence.labelled())

    @property
    def agrees(self) -> bool:
        """Whether the computed verdict is the one that the lessons tell."""
        return self.verdict == self.claim.recorded

    def as_text(self) -> str:
        """Return the claim, its verdict and every check."""
        return examination_text(self)

    def as_html(self) -> str:
        """Return the same as one row of a table."""
        from seqkit.claims.view.html import table_html

        return table_html((self,), open_evidence=True)
