"""What `training_speed.py` trains, and the side of a worker that is the same in all frameworks.

This file imports neither Keras nor PyTorch.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
import traceback
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import seqkit as sk

LENGTH, VOCABULARY = 32, 3000  # of the reviews in lessons 05 and 16
MOST_EPOCHS = 40  # to reach an accuracy
TOP = 10  # functions of a profile


@dataclass(frozen=True)
class Net:
    """A network of the lessons, and how it is trained there.

    Attributes:
        lesson: the lesson and section.
        rate: the learning rate of Adam.
        metrics: whether the accuracy is computed as well.
        l2: the L2 penalty on the kernels of convolutions.
        goal: the test accuracy for `--accuracy`.
    """

    lesson: str
    data: str
    batch_size: int
    rate: float
    metrics: bool = False
    l2: float = 0.0
    goal: float | None = None


NETS = {
    "mlp": Net("01, section 4", "rows", 32, 0.001, metrics=True, goal=0.84),
    "cnn": Net("04, section 8", "pictures", 32, 0.003, l2=1e-4, goal=0.86),
    "lstm": Net("05, section 7", "reviews", 128, 0.005),
    "resnet": Net("12, section 6", "pictures", 64, 0.003, metrics=True, goal=0.86),
    "transformer": Net("16, section 9", "reviews", 128, 0.005),
}


@dataclass(frozen=True)
class Task:
    """What a worker trains; `examples` and `batch_size` other than the lesson's if given."""

    net: str
    precision: str = "float32"
    examples: int | None = None
    batch_size: int | None = None
    accuracy: bool = False

    @property
    def batch(self) -> int:
        return self.batch_size or NETS[self.net].batch_size

    @property
    def metrics(self) -> bool:
        return self.accuracy or NETS[self.net].metrics


class Data(NamedTuple):
    x: np.ndarray
    y: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def load(task: Task) -> Data:
    """The data of the lesson, as arrays that a network takes."""
    kind = NETS[task.net].data
    if kind == "reviews":
        found = sk.data.load("reviews")
        number = _common_words(found.x_train)
        x, x_test = (_encode(part, number) for part in (found.x_train, found.x_test))
    else:
        found = sk.data.load("fashion")
        shape = (-1, 784) if kind == "rows" else (-1, 28, 28, 1)
        x, x_test = (
            part.reshape(shape) / np.float32(255) for part in (found.x_train, found.x_test)
        )
    return Data(x[: task.examples], found.y_train[: task.examples], x_test, found.y_test)


def _split(text: str) -> list[str]:
    return re.findall(r"[a-z']+|[.,!?]", text.lower())


def _common_words(texts: Iterable[str]) -> dict[str, int]:
    counts = Counter(word for text in texts for word in _split(text)).most_common(VOCABULARY - 2)
    return {word: place for place, (word, _) in enumerate(counts, start=2)}


def _encode(texts: Iterable[str], number: Mapping[str, int]) -> np.ndarray:
    """Numbers for words as in lessons 05 and 16: 0 is padding, 1 any word that is not common."""
    rows = [[number.get(word, 1) for word in _split(text)[:LENGTH]] for text in texts]
    return np.array([row + [0] * (LENGTH - len(row)) for row in rows], "int32")


# The worker's side: one network in one framework.


class Bench(ABC):
    """One network in one framework. All answers are JSON."""

    @abstractmethod
    def about(self) -> dict[str, Any]:
        """`device`, the number of `parameters`, and the number of `examples` in an epoch."""

    @abstractmethod
    def run(self, path: str, epochs: int) -> dict[str, float]:
        """Train on; `seconds`, and for the live plot what it took of them."""

    @abstractmethod
    def to_accuracy(self, path: str, seed: int) -> dict[str, float]:
        """Train from new weights until the goal: `seconds`, `epochs` and the test `accuracy`."""

    @abstractmethod
    def product(self, size: int) -> Callable[[], object]:
        """A product of two square matrices, which waits for its result."""

    def peak(self) -> float:
        """Floating-point operations per second of the best product of large matrices."""
        best, size, fastest = 0.0, 512, 0.0
        while fastest < 0.1 and size <= 8192:
            multiply = self.product(size)
            multiply()
            fastest = min(seconds_of(multiply) for _ in range(5))
            best = max(best, 2 * size**3 / fastest)
            size *= 2
        return best

    def profile(self, path: str) -> dict[str, list[list[str]]]:
        """Functions of one epoch, by the time with and without what they call."""
        import cProfile
        import pstats

        with cProfile.Profile() as profiler:
            self.run(path, 1)
        functions = pstats.Stats(profiler).get_stats_profile().func_profiles
        trained = [item for item in functions.items() if _is_training(*item)]
        found = {}
        for title, key in {"with what it calls": "cumtime", "its own": "tottime"}.items():
            slowest = sorted(trained, key=lambda item: -float(getattr(item[1], key)))[:TOP]
            found[title] = [
                [f"{getattr(one, key):.3f}", one.ncalls, f"`{name}`, {_place(one)}"]
                for name, one in slowest
            ]
        return found


def _is_training(name: str, function: Any) -> bool:
    """Whether it is not from this benchmark; its loop for PyTorch is what `fit` is for Keras."""
    return name == "_epoch" or not function.file_name.startswith(str(Path(__file__).parent))


def _place(function: Any) -> str:
    name = re.sub(r".*(site-packages|lib/python[\d.]+|benchmarks)/", "", function.file_name)
    return f"{name}:{function.line_number}" if function.line_number else "built in"


def seconds_of(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def serve(kind: Callable[[Task], Bench]) -> None:
    """Answer the coordinator's questions, one line of JSON each, until it hangs up."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what libraries print, and pictures, go nowhere
    bench: Bench | None = None
    for line in sys.stdin:
        method, arguments = json.loads(line)
        try:
            if bench is None:
                bench, answer = kind(Task(**arguments)), None
            else:
                answer = getattr(bench, method)(**arguments)
            print(json.dumps({"answer": answer}), file=answers, flush=True)
        except Exception:
            print(json.dumps({"error": traceback.format_exc()}), file=answers, flush=True)
