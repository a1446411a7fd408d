"""`keras.Model(inputs, outputs)` that does not hold together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import keras

from seqkit.converting import Program
from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.explaining.frames import Making, frames_of, model_in_making
from seqkit.explaining.history import inputs_behind, layers_behind
from seqkit.explaining.patterns.merge_call import replayed
from seqkit.explaining.plan import Plan, planned_fix
from seqkit.graph.chain import input_layer_of
from seqkit.graph.shapes import shape_of

ORDER = 35


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a Functional model whose inputs and outputs do not belong together."""
    bare = _without_outputs(evidence)
    if bare is not None:
        return bare
    making = model_in_making(evidence.error)
    if making is None or "outputs" not in making.arguments:
        return None
    inputs = _as_written(making, "inputs")
    outputs = _as_written(making, "outputs")
    for find in (_not_called, _not_symbolic, _twice_named, _not_connected):
        found = find(evidence, inputs, outputs)
        if found is not None:
            return found
    return None


def _without_outputs(evidence: Evidence) -> Explanation | None:
    """`keras.Model(x)`, or `keras.Model(input=x, output=y)`."""
    given = _arguments_of_a_plain_model(evidence.error)
    if given is None:
        return None
    words = [name for name in given if name not in ("inputs", "outputs", "name", "trainable")]
    return Explanation(
        pattern="functional_model",
        fault="parameter",
        title="keras.Model needs inputs and outputs",
        what_happened=(
            f"keras.Model was given {' and '.join(f'`{name}`' for name in words)}, which it does "
            f"not know."
            if words
            else "keras.Model was given only one of its inputs and outputs."
        ),
        why="A Functional model is described by the tensors with which it begins and ends.",
        fix="Write keras.Model(inputs=x, outputs=y).",
        original=evidence.error,
    )


def _arguments_of_a_plain_model(error: BaseException | None) -> dict[str, Any] | None:
    """What `keras.Model(...)` was given, when it was not taken for a Functional model."""
    if not isinstance(error, TypeError | ValueError):
        return None
    for frame in frames_of(error):
        owner = frame.f_locals.get("self")
        if type(owner) is keras.Model and frame.f_code.co_name == "__init__":
            args, kwargs = frame.f_locals.get("args", ()), frame.f_locals.get("kwargs", {})
            tensors = [*args, *kwargs.values()]
            if any(isinstance(one, keras.KerasTensor) for one in keras.tree.flatten(tensors)):
                return {**dict.fromkeys(("inputs", "outputs")[: len(args)]), **kwargs}
    return None


def _not_called(evidence: Evidence, inputs: list[Any], outputs: list[Any]) -> Explanation | None:
    """A layer where its result should stand."""
    layers = [one for one in outputs if isinstance(one, keras.Layer)]
    if not layers:
        return None
    kind = type(layers[0]).__name__
    explanation = Explanation(
        pattern="layer_as_tensor",
        fault="topology",
        title=f"An output is a layer, {kind}, that was not called",
        what_happened=f"keras.Model got {kind} as an output: the layer, and not what it returns.",
        why="A model goes from Input tensors to the tensors that layers returned.",
        fix=f"Call the layer: x = layers.{kind}(...)(x), and pass x.",
        original=evidence.error,
    )
    if len(outputs) != 1 or len(inputs) != 1:
        return explanation
    return planned_fix(explanation, lambda layer_for: _called(inputs, layers[0], layer_for))


def _called(inputs: list[Any], layer: Any, layer_for: Callable[[Any], Any]) -> Program:
    plan = Plan(inputs, layer_for)
    return plan.program(plan.call(layer, -1))


def _not_symbolic(evidence: Evidence, inputs: list[Any], outputs: list[Any]) -> Explanation | None:
    """An array, or something else that is no symbolic tensor."""
    for where, values in (("input", inputs), ("output", outputs)):
        strange = [one for one in values if not isinstance(one, keras.KerasTensor)]
        if strange:
            return Explanation(
                pattern="not_symbolic",
                fault="parameter",
                title=f"keras.Model got {_what(strange[0])} as an {where}",
                what_happened=f"An {where} of keras.Model is {_what(strange[0])}.",
                why=(
                    "A model is a plan. It is made of symbolic tensors, which have a shape and no "
                    "numbers; the data comes in fit and predict."
                ),
                fix=_fix_of(strange[0], where),
                original=evidence.error,
            )
    return None


