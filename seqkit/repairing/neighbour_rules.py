"""The changes that make neighbours fit: `return_sequences`, a missing axis, a smaller window.

Each rule looks at one misfit and returns a changed list, or None.
"""

from __future__ import annotations

import math
import re
from typing import Any

import keras

from seqkit.converting import name_is_automatic
from seqkit.graph import Shape
from seqkit.graph.chain import is_input
from seqkit.graph.reasons import axes_needed, window_too_large
from seqkit.repairing.edit import Edit, Rule, altered, rebuilt
from seqkit.repairing.misfit import Misfit, count, known
from seqkit.tracing import Row

_RANKED = re.compile(
    r"(Conv|SeparableConv|DepthwiseConv|MaxPooling|AveragePooling|GlobalAveragePooling"
    r"|GlobalMaxPooling|UpSampling|SpatialDropout|ZeroPadding|Cropping)([123])D(Transpose)?"
)
_PER_AXIS = ("kernel_size", "strides", "dilation_rate", "pool_size", "size", "output_padding")


def return_sequences(misfit: Misfit) -> Edit | None:
    """A recurrent layer that hands on its last step only, before one that needs all steps."""
    row = misfit.closer
    if misfit.needs != 3 and not isinstance(misfit.layer, keras.layers.TimeDistributed):
        return None
    if row is None or len(misfit.shape) != 2:
        return None
    layer = _with_sequences(row.node.item, True)
    if layer is None:
        return None
    return Edit(
        _replaced(misfit, row, layer),
        f"Give {_named(row)} return_sequences=True.",
        cause=f"{_named(row)} hands on only its last step: {row.output_shape}.",
        culprit=row,
        fault="parameter",
    )


def only_the_last_step(misfit: Misfit) -> Edit | None:
    """RepeatVector after a recurrent layer that hands on every step."""
    if not isinstance(misfit.layer, keras.layers.RepeatVector) or len(misfit.shape) != 3:
        return None
    row = misfit.trace.rows[misfit.row.index - 1] if misfit.row.index else None
    layer = None if row is None else _with_sequences(row.node.item, False)
    if row is None or layer is None:
        return None
    return Edit(
        _replaced(misfit, row, layer),
        f"Take return_sequences=True away from {_named(row)}.",
        cause=f"{_named(row)} hands on every step: {row.output_shape}.",
        culprit=row,
        fault="parameter",
    )


def closed_twice(misfit: Misfit) -> Edit | None:
    """A pooling where an earlier layer has closed the axes already."""
    row = misfit.closer
    if row is None or not _is_pooling(misfit.layer) or len(misfit.shape) != 2:
        return None
    if not _is_global(misfit.layer) or _with_sequences(row.node.item, True) is not None:
        return None
    return Edit(
        _without(misfit.items, misfit.place),
        f"Take {_named(misfit.row)} out: there is nothing left to pool.",
        cause=f"{_named(row)} has made {row.output_shape} of {row.input_shape} before it.",
    )


def closed_too_early(misfit: Misfit) -> Edit | None:
    """Flatten or a global pooling before a layer that still needs the axes: it moves behind."""
    row = misfit.closer
    if row is None or misfit.needs is None or not _closes(row.node.item):
        return None
    if misfit.needs != len(row.input_shape or ()):
        return None
    return Edit(
        _moved_behind(misfit, row),
        f"Put {row.kind} behind {misfit.row.kind}.",
        cause=f"{_named(row)} has made {row.output_shape} of {row.input_shape} before it.",
        culprit=row,
        certain=isinstance(row.node.item, keras.layers.Flatten),
    )


def channels_first_data(misfit: Misfit) -> Edit | None:
    """Pictures whose channels stand first, as PyTorch keeps them."""
    entry = misfit.trace.graph.entry[0] if misfit.trace.graph.entry else ()
    if len(entry) != 4 or not _too_large(misfit) or not known(entry):
        return None
    first, height, width = entry[1:]
    if first not in (1, 3, 4) or min(height or 0, width or 0) < 8:
        return None
    lead = int(is_input(misfit.items[0]))
    turn = keras.layers.Permute((2, 3, 1))
    return Edit(
        (*misfit.items[:lead], turn, *misfit.items[lead:]),
        f"The channels stand first in {entry}. Turn the axes: Permute((2, 3, 1)) as the first "
        f"layer, or x.transpose(0, 2, 3, 1) on the data.",
        fault="feature_input",
        certain=False,
    )


