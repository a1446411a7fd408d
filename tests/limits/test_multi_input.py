"""The limit of two inputs: its checks hold on this Keras, and each of them can fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import pytest

from seqkit import limits
from seqkit.limits import multi_input
from seqkit.limits.limit import Limit

LIMIT = limits.get("multi_input")
ATTEMPTS_ONLY = replace(LIMIT, evidence=lambda: ())  # the evidence trains, and takes seconds


def failed(limit: Limit = ATTEMPTS_ONLY) -> list[str]:
    """The statements to which `verify` says ✗."""
    return [check.statement for check in limit.verify().checks if not check.holds]


def test_everything_holds_on_the_installed_keras() -> None:
    verification = LIMIT.verify()
    assert verification.ok, verification
    assert len(verification.checks) == 12


def test_the_sources_are_code_that_runs() -> None:
    namespace: dict[str, Any] = {"keras": keras, "layers": keras.layers}
    exec(LIMIT.fix_source, namespace)
    assert [tuple(x.shape) for x in namespace["model"].inputs] == [(None, 8), (None, 4)]
    namespace["TwoRoads"] = multi_input.TwoRoads
    exec(LIMIT.workaround_source, namespace)
    assert namespace["model"].input_shape == (None, 12)


def test_the_way_round_can_be_written_down_and_read_again() -> None:
    layer = multi_input.TwoRoads(split=3, units=5)
    again = multi_input.TwoRoads.from_config(layer.get_config())
    assert (again.split, again.units) == (3, 5)


@pytest.mark.parametrize(
    ("title", "unwanted"),
    [
        ("two Inputs in the list", lambda item, model: is_input(item) and model._layers),
        ("Concatenate() in the list", lambda item, _: isinstance(item, keras.layers.Concatenate)),
    ],
)
def test_a_keras_that_accepts_the_list_is_noticed(
    monkeypatch: pytest.MonkeyPatch, title: str, unwanted: Callable[[object, object], bool]
) -> None:
    add = keras.Sequential.add

    def lenient(self: keras.Sequential, layer: object, rebuild: bool = True) -> None:
        if not unwanted(layer, self):
            add(self, layer, rebuild=rebuild)

    monkeypatch.setattr(keras.Sequential, "add", lenient)
    (statement,) = failed()
    assert statement.startswith(title)


def test_a_keras_that_accepts_the_dict_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    patch_fit(monkeypatch, lambda x: next(iter(x.values())) if isinstance(x, dict) else x)
    (statement,) = failed()
    assert statement.startswith("fit on a dict of two arrays")


def test_a_keras_that_refuses_the_list_of_arrays_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(x: object) -> object:
        if isinstance(x, list):
            raise ValueError("Two arrays were passed to a model with one input.")
        return x

    patch_fit(monkeypatch, refuse)
    (statement,) = failed()
    assert statement.startswith("fit on a list of two arrays")


def test_a_keras_that_no_longer_warns_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    patch_fit(monkeypatch, lambda x: x[0] if isinstance(x, list) else x)
    assert any(words.startswith("Keras warns when it drops") for words in failed(LIMIT))


def test_a_fix_without_its_second_road_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def deaf() -> keras.Model:
        first, second = keras.Input((8,)), keras.Input((4,))
        x = keras.layers.Dense(16, activation="relu")(first)
        outputs = keras.layers.Dense(1, activation="sigmoid")(x)
        return keras.Model([first, second], outputs)

    monkeypatch.setattr(multi_input, "fix", deaf)
    assert "\n".join(failed(LIMIT)) == "\n".join(
        (
            "in the fix, shuffling the second array changes the predictions",
            "the second road costs 96 parameters: 257 instead of 161",
            "the custom layer computes the same as the fix",
            "a label that depends on the second array alone: the fix learns it (over 90 %)",
        )
    )


def test_a_stand_in_that_uses_the_second_array_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multi_input, "stand_in", multi_input.fix)
    assert "\n".join(failed(LIMIT)) == "\n".join(
        (
            "a Sequential that gets both: shuffling the second array changes no prediction",
            "the second road costs 96 parameters: 257 instead of 161",
            "the silent fit does not learn it (under 65 %, guessing gives 50 %)",
        )
    )


def patch_fit(monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], object]) -> None:
    """Give a Sequential's `fit` other data than it was passed."""
    fit = keras.Sequential.fit

    def changed(self: keras.Sequential, x: object, *args: object, **kwargs: object) -> object:
        return fit(self, change(x), *args, **kwargs)

    monkeypatch.setattr(keras.Sequential, "fit", changed)


def is_input(item: object) -> bool:
    return isinstance(item, keras.KerasTensor | keras.layers.InputLayer)
