"""A layer that does not take what came in, with the road that leads to it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from seqkit.graph import Shape
from seqkit.graph.chain import is_input
from seqkit.graph.reasons import axes_needed
from seqkit.tracing import Row, ShapeTrace, trace_graph


@dataclass(frozen=True)
class Misfit:
    """A chain that stops at a layer.

    Attributes:
        items: the whole list; an Input first, if one was written.
        trace: its trace up to the failure.
    """

    items: tuple[Any, ...]
    trace: ShapeTrace

    @property
    def row(self) -> Row:
        """The row that failed."""
        assert self.trace.failed_row is not None
        return self.trace.failed_row

    @property
    def layer(self) -> Any:
        """The layer as the learner wrote it."""
        return self.row.node.item

    @property
    def shape(self) -> Shape:
        """The shape that came in; empty if it is not one tensor."""
        return self.row.input_shape or ()

    @property
    def place(self) -> int:
        """Where the layer stands in `items`."""
        return self.place_of(self.row)

    def place_of(self, row: Row) -> int:
        """Where a row's item stands in `items`."""
        return row.index + int(bool(self.items) and is_input(self.items[0]))

    @cached_property
    def needs(self) -> int | None:
        """How many axes the layer needs, batch included; None if that is not the trouble."""
        return axes_needed(self.layer)

    @property
    def came_straight_from_the_data(self) -> bool:
        """Whether only layers that keep the shape stand before it."""
        entry = self.trace.graph.entry
        return all(row.output_shapes == entry for row in self._backwards())

    @cached_property
    def closer(self) -> Row | None:
        """The earlier row after which axes were missing: Flatten, an LSTM, a global pooling."""
        for row in self._backwards():
            before, after = row.input_shape, row.output_shape
            if before is None or after is None or len(after) > len(before):
                return None
            if len(after) < len(before):
                return row
        return None

    def _backwards(self) -> Iterator[Row]:
        return reversed(self.trace.rows[: self.row.index])


def retold(trace: ShapeTrace | None, reason: str) -> ShapeTrace | None:
    """Return the trace with our reason in place of Keras' words, which differ by backend.

    Args:
        trace: a trace.
        reason: why it failed; a trace that did not fail stays as it is.
    """
    if trace is None or trace.failure is None:
        return trace
    failure = replace(trace.failure, reason=reason)
    return trace_graph(replace(trace.graph, failure=failure))


def known(shape: Shape) -> bool:
    """Whether every size but the batch is known."""
    return None not in shape[1:]


def count(shape: Shape) -> int:
    """How many numbers one example has; 0 if a size is not known."""
    return math.prod(size or 0 for size in shape[1:])
