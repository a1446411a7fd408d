"""Every failing program is recognised, told in its own numbers, and repaired where it can be."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import seqkit as sk
from tests.explaining.failing_programs import IS_OLD, PROGRAMS, explanation_of
from tests.explaining.own_classes import Careless, Strict


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_said(name: str) -> None:
    program, explanation = PROGRAMS[name], explanation_of(name)
    assert (explanation.pattern, explanation.fault) == (program.pattern, program.fault)
    if not IS_OLD:
        index = None if explanation.layer is None else explanation.layer.index
        assert index == program.layer
    text = " ".join(
        [explanation.title, explanation.what_happened, explanation.why, explanation.fix]
    )
    for words in program.words:
        assert words in text
    assert explanation.original is not None


@pytest.mark.parametrize("name", [name for name, one in PROGRAMS.items() if one.repaired])
def test_the_repair_builds(name: str) -> None:
    explanation = explanation_of(name)
    assert explanation.verified
    namespace: dict[str, Any] = {}
    exec(explanation.fix_code, namespace)
    model = namespace["model"]
    assert model.built
    assert f"{model.count_params():,} parameters" in explanation.result


@pytest.mark.parametrize("name", [name for name, one in PROGRAMS.items() if not one.repaired])
def test_nothing_is_called_verified_without_code(name: str) -> None:
    explanation = explanation_of(name)
    assert not explanation.verified or explanation.fix_code


@pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`")
@pytest.mark.parametrize("name", [name for name, one in PROGRAMS.items() if not one.needs_attempt])
def test_a_plain_except_is_enough(name: str) -> None:
    program = PROGRAMS[name]
    assert keras.config.is_traceback_filtering_enabled()
    try:
        program.run()
    except Exception as error:
        explanation = sk.explain(error)
    else:
        pytest.skip("this Keras takes the program")
    assert (explanation.pattern, explanation.fault) == (program.pattern, program.fault)


@pytest.mark.parametrize(
    ("layer", "words"),
    [(Careless, "name 'undefined_name' is not defined"), (Strict, "my own check failed")],
)
def test_the_learners_own_error_is_not_explained_away(layer: Any, words: str) -> None:
    items = [layers.Dense(3), layer()]
    for tried in (
        sk.attempt(keras.Sequential, [keras.Input((4,)), *items]),
        sk.attempt(lambda: keras.Sequential(items)(np.zeros((2, 4)))),
    ):
        assert tried.explanation is not None
        assert tried.explanation.pattern == "not_recognised"
        assert words in tried.explanation.what_happened
        assert words in str(tried.error)


def test_a_name_that_keras_does_not_have() -> None:
    tried = sk.attempt(lambda: layers.Dens(3))
    assert tried.explanation is not None
    assert tried.explanation.pattern == "not_recognised"


def test_the_repair_of_the_earlier_layer_keeps_its_arguments() -> None:
    items = [keras.Input((5, 2)), layers.LSTM(4, dropout=0.1, name="first"), layers.LSTM(3)]
    explanation = sk.attempt(keras.Sequential, items).explanation
    assert explanation is not None
    line = next(line for line in explanation.fix_code.split("\n") if "LSTM(4" in line)
    for argument in ("dropout=0.1", "return_sequences=True", 'name="first"'):
        assert argument in line


def test_no_repair_where_none_is_known() -> None:
    items = [keras.Input((7,)), layers.Dense(5), layers.Conv2D(4, 3)]  # 5 numbers are no picture
    explanation = sk.attempt(keras.Sequential, items).explanation
    assert explanation is not None
    assert explanation.pattern == "shape_mismatch"
    assert not explanation.fix_code
    assert not explanation.verified


def test_the_learners_layers_stay_as_they_were() -> None:
    first, second = layers.LSTM(4), layers.LSTM(3)
    sk.attempt(keras.Sequential, [keras.Input((5, 2)), first, second])
    assert first.return_sequences is False
    assert second.built is False


def test_explaining_a_build_changes_no_name_and_no_weight() -> None:
    def after(explains: bool) -> tuple[str, float]:
        keras.utils.clear_session()
        keras.utils.set_random_seed(7)
        tried = sk.attempt(PROGRAMS["LSTM after LSTM"].run)
        if explains:
            assert tried.explanation is not None
            assert tried.explanation.verified
        layer = layers.Dense(2)
        layer.build((None, 2))
        return layer.name, float(np.ravel(keras.ops.convert_to_numpy(layer.kernel))[0])

    assert after(explains=True) == after(explains=False)
