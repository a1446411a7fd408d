"""Which parts of a model description Keras may build again: what it exports, and nothing else.

A description is text that anybody can forge. Keras looks its parts up by module and name, imports
modules for that, calls functions, and some layers read files. So no description reaches Keras as
it came: `clean` reads it part by part and writes a new one, in which every part is a public layer,
operation, initializer, regularizer, constraint, activation, data type or model, under the module
that Keras itself would write.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from seqkit.exercises.errors import RefusedModelError
from seqkit.exercises.keras_types import Json

DEEPEST = 20  # parts inside parts: a wrapped cell in three nested models is at 8
MOST_PARTS = 2_000  # a DenseNet of 121 layers has about 1,700
MOST_IN_A_ROW = 200  # layers of one Sequential: Keras builds it anew for each of them
MOST_VALUES = 500_000  # numbers and words, in vocabularies or constants, say
LARGEST_SETTING = 10_000_000  # a length, a number of units, an axis

# They run code that is not Keras' own, or stand for a class that one has to write.
_NO_LAYERS = {"Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"}
_NO_LAYERS |= {"Layer", "Wrapper", "InputSpec"}
# They call a function that is given as code, or give tensors that no model can go on with.
_NO_OPERATIONS = {"Map", "Scan", "AssociativeScan", "Switch", "WhileLoop", "ForiLoop", "Cond"}
_NO_OPERATIONS |= {"VectorizedMap", "JVP", "Arange", "Full", "Geomspace", "Linspace", "Logspace"}
_OPERATION_MODULES = ("numpy", "nn", "math", "core", "image", "linalg")
_NO_ACTIVATIONS = {"get", "serialize", "deserialize"}
_ELEMENTWISE = {"abs", "absolute", "arctan", "cos", "erf", "exp", "expm1", "log1p", "maximum"}
_ELEMENTWISE |= {"minimum", "negative", "sign", "sin", "sqrt", "square", "tan"}

_DTYPE = re.compile(r"(mixed_)?(float(16|32|64)|bfloat16)|u?int(8|16|32|64)|bool|string")
_NUMERIC_DTYPE = re.compile(r"float(16|32|64)|u?int(8|16|32|64)|bool")
# Unnamed in what Keras writes, but a forged description could try them.
_KEYS_OF_FILES = ("path", "file", "url", "dir")


def clean(config: object) -> dict[str, Any]:
    """Write the description of a model or a layer anew, with allowed parts only.

    Args:
        config: a description from `keras.saving.serialize_keras_object`, or `Model.to_json`.

    Returns:
        A new description, without how the model was built or compiled.

    Raises:
        RefusedModelError: when a part is not one of those that Keras exports, when a setting is
            a file or absurdly large, or when the parts are too many or too deep.

    Example:
        >>> import keras
        >>> clean(keras.saving.serialize_keras_object(keras.layers.ReLU(name="a")))["module"]
        'keras.layers'
        >>> clean({"module": "os", "class_name": "system", "config": {"command": "ls"}})
        Traceback (most recent call last):
        ...
        seqkit.exercises.errors.RefusedModelError: The model uses system, which is not one of the \
