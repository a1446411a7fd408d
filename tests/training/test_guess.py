"""A guess is compared kindly, and is never an error."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.training import guess

SHAPES = st.lists(st.one_of(st.none(), st.integers(1, 999)), min_size=1, max_size=5).map(tuple)
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    SHAPES,
    st.lists(st.integers()),
    st.dictionaries(st.text(), st.integers()),
    st.complex_numbers(),
)


def test_no_guess_shows_the_truth() -> None:
    result = guess(..., 320)
    assert result.correct is None
    assert "no guess yet" in str(result) and "320" in str(result)


@given(st.one_of(SHAPES, st.integers(), st.booleans(), st.text(), st.floats(allow_nan=True)))
def test_the_truth_itself_is_right(truth: object) -> None:
    assert guess(truth, truth).correct is True


@given(ANYTHING, ANYTHING)
def test_nothing_raises_and_everything_prints(mine: object, truth: object) -> None:
    result = guess(mine, truth)
    assert result.correct in (True, False)
    assert str(result) and result._repr_mimebundle_()["text/html"]


class _Stubborn:
    """Breaks whatever touches it."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no comparison")

    def tolist(self) -> list[int]:
        raise RuntimeError("no list")


def test_an_object_that_cannot_be_compared_is_wrong_in_words() -> None:
    result = guess(1, _Stubborn())
    assert result.correct is False
    assert "cannot be compared" in str(result)
    assert guess(_Stubborn(), 3).correct is False


@given(SHAPES)
def test_a_shape_without_the_batch_axis_gets_a_remark(shape: tuple[int | None, ...]) -> None:
    result = guess(shape, (None, *shape))
    assert result.correct is False
    assert "batch axis is missing" in str(result)
    assert "leave out the None" in str(guess((None, *shape), shape)) or shape[0] is None


def test_a_list_is_right_with_a_remark() -> None:
    result = guess([None, 10], (None, 10))
    assert result.correct is True
    assert "tuple" in result.remark


@pytest.mark.parametrize(
    ("mine", "truth", "remark"),
    [
        ((32, 10), (None, 10), "The batch axis is None"),
        ((None, 28, 32, 26), (None, 26, 28, 32), "another order"),
        ((None, 28, 28, 32), (None, 28, 28, 16), "axis 3"),
        ((None, 10, 2), (None, 10), "3 entries"),
        (10, (None, 10), "a tuple with 2 entries"),
        ((16, 10), 1610, "without a comma"),
        ("320", 320, "without quotes"),
        ((3,), 320, "not a tuple"),
        ("yes", True, "True or False"),
        (1, True, "True or False"),
        (True, 1, "a number"),
        (3, "fails", "a word in quotes"),
    ],
)
def test_remarks(mine: object, truth: object, remark: str) -> None:
    result = guess(mine, truth)
    assert result.correct is False
    assert remark in result.remark


def test_numbers_have_a_tolerance() -> None:
    assert guess(319, 320).correct is False
    assert guess(319, 320, tolerance=2).correct is True
    assert guess(0.335, 1 / 3).correct is True
    assert guess(0.35, 1 / 3).correct is False
    assert guess(320.0, 320).correct is True
    assert guess(math.inf, 3.0).correct is False


def test_words_need_no_exact_case() -> None:
    assert guess(" Fails ", "fails").correct is True


def test_numpy_and_tensors_are_plain_values() -> None:
    import keras

    assert guess(np.int64(320), np.int32(320)).correct is True
    assert guess(np.array([1, 2]), (1, 2)).correct is True
    assert guess(3.0, keras.ops.convert_to_tensor(3.0)).correct is True
    assert guess((2, 3), keras.ops.ones((2, 3)).shape).correct is True
    assert str(guess(..., np.int64(5))) == "? no guess yet · it is 5"
