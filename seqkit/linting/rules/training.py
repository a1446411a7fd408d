"""SEQ4: the other arguments of `compile`."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from typing import Any

import keras

from seqkit.linting.layers import plural
from seqkit.linting.rule import Found, rule
from seqkit.linting.subject import Subject

# They adapt the step to each weight; steps of this size then throw the weights about.
_ADAPTIVE = ("Adam", "AdamW", "Adamax", "Nadam", "RMSprop", "Lion", "Lamb")
_BY_SHAPE = ("crossentropy", "ce")
"""Losses that Keras picks by the shape of the labels."""


@rule(
    "SEQ401",
    "no-loss",
    "warning",
    "training",
    lesson="01",
    why="fit needs a loss to make smaller. compile accepts none, and fit stops. Without a loss a "
    "compiled model can only predict.",
    example="""
        from keras import Input, Sequential, layers

        model = Sequential([Input((4,)), layers.Dense(1)])
        model.compile(optimizer="adam")
        """,
    fix="""
        from keras import Input, Sequential, layers

        model = Sequential([Input((4,)), layers.Dense(1)])
        model.compile(optimizer="adam", loss="mse")
        """,
)
def no_loss(subject: Subject) -> Iterator[Found]:
    """A model is compiled without a loss."""
    if subject.training is None or subject.training.loss is not None:
        return
    own = subject.model is not None and (
        not type(subject.model).__module__.startswith("keras.") or bool(subject.model.losses)
    )
    adds_a_loss = any(
        not type(node.layer).__module__.startswith("keras.")
        or getattr(node.layer, "activity_regularizer", None) is not None
        for node in subject.nodes
    )
    if not own and not adds_a_loss:
        yield Found(
            "compile got no loss, and fit needs one.",
            'A number: loss="mse"; two classes: "binary_crossentropy"; more classes: '
            '"sparse_categorical_crossentropy".',
        )


@rule(
    "SEQ402",
    "unknown-name",
    "error",
    "training",
    lesson="01",
    why="compile takes the name of a loss as it is; only fit looks it up, and stops.",
    example="""
        from keras import Input, layers

        stack = [Input((4,)), layers.Dense(1)]
        compile = {"loss": "mean_square_error"}
        """,
    fix="""
        from keras import Input, layers

        stack = [Input((4,)), layers.Dense(1)]
        compile = {"loss": "mean_squared_error"}
        """,
)
def unknown_name(subject: Subject) -> Iterator[Found]:
    """Keras knows no loss, optimizer or metric of that name."""
    training = subject.training
    if training is None:
        return
    if isinstance(training.loss, str) and training.loss not in _BY_SHAPE:
        yield from _unknown("loss", training.loss, keras.losses)
    if isinstance(training.optimizer, str):
        yield from _unknown("optimizer", training.optimizer, keras.optimizers)
    for metric in training.metrics:
        if isinstance(metric, str) and metric not in ("accuracy", "acc", *_BY_SHAPE):
            yield from _unknown("metric", metric, keras.metrics)


def _unknown(what: str, name: str, module: Any) -> Iterator[Found]:
    if _is_known(name, module.get):
        return
    names = [each for each in dir(module) if not each.startswith("_")]
    usual = [each for each in names if each.islower() or "_" in each]
    close = difflib.get_close_matches(name.lower(), [each.lower() for each in names], n=1)
    if what == "loss" and (name in ("accuracy", "acc") or _is_known(name, keras.metrics.get)):
        fix = "That is a metric. A loss needs a gradient; put the name in metrics instead."
    elif close:
        right = next((each for each in usual if each.lower() == close[0]), close[0])
        fix = f"Did you mean {right!r}?"
    else:
        fix = f"The names are those in keras.{module.__name__.split('.')[-1]}."
    yield Found(f"Keras has no {what} named {name!r}.", fix)


def _is_known(name: str, get: Callable[[str], Any]) -> bool:
    try:
        return get(name) is not None
    except Exception:
        return False


@rule(
    "SEQ403",
    "several-losses",
    "warning",
    "training",
    lesson="14",
    why="A list of losses holds one for each output. With one output Keras uses the first and "
    "shows 0 for the others, or stops.",
    example="""
        from keras import Input, layers

        stack = [Input((4,)), layers.Dense(1)]
        compile = {"loss": ["mse", "mae"]}
        """,
    fix="""
        from keras import Input, layers

        stack = [Input((4,)), layers.Dense(1)]
        compile = {"loss": "mse", "metrics": ["mae"]}
        """,
)
def several_losses(subject: Subject) -> Iterator[Found]:
    """Several losses are given, and the model has one output."""
    loss = None if subject.training is None else subject.training.loss
    one = len(subject.graph.outputs) == 1 and subject.graph.style != "subclassed"
    if isinstance(loss, list | tuple | dict) and len(loss) > 1 and one:
        yield Found(
            f"compile got {len(loss)} losses, and the model has one output.",
            "Give one loss, and the others as metrics. To add losses, write a function of both.",
        )


@rule(
    "SEQ404",
    "learning-rate-high",
    "warning",
    "training",
    lesson="06",
    why="The optimizer moves every weight by about the learning rate at each step. Steps larger "
    "than the weights themselves throw the model about: the loss jumps or becomes nan.",
    example="""
        from keras import Input, layers, optimizers

        stack = [Input((4,)), layers.Dense(1)]
        compile = {"loss": "mse", "optimizer": optimizers.Adam(1.0)}
        """,
    fix="""
        from keras import Input, layers, optimizers

        stack = [Input((4,)), layers.Dense(1)]
        compile = {"loss": "mse", "optimizer": optimizers.Adam(0.001)}
        """,
)
def learning_rate_high(subject: Subject) -> Iterator[Found]:
    """The learning rate is far above the usual one of the optimizer."""
    name, rate = _optimizer(subject)
    if rate is None:
        return
    most = 0.1 if name in _ADAPTIVE else 1.0 if name == "SGD" else None
    if most is not None and rate > most * 1.001:
        usual = "0.001" if name in _ADAPTIVE else "0.01"
        yield Found(
            f"The learning rate of {name} is {rate:g}; usual is about {usual}.",
            f"Write keras.optimizers.{name}({usual}) and go up only while the loss falls steadily.",
        )


@rule(
    "SEQ405",
    "learning-rate-zero",
    "error",
    "training",
    lesson="06",
    why="With the learning rate 0 no weight moves; below 0 each step makes the loss larger.",
    example="""
        from keras import Input, layers, optimizers

        stack = [Input((4,)), layers.Dense(1)]
        compile = {"loss": "mse", "optimizer": optimizers.SGD(0.0)}
        """,
    fix="""
        from keras import Input, layers, optimizers

        stack = [Input((4,)), layers.Dense(1)]
        compile = {"loss": "mse", "optimizer": optimizers.SGD(0.01)}
        """,
)
def learning_rate_zero(subject: Subject) -> Iterator[Found]:
    """The learning rate is 0 or below."""
    name, rate = _optimizer(subject)
    if rate is not None and rate <= 0 and subject.needs is not None:
        yield Found(
            f"The learning rate of {name} is {rate:g}: "
            f"{'no weight moves' if rate == 0 else 'each step makes the loss larger'}.",
            f"Write keras.optimizers.{name}() for the usual rate.",
        )


@rule(
    "SEQ406",
    "learning-rate-low",
    "warning",
    "training",
    lesson="06",
    why="With steps this small nothing can be seen to change in any usual number of epochs.",
    example="""
        from keras import Input, layers, optimizers

        stack = [Input((4,)), layers.Dense(1)]
        compile = {"loss": "mse", "optimizer": optimizers.Adam(1e-8)}
        """,
    fix="""
        from keras import Input, layers, optimizers

        stack = [Input((4,)), layers.Dense(1)]
        compile = {"loss": "mse", "optimizer": optimizers.Adam(1e-3)}
        """,
)
def learning_rate_low(subject: Subject) -> Iterator[Found]:
    """The learning rate is so small that training seems to stand still."""
    name, rate = _optimizer(subject)
    if rate is not None and 0 < rate < 1e-6:
        yield Found(
            f"The learning rate of {name} is {rate:g}; usual is 0.001 to 0.01.",
            "Fine-tuning uses rates down to about 0.00001; training from the start needs more.",
        )


@rule(
    "SEQ407",
    "adadelta-default",
    "info",
    "training",
    lesson="06",
    why="Adadelta was published with the factor 1.0. Keras' default is 0.001, so the steps are a "
    "thousand times smaller and training hardly moves.",
    example="""
        from keras import Input, layers

        stack = [Input((4,)), layers.Dense(1)]
        compile = {"loss": "mse", "optimizer": "adadelta"}
        """,
    fix="""
        from keras import Input, layers, optimizers

        stack = [Input((4,)), layers.Dense(1)]
        compile = {"loss": "mse", "optimizer": optimizers.Adadelta(1.0)}
        """,
)
def adadelta_default(subject: Subject) -> Iterator[Found]:
    """Adadelta is used with Keras' default learning rate."""
    name, rate = _optimizer(subject)
    if name == "Adadelta" and rate is not None and abs(rate - 0.001) < 1e-6:
        yield Found(
            "Adadelta has Keras' default learning rate, 0.001.",
            "Write keras.optimizers.Adadelta(learning_rate=1.0), as it was published, or use Adam.",
        )


