"""The networks of `training_speed.py` in PyTorch, and the worker that trains them.

    python -m tests.benchmarks.training_nets_torch

It reads questions from its input. A training loop as PyTorch's own tutorials write it, with what
makes it fast: see `TorchBench._epoch`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

if "pytest" in sys.modules:  # it looks for examples in every file, also where PyTorch is missing
    import pytest

    pytest.importorskip("torch")

import torch
from torch import nn
from torch.nn import functional

from tests.benchmarks.training_nets import (
    LENGTH,
    MOST_EPOCHS,
    NETS,
    VOCABULARY,
    Bench,
    Task,
    load,
    seconds_of,
    serve,
)

EPSILON = 1e-3  # of Keras' normalisations


def mlp() -> nn.Module:
    return nn.Sequential(nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))


def cnn() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=2),
        nn.ReLU(),
        nn.BatchNorm2d(16, EPSILON, momentum=0.1),
        nn.Conv2d(16, 32, 3),
        nn.ReLU(),
        nn.BatchNorm2d(32, EPSILON, momentum=0.1),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(32 * 5 * 5, 10),
    )


class Lstm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(VOCABULARY, 16)
        self.lstm = nn.LSTM(16, 16, batch_first=True)
        # Keras has one bias, PyTorch two that are added: the second one stays 0.
        nn.init.zeros_(self.lstm.bias_hh_l0).requires_grad_(False)
        self.head = nn.Linear(16, 1)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        states, _ = self.lstm(self.table(words))
        last = (words > 0).sum(1) - 1  # the zeros behind the words are masked in Keras
        return self.head(states[torch.arange(len(words), device=words.device), last])


class Residual(nn.Module):
    def __init__(self, before: int, filters: int, stride: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(before, filters, 3, stride, padding=1)
        self.second = nn.Conv2d(filters, filters, 3, padding=1)
        same = before == filters and stride == 1
        self.skip = nn.Identity() if same else nn.Conv2d(before, filters, 1, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inside = self.second(functional.relu(self.first(x)))
        return functional.relu(inside + self.skip(x))


def resnet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, stride=2, padding=1),
        nn.ReLU(),
        Residual(8, 8),
        Residual(8, 16, stride=2),
        nn.Flatten(),
        nn.Linear(16 * 7 * 7, 10),
    )


class Transformer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(VOCABULARY, 16)
        self.places = nn.Parameter(torch.empty(LENGTH, 16).uniform_(-0.05, 0.05))
        self.block = nn.TransformerEncoderLayer(
            16, 2, 32, dropout=0.0, layer_norm_eps=EPSILON, batch_first=True
        )
        self.head = nn.Linear(16, 1)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        padding = words == 0
        x = self.block(self.table(words) + self.places, src_key_padding_mask=padding)
        kept = (~padding).unsqueeze(-1)
        return self.head((x * kept).sum(1) / kept.sum(1))


BUILDERS: dict[str, Callable[[], nn.Module]] = {
    "mlp": mlp,
    "cnn": cnn,
    "lstm": Lstm,
    "resnet": resnet,
    "transformer": Transformer,
}


class TorchBench(Bench):
    def __init__(self, task: Task) -> None:
        self.task, self.spec = task, NETS[task.net]
        self.on_gpu = torch.cuda.is_available()
        self.device = torch.device("cuda" if self.on_gpu else "cpu")
        if self.on_gpu:
            torch.set_float32_matmul_precision("high")
        self.binary = self.spec.data == "reviews"
        data = load(task)
        self.x, self.x_test = self._inputs(data.x), self._inputs(data.x_test)
        self.y, self.y_test = self._labels(data.y), self._labels(data.y_test)
        self.net = BUILDERS[task.net]().to(self.device)
        # One program for each shape, also of the last batch, and none for all shapes.
        self.compiled = torch.compile(self.net, dynamic=False)
        self._new_optimizer()

    def about(self) -> dict[str, Any]:
        cores = f"{torch.get_num_threads()} of {os.cpu_count()} cores"
        name = torch.cuda.get_device_name() if self.on_gpu else cores
        trained = sum(one.numel() for one in self.net.parameters() if one.requires_grad)
        running = sum(one.numel() for one in self.net.buffers() if one.is_floating_point())
        return {
            "device": f"{self.device.type.upper()}, {name} · PyTorch {torch.__version__}",
            "parameters": trained + running,  # Keras counts the means of BatchNormalization, too
            "examples": len(self.x),
        }

    def run(self, path: str, epochs: int) -> dict[str, float]:
        return {"seconds": seconds_of(lambda: [self._epoch(path) for _ in range(epochs)])}

    def to_accuracy(self, path: str, seed: int) -> dict[str, float]:
        assert self.spec.goal is not None
        self._epoch(path)  # it compiles
        torch.manual_seed(seed)
        self.net.load_state_dict(BUILDERS[self.task.net]().state_dict())
        self._new_optimizer()
        found = {"seconds": 0.0, "epochs": 0, "accuracy": 0.0}
        while found["epochs"] < MOST_EPOCHS and found["accuracy"] < self.spec.goal:
            found["seconds"] += seconds_of(lambda: self._epoch(path))
            found["epochs"] += 1
            found["accuracy"] = self._accuracy()
        return found

    def product(self, size: int) -> Callable[[], object]:
        kind = torch.bfloat16 if self.task.precision == "mixed_bfloat16" else torch.float32
        one, other = (torch.randn(size, size, device=self.device, dtype=kind) for _ in range(2))
        return lambda: (one @ other)[0, 0].item()

    def _epoch(self, path: str) -> tuple[float, float]:
        """Train for an epoch; the mean loss and the share of right answers, read at its end."""
        forward = self.net if path == "eager" else self.compiled
        n, batch = len(self.x), self.task.batch
        self.net.train()
        order = torch.randperm(n, device=self.device)
        total, hits = torch.zeros(2, device=self.device)
        for start in range(0, n, batch):
            rows = order[start : start + batch]
            x, y = self.x[rows], self.y[rows]
            self.optimizer.zero_grad(set_to_none=True)
            with self._precision():
                scores = forward(x)
                loss = self._loss(scores, y)
            loss.backward()
            self.optimizer.step()
            total += loss.detach() * len(rows)
            if self.task.metrics:
                hits += self._hits(scores.detach(), y)
        return total.item() / n, hits.item() / n  # it waits for the GPU

    def _precision(self) -> AbstractContextManager[Any]:
        if self.task.precision == "float32":
            return nullcontext()
        return torch.autocast(self.device.type, torch.bfloat16)

    def _loss(self, scores: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        if self.binary:
            return functional.binary_cross_entropy_with_logits(scores[:, 0], y)
        return functional.cross_entropy(scores, y)

    def _hits(self, scores: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        if self.binary:
            return ((scores[:, 0] > 0) == (y > 0)).sum()
        return (scores.argmax(1) == y).sum()

    def _accuracy(self) -> float:
        self.net.eval()
        with torch.no_grad(), self._precision():
            hits = self._hits(self.net(self.x_test), self.y_test)
        return hits.item() / len(self.y_test)

    def _new_optimizer(self) -> None:
        kernels = [one.weight for one in self.net.modules() if isinstance(one, nn.Conv2d)]
        chosen = {id(one) for one in kernels}
        rest = [one for one in self.net.parameters() if id(one) not in chosen and one.requires_grad]
        # The gradient of l2 · w² is 2 · l2 · w, and that is what `weight_decay` adds to it.
        groups: list[dict[str, Any]] = [{"params": rest}]
        if kernels:
            groups.append({"params": kernels, "weight_decay": 2 * self.spec.l2})
        self.optimizer = torch.optim.Adam(groups, lr=self.spec.rate, eps=1e-7, fused=True)

    def _inputs(self, x: Any) -> torch.Tensor:
        found = torch.from_numpy(x).to(self.device)
        return found.permute(0, 3, 1, 2).contiguous() if found.ndim == 4 else found

    def _labels(self, y: Any) -> torch.Tensor:
        kind = torch.float32 if self.binary else torch.int64
        return torch.from_numpy(y).to(self.device, kind)


if __name__ == "__main__":
    serve(TorchBench)
