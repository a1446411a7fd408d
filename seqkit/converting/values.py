"""The value of one argument as source code: literals, initializers, functions, other layers."""

from __future__ import annotations

import inspect
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from seqkit.converting.configs import config_of, same
from seqkit.converting.function_source import function_expression, is_lambda
from seqkit.converting.needs import Needs
from seqkit.converting.trying import quietly_made
from seqkit.graph.undisturbed import undisturbed

_MODULES = (
    "initializers",
    "regularizers",
    "constraints",
    "activations",
    "dtype_policies",
    "random",
    "quantizers",
    "losses",
    "metrics",
    "optimizers",
)

# People write 1 / 255, and not the number.
_PIXEL_SCALES = {1 / 255: "1 / 255", 1 / 127.5: "1 / 127.5"}


def value_source(layer: Any, name: str, value: Any, needs: Needs) -> str:
    """Write the value of an argument.

    Args:
        layer: the layer that was made with it.
        name: the argument's name; a layer usually keeps what it was given under that name.
        value: the value in the layer's config.
        needs: what the program needs so far.

    Example:
        >>> import keras
        >>> layer = keras.layers.Dense(1, kernel_initializer="he_normal")
        >>> value = layer.get_config()["kernel_initializer"]
        >>> value_source(layer, "kernel_initializer", value, Needs())
        '"he_normal"'
    """
    if name == "dtype":
        return _dtype(value, needs)
    try:
        held = getattr(layer, name, None)
    except Exception:  # a property may need a built layer
        held = None
    return _written(held, value, needs, inside=layer)


def literal(value: Any) -> str:
    """A Python literal, strings in double quotes.

    Example:
        >>> literal("relu"), literal((3, "a")), literal(float("inf"))
        ('"relu"', '(3, "a")', 'float("inf")')
    """
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, np.generic):
        return literal(value.item())
    if isinstance(value, np.ndarray):
        return literal(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, float) and value in _PIXEL_SCALES:
        return _PIXEL_SCALES[value]
    if isinstance(value, tuple):
        inner = ", ".join(literal(item) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, list):
        return f"[{', '.join(literal(item) for item in value)}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{literal(k)}: {literal(v)}' for k, v in value.items())}}}"
    return repr(value)


def shorter(value: Any) -> list[str]:
    """Shorter ways to write several numbers; whether they mean the same, the layer tells.

    Example:
        >>> shorter((3, 3)), shorter(((1, 1), (2, 2))), shorter((-0.1, 0.1)), shorter(3)
        (['3', '3'], ['(1, 2)'], ['0.1'], [])
    """
    if not isinstance(value, list | tuple) or not value:
        return []
    plain = _plain(value)
    ways = [] if plain == value else [literal(plain)]
    if len(value) == 2 and isinstance(value[1], int | float):
        ways.append(literal(value[1]))  # (-0.1, 0.1) is what many layers make of 0.1
    return ways


def _plain(value: Any) -> Any:
    """Equal numbers as one, where this can be done on every axis."""
    if not isinstance(value, list | tuple):
        return value
    parts = [_plain(part) for part in value]
    if any(not isinstance(part, int) for part in parts):
        return value
    return parts[0] if all(part == parts[0] for part in parts) else type(value)(parts)


def _written(held: Any, value: Any, needs: Needs, inside: Any = None) -> str:
    """Write a value from what the layer holds, or else from its config."""
    if inspect.isroutine(held) and is_lambda(held):  # the config holds its bytecode
        return function_expression(held, needs)
    if isinstance(held, keras.Layer):
        text = _inner_layer(held, needs, inside)
        stacked = re.fullmatch(r"layers\.StackedRNNCells\((\[.*\])\)", text)
        return stacked[1] if stacked and isinstance(inside, keras.layers.RNN) else text
    if isinstance(held, Sequence) and held and all(isinstance(one, keras.Layer) for one in held):
        return f"[{', '.join(_inner_layer(one, needs, inside) for one in held)}]"
    if isinstance(value, Mapping) and value.get("class_name") == "__tuple__":
        return _written(None, tuple(value["items"]), needs)
    if isinstance(value, Mapping) and "class_name" in value:
        return _keras_object(held, value, needs, inside)
    if isinstance(value, list | tuple) and any(isinstance(one, Mapping) for one in value):
        inner = ", ".join(_written(None, one, needs, inside) for one in value)
        return f"[{inner}]"
    if isinstance(value, np.ndarray) and not type(inside).__module__.startswith("keras."):
        return _array(value, needs)  # Keras' own layers take lists too
    if callable(value) and not isinstance(value, str):
        return function_expression(value, needs)
    return literal(value)


