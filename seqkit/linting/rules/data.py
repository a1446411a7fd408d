"""SEQ3: the data, when x or y is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np

from seqkit.fitting.arrays import ArrayFacts, as_array
from seqkit.graph import Node, Shape
from seqkit.graph.chain import read_chain
from seqkit.linting.layers import (
    ALL_CONVOLUTIONS,
    DENSE,
    NORMALISATIONS,
    RECURRENT,
    is_own,
    plural,
    says,
)
from seqkit.linting.rule import Found, rule
from seqkit.linting.subject import Subject

ENOUGH = 20
"""With fewer labels than this nothing is said of their order or balance."""

_TEXT_LAYERS = ("TextVectorization", "StringLookup", "Hashing", "HashedCrossing")


@rule(
    "SEQ301",
    "data-do-not-fit",
    "error",
    "feature_input",
    lesson="09",
    why="The shape of one example must be the shape in keras.Input. Otherwise fit stops in some "
    "layer, and its message is about that layer and not about the data.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((4,)), layers.Dense(1)]
        x = np.random.default_rng(0).normal(size=(16, 5))
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((5,)), layers.Dense(1)]
        x = np.random.default_rng(0).normal(size=(16, 5))
        """,
)
def data_do_not_fit(subject: Subject) -> Iterator[Found]:
    """The shape of x is not the one that the model was built for."""
    data, entry = _array(subject), subject.entry
    if data is None or entry is None or not data.shape or not subject.graph.ok:
        return
    shape = adjusted(data.shape, entry)
    if shape is not None and _fits(shape[1:], entry[1:]):
        return
    if shape is None or not _runs_all_the_same(subject, shape):
        right = ", ".join(str(size) for size in data.shape[1:])
        comma = "," if len(data.shape) == 2 else ""
        yield Found(
            f"The model takes {entry}, and x has the shape {data.shape}.",
            f"Write keras.Input(({right}{comma})) for these data, or reshape x.",
        )


@rule(
    "SEQ302",
    "size-differs",
    "info",
    "feature_input",
    lesson="02",
    why="Convolutions and recurrent layers run on other sizes than the one in keras.Input, and "
    "Keras says nothing. The shapes in summary() are then not those of the data.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((10, 3)), layers.LSTM(4), layers.Dense(1)]
        x = np.zeros((16, 12, 3))
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((None, 3)), layers.LSTM(4), layers.Dense(1)]
        x = np.zeros((16, 12, 3))
        """,
)
def size_differs(subject: Subject) -> Iterator[Found]:
    """The data have another size than keras.Input says, and Keras runs on them all the same."""
    data, entry = _array(subject), subject.entry
    if data is None or entry is None or not data.shape or not subject.graph.ok:
        return
    shape = adjusted(data.shape, entry)
    if shape is None or _fits(shape[1:], entry[1:]):
        return
    if _runs_all_the_same(subject, shape):
        yield Found(
            f"keras.Input says {entry[1:]}, and one example of x has the shape {shape[1:]}. Keras "
            f"runs on it with no message.",
            "Give keras.Input the size of the data, or None for a size that is not fixed.",
        )


@rule(
    "SEQ303",
    "axis-added",
    "info",
    "feature_input",
    lesson="04",
    why="When x lacks a last axis of size 1, or has one too many, Keras adjusts it silently. "
    "That is handy, but the shapes in the program are not those that the layers see.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [
            Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(1),
        ]
        x = np.zeros((16, 8, 8))
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [
            Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(1),
        ]
        x = np.zeros((16, 8, 8))[..., np.newaxis]
        """,
)
def axis_added(subject: Subject) -> Iterator[Found]:
    """Keras adds or drops a last axis of size 1 of x."""
    data, entry = _array(subject), subject.entry
    if data is None or entry is None or len(data.shape) < 2 or len(data.shape) == len(entry):
        return
    shape = adjusted(data.shape, entry)
    if shape is not None and _fits(shape[1:], entry[1:]):
        verb = (
            "adds a last axis of size 1" if len(shape) > len(data.shape) else "drops the last axis"
        )
        fix = "x[..., np.newaxis]" if len(shape) > len(data.shape) else "x[..., 0]"
        yield Found(
            f"The model takes {entry}, and x has the shape {data.shape}. Keras {verb} by itself.",
            f"Say it in the program: {fix}.",
        )


