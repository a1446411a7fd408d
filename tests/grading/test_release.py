"""The bundle for students works, and gives no answer away."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from seqkit.authoring.sources import SOLUTIONS, sources
from seqkit.grading.errors import GradingError
from seqkit.grading.release import STARTERS, TOP, release

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundle") / "course.zip"
    release(ROOT, out)
    with zipfile.ZipFile(out) as file:
        file.extractall(out.parent)
    return out.parent / TOP


def lines(text: str) -> str:
    kept = (line.strip() for line in text.splitlines())
    return "\n" + "".join(f"{line}\n" for line in kept if line)


def readable(path: Path) -> str:
    """The text of a file; of a notebook, that of its cells and of what they printed."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
    if path.suffix != ".ipynb":
        return text
    parts: list[str] = []

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            list(map(collect, value.values()))
        elif isinstance(value, list) and all(isinstance(part, str) for part in value):
            parts.append("".join(value))
        elif isinstance(value, list):
            list(map(collect, value))
        else:
            parts.append(str(value))

    collect(json.loads(text))
    return "\n".join(parts)


def run(bundle: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(bundle), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-W", "ignore", *command],
        cwd=bundle,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_no_solution_stands_anywhere(bundle: Path) -> None:
    texts = {path: lines(readable(path)) for path in bundle.rglob("*") if path.is_file()}
    solutions = {
        f"{path.stem}.{question}": lines(code)
        for path in (ROOT / "seqkit/exercises/solutions").glob("*.json")
        for question, code in json.loads(path.read_text(encoding="utf-8")).items()
    }
    assert len(solutions) > 50 and len(texts) > 200
    found = [
        (name, path)
        for name, code in solutions.items()
        for path, text in texts.items()
        if code in text
    ]
    assert not found


def test_what_belongs_to_the_instructor_is_not_there(bundle: Path) -> None:
    names = [path.relative_to(bundle).as_posix() for path in bundle.rglob("*")]
    withheld = re.compile(
        r"(^|/)(solutions|hidden|tests|src|__pycache__|\.git\w*)(/|$)|conftest|Makefile|\.sqlite"
        r"|secret"
    )
    assert not [name for name in names if withheld.search(name)]


def test_everything_that_a_student_needs_is_there(bundle: Path) -> None:
    for name in ("README.md", "environment.yml", "constraints.txt", "pyproject.toml", "LICENSE"):
        assert (bundle / name).is_file(), name
    for folder in ("exercises", "lessons", STARTERS):
        there = {path.name for path in (bundle / folder).iterdir()}
        course = "exercises" if folder == STARTERS else folder
        assert there == {path.name for path in (ROOT / course).glob("[0-9]*.ipynb")}
    library = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "seqkit").rglob("*.py")
        if "hidden" not in path.parts
    }
    assert all((bundle / name).is_file() for name in library)
    assert list((bundle / "seqkit/datasets").glob("*.npz"))


def test_the_environment_names_files_of_the_bundle(bundle: Path) -> None:
    text = (bundle / "environment.yml").read_text(encoding="utf-8")
    assert "-c constraints.txt" in text and ".binder" not in text
    assert "-e ." in text


def test_the_readme_s_commands_and_links_work(bundle: Path) -> None:
    text = (bundle / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert (bundle / target).is_file(), target
    (command,) = re.findall(r"^seqkit (validate .*)$", text, re.MULTILINE)
    done = run(bundle, "-m", "seqkit.cli", *command.split())
    assert done.returncode == 0, done.stderr
    assert "can be handed in" in done.stdout


def test_the_solution_says_that_it_comes_later(bundle: Path) -> None:
    done = run(bundle, "-c", "from seqkit.exercises import ex01; ex01.q1.solution()")
    assert done.returncode == 0, done.stderr
    (title, text) = done.stdout.strip().splitlines()
    assert title == "Solution · question 1"
    assert "come later" in text
    assert text.count(".") == 1


def test_the_check_and_the_look_before_hand_in_work(bundle: Path) -> None:
    program = (
        "import seqkit\n"
        "from seqkit.exercises import ex01\n"
        "from seqkit.grading.validate import validate\n"
        "ex01.q1.check(1)\n"
        "report = validate('exercises/01_first_stack.ipynb')\n"
        "print(seqkit.__file__)\n"
        "print(report)\n"
    )
    done = run(bundle, "-c", program)
    assert done.returncode == 0, done.stderr
    assert "Not yet · question 1" in done.stdout
    assert str(bundle) in done.stdout
    assert "can be handed in. Not answered yet: q1" in done.stdout


def test_two_releases_are_equal_byte_for_byte(bundle: Path, tmp_path: Path) -> None:
    release(ROOT, tmp_path / "again.zip")
    first = bundle.parent / "course.zip"
    assert (tmp_path / "again.zip").read_bytes() == first.read_bytes()
    with zipfile.ZipFile(first) as file:
        entries = file.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in entries} == {0o644}


