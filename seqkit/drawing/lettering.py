"""How wide words are, and where they break: pictures are laid out without a browser's help."""

from __future__ import annotations

import re
from collections.abc import Callable

_NARROW = set("iljftrI.,:;'|!()[] ·")
_WIDE = set("mwMWGOQDHNUAVXBCRKP@%&—…×")


def text_width(words: str, size: float, bold: bool = False) -> float:
    """Return about how wide the words are in Helvetica or Arial.

    Args:
        words: one line.
        size: height of the type.
        bold: whether it is bold.

    Example:
        >>> text_width("Illi", 10) < text_width("MaxW", 10)
        True
    """
    ems = sum(0.31 if c in _NARROW else 0.75 if c in _WIDE else 0.55 for c in words)
    return ems * size * (1.07 if bold else 1.0)


def broken(words: str, size: float, width: float, lines: int, bold: bool = False) -> list[str]:
    """Break words into lines that fit; what is too long ends in an ellipsis.

    Args:
        words: what to write.
        size: height of the type.
        width: room for a line.
        lines: how many lines at most.
        bold: whether the type is bold.

    Returns:
        The lines.

    Example:
        >>> broken("GlobalAveragePooling2D", 11, 90, 2, bold=True)
        ['GlobalAverage', 'Pooling2D']
    """

    def fits(text: str) -> bool:
        return text_width(text, size, bold) <= width

    done: list[str] = []
    line = ""
    for piece in _pieces(words, fits):
        if not line or fits((line + piece).rstrip()):
            line += piece
            continue
        done.append(line.rstrip())
        line = piece.lstrip()
    done.append(line.rstrip())
    if len(done) > lines:
        done = done[:lines]
        done[-1] = _shortened(done[-1] + "…", fits)
    return [one if fits(one) else _shortened(one, fits) for one in done]


def _pieces(words: str, fits: Callable[[str], bool]) -> list[str]:
    """Words with the space after them; a word that is too long also breaks at a capital."""
    pieces: list[str] = []
    for word in re.findall(r"\S+(?: · \S+)*\s*", words):
        if not fits(word.rstrip()):
            pieces += re.split(r"(?<=\w)(?=[A-Z][a-z])|(?<=_)", word)
        else:
            pieces.append(word)
    return pieces


def _shortened(line: str, fits: Callable[[str], bool]) -> str:
    stem = line.rstrip("…")
    while stem and not fits(stem + "…"):
        stem = stem[:-1]
    return stem + "…"
