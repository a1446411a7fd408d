"""One layer as the Python expression that makes it: only arguments that differ from the default."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from typing import Any

import keras

# Arguments that people write without their name, in this order.
_POSITIONAL = {
    "units",
    "filters",
    "kernel_size",
    "pool_size",
    "rate",
    "activation_",
    "target_shape",
    "dims",
    "n",
    "input_dim",
    "output_dim",
    "layer",
    "num_heads",
    "key_dim",
    "size",
    "padding_",
    "cropping",
}
# Tuples that must stay tuples: (4, 4) is not the same target as 4.
_SHAPES = {"target_shape", "dims", "axis"}
_NEVER = {"name", "dtype", "trainable", "build_config", "registered_name", "build_input_shape"}
# Padding of a ZeroPadding layer is its first argument, padding of a convolution is an option.
_LEADING = {"Activation": "activation", "ZeroPadding": "padding"}


def layer_source(layer: Any, prefix: str = "layers.") -> str:
    """Write the expression that makes a layer like this one, without its weights.

    Args:
        layer: a Keras layer.
        prefix: how the module with the layers is written.

    Returns:
        Source code; for a layer of the user's own, its class name with its config.

    Example:
        >>> import keras
        >>> layer_source(keras.layers.Conv2D(16, (3, 3), padding="same", activation="relu"))
        'layers.Conv2D(16, 3, padding="same", activation="relu")'
    """
    kind = public_name(type(layer))
    if isinstance(layer, keras.layers.InputLayer):
        return f"keras.Input({input_arguments(layer)})"
    if type(layer) is keras.Sequential:
        return f"keras.Sequential([{', '.join(_items(layer, prefix))}])"
    own = not hasattr(keras.layers, kind)
    return f"{'' if own else prefix}{kind}({', '.join(_arguments(layer, prefix))})"


def _items(model: Any, prefix: str) -> list[str]:
    """The layers of a Sequential, and its Input when it was written."""
    return [layer_source(layer, prefix) for layer in model._layers]


def public_name(kind: type) -> str:
    """The name under which a layer class stands in `keras.layers`; one class has another name.

    Example:
        >>> import keras
        >>> public_name(keras.layers.GroupQueryAttention)
        'GroupQueryAttention'
    """
    return "GroupQueryAttention" if kind is keras.layers.GroupQueryAttention else kind.__name__


def input_arguments(layer: Any) -> str:
    """Write the arguments of `keras.Input` for an InputLayer.

    Example:
        >>> import keras
        >>> input_arguments(keras.layers.InputLayer((8,), dtype="int32"))
        '(8,), dtype="int32"'
    """
    text = repr(tuple(layer.batch_shape)[1:])
    if layer.dtype != keras.config.floatx():
        text += f", dtype={_literal(layer.dtype)}"
    if not name_is_automatic(layer):
        text += f", name={_literal(layer.name)}"
    return text


def name_is_automatic(layer: Any) -> bool:
    """Whether Keras made the layer's name from its class: 'dense', 'dense_3'.

    Example:
        >>> import keras
        >>> name_is_automatic(keras.layers.Dense(1)), name_is_automatic(
        ...     keras.layers.Dense(1, name="score"))
        (True, False)
    """
    if isinstance(layer, keras.layers.InputLayer):
        return re.fullmatch(r"(keras_tensor|input_layer)\w*", layer.name) is not None
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", type(layer).__name__)
    plain = layer.name.replace("_", "")
    return re.fullmatch(re.escape(snake.lower().replace("_", "")) + r"\d*", plain) is not None


def _arguments(layer: Any, prefix: str) -> list[str]:
    try:
        config = layer.get_config()
    except NotImplementedError:
        return ["..."]
    defaults = _defaults(layer)
    leading = next(
        (arg for kind, arg in _LEADING.items() if type(layer).__name__.startswith(kind)), ""
    )
    positional_allowed = True
    written = []
    for name, default in defaults.items():
        if name in _NEVER or name not in config:
            continue
        value = config[name]
        if default is not inspect.Parameter.empty and _same(value, default, name, layer):
            positional_allowed = False
            continue
        text = _value(value, prefix, shape=name in _SHAPES)
        required = default is inspect.Parameter.empty
        if positional_allowed and (required or name in _POSITIONAL or name == leading):
            written.append(text)
        else:
            positional_allowed = False
            written.append(f"{name}={text}")
    if not name_is_automatic(layer):
        written.append(f"name={_literal(layer.name)}")
    return written


def _defaults(layer: Any) -> dict[str, Any]:
    """Parameters of the class and its parents with their defaults, own ones first."""
    found: dict[str, Any] = {}
    for layer_class in type(layer).__mro__:
        if layer_class is keras.Layer:
            break
        if "__init__" not in vars(layer_class):
            continue
        for name, parameter in inspect.signature(vars(layer_class)["__init__"]).parameters.items():
            if name != "self" and parameter.kind not in (
                inspect.Parameter.VAR_KEYWORD,
                inspect.Parameter.VAR_POSITIONAL,
            ):
                found.setdefault(name, parameter.default)
    return found


def _same(value: Any, default: Any, name: str, layer: Any) -> bool:
    """Whether a config value is what the default becomes inside the layer."""
    if value == default or (value is None and default is None):
        return True
    if name == "data_format":
        return value == keras.config.image_data_format()
    if name == "strides" and default is None and hasattr(layer, "pool_size"):
        return _plain(value) == _plain(layer.pool_size)
    if name == "value_dim":
        return value == getattr(layer, "key_dim", None)
    if name == "backward_layer":
        return True  # Bidirectional makes the mirror of its first layer by itself
    if name == "seed":
        return True  # an automatic seed; writing it would surprise
    if isinstance(value, list | tuple) and not isinstance(default, str):
        return _plain(value) == _plain(default)
    if isinstance(value, Mapping) and isinstance(default, str):
        return _bare(value) == _bare(keras.saving.serialize_keras_object(_object(name, default)))
    if isinstance(value, str) and default is None and name.endswith("activation"):
        return value == "linear"
    return False


def _object(name: str, identifier: str) -> Any:
    for part, module in (
        ("initializer", keras.initializers),
        ("regularizer", keras.regularizers),
        ("constraint", keras.constraints),
    ):
        if part in name:
            return module.get(identifier)
    return identifier


def _bare(value: Any) -> Any:
    """A serialized object without what does not change its meaning."""
    if not isinstance(value, Mapping):
        return value
    config = {key: item for key, item in (value.get("config") or {}).items() if key != "seed"}
    return value.get("class_name"), config


def _plain(value: Any) -> Any:
    """(3, 3) means the same as 3."""
    if isinstance(value, list | tuple):
        parts = [_plain(part) for part in value]
        if parts and all(part == parts[0] for part in parts):
            return parts[0]
        return tuple(parts)
    return value


def _value(value: Any, prefix: str, shape: bool = False) -> str:
    if isinstance(value, Mapping) and "class_name" in value:
        return _object_source(value, prefix)
    if isinstance(value, list | tuple):
        plain = _plain(value)
        if len(value) in (1, 2, 3) and isinstance(plain, int) and not shape:
            return repr(plain)
        return repr(tuple(value))
    return _literal(value)


def _literal(value: Any) -> str:
    """A Python literal, strings in double quotes."""
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _object_source(value: Mapping[str, Any], prefix: str) -> str:
    """A serialized layer, initializer or regularizer as an expression."""
    name, config = value["class_name"], value.get("config") or {}
    try:
        made = keras.saving.deserialize_keras_object(dict(value))
    except Exception:
        return repr(dict(value))
    if isinstance(made, keras.Layer):
        made.name = re.sub("^(forward|backward)_", "", made.name)  # given by Bidirectional
        return layer_source(made, prefix)
    module = str(value.get("module") or "keras")
    inner = ", ".join(f"{key}={_literal(item)}" for key, item in config.items() if item is not None)
    return f"{module}.{name}({inner})"
