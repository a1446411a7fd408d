"""SEQ2: the output layer, the loss, the metrics and the labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seqkit.fitting import Head
from seqkit.fitting.agreement import Kind
from seqkit.linting.finding import Fault
from seqkit.linting.layers import (
    CONVOLUTIONS,
    DENSE,
    activation_of,
    applies_along_last_axis,
    plural,
    says,
)
from seqkit.linting.metrics import ACCURACIES, metric_name, snake
from seqkit.linting.rule import Found, rule
from seqkit.linting.subject import Subject

_CROSS = ("categorical_crossentropy", "sparse_categorical_crossentropy")
_FOCAL = ("categorical_focal_crossentropy",)
_BINARY = ("binary_crossentropy", "binary_focal_crossentropy")
_UNBOUNDED = ("linear", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "swish", "softplus")


@rule(
    "SEQ201",
    "softmax-on-one-unit",
    "error",
    "label_output",
    lesson="09",
    why="Softmax divides by the sum of all units. With one unit that is always x/x = 1: the model "
    "answers 1 for every example, whatever its weights are. Keras only warns, and on TensorFlow "
    "even the loss of binary_crossentropy falls: it is worked out from the number before the "
    "softmax, which nobody ever sees.",
    example="""
        from keras import Input, layers

        stack = [
            Input((8,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(1, activation="softmax"),
        ]
        compile = {"loss": "binary_crossentropy"}
        """,
    fix="""
        from keras import Input, layers

        stack = [
            Input((8,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
        compile = {"loss": "binary_crossentropy"}
        """,
)
def softmax_on_one_unit(subject: Subject) -> Iterator[Found]:
    """A softmax runs along an axis of size 1."""
    for node in subject.nodes:
        if activation_of(node) != "softmax" or not _one_wide(subject, node):
            continue
        if node.kind in ("Softmax", "Activation", *DENSE, *CONVOLUTIONS) and (
            node.kind not in CONVOLUTIONS or subject.is_last(node)
        ):
            yield Found(
                f"{says(node)} applies softmax to one unit, and that is always 1: every "
                f"example gets the same answer.",
                'For two classes write Dense(1, activation="sigmoid") with '
                'loss="binary_crossentropy"; for more, one unit for each class.',
                node,
            )


def _one_wide(subject: Subject, node: Any) -> bool:
    if node.output_shapes:
        return bool(node.output_shapes[0][-1] == 1) and applies_along_last_axis(node)
    return not subject.knows_shapes and getattr(node.layer, "units", None) == 1


@rule(
    "SEQ202",
    "one-unit-for-classes",
    "error",
    "label_output",
    lesson="03",
    why="A categorical loss compares the units of the output with each other. With one unit the "
    "loss is 0 for every example from the start, so nothing is learned; with integer labels above "
    "0 fit stops instead.",
    example="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(1, activation="sigmoid")]
        compile = {"loss": "categorical_crossentropy"}
        """,
    fix="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(1, activation="sigmoid")]
        compile = {"loss": "binary_crossentropy"}
        """,
)
def one_unit_for_classes(subject: Subject) -> Iterator[Found]:
    """The output has one unit, and the loss is for several classes."""
    head, needs = subject.head, subject.needs
    if head is None or needs is None or needs.name not in (*_CROSS, *_FOCAL) or head.units != 1:
        return
    if len(head.shape) != 2:
        return  # a loss with axis=1 may compare along another axis
    yield Found(
        f"The output {head.shape} has one unit, and the loss {needs.name} compares several.",
        'For two classes use loss="binary_crossentropy" with sigmoid; for k classes Dense(k, '
        'activation="softmax"); for a number loss="mse" without activation.',
        head.node,
    )


@rule(
    "SEQ203",
    "logits-not-declared",
    "warning",
    "label_output",
    lesson="03",
    why="The loss expects probabilities unless from_logits=True is given. It clips what is below 0 "
    "or above 1 and divides by the sum, so raw numbers give a wrong loss, no gradient where they "
    "were clipped, and sometimes nan.",
    example="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(3)]
        compile = {"loss": "sparse_categorical_crossentropy"}
        """,
    fix="""
        from keras import Input, layers, losses

        stack = [Input((8,)), layers.Dense(3)]
        compile = {"loss": losses.SparseCategoricalCrossentropy(from_logits=True)}
        """,
)
def logits_not_declared(subject: Subject) -> Iterator[Found]:
    """A class loss that expects probabilities gets an output without softmax or sigmoid."""
    head, needs = subject.head, subject.needs
    if head is None or needs is None or needs.from_logits or head.units in (None, 1):
        return
    if needs.name in (*_CROSS, *_FOCAL) and _surely(head) and head.activation in _UNBOUNDED:
        yield Found(
            f"{says(head.node)} gives {_through(head)}, and the loss {needs.name} expects "
            f"probabilities.",
            f'Add activation="softmax", or write {_class(needs.name)}(from_logits=True).',
            head.activation_node,
        )


@rule(
    "SEQ204",
    "softmax-and-logits",
    "warning",
    "label_output",
    lesson="03",
    why="With from_logits=True the loss takes the output for scores and applies softmax or sigmoid "
    "itself. Applied twice, as on JAX and PyTorch, it is almost flat: training is slow, and the "
    "loss cannot come near 0. In fit on TensorFlow Keras notices, and only warns.",
    example="""
        from keras import Input, layers, losses

        stack = [Input((8,)), layers.Dense(3, activation="softmax")]
        compile = {"loss": losses.CategoricalCrossentropy(from_logits=True)}
        """,
    fix="""
        from keras import Input, layers, losses

        stack = [Input((8,)), layers.Dense(3)]
        compile = {"loss": losses.CategoricalCrossentropy(from_logits=True)}
        """,
)
def softmax_and_logits(subject: Subject) -> Iterator[Found]:
    """The output is a probability already, and the loss is told that it gets logits."""
    head, needs = subject.head, subject.needs
    if head is None or needs is None or not needs.from_logits:
        return
    if head.activation in ("softmax", "sigmoid"):
        yield Found(
            f"{says(head.activation_node)} applies {head.activation}, and the loss {needs.name} "
            f"with from_logits=True takes these probabilities for scores.",
            f"Leave activation={head.activation!r} out, or leave from_logits=True out.",
            head.activation_node,
        )


@rule(
    "SEQ205",
    "no-sigmoid-for-binary",
    "warning",
    "label_output",
    lesson="03",
    why="Binary cross-entropy takes the logarithm of the output and of 1 minus the output. Values "
    "below 0 or above 1 are clipped; there the gradient is 0, and the unit can stay stuck.",
    example="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(1)]
        compile = {"loss": "binary_crossentropy"}
        """,
    fix="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(1, activation="sigmoid")]
        compile = {"loss": "binary_crossentropy"}
        """,
)
def no_sigmoid_for_binary(subject: Subject) -> Iterator[Found]:
    """Binary cross-entropy gets an output that is not between 0 and 1."""
    head, needs = subject.head, subject.needs
    if head is None or needs is None or needs.name not in _BINARY or needs.from_logits:
        return
    if _surely(head) and head.activation in (*_UNBOUNDED, "tanh"):
        yield Found(
            f"{says(head.node)} gives {_through(head)}, and the loss {needs.name} expects values "
            f"between 0 and 1.",
            f'Add activation="sigmoid", or write {_class(needs.name)}(from_logits=True) with no '
            f"activation.",
            head.activation_node,
        )


@rule(
    "SEQ206",
    "softmax-with-binary-loss",
    "warning",
    "label_output",
    lesson="03",
    why="Binary cross-entropy asks each unit a question of its own, yes or no. Softmax lets one "
    "unit win. For one class of several the categorical loss fits; for several labels at once "
    "sigmoid does.",
    example="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(5, activation="softmax")]
        compile = {"loss": "binary_crossentropy"}
        """,
    fix="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(5, activation="softmax")]
        compile = {"loss": "categorical_crossentropy"}
        """,
)
def softmax_with_binary_loss(subject: Subject) -> Iterator[Found]:
    """Three or more units go through softmax, and the loss is binary cross-entropy."""
    head, needs = subject.head, subject.needs
    if head is None or needs is None or needs.name not in _BINARY:
        return
    if head.activation == "softmax" and (head.units or 0) > 2 and not needs.from_logits:
        yield Found(
            f"{says(head.activation_node)} applies softmax to {head.units} units, and the loss "
            f"{needs.name} judges each unit alone.",
            'For one class of several use loss="categorical_crossentropy"; for several labels at '
            'once use activation="sigmoid".',
            head.activation_node,
        )


@rule(
    "SEQ207",
    "sigmoid-with-class-loss",
    "warning",
    "label_output",
    lesson="03",
    why="A categorical loss divides the output by its sum. Sigmoid gives each unit a probability "
    "of its own, so what predict returns does not sum to 1 and is not what was trained.",
    example="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(5, activation="sigmoid")]
        compile = {"loss": "categorical_crossentropy"}
        """,
    fix="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(5, activation="softmax")]
        compile = {"loss": "categorical_crossentropy"}
        """,
)
def sigmoid_with_class_loss(subject: Subject) -> Iterator[Found]:
    """Several units go through sigmoid or tanh, and the loss is for one class of several."""
    head, needs = subject.head, subject.needs
    if head is None or needs is None or needs.name not in (*_CROSS, *_FOCAL):
        return
    if head.activation in ("sigmoid", "tanh") and (head.units or 0) > 1 and not needs.from_logits:
        yield Found(
            f"{says(head.activation_node)} applies {head.activation} to {head.units} units, and "
            f"the loss {needs.name} expects them to sum to 1.",
            'For one class of several use activation="softmax"; for several labels at once '
            'activation="sigmoid" with loss="binary_crossentropy".',
            head.activation_node,
        )


@rule(
    "SEQ208",
    "integer-or-one-hot",
    "error",
    "label_output",
    lesson="03",
    why="categorical_crossentropy takes one-hot rows, sparse_categorical_crossentropy takes "
    "integers. With the other kind fit stops, and the message names neither loss nor labels.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(3, activation="softmax")]
        compile = {"loss": "categorical_crossentropy"}
        y = np.array([0, 2, 1, 0])
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(3, activation="softmax")]
        compile = {"loss": "sparse_categorical_crossentropy"}
        y = np.array([0, 2, 1, 0])
        """,
)
def integer_or_one_hot(subject: Subject) -> Iterator[Found]:
    """The labels are integers and the loss needs one-hot rows, or the other way round."""
    yield from _said(
        subject,
        {
            "integer labels": 'Use loss="sparse_categorical_crossentropy" for integer labels, or '
            "keras.utils.to_categorical(y).",
            "one-hot labels": 'Use loss="categorical_crossentropy" for one-hot labels, or '
            "y.argmax(axis=-1).",
        },
    )


@rule(
    "SEQ209",
    "units-and-labels",
    "error",
    "label_output",
    lesson="03",
    why="The loss compares output and labels value by value, so both need the same number of "
    "values for each example. fit stops where they differ.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(2, activation="softmax")]
        compile = {"loss": "categorical_crossentropy"}
        y = np.eye(3)[[0, 2, 1, 0]]
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(3, activation="softmax")]
        compile = {"loss": "categorical_crossentropy"}
        y = np.eye(3)[[0, 2, 1, 0]]
        """,
)
def units_and_labels(subject: Subject) -> Iterator[Found]:
    """Output and labels do not have the same number of values, and fit stops."""
    width = 1 if subject.labels is None else subject.labels.width
    fix = f"Give the last layer {plural(width, 'unit')}, as many values as a label has."
    if width == 1:
        fix = "Give the last layer 1 unit, or choose a loss for classes if y holds class numbers."
    yield from _said(subject, {"output width": fix}, raises=True)


@rule(
    "SEQ210",
    "class-out-of-range",
    "error",
    "label_output",
    lesson="03",
    why="Classes are counted from 0, and each needs a unit. For a label outside, TensorFlow on a "
    "CPU stops with a page of text; on a GPU, and in JAX, the loss becomes nan.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(3, activation="softmax")]
        compile = {"loss": "sparse_categorical_crossentropy"}
        y = np.array([1, 2, 3, 1])
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(3, activation="softmax")]
        compile = {"loss": "sparse_categorical_crossentropy"}
        y = np.array([1, 2, 3, 1]) - 1
        """,
)
def class_out_of_range(subject: Subject) -> Iterator[Found]:
    """A label is below 0 or has no unit."""
    ignored = _ignored_class(subject)
    labels, head = subject.labels, subject.head
    if ignored is not None or labels is None or head is None:
        return
    low, high = labels.array.low, labels.array.high
    shifted = low == 1 and high == head.units
    fix = "Count the classes from 0: y - 1." if shifted else _units_for(low, high)
    yield from _said(subject, {"class out of range": fix})


def _ignored_class(subject: Subject) -> Any:
    loss = None if subject.training is None else subject.training.loss
    return getattr(loss, "ignore_class", None)


def _units_for(low: float | None, high: float | None) -> str:
    if low is not None and low < 0:
        return "Classes are 0, 1, 2, …; replace the negative ones."
    return f"Give the last layer {int(high or 0) + 1} units, or number the classes anew from 0."


@rule(
    "SEQ211",
    "axes-of-the-labels",
    "error",
    "label_output",
    lesson="09",
    why="When the output has an axis that the labels do not have (or the other way round), fit "
    "stops. Most often a Flatten or a pooling is missing, or return_sequences=True is too much.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [
            Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
        compile = {"loss": "sparse_categorical_crossentropy"}
        y = np.array([0, 2, 1, 0])
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [
            Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
        compile = {"loss": "sparse_categorical_crossentropy"}
        y = np.array([0, 2, 1, 0])
        """,
)
def axes_of_the_labels(subject: Subject) -> Iterator[Found]:
    """The output and the labels differ in their axes, and fit stops."""
    yield from _said(
        subject,
        {"open axes": _close_axes(subject), "missing axes": _KEEP_AXES},
        raises=True,
    )


@rule(
    "SEQ212",
    "labels-repeated",
    "warning",
    "label_output",
    lesson="09",
    why="A loss such as mse subtracts labels from output. Where a size is 1, NumPy's rule repeats "
    "the value. fit runs, and the model learns one number for all units, or the mean of the labels "
    "of a batch.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(3)]
        compile = {"loss": "mse"}
        y = np.array([[0.5], [1.5], [0.1], [0.2]])
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(1)]
        compile = {"loss": "mse"}
        y = np.array([[0.5], [1.5], [0.1], [0.2]])
        """,
)
def labels_repeated(subject: Subject) -> Iterator[Found]:
    """Output and labels have different shapes, and the loss repeats values until they agree."""
    units = "Give the last layer as many units as a label has values."
    yield from _said(
        subject,
        {"broadcast": units, "open axes": _close_axes(subject), "missing axes": _KEEP_AXES},
        raises=False,
    )


_KEEP_AXES = (
    "Keep the axes that the labels have: leave Flatten or the pooling out, or use "
    "return_sequences=True."
)


def _close_axes(subject: Subject) -> str:
    kinds = [node.kind for node in subject.nodes]
    if any(kind in ("LSTM", "GRU", "SimpleRNN", "Bidirectional") for kind in kinds):
        return "Leave return_sequences=True out of the last recurrent layer."
    axes = 0 if subject.head is None else len(subject.head.shape) - 2
    pooling = f" or GlobalAveragePooling{axes}D()" if 1 <= axes <= 3 else ""
    return f"Put Flatten(){pooling} before the first Dense."


@rule(
    "SEQ213",
    "labels-not-zero-one",
    "warning",
    "label_output",
    lesson="03",
    why="Binary cross-entropy is made for labels from 0 to 1. With others, such as -1 and 1 or 1 "
    "and 2, the loss falls below 0 without end and the predictions mean nothing.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(1, activation="sigmoid")]
        compile = {"loss": "binary_crossentropy"}
        y = np.array([-1, 1, 1, -1])
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(1, activation="sigmoid")]
        compile = {"loss": "binary_crossentropy"}
        y = (np.array([-1, 1, 1, -1]) + 1) / 2
        """,
)
def labels_not_zero_one(subject: Subject) -> Iterator[Found]:
    """The loss needs labels from 0 to 1, and y holds others."""
    yield from _said(
        subject,
        {
            "labels not 0 and 1": "Number the two classes 0 and 1. For more classes use "
            'Dense(k, activation="softmax") with loss="sparse_categorical_crossentropy".'
        },
    )


@rule(
    "SEQ214",
    "labels-not-whole",
    "warning",
    "label_output",
    lesson="03",
    why="sparse_categorical_crossentropy cuts each label to a whole number and takes it as a "
    "class. With measured values that makes arbitrary classes.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(3, activation="softmax")]
        compile = {"loss": "sparse_categorical_crossentropy"}
        y = np.array([0.5, 1.7, 2.2, 0.1])
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(1)]
        compile = {"loss": "mse"}
        y = np.array([0.5, 1.7, 2.2, 0.1])
        """,
)
def labels_not_whole(subject: Subject) -> Iterator[Found]:
    """The loss takes labels as class numbers, and y holds fractions."""
    yield from _said(
        subject,
        {
            "labels not whole numbers": 'For numbers use Dense(1) with loss="mse"; for classes '
            "give y as integers."
        },
    )


@rule(
    "SEQ215",
    "several-labels-and-softmax",
    "warning",
    "label_output",
    lesson="03",
    why="Rows with several ones (or none) say that classes do not exclude each other. Softmax "
    "gives probabilities that sum to 1, so two labels can never both be near 1.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(3, activation="softmax")]
        compile = {"loss": "categorical_crossentropy"}
        y = np.array([[1, 1, 0], [0, 0, 1], [1, 0, 1], [0, 0, 0]])
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(3, activation="sigmoid")]
        compile = {"loss": "binary_crossentropy"}
        y = np.array([[1, 1, 0], [0, 0, 1], [1, 0, 1], [0, 0, 0]])
        """,
)
def several_labels_and_softmax(subject: Subject) -> Iterator[Found]:
    """An example has several labels at once, and the output is a softmax."""
    head, labels = subject.head, subject.labels
    if head is None or labels is None or labels.encoding != "multi-hot":
        return
    if head.activation == "softmax" and head.units == labels.width and len(head.shape) == 2:
        yield Found(
            f"y {labels.shape} has rows with several ones or none, and layer "
            f"{head.activation_node.index}, {head.activation_node.kind}, applies softmax.",
            'Use activation="sigmoid" with loss="binary_crossentropy".',
            head.activation_node,
        )


