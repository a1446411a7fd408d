"""The sets of tables: loans, sensors, artworks."""

from __future__ import annotations

from collections import Counter

import numpy as np

from seqkit.data.dataset import Card, Dataset
from seqkit.data.files import Array, read_csv

# An artist with fewer works than this has no feature of his or her own.
WORKS_FOR_A_FEATURE = 3
KINDS = ("print", "painting", "other", "photo", "video", "drawing")


def lending_club(card: Card) -> Dataset:
    """Read loans and write every feature but the state as a number.

    Args:
        card: Name, licence and so on.

    Returns:
        9,857 loans; y is 1 for a bad loan, 5.2 % of them.
    """
    columns = read_csv("lending_club.csv.gz")
    features = _loan_features(columns)
    return Dataset(
        card,
        x=np.stack(list(features.values()), axis=1).astype(np.float32),
        y=(columns["Class"] == "bad").astype(np.uint8),
        classes=("good", "bad"),
        features=tuple(features),
        columns=columns,
        rule="fixed (seed 0): 20 % of each class is for the test",
        notes=("x is not scaled, and leaves out addr_state (50 states), which is in columns",),
    )


def shuttle(card: Card) -> Dataset:
    """Read sensor rows.

    Args:
        card: Name, licence and so on.

    Returns:
        49,097 rows of 9 sensors; y is 1 for an anomaly.
    """
    columns = read_csv("shuttle.csv.gz")
    features = tuple(name for name in columns if name != "anomaly")
    return Dataset(
        card,
        x=np.stack([columns[name] for name in features], axis=1).astype(np.float32),
        y=columns["anomaly"].astype(np.uint8),
        classes=("normal", "anomaly"),
        features=features,
        columns=columns,
        rule="fixed (seed 0): 20 % of each class is for the test",
        notes=("for a realistic share of anomalies: data.with_share(1, 0.005)",),
    )


def tate_art(card: Card) -> Dataset:
    """Read artworks: a title, and metadata made of the year and the artist.

    The medium is no input: it gives the kind away (every medium has exactly one kind).

    Args:
        card: Name, licence and so on.

    Returns:
        4,284 works; x has the entries "title" and "metadata".
    """
    columns = read_csv("tate_art.csv.gz")
    works = Counter(columns["artist"])
    artists = tuple(sorted(a for a, count in works.items() if count >= WORKS_FOR_A_FEATURE))
    labels = {kind: label for label, kind in enumerate(KINDS)}
    return Dataset(
        card,
        x={"title": columns["title"], "metadata": _art_metadata(columns, artists)},
        y=np.array([labels[kind] for kind in columns["kind"]], dtype=np.uint8),
        classes=KINDS,
        features=("year", *(f"artist={name}" for name in artists)),
        columns=columns,
        rule="fixed (seed 0): 20 % of each class is for the test",
        notes=(
            f"metadata: the year scaled to 0…1, then one column for each of the {len(artists)} "
            f"artists with {WORKS_FOR_A_FEATURE} works or more",
            "the column medium gives the kind away: never use it as an input",
            "sheets of one series share title, artist and year, and may be on both sides",
        ),
    )


def _art_metadata(columns: dict[str, Array], artists: tuple[str, ...]) -> Array:
    year = columns["year"]
    scaled = (year - year.min()) / (year.max() - year.min())
    known = np.array(artists, dtype=object)
    one_hot = columns["artist"][:, None] == known[None, :]
    return np.concatenate([scaled[:, None], one_hot], axis=1).astype(np.float32)


def _loan_features(columns: dict[str, Array]) -> dict[str, Array]:
    """Return numbers by feature name, in the order of the file."""
    features: dict[str, Array] = {}
    for name, column in columns.items():
        if name == "term":
            features["term_months"] = np.array([int(term[5:]) for term in column])
        elif name == "sub_grade":
            features["sub_grade_rank"] = np.array([_grade_rank(grade) for grade in column])
        elif name == "emp_length":
            features["emp_years"] = np.array([_years_employed(length) for length in column])
            features["emp_unknown"] = column == "emp_unk"
        elif name == "verification_status":
            for status in ("Verified", "Source_Verified"):
                features[status.lower()] = column == status
        elif column.dtype != object:
            features[name] = column
    return features


def _grade_rank(grade: str) -> int:
    """Return 1 for A1, the best, up to 35 for G5."""
    return "ABCDEFG".index(grade[0]) * 5 + int(grade[1])


def _years_employed(length: str) -> int:
    """Return full years: 0 for less than one or unknown, 10 for ten or more."""
    years = {"emp_lt_1": 0, "emp_unk": 0, "emp_ge_10": 10}
    return years[length] if length in years else int(length.removeprefix("emp_"))
