"""On random layer lists `sk.trace` agrees with Keras: the same shapes, the same counts, and the
same layer where Keras raises. The arithmetic of a row gives the shape that Keras gave."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import seqkit as sk
from seqkit.graph.copies import weights_without_memory
from seqkit.tracing import Row
from tests.strategies import LayerList, layer_lists

LISTS = 1_000


@dataclass(frozen=True)
class Built:
    """What Keras made of a list.

    Attributes:
        shapes: the output shapes of each layer that could be called.
        params: the number of parameters; None when a layer failed.
        failed_at: the layer at which Keras raised; None if it took all.
    """

    shapes: list[tuple[Any, ...]]
    params: int | None
    failed_at: int | None


def build(drawn: LayerList) -> Built:
    """Build the list as `model.add` does, layer after layer, and find where Keras raises."""
    lead, items = drawn.input(), drawn.layers()
    taken = added(lead, items)
    with weights_without_memory(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model = keras.Sequential([lead, *items[:taken]])
        except Exception:
            model = None
    shapes = list(shapes_after(items[:taken]))
    if model is not None and taken == len(items):
        return Built(shapes, model.count_params(), None)
    return Built(shapes, None, len(shapes))


def added(lead: Any, items: list[Any]) -> int:
    """How many items `model.add` takes before the first one that it refuses."""
    model = keras.Sequential([lead])
    for index, item in enumerate(items):
        try:
            model.add(item, rebuild=False)
        except Exception:
            return index
    return len(items)


def shapes_after(items: list[Any]) -> Iterator[tuple[Any, ...]]:
    """What each layer gave; every call of a fresh layer has left a node in it, in order."""
    calls: Counter[int] = Counter()
    for item in items:
        nodes = item._inbound_nodes[calls[id(item)] :]
        if not nodes:
            return
        calls[id(item)] += 1
        yield tuple(tuple(tensor.shape) for tensor in nodes[0].outputs)


@st.composite
def drawn_lists(draw: Any) -> LayerList:
    """Lists of which about half fail somewhere; drawing them fills no weights."""
    with weights_without_memory(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return draw(layer_lists(valid=False))


@settings(
    max_examples=LISTS,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(drawn_lists())
def test_trace_agrees_with_keras(drawn: LayerList) -> None:
    built = build(drawn)
    trace = sk.trace(drawn.items())
    failed_at = None if trace.failure is None else trace.failure.index
    assert failed_at == built.failed_at
    reached = trace.rows[:failed_at]
    assert [row.output_shapes for row in reached] == built.shapes
    for row in reached:
        check_arithmetic(row)
    if failed_at is None:
        assert trace.total_params == built.params
    else:
        check_reason(trace.rows[failed_at], trace)


def check_arithmetic(row: Row) -> None:
    """The equations are true, and give the shape and the count; no row is without a reason."""
    arithmetic = row.arithmetic
    assert row.why
    assert all(equation.holds for equation in arithmetic.shape)
    assert arithmetic.output_shape(row.input_shapes[0]) == row.output_shapes[0]
    if row.params:
        assert arithmetic.params is not None and arithmetic.params.holds
        assert arithmetic.params.value == row.params


def check_reason(row: Row, trace: sk.ShapeTrace) -> None:
    """A rule of ours says why, never Keras' own words, which differ between backends."""
    assert "Error" not in row.why, row.why
    assert all(later.status == "not reached" for later in trace.rows[row.index + 1 :])
