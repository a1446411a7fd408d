"""Functional models, and chains of layers, as planned calls."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from seqkit.converting.errors import ConversionError
from seqkit.converting.functional_source import PlannedCall, Value, graph_lines, one_or_list
from seqkit.converting.layer_source import model_name_is_automatic, model_options
from seqkit.converting.models import graph_inside
from seqkit.converting.needs import Needs
from seqkit.converting.operations import operation_call
from seqkit.converting.values import literal
from seqkit.graph.shapes import tensors_in

Join = Callable[[Sequence[str]], str]


@dataclass(frozen=True)
class PlannedGraph:
    """A model that is to be written.

    Attributes:
        inputs: the InputLayers.
        calls: the calls, each after those it needs.
        outputs: the values that leave the model.
        join: how the inputs and the outputs are handed to keras.Model.
    """

    inputs: Sequence[Any]
    calls: Sequence[PlannedCall]
    outputs: Sequence[Value]
    join: tuple[Join, Join] = (one_or_list, one_or_list)


def plan_chain(entry: Any, layers: Sequence[Any]) -> PlannedGraph:
    """Plan a list of layers, each called on the result of the one before.

    Args:
        entry: the InputLayer.
        layers: the layers.
    """
    calls = [PlannedCall(layer, (place - 1,)) for place, layer in enumerate(layers)]
    return PlannedGraph([entry], calls, [len(calls) - 1])


def plan_graph(model: keras.Model, needs: Needs) -> PlannedGraph:
    """Plan a Functional model: branch after branch, as a person would write it."""
    graph = graph_inside(model)
    assert graph is not None
    entries = keras.tree.flatten(graph.input)
    values: dict[int, Value] = {id(tensor): -1 - place for place, tensor in enumerate(entries)}
    calls: list[PlannedCall] = []
    for node in _ordered(keras.tree.flatten(graph.output), set(values)):
        arguments = _written_arguments(node)
        tensors = _unique(keras.tree.flatten(arguments))
        for part, tensor in enumerate(node.outputs):
            values[id(tensor)] = (len(calls), part)
        calls.append(
            PlannedCall(
                layer=node.operation,
                sources=tuple(values[id(tensor)] for tensor in tensors),
                results=len(node.outputs),
                unpack=_gives_a_list(node.operation),
                write=_Writer(node.operation, arguments, tensors, needs),
            )
        )
    return PlannedGraph(
        inputs=[tensor._keras_history.operation for tensor in entries],
        calls=calls,
        outputs=[values[id(tensor)] for tensor in keras.tree.flatten(graph.output)],
        join=(_joined_like(graph.input), _joined_like(graph.output)),
    )


def nested_model(model: keras.Model, needs: Needs) -> str:
    """Write a Functional model before the code that calls it; return its variable."""
    plan = plan_graph(model, needs)
    wanted = "block" if model_name_is_automatic(model) else model.name
    variable = needs.fresh(wanted)
    lines = graph_lines(
        plan.inputs, plan.calls, plan.outputs, needs, plan.join, variable, model_options(model)
    )
    needs.lines += [*lines, ""]
    needs.variables[id(model)] = variable
    needs.objects[variable] = model
    return variable


def layers_of_chain(plan: PlannedGraph) -> list[Any]:
    """The layers of a graph without branches, in order.

    Raises:
        ConversionError: a layer does what a Sequential cannot; the sentence says which.
    """
    if len(plan.inputs) > 1:
        raise _no_chain(f"the model has {len(plan.inputs)} inputs")
    if len(plan.outputs) > 1:
        raise _no_chain(f"the model has {len(plan.outputs)} outputs")
    for place, call in enumerate(plan.calls):
        what = f"{type(call.layer).__name__} {call.layer.name!r}"
        if not isinstance(call.layer, keras.Layer):
            raise _no_chain(f"{what} is an operation, and no layer")
        if len(call.sources) > 1:
            raise _no_chain(f"{what} takes {len(call.sources)} tensors")
        if call.results > 1:
            raise _no_chain(f"{what} gives {call.results} tensors")
        if call.sources != (place - 1 if place else -1,) and call.sources != ((place - 1, 0),):
            raise _no_chain(f"{what} is not called on the output of the layer before it")
        if isinstance(call.write, _Writer) and not call.write.simple:
            raise _no_chain(f"{what} is called with more than a tensor")
    return [call.layer for call in plan.calls]


def _no_chain(what: str) -> ConversionError:
    return ConversionError(
        f"This model cannot be a Sequential: {what}. A Sequential hands one tensor from layer to "
        f'layer. Pass style="functional".'
    )


class _Writer:
    """Writes one call as it was made: tensors by their names, everything else as a literal."""

    def __init__(
        self, operation: Any, arguments: tuple[Any, Any], tensors: Sequence[Any], needs: Needs
    ) -> None:
        self._operation = operation
        self._args, self._kwargs = arguments
        self._tensors = tensors
        self._needs = needs

    @property
    def simple(self) -> bool:
        """Whether the call has one tensor, and nothing else."""
        return not self._kwargs and len(self._args) == 1 and _is_tensor(self._args[0])

    def __call__(self, callee: str, names: Sequence[str]) -> str:
        name_of = {id(tensor): name for tensor, name in zip(self._tensors, names, strict=True)}

        def text(value: Any) -> str:
            return _argument(value, name_of, self._operation)

        if not callee:
            return operation_call(self._operation, self._args, self._kwargs, text)
        written = [text(value) for value in self._args]
        written += [f"{key}={text(value)}" for key, value in self._kwargs.items()]
        return f"{callee}({', '.join(written)})"


def _argument(value: Any, name_of: dict[int, str], operation: Any) -> str:
    if _is_tensor(value):
        return name_of[id(value)]
    if isinstance(value, list):
        return f"[{', '.join(_argument(one, name_of, operation) for one in value)}]"
    if isinstance(value, tuple):
        inner = ", ".join(_argument(one, name_of, operation) for one in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, dict):
        pairs = (f"{literal(k)}: {_argument(one, name_of, operation)}" for k, one in value.items())
        return f"{{{', '.join(pairs)}}}"
    if keras.ops.is_tensor(value) or hasattr(value, "__array__"):
        return _array(keras.ops.convert_to_numpy(value), operation)
    return literal(value)


def _array(array: Any, operation: Any) -> str:
    if array.size > 100:
        raise ConversionError(
            f"{operation.name!r} is called on an array of {array.size:,} numbers, which is too "
            f"long for code. Put it into a layer's weight first."
        )
    if array.ndim == 0:
        return literal(array.item())
    return f"keras.ops.array({literal(array.tolist())}, dtype={literal(str(array.dtype))})"


def _is_tensor(value: Any) -> bool:
    return isinstance(value, keras.KerasTensor)


def _unique(values: Sequence[Any]) -> list[Any]:
    return list({id(value): value for value in values if _is_tensor(value)}.values())


def _ordered(outputs: Sequence[Any], entries: set[int]) -> list[Any]:
    """Keras' nodes behind the outputs: what a call needs stands right before it."""
    ordered: list[Any] = []
    done: set[int] = set()
    waiting = [(tensor, False) for tensor in reversed(outputs)]
    while waiting:
        tensor, ready = waiting.pop()
        if id(tensor) in entries:
            continue
        history = tensor._keras_history
        node = history.operation._inbound_nodes[history.node_index]
        if id(node) in done:
            continue
        if ready:
            done.add(id(node))
            ordered.append(node)
            continue
        waiting.append((tensor, True))
        needed = _unique(keras.tree.flatten(_written_arguments(node)))
        waiting += [(one, False) for one in reversed(needed)]
    return ordered


