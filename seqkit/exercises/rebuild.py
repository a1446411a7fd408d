"""From data back to Keras: only layers that Keras itself defines, and no code from outside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.errors import RefusedModelError
from seqkit.exercises.keras_types import Layer, Model

# They carry code of their own in their configuration.
_CARRY_CODE = {"Lambda", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "TFSMLayer"}


def rebuild_model(data: AnswerData) -> Model:
    """Build the model of a `ModelAnswer` again, with its weights.

    Args:
        data: what `ModelAnswer.read` gave.

    Returns:
        A new `keras.Model`; it is not compiled.

    Raises:
        RefusedModelError: when the model holds anything but Keras' own layers, or has no shape yet.

    Example:
        >>> import keras
        >>> from seqkit.exercises.model_answers import ModelAnswer
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
        >>> rebuild_model(ModelAnswer().read(model)).count_params()
        10
    """
    import keras

    from seqkit.converting.learned import use_set_weights

    architecture = data.values["architecture"]
    if architecture is None:
        raise RefusedModelError(
            "The model is a class of your own. This question needs a Sequential or a Functional "
            "model."
        )
    if _is_empty(architecture):
        raise RefusedModelError("There is only an Input; no layer follows.")
    if data.values["input_shape"] is None and data.values["class"] != "Functional":
        raise RefusedModelError(
            "The model does not know its input shape yet, so it has no weights. "
            "Begin the list with keras.Input(shape)."
        )
    _refuse_foreign_parts(architecture)
    model = keras.saving.deserialize_keras_object(architecture, safe_mode=True)
    if not model.built:
        model.build(tuple(data.values["input_shape"]))
    model.set_weights([data.arrays[name] for name in sorted(data.arrays)])
    use_set_weights(model)
    return model


def rebuild_layers(data: AnswerData) -> list[Layer]:
    """Build the list of a `LayersAnswer` again; the layers are not connected.

    Args:
        data: what `LayersAnswer.read` gave.

    Returns:
        New layers, with `keras.Input` tensors where the list had them.

    Raises:
        RefusedModelError: when the list holds anything but Keras' own layers.

    Example:
        >>> import keras
        >>> from seqkit.exercises.model_answers import LayersAnswer
        >>> layers = rebuild_layers(LayersAnswer().read([keras.layers.Dense(2, name="mine")]))
        >>> layers[0].name
        'mine'
    """
    import keras

    layers: list[Layer] = []
    for entry in data.values["layers"]:
        if entry["class_name"] == "Same":
            layers.append(layers[entry["index"]])
        elif entry["class_name"] == "Input":
            layers.append(keras.Input(tuple(entry["shape"]), dtype=entry["dtype"]))
        else:
            _refuse_foreign_parts(entry)
            layers.append(keras.saving.deserialize_keras_object(entry, safe_mode=True))
    return layers


def _is_empty(architecture: dict[str, Any]) -> bool:
    """Whether a model holds an input and nothing else."""
    layers = architecture["config"].get("layers", [])
    return bool(layers) and all(layer["class_name"] == "InputLayer" for layer in layers)


def _refuse_foreign_parts(config: dict[str, Any]) -> None:
    for part in _parts(config):
        name, module = part["class_name"], str(part.get("module") or "")
        foreign = module != "keras" and not module.startswith("keras.")
        if foreign and name == "function":
            raise RefusedModelError(
                f"The model uses the function {part.get('config')}, which this check cannot "
                'rebuild. Use what Keras has, as in activation="relu".'
            )
        if foreign or name in _CARRY_CODE:
            raise RefusedModelError(
                f"The model uses {name}, which is not one of the layers that this check rebuilds. "
                "Use Keras' own layers, without Lambda."
            )


def _parts(config: object) -> Iterator[dict[str, Any]]:
    """Every serialised object inside a configuration."""
    if isinstance(config, dict):
        if "class_name" in config and config.get("class_name") != "__keras_tensor__":
            yield config
        for value in config.values():
            yield from _parts(value)
    elif isinstance(config, list):
        for value in config:
            yield from _parts(value)
