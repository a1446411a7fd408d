"""Small parts of sentences that several messages share."""

from __future__ import annotations

from collections.abc import Sequence

_ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)


def ordinal(number: int) -> str:
    """Write a place as a word.

    Args:
        number: the place, from 1.

    Returns:
        For example `second`; a number from 11 on.

    Example:
        >>> ordinal(2), ordinal(12)
        ('second', '12th')
    """
    return _ORDINALS[number - 1] if number <= len(_ORDINALS) else f"{number}th"


def listed(values: Sequence[object]) -> str:
    """Write values as a list in a sentence.

    Args:
        values: what to list.

    Returns:
        The values with commas and one `and`; `no` when there are none.

    Example:
        >>> listed([128, 64, 10]), listed([])
        ('128, 64 and 10', 'no')
    """
    texts = [str(value) for value in values]
    if len(texts) < 2:
        return texts[0] if texts else "no"
    return f"{', '.join(texts[:-1])} and {texts[-1]}"


def percent(share: float) -> str:
    """Write a share as whole per cent.

    Args:
        share: a number from 0 to 1.

    Returns:
        The per cent, with a space before the sign as everywhere in the course.

    Example:
        >>> percent(0.512)
        '51 %'
    """
    return f"{100 * share:.0f} %"
