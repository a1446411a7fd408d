"""Names of files and folders that no student can choose."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_LONGEST = 60  # characters of a name; file systems allow 255 bytes
_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_HASHED = re.compile(r"(.*-)?[0-9a-f]{10}")
# Windows gives these names to devices, with any ending.
_DEVICES = re.compile(r"con|prn|aux|nul|com\d|lpt\d")


def safe_name(name: str) -> str:
    """Make the name of a file or folder from the name of a student or an exercise.

    A plain name stays as it is. Any other loses what a file system may not bear, and gets the
    beginning of a digest of the whole, so that two names never give the same file: not `Ana` and
    `ana` where capitals do not count, and not two spellings that look the same.

    Args:
        name: any text.

    Returns:
        Letters, digits, `-` and `_`.

    Example:
        >>> safe_name("ana_b"), safe_name("../x"), safe_name("Zoë 🦊")
        ('ana_b', 'x-d6b96a97d1', 'Zoë-c108b85acd')
    """
    if _PLAIN.fullmatch(name) and not _HASHED.fullmatch(name) and not _DEVICES.fullmatch(name):
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    letters = unicodedata.normalize("NFC", name)
    kept = "".join(letter if _is_letter(letter) else " " for letter in letters)
    words = "-".join(kept.split())[:_LONGEST].strip("-")
    return f"{words}-{digest}" if words else digest


def _is_letter(letter: str) -> bool:
    """Letters, their marks, and digits of any script; and what joins words."""
    return letter in "-_" or unicodedata.category(letter)[0] in "LMN"
