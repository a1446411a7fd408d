"""Where the sandbox is forbidden: it is said, and nothing runs unless it is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqkit import cli
from seqkit.grading import grader
from seqkit.grading.batch import grader_key
from seqkit.grading.errors import GradingError
from seqkit.grading.grader import Grader, Settings
from seqkit.grading.master import load_all
from seqkit.grading.results import Verdict
from seqkit.grading.submissions import Submission
from tests.grading import submissions_made as made

REASON = "This system gives no user namespaces."


@pytest.fixture
def masters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(grader, "problem", lambda: REASON)
    return made.masters_of_parts(tmp_path / "exercises")


def test_a_grader_without_a_sandbox_refuses_and_says_why(masters: Path) -> None:
    with pytest.raises(GradingError, match=f"{REASON}\n--unsafe-no-sandbox runs it without"):
        Grader(load_all(masters), Settings(masters, "5eed"))


def test_the_command_refuses_too(
    masters: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made.write(made.part(made.solution(), "small"), tmp_path / "in" / "ana" / "01_small.ipynb")
    words = ["grade", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    assert cli.main([*words, "--master", str(masters), "--workers", "1"]) != 0
    assert REASON in capsys.readouterr().err
    assert (
        not (tmp_path / "out" / "grades.csv").exists()
        or "correct" not in (tmp_path / "out" / "grades.csv").read_text()
    )


def test_without_protection_only_when_it_is_asked_for(masters: Path, tmp_path: Path) -> None:
    settings = Settings(masters, "5eed", sandboxed=False)
    path = made.write(made.part(made.solution(), "small"), tmp_path / "ana" / "01_small.ipynb")
    with Grader(load_all(masters), settings) as unsafe:
        result = unsafe.grade(Submission("ana", "01_small", path))
    assert {one.verdict for one in result.questions} == {Verdict.CORRECT}


def test_grades_made_without_protection_are_not_kept(masters: Path) -> None:
    master = load_all(masters)["01_small"]
    keys = {
        grader_key(master, Settings(masters, "5eed", sandboxed=protected))
        for protected in (True, False)
    }
    assert len(keys) == 2
