"""Attention: as many output positions as the query has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqkit.arithmetic.axes import kept, sized
from seqkit.arithmetic.equations import Arithmetic
from seqkit.arithmetic.rules import rule
from seqkit.graph.records import Shape


@rule("MultiHeadAttention", "GroupQueryAttention", "GroupedQueryAttention")
def multi_head(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """Heads are joined and projected back to the query's width, unless `output_shape` is given."""
    query = shapes[0]
    asked = getattr(layer, "_output_shape", None)
    if asked is None:
        return Arithmetic((), "shape unchanged: that of the query")
    tail = asked if isinstance(asked, list | tuple) else (asked,)
    rank = len(query) - 1
    lines = tuple(sized("output_shape", size, rank + i) for i, size in enumerate(tail))
    return Arithmetic((*kept(query, range(1, rank), "query"), *lines))


@rule("Attention", "AdditiveAttention")
def attention(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """Positions of the query, width of the value."""
    query, value = shapes[0], shapes[1]
    last = len(query) - 1
    return Arithmetic((*kept(query, range(1, last), "query"), sized("value", value[-1], last)))