@rule(
    "SEQ216",
    "targets-out-of-reach",
    "warning",
    "label_output",
    lesson="03",
    why="Sigmoid and softmax give values from 0 to 1, tanh from -1 to 1, relu from 0 up. Targets "
    "outside can never be reached; the loss stops falling and nothing says why.",
    example="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(1, activation="sigmoid")]
        compile = {"loss": "mse"}
        y = np.array([12.5, 20.0, 3.5, 8.0])
        """,
    fix="""
        import numpy as np
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(1)]
        compile = {"loss": "mse"}
        y = np.array([12.5, 20.0, 3.5, 8.0])
        """,
)
def targets_out_of_reach(subject: Subject) -> Iterator[Found]:
    """A regression has targets that the output's activation cannot give."""
    head, needs, labels = subject.head, subject.needs, subject.labels
    if head is None or needs is None or labels is None or needs.task != "regression":
        return
    low, high = _REACH.get(head.activation, (None, None))
    below = low is not None and labels.array.low is not None and labels.array.low < low
    above = high is not None and labels.array.high is not None and labels.array.high > high
    if below or above:
        span = f"from {low} to {high}" if high is not None else f"from {low} up"
        yield Found(
            f"{says(head.activation_node)} applies {head.activation} and gives values {span}, and "
            f"y goes from {labels.array.low:g} to {labels.array.high:g}.",
            "Leave the activation of the last layer out, or scale y into its range.",
            head.activation_node,
        )


