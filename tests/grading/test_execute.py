"""What stopped a cell is told so that a student finds the cell."""

from __future__ import annotations

import pytest

from seqkit.grading.execute import _begins, _fault_of
from seqkit.grading.grading_kernel import Reply


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("# mine\n\nx = 1\ny = 2", "The cell begins: x = 1"),
        ("  print('a')", "The cell begins: print('a')"),
        ("y" * 80, f"The cell begins: {'y' * 60} ..."),
        ("# nothing\n", "The cell holds no code."),
    ],
)
def test_a_cell_is_told_by_its_first_line(source: str, told: str) -> None:
    assert _begins(source) == told


@pytest.mark.parametrize("name", ["1772463481.py", "<ipython-input-3-0a1b>"])
def test_a_line_is_told_without_the_name_that_ipython_gives(name: str) -> None:
    fault = _fault_of(Reply("SyntaxError", f"invalid syntax ({name}, line 8)"), "def f(:")
    assert fault.message == (
        "A cell stopped with SyntaxError: invalid syntax (line 8 of the cell)\n"
        "The cell begins: def f(:"
    )
