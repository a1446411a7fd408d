"""Facts behind an exception: the layers of the list, the shape that came in, the failed call.

They are read from the frames of the traceback: Keras' own `Sequential` still holds the list that
the learner passed, so nobody has to pass it again.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import FrameType, TracebackType
from typing import Any

import keras

from seqkit.explaining.history import chain_behind
from seqkit.graph import Node, Shape
from seqkit.graph.chain import entry_of, input_layer_of, is_input, read_chain
from seqkit.graph.shapes import shapes_in
from seqkit.graph.undisturbed import undisturbed
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
        in_a_sequential: whether `items` stood in a Sequential's list; otherwise they are the
            layers behind the tensor that a layer was called on.
        labels: the labels that were passed with the data.
        call: what was called with the data: "fit", "evaluate", "predict" or "__call__"; empty if
            nothing was.
        names: what the user calls the data and the labels.
        arguments: all arguments of that call.
    """

    error: BaseException | None
    items: tuple[Any, ...] = ()
    trace: ShapeTrace | None = None
    data: Any = None
    model: Any = None
    called: Any = None
    called_with: tuple[Any, ...] = ()
    in_a_sequential: bool = True
    labels: Any = None
    call: str = ""
    names: tuple[str, str] = ("x", "y")
    arguments: Mapping[str, Any] = field(default_factory=dict)

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
    def raised_elsewhere(self) -> bool:
        """Whether a callback raised: then the data may well fit."""
        frames = _frames(None if self.error is None else self.error.__traceback__)
        return any(
            isinstance(frame.f_locals.get("self"), keras.callbacks.Callback)
            and not isinstance(frame.f_locals.get("self"), keras.callbacks.CallbackList)
            for frame in frames
        )

    @property
    def input_row(self) -> Row | None:
        """The Input as a row of its own; its index is one less than that of the first layer."""
        layer = input_layer_of(self.items[0]) if self.items else None
        if layer is None:
            return None
        shape = tuple(layer.batch_shape)
        node = Node(-1, layer.name, "InputLayer", layer, layer, (), (shape,), 0, "ok", -1)
        return Row(node, None, None)

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
    passed: _Passed | None = None
    called, called_with = None, ()
    for call in _calls(error.__traceback__):
        owner, name = call.owner, call.name
        if isinstance(owner, keras.Sequential) and call.of_keras:
            if not items and name in _READS_ITEMS:
                items = _items(owner, name, call.arguments)
            if name == "build" and entry is None:
                entry = _entry_from_build(call.arguments.get("input_shape"))
        if isinstance(owner, keras.Model) and name in _TAKES_DATA and passed is None:
            passed = _passed(owner, name, call.arguments)
        if isinstance(owner, keras.Layer) and name == "__call__" and "args" in call.arguments:
            called, called_with = owner, tuple(call.arguments["args"])
    passed = passed or _Passed()
    evidence = Evidence(
        error,
        items,
        _trace(items, entry, passed.x),
        passed.x,
        passed.model,
        called,
        called_with,
        labels=passed.y,
        call=passed.call,
        names=_names(error.__traceback__, passed),
        arguments=passed.arguments,
    )
    return evidence if items else _on_a_road(evidence)


def _on_a_road(evidence: Evidence) -> Evidence:
    """Outside a Sequential: the layers behind the tensor that a layer was called on."""
    if evidence.called is None or evidence.data is not None or len(evidence.called_with) != 1:
        return evidence
    behind = chain_behind(evidence.called_with[0])
    if not behind:
        return evidence
    items = (*behind, evidence.called)
    return replace(evidence, items=items, trace=_trace(items, None, None), in_a_sequential=False)


_FITS = ("fit", "train_on_batch")
_READS_ITEMS = ("__init__", "add", "build", "call", "__call__", *_FITS, "predict", "evaluate")
_TAKES_DATA = (*_FITS, "predict", "predict_on_batch", "evaluate", "test_on_batch", "__call__")


@dataclass(frozen=True)
class _KerasCall:
    """One frame of the traceback: the method that ran, whose it was, and what it got."""

    name: str
    owner: Any
    arguments: Mapping[str, Any]
    of_keras: bool


@dataclass(frozen=True)
class _Passed:
    """What the user passed to fit, predict, evaluate, or to the model itself."""

    model: Any = None
    call: str = ""
    x: Any = None
    y: Any = None
    arguments: Mapping[str, Any] = field(default_factory=dict)


def _calls(traceback: TracebackType | None) -> Iterator[_KerasCall]:
    """The calls behind the frames.

    Keras takes its own frames out of a traceback, unless it is told not to. What stays is the
    frame of the wrapper that did it, and that still holds the method and its arguments.
    """
    for frame in _frames(traceback):
        found = frame.f_locals
        if frame.f_code.co_name != "error_handler" or not callable(found.get("fn")):
            owner = found.get("self")
            yield _KerasCall(frame.f_code.co_name, owner, found, _is_keras(frame))
            continue
        function, given = found["fn"], found.get("args", ())
        arguments = _arguments(function, given, found.get("kwargs", {}))
        name = getattr(function, "__name__", "")
        yield _KerasCall(name, given[0] if given else None, arguments, True)


def _arguments(
    function: Callable[..., Any], given: tuple[Any, ...], named: dict[str, Any]
) -> Mapping[str, Any]:
    try:
        bound = inspect.signature(function).bind_partial(*given, **named)
    except (TypeError, ValueError):
        return {"args": given[1:], "kwargs": named}
    return {**bound.arguments, "args": bound.arguments.get("args", given[1:])}


def _passed(model: Any, name: str, arguments: Mapping[str, Any]) -> _Passed:
    if name == "__call__":
        return _Passed(model, name, arguments.get("args"))
    call = "predict"
    if name in _FITS:
        call = "fit"
    elif name in ("evaluate", "test_on_batch"):
        call = "evaluate"
    # A copy: the frame's own variables keep changing.
    return _Passed(model, call, arguments.get("x"), arguments.get("y"), dict(arguments))


def _names(traceback: TracebackType | None, passed: _Passed) -> tuple[str, str]:
    """What the user calls the data and the labels."""
    found = {"x": "", "y": ""}
    others: set[str] = set()
    for frame in _frames(traceback):
        if _is_keras(frame):
            break
        for variables in (frame.f_locals, frame.f_globals):
            for name, value in list(variables.items()):
                if name.startswith("_") or not name.isidentifier():
                    continue
                others.add(name)
                for which, data in (("x", passed.x), ("y", passed.y)):
                    if data is not None and value is data and not found[which]:
                        found[which] = name
    # What was passed has no name, as in predict(x[0]); `x` may then be something else.
    data = "data" if passed.x is not None and "x" in others else "x"
    labels = "labels" if passed.y is not None and "y" in others else "y"
    return found["x"] or data, found["y"] or labels


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
    try:
        known = entry_of(items) or entry or _entry_of_data(data)
        with undisturbed():
            return trace_graph(read_chain(items, known))
    except Exception:  # no trace is better than an error of ours in place of the learner's
        return None


def _entry_of_data(data: Any) -> Shape | None:
    return tuple(data.shape)[1:] if hasattr(data, "shape") else None
