"""784 → 32 → 10 without a framework: one step of gradient descent, and any Dense stack forwards."""

from __future__ import annotations

from typing import Any

import numpy as np

Weights = list[np.ndarray]


def one_step(weights: Weights, x: np.ndarray, labels: np.ndarray, rate: float) -> Weights:
    """Take one step on the mean cross-entropy of softmax, with the gradient written out.

    Args:
        weights: kernel, bias, kernel, bias.
        x: examples.
        labels: integer classes.
        rate: learning rate.

    Returns:
        The weights after the step.

    Taught in lesson 01.
    """
    w1, b1, w2, b2 = weights
    before = x @ w1 + b1
    hidden = np.maximum(before, 0)
    scores = hidden @ w2 + b2
    powers = np.exp(scores - scores.max(1, keepdims=True))
    chances = powers / powers.sum(1, keepdims=True)
    wrong = chances.copy()
    wrong[np.arange(len(x)), labels] -= 1
    wrong /= len(x)
    back = (wrong @ w2.T) * (before > 0)
    slopes = [x.T @ back, back.sum(0), hidden.T @ wrong, wrong.sum(0)]
    return [weight - rate * slope for weight, slope in zip(weights, slopes, strict=True)]


def forwards(configs: list[dict[str, Any]], weights: Weights, x: np.ndarray) -> np.ndarray:
    """Run a stack of Dense layers with NumPy alone.

    Args:
        configs: what `get_config()` of each layer says.
        weights: kernel and bias of each layer.
        x: examples.

    Returns:
        The outputs of the last layer.
    """
    for place, config in enumerate(configs):
        x = x @ weights[2 * place] + weights[2 * place + 1]
        if config["activation"] == "relu":
            x = np.maximum(x, 0)
        elif config["activation"] == "softmax":
            powers = np.exp(x - x.max(-1, keepdims=True))
            x = powers / powers.sum(-1, keepdims=True)
    return x
