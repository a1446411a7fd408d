"""What the learner sees: the same content as text and as HTML."""

from __future__ import annotations

import pytest

from seqkit.errors import SeqkitError
from seqkit.exercises import ex01, view
from seqkit.exercises.criteria import Criterion, combine
from seqkit.exercises.quick import Choice
from seqkit.exercises.verdict import Outcome, Verdict, crashed, incorrect, partial, uncheckable


@pytest.mark.parametrize(
    "outcome",
    [
        incorrect("Too few.", trace=" #  layer\n 0  Dense <x>"),
        partial(0.5, "Half."),
        crashed("f raised ValueError: no"),
        uncheckable(KeyError("a")),
    ],
)
def test_text_and_html_say_the_same(outcome: Outcome) -> None:
    text, html = view.outcome_text(ex01.q2, outcome), view.outcome_html(ex01.q2, outcome)
    for words in (outcome.verdict.label, outcome.message.splitlines()[0].split(" (")[0]):
        assert words in text
        assert words in html
    assert "<x>" not in html


def test_every_verdict_has_its_own_words_and_mark() -> None:
    assert len({verdict.label for verdict in Verdict}) == len(Verdict)
    assert {mark for mark, _ in view._MARKS.values()} == {"✓", "~", "✗", "-", "!", "?"}


def test_points_have_one_decimal_at_most() -> None:
    assert view.points(ex01.q2, 1 / 3) == "0.7 of 2 points"
    assert view.points(ex01.q2) == "2 of 2 points"


def test_an_uncheckable_answer_shows_one_short_line() -> None:
    long = uncheckable(ValueError("Layers differ.\n" + "{'config': 1}\n" * 70))
    assert long.message.startswith("The check itself failed (ValueError: Layers differ.). This")
    wide = uncheckable(ValueError("x" * 5000))
    assert max(len(line) for line in wide.message.splitlines()) < 250


def test_a_question_without_a_stored_solution(capsys: pytest.CaptureFixture[str]) -> None:
    view.show_solution(ex01.q1, None)
    assert "solutions/ whose name begins with 01" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ((), "Write ex01.q1.check(answer)"),
        ((50, 890), "without a comma: 50890 or 50_890"),
        ((1, "a"), "This question expects a whole number"),
    ],
)
def test_a_check_of_no_answer_or_of_two(
    given: tuple[object, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ex01.q1.check(*given)
    assert sentence in capsys.readouterr().out.replace("\n  ", " ")


def test_a_check_of_two_answers_where_one_model_is_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ex01.q2.check(1, 2)
    assert "You gave 2 answers; check takes one." in capsys.readouterr().out


def test_an_untouched_list_is_named() -> None:
    outcome = ex01.q3.evaluate(ex01.broken_stack())
    assert outcome.message == (
        "The list is as it was given. Change it, run the cell, and check again."
    )


def test_long_messages_are_wrapped_and_code_is_not() -> None:
    text = view.outcome_text(ex01.q1, incorrect("word " * 60 + "\n    x = " + "1 + " * 60 + "1"))
    assert max(len(line) for line in text.splitlines()[:4]) <= 96
    assert any(len(line) > 200 for line in text.splitlines())


def test_criteria_add_up() -> None:
    parts = [Criterion(True, "", share=3), Criterion(False, "Loss."), Criterion(False, "Shape.")]
    outcome = combine(parts, "All right.")
    assert (outcome.verdict, outcome.credit) == (Verdict.PARTIAL, 0.6)
    assert outcome.message == "Loss.\nShape."
    assert combine(parts[1:], "").verdict is Verdict.INCORRECT
    assert combine(parts[:1], "All right.").message == "All right."


def choice() -> Choice:
    return Choice(
        "Which one?", {"a": "this <b>", "b": "that"}, "b", {"a": "This has no upper bound."}
    )


def test_a_quick_question_has_feedback_on_each_option(capsys: pytest.CaptureFixture[str]) -> None:
    choice().ask()
    choice().answer("A")
    choice().answer("b")
    assert capsys.readouterr().out.splitlines() == [
        "Which one?",
        "  a) this <b>",
        "  b) that",
        "✗ a: not yet",
        "  This has no upper bound.",
        "✓ b: correct",
        "  Yes.",
    ]
    assert "this &lt;b&gt;" in choice()._html()
    assert choice()._html().count("<details") == 2


def test_a_quick_question_that_is_not_complete() -> None:
    with pytest.raises(SeqkitError, match="Every wrong option needs feedback"):
        Choice("?", {"a": "x", "b": "y"}, "b")
    with pytest.raises(SeqkitError, match="not one of the options"):
        Choice("?", {"a": "x"}, "b")
    with pytest.raises(SeqkitError, match="There is no option 'z'"):
        choice().answer("z")
