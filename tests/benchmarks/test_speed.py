"""What seqkit costs, as ratios measured in one run. `pytest tests/benchmarks -s` prints them."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import seqkit as sk


def median_seconds(work: Callable[[], Any], runs: int = 5) -> float:
    """Median over some runs, after one that does not count."""
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def report(capsys: pytest.CaptureFixture[str], line: str) -> None:
    with capsys.disabled():
        print(f"\nbenchmark: {line}")


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Keras builds a Sequential recursively: 1,000 layers need more than Python's 1,000 frames."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(50_000)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def deep_sequential(depth: int) -> keras.Sequential:
    with deep_recursion():
        return keras.Sequential([keras.Input((8,)), *(layers.Dense(8) for _ in range(depth))])


def compare(model: keras.Model) -> tuple[float, float]:
    """Seconds of a printed trace, and of Keras' own summary."""
    trace = median_seconds(lambda: str(sk.trace(model)))
    with deep_recursion():
        summary = median_seconds(lambda: model.summary(print_fn=lambda text: None))
    return trace, summary


def test_import_time(capsys: pytest.CaptureFixture[str]) -> None:
    code = (
        "import time; start = time.perf_counter(); import seqkit; "
        "print(time.perf_counter() - start); import sys; print('tensorflow' in sys.modules)"
    )
    times = []
    for _ in range(5):
        out = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        seconds, loaded = out.stdout.split()
        assert loaded == "False"
        times.append(float(seconds))
    report(capsys, f"import seqkit: {statistics.median(times) * 1000:.1f} ms, no TensorFlow")
    assert statistics.median(times) < 0.1


def test_trace_against_summary_on_resnet50(capsys: pytest.CaptureFixture[str]) -> None:
    trace, summary = compare(keras.applications.ResNet50(weights=None))
    report(capsys, f"ResNet50: sk.trace takes {trace / summary:.2f} of model.summary()")
    assert trace <= summary


def test_trace_against_summary_on_1000_layers(capsys: pytest.CaptureFixture[str]) -> None:
    trace, summary = compare(deep_sequential(1000))
    report(
        capsys, f"1,000-layer Sequential: sk.trace takes {trace / summary:.2f} of model.summary()"
    )
    assert trace <= summary


def test_trace_grows_linearly(capsys: pytest.CaptureFixture[str]) -> None:
    depths = (250, 500, 1000)
    seconds = [
        median_seconds(lambda model=model: str(sk.trace(model)))  # type: ignore[misc]
        for model in map(deep_sequential, depths)
    ]
    each = [1e6 * s / depth for s, depth in zip(seconds, depths, strict=True)]
    cost = ", ".join(f"{depth} layers {us:.0f} µs" for depth, us in zip(depths, each, strict=True))
    report(capsys, f"sk.trace for each layer: {cost}")
    assert each[-1] < 2 * each[0]


def test_unbuilt_list_grows_linearly(capsys: pytest.CaptureFixture[str]) -> None:
    def work(depth: int) -> float:
        items = [keras.Input((8,)), *(layers.Dense(8) for _ in range(depth))]
        return median_seconds(lambda: sk.trace(items), runs=3) / depth

    short, long = work(100), work(400)
    report(
        capsys,
        f"an unbuilt list: {1e3 * short:.1f} ms a layer at 100 layers, {1e3 * long:.1f} at 400",
    )
    assert long < 2 * short


def hundred_layers(place: int = 0, other: layers.Layer | None = None) -> list[Any]:
    """An Input and 100 layers, one of them another if it is given."""
    stack: list[Any] = [layers.Dense(8, activation="relu") for _ in range(99)]
    stack.append(layers.Dense(3, activation="softmax"))
    if other is not None:
        stack[place] = other
    return [keras.Input((8,)), *stack]


def test_lint_of_100_layers(capsys: pytest.CaptureFixture[str]) -> None:
    model = keras.Sequential(hundred_layers())
    model.compile("adam", "sparse_categorical_crossentropy")
    x, y = np.random.default_rng(0).random((64, 8)), np.arange(64) % 3
    seconds = median_seconds(lambda: str(sk.lint(model, x, y)))
    report(capsys, f"sk.lint of 100 layers with data: {1e3 * seconds:.0f} ms")
    assert seconds < 0.2


@pytest.mark.parametrize("fault", ["an LSTM among Dense layers", "labels for another loss"])
def test_explain_of_100_layers(fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The fix is built, so Keras' own work counts: as often as explain has the model built."""
    build = median_seconds(lambda: keras.Sequential(hundred_layers()), runs=3)
    error = failure(fault)
    seconds = median_seconds(lambda: str(sk.explain(error)), runs=3)
    assert sk.explain(error).verified
    report(
        capsys,
        f"sk.explain of 100 layers, {fault}: {seconds:.2f} s with the fix built and run, "
        f"{seconds / build:.1f} times what Keras needs to build the model once",
    )
    assert seconds - 4 * build < 0.2


def failure(fault: str) -> Exception:
    try:
        if fault == "labels for another loss":
            model = keras.Sequential(hundred_layers())
            model.compile("adam", "categorical_crossentropy")
            model.fit(np.zeros((64, 8)), np.arange(64) % 3, verbose=0)
        else:
            keras.Sequential(hundred_layers(50, layers.LSTM(8)))
    except Exception as error:
        return error
    raise AssertionError("Keras accepts it")
