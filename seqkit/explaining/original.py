"""The exception's own words and traceback, made stable: the same cell twice prints the same.

Addresses, colour codes, paths of this machine and the counters in automatic names (`dense_7`,
`keras_tensor_12`) change from run to run, so they do not appear here. The untouched exception is
always at hand: `.error` of an attempt, `.original` of an explanation.
"""

from __future__ import annotations

import re
import sysconfig
import traceback
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import keras

from seqkit.converting import name_is_automatic
from seqkit.converting.layer_source import automatic_stem

LIMIT = 400
"""Characters of a message on one line."""

_MESSAGE_LIMIT = 2000
_FRAMES_SHOWN = 5

_SPEAKERS = {
    "keras": "Keras said",
    "tensorflow": "TensorFlow said",
    "jax": "JAX said",
    "jaxlib": "JAX said",
    "torch": "PyTorch said",
    "numpy": "NumPy said",
}
# TensorFlow prints its own way through every file before it says what is wrong.
_TENSORFLOW_STACK = re.compile(
    r"Graph execution error:\s*|Detected at node .*? defined at \(most recent call last\):"
    r"|^ *File \".*$|\[\[\{\{node.*?\}\}\]\]|\[Op:\w+\]",
    re.MULTILINE,
)
_HIDDEN = ("IPython", "ipykernel", "seqkit.magic", "seqkit.explaining")
# Python 3.12 has no frames of their own for these; without them every Python shows the same.
_COMPREHENSIONS = {"<listcomp>", "<dictcomp>", "<setcomp>"}


def speaker(error: BaseException) -> str:
    """Say whose words the message of an exception is.

    Args:
        error: an exception, or a warning.

    Returns:
        'Keras said' when the exception comes out of Keras, 'Python said' when it comes out of
        the learner's own code.

    Example:
        >>> speaker(UserWarning("from Keras"))
        'Keras said'
        >>> try:
        ...     1 / 0
        ... except ZeroDivisionError as error:
        ...     print(speaker(error))
        Python said
    """
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    if not frames:
        return "Keras said"
    if _is_learners(frames[-1]):
        return "Python said"
    # The standard library speaks for whoever called it.
    modules = (_module(frame).partition(".")[0] for frame in reversed(frames))
    return next((_SPEAKERS[name] for name in modules if name in _SPEAKERS), "Python said")


def original_words(error: BaseException, layers: Iterable[Any] = ()) -> str:
    r"""Return the class and message of an exception on one line.

    Args:
        error: the exception.
        layers: the layers of the model that failed, in their order, as far as known.

    Example:
        >>> original_words(ValueError("Bad input:\n <Dense at 0x7f12ab, name=keras_tensor_12>"))
        'ValueError: Bad input: <Dense, name=keras_tensor>'
    """
    text = f"{type(error).__name__}: {_on_one_line(stable(str(error), layers))}"
    return text if len(text) <= LIMIT else text[:LIMIT].rsplit(" ", 1)[0] + " …"


def original_traceback(error: BaseException, layers: Iterable[Any] = ()) -> str:
    """Return the traceback: the learner's own lines first, then the way through libraries.

    Args:
        error: the exception.
        layers: the layers of the model that failed, in their order, as far as known.

    Returns:
        Some lines. A line of the learner's stands with its source; a step inside a library is
        named by file and function.
    """
    layers = tuple(layers)
    lines = []
    cause = error.__cause__
    if cause is not None:
        lines += [original_traceback(cause, layers), "", "and because of that", ""]
    lines += _steps(error)
    message = stable(str(error), layers).strip()
    if len(message) > _MESSAGE_LIMIT:
        message = message[:_MESSAGE_LIMIT].rsplit(" ", 1)[0] + " …"
    lines.append(f"{type(error).__name__}: {message}".rstrip(": "))
    return "\n".join(lines)


