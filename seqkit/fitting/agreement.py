"""Where the labels, the model's output and the loss do not fit together.

What is said here was seen on TensorFlow, JAX and PyTorch: Keras compares shapes in the same way on
all three, though the exceptions differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from seqkit.fitting.arrays import LabelFacts
from seqkit.fitting.head import Head
from seqkit.fitting.losses import LossNeeds
from seqkit.graph import Shape

Kind = Literal[
    "integer labels",
    "one-hot labels",
    "output width",
    "class out of range",
    "open axes",
    "missing axes",
    "broadcast",
    "labels not 0 and 1",
    "labels not whole numbers",
]


@dataclass(frozen=True)
class Disagreement:
    """One thing that does not fit.

    Attributes:
        kind: what it is.
        text: a sentence with the loss, both shapes and the numbers.
        raises: whether `fit` stops; otherwise it runs and learns something else than meant.
    """

    kind: Kind
    text: str
    raises: bool


def disagreements(head: Head, loss: LossNeeds, labels: LabelFacts) -> tuple[Disagreement, ...]:
    """Compare the end of the model, the loss and the labels.

    Args:
        head: the end of the model.
        loss: what the loss needs.
        labels: facts about y.

    Returns:
        What does not fit, the most telling first; empty when all is well.

    Example:
        >>> import keras, numpy as np
        >>> from seqkit.fitting import head_of, label_facts, loss_needs
        >>> from seqkit.graph import read
        >>> head = head_of(read([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")]))
        >>> labels = label_facts(np.array([0, 2, 1]))
        >>> for found in disagreements(head, loss_needs("categorical_crossentropy"), labels):
        ...     print(found.kind)
        integer labels
    """
    rule = _sparse if loss.targets == "integers" else _compared
    found = rule(head, loss, labels)
    return found or _values(head, loss, labels)


def agree_in_shape(output: Shape, labels: tuple[int, ...], loss: LossNeeds) -> bool:
    """Whether Keras accepts labels of this shape for this output and loss.

    Example:
        >>> from seqkit.fitting import loss_needs
        >>> agree_in_shape((None, 3), (8,), loss_needs("sparse_categorical_crossentropy"))
        True
    """
    output, target = _same_rank(output, labels)
    if loss.targets == "integers":
        if len(target) == len(output) and target[-1] == 1:
            target = target[:-1]
        return len(target) == len(output) - 1 and _same(output[1:-1], target[1:])
    if len(output) == len(target) and _same(output[1:], target[1:]):
        return True
    return loss.broadcasts and _broadcast(output, target)


def _sparse(head: Head, loss: LossNeeds, labels: LabelFacts) -> tuple[Disagreement, ...]:
    shape, out = labels.shape, head.shape
    if agree_in_shape(out, shape, loss):
        return _out_of_range(head, loss, labels)
    if labels.encoding == "one-hot" and len(shape) == len(out) and _same(out[1:-1], shape[1:-1]):
        text = (
            f"{_the(loss)} needs one integer for each example, and y {shape} is one-hot: rows of "
            f"{labels.width} zeros and ones."
        )
        return (Disagreement("one-hot labels", text, True),)
    return _axes(head, loss, labels, needed=len(shape) + (0 if shape[-1:] == (1,) else 1))


def _compared(head: Head, loss: LossNeeds, labels: LabelFacts) -> tuple[Disagreement, ...]:
    shape, out = labels.shape, head.shape
    if len(shape) == 0:
        return ()
    one_each = len(shape) == 1 or shape[1:] == (1,)
    same_rank = _same_rank(out, shape)
    if _same(same_rank[0][1:], same_rank[1][1:]) and len(same_rank[0]) == len(same_rank[1]):
        return ()
    several = one_each and len(out) == 2 and (head.units or 0) > 1
    if several and loss.task in ("multiclass", "binary"):
        values = f"{_number(labels.array.low)} to {_number(labels.array.high)}"
        text = (
            f"{_the(loss)} compares {out} with labels of the same shape, and y {shape} holds one "
            f"value for each example ({values})."
        )
        raises = not agree_in_shape(out, shape, loss)
        return (Disagreement("integer labels", text, raises),)
    if len(shape) == len(out) and _same(shape[1:-1], out[1:-1]):
        broadcast = loss.broadcasts and _broadcast(out, shape)
        text = (
            f"{_the(loss)} compares the output {out} with y {shape}: {_count(head.units)} for "
            f"each example against {shape[-1]} in y."
        )
        if broadcast:
            text += " The single value is repeated until the shapes agree, and fit runs."
        return (Disagreement("broadcast" if broadcast else "output width", text, not broadcast),)
    return _axes(head, loss, labels, needed=max(len(shape), 2))


def _axes(head: Head, loss: LossNeeds, labels: LabelFacts, needed: int) -> tuple[Disagreement, ...]:
    """The output has more axes than the labels, or fewer."""
    shape, out = labels.shape, head.shape
    raises = not agree_in_shape(out, shape, loss)
    text = f"{_the(loss)} compares the output {out} with y {shape}: "
    if len(out) > needed:
        text += f"the output has {len(out)} axes; for these labels it should have {needed}."
        return (Disagreement("open axes", text, raises),)
    if len(out) < needed:
        text += f"for these labels the output needs {needed} axes, and it has {len(out)}."
        return (Disagreement("missing axes", text, raises),)
    text += "their sizes differ."
    return (Disagreement("output width", text, raises),)


def _out_of_range(head: Head, loss: LossNeeds, labels: LabelFacts) -> tuple[Disagreement, ...]:
    if labels.array.low is None or labels.array.high is None or head.units is None:
        return ()
    if not labels.array.whole:
        text = f"{_the(loss)} needs whole numbers as classes, and y holds fractions."
        return (Disagreement("labels not whole numbers", text, labels.array.low <= -1),)
    if labels.array.low >= 0 and labels.array.high < head.units:
        return ()
    text = (
        f"The output has {head.units} {_units(head.units)}, for the classes 0 to {head.units - 1}. "
        f"y holds the classes {_number(labels.array.low)} to {_number(labels.array.high)}."
    )
    return (Disagreement("class out of range", text, True),)


def _values(head: Head, loss: LossNeeds, labels: LabelFacts) -> tuple[Disagreement, ...]:
    if loss.targets != "zero-one" or labels.array.low is None or labels.array.high is None:
        return ()
    if labels.array.low >= 0 and labels.array.high <= 1:
        return ()
    text = (
        f"{_the(loss)} needs labels from 0 to 1, and y holds values from "
        f"{_number(labels.array.low)} to {_number(labels.array.high)}."
    )
    return (Disagreement("labels not 0 and 1", text, False),)


def _same_rank(output: Shape, labels: tuple[int, ...]) -> tuple[Shape, Shape]:
    """Keras adds or drops a last axis of 1 when that makes the numbers of axes equal."""
    target: Shape = labels
    if len(target) == len(output) + 1 and target[-1] == 1:
        return (output, target[:-1]) if len(output) > 1 else ((*output, 1), target)
    if len(output) == len(target) + 1 and output[-1] == 1:
        return (output, (*target, 1)) if len(target) == 1 else (output[:-1], target)
    return output, target


def _same(one: Shape, other: Shape) -> bool:
    """Whether two shapes agree; None agrees with every size."""
    pairs = zip(one, other, strict=False)
    return len(one) == len(other) and all(a == b or None in (a, b) for a, b in pairs)


def _broadcast(one: Shape, other: Shape) -> bool:
    """Whether NumPy's rule joins the shapes; the batch axis joins only itself, or an axis of 1."""
    sizes = [["batch", *shape[1:]][::-1] for shape in (one, other)]
    pairs = list(zip(*sizes, strict=False))
    return all(
        a == b or 1 in (a, b) or (None in (a, b) and "batch" not in (a, b)) for a, b in pairs
    )


def _the(loss: LossNeeds) -> str:
    return f"The loss {loss.name}"


def _units(count: int) -> str:
    return "unit" if count == 1 else "units"


def _count(units: int | None) -> str:
    return "an unknown number of values" if units is None else f"{units} {_values_word(units)}"


def _values_word(count: int) -> str:
    return "value" if count == 1 else "values"


def _number(value: float | None) -> str:
    if value is None:
        return "?"
    return str(int(value)) if float(value).is_integer() else f"{value:.3g}"
