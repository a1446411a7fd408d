"""Why a call failed, in a few words that fit in a table row.

Reasons come from facts about the layer and the shapes that met, not from Keras' wording, which
differs between versions and backends. Where no fact explains it, Keras' own first sentence stands.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import keras

from seqkit.graph.foreign import library_of
from seqkit.graph.records import Shape

Reason = Callable[[Any, Sequence[Shape]], str | None]

_AXES = {
    2: "(batch, features)",
    3: "(batch, time, features)",
    4: "(batch, height, width, channels)",
    5: "(batch, depth, height, width, channels)",
}


def reason_for(item: Any, layer: Any, shapes: Sequence[Shape], error: Exception) -> str:
    """Say in a few words why an item could not follow a tensor of the given shape.

    Args:
        item: what the user put in the list.
        layer: the layer that was called (`item` itself when it is no layer).
        shapes: shapes of the tensors that came in.
        error: what Keras raised.

    Returns:
        One phrase without a full stop.

    Example:
        >>> import keras
        >>> reason_for([1], [1], [(None, 4)], ValueError())
        'a list is not a layer'
    """
    if not isinstance(item, keras.Layer):
        return _not_a_layer(item)
    for reason in _REASONS:
        text = reason(layer, shapes)
        if text is not None:
            return text
    return first_sentence(error)


def first_sentence(error: BaseException) -> str:
    r"""Return the first sentence of an exception, without addresses and line breaks.

    Example:
        >>> first_sentence(ValueError("Bad axis 3.\nReceived: <Dense at 0x7f01>"))
        'ValueError: Bad axis 3'
    """
    text = re.sub(r" at 0x[0-9a-fA-F]+|\x1b\[[0-9;]*m", "", str(error))
    # Keras wraps what a layer's own code raised; the first line then says nothing.
    text = re.sub(r"^Exception encountered when calling [^\n]*\n", "", text)
    if text.lstrip().startswith("Could not automatically infer") and "rror encountered:" in text:
        text = text.partition("rror encountered:")[2]
    text = text.strip()
    text = re.split(r"(?<=[.!])\s|\n", text, maxsplit=1)[0].rstrip(".")
    text = text if len(text) <= 160 else text[:157] + "..."
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _not_a_layer(item: Any) -> str:
    if isinstance(item, type):
        return f"{item.__name__} is a class, not a layer: write {item.__name__}(...)"
    if isinstance(item, list | tuple):
        return f"a {type(item).__name__} is not a layer"
    if isinstance(item, keras.KerasTensor):
        made_by = getattr(item, "_keras_history", (None,))[0]
        if isinstance(made_by, keras.layers.InputLayer):
            return "a second Input cannot stand in a chain"
        return "a tensor is not a layer; it is what a layer returned"
    library = library_of(item)
    if library is not None:
        return f"this {type(item).__name__} is from {library}, and not a Keras layer"
    if item is None:
        return "None is not a layer"
    if callable(item):
        return "a function is not a layer: wrap it, keras.layers.Lambda(...)"
    noun = type(item).__name__
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun} is not a layer"


def _needs_several_tensors(layer: Any, shapes: Sequence[Shape]) -> str | None:
    if len(shapes) != 1:
        return None
    if isinstance(layer, keras.layers.Dot):
        return "needs a list of two tensors, got one"
    if is_merge(layer):
        return "needs a list of two or more tensors, got one"
    if isinstance(layer, keras.layers.Attention | keras.layers.AdditiveAttention):
        return "needs a list of two or three tensors (query, value, key), got one"
    if isinstance(layer, keras.layers.MultiHeadAttention | keras.layers.GroupQueryAttention):
        return "needs two tensors, query and value, got one"
    return None


def is_merge(layer: Any) -> bool:
    """Whether the layer joins several tensors: Add, Concatenate, Dot and their family.

    Example:
        >>> import keras
        >>> is_merge(keras.layers.Add()), is_merge(keras.layers.Dense(1))
        (True, False)
    """
    merges = ("Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract")
    return isinstance(layer, tuple(getattr(keras.layers, name) for name in merges))


def _second_input(layer: Any, shapes: Sequence[Shape]) -> str | None:
    if isinstance(layer, keras.layers.InputLayer):
        return "a Sequential has one Input, and it stands first"
    return None


def _takes_one_tensor(layer: Any, shapes: Sequence[Shape]) -> str | None:
    if len(shapes) > 1 and not is_merge(layer) and layer.input_spec is not None:
        return f"takes one tensor, got {len(shapes)}"
    return None


def _rank(layer: Any, shapes: Sequence[Shape]) -> str | None:
    spec = _single_spec(layer)
    if spec is None or len(shapes) != 1:
        return None
    shape = shapes[0]
    if spec.ndim is not None and len(shape) != spec.ndim:
        return f"needs {_axes(spec.ndim)}, got {len(shape)}"
    if spec.min_ndim is not None and len(shape) < spec.min_ndim:
        return f"needs at least {_axes(spec.min_ndim)}, got {len(shape)}"
    if spec.max_ndim is not None and len(shape) > spec.max_ndim:
        return f"needs at most {_axes(spec.max_ndim)}, got {len(shape)}"
    return None


def _axes(count: int) -> str:
    names = _AXES.get(count)
    return f"{count} axes {names}" if names else f"{count} axes"


def _axis_size(layer: Any, shapes: Sequence[Shape]) -> str | None:
    spec = _single_spec(layer)
    if spec is None or len(shapes) != 1:
        return None
    for axis, size in (spec.axes or {}).items():
        got = shapes[0][axis]
        if size is not None and got is not None and got != size:
            where = "the last axis" if axis in (-1, len(shapes[0]) - 1) else f"axis {axis}"
            return f"its weights need {size} on {where}, got {got}"
    return None


def _single_spec(layer: Any) -> Any | None:
    spec = getattr(layer, "input_spec", None)
    return spec if isinstance(spec, keras.InputSpec) else None


def _window_too_large(layer: Any, shapes: Sequence[Shape]) -> str | None:
    window = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
    if window is None or getattr(layer, "padding", "valid") != "valid" or len(shapes) != 1:
        return None
    windows = (window,) if isinstance(window, int) else tuple(window)
    spatial = shapes[0][1:-1]
    if getattr(layer, "data_format", None) == "channels_first":
        spatial = shapes[0][2:]
    rates = getattr(layer, "dilation_rate", 1)
    rates = (rates,) * len(windows) if isinstance(rates, int) else tuple(rates)
    for size, edge, rate in zip(spatial, windows, rates, strict=False):
        reach = rate * (edge - 1) + 1
        if size is not None and reach > size:
            return f"its window of {reach} is larger than the input's {size}"
    return None


def _reshape_total(layer: Any, shapes: Sequence[Shape]) -> str | None:
    if not isinstance(layer, keras.layers.Reshape) or len(shapes) != 1:
        return None
    sizes = shapes[0][1:]
    known = [size for size in sizes if size is not None]
    if len(known) < len(sizes) or -1 in layer.target_shape:
        return None
    have, want = math.prod(known), math.prod(layer.target_shape)
    if have == want:
        return None
    return f"cannot make {layer.target_shape} of {sizes}: {want} values are not {have}"


def _permuted_axes(layer: Any, shapes: Sequence[Shape]) -> str | None:
    if not isinstance(layer, keras.layers.Permute) or len(shapes) != 1:
        return None
    axes = len(shapes[0]) - 1
    if len(layer.dims) == axes:
        return None
    return f"dims {layer.dims} name {len(layer.dims)} axes, the input has {axes}"


def _unknown_size(layer: Any, shapes: Sequence[Shape]) -> str | None:
    if len(shapes) != 1 or None not in shapes[0][1:]:
        return None
    if getattr(layer, "built", False):
        return None
    return f"needs known sizes to make its weights, got {shapes[0]}"


_REASONS: tuple[Reason, ...] = (
    _second_input,
    _needs_several_tensors,
    _takes_one_tensor,
    _rank,
    _axis_size,
    _window_too_large,
    _reshape_total,
    _permuted_axes,
    _unknown_size,
)
