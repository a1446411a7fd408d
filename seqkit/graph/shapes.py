"""Shapes of the tensors that go into and come out of a layer, whatever structure holds them."""

from __future__ import annotations

from typing import Any

import keras

from seqkit.graph.records import Shape


def shape_of(tensor: Any) -> Shape:
    """Return a tensor's shape as a plain tuple of int and None.

    Example:
        >>> import keras
        >>> shape_of(keras.Input((8,)))
        (None, 8)
    """
    return tuple(None if size is None else int(size) for size in tensor.shape)


def tensors_in(structure: Any) -> list[Any]:
    """Return the tensors of a nested structure, in Keras' own order.

    Example:
        >>> import keras
        >>> a, b = keras.Input((1,)), keras.Input((2,))
        >>> [shape_of(t) for t in tensors_in({"first": a, "rest": [b]})]
        [(None, 1), (None, 2)]
    """
    leaves = keras.tree.flatten(structure)
    return [leaf for leaf in leaves if hasattr(leaf, "shape") and _has_rank(leaf.shape)]


def _has_rank(shape: Any) -> bool:
    """TensorFlow has tensors whose number of axes is not known; nothing can be said of them."""
    return getattr(shape, "rank", 0) is not None


def shapes_in(structure: Any) -> tuple[Shape, ...]:
    """Return the shapes of all tensors of a nested structure."""
    return tuple(shape_of(tensor) for tensor in tensors_in(structure))
