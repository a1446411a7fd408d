"""Exercise 19: frozen branches, early exit, thresholds. Questions on lesson 19."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import ChoiceAnswer, IntegerAnswer
from seqkit.exercises.function_answers import FunctionAnswer, calls
from seqkit.exercises.judges import choice_is, number_is
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.question import Question
from seqkit.exercises.verdict import Outcome, correct, incorrect

# Question 1: a frozen switch.

q1 = Question(
    exercise=__name__,
    number=1,
    title="Predict what a frozen switch gives",
    objective="tell when the same `if` is silent and frozen",
    kind="predict",
    minutes=3,
    difficulty=1,
    points=1,
    answer=IntegerAnswer(),
    judge=number_is(
        30,
        "predict was traced while the factor was 3, and repeats what was recorded: 3 · 10 = 30.",
        known={
            50: "That would be the new factor. predict was traced before you changed it, and "
            "Python does not read the variable again.",
            10: "The layer does not vanish. One of the two factors is still at work: which one was "
            "recorded?",
            150: "Only one of the factors is at work. Nothing is multiplied twice.",
            6: "That is the first answer, for the number 2. The second call gets the number 10.",
        },
        otherwise="Which factor had the variable when predict was traced? Multiply 10 by it.",
    ),
    hints=(
        "When does Python read scale['factor']: in each call, or when predict is traced?",
        "The first predict traces the graph. At that moment the factor is 3.",
        "The recorded operation is 3 · x. The second call gives it x = 10.",
    ),
    misconceptions=(
        Misconception("believes in the new factor", 50, shows="new factor"),
        Misconception("takes the layer for switched off", 10, shows="does not vanish"),
        Misconception("multiplies by both", 150, shows="Only one"),
        Misconception("gives the first answer", 6, shows="first answer"),
    ),
    equivalents=(np.int64(30), 30.0),
)


# Question 2: read an error that names a symptom.

_READINGS = {
    "a": "The Input is missing. With an Input the shape is known.",
    "b": "The Lambda failed on a tensor without numbers, and Sequential swallowed its error.",
    "c": "A Lambda never has an output shape. Take the layer ReLU.",
    "d": "The model must be compiled before it has an output shape.",
}

q2 = Question(
    exercise=__name__,
    number=2,
    title="Read an error that names a symptom",
    objective="read the error of an `if` on a tensor",
    kind="read",
    minutes=3,
    difficulty=1,
    points=1,
    answer=ChoiceAnswer(_READINGS),
    judge=choice_is(
        "b",
        "The `if` in the Lambda asks a tensor without numbers. sk.explain(error) finds it.",
        feedback={
            "a": "There is one: keras.Input((4,)) stands first. Something behind it went wrong.",
            "c": "A Lambda without the `if` builds and has a shape. Look at what this one asks.",
            "d": "compile sets the loss and the optimizer. It has nothing to do with shapes.",
        },
    ),
    hints=(
        "The message says what is missing, not why. Which line needs the numbers of a tensor?",
        "Sequential calls each layer on a symbolic tensor while it builds. What does `if` do there?",
        "The `if` fails, Sequential drops the error, and the model is left without an output.",
    ),
    misconceptions=(
        Misconception("looks for the Input", "a", shows="stands first"),
        Misconception("blames every Lambda", "c", shows="without the `if`"),
        Misconception("blames compile", "d", shows="nothing to do with shapes"),
    ),
    equivalents=("B", " b) "),
)


# Question 3: count the saving.

q3 = Question(
    exercise=__name__,
    number=3,
    title="Count what an early exit saves",
    objective="count what is saved",
    kind="predict",
    minutes=5,
    difficulty=2,
    points=1,
    answer=IntegerAnswer(),
    judge=number_is(
        72,
        "750 pictures spare 480,000 of 500,000 multiply-adds each: 0.75 · 96 % = 72 %.",
        known={
            75: "Also a picture that stops early pays for the stem and the early head.",
            28: "That is what is still spent. How much is saved?",
            96: "So much a picture saves that stops early. A quarter of them goes on.",
            25: "250 of 1,000 pictures go on. What is asked is the share of the work that is saved.",
            24: "You let the 250 unsure pictures save. They are the ones that pay in full.",
            73: "Pictures that stop pay for the stem and for the early head: 20,000.",
        },
        otherwise="Work without exit: 1,000 · 500,000. With exit: 1,000 · 20,000 + 250 · 480,000.",
    ),
    hints=(
        "Which parts does every picture pay for? Which part only the unsure ones?",
        "Without exit: 1,000 · 500,000. With exit: 1,000 · 20,000 and 250 · 480,000.",
        "140 million against 500 million are spent: 28 %. The rest is saved.",
    ),
    misconceptions=(
        Misconception("forgets the short way", 75, shows="stem and the early head"),
        Misconception("gives what is spent", 28, shows="still spent"),
        Misconception("lets every picture stop", 96, shows="A quarter"),
        Misconception("turns the shares round", 24, shows="pay in full"),
    ),
    equivalents=(np.int64(72), 72.0),
)


# Question 4: choose the threshold.

_THRESHOLDS = {
    "a": "0.60, because it saves the most work.",
    "b": "0.80, because no other has a higher test accuracy.",
    "c": "0.90, because both lower ones lose accuracy where the choice is made.",
    "d": "0.99, because a high threshold is always safest.",
}

q4 = Question(
    exercise=__name__,
    number=4,
    title="Choose the threshold honestly",
    objective="choose the threshold on validation data",
    kind="choose",
    minutes=4,
    difficulty=2,
    points=1,
    answer=ChoiceAnswer(_THRESHOLDS),
    judge=choice_is(
        "c",
        "It keeps the accuracy of the full way on data that was not used for anything else, and "
        "saves the most of those that do. The test data then tells what it is worth.",
        feedback={
            "a": "It saves the most and loses 2 points on the validation data. The rule asks for "
            "equal accuracy first.",
            "b": "Then the test data has helped to choose, and no longer tells how good the net is "
            "on new pictures.",
            "d": "It loses nothing, and saves 20 % where another one loses nothing and saves 55 %.",
        },
    ),
    hints=(
        "Which column of the table may be used for a choice?",
        "Use the validation column. Which thresholds lose nothing against the full way, 95.0 %?",
        "0.90 and 0.99 lose nothing. Take the one that saves more.",
    ),
    misconceptions=(
        Misconception("looks at the saving alone", "a", shows="loses 2 points"),
        Misconception("chooses on the test data", "b", shows="helped to choose"),
        Misconception("takes the highest", "d", shows="saves 20 %"),
    ),
    equivalents=("C", "c)"),
)


# Question 5: the decision of an early exit, row by row.


def _cases(random: int | np.random.Generator = 19) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """Shares of both heads and a threshold; in each batch some rows are sure and some are not."""
    generator = np.random.default_rng(random)
    cases = []
    for rows, classes, threshold in ((6, 3, 0.7), (9, 10, 0.5), (5, 2, 0.8)):
        early, late = (
            np.exp(3 * generator.normal(size=(rows, classes))).round(3) + 0.01 for _ in range(2)
        )
        early[0], late[0] = 1.0, np.arange(classes)  # an unsure row, and another answer
        early[1] = 0.01
        early[1, -1], late[1] = 10.0, classes - np.arange(classes)  # a sure one
        early, late = (part / part.sum(axis=1, keepdims=True) for part in (early, late))
        cases.append((early, late, threshold))
    # Sure, but the late head is surer of another class; as sure as the threshold; not sure.
    early = np.array([[0.75, 0.25, 0.0], [0.5, 0.25, 0.25], [0.375, 0.375, 0.25]])
    late = np.array([[0.0, 0.9375, 0.0625], [0.25, 0.25, 0.5], [0.0, 0.25, 0.75]])
    return [*cases, (early, late, 0.5), (early[2:], late[2:], 0.5)]


def chosen_classes(early: np.ndarray, late: np.ndarray, threshold: float) -> np.ndarray:
    """The class of each row: of the early head where it is sure, of the late head elsewhere.

    Args:
        early: the shares of the early head.
        late: the shares of the late head.
        threshold: the share from which on an early answer counts as sure.

    Returns:
        One class for each row.

    Example:
        >>> early = np.array([[0.9, 0.1], [0.6, 0.4]])
        >>> chosen_classes(early, early[:, ::-1], 0.8).tolist()
        [0, 1]
    """
    sure = early.max(axis=1) >= threshold
    return np.where(sure, early.argmax(axis=1), late.argmax(axis=1))


def _one_for_all(early: np.ndarray, late: np.ndarray, threshold: float) -> np.ndarray:
    """One decision for the whole batch."""
    return (early if early.max() >= threshold else late).argmax(axis=1)


def _turned_round(early: np.ndarray, late: np.ndarray, threshold: float) -> np.ndarray:
    sure = early.max(axis=1) >= threshold
    return np.where(sure, late.argmax(axis=1), early.argmax(axis=1))


def _looks_at_late(early: np.ndarray, late: np.ndarray, threshold: float) -> np.ndarray:
    sure = late.max(axis=1) >= threshold
    return np.where(sure, early.argmax(axis=1), late.argmax(axis=1))


def _each_number(early: np.ndarray, late: np.ndarray, threshold: float) -> np.ndarray:
    return np.where(early >= threshold, early, late).argmax(axis=1)


def _only_above(early: np.ndarray, late: np.ndarray, threshold: float) -> np.ndarray:
    return np.where(early.max(axis=1) > threshold, early.argmax(axis=1), late.argmax(axis=1))


def _surer_head(early: np.ndarray, late: np.ndarray, threshold: float) -> np.ndarray:
    surer = early.max(axis=1) >= late.max(axis=1)
    return np.where(surer, early.argmax(axis=1), late.argmax(axis=1))


def _fixed(early: np.ndarray, late: np.ndarray, threshold: float) -> np.ndarray:
    return chosen_classes(early, late, 0.95)


def _always_early(early: np.ndarray, late: np.ndarray, threshold: float) -> np.ndarray:
    return early.argmax(axis=1)


def _always_late(early: np.ndarray, late: np.ndarray, threshold: float) -> np.ndarray:
    return late.argmax(axis=1)


def _shares(early: np.ndarray, late: np.ndarray, threshold: float) -> np.ndarray:
    return np.where(early.max(axis=1, keepdims=True) >= threshold, early, late)


def _with_a_loop(early: np.ndarray, late: np.ndarray, threshold: float) -> list[int]:
    found = []
    for first, second in zip(early.tolist(), late.tolist(), strict=True):
        row = first if max(first) >= threshold else second
        found.append(row.index(max(row)))
    return found


def _by_gathering(early: np.ndarray, late: np.ndarray, threshold: float) -> np.ndarray:
    classes = early.argmax(axis=1)
    unsure = np.flatnonzero(early.max(axis=1) < threshold)
    classes[unsure] = late[unsure].argmax(axis=1)
    return classes


_FAULTS: tuple[tuple[Callable[[np.ndarray, np.ndarray, float], np.ndarray], str], ...] = (
    (_turned_round, "It is turned round: a sure picture takes the early answer."),
    (
        _one_for_all,
        "One decision was made for the whole batch, as ops.cond does. Each row decides for itself: "
        "take the largest share of each row, max(axis=1).",
    ),
    (_looks_at_late, "You asked whether the late head is sure. The early head's shares decide."),
    (_always_late, "Every picture took the late answer, so nothing ever stops early."),
    (_always_early, "Every picture took the early answer, also those that are not sure."),
    (
        _each_number,
        "You chose number by number, so a row can hold shares of both heads. Choose by row: take "
        "the largest share of each row first.",
    ),
    (_only_above, "'At least' the threshold: a share that equals it is sure, too. Use >=."),
    (_surer_head, "You took the head that is surer. The threshold decides, not the late head."),
)


def _judge_q5(data: AnswerData) -> Outcome:
    asked = [call.arguments for call in calls(data)]
    came = []
    for call in calls(data):
        early = call.arguments[0]
        try:
            classes = np.asarray(call.output, dtype=float)
        except (TypeError, ValueError):
            return incorrect("The function should return one class for each row.")
        if classes.shape == early.shape:
            return incorrect("These are shares. Take the place of the largest one: argmax(axis=1).")
        if classes.shape != (len(early),):
            return incorrect(
                f"For {len(early)} rows the result has shape {classes.shape}; "
                f"expected {(len(early),)}."
            )
        came.append(classes)
    if _all_equal(chosen_classes, asked, came):
        return correct("Each row decides for itself: where for the answer, gathering for the rest.")
    for fault, words in _FAULTS:
        if _all_equal(fault, asked, came):
            return incorrect(words)
    return incorrect(_first_wrong_row(asked, came))


def _all_equal(
    rule: Callable[[np.ndarray, np.ndarray, float], np.ndarray],
    asked: list[tuple[Any, ...]],
    came: list[np.ndarray],
) -> bool:
    return all(np.array_equal(rule(*one), two) for one, two in zip(asked, came, strict=True))


def _first_wrong_row(asked: list[tuple[Any, ...]], came: list[np.ndarray]) -> str:
    # The last cases have few classes, so they are read easily.
    for (early, late, threshold), classes in reversed(list(zip(asked, came, strict=True))):
        wanted = chosen_classes(early, late, threshold)
        for row in np.flatnonzero(wanted != classes):
            shares, others = (
                ", ".join(f"{one:.2f}" for one in part[row]) for part in (early, late)
            )
            return (
                f"Early shares {shares}, late shares {others}, threshold {threshold}: expected "
                f"class {wanted[row]}, got {classes[row]:g}."
            )
    raise AssertionError("no row is wrong")


q5 = Question(
    exercise=__name__,
    number=5,
    title="Write the decision of an early exit",
    objective="stop early for easy examples",
    kind="build",
    minutes=8,
    difficulty=3,
    points=2,
    answer=FunctionAnswer(_cases),
    judge=_judge_q5,
    hints=(
        "How sure is the early head for one picture? It is the largest share of that row.",
        "sure = early.max(axis=1) >= threshold gives one truth value for each row.",
        "np.where(sure, early.argmax(axis=1), late.argmax(axis=1)).",
    ),
    misconceptions=(
        Misconception("decides for the batch", lambda: _one_for_all, shows="whole batch"),
        Misconception("turns it round", lambda: _turned_round, shows="turned round"),
        Misconception("asks the late head", lambda: _looks_at_late, shows="early head's shares"),
        Misconception("never stops", lambda: _always_late, shows="nothing ever stops"),
        Misconception("gives the shares", lambda: _shares, shows="These are shares"),
        Misconception("always stops", lambda: _always_early, shows="also those that are not sure"),
        Misconception("chooses by number", lambda: _each_number, shows="number by number"),
        Misconception("asks for more", lambda: _only_above, shows="Use >="),
        Misconception("takes the surer head", lambda: _surer_head, shows="head that is surer"),
        Misconception(
            "fixes the threshold", lambda: _fixed, shows="threshold 0.5: expected class 0, got 1"
        ),
    ),
    equivalents=(lambda: chosen_classes, lambda: _with_a_loop, lambda: _by_gathering),
)
