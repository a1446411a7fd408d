"""From the data that a user passes to the tensors that enter the model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from seqkit.errors import InputShapeError
from seqkit.graph.records import Graph, Shape
from seqkit.graph.shapes import shape_of

MOST_EXAMPLES = 256
MOST_BYTES = 2**28  # of the largest activation: a batch of large pictures must fit in memory

WHAT_TO_PASS = "Pass an array with one row for each example, such as x_train[:64]."


@dataclass(frozen=True)
class Sample:
    """Data as it was passed, before it is cut and converted.

    Attributes:
        arrays: one array for each input.
        names: the keys, when the arrays came in a dict.
        examples: how many examples there are; of a data set, how many its first batch has.
        source: what is counted: "examples", or "examples of the first batch".
    """

    arrays: tuple[Any, ...]
    names: tuple[str, ...]
    examples: int
    source: str = "examples"


def is_data(value: Any) -> bool:
    """Whether a value is data: anything with an array in it, or a data set of batches.

    A tuple or list of whole numbers and None is a shape, and so is whatever is no container.

    Example:
        >>> import numpy as np
        >>> is_data(np.zeros((64, 28, 28, 1))), is_data([np.zeros((64, 3))]), is_data((28, 28, 1))
        (True, True, False)
    """
    if isinstance(value, list | tuple):
        return any(isinstance(one, list | tuple | dict) or _is_array(one) for one in value)
    return isinstance(value, dict) or _is_array(value) or _is_batches(value)


def sample_of(x: Any) -> Sample:
    """Take the data apart, and check that it is data.

    Args:
        x: an array, a tensor, a table, a list or dict of them, or a data set of batches.

    Returns:
        A `Sample`.

    Raises:
        InputShapeError: the data cannot be read; the sentence says what to pass.

    Example:
        >>> import numpy as np
        >>> sample_of({"a": np.zeros((5, 3)), "b": np.zeros((5, 2))}).names
        ('a', 'b')
    """
    source = "examples"
    if not isinstance(x, list | tuple | dict) and not _is_array(x):
        x, source = _first_batch(x), "examples of the first batch"
    names: tuple[str, ...] = ()
    if isinstance(x, dict):
        names, x = tuple(str(name) for name in x), list(x.values())
    arrays = tuple(_array(one) for one in (x if isinstance(x, list | tuple) else [x]))
    counts = {int(array.shape[0]) for array in arrays}
    if len(counts) != 1 or counts == {0}:
        raise InputShapeError(
            f"The inputs must hold equally many examples, and at least one; they hold "
            f"{' and '.join(str(array.shape[0]) for array in arrays) or 'none'}. {WHAT_TO_PASS}"
        )
    return Sample(arrays, names, counts.pop(), source)


def entry_of_sample(sample: Sample) -> Shape:
    """Return the shape of one example, for a model that does not know its input."""
    return shape_of(_only(sample))[1:]


def examples_to_use(graph: Graph, sample: Sample) -> int:
    """How many examples are run: at most 256, and fewer when the activations are very large."""
    largest = max(
        (math.prod(size or 1 for size in shape[1:]) for shape in _all_shapes(graph)), default=1
    )
    return max(1, min(sample.examples, MOST_EXAMPLES, MOST_BYTES // (4 * largest)))


def tensors_for(graph: Graph, sample: Sample, examples: int) -> list[Any]:
    """Cut the data, and convert it as Keras does: to the input's dtype and number of axes.

    Args:
        graph: the graph that the data will run through.
        sample: the data.
        examples: how many of the examples to use.

    Returns:
        One tensor of the backend for each input.

    Raises:
        InputShapeError: the data does not fit the model's input.
    """
    arrays = _in_order(graph, sample)
    tensors = []
    for array, shape, entry in zip(arrays, graph.entry, graph.inputs, strict=True):
        if not _fits(shape_of(_with_axes(array, len(shape)))[1:], shape[1:]):
            raise InputShapeError(
                f"Each example of x has the shape {shape_of(array)[1:]}, and the model takes "
                f"{shape[1:]}. Reshape x, or give the model another Input."
            )
        tensors.append(fit_tensor(array[:examples], entry))
    return tensors


def fit_tensor(array: Any, entry: Any) -> Any:
    """Give an array the dtype and the number of axes of an input, as Keras does.

    Args:
        array: an array or a tensor.
        entry: the symbolic tensor of the input.
    """
    array = _with_axes(array, len(entry.shape))
    if getattr(array.dtype, "kind", "") == "U":  # text: only TensorFlow has tensors of it
        return array
    return keras.ops.convert_to_tensor(array, dtype=entry.dtype)


def _is_array(value: Any) -> bool:
    """An array has axes; a number of NumPy has none, and is a size."""
    if isinstance(value, keras.KerasTensor | keras.Layer | tuple):
        return False
    return len(getattr(value, "shape", ()) or ()) > 0


def _is_batches(value: Any) -> bool:
    if isinstance(value, str | bytes | set | range | keras.Layer | type):
        return False
    return hasattr(value, "__iter__") or isinstance(value, keras.utils.PyDataset)


def _first_batch(x: Any) -> Any:
    if isinstance(x, keras.utils.PyDataset):
        batch = x[0]
    elif iter(x) is x:
        raise InputShapeError(
            f"x is a {type(x).__name__}, and a trace would take its first batch away. "
            f"{WHAT_TO_PASS}"
        )
    else:
        batch = next(iter(x), None)
    return batch[0] if isinstance(batch, list | tuple) and batch else batch  # (x, y)


def _array(one: Any) -> Any:
    """One input as something that can be cut: a table becomes an array, text stays text."""
    if hasattr(one, "to_numpy"):
        one = one.to_numpy()
    if not _is_array(one):
        raise InputShapeError(
            f"x holds {_a(type(one).__name__)}, and an array is needed. "
            f"Write numpy.array(...) around it. {WHAT_TO_PASS}"
        )
    if isinstance(one, np.ndarray) and one.dtype == object:
        if not all(isinstance(value, str) for value in one.flat):
            raise InputShapeError(
                "x is an array of Python objects, not of numbers: its rows differ in length, or "
                "it mixes text and numbers. Make every row equally long and of one kind."
            )
        return one.astype(str)
    return one


def _in_order(graph: Graph, sample: Sample) -> list[Any]:
    """The arrays in the order of the model's inputs; a dict is matched by its names."""
    wanted = len(graph.entry)
    if len(sample.arrays) != wanted:
        raise InputShapeError(
            f"x holds {len(sample.arrays)} {'array' if len(sample.arrays) == 1 else 'arrays'}, "
            f"and this model has {wanted} input{'' if wanted == 1 else 's'}. Pass one array for "
            f"each input."
        )
    input_names = [_name(tensor) for tensor in graph.inputs]
    if sample.names and set(sample.names) == set(input_names):
        return [sample.arrays[sample.names.index(name)] for name in input_names]
    if sample.names and wanted > 1:
        raise InputShapeError(
            f"The keys of x are {', '.join(sample.names)}, and the inputs of this model are "
            f"{', '.join(input_names)}. Use the names of the inputs as keys."
        )
    return list(sample.arrays)


def _name(tensor: Any) -> str:
    operation = getattr(getattr(tensor, "_keras_history", None), "operation", None)
    return str(getattr(operation, "name", ""))


def _with_axes(array: Any, rank: int) -> Any:
    """Add or drop a last axis of size 1, as Keras does with no message."""
    shape = shape_of(array)
    if len(shape) == rank - 1:
        return array[..., None]
    if len(shape) == rank + 1 and shape[-1] == 1:
        return array[..., 0]
    return array


def _fits(given: Sequence[int | None], wanted: Sequence[int | None]) -> bool:
    return len(given) == len(wanted) and all(
        want is None or have == want for have, want in zip(given, wanted, strict=True)
    )


def _only(sample: Sample) -> Any:
    if len(sample.arrays) != 1:
        raise InputShapeError(
            f"x holds {len(sample.arrays)} arrays, and a chain of layers has one input. "
            f"Keras would train on the first only. Pass one array."
        )
    return sample.arrays[0]


def _all_shapes(graph: Graph) -> list[Shape]:
    return [*graph.entry, *(shape for node in graph.nodes for shape in node.output_shapes)]


def _a(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"
