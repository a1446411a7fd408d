"""Makes a course and many submissions, honest and hostile, the same for the same seed.

python -m tests.grading.make_batch FOLDER --number 200 --seed 0
seqkit grade FOLDER/submissions --master FOLDER/exercises --out grades
"""

from __future__ import annotations

import argparse
import copy
import os
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.grading import hostile
from tests.grading import submissions_made as made
from tests.grading.hostile import Threat
from tests.grading.submissions_made import Notebook

EXERCISES = ("01_first_stack", "02_shapes")
ONE_IN = 5  # so many submissions, and one of them is hostile

_NAMES = ("ana", "Björn", "chi mai", "d'Arcy", "eko", "Zoë 🦊", "o.malley", "李雷")


@dataclass(frozen=True)
class Made:
    """One submission of the batch.

    Attributes:
        student: the name of the folder.
        exercise: the name of the exercise.
        points: what it must earn; None for a hostile one.
        threat: what it tries, or None.
    """

    student: str
    exercise: str
    points: float | None
    threat: Threat | None = None


def make_batch(
    folder: Path,
    number: int = 200,
    seed: int = 0,
    exercises: Sequence[str] = EXERCISES,
    threats: Callable[[Threat], bool] = lambda threat: True,
) -> list[Made]:
    """Write `folder/exercises` and `folder/submissions`.

    Args:
        folder: an empty or a new folder.
        number: how many submissions.
        seed: decides everything.
        exercises: what the honest students hand in.
        threats: which threats may be in it.

    Returns:
        What was made, in the order of the students' numbers.
    """
    chance = random.Random(seed)
    masters = made.masters_of_parts(folder / "exercises")
    for name in exercises:
        made.write(made.exercise(name), masters / f"{name}.ipynb")
    allowed = list(filter(threats, hostile.THREATS))
    chance.shuffle(allowed)
    plan = []
    for place in range(number):
        student = folder / "submissions" / f"{place:03d} {_NAMES[place % len(_NAMES)]}"
        student.mkdir(parents=True)
        if place % ONE_IN == 1:
            plan.append(_hostile(student, allowed[place // ONE_IN % len(allowed)]))
        else:
            plan.append(_honest(student, exercises[place % len(exercises)], chance))
    return plan


def _hostile(student: Path, threat: Threat) -> Made:
    notebook = made.part(made.solution(), threat.part)
    threat.make(notebook, student)
    if not os.path.lexists(student / threat.file):
        made.write(notebook, student / threat.file)
    return Made(student.name, Path(threat.file).stem, None, threat)


def _honest(student: Path, exercise: str, chance: random.Random) -> Made:
    notebook = copy.deepcopy(made.solution(exercise))
    points = _points(notebook)
    change = chance.choice([_nothing, _more_cells, _wrong, _half, _unattempted])
    lost = change(notebook, exercise, chance)
    made.write(notebook, student / f"{exercise}.ipynb")
    earned = sum(worth for question, worth in points.items() if question not in lost)
    return Made(student.name, exercise, earned)


def _points(notebook: Notebook) -> dict[str, float]:
    """What each question is worth."""
    marks = (cell["metadata"].get("seqkit", {}) for cell in notebook["cells"])
    return {one["question"]: one["points"] for one in marks if one.get("role") == "answer"}


# What honest students hand in. Each function changes the notebook, and names what earns nothing.


def _nothing(notebook: Notebook, exercise: str, chance: random.Random) -> set[str]:
    return set()


def _more_cells(notebook: Notebook, exercise: str, chance: random.Random) -> set[str]:
    for number in range(chance.randint(1, 4)):
        place = chance.randint(5, len(notebook["cells"]))
        code = f"my_note_{number} = 'note {chance.random()}'\nmy_note_{number}"
        made.insert(notebook, place, code, id=f"own-{number}")
    return set()


def _wrong(notebook: Notebook, exercise: str, chance: random.Random) -> set[str]:
    """A wrong number; a wrong shape."""
    if exercise == "01_first_stack":
        made.answer(notebook, "q1", f"parameters = {chance.choice([50_816, 109_386, 7_850])}")
        return {"q1"}
    made.answer(notebook, "q1", "shape = (None, 60, 44, 24)")
    made.answer(notebook, "q2", f"parameters = {chance.choice([180, 580, 720, 2_240])}")
    made.answer(notebook, "q3", f"reason = {chance.choice('acd')!r}")
    return {"q1", "q2", "q3"}


def _half(notebook: Notebook, exercise: str, chance: random.Random) -> set[str]:
    """The last questions are as they were given: nothing needs their answers."""
    questions = list(_points(notebook))
    return _given_back(notebook, exercise, questions[chance.randint(1, len(questions) - 1) :])


def _unattempted(notebook: Notebook, exercise: str, chance: random.Random) -> set[str]:
    return _given_back(notebook, exercise, list(_points(notebook)))


def _given_back(notebook: Notebook, exercise: str, questions: Sequence[str]) -> set[str]:
    given = made.exercise(exercise)
    for question in questions:
        made.answer(notebook, question, made.source(given, f"{question}-answer"))
    return set(questions)


def main() -> None:
    """Make a batch from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    plan = make_batch(options.folder, options.number, options.seed)
    kinds = Counter("hostile" if one.threat else one.exercise for one in plan)
    print(", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))


if __name__ == "__main__":
    main()
