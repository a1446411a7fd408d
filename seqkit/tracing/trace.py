"""`trace`: from a model or a list of layers, and data if there is some, to rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import keras

from seqkit.arithmetic import Field, fields_before, receptive_fields
from seqkit.graph import Graph, Node, read
from seqkit.graph.read import knows_its_input, reading
from seqkit.tracing.activations import measure
from seqkit.tracing.feeding import (
    Sample,
    entry_of_sample,
    examples_to_use,
    is_data,
    sample_of,
    tensors_for,
)
from seqkit.tracing.rows import DataSeen, Row, ShapeTrace
from seqkit.tracing.running import Run, run


def trace(
    model: Any,
    input_shape: Any = None,
    expand_nested: bool = False,
    *,
    x: Any = None,
    training: bool = False,
    cost: bool = False,
) -> ShapeTrace:
    """Trace the shape through every layer, and say why it is what it is.

    Nothing of the model changes: shapes are found by symbolic calls, and layers that are not
    built are copied first. Only a subclassed model that is not built yet is built for the shape
    that you give. A build that fails is traced up to the failure.

    With data, the data is run through the layers as well. Each row then tells the lowest and the
    highest number that left the layer, the share of zeros, and the memory; NaN and infinite
    numbers are counted. At most 256 examples are run. What a layer would store (running means,
    states, seeds) is thrown away.

    Args:
        model: a `keras.Sequential`, a Functional or subclassed `keras.Model`, one layer, or a
            list of layers.
        input_shape: shape of one example, without the batch axis; needed when the model does
            not know it. Or the data itself: `trace(model, x_train[:64])` is
            `trace(model, x=x_train[:64])`.
        expand_nested: show the layers inside nested models as well.
        x: data to run: an array, a tensor, a table, a list or dict of these for a model with
            several inputs, or a data set of batches, of which the first is taken.
        training: run the data as in training, with dropout and the batch's own means.
        cost: show multiply-adds, and the receptive field with its step, in place of the shapes'
            arithmetic.

    Returns:
        A `ShapeTrace`. It prints as a table; `.rows` holds the records.

    Raises:
        NotAModelError: `model` is nothing that Keras 3 can build.
        InputShapeError: the input shape is missing, or is not a shape; or the data does not fit.

    Example:
        >>> import keras
        >>> print(trace([keras.Input((784,)), keras.layers.Dense(32), keras.layers.Dense(10)]))
         #  layer  in           out         params  why
         0  Dense  (None, 784)  (None, 32)  25,120  units 32 · params 784·32 + 32 = 25,120
         1  Dense  (None, 32)   (None, 10)     330  units 10 · params 32·10 + 10 = 330
        total 25,450 parameters · output (None, 10)
        >>> import numpy as np
        >>> relu = [keras.Input((4,)), keras.layers.ReLU()]
        >>> print(trace(relu, np.array([[-2.0, 0.0, 1.0, 5.0]])))
         #  layer  out        params  lowest  highest  zeros  memory
         0  ReLU   (None, 4)       0       0        5   50 %    16 B
        total 0 parameters · output (None, 4)
        data: 1 example, from -2 to 5 · activations 16 B, 16 B an example

    Taught in lesson 02.
    """
    if is_data(input_shape):
        if x is not None:
            raise TypeError("Data was passed twice: leave out the second argument, or x.")
        x, input_shape = input_shape, None
    if x is None:
        with reading(model, input_shape) as graph:
            return trace_graph(graph, expand_nested, cost=cost)
    sample = sample_of(x)
    if input_shape is None and not knows_its_input(model):
        input_shape = entry_of_sample(sample)
    with reading(model, input_shape, memory=True) as graph:
        return _trace_data(graph, sample, expand_nested, training, cost)


def _trace_data(
    graph: Graph, sample: Sample, expand_nested: bool, training: bool, cost: bool
) -> ShapeTrace:
    examples = examples_to_use(graph, sample)
    tensors = tensors_for(graph, sample, examples)
    seen = DataSeen(
        entered=measure(tensors, examples),
        available=sample.examples,
        source=sample.source,
    )
    return trace_graph(graph, expand_nested, run(graph, tensors, examples, training), seen, cost)


def trace_graph(
    graph: Graph,
    expand_nested: bool = False,
    done: Run | None = None,
    data: DataSeen | None = None,
    cost: bool = False,
    inside: Inside | None = None,
) -> ShapeTrace:
    """Turn a graph into a trace.

    Args:
        graph: what `seqkit.graph.read` returned.
        expand_nested: trace the models inside, too.
        done: what came of running data through the graph.
        data: what is told of the data below the table.
        cost: show multiply-adds and receptive fields.
        inside: where the graph stands, if it is that of a nested model.

    Returns:
        A `ShapeTrace` with one row for each node.
    """
    graph = graph if done is None else done.graph
    here = Inside() if inside is None else inside
    fields = cache(lambda: receptive_fields(graph, here.entering()))
    rows = []
    for node in graph.nodes:
        nested = None
        if expand_nested and isinstance(node.layer, keras.Model):
            place = Inside(
                entering=partial(_entering, node, fields, here),
                above=f"{here.above}{node.index}.",
                counted=here.counted or (f"{here.above}{node.first_call}." if node.shared else ""),
            )
            nested = _nested(node, None if done is None else done.inside.get(node.index), place)
        rows.append(
            Row(
                node,
                failure=graph.failure if node.status == "failed" else None,
                nested=nested,
                activation=None if done is None else done.activations.get(node.index),
                fields=fields,
                counted_at=f"{here.counted}{node.index}" if here.counted else "",
            )
        )
    return ShapeTrace(graph, tuple(rows), data, cost)


@dataclass(frozen=True)
class Inside:
    """Where a nested model stands.

    Attributes:
        entering: gives the receptive field of what enters it.
        above: the number of its row with a dot, such as "2.".
        counted: the same of the row that called the model first, if that is another one.
    """

    entering: Callable[[], Field | None] = lambda: None
    above: str = ""
    counted: str = ""


def _entering(
    node: Node, fields: Callable[[], tuple[Field | None, ...]], here: Inside
) -> Field | None:
    before = fields_before(node, fields(), here.entering())
    return before[0] if len(before) == 1 else None


def _nested(node: Node, done: Run | None, place: Inside) -> ShapeTrace | None:
    """The trace of the model inside a node, with what the data did there."""
    if done is not None:
        return trace_graph(done.graph, expand_nested=True, done=done, inside=place)
    if node.status != "ok" or not node.layer.built:  # put back as it was: nothing to read
        return None
    return trace_graph(read(node.layer), expand_nested=True, inside=place)
