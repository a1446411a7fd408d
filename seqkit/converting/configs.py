"""Configs of layers, and whether two mean the same."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

# An automatic seed is a number up to a billion; people write small ones.
_LARGEST_WRITTEN_SEED = 100_000
# What differs between two layers that were made by the same code.
_NOT_COMPARED = {"name", "shared_object_id", "build_config", "registered_name"}


def config_of(thing: Any) -> dict[str, Any] | None:
    """The config of a layer or another Keras object, or None where there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about lambdas, which are not stored here
            return thing.get_config()
    except (NotImplementedError, AttributeError):
        return None


def same(one: Any, other: Any) -> bool:
    """Whether two values of configs mean the same.

    Example:
        >>> same([3, 3], (3, 3)), same({"name": "dense", "units": 2}, {"name": "a", "units": 3})
        (True, False)
    """
    return bool(bare(one) == bare(other))


def bare(value: Any) -> Any:
    """A config value without automatic names and seeds; lists are tuples.

    Example:
        >>> bare({"name": "dense_1", "seed": 123456789, "dims": [1, 2]})
        {'seed': None, 'dims': (1, 2)}
    """
    if isinstance(value, Mapping):
        if value.get("class_name") == "__tuple__":
            return bare(value["items"])
        if "DTypePolicy" in str(value.get("class_name")):
            return repr(value.get("config"))  # the name of a policy is all it says
        kept = {key: item for key, item in value.items() if key not in _NOT_COMPARED}
        if isinstance(kept.get("seed"), int) and kept["seed"] > _LARGEST_WRITTEN_SEED:
            kept["seed"] = None
        return {key: bare(item) for key, item in kept.items()}
    if isinstance(value, np.ndarray):
        return bare(value.tolist())
    if isinstance(value, list | tuple):
        return tuple(bare(item) for item in value)
    return value