def wrong_data_format(misfit: Misfit) -> Edit | None:
    """`data_format="channels_first"` on data whose channels stand last."""
    if getattr(misfit.layer, "data_format", None) != "channels_first" or not _too_large(misfit):
        return None
    items = tuple(
        altered(item, data_format="channels_last")
        if getattr(item, "data_format", None) == "channels_first"
        else item
        for item in misfit.items
    )
    return Edit(
        items,
        f'Take data_format="channels_first" away: the channels stand last in {misfit.shape}.',
        fault="parameter",
    )


def same_padding(misfit: Misfit) -> Edit | None:
    """A window that is larger than what came in."""
    if not _too_large(misfit):
        return None
    causal = any(getattr(item, "padding", "") == "causal" for item in misfit.items)
    padding = "causal" if causal and "Conv1D" in misfit.row.kind else "same"
    return Edit(
        _replaced(misfit, misfit.row, altered(misfit.layer, padding=padding)),
        f'Give {_named(misfit.row)} padding="{padding}", which adds a border of zeros; or use a '
        f"smaller window, or fewer pooling layers before it.",
        certain=False,
        fault="parameter",
    )


def batch_inside_the_input(misfit: Misfit) -> Edit | None:
    """`Input((32, 28, 28, 1))`: the batch size does not belong there."""
    needs, shape = misfit.needs, misfit.shape
    if not misfit.came_straight_from_the_data or needs is None or len(shape) != needs + 1:
        return None
    if not is_input(misfit.items[0]) or not _looks_like_a_batch(shape):
        return None
    inside = shape[2:]
    return Edit(
        (keras.layers.InputLayer(inside), *misfit.items[1:]),
        f"Leave the batch size {shape[1]} out: keras.Input({inside}). Keras adds the batch axis "
        f"by itself, as None.",
        fault="feature_input",
        certain=False,
    )


def channel_axis(misfit: Misfit) -> Edit | None:
    """Grey pictures without a channel axis."""
    needs, shape = misfit.needs, misfit.shape
    if needs not in (4, 5) or len(shape) != needs - 1 or not known(shape):
        return None
    if not misfit.came_straight_from_the_data or (shape[-1] or 0) <= 4:
        return None
    wanted = (*shape[1:], 1)
    if misfit.place == 1 and is_input(misfit.items[0]):
        return Edit(
            (keras.layers.InputLayer(wanted), *misfit.items[1:]),
            f"Add the channel axis to the Input: keras.Input({wanted}); and to the data: "
            f"x[..., None].",
            fault="feature_input",
        )
    return Edit(
        _inserted(misfit, keras.layers.Reshape(wanted)),
        f"Add the channel axis: Reshape({wanted}) before {misfit.row.kind}.",
        fault="feature_input",
    )


def other_rank(misfit: Misfit) -> Edit | None:
    """Conv2D on a sequence, Conv1D on a picture: the same layer for as many axes as there are."""
    found = _RANKED.fullmatch(misfit.row.kind)
    rank = len(misfit.shape) - 2
    if found is None or rank not in (1, 2, 3):
        return None
    layer = _of_rank(misfit.layer, found, rank)
    if layer is None:
        return None
    what = {1: "a sequence", 2: "a picture", 3: "a volume or a film"}[rank]
    return Edit(
        _replaced(misfit, misfit.row, layer),
        f"{misfit.shape} is {what}: take {type(layer).__name__} in place of {misfit.row.kind}.",
        certain=False,
    )


def steps_of_a_map(misfit: Misfit) -> Edit | None:
    """A recurrent layer after a feature map: each row of the map becomes a step."""
    if misfit.needs != 3 or len(misfit.shape) != 4 or not known(misfit.shape):
        return None
    if _RANKED.fullmatch(misfit.row.kind):
        return None
    _, height, width, channels = misfit.shape
    target = (height, (width or 0) * (channels or 0))
    return Edit(
        _inserted(misfit, keras.layers.Reshape(target)),
        f"Say what the steps are. One choice: each of the {height} rows is a step of "
        f"{width}·{channels} = {target[1]} numbers, Reshape({target}) before {misfit.row.kind}.",
        certain=False,
    )


