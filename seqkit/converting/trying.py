"""Make an object from its expression, without a trace in Keras or in the user's program."""

from __future__ import annotations

import linecache
from functools import lru_cache
from types import CodeType
from typing import Any

import keras

from seqkit.converting.configs import config_of
from seqkit.graph.undisturbed import undisturbed

_FILE = "<seqkit tries>"


def quietly_made(expression: str, scope: dict[str, Any]) -> Any | None:
    """Evaluate an expression; None when it fails.

    Example:
        >>> quietly_made("layers.Dense(units=2)", {"layers": __import__("keras").layers}).units
        2
        >>> quietly_made("layers.Dense()", {"layers": __import__("keras").layers}) is None
        True
    """
    with undisturbed():
        try:
            return eval(_compiled(expression), dict(scope))
        except Exception:  # whatever a constructor raises: the expression is not complete
            return None


def _compiled(expression: str) -> CodeType:
    """Compile an expression with its text at hand: Keras asks for the text of each lambda."""
    linecache.cache[_FILE] = (len(expression), None, [f"{expression}\n"], _FILE)
    return compile(expression, _FILE, "eval")


def config_made(expression: str, own: dict[str, Any]) -> dict[str, Any] | None:
    """Return the config of what an expression makes; None when it makes nothing.

    Args:
        expression: the expression.
        own: names of the user's own that it may use; without them the config is remembered,
            because a model has many layers that are written alike.
    """
    if own:
        return config_of(quietly_made(expression, {**_SCOPE, **own}))
    return _remembered(expression, _settings())


_SCOPE = {"keras": keras, "layers": keras.layers}


def _settings() -> tuple[str, ...]:
    """What decides on the defaults of every layer."""
    config = keras.config
    return config.floatx(), config.image_data_format(), str(config.dtype_policy())


@lru_cache(maxsize=2000)
def _remembered(expression: str, settings: tuple[str, ...]) -> dict[str, Any] | None:
    return config_of(quietly_made(expression, _SCOPE))
