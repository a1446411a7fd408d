"""The page for instructors: its commands exist, and it tells everything that it must."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import pytest

from seqkit.grading.commands import add_commands
from seqkit.grading.grade_command import add_grade
from seqkit.grading.grades import HEADER
from seqkit.grading.results import Verdict

PAGE = (Path(__file__).resolve().parents[2] / "docs/grading.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
COMMANDS = [line for block in BLOCKS for line in block.splitlines()]
OURS = [shlex.split(line)[1:] for line in COMMANDS if line.startswith("seqkit ")]


@pytest.mark.parametrize("words", OURS, ids=" ".join)
def test_every_command_is_understood(words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    add_commands(commands)
    add_grade(commands)
    parser.parse_args(words)


def test_every_command_around_grading_is_shown() -> None:
    shown = {" ".join(words[:2]) if words[0] == "gradebook" else words[0] for words in OURS}
    assert shown == {
        "grade",
        "release",
        "validate",
        "gradebook manual",
        "gradebook late",
        "gradebook export",
    }
    assert any(line.startswith("pytest --nbval ") for line in COMMANDS)


def test_every_verdict_is_told() -> None:
    table = PAGE.partition("## The twelve verdicts")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(Verdict)


def test_the_columns_are_told() -> None:
    assert ", ".join(HEADER) in PAGE
