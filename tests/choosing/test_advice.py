from __future__ import annotations

from typing import Any

import keras
import pytest
from keras import layers

import seqkit as sk
from seqkit import limits
from seqkit.choosing.guide import BUILDING, FUNCTIONAL, OTHERWISE, QUESTIONS, SEQUENTIAL
from seqkit.errors import InputShapeError


@pytest.mark.parametrize("question", [one for one in QUESTIONS if one.name != "decides"])
def test_the_guide_answers_its_own_examples(question: Any) -> None:
    assert question.name in sk.choose(question.yes.skeleton.build()).yes


def test_a_straight_road_needs_a_sequential_only() -> None:
    advice = sk.choose(OTHERWISE.skeleton.build())
    assert advice.yes == ()
    assert advice.recommendation.title == SEQUENTIAL


def test_a_functional_model_that_is_a_straight_road_is_told_so() -> None:
    inputs = keras.Input((4,))
    model = keras.Model(inputs, layers.Dense(2)(layers.Dense(3)(inputs)))
    assert "enough: Sequential (lesson 01); written as: Functional API" in str(sk.choose(model))


def test_a_layer_twice_in_a_row_may_stay_in_the_list() -> None:
    dense = layers.Dense(4)
    advice = sk.choose([keras.Input((4,)), dense, layers.ReLU(), dense])
    assert advice.recommendation.title == SEQUENTIAL
    assert "Dense is called twice, in a row" in str(advice)


@pytest.mark.parametrize(
    "stack",
    [
        [keras.Input((4,)), layers.Dense(4), layers.Add()],
        [keras.Input((4,)), layers.Dense(4), layers.Concatenate(), layers.Dense(1)],
        [keras.Input((4,)), [layers.Dense(4), layers.Dense(4)], layers.Concatenate()],
    ],
)
def test_a_list_that_fails_tells_what_was_meant(stack: list[Any]) -> None:
    assert sk.choose(stack).recommendation.title == FUNCTIONAL


@pytest.mark.parametrize("name", limits.names())
def test_a_fix_of_the_course_needs_more_than_a_list(name: str) -> None:
    advice = sk.choose(limits.get(name).fix())
    assert advice.recommendation.title != SEQUENTIAL or advice.written.startswith("subclass")


def test_a_call_of_ones_own_cannot_be_read() -> None:
    model = BUILDING[0].yes.skeleton.build()
    model.build((None, 8))
    assert "its graph does not tell what it needs" in str(sk.choose(model, input_shape=(8,)))


def test_the_shape_is_asked_for_where_it_is_needed() -> None:
    with pytest.raises(InputShapeError):
        sk.choose([layers.Dense(4)])
    assert sk.choose([layers.Dense(4)], input_shape=(3,)).recommendation.title == SEQUENTIAL
