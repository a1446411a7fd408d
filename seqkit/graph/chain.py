"""Read a list of layers the way a Sequential builds it: one tensor, handed from item to item.

Every item meets the same two hurdles as in Keras: `Sequential.add`, then the symbolic call. The
first that raises ends the road; its exception is kept as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras

from seqkit.graph.copies import copies, weights_with_memory
from seqkit.graph.reasons import reason_for
from seqkit.graph.records import Edge, Failure, Graph, Node, Shape, Style
from seqkit.graph.shapes import shapes_in, tensors_in


def entry_of(items: Sequence[Any]) -> Shape | None:
    """Return the input shape that the first item brings along, without the batch axis.

    Example:
        >>> import keras
        >>> entry_of([keras.Input((28, 28)), keras.layers.Flatten()])
        (28, 28)
        >>> entry_of([keras.layers.Flatten()]) is None
        True
    """
    if not items:
        return None
    first = items[0]
    leading = input_layer_of(first)
    if leading is not None:
        return tuple(leading.batch_shape)[1:]
    legacy = getattr(first, "_input_shape_arg", None)  # the old `input_shape=` of a first layer
    if legacy is not None:
        return tuple(legacy)
    if isinstance(first, keras.Model) and first.built:
        try:
            shape = first.input_shape
        except (AttributeError, ValueError):
            return None
        return tuple(shape)[1:] if isinstance(shape, tuple) else None
    return None


def read_chain(
    items: Sequence[Any],
    entry: Shape | None,
    name: str = "",
    style: Style = "list",
    layer_for: Callable[[Any], Any] | None = None,
) -> Graph:
    """Call each item on what came out of the item before.

    Args:
        items: layers, or whatever the user put in the list; a leading Input is not a node.
        entry: shape of one example, without the batch axis. Without it no shape is known, and
            the items are only checked for what a Sequential takes.
        name: the model's name, if there is one.
        style: whether the items come from a Sequential or from a bare list.
        layer_for: gives the layer to call for an item; without it, `copies` of its own.

    Returns:
        A `Graph`; after the first failure the remaining nodes are 'not reached'.

    Example:
        >>> import keras
        >>> graph = read_chain([keras.layers.LSTM(3), keras.layers.LSTM(3)], (5, 2))
        >>> [node.status for node in graph.nodes], graph.failure.reason
        (['ok', 'failed'], 'needs 3 axes (batch, time, features), got 2')
    """
    if layer_for is None:
        with copies() as layer_for:
            return read_chain(items, entry, name, style, layer_for)
    leads = bool(items) and is_input(items[0])
    body = list(items[1:] if leads else items)
    tensor: Any = None if entry is None else _entry_tensor(items, entry)
    inputs = () if tensor is None else (tensor,)
    admission = _Admission(items[0] if leads else None)
    nodes: list[Node] = []
    failure: Failure | None = None
    first_call: dict[int, int] = {}
    for index, item in enumerate(body):
        edges = _edges_from(index, tensor) if failure is None else ()
        layer, outputs, error = item, None, None
        if failure is None:
            error = admission.error_for(item)
        twice = error is not None and admission.has_name_of(item)
        if failure is None and error is None and tensor is not None:
            layer = layer_for(item)
            outputs, error = _call(layer, tensor)
        if error is not None:
            reason = _SAME_NAME.format(item.name) if twice else _reason(item, layer, tensor, error)
            failure = Failure(index, error, reason)
        first = first_call.setdefault(id(item), index) if outputs is not None else index
        nodes.append(
            Node(
                index=index,
                name=str(getattr(item, "name", "")),
                kind=_kind(item),
                item=item,
                layer=layer,
                inputs=edges,
                output_shapes=() if outputs is None else shapes_in(outputs),
                params=_params(layer, first == index) if outputs is not None else None,
                status=_status(failure, index),
                first_call=first,
            )
        )
        tensor = tensor if outputs is None else outputs
    last = len(body) - 1
    return Graph(
        name=name,
        style=style,
        nodes=tuple(nodes),
        entry=shapes_in(inputs),
        outputs=() if failure else _edges_from(last + 1, tensor),
        failure=failure,
        inputs=inputs,
    )


_SAME_NAME = "another layer of this list has the name {!r}, too"


def _reason(item: Any, layer: Any, tensor: Any, error: Exception) -> str:
    """Why an item could not follow; of a chain inside a chain, which of its layers could not."""
    if (
        type(layer) is keras.Sequential
        and not layer.built
        and isinstance(tensor, keras.KerasTensor)
    ):
        inner = read_chain(list(layer._layers), tuple(tensor.shape)[1:])
        if inner.failure is not None:
            return f"inside it, {where(inner)}"
    return reason_for(item, layer, _shapes(tensor), error)


def where(graph: Graph) -> str:
    """Say which layer of a graph failed, and why; for one who looks from outside.

    Example:
        >>> where(read_chain([keras.layers.LSTM(3)], (5,)))
        'layer 0, LSTM: needs 3 axes (batch, time, features), got 2'
    """
    failure = graph.failure
    if failure is None:
        return ""
    return f"layer {failure.index}, {graph.nodes[failure.index].kind}: {failure.reason}"


class _Admission:
    """Tells whether a Sequential would take the next item; a real one words the refusal."""

    def __init__(self, leading_input: Any) -> None:
        self._items: list[Any] = [] if leading_input is None else [leading_input]
        self._named: dict[str, Any] = {}

    def error_for(self, item: Any) -> Exception | None:
        error = self._ask_keras(item) if self._is_suspect(item) else None
        if error is None:
            self._items.append(item)
            self._named[getattr(item, "name", "")] = item
        return error

    def has_name_of(self, item: Any) -> bool:
        """Whether another layer before it has its name."""
        named = isinstance(item, keras.Layer) and not is_input(item)
        return named and self._named.get(item.name, item) is not item

    def _is_suspect(self, item: Any) -> bool:
        """Cheap check, so that a long list does not cost a real Sequential for every item."""
        if not isinstance(item, keras.Layer) or is_input(item):
            return True
        return self.has_name_of(item)

    def _ask_keras(self, item: Any) -> Exception | None:
        probe = keras.Sequential()
        for earlier in self._items:
            probe.add(earlier, rebuild=False)
        try:
            probe.add(item, rebuild=False)
        except Exception as error:
            return error
        return None


def _call(layer: Any, tensor: Any) -> tuple[Any, Exception | None]:
    """Call the layer on the symbolic tensor; return the outputs or the exception."""
    try:
        outputs = _outputs(layer, tensor)
    except Exception as error:
        return None, _as_sequential_says(layer, tensor, error)
    if not tensors_in(outputs):
        return None, TypeError(
            f"{_kind(layer)} returned {type(outputs).__name__}, which is not a tensor."
        )
    return outputs, None


def _outputs(layer: Any, tensor: Any) -> Any:
    try:
        return layer(tensor)
    except ValueError as error:
        if "stateless scope" not in str(error):
            raise
        with weights_with_memory(layer):
            return layer(tensor)


def _as_sequential_says(layer: Any, tensor: Any, error: Exception) -> Exception:
    """Return the exception that a Sequential raises here; for a TypeError it words its own."""
    if not isinstance(error, TypeError) or not isinstance(tensor, keras.KerasTensor):
        return error
    try:
        keras.Sequential([keras.Input(batch_shape=tensor.shape, dtype=tensor.dtype), layer])
    except Exception as worded:
        return worded
    return error


def _entry_tensor(items: Sequence[Any], entry: Shape) -> keras.KerasTensor:
    first = items[0]
    layer = input_layer_of(first)
    if layer is not None:
        return keras.KerasTensor(layer.batch_shape, dtype=layer.dtype)
    # Keras gives the Input that it adds by itself the dtype in which the first layer computes.
    dtype = getattr(first, "compute_dtype", None) or keras.config.floatx()
    return keras.KerasTensor((None, *entry), dtype=dtype)


def is_input(item: Any) -> bool:
    """Whether an item is a `keras.Input` or an InputLayer."""
    return input_layer_of(item) is not None


def input_layer_of(item: Any) -> Any | None:
    """Return the InputLayer that an item is or stands for (`keras.Input` gives its tensor)."""
    if isinstance(item, keras.layers.InputLayer):
        return item
    if isinstance(item, keras.KerasTensor):
        history = getattr(item, "_keras_history", None)
        if history is not None and isinstance(history[0], keras.layers.InputLayer):
            return history[0]
    return None


def _shapes(tensor: Any) -> tuple[Shape, ...]:
    return () if tensor is None else shapes_in(tensor)


def _edges_from(index: int, tensor: Any) -> tuple[Edge, ...]:
    return tuple(Edge(index - 1, shape, output) for output, shape in enumerate(_shapes(tensor)))


def _kind(item: Any) -> str:
    layer = input_layer_of(item)
    return type(item if layer is None else layer).__name__


def _params(layer: Any, first: bool) -> int:
    return layer.count_params() if first else 0


def _status(failure: Failure | None, index: int) -> Any:
    if failure is None:
        return "ok"
    return "failed" if failure.index == index else "not reached"
