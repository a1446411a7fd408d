"""What `fit` and `compile` were given: no loss, two losses, lists for arrays, no labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from seqkit.converting import Program as WrittenProgram
from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.explaining.patterns.data_and_labels import explained, program_of
from seqkit.explaining.plan import Plan, planned_fix
from seqkit.fitting import head_of, label_facts
from seqkit.graph.chain import is_input
from seqkit.repairing import Change, CompileArguments, Problem, Program, diagnose, repair_with
from seqkit.repairing.edit import altered
from seqkit.repairing.program import unbuilt

ORDER = 50


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a call of `fit` that lacks something, or got it in another form."""
    if evidence.model is None or evidence.call not in ("fit", "evaluate", "predict"):
        return None
    rules = (
        *(_not_compiled, _lists, _no_labels, _several_labels),
        *(_several_losses, _loss_weights, _names_of_outputs, _validation),
    )
    for rule in rules:
        found = rule(evidence)
        if found is not None:
            return found
    return None


def _explained(
    evidence: Evidence, program: Program | None, problem: Problem, pattern: str
) -> Explanation:
    found = None if program is None else repair_with(program, problem.changes())
    if program is None:
        program = Program(())
    return replace(explained(evidence, program, problem, found), pattern=pattern)


def _not_compiled(evidence: Evidence) -> Explanation | None:
    if evidence.call != "fit" or getattr(evidence.model, "compiled", True):
        return None
    program = program_of(evidence)

    def changes() -> list[Change]:
        if program is None:
            return []
        loss = _usual_loss(program)
        compiled = CompileArguments("adam", loss)
        text = f'Compile it first; for these labels: model.compile("adam", loss="{loss}").'
        changed = replace(program, compiled=compiled, call="fit")
        return [Change(text, changed)] if loss else []

    problem = Problem(
        kind="compile",
        fault="training",
        title="The model has not been compiled",
        text="fit was called before compile, so no loss and no optimizer is known.",
        why="fit needs a loss to lower, and an optimizer that lowers it.",
        place=None,
        advice='Call model.compile(optimizer="adam", loss=...) first.',
        changes=changes,
    )
    return _explained(evidence, program, problem, "not_compiled")


def _usual_loss(program: Program) -> str:
    """The loss that suits the labels and the end of the model."""
    labels, graph = program.y_facts, program.graph
    head = None if graph is None else head_of(graph)
    if labels is None or head is None:
        return ""
    if labels.encoding == "one-hot" and head.units == labels.width:
        return "categorical_crossentropy"
    if labels.encoding in ("integers", "binary") and (head.units or 0) > 1:
        return "sparse_categorical_crossentropy"
    if labels.encoding == "binary" and head.activation == "sigmoid":
        return "binary_crossentropy"
    return "mean_squared_error"


def _lists(evidence: Evidence) -> Explanation | None:
    """Python lists in place of arrays."""
    names = dict(zip(evidence.names, (evidence.data, evidence.labels), strict=True))
    given = [name for name, data in names.items() if _is_list_of_numbers(data)]
    if not given:
        return None
    arrays = {name: np.asarray(data) for name, data in names.items() if name in given}
    lines = [f"{name} = np.array({name})" for name in given]
    as_given = replace(
        evidence,
        data=arrays.get(evidence.names[0], evidence.data),
        labels=arrays.get(evidence.names[1], evidence.labels),
    )
    program = program_of(as_given)

    def changes() -> list[Change]:
        if program is None:
            return []
        text = f"Make arrays of them: {' and '.join(lines)}."
        return [Change(text, replace(program, data_lines=tuple(lines)))]

    what = " and ".join(given)
    problem = Problem(
        kind="data kind",
        fault="feature_input",
        title="The data is a Python list, and Keras needs an array",
        text=f"{what} {'are lists' if len(given) > 1 else 'is a list'}.",
        why="Keras reads a list as several inputs, each of which must be an array.",
        place=None,
        advice=f"Make arrays of them: {' and '.join(lines)}.",
        changes=changes,
    )
    return _explained(evidence, program, problem, "data_kind")