_REACH: dict[str, tuple[int | None, int | None]] = {
    "sigmoid": (0, 1),
    "softmax": (0, 1),
    "tanh": (-1, 1),
    "relu": (0, None),
    "softplus": (0, None),
}


@rule(
    "SEQ217",
    "relu-before-the-loss",
    "info",
    "label_output",
    lesson="03",
    why="A relu at the output of a regression cannot give values below 0. When its input falls "
    "below 0 for all examples, its gradient is 0 and training is over: predictions stay 0.",
    example="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(1, activation="relu")]
        compile = {"loss": "mse"}
        """,
    fix="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(1)]
        compile = {"loss": "mse"}
        """,
)
def relu_before_the_loss(subject: Subject) -> Iterator[Found]:
    """A regression with one unit ends with relu."""
    head, needs = subject.head, subject.needs
    if head is None or needs is None or needs.task != "regression" or head.units != 1:
        return
    if head.activation == "relu" and head.node.kind in DENSE and len(head.shape) == 2:
        yield Found(
            f"{says(head.activation_node)} ends the regression with relu: it gives no value below "
            f"0, and can get stuck at 0.",
            'Leave the activation out; if targets are never negative, try "softplus".',
            head.activation_node,
        )


@rule(
    "SEQ218",
    "accuracy-of-numbers",
    "warning",
    "label_output",
    lesson="03",
    why="Accuracy counts how often the predicted class is the label; for one unit Keras cuts the "
    "prediction at 0.5, to 0 or 1. A measured number hardly ever is exactly 0 or 1, so accuracy "
    "stays near 0 however good the model is.",
    example="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(1)]
        compile = {"loss": "mse", "metrics": ["accuracy"]}
        """,
    fix="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(1)]
        compile = {"loss": "mse", "metrics": ["mae"]}
        """,
)
def accuracy_of_numbers(subject: Subject) -> Iterator[Found]:
    """A regression is measured by accuracy."""
    head, needs = subject.head, subject.needs
    if head is None or needs is None or needs.task != "regression" or not _surely(head):
        return
    if head.activation not in _UNBOUNDED or (head.units or 2) > 1:
        return
    if subject.labels is not None and subject.labels.encoding != "real":
        return
    for name in _metric_names(subject):
        if name in ACCURACIES or name.endswith("accuracy"):
            yield Found(
                f"The loss {needs.name} fits numbers, and the metric {name} counts classes.",
                'Use metrics=["mae"] for a regression; for classes change output and loss.',
            )
            return


