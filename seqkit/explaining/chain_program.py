"""A chain of layers as a program: as a Sequential, or with the Functional API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras

from seqkit.converting import Program
from seqkit.converting.needs import Needs
from seqkit.converting.sequential_source import sequential_lines
from seqkit.explaining.plan import Plan
from seqkit.graph import Shape
from seqkit.graph.chain import input_layer_of, is_input


def sequential_program(items: Sequence[Any], entry: Shape | None) -> Program:
    r"""Write a list of layers as a Sequential.

    Args:
        items: the layers; an Input first, if there is one.
        entry: the shape of one example, used where there is no Input.

    Example:
        >>> program = sequential_program([keras.layers.Dense(3)], (4,))
        >>> print("\n".join(program.lines))
        model = keras.Sequential(
            [
                keras.Input((4,)),
                layers.Dense(3),
            ]
        )
    """
    body = [input_layer_of(one) or one for one in items]
    if entry is not None and not (body and is_input(body[0])):
        body.insert(0, keras.layers.InputLayer(tuple(entry)))
    needs = Needs()
    program = Program.of(sequential_lines(body, needs), needs)
    program.planned = sum(not is_input(one) for one in body)
    return program


def functional_chain(items: Sequence[Any], layer_for: Callable[[Any], Any]) -> Program:
    """Write a chain that begins with an Input with the Functional API."""
    plan = Plan([items[0]], layer_for)
    value = -1
    for layer in items[1:]:
        value = plan.call(layer, value)
    return plan.program(value)
