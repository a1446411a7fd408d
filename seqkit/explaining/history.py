"""The road behind a symbolic tensor: the Input and the layers that made it."""

from __future__ import annotations

from typing import Any

import keras

from seqkit.graph.chain import input_layer_of


def chain_behind(tensor: Any) -> tuple[Any, ...]:
    """Return the InputLayer and the layers that made a tensor; empty if it is not one road.

    Args:
        tensor: what a layer or `keras.Input` returned.

    Example:
        >>> x = keras.layers.Dense(3)(keras.Input((4,)))
        >>> [type(layer).__name__ for layer in chain_behind(x)]
        ['InputLayer', 'Dense']
    """
    layers: list[Any] = []
    while True:
        leading = input_layer_of(tensor)
        if leading is not None:
            return (leading, *reversed(layers))
        layer, sources = _made_by(tensor)
        if layer is None or len(sources) != 1:
            return ()
        layers.append(layer)
        tensor = sources[0]


def inputs_behind(tensors: Any) -> tuple[Any, ...]:
    """Return the Input tensors that tensors depend on, in the order of their first use.

    Example:
        >>> a, b = keras.Input((4,)), keras.Input((4,))
        >>> [one is b for one in inputs_behind([keras.layers.Dense(3)(b)])]
        [True]
    """
    found: list[Any] = []
    waiting = list(keras.tree.flatten(tensors))
    seen: set[int] = set()
    while waiting:
        tensor = waiting.pop(0)
        if id(tensor) in seen:
            continue
        seen.add(id(tensor))
        if input_layer_of(tensor) is not None:
            found.append(tensor)
        elif getattr(tensor, "_keras_history", None) is not None:
            history = tensor._keras_history
            node = history.operation._inbound_nodes[history.node_index]
            waiting = [*node.arguments.keras_tensors, *waiting]
    return tuple(found)


def layers_behind(tensors: Any) -> tuple[Any, ...]:
    """Return the layers behind tensors, the earliest first, each once."""
    found: list[Any] = []
    waiting = list(keras.tree.flatten(tensors))
    while waiting:
        history = getattr(waiting.pop(0), "_keras_history", None)
        if history is None or any(history.operation is one for one in found):
            continue
        found.append(history.operation)
        node = history.operation._inbound_nodes[history.node_index]
        waiting += node.arguments.keras_tensors
    return tuple(reversed(found))


def _made_by(tensor: Any) -> tuple[Any, tuple[Any, ...]]:
    """The layer that made a tensor as its only output, and what it was called on."""
    history = getattr(tensor, "_keras_history", None)
    if history is None or not isinstance(history.operation, keras.Layer):
        return None, ()
    node = history.operation._inbound_nodes[history.node_index]
    if len(node.outputs) != 1:
        return None, ()
    return history.operation, tuple(node.arguments.keras_tensors)
