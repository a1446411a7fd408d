"""The limit of a loss in the middle: true today, and found false when our code changes."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from seqkit.limits import auxiliary_loss
from seqkit.limits.limit import Check

layers = keras.layers


def failed(checks: tuple[Check, ...]) -> list[str]:
    return [check.statement for check in checks if not check.holds]


def heads_at_the_end() -> keras.Model:
    """A wrong fix: all heads hang on the last layer."""
    inputs = keras.Input((8,))
    x = inputs
    for number in range(1, 13):
        x = layers.Dense(16, activation="sigmoid", name=f"layer_{number}")(x)
    names = ("early_4", "early_8", "main")
    return keras.Model(
        inputs, {name: layers.Dense(3, activation="softmax", name=name)(x) for name in names}
    )


def head_in_the_road() -> keras.Model:
    """A wrong fix: layer 5 reads the early head."""
    inputs = keras.Input((8,))
    x, heads = inputs, {}
    for number in range(1, 13):
        x = layers.Dense(16, activation="sigmoid", name=f"layer_{number}")(x)
        if number in (4, 8):
            x = layers.Dense(3, activation="softmax", name=f"early_{number}")(x)
            heads[f"early_{number}"] = x
    heads["main"] = layers.Dense(3, activation="softmax", name="main")(x)
    return keras.Model(inputs, heads)


def test_heads_at_the_end_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auxiliary_loss, "fix", heads_at_the_end)
    assert any("reads the layers below" in text for text in failed(auxiliary_loss.evidence()))


def test_heads_at_the_end_do_not_help_the_first_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = auxiliary_loss._gradient_at_first(auxiliary_loss._plain())
    helped = auxiliary_loss._gradient_at_first(auxiliary_loss.fix())
    monkeypatch.setattr(auxiliary_loss, "fix", heads_at_the_end)
    late = auxiliary_loss._gradient_at_first(auxiliary_loss.fix())
    assert helped > 1000 * plain > 0
    assert late < 10 * plain


def test_a_head_in_the_road_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auxiliary_loss, "fix", head_in_the_road)
    assert any("3,187 of 3,289" in text for text in failed(auxiliary_loss.evidence()))


def test_the_gradient_by_one_step_is_the_gradient() -> None:
    """One layer and a softmax: the gradient is known in closed form."""
    inputs = keras.Input((8,))
    head = layers.Dense(3, activation="softmax", name="layer_1")(inputs)
    model = keras.Model(inputs, {"main": head})
    found = auxiliary_loss._gradient_at_first(model)
    x, y = auxiliary_loss._data()
    auxiliary_loss._compiled(model, keras.optimizers.SGD(1.0))  # the first weights again
    shares = keras.ops.convert_to_numpy(model(x)["main"])
    truth = x.T @ (shares - np.eye(3)[y]) / len(x)
    assert np.isclose(found, np.linalg.norm(truth), rtol=1e-3)


def test_the_way_round_trains_the_list() -> None:
    plain = auxiliary_loss.workaround()
    trainer = auxiliary_loss.around(plain)
    before = plain.get_weights()[0]
    loss = dict.fromkeys(trainer.output, "sparse_categorical_crossentropy")
    trainer.compile(keras.optimizers.SGD(1.0), loss, run_eagerly=True)
    x, y = auxiliary_loss._data()
    trainer.train_on_batch(x, dict.fromkeys(trainer.output, y))
    assert not np.array_equal(before, plain.get_weights()[0])
