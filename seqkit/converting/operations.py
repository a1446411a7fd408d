"""An operation of a Functional model that is no layer: `x * 2` or `keras.ops.relu(x)`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import keras

from seqkit.converting.errors import ConversionError

_MODULES = ("image", "linalg", "nn", "numpy")  # of keras.ops; many functions stand in both


def operation_call(
    operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any], text: Callable[[Any], str]
) -> str:
    """Write the call of an operation with the function of `keras.ops` that makes it.

    Args:
        operation: the operation that Keras noted.
        args: what it was called on.
        kwargs: the same, by name.
        text: writes one argument.

    Raises:
        ConversionError: `keras.ops` has no function for it.
    """
    if type(operation).__name__ == "GetItem":
        item, key = [*args, *kwargs.values()][:2]
        return f"{text(item)}[{_index(key, text)}]"
    name = _function_name(operation)
    function = inspect.signature(attrgetter(name)(keras.ops)).parameters
    kept = _kept(operation)
    waiting = list(args)
    written: list[str] = []
    gap = False  # after a parameter that is left out, names are needed
    for key, parameter in function.items():
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            written += [text(value) for value in waiting]
            waiting = []
            continue
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            continue
        positional = parameter.default is inspect.Parameter.empty
        if key in kept:
            value = _plain(key, kept[key])
        elif waiting:
            value, positional = waiting.pop(0), True
        else:
            value = kwargs.get(key, parameter.default)
        if not _differs(value, parameter.default) or _is_usual_format(key, value):
            gap = True
            continue
        bare = positional and not gap
        written.append(text(value) if bare else f"{key}={text(value)}")
    return f"keras.ops.{name}({', '.join(written)})"


def _function_name(operation: Any) -> str:
    """The path of the function inside `keras.ops`: "relu", "image.resize"."""
    kind = type(operation).__name__
    for module in ("", *_MODULES):
        for name in dir(getattr(keras.ops, module) if module else keras.ops):
            if name.replace("_", "") == kind.replace("_", "").lower():
                return f"{module}.{name}" if module else name
    raise ConversionError(
        f"The model uses the operation {kind}, and keras.ops has no function of that name. "
        f"Put the operation into a layer of your own to write the model as code."
    )


def _kept(operation: Any) -> dict[str, Any]:
    """Arguments that the operation keeps: the axis of a sum, the dtype of a cast."""
    parameters = inspect.signature(type(operation).__init__).parameters
    return {
        key: getattr(operation, key)
        for key in parameters
        if key not in ("self", "name") and hasattr(operation, key)
    }


def _plain(key: str, value: Any) -> Any:
    """Keras makes a list of one axis."""
    alone = key == "axis" and isinstance(value, list | tuple) and len(value) == 1
    return value[0] if alone else value


def _is_usual_format(key: str, value: Any) -> bool:
    """Whether this is the order of axes that Keras takes by itself."""
    return key == "data_format" and value == keras.config.image_data_format()


def _differs(value: Any, default: Any) -> bool:
    return default is inspect.Parameter.empty or not (value is default or value == default)


def _index(key: Any, text: Callable[[Any], str]) -> str:
    if isinstance(key, tuple):
        return ", ".join(_index(one, text) for one in key)
    if isinstance(key, slice):
        start, stop, step = ("" if part is None else text(part) for part in _parts(key))
        return f"{start}:{stop}" if not step else f"{start}:{stop}:{step}"
    return "..." if key is Ellipsis else text(key)


def _parts(key: slice) -> tuple[Any, Any, Any]:
    return key.start, key.stop, key.step
