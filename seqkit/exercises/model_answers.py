"""How models and lists of layers are read: architecture as JSON, weights as arrays.

Only the configuration leaves this module, never a live layer. `rebuild.py` is the way back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import AnswerKind
from seqkit.exercises.errors import WrongAnswerKindError
from seqkit.exercises.keras_types import Layer, Model


@dataclass(frozen=True)
class ModelAnswer(AnswerKind):
    """A Keras model: its architecture, its weights, and how it was compiled.

    Example:
        >>> import keras
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
        >>> data = ModelAnswer().read(model)
        >>> data.values["output_shape"], sorted(data.arrays)
        ([None, 2], ['weight000', 'weight001'])
    """

    name: ClassVar[str] = "model"
    expects: ClassVar[str] = "a Keras model"
    called: ClassVar[str] = "model"
    advice_on_none: ClassVar[str] = (
        "`compile` returns nothing: call it on a line of its own, as in model.compile(...)."
    )

    def _read(self, answer: object) -> AnswerData:
        import keras

        if not isinstance(answer, keras.Model):
            raise WrongAnswerKindError(f"{self._wrong_kind(answer)}{_model_advice(answer)}")
        model: Model = answer
        _refuse_lambdas(model.layers)
        weights = model.get_weights() if model.built else []
        values = {
            "class": _class_name(model),
            "built": bool(model.built),
            "architecture": _architecture(model),
            "input_shape": _shape(model, "input_shape"),
            "output_shape": _shape(model, "output_shape"),
            "compile": _compile_facts(model),
        }
        arrays = {f"weight{index:03d}": np.asarray(array) for index, array in enumerate(weights)}
        return AnswerData(self.name, values, arrays)


@dataclass(frozen=True)
class FunctionalAnswer(ModelAnswer):
    """A Functional model: no advice to make a Sequential of what came instead.

    Attributes:
        advice: what to do with a list, a tensor or a layer that came in place of a model.

    Example:
        >>> FunctionalAnswer().read([1, 2])
        Traceback (most recent call last):
        ...
        seqkit.exercises.errors.WrongAnswerKindError: You gave [1, 2]. This question expects a \
Keras model. Build a model with keras.Model(inputs, outputs).
    """

    advice_on_none: ClassVar[str] = "Give the model: keras.Model(inputs, outputs)."
    advice: str = "Build a model with keras.Model(inputs, outputs)."

    def _read(self, answer: object) -> AnswerData:
        import keras

        part = isinstance(answer, keras.KerasTensor | keras.Layer)
        if isinstance(answer, list | tuple | dict) or (
            part and not isinstance(answer, keras.Model)
        ):
            raise WrongAnswerKindError(f"{self._wrong_kind(answer)} {self.advice}")
        return super()._read(answer)


@dataclass(frozen=True)
class LayersAnswer(AnswerKind):
    """A list of layers that may not fit together; a Sequential counts as its list.

    Example:
        >>> import keras
        >>> data = LayersAnswer().read([keras.Input((4,)), keras.layers.Dense(2)])
        >>> [entry["class_name"] for entry in data.values["layers"]]
        ['Input', 'Dense']
    """

    name: ClassVar[str] = "layers"
    expects: ClassVar[str] = "a list of layers"
    called: ClassVar[str] = "list"
    advice_on_none: ClassVar[str] = (
        "`insert` and `append` change a list and return nothing: call them on a line of their own."
    )

    def _read(self, answer: object) -> AnswerData:
        import keras

        if isinstance(answer, keras.Sequential):
            answer = _layers_with_input(answer)
        if not isinstance(answer, list | tuple):
            raise self._wrong_kind(answer)
        for index, layer in enumerate(answer):
            if not isinstance(layer, keras.Layer) and not _is_input(layer):
                raise WrongAnswerKindError(_item_advice(index, layer))
        _refuse_lambdas(answer)
        return AnswerData(self.name, {"layers": _pack_layers(answer)})


def _refuse_lambdas(layers: Sequence[Any]) -> None:
    """Refuse an activation without a name, which Keras would write as bytes, with a warning."""
    for layer in layers:
        _refuse_lambdas(getattr(layer, "layers", ()))
        if getattr(getattr(layer, "activation", None), "__name__", "") == "<lambda>":
            raise WrongAnswerKindError(
                "An activation is a lambda, which this check cannot rebuild. "
                'Write its name, as in activation="relu".'
            )


def _pack_layers(layers: Sequence[Any]) -> list[dict[str, Any]]:
    """The configuration of each item; a layer that stands twice refers to its first place."""
    import keras

    first_place: dict[int, int] = {}
    packed: list[dict[str, Any]] = []
    for index, layer in enumerate(layers):
        if id(layer) in first_place:
            packed.append({"class_name": "Same", "index": first_place[id(layer)]})
            continue
        first_place[id(layer)] = index
        if _is_input(layer):
            entry = {"class_name": "Input", "shape": list(layer.shape[1:]), "dtype": layer.dtype}
        else:
            entry = _plain(keras.saving.serialize_keras_object(layer))
        packed.append(entry)
    return packed


def _layers_with_input(model: Model) -> list[Layer]:
    """The layers of a Sequential, with its input in front when it has one."""
    shape = _shape(model, "input_shape")
    if shape is None:
        return list(model.layers)
    import keras

    return [keras.Input(tuple(shape[1:])), *model.layers]


def _is_input(item: object) -> bool:
    import keras

    return isinstance(item, keras.KerasTensor)


def _architecture(model: Model) -> dict[str, Any] | None:
    """The configuration of the model, or None for a subclassed model that has none."""
    try:
        architecture = json.loads(model.to_json())
    except (NotImplementedError, TypeError, ValueError):
        return None
    architecture.pop("compile_config", None)  # read apart, in words that a judge can compare
    return architecture


def _class_name(model: Model) -> str:
    """`Sequential`, `Functional`, or `subclass` for a class of the learner's own."""
    name = type(model).__name__
    return name if name in {"Sequential", "Functional"} else "subclass"


