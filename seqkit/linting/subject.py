"""What the rules look at: the model's graph, its end, its data and its compile arguments.

Everything is read once, here. A rule asks, and gets None where something is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import keras

from seqkit.errors import InputShapeError, NotAModelError, SeqkitError
from seqkit.fitting import (
    ArrayFacts,
    Disagreement,
    Head,
    LabelFacts,
    LossNeeds,
    array_facts,
    disagreements,
    head_of,
    label_facts,
    loss_needs,
)
from seqkit.fitting.arrays import as_array
from seqkit.graph import Graph, Node, Shape, read
from seqkit.graph.chain import entry_of, input_layer_of, read_chain

_COMPILE_ARGUMENTS = ("loss", "optimizer", "metrics")


@dataclass(frozen=True)
class Training:
    """What `compile` was told.

    Attributes:
        loss: the loss as it was written.
        optimizer: a Keras optimizer, its name, or None.
        metrics: the metrics as they were written.
    """

    loss: Any = None
    optimizer: Any = None
    metrics: tuple[Any, ...] = ()

    @property
    def needs(self) -> LossNeeds | None:
        """What the loss needs, if it is one of Keras' own."""
        return loss_needs(self.loss)


class Subject:
    """One model with all that is known about it.

    Args:
        graph: the graph, partial if the build failed or no shape is known.
        model: the model itself; None for a bare list of layers.
        items: what the user put in the list of a chain, Input included; empty otherwise.
        training: what `compile` was told; None if nothing is known.
        x: the inputs as passed; None if not given.
        y: the labels as passed; None if not given.
    """

    def __init__(
        self,
        graph: Graph,
        model: keras.Model | None,
        items: tuple[Any, ...],
        training: Training | None,
        x: Any = None,
        y: Any = None,
    ) -> None:
        self.graph = graph
        self.model = model
        self.items = items
        self.training = training
        self.x = x
        self.y = y

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The calls of the layers, in order."""
        return self.graph.nodes

    @property
    def is_chain(self) -> bool:
        """Whether it is a Sequential or a list, so that each layer has one layer after it."""
        return self.graph.style in ("sequential", "list")

    @property
    def knows_shapes(self) -> bool:
        """Whether the shapes are known, at least up to a failure."""
        return not self.is_chain or bool(self.graph.entry)

    @property
    def entry(self) -> Shape | None:
        """Shape of the input, batch axis first, if there is exactly one."""
        return self.graph.entry[0] if len(self.graph.entry) == 1 else None

    @cached_property
    def head(self) -> Head | None:
        """The end of the model, if it was built and has one output."""
        return head_of(self.graph) if self.knows_shapes else None

    @property
    def needs(self) -> LossNeeds | None:
        """What the loss needs, if there is one of Keras' own."""
        return None if self.training is None else self.training.needs

    @cached_property
    def data(self) -> ArrayFacts | None:
        """Facts about x, if it is one array."""
        return array_facts(self.x)

    @cached_property
    def labels(self) -> LabelFacts | None:
        """Facts about y, if it is one array."""
        return label_facts(self.y)

    @cached_property
    def disagreements(self) -> tuple[Disagreement, ...]:
        """Where output, loss and labels do not fit together."""
        if self.head is None or self.needs is None or self.labels is None:
            return ()
        return disagreements(self.head, self.needs, self.labels)

    @cached_property
    def _followers(self) -> tuple[tuple[Node, ...], ...]:
        after: list[list[Node]] = [[] for _ in self.nodes]
        for node in self.nodes:
            for edge in node.inputs:
                if edge.source >= 0:
                    after[edge.source].append(node)
        if not self.knows_shapes:
            after = [list(self.nodes[i + 1 : i + 2]) for i in range(len(self.nodes))]
        return tuple(tuple(nodes) for nodes in after)

    def after(self, node: Node) -> Node | None:
        """The only node that takes this node's output; None if there are none or several."""
        followers = self._followers[node.index]
        return followers[0] if len(followers) == 1 else None

    def before(self, node: Node) -> Node | None:
        """The only node whose output this node takes; None if there are none or several."""
        if not self.knows_shapes:
            return self.nodes[node.index - 1] if node.index else None
        sources = [edge.source for edge in node.inputs]
        return self.nodes[sources[0]] if len(sources) == 1 and sources[0] >= 0 else None

    def is_last(self, node: Node) -> bool:
        """Whether the node's output leaves the model."""
        if self.graph.outputs:
            return any(edge.source == node.index for edge in self.graph.outputs)
        return self.is_chain and node.index == len(self.nodes) - 1

    def upstream(self, node: Node) -> Iterator[Node]:
        """The nodes before this one, nearest first, as long as there is one road."""
        before = self.before(node)
        while before is not None:
            yield before
            before = self.before(before)


