"""The marked region of an answer cell: the solution, and the starter that stands in its place.

In `solutions/src`, an answer cell looks like this:

    # %% seqkit={"role": "answer", "question": "q5", "points": 2}
    def gradient(probabilities, labels):
        ### BEGIN SOLUTION
        one_hot = np.eye(probabilities.shape[1])[labels]
        return (probabilities - one_hot) / len(labels)
        ### STARTER
        # return ...
        ### END SOLUTION

The solution notebook keeps what stands between the first two markers. The exercise notebook gets
what stands between the last two, with one `# ` taken off each line. Lines outside stay in both.
A cell may have several regions. A starter must run without an error: give the answer as `...`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from seqkit.authoring.errors import SourceError

BEGIN = "### BEGIN SOLUTION"
STARTER = "### STARTER"
END = "### END SOLUTION"

_COMMENT = re.compile(r"^(\s*)# ?(.*)$")


class Part(Enum):
    """Where a line of an answer cell stands."""

    COMMON = "outside"
    SOLUTION = "solution"
    STARTER = "starter"


def solution(source: str) -> str:
    r"""Keep the solution of an answer cell.

    Args:
        source: the cell with its markers.

    Returns:
        The code without markers and starter.

    Raises:
        SourceError: when the markers do not come as BEGIN SOLUTION, STARTER, END SOLUTION.

    Example:
        >>> cell = "### BEGIN SOLUTION\nx = 3\n### STARTER\n# x = ...\n### END SOLUTION"
        >>> solution(cell)
        'x = 3'
    """
    return _join(line for part, line in _parts(source) if part is not Part.STARTER)


def starter(source: str) -> str:
    r"""Keep the starter of an answer cell.

    Args:
        source: the cell with its markers.

    Returns:
        The code without markers and solution, the starter's comment signs taken off.

    Raises:
        SourceError: when the markers do not come in their order, or a starter line is no comment.

    Example:
        >>> cell = "### BEGIN SOLUTION\nx = 3\n### STARTER\n# x = ...\n### END SOLUTION"
        >>> starter(cell)
        'x = ...'
    """
    return _join(
        _uncommented(line) if part is Part.STARTER else line
        for part, line in _parts(source)
        if part is not Part.SOLUTION
    )


def has_region(source: str) -> bool:
    """Tell whether a cell holds any marker.

    Args:
        source: the cell.

    Returns:
        True when one of the three markers occurs.
    """
    return any(line.strip() in _NEXT for line in source.splitlines())


# Marker -> the part that must stand before it, and the part that it opens.
_NEXT = {
    BEGIN: (Part.COMMON, Part.SOLUTION),
    STARTER: (Part.SOLUTION, Part.STARTER),
    END: (Part.STARTER, Part.COMMON),
}


def _parts(source: str) -> Iterator[tuple[Part, str]]:
    """Each line that is no marker, with the part that it belongs to."""
    part, regions = Part.COMMON, 0
    for line in source.splitlines():
        marker = line.strip()
        if marker not in _NEXT:
            yield part, line
            continue
        before, after = _NEXT[marker]
        if part is not before:
            raise SourceError(
                f"'{marker}' stands in the wrong place. The order is: {BEGIN}, {STARTER}, {END}."
            )
        part, regions = after, regions + (marker == END)
    if part is not Part.COMMON or not regions:
        raise SourceError(f"An answer cell needs the three markers {BEGIN}, {STARTER}, {END}.")


def _uncommented(line: str) -> str:
    match = _COMMENT.match(line)
    if match is None:
        if not line.strip():
            return ""
        raise SourceError(f"A starter line must be a comment: {line.strip()!r}.")
    return f"{match[1]}{match[2]}".rstrip()


def _join(lines: Iterator[str]) -> str:
    return "\n".join(lines).strip("\n")
