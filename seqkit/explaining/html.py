"""An explanation as an HTML card: the picture of what was written and meant, the fix, the original.

Inline styles only, and no colour on which meaning hangs, so that it reads in both Jupyter themes.
"""

from __future__ import annotations

from html import escape

from seqkit.explaining.explanation import Explanation
from seqkit.explaining.original import original_words

_CARD = (
    "border:1px solid;border-left:6px solid #d55e00;border-radius:6px;padding:10px 14px;"
    "max-width:860px"
)
_CODE = (
    "border:1px dashed;border-radius:4px;padding:8px 10px;margin:4px 0;overflow-x:auto;"
    "white-space:pre;font-family:monospace"
)


def to_html(explanation: Explanation) -> str:
    """Return the card.

    Args:
        explanation: what to show.
    """
    parts = [
        f'<div style="font-weight:bold;font-size:110%">✗ {escape(explanation.title)}</div>',
        f'<div style="opacity:0.75;font-size:90%">{escape(explanation.pattern)} · '
        f"{escape(explanation.fault)}</div>",
        _paragraph("What happened", explanation.what_happened),
        _picture(explanation),
        _paragraph("Why it cannot work", explanation.why),
        _fix(explanation),
        _original(explanation),
    ]
    return f'<div style="{_CARD}">{"".join(parts)}</div>'


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
    checked = ""
    if explanation.verified:
        checked = (
            f'<div style="font-size:90%">✓ this code was run and built: '
            f"{escape(explanation.result)}</div>"
        )
    return f'{words}<pre style="{_CODE}">{escape(explanation.fix_code)}</pre>{checked}'


def _original(explanation: Explanation) -> str:
    if explanation.original is None:
        return ""
    return (
        f'<details style="margin-top:8px"><summary>what Keras said</summary>'
        f'<pre style="white-space:pre-wrap">{escape(original_words(explanation.original))}</pre>'
        f"</details>"
    )