def _what(one: Any) -> str:
    if isinstance(one, keras.Model):
        return "a model"
    if hasattr(one, "shape"):
        return f"an array of shape {shape_of(one)}"
    return f"an object of type {type(one).__name__}"


def _fix_of(one: Any, where: str) -> str:
    if isinstance(one, keras.Model):
        return f"Pass its tensor: model.{where}s."
    if where == "input" and hasattr(one, "shape"):
        return f"Begin with keras.Input({shape_of(one)[1:]}), and give the array to fit."
    return "Begin with keras.Input, call layers on it, and pass what they return."


def _twice_named(evidence: Evidence, inputs: list[Any], outputs: list[Any]) -> Explanation | None:
    """Two layers with one name."""
    names = Counter(layer.name for layer in layers_behind([*outputs, *inputs]))
    twice = [name for name, count in names.items() if count > 1]
    if not twice:
        return None
    kinds = [type(one).__name__ for one in layers_behind(outputs) if one.name == twice[0]]
    return Explanation(
        pattern="duplicate_name",
        fault="parameter",
        title=f"Two layers are named {twice[0]!r}",
        what_happened=f"{' and '.join(kinds)} both have the name {twice[0]!r}.",
        why="A model finds its layers by their names, so each name may stand once in a model.",
        fix="Give one of them another name, or leave `name` out and let Keras choose.",
        original=evidence.error,
    )


def _not_connected(evidence: Evidence, inputs: list[Any], outputs: list[Any]) -> Explanation | None:
    """Outputs that were made from another Input."""
    sources = inputs_behind(outputs)
    if not sources or {id(one) for one in sources} == {id(one) for one in inputs}:
        return None
    swapped = all(_is_behind(one, inputs) for one in sources)
    explanation = Explanation(
        pattern="disconnected",
        fault="topology",
        title="The outputs were not made from these inputs",
        what_happened=_happened(inputs, sources, swapped),
        why="Keras follows the outputs back to where they began. It must arrive at the inputs.",
        fix=_fix(inputs, sources, swapped),
        original=evidence.error,
    )
    ends = inputs if swapped else outputs
    return planned_fix(explanation, lambda layer_for: _whole(ends, layer_for))


def _happened(inputs: list[Any], sources: tuple[Any, ...], swapped: bool) -> str:
    if swapped:
        return "What was passed as inputs was made from what was passed as outputs."
    missing = [one for one in sources if not any(one is given for given in inputs)]
    told = " and ".join(f"Input {shape_of(one)}" for one in missing)
    given = " and ".join(str(shape_of(one)) for one in inputs)
    other = "another " if len(missing) == 1 else "other inputs: "
    return f"The outputs depend on {other}{told}. keras.Model got as inputs only: {given}."


def _fix(inputs: list[Any], sources: tuple[Any, ...], swapped: bool) -> str:
    if swapped:
        return "Turn them round: keras.Model(inputs, outputs)."
    if any(input_layer_of(one) is None for one in inputs):
        return "Pass what keras.Input returned as inputs, not a tensor from the middle."
    many = "s" if len(sources) > 1 else ""
    return f"Pass the Input{many} with which the road begins, or begin the road at the one given."


def _is_behind(one: Any, tensors: list[Any]) -> bool:
    outside = [tensor for tensor in tensors if input_layer_of(tensor) is None]
    return bool(outside) and any(one is source for source in inputs_behind(outside))


def _whole(outputs: list[Any], layer_for: Callable[[Any], Any]) -> Program:
    plan, values = replayed(outputs, layer_for)
    return plan.program(*values)


def _as_written(making: Making, name: str) -> list[Any]:
    """What was passed; Keras puts new tensors in the place of inputs that are no Input."""
    given = making.arguments.get(f"flat_{name}")
    return list(keras.tree.flatten(making.arguments.get(name) if given is None else given))