@rule(
    "SEQ219",
    "exact-accuracy",
    "warning",
    "label_output",
    lesson="03",
    why='The class Accuracy (and the name "Accuracy") counts outputs that equal the label exactly. '
    "A probability such as 0.93 never equals 1, so it shows 0 for a good model. The word "
    '"accuracy" in small letters picks a kind by the shapes of output and labels.',
    example="""
        from keras import Input, layers, metrics

        stack = [Input((8,)), layers.Dense(1, activation="sigmoid")]
        compile = {"loss": "binary_crossentropy", "metrics": [metrics.Accuracy()]}
        """,
    fix="""
        from keras import Input, layers, metrics

        stack = [Input((8,)), layers.Dense(1, activation="sigmoid")]
        compile = {"loss": "binary_crossentropy", "metrics": ["accuracy"]}
        """,
)
def exact_accuracy(subject: Subject) -> Iterator[Found]:
    """The metric Accuracy compares probabilities with labels."""
    needs = subject.needs
    if needs is None or needs.task not in ("binary", "multiclass") or subject.training is None:
        return
    for metric in subject.training.metrics:
        own = type(metric).__module__.startswith("keras.") or isinstance(metric, str | type)
        if own and metric_name(metric) == "Accuracy":
            yield Found(
                "The metric Accuracy counts outputs that equal the label exactly; a probability "
                "hardly ever does.",
                f'Write metrics=["{_picked(subject)}"], in small letters.',
            )


