"""Layers that prepare data: pictures changed at random, numbers and words turned into indices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqkit.arithmetic.axes import kept, sized, unchanged
from seqkit.arithmetic.equations import Arithmetic
from seqkit.arithmetic.rules import rule
from seqkit.graph.records import Shape


@rule(
    "AugMix",
    "AutoContrast",
    "CutMix",
    "Equalization",
    "MixUp",
    "RandAugment",
    "RandomBrightness",
    "RandomColorDegeneration",
    "RandomColorJitter",
    "RandomContrast",
    "RandomElasticTransform",
    "RandomErasing",
    "RandomFlip",
    "RandomGaussianBlur",
    "RandomGrayscale",
    "RandomHue",
    "RandomInvert",
    "RandomPerspective",
    "RandomPosterization",
    "RandomRotation",
    "RandomSaturation",
    "RandomSharpness",
    "RandomShear",
    "RandomTranslation",
    "RandomZoom",
    "Solarization",
)
def augmentation(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """Pictures are changed, their size is not."""
    return unchanged("same size of picture")


@rule("Discretization", "Hashing", "StringLookup", "IntegerLookup", "CategoryEncoding")
def indices(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """One index for each value, or a vector as long as there are categories."""
    shape = shapes[0]
    mode = layer.output_mode
    if mode == "int":
        return unchanged("one index for each value")
    size = _categories(layer)
    if mode == "one_hot":
        before = len(shape) - 1 if shape[-1] == 1 and len(shape) > 1 else len(shape)
        note = "one_hot: a vector for each value"
    else:
        before, note = max(len(shape) - 1, 1), f"{mode}: one vector for all values of the last axis"
    return Arithmetic(
        (*kept(shape, range(1, before), "kept"), sized("categories", size, before)), note
    )


@rule("TextVectorization")
def text_vectorization(layer: Any, shapes: Sequence[Shape]) -> Arithmetic:
    """A text becomes as many indices as it has words, or a fixed number."""
    if layer._output_mode == "int":
        return Arithmetic((sized("words", layer._output_sequence_length, 1),), "one index a word")
    return Arithmetic((sized("categories", layer.vocabulary_size(), 1),), "one vector a text")


def _categories(layer: Any) -> int | None:
    """How many categories a layer tells apart."""
    for name in ("num_tokens", "num_bins"):
        if isinstance(getattr(layer, name, None), int):
            return int(getattr(layer, name))
    if hasattr(layer, "bin_boundaries"):
        return len(layer.bin_boundaries) + 1
    return int(layer.vocabulary_size())
