"""Solutions are kept or cut at their markers."""

from __future__ import annotations

import pytest

from seqkit.authoring.check_cells import answer_expression
from seqkit.authoring.errors import SourceError
from seqkit.authoring.regions import has_region, solution, starter

CELL = """\
def gradient(p, y):
    ### BEGIN SOLUTION
    # one row for each example
    return (p - y) / len(y)
    ### STARTER
    # n = len(y)
    #
    # return ...  # your line
    ### END SOLUTION

print(gradient)"""


def test_the_solution_keeps_its_comments() -> None:
    assert solution(CELL) == (
        "def gradient(p, y):\n"
        "    # one row for each example\n"
        "    return (p - y) / len(y)\n"
        "\n"
        "print(gradient)"
    )


def test_the_starter_loses_its_comment_signs() -> None:
    assert starter(CELL) == (
        "def gradient(p, y):\n    n = len(y)\n\n    return ...  # your line\n\nprint(gradient)"
    )


def test_several_regions() -> None:
    cell = "\n".join(
        f"### BEGIN SOLUTION\n{name} = 1\n### STARTER\n# {name} = ...\n### END SOLUTION"
        for name in "ab"
    )
    assert solution(cell) == "a = 1\nb = 1"
    assert starter(cell) == "a = ...\nb = ..."


@pytest.mark.parametrize(
    "cell",
    [
        "x = 1",
        "### BEGIN SOLUTION\nx = 1\n### END SOLUTION",
        "### BEGIN SOLUTION\nx = 1\n### STARTER\n# x = ...",
        "### STARTER\n### BEGIN SOLUTION\n### END SOLUTION",
        "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### STARTER\n### END SOLUTION",
    ],
)
def test_markers_in_another_order_are_refused(cell: str) -> None:
    with pytest.raises(SourceError, match="BEGIN SOLUTION, ### STARTER, ### END SOLUTION"):
        solution(cell)


def test_a_starter_line_without_comment_sign() -> None:
    with pytest.raises(SourceError, match="must be a comment"):
        starter("### BEGIN SOLUTION\nx = 1\n### STARTER\nx = ...\n### END SOLUTION")


def test_has_region() -> None:
    assert has_region(CELL)
    assert not has_region("x = '### BEGIN SOLUTION of it'")


def test_the_answer_of_a_check_cell() -> None:
    assert answer_expression("x = 1\nex01.q2.check([a, b])  # now", "q2") == "[a, b]"
    with pytest.raises(SourceError, match=r"does not call q1\.check"):
        answer_expression("ex01.q2.check(a)", "q1")
