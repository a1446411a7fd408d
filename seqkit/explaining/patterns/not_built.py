"""A question to a model or a layer that does not know its shapes yet; a model without layers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras

from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.explaining.frames import frames_of, owner_of
from seqkit.graph.chain import entry_of, read_chain
from seqkit.tracing import trace_graph

ORDER = 47

_SHAPES = ("output", "outputs", "output_shape", "input", "inputs", "input_shape")
_USES = ("build", "call", "__call__", "fit", "predict", "evaluate")
_WEIGHTS = ("kernel", "bias", "embeddings", "gamma", "beta", "moving_mean", "moving_variance")


def match(evidence: Evidence) -> Explanation | None:
    """Recognise what is asked of a model before its first layer has been called."""
    empty = _empty(evidence.error)
    if empty is not None:
        return _no_layers(evidence)
    asked, owner = _asked(evidence.error)
    if isinstance(owner, keras.Sequential) and _was_to_be_built(owner):
        return _swallowed(evidence, owner)
    if owner is None or not _is_unknown(owner, asked):
        return None
    return _not_built(evidence, owner, asked)


def _no_layers(evidence: Evidence) -> Explanation:
    return Explanation(
        pattern="not_built",
        fault="parameter",
        title="This Sequential has no layers",
        what_happened="The model was called or trained while its list is empty.",
        why="A model without layers has nothing to compute and nothing to learn.",
        fix="Add layers first: model.add(keras.Input((8,))) and model.add(keras.layers.Dense(1)).",
        original=evidence.error,
    )


def _not_built(evidence: Evidence, owner: Any, asked: str) -> Explanation:
    kind = "Sequential" if isinstance(owner, keras.Sequential) else type(owner).__name__
    return Explanation(
        pattern="not_built",
        fault="parameter",
        title=f"{kind} is not built yet, so it has no {asked}",
        what_happened=(f"`{asked}` was asked of a {kind} that no tensor has passed through."),
        why=(
            "Shapes and weights depend on the data. Without an Input, Keras makes them at the "
            "first call."
        ),
        fix=_fix(owner),
        original=evidence.error,
    )


def _was_to_be_built(owner: keras.Sequential) -> bool:
    """Whether the model knows its input, and still did not come to be built."""
    return getattr(owner, "_functional", None) is None and entry_of(owner._layers) is not None


def _swallowed(evidence: Evidence, owner: keras.Sequential) -> Explanation | None:
    """Keras dropped the error of a layer while it built the model: find it again."""
    from seqkit.explaining.explain import explain_evidence

    items = tuple(owner._layers)
    trace = trace_graph(read_chain(items, entry_of(items)))
    if trace.failure is None:
        return None
    row = trace.failed_row
    assert row is not None
    found = explain_evidence(Evidence(trace.failure.error, items, trace))
    happened = f"Layer {row.index}, {row.kind}, could not be called on {row.input_shape}."
    silent = " Keras met this when it built the model, and did not say so."
    if found.pattern == "not_recognised":
        found = replace(
            found,
            pattern="swallowed_error",
            title=f"{row.kind} could not be called when the model was built",
            what_happened=happened,
            why="Then the model has no shapes and no outputs.",
            fix="Call the layer on a small array to see its own error.",
        )
    return replace(found, what_happened=found.what_happened + silent, original=evidence.error)


def _fix(owner: Any) -> str:
    if isinstance(owner, keras.Sequential):
        return (
            "Begin the list with the Input: keras.Sequential([keras.Input((8,)), ...]). Then the "
            "model is built at once. Or call it on data first."
        )
    if isinstance(owner, keras.Model):
        return "Call the model on a small batch of data first, or model.build((None, 8))."
    return (
        "Call the layer first, layer(x); in a Sequential, begin the list with keras.Input. Then "
        "the layer is built."
    )


def _asked(error: BaseException | None) -> tuple[str, Any]:
    """What was asked, and of which layer."""
    if isinstance(error, AttributeError):
        owner, name = getattr(error, "obj", None), error.name or ""
        if isinstance(owner, keras.Layer) and name in (*_SHAPES, *_WEIGHTS):
            return name, owner
        # Python 3.12 leaves both out after it has met the line a few times; the frames know.
        for name in (*_SHAPES, *_WEIGHTS):
            owner = owner_of(error, name)
            if owner is not None:
                return name, owner
        return "", None
    if isinstance(error, ValueError):
        for function in ("count_params", "load_weights", "save_weights"):
            owner = owner_of(error, function) or _loaded(error, function)
            if owner is not None:
                return f"{function}()", owner
    return "", None


def _loaded(error: BaseException, function: str) -> Any:
    """The model among the arguments of Keras' own function of the same name."""
    for frame in frames_of(error):
        if frame.f_code.co_name.startswith(function):
            return frame.f_locals.get("model")
    return None


def _is_unknown(owner: Any, asked: str) -> bool:
    """Whether the answer is missing because nothing was called; else something else failed."""
    if isinstance(owner, keras.Sequential):
        return getattr(owner, "_functional", None) is None and entry_of(owner._layers) is None
    if asked in _SHAPES:
        return not owner._inbound_nodes
    return not owner.built


def _empty(error: BaseException | None) -> Any:
    """The Sequential without layers that was called."""
    for frame in frames_of(error):
        owner = frame.f_locals.get("self")
        is_empty = isinstance(owner, keras.Sequential) and not owner._layers
        if is_empty and frame.f_code.co_name in _USES:
            return owner
    return None
