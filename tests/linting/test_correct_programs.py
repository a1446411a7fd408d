"""A false alarm is worse than a miss: correct programs get no error and no warning."""

from __future__ import annotations

import importlib.util
import inspect
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import pytest

from seqkit.graph.copies import weights_without_memory
from seqkit.linting import lint
from seqkit.linting.files import lint_file

ROOT = Path(__file__).resolve().parents[2]
FILE = Path(__file__).with_name("correct_programs.py")

_spec = importlib.util.spec_from_file_location("correct_programs", FILE)
assert _spec is not None and _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
PROGRAMS = _module.PROGRAMS

APPLICATIONS = [f for f in vars(keras.applications).values() if inspect.isfunction(f)]


def test_there_are_enough_programs() -> None:
    assert len(PROGRAMS) >= 40 and len(APPLICATIONS) >= 35


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_a_correct_program(program: Callable[[], Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model, x, y = program()
    report = lint(model, x, y)
    assert (report.codes, report.not_checked) == ((), ()), str(report)
    without_data = lint(model)
    assert not without_data.count("error") and not without_data.count("warning")


def test_the_same_programs_read_from_their_file() -> None:
    result = lint_file(FILE)
    assert result.models >= 40
    assert result.report.ok and not result.report.count("warning"), str(result.report)


@pytest.mark.parametrize("application", APPLICATIONS, ids=lambda f: f.__name__)
def test_a_published_model(application: Callable[..., keras.Model]) -> None:
    with weights_without_memory():
        model = application(weights=None)
    given = {"loss": "categorical_crossentropy", "optimizer": "adam", "metrics": ["accuracy"]}
    report = lint(model, compile=given)
    assert (report.codes, report.not_checked) == ((), ()), str(report)
    keras.utils.clear_session()


SOLUTIONS = sorted([*ROOT.glob("solutions/*.ipynb"), *ROOT.glob("solutions/src/*.py")])


@pytest.mark.parametrize("file", SOLUTIONS, ids=lambda file: file.name)
def test_a_solution_of_the_course(file: Path) -> None:
    result = lint_file(file)
    assert result.report.ok, str(result.report)


LESSONS = sorted(ROOT.glob("lessons/src/*.py"))
# Attempts that Keras takes in silence, and that the lesson shows as such.
SHOWN = {
    "14_many_outputs.py": {"SEQ408"},  # losses by name for one output
    "16_attention.py": {"SEQ120"},  # an Embedding behind an Embedding
    "17_sharing.py": {"SEQ120"},
}


@pytest.mark.parametrize("file", LESSONS, ids=lambda file: file.name)
def test_a_lesson_fails_only_where_it_means_to(file: Path) -> None:
    """Lessons show attempts that fail, loud or silent; they have no other error."""
    errors = [one for one in lint_file(file).report if one.severity == "error"]
    assert {one.code for one in errors} <= {"SEQ101", "SEQ102"} | SHOWN.get(file.name, set())
    assert {one.code for one in errors} >= SHOWN.get(file.name, set())
