"""The ensemble limit: true today, and found false when the fix or the way round is wrong."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from seqkit import limits
from seqkit.limits import ensemble
from seqkit.limits.inception import Branches


def found_false() -> list[str]:
    """The statements of the fast checks that do not hold; one line if they cannot run."""
    verification = limits.get("ensemble").verify(train=False)
    return [check.statement for check in verification.checks if not check.holds]


def test_everything_holds_on_the_installed_keras() -> None:
    assert found_false() == []


def test_a_stand_in_for_the_fix_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensemble, "fix", ensemble.members_in_a_row)
    assert found_false()


def test_a_wrong_custom_layer_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_after_the_other(self: Branches, inputs: Any) -> Any:
        answers = [inputs]
        for member in self.members:
            answers.append(member(answers[-1]))
        return answers[1:]

    monkeypatch.setattr(Branches, "call", one_after_the_other)
    assert "the layer that returns a list computes the same as the fix" in found_false()


def test_a_training_check_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensemble, "fix", ensemble.members_in_a_row)
    assert not all(check.holds for check in ensemble.trained())


def test_the_shown_code_runs() -> None:
    names: dict[str, Any] = {
        "keras": keras,
        "layers": keras.layers,
        "Branches": Branches,
    }
    limit = limits.get("ensemble")
    for source in (limit.fix_source, limit.workaround_source, limit.attempts[-1].source):
        exec(source, names)
        assert names["model"].built