def stable(text: str, layers: Iterable[Any] = ()) -> str:
    """Take out of a message what changes from run to run.

    Automatic names keep the number that they would have in a fresh session when the layer is
    known; otherwise they lose it.

    Args:
        text: a message.
        layers: the layers that the message may name, in their order.

    Example:
        >>> import keras
        >>> pair = [keras.layers.Dense(1), keras.layers.Dense(1)]
        >>> stable(f"{pair[1].name} got keras_tensor_41", pair)
        'dense_1 got keras_tensor'
        >>> stable("found in dense_7, not in my_dense_7")
        'found in dense, not in my_dense_7'
    """
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    text = _TENSORFLOW_STACK.sub("", text)
    text = re.sub(r" at 0x[0-9a-fA-F]+", "", text)
    fresh = _fresh_names(layers)

    def without_counter(found: re.Match[str]) -> str:
        word = found[0]
        stem = re.sub(r"_\d+$", "", word)
        return fresh.get(word, stem if stem in _automatic_stems() else word)

    return re.sub(r"\b[a-z]\w*\b", without_counter, text)


def _fresh_names(layers: Iterable[Any]) -> Mapping[str, str]:
    """The automatic names of a model's layers, as a session that begins with it gives them."""
    seen: dict[int, Any] = {id(one): one for one in layers if isinstance(one, keras.Layer)}
    names = Counter(one.name for one in seen.values())
    shared = {name for name, count in names.items() if count > 1}  # the error is about this name
    made: Counter[str] = Counter()
    fresh = {}
    for layer in seen.values():
        if not name_is_automatic(layer) or layer.name in shared:
            continue
        stem = re.sub(r"_\d+$", "", layer.name)
        fresh[layer.name] = f"{stem}_{made[stem]}" if made[stem] else stem
        made[stem] += 1
    return {**{name: name for name in shared}, **fresh}


@cache
def _automatic_stems() -> frozenset[str]:
    """What automatic names of Keras' own classes begin with, such as `conv2d` in `conv2d_4`."""
    classes = (name for name in dir(keras.layers) if isinstance(getattr(keras.layers, name), type))
    models = ("keras_tensor", "input_layer", "sequential", "functional", "model")
    return frozenset((*map(automatic_stem, classes), *models))


def _on_one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _steps(error: BaseException) -> list[str]:
    frames = [
        (frame, line)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if not _module(frame).startswith(_HIDDEN) and frame.f_code.co_name not in _COMPREHENSIONS
    ]
    lines: list[str] = []
    inside: list[str] = []
    for frame, line in frames:
        if not _is_learners(frame):
            inside.append(f"  {_short_path(frame)}, in {frame.f_code.co_name}")
            continue
        lines += _shortened(inside)
        inside = []
        lines += _own_step(frame, line)
    return [*lines, *_shortened(inside)]


def _own_step(frame: FrameType, line: int) -> list[str]:
    name = frame.f_code.co_name
    inside = "" if name == "<module>" else f", in {name}"
    where = "in a cell" if _is_cell(frame) else f"in {Path(frame.f_code.co_filename).name}"
    summary = traceback.FrameSummary(frame.f_code.co_filename, line, name)
    source = [f"    {summary.line}"] if summary.line else []
    return [f"{where}, line {line}{inside}", *source]


def _shortened(steps: Sequence[str]) -> list[str]:
    if len(steps) <= 2 * _FRAMES_SHOWN:
        return list(steps)
    left_out = len(steps) - 2 * _FRAMES_SHOWN
    return [*steps[:_FRAMES_SHOWN], f"  … {left_out} more steps", *steps[-_FRAMES_SHOWN:]]


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _is_cell(frame: FrameType) -> bool:
    """Whether the frame runs code of a notebook cell; IPython names such files in two ways."""
    name = frame.f_code.co_filename
    return name.startswith("<") or "ipykernel_" in name


def _is_learners(frame: FrameType) -> bool:
    if _module(frame).startswith(_HIDDEN):
        return False
    name = frame.f_code.co_filename
    return not (_in_packages(name) or name.startswith("<frozen") or _in_python(name))


def _in_packages(filename: str) -> bool:
    return "site-packages" in filename or "dist-packages" in filename


def _in_python(filename: str) -> bool:
    return filename.startswith(sysconfig.get_paths()["stdlib"])


def _short_path(frame: FrameType) -> str:
    """The file from its package on: keras/src/models/sequential.py."""
    name = Path(frame.f_code.co_filename).as_posix()
    for root in ("site-packages/", "dist-packages/"):
        if root in name:
            return name.rpartition(root)[2]
    return Path(name).name
