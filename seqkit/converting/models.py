"""What both conversions begin with: a model whose graph Keras knows."""

from __future__ import annotations

from typing import Any

import keras
from keras.src.models.functional import Functional  # `keras.Model` makes one, no public name

from seqkit.converting.errors import ConversionError
from seqkit.errors import NotAModelError
from seqkit.graph import read
from seqkit.graph.chain import entry_of, input_layer_of
from seqkit.graph.read import check_input_shape
from seqkit.graph.reasons import reason_for


def is_sequential(model: Any) -> bool:
    """Whether the model hands a tensor from layer to layer, as Sequential does by itself."""
    return isinstance(model, keras.Sequential) and type(model).call is keras.Sequential.call


def is_functional(model: Any) -> bool:
    """Whether the model runs the graph that it was made from, and no `call` of its own."""
    return isinstance(model, Functional) and type(model).call is Functional.call


def graph_inside(model: Any) -> Any | None:
    """The Functional model that does the work: a built Sequential holds one.

    Example:
        >>> import keras
        >>> graph_inside(keras.Sequential([keras.layers.Dense(2)])) is None
        True
    """
    if is_functional(model):
        return model
    return getattr(model, "_functional", None) if is_sequential(model) else None


def with_graph(model: Any, input_shape: Any = None) -> keras.Model:
    """Return the model, built; a list of layers becomes a Sequential.

    Args:
        model: a Sequential, a Functional model, a layer or a list of layers.
        input_shape: shape of one example, without the batch axis, if the model does not know it.

    Raises:
        ConversionError: Keras keeps no graph of the model, or its layers do not fit together.
    """
    if is_functional(model) and input_shape is None:
        return model
    refuse_own_call(model)
    refuse_no_layers(model)
    if graph_inside(model) is None or input_shape is not None:
        refuse_what_fails(model, input_shape)
    if isinstance(model, keras.Model):
        stack = model
    else:
        stack = keras.Sequential([model] if isinstance(model, keras.Layer) else list(model))
    if graph_inside(stack) is None:
        entry = entry_of(stack._layers) if input_shape is None else check_input_shape(input_shape)
        if entry is not None:
            stack.build((None, *entry))
    if graph_inside(stack) is None:
        raise ConversionError(
            f"Keras cannot tell the output shape of every layer of {stack.name!r}, so it keeps no "
            f"graph. Give your own layer a `compute_output_shape`."
        )
    return stack


def refuse_own_call(model: Any) -> None:
    """A model whose work is written in `call` has no list of layers that says it all."""
    if isinstance(model, keras.Model) and not (is_functional(model) or is_sequential(model)):
        raise ConversionError(
            f"The model {model.name!r} has a `call` of its own, so Keras keeps no graph of its "
            f"layers. Only a Sequential, a Functional model or a list of layers can be converted."
        )


def refuse_no_layers(model: Any) -> None:
    """An empty Sequential, or something in a list that is no layer."""
    if isinstance(model, keras.Sequential) and not model._layers:
        refuse_what_fails(model, None)
    for place, item in enumerate(model if isinstance(model, list | tuple) else ()):
        if not isinstance(input_layer_of(item) or item, keras.Layer):
            reason = reason_for(item, item, (), TypeError())
            raise NotAModelError(f"Item {place} of the list is no layer: {reason}.")


def refuse_what_fails(model: Any, input_shape: Any) -> None:
    """Layers that do not fit are named before anything is built."""
    graph = read(model, input_shape)
    if graph.failure is None:
        return
    node = graph.nodes[graph.failure.index]
    raise ConversionError(
        f"The layers do not fit together: layer {node.index}, {node.kind}, "
        f"{graph.failure.reason}. Print sk.trace(...) to see the shapes."
    ) from graph.failure.error
