"""Real faulty programs, kept as facts, turned into Keras objects."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

FILE = Path(__file__).with_name("faulty_programs.json")
_PLACES = (
    keras.layers,
    keras.initializers,
    keras.regularizers,
    keras.constraints,
    keras.losses,
    keras.metrics,
    keras.optimizers,
)


@dataclass
class Outcome:
    """What happened when a program ran."""

    model: keras.Model
    x: np.ndarray
    y: np.ndarray | None
    error: Exception | None


def load() -> list[dict[str, Any]]:
    """Return the programs."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def data(program: dict[str, Any]) -> tuple[np.ndarray, np.ndarray | None]:
    """Return x and y, the same on every call."""
    facts = program["buggy"]
    return _x(facts["x"]), None if facts.get("y") is None else _y(facts["y"])


def run(program: dict[str, Any]) -> Outcome:
    """Build the program, and do with it what its author did, for one step."""
    keras.utils.set_random_seed(0)
    facts = program["buggy"]
    x, y = data(program)
    model: Any = None
    try:
        model = keras.Sequential([_made(layer) for layer in facts["layers"]])
        model.compile(**compile_arguments(facts["compile"]))
        use(model, x, y, facts)
    except Exception as error:
        return Outcome(model, x, y, error)
    return Outcome(model, x, y, None)


def use(model: keras.Model, x: np.ndarray, y: np.ndarray | None, facts: dict[str, Any]) -> None:
    """Do what the program's author did."""
    if facts.get("call", "fit") == "predict":
        model.predict(x, verbose=0)
    elif facts.get("call", "fit") == "fit":
        size = facts.get("fit", {}).get("batch_size", 32)
        model.fit(x, y, batch_size=size, steps_per_epoch=1, verbose=0)


def compile_arguments(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of compile, with a new optimizer."""
    optimizer = keras.optimizers.get(facts.get("optimizer", "rmsprop"))
    changes = _plain(facts.get("optimizer_kwargs", {}))
    if "learning_rate" in facts:
        changes["learning_rate"] = facts["learning_rate"]
    if changes:
        optimizer = type(optimizer)(**changes)
    return {
        "optimizer": optimizer,
        "loss": _plain(facts.get("loss")),
        "metrics": [_plain(one) for one in facts.get("metrics", [])],
    }


def _made(facts: dict[str, Any]) -> Any:
    name, arguments = facts["class"], facts.get("kwargs", {})
    if name == "Input":
        return keras.Input(**_plain(arguments))
    if name == "Sequential":
        return keras.Sequential([_made(one) for one in arguments["layers"]])
    kind = next(getattr(place, name) for place in _PLACES if hasattr(place, name))
    return kind(**_plain(arguments))


def _plain(value: Any) -> Any:
    if isinstance(value, dict) and "class" in value:
        return _made(value)
    if isinstance(value, dict) and "array" in value:
        return [np.random.default_rng(0).random(value["array"], dtype="float32")]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return tuple(_plain(one) for one in value) if isinstance(value, list) else value


def _x(facts: dict[str, Any]) -> np.ndarray:
    random = np.random.default_rng(0)
    kind, low, high = facts.get("dtype", "float32"), facts.get("low", 0), facts.get("high", 1)
    if "int" in kind:
        return random.integers(low, high, facts["shape"]).astype(kind)
    return random.uniform(low, high, facts["shape"]).astype(kind)


def _y(facts: dict[str, Any]) -> np.ndarray:
    random, shape, kind = np.random.default_rng(1), list(facts["shape"]), facts["kind"]
    if kind == "float":
        values = random.uniform(facts.get("low", 0), facts.get("high", 1), shape)
        return values.astype(facts.get("dtype", "float32"))
    count = {"onehot": shape[-1], "binary": 2}.get(kind) or facts["classes"]
    sizes = shape[:-1] if kind == "onehot" else shape
    total = int(np.prod(sizes))
    labels = random.permutation(np.arange(total) % count).reshape(sizes)
    if kind == "onehot":
        return np.eye(count)[labels].astype(facts.get("dtype", "float32"))
    return labels.astype(facts.get("dtype", "int32"))
