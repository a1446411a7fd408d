"""A merge layer in the list: a skip (Add), a dense skip (Concatenate), a gate (Multiply)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import keras

from seqkit.converting import Program
from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.explaining.plan import Plan, planned_fix
from seqkit.graph import Shape
from seqkit.graph.chain import input_layer_of, is_input
from seqkit.graph.reasons import is_attention, is_merge
from seqkit.repairing.edit import altered
from seqkit.repairing.program import unbuilt

ORDER = 10


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a merge layer that was handed a single tensor."""
    row, layer = evidence.row, evidence.item
    if row is None or not is_merge(layer) or len(row.input_shapes) != 1:
        return None
    if not evidence.in_a_sequential:
        return None
    kind = type(layer).__name__
    pattern, meant = _meaning(layer, evidence)
    needs = "two tensors" if isinstance(layer, keras.layers.Dot) else "two or more tensors"
    explanation = Explanation(
        pattern=pattern,
        fault="topology",
        title=f"{kind} cannot stand in a Sequential list",
        what_happened=(
            f"Layer {row.index}, {kind}, needs a list of {needs}. A Sequential hands a layer "
            f"one tensor: {_origin(row.index)}, {evidence.got}."
        ),
        why=(f"A Sequential keeps no name for an earlier output, so there is nothing to {meant}."),
        fix="Functional API: give the earlier output a name, and pass both to the layer.",
        layer=row,
        trace=evidence.trace,
        original=evidence.error,
    )
    found = planned_fix(explanation, lambda layer_for: plan_of(evidence, layer_for))
    return found if found.fix_code else _with_padding(explanation, evidence)


def _with_padding(explanation: Explanation, evidence: Evidence) -> Explanation:
    """No earlier output fits: keep the size of the maps, if that is the trouble."""
    assert evidence.trace is not None and evidence.row is not None
    items = tuple(
        altered(item, padding="same") if _takes_an_edge_off(item) else item
        for item in unbuilt(evidence.items)
    )
    earlier = [row.output_shape for row in evidence.trace.rows[: evidence.row.index]]
    shapes = " and ".join(
        dict.fromkeys(str(one) for one in (*evidence.trace.graph.entry, *earlier))
    )
    words = f" The tensors must fit together, and here they are {shapes}."
    padded = replace(explanation, fix=explanation.fix + words + ' Keep the size: padding="same".')
    found = planned_fix(
        padded, lambda layer_for: plan_of(replace(evidence, items=items), layer_for)
    )
    return found if found.fix_code else replace(explanation, fix=explanation.fix + words)


def _takes_an_edge_off(item: Any) -> bool:
    window = getattr(item, "kernel_size", None)
    return window is not None and max(window) > 1 and getattr(item, "padding", "") == "valid"


def _meaning(layer: Any, evidence: Evidence) -> tuple[str, str]:
    if isinstance(layer, keras.layers.Concatenate):
        return "encoder_decoder_skip" if _came_up(evidence) else "dense_skip", "join it with"
    if isinstance(layer, keras.layers.Multiply):
        return "gate", "multiply it with"
    if isinstance(layer, keras.layers.Dot):
        return "dot", "take the product with"
    return "residual", "add" if isinstance(layer, keras.layers.Add) else "combine it with"


def _came_up(evidence: Evidence) -> bool:
    """Whether the map went down and came up again before the merge, as in a U-Net."""
    assert evidence.trace is not None and evidence.row is not None
    rows = evidence.trace.rows[: evidence.row.index]
    sizes = [_size(row.output_shape) for row in rows]
    return any(later > earlier > 0 for earlier, later in itertools.pairwise(sizes))


def _size(shape: Shape | None) -> int:
    """Height times width; 0 where there is no map or its sides are not known."""
    if shape is None or len(shape) < 4:
        return 0
    return math.prod(side or 0 for side in shape[1:-1])


def _origin(index: int) -> str:
    return "the input" if index == 0 else "the output of the layer before it"


def plan_of(evidence: Evidence, layer_for: Callable[[Any], Any]) -> Program:
    """Plan the whole list of a failed build."""
    assert evidence.trace is not None
    items = list(evidence.items)
    first = items.pop(0) if is_input(items[0]) else evidence.trace.graph.entry[0][1:]
    plan = Plan([first], layer_for)
    plan_chain(plan, items)
    return plan.program()


