"""The record that an explanation is. How it looks is decided in `text` and `html`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from seqkit.graph import Graph
from seqkit.tracing import Row, ShapeTrace

Fault = Literal[
    "topology",
    "feature_input",
    "label_output",
    "adjacent_layer",
    "parameter",
    "training",
    "environment",
    "unknown",
]


@dataclass(frozen=True, repr=False)
class Explanation:
    """Why a build or a call failed, and the code that does what was meant.

    Attributes:
        pattern: what was tried, in one word: "residual", "multi_input", "inception"; or
            "not_recognised".
        fault: the kind of fault.
        title: the finding in one line.
        what_happened: the fact, with the layer and the shapes that met.
        why: why it cannot work as written.
        fix: what to do, in a sentence.
        fix_code: a complete program that builds the model that was meant; empty if unknown.
        verified: True only if seqkit has run `fix_code` and it built.
        result: what the verified program built, in words.
        layer: the row of the layer that failed, if it is known.
        trace: the shape trace up to the failure, if the layers are known.
        intended: the graph that was meant, if `fix_code` built one.
        original: the exception or warning as Keras raised it; None for a trace without one.
    """

    pattern: str
    fault: Fault
    title: str
    what_happened: str
    why: str
    fix: str = ""
    fix_code: str = ""
    verified: bool = False
    result: str = ""
    layer: Row | None = None
    trace: ShapeTrace | None = None
    intended: Graph | None = None
    original: BaseException | None = None

    @property
    def actual(self) -> Graph | None:
        """The graph as it was written, up to the failure."""
        return None if self.trace is None else self.trace.graph

    def __repr__(self) -> str:
        from seqkit.explaining.text import to_text

        return to_text(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from seqkit.explaining.html import to_html
        from seqkit.explaining.text import to_text

        return {"text/plain": to_text(self), "text/html": to_html(self)}
