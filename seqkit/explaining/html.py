"""An explanation as an HTML card: the picture of what was written and meant, the fix, the original.

Inline styles only, and no colour on which meaning hangs, so that it reads in both Jupyter themes.
"""

from __future__ import annotations

from html import escape

from seqkit.explaining.explanation import Explanation
from seqkit.explaining.original import original_traceback, speaker, stable
from seqkit.explaining.partial import HEADER, Step, layers_of, steps_to_failure
from seqkit.explaining.tags import tags

_CARD = (
    "border:1px solid;border-left:6px solid #d55e00;border-radius:6px;padding:10px 14px;"
    "max-width:860px"
)
_CODE = (
    "border:1px dashed;border-radius:4px;padding:8px 10px;margin:4px 0;overflow-x:auto;"
    "white-space:pre;font-family:monospace"
)
_CELL = "padding:1px 10px;text-align:left;vertical-align:top"
_STEP_STYLE = {
    "ok": "",
    "failed": "border-left:4px solid #d55e00;font-weight:bold",
    "not reached": "opacity:0.7;font-style:italic",
}


def to_html(explanation: Explanation) -> str:
    """Return the card.

    Args:
        explanation: what to show.
    """
    layers = layers_of(explanation.trace)
    parts = [
        f'<div style="font-weight:bold;font-size:110%">✗ {escape(explanation.title)}</div>',
        f'<div style="opacity:0.75;font-size:90%">{escape(tags(explanation))}</div>',
        _way(steps_to_failure(explanation.trace)),
        _paragraph("What happened", stable(explanation.what_happened, layers)),
        _picture(explanation),
        _paragraph("Why it cannot work", explanation.why),
        _fix(explanation),
        _original(explanation),
    ]
    return f'<div style="{_CARD}">{"".join(parts)}</div>'


def _way(steps: tuple[Step, ...]) -> str:
    """The trace up to the failure; a mark, a word and bold type tell where it stopped."""
    if not steps:
        return ""
    head = "".join(f'<th scope="col" style="{_CELL}">{name}</th>' for name in HEADER)
    body = "".join(_step(step) for step in steps)
    return (
        '<div style="overflow-x:auto;margin:8px 0">'
        '<table style="border-collapse:collapse;margin:0;font-size:inherit">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _step(step: Step) -> str:
    cells = [*step.cells]
    if step.status == "failed":
        cells[-1] = f"✗ failed: {step.why}"
    shown = "".join(f'<td style="{_CELL}">{escape(text)}</td>' for text in cells)
    style = _STEP_STYLE[step.status] if step.status else ""
    return f'<tr style="{style}">{shown}</tr>'


def _paragraph(label: str, words: str) -> str:
    if not words:
        return ""
    return f'<p style="margin:8px 0"><b>{escape(label)}.</b> {escape(words)}</p>'


def _picture(explanation: Explanation) -> str:
    if explanation.intended is None or explanation.actual is None:
        return ""
    from seqkit.drawing import draw_side_by_side

    return draw_side_by_side(explanation.actual, explanation.intended).html


def _fix(explanation: Explanation) -> str:
    words = _paragraph("The fix", explanation.fix)
    if not explanation.fix_code:
        return words
    checked = "this code was not run"
    if explanation.verified:
        checked = f"✓ this code was run and built: {escape(explanation.result)}"
    return (
        f'{words}<pre style="{_CODE}">{escape(explanation.fix_code)}</pre>'
        f'<div style="font-size:90%">{checked}</div>'
    )


def _original(explanation: Explanation) -> str:
    """The exception as it was, folded: the learner's own lines, the way on, the message."""
    error = explanation.original
    if error is None:
        return ""
    noun = "message" if isinstance(error, Warning) else "traceback"
    told = original_traceback(error, layers_of(explanation.trace))
    return (
        f'<details style="margin-top:8px"><summary>what {escape(speaker(error))}: the original '
        f'{noun}</summary><pre style="white-space:pre-wrap">{escape(told)}</pre></details>'
    )
