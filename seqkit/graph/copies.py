"""Layers that may be called without changing the user's own, and weights that take no memory."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import keras

from seqkit.graph.reasons import is_from_keras


@contextmanager
def copies(memory: bool = False) -> Iterator[Any]:
    """Give, for each item, a layer that may be called without changing the user's own.

    A layer that is not built is copied from its config, once, so that a layer that stands twice
    in the list stays one layer. A built layer is called itself: its weights and state do not
    change, and what the call notes in it is taken away again. A layer that is not built and
    cannot be copied is called itself, too, and put back afterwards as it was. While this lasts,
    new weights get a shape but no memory, so reading a large model is cheap.

    Args:
        memory: give new weights memory and numbers, always the same ones, to run data through.
    """
    made: dict[int, Any] = {}
    borrowed: list[tuple[Any, int, int]] = []
    before: list[_Snapshot] = []

    def layer_for(item: Any) -> Any:
        if id(item) not in made:
            copy = None if _has_state(item) else _copy(item, layer_for)
            if copy is None:
                if not _has_state(item):
                    before.append(_Snapshot(item))
                borrowed.append((item, len(item._inbound_nodes), len(item._outbound_nodes)))
                copy = item
            made[id(item)] = copy
        return made[id(item)]

    try:
        weights = nullcontext() if memory else weights_without_memory()
        with weights, _random_kept(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the user's own build shows them
            yield layer_for
    finally:
        for layer, inbound, outbound in borrowed:
            del layer._inbound_nodes[inbound:]
            del layer._outbound_nodes[outbound:]
        for snapshot in before:
            snapshot.restore()


@contextmanager
def _random_kept() -> Iterator[None]:
    """Keep Python's generator as it is: Keras takes from it the seed of every new layer."""
    state = random.getstate()
    random.seed(0)
    try:
        yield
    finally:
        random.setstate(state)


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


@contextmanager
def weights_with_memory(layer: Any) -> Iterator[None]:
    """Suspend `weights_without_memory`, for a layer that makes a variable from values.

    A stateful LSTM does: its state begins as zeros, not as an initializer that could wait.

    Args:
        layer: the layer; the weights that it has so far get their numbers.
    """
    from keras.src.backend.common import global_state

    scope = global_state.get_global_attribute("stateless_scope")
    global_state.set_global_attribute("stateless_scope", None)
    try:
        for variable in layer.variables:
            if getattr(variable, "_value", variable) is None:
                variable._deferred_initialize()
        yield
    finally:
        global_state.set_global_attribute("stateless_scope", scope)


def _has_state(item: Any) -> bool:
    """Whether a copy from the config would lose something: weights, or an adapted vocabulary.

    Layers without weights say from the start that they are built, so that alone means nothing.
    """
    if bool(getattr(item, "weights", ())):
        return True
    if not getattr(item, "built", False):
        return False
    module = type(item).__module__
    return not module.startswith("keras.src.layers.") or ".preprocessing." in module


def _copy(item: Any, layer_for: Callable[[Any], Any]) -> Any | None:
    """Return a fresh layer of the same config and name, or None if the config does not allow.

    Only Keras' own layers, with only such inside, are copied: the config of another class may
    leave something out, a Lambda's function would lose the names that it uses, and a layer that
    was adapted would lose its vocabulary.
    """
    if type(item) is keras.Sequential:
        return keras.Sequential([layer_for(layer) for layer in item._layers], name=item.name)
    inside = list(item._flatten_layers())
    if not all(is_from_keras(layer) and not hasattr(layer, "adapt") for layer in inside):
        return None
    try:
        copy = type(item).from_config(item.get_config())
    except Exception:
        return None
    for name, value in vars(item).items():  # Keras 3.10 leaves `output_padding` out of the config
        if name in vars(copy) and isinstance(value, int | str | tuple) and vars(copy)[name] is None:
            setattr(copy, name, value)
    return copy


class _Snapshot:
    """What an unbuilt layer and the layers inside it hold, so that a call can be undone.

    Keras keeps weights and sublayers in lists and dicts, which trackers refer to: so their
    content is put back, and not the containers replaced.

    Args:
        item: the layer.
    """

    def __init__(self, item: Any) -> None:
        self._held: list[tuple[Any, Any]] = []
        seen: set[int] = set()
        for layer in item._flatten_layers():
            self._keep(vars(layer), seen)

    def restore(self) -> None:
        """Put everything back."""
        for container, content in self._held:
            if isinstance(container, list):
                list.__setitem__(container, slice(None), content)
            elif isinstance(container, set):
                set.clear(container)
                set.update(container, content)
            else:
                dict.clear(container)
                dict.update(container, content)

    def _keep(self, container: Any, seen: set[int]) -> None:
        if id(container) in seen:
            return
        seen.add(id(container))
        inside: Iterable[Any]
        if isinstance(container, list | set | dict):
            self._held.append((container, _plain(container)))
            inside = container.values() if isinstance(container, dict) else container
        elif type(container).__name__ == "Tracker":
            inside = [vars(container)]
        elif isinstance(container, tuple):
            inside = container
        else:
            return
        for value in list(inside):
            self._keep(value, seen)


def _plain(container: Any) -> Any:
    """The content of a list, set or dict, without the tracker that Keras may put around it."""
    if isinstance(container, dict):
        return dict(dict.items(container))
    return list(container) if isinstance(container, list) else set(container)
