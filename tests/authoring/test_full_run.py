"""The lessons under the budget `full`: run, measured, told in a table, gone on with."""

from __future__ import annotations

import datetime
import json
import shutil
from pathlib import Path

import pytest

import seqkit as sk
from seqkit.authoring import build
from seqkit.authoring.full_run import Result, read_results, run_full, table
from seqkit.cli import main

ROOT = Path(__file__).resolve().parents[2]
LESSON = """\
# %% seqkit={"role": "setup"}
import seqkit as sk

# %% seqkit={"headline": "epochs: {epochs:.0f}"}
epochs = sk.budget(quick=3, full=30)
"""


DEVICE = "CPU, this one"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("course")
    for name, text in (("01_count", LESSON), ("02_fails", LESSON + "\n# %%\n1 / 0\n")):
        path = root / "lessons" / "src" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "seqkit").symlink_to(ROOT / "seqkit")
    shutil.copy(ROOT / "pyproject.toml", root)
    build(root, only="01", say=lambda line: None)
    return root


@pytest.fixture(scope="module")
def results(course: Path) -> list[Result]:
    return run_full(course, course / "out", say=lambda line: None, device=DEVICE)


def test_the_lesson_ran_under_full_and_its_headline_is_beside_quick(results: list[Result]) -> None:
    one = results[0]
    assert (one.headline, one.quick_headline, one.device) == ("epochs: 30", "epochs: 3", DEVICE)
    assert one.seconds > 0
    assert one.megabytes > 10
    assert not one.failed


def test_the_stored_notebook_does_not_show_it(course: Path, results: list[Result]) -> None:
    assert "epochs: " not in (course / "lessons" / "01_count.ipynb").read_text()
    assert "epochs: 30\\n" in (course / "out" / "01_count.ipynb").read_text()
    assert "epochs: 3\\n" in (course / "out" / "01_count.quick.ipynb").read_text()


def test_a_lesson_that_fails_is_told_and_the_others_count(
    course: Path, results: list[Result]
) -> None:
    assert "ZeroDivisionError" in results[1].failed
    assert "ZeroDivisionError" in (course / "out" / "table.md").read_text()
    assert read_results(course / "out") == results


def test_a_second_run_goes_on_where_the_first_one_stopped(
    course: Path, results: list[Result]
) -> None:
    said: list[str] = []
    again = run_full(course, course / "out", say=said.append, device=DEVICE)
    assert said[0] == "kept    01_count"
    assert said[1] == "run     02_fails"
    assert again[0] == results[0]


def test_code_that_changed_is_run_again(course: Path, results: list[Result]) -> None:
    rows = json.loads((course / "out" / "results.json").read_text())
    rows[0]["digest"] = "another"
    (course / "out" / "results.json").write_text(json.dumps(rows))
    said: list[str] = []
    run_full(course, course / "out", only="01", say=said.append, device=DEVICE)
    assert said[0] == "run     01_count"


def test_another_device_runs_again_and_both_tables_stay(
    course: Path, results: list[Result]
) -> None:
    said: list[str] = []
    other = run_full(course, course / "out", only="01", say=said.append)
    assert said[0] == "run     01_count"
    assert [one.lesson for one in other] == ["01_count"]
    assert other[0].device == str(sk.device()).removeprefix("device: ")
    text = (course / "out" / "table.md").read_text()
    assert f"Device: {DEVICE}." in text and f"Device: {other[0].device}." in text
    assert text.count("| lesson |") == 2


def test_a_kernel_that_dies_is_told_and_the_results_stay(tmp_path: Path, course: Path) -> None:
    source = tmp_path / "lessons" / "src" / "01_dies.py"
    source.parent.mkdir(parents=True)
    source.write_text(LESSON + "\n# %%\nimport os\nos.kill(os.getpid(), 9)\n", encoding="utf-8")
    (tmp_path / "seqkit").symlink_to(ROOT / "seqkit")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    results = run_full(tmp_path, tmp_path / "out", say=lambda line: None, device=DEVICE)
    assert "its kernel died" in results[0].failed
    assert read_results(tmp_path / "out") == results


def test_results_that_cannot_be_written_leave_the_old_ones(
    course: Path, results: list[Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (course / "out" / "results.json").read_text()

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full_disk)
    with pytest.raises(OSError, match="No space"):
        run_full(course, course / "out", only="02", say=lambda line: None, device=DEVICE)
    assert (course / "out" / "results.json").read_text() == before


def test_the_day_of_the_run_is_told(results: list[Result]) -> None:
    today = datetime.date.today()  # or the run began before midnight
    assert results[0].date in {str(today), str(today - datetime.timedelta(days=1))}
    assert f"Run on {results[0].date}." in table(results)


@pytest.mark.parametrize(
    ("failed", "quick_failed", "status"), [("", "", 0), ("stopped", "", 1), ("", "stopped", 1)]
)
def test_the_command_fails_when_a_lesson_does_under_either_budget(
    monkeypatch: pytest.MonkeyPatch, failed: str, quick_failed: str, status: int
) -> None:
    row = Result("12", "", "GPU", 1.0, 1.0, "", failed, 2.0, "", quick_failed)
    monkeypatch.setattr("seqkit.authoring.full_run.run_full", lambda *_: [row])
    assert main(["full", "--root", str(ROOT)]) == status


def test_a_headline_cannot_break_the_table() -> None:
    row = Result("12", "", "GPU", 1.0, 1.0, "a | b\nc", "", 2.0, "d")
    assert table([row]).splitlines()[-1] == "| 12 | 1 | 1 MB | a \\| b c | 2 | d |"
