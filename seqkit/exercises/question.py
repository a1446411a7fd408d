"""A question: what is asked, how the answer is read, how it is judged. Logic only.

How to write an exercise: a file `exNN.py` in this folder that defines `q1 = Question(...)`, `q2`,
and so on. A question is judged in two steps that may run in different processes:

    data = question.read(answer)       the live object becomes plain data
    outcome = question.judge(data)     the data, and nothing else, decides

`view.py` turns the outcome into what the learner sees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import ModuleType
from typing import ClassVar

from seqkit.exercises import verdict, view
from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import AnswerKind, IntegerAnswer, NumberAnswer
from seqkit.exercises.errors import (
    LearnerCodeError,
    NotAttemptedError,
    RefusedModelError,
    WrongAnswerKindError,
)
from seqkit.exercises.hints import HintLadder
from seqkit.exercises.judges import Judge
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.solutions_store import solutions_of
from seqkit.exercises.verdict import Outcome

KINDS = ("predict", "repair", "build", "read", "improve", "choose")


@dataclass(eq=False, repr=False)
class Question:
    """One question of an exercise.

    Attributes:
        exercise: the name of the module, such as `"ex01"`.
        number: the place in the exercise, from 1.
        title: a few words, beginning with a verb.
        objective: the objective of the lesson that it tests, word for word.
        kind: predict, repair, build, read, improve or choose.
        minutes: how long a learner needs.
        difficulty: 1 to 3.
        points: what a correct answer earns.
        answer: how the learner's object becomes data.
        judge: what decides on that data.
        hints: exactly three; the last is nearly the answer.
        misconceptions: wrong answers with a name, at least two.
        equivalents: unusual answers that are right: values, or functions that make them.
        starter: makes the answer that an untouched starter gives, where it is not `...`.

    Example:
        >>> from seqkit.exercises import ex01
        >>> ex01.q1.evaluate(7).verdict.label
        'Not yet'
    """

    exercise: str
    number: int
    title: str
    objective: str
    kind: str
    minutes: int
    difficulty: int
    points: int
    answer: AnswerKind
    judge: Judge
    hints: tuple[str, str, str]
    misconceptions: tuple[Misconception, ...]
    equivalents: tuple[object, ...]
    starter: object = field(default=None)

    MINIMUM_MISCONCEPTIONS: ClassVar[int] = 2

    def __post_init__(self) -> None:
        self._check_definition()
        self.exercise = self.exercise.rpartition(".")[2]
        self._ladder = HintLadder(self.hints)

    def __repr__(self) -> str:
        return view.question_text(self)

    @property
    def name(self) -> str:
        """The name in the module: `q1`, `q2`, and so on."""
        return f"q{self.number}"

    # What the learner calls.

    def check(self, *answer: object) -> None:
        """Check an answer and show the result.

        Args:
            answer: your answer. Exactly one; anything else gets a sentence, not a `TypeError`.

        Example:
            >>> from seqkit.exercises import ex01
            >>> ex01.q1.check(...)
            - Not attempted · question 1
              Put your answer in place of the dots (...), run the cell, and check again.
        """
        view.show_outcome(self, self._evaluate_arguments(answer))

    def hint(self) -> None:
        """Show the next of three hints.

        Example:
            >>> from seqkit.exercises import ex01
            >>> ex01.q1.hint()  # doctest: +ELLIPSIS
            Hint 1 of 3 · question 1
              ...
        """
        view.show_hint(self, self._ladder.next())

    def solution(self) -> None:
        """Show a solution that the tests of the course have executed.

        Example:
            >>> from seqkit.exercises import ex01
            >>> ex01.q1.solution()  # doctest: +ELLIPSIS
            Solution · question 1
            ...
        """
        view.show_solution(self, solutions_of(self.exercise).get(self.name))

    def _evaluate_arguments(self, given: tuple[object, ...]) -> Outcome:
        """Evaluate what stands between the brackets of `check`."""
        if len(given) == 1:
            return self.evaluate(given[0])
        if not given:
            return verdict.not_attempted(
                f"Nothing stands between the brackets. Write {self.exercise}.{self.name}"
                ".check(answer), with the name of your answer."
            )
        if isinstance(self.answer, IntegerAnswer | NumberAnswer):
            return self.evaluate(given)  # check(12,345): the comma made two numbers of one
        return verdict.incorrect(
            f"You gave {len(given)} answers; check takes one. This question expects "
            f"{self.answer.expects}."
        )

    # What decides.

    def evaluate(self, answer: object) -> Outcome:
        """Check an answer without showing anything.

        Args:
            answer: the live object.

        Returns:
            The outcome; a fault of the check itself comes back as `uncheckable`.
        """
        try:
            return self.decide(self.read(answer))
        except NotAttemptedError as error:
            return verdict.not_attempted(str(error))
        except WrongAnswerKindError as error:
            return verdict.incorrect(str(error))
        except LearnerCodeError as error:
            return verdict.crashed(str(error), error.__cause__)
        except Exception as error:
            return verdict.uncheckable(error)

    def read(self, answer: object) -> AnswerData:
        """Turn the live answer into plain data.

        Args:
            answer: the live object.

        Returns:
            The answer as data.

        Raises:
            NotAttemptedError: when the answer is the untouched starter.
            WrongAnswerKindError: when the answer is of another kind than the question asks.
            LearnerCodeError: when the learner's function raised.
        """
        data = self.answer.read(answer)
        if self._is_starter(data):
            raise NotAttemptedError(
                f"The {self.answer.called} is as it was given. "
                "Change it, run the cell, and check again."
            )
        return data

    def decide(self, data: AnswerData) -> Outcome:
        """Judge data, wherever it was read.

        Args:
            data: what `read` gave.

        Returns:
            The outcome. A fault of the judge is `uncheckable`, never the learner's.
        """
        try:
            return self.judge(data)
        except RefusedModelError as error:
            return verdict.incorrect(str(error))
        except Exception as error:
            return verdict.uncheckable(error)

    def _is_starter(self, data: AnswerData) -> bool:
        if self.starter is None:
            return False
        from seqkit.exercises.misconceptions import make

        return _without_names(self.answer.read(make(self.starter)).values) == _without_names(
            data.values
        )

    def _check_definition(self) -> None:
        """Refuse a question that is not complete, when the exercise is imported."""
        faults = []
        if self.kind not in KINDS:
            faults.append(f"kind must be one of {', '.join(KINDS)}")
        if len(self.hints) != 3:
            faults.append("there must be exactly three hints")
        if len(self.misconceptions) < self.MINIMUM_MISCONCEPTIONS:
            faults.append("there must be at least two misconceptions")
        if not self.equivalents:
            faults.append("there must be an equivalent answer")
        if not 1 <= self.difficulty <= 3:
            faults.append("difficulty must be 1, 2 or 3")
        if faults:
            raise ValueError(f"{self.exercise}, question {self.number}: {'; '.join(faults)}.")


def questions_of(module: ModuleType) -> list[Question]:
    """List the questions of an exercise in order.

    Args:
        module: an exercise, such as `seqkit.exercises.ex01`.

    Returns:
        Its questions by number.

    Example:
        >>> from seqkit.exercises import ex01
        >>> [question.name for question in questions_of(ex01)][:2]
        ['q1', 'q2']
    """
    found = [value for value in vars(module).values() if isinstance(value, Question)]
    return sorted(found, key=lambda question: question.number)


def _without_names(value: object) -> object:
    """Data without the names that Keras counts up, so that two equal starters compare equal."""
    if isinstance(value, dict):
        return {key: _without_names(item) for key, item in value.items() if key != "name"}
    if isinstance(value, list):
        return [_without_names(item) for item in value]
    return value
