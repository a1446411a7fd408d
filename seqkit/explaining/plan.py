"""Plan the model that was meant: layer calls are tried one by one, symbolically, while planning.

A plan that cannot be built raises, so a fix is only ever offered for what really fits together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import keras

from seqkit.converting import PlannedCall, Program, functional_program
from seqkit.explaining.explanation import Explanation
from seqkit.explaining.own_source import with_own_classes
from seqkit.graph import Shape, read
from seqkit.graph.chain import input_layer_of
from seqkit.graph.copies import copies, weights_without_memory
from seqkit.graph.shapes import shape_of


class Plan:
    """Layer calls that fit together, and the tensors they give.

    Args:
        inputs: shapes of one example of each input, or InputLayers.
        layer_for: gives a layer that may be called, for each of the user's layers.
    """

    def __init__(self, inputs: Sequence[Any], layer_for: Callable[[Any], Any]) -> None:
        self.inputs = [_as_input_layer(one) for one in inputs]
        self.calls: list[PlannedCall] = []
        self.notes: list[str] = []  # what the plan added, for the reader
        self._layer_for = layer_for
        self._tensors = {
            -1 - place: keras.KerasTensor(layer.batch_shape, dtype=layer.dtype)
            for place, layer in enumerate(self.inputs)
        }

    @property
    def last(self) -> int:
        """The newest value: the last call, or the first input."""
        return len(self.calls) - 1 if self.calls else -1

    def shape(self, value: int) -> Shape:
        """Return the shape of a value."""
        return shape_of(self._tensors[value])

    def call(self, layer: Any, *sources: int, hint: str = "", spread: bool = False) -> int:
        """Call a layer on values; return the new value.

        Raises:
            Exception: what Keras raises when the layer does not fit.
        """
        tensors = [self._tensors[source] for source in sources]
        callable_layer = self._layer_for(layer)
        if spread:
            result = callable_layer(*tensors)
        else:
            result = callable_layer(tensors[0] if len(tensors) == 1 else tensors)
        self.calls.append(PlannedCall(layer, sources, hint, spread))
        self._tensors[len(self.calls) - 1] = result
        return len(self.calls) - 1

    def program(self, *outputs: int) -> Program:
        """Write the plan as Functional code."""
        written = functional_program(self.inputs, self.calls, outputs or (self.last,))
        written.planned, written.notes = len(self.calls), tuple(self.notes)
        return written


def planned_fix(
    explanation: Explanation, make: Callable[[Callable[[Any], Any]], Program]
) -> Explanation:
    """Add the code of a plan to an explanation, after running it.

    Args:
        explanation: everything but the code.
        make: plans the model and returns its program; it may raise, then no code is added.

    Returns:
        The explanation with `fix_code`, `verified`, `result` and `intended`, if the plan holds.
    """
    try:
        with copies() as layer_for:
            program = make(layer_for)
        with weights_without_memory():
            program = with_own_classes(program)
            model = program.run()
            result = _built(model)
            intended = read(model)
            calls = [node for node in intended.nodes if node.kind != "InputLayer"]
            if len(calls) != program.planned:
                return explanation  # the code would say another model than the plan
    except Exception:  # a plan is only offered when it builds; any reason not to is a no
        return explanation
    return replace(
        explanation,
        fix=" ".join([explanation.fix, *program.notes]),
        fix_code=program.code,
        verified=not program.scope,  # else it needs a class that is not in the code
        result=result,
        intended=intended,
    )


def _built(model: keras.Model) -> str:
    outputs = " and ".join(str(shape_of(tensor)) for tensor in model.outputs)
    return f"output {outputs}, {model.count_params():,} parameters"


def _as_input_layer(one: Any) -> Any:
    layer = input_layer_of(one)
    return keras.layers.InputLayer(tuple(one)) if layer is None else layer
