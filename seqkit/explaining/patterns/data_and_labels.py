"""Data, labels, loss and output that do not fit together; named neither by Keras nor by a layer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras

from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.graph.chain import is_input
from seqkit.repairing import (
    Change,
    CompileArguments,
    Problem,
    Program,
    Repair,
    diagnose,
    repair,
    repair_with,
    runs,
)
from seqkit.repairing.program import Call, unbuilt
from seqkit.tracing import Row, ShapeTrace, trace_graph

ORDER = 60


def match(evidence: Evidence) -> Explanation | None:
    """Recognise the first thing that does not fit between x, the layers, the loss and y."""
    program = program_of(evidence)
    if program is None:
        return None
    problem = diagnose(program)
    if problem is None:
        return _metric(evidence, program)
    return explained(evidence, program, problem, repair(program))


def _metric(evidence: Evidence, program: Program) -> Explanation | None:
    """All fits but a metric: without it one step runs, and with it none does."""
    compiled = program.compiled
    if compiled is None or not compiled.metrics or program.call != "fit" or runs(program):
        return None
    for place, metric in enumerate(compiled.metrics):
        rest = (*compiled.metrics[:place], *compiled.metrics[place + 1 :])
        changed = replace(program, compiled=replace(compiled, metrics=rest))
        name = metric if isinstance(metric, str) else str(metric.get("class_name", "the metric"))
        change = Change(f"Take the metric {name} out, or one that suits these labels.", changed)
        found = repair_with(program, [change])
        if found is not None:
            return replace(
                explained(evidence, program, _metric_problem(program, name), found),
                pattern="metric",
            )
    return None


def _metric_problem(program: Program, name: str) -> Problem:
    shape = None if program.y_facts is None else program.y_facts.shape
    return Problem(
        kind="metric",
        fault="training",
        title=f"The metric {name} does not suit the labels",
        text=(
            f"Layers, loss and labels fit together. The metric {name} stops on labels of the shape "
            f"{shape}: one step runs without it, and none with it."
        ),
        why="A metric compares output and labels in its own way, as a loss does.",
        place=None,
        advice="Take a metric for these labels.",
        changes=list,
    )


def program_of(evidence: Evidence) -> Program | None:
    """Return what was tried, if a model was called on data."""
    model = evidence.model
    if evidence.data is None or evidence.raised_elsewhere:
        return None
    if model is not None and not isinstance(model, keras.Sequential):
        if not _has_one_input(model):
            return None
        items: tuple[Any, ...] = ()
    else:
        items, model = evidence.items, None
        if not items or not all(isinstance(one, keras.Layer) or is_input(one) for one in items):
            return None
    data = evidence.data
    if evidence.call == "__call__":
        data = data[0] if isinstance(data, tuple) and data else None
    compiled = _compiled(evidence.model)
    fits = compiled is not None and evidence.labels is not None
    trained = _is_trained(evidence.model, evidence.call)
    return Program(
        items if trained else unbuilt(items),
        compiled,
        data,
        evidence.labels,
        _call(evidence, fits),
        trained,
        *evidence.names,
        model=model,
    )


def _call(evidence: Evidence, fits: bool) -> Call:
    if evidence.call in ("predict", "__call__"):
        return "predict"
    return "fit" if fits else "build"


def explained(
    evidence: Evidence, program: Program, problem: Problem, found: Repair | None
) -> Explanation:
    """Put the problem and its repair into words."""
    changes = () if found is None else found.changes
    fix = " ".join(change.text for change in changes) or problem.advice
    if any(not change.certain for change in changes):
        fix += " Other repairs are possible; this one runs."
    fault = next((change.fault for change in changes[:1] if change.fault), problem.fault)
    place = changes[0].place if changes else problem.place
    return Explanation(
        pattern=_PATTERNS.get(problem.kind.partition(":")[0], "shape_mismatch"),
        fault=fault,
        title=problem.title,
        what_happened=problem.text,
        why=problem.why,
        fix=fix,
        fix_code="" if found is None else found.code,
        verified=found is not None,
        result="" if found is None else _result(found),
        layer=_row(evidence, program, place),
        trace=_trace(evidence, program, problem),
        original=evidence.error,
    )


def _trace(evidence: Evidence, program: Program, problem: Problem) -> ShapeTrace | None:
    """The trace for any number of examples, where the evidence knows one batch only."""
    if problem.kind in ("data kind", "label kind", "rows"):
        return None  # no layer was reached, so nothing is known of the way
    graph = program.graph
    return evidence.trace if graph is None or graph.ok else trace_graph(graph)


_PATTERNS = {
    "data shape": "data_shape",
    "data kind": "data_kind",
    "rows": "data_rows",
    "label kind": "labels",
    "embedding index": "embedding_index",
    "outcome": "labels_and_output",
}


def _result(found: Repair) -> str:
    step = {"fit": "one step of fit ran", "predict": "one prediction ran"}
    words = [found.trial.built, step.get(found.trial.stepped, "")]
    return "; ".join(word for word in words if word)


def _row(evidence: Evidence, program: Program, place: int | None) -> Row | None:
    """The row of the layer in this place of the list; the Input is the row before the first."""
    if place is None or evidence.trace is None:
        return None
    index = place - program.offset
    if index < 0:
        return evidence.input_row
    rows = evidence.trace.rows
    return rows[min(index, len(rows) - 1)] if rows else None


def _has_one_input(model: Any) -> bool:
    try:
        return len(model.inputs) == 1
    except (AttributeError, TypeError, ValueError):
        return False


def _compiled(model: Any) -> CompileArguments | None:
    if model is None or not getattr(model, "compiled", False):
        return None
    try:
        config = model.get_compile_config() or {}
    except Exception:  # an argument that cannot be serialised
        config = {}
    metrics = config.get("metrics") or ()
    flat = metrics if isinstance(metrics, list | tuple) else (metrics,)
    return CompileArguments(model.optimizer, model.loss, tuple(flat))


def _is_trained(model: Any, call: str) -> bool:
    """Whether the weights hold something that another layer or Input would lose.

    While `fit` runs nothing counts: its first steps may have succeeded.
    """
    optimizer = getattr(model, "optimizer", None)
    if call == "fit":
        return False
    if optimizer is not None:
        return int(optimizer.iterations) > 0
    return bool(getattr(model, "built", False)) and bool(model.weights)
