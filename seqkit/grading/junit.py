"""`junit.xml`: one test case for each question, for tools that show test results.

The form is that of pytest's `xunit2`. As pytest does with what a test records, the points stand as
properties inside the test case. No time is told: two runs give the same file.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path

from seqkit.files import write_whole
from seqkit.grading.grades import Grade, SubmissionGrade
from seqkit.grading.results import Verdict
from seqkit.grading.text import number, printable, storable


def write_junit(path: Path, submissions: Iterable[SubmissionGrade]) -> None:
    """Write the file, whole or not at all.

    Args:
        path: the file, `junit.xml`.
        submissions: the grades, in order.
    """
    write_whole(path, junit_xml(submissions))


def junit_xml(submissions: Iterable[SubmissionGrade]) -> bytes:
    """Write grades as JUnit XML: one suite for each submission.

    A question that is fully right passes. A fault of the grader is an error; all else is a
    failure with its reason.

    Args:
        submissions: the grades, in order.

    Returns:
        The XML file.

    Example:
        >>> junit_xml([]).splitlines()[1]
        b'<testsuites name="seqkit" tests="0" failures="0" errors="0" />'
    """
    submissions = list(submissions)
    grades = [one for entry in submissions for one in entry.grades]
    root = ET.Element("testsuites", {"name": "seqkit", **_counts(grades)})
    for entry in submissions:
        name = _attribute(f"{storable(entry.student)}/{storable(entry.exercise)}")
        counts = {**_counts(entry.grades), "skipped": "0"}
        suite = ET.SubElement(root, "testsuite", {"name": name, **counts})
        for one in entry.grades:
            suite.append(_case(entry, one))
    ET.indent(root, " ")
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _case(entry: SubmissionGrade, one: Grade) -> ET.Element:
    found = one.result
    place = _attribute(f"{storable(entry.student)}.{storable(entry.exercise)}")
    case = ET.Element("testcase", {"classname": place, "name": _attribute(found.question)})
    properties = ET.SubElement(case, "properties")
    for name, value in _properties(one).items():
        ET.SubElement(properties, "property", {"name": name, "value": value})
    if not one.is_passed:
        said = f"{found.verdict.label}. {found.message}"
        if one.manual is not None and one.manual.comment:
            said += f"\n{one.manual.comment}"
        reason = {"message": _attribute(said), "type": found.verdict.value}
        ET.SubElement(case, _kind(one), reason).text = printable(said)
    return case


def _properties(one: Grade) -> dict[str, str]:
    """What counts; and what the grader gave, where that is something else."""
    found = {
        "points": number(one.points),
        "max_points": number(one.result.max_points),
        "verdict": one.result.verdict.value,
    }
    if one.manual is not None or one.factor != 1:
        found["automatic_points"] = number(one.result.points)
    return found


def _kind(one: Grade) -> str:
    return "error" if one.result.verdict is Verdict.INFRASTRUCTURE else "failure"


def _counts(grades: Iterable[Grade]) -> dict[str, str]:
    grades = list(grades)
    kinds = [_kind(one) for one in grades if not one.is_passed]
    return {
        "tests": str(len(grades)),
        "failures": str(kinds.count("failure")),
        "errors": str(kinds.count("error")),
    }


def _attribute(text: str) -> str:
    """One line: a reader of XML turns line breaks in an attribute into spaces anyway."""
    return " ".join(printable(text).split())
