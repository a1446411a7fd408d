"""Keras' own words, made stable: no addresses, no colour codes, no page-long traces."""

from __future__ import annotations

import re
import traceback

LIMIT = 400


def original_words(error: BaseException) -> str:
    r"""Return the class and message of an exception on one line.

    Example:
        >>> original_words(ValueError("Bad input:\n <Dense at 0x7f12ab>"))
        'ValueError: Bad input: <Dense>'
    """
    text = f"{type(error).__name__}: {_clean(str(error))}"
    return text if len(text) <= LIMIT else text[:LIMIT].rsplit(" ", 1)[0] + " …"


def original_traceback(error: BaseException) -> str:
    """Return the traceback as Python prints it, for the folded part of the card."""
    return _clean_codes("".join(traceback.format_exception(error)))


def _clean(text: str) -> str:
    return re.sub(r"\s+", " ", _clean_codes(text)).strip()


def _clean_codes(text: str) -> str:
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    return re.sub(r" at 0x[0-9a-fA-F]+", "", text)