def plan_chain(plan: Plan, items: Sequence[Any], value: int = -1) -> int:
    """Plan a chain in which merge and attention layers get the tensors they were meant to have.

    A merge closes a block; the next block starts at its result.

    Args:
        plan: the plan so far.
        items: layers.
        value: what the first layer is called on.

    Returns:
        The value that the last layer gives.
    """
    block_start = value
    carried: int | None = None  # what a gate let by, for the Add that follows it
    for place, item in enumerate(items):
        if input_layer_of(item) is not None:
            raise ValueError("a second Input is another pattern")
        if is_attention(item):
            apart = not isinstance(item, keras.layers.Attention | keras.layers.AdditiveAttention)
            value = plan.call(item, value, value, spread=apart)
        elif _is_highway(items, place):
            carried = block_start
            value = block_start = plan.call(item, value, value - 1)
        elif is_merge(item) and carried is not None and value == block_start:
            value = block_start = plan.call(item, value, carried)
            plan.notes.append(_HIGHWAY)
        elif is_merge(item):
            value = block_start = _merge(plan, item, value, block_start)
        else:
            value = plan.call(item, value)
    return value


_HIGHWAY = "A full Highway layer also multiplies what it carries by 1 minus the gate."


def _is_highway(items: Sequence[Any], place: int) -> bool:
    """Whether a gate is multiplied here and an Add follows at once."""
    here, before, after = items[place], items[place - 1 : place], items[place + 1 : place + 2]
    if not isinstance(here, keras.layers.Multiply) or place < 2 or not after:
        return False
    is_gate = getattr(before[0], "activation", None) is keras.activations.sigmoid
    return is_gate and isinstance(after[0], keras.layers.Add) and not is_merge(items[place - 2])


def _merge(plan: Plan, layer: Any, value: int, block_start: int) -> int:
    """Merge with an earlier value since the last merge; project the start if none fits."""
    if value == block_start:
        raise ValueError("nothing lies between the two values")
    earlier = _partner(plan, layer, value, block_start)
    if earlier is None:
        earlier = _before_it_went_down(plan, layer, value, block_start)
    if earlier is not None:
        return plan.call(layer, value, earlier)
    projection = projection_for(plan.shape(block_start), plan.shape(value))
    projected = plan.call(projection, block_start, hint="shortcut")
    plan.notes.append(
        f"The shapes differ, so a {type(projection).__name__} was added: it gives the earlier "
        f"output {plan.shape(block_start)} the shape {plan.shape(value)}."
    )
    return plan.call(layer, value, projected)


def _partner(plan: Plan, layer: Any, value: int, block_start: int) -> int | None:
    """The earlier value that was most likely meant, or None when the start must be projected."""
    shapes = {place: plan.shape(place) for place in range(block_start, value + 1)}
    fitting = [
        place for place in range(block_start, value) if _fits(layer, shapes[place], shapes[value])
    ]
    if isinstance(layer, keras.layers.Multiply) and len(shapes[value]) == 2:
        # A gate: one number for each channel of the feature map before the pooling.
        maps = [place for place in range(block_start, value) if len(shapes[place]) > 2]
        if maps and shapes[maps[-1]][-1] == shapes[value][-1]:
            return maps[-1]
    if not fitting:
        return None
    # What went down and came up again, as in a U-Net, meets the last value before it went down.
    smaller = [
        place
        for place in range(block_start, value)
        if _sides(shapes[place]) != _sides(shapes[value])
    ]
    before = [place for place in fitting if smaller and place < smaller[-1]]
    if before:
        return before[-1]
    # A block that begins with a stride, as in ResNet: its start is projected.
    if len(shapes[value]) > 2 and value - fitting[0] < 2 and smaller:
        return None
    return fitting[0]


def _before_it_went_down(plan: Plan, layer: Any, value: int, block_start: int) -> int | None:
    """In a U-Net of several levels: the map of this size from before the earlier merges."""
    now, start = plan.shape(value), plan.shape(block_start)
    if len(now) < 3 or _sides(now) == _sides(start) or None in now[1:] + start[1:]:
        return None
    if math.prod(_sides(now)) < math.prod(_sides(start)):  # type: ignore[arg-type]
        return None  # it went down: that is a block with a stride
    fitting = [place for place in range(-1, block_start) if _fits(layer, plan.shape(place), now)]
    return fitting[-1] if fitting else None


def _sides(shape: Shape) -> Shape:
    """The sizes without batch and channels."""
    return shape[1:-1]


def _fits(layer: Any, earlier: Shape, now: Shape) -> bool:
    if not isinstance(layer, keras.layers.Concatenate):
        return earlier == now
    if len(earlier) != len(now):
        return False
    axis = layer.axis % len(now)
    return all(
        a == b for place, (a, b) in enumerate(zip(earlier, now, strict=True)) if place != axis
    )


def projection_for(start: Shape, now: Shape) -> keras.Layer:
    """A layer that gives the start of a block the shape of its end, as in ResNet."""
    if len(start) != len(now):
        raise ValueError("no projection between different numbers of axes")
    if len(now) == 2:
        return keras.layers.Dense(now[1])
    if len(now) != 4 or None in (*start[1:], *now[1:]):
        raise ValueError("no projection is known for this shape")
    strides = tuple(-(-big // small) for big, small in zip(start[1:3], now[1:3], strict=True))  # type: ignore[operator]
    return keras.layers.Conv2D(now[3], 1, strides=strides, padding="same")