def _is_list_of_numbers(data: Any) -> bool:
    while isinstance(data, list | tuple) and data:
        data = data[0]
    return isinstance(data, int | float | np.number) and not isinstance(data, np.ndarray)


def _no_labels(evidence: Evidence) -> Explanation | None:
    x = evidence.data
    if evidence.call != "fit" or evidence.labels is not None or evidence.model.loss is None:
        return None
    pair = isinstance(x, tuple) and len(x) == 2 and all(hasattr(one, "shape") for one in x)
    if not pair and not hasattr(x, "dtype"):
        return None  # a data set or a generator brings its labels along
    text = "fit got data and no labels" if not pair else "fit got one tuple of two arrays as x"
    problem = Problem(
        kind="labels",
        fault="label_output",
        title="There are no labels to compare the output with",
        text=f"{text}, and the loss compares the output with labels.",
        why="fit(x, y) takes the data first and the labels as its second argument.",
        place=None,
        advice="Pass both: model.fit(x, y). An autoencoder gets its own input: model.fit(x, x).",
        changes=list,
    )
    return _explained(evidence, None, problem, "labels")


def _several_labels(evidence: Evidence) -> Explanation | None:
    """A list of label arrays for a model with one output."""
    labels = evidence.labels
    if isinstance(labels, dict):
        labels = list(labels.values())
    outputs = getattr(evidence.model, "outputs", None) or ()
    if not isinstance(labels, list | tuple) or len(labels) < 2 or len(outputs) != 1:
        return None
    if not all(hasattr(one, "shape") for one in labels):
        return None
    shapes = " and ".join(str(tuple(one.shape)) for one in labels)
    explanation = Explanation(
        pattern="multi_output",
        fault="topology",
        title=f"The model has one output, and y holds {len(labels)} arrays",
        what_happened=f"y holds labels of the shapes {shapes}; the model gives one tensor.",
        why="A Sequential ends in one layer, and that layer gives one tensor.",
        fix="Functional API: call one last layer for each set of labels, on the tensor it needs.",
        trace=evidence.trace,
        original=evidence.error,
    )
    if not isinstance(evidence.model, keras.Sequential):
        return explanation
    return planned_fix(explanation, lambda layer_for: _heads(evidence, labels, layer_for))


def _heads(evidence: Evidence, labels: Any, layer_for: Callable[[Any], Any]) -> WrittenProgram:
    """The same layers, and a last layer of its own for each set of labels."""
    items = unbuilt(evidence.items)
    body = items[1:] if is_input(items[0]) else items
    plan = Plan([evidence.model.inputs[0].shape[1:]], layer_for)
    value = -1
    if isinstance(evidence.labels, dict) and {layer.name for layer in body} >= set(evidence.labels):
        return _named_heads(plan, body, list(evidence.labels))
    for layer in body[:-1]:
        value = plan.call(layer, value)
    ends = []
    for one in labels:
        facts = label_facts(one)
        width = facts.width if facts is not None else 1
        if facts is not None and facts.encoding == "integers" and facts.classes:
            width = facts.classes
        head = altered(body[-1], units=width, name=None)
        ends.append(plan.call(head, value))
    return plan.program(*ends)


def _named_heads(plan: Plan, body: Sequence[Any], names: list[str]) -> WrittenProgram:
    """The labels name layers of the list: each of them is a head, and the road goes on past it."""
    value, ends = -1, {}
    for layer in body:
        result = plan.call(layer, value)
        if layer.name in names:
            ends[layer.name] = result
        else:
            value = result
    return plan.program(*(ends[name] for name in names))


