"""`to_source`: a model as the code that a person would write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import keras

from seqkit.converting.errors import ConversionError
from seqkit.converting.folding import FOLDED, fold
from seqkit.converting.functional_source import graph_lines, uses_in
from seqkit.converting.graph_source import (
    PlannedGraph,
    layers_of_chain,
    plan_chain,
    plan_graph,
)
from seqkit.converting.layer_source import layer_expression, model_options
from seqkit.converting.models import (
    is_functional,
    refuse_no_layers,
    refuse_own_call,
    refuse_what_fails,
)
from seqkit.converting.needs import Needs
from seqkit.converting.program import Program
from seqkit.converting.values import literal
from seqkit.display import preformatted
from seqkit.graph.chain import entry_of, input_layer_of
from seqkit.graph.read import check_input_shape

Style = Literal["functional", "sequential"]


class Source(str):
    r"""Source code that prints as code.

    Attributes:
        scope: objects that the code names and cannot import: your own classes and functions.
            It is empty when the code runs by itself.

    Example:
        >>> Source("a = 1\nb = 2")
        a = 1
        b = 2
    """

    scope: dict[str, Any]

    def __new__(cls, code: str, scope: dict[str, Any] | None = None) -> Source:
        """Keep the code as a string, and the objects beside it."""
        made = super().__new__(cls, code)
        made.scope = dict(scope or {})
        return made

    def run(self) -> keras.Model:
        """Run the code in a namespace of its own, and return the model that it makes."""
        namespace: dict[str, Any] = dict(self.scope)
        exec(compile(self, "<seqkit source>", "exec"), namespace)
        return namespace["model"]

    def __repr__(self) -> str:
        return str.__str__(self)

    def _repr_html_(self) -> str:
        return preformatted(self)


def to_source(model: Any, style: Style = "functional", input_shape: Any = None) -> Source:
    """Write a model as the code that a person would write.

    The code makes a new model of the same layers; it does not hold the weights. Copy them with
    `new.set_weights(model.get_weights())`. Nothing is built by this, and nothing is changed.

    Taught in lesson 20.

    Args:
        model: a Sequential, a list of layers or a Functional model.
        style: "functional" or "sequential". A model with branches cannot be written as a
            Sequential.
        input_shape: shape of one example, without the batch axis, for layers that do not know
            it yet. The sequential style does without.

    Returns:
        The code, a string that prints well. It imports what it needs and leaves `model`. Your
        own classes that no module holds are named in a comment at the top.

    Raises:
        InputShapeError: the functional style needs an `input_shape`.
        NotAModelError: `model` is nothing that Keras 3 can build.
        ConversionError: the model cannot be written, or not in this style; the sentence names
            the layer that prevents it.

    Example:
        >>> import keras
        >>> to_source([keras.Input((4,)), keras.layers.Dense(3), keras.layers.ReLU()])
        import keras
        from keras import layers
        <BLANKLINE>
        inputs = keras.Input((4,))
        x = layers.Dense(3)(inputs)
        outputs = layers.ReLU()(x)
        model = keras.Model(inputs, outputs)
    """
    if style not in ("functional", "sequential"):
        raise ConversionError(
            f'style={literal(style)} is not known. Pass "functional" or "sequential".'
        )
    refuse_own_call(model)
    needs = Needs()
    policy = keras.config.dtype_policy().name
    if policy != "float32":
        needs.note(f"# This code needs keras.config.set_dtype_policy({literal(policy)}) first.")
    if is_functional(model):
        lines = _from_graph(model, style, needs)
    else:
        lines = _from_layers(model, style, input_shape, needs)
    return _source(Program.of(lines, needs))


def _from_graph(model: keras.Model, style: Style, needs: Needs) -> list[str]:
    plan = plan_graph(model, needs)
    needs.uses = uses_in([call.layer for call in plan.calls])
    if style == "functional":
        return _graph(plan, needs, model_options(model))
    return _stack([*plan.inputs, *layers_of_chain(plan)], needs, model_options(model))


def _from_layers(model: Any, style: Style, input_shape: Any, needs: Needs) -> list[str]:
    """A Sequential or a list: its layers, whether they are built or not."""
    refuse_no_layers(model)
    items = _items(model)
    if style == "functional" or input_shape is not None or entry_of(items) is not None:
        refuse_what_fails(model, input_shape)
        items = [_entry(items, input_shape), *_without_input(items)]
    needs.uses = uses_in(items)
    options = model_options(model) if isinstance(model, keras.Sequential) else ""
    if style == "functional":
        return _graph(plan_chain(items[0], items[1:]), needs, options)
    return _stack(items, needs, options)


def _items(model: Any) -> list[Any]:
    if isinstance(model, keras.Sequential):
        return list(model._layers)
    if isinstance(model, keras.Layer):
        return [model]
    if not isinstance(model, list | tuple) or not model:
        refuse_what_fails(model, None)
    return [input_layer_of(item) or item for item in model]


def _entry(items: Sequence[Any], input_shape: Any) -> Any:
    """The Input of a stack; without one, such as Keras gives it at the first call."""
    layer = input_layer_of(items[0])
    if layer is not None:
        return layer
    shape = entry_of(items) if input_shape is None else check_input_shape(input_shape)
    dtype = getattr(items[0], "compute_dtype", None)
    return keras.layers.InputLayer(shape, dtype=dtype, name="input_layer")


def _without_input(items: Sequence[Any]) -> list[Any]:
    return list(items[1:] if input_layer_of(items[0]) is not None else items)


def _graph(plan: PlannedGraph, needs: Needs, options: str) -> list[str]:
    return graph_lines(plan.inputs, plan.calls, plan.outputs, needs, plan.join, options=options)


def _stack(items: Sequence[Any], needs: Needs, options: str) -> list[str]:
    written = [layer_expression(item, needs) for item in items]
    return [f"model = keras.Sequential([{FOLDED}{', '.join(written)}]{options})"]


def _source(program: Program) -> Source:
    lines = [*program.head, *(short for line in program.lines for short in fold(line))]
    return Source("\n".join(lines), program.scope)
