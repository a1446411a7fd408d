"""Facts about the arrays that are passed as x and y."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Kind = Literal["real", "integer", "boolean", "text", "object"]
Encoding = Literal["integers", "binary", "one-hot", "multi-hot", "probabilities", "real", "unknown"]

MOST_VALUES = 4_000_000
"""Arrays with more values are looked at in part: every n-th example."""


@dataclass(frozen=True)
class ArrayFacts:
    """One array, described.

    Attributes:
        shape: its shape, examples first.
        dtype: name of its dtype.
        kind: what its values are.
        low: the lowest finite value; None without numbers.
        high: the highest finite value; None without numbers.
        nans: how many values are NaN, among those that were looked at.
        infinities: how many are infinite.
        whole: whether all values are whole numbers.
        constant: how many of the columns hold one value only (arrays of two axes).
        sampled: whether only a part was looked at.
    """

    shape: tuple[int, ...]
    dtype: str
    kind: Kind
    low: float | None = None
    high: float | None = None
    nans: int = 0
    infinities: int = 0
    whole: bool = False
    constant: int = 0
    sampled: bool = False

    @property
    def examples(self) -> int | None:
        """Number of examples; None for a single number."""
        return self.shape[0] if self.shape else None


@dataclass(frozen=True)
class LabelFacts:
    """Labels, described.

    Attributes:
        array: the facts of the array.
        encoding: "integers" (0, 1, 2, …, one for each example), "binary" (only 0 and 1, one for
            each example), "one-hot" (one 1 in each row), "multi-hot" (zeros and ones otherwise),
            "probabilities" (each row sums to 1), "real" or "unknown".
        classes: number of classes that the encoding shows: its width, or the highest integer + 1.
        counts: how often each class occurs, by class; empty where that means nothing.
    """

    array: ArrayFacts
    encoding: Encoding
    classes: int | None = None
    counts: tuple[tuple[int, int], ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the labels, examples first."""
        return self.array.shape

    @property
    def width(self) -> int:
        """Numbers for each example on the last axis; 1 when there is no such axis."""
        return self.shape[-1] if len(self.shape) > 1 else 1


def as_array(data: Any) -> np.ndarray | None:
    """Return data as a NumPy array, or None if it is not one array of any library.

    Example:
        >>> as_array([1, 2]) is None
        True
        >>> as_array(np.zeros(3)).shape
        (3,)
    """
    if isinstance(data, np.ndarray):
        return data
    typed = hasattr(data, "dtype") or hasattr(data, "dtypes")  # an array, or a table
    if not typed or not hasattr(data, "shape"):
        return None
    try:
        if hasattr(data, "detach"):  # a torch tensor, maybe on a GPU
            data = data.detach().cpu()
        return np.asarray(data)
    except Exception:  # a symbolic tensor, or one that has no values
        return None


def array_facts(data: Any) -> ArrayFacts | None:
    """Describe an array.

    Args:
        data: a NumPy array, a backend's tensor, or a pandas object.

    Returns:
        The facts, or None if this is not one array (a list, a dict, a data set).

    Example:
        >>> facts = array_facts(np.array([[0, 255], [3, 4]], dtype="uint8"))
        >>> facts.shape, facts.kind, facts.low, facts.high
        ((2, 2), 'integer', 0.0, 255.0)
    """
    array = as_array(data)
    return None if array is None else _facts(array)


def label_facts(data: Any) -> LabelFacts | None:
    """Describe labels.

    Args:
        data: the labels, as `fit` gets them.

    Returns:
        The facts, or None if this is not one array.

    Example:
        >>> label_facts(np.eye(3)[[0, 2, 1, 1]]).encoding
        'one-hot'
        >>> label_facts(np.array([0, 2, 1])).classes
        3
    """
    array = as_array(data)
    if array is None:
        return None
    facts = _facts(array)
    seen = _part(array)
    encoding = _encoding(seen, facts)
    if encoding in ("one-hot", "probabilities", "multi-hot"):
        classes: int | None = int(array.shape[-1])
    elif encoding in ("integers", "binary") and facts.high is not None:
        classes = int(facts.high) + 1
    else:
        classes = None
    return LabelFacts(facts, encoding, classes, _counts(seen, encoding))


def _facts(array: np.ndarray) -> ArrayFacts:
    kind = _kind(array)
    seen = _part(array)
    plain = ArrayFacts(tuple(array.shape), str(array.dtype), kind, sampled=seen is not array)
    if kind in ("text", "object") or seen.size == 0:
        return plain
    finite = seen
    nans = infinities = 0
    whole = kind != "real"
    if kind == "real":
        values = seen.astype("float32") if seen.dtype.itemsize < 4 else seen  # bfloat16, float16
        good = np.isfinite(values)
        if not good.all():
            nans = int(np.isnan(values).sum())
            infinities = int((~good).sum()) - nans
        finite = values[good] if nans or infinities else values
        whole = bool(finite.size) and bool((finite == np.floor(finite)).all())
    return ArrayFacts(
        plain.shape,
        plain.dtype,
        kind,
        float(finite.min()) if finite.size else None,
        float(finite.max()) if finite.size else None,
        nans,
        infinities,
        whole,
        _constant_columns(seen),
        plain.sampled,
    )


def _part(array: np.ndarray) -> np.ndarray:
    """The array, or every n-th example of a large one."""
    if array.size <= MOST_VALUES or not array.ndim:
        return array
    return array[:: -(-array.size // MOST_VALUES)]


def _kind(array: np.ndarray) -> Kind:
    letter = array.dtype.kind
    if letter == "b":
        return "boolean"
    if letter in "iu":
        return "integer"
    if letter in "fV" and np.issubdtype(array.dtype, np.generic) and letter == "f":
        return "real"
    if letter in "US":
        return "text"
    if letter == "O":
        first = array.flat[0] if array.size else None
        return "text" if isinstance(first, str | bytes) else "object"
    return "real" if "float" in str(array.dtype) else "object"


def _constant_columns(array: np.ndarray) -> int:
    if array.ndim != 2 or len(array) < 2:
        return 0
    return int((array == array[:1]).all(axis=0).sum())


def _encoding(array: np.ndarray, facts: ArrayFacts) -> Encoding:
    if facts.low is None or facts.high is None:
        return "unknown"
    one_each = array.ndim < 2 or array.shape[-1] == 1
    if facts.nans or facts.infinities:
        return "real"
    zero_one = facts.whole and facts.low >= 0 and facts.high <= 1
    if one_each:
        if zero_one:
            return "binary"
        return "integers" if facts.whole and facts.low >= 0 and _few(facts) else "real"
    if zero_one:
        return "one-hot" if (array.sum(axis=-1) == 1).all() else "multi-hot"
    if facts.low >= 0 and np.allclose(array.sum(axis=-1), 1.0, atol=1e-3):
        return "probabilities"
    return "integers" if facts.whole and facts.low >= 0 and facts.kind == "integer" else "real"


def _few(facts: ArrayFacts) -> bool:
    """Whether whole numbers may be classes: prices in euro are whole numbers, too."""
    return facts.kind == "integer" or (facts.high or 0.0) < 1000


def _counts(array: np.ndarray, encoding: Encoding) -> tuple[tuple[int, int], ...]:
    if encoding == "one-hot":
        array = array.argmax(axis=-1)
    elif encoding not in ("integers", "binary"):
        return ()
    values, counts = np.unique(array, return_counts=True)
    return tuple((int(value), int(count)) for value, count in zip(values, counts, strict=True))
