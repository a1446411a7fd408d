"""What the reader of programs knows of names: which of Keras' objects it may make.

Only classes of Keras that hold no code of the user's are made, and only from literals.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import keras

# They run code that is given to them, or open files.
_NOT_MADE = {
    "Lambda",
    "TorchModuleWrapper",
    "JaxLayer",
    "FlaxLayer",
    "TFSMLayer",
    "Layer",
    "Wrapper",
    "RNN",
    "InputLayer",
}
_MODULES = (
    "regularizers",
    "initializers",
    "constraints",
    "losses",
    "metrics",
    "optimizers",
    "optimizers.schedules",
)
_FILE_ARGUMENTS = {"vocabulary"}  # a string there is the name of a file, which would be read


class Unknown:
    """A value that only running the program would tell.

    Args:
        why: what stood there, for the note.
        is_sequential: whether it is a class of the program that is made from Sequential.
    """

    def __init__(self, why: str, is_sequential: bool = False) -> None:
        self.why = why
        self.is_sequential = is_sequential


@dataclass(frozen=True)
class Named:
    """A dotted name that an import or an attribute leads to, such as `keras.layers`."""

    path: str


@dataclass(frozen=True)
class Partial:
    """`functools.partial` of a Keras class."""

    target: Named
    arguments: tuple[Any, ...]
    keywords: dict[str, Any] = field(default_factory=dict)


def canonical(path: str) -> str:
    """The name of a Keras object without the way by which it was imported.

    Example:
        >>> canonical("tensorflow.keras.layers.Dense"), canonical("keras.models.Sequential")
        ('keras.layers.Dense', 'keras.Sequential')
    """
    for prefix in ("tensorflow.python.keras.", "tensorflow.compat.v1.keras.", "tensorflow.keras."):
        if path.startswith(prefix):
            path = "keras." + path[len(prefix) :]
    if path in ("tensorflow.keras", "tensorflow.python.keras"):
        return "keras"
    # layers.core.Dense, layers.convolutional.Conv2D: the modules of old versions
    parts = path.split(".")
    if parts[:2] == ["keras", "layers"] and len(parts) == 4 and parts[3][:1].isupper():
        parts = [*parts[:2], parts[3]]
    path = ".".join(parts)
    same = {
        "keras.models.Sequential": "keras.Sequential",
        "keras.engine.sequential.Sequential": "keras.Sequential",
        "keras.layers.Input": "keras.Input",
        "keras.models.Model": "keras.Model",
        "keras.layers.InputLayer": "keras.InputLayer",
    }
    return same.get(path, path)


def star_names(module: str) -> dict[str, Named]:
    """The names that `from MODULE import *` gives, if the module is one of Keras.

    Example:
        >>> star_names("tensorflow.keras.layers")["Dense"].path
        'keras.layers.Dense'
    """
    path = canonical(module)
    if path == "tensorflow":
        return {"keras": Named("tensorflow.keras"), "nn": Named("tensorflow.nn")}
    first, *rest = path.split(".")
    found: Any = keras if first == "keras" else None
    for part in rest:
        found = getattr(found, part, None)
    if not inspect.ismodule(found):
        return {}
    return {name: Named(f"{path}.{name}") for name in dir(found) if not name.startswith("_")}


@cache
def makeable(path: str) -> type | None:
    """The Keras class of a canonical name, if the reader may make it; None otherwise.

    Example:
        >>> makeable("keras.layers.Dense").__name__, makeable("keras.layers.Lambda")
        ('Dense', None)
    """
    if path.startswith("keras.layers."):
        found = getattr(keras.layers, path.removeprefix("keras.layers."), None)
        if not inspect.isclass(found) or not issubclass(found, keras.Layer):
            return None
        return None if found.__name__ in _NOT_MADE else found
    for module in _MODULES:
        prefix = f"keras.{module}."
        if path.startswith(prefix) and "." not in path.removeprefix(prefix):
            found = getattr(_module(module), path.removeprefix(prefix), None)
            return found if inspect.isclass(found) else None
    return None


def _module(name: str) -> Any:
    return keras.optimizers.schedules if name == "optimizers.schedules" else getattr(keras, name)


def plain_function(path: str) -> Any | None:
    """What a function named in an argument stands for: its name as a string, if Keras knows it.

    Example:
        >>> plain_function("tensorflow.nn.relu"), plain_function("keras.losses.mse")
        ('relu', 'mse')
    """
    for prefix in (
        "keras.activations.",
        "tensorflow.nn.",
        "keras.ops.",
        "jax.nn.",
        "keras.losses.",
        "keras.metrics.",
    ):
        name = path.removeprefix(prefix)
        if name != path and "." not in name and name.islower():
            return _known_name(name, prefix)
    return None


def _known_name(name: str, prefix: str) -> str | None:
    module = keras.activations
    if prefix in ("keras.losses.", "keras.metrics."):
        module = getattr(keras, prefix.split(".")[1])
    try:
        return name if module.get(name) is not None else None
    except Exception:
        return None


def opens_files(keywords: dict[str, Any]) -> bool:
    """Whether an argument is the name of a file that Keras would read."""
    return any(isinstance(keywords.get(name), str) for name in _FILE_ARGUMENTS)
