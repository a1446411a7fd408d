"""Facts behind an exception: the layers of the list, the shape that came in, the failed call.

They are read from the frames of the traceback: Keras' own `Sequential` still holds the list that
the learner passed, so nobody has to pass it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any

import keras

from seqkit.errors import SeqkitError
from seqkit.graph import Shape
from seqkit.graph.chain import entry_of, is_input, read_chain
from seqkit.graph.shapes import shapes_in
from seqkit.tracing import Row, ShapeTrace, trace_graph


@dataclass(frozen=True)
class Evidence:
    """What is known about a failure.

    Attributes:
        error: the exception or warning; None when only a trace is explained.
        items: what stood in the Sequential's list, Input included; empty if unknown.
        trace: the trace of those items, if they can be read.
        data: the inputs that were passed to the model, if it was called.
        model: the model whose fit, predict, evaluate or call failed.
        called: the layer whose call failed, when no Sequential is involved.
        called_with: the arguments of that call.
    """

    error: BaseException | None
    items: tuple[Any, ...] = ()
    trace: ShapeTrace | None = None
    data: Any = None
    model: Any = None
    called: Any = None
    called_with: tuple[Any, ...] = ()

    @property
    def called_on(self) -> tuple[Shape, ...]:
        """Shapes of the tensors that the layer was called on."""
        return shapes_in(self.called_with)

    @property
    def row(self) -> Row | None:
        """The row that failed."""
        return None if self.trace is None else self.trace.failed_row

    @property
    def item(self) -> Any:
        """What stands where the build failed: a layer, or anything else."""
        return None if self.row is None else self.row.node.item

    @property
    def refused_by_model(self) -> bool:
        """Whether the model refused its data before any layer was called."""
        words = ("structure of `inputs`", "Unable to automatically build")
        return any(word in str(self.error) for word in words)

    @property
    def in_the_model(self) -> bool:
        """Whether the model or a layer failed, and not a callback, a loss or a metric."""
        return self.called is not None or self.refused_by_model

    @property
    def place(self) -> str:
        """Where the failing item stands in the list, counted from 0 with the Input."""
        assert self.row is not None
        if self.error is None or not self.items:
            return f"Layer {self.row.index}"
        return f"Item {self.row.index + is_input(self.items[0])}"

    @property
    def got(self) -> Shape | None:
        """The shape that reached the failing item."""
        return None if self.row is None else self.row.input_shape


def from_trace(trace: ShapeTrace) -> Evidence:
    """Evidence of a trace that failed."""
    failure = trace.failure
    items = tuple(node.item for node in trace.graph.nodes)
    return Evidence(None if failure is None else failure.error, items, trace)


def from_exception(error: BaseException) -> Evidence:
    """Evidence of an exception, from the frames it passed through."""
    items: tuple[Any, ...] = ()
    entry: Shape | None = None
    data: Any = None
    model, called, called_with = None, None, ()
    for frame in _frames(error.__traceback__):
        found = frame.f_locals
        owner = found.get("self")
        name = frame.f_code.co_name
        if isinstance(owner, keras.Sequential) and _is_keras(frame):
            if not items and name in ("__init__", "add", "build", "call", "__call__", "fit"):
                items = _items(owner, name, found)
            if name == "build" and entry is None:
                entry = _entry_from_build(found.get("input_shape"))
        if isinstance(owner, keras.Model) and name in ("fit", "predict", "evaluate", "__call__"):
            model = owner if model is None else model
            passed = found.get("x") if name != "__call__" else found.get("args")
            data = passed if data is None else data
        if isinstance(owner, keras.Layer) and name == "__call__" and "args" in found:
            called, called_with = owner, tuple(found["args"])
    return Evidence(error, items, _trace(items, entry, data), data, model, called, called_with)


def _frames(traceback: TracebackType | None) -> Iterator[FrameType]:
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next


def _is_keras(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).startswith("keras.")


def _items(model: keras.Sequential, name: str, found: Mapping[str, Any]) -> tuple[Any, ...]:
    """The list as the learner wrote it: the constructor's argument, or the layers so far."""
    written = found.get("layers")
    if name == "__init__" and isinstance(written, list | tuple):
        return tuple(written)
    items = list(model._layers)
    if name == "add" and not any(item is found.get("layer") for item in items):
        items.append(found.get("layer"))
    return tuple(items)


def _entry_from_build(shape: Any) -> Shape | None:
    return tuple(shape)[1:] if isinstance(shape, list | tuple) and shape else None


def _trace(items: tuple[Any, ...], entry: Shape | None, data: Any) -> ShapeTrace | None:
    if not items:
        return None
    known = entry_of(items) or entry or _entry_of_data(data)
    try:
        return trace_graph(read_chain(items, known))
    except SeqkitError:
        return None


def _entry_of_data(data: Any) -> Shape | None:
    return tuple(data.shape)[1:] if hasattr(data, "shape") else None
