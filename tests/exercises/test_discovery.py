"""An exercise is one file: nothing lists the exercises."""

from __future__ import annotations

import dataclasses

import pytest

import seqkit.exercises
from seqkit.errors import SeqkitError
from seqkit.exercises import ex01, load, names
from seqkit.exercises.question import Question


def test_exercises_are_found_by_their_files() -> None:
    assert "ex01" in names()
    assert seqkit.exercises.ex01 is load("ex01") is ex01
    assert "ex01" in dir(seqkit.exercises)


def test_an_exercise_prints_its_questions() -> None:
    lines = repr(load("ex01")).splitlines()
    assert lines[0].startswith("Exercise 01")
    assert lines[1].startswith("Question 1 · Count the parameters")
    assert len(lines) == 7
    assert "/" not in lines[0]


def test_an_unknown_exercise() -> None:
    with pytest.raises(SeqkitError, match="There is no exercise 'ex99'"):
        load("ex99")
    with pytest.raises(AttributeError):
        seqkit.exercises.ex99  # noqa: B018


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"kind": "guess"}, "kind must be"),
        ({"hints": ("one",)}, "three hints"),
        ({"misconceptions": ()}, "two misconceptions"),
        ({"equivalents": ()}, "an equivalent"),
        ({"difficulty": 4}, "difficulty"),
    ],
)
def test_an_incomplete_question_is_refused(change: dict[str, object], fault: str) -> None:
    question: Question = ex01.q1
    with pytest.raises(ValueError, match=fault):
        dataclasses.replace(question, **change)  # type: ignore[arg-type]