# A small course, to change what a large one may not.


def small_course(root: Path) -> Path:
    exercise = json.loads((ROOT / "exercises/01_first_stack.ipynb").read_text(encoding="utf-8"))
    for name, content in {
        "pyproject.toml": "",
        "solutions/src/01_first_stack.py": (ROOT / "solutions/src/01_first_stack.py").read_text(
            encoding="utf-8"
        ),
        "exercises/01_first_stack.ipynb": json.dumps(exercise),
        "lessons/01_first_stack.ipynb": json.dumps({"cells": []}),
        "seqkit/__init__.py": "x = 1\n",
        "seqkit/exercises/solutions/ex01.json": json.dumps({"q1": "answer = 3\nx = answer"}),
        "seqkit/grading/hidden/ex01.py": "hidden = 1\n",
        "seqkit/__pycache__/a.pyc": "",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, encoding="utf-8")
    return root


def test_a_folder_is_made_instead_of_a_zip_file(tmp_path: Path) -> None:
    root = small_course(tmp_path / "course")
    made = release(root, tmp_path / "out", lessons=False)
    names = {p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.*")}
    assert (
        names
        == set(made.names)
        == {
            "README.md",
            "pyproject.toml",
            "exercises/01_first_stack.ipynb",
            "seqkit/__init__.py",
            f"{STARTERS}/01_first_stack.ipynb",
        }
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["course", "out"]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    root = small_course(tmp_path / "course")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine.txt").write_text("mine")
    with pytest.raises(GradingError, match="is there already"):
        release(root, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("seqkit/helper.py", "if True:\n    answer = 3\n\n    x = answer\n"),
        ("seqkit/notes.md", "Look:\n\n    answer = 3\n    x = answer\n"),
        (
            "lessons/01_first_stack.ipynb",
            json.dumps(
                {"cells": [{"source": ["answer = 3\n", "x = answer"], "cell_type": "code"}]}
            ),
        ),
        (
            "lessons/01_first_stack.ipynb",
            json.dumps({"cells": [{"outputs": [{"text": "answer = 3\nx = answer"}]}]}),
        ),
    ],
)
def test_a_solution_in_any_file_stops_the_release(tmp_path: Path, name: str, content: str) -> None:
    root = small_course(tmp_path / "course")
    (root / name).write_text(content, encoding="utf-8")
    with pytest.raises(GradingError, match=rf"{re.escape(name)} holds the solution of ex01\.q1"):
        release(root, tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()


def test_an_exercise_that_somebody_worked_in_stops_the_release(tmp_path: Path) -> None:
    root = small_course(tmp_path / "course")
    path = root / "exercises/01_first_stack.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    (cell,) = (cell for cell in notebook["cells"] if cell["id"] == "q1-answer")
    cell["source"] = "parameters = 50_000 + 890"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    with pytest.raises(GradingError, match=r"q1 of exercises/01_first_stack\.ipynb"):
        release(root, tmp_path / "out.zip")


def test_a_course_without_exercises_is_refused(tmp_path: Path) -> None:
    root = small_course(tmp_path / "course")
    (root / "exercises/01_first_stack.ipynb").unlink()
    with pytest.raises(GradingError, match="no exercises"):
        release(root, tmp_path / "out.zip")


def test_every_exercise_has_its_source() -> None:
    """Otherwise nothing would tell whether somebody worked in it."""
    slugs = {source.slug for source in sources(ROOT, SOLUTIONS)}
    assert {path.stem for path in (ROOT / "exercises").glob("*.ipynb")} <= slugs
