"""Read a subclassed model: it keeps no graph, so its layers are watched while it is called once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from seqkit.errors import BuildError
from seqkit.graph.reasons import first_sentence, reason_for
from seqkit.graph.records import Edge, Failure, Graph, Node, Shape
from seqkit.graph.shapes import shapes_in, tensors_in


def read_calls(model: keras.Model, entry: Shape) -> Graph:
    """Call a subclassed model on a symbolic tensor, and note each direct call of its layers.

    Args:
        model: a model whose `call` is written by hand.
        entry: shape of one example, without the batch axis.

    Returns:
        A `Graph`. An edge is known when a layer's output goes straight into the next layer;
        after other operations the source is -1. If the model was not built, this builds it.

    Raises:
        BuildError: `call` failed outside any layer.
    """
    nodes: list[Node] = []
    maker: dict[int, tuple[int, int]] = {}
    kept: list[Any] = []  # keeps tensors alive, so that their ids stay their own
    error: Exception | None = None
    if not model.built:  # the call that builds runs `call` one time more than we want to see
        with contextlib.suppress(Exception):
            model(keras.KerasTensor((None, *entry)))
    with _watch(model, nodes, maker, kept):
        try:
            outputs = model(keras.KerasTensor((None, *entry)))
        except Exception as raised:
            error, outputs = raised, ()
    failed = next((node for node in nodes if node.status == "failed"), None)
    if error is not None and failed is None:
        raise BuildError(
            f"The model {model.name!r} failed in its own call, outside any layer: "
            f"{first_sentence(error)}. Call the model on a small array to see where."
        ) from error
    failure = None
    if error is not None and failed is not None:
        reason = reason_for(failed.item, failed.layer, failed.input_shapes, error)
        failure = Failure(failed.index, error, reason)
    return Graph(
        name=model.name,
        style="subclassed",
        nodes=tuple(nodes),
        entry=((None, *entry),),
        outputs=() if failure else _edges(outputs, maker),
        failure=failure,
    )


@contextmanager
def _watch(
    model: keras.Model, nodes: list[Node], maker: dict[int, tuple[int, int]], kept: list[Any]
) -> Iterator[None]:
    """Note every call of a layer that happens directly inside `model`."""
    original = keras.Layer.__call__
    inside: list[Any] = []
    first_call: dict[int, int] = {}

    def noted(layer: Any, *args: Any, **kwargs: Any) -> Any:
        direct = len(inside) == 1 and inside[0] is model
        inside.append(layer)
        try:
            outputs = original(layer, *args, **kwargs)
        except Exception:
            if direct:
                add(layer, args, None)
            raise
        finally:
            inside.pop()
        if direct:
            add(layer, args, outputs)
        return outputs

    def add(layer: Any, args: Any, outputs: Any) -> None:
        index = len(nodes)
        first = first_call.setdefault(id(layer), index)
        count = layer.count_params() if layer.built and first == index else 0
        nodes.append(
            Node(
                index=index,
                name=layer.name,
                kind=type(layer).__name__,
                item=layer,
                layer=layer,
                inputs=_edges(args, maker),
                output_shapes=() if outputs is None else shapes_in(outputs),
                params=None if outputs is None else count,
                status="failed" if outputs is None else "ok",
                first_call=first,
            )
        )
        for output, tensor in enumerate(tensors_in(outputs) if outputs is not None else ()):
            maker[id(tensor)] = (index, output)
            kept.append(tensor)

    keras.Layer.__call__ = noted
    try:
        yield
    finally:
        keras.Layer.__call__ = original


def _edges(structure: Any, maker: dict[int, tuple[int, int]]) -> tuple[Edge, ...]:
    edges = []
    for tensor in tensors_in(structure):
        source, output = maker.get(id(tensor), (-1, 0))
        edges.append(Edge(source, shapes_in(tensor)[0], output))
    return tuple(edges)
