"""Hidden cases: right answers pass for any secret, tables of the shown cases never do."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from seqkit import exercises
from seqkit.errors import SeqkitError
from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.function_answers import FunctionAnswer
from seqkit.exercises.keras_types import Model
from seqkit.exercises.misconceptions import make
from seqkit.exercises.question import Question, questions_of
from seqkit.exercises.verdict import Outcome, Verdict, incorrect
from seqkit.grading import hidden
from seqkit.grading.export import decode_inputs, encode_inputs
from seqkit.grading.hidden import evidence
from tests.exercises.test_questions import over_the_wire, solution_answers

SECRETS = range(5)
ALL = [question for name in exercises.names() for question in questions_of(exercises.load(name))]


def named(questions: Sequence[Question]) -> list[Any]:
    return [pytest.param(one, id=f"{one.exercise}-{one.name}") for one in questions]


FUNCTIONS = named([one for one in ALL if isinstance(one.answer, FunctionAnswer)])
SCORES = named(
    [one for one in ALL if (case := hidden.get(one.exercise, one.name)) and case.judge is not None]
)
every_function = pytest.mark.parametrize("question", FUNCTIONS)
every_score = pytest.mark.parametrize("question", SCORES)


def secret_inputs(question: Question, secret: int) -> list[Any]:
    """The hidden inputs as they reach the kernel."""
    case = hidden.get(question.exercise, question.name)
    assert case is not None
    assert case.inputs is not None
    made = list(case.inputs(np.random.default_rng([secret, 7])))
    again: list[Any] = decode_inputs(encode_inputs(made))
    return again


def on_hidden_inputs(question: Question, answer: object, secret: int) -> Outcome:
    assert isinstance(question.answer, FunctionAnswer)
    try:
        data = question.answer.read_on(answer, secret_inputs(question, secret))
    except SeqkitError as error:
        return incorrect(str(error))
    return question.decide(over_the_wire(data))


# Functions.


@every_function
def test_every_function_has_hidden_inputs(question: Question) -> None:
    one, two = (pickle.dumps(secret_inputs(question, secret)) for secret in (0, 1))
    assert one != two
    assert one == pickle.dumps(secret_inputs(question, 0))


@every_function
def test_right_functions_pass_for_any_secret(question: Question) -> None:
    answers = [solution_answers(question.exercise)[question.name]]
    answers += [make(answer) for answer in question.equivalents]
    for answer in answers:
        for secret in SECRETS:
            outcome = on_hidden_inputs(question, answer, secret)
            assert outcome.verdict is Verdict.CORRECT, (answer, secret, outcome)


@every_function
def test_misconceptions_fail_on_hidden_inputs_too(question: Question) -> None:
    for misconception in question.misconceptions:
        for secret in SECRETS:
            outcome = on_hidden_inputs(question, misconception.answer(), secret)
            assert outcome.credit < 1, (misconception, secret)
            assert outcome.verdict is not Verdict.UNCHECKABLE, (misconception, outcome)


def key(arguments: Sequence[Any]) -> bytes:
    """The bytes of all arguments that are data."""
    data = [
        (argument.shape, argument.tobytes()) if isinstance(argument, np.ndarray) else argument
        for argument in arguments
        if not callable(argument)
    ]
    return pickle.dumps(data) if not _holds_arrays(data) else pickle.dumps(np_free(data))


def _holds_arrays(value: object) -> bool:
    if isinstance(value, list | tuple):
        return any(_holds_arrays(item) for item in value)
    return isinstance(value, np.ndarray)


def np_free(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [np_free(item) for item in value]
    return value.tobytes() if isinstance(value, np.ndarray) else value


def table_of(question: Question, right: Callable[..., Any]) -> dict[bytes, Any]:
    """What the right function gives for the shown inputs, by the bytes of the arguments."""
    table: dict[bytes, Any] = {}

    def noting(*arguments: Any) -> Any:
        place = key(arguments)
        table[place] = right(*arguments)
        return table[place]

    question.answer.read(noting)
    return table


@every_function
@pytest.mark.parametrize("otherwise", ["raises", "first"])
def test_a_table_of_the_shown_inputs_fails(question: Question, otherwise: str) -> None:
    right = solution_answers(question.exercise)[question.name]
    table = table_of(question, right)

    def looks_up(*arguments: Any) -> Any:
        if otherwise == "raises":
            return table[key(arguments)]
        return table.get(key(arguments), next(iter(table.values())))

    if question.exercise == "ex13":  # that judge also wants the model to be called
        inner = looks_up

        def looks_up(*arguments: Any) -> Any:
            model, first, second = arguments
            model([first, second]), model([first, second[::-1]])
            return inner(*arguments)

    assert question.evaluate(looks_up).verdict is Verdict.CORRECT
    for secret in SECRETS:
        assert on_hidden_inputs(question, looks_up, secret).credit < 1


# Scores.


def judged(question: Question, data: AnswerData, secret: int) -> Outcome:
    case = hidden.get(question.exercise, question.name)
    assert case is not None
    assert case.judge is not None
    return case.judge(data, np.random.default_rng([secret, 7]))


@every_score
def test_right_models_keep_their_score_for_any_secret(question: Question) -> None:
    answers = [solution_answers(question.exercise)[question.name]]
    answers += [make(answer) for answer in question.equivalents]
    for answer in answers:
        data = over_the_wire(question.read(answer))
        for secret in SECRETS:
            assert judged(question, data, secret).verdict is Verdict.CORRECT, (answer, secret)


@every_score
def test_a_model_with_new_weights_fails(question: Question) -> None:
    """Though the notebook's own judge would have to be deceived first."""
    import keras

    answer = solution_answers(question.exercise)[question.name]
    fresh = keras.models.clone_model(answer)
    data = over_the_wire(question.answer.read(fresh))
    assert all(judged(question, data, secret).credit < 1 for secret in SECRETS)


