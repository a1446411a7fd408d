"""What the student's kernel sees of the exercises: enough to read an answer, nothing to copy."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from seqkit import exercises
from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.misconceptions import make
from seqkit.exercises.question import Question, questions_of
from seqkit.exercises.verdict import Verdict
from seqkit.grading import kernel_view
from tests.exercises.test_questions import solution_answers

NAMES = exercises.names()
COURSE = Path(__file__).resolve().parents[2] / "exercises"
QUESTIONS = [
    pytest.param(question, id=f"{name}-{question.name}")
    for name in NAMES
    for question in questions_of(exercises.load(name))
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("view")
    kernel_view.view(made)
    return made


@cache
def stripped_module(path: Path) -> ModuleType:
    """The module as a kernel imports it, beside the real one."""
    name = f"stripped_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def source_of(exercise: str) -> str:
    path = exercises.load(exercise).__file__
    assert path is not None
    return Path(path).read_text(encoding="utf-8")


def test_every_exercise_has_a_place_in_the_view(folder: Path) -> None:
    *pairs, compiled = kernel_view.view(folder)
    assert [path.stem for path, _ in pairs] == NAMES
    assert all(path.is_file() and shown.is_file() for path, shown in pairs)
    assert compiled[0].name == "__pycache__"
    assert not list(compiled[1].iterdir())


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_stripped_question_reads_the_same(question: Question, folder: Path) -> None:
    module = stripped_module(folder / f"{question.exercise}.py")
    twin: Question = getattr(module, question.name)
    answer = solution_answers(question.exercise)[question.name]
    assert same(twin.read(answer), question.read(answer))
    outcome = twin.evaluate(answer)
    assert (outcome.verdict, outcome.credit) == (Verdict.NOT_ATTEMPTED, 0)
    assert outcome.message == "Recorded; the grader decides."
    assert (twin.title, twin.points) == (question.title, question.points)
    if question.starter is not None:
        assert twin.evaluate(make(question.starter)).message.endswith("check again.")


def same(one: AnswerData, two: AnswerData) -> bool:
    """Whether two readings say the same, but for names that Keras counts up."""
    arrays = one.arrays.keys() == two.arrays.keys() and all(
        (one.arrays[name] == two.arrays[name]).all() for name in one.arrays
    )
    return one.kind == two.kind and one.values == two.values and bool(arrays)


@pytest.mark.parametrize("exercise", NAMES)
def test_no_text_of_a_judge_or_an_answer_remains(exercise: str, folder: Path) -> None:
    shown = (folder / f"{exercise}.py").read_text(encoding="utf-8")
    assert not re.search(r"def _?judge|\bcorrect\(|\bnumber_is\(|\bchoice_is\(|\bshape_is\(", shown)
    for question in questions_of(exercises.load(exercise)):
        for text in question.hints:
            assert text not in shown
    strings = {
        node.value
        for node in ast.walk(ast.parse(shown))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for told in strings_of_calls(source_of(exercise), {"correct", "partial", "Criterion"}):
        assert told not in strings


def strings_of_calls(source: str, functions: set[str]) -> set[str]:
    """The long texts inside the calls of some functions."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in functions:
            texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
            found |= {text for text in texts if isinstance(text, str) and len(text) > 30}
    return found


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_answer_can_be_called(question: Question, folder: Path) -> None:
    """The functions that are right answers, or make them, are gone."""
    module = stripped_module(folder / f"{question.exercise}.py")
    for answer in question.equivalents:
        made = answer() if callable(answer) and question.answer.name == "function" else answer
        for one in (answer, made):
            name = getattr(one, "__name__", "<lambda>")
            assert name == "<lambda>" or not hasattr(module, name), name


def test_helpers_that_notebooks_name_stay(folder: Path) -> None:
    for notebook in sorted(COURSE.glob("[0-9][0-9]_*.ipynb")):
        for used in kernel_view.helpers_used(notebook):
            exercise, _, name = used.partition(".")
            assert hasattr(stripped_module(folder / f"{exercise}.py"), name), used


def test_helpers_are_found_in_code_and_in_tasks(tmp_path: Path) -> None:
    path = tmp_path / "03_x.ipynb"
    path.write_text(
        '{"cells": [{"source": ["x = ex03.loans()\\n", "ex03.q1.check(x)"]},'
        ' {"source": "Use `ex03.more()`, not index03.html."}]}',
        encoding="utf-8",
    )
    assert kernel_view.helpers_used(path) == {"ex03.loans", "ex03.q1", "ex03.more"}


def test_only_what_is_needed_stays() -> None:
    source = '''
from __future__ import annotations
import math
from itertools import chain, pairwise

ANSWER = 42
_SIZE = 3
"""How large."""


def helper() -> int:
    """Give it.

    Example:
        >>> helper() == ANSWER
    """
    return _inner() + _SIZE


def _inner() -> int:
    return math.floor(1.5)


def _judge(data):
    return ANSWER, list(pairwise([1]))


q1 = Question(judge=_judge, hints=("a", "b", "c"), misconceptions=(1, 2), equivalents=(42,))
'''
    text = kernel_view.stripped(source, ["helper"])
    for gone in ("ANSWER", "_judge", "42", "pairwise", "chain", "How large", "'a'"):
        assert gone not in text
    for here in ("def helper", "def _inner", "_SIZE = 3", "import math", "judge=recorded"):
        assert here in text
    ast.parse(text)
