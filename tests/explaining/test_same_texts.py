"""The same program has the same explanation on every backend and with every version of Keras.

Only what Keras itself said may differ. `python -m tests.explaining.test_same_texts` writes the
stored texts anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.explaining.failing_programs import PROGRAMS, explanation_of

GOLDEN = Path(__file__).parent / "golden"
FAMILIES = ("topology", "feature_input", "adjacent_layer", "parameter")
NAMES = [name for name, one in PROGRAMS.items() if one.repaired or one.fault == "topology"]


def text_of(name: str) -> str:
    """The explanation without what Keras said, which comes last."""
    text = str(explanation_of(name))
    return re.split(r"\n  \w+ said", text)[0]


def stored() -> dict[str, str]:
    return dict(text for family in FAMILIES for text in _sections(family))


def _sections(family: str) -> Iterator[tuple[str, str]]:
    for section in (GOLDEN / f"{family}.txt").read_text("utf-8").split("\n=== ")[1:]:
        name, _, text = section.partition("\n")
        yield name, text.rstrip("\n")


@pytest.mark.parametrize("name", NAMES)
def test_the_text_is_the_stored_one(name: str) -> None:
    assert text_of(name) == stored()[name]


def test_nothing_is_stored_in_vain() -> None:
    assert set(stored()) == set(NAMES)


def write() -> None:
    """Store the texts of the installed Keras."""
    for family in FAMILIES:
        names = [name for name in NAMES if PROGRAMS[name].fault == family]
        sections = [f"\n=== {name}\n{text_of(name)}\n" for name in names]
        (GOLDEN / f"{family}.txt").write_text("".join(sections), "utf-8")


if __name__ == "__main__":
    write()
