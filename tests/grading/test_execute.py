"""What stopped a cell is told so that a student finds the cell."""

from __future__ import annotations

import json

import pytest

from seqkit.grading.execute import Exported, _begins, _fault_of, exported
from seqkit.grading.grading_kernel import _MOST_PARTS, Reply, _TooManyPartsError, _unpacked


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


@pytest.mark.parametrize("few", [2, 2_000_000])
def test_a_list_of_millions_is_not_read(few: int) -> None:
    import tracemalloc

    text = "[" + "{}," * few + "{}]"  # read, each part takes some seventy bytes
    in_a_string = repr('{"why": ' + text + "}")
    tracemalloc.start()
    try:
        assert exported(text).why == "tampered"
        assert exported(in_a_string).why == "tampered"
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("part", "signs"), [("1,", 1), ("[],", 2), ("{},", 2)])
def test_a_message_of_too_many_parts_is_not_read(part: str, signs: int) -> None:
    most = (_MOST_PARTS - 1) // signs  # the list itself counts, too
    assert len(_unpacked(f"[{part * most}0]".encode())) == most + 1
    with pytest.raises(_TooManyPartsError):
        _unpacked(f"[{part * (most + 1)}0]".encode())


def test_a_message_of_few_parts_is_read() -> None:
    message = {"status": "ok", "list": [1, {"a": "b"}]}
    assert _unpacked(json.dumps(message).encode()) == message


@pytest.mark.parametrize("given", ["it's", 'say "no"', "a\\b\n\t", "é 😀 \u2028", "'\"\\'", ""])
def test_a_record_is_read_as_it_was_written(given: str) -> None:
    record = {"why": "", "message": given, "error": "", "text": given, "archive": "QUJD"}
    assert exported(repr(json.dumps(record))) == Exported(**record)
