"""Read a subclassed model: it keeps no graph, so its `call` is run once on a symbolic tensor."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import keras

from seqkit.errors import BuildError
from seqkit.graph.functional import read_functional
from seqkit.graph.reasons import first_sentence, reason_for
from seqkit.graph.records import Edge, Failure, Graph, Node, Shape
from seqkit.graph.shapes import shapes_in


def read_calls(model: keras.Model, entry: Shape) -> Graph:
    """Run the model's `call` on a symbolic tensor, and read the graph that this leaves behind.

    Layers that were not built are built by this, for the given shape.

    Args:
        model: a model whose `call` is written by hand.
        entry: shape of one example, without the batch axis.

    Returns:
        A `Graph`; when a layer fails, the layers that were called up to then.

    Raises:
        BuildError: `call` failed outside any layer.
    """
    inputs = keras.Input(entry)
    with _watch() as calls:
        try:
            if not model.built and type(model).build is not keras.Model.build:
                model.build((None, *entry))
            outputs = model.call(inputs, **_required(model))
            graph = read_functional(keras.Model(inputs, outputs), show_inputs=False)
        except Exception as error:
            return _partial(model, entry, calls, error)
    of_layers = sum(node.params or 0 for node in graph.nodes)
    own = sum(math.prod(weight.shape) for weight in model.weights) - of_layers
    return replace(graph, name=model.name, style="subclassed", own_params=max(own, 0))


def recorded_entry(model: keras.Model) -> Shape | None:
    """The input shape that a model was built for by its first call, if it has one input."""
    shapes = list((getattr(model, "_build_shapes_dict", None) or {}).values())
    if len(shapes) != 1 or not isinstance(shapes[0], tuple):
        return None
    return tuple(shapes[0])[1:]


def _required(model: keras.Model) -> dict[str, Any]:
    """Arguments that Keras would fill in by itself, where `call` has no default for them."""
    known = {"training": False, "mask": None}
    parameters = inspect.signature(model.call).parameters
    return {
        name: value
        for name, value in known.items()
        if name in parameters and parameters[name].default is inspect.Parameter.empty
    }


@dataclass
class _Call:
    """A call of a layer that was seen from outside."""

    layer: Any
    arguments: tuple[Any, ...]
    outputs: Any = None


def _partial(model: keras.Model, entry: Shape, calls: list[_Call], error: Exception) -> Graph:
    """The calls up to the one that failed."""
    if not calls or calls[-1].outputs is not None:
        raise BuildError(
            f"The model {model.name!r} failed in its own call, outside any layer: "
            f"{first_sentence(error)}. Call the model on a small array to see where."
        ) from error
    first_call: dict[int, int] = {}
    nodes = []
    for index, call in enumerate(calls):
        first = first_call.setdefault(id(call.layer), index)
        done = call.outputs is not None
        nodes.append(
            Node(
                index=index,
                name=call.layer.name,
                kind=type(call.layer).__name__,
                item=call.layer,
                layer=call.layer,
                inputs=tuple(Edge(index - 1, shape) for shape in shapes_in(call.arguments)),
                output_shapes=shapes_in(call.outputs) if done else (),
                params=(call.layer.count_params() if first == index else 0) if done else None,
                status="ok" if done else "failed",
                first_call=first,
            )
        )
    last = nodes[-1]
    reason = reason_for(last.item, last.layer, last.input_shapes, error)
    failure = Failure(last.index, error, reason)
    return Graph(model.name, "subclassed", tuple(nodes), ((None, *entry),), (), failure)


@contextmanager
def _watch() -> Iterator[list[_Call]]:
    """Note every call of a layer that does not happen inside another layer."""
    original = keras.Layer.__call__
    calls: list[_Call] = []
    depth = 0

    def noted(layer: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal depth
        if depth == 0:
            calls.append(_Call(layer, args))
        depth += 1
        try:
            outputs = original(layer, *args, **kwargs)
        finally:
            depth -= 1
        if depth == 0:
            calls[-1].outputs = outputs
        return outputs

    keras.Layer.__call__ = noted
    try:
        yield calls
    finally:
        keras.Layer.__call__ = original
