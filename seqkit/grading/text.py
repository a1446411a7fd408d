"""Text from students, made fit for the files that grading writes.

A message may quote what a student's program said, and a name may be anything: both may hold
control characters, lone surrogates, or what a spreadsheet would run as a formula.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from seqkit.files import write_whole

# What XML 1.0 cannot hold in any spelling; HTML and CSV readers stumble over it, too.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# A cell that begins so is a formula to Excel, LibreOffice or Google Sheets. Not only the first
# characters count: read with semicolons as separators, one cell becomes several.
_FORMULA = re.compile(r"(^|[;\t\n])([=+\-@＝＋－＠])")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")

_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile(r"\\u(d[89a-f][0-9a-f]{2})")
_ESCAPES = re.compile(r"\\\\|\\u(d[89a-f][0-9a-f]{2})")


def printable(text: str) -> str:
    r"""Take out what no page, table or XML file can hold.

    Args:
        text: any text.

    Returns:
        The text with `\n` as the only line break, and a replacement character for each control
        character.

    Example:
        >>> printable("a\x00b\r\nc")
        'a\ufffdb\nc'
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("\ufffd", lines)


def number(value: float) -> str:
    """Write points so that equal points are equal text.

    Args:
        value: a number.

    Returns:
        At most four decimals, and no zeros that say nothing.

    Example:
        >>> number(2.0), number(2 / 3), number(-0.0), number(1234.5)
        ('2', '0.6667', '0', '1234.5')
    """
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def harmless(text: str) -> str:
    """Write a cell of a table so that a spreadsheet shows it and never runs it.

    Args:
        text: what the cell says.

    Returns:
        The same text; where it would begin a formula, with an apostrophe before it. A number
        stays a number.

    Example:
        >>> harmless("=1+1"), harmless("not correct: a = b"), harmless("-1.5")
        ("'=1+1", 'not correct: a = b', '-1.5')
    """
    clean = printable(text)
    if _NUMBER.fullmatch(clean):
        return clean
    return _FORMULA.sub(r"\1'\2", clean)


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Write a table as CSV.

    Args:
        header: the names of the columns.
        rows: the cells as they are; see `harmless`.

    Returns:
        Text with one line for each row. A comma, a quote or a line break stands in quotes.

    Example:
        >>> csv_text(("name", "points"), [("Li, Wei", "2")])
        'name,points\n"Li, Wei",2\n'
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue()


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table as a CSV file, whole or not at all.

    Args:
        path: the file.
        header: the names of the columns.
        rows: the cells as they are; see `harmless`.
    """
    write_whole(path, csv_text(header, rows))


def storable(text: str) -> str:
    r"""Write any name or message as text that is valid Unicode.

    A file name that is no UTF-8 comes from the system with lone surrogates, which a database
    cannot store. They are written as escapes; different texts stay different.

    Args:
        text: any text.

    Returns:
        Text that `original` turns back.

    Example:
        >>> storable("ana"), storable("a\udcff")
        ('ana', 'a\\udcff')
    """
    if not _SURROGATE.search(text) and not _ESCAPED.search(text):
        return text
    return text.replace("\\", "\\\\").encode("utf-8", "backslashreplace").decode("utf-8")


def original(text: str) -> str:
    r"""Turn back what `storable` wrote.

    Args:
        text: from a database.

    Returns:
        The text as it was.

    Example:
        >>> original(storable("a\udcff\\")) == "a\udcff\\"
        True
    """
    if not _ESCAPED.search(text):
        return text
    return _ESCAPES.sub(lambda match: chr(int(match[1], 16)) if match[1] else "\\", text)


def some_of(names: Sequence[str], most: int = 20) -> str:
    """Names for a sentence; not a whole course of them.

    Args:
        names: any number.
        most: how many are shown.

    Returns:
        The names with commas.

    Example:
        >>> some_of(["ana", "ben", "cem"], most=2), some_of([])
        ('ana, ben, and 1 more', 'none')
    """
    shown = ", ".join(names[:most]) or "none"
    return f"{shown}, and {len(names) - most} more" if len(names) > most else shown
