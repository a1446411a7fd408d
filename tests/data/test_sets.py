"""What the notice warns of is taken care of by the loader."""

from __future__ import annotations

import numpy as np
import pytest

from seqkit import data
from seqkit.data.texts import mask_senders


def test_fashion_keeps_its_own_nearly_balanced_split() -> None:
    fashion = data.load("fashion")
    assert fashion.x_train.shape == (12000, 28, 28)
    train, test = np.bincount(fashion.y_train), np.bincount(fashion.y_test)
    assert (train.min(), train.max()) == (1122, 1244)
    assert (test.min(), test.max()) == (188, 219)
    assert "subset" in fashion.caution


def test_mnist_is_balanced_on_both_sides() -> None:
    mnist = data.load("mnist")
    assert np.bincount(mnist.y_train).tolist() == [400] * 10
    assert np.bincount(mnist.y_test).tolist() == [100] * 10


def test_reviews_have_a_clear_score() -> None:
    reviews = data.load("reviews")
    assert (np.abs(reviews.columns["score"]) >= 0.5).all()
    assert np.array_equal(reviews.y == 1, reviews.columns["score"] > 0)
    assert len(set(reviews.x)) == len(reviews.x)
    assert 0.48 < reviews.y.mean() < 0.52  # type: ignore[union-attr]


def test_no_email_is_on_both_sides() -> None:
    spam = data.load("spam")
    assert not set(spam.x_train) & set(spam.x_test)
    assert "" not in set(spam.x)
    assert len(spam.x) < 6046


def test_senders_are_masked() -> None:
    assert mask_senders("John P. Looney wrote: > yes") == "NAME wrote: > yes"
    assert mask_senders("> From: Kiall Mac Innes EMAIL > Sent:") == "> From: NAME EMAIL > Sent:"
    assert mask_senders("the price is From: 20") == "the price is From: 20"
    texts = data.load("spam").x_train
    assert not any("From: Chris" in text for text in texts)


def test_coast_masks_are_unpacked() -> None:
    coast = data.load("coast")
    assert coast.y is not None
    assert coast.y.shape == (300, 64, 64, 1)
    assert set(np.unique(coast.y)) == {0, 1}
    share = coast.y.mean(axis=(1, 2, 3))
    assert share.min() > 0.1 and share.max() < 0.9
    # Deep water is darker than land: the mask lies the right way up.
    brightness = coast.x.mean(axis=-1, keepdims=True)
    assert brightness[coast.y == 1].mean() > brightness[coast.y == 0].mean() + 20


def test_daily_weather_is_tested_on_the_last_year() -> None:
    weather = data.load("weather_daily")
    days = weather.columns["date"]
    assert days[weather.test_rows].min() == np.datetime64("2015-01-01")
    assert days[weather.train_rows].max() == np.datetime64("2014-12-31")
    assert (np.diff(days) == np.timedelta64(1, "D")).all()


def test_hourly_weather_has_no_labels_and_says_what_to_use() -> None:
    with pytest.raises(AttributeError, match=r"data\.windows\(length=24\)"):
        _ = data.load("weather_hourly").y_train


def test_shuttle_anomalies_can_be_made_rare() -> None:
    rare = data.load("shuttle").with_share(1, 0.005)
    assert rare.y is not None
    assert abs(rare.y.mean() - 0.005) < 1e-4
    assert abs(rare.y_test.mean() - 0.005) < 1e-3
    assert len(rare.columns["f1"]) == len(rare.y)
    assert "thinned out" in str(rare)
    with pytest.raises(ValueError, match="only become rarer"):
        rare.with_share(1, 0.2)
    with pytest.raises(ValueError, match="no class 7"):
        rare.with_share(7, 0.1)


def test_loans_are_numbers_without_gaps() -> None:
    loans = data.load("lending_club")
    assert isinstance(loans.x, np.ndarray)
    assert loans.x.shape == (9857, 23)
    assert np.isfinite(loans.x).all()
    assert 0.05 < loans.y_test.mean() < 0.055
    ranks = loans.x[:, loans.features.index("sub_grade_rank")]
    assert (ranks.min(), ranks.max()) == (1, 35)


def test_art_gives_two_inputs_without_the_medium() -> None:
    art = data.load("tate_art")
    assert set(art.x_train) == {"title", "metadata"}
    metadata = art.x_train["metadata"]
    assert metadata.dtype == np.float32
    assert metadata.shape[1] == len(art.features)
    assert metadata.min() == 0 and metadata.max() == 1
    assert not any("paper" in name.lower() for name in art.features)
    assert len(art.classes) == 6
    assert art.columns["medium"].shape == art.columns["title"].shape


def _accuracy_of_a_linear_model(train: np.ndarray, test: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Least squares with a little shrinkage: the simplest linear classifier."""
    targets = np.eye(6)[y]
    gram = train.T @ train + 2.0 * np.eye(train.shape[1])
    return (test @ np.linalg.solve(gram, train.T @ targets)).argmax(axis=1)


def test_both_inputs_of_the_artworks_are_better_than_either() -> None:
    art = data.load("tate_art")
    words = sorted({w for title in art.x_train["title"] for w in title.lower().split()})
    place = {word: i for i, word in enumerate(words)}

    def bag(titles: np.ndarray) -> np.ndarray:
        counts = np.zeros((len(titles), len(words)), np.float32)
        for row, title in enumerate(titles):
            for word in title.lower().split():
                if word in place:
                    counts[row, place[word]] = 1
        return counts[:, frequent]

    frequent: slice | np.ndarray = slice(None)
    frequent = np.flatnonzero(bag(art.x_train["title"]).sum(axis=0) >= 3)

    def accuracy(parts: list[str]) -> float:
        def features(x: dict[str, np.ndarray]) -> np.ndarray:
            blocks = [bag(x["title"]) if part == "title" else x[part] for part in parts]
            return np.hstack([*blocks, np.ones((len(blocks[0]), 1))])

        guessed = _accuracy_of_a_linear_model(
            features(art.x_train), features(art.x_test), art.y_train
        )
        return float((guessed == art.y_test).mean())

    majority = float((art.y_test == 0).mean())
    title, metadata, both = (
        accuracy(["title"]),
        accuracy(["metadata"]),
        accuracy(["title", "metadata"]),
    )
    assert majority + 0.03 < title < metadata < both, (majority, title, metadata, both)
