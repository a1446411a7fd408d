"""One page for each submission: the points, and for each question the reason.

A page is one file that needs nothing else and runs nothing: no script, no picture, no address.
Its policy line forbids all of that even if a way past the escaping were found.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from seqkit.display import escape
from seqkit.files import write_whole
from seqkit.grading.files import safe_name
from seqkit.grading.grades import Grade, SubmissionGrade
from seqkit.grading.late import Lateness
from seqkit.grading.results import Verdict
from seqkit.grading.text import number, printable, storable

# A sign beside the words, so that colour is never the only signal.
_SIGNS = {
    Verdict.CORRECT: "✓",
    Verdict.PARTIAL: "~",
    Verdict.INCORRECT: "✗",
    Verdict.NOT_ATTEMPTED: "–",
    Verdict.INFRASTRUCTURE: "?",
}
_OTHER_SIGN = "!"
# The colour class of a verdict; the colours are told apart by any eye (Okabe and Ito).
_TONES = {
    Verdict.CORRECT: "good",
    Verdict.PARTIAL: "some",
    Verdict.NOT_ATTEMPTED: "none",
    Verdict.INFRASTRUCTURE: "none",
}
_OTHER_TONE = "bad"
_OPEN = "the points are still open"

_STYLE = """
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1a1a1a; --quiet: #595959; --line: #d0d0d0; --block: #f5f5f5;
  --good: #00694d; --some: #8a5a00; --bad: #a83a00; --none: #595959;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16181c; --ink: #e8e8e8; --quiet: #a8a8a8; --line: #45484f; --block: #22252b;
    --good: #3fcf9f; --some: #f0b43c; --bad: #ff8a57; --none: #a8a8a8;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1.25rem 3rem; max-width: 46rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 0 0 .25rem; }
