"""The policy: its world, its choices and its gradient, and wrong ones that are noticed."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from seqkit.limits import policy


def failed() -> list[str]:
    return [check.statement for check in policy.evidence() if not check.holds]


def test_a_policy_that_always_takes_the_largest_share_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def greedy(self: policy.Policy, states: Any) -> Any:
        return keras.ops.argmax(self(states), axis=-1)

    monkeypatch.setattr(policy.Policy, "act", greedy)
    assert failed() == ["the decision follows the state and the shares"]


def test_another_world_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "GRID", ("S..G", ".#.X", "....", "X..."))
    assert any("the best return" in statement for statement in failed())


def test_the_returns_of_played_games_agree_with_the_expected_one() -> None:
    shares = np.full((16, 4), 0.25)
    generator = np.random.default_rng(0)
    sampled = np.mean([policy.play(shares, generator)[2][0].mean() for _ in range(40)])
    assert sampled == pytest.approx(policy.expected_return(shares), abs=0.05)


def test_advantages_sum_to_zero_in_each_state() -> None:
    states, _, returns, played = policy.play(np.full((16, 4), 0.25), np.random.default_rng(1))
    weights = policy.advantages(states, returns, played)
    sums = np.bincount(states.ravel(), weights.ravel(), minlength=16)
    assert np.allclose(sums, 0, atol=1e-3)
