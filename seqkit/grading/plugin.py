"""The pytest plugin: `pytest --nbval FOLDER` grades the submissions in the folder.

A notebook counts as a submission when it has the name of an exercise of the course and lies in the
folder of a student, not in the course itself. All other notebooks stay nbval's. Nothing else in the
folder of a student is collected or imported: no test, no `conftest.py`, no package.
"""

from __future__ import annotations

import secrets
import types
from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from seqkit.grading.grader import Grader
    from seqkit.grading.results import QuestionResult, SubmissionResult

_SOURCES = ("lessons/src", "solutions/src")  # what tells a course from a folder of students


class InPlay:
    """Says which files are submissions, and which files are a student's.

    Attributes:
        masters: the folder with the exercise notebooks.
    """

    def __init__(self, masters: Path, asked: Sequence[Path]) -> None:
        self.masters = masters.resolve()
        # As pytest names them, and where they are: a link may stand for the folder.
        self._asked = [*map(Path.absolute, asked), *(path.resolve() for path in asked)]
        self._courses = {masters.absolute().parent, self.masters.parent}
        notebooks = self.masters.glob("[0-9][0-9]_*.ipynb")
        self._names = frozenset(path.stem for path in notebooks if _is_exercise(path))
        self.grader: Grader | None = None
        self.results: dict[Path, SubmissionResult] = {}

    @cache  # noqa: B019  one object lives as long as the run
    def exercises_in(self, folder: Path) -> dict[Path, str]:
        """The submissions of the students in a folder: path to exercise."""
        from seqkit.grading.submissions import find

        if not self._is_asked_for(folder) or not folder.is_dir() or self._is_course(folder):
            return {}
        return {submission.path: submission.exercise for submission in find(folder, self._names)}

    def exercise_of(self, path: Path) -> str | None:
        """The exercise that a file answers; None when it is no submission."""
        root = path.parent.parent
        # A folder inside the folder of a student cannot hand in for another student.
        return None if self.is_students(root) else self.exercises_in(root).get(path)

    def is_students(self, path: Path) -> bool:
        """Whether a file or folder lies in the folder of a student, next to those of others."""
        return self._is_below_a_student(path) or self._is_below_a_student(path.resolve())

    def _is_below_a_student(self, path: Path) -> bool:
        for folder in [path, *path.parents] if path.is_dir() else path.parents:
            if folder in self._courses:  # what lies next to the course makes nobody of it
                return False
            if self.exercises_in(folder.parent):
                return True
        return False

    def _is_course(self, folder: Path) -> bool:
        """Whether a folder holds the course, or a copy of it: its notebooks are nbval's."""
        return folder in self._courses or all((folder / name).is_dir() for name in _SOURCES)

    def _is_asked_for(self, folder: Path) -> bool:
        """Whether pytest was asked for this folder, one above it, or a student's folder in it."""
        return any(
            folder == path or path in folder.parents or folder in list(path.parents)[:2]
            for path in self._asked
        )


