"""Repair a list of layers step by step, until Keras builds it.

A rule proposes one change. It only counts when the build then comes further, and the code is
only offered when the whole list builds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from seqkit.converting import name_is_automatic
from seqkit.graph.chain import entry_of, is_input, read_chain
from seqkit.repairing.misfit import Misfit
from seqkit.tracing import Row, ShapeTrace, trace_graph

_MOST = 12  # changes; a list that needs more was meant as something else


@dataclass(frozen=True)
class Edit:
    """One change of a list.

    Attributes:
        items: the list after the change.
        words: what is changed, as an instruction.
        cause: what the layer at fault does, when that is another layer than the one that failed.
        culprit: the row where the change is made, when it is another row and that is certain.
        fault: what kind of fault this is.
        certain: whether it is what was meant for sure; otherwise it is one choice.
    """

    items: tuple[Any, ...]
    words: str
    cause: str = ""
    culprit: Row | None = None
    fault: str = ""
    certain: bool = True


Rule = Callable[[Misfit], Edit | None]


@dataclass(frozen=True)
class Edited:
    """What the rules made of a list.

    Attributes:
        first: the first change; None when no rule fits.
        items: the whole list as Keras builds it; empty when it still does not build.
        more: instructions of the other changes.
    """

    first: Edit | None = None
    items: tuple[Any, ...] = ()
    more: tuple[str, ...] = ()


def edited(items: Sequence[Any], trace: ShapeTrace, rules: Sequence[Rule]) -> Edited:
    """Change a list that fails until it builds.

    Args:
        items: the list, with or without an Input.
        trace: its trace.
        rules: what may be changed, the likeliest first.

    Returns:
        The first change in words, and the list, if it builds in the end.
    """
    # A layer that is built insists on its old sizes. Those before the gap may keep them.
    misfit = Misfit(tuple(items), trace)
    gap = misfit.place if misfit.closer is None else misfit.place_of(misfit.closer)
    found = _edited([*items[:gap], *_fresh(items[gap:])], trace, rules)
    return found if found.items else _edited(_fresh(items), trace, rules)


def _edited(items: Sequence[Any], trace: ShapeTrace, rules: Sequence[Rule]) -> Edited:
    items = tuple(items)
    changes: list[Edit] = []
    now = _traced(items, trace)
    while now is not None and not now.ok and len(changes) < _MOST:
        change, now = _change(Misfit(items, now), rules)
        if change is None:
            return Edited(changes[0] if changes else None)
        items = change.items
        changes.append(change)
    if now is None or not changes:
        return Edited()
    words = dict.fromkeys(change.words for change in changes[1:])
    words.pop(changes[0].words, None)
    return Edited(changes[0], changes[-1].items, tuple(words))


def altered(layer: Any, **changes: Any) -> Any:
    """Return a new layer of the same class, with some arguments changed.

    A wrapper such as Bidirectional passes them on to the layer that it holds, if they are that
    layer's.

    Args:
        layer: a Keras layer.
        changes: config entries and their new values.

    Example:
        >>> altered(keras.layers.LSTM(3), return_sequences=True).return_sequences
        True
        >>> twice = keras.layers.Bidirectional(keras.layers.LSTM(3))
        >>> altered(twice, return_sequences=True).return_sequences
        True
    """
    config = layer.get_config()
    if "layer" in config and not set(changes) <= set(config):
        inside = getattr(layer, "forward_layer", None) or layer.layer
        config.pop("backward_layer", None)
        inner = keras.saving.serialize_keras_object(altered(inside, **changes))
        return rebuilt(type(layer), {**config, "layer": inner}, layer)
    return rebuilt(type(layer), {**config, **changes}, layer)


def rebuilt(kind: type, config: dict[str, Any], like: Any) -> Any:
    """Make a layer from a config; a name that Keras chose is chosen anew."""
    if name_is_automatic(like):
        config = {key: value for key, value in config.items() if key != "name"}
    return kind.from_config(config)  # type: ignore[attr-defined]


def _change(misfit: Misfit, rules: Sequence[Rule]) -> tuple[Edit | None, ShapeTrace | None]:
    """The first change after which the build comes further."""
    for rule in rules:
        change = rule(misfit)
        if change is None:
            continue
        trace = _traced(change.items, misfit.trace)
        if trace is not None and _left(trace) < _left(misfit.trace):
            return change, trace
    return None, None


def _left(trace: ShapeTrace) -> int:
    """How many layers are not built yet."""
    return 0 if trace.failure is None else len(trace.rows) - trace.failure.index


def _traced(items: Sequence[Any], before: ShapeTrace) -> ShapeTrace | None:
    """Trace a list; the size of the data is known from the trace before."""
    known = entry_of(items)
    if known is None:
        known = before.graph.entry[0][1:] if before.graph.entry else None
    if known is None:
        return None
    trace = trace_graph(read_chain(items, known))
    return None if _makes_nothing(trace) else trace


def _makes_nothing(trace: ShapeTrace) -> bool:
    """Whether a size became 0: some versions of Keras build that."""
    return any(0 in shape for row in trace.rows for shape in row.output_shapes)


def _fresh(items: Sequence[Any]) -> list[Any]:
    """New copies of built layers; a layer that stands twice stays one."""
    made: dict[int, Any] = {}
    return [made.setdefault(id(item), _copied(item)) for item in items]


def _copied(item: Any) -> Any:
    if not isinstance(item, keras.Layer) or is_input(item) or not getattr(item, "built", False):
        return item
    if not type(item).__module__.startswith("keras.") or isinstance(item, keras.Model):
        return item
    try:
        return type(item).from_config(item.get_config())
    except Exception:  # a Lambda with a function of the user's own cannot be copied
        return item