@rule(
    "SEQ304",
    "several-arrays",
    "error",
    "topology",
    lesson="13",
    why="A Sequential has one input. Given a list of arrays, fit only warns and trains on the "
    "first; the others never reach the model. Given a dict, it stops.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((4,)), layers.Dense(1)]
        rng = np.random.default_rng(0)
        x = [rng.normal(size=(16, 4)), rng.normal(size=(16, 4))]
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(1)]
        rng = np.random.default_rng(0)
        x = np.concatenate([rng.normal(size=(16, 4)), rng.normal(size=(16, 4))], axis=1)
        """,
)
def several_arrays(subject: Subject) -> Iterator[Found]:
    """A model with one input is given several arrays."""
    arrays = _arrays(subject.x)
    if len(arrays) < 2 or subject.graph.style == "subclassed":
        return
    inputs = len(subject.graph.entry) or 1
    if inputs == 1 and (subject.is_chain or len(subject.graph.entry) == 1):
        silent = not isinstance(subject.x, Mapping)
        what = "fit trains on the first alone" if silent else "fit stops"
        yield Found(
            f"x holds {len(arrays)} arrays, and the model has one input: {what}.",
            "Use the Functional API with one keras.Input for each array, or join the arrays into "
            "one with np.concatenate.",
        )


@rule(
    "SEQ305",
    "not-an-array",
    "error",
    "feature_input",
    lesson="09",
    why="fit takes arrays, tensors or data sets. A Python list of numbers is taken as a list of "
    "many inputs, and the message speaks of unrecognised data or of tuples.",
    example="""
        from keras import Input, layers

        stack = [Input((2,)), layers.Dense(1)]
        x = [[1.0, 2.0], [3.0, 4.0]]
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((2,)), layers.Dense(1)]
        x = np.array([[1.0, 2.0], [3.0, 4.0]])
        """,
)
def not_an_array(subject: Subject) -> Iterator[Found]:
    """One of x and y is a Python list of numbers, or an array of Python objects."""
    for name, value in (("x", subject.x), ("y", subject.y)):
        if _is_list_of_numbers(value):
            yield Found(f"{name} is a Python list of numbers.", f"Write np.array({name}).")
        labels = None if subject.labels is None else subject.labels.array
        facts = subject.data if name == "x" else labels
        if facts is not None and facts.kind == "object" and not _is_frame(value):
            yield Found(
                f"{name} is an array of Python objects (dtype {facts.dtype}), as rows of different "
                f"lengths or mixed types give.",
                f'Make the rows equally long, then {name}.astype("float32").',
            )


@rule(
    "SEQ306",
    "text-as-numbers",
    "error",
    "feature_input",
    lesson="05",
    why="A model computes with numbers. Text must be turned into numbers first, inside the model "
    "or before it; labels, too.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((2,)), layers.Dense(1)]
        x = np.array([["red", "small"], ["blue", "large"]])
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((2,)), layers.Dense(1)]
        x = np.array([[0.0, 1.0], [1.0, 0.0]])
        """,
)
def text_as_numbers(subject: Subject) -> Iterator[Found]:
    """One of x and y holds text, and no layer turns it into numbers."""
    reads_text = any(
        node.kind in _TEXT_LAYERS or is_own(node) or isinstance(node.layer, keras.Model)
        for node in subject.nodes
    )
    reads_text = reads_text or subject.graph.style == "subclassed"
    if subject.data is not None and subject.data.kind == "text" and not reads_text:
        yield Found(
            f"x holds text (dtype {subject.data.dtype}), and the model computes with numbers.",
            "Turn words into numbers with TextVectorization, categories with StringLookup.",
        )
    if subject.labels is not None and subject.labels.array.kind == "text":
        yield Found(
            "y holds text, and the loss computes with numbers.",
            "Number the classes: names, y = np.unique(y, return_inverse=True).",
            fault="label_output",
        )


