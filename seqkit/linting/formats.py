"""File reports for people, for programs, and for GitHub."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import quote

import seqkit
from seqkit.linting.files import FileReport
from seqkit.linting.finding import SEVERITIES, Finding, LintReport, Severity
from seqkit.linting.rules import all_rules
from seqkit.linting.text import summary

_SARIF_LEVEL: Final[dict[Severity, str]] = {
    "error": "error",
    "warning": "warning",
    "info": "note",
    "style": "note",
}
_GITHUB_LEVEL: Final[dict[Severity, str]] = {
    "error": "error",
    "warning": "warning",
    "info": "notice",
    "style": "notice",
}
SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def to_lines(reports: Sequence[FileReport]) -> str:
    """One line for each finding and its fix, one for what was not read, and a count."""
    lines: list[str] = []
    for file in reports:
        for finding in file.report:
            lines.append(f"{finding.place}: {finding.code} {finding.severity}: {finding.message}")
            lines.append(f"    fix: {finding.fix}")
        lines += [str(note) for note in file.notes]
        lines += [f"{file.path}: {words}" for words in file.report.not_checked]
    models = sum(file.models for file in reports)
    findings = tuple(finding for file in reports for finding in file.report)
    counted = summary(LintReport(findings))
    return "\n".join(
        [*lines, f"{models} {'model' if models == 1 else 'models'} checked, {counted}"]
    )


def to_json(reports: Sequence[FileReport]) -> str:
    """A list of files, each with its findings and what was not read."""
    files = [
        {
            "path": file.path,
            "models": file.models,
            "findings": [_as_dict(finding) for finding in file.report],
            "not_read": [
                {
                    "cell": n.place.cell,
                    "line": n.place.line,
                    "column": n.place.column,
                    "text": n.text,
                }
                for n in file.notes
            ],
            "not_checked": list(file.report.not_checked),
            "failed": file.failed or None,
        }
        for file in reports
    ]
    return json.dumps({"version": seqkit.__version__, "files": files}, indent=2)


def _as_dict(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "fault": finding.fault,
        "layer": finding.layer,
        "layer_name": finding.layer_name,
        "message": finding.message,
        "fix": finding.fix,
        "lesson": finding.lesson,
        "cell": None if place is None else place.cell,
        "line": None if place is None else place.line,
        "column": None if place is None else place.column,
    }


def to_sarif(reports: Sequence[FileReport]) -> str:
    """SARIF 2.1.0, which code hosts and editors read."""
    rules = all_rules()
    numbers = {rule.code: number for number, rule in enumerate(rules)}
    driver = {
        "name": "seqkit",
        "version": seqkit.__version__,
        "rules": [
            {
                "id": rule.code,
                "name": rule.name,
                "shortDescription": {"text": rule.what},
                "fullDescription": {"text": rule.why},
                "defaultConfiguration": {"level": _SARIF_LEVEL[rule.severity]},
            }
            for rule in rules
        ],
    }
    results = [
        {
            "ruleId": finding.code,
            "ruleIndex": numbers[finding.code],
            "level": _SARIF_LEVEL[finding.severity],
            "message": {"text": f"{finding.message} {finding.fix}"},
            "locations": [_location(file, finding)],
        }
        for file in reports
        for finding in file.report
    ]
    failures = [
        {
            "level": "error",
            "message": {"text": file.failed},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(file)}}}],
        }
        for file in reports
        if file.failed
    ]
    invocation = {"executionSuccessful": not failures, "toolExecutionNotifications": failures}
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "utf16CodeUnits",
        "results": results,
    }
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _uri(file: FileReport) -> str:
    return quote(file.path.replace("\\", "/"))


def _location(file: FileReport, finding: Finding) -> dict[str, Any]:
    place = finding.place
    line, column = (1, 1) if place is None else (place.line, place.column)
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(file)},
            "region": {"startLine": line, "startColumn": column},
        }
    }
    if place is not None and place.cell is not None:
        # A line inside a cell is no line of the file; the cell is named beside it.
        location["logicalLocations"] = [{"name": f"cell {place.cell}", "kind": "member"}]
    return location


def to_github(reports: Sequence[FileReport]) -> str:
    """Workflow commands, which GitHub shows at the lines of a pull request."""
    lines = []
    for file in reports:
        if file.failed:
            lines.append(f"::error file={_property(file.path)}::{_data(file.failed)}")
        for finding in file.report:
            place = finding.place
            line, column = (1, 1) if place is None else (place.line, place.column)
            cell = f"cell {place.cell}: " if place is not None and place.cell is not None else ""
            where = f"file={_property(file.path)},line={line},col={column}"
            lines.append(
                f"::{_GITHUB_LEVEL[finding.severity]} {where},title={finding.code} "
                f"{finding.name}::{_data(f'{cell}{finding.message} {finding.fix}')}"
            )
    return "\n".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


FORMATS: Final[dict[str, Callable[[Sequence[FileReport]], str]]] = {
    "text": to_lines,
    "json": to_json,
    "sarif": to_sarif,
    "github": to_github,
}

assert set(_SARIF_LEVEL) == set(SEVERITIES)
