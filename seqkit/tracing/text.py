"""A trace as plain text."""

from __future__ import annotations

from seqkit.tracing.cells import NUMERIC, below, cells, columns, walk
from seqkit.tracing.rows import ShapeTrace


def to_text(trace: ShapeTrace) -> str:
    """Lay the rows out in columns; numbers stand right, texts stand left.

    Args:
        trace: what to show.

    Returns:
        One line a row; below them the total or what stopped the build, and what is said of data.
    """
    head = columns(trace)
    table = [head]
    table += [cells(row, head, number, "  " * depth) for row, number, depth in walk(trace)]
    widths = [max(len(line[column]) for line in table) for column in range(len(head))]
    lines = [
        "  ".join(
            text.rjust(width) if name in NUMERIC else text.ljust(width)
            for text, width, name in zip(line, widths, head, strict=True)
        ).rstrip()
        for line in table
    ]
    return "\n".join([*(f" {line}" for line in lines), *below(trace)])