@rule(
    "SEQ307",
    "not-a-number",
    "error",
    "feature_input",
    lesson="09",
    why="One NaN or infinity makes the loss of its batch NaN, then every weight, then everything. "
    "fit goes on to the end.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((2,)), layers.Dense(1)]
        x = np.array([[1.0, np.nan], [0.0, 1.0]])
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((2,)), layers.Dense(1)]
        x = np.nan_to_num(np.array([[1.0, np.nan], [0.0, 1.0]]))
        """,
)
def not_a_number(subject: Subject) -> Iterator[Found]:
    """One of x and y holds NaN or infinity."""
    handled = any(is_own(node) or node.kind == "Lambda" for node in subject.nodes)
    if subject.data is not None and not handled:
        yield from _not_finite("x", subject.data)
    if subject.labels is not None and subject.needs is not None:
        yield from _not_finite("y", subject.labels.array)


def _not_finite(name: str, facts: ArrayFacts) -> Iterator[Found]:
    parts = [(facts.nans, "NaN"), (facts.infinities, "infinite")]
    bad = [f"{count} {word}" for count, word in parts if count]
    if bad:
        noun = "value" if facts.nans + facts.infinities == 1 else "values"
        part = " in the part that was looked at" if facts.sampled else ""
        yield Found(
            f"{name} holds {' and '.join(bad)} {noun}{part}.",
            f"Drop those rows, or fill the values in, before fit: ~np.isfinite({name}) finds them.",
            fault="feature_input" if name == "x" else "label_output",
        )


@rule(
    "SEQ308",
    "unscaled-data",
    "warning",
    "feature_input",
    lesson="06",
    why="Weights begin small, for inputs around 1. Inputs in the hundreds make the first outputs "
    "and gradients as much larger: training is unstable, or units die at once.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((8, 8, 1)), layers.Flatten(), layers.Dense(3, activation="softmax")]
        x = np.arange(4 * 64, dtype="uint8").reshape(4, 8, 8, 1)
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [
            Input((8, 8, 1)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
        x = np.arange(4 * 64, dtype="uint8").reshape(4, 8, 8, 1)
        """,
)
def unscaled_data(subject: Subject) -> Iterator[Found]:
    """The values of x are in the hundreds, and they reach the first weights unscaled."""
    data = subject.data
    if data is None or data.low is None or data.high is None or data.kind in ("text", "object"):
        return
    first = _first_learning(subject)
    if first is None or first.kind == "Embedding":
        return
    one_sided = data.low >= 0 and data.high > 100
    if not one_sided and max(abs(data.low), abs(data.high)) <= 200:
        return
    pixels = data.low >= 0 and data.high <= 255 and len(data.shape) >= 3 and data.whole
    what = "pixels" if pixels else "values"
    yield Found(
        f"x holds {what} from {data.low:g} to {data.high:g}, and they reach layer {first.index}, "
        f"{first.kind}, unscaled.",
        "Put keras.layers.Rescaling(1 / 255) first."
        if pixels
        else "Put keras.layers.Normalization() first and call adapt(x_train) on it.",
        first,
    )


def _first_learning(subject: Subject) -> Node | None:
    """The first layer with weights, if only layers that pass the values on stand before it."""
    if not subject.is_chain and len(subject.graph.entry) != 1:
        return None
    passing = ("InputLayer", "Flatten", "Reshape", "Permute", "Dropout", "ZeroPadding2D", "Masking")
    for node in subject.nodes:
        if is_own(node) or isinstance(node.layer, keras.Model) or node.kind in NORMALISATIONS:
            return None
        if node.kind in (*DENSE, *ALL_CONVOLUTIONS, *RECURRENT, "Bidirectional", "Embedding"):
            return node
        if node.kind not in passing and not node.kind.startswith("Random"):
            return None
    return None


