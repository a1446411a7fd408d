"""A list of layers as the lines of a Sequential, one layer below the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from seqkit.converting.folding import fold
from seqkit.converting.layer_source import layer_expression
from seqkit.converting.needs import Needs
from seqkit.graph.chain import input_layer_of


def sequential_lines(
    items: Sequence[Any], needs: Needs, comment: Callable[[Any], str] = lambda item: ""
) -> list[str]:
    r"""Write a list of layers as a Sequential.

    Args:
        items: the layers; an Input first, if there is one.
        needs: what the program needs so far.
        comment: gives, for each item, what stands behind its first line.

    Example:
        >>> import keras
        >>> print("\n".join(sequential_lines([keras.layers.Dense(3)], Needs())))
        model = keras.Sequential(
            [
                layers.Dense(3),
            ]
        )
    """
    layers = [input_layer_of(item) or item for item in items]  # keras.Input gives a tensor
    needs.uses.update(id(layer) for layer in layers)
    body = []
    for item, layer in zip(items, layers, strict=True):
        first, *rest = fold(layer_expression(layer, needs), indent=8, end=",")
        body += [first + comment(item), *rest]
    return ["model = keras.Sequential(", "    [", *body, "    ]", ")"]
