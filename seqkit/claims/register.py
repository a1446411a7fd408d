"""Find the claims: the register of the four articles, in its order."""

from __future__ import annotations

import difflib
from functools import cache

from seqkit.claims.claim import Claim
from seqkit.claims.writing import claims_of
from seqkit.errors import NotAModelError


class UnknownClaimError(NotAModelError, KeyError):
    """There is no claim, comparison or article of that name."""

    def __str__(self) -> str:  # KeyError would print the quotes of repr
        return str(self.args[0])


def ids() -> tuple[str, ...]:
    """Return the ids of all claims, in the order of the register.

    Example:
        >>> "A2.1" in ids()
        True
    """
    return tuple(_register())


def get(id: str) -> Claim:
    """Return one claim.

    Args:
        id: one of `ids()`.

    Returns:
        The `Claim`. `get(id).examine()` runs its evidence.

    Raises:
        UnknownClaimError: there is no claim of that id.

    Example:
        >>> get("B7").lessons
        (1,)

    Taught in lesson 20.
    """
    register = _register()
    if not isinstance(id, str) or id not in register:
        raise unknown("claim", id, tuple(register))
    return register[id]


def unknown(what: str, name: object, known: tuple[str, ...]) -> UnknownClaimError:
    """The error for a name that is not known, with the nearest one that is."""
    lower = {one.lower(): one for one in known}
    near = difflib.get_close_matches(str(name).lower(), lower, n=1, cutoff=0.5)
    hint = f" Did you mean {lower[near[0]]!r}?" if near else ""
    plural = "ids" if what == "claim" else "names"
    return UnknownClaimError(
        f"There is no {what} {name!r}.{hint} The {plural} are: {', '.join(known)}."
    )


@cache
def _register() -> dict[str, Claim]:
    from seqkit.claims import beginners_guide, limits_of_sequential, popularity, tricks

    modules = (limits_of_sequential, beginners_guide, popularity, tricks)
    return {one.id: one for module in modules for one in claims_of(module)}