@rule(
    "SEQ309",
    "constant-columns",
    "info",
    "feature_input",
    lesson="06",
    why="A column with the same value in every row tells the examples apart in nothing. Scaled by "
    "its standard deviation, which is 0, it becomes NaN.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((2,)), layers.Dense(1)]
        x = np.array([[1.0, 0.3], [1.0, 0.1], [1.0, 0.7]] * 10)
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((1,)), layers.Dense(1)]
        x = np.array([[0.3], [0.1], [0.7]] * 10)
        """,
)
def constant_columns(subject: Subject) -> Iterator[Found]:
    """Columns of x hold one value only."""
    data = subject.data
    if data is None or not data.constant or data.shape[0] < ENOUGH:
        return
    if _tokens_or_pixels(subject, data):
        return
    yield Found(
        f"{plural(data.constant, 'column')} of x {'holds' if data.constant == 1 else 'hold'} the "
        f"same value in every row.",
        "Leave them out: x[:, x.std(axis=0) > 0].",
    )


def _tokens_or_pixels(subject: Subject, data: ArrayFacts) -> bool:
    """Padding of sequences and the margins of pictures are constant, and that is fine."""
    first = _first_learning(subject)
    return first is None or first.kind == "Embedding" or data.shape[-1] > 200


@rule(
    "SEQ310",
    "one-class",
    "warning",
    "label_output",
    lesson="03",
    why="With one class the model learns to answer it always. The loss goes to 0, the accuracy is "
    "100 %, and nothing was learned.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((2,)), layers.Dense(1, activation="sigmoid")]
        compile = {"loss": "binary_crossentropy"}
        y = np.zeros(50)
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((2,)), layers.Dense(1, activation="sigmoid")]
        compile = {"loss": "binary_crossentropy"}
        y = np.array([0, 1, 1, 0, 1] * 10)
        """,
)
def one_class(subject: Subject) -> Iterator[Found]:
    """All labels of a classification are of one class."""
    counts = _class_counts(subject)
    if len(counts) == 1:
        label, count = counts[0]
        yield Found(
            f"All {count} labels are of class {label}.",
            "Check how the data were split: were they sorted by class?",
        )


@rule(
    "SEQ311",
    "rare-class",
    "info",
    "label_output",
    lesson="03",
    why="With one rare class, a model that never answers it has a high accuracy. Look at recall "
    "and precision of each class, and try class_weight in fit.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((2,)), layers.Dense(1, activation="sigmoid")]
        compile = {"loss": "binary_crossentropy"}
        y = np.array(([0] * 24 + [1]) * 4)
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((2,)), layers.Dense(1, activation="sigmoid")]
        compile = {"loss": "binary_crossentropy"}
        y = np.array([0, 1, 1, 0, 1] * 20)
        """,
)
def rare_class(subject: Subject) -> Iterator[Found]:
    """A class is ten times rarer than the most frequent one."""
    counts = _class_counts(subject)
    if len(counts) < 2:
        return
    rare, few = min(counts, key=lambda pair: pair[1])
    common, many = max(counts, key=lambda pair: pair[1])
    total = sum(count for _, count in counts)
    if few * 10 <= many:
        yield Found(
            f"Class {rare} has {few} of {total} labels, class {common} has {many}: always "
            f"answering {common} is right in {many / total:.0%} of the cases.",
            "Measure recall and precision of the rare class; weigh it with class_weight in fit.",
        )


@rule(
    "SEQ312",
    "sorted-labels",
    "warning",
    "label_output",
    lesson="06",
    why="validation_split takes the last part of the data as it stands. With sorted labels that "
    "part holds classes which training never saw, and the validation numbers mean nothing.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((2,)), layers.Dense(3, activation="softmax")]
        compile = {"loss": "sparse_categorical_crossentropy"}
        y = np.repeat([0, 1, 2], 20)
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((2,)), layers.Dense(3, activation="softmax")]
        compile = {"loss": "sparse_categorical_crossentropy"}
        y = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], 20))
        """,
)
def sorted_labels(subject: Subject) -> Iterator[Found]:
    """The labels of a classification are sorted by class."""
    counts = _class_counts(subject)
    array = as_array(subject.y)
    if len(counts) < 2 or array is None or subject.labels is None:
        return
    if subject.labels.encoding == "one-hot":
        array = array.argmax(axis=-1)
    if array.ndim > 2 or (array.ndim == 2 and array.shape[-1] != 1):
        return
    classes = array.reshape(-1).astype("int64")
    steps = np.diff(classes)
    if bool((steps >= 0).all()) or bool((steps <= 0).all()):
        yield Found(
            f"The {len(classes)} labels are sorted by class: validation_split would take the last "
            f"examples, which are all of class {classes[-1]}.",
            "Shuffle x and y together before fit: order = rng.permutation(len(x)).",
        )


def _class_counts(subject: Subject) -> tuple[tuple[int, int], ...]:
    """How often each class occurs, if the loss is one for classes and there are enough labels."""
    labels, needs = subject.labels, subject.needs
    if labels is None or needs is None or needs.task not in ("binary", "multiclass"):
        return ()
    total = sum(count for _, count in labels.counts)
    one_each = len(labels.shape) == 1 or len(labels.shape) == 2
    return labels.counts if total >= ENOUGH and one_each else ()