def _is_exercise(path: Path) -> bool:
    """Whether a notebook is an exercise of a course, and not somebody's own."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return '"seqkit"' in text and '"answer"' in text


_in_play = pytest.StashKey[InPlay]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("seqkit", "grading of submissions")
    group.addoption(
        "--seqkit-master",
        metavar="DIR",
        help="the exercise notebooks of the course (default: the folder 'exercises' here or above)",
    )
    group.addoption(
        "--seqkit-secret",
        metavar="HEX",
        help="hexadecimal digits from which hidden cases are made (default: new for each run)",
    )
    group.addoption(
        "--unsafe-no-sandbox",
        action="store_true",
        help="run the students' code without protection, where the system forbids a sandbox",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    options = early_config.known_args_namespace
    if not (getattr(options, "nbval", False) or getattr(options, "nbval_lax", False)):
        return
    _refuse_settings_of_students(options, early_config)
    masters = _masters(options, early_config)
    if masters is not None:
        play = InPlay(masters, _asked(options, early_config))
        early_config.stash[_in_play] = play
        _guard_conftests(early_config.pluginmanager, play)


def _masters(options: Any, config: pytest.Config) -> Path | None:
    """The folder with the exercises: as it was named, or the next one above."""
    return Path(options.seqkit_master) if options.seqkit_master else _found(config)


def _found(config: pytest.Config) -> Path | None:
    from seqkit.grading.master import find_folder

    return find_folder(config.invocation_params.dir) or find_folder(config.rootpath)


def _refuse_settings_of_students(options: Any, config: pytest.Config) -> None:
    """Pytest reads settings from the folder that it is asked for: a student's must not count.

    They could name other masters, and turn the sandbox off.
    """
    file = config.inipath
    found = {find for find in (_found(config), options.seqkit_master) if find}
    if file is None or not any(
        InPlay(Path(masters), _asked(options, config)).is_students(file) for masters in found
    ):
        return
    raise pytest.UsageError(
        f"{file} lies in the folder of a student, and pytest would take its settings from there. "
        "Ask for the folder of all students, or name other settings: pytest -c /dev/null ..."
    )


def _asked(options: Any, config: pytest.Config) -> list[Path]:
    """The files and folders on the command line; without any, where pytest was called."""
    here = config.invocation_params.dir
    return [here / str(name).split("::")[0] for name in options.file_or_dir] or [here]


def _guard_conftests(manager: Any, play: InPlay) -> None:
    """Let no conftest.py of a student be imported; pytest has no hook that comes before it."""
    original = manager._importconftest

    def guarded(path: Path, *arguments: Any, **named: Any) -> types.ModuleType:
        if play.is_students(Path(path)):
            return types.ModuleType("conftest")
        return original(path, *arguments, **named)

    manager._importconftest = guarded


@pytest.hookimpl(tryfirst=True)
def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    play = parent.config.stash.get(_in_play, None)
    if play is not None and play.is_students(path):
        return pytest.Dir.from_parent(parent, path=path)  # never a package: no __init__.py is run
    return None


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    collected = yield
    play = parent.config.stash.get(_in_play, None)
    if play is None or not play.is_students(file_path):
        return collected
    exercise = play.exercise_of(file_path)
    if exercise is None:
        if file_path.suffix == ".ipynb":
            _not_run.append(file_path)
        return []
    return [SubmissionFile.from_parent(parent, path=file_path, exercise=exercise)]


def pytest_unconfigure(config: pytest.Config) -> None:
    play = config.stash.get(_in_play, None)
    if play is not None and play.grader is not None:
        play.grader.close()
        play.grader = None


class SubmissionFile(pytest.File):
    """One submission; its items are the questions of the exercise."""

    def __init__(self, *, exercise: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.exercise = exercise

    def collect(self) -> Iterator[pytest.Item]:
        """The questions of the exercise, whatever the submission holds."""
        from seqkit.grading.master import load

        master = load(self.config.stash[_in_play].masters / f"{self.exercise}.ipynb")
        for name in master.question_names:
            yield QuestionItem.from_parent(self, name=name)

    def result(self) -> SubmissionResult:
        """The grades; the notebook is run once."""
        from seqkit.grading.submissions import Submission

        play = self.config.stash[_in_play]
        if self.path not in play.results:
            submission = Submission(self.path.parent.name, self.exercise, self.path)
            play.results[self.path] = _grader(self.config).grade(submission)
        return play.results[self.path]


def _grader(config: pytest.Config) -> Grader:
    from seqkit.grading.grader import Grader, Settings
    from seqkit.grading.master import load_all

    play = config.stash[_in_play]
    if play.grader is None:
        secret = config.getoption("--seqkit-secret") or secrets.token_hex(16)
        sandboxed = not config.getoption("--unsafe-no-sandbox")
        settings = Settings(play.masters, secret, sandboxed=sandboxed)
        play.grader = Grader(load_all(play.masters), settings)
    return play.grader


class NotCorrect(Exception):
    """The answer did not earn all points."""


class QuestionItem(pytest.Item):
    """One question of one submission."""

    parent: SubmissionFile

    def runtest(self) -> None:
        """Grade it; anything but a correct answer fails."""
        submission = self.parent.result()
        result = next(item for item in submission.questions if item.question == self.name)
        self.user_properties += [
            ("student", submission.student),
            ("exercise", submission.exercise),
            ("question", result.question),
            ("points", result.points),
            ("max_points", result.max_points),
            ("verdict", result.verdict.value),
            ("message", result.message),
        ]
        if result.points < result.max_points:
            raise NotCorrect(_text(result))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The verdict and its reason, without the inside of the grader."""
        if isinstance(excinfo.value, NotCorrect):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """What is shown as the place of the failure."""
        return self.path, None, f"{self.path.parent.name} · {self.parent.exercise} · {self.name}"


def _text(result: QuestionResult) -> str:
    points = f"{result.points:g} of {result.max_points:g} points"
    parts = [f"{result.verdict.label} · {points}", result.message, result.trace]
    return "\n".join(part for part in parts if part)


_rows: dict[tuple[str, str], dict[str, tuple[float, float, str]]] = defaultdict(dict)
_not_run: list[Path] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    found = dict(report.user_properties) if report.when == "call" else {}
    if "verdict" in found and "max_points" in found:
        key = str(found["student"]), str(found["exercise"])
        points, most = float(str(found["points"])), float(str(found["max_points"]))
        _rows[key][str(found["question"])] = (points, most, str(found["verdict"]))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if _not_run:
        terminalreporter.section("not run")
        terminalreporter.line("These notebooks lie among submissions, but no exercise has")
        terminalreporter.line("their name, or another copy counts. Look at their names.")
        for path in sorted(_not_run):
            terminalreporter.line(str(path))
    if not _rows:
        return
    terminalreporter.section("grades")
    width = max(len(student) for student, _ in _rows)
    for (student, exercise), questions in sorted(_rows.items()):
        points = sum(row[0] for row in questions.values())
        most = sum(row[1] for row in questions.values())
        verdicts = "  ".join(f"{name} {row[2]}" for name, row in sorted(questions.items()))
        total = f"{points:g}/{most:g}"
        terminalreporter.line(f"{student:{width}}  {exercise}  {total:>7}  {verdicts}")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart() -> None:
    _rows.clear()
    _not_run.clear()
