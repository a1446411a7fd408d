"""The names of metrics, whatever way they were written."""

from __future__ import annotations

import re
from typing import Any

ACCURACIES = ("accuracy", "acc")


def metric_name(metric: Any) -> str:
    """Name a metric: a string stays as it is, a class or an object gives its class name.

    Example:
        >>> import keras
        >>> metric_name("acc"), metric_name(keras.metrics.BinaryAccuracy())
        ('acc', 'BinaryAccuracy')
    """
    if isinstance(metric, str):
        return metric
    if isinstance(metric, type):
        return metric.__name__
    return str(getattr(metric, "__name__", type(metric).__name__))


def snake(name: str) -> str:
    """A class name as Keras writes it in a string.

    Example:
        >>> snake("SparseCategoricalAccuracy")
        'sparse_categorical_accuracy'
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
