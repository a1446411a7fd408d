"""The shape of an Input: a number in place of a tuple, or something that is no size."""

from __future__ import annotations

from typing import Any

import keras

from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.explaining.frames import frames_of

ORDER = 42


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a shape that Keras cannot read."""
    given, found = _given(evidence.error)
    second = _second(evidence.error)
    if not found:
        return None
    wrong = _wrong(given)
    if wrong is None:
        return None
    what, fix = wrong
    if isinstance(given, int) and second is not None:
        fix = f"Write all sizes in one tuple: keras.Input(({given}, {second}))."
    return Explanation(
        pattern="input_shape",
        fault="parameter",
        title=f"{given!r} is not a shape",
        what_happened=f"The Input was given {given!r}: {what}.",
        why="A shape is a tuple with one whole number for each axis of one example.",
        fix=fix,
        original=evidence.error,
    )


def _given(error: BaseException | None) -> tuple[Any, bool]:
    """The shape as it was passed to `keras.Input` or as `input_shape=`."""
    for frame in frames_of(error):
        owner = frame.f_locals.get("self")
        makes_input = isinstance(owner, keras.layers.InputLayer)
        if frame.f_code.co_name == "__init__" and makes_input:
            shape = frame.f_locals.get("shape")
            if shape is None:
                shape = frame.f_locals.get("batch_shape")
            return _without_batch(shape), shape is not None
        if frame.f_code.co_name == "Input" and "batch_shape" in frame.f_locals:
            shape = frame.f_locals.get("shape")
            if shape is not None:
                return shape, True
        argument = frame.f_locals.get("input_shape_arg")
        if frame.f_code.co_name == "__init__" and isinstance(argument, int | str):
            return argument, True
    return None, False


def _second(error: BaseException | None) -> int | None:
    """A number in the second place of `keras.Input`, which is the batch size."""
    for frame in frames_of(error):
        if frame.f_code.co_name == "Input" and "batch_shape" in frame.f_locals:
            size = frame.f_locals.get("batch_size")
            return size if isinstance(size, int) else None
    return None


def _without_batch(shape: Any) -> Any:
    if isinstance(shape, tuple | list) and len(shape) == 2 and shape[0] is None:
        return shape[1]
    return shape


def _wrong(given: Any) -> tuple[str, str] | None:
    """What is wrong with a shape, and what to write."""
    if isinstance(given, int) and not isinstance(given, bool):
        return "a number, and no tuple", f"Write keras.Input(({given},)), with the comma."
    if isinstance(given, str):
        right = f"({given},)" if given.isdigit() else "(8,)"
        return "a text, and no tuple", f"Write a tuple of numbers: keras.Input({right})."
    if isinstance(given, float):
        return "a number, and no tuple", f"Write keras.Input(({int(given)},)), with the comma."
    if not isinstance(given, tuple | list):
        return f"it is of the type {type(given).__name__}", "Write a tuple: keras.Input((8,))."
    for size in given:
        if size is not None and not hasattr(size, "__index__"):
            whole = isinstance(size, float) and size.is_integer()
            return (
                f"it holds {size!r}, which is no whole number",
                f"Write {int(size)}, or divide with //." if whole else "Write whole numbers.",
            )
        if size is not None and size < 0:
            return f"it holds {size}", "Write None for a size that is not fixed, not -1."
    return None
