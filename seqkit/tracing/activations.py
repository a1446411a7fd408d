"""What a layer gave for real data: its range, its zeros, what is not finite, its memory."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from seqkit.graph.shapes import tensors_in


@dataclass(frozen=True)
class Activation:
    """The numbers that left one layer, for all examples together.

    Attributes:
        examples: how many examples went through.
        values: how many numbers came out.
        lowest: the smallest finite number; None when there is none.
        highest: the largest finite number; None when there is none.
        zeros: the share of numbers that are exactly 0, from 0 to 1; None for text.
        nan: how many are not a number (NaN).
        infinite: how many are infinite.
        bytes: memory of the output, all examples together.
    """

    examples: int
    values: int
    lowest: float | None
    highest: float | None
    zeros: float | None
    nan: int
    infinite: int
    bytes: int

    @property
    def finite(self) -> bool:
        """Whether every number is one: no NaN, nothing infinite."""
        return not self.nan and not self.infinite

    @property
    def bytes_per_example(self) -> int:
        """Memory of the output for one example."""
        return self.bytes // self.examples


def measure(outputs: Any, examples: int) -> Activation:
    """Measure what a layer gave.

    Args:
        outputs: a tensor, or a structure of tensors; they are measured together.
        examples: how many examples went in.

    Returns:
        An `Activation`.

    Example:
        >>> import numpy as np
        >>> seen = measure(np.array([[0.0, -2.0], [5.0, np.nan]]), examples=2)
        >>> seen.lowest, seen.highest, seen.zeros, seen.nan
        (-2.0, 5.0, 0.25, 1)
    """
    parts = [_measure_one(tensor, examples) for tensor in tensors_in(outputs)]
    return parts[0] if len(parts) == 1 else _together(parts, examples)


def size_of(dtype: Any) -> int:
    """Bytes of one number of a dtype.

    Example:
        >>> size_of("float32"), size_of("bfloat16"), size_of("bool")
        (4, 2, 1)
    """
    bits = re.search(r"\d+", keras.backend.standardize_dtype(dtype))
    return max(1, int(bits.group()) // 8) if bits else 1


def _measure_one(tensor: Any, examples: int) -> Activation:
    values = _numbers(tensor)
    if values is None:
        count = int(np.prod(tuple(tensor.shape)))
        return Activation(examples, count, None, None, None, 0, 0, 0)
    stored = values.size * size_of(tensor.dtype)
    if not values.size:
        return Activation(examples, 0, None, None, None, 0, 0, 0)
    zeros = 1 - int(np.count_nonzero(values)) / values.size
    lowest, highest, nan, infinite = _range(values)
    return Activation(examples, values.size, lowest, highest, zeros, nan, infinite, stored)


def _numbers(tensor: Any) -> np.ndarray | None:
    """The values as NumPy can compare them; None for text."""
    if isinstance(tensor, np.ndarray):
        values = tensor
    elif "str" in str(tensor.dtype):
        return None
    else:
        if getattr(tensor, "sparse", False) or type(tensor).__name__ in ("SparseTensor", "BCOO"):
            tensor = keras.ops.convert_to_tensor(tensor, sparse=False)
        values = keras.ops.convert_to_numpy(tensor)
    if values.dtype.kind in "USO":
        return None
    return values.astype("float32") if values.dtype.kind == "V" else values  # bfloat16


def _range(values: np.ndarray) -> tuple[float | None, float | None, int, int]:
    """Lowest and highest finite number, and how many are NaN and infinite."""
    lowest, highest = float(values.min()), float(values.max())  # a NaN anywhere makes both NaN
    if np.isfinite(lowest) and np.isfinite(highest):
        return lowest, highest, 0, 0
    finite = values[np.isfinite(values)]
    nan = int(np.isnan(values).sum())
    infinite = values.size - finite.size - nan
    if not finite.size:
        return None, None, nan, infinite
    return float(finite.min()), float(finite.max()), nan, infinite


def _together(parts: Sequence[Activation], examples: int) -> Activation:
    """Several outputs of one layer, as if they were one."""
    values = sum(part.values for part in parts)
    counted = [part for part in parts if part.zeros is not None]
    known = sum(part.values for part in counted)
    zeros = sum((part.zeros or 0) * part.values for part in counted)
    return Activation(
        examples=examples,
        values=values,
        lowest=min((p.lowest for p in parts if p.lowest is not None), default=None),
        highest=max((p.highest for p in parts if p.highest is not None), default=None),
        zeros=zeros / known if known else None,
        nan=sum(part.nan for part in parts),
        infinite=sum(part.infinite for part in parts),
        bytes=sum(part.bytes for part in parts),
    )
