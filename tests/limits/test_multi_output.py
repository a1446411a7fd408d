"""The limit of two outputs: true today, and found false when Keras or our code changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from seqkit import limits
from seqkit.limits import multi_output
from seqkit.limits.limit import Check


def failed(checks: tuple[Check, ...]) -> list[str]:
    return [check.statement for check in checks if not check.holds]


def heads_in_a_row() -> keras.Model:
    """A wrong fix: two outputs of the right shapes, and the box reads the kind."""
    inputs = keras.Input((12,))
    body = keras.layers.Dense(32, activation="relu")(inputs)
    kind = keras.layers.Dense(3, activation="softmax", name="kind")(body)
    return keras.Model(inputs, {"kind": kind, "box": keras.layers.Dense(4, name="box")(kind)})


def test_a_fix_with_heads_in_a_row_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multi_output, "fix", heads_in_a_row)
    wrong = failed(multi_output.evidence())
    assert any("other weights in one head" in text for text in wrong)
    assert any("all 32 of the body" in text for text in wrong)


def test_a_custom_layer_that_gives_one_tensor_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def joined(self: multi_output.TwoHeads, inputs: Any) -> Any:
        return keras.ops.concatenate([self.kind(inputs), self.box(inputs)], axis=-1)

    monkeypatch.setattr(multi_output.TwoHeads, "call", joined)
    assert not limits.get("multi_output").verify(train=False).ok


def test_a_second_loss_that_counts_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras.Model, "evaluate", lambda self, *args, **kwargs: 12.0)
    assert "of two losses on one output the first alone counts" in failed(multi_output.evidence())


def test_the_loud_attempts_raise_in_keras_itself() -> None:
    loud = [one for one in limits.get("multi_output").attempts if one.loud]
    assert len(loud) == 3
    for one in loud:
        with pytest.raises((ValueError, TypeError)):
            one.function()


def test_the_custom_layer_survives_saving(tmp_path: Path) -> None:
    model = multi_output.workaround()
    x = np.random.default_rng(0).normal(size=(2, 12)).astype("float32")
    model.save(tmp_path / "net.keras")
    again = keras.saving.load_model(tmp_path / "net.keras")
    for one, other in zip(
        multi_output._answers(model, x), multi_output._answers(again, x), strict=True
    ):
        assert np.allclose(one, other, atol=1e-6)
