"""The JUnit file tells each question, and any reader of XML can read it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.grading.grades import Manual, SubmissionGrade, grade
from seqkit.grading.junit import junit_xml, write_junit
from seqkit.grading.late import LatePolicy, lateness, moment
from seqkit.grading.results import QuestionResult, SubmissionResult, Verdict

ANY_TEXT = st.text(st.characters(codec=None), max_size=40)

# Element: its attributes, those that must be there, and its children. This is the schema that
# pytest's own tests use for xunit2 (junit-10.xsd of Jenkins), so far as it concerns us, and the
# properties of a test case, which pytest adds to it.
SCHEMA: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, set(), {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname"},
        {"name", "tests", "failures", "errors"},
        {"testcase"},
    ),
    "testcase": (
        {"name", "classname", "time"},
        {"name"},
        {"properties", "skipped", "error", "failure"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, {"name", "value"}, set()),
    "failure": ({"type", "message"}, set(), set()),
    "error": ({"type", "message"}, set(), set()),
}


def submission(
    verdict: Verdict = Verdict.PARTIAL,
    points: float = 1.0,
    message: str = "Half of it.",
    student: str = "ana",
    manual: Manual | None = None,
) -> SubmissionGrade:
    question = QuestionResult("q1", "Count", points, 2.0, verdict, message)
    result = SubmissionResult(student, "01_first_stack", "", (question,))
    return grade(result, {"q1": manual} if manual else None)


def case(entry: SubmissionGrade) -> ET.Element:
    found = ET.fromstring(junit_xml([entry])).find("testsuite/testcase")
    assert found is not None
    return found


def properties(entry: SubmissionGrade) -> dict[str | None, str | None]:
    return {one.get("name"): one.get("value") for one in case(entry).iter("property")}


def check_schema(element: ET.Element) -> None:
    allowed, needed, children = SCHEMA[element.tag]
    assert needed <= set(element.attrib) <= allowed, element.attrib
    for child in element:
        assert child.tag in children, f"{child.tag} in {element.tag}"
        check_schema(child)


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_is_told(verdict: Verdict) -> None:
    entry = submission(verdict)
    root = ET.fromstring(junit_xml([entry]))
    check_schema(root)
    assert properties(entry) == {"points": "1", "max_points": "2", "verdict": verdict.value}
    failed = [child for child in case(entry) if child.tag != "properties"]
    if verdict is Verdict.CORRECT:
        assert not failed
        return
    assert [child.tag for child in failed] == [
        "error" if verdict is Verdict.INFRASTRUCTURE else "failure"
    ]
    assert failed[0].get("type") == verdict.value
    assert failed[0].get("message") == f"{verdict.label}. Half of it."
    assert failed[0].text == f"{verdict.label}. Half of it."


def test_the_counts_add_up() -> None:
    entries = [submission(verdict, student=verdict.value) for verdict in Verdict]
    root = ET.fromstring(junit_xml(entries))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("12", "10", "1")
    for name in ("tests", "failures", "errors"):
        assert sum(int(suite.get(name, "x")) for suite in root) == int(root.get(name, "x"))


def test_what_a_person_decided_counts() -> None:
    entry = submission(Verdict.INCORRECT, points=0.0, manual=Manual(2.0, "Right after all."))
    assert [child.tag for child in case(entry)] == ["properties"]
    assert properties(entry)["points"] == "2"
    assert properties(entry)["automatic_points"] == "0"


def test_a_comment_is_told_with_the_reason() -> None:
    entry = submission(manual=Manual(1.5, "The idea is right."))
    (failure,) = case(entry).iter("failure")
    assert failure.text == "Partly correct. Half of it.\nThe idea is right."


def test_late_days_are_in_the_points() -> None:
    late = lateness(moment("2026-03-02"), moment("2026-03-01"), LatePolicy())
    entry = grade(submission(Verdict.CORRECT, points=2.0).result, lateness=late)
    assert properties(entry)["points"] == "1.8"
    assert properties(entry)["automatic_points"] == "2"
    assert not list(case(entry).iter("failure"))  # the answer itself is right


@given(message=ANY_TEXT, student=ANY_TEXT)
def test_any_text_gives_a_file_that_can_be_read(message: str, student: str) -> None:
    check_schema(ET.fromstring(junit_xml([submission(message=message, student=student)])))


def test_two_names_that_are_not_unicode_stay_two() -> None:
    entries = [submission(student="\udcff"), submission(student="\udcfe")]
    root = ET.fromstring(junit_xml(entries))
    assert len({suite.get("name") for suite in root}) == 2


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.xml", "two.xml"):
        write_junit(tmp_path / name, [submission()])
    assert (tmp_path / "one.xml").read_bytes() == (tmp_path / "two.xml").read_bytes()
