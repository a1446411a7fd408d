"""The conditional convolution: gates that do nothing are noticed."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from seqkit.limits import conditional_convolution as room


def failed() -> list[str]:
    return [check.statement for check in room.evidence() if not check.holds]


def test_gates_that_read_no_picture_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def blind() -> keras.Model:
        layers = keras.layers
        inputs = keras.Input(room.SHAPE)
        gates = layers.GlobalAveragePooling2D()(inputs)
        gates = layers.Dense(3, activation="sigmoid", name="gates")(0 * gates)
        answers = layers.Conv2D(12, 3, padding="same", name="experts")(inputs)
        answers = layers.Reshape((12, 12, 3, 4))(answers)
        gates = keras.ops.reshape(gates, (-1, 1, 1, 3, 1))
        mixed = keras.ops.sum(answers * gates, axis=3)
        return keras.Model(inputs, layers.Activation("relu")(mixed))

    monkeypatch.setattr(room, "fix", blind)
    assert any("mixture of kernels" in statement for statement in failed())
    assert any("different kernels" in statement for statement in failed())


def test_a_wrong_custom_layer_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    right = room.CondConv2D.call

    def doubled(self: room.CondConv2D, inputs: Any) -> Any:
        return 2 * right(self, inputs)

    monkeypatch.setattr(room.CondConv2D, "call", doubled)
    assert len(failed()) == 1
    assert "mixing three kernels" in failed()[0]


def test_a_kernel_that_ignores_the_mark_fails_the_trained_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "fix", room.stand_in)
    failing = [check.statement for check in room.trained() if not check.holds]
    assert any("learns both" in statement for statement in failing)
