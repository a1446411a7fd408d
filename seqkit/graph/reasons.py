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
    text = _by_rule(layer, shapes)
    return first_sentence(error) if text is None else text


def _by_rule(layer: Any, shapes: Sequence[Shape]) -> str | None:
    reasons = _OF_ANY_LAYER + (_OF_KERAS if is_from_keras(layer) else ())
    return next((text for reason in reasons if (text := reason(layer, shapes)) is not None), None)


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


def is_attention(layer: Any) -> bool:
    """Whether the layer compares several tensors: attention in all its forms.

    Example:
        >>> import keras
        >>> is_attention(keras.layers.Attention()), is_attention(keras.layers.Add())
        (True, False)
    """
    kinds = ("MultiHeadAttention", "Attention", "AdditiveAttention", "GroupQueryAttention")
    return isinstance(layer, tuple(getattr(keras.layers, kind) for kind in kinds))


def _second_input(layer: Any, shapes: Sequence[Shape]) -> str | None:
    if isinstance(layer, keras.layers.InputLayer):
        return "a Sequential has one Input, and it stands first"
    return None


def _takes_one_tensor(layer: Any, shapes: Sequence[Shape]) -> str | None:
    if len(shapes) > 1 and not is_merge(layer) and layer.input_spec is not None:
        return f"takes one tensor, got {len(shapes)}"
    return None


def _rank(layer: Any, shapes: Sequence[Shape]) -> str | None:
    if len(shapes) != 1:
        return None
    shape, needed = shapes[0], axes_needed(layer)
    if needed is not None and len(shape) != needed:
        return f"needs {_axes(needed)}, got {len(shape)}"
    spec = _single_spec(layer)
    if spec is None:
        return None
    if spec.ndim is not None and len(shape) != spec.ndim:
        return f"needs {_axes(spec.ndim)}, got {len(shape)}"
    if spec.min_ndim is not None and len(shape) < spec.min_ndim:
        return f"needs at least {_axes(spec.min_ndim)}, got {len(shape)}"
    if spec.max_ndim is not None and len(shape) > spec.max_ndim:
        return f"needs at most {_axes(spec.max_ndim)}, got {len(shape)}"
    return None


def axes_needed(layer: Any) -> int | None:
    """Return how many axes a layer of Keras' own needs, batch included; None if others fit, too.

    A convolution says of itself only how many it needs at least; it refuses more as well.

    Example:
        >>> axes_needed(keras.layers.Conv2D(3, 3)), axes_needed(keras.layers.LSTM(3))
        (4, 3)
        >>> axes_needed(keras.layers.Dense(3)) is None
        True
    """
    if not is_from_keras(layer):
        return None
    name = type(layer).__name__
    digits = re.search(r"([123])D(Transpose)?$", name)
    if digits is not None:
        return int(digits.group(1)) + (3 if name.startswith("ConvLSTM") else 2)
    if name.startswith("ConvLSTM"):
        return None
    if isinstance(layer, keras.layers.RNN | keras.layers.Bidirectional):
        return 3
    return 2 if isinstance(layer, keras.layers.RepeatVector) else None


def is_from_keras(layer: Any) -> bool:
    """Whether a layer computes by code of Keras: its class is from there, and it is no Lambda."""
    own = type(layer).__module__.startswith("keras.")
    return own and not isinstance(layer, keras.layers.Lambda)


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


def window_too_large(layer: Any, shapes: Sequence[Shape]) -> str | None:
    """Say that a kernel or a pool is larger than the map; None if it is not.

    Example:
        >>> window_too_large(keras.layers.MaxPooling2D(4), [(None, 3, 3, 8)])
        "its window of 4 is larger than the input's 3"
    """
    if "Transpose" in type(layer).__name__:  # its window writes, and may be larger
        return None
    window = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
    if window is None or getattr(layer, "padding", "valid") != "valid" or len(shapes) != 1:
        return None
    windows = (window,) if isinstance(window, int) else tuple(window)
    spatial = _spatial(layer, shapes[0], len(windows))
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
    if len(known) < len(sizes):
        return None
    have, want = math.prod(known), math.prod(size for size in layer.target_shape if size != -1)
    start = f"cannot make {layer.target_shape} of {sizes}: "
    if -1 in layer.target_shape:
        return f"{start}{have} values are no multiple of {want}" if have % want else None
    return f"{start}{want} values are not {have}" if have != want else None


def _permuted_axes(layer: Any, shapes: Sequence[Shape]) -> str | None:
    if not isinstance(layer, keras.layers.Permute) or len(shapes) != 1:
        return None
    axes = len(shapes[0]) - 1
    if len(layer.dims) == axes:
        return None
    return f"dims {layer.dims} name {len(layer.dims)} axes, the input has {axes}"