@rule(
    "SEQ220",
    "accuracy-of-another-kind",
    "warning",
    "label_output",
    lesson="03",
    why="There is one accuracy for one-hot labels, one for integers and one for yes-or-no units. "
    "The wrong one stops fit, or shows a number that means nothing: binary accuracy of ten "
    "classes begins near 90 %.",
    example="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(5, activation="softmax")]
        compile = {
            "loss": "sparse_categorical_crossentropy",
            "metrics": ["categorical_accuracy"],
        }
        """,
    fix="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(5, activation="softmax")]
        compile = {
            "loss": "sparse_categorical_crossentropy",
            "metrics": ["sparse_categorical_accuracy"],
        }
        """,
)
def accuracy_of_another_kind(subject: Subject) -> Iterator[Found]:
    """The kind of accuracy does not fit the loss."""
    needs = subject.needs
    if needs is None:
        return
    fits = {
        "categorical_crossentropy": ("categorical_accuracy", "top_k_categorical_accuracy"),
        "sparse_categorical_crossentropy": (
            "sparse_categorical_accuracy",
            "sparse_top_k_categorical_accuracy",
        ),
        "binary_crossentropy": ("binary_accuracy",),
    }
    kinds = {kind for kinds in fits.values() for kind in kinds}
    mine = fits.get(needs.name, ())
    two = subject.head is not None and subject.head.activation == "softmax"
    for name in _metric_names(subject):
        if not mine or name not in kinds - set(mine):
            continue
        if needs.name == "binary_crossentropy" and two:
            continue  # softmax with one-hot labels: SEQ206 speaks of it
        picks = _picked(subject) == "accuracy"
        yield Found(
            f"The metric {name} does not fit the loss {needs.name}.",
            f'Write metrics=["accuracy"], which picks the kind itself, or "{mine[0]}".'
            if picks
            else f'Write metrics=["{mine[0]}"].',
        )