def read_subject(
    model: Any,
    x: Any = None,
    y: Any = None,
    compile: Mapping[str, Any] | None = None,
    input_shape: Any = None,
) -> Subject:
    """Read everything that the rules may ask for.

    Args:
        model: a Keras model, one layer, or a list of layers.
        x: the inputs, as `fit` gets them.
        y: the labels, as `fit` gets them.
        compile: a dict of compile arguments; by default those of a compiled model.
        input_shape: shape of one example, where the model does not know it.

    Returns:
        A `Subject`.

    Raises:
        NotAModelError: `model` is nothing that Keras 3 can build.
        InputShapeError: `input_shape` is not a shape, or a subclassed model has none yet.
    """
    training = _training(model, compile)
    graph = _graph(model, x, input_shape)
    kept = model if isinstance(model, keras.Model) else None
    return Subject(graph, kept, _items(model), training, x, y)


def _graph(model: Any, x: Any, input_shape: Any) -> Graph:
    try:
        return read(model, input_shape)
    except InputShapeError:
        if input_shape is not None:
            raise
    array = as_array(x)
    if array is not None and array.ndim:
        return read(model, tuple(array.shape[1:]))
    items = _items(model)
    if not items:
        return read(model)  # a subclassed model without a shape: it says what to pass
    if isinstance(model, keras.Sequential):
        return read_chain(items, None, name=model.name, style="sequential")
    return read_chain(items, None)


def _items(model: Any) -> tuple[Any, ...]:
    if isinstance(model, keras.Sequential):
        return tuple(model._layers)  # the public list hides a leading InputLayer
    if isinstance(model, list | tuple):
        return tuple(model)
    if isinstance(model, keras.Layer) and not isinstance(model, keras.Model):
        return (model,)
    return ()


def begins_with_input(subject: Subject) -> bool:
    """Whether the first item of a chain tells the input shape."""
    return bool(subject.items) and (
        input_layer_of(subject.items[0]) is not None or entry_of(subject.items) is not None
    )


def _training(model: Any, given: Mapping[str, Any] | None) -> Training | None:
    if given is not None:
        return _from_dict(given)
    if not isinstance(model, keras.Model) or not getattr(model, "compiled", False):
        return None
    config = getattr(getattr(model, "_compile_config", None), "config", None) or {}
    return Training(
        loss=config.get("loss", getattr(model, "loss", None)),
        optimizer=getattr(model, "optimizer", None),
        metrics=_metrics(config.get("metrics")),
    )


def _from_dict(given: Mapping[str, Any]) -> Training:
    if not isinstance(given, Mapping):
        raise NotAModelError(
            f"compile must be a dict of compile arguments, but it is {type(given).__name__}. "
            'Write compile={"loss": "mse", "optimizer": "adam"}, or compile the model first.'
        )
    unknown = [name for name in given if name not in _ALL_ARGUMENTS]
    if unknown:
        raise SeqkitError(
            f"compile has no argument {unknown[0]!r}. The arguments that lint reads are "
            f"{', '.join(_COMPILE_ARGUMENTS)}."
        )
    return Training(
        given.get("loss"), given.get("optimizer", "rmsprop"), _metrics(given.get("metrics"))
    )


_ALL_ARGUMENTS = (
    *_COMPILE_ARGUMENTS,
    "loss_weights",
    "weighted_metrics",
    "run_eagerly",
    "steps_per_execution",
    "jit_compile",
    "auto_scale_loss",
)


def _metrics(given: Any) -> tuple[Any, ...]:
    """The metrics of a model with one output; those of several outputs are not looked at."""
    if given is None or isinstance(given, dict):
        return ()
    if not isinstance(given, list | tuple):
        return (given,)
    return tuple(given) if not any(isinstance(one, list | tuple | dict) for one in given) else ()