@every_score
def test_a_hidden_judge_says_nothing_of_its_numbers(question: Question) -> None:
    import keras

    fresh = keras.models.clone_model(solution_answers(question.exercise)[question.name])
    outcome = judged(question, over_the_wire(question.answer.read(fresh)), 0)
    assert outcome.message
    assert not any(sign.isdigit() for sign in outcome.message)
    assert not outcome.trace


# Signs of training.


def stack() -> Model:
    import keras

    return keras.Sequential(
        [
            keras.Input((12,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(3, kernel_initializer="he_normal"),
        ]
    )


def read(model: Model) -> AnswerData:
    from seqkit.exercises.model_answers import ModelAnswer

    return ModelAnswer().read(model)


@pytest.mark.parametrize("draw", range(8))
def test_new_models_look_new(draw: int) -> None:
    import keras

    keras.utils.set_random_seed(draw)
    model = stack()
    assert evidence.looks_new(model)
    assert evidence.training_fault(model, read(model)) == evidence.UNTRAINED


def test_one_epoch_of_training_shows() -> None:
    model = stack()
    model.compile("adam", "mse")
    random = np.random.default_rng(0)
    model.fit(random.normal(size=(64, 12)), random.normal(size=(64, 3)), verbose=0)
    assert not evidence.looks_new(model)
    assert evidence.training_fault(model, read(model)) == ""
    data = read(model)
    forgot = dataclasses.replace(data, values=data.values | {"compile": None})
    assert evidence.training_fault(model, forgot) == evidence.NO_STEP
    assert evidence.training_fault(model, forgot, may_be_assembled=True) == ""


def test_weights_of_another_model_are_not_trained_ones() -> None:
    twin, mine = stack(), stack()
    random = np.random.default_rng(0)
    for model in (twin, mine):
        model.compile("adam", "mse")
    twin.fit(random.normal(size=(64, 12)), random.normal(size=(64, 3)), verbose=0)
    mine.set_weights(twin.get_weights())
    assert evidence.training_fault(mine, read(mine)) == evidence.NO_STEP
    assert evidence.training_fault(mine, read(mine), may_be_assembled=True) == evidence.NO_STEP


def test_the_model_of_the_notebook_is_no_trained_model() -> None:
    given, mine = stack(), stack()
    mine.set_weights(given.get_weights())
    assert evidence.training_fault(mine, read(mine), [given.get_weights()]) == evidence.GIVEN


def test_a_question_without_hidden_cases() -> None:
    assert hidden.get("ex01", "q1") is None
    assert hidden.get("ex99", "q1") is None
