"""Does each layer take what the layer before it gives? The failing layer, and its repairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import keras

from seqkit.fitting.arrays import as_array
from seqkit.graph import Node, Shape
from seqkit.graph.reasons import first_sentence, is_merge
from seqkit.repairing.edit import Edit, altered
from seqkit.repairing.misfit import Misfit
from seqkit.repairing.neighbour_rules import RULES
from seqkit.repairing.problem import Change, Fault, Problem
from seqkit.repairing.program import Program
from seqkit.tracing import trace_graph

_WHY = "In a Sequential each layer takes exactly what the layer before it gives."


def neighbour_problem(program: Program) -> Problem | None:
    """Find the first layer that cannot be called on what comes in."""
    graph = program.graph
    if graph is None or graph.failure is None:
        return None
    node, reason = graph.nodes[graph.failure.index], graph.failure.reason
    if not isinstance(node.item, keras.Layer) or is_merge(node.item) or not node.inputs:
        return None
    if reason == first_sentence(graph.failure.error):
        return None  # Keras' own words stand there: no fact of ours explains it
    shape = node.input_shapes[0]
    misfit = Misfit(program.items, trace_graph(graph))
    changes = list(_changes(program, misfit, node, shape))
    first = changes[0] if changes else None
    before = graph.nodes[node.index - 1].kind if node.index else "the input"
    return Problem(
        kind=f"layer {node.index}",
        fault=_fault(node, first),
        title=f"{node.kind} does not fit after {before}",
        text=f"Layer {node.index}, {node.kind}: {reason}. {shape} came in.",
        why=_WHY,
        place=misfit.place,
        advice="Change this layer or the one before it so that the shapes agree.",
        changes=lambda: changes,
    )


def _fault(node: Node, first: Change | None) -> Fault:
    if first is not None and first.fault is not None:
        return first.fault
    return "adjacent_layer" if node.index else "feature_input"


def _changes(program: Program, misfit: Misfit, node: Node, shape: Shape) -> Iterator[Change]:
    if node.index == 0 and not program.trained:
        yield from _examples_in_the_input(program, misfit, shape)
        yield from _missing_axis(program, misfit, shape)
    for rule in RULES:
        edit = rule(misfit)
        if edit is not None and not (program.trained and edit.items[:1] != program.items[:1]):
            yield _as_change(program, misfit, edit)
    yield from _axis(program, misfit, shape)
    yield from _one_step(program, misfit, shape)


def _as_change(program: Program, misfit: Misfit, edit: Edit) -> Change:
    """The edit of a rule, with a comment beside each line that it changes."""
    before = {id(item) for item in program.items}
    fresh = [item for item in edit.items if id(item) not in before]
    word = "new" if len(edit.items) > len(program.items) else "this line"
    changed = replace(
        program,
        items=edit.items,
        changed=(*program.changed, *((item, word) for item in fresh)),
    )
    place = misfit.place if edit.culprit is None else misfit.place_of(edit.culprit)
    if edit.fault == "feature_input" and len(edit.items) == len(program.items):
        place = 0
    words = edit.words[:1].upper() + edit.words[1:]
    fault: Fault | None = edit.fault or None  # type: ignore[assignment]
    return Change(words, changed, place, fault, edit.certain)


def _examples_in_the_input(program: Program, misfit: Misfit, shape: Shape) -> Iterator[Change]:
    """The Input counts the examples, too; the data shows it."""
    x, needed = program.x_facts, misfit.needs
    if x is None or not program.has_input or needed is None or len(shape) != needed + 1:
        return
    entry = shape[2:]
    if x.shape[1:] != entry:
        return
    text = (
        f"The number of examples, {shape[1]}, does not belong into the Input. "
        f"Write keras.Input({entry})."
    )
    yield Change(text, program.with_entry(entry, f"was {shape[1:]}"), 0, "feature_input")


def _missing_axis(program: Program, misfit: Misfit, shape: Shape) -> Iterator[Change]:
    """An axis is missing at the entrance, in the data and in the Input: channels or steps."""
    x, needed, kind = program.x_facts, misfit.needs, misfit.row.kind
    if isinstance(misfit.layer, keras.layers.TimeDistributed):
        needed = len(shape) + 1
    if x is None or needed is None or len(shape) != needed - 1 or x.shape[1:] != shape[1:]:
        return
    steps = "ConvLSTM" in kind or kind == "TimeDistributed"
    if not steps:
        what = "channel" if "Conv" in kind or "Pool" in kind else "feature"
        yield _new_axis(program, (*shape[1:], 1), f"Add the {what} axis", "[..., None]")
    if steps or needed == 3:
        words = f"Take each example {shape[1:]} as one step"
        yield _new_axis(program, (1, *shape[1:]), words, "[:, None]")


def _new_axis(program: Program, entry: Shape, what: str, index: str) -> Change:
    array = as_array(program.x)
    assert array is not None
    line = f"{program.x_name} = {program.x_name}{index}"
    new = array[..., None] if index == "[..., None]" else array[:, None]
    before = f"was {program.takes}" if program.has_input else "new"
    changed = program.with_entry(entry, before).with_x(new, line)
    text = f"{what}: keras.Input({entry}), and {line} for the data."
    place = 0 if program.has_input else None
    return Change(text, changed, place, "feature_input", certain=index == "[..., None]")


def _axis(program: Program, misfit: Misfit, shape: Shape) -> Iterator[Change]:
    """An axis number that the tensor does not have."""
    axis, kind = getattr(misfit.layer, "axis", None), misfit.row.kind
    if "Normalization" not in kind or not isinstance(axis, int) or axis < len(shape):
        return
    text = f"axis={axis} does not exist in {shape}; the features are on the last axis, axis=-1."
    new = altered(misfit.layer, axis=-1)
    changed = program.with_item(misfit.place, new, f"axis was {axis}")
    yield Change(text, changed, misfit.place, "parameter")


def _one_step(program: Program, misfit: Misfit, shape: Shape) -> Iterator[Change]:
    """A layer that needs steps, after vectors: nothing says what the steps are."""
    if not misfit.row.index or len(shape) != 2 or misfit.needs != 3 or shape[1] is None:
        return
    recurrent = isinstance(misfit.layer, keras.layers.RNN | keras.layers.Bidirectional)
    target = (1, shape[1]) if recurrent else (shape[1], 1)
    words = f"one step of {shape[1]} features" if recurrent else f"{shape[1]} steps of one feature"
    text = f"Make a sequence of the vector, here {words}: Reshape({target}) before it."
    changed = program.with_inserted(misfit.place, keras.layers.Reshape(target), "new")
    yield Change(text, changed, misfit.place, certain=False)
