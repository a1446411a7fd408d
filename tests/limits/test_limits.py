"""Each limit is real: its attempts fail on the installed Keras, its fix and way round hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import seqkit as sk
from seqkit.limits import all_limits
from seqkit.limits.limit import Limit

LIMITS = all_limits()


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_everything_said_holds(limit: Limit) -> None:
    verification = limit.verify()
    assert verification.ok, str(verification)
    assert len(verification.checks) >= len(limit.attempts) + 3


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_sources_are_what_runs(limit: Limit) -> None:
    """The code shown to the reader runs alone and gives the same model."""
    namespace: dict[str, Any] = {"keras": keras, "layers": keras.layers}
    exec(limit.fix_source, namespace)
    assert namespace["model"].count_params() == limit.fix().count_params()
    for one in limit.attempts:
        compile(one.source, one.title, "exec")
        assert "Sequential" in one.source or "fit" in one.source


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_a_silent_and_a_loud_attempt(limit: Limit) -> None:
    assert any(one.loud for one in limit.attempts)
    assert any(not one.loud for one in limit.attempts)
    assert all(one.pattern for one in limit.attempts if one.loud)


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_the_way_round_has_a_price(limit: Limit) -> None:
    assert (limit.workaround_function is None) == (limit.price == "")
    model = limit.workaround()
    assert model is None or isinstance(model, keras.Sequential)


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_the_way_round_survives_saving_or_its_price_says_no(limit: Limit, tmp_path: Path) -> None:
    model = limit.workaround()
    if model is None:
        pytest.skip("it has no way round")
    if "get_config() must be written" in limit.price:
        with pytest.raises(NotImplementedError, match="get_config"):
            model.save(tmp_path / "net.keras")
        return
    model.save(tmp_path / "net.keras")
    again = keras.saving.load_model(tmp_path / "net.keras")
    x = an_input_of(model)
    for one, other in zip(numbers_of(model, x), numbers_of(again, x), strict=True):
        assert np.allclose(one, other, atol=1e-6)


def an_input_of(model: keras.Model) -> np.ndarray:
    """Two examples; whole numbers are ones, which is a valid id everywhere."""
    shape = (2, *(8 if size is None else size for size in model.input_shape[1:]))
    if "int" in str(model.inputs[0].dtype):
        return np.ones(shape, "int32")
    return np.random.default_rng(0).uniform(size=shape).astype("float32")


def numbers_of(model: keras.Model, x: np.ndarray) -> list[np.ndarray]:
    return [keras.ops.convert_to_numpy(one) for one in keras.tree.flatten(model(x))]


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_verify_fails_when_keras_accepts_the_attempts(
    limit: Limit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Take the exceptions away, and the demo says so and names its lesson."""
    for method in ("__init__", "compile", "fit"):
        monkeypatch.setattr(keras.Sequential, method, lambda self, *args, **kwargs: None)
    tried = [limit._check(one) for one in limit.attempts if one.loud]
    accepted = [check for check in tried if not check.holds]
    assert accepted
    assert any(f"lesson {limit.lesson}" in check.if_not for check in accepted)


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_each_attempt_that_is_accepted_names_the_lesson(limit: Limit) -> None:
    for one in limit.attempts:
        other = replace(one, function=lambda: None) if one.loud else replace(one, function=_refuse)
        check = limit._check(other)
        assert not check.holds
        assert f"lesson {limit.lesson}" in check.if_not


def _refuse() -> None:
    raise ValueError("refused now")


def test_evidence_that_cannot_run_is_a_failed_check() -> None:
    broken = replace(LIMITS[0], evidence=_refuse, trained=_refuse)  # type: ignore[arg-type]
    failed = [check for check in broken.verify().checks if not check.holds]
    assert [check.if_not for check in failed] == ["ValueError: refused now"] * 2


def test_add_that_keras_accepts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with the very exception of the residual demo taken away."""
    monkeypatch.setattr(keras.layers.Add, "build", lambda self, shape: None)
    monkeypatch.setattr(keras.layers.Add, "call", lambda self, x: x)
    monkeypatch.setattr(
        keras.layers.Add, "compute_output_spec", lambda self, x: keras.KerasTensor(x.shape)
    )
    verification = sk.limits.get("residual").verify()
    assert not verification.ok
    failed = [check for check in verification.checks if not check.holds]
    assert "accepts it now. Change the text of lesson 12" in failed[0].if_not


def test_unknown_name() -> None:
    with pytest.raises(Exception, match="Did you mean 'residual'"):
        sk.limits.get("residul")
