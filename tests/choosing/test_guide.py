from __future__ import annotations

import itertools

import keras
import numpy as np
import pytest

from seqkit.choosing import decide
from seqkit.choosing.guide import (
    BUILDING,
    FUNCTIONAL,
    OTHERWISE,
    OWN_LAYER,
    QUESTIONS,
    SEQUENTIAL,
    SUBCLASS,
    TRAIN_STEP,
    Answer,
    UnknownQuestionError,
)

ANSWERS = [*(question.yes for question in QUESTIONS), OTHERWISE]
NAMES = [question.name for question in QUESTIONS]


def _ids(answer: Answer) -> str:
    return f"{answer.api} {answer.lesson}"


@pytest.mark.parametrize("answer", ANSWERS, ids=_ids)
def test_the_code_of_an_answer_builds_and_runs(answer: Answer) -> None:
    model = answer.skeleton.build()
    entrances = getattr(model, "inputs", None)  # a model with a call of its own has none
    shapes = [tensor.shape for tensor in entrances] if entrances else [(None, 8)]
    batch = [np.ones((2, *shape[1:]), "float32") for shape in shapes]
    for output in keras.tree.flatten(model(batch if len(batch) > 1 else batch[0])):
        assert output.shape[0] == 2
        assert np.isfinite(keras.ops.convert_to_numpy(output)).all()


@pytest.mark.parametrize("answer", ANSWERS, ids=_ids)
def test_the_code_is_written_in_the_api_that_it_stands_for(answer: Answer) -> None:
    model = answer.skeleton.build()
    assert isinstance(model, keras.Sequential) == answer.api.startswith("Sequential")
    assert ("def call" in answer.skeleton.source) == (answer.api in (SUBCLASS, OWN_LAYER))
    assert ("def train_step" in answer.skeleton.source) == (answer.api == TRAIN_STEP)
    assert "seqkit" not in answer.skeleton.source


@pytest.mark.parametrize("answer", ANSWERS, ids=_ids)
def test_an_answer_says_why_in_one_sentence(answer: Answer) -> None:
    assert answer.reason.endswith(".") and answer.reason.count(". ") == 0
    assert 1 <= answer.lesson <= 20
    assert max(len(line) for line in answer.skeleton.source.splitlines()) <= 100


def test_whoever_needs_more_has_what_the_later_questions_ask_for() -> None:
    """The first yes decides, whatever is answered below it."""
    order = [SUBCLASS, FUNCTIONAL, OWN_LAYER, SEQUENTIAL]
    for length in range(len(BUILDING) + 1):
        for yes in itertools.combinations(NAMES[:-1], length):
            alone = [decide(name).answer.api for name in yes] or [SEQUENTIAL]
            assert decide(*yes).answer.api == min(alone, key=order.index)


def test_the_training_is_asked_for_itself() -> None:
    for name in NAMES[:-1]:
        assert decide(name).training is None
        assert decide(name, "training").answer == decide(name).answer
        assert TRAIN_STEP in decide(name, "training").title


def test_a_name_that_is_no_question_is_refused() -> None:
    with pytest.raises(UnknownQuestionError, match="Its questions: decides, inputs"):
        decide("loop")


def test_the_own_layer_is_saved_and_loaded() -> None:
    model = next(one for one in ANSWERS if one.api == OWN_LAYER).skeleton.build()
    again = keras.Sequential.from_config(model.get_config())
    assert again.layers[0].floor == model.layers[0].floor == 0.1


def test_the_own_training_step_makes_its_labels() -> None:
    """One step on pictures alone ends where fit ends on turned pictures with their turns."""
    turning = next(one for one in ANSWERS if one.api == TRAIN_STEP).skeleton.build()
    plain = keras.Model.from_config(keras.Model(turning.inputs, turning.outputs).get_config())
    plain.set_weights(turning.get_weights())
    x = np.random.default_rng(0).normal(size=(8, 28, 28, 1)).astype("float32")
    turned = np.concatenate([np.rot90(x, k, axes=(1, 2)) for k in range(4)])
    for model, data in ((turning, (x,)), (plain, (turned, np.repeat(np.arange(4), 8)))):
        model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
        model.fit(*data, batch_size=32, shuffle=False, verbose=0)
    for one, other in zip(turning.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_the_path_of_the_subclass_depends_on_the_data() -> None:
    model = next(one for one in ANSWERS if one.api == SUBCLASS).skeleton.build()
    model.build((None, 8))
    x = np.full((2, 8), 0.5, "float32")
    before = [keras.ops.convert_to_numpy(model(scale * x)) for scale in (1, 10)]
    model.short.kernel.assign(keras.ops.zeros_like(model.short.kernel))
    after = [keras.ops.convert_to_numpy(model(scale * x)) for scale in (1, 10)]
    assert not np.allclose(before[0], after[0])  # small numbers take the short road
    np.testing.assert_allclose(before[1], after[1])  # large ones do not
