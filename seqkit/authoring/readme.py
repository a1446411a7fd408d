"""The README: its examples are run, its picture is drawn and its table of lessons is made.

Written by hand is everything but three things, which `seqkit readme` renews:

- a `text` block right after a `python` block holds what the code prints;
- the lines between `<!-- lessons -->` and `<!-- end -->` are the table of lessons;
- `docs/skip.svg` is the drawing that the page shows.
"""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqkit.authoring.sources import EXERCISES, LESSONS, Source, sources
from seqkit.errors import SeqkitError

PICTURE = "docs/skip.svg"

_EXAMPLE = re.compile(r"```python\n(?P<code>.*?)```\n\n```text\n.*?```", re.DOTALL)
_TABLE = re.compile(r"(<!-- lessons -->\n).*?(<!-- end -->)", re.DOTALL)
_TITLE = re.compile(r"^# # (?:\d\d · )?(?P<title>.+)$", re.MULTILINE)
_TIME = re.compile(r"^# \*(?P<minutes>\d+) minutes", re.MULTILINE)


@dataclass(frozen=True)
class LessonFacts:
    """What the table says of one lesson: number, title, reading time in minutes, file name."""

    number: str
    title: str
    minutes: int
    slug: str


def write(root: Path) -> tuple[Path, ...]:
    """Renew the README and its picture.

    Args:
        root: the folder of the course.

    Returns:
        The files that changed.
    """
    changed = []
    for path, text in derived(root).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return tuple(changed)


def derived(root: Path) -> dict[Path, str]:
    """Return the README and its picture as they should be.

    Args:
        root: the folder of the course.
    """
    readme = root / "README.md"
    text = run_examples(readme.read_text(encoding="utf-8"))
    text = _TABLE.sub(lambda found: found[1] + lesson_table(root) + found[2], text)
    return {readme: text, root / PICTURE: picture()}


def run_examples(text: str) -> str:
    r"""Run the examples of a page in one namespace, and put in what they print.

    Args:
        text: the page, in Markdown.

    Returns:
        The page with renewed `text` blocks.

    Raises:
        SeqkitError: an example raised.

    Example:
        >>> fence = "`" * 3
        >>> page = f"{fence}python\nprint(1 + 1)\n{fence}\n\n{fence}text\n?\n{fence}"
        >>> "\n2\n" in run_examples(page)
        True
    """
    namespace: dict[str, Any] = {}

    def renewed(found: re.Match[str]) -> str:
        printed = io.StringIO()
        try:
            with redirect_stdout(printed):
                exec(compile(found["code"], "README.md", "exec"), namespace)
        except Exception as error:
            raise SeqkitError(f"An example of the README failed: {error!r}.") from error
        return f"```python\n{found['code']}```\n\n```text\n{printed.getvalue().rstrip()}\n```"

    return _EXAMPLE.sub(renewed, text)


def lesson_table(root: Path) -> str:
    """Return the table of the lessons that are there.

    Args:
        root: the folder of the course.
    """
    lines = ["| lesson | time | exercise |", "|---|---|---|"]
    for source in sources(root, LESSONS):
        facts = lesson_facts(source)
        lesson = f"[{facts.number} · {facts.title}]({LESSONS}/{facts.slug}.ipynb)"
        exercise = f"[exercise {facts.number}]({EXERCISES}/{facts.slug}.ipynb)"
        lines.append(f"| {lesson} | {facts.minutes} min | {exercise} |")
    return "\n".join(lines) + "\n"


def lesson_facts(source: Source) -> LessonFacts:
    """Read title and time from a lesson's first cell.

    Args:
        source: the lesson.

    Returns:
        The facts.

    Raises:
        SeqkitError: the first cell does not tell them.
    """
    text = source.path.read_text(encoding="utf-8")
    title, time = _TITLE.search(text), _TIME.search(text)
    if title is None or time is None:
        raise SeqkitError(
            f"{source.path.name} needs '# # 01 · Title' and '# *45 minutes · …*' in its first cell."
        )
    return LessonFacts(source.slug[:2], title["title"], int(time["minutes"]), source.slug)


def picture() -> str:
    """Draw a skip connection as it was written in a list, and as it was meant."""
    import keras
    from keras import layers

    from seqkit.drawing import draw
    from seqkit.explaining import attempt

    tried = attempt(
        lambda: keras.Sequential(
            [
                keras.Input((28, 28, 16)),
                layers.Conv2D(16, 3, padding="same", activation="relu"),
                layers.Conv2D(16, 3, padding="same"),
                layers.Add(),
                layers.Flatten(),
                layers.Dense(10),
            ]
        )
    )
    return draw(tried.explanation).svg
