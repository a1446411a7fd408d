"""Splits are disjoint; windows stay in their month; patches stay in their band."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit import data
from seqkit.data.dataset import Card, Dataset
from seqkit.data.splitting import (
    cut_patches,
    run_bounds,
    stratified_rows,
    tail_rows,
    window_starts,
)

CARD = Card("toy", "A toy", "none", "made here", "none")
SHARES = st.floats(0.05, 0.95)


def _runs(lengths: list[int]) -> np.ndarray:
    return np.repeat(np.arange(len(lengths)), lengths)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), SHARES, st.integers(0, 9))
def test_stratified_rows_part_every_class(labels: list[int], share: float, seed: int) -> None:
    y = np.array(labels)
    train, test = stratified_rows(y, share, seed)
    assert sorted([*train, *test]) == list(range(len(y)))
    for label in set(labels):
        expected = labels.count(label) * share
        assert abs((y[test] == label).sum() - expected) <= 0.5
    again = stratified_rows(y, share, seed)
    assert np.array_equal(train, again[0]) and np.array_equal(test, again[1])


@given(st.lists(st.integers(1, 12), min_size=1, max_size=6), SHARES)
def test_tail_rows_take_the_end_of_each_run(lengths: list[int], share: float) -> None:
    runs = _runs(lengths)
    train, test = tail_rows(runs, share)
    assert sorted([*train, *test]) == list(range(len(runs)))
    for start, stop in run_bounds(runs):
        inside = [row for row in train if start <= row < stop]
        held_out = [row for row in test if start <= row < stop]
        assert not inside or not held_out or max(inside) < min(held_out)


@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=6),
    SHARES,
    st.integers(1, 5),
    st.integers(1, 3),
    st.integers(1, 3),
)
@settings(max_examples=200)
def test_windows_never_cross_a_run_or_the_border(
    lengths: list[int], share: float, length: int, horizon: int, step: int
) -> None:
    runs = _runs(lengths)
    train, test = tail_rows(runs, share)
    for rows in (train, test):
        allowed = set(rows.tolist())
        for start in window_starts(rows, runs, length + horizon, step):
            covered = range(start, start + length + horizon)
            assert set(covered) <= allowed
            assert len({int(runs[row]) for row in covered}) == 1


@given(st.lists(st.integers(1, 12), min_size=1, max_size=6), st.integers(1, 6))
def test_no_possible_window_is_left_out(lengths: list[int], span: int) -> None:
    runs = _runs(lengths)
    starts = window_starts(np.arange(len(runs)), runs, span, 1)
    assert len(starts) == sum(max(0, length - span + 1) for length in lengths)


def test_hourly_windows_hold_the_hours_before_their_target() -> None:
    weather = data.load("weather_hourly")
    assert isinstance(weather.x, np.ndarray)
    parts = weather.windows(length=24, horizon=3, target="rhum")
    goal = weather.features.index("rhum")
    assert np.array_equal(parts.x_train[0], weather.x[:24])
    assert parts.y_train[0] == weather.x[26, goal]
    months = weather.columns["month"]
    hours = {tuple(row): i for i, row in enumerate(weather.x)}
    first = [hours.get(tuple(window[0])) for window in parts.x_test]
    assert all(i is None or months[i] == months[i + 26] for i in first)


def test_windows_of_chosen_features() -> None:
    parts = data.load("weather_daily").windows(7, features=["temp_max", "wind"])
    assert parts.x_train.shape[1:] == (7, 2)
    assert parts.x_test.shape == (365 - 7, 7, 2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"length": 0}, "length must be 1 or more"),
        ({"length": 24, "target": "snow"}, "no feature 'snow'. Its features are: ghi"),
        ({"length": 24, "test": 1.5}, "between 0 and 1"),
        ({"length": 5000}, "No window of length 5000"),
    ],
)
def test_impossible_windows_are_explained(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        data.load("weather_hourly").windows(**arguments)  # type: ignore[arg-type]


def test_sets_that_are_no_series_have_no_windows() -> None:
    with pytest.raises(ValueError, match="is no series in time"):
        data.load("mnist").windows(3)


@given(st.integers(8, 40), st.integers(8, 40), st.integers(1, 8), st.integers(1, 8), SHARES)
def test_patches_of_training_and_test_share_no_pixel(
    height: int, width: int, size: int, step: int, share: float
) -> None:
    # Every pixel holds its own number, so shared pixels would be seen.
    photo = np.arange(height * width).reshape(height, width)
    toy = Dataset(CARD, images={"a": photo, "b": photo + photo.size}, test_share=share)
    try:
        parts = toy.patches(size=size, step=step)
    except ValueError as error:
        assert "fits into one of the bands" in str(error)
        return
    assert not set(parts.x_train.ravel()) & set(parts.x_test.ravel())
    assert set(parts.y_train) == set(parts.y_test) == {0, 1}
    assert ((parts.x_train >= photo.size) == (parts.y_train == 1)[:, None, None]).all()


def test_patches_cover_a_band_without_overlap() -> None:
    cuts = cut_patches(np.arange(64).reshape(8, 8), size=4, step=4)
    assert sorted(cuts.ravel()) == list(range(64))


def test_photographs_refuse_a_random_split_and_others_refuse_patches() -> None:
    with pytest.raises(ValueError, match=r"would overlap. Use data.patches"):
        data.load("textures").split()
    with pytest.raises(ValueError, match="no whole photographs"):
        data.load("mnist").patches()


def test_a_split_with_default_values_is_the_fixed_one() -> None:
    for name in ("mnist", "coast", "lending_club"):
        loaded = data.load(name)
        parts = loaded.split()
        assert np.array_equal(parts.x_test, loaded.x_test)
        assert np.array_equal(parts.y_train, loaded.y_train)


@pytest.mark.parametrize("share", [0, 1, -0.1, 20])
def test_a_share_outside_0_and_1_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        data.load("mnist").split(test=share)
