"""A feedback page tells all that a student may know, and runs nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.grading.feedback import feedback_name, feedback_page, write_feedback
from seqkit.grading.grades import Manual, SubmissionGrade, grade
from seqkit.grading.late import LatePolicy, lateness, moment
from seqkit.grading.results import QuestionResult, SubmissionResult, Verdict

ANY_TEXT = st.text(st.characters(codec=None), max_size=60)
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</pre></section><style>*{display:none}</style>",
    "<!--",
    "]]>",
    "&lt;b&gt;",
    "javascript:alert(1)",
]


class Page(HTMLParser):
    """The tags, the attributes, the text and the headings of a page."""

    EMPTY = frozenset({"meta"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert not self._open, f"not closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def submission(
    message: str = "Half of it.",
    verdict: Verdict = Verdict.PARTIAL,
    manual: Manual | None = None,
    late: str = "",
    **other: str,
) -> SubmissionGrade:
    words = {"student": "ana", "exercise": "01_first_stack", "title": "Count", "trace": ""} | other
    q1 = QuestionResult("q1", words["title"], 1.0, 2.0, verdict, message, words["trace"])
    q2 = QuestionResult("q2", "Build", 3.0, 3.0, Verdict.CORRECT, "Right.")
    notes = (other["note"],) if "note" in other else ()
    result = SubmissionResult(words["student"], words["exercise"], "", (q1, q2), notes)
    came = lateness(moment(late), moment("2026-03-01 12:00"), LatePolicy()) if late else None
    return grade(result, {"q1": manual} if manual else None, came)


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_is_told_in_words_and_by_a_sign(verdict: Verdict) -> None:
    page = Page(feedback_page(submission(verdict=verdict)))
    assert page.text.count(verdict.label) >= 2  # in the table, and at the question
    assert re.search(rf"[✓~✗–?!] {re.escape(verdict.label)}", page.text)
    assert ("not final" in page.text) == (verdict is Verdict.INFRASTRUCTURE)
    assert ("points are still open" in page.text) == (verdict is Verdict.INFRASTRUCTURE)


def test_points_reasons_traces_and_notes_are_told() -> None:
    page = Page(
        feedback_page(
            submission(
                message="The biases are missing.\nCount them.",
                trace=" #  layer\n 0  Dense",
                note="The check cell of q1 was missing; it was put back.",
            )
        )
    )
    for part in (
        "4 of 5 points",
        "Question 1: Count",
        "The biases are missing. Count them.",
        "# layer 0 Dense",
        "The check cell of q1 was missing; it was put back.",
    ):
        assert part in page.text


def test_manual_points_are_told_beside_the_grader_s() -> None:
    page = Page(feedback_page(submission(manual=Manual(1.5, "The idea is right."))))
    assert "The grader gave 1: " in page.text
    assert "Decided by a person · 1.5 of " in " ".join(page.text.split())
    assert "The idea is right." in page.text
    assert "4.5 of 5 points" in page.text


def test_late_days_are_told_with_what_they_cost() -> None:
    page = Page(feedback_page(submission(late="2026-03-02 12:01")))
    assert "Late: 2 days" in page.text
    assert "20 % of the points" in page.text
    assert "3.2 of 5 points" in page.text
    assert "After late days" in page.text
    on_time = Page(feedback_page(submission(late="2026-03-01 11:00")))
    assert "Late" not in on_time.text and "late days" not in on_time.text


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_shown_and_never_obeyed(text: str) -> None:
    plain = Page(feedback_page(submission("x", note="x", trace="x", manual=Manual(1, "x"))))
    entry = submission(
        text, title=text, trace=text, student=text, exercise=text, note=text, manual=Manual(1, text)
    )
    page = Page(feedback_page(entry))
    assert page.tags == plain.tags
    assert page.text.count(" ".join(text.split())) >= 7


@given(text=ANY_TEXT)
def test_any_text_gives_a_page_of_the_same_form(text: str) -> None:
    entry = submission(text or "x", title=text or "x", student=text, note=text)
    content = feedback_page(entry)
    content.encode("utf-8")
    assert Page(content).tags == Page(feedback_page(submission("x", note="x"))).tags
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", content)


def test_a_page_runs_and_loads_nothing() -> None:
    page = Page(feedback_page(submission(trace="x", note="x")))
    assert not {"script", "img", "link", "iframe", "object", "form", "a"} & set(page.tags)
    names = {name for name, _ in page.attributes}
    assert not {name for name in names if name.startswith("on")}
    assert not {"src", "href", "style"} & names


def test_the_policy_allows_the_style_and_nothing_else() -> None:
    content = feedback_page(submission())
    (style,) = re.findall(r"<style>(.*?)</style>", content, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', content)
    assert policy.startswith("default-src 'none';")
    assert f"style-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert content.index("Content-Security-Policy") < content.index("<style>")


def test_headings_are_in_order() -> None:
    tags = Page(feedback_page(submission(note="x"))).tags
    assert [tag for tag in tags if re.fullmatch(r"h\d", tag)] == ["h1", "h2", "h2", "h2"]


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_text_colour_can_be_read_in_each_theme() -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", feedback_page(submission()), re.DOTALL)
    themes = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    assert len(themes) == 3  # light, dark, print
    for theme in themes:
        colours = dict(re.findall(r"--(\w+): (#\w{6})", theme))
        for name in ("ink", "quiet", "good", "some", "bad", "none"):
            for paper in ("paper", "block"):
                pair = sorted(_luminance(colours[one]) for one in (name, paper))
                assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, (name, paper, theme)


def test_pages_of_odd_names_stay_in_their_folder(tmp_path: Path) -> None:
    odd = ["../x", "..", ".", "", "a/b", "C:\\x", "🦊", "a b", "A B", "~", "x\0y", "ana", "Ana"]
    folder = tmp_path / "feedback"
    paths = [write_feedback(folder, submission(student=name, exercise=name)) for name in odd]
    assert len({str(path).casefold() for path in paths}) == len(odd)
    for path in paths:
        assert path.resolve().parent.parent == folder.resolve()
    assert {path.name for path in tmp_path.iterdir()} == {"feedback"}


@given(
    one=st.tuples(ANY_TEXT, ANY_TEXT),
    other=st.tuples(ANY_TEXT, ANY_TEXT),
)
def test_two_submissions_never_share_a_page(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (feedback_name(*one) == feedback_name(*other)) == (one == other)


def test_two_runs_give_the_same_bytes() -> None:
    assert feedback_page(submission()) == feedback_page(submission())
