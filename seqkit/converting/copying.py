"""A copy of a model, with layers and weights of its own."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import Any

import keras

from seqkit.converting.errors import ConversionError
from seqkit.converting.learned import use_set_weights
from seqkit.converting.to_source import to_source
from seqkit.graph.undisturbed import undisturbed


def copied(model: keras.Model) -> keras.Model:
    """Copy a Functional model through a `.keras` file, or, where Keras cannot, through its code.

    Raises:
        ConversionError: neither way works; the sentence names the layer that prevents it.

    Example:
        >>> import keras
        >>> inputs = keras.Input((4,))
        >>> copied(keras.Model(inputs, keras.layers.Dense(2)(inputs))).output_shape
        (None, 2)
    """
    try:
        made = _stored_and_loaded(model)
    except Exception as error:  # what a layer's own code and Keras raise is of every kind
        return _written_and_run(model, error)
    if len(made.weights) != len(model.weights):  # a layer that two nested models share
        return _written_and_run(model, None)
    return made


def _stored_and_loaded(model: keras.Model) -> keras.Model:
    """A copy with everything that Keras stores: weights, vocabularies, the compiled state."""
    own = _own_classes(model)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The object being serialized includes a `lambda`")
        path = Path(folder) / "model.keras"
        model.save(path)
        # It is the user's own model, so its Lambdas may be loaded.
        return keras.saving.load_model(path, custom_objects=own, safe_mode=False)


def _own_classes(model: keras.Model) -> dict[str, type]:
    classes = {type(layer).__name__: type(layer) for layer in model._flatten_layers()}
    return {
        name: kind for name, kind in classes.items() if not kind.__module__.startswith("keras.")
    }


def _written_and_run(model: keras.Model, error: Exception | None) -> keras.Model:
    """A copy that the model's own code makes; it keeps shared layers and own functions."""
    try:
        made = to_source(model).run()
        _fill(model, made)
    except Exception as second:
        raise ConversionError(_reason(model)) from (error or second)
    if model.compiled:
        warnings.warn(
            "Keras cannot store this model, so the copy was made from its code. It is not "
            "compiled: call compile on it before fit.",
            stacklevel=4,
        )
    return made


def _fill(model: keras.Model, made: keras.Model) -> None:
    """Give the new model the names, the weights and the learned values of the old one."""
    made.set_weights(model.get_weights())
    use_set_weights(made)
    made.name = model.name
    for old, new in zip(model._flatten_layers(), made._flatten_layers(), strict=True):
        new.name = old.name
        if hasattr(old, "vocabulary_size") and old.vocabulary_size() != new.vocabulary_size():
            new.set_vocabulary(old.get_vocabulary())


def _reason(model: keras.Model) -> str:
    for layer in model._flatten_layers(include_self=False):
        if isinstance(layer, keras.layers.InputLayer) or _can_be_stored(layer, model):
            continue
        return (
            f"The model cannot be copied, because Keras cannot store the layer {layer.name!r} "
            f"({type(layer).__name__}) and make it again. Give {type(layer).__name__} a get_config "
            f"that returns all its arguments as numbers, strings and lists, or leave copy=True out."
        )
    return (
        f"The model {model.name!r} cannot be copied: Keras cannot store it and load it again. "
        f"Leave copy=True out."
    )


def _can_be_stored(layer: Any, model: keras.Model) -> bool:
    with undisturbed():
        try:
            stored = keras.saving.serialize_keras_object(layer)
            made = keras.saving.deserialize_keras_object(
                stored, custom_objects=_own_classes(model), safe_mode=False
            )
            if len(layer._inbound_nodes) == 1:
                node = layer._inbound_nodes[0].arguments
                made(*keras.tree.map_structure(_bare_tensor, node.args))
        except Exception:  # the question is only whether it works
            return False
    return True


def _bare_tensor(value: Any) -> Any:
    """A tensor of the same shape that belongs to no model."""
    if isinstance(value, keras.KerasTensor):
        return keras.KerasTensor(value.shape, value.dtype)
    return value
