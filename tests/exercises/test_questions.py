"""Every question of every exercise, as a learner sees it and as a grader elsewhere would."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from seqkit import exercises
from seqkit.authoring import notebooks
from seqkit.authoring.check_cells import answer_expression
from seqkit.authoring.macros import is_macro
from seqkit.authoring.regions import starter
from seqkit.authoring.sources import Source, sources
from seqkit.errors import SeqkitError
from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.misconceptions import make
from seqkit.exercises.question import Question, questions_of
from seqkit.exercises.solutions_store import solutions_of
from seqkit.exercises.verdict import Outcome, Verdict

Json = Any
ROOT = Path(__file__).resolve().parents[2]
SOURCES = {source.exercise: source for source in sources(ROOT, "solutions")}
QUESTIONS = [
    pytest.param(question, id=f"{name}-{question.name}")
    for name in exercises.names()
    for question in questions_of(exercises.load(name))
]
every_question = pytest.mark.parametrize("question", QUESTIONS)


@pytest.mark.parametrize("name", exercises.names())
def test_every_exercise_has_a_notebook_and_four_to_six_questions(name: str) -> None:
    assert name in SOURCES
    questions = questions_of(exercises.load(name))
    assert [question.number for question in questions] == list(range(1, len(questions) + 1))
    assert 4 <= len(questions) <= 6
    assert len({question.kind for question in questions}) >= 3
    assert [question.difficulty for question in questions] == sorted(
        q.difficulty for q in questions
    )
    assert sorted(solutions_of(name)) == [question.name for question in questions]


@every_question
def test_the_solution_is_correct(question: Question) -> None:
    outcome = question.evaluate(solution_answers(question.exercise)[question.name])
    assert outcome.verdict is Verdict.CORRECT, outcome
    assert outcome.credit == 1


@every_question
def test_the_starter_is_not_attempted(question: Question) -> None:
    assert starter_outcomes(question.exercise)[question.name].verdict is Verdict.NOT_ATTEMPTED
    assert question.evaluate(...).verdict is Verdict.NOT_ATTEMPTED


@every_question
def test_none_is_an_answer_that_went_wrong(question: Question) -> None:
    outcome = question.evaluate(None)
    assert outcome.verdict is Verdict.INCORRECT
    assert outcome.message.startswith("You gave None.")


@every_question
def test_each_misconception_fails_with_its_own_message(question: Question) -> None:
    messages = set()
    for misconception in question.misconceptions:
        outcome = judged_elsewhere(question, misconception.answer())
        assert outcome.verdict in {Verdict.INCORRECT, Verdict.PARTIAL}, (misconception, outcome)
        assert outcome.credit < 1
        assert re.search(misconception.shows, outcome.message), (misconception, outcome.message)
        messages.add(outcome.message)
    assert len(messages) == len(question.misconceptions)


@every_question
def test_unusual_but_right_answers_pass(question: Question) -> None:
    for answer in question.equivalents:
        outcome = judged_elsewhere(question, make(answer))
        assert outcome.verdict is Verdict.CORRECT, (answer, outcome)


@every_question
def test_names_of_layers_do_not_matter(question: Question) -> None:
    data = question.read(solution_answers(question.exercise)[question.name])
    renamed = dataclasses.replace(data, values=with_other_names(data.values))
    assert question.decide(over_the_wire(renamed)).verdict is Verdict.CORRECT


@every_question
def test_three_hints_then_no_more(question: Question, capsys: pytest.CaptureFixture[str]) -> None:
    question._ladder.restart()
    for _ in range(4):
        question.hint()
    shown = capsys.readouterr().out
    assert [f"Hint {number} of 3" in shown for number in (1, 2, 3)] == [True] * 3
    assert "No more hints" in shown
    assert len(set(question.hints)) == 3
    question._ladder.restart()


@every_question
def test_the_solution_that_is_shown_is_the_one_that_was_run(
    question: Question, capsys: pytest.CaptureFixture[str]
) -> None:
    question.solution()
    shown = capsys.readouterr().out
    for line in solutions_of(question.exercise)[question.name].splitlines():
        assert line.rstrip() in shown


@every_question
def test_a_judge_that_crashes_is_never_the_learners_fault(question: Question) -> None:
    def crash(data: AnswerData) -> Outcome:
        raise KeyError("units")

    broken = dataclasses.replace(question, judge=crash)
    outcome = broken.evaluate(solution_answers(question.exercise)[question.name])
    assert outcome.verdict is Verdict.UNCHECKABLE
    assert isinstance(outcome.original, KeyError)
    assert "not of your answer" in outcome.message


@every_question
@pytest.mark.parametrize("odd", [object(), object, "?", [], {}, 1j, lambda: 1, b"", float("nan")])
def test_an_odd_answer_gets_a_sentence(question: Question, odd: object) -> None:
    outcome = question.evaluate(odd)
    assert outcome.verdict in {Verdict.INCORRECT, Verdict.CRASHED}, outcome
    assert outcome.message.strip()


@every_question
def test_the_objective_is_one_of_the_lesson(question: Question) -> None:
    lesson = Source(ROOT, "lessons", SOURCES[question.exercise].slug)
    if not lesson.path.is_file():
        pytest.skip("the lesson is not written yet")
    text = re.sub(r"\W+", " ", " ".join(cell.source for cell in lesson.read().cells)).lower()
    assert re.sub(r"\W+", " ", question.objective).strip().lower() in text


# The notebook as a learner runs it, without a kernel.


@cache
def solution_answers(exercise: str) -> dict[str, Any]:
    """The answer to each question after the solutions that the library ships were run."""
    namespace: dict[str, Any] = {}
    answers: dict[str, Any] = {}
    done: set[str] = set()
    for cell, name in code_cells(exercise):
        match notebooks.role(cell):
            case "answer" if name not in done:
                done.add(name)
                run(solutions_of(exercise)[name], namespace)
            case "answer":
                pass
            case "check" if name:
                answers[name] = eval(answer_expression(cell.source, name), namespace)
            case _:
                run(cell.source, namespace)
    return answers


@cache
def starter_outcomes(exercise: str) -> dict[str, Outcome]:
    """The outcome of each check while the whole exercise is untouched; nothing may crash."""
    namespace: dict[str, Any] = {}
    outcomes: dict[str, Outcome] = {}
    questions = {q.name: q for q in questions_of(exercises.load(exercise))}
    for cell, name in code_cells(exercise):
        match notebooks.role(cell):
            case "answer":
                run(starter(cell.source), namespace)
            case "check" if name:
                answer = eval(answer_expression(cell.source, name), namespace)
                outcomes[name] = questions[name].evaluate(answer)
            case _:
                run(cell.source, namespace)
    return outcomes


def code_cells(exercise: str) -> list[tuple[Any, str]]:
    return [
        (cell, cell.metadata.get("seqkit", {}).get("question", ""))
        for cell in SOURCES[exercise].read().cells
        if cell.cell_type == "code" and not is_macro(cell.source)
    ]


def run(code: str, namespace: dict[str, Any]) -> None:
    exec(TransformerManager().transform_cell(code), namespace)


# Judging where the live object cannot reach.


def over_the_wire(data: AnswerData) -> AnswerData:
    return AnswerData.from_bytes(*data.to_bytes())


def judged_elsewhere(question: Question, answer: object) -> Outcome:
    try:
        data = question.read(answer)
    except SeqkitError:
        return question.evaluate(answer)
    return question.decide(over_the_wire(data))


def with_other_names(value: Json) -> Json:
    """The same architecture with other names of layers and models."""
    names = sorted(set(names_in(value)))
    new = {name: f"mine_{number}" for number, name in enumerate(names)}

    def rename(part: Json) -> Json:
        if isinstance(part, dict):
            return {
                key: new.get(item, item) if key == "name" else rename(item)
                for key, item in part.items()
            }
        if isinstance(part, list):
            return [new.get(item, item) if isinstance(item, str) else rename(item) for item in part]
        return part

    return rename(value)


def names_in(value: Json) -> list[str]:
    """The names of layers: those beside a Keras class, not the names of data types."""
    if isinstance(value, list):
        return [name for item in value for name in names_in(item)]
    if not isinstance(value, dict):
        return []
    config = value.get("config")
    own = []
    if isinstance(config, dict) and value.get("module") in {"keras", "keras.layers"}:
        own = [config["name"]] if "name" in config and "DType" not in value["class_name"] else []
    return own + [name for item in value.values() for name in names_in(item)]
