"""`sk.trace`: every layer's shapes, parameters and the arithmetic behind them, failures too."""

from seqkit.tracing.rows import Row, ShapeTrace
from seqkit.tracing.trace import trace, trace_graph

__all__ = ["Row", "ShapeTrace", "trace", "trace_graph"]