@rule(
    "SEQ408",
    "loss-for-another-output",
    "error",
    "training",
    lesson="14",
    why="A dict of losses belongs to a model whose outputs have names. A Sequential has one output "
    "without a name, so fit stops; in a Functional model the key must be the output's name.",
    example="""
        from keras import Input, layers

        stack = [Input((4,)), layers.Dense(1, name="price")]
        compile = {"loss": {"price": "mse"}}
        """,
    fix="""
        from keras import Input, layers

        stack = [Input((4,)), layers.Dense(1, name="price")]
        compile = {"loss": "mse"}
        """,
)
def loss_for_another_output(subject: Subject) -> Iterator[Found]:
    """Losses are given by name, and the model has no such output."""
    loss = None if subject.training is None else subject.training.loss
    if not isinstance(loss, dict) or len(subject.graph.outputs) != 1 or not subject.nodes:
        return
    last = subject.nodes[-1]
    named = subject.graph.style == "functional"
    wrong = [name for name in loss if not named or name != last.name]
    if wrong:
        ends = "the model has no output of that name"
        if not named:
            ends = "the output of a Sequential has no name"
        yield Found(
            f"The loss is given for {plural(len(wrong), 'output')} named "
            f"{', '.join(repr(name) for name in wrong)}, and {ends}.",
            "Write the loss without the dict.",
            last,
        )


def _optimizer(subject: Subject) -> tuple[str, float | None]:
    """Class name and first learning rate of the optimizer; no rate if it cannot be read."""
    optimizer = None if subject.training is None else subject.training.optimizer
    if isinstance(optimizer, str):
        if not _is_known(optimizer, keras.optimizers.get):
            return "", None
        optimizer = keras.optimizers.get(optimizer)
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        return "", None
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)  # of mixed precision
    try:
        rate = optimizer.get_config().get("learning_rate")
    except Exception:
        return type(optimizer).__name__, None
    if isinstance(rate, dict):  # a schedule: where it begins
        rate = rate.get("config", {}).get("initial_learning_rate")
        rate = None if rate == 0 else rate  # it warms up
    known = isinstance(rate, int | float)
    # float32 has made 0.0010000000474974513 of 0.001
    return type(optimizer).__name__, float(f"{rate:.6g}") if known else None
