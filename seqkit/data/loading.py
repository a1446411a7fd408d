"""`load` and `names`: from a name to a data set."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

from seqkit.data import images, series, tables, texts
from seqkit.data.dataset import Card, Dataset, with_rows
from seqkit.data.files import notice


@dataclass(frozen=True)
class Entry:
    """How one set is made: its file, its title, and the functions that read it."""

    file: str
    title: str
    read: Callable[[Card], Dataset]
    read_full: Callable[[Card], Dataset] | None = None


CATALOGUE: dict[str, Entry] = {
    "fashion": Entry(
        "fashion_12k_2k.npz",
        "Fashion-MNIST: 28 x 28 grey pictures of clothes, 10 classes",
        images.fashion,
        images.full_fashion,
    ),
    "mnist": Entry(
        "mnist_5k.npz",
        "MNIST: 28 x 28 grey pictures of handwritten digits, 10 classes",
        images.mnist,
        images.full_mnist,
    ),
    "textures": Entry(
        "textures.npz", "Three grey photographs: brick, grass, gravel", images.textures
    ),
    "china_flower": Entry(
        "china_flower.npz", "Two colour photographs: a temple, a flower", images.china_flower
    ),
    "coast": Entry(
        "coast_300.npz",
        "Satellite tiles of coasts, with a mask: 1 is land, 0 is water",
        images.coast,
    ),
    "reviews": Entry(
        "vader_movieReviewSnippets.csv.gz",
        "Sentences of movie reviews, negative or positive",
        texts.reviews,
    ),
    "spam": Entry(
        "spamassassin_60w.csv.gz", "The first 60 words of e-mails, ham or spam", texts.spam
    ),
    "weather_hourly": Entry(
        "tmy3_greensboro.npz",
        "A typical year of weather, hour by hour, Greensboro (North Carolina)",
        series.weather_hourly,
    ),
    "weather_daily": Entry(
        "seattle-weather.csv.gz",
        "Four years of weather, day by day, Seattle, 2012 to 2015",
        series.weather_daily,
    ),
    "lending_club": Entry(
        "lending_club.csv.gz", "Loans: paid back (good) or not (bad)", tables.lending_club
    ),
    "shuttle": Entry(
        "shuttle.csv.gz", "Sensor rows of a space shuttle, normal or anomalous", tables.shuttle
    ),
    "tate_art": Entry(
        "tate_art.csv.gz",
        "Artworks of the Tate: title and metadata, 6 kinds",
        tables.tate_art,
    ),
}


def names() -> tuple[str, ...]:
    """Return the names of all data sets.

    Returns:
        The names, in the order of the catalogue.

    Example:
        >>> names()[:3]
        ('fashion', 'mnist', 'textures')
    """
    return tuple(CATALOGUE)


def load(name: str, full: bool = False, or_shipped: bool = False) -> Dataset:
    """Load a data set by its name.

    Taught in lesson 01.

    Args:
        name: One of `names()`.
        full: Load the whole set instead of the shipped one. Only `fashion` and `mnist` have
            more; they are downloaded through `keras.datasets`. For any other set a warning says
            that the shipped set is all there is, and the shipped set is returned.
        or_shipped: Where the whole set cannot be downloaded, warn and return the shipped one.

    Returns:
        The data set. Print it to see shapes, licence and caution.

    Raises:
        ValueError: If there is no set of this name.
        DataFileError: If the shipped file is missing or damaged.
        ConnectionError: If the whole set could not be downloaded, unless `or_shipped`.

    Example:
        >>> fashion = load("fashion")
        >>> fashion.x_train.shape, fashion.y_train.shape
        ((12000, 28, 28), (12000,))
        >>> fashion.classes[int(fashion.y_train[0])] in fashion.classes
        True
    """
    entry = CATALOGUE.get(name) if isinstance(name, str) else None
    if entry is None:
        raise ValueError(_unknown(name))
    row = notice()[entry.file]
    card = Card(name, entry.title, row.licence, row.source, row.caution)
    if full and entry.read_full is not None:
        try:
            return _load_full(entry.read_full, card)
        except ConnectionError as error:
            if not or_shipped:
                raise
            warnings.warn(f"{error} The shipped set is used.", stacklevel=2)
            return with_rows(entry.read(card))
    if full:
        warnings.warn(
            f"There is no larger version of {name!r}: the shipped set is all there is.",
            stacklevel=2,
        )
    return with_rows(entry.read(card))


def _load_full(read_full: Callable[[Card], Dataset], card: Card) -> Dataset:
    try:
        data = read_full(card)
    except Exception as error:  # a download fails in many ways; the cause stays attached
        raise ConnectionError(
            f"The whole set {card.name!r} could not be downloaded: {error}. "
            f"Without a network use the shipped set: sk.data.load({card.name!r})."
        ) from error
    whole = replace(data.card, source="keras.datasets", caution="the whole set")
    return with_rows(replace(data, card=whole, full=True))


def _unknown(name: object) -> str:
    near = difflib.get_close_matches(str(name).lower(), CATALOGUE, n=3, cutoff=0.5)
    known = f"The data sets are: {', '.join(CATALOGUE)}."
    if near:
        return f"There is no data set {name!r}. Did you mean {' or '.join(near)}? {known}"
    return f"There is no data set {name!r}. {known}"