def _shape(model: Model, attribute: str) -> list[Any] | None:
    """A shape as a list; None while the model is not built or has several of them."""
    try:
        shape = getattr(model, attribute)
    except (AttributeError, ValueError):
        return None
    return list(shape) if isinstance(shape, tuple) else None


def _compile_facts(model: Model) -> dict[str, Any] | None:
    """Optimizer, loss and metrics by their standard names; None before `compile`."""
    if not getattr(model, "compiled", False):
        return None
    optimizer = model.optimizer
    config = model.get_compile_config() or {}
    metrics = config.get("metrics") or []
    facts = {
        "optimizer": snake_case(type(optimizer).__name__),
        "loss": _loss_name(model.loss),
        "from_logits": _from_logits(model.loss),
        "metrics": [_metric_name(metric) for metric in metrics],
        "steps": int(np.asarray(optimizer.iterations)),
    }
    return facts if _is_known(model.loss) else {**facts, "unknown_loss": True}


def _loss_name(loss: object) -> str | None:
    """The standard name of a loss given as text, as an object or as a function."""
    import keras

    if loss is None:
        return None
    if isinstance(loss, str):
        if not _is_known(loss):
            return loss
        loss = keras.losses.get(loss)
    return snake_case(getattr(loss, "__name__", type(loss).__name__))


def _is_known(loss: object) -> bool:
    """Whether Keras knows a loss given by its name; it looks only when the training begins."""
    import keras

    if not isinstance(loss, str):
        return True
    try:
        return keras.losses.get(loss) is not None
    except ValueError:
        return False


def _from_logits(loss: object) -> bool:
    """Whether a loss object was told to expect raw scores."""
    config = loss.get_config() if hasattr(loss, "get_config") else {}
    return bool(config.get("from_logits", False))


def _metric_name(metric: object) -> str:
    if isinstance(metric, dict):
        metric = metric.get("class_name", "")
    name = snake_case(str(metric))
    return "accuracy" if name in {"acc", "accuracy"} or name.endswith("_accuracy") else name


def snake_case(name: str) -> str:
    """Turn a class name into the name that Keras accepts as text.

    Args:
        name: for example `MeanSquaredError`; snake case stays as it is.

    Returns:
        The name in snake case.

    Example:
        >>> snake_case("SparseCategoricalCrossentropy"), snake_case("SGD")
        ('sparse_categorical_crossentropy', 'sgd')
    """
    parts = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", parts).lower()


def _plain(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration as JSON gives it back: tuples become lists."""
    try:
        return json.loads(json.dumps(config))
    except TypeError as error:
        raise WrongAnswerKindError(
            "One of the layers cannot be written as data. Use Keras' own layers only."
        ) from error


def _model_advice(answer: object) -> str:
    """One more sentence for the objects that are often given instead of a model."""
    import keras

    if isinstance(answer, type) and issubclass(answer, keras.Model):
        return f" Make a model: keras.{answer.__name__}([...])."
    if isinstance(answer, keras.callbacks.History):
        return " fit() returns a History; give the model itself."
    if isinstance(answer, list | tuple):
        return " Put the list into keras.Sequential([...])."
    if isinstance(answer, keras.Layer):
        return " A single layer is no model; put it into keras.Sequential([...])."
    return ""


def _item_advice(index: int, item: object) -> str:
    if isinstance(item, type):
        name = item.__name__
        return (
            f"Item {index} is the class {name}. Write it with brackets and arguments: {name}(...)."
        )
    return f"Item {index} is of type {type(item).__name__}. Every item must be a Keras layer."
