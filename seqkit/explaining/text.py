"""An explanation as plain text."""

from __future__ import annotations

import textwrap

from seqkit.explaining.explanation import Explanation
from seqkit.explaining.original import original_words

WIDTH = 96
_LABEL = 17


def to_text(explanation: Explanation) -> str:
    """Write the explanation as labelled paragraphs.

    Args:
        explanation: what to show.

    Returns:
        Several lines; the code of the fix and Keras' own words come last.
    """
    head = f"x {explanation.title}"
    tag = f"{explanation.pattern} · {explanation.fault}"
    gap = max(WIDTH - len(head) - len(tag), 2)
    lines = [f"{head}{' ' * gap}{tag}"]
    lines += _paragraph("what happened", explanation.what_happened)
    lines += _meant(explanation)
    lines += _paragraph("why it cannot", explanation.why)
    lines += _fix(explanation)
    if explanation.original is not None:
        lines += _paragraph("Keras said", original_words(explanation.original))
    return "\n".join(lines)


def _paragraph(label: str, words: str) -> list[str]:
    if not words:
        return []
    first = f"  {label:<{_LABEL - 2}}"
    return textwrap.wrap(
        words,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * _LABEL,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _block(text: str, indent: int) -> list[str]:
    return [f"{' ' * indent}{line}".rstrip() for line in text.split("\n")]


def _meant(explanation: Explanation) -> list[str]:
    if explanation.intended is None:
        return []
    from seqkit.drawing.sketch import sketch

    drawn = sketch(explanation.intended).split("\n")
    first = f"  {'what you meant':<{_LABEL - 2}}{drawn[0]}"
    return [first, *(" " * _LABEL + line for line in drawn[1:])]


def _fix(explanation: Explanation) -> list[str]:
    words = explanation.fix
    if explanation.verified:
        words += f" This code was run and built: {explanation.result}."
    lines = _paragraph("the fix", words)
    if explanation.fix_code:
        lines += _block(explanation.fix_code, _LABEL + 2)
    return lines
