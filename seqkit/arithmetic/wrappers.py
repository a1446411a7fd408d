"""Layers that hold another layer: once for each step, or in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from seqkit.arithmetic.axes import sized
from seqkit.arithmetic.equations import Arithmetic, Equation
from seqkit.arithmetic.rules import rule, rule_for
from seqkit.graph.records import Shape


@rule("TimeDistributed")
def time_distributed(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """The inner layer on every step; the time axis stays."""
    shape = shapes[0]
    if isinstance(layer.layer, keras.Model):
        return _model_at_each_step(layer.layer, shape)
    inner_shape = (shape[0], *shape[2:])
    inner_rule = rule_for(layer.layer)
    if inner_rule is None:
        raise ValueError("no rule for the inner layer")
    inner = inner_rule(layer.layer, [inner_shape])
    if not inner.shape:
        return Arithmetic((), "shape unchanged: the same layer at each step")
    moved = (
        Equation(line.label, line.expression, line.value, tuple(axis + 1 for axis in line.axes))
        for line in inner.shape
    )
    return Arithmetic((sized("steps", shape[1], 1), *moved), inner.note)


def _model_at_each_step(model: Any, shape: Shape) -> Arithmetic:
    (output,) = model.outputs
    sizes = enumerate(tuple(output.shape)[1:], start=2)
    lines = tuple(sized(f"axis {axis}:", size, axis) for axis, size in sizes)
    return Arithmetic((sized("steps", shape[1], 1), *lines), "the same model at each step")


@rule("SpectralNormalization")
def spectral_normalization(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """The layer inside, with other weights."""
    inner_rule = rule_for(layer.layer)
    if inner_rule is None:
        raise ValueError("no rule for the inner layer")
    return inner_rule(layer.layer, shapes)


@rule("Bidirectional")
def bidirectional(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """Two recurrent layers, one from each end; `merge_mode` joins what they give."""
    inner_rule = rule_for(layer.forward_layer)
    if inner_rule is None:
        raise ValueError("no rule for the inner layer")
    inner = inner_rule(layer.forward_layer, shapes)
    if layer.merge_mode is None:
        return Arithmetic(inner.shape, "two directions, two outputs")
    if layer.merge_mode != "concat":
        return Arithmetic(inner.shape, f"two directions, {layer.merge_mode}")
    *kept, last = inner.shape
    assert last.value is not None
    joined = Equation(last.label, f"{last.value} + {last.value}", 2 * last.value, last.axes)
    return Arithmetic((*kept, joined), inner.note)
