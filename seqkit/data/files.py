"""The shipped files: read, checked against their checksums, described by the notice."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

FOLDER = Path(__file__).resolve().parent.parent / "datasets"
NOTICE = "NOTICE.md"
CHECKSUMS = "SHA256SUMS"
_REPAIR = "Install seqkit again: pip install --force-reinstall --no-deps seqkit"


class DataFileError(RuntimeError):
    """A shipped data file is missing or damaged."""


@dataclass(frozen=True)
class NoticeRow:
    """One row of the notice: where a file comes from and what to mind."""

    file: str
    content: str
    shapes: str
    source: str
    licence: str
    caution: str


def read_bytes(file: str) -> bytes:
    """Return the content of a shipped file, after its checksum was compared.

    Args:
        file: The name of the file in the folder of data sets.

    Returns:
        The bytes of the file.

    Raises:
        DataFileError: If the file is missing, not listed, or not what was shipped.

    Example:
        >>> len(read_bytes("seattle-weather.csv.gz"))
        11242
    """
    path = FOLDER / file
    if not path.is_file():
        raise DataFileError(f"The data file {file} is missing. {_REPAIR}")
    content = path.read_bytes()
    expected = checksums().get(file)
    if expected is None:
        raise DataFileError(f"The data file {file} is not listed in {CHECKSUMS}. {_REPAIR}")
    if hashlib.sha256(content).hexdigest() != expected:
        raise DataFileError(
            f"The data file {file} is damaged: its checksum is not the one in {CHECKSUMS}. "
            f"{_REPAIR}"
        )
    return content


def read_npz(file: str) -> dict[str, Array]:
    """Return the arrays of a shipped `.npz` file by name.

    Args:
        file: The name of the file.

    Returns:
        The arrays.

    Example:
        >>> read_npz("mnist_5k.npz")["x"].shape
        (5000, 28, 28)
    """
    # Pickled objects could run code, so they are never loaded.
    with np.load(io.BytesIO(read_bytes(file)), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def read_csv(file: str) -> dict[str, Array]:
    """Return the columns of a shipped `.csv.gz` file by name, each with a fitting type.

    Args:
        file: The name of the file.

    Returns:
        For each column an array of integers, of floats, or of Python strings.

    Example:
        >>> read_csv("seattle-weather.csv.gz")["temp_max"][:3].tolist()
        [12.8, 10.6, 11.7]
    """
    text = gzip.decompress(read_bytes(file)).decode("utf-8")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    columns = zip(*rows, strict=True)
    return {name: _typed(column) for name, column in zip(header, columns, strict=True)}


def _typed(column: tuple[str, ...]) -> Array:
    for kind in (np.int64, np.float64):
        try:
            return np.array(column, dtype=kind)
        except ValueError:
            continue
    # Objects, not fixed-width text: one long e-mail would make every row as wide as itself.
    return np.array(column, dtype=object)


@cache
def checksums() -> dict[str, str]:
    """Return the SHA-256 checksum of each shipped file.

    Example:
        >>> len(checksums()["mnist_5k.npz"])
        64
    """
    lines = (FOLDER / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    pairs = (line.split(maxsplit=1) for line in lines if line.strip())
    return {file.strip().lstrip("*"): digest for digest, file in pairs}


@cache
def notice() -> dict[str, NoticeRow]:
    """Return the rows of the notice by file name.

    Example:
        >>> notice()["textures.npz"].licence
        'CC0'
    """
    rows: dict[str, NoticeRow] = {}
    for line in (FOLDER / NOTICE).read_text(encoding="utf-8").splitlines():
        cells = [_plain(cell) for cell in line.strip().strip("|").split("|")]
        if len(cells) == 6 and cells[0].endswith((".npz", ".csv.gz")):
            rows[cells[0]] = NoticeRow(*cells)
    return rows


def _plain(cell: str) -> str:
    """Return a cell without the marks of markdown."""
    return cell.replace("`", "").replace("*", "").strip()