def _picked(subject: Subject) -> str:
    """The word that gives the right accuracy: Keras chooses the kind by the shapes alone."""
    return "binary_accuracy" if _several_yes_or_no(subject) else "accuracy"


def _several_yes_or_no(subject: Subject) -> bool:
    """Several units, each of which answers yes or no for itself."""
    needs, head = subject.needs, subject.head
    if needs is None or needs.name not in _BINARY or head is None or (head.units or 1) < 2:
        return False
    return head.activation in ("sigmoid", "linear")


@rule(
    "SEQ224",
    "accuracy-of-several-labels",
    "warning",
    "label_output",
    lesson="03",
    why='Keras chooses the kind of "accuracy" by the shapes. For several units and labels of the '
    "same shape it takes CategoricalAccuracy: it compares the place of the largest output with the "
    "place of the largest label. Where each unit answers yes or no for itself this means nothing.",
    example="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(3, activation="sigmoid")]
        compile = {"loss": "binary_crossentropy", "metrics": ["accuracy"]}
        """,
    fix="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(3, activation="sigmoid")]
        compile = {"loss": "binary_crossentropy", "metrics": ["binary_accuracy"]}
        """,
)
def accuracy_of_several_labels(subject: Subject) -> Iterator[Found]:
    """Several yes-or-no units are measured by "accuracy"."""
    head = subject.head
    if head is None or not _several_yes_or_no(subject) or head.activation != "sigmoid":
        return  # of logits SEQ221 speaks
    for name in subject.training.metrics if subject.training else ():
        if name in ("accuracy", "acc"):  # the class Accuracy is another one: SEQ219 speaks of it
            yield Found(
                f'{says(head.node)} answers {head.units} times yes or no, and "{name}" compares '
                f"only the largest output with the largest label.",
                'Write metrics=["binary_accuracy"], which counts every answer.',
            )
            return


