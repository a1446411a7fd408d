"""Read a built Sequential or a Functional model: its graph is there, nothing has to be called."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import Any

import keras

from seqkit.graph.records import Edge, Graph, Node
from seqkit.graph.shapes import shape_of, tensors_in

# A call in Keras is (operation, number of the call); Keras calls it a node.
Call = tuple[int, int]


def read_functional(model: keras.Model, show_inputs: bool = True) -> Graph:
    """Read the graph that Keras keeps in a Functional model or a built Sequential.

    Args:
        model: a model with symbolic inputs and outputs.
        show_inputs: whether each Input is a node. A Sequential's never is, as in `model.layers`.

    Returns:
        A complete `Graph`.

    Example:
        >>> import keras
        >>> x = keras.Input((4,))
        >>> graph = read_functional(keras.Model(x, keras.layers.Dense(2)(x)))
        >>> [node.kind for node in graph.nodes]
        ['InputLayer', 'Dense']
    """
    sequential = isinstance(model, keras.Sequential)
    outputs = tensors_in(model.outputs)
    entries = {id(tensor) for tensor in tensors_in(model.inputs)}
    calls = _calls_behind(outputs, entries)
    order = _topological(calls, entries, model)
    if sequential or not show_inputs:
        order = [call for call in order if tensors_into(calls[call])]
    index_of = {call: index for index, call in enumerate(order)}
    first_call: dict[int, int] = {}
    nodes = []
    for index, call in enumerate(order):
        keras_node = calls[call]
        layer = keras_node.operation
        first = first_call.setdefault(id(layer), index)
        nodes.append(
            Node(
                index=index,
                name=layer.name,
                kind=type(layer).__name__,
                item=layer,
                layer=layer,
                inputs=_edges(tensors_into(keras_node), index_of, entries),
                output_shapes=tuple(shape_of(tensor) for tensor in keras_node.outputs),
                params=_count_params(layer) if first == index else 0,
                status="ok",
                first_call=first,
                call=keras_node,
            )
        )
    return Graph(
        name=model.name,
        style="sequential" if sequential else "functional",
        nodes=tuple(nodes),
        entry=tuple(shape_of(tensor) for tensor in tensors_in(model.inputs)),
        outputs=_edges(outputs, index_of, entries),
        inputs=tuple(tensors_in(model.inputs)),
    )


def tensors_into(keras_node: Any) -> list[Any]:
    """The tensors that a call got, without the masks that Keras hands along by itself.

    A mask is made by an operation of its own (NotEqual, Any) that nobody wrote.
    """
    tensors = keras_node.arguments.keras_tensors
    masks = {id(getattr(tensor, "_keras_mask", None)) for tensor in tensors}
    return [tensor for tensor in tensors if id(tensor) not in masks]


def _call_of(tensor: Any) -> tuple[Call, Any]:
    """Return which call made a symbolic tensor, and Keras' node for it."""
    history = tensor._keras_history
    node = history.operation._inbound_nodes[history.node_index]
    return (id(history.operation), history.node_index), node


def _calls_behind(outputs: Iterable[Any], entries: set[int]) -> dict[Call, Any]:
    """Walk from the outputs back to the inputs, and return every call on the way."""
    calls: dict[Call, Any] = {}
    waiting = list(outputs)
    while waiting:
        tensor = waiting.pop()
        call, node = _call_of(tensor)
        if call in calls:
            continue
        calls[call] = node
        if id(tensor) not in entries:
            waiting.extend(tensors_into(node))
    return calls


def _topological(calls: dict[Call, Any], entries: set[int], model: keras.Model) -> list[Call]:
    """Order the calls so that each stands after those it needs, else as in `model.layers`."""
    operations = getattr(model, "operations", None) or model.layers
    position = {id(operation): place for place, operation in enumerate(operations)}
    followers: dict[Call, list[Call]] = {call: [] for call in calls}
    missing = dict.fromkeys(calls, 0)
    for call, node in calls.items():
        if any(id(tensor) in entries for tensor in node.outputs):
            continue
        for source in {_call_of(tensor)[0] for tensor in tensors_into(node)}:
            followers[source].append(call)
            missing[call] += 1
    ready = [(position.get(call[0], 0), call) for call in calls if not missing[call]]
    heapq.heapify(ready)
    order = []
    while ready:
        _, call = heapq.heappop(ready)
        order.append(call)
        for follower in followers[call]:
            missing[follower] -= 1
            if not missing[follower]:
                heapq.heappush(ready, (position.get(follower[0], 0), follower))
    return order


def _edges(
    tensors: Iterable[Any], index_of: dict[Call, int], entries: set[int]
) -> tuple[Edge, ...]:
    edges = []
    for tensor in tensors:
        call, _ = _call_of(tensor)
        edges.append(
            Edge(index_of.get(call, -1), shape_of(tensor), tensor._keras_history.tensor_index)
        )
    return tuple(edges)


def _count_params(layer: Any) -> int:
    return layer.count_params() if isinstance(layer, keras.Layer) else 0
