"""Claims, tables of claims and comparisons as plain text of at most 100 columns."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqkit.claims.claim import Claim, Examination
    from seqkit.claims.comparisons import Comparison

WIDTH = 98
_WORDS = {"says": "", "but": "but: ", "once": "once: ", "instead": "instead: "}


def lessons_text(lessons: Iterable[int]) -> str:
    """Write lesson numbers with ranges.

    Example:
        >>> lessons_text((1, 2, 3, 5, 18))
        '1–3, 5, 18'
    """
    numbers = sorted(set(lessons))
    starts = [n for before, n in pairwise([-9, *numbers]) if n != before + 1]
    ends = [n for n, after in pairwise([*numbers, 99]) if after != n + 1]
    parts = []
    for start, end in zip(starts, ends, strict=True):
        joint = "–" if end - start > 1 else ", "
        parts.append(str(start) if start == end else f"{start}{joint}{end}")
    return ", ".join(parts)


def lessons_named(lessons: Sequence[int]) -> str:
    """Write 'lesson 12' or 'lessons 12, 15'."""
    return f"lesson{'' if len(set(lessons)) == 1 else 's'} {lessons_text(lessons)}"


def examination_text(found: Examination) -> str:
    """Write the claim, its verdict, and every check under it."""
    claim = found.claim
    head = f"{claim.id} · {lessons_named(claim.lessons)} · {found.verdict.value}"
    body = [line for text in evidence_lines(found) for line in _wrapped(text, 2)]
    return "\n".join([head, *_wrapped(claim.statement, 2), *body, *_difference(found)])


def evidence_lines(found: Examination) -> list[str]:
    """One line for each check, the problem if there is one, and the note."""
    lines = [f"{_WORDS[label]}{check}" for label, check in found.evidence.labelled()]
    lines = [_mark_first(line) for line in lines]
    problem = [f"✗ {found.problem}"] if found.problem else []
    note = [f"note: {found.claim.note}"] if found.claim.note else []
    return [*lines, *problem, *note]


def _mark_first(line: str) -> str:
    """Put the mark in front of the word: '✓ but: ...' and not 'but: ✓ ...'."""
    word, mark, rest = line.partition("✓ " if "✓ " in line else "✗ ")
    return f"{mark}{word}{rest}"


def rows_text(rows: Sequence[Examination], detail: bool) -> str:
    """Write the claims in columns; with `detail` every check under its claim."""
    lessons = [lessons_text(row.claim.lessons) for row in rows]
    widths = [
        max([2, *(len(row.claim.id) for row in rows)]),
        max([6, *(len(text) for text in lessons)]),
        max([7, *(len(row.verdict.value) for row in rows)]),
    ]
    names = ("id", "lesson", "verdict")
    head = "  ".join(name.ljust(width) for name, width in zip(names, widths, strict=True))
    left = len(head) + 2
    lines = [f"{head}  claim", "  ".join("-" * width for width in [*widths, WIDTH - left])]
    for row, taught in zip(rows, lessons, strict=True):
        cells = (row.claim.id, taught, row.verdict.value)
        label = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        lines += _hanging(label, row.claim.statement, left)
        if detail:
            for text in evidence_lines(row):
                lines += textwrap.wrap(
                    text, WIDTH, initial_indent=" " * left, subsequent_indent=" " * (left + 2)
                )
    return "\n".join(line.rstrip() for line in lines)


def _hanging(label: str, words: str, left: int) -> list[str]:
    wrapped = textwrap.wrap(words, WIDTH - left)
    return [f"{label}  {wrapped[0]}", *(" " * left + line for line in wrapped[1:])]


def summary_lines(rows: Sequence[Examination]) -> list[str]:
    """Count the verdicts, and name every claim whose verdict is not the recorded one."""
    counts = Counter(row.verdict for row in rows)
    parts = [f"{counts[verdict]} {verdict.value}" for verdict in counts]
    total = f"{len(rows)} claim{'' if len(rows) == 1 else 's'}: {' · '.join(parts)}"
    differing = [row for row in rows if not row.agrees]
    if not differing:
        return [total, "Every verdict was computed now, and is the one that the lessons tell."]
    return [total, *(line for row in differing for line in _difference(row))]


def _difference(found: Examination) -> list[str]:
    """Say what to change when the computed verdict is not the recorded one."""
    if found.agrees:
        return []
    claim = found.claim
    said = (
        f"✗ {claim.id}: the evidence says '{found.verdict.value}', "
        f"{lessons_named(claim.lessons)} '{claim.recorded.value}'. "
    )
    todo = found.problem and f"{found.problem[0].upper()}{found.problem[1:].rstrip('.')}."
    failed = [check for check in found.checks if not check.holds]
    why = todo or (f"Not true: {failed[0].statement}." if failed else "Every check holds now.")
    return _wrapped(f"{said}{why} Change the text of {lessons_named(claim.lessons)}.", 0)


def _wrapped(words: str, indent: int) -> list[str]:
    return textwrap.wrap(
        words, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2)
    )


def claim_line(claim: Claim) -> str:
    """Write a claim that was not examined: id, lessons, statement."""
    return f"{claim.id} ({lessons_named(claim.lessons)}): {claim.statement}"


def comparison_text(comparison: Comparison) -> str:
    """Write a comparison in columns, and the checks of each row under it."""
    topics = max(len(row.topic) for row in comparison.rows)
    width = (WIDTH - topics - 4) // len(comparison.columns)
    lines = [
        comparison.title,
        "",
        _columns(("", *comparison.columns), topics, width),
        _columns(("-" * topics, *("-" * (width - 2) for _ in comparison.columns)), topics, width),
        *(_columns((row.topic, *row.cells), topics, width) for row in comparison.rows),
        "",
    ]
    for row in comparison.rows:
        for name, check in zip(comparison.columns, row.checks, strict=True):
            mark, _, words = str(check).partition(" ")
            lines += _wrapped(f"{mark} {row.topic}, {name}: {words}", 0)
    return "\n".join(line.rstrip() for line in [*lines, comparison.conclusion])


def _columns(cells: Sequence[str], first: int, width: int) -> str:
    return "  ".join([cells[0].ljust(first), *(cell.ljust(width - 2) for cell in cells[1:])])