layers that this check rebuilds. Use Keras' own layers, without Lambda.
    """
    return Cleaner().part(config)


@dataclass
class Cleaner:
    """One reading of descriptions; it counts, so that many small lists are no way round.

    Attributes:
        parts: how many parts were read.
        values: how many numbers and words were read.
    """

    parts: int = field(default=0)
    values: int = field(default=0)

    def part(self, config: object, depth: int = 1) -> dict[str, Any]:
        """Write one layer or one model anew.

        Args:
            config: its description.
            depth: how many parts it stands in, itself included.

        Returns:
            A new description.
        """
        if not isinstance(config, dict) or not isinstance(config.get("class_name"), str):
            raise _malformed()
        cleaned = self._object(config, depth)
        kind, name = cleaned.get("module"), cleaned.get("class_name")
        if kind is None or not isinstance(allowed_object(str(kind), str(name)), type):
            raise _malformed()
        return cleaned

    def _object(self, config: dict[str, Any], depth: int) -> Json:
        """A serialised object: a class with its settings, a function, or a value."""
        self.parts += 1
        if depth > DEEPEST or self.parts > MOST_PARTS:
            raise RefusedModelError(
                f"The model has more than {MOST_PARTS:,} parts, or parts inside more than "
                f"{DEEPEST} others. A check does not rebuild so large a description."
            )
        name, inner = config["class_name"], config.get("config")
        if not isinstance(name, str):
            raise _malformed()
        if name.startswith("__"):
            return self._special(name, inner, depth)
        module = str(config.get("module") or "")
        if name == "function":
            return _function(module, inner)
        place = canonical_module(module, name)
        if not place:
            raise RefusedModelError(
                f"The model uses {name[:80]}, which is not one of the layers that this check "
                "rebuilds. Use Keras' own layers, without Lambda."
            )
        if not isinstance(inner, dict):
            raise _malformed()
        in_a_row = inner.get("layers")
        if name == "Sequential" and isinstance(in_a_row, list) and len(in_a_row) > MOST_IN_A_ROW:
            raise RefusedModelError(
                f"The model has {len(in_a_row):,} layers in a row; a check rebuilds at most "
                f"{MOST_IN_A_ROW}."
            )
        # The registered name would be looked up before the module: it must never be the learner's.
        cleaned: dict[str, Any] = {"module": place, "class_name": name, "registered_name": None}
        cleaned["config"] = self._settings(inner, depth)
        if place.startswith("keras.dtype_policies") or name.endswith("DTypePolicy"):
            _check_dtype(inner.get("name"))
        # In a Functional model, a layer's place in the graph stands beside its settings.
        for key in ("name", "inbound_nodes"):
            if key in config:
                cleaned[key] = self._value(config[key], depth, key)
        return cleaned

    def _settings(self, config: dict[str, Any], depth: int) -> dict[str, Any]:
        cleaned = {}
        for key, value in config.items():
            if not isinstance(key, str):
                raise _malformed()
            _check_setting(key, value)
            cleaned[key] = self._value(value, depth, key)
        return cleaned

    def _value(self, value: object, depth: int, key: str, level: int = 0) -> Json:
        """Any JSON value: containers are opened, objects inside them are checked."""
        self.values += 1
        if self.values > MOST_VALUES or level > 5 * DEEPEST:
            raise RefusedModelError(
                f"The model's description holds more than {MOST_VALUES:,} values, or lists "
                "inside too many others. A check does not rebuild so large a description."
            )
        if value is None or isinstance(value, bool | float | str):
            return value
        if isinstance(value, int):
            if abs(value) > LARGEST_SETTING and key != "seed":
                raise RefusedModelError(
                    f"The model has the setting {key[:40]}={_short_number(value)}. A check "
                    f"rebuilds models with settings up to {LARGEST_SETTING:,}."
                )
            return value
        if isinstance(value, list | tuple):
            return [self._value(item, depth, key, level + 1) for item in value]
        if not isinstance(value, dict):
            raise _malformed()
        if "class_name" in value:
            return self._object(value, depth + 1)
        if any(not isinstance(name, str) for name in value):
            raise _malformed()
        for name, item in value.items():
            _check_setting(name, item)
        return {
            name: self._value(item, depth, key if key == "seed" else name, level + 1)
            for name, item in value.items()
        }

    def _special(self, name: str, inner: object, depth: int) -> Json:
        """A tensor of the graph, an array of constants, `...` or a slice; never code."""
        if name == "__ellipsis__":
            return {"class_name": name, "config": {}}
        if not isinstance(inner, dict):
            raise _malformed()
        config = {key: self._value(item, depth, key) for key, item in inner.items()}
        if name == "__slice__" and set(config) == {"start", "stop", "step"}:
            return {"class_name": name, "config": config}
        if name == "__keras_tensor__" and _is_history(config.get("keras_history")):
            _check_dtype(config.get("dtype"))
            check_shape(config.get("shape"))
            return {"class_name": name, "config": config}
        if name in {"__numpy__", "__tensor__"} and set(config) == {"value", "dtype"}:
            if not _matches(_NUMERIC_DTYPE, config["dtype"]) or not _is_numeric(config["value"]):
                raise _malformed()
            return {"class_name": name, "config": config}
        raise RefusedModelError(
            "The model holds code or data that a check does not rebuild. "
            "Use Keras' own layers, without Lambda."
        )


def canonical_module(module: str, name: str) -> str:
    """Say under which module Keras exports a class that a description names.

    Args:
        module: the module in the description.
        name: the name of the class.

    Returns:
        The module, or "" when the class is not allowed.

    Example:
        >>> canonical_module("keras.layers", "Dense"), canonical_module("keras.utils", "get_file")
        ('keras.layers', '')
    """
    classes = allowed_classes()
    if (module, name) in classes:
        return module
    if module in {"keras", "keras.dtype_policies"}:  # two ways to write one place
        other = "keras.dtype_policies" if module == "keras" else "keras"
        return other if (other, name) in classes else ""
    # A class may be written with the file where it is defined.
    for (place, known), cls in classes.items():
        if known == name and cls.__module__ == module:
            return place
    return ""


@cache
def allowed_classes() -> Mapping[tuple[str, str], type]:
    """List the classes that a description may name.

    Returns:
        The class for each module and name.

    Example:
        >>> ("keras.layers", "Dense") in allowed_classes()
        True
        >>> ("keras.layers", "Lambda") in allowed_classes()
        False
    """
    import importlib

    import keras

    found: dict[tuple[str, str], type] = {("keras", "Sequential"): keras.Sequential}
    functional = _functional_class()
    found[functional.__module__, functional.__name__] = functional
    for room, base, left_out in (
        (keras.layers, keras.Layer, _NO_LAYERS),
        (keras.initializers, keras.initializers.Initializer, {"Initializer"}),
        (keras.regularizers, keras.regularizers.Regularizer, {"Regularizer"}),
        (keras.constraints, keras.constraints.Constraint, {"Constraint"}),
    ):
        for name, cls in vars(room).items():
            if inspect.isclass(cls) and issubclass(cls, base) and cls.__name__ not in left_out:
                found[f"keras.{room.__name__.rpartition('.')[2]}", name] = cls
    for name in ("DTypePolicy", "FloatDTypePolicy"):
        found["keras.dtype_policies", name] = keras.dtype_policies.DTypePolicy
    # Operations such as x + y are no layers, but a Functional model may hold them. Keras exports
    # the functions; their classes stand where the function is defined.
    for part in _OPERATION_MODULES:
        module = importlib.import_module(f"keras.src.ops.{part}")
        for name, cls in vars(module).items():
            own = inspect.isclass(cls) and cls.__module__ == module.__name__
            if own and issubclass(cls, keras.Operation) and name not in _NO_OPERATIONS:
                found[module.__name__, name] = cls
    return found


def allowed_object(module: str, name: str) -> type | None:
    """Find an allowed class by where Keras exports it.

    Args:
        module: a module from `canonical_module`.
        name: the name of the class.

    Returns:
        The class when it is a layer, a model or an operation; else None.
    """
    import keras

    cls = allowed_classes().get((module, name))
    return cls if cls is not None and issubclass(cls, keras.Operation) else None


def check_shape(shape: object) -> None:
    """Refuse a shape that is no list of lengths, or one whose arrays would fill the memory.

    Args:
        shape: lengths, None for a free axis.

    Raises:
        RefusedModelError: for anything else.

    Example:
        >>> check_shape([None, 28, 28])
    """
    if not isinstance(shape, list | tuple):
        raise _malformed()
    size = 1
    for axis in shape:
        if axis is not None and (type(axis) is not int or axis < 0):
            raise _malformed()
        size *= 1 if axis is None else axis
    if size > 10 * LARGEST_SETTING or len(shape) > 32:
        raise RefusedModelError("The model has a tensor that is too large to be checked.")


def check_dtype(dtype: object) -> None:
    """Refuse what is no name of a data type.

    Args:
        dtype: a name such as `float32`.

    Raises:
        RefusedModelError: for anything else.

    Example:
        >>> check_dtype("float32")
    """
    _check_dtype(dtype)


@cache
def _functional_class() -> type:
    """The class of `keras.Model(inputs, outputs)`, which Keras does not export by name."""
    import keras

    x = keras.Input((1,))
    return type(keras.Model(x, keras.layers.Identity()(x)))


def _function(module: str, name: object) -> Json:
    """An activation by its name, which Keras reads as well as the function."""
    import keras

    known = {
        found
        for found, value in vars(keras.activations).items()
        if inspect.isfunction(value) and found not in _NO_ACTIVATIONS
    }
    ours = module in {"builtins", "keras.activations", "keras.ops"}
    if isinstance(name, str) and ours and name in known:
        return name
    if isinstance(name, str) and ours and name in _ELEMENTWISE:
        return {"module": "keras.ops", "class_name": "function", "config": name}
    raise RefusedModelError(
        f"The model uses the function {str(name)[:80]}, which this check cannot rebuild. "
        'Use what Keras has, as in activation="relu".'
    )


def _check_setting(key: str, value: object) -> None:
    """Refuse settings that make Keras read a file or another kind of model."""
    if isinstance(value, str):
        is_file = key == "vocabulary" or key.endswith(_KEYS_OF_FILES)
        if is_file or len(value) > 1_000 or re.search(r"[/\\\0]", value):
            raise RefusedModelError(
                f"The model has the setting {key[:40]}={value[:40]!r}, which may name a file. "
                "A check reads no files: give the values themselves."
            )
        if key == "dtype":
            _check_dtype(value)
    if key == "quantization_config" and value is not None:
        raise RefusedModelError("The model is quantized. A check rebuilds plain models only.")
    if key in {"batch_shape", "shape", "build_input_shape"} and _is_shape(value):
        check_shape(value)


def _is_shape(value: object) -> bool:
    return isinstance(value, list | tuple) and all(
        axis is None or type(axis) is int for axis in value
    )


def _check_dtype(dtype: object) -> None:
    if not _matches(_DTYPE, dtype):
        raise RefusedModelError(
            f"The model uses the data type {str(dtype)[:40]!r}. Use one such as float32."
        )


def _matches(pattern: re.Pattern[str], text: object) -> bool:
    return isinstance(text, str) and pattern.fullmatch(text) is not None


def _is_history(value: object) -> bool:
    """Which layer, which call of it, which output: how Keras names a tensor of a graph."""
    return (
        isinstance(value, list)
        and len(value) == 3
        and isinstance(value[0], str)
        and all(type(number) is int for number in value[1:])
    )


def _is_numeric(value: object) -> bool:
    if isinstance(value, list):
        return all(_is_numeric(item) for item in value)
    return isinstance(value, bool | int | float)


def _short_number(value: int) -> str:
    return f"{value:,}" if abs(value) < 10**15 else "a number of more than 15 digits"


def _malformed() -> RefusedModelError:
    return RefusedModelError(
        "The description of the model is not one that Keras writes. "
        "Give the model or the layers themselves."
    )