def _written_arguments(node: Any) -> tuple[Any, dict[str, Any]]:
    """The arguments of a call without what Keras fills in by itself: masks, defaults."""
    args, kwargs = node.arguments.args, node.arguments.kwargs
    if not isinstance(node.operation, keras.Layer):
        return args, kwargs
    masks = {id(getattr(tensor, "_keras_mask", None)) for tensor in tensors_in((args, kwargs))}
    parameters = inspect.signature(node.operation.call).parameters
    kept = {}
    for key, value in kwargs.items():
        tensors = _unique(keras.tree.flatten(value))
        if "mask" in key and tensors and all(id(tensor) in masks for tensor in tensors):
            continue
        if not tensors and key in parameters and value is parameters[key].default:
            continue
        if value is not None:
            kept[key] = value
    return args, kept


def _gives_a_list(operation: Any) -> bool:
    """Whether a model that is called gives its only output in a list."""
    graph = graph_inside(operation) if isinstance(operation, keras.Model) else None
    if graph is None:
        return False
    if isinstance(graph.output, dict):
        raise ConversionError(
            f"The nested model {operation.name!r} gives a dict of outputs. Let it give a list or "
            f"one tensor, and it can be written as code."
        )
    return isinstance(graph.output, list | tuple) and len(graph.output) == 1


def _joined_like(structure: Any) -> Join:
    """Write names in the structure that the model has: one name, a list, a dict."""

    def join(names: Sequence[str]) -> str:
        tensors = keras.tree.flatten(structure)
        name_of = {id(tensor): name for tensor, name in zip(tensors, names, strict=True)}
        return _argument(structure, name_of, None)

    return join
