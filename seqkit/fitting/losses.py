"""What each of Keras' losses needs of the labels and of the model's output."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

import keras

Task = Literal["multiclass", "binary", "regression", "margin", "other"]
Targets = Literal["one-hot", "integers", "zero-one", "real", "distribution", "signs", "other"]


@dataclass(frozen=True)
class LossNeeds:
    """What a loss needs.

    Attributes:
        name: the loss as it is written in `compile`, such as "categorical_crossentropy".
        task: what it is for.
        targets: the labels that it takes.
        from_logits: whether the output is taken as logits, so without softmax or sigmoid.
        compares: whether labels and output must have the same shape.
    """

    name: str
    task: Task
    targets: Targets
    from_logits: bool = False

    @property
    def compares(self) -> bool:
        """Whether labels and output have the same shape; otherwise an axis is missing in y."""
        return self.targets != "integers"

    @property
    def broadcasts(self) -> bool:
        """Whether Keras repeats labels by NumPy's rule until their shape is the output's."""
        return not self.name.endswith("crossentropy")


_NEEDS: dict[str, tuple[Task, Targets]] = {
    "categorical_crossentropy": ("multiclass", "one-hot"),
    "categorical_focal_crossentropy": ("multiclass", "one-hot"),
    "categorical_hinge": ("multiclass", "one-hot"),
    "sparse_categorical_crossentropy": ("multiclass", "integers"),
    "binary_crossentropy": ("binary", "zero-one"),
    "binary_focal_crossentropy": ("binary", "zero-one"),
    "kl_divergence": ("multiclass", "distribution"),
    "hinge": ("margin", "signs"),
    "squared_hinge": ("margin", "signs"),
    "mean_squared_error": ("regression", "real"),
    "mean_absolute_error": ("regression", "real"),
    "mean_absolute_percentage_error": ("regression", "real"),
    "mean_squared_logarithmic_error": ("regression", "real"),
    "huber": ("regression", "real"),
    "log_cosh": ("regression", "real"),
    "poisson": ("regression", "real"),
    "cosine_similarity": ("regression", "real"),
}
_SHORT = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "bce": "binary_crossentropy",
    "kld": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence",
    "logcosh": "log_cosh",
    "cosine_proximity": "cosine_similarity",
}


def loss_needs(loss: Any) -> LossNeeds | None:
    """Look up what a loss needs.

    Args:
        loss: what `compile` got: a name, a function or a loss object.

    Returns:
        The needs, or None for a loss that is not one of Keras' own, and for several losses.

    Example:
        >>> loss_needs("mse").targets
        'real'
        >>> loss_needs(keras.losses.SparseCategoricalCrossentropy(from_logits=True)).from_logits
        True
        >>> loss_needs("my_loss") is None
        True
    """
    if isinstance(loss, str):
        word = loss
    elif isinstance(loss, keras.losses.Loss):
        if not type(loss).__module__.startswith("keras."):
            return None
        word = type(loss).__name__
    elif callable(loss):
        if not str(getattr(loss, "__module__", "")).startswith("keras."):
            return None
        word = getattr(loss, "__name__", "")
    else:
        return None
    name = snake_case(word)
    name = _SHORT.get(name, name)
    if name not in _NEEDS:
        return None
    return LossNeeds(name, *_NEEDS[name], from_logits=_from_logits(loss))


def _from_logits(loss: Any) -> bool:
    if not isinstance(loss, keras.losses.Loss):
        return False
    config = loss.get_config()
    return bool(config.get("from_logits", getattr(loss, "from_logits", False)))


def snake_case(word: str) -> str:
    """Write the name of a class as `compile` takes it.

    Example:
        >>> snake_case("KLDivergence"), snake_case("MSE")
        ('kl_divergence', 'mse')
    """
    if word.isupper():  # a short form, such as MSE
        return word.lower()
    word = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", word)
    return word.lower()
