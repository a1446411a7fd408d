"""What stands in each column of a trace and in the lines below it, for text and HTML alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from seqkit.graph.records import Graph, Node, Shape
from seqkit.tracing.activations import Activation
from seqkit.tracing.rows import Row, ShapeTrace

FAILED_MARK = "x"
NUMERIC = frozenset(
    {"#", "params", "multiply-adds", "field", "step", "lowest", "highest", "zeros"}
    | {"NaN", "infinite", "memory"}
)


def columns(trace: ShapeTrace) -> tuple[str, ...]:
    """Return the headings.

    `from` appears only when not all is one tensor from one row up. With data or with costs, `in`
    (it is the `out` of the row above) makes room for their columns.
    """
    traces = [trace, *(row.nested for row, _, _ in walk(trace) if row.nested is not None)]
    head = ["#", "layer"]
    head += ["from"] if any(_wanders(one.graph) for one in traces) else []
    if trace.data is None and not trace.shows_cost:
        return (*head, "in", "out", "params", "why")
    head += ["out", "params"]
    if trace.data is not None:
        head += ["lowest", "highest", "zeros", "memory"]
        seen = [row.activation for row, _, _ in walk(trace) if row.activation is not None]
        head += ["NaN"] if any(one.nan for one in seen) else []
        head += ["infinite"] if any(one.infinite for one in seen) else []
    if trace.shows_cost:
        head += ["multiply-adds", "field", "step"]
    return (*head, "why") if trace.data is None else tuple(head)


def cells(row: Row, head: tuple[str, ...], number: str, indent: str = "") -> tuple[str, ...]:
    """Return one row's texts.

    Args:
        row: the row.
        head: what `columns` returned.
        number: the row's number; "2.0" is the first layer inside the model of row 2.
        indent: put before the layer's class, for layers inside a model.
    """
    texts = {"#": number, "layer": f"{indent}{row.kind}"}
    if "from" in head:
        texts["from"] = _sources(row.node, above=number.rpartition(".")[0])
    if row.status == "not reached":
        texts["why" if "why" in head else "out"] = "not reached"
    else:
        texts |= {"in": _shapes(row.input_shapes), "out": _out(row), "why": _why(row, head)}
    return tuple(
        texts[name] if name in texts else _NUMBERS.get(name, _missing)(row) for name in head
    )


def walk(trace: ShapeTrace) -> Iterator[tuple[Row, str, int]]:
    """Yield every row with its number and depth, nested models unfolded in place."""
    for row, number in trace.all_rows():
        yield row, number, number.count(".")


def below(trace: ShapeTrace) -> tuple[str, ...]:
    """Return the lines below the table."""
    lines = [_summary(trace)]
    if trace.shows_cost:
        lines.append(_cost_line(trace))
    if trace.data is not None:
        lines += [_data_line(trace), *_not_finite(trace)]
        if trace.weights_were_drawn:
            lines.append("the model is not built: the weights were drawn at random for this trace")
    return tuple(lines)


def _summary(trace: ShapeTrace) -> str:
    if trace.failure is not None:
        row = trace.rows[trace.failure.index]
        return (
            f"stopped at layer {row.index}, {row.kind}: {trace.failure.reason} · "
            f"{trace.total_params:,} parameters so far"
        )
    outputs = _shapes(trace.output_shapes)
    noun = "parameter" if trace.total_params == 1 else "parameters"
    own = trace.graph.own_params
    inside = f" ({own:,} of them in the model itself)" if own else ""
    tail = f" · output {outputs}" if outputs else ""
    return f"total {trace.total_params:,} {noun}{inside}{tail}"


def _cost_line(trace: ShapeTrace) -> str:
    missing = len(trace.not_counted)
    layers = f"{missing} layer{'' if missing == 1 else 's'}"
    without = f", without {layers} that cannot be counted" if missing else ""
    return f"multiply-adds {trace.total_multiply_adds:,} for each example{without}"


def _data_line(trace: ShapeTrace) -> str:
    data = trace.data
    assert data is not None
    entered = data.entered
    count = f"{data.available:,} {data.source}"
    if data.available == 1:
        count = count.replace("examples", "example", 1)
    if entered.examples < data.available:
        count = f"the first {entered.examples:,} of {count}"
    spread = ""
    if entered.lowest is not None and entered.highest is not None:
        spread = f", from {brief(entered.lowest)} to {brief(entered.highest)}"
    memory = trace.activation_bytes
    each = in_bytes(memory // entered.examples)
    return f"data: {count}{spread} · activations {in_bytes(memory)}, {each} an example"


def _not_finite(trace: ShapeTrace) -> list[str]:
    """Where the first NaN or infinite number appears, if one does."""
    assert trace.data is not None
    if not trace.data.entered.finite:
        return [f"the data itself holds {_bad(trace.data.entered)}"]
    first = trace.first_not_finite()
    if first is None or first[1].activation is None:
        return []
    number, row = first
    return [
        f"layer {number}, {row.kind}, is the first that is not finite: "
        f"{_bad(first[1].activation)}; nothing before it is"
    ]


def _bad(seen: Activation) -> str:
    kinds = [f"{seen.nan:,} NaN"] if seen.nan else []
    kinds += [f"{seen.infinite:,} infinite"] if seen.infinite else []
    return f"{' and '.join(kinds)} of {seen.values:,} values"


def brief(number: float) -> str:
    """Write a number with three digits.

    Example:
        >>> brief(-0.81249), brief(255.0), brief(1234567.0)
        ('-0.812', '255', '1.23e+06')
    """
    return f"{number + 0.0:.3g}"  # adding 0 turns -0.0 into 0


def in_bytes(count: int) -> str:
    """Write an amount of memory as `model.summary()` does: 1 KB is 1,024 B.

    Example:
        >>> in_bytes(16), in_bytes(101_800), in_bytes(5_537_792)
        ('16 B', '99.4 KB', '5.28 MB')
    """
    for unit, size in (("GB", 2**30), ("MB", 2**20), ("KB", 2**10)):
        if count >= size:
            return f"{_three_digits(count / size)} {unit}"
    return f"{count} B"


def _three_digits(number: float) -> str:
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"


def share(part: float) -> str:
    """Write a share in percent; only exactly none is 0 %, and only exactly all is 100 %.

    Example:
        >>> share(0.5), share(0.0), share(0.0001), share(0.9999)
        ('50 %', '0 %', '<1 %', '>99 %')
    """
    rounded = round(100 * part)
    if rounded == 0 and part > 0:
        return "<1 %"
    return ">99 %" if rounded == 100 and part < 1 else f"{rounded} %"


def _missing(row: Row) -> str:
    return "-"


def _params(row: Row) -> str:
    return "-" if row.params is None else f"{row.params:,}"


def _of_data(write: Callable[[Activation], str]) -> Callable[[Row], str]:
    return lambda row: "-" if row.activation is None else write(row.activation)


def _size(value: int | tuple[int, ...] | None) -> str:
    return "-" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


_NUMBERS: dict[str, Callable[[Row], str]] = {
    "params": _params,
    "multiply-adds": lambda row: "-" if row.multiply_adds is None else f"{row.multiply_adds:,}",
    "field": lambda row: _size(row.receptive_field),
    "step": lambda row: _size(row.step),
    "lowest": _of_data(lambda seen: "-" if seen.lowest is None else brief(seen.lowest)),
    "highest": _of_data(lambda seen: "-" if seen.highest is None else brief(seen.highest)),
    "zeros": _of_data(lambda seen: "-" if seen.zeros is None else share(seen.zeros)),
    "memory": _of_data(lambda seen: in_bytes(seen.bytes)),
    "NaN": _of_data(lambda seen: f"{seen.nan:,}"),
    "infinite": _of_data(lambda seen: f"{seen.infinite:,}"),
}


def _out(row: Row) -> str:
    return FAILED_MARK if row.status == "failed" else _shapes(row.output_shapes)


def _why(row: Row, head: tuple[str, ...]) -> str:
    """With costs, the arithmetic of the cost; why a row failed is always told."""
    if "multiply-adds" not in head or row.status == "failed":
        return row.why
    if row.cost is None:
        return "not counted: a size is not fixed, or own code"
    return row.cost.expression if row.cost.value else ""


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
