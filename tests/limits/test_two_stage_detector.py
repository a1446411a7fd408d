"""The limit of two stages: true today, and found false when our code changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from seqkit.limits import two_stage_detector
from seqkit.limits.limit import Check
from seqkit.limits.two_stage_detector import Crop

layers = keras.layers


def failed(checks: tuple[Check, ...]) -> list[str]:
    return [check.statement for check in checks if not check.holds]


def kind_from_the_scene() -> keras.Model:
    """A wrong fix: stage two reads the middle of the scene, wherever the box is."""
    scene = keras.Input((32, 32, 1))
    x = layers.Flatten()(layers.Conv2D(8, 5, strides=4, activation="relu")(scene))
    box = layers.Dense(4, activation="sigmoid", name="box")(x)
    x = layers.Conv2D(8, 3, activation="relu")(layers.AveragePooling2D(4)(scene))
    kind = layers.Dense(3, activation="softmax", name="kind")(layers.Flatten()(x))
    return keras.Model(scene, {"box": box, "kind": kind})


def test_a_stage_two_without_a_crop_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(two_stage_detector, "fix", kind_from_the_scene)
    wrong = failed(two_stage_detector.evidence())
    assert any("the kind depends on the pixels in the box" in text for text in wrong)


def test_a_crop_that_is_moved_by_half_a_pixel_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Crop._weights

    def moved(self: Crop, start: Any, length: Any, side: int) -> Any:
        return right(self, start + 0.5 / side, length, side)

    monkeypatch.setattr(Crop, "_weights", moved)
    wrong = failed(two_stage_detector.evidence())
    assert any("gives these pixels" in text for text in wrong)
    assert any("stays a slope" in text for text in wrong)


def test_the_loss_of_the_kind_does_not_move_the_box() -> None:
    model = two_stage_detector._started(two_stage_detector.fix())
    scenes, boxes, kinds = (array[:32] for array in two_stage_detector._scenes())
    losses = {"box": "mse", "kind": "sparse_categorical_crossentropy"}
    model.compile(
        keras.optimizers.SGD(0.1), losses, loss_weights={"box": 0.0, "kind": 1.0}, run_eagerly=True
    )
    before = [model.get_layer(name).get_weights()[0] for name in ("box", "kind")]
    model.train_on_batch(scenes, {"box": boxes, "kind": kinds})
    after = [model.get_layer(name).get_weights()[0] for name in ("box", "kind")]
    assert np.array_equal(before[0], after[0])
    assert not np.array_equal(before[1], after[1])


def test_the_detector_survives_saving(tmp_path: Path) -> None:
    model = two_stage_detector.fix()
    scene = np.random.default_rng(0).normal(size=(1, 32, 32, 1)).astype("float32")
    model.save(tmp_path / "net.keras")
    again = keras.saving.load_model(tmp_path / "net.keras")
    for name in ("box", "kind"):
        one, other = (two_stage_detector._numbers(net(scene)[name]) for net in (model, again))
        assert np.allclose(one, other, atol=1e-6)
