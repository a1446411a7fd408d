"""An explanation as plain text."""

from __future__ import annotations

import textwrap

from seqkit.explaining.explanation import Explanation
from seqkit.explaining.original import original_words, speaker, stable
from seqkit.explaining.partial import HEADER, Step, layers_of, steps_to_failure
from seqkit.explaining.tags import tags

WIDTH = 96
_LABEL = 18
_SKETCH_WIDTH = 100 - _LABEL


def to_text(explanation: Explanation) -> str:
    """Write the explanation as labelled paragraphs.

    Args:
        explanation: what to show.

    Returns:
        Several lines; the code of the fix and the original words come last.
    """
    layers = layers_of(explanation.trace)
    lines = [f"x {explanation.title}", f"  {tags(explanation)}"]
    lines += _way(steps_to_failure(explanation.trace))
    lines += _paragraph("what happened", stable(explanation.what_happened, layers))
    lines += _meant(explanation)
    lines += _paragraph("why it cannot", explanation.why)
    lines += _fix(explanation)
    error = explanation.original
    if error is not None:
        lines += _paragraph(speaker(error), original_words(error, layers))
    return "\n".join(lines)


def _way(steps: tuple[Step, ...]) -> list[str]:
    """The trace up to the failure, in columns."""
    if not steps:
        return []
    table = [HEADER, *(step.cells for step in steps)]
    widths = [max(len(cells[column]) for cells in table) for column in range(3)]
    lines = []
    for cells, why in zip(table, ["", *(step.why for step in steps)], strict=True):
        number, layer, entered, left = cells
        line = f"{number:>{widths[0]}}  {layer:<{widths[1]}}  {entered:<{widths[2]}}  {left}  {why}"
        lines.append(line.rstrip())
    label = f"  {'how far it came':<{_LABEL - 2}}"
    return [label + lines[0], *(" " * _LABEL + line for line in lines[1:])]


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

    drawn = sketch(explanation.intended, _SKETCH_WIDTH).split("\n")
    first = f"  {'what you meant':<{_LABEL - 2}}{drawn[0]}"
    return [first, *(" " * _LABEL + line for line in drawn[1:])]


def _fix(explanation: Explanation) -> list[str]:
    words = explanation.fix
    if explanation.verified:
        words += f" This code was run and built: {explanation.result}."
    elif explanation.fix_code:
        words += " This code was not run."
    lines = _paragraph("the fix", words)
    if explanation.fix_code:
        lines += _block(explanation.fix_code, _LABEL + 2)
    return lines