@rule(
    "SEQ313",
    "index-out-of-range",
    "error",
    "feature_input",
    lesson="05",
    why="An Embedding has one row for each number from 0 to input_dim - 1. For a number outside, "
    "TensorFlow on a CPU stops with a page of text; on a GPU, and in JAX, it goes on with zeros "
    "or nan.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((3,)), layers.Embedding(100, 8), layers.Flatten(), layers.Dense(1)]
        x = np.array([[1, 5, 100], [2, 7, 0]])
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((3,)), layers.Embedding(101, 8), layers.Flatten(), layers.Dense(1)]
        x = np.array([[1, 5, 100], [2, 7, 0]])
        """,
)
def index_out_of_range(subject: Subject) -> Iterator[Found]:
    """There is a number in x for which the Embedding has no row."""
    node, data = _first_learning(subject), subject.data
    if node is None or node.kind != "Embedding" or data is None:
        return
    if data.low is None or data.high is None or not data.whole:
        return
    rows = node.layer.input_dim
    if data.high >= rows:  # what is below 0 counts from the end, on some backends
        fix = f"Write Embedding({int(data.high) + 1}, ...)"
        if data.low < 0:
            fix = "Give every token a number from 0 up"
        yield Found(
            f"{says(node)} has {rows} rows, for the numbers 0 to {rows - 1}. x holds numbers from "
            f"{data.low:g} to {data.high:g}.",
            f"{fix}, or map unknown tokens to one number.",
            node,
        )


@rule(
    "SEQ314",
    "fractions-as-indices",
    "warning",
    "feature_input",
    lesson="05",
    why="An Embedding cuts its input to whole numbers. Values between 0 and 1 all become row 0, so "
    "every example looks the same.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((2,)), layers.Embedding(100, 8), layers.Flatten(), layers.Dense(1)]
        x = np.array([[0.2, 0.7], [0.4, 0.1]])
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((2,)), layers.Dense(8, activation="relu"), layers.Dense(1)]
        x = np.array([[0.2, 0.7], [0.4, 0.1]])
        """,
)
def fractions_as_indices(subject: Subject) -> Iterator[Found]:
    """There are fractions in x, and an Embedding takes them as row numbers."""
    node, data = _first_learning(subject), subject.data
    if node is None or node.kind != "Embedding" or data is None or data.kind != "real":
        return
    if not data.whole and data.low is not None:
        yield Found(
            f"{says(node)} takes whole numbers, and x holds fractions from {data.low:g} to "
            f"{data.high:g}.",
            "Use Dense for measured values; use an Embedding for token or category numbers.",
            node,
        )


@rule(
    "SEQ315",
    "lengths-differ",
    "error",
    "label_output",
    lesson="09",
    why="x and y are paired row by row. When their lengths differ fit stops; when they were cut "
    "apart wrongly, the pairs are wrong as well.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((2,)), layers.Dense(1)]
        x, y = np.random.default_rng(0).normal(size=(16, 2)), np.zeros(15)
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((2,)), layers.Dense(1)]
        x, y = np.random.default_rng(0).normal(size=(16, 2)), np.zeros(16)
        """,
)
def lengths_differ(subject: Subject) -> Iterator[Found]:
    """The data x and the labels y have different numbers of examples."""
    if subject.labels is None or not subject.labels.shape:
        return
    theirs = subject.labels.shape[0]
    for array in _arrays(subject.x) or [subject.x]:
        mine = tuple(getattr(array, "shape", ()) or ())
        if mine and mine[0] != theirs:
            yield Found(
                f"x has {plural(mine[0], 'example')}, and y has {plural(theirs, 'label')}.",
                "Take both from the same rows, and split them with the same indices.",
            )
            return


@rule(
    "SEQ316",
    "label-among-features",
    "warning",
    "feature_input",
    lesson="09",
    why="When a column of x is the label itself, the model copies it. Every score is perfect, and "
    "worth nothing, because the column is missing when it matters.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((3,)), layers.Dense(1)]
        table = np.random.default_rng(0).normal(size=(30, 3))
        x, y = table, table[:, 2]
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((2,)), layers.Dense(1)]
        table = np.random.default_rng(0).normal(size=(30, 3))
        x, y = table[:, :2], table[:, 2]
        """,
)
def label_among_features(subject: Subject) -> Iterator[Found]:
    """A column of x equals y."""
    x, y = as_array(subject.x), as_array(subject.y)
    if x is None or y is None or x.ndim != 2 or y.size != len(x) or len(x) < ENOUGH:
        return
    if x.dtype.kind not in "fiu" or y.dtype.kind not in "fiub":
        return
    target = y.reshape(-1)
    if bool((target == target[0]).all()):
        return
    for column in np.flatnonzero(x[0] == target[0])[:50]:
        if bool((x[:, column] == target).all()) and x.shape[1] > 1:
            yield Found(
                f"Column {int(column)} of x equals y in all {len(x)} rows.",
                f"Take it out of x: np.delete(x, {int(column)}, axis=1).",
            )


