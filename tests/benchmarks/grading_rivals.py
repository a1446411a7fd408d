"""Seconds per submission: `seqkit grade` against nbval, nbgrader and otter, in one run.

    python -m tests.benchmarks.grading_rivals --rivals VENV --submissions 12

VENV is a virtual environment with nbval, nbgrader, otter-grader, Keras and a backend; seqkit is
imported there from this checkout. All get the same exercise (02, nothing is trained) and the same
honest submissions, made into the form that each one documents:

    seqkit    `seqkit grade`: in a sandbox, judged in another process, with hidden cases
    nbval     `pytest --nbval-lax`; the check cells raise for a wrong answer
    nbgrader  `nbgrader autograde`; the assignment was generated before
    otter     `otter.api.grade_submission`, grading without a container; one process for all

The tests of nbgrader and otter are the same plain assertions about the answers. One process of each
grades all submissions; "2" stands for `--workers 2`, and for two processes with half of them each.
What is prepared once for a course is not timed. The order turns round from round to round, and a
round that does not count warms all caches. The exit code is 1 when somebody's grades are not the
true ones: then the times cannot be compared.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.grading import submissions_made as made
from tests.grading.submissions_made import ROOT, Notebook

EXERCISE = "02_shapes"
QUESTIONS = ("q1", "q2", "q3", "q4", "q5", "q6")
AIM = 3.0  # how many times faster than the fastest of them

Grades = dict[str, frozenset[str]]  # student to the questions with full points


@dataclass(frozen=True)
class Paper:
    """What one student hands in.

    Attributes:
        student: the name.
        answers: question to code.
        right: the questions that are answered rightly.
    """

    student: str
    answers: Mapping[str, str]
    right: frozenset[str]


# The submissions.

_RENAMED = {
    "q1": """rows = (64 - 5) // 2 + 1
columns = (48 - 5) // 2 + 1
shape = (None, rows, columns, 24)""",
    "q2": "units, features = 20, 8\nparameters = 4 * (features * units + units * units + units)",
    "q3": "mine = 'b'\nreason = mine",
    "q4": """stack = [
    keras.Input((32, 20, 1), name="picture"),
    layers.Conv2D(8, 3, activation="relu", name="edges"),
    layers.MaxPooling2D(2, name="smaller"),
    layers.TimeDistributed(layers.Flatten(), name="rows"),
    layers.LSTM(16, name="reader"),
    layers.Dense(10, activation="softmax", name="digits"),
]""",
    "q5": """net = keras.Sequential(name="mine")
net.add(keras.Input((32, 32, 3)))
net.add(layers.Conv2D(8, 3, padding="same", name="first"))
net.add(layers.ReLU())
net.add(layers.AveragePooling2D(2))
net.add(layers.Conv2D(16, 3, padding="same", activation="relu"))
net.add(layers.MaxPooling2D(2))
net.add(layers.GlobalMaxPooling2D(name="last_places"))
net.add(layers.Dense(5, activation="softmax", name="classes"))
model = net""",
    "q6": '''def walk(shape, stack):
    """One branch for each kind."""
    count, current = 0, tuple(shape)
    for kind, *numbers in stack:
        if kind == "Flatten":
            flat = 1
            for axis in current:
                flat = flat * axis
            current = (flat,)
        elif kind == "MaxPooling2D":
            current = (*(axis // numbers[0] for axis in current[:2]), current[2])
        elif kind == "Dense":
            count += (current[-1] + 1) * numbers[0]
            current = (*current[:-1], numbers[0])
        else:
            filters, window = numbers
            count += (window * window * current[2] + 1) * filters
            current = (current[0] - window + 1, current[1] - window + 1, filters)
    return current, count''',
}

_WRONG = {
    "q1": "shape = (None, 60, 44, 24)",
    "q2": "parameters = 580",
    "q3": 'reason = "c"',
    "q4": """stack = [
    keras.Input((32, 20, 1)),
    layers.Conv2D(8, 3, activation="relu"),
    layers.MaxPooling2D(2),
    layers.Flatten(),
    layers.Dense(10, activation="softmax"),
]

