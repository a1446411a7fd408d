"""Layers that may be called without changing the user's own, and weights that take no memory."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras


@contextmanager
def copies() -> Iterator[Any]:
    """Give, for each item, a layer that may be called without changing the user's own.

    A layer that is not built is copied from its config, once, so that a layer that stands twice
    in the list stays one layer. A built layer is called itself: its weights and state do not
    change, and what the call notes in it is taken away again. While this lasts, new weights
    get a shape but no memory, so reading a large model is cheap.
    """
    made: dict[int, Any] = {}
    borrowed: list[tuple[Any, int, int]] = []

    def layer_for(item: Any) -> Any:
        if id(item) not in made:
            copy = None if _has_state(item) else _copy(item)
            if copy is None:
                borrowed.append((item, len(item._inbound_nodes), len(item._outbound_nodes)))
                copy = item
            made[id(item)] = copy
        return made[id(item)]

    try:
        with weights_without_memory(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the user's own build shows them
            yield layer_for
    finally:
        for layer, inbound, outbound in borrowed:
            del layer._inbound_nodes[inbound:]
            del layer._outbound_nodes[outbound:]


@contextmanager
def weights_without_memory() -> Iterator[None]:
    """Let new weights be created with a shape only, and forgotten afterwards.

    Keras makes variables lazily inside a stateless scope and lists them for later; the list is
    put back as it was, or the next scope would fill weights that nobody uses.
    """
    from keras.src.backend.common import global_state  # no public access to that list

    key = "uninitialized_variables"
    before = list(global_state.get_global_attribute(key, [], set_to_default=True))
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        global_state.set_global_attribute(key, before)


def _has_state(item: Any) -> bool:
    """Whether a copy from the config would lose something: weights, or an adapted vocabulary."""
    return bool(getattr(item, "built", False)) or isinstance(item, keras.Model)


def _copy(item: Any) -> Any | None:
    """Return a fresh layer of the same config and name, or None if the config does not allow."""
    try:
        copy = type(item).from_config(item.get_config())
    except Exception:
        return None
    return copy
