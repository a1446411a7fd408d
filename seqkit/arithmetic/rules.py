"""The register of shape rules: which function explains which layer class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras

from seqkit.arithmetic.equations import Arithmetic
from seqkit.graph.records import Shape

ShapeRule = Callable[[Any, Sequence[Shape]], Arithmetic]

_RULES: dict[type, ShapeRule] = {}


def rule(*class_names: str) -> Callable[[ShapeRule], ShapeRule]:
    """Register a function as the shape rule of some Keras layer classes and their subclasses.

    Args:
        class_names: names in `keras.layers`. A name that this Keras does not have is left out.
    """

    def register(function: ShapeRule) -> ShapeRule:
        for name in class_names:
            layer_class = getattr(keras.layers, name, None)
            if layer_class is not None:
                _RULES[layer_class] = function
        return function

    return register


def rule_for(layer: Any) -> ShapeRule | None:
    """Return the rule of the layer's class or of its nearest parent that has one.

    Example:
        >>> import keras
        >>> rule_for(keras.layers.Dense(3)).__name__
        'dense'
    """
    for layer_class in type(layer).__mro__:
        if layer_class in _RULES:
            return _RULES[layer_class]
    return None
