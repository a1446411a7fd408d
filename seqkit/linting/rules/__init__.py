"""The rules, one file for each family. A new rule is one new function in one of these files."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from seqkit.linting.rule import Rule


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule of every file in this folder, by code.

    Example:
        >>> all_rules()[0].code
        'SEQ100'
    """
    found: dict[str, Rule] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for value in vars(module).values():
            if isinstance(value, Rule):
                assert value.code not in found, f"two rules have the code {value.code}"
                found[value.code] = value
    return tuple(found[code] for code in sorted(found))
