"""What stands in each column of a trace, for text and HTML alike."""

from __future__ import annotations

from collections.abc import Iterator

from seqkit.graph.records import Graph, Node, Shape
from seqkit.tracing.rows import Row, ShapeTrace

FAILED_MARK = "x"


def columns(trace: ShapeTrace) -> tuple[str, ...]:
    """Return the headings; `from` appears only when not all is one tensor from one row up."""
    nested = (row.nested.graph for row, _, _ in walk(trace) if row.nested is not None)
    source = ("from",) if any(map(_wanders, (trace.graph, *nested))) else ()
    return ("#", "layer", *source, "in", "out", "params", "why")


def cells(row: Row, with_source: bool, number: str, indent: str = "") -> tuple[str, ...]:
    """Return one row's texts in the order of `columns`.

    Args:
        row: the row.
        with_source: whether there is a column that tells where the tensors come from.
        number: the row's number; "2.0" is the first layer inside the model of row 2.
        indent: put before the layer's class, for layers inside a model.
    """
    head: tuple[str, ...] = (number, f"{indent}{row.kind}")
    if with_source:
        head = (*head, _sources(row.node, above=number.rpartition(".")[0]))
    if row.status == "not reached":
        return (*head, "-", "-", "-", "not reached")
    shown = FAILED_MARK if row.status == "failed" else _shapes(row.output_shapes)
    params = "-" if row.params is None else f"{row.params:,}"
    return (*head, _shapes(row.input_shapes), shown, params, row.why)


def walk(trace: ShapeTrace, above: str = "") -> Iterator[tuple[Row, str, int]]:
    """Yield every row with its number and depth, nested models unfolded in place."""
    for row in trace.rows:
        number = f"{above}{row.index}"
        yield row, number, number.count(".")
        if row.nested is not None:
            yield from walk(row.nested, f"{number}.")


def summary(trace: ShapeTrace) -> str:
    """Return the line below the table."""
    if trace.failure is not None:
        row = trace.rows[trace.failure.index]
        return (
            f"stopped at layer {row.index}, {row.kind}: {trace.failure.reason} · "
            f"{trace.total_params:,} parameters so far"
        )
    outputs = _shapes(trace.output_shapes)
    noun = "parameter" if trace.total_params == 1 else "parameters"
    tail = f" · output {outputs}" if outputs else ""
    return f"total {trace.total_params:,} {noun}{tail}"


def _shapes(shapes: tuple[Shape, ...]) -> str:
    """Write the shapes; equal ones once, with their count."""
    if len(shapes) > 1 and len(set(shapes)) == 1:
        return f"{len(shapes)} x {shapes[0]}"
    return " + ".join(str(shape) for shape in shapes)


def _sources(node: Node, above: str) -> str:
    """The rows that a row reads; inside a nested model they have its number in front."""
    prefix = f"{above}." if above else ""
    return ", ".join(
        f"{prefix}{edge.source}" if edge.source >= 0 else "input" for edge in node.inputs
    )


def _wanders(graph: Graph) -> bool:
    return any(
        len(node.inputs) > 1 or edge.source != node.index - 1
        for node in graph.nodes
        if node.status != "not reached"
        for edge in node.inputs
    )
