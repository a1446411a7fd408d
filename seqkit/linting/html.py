"""A lint report as HTML for a notebook: one row for each finding."""

from __future__ import annotations

from seqkit.display import CELL_STYLE, escape
from seqkit.linting.finding import Finding, LintReport
from seqkit.linting.text import summary

_HEAD = ("severity", "rule", "layer", "finding and fix")
# The word says it as well: colour is never the only signal.
_EDGE = {"error": "#d55e00", "warning": "#e69f00", "info": "#0072b2", "style": "#888888"}


def to_html(report: LintReport) -> str:
    """Lay the findings out as a table.

    Args:
        report: what to show.

    Returns:
        HTML with inline styles that inherit the colours of the page.
    """
    notes = "".join(f"<p>{escape(note)}</p>" for note in report.not_checked)
    line = f"<p>{escape(summary(report))}</p>"
    if not report.findings:
        return notes + line
    head = "".join(
        f'<th scope="col" style="{CELL_STYLE};text-align:left">{escape(name)}</th>'
        for name in _HEAD
    )
    body = "".join(_row(finding) for finding in report.findings)
    return (
        '<table style="border-collapse:collapse;color:inherit">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{notes}{line}"
    )


def _row(finding: Finding) -> str:
    edge = f"{CELL_STYLE};border-left:4px solid {_EDGE[finding.severity]};text-align:left"
    plain = f"{CELL_STYLE};text-align:left"
    lesson = f"<br>lesson {escape(finding.lesson)}" if finding.lesson else ""
    layer = "" if finding.layer is None else f"{finding.layer} {finding.layer_name}"
    return (
        f'<tr><td style="{edge}">{escape(finding.severity)}</td>'
        f'<td style="{plain}">{escape(finding.code)}<br>{escape(finding.name)}{lesson}</td>'
        f'<td style="{plain}">{escape(layer)}</td>'
        f'<td style="{plain}">{escape(finding.message)}'
        f"<br><b>fix</b> {escape(finding.fix)}</td></tr>"
    )
