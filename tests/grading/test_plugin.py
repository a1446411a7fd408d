"""`pytest --nbval FOLDER` grades submissions, and changes nothing for other notebooks."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from seqkit import environment
from seqkit.kernel.sandbox import problem
from tests.grading import hostile
from tests.grading import submissions_made as made

needs_sandbox = pytest.mark.skipif(bool(problem()), reason=problem())


def run_pytest(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run pytest as an instructor does, with the plugin and without settings of this project."""
    env = {**os.environ, **environment.QUIET, "PYTHONPATH": str(made.ROOT), "COLUMNS": "200"}
    env.pop("PYTEST_ADDOPTS", None)
    command = [sys.executable, "-P", "-W", "ignore", "-m", "pytest", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, *map(str, arguments)],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with one small exercise, and a folder of marks with two students."""
    masters = tmp_path / "course" / "exercises"
    made.write(made.part(made.exercise(), "small"), masters / "01_small.ipynb")
    right = made.part(made.solution(), "small")
    wrong = made.part(made.solution(), "small")
    made.answer(wrong, "q1", "parameters = 50_816")
    marks = tmp_path / "course" / "marks"
    made.write(right, marks / "ana" / "01_small.ipynb")
    made.write(wrong, marks / "ben" / "01_small.ipynb")
    return tmp_path / "course"


def properties(file: Path) -> dict[tuple[str, str], dict[str, str]]:
    """The properties of each test case, by student and question."""
    found = {}
    for case in ElementTree.parse(file).iter("testcase"):
        values = {one.attrib["name"]: one.attrib["value"] for one in case.iter("property")}
        found[values["student"], values["question"]] = values
    return found


@needs_sandbox
def test_a_folder_of_submissions_is_graded(course: Path) -> None:
    done = run_pytest("--nbval", "marks", "--junitxml=out.xml", cwd=course)
    assert done.returncode == 1, done.stdout + done.stderr
    found = properties(course / "out.xml")
    assert set(found) == {("ana", "q1"), ("ana", "q5"), ("ben", "q1"), ("ben", "q5")}
    assert found["ben", "q1"]["verdict"] == "incorrect"
    assert float(found["ben", "q1"]["points"]) == 0
    assert float(found["ben", "q1"]["max_points"]) == 1
    assert "bias" in found["ben", "q1"]["message"]
    assert {key: float(values["points"]) for key, values in found.items()} == {
        ("ana", "q1"): 1, ("ana", "q5"): 2, ("ben", "q1"): 0, ("ben", "q5"): 2,
    }  # fmt: skip
    assert found["ana", "q5"]["exercise"] == "01_small"
    assert "1 failed, 3 passed" in done.stdout
    table = done.stdout[done.stdout.index("grades") :]
    (ana,) = [line for line in table.splitlines() if line.startswith("ana")]
    (ben,) = [line for line in table.splitlines() if line.startswith("ben")]
    assert ana.split() == ["ana", "01_small", "3/3", "q1", "correct", "q5", "correct"]
    assert ben.split() == ["ben", "01_small", "2/3", "q1", "incorrect", "q5", "correct"]
    assert "Traceback" not in done.stdout


@needs_sandbox
def test_files_beside_a_submission_are_never_run(course: Path) -> None:
    for student in ("ana", "eve"):
        hostile.write_files_beside(course / "marks" / student)
    for number, name in enumerate(("evil.ipynb", "sub/01_small.ipynb", "02_more.ipynb")):
        path = course / "marks" / "ana" / name
        code = f"open({str(course / f'ran-{number}')!r}, 'w')"
        made.write({"cells": [made.code_cell(code)], "nbformat": 4, "metadata": {}}, path)
    done = run_pytest("--nbval", "marks", "--junitxml=out.xml", cwd=course)
    assert "1 failed, 3 passed" in done.stdout, done.stdout + done.stderr
    assert not list(course.rglob("ran*")), "code of a student was run outside the sandbox"


@needs_sandbox
@pytest.mark.parametrize("asked", ["marks/eve", "marks/eve/01_small.ipynb"])
def test_settings_of_one_student_do_not_count(course: Path, asked: str) -> None:
    """pytest reads settings from the folder that it is asked for."""
    eve = course / "marks" / "eve"
    easy = made.part(made.exercise(), "small")
    made.cell(easy, "q1-check")["source"] = "ex01.q1.check(50_890)"
    made.write(easy, course / "easy" / "01_small.ipynb")
    answers = made.part(made.exercise(), "small")
    made.answer(answers, "q1", f"open({str(course / 'ran-in-kernel')!r}, 'w')\nparameters = 7")
    made.write(answers, eve / "01_small.ipynb")
    (eve / "conftest.py").write_text(f"open({str(course / 'ran-conftest')!r}, 'w')")
    (eve / "pytest.ini").write_text(
        "[pytest]\naddopts = --unsafe-no-sandbox --seqkit-secret=00 "
        f"--seqkit-master={course / 'easy'}\npython_files = *.py\n"
    )
    done = run_pytest("--nbval", asked, cwd=course)
    assert not list(course.rglob("ran*")), done.stdout + done.stderr
    assert "q1 correct" not in done.stdout


@needs_sandbox
@pytest.mark.xfail(
    strict=True,
    reason="pytest imports what -p names in a student's pytest.ini before it loads any plugin: "
    "ask for the folder of all students, never for the folder of one",
)
def test_a_plugin_of_one_student_is_not_imported(course: Path) -> None:
    eve = course / "marks" / "eve"
    made.write(made.part(made.solution(), "small"), eve / "01_small.ipynb")
    (eve / "evil.py").write_text(f"open({str(course / 'ran-evil')!r}, 'w')")
    (eve / "pytest.ini").write_text("[pytest]\naddopts = -p evil\npythonpath = .\n")
    run_pytest("--nbval", "marks/eve", cwd=course)
    assert not list(course.rglob("ran*"))


@needs_sandbox
def test_a_student_called_like_a_folder_of_the_course_is_one(course: Path) -> None:
    for name in ("lessons", "exercises", "solutions"):
        made.write(made.part(made.solution(), "small"), course / "marks" / name / "01_small.ipynb")
        (course / "marks" / name / "conftest.py").write_text(
            f"open({str(course / 'ran-conftest')!r}, 'w')"
        )
    done = run_pytest("--nbval", "marks", cwd=course)
    assert not list(course.rglob("ran*")), done.stdout
    assert "1 failed, 9 passed" in done.stdout, done.stdout


@needs_sandbox
def test_nothing_deep_in_the_folder_of_a_student_is_run(course: Path) -> None:
    deep = course / "marks" / "ben"
    for name in ("exercises", "solutions", "lessons", "a", "b", "c"):
        deep /= name
        hostile.write_files_beside(deep)
        code = f"open({str(course / 'ran-notebook')!r}, 'w')"
        cells = [made.code_cell(code)]
        made.write({"cells": cells, "nbformat": 4, "metadata": {}}, deep / "evil.ipynb")
    for name in ("exercises", "solutions", "lessons"):
        hostile.write_files_beside(course / "marks" / "ben" / name)
    done = run_pytest("--nbval", "marks", cwd=course)
    assert not list(course.rglob("ran*")), done.stdout
    assert "1 failed, 3 passed" in done.stdout, done.stdout


@needs_sandbox
def test_nobody_hands_in_for_another(course: Path) -> None:
    bad = made.part(made.exercise(), "small")
    made.write(bad, course / "marks" / "ben" / "ana" / "01_small.ipynb")
    made.write(bad, course / "marks" / "ben" / "deep" / "ana" / "01_small.ipynb")
    done = run_pytest("--nbval", "marks", "--junitxml=out.xml", cwd=course)
    assert properties(course / "out.xml")["ana", "q1"]["verdict"] == "correct"
    assert "1 failed, 3 passed" in done.stdout, done.stdout


@needs_sandbox
def test_one_submission_may_be_asked_for(course: Path) -> None:
    done = run_pytest("--nbval", "marks/ana/01_small.ipynb", cwd=course)
    assert "2 passed" in done.stdout, done.stdout + done.stderr
    assert "3/3" in done.stdout


@needs_sandbox
def test_the_exercises_may_lie_elsewhere(course: Path, tmp_path: Path) -> None:
    (course / "exercises").rename(tmp_path / "masters")
    (course / "marks").rename(tmp_path / "in")
    option = f"--seqkit-master={tmp_path / 'masters'}"
    done = run_pytest("--nbval", "in", option, cwd=tmp_path)
    assert "1 failed, 3 passed" in done.stdout, done.stdout + done.stderr


@needs_sandbox
def test_a_submission_that_cannot_be_read_fails_each_question(course: Path) -> None:
    (course / "marks" / "ben" / "01_small.ipynb").write_text("{")
    done = run_pytest("--nbval", "marks", cwd=course)
    assert "2 failed, 2 passed" in done.stdout, done.stdout + done.stderr
    assert "q1 unreadable" in done.stdout


# Without submissions.


def stock_notebook(path: Path, *codes: str) -> None:
    import nbformat

    cells = [nbformat.v4.new_code_cell(code) for code in codes]
    notebook = nbformat.v4.new_notebook(cells=cells)
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def collected(*arguments: str, cwd: Path) -> list[str]:
    done = run_pytest("--nbval", "--collect-only", "-q", *arguments, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if "::" in line]


@pytest.mark.parametrize("arguments", [(), (".",), ("a",), ("a/deep/one.ipynb",), ("a", "b")])
def test_other_notebooks_stay_with_nbval(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    for name in ("a/deep/one.ipynb", "a/two.ipynb", "b/01_small.ipynb"):
        stock_notebook(tmp_path / name, "a = 1", "a + 1")
    (tmp_path / "a" / "test_own.py").write_text("def test_own(): pass\n")
    with_plugin = collected(*arguments, cwd=tmp_path)
    assert with_plugin == collected(*arguments, "-p", "no:seqkit", cwd=tmp_path)
    assert len(with_plugin) >= 2


def test_notebooks_elsewhere_stay_with_nbval_in_a_course(course: Path, tmp_path: Path) -> None:
    stock_notebook(tmp_path / "elsewhere" / "x" / "notes.ipynb", "a = 1")
    path = str(tmp_path / "elsewhere")
    found = collected(path, cwd=course)
    assert found == collected(path, "-p", "no:seqkit", cwd=course)
    assert len(found) == 1


def test_a_notebook_among_submissions_is_named_and_not_run(course: Path) -> None:
    stock_notebook(course / "marks" / "ben" / "my notes.ipynb", "a = 1")
    done = run_pytest("--nbval", "--collect-only", "-q", "marks", cwd=course)
    assert "not run" in done.stdout
    assert f"\n{course / 'marks' / 'ben' / 'my notes.ipynb'}\n" in done.stdout
    assert "Cell" not in done.stdout


def test_submissions_next_to_the_course_make_nobody_of_it(course: Path) -> None:
    made.write(made.part(made.solution(), "small"), course.parent / "ana" / "01_small.ipynb")
    (course.parent / "link").symlink_to(course)
    through_the_link = ("link/exercises", "--seqkit-master=link/exercises")
    for arguments, where in ((("exercises",), course), (through_the_link, course.parent)):
        found = collected(*arguments, cwd=where)
        assert any("Cell" in name for name in found)


def test_a_link_to_the_submissions_is_as_good_as_the_folder(course: Path, tmp_path: Path) -> None:
    hostile.write_files_beside(course / "marks" / "ben")
    (course / "link").symlink_to(course / "marks")
    (tmp_path / "elsewhere").symlink_to(course)
    for asked, where in (("link", course), ("marks", tmp_path / "elsewhere")):
        done = run_pytest("--nbval", "--collect-only", "-q", asked, cwd=where)
        assert not list(course.rglob("ran*")), done.stdout
        assert "01_small.ipynb::q5" in done.stdout
        assert "Cell" not in done.stdout


def test_nothing_is_run_behind_a_link_to_the_folder_of_one_student(course: Path) -> None:
    hostile.write_files_beside(course / "marks" / "ben")
    (course / "link").symlink_to(course / "marks" / "ben")
    done = run_pytest("--nbval", "--collect-only", "-q", "link", cwd=course)
    assert not list(course.rglob("ran*")), done.stdout
    assert "Cell" not in done.stdout


def test_exercises_of_another_project_are_nothing_to_us(tmp_path: Path) -> None:
    stock_notebook(tmp_path / "exercises" / "01_intro.ipynb", "a = 1")
    stock_notebook(tmp_path / "docs" / "week1" / "01_intro.ipynb", "a = 1")
    found = collected("docs", cwd=tmp_path)
    assert found == collected("docs", "-p", "no:seqkit", cwd=tmp_path)
    assert len(found) == 1


def test_the_notebooks_of_the_course_stay_with_nbval(course: Path) -> None:
    found = collected("exercises", cwd=course)
    assert found == collected("exercises", "-p", "no:seqkit", cwd=course)
    assert any("Cell" in name for name in found)


def test_without_nbval_nothing_is_collected(course: Path) -> None:
    done = run_pytest("--collect-only", "-q", "marks", cwd=course)
    assert "01_small" not in done.stdout
