"""Run real data through a graph, call by call, and measure what every layer gives.

Nothing of the model changes: what a layer would store (running means, states, seeds) is written
to a scope that is thrown away.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from inspect import signature
from typing import Any

import keras
import numpy as np

from seqkit.graph.chain import where
from seqkit.graph.functional import read_functional
from seqkit.graph.reasons import reason_for
from seqkit.graph.records import Edge, Failure, Graph, Node, Status
from seqkit.graph.shapes import shapes_in, tensors_in
from seqkit.tracing.activations import Activation, measure
from seqkit.tracing.data_reasons import reason_on_data
from seqkit.tracing.feeding import fit_tensor


@dataclass
class Run:
    """What came of running data through a graph.

    Attributes:
        graph: the graph; if a layer failed on the data, with that failure.
        activations: for each node that ran, by its index.
        inside: for each nested model that ran, by the index of its node.
        outputs: the tensors that left the graph, flat; empty when a layer failed.
    """

    graph: Graph
    activations: dict[int, Activation] = field(default_factory=dict)
    inside: dict[int, Run] = field(default_factory=dict)
    outputs: list[Any] = field(default_factory=list)


def run(graph: Graph, tensors: Sequence[Any], examples: int, training: bool = False) -> Run:
    """Run data through a graph.

    Args:
        graph: a graph whose layers can be called.
        tensors: one tensor for each input.
        examples: how many examples the tensors hold.
        training: run the layers as in training; what they would store is thrown away.

    Returns:
        A `Run`; after a failure, with the layers before it.
    """
    with _nothing_stored(), np.errstate(all="ignore"):
        return _run(graph, tensors, examples, training)


@contextmanager
def _nothing_stored() -> Iterator[None]:
    torch = sys.modules.get("torch") if keras.backend.backend() == "torch" else None
    with keras.StatelessScope():
        if torch is None:
            yield
        else:
            # Its dropout draws from PyTorch's own generator, which is put back afterwards.
            with torch.no_grad(), torch.random.fork_rng():
                torch.manual_seed(0)
                yield


def _run(graph: Graph, tensors: Sequence[Any], examples: int, training: bool) -> Run:
    done = Run(graph)
    values = _Values(graph, tensors)
    for node in graph.nodes:
        if node.status != "ok":
            return done
        if node.call is None or node.call.arguments.keras_tensors:
            arguments, keywords = values.arguments(node)
            outputs, failure = _through(node, arguments, keywords, done, training)
            if failure is not None:
                done.graph = _with_failure(graph, failure)
                return done
        else:
            outputs = values.entering(node)
        values.keep(node, outputs)
        done.activations[node.index] = measure(outputs, examples)
    done.outputs = values.leaving()
    return done


def _through(
    node: Node, arguments: Any, keywords: dict[str, Any], done: Run, training: bool
) -> tuple[Any, Failure | None]:
    """Run one node; return what it gave, or why it failed."""
    inner = _graph_inside(node.layer, arguments, keywords)
    try:
        if inner is not None:
            nested = _run(inner[0], inner[1], _count(arguments), training)
            done.inside[node.index] = nested
            if nested.graph.failure is not None:
                return None, _from_inside(node, nested.graph)
            return _packed(node.layer, nested.outputs), None
        outputs = _call(node.layer, arguments, keywords, training)
    except Exception as error:
        reason = reason_on_data(node.layer, arguments)
        if reason is None:
            reason = reason_for(node.layer, node.layer, shapes_in(arguments), error)
        return None, Failure(node.index, error, reason)
    reason = reason_on_data(node.layer, arguments)
    if reason is not None:  # not every backend raises where TensorFlow does
        return None, Failure(node.index, IndexError(reason), reason)
    return outputs, None


def _call(layer: Any, arguments: Any, keywords: dict[str, Any], training: bool) -> Any:
    if isinstance(layer, keras.Layer) and "training" in signature(layer.call).parameters:
        keywords = {**keywords, "training": training}
    return layer(*arguments, **keywords)


def _graph_inside(
    layer: Any, arguments: Any, keywords: dict[str, Any]
) -> tuple[Graph, list[Any]] | None:
    """The graph of a nested model and the tensors for it; None where it must be called itself."""
    plain = type(layer) is keras.Sequential or type(layer).__name__ == "Functional"
    if not plain or len(arguments) != 1 or isinstance(arguments[0], dict):
        return None
    if tensors_in(list(keywords.values())) or getattr(layer, "_functional", layer) is None:
        return None
    graph = read_functional(layer)
    tensors = keras.tree.flatten(arguments[0])
    if len(tensors) != len(graph.inputs):
        return None
    pairs = zip(tensors, graph.inputs, strict=True)
    return graph, [fit_tensor(tensor, entry) for tensor, entry in pairs]


def _from_inside(node: Node, graph: Graph) -> Failure:
    """The failure of a layer inside a nested model, told from outside."""
    assert graph.failure is not None
    return Failure(node.index, graph.failure.error, f"inside it, {where(graph)}")


def _packed(model: Any, outputs: list[Any]) -> Any:
    """The outputs in the structure that the model gives: a tensor, a list or a dict."""
    return keras.tree.pack_sequence_as(model.output, outputs)


def _count(arguments: Any) -> int:
    return int(tensors_in(arguments)[0].shape[0])


def _with_failure(graph: Graph, failure: Failure) -> Graph:
    """The graph as it is when a build fails there: nothing after the failed node is reached."""
    nodes = list(graph.nodes[: failure.index])
    for node in graph.nodes[failure.index :]:
        status: Status = "failed" if node.index == failure.index else "not reached"
        nodes.append(replace(node, output_shapes=(), params=None, status=status))
    return replace(graph, nodes=tuple(nodes), outputs=(), failure=failure)


class _Values:
    """The tensors on their way through a graph; one that nobody needs any more is let go.

    Args:
        graph: the graph.
        tensors: one tensor for each input.
    """

    def __init__(self, graph: Graph, tensors: Sequence[Any]) -> None:
        self._graph = graph
        self._known = {
            id(entry): tensor for entry, tensor in zip(graph.inputs, tensors, strict=True)
        }
        self._uses = Counter(
            id(tensor)
            for node in graph.nodes
            if node.call is not None
            for tensor in node.call.arguments.keras_tensors
        )
        chain = any(node.call is None for node in graph.nodes)
        self._leaving = [] if chain else [id(self._symbolic(edge)) for edge in graph.outputs]
        self._uses.update(self._leaving)
        self._last: Any = tensors[0] if tensors else None  # what a chain hands on

    def entering(self, node: Node) -> Any:
        """What an Input gives."""
        return self._known[id(node.call.outputs[0])]

    def arguments(self, node: Node) -> tuple[Any, dict[str, Any]]:
        """Arguments for the call of a node."""
        if node.call is None:
            return (self._last,), {}
        arguments, keywords = node.call.arguments.fill_in(self._known)
        for tensor in node.call.arguments.keras_tensors:
            self._uses[id(tensor)] -= 1
            if not self._uses[id(tensor)]:
                self._known.pop(id(tensor), None)
        return arguments, keywords

    def keep(self, node: Node, outputs: Any) -> None:
        """Note what a node gave."""
        self._last = outputs
        if node.call is not None:
            for symbolic, tensor in zip(
                node.call.outputs, keras.tree.flatten(outputs), strict=False
            ):
                if self._uses[id(symbolic)]:
                    self._known[id(symbolic)] = tensor

    def leaving(self) -> list[Any]:
        """What leaves the graph, flat."""
        if not self._leaving:
            return keras.tree.flatten(self._last)
        return [self._known[tensor] for tensor in self._leaving]

    def _symbolic(self, edge: Edge) -> Any:
        if edge.source < 0:
            return self._graph.inputs[0]
        call: Any = self._graph.nodes[edge.source].call
        return call.outputs[edge.output]