def _array(value: np.ndarray, needs: Needs) -> str:
    needs.import_module("np", np)
    dtype = "" if str(value.dtype) in ("float64", "int64") else f', dtype="{value.dtype}"'
    return f"np.array({literal(value.tolist())}{dtype})"


def _inner_layer(layer: Any, needs: Needs, inside: Any) -> str:
    from seqkit.converting.layer_source import layer_expression  # layers hold values, and layers

    if isinstance(inside, keras.layers.Bidirectional):  # it renames its two layers
        return layer_expression(layer, needs, re.sub("^(forward|backward)_", "", layer.name))
    return layer_expression(layer, needs)


def _dtype(value: Any, needs: Needs) -> str:
    """A policy is written by its name where the name says it all."""
    if isinstance(value, Mapping) and value.get("class_name") == "DTypePolicy":
        return literal(value["config"]["name"])
    return _written(None, value, needs)


def _keras_object(held: Any, value: Mapping[str, Any], needs: Needs, inside: Any) -> str:
    """An initializer, regularizer, activation layer or function."""
    thing = held if _fits(held, value) else _read(value)
    if thing is None:
        return literal(dict(value))
    if isinstance(thing, keras.Layer):
        return _inner_layer(thing, needs, inside)
    if inspect.isroutine(thing):
        return function_expression(thing, needs)
    return object_expression(thing, needs)


def _fits(held: Any, value: Mapping[str, Any]) -> bool:
    if inspect.isroutine(held):
        return value.get("class_name") in ("function", "__lambda__")
    return type(held).__name__ == value.get("class_name")


def _read(value: Mapping[str, Any]) -> Any | None:
    try:
        with undisturbed():
            return keras.saving.deserialize_keras_object(dict(value), safe_mode=False)
    except Exception:  # an object of the user's own that is not registered
        return None


def object_expression(thing: Any, needs: Needs) -> str:
    """Write the expression that makes an initializer, a regularizer or a policy.

    Example:
        >>> import keras
        >>> object_expression(keras.initializers.RandomNormal(stddev=0.1), Needs())
        'keras.initializers.RandomNormal(stddev=0.1)'
    """
    config = config_of(thing) or {}
    callee = _public_path(type(thing)) or needs.refer(type(thing))
    if isinstance(thing, keras.regularizers.Regularizer):
        # The amount is what a reader looks for, so it is written even where it is the default.
        given = {key: _rounded(one) for key, one in config.items() if one is not None}
        return _call(callee, {key: _written(None, one, needs) for key, one in given.items()})
    chosen: dict[str, str] = {}
    while True:
        made = config_of(quietly_made(_call(callee, chosen), needs.scope))
        missing = next(
            (
                key
                for key, one in config.items()
                if key not in chosen and key != "name" and not same(one, (made or {}).get(key))
            ),
            None,
        )
        if missing is None:
            break
        chosen[missing] = _written(getattr(thing, missing, None), config[missing], needs)
    return _call(callee, chosen) if chosen else _by_name(thing, callee)


def _rounded(value: Any) -> Any:
    """Keras keeps the amount as float32, and gives 0.009999999776482582 for 0.01."""
    if isinstance(value, float) and float(np.float32(value)) == value:
        return float(str(np.float32(value)))
    return value


def _by_name(thing: Any, callee: str) -> str:
    """Keras' own word for an object without arguments: 'he_normal'."""
    parts = callee.split(".")
    if len(parts) == 3 and parts[1] in ("initializers", "constraints"):
        word = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", parts[2]).lower()
        try:
            with undisturbed():
                named = getattr(keras, parts[1]).get(word)
        except Exception:  # no such word, or one that needs arguments: "constant"
            named = None
        if type(named) is type(thing) and same(config_of(named), config_of(thing)):
            return literal(word)
    return f"{callee}()"


def _call(callee: str, arguments: Mapping[str, str]) -> str:
    return f"{callee}({', '.join(f'{key}={text}' for key, text in arguments.items())})"


def _public_path(kind: type) -> str | None:
    """Where a class stands in Keras' public modules."""
    for module in _MODULES:
        if getattr(getattr(keras, module, None), kind.__name__, None) is kind:
            return f"keras.{module}.{kind.__name__}"
    return f"keras.{kind.__name__}" if getattr(keras, kind.__name__, None) is kind else None
