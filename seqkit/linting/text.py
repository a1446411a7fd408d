"""A lint report as plain text."""

from __future__ import annotations

import textwrap

from seqkit.linting.finding import SEVERITIES, Finding, LintReport

WIDTH = 96
_LABEL = 11


def to_text(report: LintReport) -> str:
    """Write each finding as a heading and two labelled paragraphs; count them at the end.

    Args:
        report: what to show.

    Returns:
        Several lines.
    """
    lines: list[str] = []
    for finding in report.findings:
        lines += [heading(finding), *_paragraph("", finding.message)]
        lines += _paragraph("fix", finding.fix)
    lines += [line for note in report.not_checked for line in _paragraph("not asked", note)]
    return "\n".join([*lines, summary(report)])


def heading(finding: Finding) -> str:
    """Severity, code and name; and the lesson, if one teaches it.

    Example:
        >>> from seqkit.linting.finding import Finding
        >>> heading(Finding("SEQ201", "a-name", "error", 1, "d", "parameter", "m", "f", "09"))
        'error    SEQ201 a-name · parameter · lesson 09'
    """
    lesson = f" · lesson {finding.lesson}" if finding.lesson else ""
    return f"{finding.severity:<8} {finding.code} {finding.name} · {finding.fault}{lesson}"


def summary(report: LintReport) -> str:
    """One line with the number of findings of each severity.

    Example:
        >>> summary(LintReport(()))
        'no findings'
    """
    if not report.findings:
        return "no findings"
    counts = [(report.count(severity), severity) for severity in SEVERITIES]
    parts = [_counted(count, severity) for count, severity in counts if count]
    total = len(report.findings)
    return f"{total} {'finding' if total == 1 else 'findings'}: {', '.join(parts)}"


def _counted(count: int, severity: str) -> str:
    plural = "s" if count > 1 and severity in ("error", "warning") else ""
    return f"{count} {severity}{plural}"


def _paragraph(label: str, words: str) -> list[str]:
    if not words:
        return []
    return textwrap.wrap(
        words,
        WIDTH,
        initial_indent=f"  {label:<{_LABEL - 2}}",
        subsequent_indent=" " * _LABEL,
        break_long_words=False,
        break_on_hyphens=False,
    )
