"""The README is true: its examples print what stands there, its table and picture are current."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqkit.authoring import readme
from seqkit.errors import SeqkitError

ROOT = Path(__file__).parents[2]


def test_the_readme_is_what_its_examples_print() -> None:
    for path, text in readme.derived(ROOT).items():
        assert path.read_text(encoding="utf-8") == text, f"run `seqkit readme`: {path.name} differs"


def test_a_wrong_output_is_found() -> None:
    page = "```python\nprint(6 * 7)\n```\n\n```text\n41\n```"
    assert readme.run_examples(page) == page.replace("41", "42")


def test_a_broken_example_is_an_error() -> None:
    with pytest.raises(SeqkitError, match="ZeroDivisionError"):
        readme.run_examples("```python\n1 / 0\n```\n\n```text\n```")
