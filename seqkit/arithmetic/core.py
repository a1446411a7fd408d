"""Dense, Embedding, and the layers that leave the shape as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from seqkit.arithmetic.axes import kept, sized, unchanged
from seqkit.arithmetic.equations import Arithmetic
from seqkit.arithmetic.rules import rule
from seqkit.graph.records import Shape


@rule("Dense")
def dense(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """The last axis becomes `units`; every other axis stays."""
    shape = shapes[0]
    last = len(shape) - 1
    return Arithmetic((*kept(shape, range(1, last), "kept"), sized("units", layer.units, last)))


@rule("Embedding")
def embedding(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """Each integer becomes a row of the table: one axis more."""
    shape = shapes[0]
    size = sized("output_dim", layer.output_dim, len(shape))
    return Arithmetic((*kept(shape, range(1, len(shape)), "kept"), size))


@rule("BatchNormalization", "LayerNormalization", "GroupNormalization", "RMSNormalization")
def normalization(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """Shift and scale, number by number."""
    return unchanged()


@rule("Normalization", "UnitNormalization", "Rescaling")
def scaling(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """Number by number, with constants."""
    return unchanged()


@rule("Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax", "Identity", "Masking")
def elementwise(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """Number by number."""
    return unchanged()


@rule(
    "Dropout",
    "AlphaDropout",
    "GaussianDropout",
    "GaussianNoise",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "ActivityRegularization",
)
def training_only(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """Acts in training only; the shape never changes."""
    return unchanged()


@rule("EinsumDense")
def einsum_dense(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """The equation's letters: those of the input keep their size, the others are asked for."""
    given, _, result = re.split(",|->", layer.equation.replace(" ", ""))
    if "." in given:
        raise ValueError("the letters of `...` are not known")
    if len(given) != len(shapes[0]):
        raise ValueError("the equation names other axes than the input has")
    # Keras takes an axis that `output_shape` leaves open as not fixed, even if the input's is.
    lines = (
        sized(f"{letter} {'kept' if letter in given else 'asked for'}", size, axis)
        for axis, (letter, size) in enumerate(
            zip(result[1:], layer.partial_output_shape, strict=True), start=1
        )
    )
    return Arithmetic(tuple(lines), f"einsum {layer.equation}")