@rule(
    "SEQ221",
    "accuracy-of-logits",
    "info",
    "label_output",
    lesson="03",
    why="Binary accuracy calls everything above 0.5 a yes. A logit is a yes above 0. Between the "
    "two the metric counts wrongly, though training is right.",
    example="""
        from keras import Input, layers, losses

        stack = [Input((8,)), layers.Dense(1)]
        compile = {
            "loss": losses.BinaryCrossentropy(from_logits=True),
            "metrics": ["accuracy"],
        }
        """,
    fix="""
        from keras import Input, layers, losses, metrics

        stack = [Input((8,)), layers.Dense(1)]
        compile = {
            "loss": losses.BinaryCrossentropy(from_logits=True),
            "metrics": [metrics.BinaryAccuracy(threshold=0.0)],
        }
        """,
)
def accuracy_of_logits(subject: Subject) -> Iterator[Found]:
    """Binary accuracy is measured on logits with the threshold for probabilities."""
    needs, head = subject.needs, subject.head
    if needs is None or needs.name not in _BINARY or not needs.from_logits or head is None:
        return
    if head.activation != "linear" or subject.training is None:
        return
    for metric in subject.training.metrics:
        name = snake(metric_name(metric))
        if name not in (*ACCURACIES, "binary_accuracy"):
            continue
        if getattr(metric, "threshold", 0.5) == 0.5:
            yield Found(
                f"The output is a logit, and the metric {name} cuts at 0.5 instead of 0.",
                "Write keras.metrics.BinaryAccuracy(threshold=0.0).",
            )


