"""The original error: never lost, the learner's lines first, the same in every run."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

import seqkit as sk
from seqkit.explaining.original import original_traceback, original_words, speaker, stable
from seqkit.explaining.partial import steps_to_failure


def broken(depth: int = 1) -> keras.Model:
    items = [keras.Input((4,)), *(layers.Dense(4) for _ in range(depth))]
    return keras.Sequential([*items, layers.Add(), layers.Dense(1)])


def own_mistake() -> None:
    raise RuntimeError("mine")


def error_of(function: object, *args: object) -> BaseException:
    error = sk.attempt(function, *args).error  # type: ignore[arg-type]
    assert error is not None
    return error


class Wrong(layers.Layer):
    def call(self, x: object) -> object:
        raise RuntimeError("mine")


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (broken, "Keras said"),
        (own_mistake, "Python said"),
        (lambda: Wrong()(keras.Input((2,))), "Python said"),
        (lambda: np.zeros((2, 3)) @ np.zeros((2, 3)), "Python said"),
        (lambda: [].pop(), "Python said"),
    ],
)
def test_whose_words_they_are(function: object, words: str) -> None:
    tried = sk.attempt(function)  # type: ignore[arg-type]
    assert tried.error is not None
    assert speaker(tried.error) == words
    assert words in str(tried)
    assert f"what {words}" in tried._repr_mimebundle_()["text/html"]


def test_the_learners_lines_come_first() -> None:
    lines = original_traceback(error_of(broken)).split("\n")
    assert lines[0].startswith("in test_original.py, line ")
    assert lines[0].endswith(", in broken")
    assert "keras.Sequential([*items" in lines[1]
    assert all("seqkit" not in line and "/site-packages" not in line for line in lines)
    assert any("keras/src/models/sequential.py" in line for line in lines)
    assert lines[-1].startswith("ValueError: A merge layer")


def test_the_cause_is_told() -> None:
    def build() -> None:
        try:
            broken()
        except ValueError as error:
            raise TypeError("no model") from error

    told = original_traceback(error_of(build))
    assert told.index("ValueError: A merge layer") < told.index("TypeError: no model")


def test_the_same_error_twice_reads_the_same() -> None:
    def build() -> None:
        stack = keras.Sequential([keras.Input((4,)), layers.Dense(4), layers.Dense(4)])
        stack.add(layers.LSTM(2))

    first, second = (sk.attempt(build) for _ in range(2))
    assert repr(first) == repr(second)
    assert first._repr_mimebundle_() == second._repr_mimebundle_()
    assert first.traceback == second.traceback
    assert "Python" not in first.traceback


def test_layers_keep_the_numbers_of_a_fresh_session() -> None:
    for _ in range(2):  # the second time, Keras counts on
        one, two, named = layers.Dense(1), layers.Dense(1), layers.Dense(1, name="score_7")
        text = f"{two.name} follows {one.name}, then {named.name}"
        assert stable(text, [one, two, named]) == "dense_1 follows dense, then score_7"


def test_a_name_that_two_layers_bear_is_told_as_it_is() -> None:
    pair = [layers.Dense(2, name="dense_3"), layers.Dense(2, name="dense_3")]
    assert stable("Name 'dense_3' is taken", pair) == "Name 'dense_3' is taken"


def test_the_way_to_the_failure() -> None:
    with_add = sk.trace([keras.Input((4,)), layers.Dense(4), layers.Add(), layers.Dense(1)])
    steps = steps_to_failure(with_add)
    assert [step.status for step in steps] == ["ok", "failed", "not reached"]
    assert steps[1].why == "needs a list of two or more tensors, got one"
    assert steps_to_failure(sk.trace([keras.Input((4,)), layers.Dense(4)])) == ()


def test_a_long_way_is_shortened() -> None:
    tried = sk.attempt(broken, 30)
    assert tried.explanation is not None
    shown = [step.cells[:2] for step in steps_to_failure(tried.explanation.trace)]
    assert shown[:2] == [("0", "Dense"), ("…", "25 more rows")]
    assert shown[-2:] == [("30", "Add"), ("31", "Dense")]
    assert "25 more rows" in str(tried)
    assert "25 more rows" in tried._repr_mimebundle_()["text/html"]


def test_an_attempt_says_where_the_error_is_kept() -> None:
    tried = sk.attempt(own_mistake)
    assert ".error keeps the exception" in str(tried)
    assert tried.traceback.endswith("RuntimeError: mine")
    assert sk.attempt(lambda: 3).traceback == ""


def test_code_that_was_not_run_is_said_so() -> None:
    from dataclasses import replace

    tried = sk.attempt(broken)
    assert tried.explanation is not None
    unproven = replace(tried.explanation, verified=False)
    assert "This code was not run." in str(unproven)
    assert "this code was not run" in unproven._repr_mimebundle_()["text/html"]
    assert "not run" not in str(tried.explanation)


def test_the_tags_are_in_plain_words() -> None:
    tried = sk.attempt(broken)
    words = "pattern: residual · fault: topology (how the layers are connected)"
    assert words in str(tried)
    assert words in tried._repr_mimebundle_()["text/html"]


def test_the_way_through_tensorflow_is_left_out() -> None:
    message = (
        "Graph execution error:\n\nDetected at node loss/Sparse defined at (most recent call "
        'last):\n  File "<frozen runpy>", line 198, in run\n\n  File "/home/me/a.py", line 1, '
        "in <module>\n\nReceived a label value of 2 which is outside the valid range of [0, 1).\n"
        "\t [[{{node loss/Sparse}}]] [Op:__inference_1]"
    )
    assert original_words(ValueError(message)) == (
        "ValueError: Received a label value of 2 which is outside the valid range of [0, 1)."
    )
