"""From data back to Keras: only what Keras itself exports, and never more than what came."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from seqkit.exercises.allow_list import Cleaner, check_dtype, check_shape, clean
from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.errors import RefusedModelError
from seqkit.exercises.keras_types import Layer, Model

# A list comes without weights; 50 million of them take 200 MB.
LARGEST_LIST = 50_000_000


def rebuild_model(data: AnswerData) -> Model:
    """Build the model of a `ModelAnswer` again, with its weights.

    Args:
        data: what `ModelAnswer.read` gave.

    Returns:
        A new `keras.Model`; it is not compiled.

    Raises:
        RefusedModelError: when the model holds anything but Keras' own layers, has no shape yet,
            or has more parameters than came with it. Nothing of it has been built then.

    Example:
        >>> import keras
        >>> from seqkit.exercises.model_answers import ModelAnswer
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
        >>> rebuild_model(ModelAnswer().read(model)).count_params()
        10
    """
    from seqkit.converting.learned import use_set_weights

    architecture = data.values["architecture"]
    if architecture is None:
        raise RefusedModelError(
            "The model is a class of your own. This question needs a Sequential or a Functional "
            "model."
        )
    if _is_empty(architecture):
        raise RefusedModelError("There is only an Input; no layer follows.")
    input_shape = data.values["input_shape"]
    if input_shape is None and data.values["class"] != "Functional":
        raise RefusedModelError(
            "The model does not know its input shape yet, so it has no weights. "
            "Begin the list with keras.Input(shape)."
        )
    if input_shape is not None:
        check_shape(input_shape)
    weights = _weights(data)
    config = clean(architecture)
    _refuse_other_weights(config, input_shape, weights)
    model = _build(config, input_shape)
    model.set_weights(weights)
    use_set_weights(model)
    return model


def rebuild_layers(data: AnswerData) -> list[Layer]:
    """Build the list of a `LayersAnswer` again; the layers are not connected.

    Args:
        data: what `LayersAnswer.read` gave.

    Returns:
        New layers, with `keras.Input` tensors where the list had them, or an `InputLayer`.

    Raises:
        RefusedModelError: when the list holds anything but Keras' own layers, or would have more
            than 50 million parameters.

    Example:
        >>> import keras
        >>> from seqkit.exercises.model_answers import LayersAnswer
        >>> layers = rebuild_layers(LayersAnswer().read([keras.layers.Dense(2, name="mine")]))
        >>> layers[0].name
        'mine'
    """
    entries = _clean_entries(data.values["layers"])
    if _parameters_of_chain(entries) > LARGEST_LIST:
        raise RefusedModelError(
            f"The layers would have more than {LARGEST_LIST:,} parameters, too many for a check. "
            "Look at their sizes."
        )
    return _connectable(entries)


def uses_slicing(data: AnswerData) -> bool:
    """Tell whether a model cuts a tensor, as in `x[:, :3]`.

    Args:
        data: what `ModelAnswer.read` gave.

    Returns:
        True when its graph holds such a step.

    Example:
        >>> import keras
        >>> from seqkit.exercises.model_answers import ModelAnswer
        >>> x = keras.Input((4,))
        >>> uses_slicing(ModelAnswer().read(keras.Model(x, x[:, :3])))
        True
    """
    open_ = [data.values["architecture"]]
    while open_:
        part = open_.pop()
        if isinstance(part, dict):
            if part.get("class_name") == "GetItem":
                return True
            open_ += part.values()
        elif isinstance(part, list):
            open_ += part
    return False


def _weights(data: AnswerData) -> list[np.ndarray]:
    """The arrays in the order of `Model.get_weights`; numbers only."""
    names = sorted(data.arrays, key=lambda name: (len(name), name))  # weight1000 after weight999
    arrays = [data.arrays[name] for name in names]
    if any(not isinstance(array, np.ndarray) or array.dtype.kind not in "fiub" for array in arrays):
        raise RefusedModelError("The weights of the model are not arrays of numbers.")
    return arrays


def _refuse_other_weights(
    config: dict[str, Any], input_shape: Any, weights: list[np.ndarray]
) -> None:
    """Compare what came with the shapes of a model whose variables stay without values."""
    from seqkit.graph.copies import weights_without_memory

    with weights_without_memory():
        shapes = [tuple(weight.shape) for weight in _build(config, input_shape).weights]
    count, came = (sum(map(math.prod, all_)) for all_ in (shapes, [w.shape for w in weights]))
    if count > came:
        raise RefusedModelError(
            f"Built from its description, the model has {count:,} parameters, but {came:,} came "
            "with it. A check cannot rebuild whole models that share layers: Keras writes their "
            "layers twice. Take the tensors of one graph as outputs: "
            "keras.Model(inputs, [one, other])."
        )

    if shapes != [weight.shape for weight in weights]:
        raise RefusedModelError(
            f"The weights that came, {came:,} numbers, do not fit the layers of the model. "
            "Give the model itself, as Keras built it."
        )


def _build(config: dict[str, Any], input_shape: Any) -> Model:
    model = _sequential(config) if config["class_name"] == "Sequential" else _deserialize(config)
    if not model.built:
        model.build(tuple(input_shape))
    return model


def _sequential(config: dict[str, Any]) -> Model:
    """All layers at once: `Sequential.from_config` builds the model again after each layer."""
    import keras

    settings = config["config"]
    items = settings.get("layers")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise RefusedModelError("The description of the model is not one that Keras writes.")
    return keras.Sequential([_deserialize(item) for item in items], name=settings.get("name"))


def _deserialize(config: dict[str, Any]) -> Any:
    """Let Keras build a cleaned description; it keeps parts of what it reads, so it gets a copy."""
    import copy

    import keras

    return keras.saving.deserialize_keras_object(copy.deepcopy(config), safe_mode=True)


def _clean_entries(entries: object) -> list[dict[str, Any]]:
    """The items of a list of layers, checked: inputs, layers, and repeats of earlier layers."""
    if not isinstance(entries, list) or any(not isinstance(entry, dict) for entry in entries):
        raise RefusedModelError("The answer is not the description of a list of layers.")
    cleaner = Cleaner()
    cleaned: list[dict[str, Any]] = []
    for entry in entries:
        if entry.get("class_name") == "Same":
            index = entry.get("index")
            if type(index) is not int or not 0 <= index < len(cleaned):
                raise RefusedModelError("The answer is not the description of a list of layers.")
            cleaned.append({"class_name": "Same", "index": index})
        elif entry.get("class_name") == "Input":
            check_shape(entry.get("shape"))
            check_dtype(entry.get("dtype"))
            cleaned.append({key: entry[key] for key in ("class_name", "shape", "dtype")})
        else:
            cleaned.append(cleaner.part(entry))
    return cleaned


def _connectable(entries: list[dict[str, Any]]) -> list[Layer]:
    import keras

    layers: list[Layer] = []
    for entry in entries:
        if entry["class_name"] == "Same":
            layers.append(layers[entry["index"]])
        elif entry["class_name"] == "Input":
            layers.append(keras.Input(tuple(entry["shape"]), dtype=entry["dtype"]))
        else:
            layer = _deserialize(entry)
            # `InputLayer(shape)` says in a list what `Input(shape)` says.
            layers.append(layer.output if isinstance(layer, keras.layers.InputLayer) else layer)
    return layers


def _parameters_of_chain(entries: list[dict[str, Any]]) -> int:
    """The parameters of the layers as a chain, up to the first that does not fit."""
    import keras

    from seqkit.graph.copies import weights_without_memory

    with weights_without_memory():
        tensor, reached = None, []
        for layer in _connectable(entries):
            if isinstance(layer, keras.KerasTensor):
                tensor = layer
                continue
            reached.append(layer)
            try:
                tensor = layer(tensor)
            except Exception:  # layers that do not fit are the point of some questions
                break
        # A layer that stands twice has its weights once.
        own = {id(variable): variable for layer in reached for variable in layer.weights}
        return sum(math.prod(variable.shape) for variable in own.values())


def _is_empty(architecture: object) -> bool:
    """Whether a model holds an input and nothing else."""
    config = architecture.get("config") if isinstance(architecture, dict) else None
    layers = config.get("layers") if isinstance(config, dict) else None
    if not isinstance(layers, list) or any(not isinstance(layer, dict) for layer in layers):
        return False  # no description of a model: cleaning it says so
    return bool(layers) and all(layer.get("class_name") == "InputLayer" for layer in layers)