p { margin: .4rem 0; }
bdi { unicode-bidi: isolate; }
.who { color: var(--quiet); }
.sum { font-size: 1.25rem; font-weight: 600; margin: .75rem 0; }
table { width: 100%; border-collapse: collapse; margin: .5rem 0 1.5rem; }
caption { text-align: left; color: var(--quiet); padding: .25rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .5rem; text-align: left; }
th, td { vertical-align: top; overflow-wrap: break-word; }
thead .points { white-space: normal; }
tfoot th, tfoot td { border-bottom: 0; font-weight: 600; }
.points { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
section { border-left: 4px solid var(--line); padding: .1rem 0 .1rem 1rem; margin: 1.5rem 0; }
section.good { border-color: var(--good); } section.some { border-color: var(--some); }
section.bad { border-color: var(--bad); } section.none { border-color: var(--none); }
.verdict { font-weight: 600; }
.good .verdict, .verdict.good { color: var(--good); }
.some .verdict, .verdict.some { color: var(--some); }
.bad .verdict, .verdict.bad { color: var(--bad); }
.none .verdict, .verdict.none { color: var(--none); }
.text { white-space: pre-wrap; }
pre {
  background: var(--block); border: 1px solid var(--line); border-radius: 4px;
  padding: .6rem .8rem; overflow-x: auto; overflow-wrap: normal;
  font: .8125rem/1.45 ui-monospace, monospace;
}
@media (max-width: 30rem) {
  body { padding: 1rem .75rem; }
  th, td { padding: .35rem .25rem; }
}
@media print {
  :root {
    --paper: #ffffff; --ink: #000000; --quiet: #444444; --line: #999999; --block: #ffffff;
    --good: #004d38; --some: #5c3c00; --bad: #7a2a00; --none: #444444;
  }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  section, tr { break-inside: avoid; }
  h2 { break-after: avoid; }
  pre { white-space: pre-wrap; font-size: 8pt; }
}
"""


def write_feedback(folder: Path, entry: SubmissionGrade) -> Path:
    """Write the page of one submission, whole or not at all.

    Args:
        folder: where the pages of all students lie.
        entry: the grades of the submission.

    Returns:
        The file: `FOLDER/<student>/<exercise>.html`, with odd names made safe.
    """
    path = folder / feedback_name(entry.student, entry.exercise)
    write_whole(path, feedback_page(entry))
    return path


def feedback_name(student: str, exercise: str) -> Path:
    """Name the page of a submission. No two submissions share one, and none leaves its folder.

    Args:
        student: the name of the student's folder.
        exercise: the name of the exercise.

    Returns:
        A path of a folder and a file.

    Example:
        >>> feedback_name("ana", "01_first_stack").as_posix()
        'ana/01_first_stack.html'
    """
    return Path(safe_name(student), f"{safe_name(exercise)}.html")


def feedback_page(entry: SubmissionGrade) -> str:
    """Write the page of one submission.

    Args:
        entry: the grades of the submission.

    Returns:
        A whole HTML page.

    Example:
        >>> from seqkit.grading.grades import grade
        >>> from seqkit.grading.results import QuestionResult, SubmissionResult
        >>> q1 = QuestionResult("q1", "Count", 1.0, 1.0, Verdict.CORRECT, "Right.")
        >>> page = feedback_page(grade(SubmissionResult("ana", "01_first_stack", "", (q1,))))
        >>> "1 of 1 point" in page, "<script" in page
        (True, False)
    """
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    exercise, student = _shown(storable(entry.exercise)), _shown(storable(entry.student))
    so_far = "" if entry.is_final else " so far"
    parts = [
        f"<h1>Feedback: {exercise}</h1>",
        f'<p class="who">Handed in by <bdi>{student}</bdi></p>',
        f'<p class="sum">{_of(entry.points, entry.max_points)}{so_far}</p>',
        *_not_final(entry),
        *_late_text(entry.lateness),
        _table(entry),
        *(_question(one) for one in entry.grades),
        *_notes(entry.result.notes),
    ]
    body = "\n".join(parts)
    return f"""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Feedback: {exercise} · {student}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def _table(entry: SubmissionGrade) -> str:
    """All questions at a glance."""
    late = entry.lateness is not None and entry.lateness.percent > 0
    after = '<th scope="col" class="points">After late days</th>' if late else ""
    rows = "\n".join(_row(one, late) for one in entry.grades)
    earned = round(sum(one.earned for one in entry.grades), 4)
    total = _points_cells(earned, entry.points, entry.max_points, late)
    return f"""\
<table>
<caption>Points</caption>
<thead><tr><th scope="col">Question</th><th scope="col">Result</th>\
<th scope="col" class="points">Points</th>{after}</tr></thead>
<tbody>
{rows}
</tbody>
<tfoot><tr><th scope="row" colspan="2">All questions</th>{total}</tr></tfoot>
</table>"""


def _row(one: Grade, late: bool) -> str:
    verdict = one.result.verdict
    if one.is_final:
        points = _points_cells(one.earned, one.points, one.result.max_points, late)
    else:
        points = '<td class="points">open</td>' * (2 if late else 1)
    return (
        f'<tr><th scope="row">{_name(one)}</th>'
        f'<td><span class="verdict {_tone(verdict)}">{_verdict(verdict)}</span></td>{points}</tr>'
    )


def _points_cells(earned: float, points: float, highest: float, late: bool) -> str:
    cells = f'<td class="points">{number(earned)} / {number(highest)}</td>'
    return cells + (f'<td class="points">{number(points)}</td>' if late else "")


def _question(one: Grade) -> str:
    """What was found in one answer, and why."""
    found = one.result
    title = f": {_shown(found.title)}" if found.title else ""
    parts = [
        f"<h2>{_name(one)}{title}</h2>",
        f'<p><span class="verdict">{_decided(one)}</span> · '
        f"{_of(one.earned, found.max_points) if one.is_final else _OPEN}</p>",
    ]
    if found.message:
        parts.append(f'<p class="text" dir="auto">{_shown(found.message)}</p>')
    if found.trace:
        # A wide trace scrolls; tabindex lets the keyboard do that, too.
        parts.append(f'<pre tabindex="0" aria-label="Shape trace">{_shown(found.trace)}</pre>')
    if one.manual is not None:
        parts.append(
            f"<p>The grader gave {number(found.points)}: {escape(found.verdict.label)}.</p>"
        )
        if one.manual.comment:
            parts.append(f'<p class="text" dir="auto">Comment: {_shown(one.manual.comment)}</p>')
    return f'<section class="{_tone(found.verdict)}">\n' + "\n".join(parts) + "\n</section>"


def _not_final(entry: SubmissionGrade) -> list[str]:
    if entry.is_final:
        return []
    return [
        "<p><strong>These points are not final.</strong> The grader failed on a question. A person "
        "will look at it.</p>"
    ]


def _late_text(late: Lateness | None) -> list[str]:
    if late is None or late.days == 0:
        return []
    days = "1 day" if late.days == 1 else f"{late.days} days"
    cost = (
        f"{number(late.percent)}\u00a0% of the points are lost"
        if late.percent
        else "no points lost"
    )
    return [
        f"<p>Late: {days} after the deadline ({late.deadline:%Y-%m-%d %H:%M}; received "
        f"{late.received:%Y-%m-%d %H:%M}), {cost}.</p>"
    ]


def _notes(notes: tuple[str, ...]) -> list[str]:
    if not notes:
        return []
    items = "\n".join(f'<li dir="auto">{_shown(note)}</li>' for note in notes)
    return [f'<section class="none">\n<h2>About the file</h2>\n<ul>\n{items}\n</ul>\n</section>']


def _name(one: Grade) -> str:
    """`Question 2` for `q2`; any other name as it is."""
    name = one.result.question
    return f"Question\u00a0{name[1:]}" if name[:1] == "q" and name[1:].isdecimal() else _shown(name)


def _decided(one: Grade) -> str:
    return _verdict(one.result.verdict) if one.manual is None else "Decided by a person"


def _verdict(verdict: Verdict) -> str:
    sign = _SIGNS.get(verdict, _OTHER_SIGN)
    return f'<span aria-hidden="true">{sign}</span> {escape(verdict.label)}'


def _tone(verdict: Verdict) -> str:
    return _TONES.get(verdict, _OTHER_TONE)


def _of(points: float, highest: float) -> str:
    return f"{number(points)} of {number(highest)} {'point' if highest == 1 else 'points'}"


def _shown(text: str) -> str:
    return escape(printable(text))