def one_number_a_step(misfit: Misfit) -> Edit | None:
    """A row of numbers before a layer that needs steps."""
    shape = misfit.shape
    if misfit.needs != 3 or len(shape) != 2 or not known(shape) or misfit.closer is not None:
        return None
    target = (shape[1], 1)
    words = (
        f"Say what the steps are. One choice: each of the {shape[1]} numbers is a step, "
        f"Reshape({target}) before {misfit.row.kind}."
    )
    if misfit.row.index == 0:
        words += " If the numbers stand for words, put an Embedding there."
    return Edit(_inserted(misfit, keras.layers.Reshape(target)), words, certain=False)


def picture_of_a_row(misfit: Misfit) -> Edit | None:
    """A row of numbers before a layer that needs pictures."""
    shape = misfit.shape
    if misfit.needs != 4 or len(shape) != 2 or not known(shape) or misfit.closer is not None:
        return None
    target = _square(count(shape))
    if target is None:
        return None
    return Edit(
        _inserted(misfit, keras.layers.Reshape(target)),
        f"Give the numbers their place in the picture again. One choice: {shape[1]} = "
        f"{target[0]}·{target[1]}·{target[2]}, Reshape({target}) before {misfit.row.kind}.",
        certain=False,
    )


def reshape_target(misfit: Misfit) -> Edit | None:
    """A Reshape whose target holds another count of numbers."""
    if not isinstance(misfit.layer, keras.layers.Reshape) or not known(misfit.shape):
        return None
    target, total = tuple(misfit.layer.target_shape), count(misfit.shape)
    if -1 in target:
        return None
    for place in reversed(range(len(target))):
        rest = math.prod(target) // (target[place] or 1)
        if rest and total % rest == 0 and len(target) > 1 and (total // rest > 1):
            right = (*target[:place], total // rest, *target[place + 1 :])
            return Edit(
                _replaced(misfit, misfit.row, keras.layers.Reshape(right)),
                f"Reshape moves numbers and makes none: {total} numbers fit in {right}.",
                fault="parameter",
                certain=False,
            )
    return None


def enough_units(misfit: Misfit) -> Edit | None:
    """A Dense before a Reshape: it can give as many numbers as the target has."""
    if not isinstance(misfit.layer, keras.layers.Reshape) or not misfit.row.index:
        return None
    row = misfit.trace.rows[misfit.row.index - 1]
    wanted = math.prod(misfit.layer.target_shape)
    if not isinstance(row.node.item, keras.layers.Dense) or wanted < 1 or len(misfit.shape) != 2:
        return None
    return Edit(
        _replaced(misfit, row, altered(row.node.item, units=wanted)),
        f"Let {_named(row)} give as many numbers as the target has: Dense({wanted}).",
        cause=f"{_named(row)} gives {_numbers(count(misfit.shape))}.",
        certain=False,
        fault="parameter",
    )


def pooling_for_free_sizes(misfit: Misfit) -> Edit | None:
    """Flatten on sizes that are not fixed: a global pooling gives a fixed count."""
    row = misfit.closer
    if row is None or not isinstance(row.node.item, keras.layers.Flatten):
        return None
    before = row.input_shape or ()
    if None in misfit.shape[1:] and len(before) in (3, 4, 5) and before[-1] is not None:
        name = f"GlobalAveragePooling{len(before) - 2}D"
        return Edit(
            _replaced(misfit, row, getattr(keras.layers, name)()),
            f"Take {name}() in place of Flatten: it gives {_numbers(before[-1])}, whatever the "
            f"sizes are. Or give the Input fixed sizes.",
            cause=f"{_named(row)} got {before}, so its count of numbers is not fixed.",
            culprit=row,
            certain=False,
        )
    return None


def without_time(misfit: Misfit) -> Edit | None:
    """TimeDistributed where there is no time axis."""
    layer = misfit.layer
    if not isinstance(layer, keras.layers.TimeDistributed) or len(misfit.shape) != 2:
        return None
    inside = layer.layer
    copy = rebuilt(type(inside), inside.get_config(), inside)
    return Edit(
        _replaced(misfit, misfit.row, copy),
        f"There is no time axis: take {type(inside).__name__} without TimeDistributed.",
        certain=False,
    )


RULES: tuple[Rule, ...] = (
    return_sequences,
    only_the_last_step,
    closed_twice,
    closed_too_early,
    channels_first_data,
    wrong_data_format,
    same_padding,
    batch_inside_the_input,
    channel_axis,
    other_rank,
    steps_of_a_map,
    one_number_a_step,
    picture_of_a_row,
    reshape_target,
    enough_units,
    pooling_for_free_sizes,
    without_time,
)


def _with_sequences(layer: Any, wanted: bool) -> Any | None:
    """The recurrent layer with the other `return_sequences`; None if it is no such layer."""
    if isinstance(layer, keras.layers.Bidirectional):
        inside = _with_sequences(layer.forward_layer, wanted)
        if inside is None:
            return None
        inside.name = layer.forward_layer.name.removeprefix("forward_")
        return keras.layers.Bidirectional(inside, merge_mode=layer.merge_mode)
    if not isinstance(layer, keras.layers.RNN) or layer.return_sequences is wanted:
        return None
    config = layer.get_config()
    if "zero_output_for_mask" in config:  # Bidirectional sets it by itself
        config["zero_output_for_mask"] = False
    return rebuilt(type(layer), {**config, "return_sequences": wanted}, layer)


def _closes(layer: Any) -> bool:
    return isinstance(layer, keras.layers.Flatten) or _is_global(layer)


def _is_global(layer: Any) -> bool:
    return type(layer).__name__.startswith("Global")


def _is_pooling(layer: Any) -> bool:
    return "Pooling" in type(layer).__name__


def _too_large(misfit: Misfit) -> bool:
    """Whether the window is larger than the map; also where Keras builds a map of nothing."""
    layer, shape = misfit.layer, misfit.shape
    return len(shape) == axes_needed(layer) and window_too_large(layer, [shape]) is not None


def _looks_like_a_batch(shape: Shape) -> bool:
    """A usual batch size, and not a usual side: 32, 64, 100, but not 28."""
    first = shape[1]
    if first is None:
        return True
    usual = first in (8, 16, 32, 64, 128, 256, 512, 1024) or (first >= 50 and first % 10 == 0)
    return usual and first not in shape[2:]


def _square(total: int) -> tuple[int, int, int] | None:
    """A square picture of so many numbers: with one channel, or with three."""
    for channels in (1, 3):
        side = math.isqrt(total // channels)
        if side > 1 and side * side * channels == total:
            return side, side, channels
    return None


def _of_rank(layer: Any, found: re.Match[str], rank: int) -> Any | None:
    """The layer's brother for another number of axes."""
    name = f"{found.group(1)}{rank}D{found.group(3) or ''}"
    kind = getattr(keras.layers, name, None)
    if kind is None:
        return None
    config = layer.get_config()
    for argument in _PER_AXIS:
        if isinstance(config.get(argument), list | tuple):
            sizes = tuple(config[argument])
            config[argument] = (*sizes, *sizes[-1:] * 3)[:rank]
    if found.group(1) in ("UpSampling", "ZeroPadding", "Cropping"):
        return None  # their arguments differ between the ranks
    if name_is_automatic(layer):
        del config["name"]  # Keras chooses one of the new class
    return kind.from_config(config)


def _named(row: Row) -> str:
    return f"layer {row.index} ({row.kind})"


def _replaced(misfit: Misfit, row: Row, layer: Any) -> tuple[Any, ...]:
    place = misfit.place_of(row)
    return (*misfit.items[:place], layer, *misfit.items[place + 1 :])


def _without(items: tuple[Any, ...], place: int) -> tuple[Any, ...]:
    return (*items[:place], *items[place + 1 :])


def _inserted(misfit: Misfit, layer: Any) -> tuple[Any, ...]:
    return (*misfit.items[: misfit.place], layer, *misfit.items[misfit.place :])


def _moved_behind(misfit: Misfit, row: Row) -> tuple[Any, ...]:
    """The closing layer before the first Dense that follows, or at the end."""
    place = misfit.place_of(row)
    closer = misfit.items[place]
    rest = list(_without(misfit.items, place))
    here = misfit.place - 1
    later = rest[here + 1 :]
    if any(_closes(item) for item in later):
        return tuple(rest)
    steps = [step for step, item in enumerate(later) if isinstance(item, keras.layers.Dense)]
    cut = here + 1 + (steps[0] if steps else len(later))
    return (*rest[:cut], closer, *rest[cut:])


def _numbers(many: int) -> str:
    return "one number" if many == 1 else f"{many} numbers"
