"""`%%attempt` in a real IPython shell: the cell runs as usual, and its failure is explained."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest

IPython = pytest.importorskip("IPython")
from IPython.core.interactiveshell import InteractiveShell  # noqa: E402
from IPython.utils.capture import capture_output  # noqa: E402

from seqkit import magic  # noqa: E402

FAILING = """%%attempt
import keras
from keras import layers
before = 7

model = keras.Sequential([
    keras.Input((4,)), layers.Dense(4), layers.Add(), layers.Dense(2)])
after = 8
"""


@pytest.fixture(scope="module")
def shell() -> Iterator[InteractiveShell]:
    shell = InteractiveShell.instance()
    shell.run_line_magic("colors", "nocolor")
    magic.load_ipython_extension(shell)
    yield shell
    InteractiveShell.clear_instance()


def run(shell: InteractiveShell, cell: str) -> tuple[Any, Any]:
    """Run a cell; return its result, and what it showed."""
    with capture_output() as shown:
        result = shell.run_cell(cell, store_history=True)
    return result, shown


def shown_card(shown: Any) -> dict[str, str]:
    assert len(shown.outputs) == 1
    return shown.outputs[0].data


def test_the_extension_loads(shell: InteractiveShell) -> None:
    assert shell.run_line_magic("load_ext", "seqkit.magic") in (None, "already loaded")
    assert shell.find_cell_magic("attempt") is not None


def test_a_failing_cell_is_explained(shell: InteractiveShell) -> None:
    result, shown = run(shell, FAILING)
    assert result.success
    data = shown_card(shown)
    text, html = data["text/plain"], data["text/html"]
    for part in (
        "Add cannot stand in a Sequential list",
        "how far it came",
        "not reached",
        "what you meant",
        "the fix",
        "This code was run and built",
        "Keras said",
        "%tb",
    ):
        assert part in text, part
    assert "<details" in html
    fold = html.partition("<details")[2]
    assert "in a cell, line 6" in fold  # the %%attempt line is line 1
    assert "model = keras.Sequential([" in fold
    assert fold.index("line 6") < fold.index("keras/src/models/sequential.py")
    assert "IPython" not in fold
    assert "seqkit/" not in fold
    assert 'alt="what was written' in html


def test_variables_before_the_failure_stay(shell: InteractiveShell) -> None:
    shell.user_ns.pop("after", None)
    run(shell, FAILING)
    assert shell.user_ns["before"] == 7
    assert "after" not in shell.user_ns


def test_the_same_cell_twice_shows_the_same(shell: InteractiveShell) -> None:
    cell = "%%attempt\nimport keras\nd = [keras.layers.Dense(3) for _ in range(3)]\n"
    cell += "m = keras.Sequential([keras.Input((4,)), *d, keras.layers.LSTM(2)])"
    first, second = (shown_card(run(shell, cell)[1]) for _ in range(2))
    assert first == second
    cell = (
        "%%attempt\nkeras.Sequential([keras.layers.Dense(3), keras.layers.Dense(3)]).count_params()"
    )
    first, second = (shown_card(run(shell, cell)[1]) for _ in range(2))
    assert first == second
    assert "/tmp" not in str(first)


def test_the_last_value_is_shown_as_usual(shell: InteractiveShell) -> None:
    result, shown = run(shell, "%%attempt\na = 20\na + 1")
    assert result.result == 21
    assert "21" in shown.stdout
    assert not shown.outputs
    assert list(shell.user_ns["_oh"].values())[-1] == 21


@pytest.mark.parametrize("cell", ["%%attempt\na = 2", "%%attempt\n5;", "%%attempt\n5; # so"])
def test_nothing_is_shown_where_nothing_is_to_be_shown(shell: InteractiveShell, cell: str) -> None:
    result, shown = run(shell, cell)
    assert result.success
    assert (shown.stdout, shown.stderr, shown.outputs) == ("", "", [])


def test_a_silent_mistake_is_told(shell: InteractiveShell) -> None:
    cell = """%%attempt
import keras, numpy as np
m = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
m.compile("sgd", "mse")
h = m.fit([np.zeros((8, 4)), np.zeros((8, 4))], np.zeros((8, 1)), verbose=0)
"""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result, shown = run(shell, cell)
    assert result.success
    assert not [one for one in caught if "structure" in str(one.message)]  # told, not repeated
    assert "dropped the rest" in shown_card(shown)["text/plain"]


def test_other_warnings_are_passed_on(shell: InteractiveShell) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run(shell, "%%attempt\nimport warnings\nwarnings.warn('look here')")
    assert "look here" in [str(one.message) for one in caught]


def test_reraise_and_a_name(shell: InteractiveShell) -> None:
    result, shown = run(shell, "%%attempt --reraise tried\n1 / 0")
    assert isinstance(result.error_in_exec, ZeroDivisionError)
    assert shell.user_ns["tried"].error is result.error_in_exec
    assert "Python said" in shown_card(shown)["text/plain"]


@pytest.mark.parametrize("line", ["--again", "a b", "a-b"])
def test_a_wrong_option_is_named(shell: InteractiveShell, line: str) -> None:
    result, shown = run(shell, f"%%attempt {line}\nnever = 1")
    assert not result.success
    assert "Write %%attempt" in shown.stderr + shown.stdout
    assert "never" not in shell.user_ns


def test_an_interrupt_passes(shell: InteractiveShell) -> None:
    result, _ = run(shell, "%%attempt\nraise KeyboardInterrupt")
    assert isinstance(result.error_in_exec, KeyboardInterrupt)


def test_a_syntax_error_is_shown_as_python_shows_it(shell: InteractiveShell) -> None:
    _, shown = run(shell, "%%attempt\nmodel = keras.Sequential([\n")
    words = shown.stdout + shown.stderr
    assert "SyntaxError" in words
    assert "keras.Sequential([" in words
    assert "magic.py" not in words
    assert not shown.outputs


def test_other_magics_work_inside(shell: InteractiveShell) -> None:
    _, shown = run(shell, "%%attempt\n%pwd\nx = !echo hello\nx[0]")
    assert "hello" in shown.stdout


def test_the_whole_traceback_stays_at_hand(shell: InteractiveShell) -> None:
    run(shell, FAILING)
    _, shown = run(shell, "%tb")
    assert "ValueError" in shown.stdout
    assert "base_merge.py" in shown.stdout
