"""Find the limits: every module of this package that defines `LIMIT`."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

from seqkit.errors import NotAModelError

if TYPE_CHECKING:
    from seqkit.limits.limit import Limit


class UnknownLimitError(NotAModelError, KeyError):
    """There is no limit of that name."""

    def __str__(self) -> str:  # KeyError would print the quotes of repr
        return str(self.args[0])


def names() -> tuple[str, ...]:
    """Return the names of all limits, in alphabetical order.

    Example:
        >>> "residual" in names()
        True
    """
    return tuple(sorted(_modules()))


def get(name: str) -> Limit:
    """Return one limit.

    Args:
        name: one of `names()`.

    Returns:
        The `Limit`, with its attempts, the reason, the fix, the way round and the evidence.

    Raises:
        UnknownLimitError: there is no limit of that name.

    Example:
        >>> get("residual").name
        'residual'

    Taught in lesson 11.
    """
    modules = _modules()
    if not isinstance(name, str) or name not in modules:
        near = difflib.get_close_matches(str(name), modules, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise UnknownLimitError(
            f"There is no limit named {name!r}.{hint} The names are: {', '.join(names())}."
        )
    return modules[name]


def all_limits() -> tuple[Limit, ...]:
    """Return every limit, by name."""
    return tuple(_modules()[name] for name in names())


@cache
def _modules() -> dict[str, Limit]:
    package = importlib.import_module("seqkit.limits")
    found = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"seqkit.limits.{info.name}")
        if hasattr(module, "LIMIT"):
            found[module.LIMIT.name] = module.LIMIT
    return found
