"""What the user wrote, as a record that can be changed: layers, compile arguments, data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import keras

from seqkit.errors import SeqkitError
from seqkit.fitting import ArrayFacts, LabelFacts, array_facts, label_facts
from seqkit.graph import Graph, Shape, read
from seqkit.graph.chain import entry_of, input_layer_of, is_input, read_chain
from seqkit.graph.shapes import shape_of

Call = Literal["build", "fit", "predict"]


@dataclass(frozen=True)
class CompileArguments:
    """What `compile` got.

    Attributes:
        optimizer: a name or an optimizer.
        loss: a name, a function or a loss object.
        metrics: names or metric objects, serialised.
    """

    optimizer: Any = "rmsprop"
    loss: Any = None
    metrics: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Program:
    """A chain of layers, and what is done with it.

    Attributes:
        items: the layers as written, a leading Input included.
        compiled: the compile arguments; None if the model was not compiled.
        x: the data, as it was passed; None if there is none.
        y: the labels.
        call: what the user asked for.
        trained: whether the model has learned something already: then its layers must stay.
        x_name: the user's name for the data.
        y_name: the user's name for the labels.
        data_lines: lines of code that change x and y before the call.
        changed: the layers that were changed or added, each with a word on what was there before.
        model: the user's model, where it is no chain that could be written anew; then only its
            compile arguments and the data may change.
    """

    items: tuple[Any, ...]
    compiled: CompileArguments | None = None
    x: Any = None
    y: Any = None
    call: Call = "build"
    trained: bool = False
    x_name: str = "x"
    y_name: str = "y"
    data_lines: tuple[str, ...] = ()
    changed: tuple[tuple[Any, str], ...] = ()
    model: Any = None

    @cached_property
    def x_facts(self) -> ArrayFacts | None:
        """Facts about x."""
        return array_facts(self.x)

    @cached_property
    def y_facts(self) -> LabelFacts | None:
        """Facts about y."""
        return label_facts(self.y)

    @property
    def has_input(self) -> bool:
        """Whether the list begins with an Input."""
        return bool(self.items) and is_input(self.items[0])

    @property
    def takes(self) -> Shape | None:
        """Shape of one example that the Input says; None where the first data decides."""
        if self.model is None:
            return entry_of(self.items)
        inputs = list(getattr(self.model, "inputs", None) or ())
        return shape_of(inputs[0])[1:] if len(inputs) == 1 else None

    @property
    def entry(self) -> Shape | None:
        """Shape of one example: from the Input, or else from the data."""
        known = self.takes
        if known is None and self.x_facts is not None and self.x_facts.shape:
            return self.x_facts.shape[1:]
        return known

    @cached_property
    def graph(self) -> Graph | None:
        """The chain as a graph, partial when it cannot be built; None if no shape is known."""
        try:
            if self.model is not None:
                return read(self.model)
            return None if self.entry is None else read_chain(self.items, self.entry)
        except SeqkitError:
            return None

    @property
    def offset(self) -> int:
        """Add this to a node's index to get its place in `items`."""
        return int(self.has_input)

    def with_item(self, place: int, layer: Any, why: str) -> Program:
        """Put another layer in one place; `why` is written beside it."""
        items = (*self.items[:place], layer, *self.items[place + 1 :])
        return replace(self, items=items, changed=(*self.changed, (layer, why)))

    def with_inserted(self, place: int, layer: Any, why: str) -> Program:
        """Put a layer before the one in this place."""
        items = (*self.items[:place], layer, *self.items[place:])
        return replace(self, items=items, changed=(*self.changed, (layer, why)))

    def without_item(self, place: int) -> Program:
        """Take one layer out."""
        return replace(self, items=(*self.items[:place], *self.items[place + 1 :]))

    def with_entry(self, shape: Shape, why: str) -> Program:
        """Change the Input, or put one first where there is none."""
        old = input_layer_of(self.items[0]) if self.has_input else None
        dtype = None if old is None else old.dtype
        layer = keras.layers.InputLayer(shape, dtype=dtype)
        if old is None:
            return self.with_inserted(0, layer, why)
        return self.with_item(0, layer, why)

    def with_x(self, x: Any, line: str) -> Program:
        """Change the data; the line is the code that does it."""
        return replace(self, x=x, data_lines=(*self.data_lines, line))

    def with_y(self, y: Any, line: str) -> Program:
        """Change the labels; the line is the code that does it."""
        return replace(self, y=y, data_lines=(*self.data_lines, line))

    def with_loss(self, loss: Any) -> Program:
        """Change the loss."""
        assert self.compiled is not None
        return replace(self, compiled=replace(self.compiled, loss=loss))


def unbuilt(items: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return layers of the same configs without weights, so that other shapes may come in.

    Args:
        items: layers; an Input and layers that cannot be copied stay as they are. A layer that
            stands twice stays one layer.

    Example:
        >>> layer = keras.layers.Dense(2)
        >>> layer.build((None, 3))
        >>> unbuilt((layer,))[0].built
        False
    """
    keeps_a_state = any(getattr(item, "stateful", False) for item in items)
    fresh: dict[int, Any] = {}
    for item in items:
        if id(item) not in fresh:
            fresh[id(item)] = _unbuilt(item)
            if not keeps_a_state and is_input(item):
                fresh[id(item)] = _for_any_batch(item)
    return tuple(fresh[id(item)] for item in items)


def _for_any_batch(item: Any) -> Any:
    """The Input that Keras adds at the first call has the size of that first batch."""
    layer = input_layer_of(item)
    if layer is None or layer.batch_shape[0] is None:
        return item
    return keras.layers.InputLayer(layer.batch_shape[1:], dtype=layer.dtype, name=layer.name)


def _unbuilt(item: Any) -> Any:
    if is_input(item) or not getattr(item, "built", False):
        return item
    try:
        return type(item).from_config(item.get_config())
    except Exception:  # a layer of the user's own that does not say how it is made
        return item
