"""Small helpers around `fit`: device, seed, budget, checked statements, guesses, a live plot.

They are thin: each one does what its name says with a few calls of Keras or plain Python.
`LivePlot` and `Checkpoint` are Keras classes, so only their first use imports Keras.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqkit.training.budget import budget
from seqkit.training.device import Device, device
from seqkit.training.expect import ExpectationError, expect
from seqkit.training.fast_path import FastPath, fast_path
from seqkit.training.guess import Guess, guess
from seqkit.training.seed import seed

if TYPE_CHECKING:
    from seqkit.training.checkpoint import Checkpoint
    from seqkit.training.live_plot import LivePlot

__all__ = [
    "Checkpoint",
    "Device",
    "ExpectationError",
    "FastPath",
    "Guess",
    "LivePlot",
    "budget",
    "device",
    "expect",
    "fast_path",
    "guess",
    "seed",
]


def __getattr__(name: str) -> object:
    if name == "Checkpoint":
        from seqkit.training.checkpoint import Checkpoint

        return Checkpoint
    if name == "LivePlot":
        from seqkit.training.live_plot import LivePlot

        return LivePlot
    raise AttributeError(f"module 'seqkit.training' has no attribute {name!r}")
