"""`trace`: from a model or a list of layers to rows."""

from __future__ import annotations

from typing import Any

import keras

from seqkit.graph import Graph, read
from seqkit.tracing.rows import Row, ShapeTrace


def trace(
    model: Any,
    input_shape: Any = None,
    expand_nested: bool = False,
) -> ShapeTrace:
    """Trace the shape through every layer, and say why it is what it is.

    Nothing is run and nothing of the model changes: shapes are found by symbolic calls, and
    layers that are not built are copied first. Only a subclassed model that is not built yet is
    built for the shape that you give. A build that fails is traced up to the failure.

    Args:
        model: a `keras.Sequential`, a Functional or subclassed `keras.Model`, one layer, or a
            list of layers.
        input_shape: shape of one example, without the batch axis; needed when the model does
            not know it.
        expand_nested: show the layers inside nested models as well.

    Returns:
        A `ShapeTrace`. It prints as a table; `.rows` holds the records.

    Raises:
        NotAModelError: `model` is nothing that Keras 3 can build.
        InputShapeError: the input shape is missing, or is not a shape.

    Example:
        >>> import keras
        >>> print(trace([keras.Input((784,)), keras.layers.Dense(32), keras.layers.Dense(10)]))
         #  layer  in           out         params  why
         0  Dense  (None, 784)  (None, 32)  25,120  units 32 · params 784·32 + 32 = 25,120
         1  Dense  (None, 32)   (None, 10)     330  units 10 · params 32·10 + 10 = 330
        total 25,450 parameters · output (None, 10)

    Taught in lesson 02.
    """
    return trace_graph(read(model, input_shape), expand_nested)


def trace_graph(graph: Graph, expand_nested: bool = False) -> ShapeTrace:
    """Turn a graph into a trace.

    Args:
        graph: what `seqkit.graph.read` returned.
        expand_nested: trace the models inside, too.

    Returns:
        A `ShapeTrace` with one row for each node.
    """
    rows = []
    for node in graph.nodes:
        failure = graph.failure if node.status == "failed" else None
        nested = None
        if expand_nested and node.status == "ok" and isinstance(node.layer, keras.Model):
            nested = trace(node.layer, expand_nested=True)
        rows.append(Row(node, failure, nested))
    return ShapeTrace(graph, tuple(rows))
