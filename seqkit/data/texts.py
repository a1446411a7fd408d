"""The sets of text."""

from __future__ import annotations

import re

import numpy as np

from seqkit.data.dataset import Card, Dataset
from seqkit.data.files import Array, read_csv

CLEAR_SCORE = 0.5
_NAME = r"[A-Z][\w.'’-]*(?:\s+(?:[A-Z][\w.'’-]*|\([\w ]+\))){0,4}"
_SENDERS = (
    (re.compile(rf"(\bFrom:\s*)[\"']?{_NAME}[\"']?(?=\s|$)"), r"\1NAME"),
    (re.compile(rf"\"?\b{_NAME}\"?(?=\s+(?:EMAIL\s+)?(?:wrote|writes|said|posted):)"), "NAME"),
    (re.compile(rf"(Behalf Of\s*(?:>\s*)?){_NAME}"), r"\1NAME"),
)


def reviews(card: Card) -> Dataset:
    """Read sentences of movie reviews, and keep those with a clear opinion.

    Args:
        card: Name, licence and so on.

    Returns:
        Sentences with a mean human score of at least 0.5 in size; y is 1 for positive.
    """
    columns = read_csv("vader_movieReviewSnippets.csv.gz")
    total = len(columns["score"])
    clear = np.abs(columns["score"]) >= CLEAR_SCORE
    rows = np.flatnonzero(clear & _first_of_its_kind(columns["text"]))
    columns = {name: column[rows] for name, column in columns.items()}
    return Dataset(
        card,
        x=columns["text"],
        y=(columns["score"] > 0).astype(np.uint8),
        classes=("negative", "positive"),
        columns=columns,
        rule="fixed (seed 0): 20 % of each class is for the test",
        notes=(
            f"{total - len(rows)} of {total:,} sentences left out: score between -0.5 and 0.5, "
            "or repeated",
        ),
    )


def spam(card: Card) -> Dataset:
    """Read e-mails, drop what is repeated or empty, and mask names of senders.

    Args:
        card: Name, licence and so on.

    Returns:
        Texts; y is 1 for spam.
    """
    columns = read_csv("spamassassin_60w.csv.gz")
    total = len(columns["spam"])
    # Masked first: two copies that differ in the sender's name only are repeats, too.
    columns["text"] = np.array([mask_senders(text) for text in columns["text"]], dtype=object)
    rows = np.flatnonzero(_first_of_its_kind(columns["text"]))
    columns = {name: column[rows] for name, column in columns.items()}
    return Dataset(
        card,
        x=columns["text"],
        y=columns["spam"].astype(np.uint8),
        classes=("ham", "spam"),
        columns=columns,
        rule="fixed (seed 0): 20 % of each class is for the test",
        notes=(
            f"{total - len(rows)} of {total:,} e-mails dropped before the split: empty or repeated",
            "names in headers and quotations are masked as NAME; signatures may still hold names",
            "the column group gives the class away: never use it as an input",
        ),
    )


def mask_senders(text: str) -> str:
    """Replace the names of senders in headers and quotations by NAME.

    Args:
        text: The text of an e-mail.

    Returns:
        The text without these names. Names elsewhere, as in a signature, stay.

    Example:
        >>> mask_senders("From: Ada Lovelace EMAIL > Charles Babbage wrote: > yes")
        'From: NAME EMAIL > NAME wrote: > yes'
    """
    # The address mask is in capitals like a name, so it is put aside while names are sought.
    hidden = text.replace("EMAIL", "@")
    for pattern, mask in _SENDERS:
        hidden = pattern.sub(mask, hidden)
    return hidden.replace("@", "EMAIL") if "@" not in text else hidden


def _first_of_its_kind(texts: Array) -> Array:
    """Return True for each text that is not empty and was not seen before.

    Case, punctuation and spaces do not count: copies of an e-mail often differ only in these.
    """
    seen: set[str] = {""}
    first = []
    for text in texts:
        key = " ".join(re.findall(r"\w+", text.lower()))
        first.append(key not in seen)
        seen.add(key)
    return np.array(first)
