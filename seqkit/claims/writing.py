"""How a claim is written down: a decorator on the function that gives its evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import ModuleType

from seqkit.claims.claim import Claim, Evidence, Verdict


def claim(
    id: str,
    statement: str,
    lessons: Iterable[int],
    recorded: Verdict,
    note: str = "",
    limits: Iterable[str] = (),
    shown_in: Iterable[int] = (),
) -> Callable[[Callable[[], Evidence]], Claim]:
    """Turn a function that gives evidence into the claim that it is evidence for.

    Args:
        id: id in the register.
        statement: the claim in one plain sentence.
        lessons: the lessons that teach it.
        recorded: the verdict that the lessons tell.
        note: what the verdict leaves out.
        limits: the limits that give evidence for it.
        shown_in: the lessons whose table shows it; by default all of `lessons`.

    Returns:
        The decorator.
    """

    def written(evidence: Callable[[], Evidence]) -> Claim:
        return Claim(
            id,
            statement,
            tuple(lessons),
            recorded,
            evidence,
            note,
            tuple(limits),
            tuple(shown_in),
        )

    return written


def claims_of(module: ModuleType) -> tuple[Claim, ...]:
    """The claims that a module defines, in the order in which they are written."""
    return tuple(one for one in vars(module).values() if isinstance(one, Claim))
