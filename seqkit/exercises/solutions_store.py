"""The solutions that ship with the library.

`seqkit build` writes them from `solutions/src`, so that a learner reads the code that was tested.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources


@cache
def solutions_of(exercise: str) -> dict[str, str]:
    """Read the solutions of one exercise.

    Args:
        exercise: a module name such as `"ex01"`.

    Returns:
        Question name to code; empty where no solutions are shipped.

    Example:
        >>> sorted(solutions_of("ex01"))[:2]
        ['q1', 'q2']
    """
    file = resources.files("seqkit.exercises") / "solutions" / f"{exercise}.json"
    if not file.is_file():
        return {}
    return dict(json.loads(file.read_text(encoding="utf-8")))


def are_shipped() -> bool:
    """Tell whether this copy of the library holds any solution.

    Returns:
        False in a copy for students.

    Example:
        >>> are_shipped()
        True
    """
    folder = resources.files("seqkit.exercises") / "solutions"
    return folder.is_dir() and any(file.name.endswith(".json") for file in folder.iterdir())
