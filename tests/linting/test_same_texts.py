"""The findings read the same on every backend and every Keras that we support.

`messages.txt` was written on TensorFlow; the test runs wherever the suite runs. To write it
anew after a rule was changed: `python tests/linting/test_same_texts.py`.
"""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path

import keras

from seqkit.linting import all_rules

STORED = Path(__file__).with_name("messages.txt")

_spec = importlib.util.spec_from_file_location("programs", Path(__file__).with_name("programs.py"))
assert _spec is not None and _spec.loader is not None
_programs = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_programs)


def messages() -> str:
    """What `lint` prints for the example of every rule."""
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        for rule in all_rules():
            if rule.code == "SEQ100":
                continue  # it repeats Keras' own words
            keras.utils.clear_session()
            parts.append(str(_programs.run(rule, rule.example, Path(folder))))
    return "\n\n".join(parts) + "\n"


def test_the_messages_are_the_stored_ones() -> None:
    assert messages() == STORED.read_text(encoding="utf-8")


if __name__ == "__main__":
    STORED.write_text(messages(), encoding="utf-8")
