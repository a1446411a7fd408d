"""Do the output, the loss and the labels fit? What to change where they do not."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from seqkit.fitting import Disagreement, Head, LabelFacts, LossNeeds, disagreements, head_of
from seqkit.fitting import loss_needs as needs_of
from seqkit.fitting.arrays import as_array
from seqkit.graph import Graph, Node
from seqkit.repairing.edit import altered
from seqkit.repairing.problem import Change, Fault, Problem
from seqkit.repairing.program import Program

MOST_CLASSES = 10_000
_SPARSE = "sparse_categorical_crossentropy"

_WHY = {
    "integer labels": "This loss compares each number of the output with one of the labels.",
    "one-hot labels": "The sparse loss looks up one integer; one-hot rows need the plain form.",
    "output width": "Each number that leaves the model is compared with one number of the labels.",
    "class out of range": "The last layer needs one unit for each class, from 0 to the highest.",
    "open axes": "There is no label for each of these places, and no layer closes the axes.",
    "missing axes": "The labels ask for more answers than the model gives.",
    "labels not 0 and 1": "A binary loss takes each label as the probability of one class.",
}


def outcome_problem(program: Program) -> Problem | None:
    """Compare the end of the model, the loss and the labels."""
    facts = outcome_facts(program)
    if facts is None:
        return None
    graph, head, loss, labels = facts
    # A repaired program must also learn what was meant; of the user's own only faults that stop.
    repaired = bool(program.data_lines or program.changed)
    stopping = [one for one in disagreements(head, loss, labels) if one.raises or repaired]
    if not stopping:
        return None
    found = stopping[0]
    changes = list(_changes(program, graph, head, loss, labels, found))
    place = changes[0].place if changes else None
    return Problem(
        kind=f"outcome: {found.kind}",
        fault=_fault(found, changes),
        title=_TITLES[found.kind],
        text=_who(head) + found.text,
        why=_WHY.get(found.kind, ""),
        place=place,
        advice="Make the last layer, the loss and the labels agree.",
        changes=lambda: changes,
    )


def outcome_facts(program: Program) -> tuple[Graph, Head, LossNeeds, LabelFacts] | None:
    """Return the graph, its end, the loss and the labels, if all four are known."""
    if program.compiled is None or program.graph is None or program.y_facts is None:
        return None
    loss = program.compiled.loss
    if isinstance(loss, list | tuple) and len(loss) == 1:
        loss = loss[0]
    head, needs = head_of(program.graph), needs_of(loss)
    if head is None or needs is None or not program.y_facts.shape:
        return None
    return program.graph, head, needs, program.y_facts


_TITLES = {
    "integer labels": "Each example has one label, and the output holds several numbers",
    "one-hot labels": "The labels are one-hot, and the loss needs integers",
    "output width": "The output and the labels do not have the same width",
    "class out of range": "The labels hold classes that the last layer has no unit for",
    "open axes": "The output has more axes than the labels",
    "missing axes": "The labels have more axes than the output",
    "broadcast": "The labels are repeated to the width of the output",
    "labels not 0 and 1": "The labels are not between 0 and 1",
    "labels not whole numbers": "The classes are not whole numbers",
}


def _who(head: Head) -> str:
    return f"The model ends in layer {head.node.index}, {head.node.kind}. "


def _fault(found: Disagreement, changes: list[Change]) -> Fault:
    if changes and changes[0].fault is not None:
        return changes[0].fault
    return "label_output"


def _changes(
    program: Program,
    graph: Graph,
    head: Head,
    loss: LossNeeds,
    labels: LabelFacts,
    found: Disagreement,
) -> Iterator[Change]:
    if found.kind == "integer labels":
        yield from _for_integers(program, head, loss, labels)
    elif found.kind == "one-hot labels":
        yield Change(
            "Take the loss for one-hot labels: categorical_crossentropy.",
            program.with_loss(_other_loss(program, "categorical_crossentropy")),
        )
    elif found.kind == "class out of range":
        yield from _for_range(program, head, labels)
    elif found.kind == "open axes":
        yield from _closed(program, graph, head)
    elif found.kind == "missing axes":
        yield from _opened(program, graph, head, labels)
    elif found.kind in ("output width", "broadcast"):
        yield from _widened(program, head, loss, labels)
    elif found.kind == "labels not 0 and 1" and labels.encoding == "integers" and labels.classes:
        yield from _with_head(program, head, labels.classes, "softmax", _SPARSE)


def _for_integers(
    program: Program, head: Head, loss: LossNeeds, labels: LabelFacts
) -> Iterator[Change]:
    high = labels.array.high
    if labels.encoding not in ("integers", "binary") or high is None:
        yield from _regression(program, head)
        return
    units = head.units or 0
    sparse = _other_loss(program, "sparse_categorical_crossentropy")
    for change in _renumbered(program, labels, units):
        text = f"{change.text} And take the loss for integer labels, {_SPARSE}."
        yield Change(text, change.program.with_loss(sparse))
    binary = labels.encoding == "binary" and loss.name.startswith("binary")
    if binary:
        yield from _with_head(program, head, 1, "sigmoid", None)
    wider = high >= units or (loss.name.startswith("binary") and head.activation == "sigmoid")
    if not wider:
        yield Change(
            f"Take the loss for integer labels: {_SPARSE}.",
            program.with_loss(sparse),
        )
    else:
        classes = max(int(high) + 1, units)
        yield from _with_head(program, head, classes, "softmax", _SPARSE)
    y = as_array(program.y)
    if y is not None and high < units:
        line = f"{program.y_name} = keras.utils.to_categorical({program.y_name}, {units})"
        new = np.eye(units, dtype="float32")[y.reshape(len(y)).astype(int)]
        yield Change(f"Make the labels one-hot: {line}.", program.with_y(new, line))


def _renumbered(program: Program, labels: LabelFacts, units: int) -> Iterator[Change]:
    """Classes that do not begin at 0, or have gaps."""
    low, high, distinct = labels.array.low, labels.array.high, len(labels.counts)
    y, name = as_array(program.y), program.y_name
    if y is None or low is None or high is None or distinct > min(max(units, 20), 100):
        return
    if low == 1 and high == units:
        line = f"{name} = {name} - 1"
        text = f"The classes begin at 1, and Keras counts from 0: {line}."
        yield Change(text, program.with_y(y - 1, line))
    elif high + 1 > distinct and (high >= units or low < 0):
        line = f"classes, {name} = np.unique({name}, return_inverse=True)"
        text = f"Number the {distinct} classes from 0: {line}."
        new = np.unique(y, return_inverse=True)[1].reshape(y.shape)
        yield Change(text, program.with_y(new, line))


def _regression(program: Program, head: Head) -> Iterator[Change]:
    yield from _with_head(program, head, 1, "linear", "mean_squared_error")


def _for_range(program: Program, head: Head, labels: LabelFacts) -> Iterator[Change]:
    low, high, units = labels.array.low, labels.array.high, head.units or 0
    if low is None or high is None:
        return
    if units == 1 and labels.encoding == "binary":
        yield from _with_head(program, head, 1, "sigmoid", "binary_crossentropy")
    if units == 1 and len(labels.counts) > 20:
        yield from _regression(program, head)
    yield from _renumbered(program, labels, units)
    if low >= 0 and high < MOST_CLASSES:
        loss = None if units > 1 else _SPARSE
        activation = None if head.activation in ("softmax", "linear") and units > 1 else "softmax"
        yield from _with_head(program, head, int(high) + 1, activation, loss)


def _closed(program: Program, graph: Graph, head: Head) -> Iterator[Change]:
    """Close the axes that the labels do not have."""
    offset = program.offset
    for node in reversed(graph.nodes):
        inner = getattr(node.item, "forward_layer", node.item)
        if isinstance(inner, keras.layers.RNN):
            if inner.return_sequences and len(head.shape) == 3:
                text = f"Let the {node.kind} give only its last step: return_sequences=False."
                new = altered(node.item, return_sequences=False)
                place = node.index + offset
                changed = program.with_item(place, new, "return_sequences=True is gone")
                yield Change(text, _without_wrappers(changed, place), place, "parameter")
            break
    first = _first_wide_dense(graph)
    if first is not None and not _free(first):
        place = first.index + offset
        changed = program.with_inserted(place, keras.layers.Flatten(), "new")
        text = f"Put a Flatten before layer {first.index}, {first.kind}."
        yield Change(text, changed, place, "adjacent_layer")
    pooling = {3: "GlobalAveragePooling1D", 4: "GlobalAveragePooling2D"}.get(len(head.shape))
    if first is not None and pooling is not None:
        place = first.index + offset
        changed = program.with_inserted(place, getattr(keras.layers, pooling)(), "new")
        text = f"Put a {pooling} before layer {first.index}, {first.kind}."
        yield Change(text, changed, place, "adjacent_layer")
    if first is None and head.units:
        place = len(program.items)
        labels = program.y_facts
        units = labels.width if labels is not None else 1
        loss = program.compiled.loss if program.compiled is not None else None
        needs = needs_of(loss)
        if needs is not None and needs.targets == "integers" and labels and labels.classes:
            units = labels.classes
        changed = program.with_inserted(place, keras.layers.Flatten(), "new")
        changed = changed.with_inserted(
            place + 1, keras.layers.Dense(units, activation=_usual_activation(needs)), "new"
        )
        text = f"End the model with a Flatten and a Dense of {units}."
        yield Change(text, changed, place - 1, "label_output")


def _usual_activation(needs: LossNeeds | None) -> str | None:
    if needs is None or needs.from_logits:
        return None
    return {"multiclass": "softmax", "binary": "sigmoid"}.get(needs.task)


def _without_wrappers(program: Program, place: int) -> Program:
    """After the steps are closed, TimeDistributed has nothing to go over."""
    for later in range(place + 1, len(program.items)):
        item = program.items[later]
        if isinstance(item, keras.layers.TimeDistributed):
            inner = altered(item.layer)
            program = program.with_item(later, inner, "was TimeDistributed")
    return program


def _first_wide_dense(graph: Graph) -> Node | None:
    """The first of the Dense layers at the end that still has more than two axes."""
    found = None
    for node in reversed(graph.nodes):
        if node.kind == "Dense" and len(node.input_shapes[0]) > 2:
            found = node
        elif node.kind not in ("Dense", "Activation", "Dropout", "Softmax", "ReLU", "LeakyReLU"):
            break
    return found


def _free(node: Node) -> bool:
    return None in node.input_shapes[0][1:]


def _opened(program: Program, graph: Graph, head: Head, labels: LabelFacts) -> Iterator[Change]:
    """Let the model answer for each step, or take away an empty axis of the labels."""
    y = as_array(program.y)
    loss = needs_of(program.compiled.loss) if program.compiled is not None else None
    sparse = loss is not None and loss.targets == "integers"
    if sparse and labels.encoding == "multi-hot" and labels.width == head.units:
        yield from _with_head(program, head, labels.width, "sigmoid", "binary_crossentropy")
    if y is not None and len(head.shape) == 2 and math.prod(y.shape[1:]) == head.units:
        place = len(program.items)
        layer = keras.layers.Reshape(y.shape[1:])
        text = f"Give the output the shape of the labels: Reshape({y.shape[1:]}) at the end."
        yield Change(text, program.with_inserted(place, layer, "new"), place - 1, "label_output")
    if y is not None and 1 in y.shape[1:-1]:
        axis = 1 + y.shape[1:-1].index(1)
        line = f"{program.y_name} = np.squeeze({program.y_name}, axis={axis})"
        text = f"The labels have an axis of one entry. Take it away: {line}."
        yield Change(text, program.with_y(y.squeeze(axis), line))
    for node in reversed(graph.nodes):
        inner = getattr(node.item, "forward_layer", node.item)
        if isinstance(inner, keras.layers.RNN) and not inner.return_sequences:
            place = node.index + program.offset
            text = f"Let the {node.kind} give every step: return_sequences=True."
            new = altered(node.item, return_sequences=True)
            changed = program.with_item(place, new, "return_sequences=True is new")
            yield Change(text, changed, place, "parameter")
            break
        if node.kind == "Flatten":
            place = node.index + program.offset
            text = "Take the Flatten away, so that the steps stay."
            yield Change(text, program.without_item(place), place)
            break


def _widened(program: Program, head: Head, loss: LossNeeds, labels: LabelFacts) -> Iterator[Change]:
    width = labels.width
    y = as_array(program.y)
    high, one_each = labels.array.high, labels.encoding in ("integers", "binary")
    one_each = one_each and width == 1 and loss.task == "regression"
    if head.activation == "softmax" and one_each and (high or 0) < (head.units or 0):
        text = f"The labels are classes: take the loss {_SPARSE}."
        yield Change(text, program.with_loss(_SPARSE))
    if head.units == 1 and labels.encoding == "one-hot" and loss.task == "binary":
        yield from _with_head(program, head, width, "softmax", "categorical_crossentropy")
    if len(head.shape) > 2 and head.shape[-1] == width:
        yield from _same_sizes(program, head, labels)
    elif 0 < width <= MOST_CLASSES:
        activation = "sigmoid" if width == 1 and head.activation == "softmax" else None
        if width > 1 and head.activation == "sigmoid" and loss.task == "multiclass":
            activation = "softmax"
        yield from _with_head(program, head, width, activation, None)
    if y is not None and labels.encoding == "one-hot" and head.units == 1 and width == 2:
        line = f"{program.y_name} = {program.y_name}[:, 1]"
        text = f"Or keep one unit, and one number for each example: {line}."
        yield Change(text, program.with_y(y[:, 1], line))


def _same_sizes(program: Program, head: Head, labels: LabelFacts) -> Iterator[Change]:
    """Maps of another side than the labels: pad the convolutions, or cut the edge off."""
    for place, item in enumerate(program.items):
        if isinstance(item, keras.layers.RepeatVector) and item.n == head.shape[1]:
            steps = labels.shape[1]
            text = f"The labels have {steps} steps: RepeatVector({steps})."
            new = keras.layers.RepeatVector(steps)
            changed = program.with_item(place, new, f"was {item.n}")
            yield Change(text, changed, place, "parameter")
    changed, places = program, []
    for place, item in enumerate(program.items):
        window = max(getattr(item, "kernel_size", (1,)))  # a window of 1 takes no edge off
        if window > 1 and getattr(item, "padding", "") == "valid":
            new = altered(item, padding="same")
            changed = changed.with_item(place, new, 'padding="same" is new')
            places.append(place)
    if places:
        text = 'Keep the size of the maps: padding="same" for each convolution.'
        yield Change(text, changed, places[0], "parameter", certain=False)
    extra = [
        (size or 0) - wanted
        for size, wanted in zip(head.shape[1:-1], labels.shape[1:-1], strict=False)
    ]
    kinds = {1: "Cropping1D", 2: "Cropping2D", 3: "Cropping3D"}
    if extra and len(extra) in kinds and min(extra) >= 0 and max(extra) > 0:
        edges = tuple((0, size) for size in extra)
        layer = getattr(keras.layers, kinds[len(extra)])(edges[0] if len(edges) == 1 else edges)
        place = len(program.items)
        text = (
            f"Cut the edge off at the end, so that {head.shape[1:-1]} becomes {labels.shape[1:-1]}."
        )
        cut = program.with_inserted(place, layer, "new")
        yield Change(text, cut, place - 1, "label_output", certain=False)


def _with_head(
    program: Program, head: Head, units: int, activation: str | None, loss: str | None
) -> Iterator[Change]:
    """Another number of units at the end; with its activation and loss, where they change."""
    place = head.node.index + program.offset
    layer = head.node.item
    owner, argument = layer, "units"
    inner = getattr(layer, "layer", None)
    if isinstance(layer, keras.layers.TimeDistributed):
        owner = inner
    if not hasattr(owner, "units"):
        argument = "filters"
    if not hasattr(owner, argument):
        yield from _added_head(program, units, activation, loss)
        return
    changes: dict[str, Any] = {argument: units}
    word = argument if units != 1 else argument.removesuffix("s")
    parts = [f"Give layer {head.node.index}, {head.node.kind}, {units} {word}"]
    own_activation = head.activation_node is head.node
    if activation is not None and own_activation and activation != head.activation:
        changes["activation"] = activation
        parts.append(f'activation="{activation}"')
    changed = program.with_item(place, altered(layer, **changes), f"was {getattr(owner, argument)}")
    if activation is not None and not own_activation and activation != head.activation:
        other = head.activation_node.index + program.offset
        new = keras.layers.Activation(activation)
        changed = changed.with_item(other, new, f"was {head.activation}")
        parts.append(f"the activation {activation}")
    if loss is not None:
        changed = changed.with_loss(_other_loss(program, loss))
        parts.append(f"the loss {loss}")
    text = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    yield Change(text + ".", changed, place)


def _added_head(
    program: Program, units: int, activation: str | None, loss: str | None
) -> Iterator[Change]:
    place = len(program.items)
    needs = needs_of(loss or (program.compiled.loss if program.compiled else None))
    layer = keras.layers.Dense(units, activation=activation or _usual_activation(needs))
    changed = program.with_inserted(place, layer, "new")
    if loss is not None:
        changed = changed.with_loss(loss)
    yield Change(f"End the model with a Dense of {units}.", changed, place - 1)


def _other_loss(program: Program, name: str) -> Any:
    """The loss of this name; with from_logits as the old one had it."""
    old = needs_of(program.compiled.loss) if program.compiled is not None else None
    if old is None or not old.from_logits:
        return name
    kind = "".join(part.capitalize() for part in name.split("_"))
    return getattr(keras.losses, kind)(from_logits=True)
