"""`to_functional`: the same layers, and so the same weights, as a Functional model."""

from __future__ import annotations

import warnings
from collections import Counter
from typing import Any

import keras

from seqkit.converting.copying import copied
from seqkit.converting.errors import ConversionError
from seqkit.converting.models import graph_inside, is_functional, with_graph
from seqkit.graph.shapes import tensors_in

# What a Sequential of the user's own may do its own way, and a plain Functional model does not.
_OWN_TRAINING = ("train_step", "test_step", "predict_step", "compute_loss", "compute_metrics")


def to_functional(
    model: Any, flatten: bool = False, input_shape: Any = None, copy: bool = False
) -> keras.Model:
    """Turn a Sequential into a Functional model that gives the same outputs.

    The new model is made of the very same layer objects. It costs no memory, and the two models
    share their weights: train one, and the other has learned too. Names, masks, frozen layers,
    dtype policies, vocabularies and states stay, because the layers stay. Optimizer, loss and
    metrics of a compiled model are handed over as well.

    Taught in lesson 20.

    Args:
        model: a Sequential, or a list of layers; what is not built yet is built by this. A
            Functional model is returned as it is when nothing has to be flattened or copied.
        flatten: whether the layers of nested models take the place of these models.
        input_shape: shape of one example, without the batch axis, for a model that does not
            know it yet.
        copy: whether the new model gets layers and weights of its own. The copy goes through
            a `.keras` file, or through the model's code where Keras cannot store a layer. A
            layer class of your own needs a `get_config`.

    Returns:
        A Functional model with the same name and the same outputs.

    Raises:
        InputShapeError: the model is not built, and `input_shape` is missing.
        NotAModelError: `model` is nothing that Keras 3 can build.
        ConversionError: the model keeps no graph (a subclassed model), its layers do not fit
            together, it cannot be copied, or flattening would give two layers one name.

    Example:
        >>> import keras
        >>> stack = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="hidden")])
        >>> model = to_functional(stack)
        >>> model.output_shape, model.get_layer("hidden") is stack.get_layer("hidden")
        ((None, 3), True)
    """
    made = with_graph(model, input_shape)
    if not is_functional(made):
        made = _opened(made)
    if copy:
        made = copied(made)
    if flatten and any(_can_open(layer) for layer in made.layers):
        made = _flattened(made, may_rename=copy)
    return made


def _opened(model: keras.Sequential) -> keras.Model:
    """The Functional model that a built Sequential holds, as a model of its own."""
    own = [name for name in _OWN_TRAINING if _overridden(model, name)]
    if own:
        warnings.warn(
            f"{type(model).__name__} has its own {' and '.join(own)}; the Functional model trains "
            f"in Keras' usual way.",
            stacklevel=3,
        )
    inner = graph_inside(model)
    assert inner is not None
    made = keras.Model(inner.input, inner.output, name=model.name)
    _hand_over(model, made)
    return made


def _overridden(model: keras.Sequential, method: str) -> bool:
    return getattr(type(model), method, None) is not getattr(keras.Sequential, method, None)


def _hand_over(model: keras.Model, made: keras.Model) -> None:
    """Give a model of the same layers what belongs to the model and not to its layers."""
    made._trainable = model._trainable  # the public setter would also set every layer
    if model.compiled:
        # The objects themselves, and the running optimizer: training goes on where it was.
        made.compile(**{**model._compile_config.config, "optimizer": model.optimizer})


# --- flattening -----------------------------------------------------------------------------------


def _can_open(layer: Any) -> bool:
    return graph_inside(layer) is not None if isinstance(layer, keras.Model) else False


def _flattened(model: keras.Model, may_rename: bool) -> keras.Model:
    """Call every layer again, nested ones in the place of the model that holds them."""
    if may_rename:
        _rename_doubles(model)
    _refuse_doubles(model)
    inputs = keras.tree.map_structure(_fresh_input, model.input)
    made = keras.Model(inputs, _run(model, inputs), name=model.name)
    _hand_over(model, made)
    return made


def _fresh_input(tensor: Any) -> Any:
    return keras.Input(
        batch_shape=tensor.shape, dtype=tensor.dtype, name=tensor._keras_history.operation.name
    )


def _run(model: keras.Model, inputs: Any) -> Any:
    """Run the graph of a model on symbolic tensors."""
    return model._run_through_graph(inputs, operation_fn=lambda layer: layer, call_fn=_call)


def _call(layer: Any, *args: Any, **kwargs: Any) -> Any:
    if _can_open(layer) and _takes_as_they_are(layer, args):
        inner = graph_inside(layer)
        assert inner is not None
        return _run(inner, args[0])
    return layer(*args, **kwargs)


def _takes_as_they_are(layer: Any, args: Any) -> bool:
    """Whether a nested model would neither add an axis to its inputs nor cast them to integers."""
    given = tensors_in(args)
    return len(given) == len(layer.inputs) and all(
        len(tensor.shape) == len(own.shape) and _is_float(tensor) == _is_float(own)
        for tensor, own in zip(given, layer.inputs, strict=True)
    )


def _is_float(tensor: Any) -> bool:
    return "float" in keras.backend.standardize_dtype(tensor.dtype)


def _inner_layers(model: keras.Model, way: tuple[str, ...] = ()) -> list[tuple[str, Any]]:
    """The layers that a flattened model has, each with the names of the models around it."""
    found: list[tuple[str, Any]] = []
    for layer in model.layers:
        if _can_open(layer):
            found += _inner_layers(layer, (*way, layer.name))
        elif not isinstance(layer, keras.layers.InputLayer):
            found.append(("_".join([*way, layer.name]), layer))
    return list({id(layer): (name, layer) for name, layer in found}.values())


def _doubled_names(model: keras.Model) -> list[str]:
    names = Counter(layer.name for _, layer in _inner_layers(model))
    return sorted(name for name, times in names.items() if times > 1)


def _rename_doubles(model: keras.Model) -> None:
    """In a copy, `conv` of the model `block_1` may become `block_1_conv`."""
    doubles = _doubled_names(model)
    for full_name, layer in _inner_layers(model):
        if layer.name in doubles:
            layer.name = full_name


def _refuse_doubles(model: keras.Model) -> None:
    doubles = _doubled_names(model)
    if doubles:
        raise ConversionError(
            f"Flattened, two layers would have the name {doubles[0]!r}, and names are unique in a "
            f"model. Pass copy=True (the copies are renamed), give one layer another name, or "
            f"leave flatten out."
        )
