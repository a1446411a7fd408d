"""A merge or attention layer of a Functional model that was called in the wrong way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from seqkit.converting import Program, public_name
from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.explaining.frames import frames_of
from seqkit.explaining.history import inputs_behind
from seqkit.explaining.patterns.merging import projection_for
from seqkit.explaining.plan import Plan, planned_fix
from seqkit.graph import Graph, Shape, read
from seqkit.graph.chain import input_layer_of, is_input
from seqkit.graph.reasons import is_attention, is_merge
from seqkit.graph.shapes import shape_of, tensors_in
from seqkit.repairing.edit import altered

ORDER = 25


def match(evidence: Evidence) -> Explanation | None:
    """Recognise tensors that cannot be merged, or that were handed over in the wrong form."""
    layer = evidence.called
    if evidence.row is not None and evidence.in_a_sequential:
        return _in_a_list(evidence)
    if is_merge(layer):
        tensors = _tensors(evidence)
        if len(tensors) == 1 and len(keras.tree.flatten(evidence.called_with)) == 1:
            return _one_tensor(evidence, tensors)
        if len(tensors) < 2:
            return None
        if len(evidence.called_with) > 1:
            return _without_a_list(evidence, tensors)
        return _sizes(evidence, tensors)
    if is_attention(layer):
        return _attention(evidence)
    return _operator(evidence)


def _in_a_list(evidence: Evidence) -> Explanation | None:
    """A merge layer behind a layer that gives several tensors: only their sizes can be wrong."""
    row = evidence.row
    if row is None or not is_merge(evidence.item) or len(row.input_shapes) < 2:
        return None
    return _mismatch(evidence, row.kind, row.input_shapes, f"Layer {row.index}, {row.kind},", row)


def _sizes(evidence: Evidence, tensors: list[Any]) -> Explanation | None:
    shapes = tuple(shape_of(tensor) for tensor in tensors)
    kind = type(evidence.called).__name__
    explanation = _mismatch(evidence, kind, shapes, kind)
    if not all(isinstance(tensor, keras.KerasTensor) for tensor in tensors):
        return explanation
    return planned_fix(explanation, lambda layer_for: _projected(evidence, tensors, layer_for))


def _mismatch(
    evidence: Evidence, kind: str, shapes: tuple[Shape, ...], who: str, row: Any = None
) -> Explanation:
    layer = evidence.item if row is not None else evidence.called
    return Explanation(
        pattern="merge_shapes",
        fault="topology",
        title=f"{kind} got tensors that do not fit together",
        what_happened=f"{who} got {_list(shapes)}: {_difference(layer, shapes)}.",
        why=_rule(layer),
        fix=_fix(layer, shapes),
        layer=row,
        trace=evidence.trace,
        original=evidence.error,
    )


def _rule(layer: Any) -> str:
    if isinstance(layer, keras.layers.Concatenate):
        return "Concatenate puts tensors one behind the other: all other axes must be equal."
    if isinstance(layer, keras.layers.Dot):
        return "Dot multiplies numbers pair by pair along its axes, so these must be equally long."
    return "The numbers meet place by place, so each axis must have the same size, or 1."


def _difference(layer: Any, shapes: tuple[Shape, ...]) -> str:
    ranks = {len(shape) for shape in shapes}
    if len(ranks) > 1:
        counts = [str(len(shape)) for shape in shapes]
        return f"they have {_and(counts)} axes"
    skipped = layer.axis % len(shapes[0]) if isinstance(layer, keras.layers.Concatenate) else None
    differing = [
        axis
        for axis, sizes in enumerate(zip(*shapes, strict=True))
        if axis and axis != skipped and len(set(sizes)) > 1
    ]
    if not differing:
        return "their sizes do not fit"
    told = [f"axis {axis} is {_and([str(shape[axis]) for shape in shapes])}" for axis in differing]
    return _and(told)


def _fix(layer: Any, shapes: tuple[Shape, ...]) -> str:
    if len({len(shape) for shape in shapes}) > 1:
        return "Bring both to the same number of axes first: Flatten, or a global pooling."
    if isinstance(layer, keras.layers.Dot):
        return "Give both the same size first, for example with a Dense of the same width."
    maps = len(shapes[0]) == 4
    same = ' with padding="same" in the convolutions before it, or' if maps else ""
    return (
        f"Give both the same sizes:{same} with a layer on the shorter road that "
        f"{'projects' if maps else 'has as many units'}."
    )


def _one_tensor(evidence: Evidence, tensors: list[Any]) -> Explanation:
    kind = type(evidence.called).__name__
    return Explanation(
        pattern="merge_call",
        fault="topology",
        title=f"{kind} was called on one tensor, and joins two or more",
        what_happened=f"{kind} got {shape_of(tensors[0])} alone.",
        why="A merge layer is called on a list of tensors.",
        fix=f"Pass a list of all tensors that are to be joined: {kind}()([a, b]).",
        original=evidence.error,
    )


def _without_a_list(evidence: Evidence, tensors: list[Any]) -> Explanation:
    kind = type(evidence.called).__name__
    shapes = tuple(shape_of(tensor) for tensor in tensors)
    explanation = Explanation(
        pattern="merge_call",
        fault="topology",
        title=f"{kind} takes one list, and got {len(tensors)} separate tensors",
        what_happened=f"{kind} got {_list(shapes)} as separate arguments.",
        why="A merge layer is called on one list, so that it can join any number of tensors.",
        fix=f"Put square brackets around them: {kind}()([a, b]).",
        original=evidence.error,
    )
    return planned_fix(explanation, lambda layer_for: _joined(evidence, tensors, layer_for))


def _attention(evidence: Evidence) -> Explanation | None:
    tensors = _tensors(evidence)
    if len(tensors) != 1:
        return None
    kind = public_name(type(evidence.called))
    apart = not isinstance(evidence.called, keras.layers.Attention | keras.layers.AdditiveAttention)
    form = f"{kind}(...)(x, x)" if apart else f"{kind}()([x, x])"
    explanation = Explanation(
        pattern="attention",
        fault="topology",
        title=f"{kind} was called on one tensor, and compares two",
        what_happened=f"{kind} got {shape_of(tensors[0])} as its query, and no value.",
        why="Attention compares a query with a value. In self-attention both are one tensor.",
        fix=f"For self-attention pass the tensor twice: {form}.",
        original=evidence.error,
    )
    return planned_fix(
        explanation, lambda layer_for: _joined(evidence, tensors * 2, layer_for, spread=apart)
    )


def _operator(evidence: Evidence) -> Explanation | None:
    """`a + b` on symbolic tensors of different shapes."""
    for frame in frames_of(evidence.error):
        owner = frame.f_locals.get("self")
        if frame.f_code.co_name != "compute_output_spec" or isinstance(owner, keras.Layer):
            continue
        pair = [frame.f_locals.get(name) for name in ("x1", "x2")]
        if isinstance(owner, keras.Operation) and all(hasattr(one, "shape") for one in pair):
            return _mismatch_of(evidence, type(owner).__name__, pair)
    return None


def _mismatch_of(evidence: Evidence, kind: str, pair: list[Any]) -> Explanation:
    shapes = tuple(shape_of(one) for one in pair)
    return Explanation(
        pattern="merge_shapes",
        fault="topology",
        title=f"{kind} got tensors that do not fit together",
        what_happened=f"{kind} got {_list(shapes)}: {_difference(None, shapes)}.",
        why=_rule(None),
        fix=_fix(None, shapes),
        original=evidence.error,
    )


def _tensors(evidence: Evidence) -> list[Any]:
    return tensors_in(evidence.called_with)


def _projected(evidence: Evidence, tensors: list[Any], layer_for: Callable[[Any], Any]) -> Program:
    """The graph behind the tensors, with equal sides, and with a projection where it needs one."""
    plan, values = replayed(tensors, layer_for, _keeping_sides(tensors))
    if _keeping_sides(tensors) is not _as_written:
        plan.notes.append('Here the convolutions got padding="same", so that the sides stay.')
    if isinstance(evidence.called, keras.layers.Concatenate | keras.layers.Dot):
        return plan.program(plan.call(evidence.called, *values))
    goal = max(values)
    ends = [_brought_to(plan, value, goal) for value in values]
    return plan.program(plan.call(evidence.called, *ends))


def _brought_to(plan: Plan, value: int, goal: int) -> int:
    """The value itself, or its projection to the shape of the goal."""
    before, after = plan.shape(value), plan.shape(goal)
    if before == after:
        return value
    layer = projection_for(before, after)
    plan.notes.append(
        f"Here a {type(layer).__name__} was added: it gives {before} the shape {after}."
    )
    return plan.call(layer, value, hint="shortcut")


def _keeping_sides(tensors: list[Any]) -> Callable[[Any], Any]:
    """What to do with the layers on the way: pad the convolutions when the sides differ."""
    sides = {shape_of(tensor)[1:-1] for tensor in tensors}
    return _padded if len(sides) > 1 else _as_written


def _padded(layer: Any) -> Any:
    valid = getattr(layer, "padding", "") == "valid" and hasattr(layer, "kernel_size")
    return altered(layer, padding="same") if valid else layer


def _as_written(layer: Any) -> Any:
    return layer


def _joined(
    evidence: Evidence,
    tensors: list[Any],
    layer_for: Callable[[Any], Any],
    spread: bool = False,
) -> Program:
    plan, values = replayed(tensors, layer_for)
    return plan.program(plan.call(evidence.called, *values, spread=spread))


def replayed(
    tensors: list[Any],
    layer_for: Callable[[Any], Any],
    prepare: Callable[[Any], Any] = lambda layer: layer,
) -> tuple[Plan, list[int]]:
    """Plan the calls that made the tensors once more.

    Args:
        tensors: symbolic tensors.
        layer_for: gives a layer that may be called, for each of the user's layers.
        prepare: changes a layer on the way.

    Returns:
        The plan, and the values that stand for the tensors.

    Raises:
        ValueError: a layer with several results is on the way.
    """
    inputs = list(inputs_behind(tensors))
    plan = Plan(inputs, layer_for)
    value_of = {id(tensor): -1 - place for place, tensor in enumerate(inputs)}
    made = list({id(one): one for one in tensors if id(one) not in value_of}.values())
    if made:
        _replay(read(keras.Model(inputs, made)), plan, value_of, made, prepare)
    return plan, [value_of[id(tensor)] for tensor in tensors]


def _replay(
    graph: Graph,
    plan: Plan,
    value_of: dict[int, int],
    made: list[Any],
    prepare: Callable[[Any], Any],
) -> None:
    """Plan every call of the graph, and note the values of the tensors that leave it."""
    inputs = [input_layer_of(one) for one in plan.inputs]
    value_at = {}
    for node in graph.nodes:
        if is_input(node.item):
            place = next(at for at, layer in enumerate(inputs) if layer is node.item)
            value_at[node.index] = -1 - place
            continue
        if any(edge.output for edge in node.inputs):
            raise ValueError("a layer with several results cannot be replayed")
        sources = [value_at[edge.source] for edge in node.inputs]
        value_at[node.index] = plan.call(prepare(node.item), *sources)
    for tensor, edge in zip(made, graph.outputs, strict=True):
        value_of[id(tensor)] = value_at[edge.source]


def _list(shapes: tuple[Shape, ...]) -> str:
    return _and([str(shape) for shape in shapes])


def _and(words: list[str]) -> str:
    return ", ".join(words[:-1]) + f" and {words[-1]}" if len(words) > 1 else words[0]
