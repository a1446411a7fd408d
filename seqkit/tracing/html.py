"""A trace as an HTML table. Inline styles only: Jupyter removes style sheets from stored output."""

from __future__ import annotations

from html import escape

from seqkit.tracing.cells import NUMERIC, below, cells, columns, walk
from seqkit.tracing.rows import Row, ShapeTrace

_CELL = "padding:2px 10px;white-space:{wrap};vertical-align:top;text-align:{side};{extra}"
_MONO = "font-family:monospace;"
_FAILED = "border-left:4px solid #d55e00;font-weight:bold;"
_ROW_STYLE = {"ok": "", "failed": _FAILED, "not reached": "opacity:0.55;font-style:italic;"}


def to_html(trace: ShapeTrace) -> str:
    """Return the table; a failed row has a bar, a mark and bold text, not colour alone.

    Args:
        trace: what to show.
    """
    head = columns(trace)
    top = "".join(
        f'<th scope="col" style="{_style(name, "border-bottom:1px solid;")}">{escape(name)}</th>'
        for name in head
    )
    body = "".join(_row(row, number, depth, head) for row, number, depth in walk(trace))
    lines = [
        f"<b>{escape(line)}</b>" if not place else escape(line)
        for place, line in enumerate(below(trace))
    ]
    return (
        '<div style="overflow-x:auto"><table style="border-collapse:collapse;margin:0">'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
        f'<div style="padding:4px 10px">{"<br>".join(lines)}</div></div>'
    )


def _row(row: Row, number: str, depth: int, head: tuple[str, ...]) -> str:
    style = _ROW_STYLE[row.status]
    shown = []
    for name, text in zip(head, cells(row, head, number), strict=True):
        indent = f"padding-left:{10 + 18 * depth}px;" if name == "layer" and depth else ""
        if name == "out" and row.status == "failed":
            text = "✗ failed"
        shown.append(f'<td style="{_style(name, indent)}">{escape(text)}</td>')
    return f'<tr style="{style}">{"".join(shown)}</tr>'


def _style(name: str, extra: str) -> str:
    side = "right" if name in NUMERIC else "left"
    mono = _MONO if name in {"in", "out"} else ""
    wrap = "normal" if name == "why" else "nowrap"  # the only column of sentences
    return _CELL.format(side=side, wrap=wrap, extra=mono + extra)
