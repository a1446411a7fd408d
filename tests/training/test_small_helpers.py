"""device, seed, budget, expect."""

from __future__ import annotations

import subprocess
import sys

import keras
import numpy as np
import pytest

from seqkit.training import ExpectationError, budget, device, expect, seed
from seqkit.training.device import Facts, _hidden_by, describe


def test_the_device_is_one_line() -> None:
    result = device()
    assert str(result).startswith("device: ")
    assert "\n" not in str(result)
    assert f"Keras {keras.__version__} on " in str(result)
    assert result._repr_mimebundle_() == {"text/plain": str(result)}


CPU = Facts("tensorflow", "2.21.0", "3.15.1", cores=2)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (CPU, "device: CPU, 2 cores (no GPU found) · Keras 3.15.1 on TensorFlow 2.21.0"),
        (Facts("jax", "0.7", "3.10.0", cores=1), "CPU, 1 core (no GPU found)"),
        (
            Facts("torch", "2.9", "3.15.1", cores=8, accelerators=("NVIDIA T4",)),
            "device: GPU, NVIDIA T4 (found by PyTorch) · Keras 3.15.1 on PyTorch 2.9",
        ),
        (Facts("jax", "0.7", "3.15.1", cores=8, accelerators=("a", "b")), "with 1 more"),
        (
            Facts("tensorflow", "2.21.0", "3.15.1", cores=2, nvidia_seen=True, gpu_build=False),
            'a build for CPU only: pip install "tensorflow[and-cuda]"',
        ),
        (
            Facts("tensorflow", "2.21.0", "3.15.1", cores=2, nvidia_seen=True, gpu_build=True),
            "CUDA libraries are missing or the driver is too old",
        ),
        (
            Facts("jax", "0.10.2", "3.15.1", 2, nvidia_seen=True, hidden_by="JAX_PLATFORMS"),
            "an NVIDIA GPU is here, but JAX_PLATFORMS hides it",
        ),
        (
            Facts("tensorflow", "2.21.0", "3.15.1", cores=2, nvidia_seen=True, windows=True),
            "on Windows TensorFlow uses it inside WSL2 only",
        ),
        (Facts("numpy", "2", "3.15.1", cores=2, nvidia_seen=True), "Keras on NumPy does not use"),
    ],
)
def test_the_reason_follows_from_the_facts(facts: Facts, words: str) -> None:
    assert words in str(describe(facts))


@pytest.mark.parametrize(
    ("backend", "variable", "value", "expected"),
    [
        ("tensorflow", "CUDA_VISIBLE_DEVICES", "-1", "CUDA_VISIBLE_DEVICES"),
        ("torch", "CUDA_VISIBLE_DEVICES", "", "CUDA_VISIBLE_DEVICES"),
        ("jax", "JAX_PLATFORMS", "cpu", "JAX_PLATFORMS"),
        ("torch", "KERAS_TORCH_DEVICE", "cpu", "KERAS_TORCH_DEVICE"),
        ("tensorflow", "JAX_PLATFORMS", "cpu", ""),
        ("jax", "JAX_PLATFORMS", "cuda", ""),
        ("jax", "CUDA_VISIBLE_DEVICES", "0", ""),
    ],
)
def test_a_variable_that_hides_the_gpu_is_named(
    backend: str, variable: str, value: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CUDA_VISIBLE_DEVICES", "JAX_PLATFORMS", "KERAS_TORCH_DEVICE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, value)
    assert _hidden_by(backend) == expected


def test_a_seed_repeats_random_numbers_and_returns_nothing() -> None:
    def numbers() -> np.ndarray:
        return keras.ops.convert_to_numpy(keras.random.uniform((3,)))

    assert seed(3) is None  # type: ignore[func-returns-value]
    first = numbers()
    seed(np.int64(3))  # type: ignore[arg-type]
    assert np.array_equal(first, numbers())


@pytest.mark.parametrize(("bad", "error"), [(1.5, TypeError), ("1", TypeError), (-1, ValueError)])
def test_a_bad_seed_is_explained(bad: object, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"sk\.seed\(0\)"):
        seed(bad)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "expected"), [(None, "quick"), ("", "quick"), ("quick", "quick"), (" Full ", "full")]
)
def test_the_budget_comes_from_the_environment(
    value: str | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SEQKIT_BUDGET", raising=False)
    if value is not None:
        monkeypatch.setenv("SEQKIT_BUDGET", value)
    assert budget() == expected
    assert budget(quick=None, full="x") == (None if expected == "quick" else "x")


def test_a_bad_budget_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQKIT_BUDGET", "fast")
    with pytest.raises(ValueError, match="SEQKIT_BUDGET is 'fast'"):
        budget()


def test_half_a_choice_is_explained() -> None:
    with pytest.raises(TypeError, match="got only quick="):
        budget(quick=3)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "true", [True, np.bool_(True), np.array(True), keras.ops.convert_to_tensor(True)]
)
def test_a_true_statement_is_printed(true: object, capsys: pytest.CaptureFixture[str]) -> None:
    expect(true, "it holds")
    assert capsys.readouterr().out == "✓ it holds\n"


def test_a_false_statement_is_an_assertion_error() -> None:
    with pytest.raises(ExpectationError, match="not true in this run: it holds"):
        expect(np.bool_(False), "it holds")
    assert issubclass(ExpectationError, AssertionError)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (np.array([True, True]), r"array of shape \(2,\).*condition\.all\(\)"),
        (keras.ops.ones((2, 2)), r"array of shape \(2, 2\)"),
        (np.float64(0.9), "got a number"),
        (0.9, "got float"),
        (None, "got NoneType"),
        ([True], "got list"),
        (keras.KerasTensor((), dtype="bool"), "symbolic"),
    ],
)
def test_what_is_no_boolean_is_refused(condition: object, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        expect(condition, "it holds")


def test_a_statement_needs_words() -> None:
    with pytest.raises(ValueError, match="in words"):
        expect(True, " ")


def test_guess_and_expect_need_no_keras() -> None:
    code = (
        "import sys; from seqkit.training import guess, expect, budget; guess(1, 2); "
        "print([m for m in ('keras', 'tensorflow', 'matplotlib') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "[]", result.stderr
