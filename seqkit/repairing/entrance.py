"""Does the data fit the Input? Batch axis, channel axis, width, order of the axes, rows."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from seqkit.fitting.arrays import as_array
from seqkit.graph import Shape
from seqkit.repairing.edit import altered
from seqkit.repairing.problem import Change, Problem
from seqkit.repairing.program import Program

_WHY = "The first layer makes its weights for the sizes of the Input, so all data must have them."


def data_problem(program: Program) -> Problem | None:
    """Compare the shape of x with the shape that the model takes."""
    takes, x = program.takes, program.x_facts
    if x is None or takes is None or _accepted(takes, x.shape):
        return None
    wanted = (None, *takes)
    return Problem(
        kind="data shape",
        fault="feature_input",
        title="The data does not have the shape that the model takes",
        text=f"The model takes {wanted}, and {program.x_name} has the shape {x.shape}.",
        why=_WHY,
        place=None,
        advice=_advice(program, takes, x.shape),
        changes=lambda: list(_data_changes(program, takes)),
    )


def rows_problem(program: Program) -> Problem | None:
    """Compare the number of examples in x and y."""
    x, y = program.x_facts, program.y_facts
    if x is None or y is None or program.call == "predict":
        return None
    if x.examples is None or y.array.examples is None or x.examples == y.array.examples:
        return None
    return Problem(
        kind="rows",
        fault="feature_input",
        title="x and y do not hold the same number of examples",
        text=(
            f"{program.x_name} {x.shape} holds {_examples(x.examples)}, and {program.y_name} "
            f"{y.shape} holds labels for {y.array.examples}."
        ),
        why="The first axis counts the examples, in the data and in the labels.",
        place=None,
        advice="Pass the labels of exactly these examples.",
        changes=lambda: list(_row_changes(program)),
    )


def index_problem(program: Program) -> Problem | None:
    """Compare the highest integer in x with the size of the Embedding that reads it."""
    x, graph = program.x_facts, program.graph
    if x is None or graph is None or x.high is None or x.low is None or not graph.nodes:
        return None
    layer = graph.nodes[0].item
    if type(layer).__name__ != "Embedding" or not x.whole:
        return None
    low, high = x.low, x.high
    if low >= 0 and high < layer.input_dim:
        return None
    place = program.offset

    def changes() -> list[Change]:
        if low < 0:
            return []
        size = int(high) + 1
        text = f"Give the Embedding one row for each integer from 0 to {size - 1}: {size}."
        new = altered(layer, input_dim=size)
        return [Change(text, program.with_item(place, new, f"was {layer.input_dim}"), place)]

    return Problem(
        kind="embedding index",
        fault="feature_input",
        title="The data holds integers that the Embedding has no row for",
        text=(
            f"Layer 0, Embedding, has {layer.input_dim} rows, for the integers 0 to "
            f"{layer.input_dim - 1}, and {program.x_name} holds {int(low)} to {int(high)}."
        ),
        why="An Embedding looks up one row of its table for each integer.",
        place=place,
        advice="Renumber the integers from 0, and give the Embedding as many rows as there are.",
        changes=changes,
    )


def kind_problem(program: Program) -> Problem | None:
    """Texts or objects where numbers are needed."""
    x, y = program.x_facts, program.y_facts
    if x is not None and x.kind in ("text", "object") and _needs_numbers(program):
        words = "texts" if x.kind == "text" else "objects (the rows may differ in length)"
        return Problem(
            kind="data kind",
            fault="feature_input",
            title="The data is not numbers",
            text=f"{program.x_name} {x.shape} holds {words}, and the layers compute with numbers.",
            why="Keras makes one tensor of the data: numbers, all rows of one length.",
            place=None,
            advice=(
                "Turn texts into integers with keras.layers.TextVectorization, and rows of "
                "different length into one array with keras.utils.pad_sequences."
            ),
            changes=lambda: list(_number_changes(program)),
        )
    if y is not None and y.array.kind == "text" and program.call == "fit":
        return _text_labels(program)
    return None


def _accepted(takes: Shape, shape: tuple[int, ...]) -> bool:
    """Whether Keras takes data of this shape; it adds or drops a last axis of 1 by itself."""
    if not shape:
        return False
    came: Shape = shape[1:]
    if len(came) == len(takes) + 1 and came[-1] == 1:
        came = came[:-1]
    elif len(takes) == len(came) + 1 and takes[-1] == 1:
        came = (*came, 1)
    pairs = zip(takes, came, strict=False)
    return len(takes) == len(came) and all(a == b or a is None for a, b in pairs)


def _data_changes(program: Program, takes: Shape) -> Iterator[Change]:
    """Ways to bring x and the Input together, the most likely first."""
    x = as_array(program.x)
    assert x is not None
    name, shape = program.x_name, x.shape
    if _fits(takes, shape) and _wanted_rows(program, 1) != len(x):
        yield from _one_example(program, x)
    yield from _transposed(program, x, takes)
    if len(shape) == len(takes) + 1:
        yield from _moved(program, x, takes)
    if len(shape) == len(takes) and takes[-1] not in (None, 1) and shape[1:] == takes[:-1]:
        yield from _channels(program, x)
    sizes_known = [size for size in takes if size is not None]
    if len(sizes_known) == len(takes) and x.size and x.size % math.prod(sizes_known) == 0:
        new = x.reshape(-1, *takes)
        if len(new) == _wanted_rows(program, len(new)):
            sizes = ", ".join(str(size) for size in takes)
            line = f"{name} = {name}.reshape(-1, {sizes})"
            text = f"Lay the values out as {new.shape}: {line}."
            yield Change(text, program.with_x(new, line))
    yield from _entry_changes(program, x)


def _fits(takes: Shape, shape: tuple[int, ...]) -> bool:
    pairs = zip(takes, shape, strict=False)
    return len(takes) == len(shape) and all(a == b or a is None for a, b in pairs)


def _one_example(program: Program, x: np.ndarray) -> Iterator[Change]:
    """The axis for the examples is missing: one example was passed bare."""
    name = program.x_name
    line = f"{name} = {name}[None]"
    text = f"Put the axis for the examples in front: {line}, which has the shape {(1, *x.shape)}."
    new = program.with_x(x[None], line)
    y = as_array(program.y)
    if y is not None and program.call != "predict" and (y.ndim == 0 or len(y) != 1):
        new = new.with_y(y[None], f"{program.y_name} = {program.y_name}[None]")
    yield Change(text, new)


def _transposed(program: Program, x: np.ndarray, takes: Shape) -> Iterator[Change]:
    """Examples stand in columns, not in rows."""
    if x.ndim != 2 or not _fits(takes, x.T.shape[1:]):
        return
    name, y_name = program.x_name, program.y_name
    y = as_array(program.y)
    new = program.with_x(x.T, f"{name} = {name}.T")
    text = f"The examples stand in columns. Turn the array: {name}.T has the shape {x.T.shape}."
    if y is not None and program.call != "predict":
        if y.ndim == 2 and len(y) != len(x.T) and y.shape[1] == len(x.T):
            new = new.with_y(y.T, f"{y_name} = {y_name}.T")
            text += f" The same for {y_name}: {y.T.shape}."
        elif len(np.atleast_1d(y)) != len(x.T):
            return
    yield Change(text, new)


def _moved(program: Program, x: np.ndarray, takes: Shape) -> Iterator[Change]:
    """The channels stand first, and the Input has them last; or the other way round."""
    name = program.x_name
    for source, target in ((1, -1), (-1, 1)):
        new = np.moveaxis(x, source, target)
        if x.ndim > 2 and new.shape != x.shape and _fits(takes, new.shape[1:]):
            line = f"{name} = np.moveaxis({name}, {source}, {target})"
            yield Change(f"Move the channels: {line}.", program.with_x(new, line))


def _channels(program: Program, x: np.ndarray) -> Iterator[Change]:
    """Grey images for an Input with colours."""
    name = program.x_name
    line = f"{name} = {name}[..., None]"
    shape = (*x.shape[1:], 1)
    text = f"The images have no channel axis. Add one, {line}, and take keras.Input({shape})."
    if not program.trained:
        changed = program.with_entry(shape, f"was {_entry_words(program)}")
        yield Change(text, changed.with_x(x[..., None], line), 0)


def _entry_changes(program: Program, x: np.ndarray) -> Iterator[Change]:
    """Take the data as it is, and change the Input. A trained model keeps its Input."""
    if program.trained or not program.has_input or x.ndim < 2:
        return
    if program.takes == x.shape:
        text = (
            f"The number of examples does not belong into the Input. Take {len(x)} out: "
            f"keras.Input({x.shape[1:]})."
        )
    else:
        text = f"Build the model for this data: keras.Input({x.shape[1:]})."
    yield Change(text, program.with_entry(x.shape[1:], f"was {_entry_words(program)}"), 0)


def _entry_words(program: Program) -> str:
    return str(program.takes)


def _wanted_rows(program: Program, given: int) -> int:
    y = program.y_facts
    if y is None or program.call == "predict" or y.array.examples is None:
        return given
    return y.array.examples


def _row_changes(program: Program) -> Iterator[Change]:
    x, y = as_array(program.x), as_array(program.y)
    assert x is not None and y is not None
    name, y_name = program.x_name, program.y_name
    if len(x) == 1 and x.ndim > 1 and x.shape[1] == len(y):
        line = f"{name} = {name}[0]"
        text = f"{name} has one axis too many in front. Take it away: {line}."
        yield Change(text, program.with_x(x[0], line))
    if x.ndim == 2 and x.shape[1] == len(y):
        text = f"The examples stand in columns. Turn the array: {name} = {name}.T."
        yield Change(text, program.with_x(x.T, f"{name} = {name}.T"))
    if y.ndim == 2 and y.shape[1] == len(x):
        text = f"The labels stand in columns. Turn the array: {y_name} = {y_name}.T."
        yield Change(text, program.with_y(y.T, f"{y_name} = {y_name}.T"))
    if len(y) == 1:
        line = f"{name} = {name}[None]"
        text = f"{name} is one example. Put the axis for the examples in front: {line}."
        yield Change(text, program.with_x(x[None], line))
    if y.ndim == 1 and len(y) % len(x) == 0 and len(x) > 1:
        width = len(y) // len(x)
        line = f"{y_name} = {y_name}.reshape(len({name}), {width})"
        text = f"Lay the labels out in {len(x)} rows of {width}: {line}."
        yield Change(text, program.with_y(y.reshape(len(x), width), line), certain=False)


def _number_changes(program: Program) -> Iterator[Change]:
    x = as_array(program.x)
    try:
        new = None if x is None else x.astype("float32")
    except (TypeError, ValueError):
        return
    if new is not None:
        line = f'{program.x_name} = {program.x_name}.astype("float32")'
        yield Change(f"The values are numbers, kept as objects: {line}.", program.with_x(new, line))


def _needs_numbers(program: Program) -> bool:
    first = program.items[program.offset] if len(program.items) > program.offset else None
    kinds = ("TextVectorization", "StringLookup", "Hashing", "HashedCrossing", "Lambda")
    own = not type(first).__module__.startswith("keras.")
    return not own and type(first).__name__ not in kinds


def _text_labels(program: Program) -> Problem:
    name = program.y_name
    y = program.y_facts
    assert y is not None

    def changes() -> list[Change]:
        texts = as_array(program.y)
        assert texts is not None
        labels = np.unique(texts.astype(str), return_inverse=True)[1]
        line = f"classes, {name} = np.unique({name}, return_inverse=True)"
        text = f"Number the classes, and keep their names: {line}."
        return [Change(text, program.with_y(labels.reshape(y.shape), line))]

    return Problem(
        kind="label kind",
        fault="label_output",
        title="The labels are texts",
        text=f"{name} {y.shape} holds texts, and a loss computes with numbers.",
        why="A loss compares numbers.",
        place=None,
        advice="Give each class a number, from 0.",
        changes=changes,
    )


def _advice(program: Program, takes: Shape, shape: tuple[int, ...]) -> str:
    if program.trained:
        return f"The model takes {(None, *takes)}. Bring the data into that shape."
    return f"Change the data, or build the model for it: keras.Input({shape[1:]})."


def _examples(count: int) -> str:
    return f"{count} {'example' if count == 1 else 'examples'}"
