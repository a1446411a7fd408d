"""The limit of the vision transformer: true today, and found false when something changes."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from seqkit import limits
from seqkit.limits import transformer, vit

SQUARES = "a convolution with stride 7 gives each 7 × 7 square of pixels one vector of its own"
PLACES = "patches at other places: the bag gives the same answer, the fix does not"


def held() -> dict[str, bool]:
    return {check.statement: check.holds for check in vit.evidence()}


def test_the_loud_attempts_raise_in_keras_itself() -> None:
    loud = [one for one in limits.get("vit").attempts if one.loud]
    words = ["single required positional argument", "called on a list of at least 1 input"]
    for one, message in zip(loud, words, strict=True):
        with pytest.raises(ValueError, match=message):
            one.function()


def test_patches_that_overlap_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    convolution = keras.layers.Conv2D

    def overlapping(filters: int, size: int, strides: int) -> keras.Layer:
        return convolution(filters, size + 2, strides=strides, padding="same")

    monkeypatch.setattr(keras.layers, "Conv2D", overlapping)
    assert not held()[SQUARES]


def test_a_fix_without_positions_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transformer.Positions, "call", lambda self, inputs: inputs)
    assert not held()[PLACES]


def test_a_wrong_custom_block_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def each_alone(self: transformer.TransformerBlock, inputs: Any) -> Any:
        return self.second_norm(self.outer(self.inner(self.first_norm(inputs))))

    monkeypatch.setattr(transformer.TransformerBlock, "call", each_alone)
    found = held()
    assert not found["in one block every patch has an influence on every patch"]
    assert not found["the row of custom layers computes the same as the fix"]


def test_the_bright_square_lies_where_the_label_says() -> None:
    pictures, rows = vit.bright_squares(40, seed=5)
    means = pictures.reshape(-1, 4, 7, 4, 7).mean(axis=(2, 4)).max(axis=2)
    assert np.array_equal(means.argmax(axis=1), rows)


def test_the_shown_code_runs() -> None:
    limit = limits.get("vit")
    names: dict[str, Any] = {
        "keras": keras,
        "layers": keras.layers,
        "Positions": transformer.Positions,
        "TransformerBlock": transformer.TransformerBlock,
    }
    for source in (
        limit.fix_source,
        limit.workaround_source,
        *(a.source for a in limit.attempts[2:]),
    ):
        exec(source, names)
        assert names["model"].built
