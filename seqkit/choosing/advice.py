"""Answer the questions of the guide for a model that exists, by reading its graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from seqkit.choosing.guide import QUESTIONS, SUBCLASS, Recommendation, decide
from seqkit.converting.models import is_functional
from seqkit.display import Displayable, Table, escape, table
from seqkit.graph import Graph, Node, read
from seqkit.graph.reasons import is_attention, is_merge


@dataclass(frozen=True, repr=False)
class Advice(Displayable):
    """What a model needs, read from its graph.

    Attributes:
        written: how the model is written now.
        facts: for each question that the graph can answer, its name and what was seen.
        yes: names of the questions whose answer is yes.
    """

    written: str
    facts: tuple[tuple[str, str], ...]
    yes: tuple[str, ...]

    @property
    def recommendation(self) -> Recommendation:
        """What the guide says with these answers."""
        return decide(*self.yes)

    @property
    def table(self) -> Table:
        """Question, answer and what was seen in the graph."""
        texts = {question.name: question.text for question in QUESTIONS}
        rows = [
            (texts[name], "yes" if name in self.yes else "no", seen) for name, seen in self.facts
        ]
        return table(("question", "answer", "seen in the model"), rows)

    def as_text(self) -> str:
        """Return the answers and the recommendation as text."""
        return f"{self.table.as_text()}\n{self._conclusion()}"

    def as_html(self) -> str:
        """Return the same as HTML."""
        return f"{self.table.as_html()}<div><strong>{escape(self._conclusion())}</strong></div>"

    def _conclusion(self) -> str:
        found = self.recommendation
        if self.written == SUBCLASS and not self.yes:
            return "=> a model with a call() of its own: its graph does not tell what it needs"
        lessons = ", ".join(sorted({f"{answer.lesson:02d}" for answer in found.answers}))
        return f"=> enough: {found.title} (lesson {lessons}); written as: {self.written}"


def advise(model: Any, input_shape: Any = None) -> Advice:
    """Say which API suffices for a model or a list of layers.

    Args:
        model: whatever `sk.trace` takes.
        input_shape: shape of one example, without the batch axis, where it is not known.

    Returns:
        An `Advice`.

    Raises:
        NotAModelError: `model` is nothing that Keras 3 can build.
        InputShapeError: the input shape is missing, or is not a shape.

    Example:
        >>> x = keras.Input((4,))
        >>> model = keras.Model(x, keras.layers.Add()([x, keras.layers.Dense(4)(x)]))
        >>> advise(model).recommendation.title
        'Functional API'
    """
    graph = read(model, input_shape)
    facts, yes = [], []
    for name, look in _LOOKS:
        answer, seen = look(graph, model)
        facts.append((name, seen))
        if answer:
            yes.append(name)
    return Advice(_written(model), tuple(facts), tuple(yes))


def _written(model: Any) -> str:
    if isinstance(model, keras.Sequential):
        return "Sequential"
    if not isinstance(model, keras.Model):
        return "a list of layers"
    return "Functional API" if is_functional(model) else SUBCLASS


def _decides(graph: Graph, model: Any) -> tuple[bool, str]:
    own = isinstance(model, keras.Model) and _written(model) == SUBCLASS
    return False, "a call() of its own: read its code" if own else "every layer is always called"


def _inputs(graph: Graph, model: Any) -> tuple[bool, str]:
    count = max(len(graph.entry), sum(node.kind == "InputLayer" for node in graph.nodes))
    return count > 1, _counted(count, "input")


def _outputs(graph: Graph, model: Any) -> tuple[bool, str]:
    if not graph.ok:
        return False, "not reached"
    return len(graph.outputs) > 1, _counted(len(graph.outputs), "output")


def _shared(graph: Graph, model: Any) -> tuple[bool, str]:
    """Whether a layer is called twice, other than in a row: a list may say that."""
    calls = [node for node in graph.nodes if node.shared]
    if not calls:
        return False, "each layer is called once"
    chain = graph.style in ("list", "sequential")
    return not chain, f"{calls[0].kind} is called twice" + (", in a row" if chain else "")


def _branches(graph: Graph, model: Any) -> tuple[bool, str]:
    joined = next((node for node in graph.nodes if len(node.inputs) > 1), None)
    if joined is not None:
        return True, f"{joined.kind} reads {len(joined.inputs)} tensors"
    if graph.failure is not None:
        failed = graph.nodes[graph.failure.index]
        item = failed.item
        if is_merge(item) or is_attention(item) or isinstance(item, list | tuple | dict):
            return True, f"{failed.kind} is meant to read several tensors, and gets one"
    read_by = Counter((e.source, e.output) for node in graph.nodes for e in node.inputs)
    most = max(read_by.values(), default=0)
    return most > 1, f"a tensor is read {most} times" if most > 1 else "each tensor is read once"


def _own_step(graph: Graph, model: Any) -> tuple[bool, str]:
    own = [node for node in graph.nodes if _is_own(node)]
    return bool(own), f"{own[0].kind} is not a layer of Keras" if own else "all layers are Keras'"


def _is_own(node: Node) -> bool:
    if isinstance(node.layer, keras.Model) or not isinstance(node.layer, keras.Layer):
        return False
    return not type(node.layer).__module__.startswith("keras.")


def _training(graph: Graph, model: Any) -> tuple[bool, str]:
    own = [
        name
        for name in ("train_step", "compute_loss")
        if isinstance(model, keras.Model)
        and getattr(type(model), name) is not getattr(keras.Model, name)
    ]
    return "train_step" in own, f"its own {own[0]}()" if own else "what fit does"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


_Look = Callable[[Graph, Any], tuple[bool, str]]

_LOOKS: tuple[tuple[str, _Look], ...] = (
    ("decides", _decides),
    ("inputs", _inputs),
    ("outputs", _outputs),
    ("shared", _shared),
    ("branches", _branches),
    ("own_step", _own_step),
    ("training", _training),
)
