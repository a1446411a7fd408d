"""The records of a trace. How they look as text and as HTML is decided in files of their own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from seqkit.arithmetic import Arithmetic, explain_node
from seqkit.graph.records import Failure, Graph, Node, Shape, Status


class Row:
    """One layer call of a trace.

    The arithmetic is worked out when it is first asked for, so tracing a long model is fast.

    Attributes:
        node: the node of the graph that this row shows.
        nested: the trace of the model inside, if the layer is a model and was expanded.
    """

    def __init__(self, node: Node, failure: Failure | None, nested: ShapeTrace | None) -> None:
        self.node = node
        self.nested = nested
        self._failure = failure

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
        return self.node.params

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
        known = self.status == "ok" and bool(self.output_shapes)
        return explain_node(self.node) if known else Arithmetic()

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


@dataclass(frozen=True, repr=False)
class ShapeTrace:
    """What `sk.trace` returns: one row for each layer call.

    Attributes:
        graph: the graph that was traced.
        rows: one row for each node.
    """

    graph: Graph
    rows: tuple[Row, ...]

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
        return sum(row.params or 0 for row in self.rows)

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