def _several_losses(evidence: Evidence) -> Explanation | None:
    loss = getattr(evidence.model, "loss", None)
    outputs = getattr(evidence.model, "outputs", None) or ()
    if not isinstance(loss, list | tuple | dict) or len(loss) < 2 or len(outputs) != 1:
        return None
    losses = list(loss.values() if isinstance(loss, dict) else loss)
    program = program_of(evidence)

    def changes() -> list[Change]:
        if program is None or program.compiled is None:
            return []
        return [
            Change(f"Give compile one loss, such as {_name(one)}.", program.with_loss(one))
            for one in losses
        ]

    problem = Problem(
        kind="losses",
        fault="label_output",
        title="There are several losses, and the model has one output",
        text=f"compile got {len(losses)} losses: {', '.join(_name(one) for one in losses)}.",
        why="A list of losses means one for each output, and a Sequential has one output.",
        place=None,
        advice="Give compile one loss. For several outputs take the Functional API.",
        changes=changes,
    )
    return _explained(evidence, program, problem, "several_losses")


def _loss_weights(evidence: Evidence) -> Explanation | None:
    """More weights of losses than there are outputs."""
    if "loss_weights" not in str(evidence.error):
        return None
    outputs = getattr(evidence.model, "outputs", None) or ()
    arguments = evidence.model.get_compile_config() or {}
    weights = arguments.get("loss_weights")
    if len(outputs) != 1 or not isinstance(weights, list | tuple | dict) or len(weights) < 2:
        return None
    return Explanation(
        pattern="multi_output",
        fault="topology",
        title=f"There are {len(weights)} loss weights, and the model has one output",
        what_happened=(
            f"compile got loss_weights={weights}. Each weight belongs to the loss of one output."
        ),
        why="A Sequential ends in one layer, so it has one output and one loss.",
        fix=(
            "For one output leave loss_weights out. For several outputs take the Functional API: "
            "one last layer for each, and one loss and one weight for each in compile."
        ),
        trace=evidence.trace,
        original=evidence.error,
    )


def _names_of_outputs(evidence: Evidence) -> Explanation | None:
    """Losses or labels carry names, and the outputs have others, or none."""
    model = evidence.model
    outputs = getattr(model, "outputs", None) or ()
    given = {"the losses": getattr(model, "loss", None), "the labels": evidence.labels}
    names = getattr(model, "output_names", None)  # None for a Sequential
    what = next(
        (
            (whose, list(one))
            for whose, one in given.items()
            if isinstance(one, dict) and set(one) != set(names or ())
        ),
        None,
    )
    if what is None or len(outputs) < 2:
        return None
    has = f"the outputs are named {_listed(names)}" if names else "its outputs have no names"
    return Explanation(
        pattern="output_names",
        fault="label_output",
        title=f"The names of {what[0]} are not the names of the outputs",
        what_happened=f"{what[0].capitalize()} are named {_listed(what[1])}; {has}.",
        why="Keras finds the loss and the labels of each output by its name.",
        fix=(
            "Give the outputs these names, keras.Model(inputs, {"
            + ", ".join(f'"{name}": ...' for name in what[1])
            + "}), or pass losses and labels as lists, in the order of the outputs."
        ),
        trace=evidence.trace,
        original=evidence.error,
    )


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f'"{name}"' for name in names)


def _name(loss: Any) -> str:
    return loss if isinstance(loss, str) else getattr(loss, "name", getattr(loss, "__name__", "?"))


def _validation(evidence: Evidence) -> Explanation | None:
    """The training data fits, and the validation data does not."""
    pair = evidence.arguments.get("validation_data")
    if not isinstance(pair, tuple) or len(pair) < 2:
        return None
    program = program_of(evidence)
    if program is None or diagnose(program) is not None:
        return None
    names = ("x_val", "y_val")
    other = replace(evidence, data=pair[0], labels=pair[1], names=names)
    validation = program_of(other)
    problem = None if validation is None else diagnose(validation)
    if validation is None or problem is None:
        return None
    text = f"In validation_data, called {' and '.join(names)} here: {problem.text}"
    problem = replace(problem, title="The validation data does not fit", text=text)
    return replace(explained(evidence, validation, problem, None), pattern="validation_data")
