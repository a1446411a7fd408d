"""How far a build came: the rows of its trace around the one that failed, for text and HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seqkit.explaining.original import stable
from seqkit.graph import Shape
from seqkit.graph.records import Status
from seqkit.tracing import Row, ShapeTrace

_BEFORE, _AFTER = 4, 2
"""Rows shown before and after the one that failed; the first and the last are always shown."""


@dataclass(frozen=True)
class Step:
    """One row of the way to the failure.

    Attributes:
        cells: number, layer, shape in, shape out.
        status: what became of the layer; None for a line that stands for rows left out.
        why: why it failed; empty for every other row.
    """

    cells: tuple[str, str, str, str]
    status: Status | None
    why: str = ""


HEADER = ("#", "layer", "in", "out")


def steps_to_failure(trace: ShapeTrace | None) -> tuple[Step, ...]:
    """Return the rows to show; none when the trace did not fail.

    Args:
        trace: the trace of what was tried, if its layers are known.

    Example:
        >>> import keras
        >>> from seqkit.tracing import trace
        >>> for step in steps_to_failure(trace([keras.Input((4,)), keras.layers.Add()])):
        ...     print(step.cells, step.status, step.why)
        ('0', 'Add', '(None, 4)', 'x') failed needs a list of two or more tensors, got one
    """
    if trace is None or trace.failure is None:
        return ()
    failed = trace.failure.index
    last = len(trace.rows) - 1
    steps: list[Step] = []
    left_out = 0
    for row in trace.rows:
        if row.index in (0, last) or failed - _BEFORE <= row.index <= failed + _AFTER:
            steps += _gap(left_out)
            steps.append(_step(row, layers_of(trace)))
            left_out = 0
        else:
            left_out += 1
    return tuple(steps)


def layers_of(trace: ShapeTrace | None) -> tuple[Any, ...]:
    """Return what stood in the list or the model, in order; empty when it is not known."""
    return () if trace is None else tuple(node.item for node in trace.graph.nodes)


def _gap(rows: int) -> list[Step]:
    if not rows:
        return []
    return [Step(("…", f"{rows} more row" + "s" * (rows > 1), "", ""), None)]


def _step(row: Row, layers: tuple[Any, ...]) -> Step:
    if row.status == "not reached":
        return Step((str(row.index), row.kind, "-", "not reached"), row.status)
    entered = _shapes(row.input_shapes)
    if row.status == "failed":
        return Step((str(row.index), row.kind, entered, "x"), row.status, stable(row.why, layers))
    return Step((str(row.index), row.kind, entered, _shapes(row.output_shapes)), row.status)


def _shapes(shapes: tuple[Shape, ...]) -> str:
    return " + ".join(str(shape) for shape in shapes)
