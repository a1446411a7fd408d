"""The words on a card: the layer's class with its one telling argument, and the lines below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import keras

from seqkit.converting import name_is_automatic
from seqkit.drawing.folding import Group
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
    """Return the argument that tells this layer from others; of a model inside, its name."""
    if isinstance(layer, keras.Model) and not name_is_automatic(layer):
        return str(layer.name)
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


def details(node: Node, call: int, calls: int, drawn: int) -> tuple[str, ...]:
    """Return the lines below the heading of a card that is not folded.

    Args:
        node: the call, or the first of those that share the card.
        call: which call of its layer it is, from 1.
        calls: how often the layer is called in the whole model.
        drawn: how many of these calls share the card.

    Example:
        >>> import keras
        >>> from seqkit.graph import read
        >>> details(read([keras.Input((4,)), keras.layers.Dense(3)]).nodes[0], 1, 1, 1)
        ('15 parameters',)
    """
    if node.status != "ok":
        return (node.status,)
    if node.kind == "InputLayer":
        shape = shape_text(node.output_shapes[0])
        return (shape,) if name_is_automatic(node.item) else (node.name, shape)
    if node.shared and drawn == 1:
        return (f"same layer, call {call} of {calls}",)
    parameters = parameter_text(node.params or 0)
    if calls > 1:
        own = f"{calls} calls" if drawn == calls else f"call {call} of {calls}"
        return (own, parameters)
    return (parameters,)


def parameter_text(count: int) -> str:
    """Write a number of parameters.

    Example:
        >>> parameter_text(0), parameter_text(1), parameter_text(1200)
        ('no parameters', '1 parameter', '1,200 parameters')
    """
    if count == 1:
        return "1 parameter"
    return f"{count:,} parameters" if count else "no parameters"


def folded_words(nodes: Sequence[Node], group: Group) -> tuple[str, tuple[str, ...]]:
    """Return heading and lines of a card that stands for several layers.

    Args:
        nodes: the layers.
        group: how they were folded.
    """
    total = parameter_text(sum(node.params or 0 for node in nodes))
    status = nodes[0].status
    last = total if status == "ok" else status
    if group.form == "fused":
        return title(nodes[0]), ("+ " + ", ".join(_short(node) for node in nodes[1:]), last)
    if group.blocks:
        noun = "block" if group.blocks == 1 else "blocks"
        return f"… {group.blocks} more {noun}", (f"like above, {len(nodes)} layers", last)
    return f"… {len(nodes)} more layers", (_chain_words(nodes, group.repeats), last)


_FITS = 40
"""Characters that stand on a card without being cut off."""


def _short(node: Node) -> str:
    """A layer that finishes another, in one word: an Activation is known by its function."""
    return (_told(node.layer) if node.kind == "Activation" else "") or node.kind


def _chain_words(nodes: Sequence[Node], repeats: int) -> str:
    """Name the layers of a chain: the pattern with its repeats, or each class with its count."""
    if repeats:
        once = nodes[: len(nodes) // repeats]
        words = ", ".join(node.kind for node in once)
        if repeats == 1:
            return words
        # Where the names do not fit, their end is cut off, and the count must not be.
        return f"{words} ×{repeats}" if len(words) < _FITS else f"×{repeats}: {words}"
    counts = Counter(node.kind for node in nodes)
    return ", ".join(f"{kind} ×{count}" if count > 1 else kind for kind, count in counts.items())
