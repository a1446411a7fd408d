"""Lesson 20 shows a training step for each backend; here the one of this backend is run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

LESSON = Path(__file__).parents[2] / "lessons" / "src" / "20_choosing.py"
CLASSES = {"tensorflow": "TensorFlowStep", "torch": "TorchStep", "jax": "JaxStep"}


def _from_lesson(name: str) -> Any:
    """The class, as its cell in the lesson defines it."""
    text = LESSON.read_text(encoding="utf-8")
    found = re.search(rf"^class {name}\(.*?(?=^# %%|^def )", text, re.DOTALL | re.MULTILINE)
    assert found, f"lesson 20 has no class {name}"
    names: dict[str, Any] = {"__name__": "lesson20", "keras": keras}
    exec(found[0], names)
    return names[name]


def _weights_after(kind: Any, x: np.ndarray, y: np.ndarray | None) -> list[np.ndarray]:
    keras.utils.set_random_seed(0)
    inputs = keras.Input((28, 28, 1))
    x_ = keras.layers.Dense(4, activation="relu")(keras.layers.Flatten()(inputs))
    model = kind(inputs, keras.layers.Dense(4, activation="softmax")(x_))
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    data = (x,) if y is None else (x, y)
    model.fit(*data, batch_size=len(x), epochs=3, shuffle=False, verbose=0)
    weights: list[np.ndarray] = model.get_weights()
    return weights


@pytest.fixture
def pictures() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(8, 28, 28, 1)).astype("float32")


def test_the_step_by_hand_does_what_fit_does(pictures: np.ndarray) -> None:
    kind = _from_lesson(CLASSES[keras.backend.backend()])
    labels = np.arange(8) % 4
    by_hand, by_keras = (_weights_after(one, pictures, labels) for one in (kind, keras.Model))
    for one, other in zip(by_hand, by_keras, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_the_turning_step_runs_on_every_backend(pictures: np.ndarray) -> None:
    turned = np.concatenate([np.rot90(pictures, k, axes=(1, 2)) for k in range(4)])
    turning = _weights_after(_from_lesson("Turning"), pictures, None)
    wanted = _weights_after(keras.Model, turned, np.repeat(np.arange(4), 8))
    for one, other in zip(turning, wanted, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
