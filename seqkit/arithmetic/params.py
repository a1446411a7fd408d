"""Parameter counts as arithmetic: one product for each weight array of the layer."""

from __future__ import annotations

import math
from typing import Any

import keras

from seqkit.arithmetic.equations import Equation

_MANY = 6  # more different terms than this do not fit in a row


def params_equation(layer: Any, total: int | None = None) -> Equation:
    """Write the layer's parameter count as a sum over its weight arrays.

    Arrays of equal shape are counted together, so BatchNormalization reads `4·64 = 256`.

    Args:
        layer: a built layer with weights.
        total: its parameter count, if that is known already.

    Returns:
        The equation; for a nested model a sum over its layers.

    Example:
        >>> import keras
        >>> layer = keras.layers.Dense(32)
        >>> layer.build((None, 784))
        >>> str(params_equation(layer))
        'params 784·32 + 32 = 25,120'
    """
    total = layer.count_params() if total is None else total
    if isinstance(layer, keras.Model):
        return _sum_over_layers(layer, total)
    gates = _over_gates(layer)
    if gates:
        return Equation("params", gates, total)
    terms = _terms([tuple(weight.shape) for weight in layer.weights])
    if len(terms) > _MANY:
        terms = [str(math.prod(weight.shape)) for weight in layer.weights]
    return Equation("params", " + ".join(terms), total)


_GATES = {"LSTM": 4, "GRU": 3}


def _over_gates(layer: Any) -> str:
    """An LSTM is four equal networks and a GRU three: write one of them, times their number."""
    if isinstance(layer, keras.layers.Bidirectional):
        inside = _over_gates(layer.forward_layer)
        same = type(layer.forward_layer) is type(layer.backward_layer)
        equal = layer.count_params() == 2 * layer.forward_layer.count_params()
        return f"2·{inside}" if inside and same and equal else ""
    gates = _GATES.get(type(layer).__name__, 0)
    shapes = [tuple(weight.shape) for weight in layer.weights]
    if not gates or any(shape[-1] != gates * layer.units for shape in shapes):
        return ""
    return f"{gates}·({' + '.join(_terms([(*shape[:-1], layer.units) for shape in shapes]))})"


def _terms(shapes: list[tuple[int, ...]]) -> list[str]:
    counts: dict[tuple[int, ...], int] = {}
    for shape in shapes:
        counts[shape] = counts.get(shape, 0) + 1
    terms = []
    for shape, count in counts.items():
        product = "·".join(str(size) for size in shape) or "1"
        terms.append(f"{count}·{product}" if count > 1 else product)
    return terms


def _sum_over_layers(model: Any, total: int) -> Equation:
    """A nested model: its layers' counts, when they add up and are few enough to read."""
    counts = [layer.count_params() for layer in model.layers if layer.weights]
    if 1 < len(counts) <= _MANY and sum(counts) == total:
        return Equation("params", " + ".join(str(count) for count in counts), total)
    return Equation("params of its layers", "", total)
