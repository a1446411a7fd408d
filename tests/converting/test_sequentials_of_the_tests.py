"""Every Sequential that other tests use as correct, as a Functional model and as source code."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest

from seqkit.converting import to_functional, to_source
from tests.converting.outputs import arrays, assert_outputs
from tests.corpus import programs as corpus
from tests.linting.correct_programs import PROGRAMS

Maker = Callable[[], tuple[keras.Model, Any]]


def _correct(program: Callable[[], Any]) -> Maker:
    def make() -> tuple[keras.Model, Any]:
        model, x, _ = program()
        return model, x

    return make


def _repaired(program: dict[str, Any]) -> Maker:
    def make() -> tuple[keras.Model, Any]:
        outcome = corpus.run({"buggy": program["fixed"]})
        return outcome.model, outcome.x

    return make


def _makers() -> Iterator[Any]:
    for program in PROGRAMS:
        yield pytest.param(_correct(program), id=program.__name__)
    for facts in corpus.load():
        yield pytest.param(_repaired(facts), id=facts["id"])


@pytest.mark.parametrize("make", _makers())
def test_outputs_stay_the_same(make: Maker) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model, x = make()
    if not isinstance(model, keras.Sequential) or not isinstance(x, np.ndarray):
        pytest.skip("no Sequential on one array")
    if any(getattr(layer, "stateful", False) for layer in model.layers):
        pytest.skip("each call goes on where the last one ended")
    data = keras.ops.convert_to_tensor(x[:8])
    expected = arrays(model.predict_on_batch(data))  # without random augmentation
    shape = None if model.inputs else x.shape[1:]
    assert_outputs(to_functional(model, input_shape=shape).predict_on_batch, data, expected)
    for style in ("functional", "sequential"):
        made = to_source(model, style, input_shape=shape).run()
        made.set_weights(model.get_weights())
        for layer in made._flatten_layers():
            if isinstance(layer, keras.layers.Normalization):
                layer.finalize_state()  # as the comment in the code says
        assert_outputs(made.predict_on_batch, data, expected)
