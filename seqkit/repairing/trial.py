"""Run a repaired program: build it, and do one step on the user's own data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import keras

from seqkit.fitting.arrays import as_array
from seqkit.graph.copies import weights_without_memory
from seqkit.graph.shapes import shape_of
from seqkit.graph.undisturbed import undisturbed
from seqkit.repairing.program import Program

EXAMPLES = 32
"""One step on so many examples shows whether the shapes agree."""
MOST_WEIGHTS = 30_000_000
"""A larger model is built without memory, and no step is run."""


@dataclass(frozen=True)
class Trial:
    """What happened when a program ran.

    Attributes:
        ran: whether it ran to its end.
        built: the model's output shape and size, in words.
        stepped: "fit" or "predict" if one step ran on the user's data.
        error: what stopped it.
    """

    ran: bool
    built: str = ""
    stepped: str = ""
    error: Exception | None = None


def try_out(code: str, before: Program, after: Program) -> Trial:
    """Run the code as the user would, then one step.

    Args:
        code: the repaired program; it may use the names of the user's data.
        before: the user's program, with the data as it was passed.
        after: the repaired program.

    Returns:
        A `Trial`; anything that the code raises is kept in it.
    """
    names = {before.x_name: as_array(before.x), before.y_name: as_array(before.y)}
    namespace: dict[str, Any] = {name: data for name, data in names.items() if data is not None}
    try:
        with undisturbed():
            if after.model is not None:
                namespace["model"] = keras.models.clone_model(after.model)
            return _run(code, namespace, after)
    except Exception as error:  # whatever stops it means that this is no repair
        return Trial(False, error=error)


def _run(code: str, namespace: dict[str, Any], program: Program) -> Trial:
    written = compile(code, "<seqkit fix>", "exec")
    if _is_large(program):
        with weights_without_memory():
            exec(written, namespace)
        return Trial(True, _in_words(namespace["model"]))
    exec(written, namespace)
    model = namespace["model"]
    x = namespace.get(program.x_name)
    if x is None:
        return Trial(True, _in_words(model))
    y = namespace.get(program.y_name)
    if program.call == "fit" and y is not None and program.compiled is not None:
        if len(x) != len(y):
            raise ValueError("x and y differ in length")
        model.run_eagerly = True
        model.optimizer = keras.optimizers.SGD()  # the user's may keep two numbers for each weight
        loss = model.train_on_batch(x[:EXAMPLES], y[:EXAMPLES], return_dict=True)["loss"]
        if not math.isfinite(float(loss)):
            raise ValueError("the loss is not a number")
        return Trial(True, _in_words(model), "fit")
    model(keras.ops.convert_to_tensor(x[:EXAMPLES]))
    return Trial(True, _in_words(model), "predict")


def _is_large(program: Program) -> bool:
    graph = program.graph
    return graph is not None and sum(node.params or 0 for node in graph.nodes) > MOST_WEIGHTS


def _in_words(model: keras.Model) -> str:
    if not model.built:
        return "a model that is built at its first call"
    outputs = " and ".join(str(shape_of(tensor)) for tensor in model.outputs)
    return f"output {outputs}, {model.count_params():,} parameters"
