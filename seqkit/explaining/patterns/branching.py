"""A list of layers as one item: parallel branches, as in an Inception block."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import keras

from seqkit.converting import Program
from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.explaining.patterns.merging import plan_chain
from seqkit.explaining.plan import Plan, planned_fix
from seqkit.graph.chain import is_input
from seqkit.graph.reasons import is_merge

ORDER = 20


_FIX = "Functional API: call every branch on the same tensor, then join them."
_OR_IN_A_ROW = " If the layers should follow one another, unpack the list: *[...]."


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a list, tuple or dict of layers inside the list."""
    row = evidence.row
    branches = _branches(evidence.item)
    if row is None or not branches:
        return None
    noun = type(evidence.item).__name__
    explanation = Explanation(
        pattern="inception" if _is_inception(branches) else "branch",
        fault="topology",
        title="A Sequential has one road; parallel branches do not fit in it",
        what_happened=(
            f"{evidence.place} of the list is a {noun} of {len(branches)}, "
            f"{_list(branches)}. Each item must be one layer."
        ),
        why=(
            "Branches need the same tensor several times, and a layer that joins what they "
            "give. A Sequential hands each tensor to exactly one layer."
        ),
        fix=_FIX + (_OR_IN_A_ROW if all(len(branch) == 1 for branch in branches) else ""),
        layer=row,
        trace=evidence.trace,
        original=evidence.error,
    )
    return planned_fix(explanation, lambda layer_for: _plan(evidence, layer_for))


def _branches(item: Any) -> list[list[Any]]:
    """Return the branches, each as a list of layers; empty when the item is something else."""
    if isinstance(item, dict):
        item = list(item.values())
    if not isinstance(item, list | tuple) or len(item) < 2:
        return []  # one layer in brackets is no branch
    branches = [list(one) if isinstance(one, list | tuple) else [one] for one in item]
    layers = [layer for branch in branches for layer in branch]
    return branches if all(isinstance(layer, keras.Layer) for layer in layers) else []


def _is_inception(branches: Sequence[Sequence[Any]]) -> bool:
    """Windows of different sizes beside each other, or convolutions beside a pool."""
    windows = {
        str(getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None))
        for branch in branches
        for layer in branch[-1:] or branch
        if hasattr(layer, "kernel_size") or hasattr(layer, "pool_size")
    }
    return len(branches) > 1 and len(windows) > 1


def _list(branches: Sequence[Sequence[Any]]) -> str:
    words = [" → ".join(type(layer).__name__ for layer in branch) for branch in branches]
    return ", ".join(words[:-1]) + f" and {words[-1]}" if len(words) > 1 else words[0]


def _plan(evidence: Evidence, layer_for: Callable[[Any], Any]) -> Program:
    assert evidence.trace is not None
    items = list(evidence.items)
    first = items.pop(0) if is_input(items[0]) else evidence.trace.graph.entry[0][1:]
    try:
        return _planned(Plan([first], layer_for), items, _as_written)
    except Exception:  # sizes differ: the branches must keep the size of their input
        return _planned(Plan([first], layer_for), items, _keeping_size)


def _planned(plan: Plan, items: Sequence[Any], prepare: Callable[[Any], Any]) -> Program:
    value = -1
    rest = list(items)
    while rest:
        straight = list(itertools.takewhile(lambda item: not _branches(item), rest))
        if straight:
            value = plan_chain(plan, straight, value)
            del rest[: len(straight)]
            continue
        branches = _branches(rest.pop(0))
        ends = [_walk(plan, branch, value, prepare) for branch in branches]
        merge = rest.pop(0) if rest and is_merge(rest[0]) else keras.layers.Concatenate()
        value = plan.call(merge, *ends)
    return plan.program(value)


def _walk(plan: Plan, branch: Sequence[Any], value: int, prepare: Callable[[Any], Any]) -> int:
    for place, layer in enumerate(branch, start=1):
        value = plan.call(prepare(layer), value, hint="branch" if place == len(branch) else "")
    return value


def _as_written(layer: Any) -> Any:
    return layer


def _keeping_size(layer: Any) -> Any:
    """The same layer with padding 'same', and a pool with step 1."""
    config = layer.get_config()
    if "padding" in config:
        config["padding"] = "same"
    if "pool_size" in config:
        config["strides"] = 1
    return type(layer).from_config(config)