@rule(
    "SEQ317",
    "large-targets",
    "info",
    "label_output",
    lesson="06",
    why="The last layer begins near 0. Targets in the thousands must be reached by many small "
    "steps, and a squared error of millions makes the first gradients huge.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((2,)), layers.Dense(1)]
        compile = {"loss": "mse"}
        y = np.array([250_000.0, 310_000.0, 199_000.0])
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((2,)), layers.Dense(1)]
        compile = {"loss": "mse"}
        y = np.array([250_000.0, 310_000.0, 199_000.0]) / 100_000
        """,
)
def large_targets(subject: Subject) -> Iterator[Found]:
    """A regression has targets in the thousands."""
    labels, needs, head = subject.labels, subject.needs, subject.head
    if labels is None or needs is None or needs.task != "regression" or head is None:
        return
    if needs.name in ("mean_squared_logarithmic_error", "poisson", "cosine_similarity"):
        return
    low, high = labels.array.low, labels.array.high
    if (
        low is None
        or high is None
        or max(abs(low), abs(high)) < 1000
        or head.activation != "linear"
    ):
        return
    yield Found(
        f"y goes from {low:g} to {high:g}, and the output begins near 0.",
        "Scale the targets, (y - y.mean()) / y.std(), and scale the predictions back.",
    )


def adjusted(data: tuple[int, ...], entry: Shape) -> Shape | None:
    """The shape of the data after Keras' own adjustment of the last axis; None if it cannot.

    Example:
        >>> adjusted((16, 8, 8), (None, 8, 8, 1))
        (16, 8, 8, 1)
        >>> adjusted((16,), (None, 1))
        (16, 1)
        >>> adjusted((16, 2, 2), (None, 4)) is None
        True
    """
    shape: Shape = data if len(data) > 1 else (*data, 1)
    if len(shape) == len(entry):
        return shape
    if len(shape) == len(entry) - 1 and entry[-1] == 1:
        return (*shape, 1)
    if len(shape) == len(entry) + 1 and shape[-1] == 1:
        return shape[:-1]
    return None


def _fits(one: Shape, other: Shape) -> bool:
    pairs = zip(one, other, strict=False)
    return len(one) == len(other) and all(a == b or b is None for a, b in pairs)


def _runs_all_the_same(subject: Subject, shape: Shape) -> bool:
    """Whether layers that were built for the model's Input also take this shape.

    The weights tell: where they would get another shape, those that are there do not fit.
    """
    if not subject.is_chain:
        return False
    items = [node.item for node in subject.nodes]
    other = read_chain(items, shape[1:])
    mine = [node.params for node in subject.nodes]
    return other.ok and [node.params for node in other.nodes] == mine


def _array(subject: Subject) -> ArrayFacts | None:
    """Facts about x, if it can be compared with the input shape at all."""
    if subject.data is None or subject.data.kind in ("text", "object"):
        return None
    return None if subject.graph.style == "subclassed" else subject.data


def _arrays(data: Any) -> list[Any]:
    """The arrays of a list or dict of arrays; empty for anything else."""
    if not isinstance(data, list | tuple | Mapping):
        return []
    values = list(data.values() if isinstance(data, Mapping) else data)
    arrays = [value for value in values if hasattr(value, "shape") and len(value.shape) > 0]
    return arrays if len(arrays) == len(values) else []


def _is_list_of_numbers(data: Any) -> bool:
    if not isinstance(data, list | tuple) or not data:
        return False
    first = data[0]
    while isinstance(first, list | tuple) and first:
        first = first[0]
    return isinstance(first, int | float | str | np.generic)


def _is_frame(data: Any) -> bool:
    """A pandas frame with mixed columns; its columns speak for themselves."""
    return hasattr(data, "dtypes") and hasattr(data, "columns")
