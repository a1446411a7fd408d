"""Small helpers around `fit`: device, seed, budget, checked statements, guesses, a live plot.

They are thin: each one does what its name says with a few calls of Keras or plain Python.
Only `LivePlot` is a Keras class, so only its first use imports Keras.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqkit.training.budget import budget
from seqkit.training.device import Device, device
from seqkit.training.expect import ExpectationError, expect
from seqkit.training.guess import Guess, guess
from seqkit.training.seed import seed

if TYPE_CHECKING:
    from seqkit.training.live_plot import LivePlot

__all__ = [
    "Device",
    "ExpectationError",
    "Guess",
    "LivePlot",
    "budget",
    "device",
    "expect",
    "guess",
    "seed",
]


def __getattr__(name: str) -> object:
    if name == "LivePlot":
        from seqkit.training.live_plot import LivePlot

        return LivePlot
    raise AttributeError(f"module 'seqkit.training' has no attribute {name!r}")
