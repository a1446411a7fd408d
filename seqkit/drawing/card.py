"""What stands on a card: the layer's class and its one telling argument."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from seqkit.graph import Node, Shape


def title(node: Node) -> str:
    """Return the heading of a card.

    Example:
        >>> import keras
        >>> from seqkit.graph import read
        >>> title(read([keras.Input((4,)), keras.layers.Dense(3)]).nodes[0])
        'Dense 3'
    """
    if node.kind == "InputLayer":
        return "Input"
    told = _told(node.layer)
    return f"{node.kind} {told}" if told else node.kind


def _told(layer: Any) -> str:
    """Return the argument that tells this layer from others of its class."""
    for attribute, write in _TELLING:
        value = getattr(layer, attribute, None)
        if value is None or (callable(value) and attribute != "activation"):
            continue
        text = write(layer, value)
        if text:
            return text
    return ""


def _window(layer: Any, size: Any) -> str:
    sizes = (size,) if isinstance(size, int) else tuple(size)
    filters = getattr(layer, "filters", None)
    text = "×".join(str(edge) for edge in sizes)
    return f"{filters} · {text}" if isinstance(filters, int) else text


def _plain(layer: Any, value: Any) -> str:
    return str(value)


def _activation(layer: Any, value: Any) -> str:
    if not isinstance(layer, keras.layers.Activation):
        return ""
    return keras.activations.serialize(value) if callable(value) else str(value)


def _heads(layer: Any, value: Any) -> str:
    return f"{value} heads"


_TELLING: tuple[tuple[str, Callable[[Any, Any], str]], ...] = (
    ("kernel_size", _window),
    ("pool_size", _window),
    ("num_heads", _heads),
    ("units", _plain),
    ("output_dim", _plain),
    ("rate", _plain),
    ("target_shape", _plain),
    ("activation", _activation),
)


def shape_text(shape: Shape) -> str:
    """Write a shape without the batch axis: what people call 28 × 28 × 1.

    Example:
        >>> shape_text((None, 28, 28, 1)), shape_text((None, None, 8))
        ('28×28×1', '?×8')
    """
    return "×".join("?" if size is None else str(size) for size in shape[1:]) or "scalar"
