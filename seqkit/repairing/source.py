"""A program as source code, with a comment beside what was changed."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from seqkit.converting import Program as WrittenProgram
from seqkit.converting.folding import fold
from seqkit.converting.needs import Needs
from seqkit.converting.sequential_source import sequential_lines
from seqkit.repairing.program import CompileArguments, Program


def program_source(program: Program) -> str:
    """Write the program: the layers one by one, compile, and the changes of the data.

    Args:
        program: the program.

    Returns:
        Source code that leaves the model in `model`. Where it changes data, it uses the names
        under which the user passed them.

    Example:
        >>> import keras
        >>> print(program_source(Program((keras.Input((4,)), keras.layers.Dense(3)))))
        import keras
        from keras import layers
        <BLANKLINE>
        model = keras.Sequential(
            [
                keras.Input((4,)),
                layers.Dense(3),
            ]
        )
    """
    needs = Needs()
    lines = []
    if program.model is None:
        lines = sequential_lines(program.items, needs, lambda item: _comment(program, item))
    if program.compiled is not None and program.call != "predict":
        lines += fold(compile_source(program.compiled))
    lines += program.data_lines
    if any("np." in line for line in lines):
        needs.import_module("np", np)
    return WrittenProgram.of(lines, needs).code


def _comment(program: Program, item: Any) -> str:
    why = next((why for layer, why in program.changed[::-1] if layer is item), "")
    if not why:
        return ""
    if why == "this line":
        return "  # changed"
    return "  # new" if why == "new" else f"  # changed: {why}"


def compile_source(compiled: CompileArguments) -> str:
    """Write the call of `compile`, as short as it can be.

    Example:
        >>> compile_source(CompileArguments("adam", "mse"))
        'model.compile(optimizer="adam", loss="mse")'
    """
    parts = [f"optimizer={_optimizer(compiled.optimizer)}"]
    if compiled.loss is not None:
        parts.append(f"loss={_loss(compiled.loss)}")
    if compiled.metrics:
        parts.append(f"metrics=[{', '.join(_metric(one) for one in compiled.metrics)}]")
    return f"model.compile({', '.join(parts)})"


def _optimizer(optimizer: Any) -> str:
    if isinstance(optimizer, str):
        return f'"{optimizer}"'
    name = type(optimizer).__name__
    # On PyTorch the class is another one of the same name.
    public = getattr(keras.optimizers, name, None)
    if public is None or not type(optimizer).__module__.startswith("keras."):
        return name
    config, default = optimizer.get_config(), public().get_config()
    other = {key: value for key, value in config.items() if value != default.get(key)}
    plain = {key: _short(value) for key, value in other.items() if isinstance(value, float | int)}
    if not plain:
        return f'"{name.lower()}"'
    return f"keras.optimizers.{name}({', '.join(f'{key}={plain[key]}' for key in plain)})"


def _short(value: Any) -> str:
    """A learning rate comes back as 0.10000000149011612."""
    if isinstance(value, bool) or not isinstance(value, float):
        return repr(value)
    return repr(float(f"{value:.6g}"))


def _loss(loss: Any) -> str:
    if isinstance(loss, str):
        return f'"{loss}"'
    if isinstance(loss, keras.losses.Loss):
        kind = type(loss)
        if getattr(keras.losses, kind.__name__, None) is kind:
            given = {"from_logits": True} if getattr(loss, "from_logits", False) else {}
            given |= {"from_logits": True} if loss.get_config().get("from_logits") else {}
            arguments = ", ".join(f"{key}={value}" for key, value in given.items())
            return f"keras.losses.{kind.__name__}({arguments})"
    if isinstance(loss, list | tuple):
        return f"[{', '.join(_loss(one) for one in loss)}]"
    name = getattr(loss, "__name__", type(loss).__name__)
    known = getattr(keras.losses, name, None) is loss
    return f"keras.losses.{name}" if known else name


def _metric(metric: Any) -> str:
    if isinstance(metric, str):
        return f'"{metric}"'
    if isinstance(metric, dict) and "class_name" in metric:
        metric = keras.saving.deserialize_keras_object(metric)
    kind = type(metric)
    if getattr(keras.metrics, kind.__name__, None) is kind:
        config, default = metric.get_config(), kind().get_config()
        other = {k: v for k, v in config.items() if v != default.get(k) and k != "name"}
        arguments = ", ".join(f"{key}={value!r}" for key, value in other.items())
        return f"keras.metrics.{kind.__name__}({arguments})"
    return getattr(metric, "__name__", kind.__name__)
