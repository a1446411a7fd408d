"""Names that Keras does not know: misspelled, or from an older Keras."""

from __future__ import annotations

import difflib
import re
from typing import Any

import keras

from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.fitting.losses import snake_case
from seqkit.graph.reasons import first_sentence

ORDER = 45

_IDENTIFIER = re.compile(r"Could not interpret (loss|optimizer|metric) identifier: (.+)")
_ARGUMENT = re.compile(
    r"(\w+)\.\w+\(\) got an unexpected keyword argument '(\w+)'"
    r"|(?:not recognized|passed to (\w+)): \{'(\w+)'"
)
_ATTRIBUTE = re.compile(r"has no attribute '(\w+)'")

_ARGUMENTS = {
    "nb_epoch": "epochs",
    "nb_worker": "workers was removed with no other name",
    "lr": "learning_rate",
    "decay": "a schedule, such as keras.optimizers.schedules.ExponentialDecay",
    "init": "kernel_initializer",
    "border_mode": "padding",
    "subsample": "strides",
    "nb_filter": "filters",
    "input_length": "nothing: the length is seen from the data",
    "W_regularizer": "kernel_regularizer",
    "output_dim": "units",
    "samples_per_epoch": "steps_per_epoch",
}
_METHODS = {
    "predict_classes": "model.predict(x).argmax(axis=-1)",
    "predict_proba": "model.predict(x)",
    "fit_generator": "model.fit(generator)",
    "evaluate_generator": "model.evaluate(generator)",
    "predict_generator": "model.predict(generator)",
}


def match(evidence: Evidence) -> Explanation | None:
    """Recognise an unknown loss, optimizer, metric, argument or method."""
    text = str(evidence.error)
    found = _IDENTIFIER.search(text)
    if found:
        return _identifier(evidence, found[1], found[2].strip())
    found = _ARGUMENT.search(text)
    if found and _is_of_keras(found[1] or found[3] or "Layer"):
        return _argument(evidence, found[2] or found[4])
    found = _ATTRIBUTE.search(text)
    if found and found[1] in _METHODS and isinstance(evidence.error, AttributeError):
        return _method(evidence, found[1])
    return None


def _identifier(evidence: Evidence, what: str, given: str) -> Explanation:
    if given.startswith("<class"):
        name = given.rsplit(".", 1)[-1].rstrip("'>")
        fix = f"Make an object of the class: keras.{_module(what)}.{name}(), with brackets."
        title = f"{name} is a class, and compile needs an object"
    else:
        close = difflib.get_close_matches(given.lower(), _known(what), 1, 0.6)
        fix = f'Did you mean "{close[0]}"?' if close else _where(what)
        title = f'Keras knows no {what} called "{given}"'
    return _explanation(
        evidence, "unknown_name", "parameter", title, f"compile got {given} as its {what}.",
        "compile looks the name up among Keras' own.", fix,
    )  # fmt: skip


def _is_of_keras(owner: str) -> bool:
    """Whether a class of this name is one of Keras', and not the learner's own."""
    places = (keras, keras.layers, keras.optimizers, keras.losses, keras.metrics)
    return owner.endswith("Trainer") or any(hasattr(place, owner) for place in places)


def _argument(evidence: Evidence, name: str) -> Explanation | None:
    new = _ARGUMENTS.get(name)
    if new is None:
        return None
    return _explanation(
        evidence, "renamed", "environment", f"Keras 3 has no argument {name} here",
        f"{first_sentence(evidence.error)}." if evidence.error is not None else "",
        "The code was written for an older Keras.", f"The argument is now: {new}.",
    )  # fmt: skip


def _method(evidence: Evidence, name: str) -> Explanation:
    return _explanation(
        evidence, "renamed", "environment", f"Keras 3 models have no method {name}",
        f"{name} was called, and it is gone since TensorFlow 2.6 or Keras 3.",
        "The code was written for an older Keras.", f"Write {_METHODS[name]}.",
    )  # fmt: skip


def _explanation(
    evidence: Evidence, pattern: str, fault: Any, title: str, happened: str, why: str, fix: str
) -> Explanation:
    return Explanation(
        pattern=pattern,
        fault=fault,
        title=title,
        what_happened=happened,
        why=why,
        fix=fix,
        trace=evidence.trace,
        original=evidence.error,
    )


def _module(what: str) -> str:
    return {"loss": "losses", "optimizer": "optimizers", "metric": "metrics"}[what]


def _known(what: str) -> list[str]:
    """Names that compile takes, in small letters with underscores."""
    module = getattr(keras, _module(what))
    base = {"loss": keras.losses.Loss, "optimizer": keras.optimizers.Optimizer}.get(what)
    base = base or keras.metrics.Metric
    words = []
    for name, thing in vars(module).items():
        if isinstance(thing, type) and issubclass(thing, base):
            words.append(name.lower() if what == "optimizer" else snake_case(name))
    return sorted({*words, "mse", "mae", "accuracy"} if what != "optimizer" else words)


def _where(what: str) -> str:
    return f"The names stand in the documentation of keras.{_module(what)}."
