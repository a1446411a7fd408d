"""Outputs of two models, compared; configs without the names that Keras counts up."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from seqkit.converting.configs import bare

# 1e-6 for float32; half precision rounds much earlier, and to_functional runs the same layers.
CLOSE = 1e-6


def arrays(outputs: Any) -> list[np.ndarray]:
    return [
        np.asarray(keras.ops.convert_to_numpy(one), dtype="float64")
        for one in keras.tree.flatten(outputs)
    ]


def assert_same_outputs(model: Any, other: Any, data: Any) -> None:
    assert_outputs(other, data, arrays(model(data)))


def assert_outputs(model: Any, data: Any, expected: list[np.ndarray]) -> None:
    for one, two in zip(arrays(model(data)), expected, strict=True):
        np.testing.assert_allclose(one, two, rtol=CLOSE, atol=CLOSE)


def plain_config(model: Any) -> Any:
    """The config with each name as its place: the two models count on in one program."""
    config = model.get_config()
    names: dict[str, str] = {}
    _collect(config, names)
    return bare(_renamed(config, names))


def _collect(value: Any, names: dict[str, str]) -> None:
    if isinstance(value, dict):
        if "class_name" in value and isinstance(value.get("config"), dict):
            name = value["config"].get("name") or value.get("name")
            if isinstance(name, str) and "Policy" not in value["class_name"]:
                names.setdefault(name, f"{value['class_name']} {len(names)}")
        for item in value.values():
            _collect(item, names)
    elif isinstance(value, list | tuple):
        for item in value:
            _collect(item, names)


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(item, names) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value