def _einsum_axes(layer: Any, shapes: Sequence[Shape]) -> str | None:
    if not isinstance(layer, keras.layers.EinsumDense) or len(shapes) != 1:
        return None
    letters = layer.equation.replace(" ", "").split(",")[0]
    if "." in letters or len(letters) == len(shapes[0]):
        return None
    named = ", ".join(letters)
    return f"its equation names {len(letters)} axes ({named}), the input has {len(shapes[0])}"


def _groups_of_filters(layer: Any, shapes: Sequence[Shape]) -> str | None:
    groups = getattr(layer, "groups", None)
    if not hasattr(layer, "filters") or not isinstance(groups, int) or len(shapes) != 1:
        return None
    first = getattr(layer, "data_format", None) == "channels_first"
    channels = shapes[0][1 if first else -1]
    if not channels or channels % groups == 0:
        return None
    return f"cannot share {channels} channels among {groups} groups"


def _groups_of_channels(layer: Any, shapes: Sequence[Shape]) -> str | None:
    if not isinstance(layer, keras.layers.GroupNormalization) or len(shapes) != 1:
        return None
    if layer.axis != -1 or not shapes[0] or not shapes[0][-1]:
        return None
    channels = shapes[0][-1]
    if layer.groups == -1 or channels % layer.groups == 0:
        return None
    *others, last = [str(number) for number in range(1, channels + 1) if channels % number == 0]
    fitting = f"{', '.join(others)} and {last} would do" if others else f"{last} would do"
    return f"cannot share {channels} channels among {layer.groups} groups; {fitting}"


def _normalized_axis(layer: Any, shapes: Sequence[Shape]) -> str | None:
    normal = keras.layers.BatchNormalization | keras.layers.LayerNormalization
    if not isinstance(layer, normal) or len(shapes) != 1:
        return None
    rank = len(shapes[0])
    for axis in layer.axis if isinstance(layer.axis, list | tuple) else [layer.axis]:
        if not -rank <= axis < rank:
            return f"normalizes axis {axis}, and the input has the axes 0 to {rank - 1}"
    return None


def _cropping(layer: Any, shapes: Sequence[Shape]) -> str | None:
    cropping = getattr(layer, "cropping", None)
    if cropping is None or len(shapes) != 1:
        return None
    pairs = [cropping] if isinstance(cropping[0], int) else list(cropping)
    for size, (before, after) in zip(_spatial(layer, shapes[0], len(pairs)), pairs, strict=False):
        if size is not None and before + after >= size:
            return f"cuts {before} and {after} off a side of {size}, so nothing is left"
    return None


def _spatial(layer: Any, shape: Shape, count: int) -> Shape:
    """The sizes of the spatial axes; what stands before them is the batch, and perhaps time."""
    first = getattr(layer, "data_format", None) == "channels_first"
    return shape[-count:] if first else shape[-1 - count : -1]


def _time_axis(layer: Any, shapes: Sequence[Shape]) -> str | None:
    """A layer at each step fails for a reason of its own."""
    if not isinstance(layer, keras.layers.TimeDistributed) or len(shapes) != 1:
        return None
    inside, shape = type(layer.layer).__name__, shapes[0]
    if len(shape) < 3:
        return f"repeats {inside} over a time axis, and needs at least 3 axes, got {len(shape)}"
    text = _by_rule(layer.layer, [(shape[0], *shape[2:])])
    return None if text is None else f"at each step, {inside}: {text}"


def _other_input(layer: Any, shapes: Sequence[Shape]) -> str | None:
    """A nested model that was made for another shape."""
    if not isinstance(layer, keras.Model) or not getattr(layer, "inputs", None):
        return None
    made_for = tuple(tuple(tensor.shape) for tensor in layer.inputs)
    if len(made_for) != 1 or len(shapes) != 1 or _passes(shapes[0], made_for[0]):
        return None
    return f"is a model made for {made_for[0]}, got {shapes[0]}"


def _passes(given: Shape, wanted: Shape) -> bool:
    return len(given) == len(wanted) and all(
        have is None or want is None or have == want
        for have, want in zip(given[1:], wanted[1:], strict=True)
    )


def _unknown_size(layer: Any, shapes: Sequence[Shape]) -> str | None:
    if len(shapes) != 1 or None not in shapes[0][1:]:
        return None
    if getattr(layer, "built", False) or not is_from_keras(layer):
        return None
    return f"needs known sizes to make its weights, got {shapes[0]}"


# What a layer says of itself, and what its own class computes.
_OF_ANY_LAYER: tuple[Reason, ...] = (
    _second_input,
    _needs_several_tensors,
    _takes_one_tensor,
    _permuted_axes,
    _rank,
    _axis_size,
)
_OF_KERAS: tuple[Reason, ...] = (
    _other_input,
    _time_axis,
    window_too_large,
    _cropping,
    _reshape_total,
    _einsum_axes,
    _groups_of_filters,
    _groups_of_channels,
    _normalized_axis,
    _unknown_size,
)