sk.trace(stack)""",
    "q5": """model = keras.Sequential(
    [
        keras.Input((32, 32, 3)),
        layers.Conv2D(8, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(5, activation="softmax"),
    ]
)""",
    "q6": """def walk(shape, stack):
    total = 0
    for name, *settings in stack:
        if name == "Dense":
            total += shape[-1] * settings[0]
            shape = (*shape[:-1], settings[0])
        elif name == "Conv2D":
            total += settings[1] ** 2 * shape[2] * settings[0]
            shape = (shape[0] - settings[1] + 1, shape[1] - settings[1] + 1, settings[0])
        elif name == "MaxPooling2D":
            shape = (shape[0] // settings[0], shape[1] // settings[0], shape[2])
        else:
            shape = (int(keras.ops.prod(shape)),)
    return shape, total""",
}


def papers(number: int) -> list[Paper]:
    """Submissions of six kinds: most are right, one in six is not attempted at all."""
    solved = _sources(made.solution(EXERCISE))
    untouched = _sources(made.exercise(EXERCISE))
    every = frozenset(QUESTIONS)
    kinds: list[Callable[[], tuple[Mapping[str, str], frozenset[str]]]] = [
        lambda: (solved, every),
        lambda: (_RENAMED, every),
        lambda: (_WRONG, frozenset()),
        lambda: ({**solved, **{q: _WRONG[q] for q in ("q1", "q5")}}, every - {"q1", "q5"}),
        lambda: ({**_RENAMED, **{q: untouched[q] for q in ("q4", "q6")}}, every - {"q4", "q6"}),
        lambda: (untouched, frozenset()),
    ]
    found = []
    for place in range(number):
        answers, right = kinds[place % len(kinds)]()
        student = f"student{place:03d}"
        signed = {question: f"{code}\n# {student}" for question, code in answers.items()}
        found.append(Paper(student, signed, right))
    return found


def _sources(notebook: Notebook) -> dict[str, str]:
    return {question: made.source(notebook, f"{question}-answer") for question in QUESTIONS}


def _written(paper: Paper, notebook: Notebook) -> Notebook:
    filled = copy.deepcopy(notebook)
    for question, code in paper.answers.items():
        made.answer(filled, question, code)
    return filled


# What a test of the answers is, for those who have no judges: plain assertions.

TESTS = {
    "q1": "assert tuple(shape) == (None, 30, 22, 24)",
    "q2": "assert parameters == 2_320",
    "q3": 'assert reason.strip().lower() == "b"',
    "q4": """import keras
import numpy as np

kinds = [type(layer).__name__ for layer in stack[1:]]
assert tuple(stack[0].shape) == (None, 32, 20, 1)
assert {"Conv2D", "MaxPooling2D", "LSTM", "Dense"} <= set(kinds)
assert kinds.index("MaxPooling2D") < kinds.index("LSTM")
built = keras.Sequential(stack)
(lstm,) = [layer for layer in built.layers if type(layer).__name__ == "LSTM"]
(convolution,) = [layer for layer in built.layers if type(layer).__name__ == "Conv2D"]
assert tuple(lstm.input.shape) == (None, 15, 72)
assert lstm.units == 16 and convolution.filters == 8
assert convolution.activation.__name__ == "relu"
assert built.layers[-1].activation.__name__ == "softmax"
assert tuple(built.output_shape) == (None, 10)
steps = np.arange(15 * 9 * 8, dtype="float32").reshape(1, 15, 9, 8)
for layer in stack[1 + kinds.index("MaxPooling2D") + 1 : 1 + kinds.index("LSTM")]:
    steps = layer(steps)
held = np.sort(np.asarray(steps).reshape(15, 72), axis=1)
assert np.array_equal(held, np.arange(15 * 72).reshape(15, 72))""",
    "q5": """asked = [(None, 32, 32, 8), (None, 16, 16, 8), (None, 16, 16, 16), (None, 8, 8, 16)]
found = []
for layer in model.layers:
    if not found or found[-1] != tuple(layer.output.shape):
        found.append(tuple(layer.output.shape))
assert tuple(model.input_shape) == (None, 32, 32, 3)
assert found == [*asked, (None, 16), (None, 5)]
assert 0 < model.count_params() <= 2_000""",
    "q6": """cases = [
    ((784,), [("Dense", 32), ("Dense", 10)], ((10,), 25_450)),
    ((24, 8), [("Dense", 5)], ((24, 5), 45)),
    ((28, 28), [("Flatten",), ("Dense", 10)], ((10,), 7_850)),
    ((28, 20, 3), [("Conv2D", 16, 5)], ((24, 16, 16), 1_216)),
    ((15, 11, 4), [("MaxPooling2D", 2)], ((7, 5, 4), 0)),
    ((61, 77, 3), [("MaxPooling2D", 2)], ((30, 38, 3), 0)),
    ((100,), [("Dense", 9), ("Dense", 7), ("Dense", 5)], ((5,), 1_019)),
    ((33, 47, 2), [("Conv2D", 6, 4), ("Flatten",), ("Dense", 3)], ((3,), 23_961)),
]
for given, layers_given, wanted in cases:
    end, count = walk(given, layers_given)
    assert (tuple(end), count) == wanted""",
}


# Those who grade.


@dataclass(frozen=True)
class Job:
    """One timed command, and where it runs."""

    command: Sequence[str]
    folder: Path


class Tool(ABC):
    """A program that grades; prepared once, then timed on fresh copies of the submissions."""

    name = ""

    def __init__(self, home: Path, rivals: Path) -> None:
        self.home = home / self.name
        self.rivals = rivals
        self.home.mkdir(parents=True)

    @abstractmethod
    def prepare(self) -> None:
        """Do what is done once for a course."""

    @abstractmethod
    def hand_in(self, batch: Sequence[Paper], folder: Path) -> None:
        """Put submissions into a new folder, as the program wants them."""

    @abstractmethod
    def command(self, folder: Path, workers: int) -> Sequence[str]:
        """What grades all that lies in the folder."""

    @abstractmethod
    def grades(self, folder: Path) -> Grades:
        """Read what came out."""

    def shares(self, batch: Sequence[Paper], workers: int) -> list[Sequence[Paper]]:
        """What each process gets."""
        return [batch[number::workers] for number in range(workers) if batch[number::workers]]

    def python(self) -> str:
        return str(self.rivals / "bin" / "python")

    def call(self, *command: str, cwd: Path) -> str:
        """Run a command that is not timed."""
        done = subprocess.run(
            command, cwd=cwd, env=self.environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def environment(self) -> dict[str, str]:
        """As if the virtual environment were activated; the same settings for all."""
        folder = Path(self.python()).parent
        return {
            **os.environ,
            "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TF_ENABLE_ONEDNN_OPTS": "0",
        }


class Seqkit(Tool):
    """`seqkit grade`, with the Python that runs this program."""

    name = "seqkit"

    def prepare(self) -> None:
        made.write(made.exercise(EXERCISE), self.home / "exercises" / f"{EXERCISE}.ipynb")

    def hand_in(self, batch: Sequence[Paper], folder: Path) -> None:
        for paper in batch:
            notebook = _written(paper, made.exercise(EXERCISE))
            made.write(notebook, folder / "submissions" / paper.student / f"{EXERCISE}.ipynb")

    def shares(self, batch: Sequence[Paper], workers: int) -> list[Sequence[Paper]]:
        return [batch]  # it divides the work itself

    def command(self, folder: Path, workers: int) -> Sequence[str]:
        masters = str(self.home / "exercises")
        order = ["grade", "submissions", "--out", "out", "--workers", str(workers)]
        return [self.python(), "-W", "ignore", "-m", "seqkit.cli", *order, "--master", masters]

    def grades(self, folder: Path) -> Grades:
        import csv

        found: dict[str, set[str]] = {}
        with open(folder / "out" / "grades.csv", encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                full = found.setdefault(row["student"], set())
                if row["points"] == row["max_points"]:
                    full.add(row["question"])
        return {student: frozenset(full) for student, full in found.items()}

    def python(self) -> str:
        return sys.executable


class Nbval(Tool):
    """`pytest --nbval-lax`: a cell that raises is a failure."""

    name = "nbval"

    def prepare(self) -> None:
        self._notebook = made.exercise(EXERCISE)
        for question in QUESTIONS:
            check = made.cell(self._notebook, f"{question}-check")
            inside = re.search(r"check\((.*)\)", made.source(self._notebook, f"{question}-check"))
            assert inside
            check["source"] = f"assert ex02.{question}.evaluate({inside[1]}).passed"

    def hand_in(self, batch: Sequence[Paper], folder: Path) -> None:
        for paper in batch:
            notebook = _written(paper, self._notebook)
            made.write(notebook, folder / paper.student / f"{EXERCISE}.ipynb")

    def command(self, folder: Path, workers: int) -> Sequence[str]:
        options = ["-q", "--tb=no", "-p", "no:cacheprovider", "--junitxml=grades.xml"]
        return [self.python(), "-m", "pytest", "--nbval-lax", *options, "."]

    def grades(self, folder: Path) -> Grades:
        code = [cell for cell in self._notebook["cells"] if cell["cell_type"] == "code"]
        marks = [cell["metadata"].get("seqkit", {}) for cell in code]
        found: dict[str, set[str]] = {
            path.name: set() for path in folder.iterdir() if path.is_dir()
        }
        for case in ElementTree.parse(folder / "grades.xml").iter("testcase"):
            # A failure is named by the cell alone, too: "Cell 7".
            mark = marks[int(re.sub(r"\D", "", case.get("name", "").rpartition("Cell")[2]))]
            student = re.search(r"student\d+", f"{case.get('classname')} {case.get('name')}")
            if mark.get("role") == "check" and student and len(case) == 0:
                found[student[0]].add(mark["question"])
        return {student: frozenset(full) for student, full in found.items()}


class Nbgrader(Tool):
    """`nbgrader autograde`: the tests come from its database."""

    name = "nbgrader"

    def prepare(self) -> None:
        (self.home / "nbgrader_config.py").write_text(
            'c = get_config()\nc.CourseDirectory.course_id = "course"\n'
        )
        made.write(self._notebook(), self.home / "source" / "shapes" / f"{EXERCISE}.ipynb")
        self.call(self.python(), "-m", "nbgrader", "generate_assignment", "shapes", cwd=self.home)
        self._released = json.loads(
            (self.home / "release" / "shapes" / f"{EXERCISE}.ipynb").read_text()
        )

    def hand_in(self, batch: Sequence[Paper], folder: Path) -> None:
        folder.mkdir(parents=True)
        for name in ("nbgrader_config.py", "gradebook.db"):
            shutil.copy(self.home / name, folder)
        shutil.copytree(self.home / "source", folder / "source")
        for paper in batch:
            place = folder / "submitted" / paper.student / "shapes"
            made.write(_written(paper, self._released), place / f"{EXERCISE}.ipynb")

    def command(self, folder: Path, workers: int) -> Sequence[str]:
        return [self.python(), "-m", "nbgrader", "autograde", "shapes"]

    def grades(self, folder: Path) -> Grades:
        found = json.loads(self.call(self.python(), "-c", _NBGRADER_GRADES, cwd=folder))
        return {student: frozenset(full) for student, full in found.items()}

    def _notebook(self) -> Notebook:
        notebook = _without_judges(made.exercise(EXERCISE))
        for question in QUESTIONS:
            _mark(made.cell(notebook, f"{question}-answer"), f"{question}-answer", solution=True)
            check = made.cell(notebook, f"{question}-check")
            _mark(check, question, grade=True, locked=True, points=1)
            check["source"] = TESTS[question]
        return notebook


_NBGRADER_GRADES = """
import json
from nbgrader.api import Gradebook
found = {}
with Gradebook("sqlite:///gradebook.db") as book:
    for submission in book.assignment_submissions("shapes"):
        (notebook,) = submission.notebooks
        found[submission.student.id] = [
            grade.name for grade in notebook.grades if grade.auto_score == grade.max_score
        ]
print(json.dumps(found))
"""


def _mark(cell: dict[str, Any], name: str, **more: Any) -> None:
    plain = {"grade": False, "solution": False, "locked": False, "task": False}
    marks = {"grade_id": name, "schema_version": 3, "cell_type": "code"}
    cell["metadata"] = {"nbgrader": {**marks, **plain, **more}}


class Otter(Tool):
    """`otter.api.grade_submission`, the documented way without containers."""

    name = "otter"

    def prepare(self) -> None:
        tests = self.home / "tests"
        tests.mkdir()
        for question in QUESTIONS:
            (tests / f"{question}.py").write_text(_otter_test(question))
        options = ["--no-requirements", "--no-environment", "-o", "autograder.zip"]
        self.call(self.python(), "-m", "otter", "generate", "-t", "tests", *options, cwd=self.home)
        self._notebook = _without_judges(made.exercise(EXERCISE))
        start = 'import otter\n\ngrader = otter.Notebook("02_shapes.ipynb")'
        made.insert(self._notebook, 1, start, id="otter")
        for question in QUESTIONS:
            made.cell(self._notebook, f"{question}-check")["source"] = f'grader.check("{question}")'

    def hand_in(self, batch: Sequence[Paper], folder: Path) -> None:
        for paper in batch:
            made.write(
                _written(paper, self._notebook), folder / paper.student / f"{EXERCISE}.ipynb"
            )

    def command(self, folder: Path, workers: int) -> Sequence[str]:
        return [self.python(), "-c", _OTTER_GRADES, str(self.home / "autograder.zip")]

    def grades(self, folder: Path) -> Grades:
        found = json.loads((folder / "grades.json").read_text())
        return {student: frozenset(full) for student, full in found.items()}


_OTTER_GRADES = """
import json, sys
from pathlib import Path
from otter.api import grade_submission
found = {}
for path in sorted(Path().glob("*/*.ipynb")):
    graded = grade_submission(str(path), sys.argv[1], quiet=True)
    found[path.parent.name] = [name for name, one in graded.results.items() if one.passed_all]
Path("grades.json").write_text(json.dumps(found))
"""


def _otter_test(question: str) -> str:
    """A test file in the form that raises."""
    names = {"q1": "shape", "q2": "parameters", "q3": "reason", "q4": "stack", "q5": "model"}
    body = "\n".join(f"    {line}" if line else "" for line in TESTS[question].splitlines())
    return (
        "from otter.test_files import test_case\n\nOK_FORMAT = False\n"
        f'name = "{question}"\npoints = 1\n\n\n@test_case()\n'
        f"def test_{question}({names.get(question, 'walk')}):\n{body}\n"
    )


def _without_judges(notebook: Notebook) -> Notebook:
    """The exercise for programs that bring tests of their own: seqkit's are not imported."""
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if "from seqkit.exercises import" in text:
            cell["source"] = re.sub(r"from seqkit\.exercises import \w+\n", "", text)
    return notebook


# The measurement.


def timed(tool: Tool, batch: Sequence[Paper], workers: int, folder: Path) -> tuple[float, Grades]:
    """Grade a batch once: seconds for each submission, and the grades."""
    jobs = []
    for number, share in enumerate(tool.shares(batch, workers)):
        place = folder / f"share{number}"
        tool.hand_in(share, place)
        jobs.append(Job(tool.command(place, workers), place))
    start = time.perf_counter()
    _run(jobs, tool)
    seconds = time.perf_counter() - start
    grades: Grades = {}
    for job in jobs:
        grades |= tool.grades(job.folder)
    return seconds / len(batch), grades


def _run(jobs: Sequence[Job], tool: Tool) -> None:
    """Run commands at the same time, and wait for all. A program may exit with 1 for low grades."""
    running = []
    for job in jobs:
        with open(job.folder / "log.txt", "wb") as log:
            running.append(
                subprocess.Popen(
                    job.command,
                    cwd=job.folder,
                    env=tool.environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            )
    for process in running:
        process.wait()


def measure(
    tools: Sequence[Tool], batch: Sequence[Paper], rounds: int, workers: Sequence[int], home: Path
) -> tuple[dict[tuple[str, int], list[float]], list[str]]:
    """Time all tools in turn; the times, and sentences on grades that are not the true ones."""
    truth = {paper.student: paper.right for paper in batch}
    times: dict[tuple[str, int], list[float]] = {}
    wrong: list[str] = []
    entries = [(tool, count) for count in workers for tool in tools]
    for number in range(-1, rounds):
        order = entries if number % 2 == 0 else entries[::-1]
        for tool, count in order:
            if number < 0 and count > 1:
                continue
            warm = batch[:1] if number < 0 else batch
            place = home / "runs" / f"{tool.name}-{count}-{number}"
            seconds, grades = timed(tool, warm, count, place)
            for paper in warm:
                if grades.get(paper.student) != truth[paper.student]:
                    given = sorted(grades.get(paper.student, ["no grade"]))
                    wrong.append(
                        f"{tool.name}: {paper.student} gets {given}, not {sorted(paper.right)}"
                    )
            print(f"  round {number + 1}: {tool.name}, {count}: {seconds:.2f} s", file=sys.stderr)
            if number >= 0:
                times.setdefault((tool.name, count), []).append(seconds)
                shutil.rmtree(place, ignore_errors=True)
    return times, wrong


def table(times: Mapping[tuple[str, int], Sequence[float]]) -> str:
    """The times, and how many times faster seqkit is with as many processes."""
    lines = [f"{'':10} {'processes':>9} {'s/submission':>13} {'from':>7} {'to':>7} {'ratio':>7}"]
    for (name, workers), seconds in sorted(times.items(), key=lambda item: item[0][1]):
        ours = statistics.median(times["seqkit", workers])
        middle = statistics.median(seconds)
        lines.append(
            f"{name:10} {workers:9} {middle:13.2f} {min(seconds):7.2f} {max(seconds):7.2f} "
            f"{middle / ours:7.1f}"
        )
    for workers in sorted({workers for _, workers in times}):
        others = {
            name: statistics.median(seconds)
            for (name, count), seconds in times.items()
            if count == workers and name != "seqkit"
        }
        if others:
            best = min(others, key=others.__getitem__)
            ratio = others[best] / statistics.median(times["seqkit", workers])
            lines.append(
                f"With {workers}: {ratio:.1f} times faster than {best}, the fastest of the others "
                f"(aim: {AIM:.0f})."
            )
    return "\n".join(lines)


def versions(tool: Tool, *packages: str) -> str:
    """The versions of packages where a tool runs."""
    code = (
        "import sys\nfrom importlib.metadata import version\n"
        "print(*(f'{name} {version(name)}' for name in sys.argv[1:]), sep=', ')"
    )
    return tool.call(tool.python(), "-c", code, *packages, cwd=tool.home).strip()


def main() -> int:
    """Measure, print a table, and tell whether all grades were the true ones."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rivals", type=Path, required=True, metavar="VENV")
    parser.add_argument("--submissions", type=int, default=12, metavar="N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], metavar="N")
    options = parser.parse_args()
    kinds: list[type[Tool]] = [Seqkit, Nbval, Nbgrader, Otter]
    with tempfile.TemporaryDirectory(prefix="rivals-") as name:
        tools = [kind(Path(name), options.rivals.absolute()) for kind in kinds]
        for tool in tools:
            tool.prepare()
        keras = ("keras", "ipykernel", "nbval")
        print(f"seqkit with {versions(tools[0], *keras)}")
        print(f"others with {versions(tools[1], *keras, 'nbgrader', 'otter-grader')}")
        batch = papers(options.submissions)
        print(f"{len(batch)} submissions, {options.rounds} rounds, {os.cpu_count()} processors")
        times, wrong = measure(tools, batch, options.rounds, options.workers, Path(name))
    print(table(times))
    print("\n".join(wrong) or "All grades are the true ones.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