@rule(
    "SEQ222",
    "poisson-needs-positive",
    "warning",
    "label_output",
    lesson="03",
    why="The Poisson loss takes the logarithm of the output. An output below 0 gives nan, and then "
    "all weights are nan.",
    example="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(1)]
        compile = {"loss": "poisson"}
        """,
    fix="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(1, activation="softplus")]
        compile = {"loss": "poisson"}
        """,
)
def poisson_needs_positive(subject: Subject) -> Iterator[Found]:
    """The Poisson loss gets an output that can be below 0."""
    head, needs = subject.head, subject.needs
    if head is None or needs is None or needs.name != "poisson" or not _surely(head):
        return
    if head.activation in ("linear", "tanh", "leaky_relu", "elu", "selu", "gelu", "silu", "swish"):
        yield Found(
            f"{says(head.node)} gives {_through(head)}, which can be below 0, and the loss poisson "
            f"takes its logarithm.",
            'Use activation="softplus" or "exponential" in the last layer.',
            head.activation_node,
        )


@rule(
    "SEQ223",
    "softmax-with-regression-loss",
    "info",
    "label_output",
    lesson="03",
    why="mse on probabilities has almost no gradient when the model is surely wrong. "
    "Cross-entropy has the largest gradient there, so it learns faster from mistakes.",
    example="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(5, activation="softmax")]
        compile = {"loss": "mse"}
        """,
    fix="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(5, activation="softmax")]
        compile = {"loss": "categorical_crossentropy"}
        """,
)
def softmax_with_regression_loss(subject: Subject) -> Iterator[Found]:
    """The output is a softmax over classes, and the loss is one for numbers."""
    head, needs = subject.head, subject.needs
    if head is None or needs is None or needs.task != "regression" or (head.units or 0) < 2:
        return
    if head.activation == "softmax":
        yield Found(
            f"{says(head.activation_node)} gives probabilities of {head.units} classes, and the "
            f"loss {needs.name} is for numbers.",
            'Use loss="categorical_crossentropy" (one-hot labels) or '
            '"sparse_categorical_crossentropy" (integers).',
            head.activation_node,
        )


def _said(subject: Subject, fixes: dict[Kind, str], raises: bool | None = None) -> Iterator[Found]:
    """What `seqkit.fitting` says of output, loss and labels, for the given kinds."""
    for one in subject.disagreements:
        if one.kind in fixes and raises in (None, one.raises) and subject.head is not None:
            fault: Fault | None = "adjacent_layer" if one.kind == "open axes" else None
            yield Found(one.text, fixes[one.kind], subject.head.node, fault)


def _surely(head: Head) -> bool:
    """Whether the activation is known: the last layer that decides is a Dense or a convolution."""
    return head.node.kind in (*DENSE, *CONVOLUTIONS, "TimeDistributed")


def _through(head: Head) -> str:
    if head.activation == "linear":
        return "its numbers without an activation"
    return f"the output of {head.activation}"


def _class(loss: str) -> str:
    words = "".join(word.capitalize() for word in loss.split("_"))
    return f"keras.losses.{words}"


def _metric_names(subject: Subject) -> list[str]:
    metrics = () if subject.training is None else subject.training.metrics
    return [snake(metric_name(metric)) for metric in metrics]
