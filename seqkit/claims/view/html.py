"""Tables of claims and comparisons as HTML, in the colours of the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seqkit.claims.view.text import evidence_lines, lessons_text, summary_lines
from seqkit.display import CELL_STYLE, escape

if TYPE_CHECKING:
    from seqkit.claims.claim import Examination
    from seqkit.claims.comparisons import Comparison

_LEFT = f"{CELL_STYLE};text-align:left;vertical-align:top"
# The word says it as well: colour is never the only signal.
_EDGE = {
    "holds": "#009e73",
    "holds, but": "#e69f00",
    "outdated": "#0072b2",
    "wrong": "#d55e00",
    "no evidence": "#888888",
}
TABLE = '<table style="border-collapse:collapse;color:inherit">'


def table_html(rows: Sequence[Examination], open_evidence: bool = False) -> str:
    """Lay the claims out as a table; the checks of a claim unfold under it.

    Args:
        rows: the examined claims.
        open_evidence: whether the checks are unfolded from the start.

    Returns:
        HTML with inline styles, which a stored notebook keeps.
    """
    body = "".join(_row(row, open_evidence) for row in rows)
    below = "<br>".join(escape(line) for line in summary_lines(rows))
    head = _head(("id", "lesson", "verdict", "claim and evidence"))
    return f"{TABLE}{head}<tbody>{body}</tbody></table><p>{below}</p>"


def _head(names: Sequence[str]) -> str:
    cells = "".join(f'<th scope="col" style="{_LEFT}">{escape(name)}</th>' for name in names)
    return f"<thead><tr>{cells}</tr></thead>"


def _row(found: Examination, open_evidence: bool) -> str:
    claim = found.claim
    edge = f"{_LEFT};border-left:4px solid {_EDGE[found.verdict.value]};white-space:nowrap"
    checks = "<br>".join(escape(line) for line in evidence_lines(found))
    unfolded = " open" if open_evidence or not found.agrees else ""
    count = len(found.checks)
    name = f"{count} check{'' if count == 1 else 's'}"
    return (
        f'<tr><th scope="row" style="{_LEFT}">{escape(claim.id)}</th>'
        f'<td style="{_LEFT}">{escape(lessons_text(claim.lessons))}</td>'
        f'<td style="{edge}">{escape(found.verdict.value)}</td>'
        f'<td style="{_LEFT}">{escape(claim.statement)}'
        f"<details{unfolded}><summary>{name}</summary>{checks}</details></td></tr>"
    )


def comparison_html(comparison: Comparison) -> str:
    """Lay a comparison out: a row for each question, a column for each API, and the checks."""
    head = _head(("", *comparison.columns, "shown by"))
    body = "".join(
        f'<tr><th scope="row" style="{_LEFT}">{escape(row.topic)}</th>'
        + "".join(f'<td style="{_LEFT}">{escape(cell)}</td>' for cell in row.cells)
        + f'<td style="{_LEFT}">{"<br>".join(escape(str(check)) for check in row.checks)}</td></tr>'
        for row in comparison.rows
    )
    title = f'<caption style="text-align:left">{escape(comparison.title)}</caption>'
    below = escape(comparison.conclusion)
    return f"{TABLE}{title}{head}<tbody>{body}</tbody></table><p>{below}</p>"
