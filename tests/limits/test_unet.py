"""The limit of the U-Net: true today, and found false when Keras or our code changes."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from seqkit import limits
from seqkit.limits import unet

DETAIL = "the fix tells the two kinds of pixels apart"
SIDES = "each Concatenate joins a map of the way up with the equally large one of the way down"
SAME = "the layers of the way round compute the same as the fix"


def held() -> dict[str, bool]:
    return {check.statement: check.holds for check in unet.evidence()}


def test_the_loud_attempts_raise_in_keras_itself() -> None:
    attempts = limits.get("unet").attempts
    assert [one.loud for one in attempts] == [True, True, False]
    with pytest.raises(ValueError, match="should be called on a list"):
        attempts[0].function()
    with pytest.raises(ValueError, match="Only input tensors"):
        attempts[1].function()


def test_a_fix_without_the_upper_skip_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def lower_skip_only() -> keras.Model:
        layers = keras.layers
        inputs = keras.Input(unet.SHAPE)
        fine = layers.Conv2D(8, 3, padding="same", activation="relu")(inputs)
        x = layers.MaxPooling2D(2)(fine)
        middle = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D(2)(middle)
        x = layers.Conv2D(32, 3, padding="same", activation="relu")(x)
        x = layers.Concatenate()([layers.UpSampling2D(2)(x), middle])
        x = layers.UpSampling2D(2)(layers.Conv2D(16, 3, padding="same", activation="relu")(x))
        x = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
        return keras.Model(inputs, layers.Conv2D(1, 1, activation="sigmoid")(x))

    monkeypatch.setattr(unet, "fix", lower_skip_only)
    statements = held()
    assert not statements[DETAIL]
    assert not statements[SIDES]


def test_a_stand_in_with_skips_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unet, "leave_the_skips_out", unet.fix)
    assert [statement for statement, holds in held().items() if "without skips" in statement]
    wrong = [statement for statement, holds in held().items() if not holds]
    assert any("checkerboard" in statement for statement in wrong)
    assert any("the stand-in is blind" in statement for statement in wrong)


def test_a_wrong_custom_layer_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def reversed_call(self: unet.Around, inputs: Any) -> Any:
        return keras.ops.concatenate([inputs, self.inner(inputs)], axis=-1)

    monkeypatch.setattr(unet.Around, "call", reversed_call)
    assert not held()[SAME]


def test_the_shown_code_runs() -> None:
    limit = limits.get("unet")
    names: dict[str, Any] = {"keras": keras, "layers": keras.layers, "Around": unet.Around}
    for source in (limit.fix_source, limit.workaround_source, limit.attempts[2].source):
        exec(source, names)
        assert names["model"].built
