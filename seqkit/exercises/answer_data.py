"""An answer as plain data: JSON values and arrays, nothing that can run.

A check reads the live object into `AnswerData` and judges only that. The two halves may therefore
run in different processes: reading beside the learner's code, judging where it cannot reach.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from seqkit.exercises.errors import WrongAnswerKindError
from seqkit.exercises.keras_types import Json

MAX_ARRAY_BYTES = 400_000_000
MAX_ARRAYS = 5_000


@dataclass(frozen=True)
class AnswerData:
    """One answer without any live object.

    Attributes:
        kind: the name of the answer kind that read it.
        values: JSON values only.
        arrays: numeric arrays, by name.

    Example:
        >>> data = AnswerData("integer", {"value": 3})
        >>> AnswerData.from_bytes(*data.to_bytes()) == data
        True
    """

    kind: str
    values: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    def to_bytes(self) -> tuple[bytes, bytes]:
        """Write the data as JSON text and as an npz archive.

        Returns:
            The two files as bytes.
        """
        text = json.dumps({"kind": self.kind, "values": self.values})
        archive = io.BytesIO()
        arrays: dict[str, Any] = self.arrays
        np.savez(archive, **arrays)
        return text.encode(), archive.getvalue()

    @classmethod
    def from_bytes(cls, text: bytes, archive: bytes) -> AnswerData:
        """Read what `to_bytes` wrote; pickled objects are refused.

        Args:
            text: the JSON text.
            archive: the npz archive.

        Returns:
            The same data.

        Raises:
            ValueError: when the arrays would be larger than `MAX_ARRAY_BYTES`.
        """
        record = json.loads(text)
        _refuse_bomb(archive)
        with np.load(io.BytesIO(archive), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return cls(record["kind"], record["values"], arrays)


def _refuse_bomb(archive: bytes) -> None:
    """Refuse an archive of a few bytes that would fill the memory."""
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        entries = file.infolist()
    names = {entry.filename for entry in entries}
    if len(entries) > MAX_ARRAYS or len(names) < len(entries):
        raise ValueError(f"There are {len(entries):,} arrays; the limit is {MAX_ARRAYS:,}.")
    size = sum(entry.file_size for entry in entries)
    if size > MAX_ARRAY_BYTES:
        raise ValueError(f"The arrays have {size:,} bytes; the limit is {MAX_ARRAY_BYTES:,}.")


def pack(value: object, arrays: dict[str, np.ndarray], key: str) -> Json:
    """Turn numbers, text, arrays, tensors and containers of them into JSON values.

    Args:
        value: what to pack.
        arrays: receives every array under a name that begins with `key`.
        key: the name of this value.

    Returns:
        A JSON value; an array becomes `{"array": name}`, a tuple `{"tuple": [...]}`.

    Raises:
        WrongAnswerKindError: for an object that is none of these.

    Example:
        >>> arrays = {}
        >>> pack((1, np.zeros(2)), arrays, "out")
        {'tuple': [1, {'array': 'out.1'}]}
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return pack(value.item(), arrays, key)
    if isinstance(value, list | tuple):
        items = [pack(item, arrays, f"{key}.{index}") for index, item in enumerate(value)]
        return {"tuple": items} if isinstance(value, tuple) else items
    if isinstance(value, Mapping):
        packed = {str(name): pack(item, arrays, f"{key}.{name}") for name, item in value.items()}
        return {"dict": packed}
    array = _as_array(value)
    if array is None or array.dtype == object:
        raise WrongAnswerKindError(
            f"A {type(value).__name__} came; numbers, text, arrays, or lists of them were expected."
        )
    arrays[key] = array
    return {"array": key}


def unpack(value: Json, arrays: Mapping[str, np.ndarray]) -> Json:
    """Turn what `pack` made back into numbers, text, arrays and containers.

    Args:
        value: a JSON value from `pack`.
        arrays: the arrays that `pack` filled.

    Returns:
        The value; tensors come back as NumPy arrays.

    Example:
        >>> unpack({"tuple": [1, {"array": "a"}]}, {"a": np.zeros(2)})
        (1, array([0., 0.]))
    """
    if isinstance(value, list):
        return [unpack(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return arrays[value["array"]]
    if "tuple" in value:
        return tuple(unpack(item, arrays) for item in value["tuple"])
    return {name: unpack(item, arrays) for name, item in value["dict"].items()}


def _as_array(value: object) -> np.ndarray | None:
    """The value as an array, for arrays and tensors of any backend; None for anything else."""
    if isinstance(value, np.ndarray):
        return value
    import keras

    if keras.ops.is_tensor(value):
        return np.asarray(keras.ops.convert_to_numpy(value))
    return None
