"""The records of a trace. How they look as text and as HTML is decided in files of their own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import keras

from seqkit.arithmetic import Arithmetic, Equation, Field, explain_node, multiply_adds
from seqkit.graph.records import Failure, Graph, Node, Shape, Status
from seqkit.tracing.activations import Activation, size_of


class Row:
    """One layer call of a trace.

    The arithmetic is worked out when it is first asked for, so tracing a long model is fast.

    Attributes:
        node: the node of the graph that this row shows.
        nested: the trace of the model inside, if the layer is a model and was expanded.
        activation: what the layer gave for the data; None without data, or if it did not run.
    """

    def __init__(
        self,
        node: Node,
        failure: Failure | None = None,
        nested: ShapeTrace | None = None,
        activation: Activation | None = None,
        fields: Callable[[], tuple[Field | None, ...]] = lambda: (),
        counted_at: str = "",
    ) -> None:
        self.node = node
        self.nested = nested
        self.activation = activation
        self._failure = failure
        self._fields = fields
        self._counted_at = counted_at

    @property
    def index(self) -> int:
        """Position in the model, from 0."""
        return self.node.index

    @property
    def name(self) -> str:
        """Name of the layer, such as 'conv2d_1'."""
        return self.node.name

    @property
    def kind(self) -> str:
        """Class of the layer, such as 'Conv2D'."""
        return self.node.kind

    @property
    def status(self) -> Status:
        """'ok', 'failed' or 'not reached'."""
        return self.node.status

    @property
    def params(self) -> int | None:
        """Number of weights; 0 where an earlier row has counted them; None if not built."""
        return 0 if self._counted_at and self.node.params else self.node.params

    @property
    def input_shapes(self) -> tuple[Shape, ...]:
        """Shapes that came in, batch axis first."""
        return self.node.input_shapes

    @property
    def output_shapes(self) -> tuple[Shape, ...]:
        """Shapes that came out, batch axis first; empty if nothing came out."""
        return self.node.output_shapes

    @property
    def input_shape(self) -> Shape | None:
        """The only input shape, or None when there is not exactly one."""
        return self.input_shapes[0] if len(self.input_shapes) == 1 else None

    @property
    def output_shape(self) -> Shape | None:
        """The only output shape, or None when there is not exactly one."""
        return self.output_shapes[0] if len(self.output_shapes) == 1 else None

    @cached_property
    def arithmetic(self) -> Arithmetic:
        """The equations behind the shape and the parameters of a row that is ok."""
        if self.status != "ok" or not self.output_shapes:
            return Arithmetic()
        found = explain_node(self.node)
        if self._counted_at and found.params is not None:
            counted = Equation(f"params counted at layer {self._counted_at}:", "", 0)
            return Arithmetic(found.shape, found.note, counted)
        return found

    @cached_property
    def cost(self) -> Equation | None:
        """The equation behind `multiply_adds`."""
        known = self.status == "ok" and bool(self.output_shapes)
        return multiply_adds(self.node) if known else None

    @property
    def multiply_adds(self) -> int | None:
        """Multiply-adds for one example; None where they cannot be counted.

        Products with weights count, and those of attention; biases, activations, normalization,
        pooling and merging do not.
        """
        return None if self.cost is None else self.cost.value

    @property
    def receptive_field(self) -> int | tuple[int, ...] | None:
        """How many positions of the input one output number sees, along each spatial axis.

        One number when it is the same for every axis; None where it is not defined, as after
        Flatten.
        """
        return _plain(None if self._field is None else self._field.size)

    @property
    def step(self) -> int | tuple[int, ...] | None:
        """How many positions of the input lie between two neighbours of the output."""
        return _plain(None if self._field is None else self._field.step)

    @property
    def _field(self) -> Field | None:
        fields = self._fields()
        return fields[self.index] if self.index < len(fields) else None

    @property
    def weight_bytes(self) -> int | None:
        """Memory of the layer's weights; 0 where an earlier row has counted them."""
        if not self.params:
            return self.params
        weights = getattr(self.node.layer, "weights", ())
        if not weights:  # put back as it was: only the count is left
            return self.params * size_of(self.node.layer.variable_dtype)
        return sum(math.prod(weight.shape) * size_of(weight.dtype) for weight in weights)

    @cached_property
    def why(self) -> str:
        """Why this shape and this many parameters; or why it failed; or that it was not reached."""
        if self._failure is not None:
            return self._failure.reason
        if self.status == "not reached":
            return "not reached"
        if not self.output_shapes:
            return "not built: no input shape is known"
        return str(self.arithmetic)

    def __repr__(self) -> str:
        return f"<Row {self.index} {self.kind} {self.output_shapes} {self.status}>"


@dataclass(frozen=True)
class DataSeen:
    """The data that was run.

    Attributes:
        entered: the numbers that entered the model.
        available: how many examples there were; only the first were run if they are many.
        source: what is counted, "examples" for instance.
    """

    entered: Activation
    available: int
    source: str = "examples"


@dataclass(frozen=True, repr=False)
class ShapeTrace:
    """What `sk.trace` returns: one row for each layer call.

    Attributes:
        graph: the graph that was traced.
        rows: one row for each node.
        data: the data that was run; None without data.
        shows_cost: whether the table shows multiply-adds and receptive fields.
    """

    graph: Graph
    rows: tuple[Row, ...]
    data: DataSeen | None = None
    shows_cost: bool = False

    @property
    def ok(self) -> bool:
        """Whether every layer could be called."""
        return self.graph.ok

    @property
    def failure(self) -> Failure | None:
        """What stopped the build: `.index`, `.reason`, `.error`; None if nothing did."""
        return self.graph.failure

    @property
    def failed_row(self) -> Row | None:
        """The row that failed, if one did."""
        return None if self.failure is None else self.rows[self.failure.index]

    @property
    def total_params(self) -> int:
        """Number of weights of the layers that were reached, each layer counted once."""
        return sum(row.params or 0 for row in self.rows) + self.graph.own_params

    @property
    def total_multiply_adds(self) -> int:
        """Multiply-adds for one example, over all rows that can be counted."""
        return sum(row.multiply_adds or 0 for row in self.rows)

    @property
    def not_counted(self) -> tuple[Row, ...]:
        """The rows that are ok and whose multiply-adds cannot be counted."""
        return tuple(row for row in self.rows if row.status == "ok" and row.cost is None)

    @property
    def activation_bytes(self) -> int:
        """Memory of all outputs for the data that was run; 0 without data."""
        return sum(row.activation.bytes for row in self.rows if row.activation is not None)

    @property
    def weights_were_drawn(self) -> bool:
        """Whether some weights were made for the trace, because the model has none yet."""
        return any(
            node.params and (node.item is not node.layer or not node.layer.built)
            for node in self.graph.nodes
            if isinstance(node.layer, keras.Layer)
        )

    def first_not_finite(self) -> tuple[str, Row] | None:
        """The number and row of the first layer with NaN or infinite numbers; None if none."""
        for row, number in self.all_rows():
            if row.nested is None and row.activation is not None and not row.activation.finite:
                return number, row
        return None

    def all_rows(self, above: str = "") -> Iterator[tuple[Row, str]]:
        """Yield every row with its number; "2.0" is the first layer of the model in row 2."""
        for row in self.rows:
            number = f"{above}{row.index}"
            yield row, number
            if row.nested is not None:
                yield from row.nested.all_rows(f"{number}.")

    @property
    def output_shapes(self) -> tuple[Shape, ...]:
        """Shapes that leave the model; empty when the build failed."""
        return tuple(edge.shape for edge in self.graph.outputs)

    def __repr__(self) -> str:
        from seqkit.tracing.text import to_text

        return to_text(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from seqkit.tracing.html import to_html
        from seqkit.tracing.text import to_text

        return {"text/plain": to_text(self), "text/html": to_html(self)}


def _plain(sizes: tuple[int, ...] | None) -> int | tuple[int, ...] | None:
    """One number when all are the same; before the first window each position sees itself."""
    if sizes is None:
        return None
    return (sizes[0] if sizes else 1) if len(set(sizes)) < 2 else sizes
