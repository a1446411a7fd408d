"""An argument that a layer does not take: `units="10"`, `activation="rleu"`, a misspelt name."""

from __future__ import annotations

import difflib
import inspect
import re
from dataclasses import replace
from typing import Any

import keras

from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.explaining.frames import Making, layer_in_making

ORDER = 55

_COUNTS = ("units", "filters", "input_dim", "output_dim", "num_heads", "key_dim", "n")


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a layer whose constructor was given something that it does not take."""
    missing = _missing(evidence.error)
    if missing is not None:
        return replace(_explained(evidence, *missing), title=f"{missing[0]} needs `{missing[1]}`")
    making = layer_in_making(evidence.error)
    if making is None or type(making.owner).__module__.startswith("keras.") is False:
        return _late_count(evidence)
    for check in (_misspelt, _tensor, _counts, _activation, _padding, _sizes, _rate, _choice):
        found = check(making)
        if found is not None:
            return _explained(evidence, making.kind, *found)
    return None


def _explained(evidence: Evidence, kind: str, argument: str, what: str, fix: str) -> Explanation:
    return Explanation(
        pattern="layer_argument",
        fault="parameter",
        title=f"{kind} does not take this `{argument}`",
        what_happened=f"{kind}: {what}.",
        why="A layer checks its arguments when it is made, before any data comes.",
        fix=fix,
        layer=evidence.row,
        trace=evidence.trace,
        original=evidence.error,
    )


def _missing(error: BaseException | None) -> tuple[str, str, str, str] | None:
    """Python's own refusal: an argument without which the layer cannot be made."""
    found = re.match(r"(\w+)\.__init__\(\) missing \d+ required .*?: (.*)", str(error))
    if not isinstance(error, TypeError) or found is None or not _is_layer(found.group(1)):
        return None
    kind, names = found.group(1), re.findall(r"'(\w+)'", found.group(2))
    written = ", ".join(f"{name}=..." for name in names)
    listed = " and ".join(f"`{name}`" for name in names)
    return (
        kind,
        names[0],
        f"{listed} was not given, and has no default",
        (f"Write {kind}({written}), with a value."),
    )


def _is_layer(kind: str) -> bool:
    return inspect.isclass(getattr(keras.layers, kind, None))


def _misspelt(making: Making) -> tuple[str, str, str] | None:
    unknown = making.arguments.get("kwargs")
    if not isinstance(unknown, dict):
        return None
    taken = _parameters(type(making.owner))
    for name in unknown:
        if name in taken or name in ("input_shape", "input_dim", "name", "dtype", "trainable"):
            continue
        near = difflib.get_close_matches(name, taken, 1)
        fix = f"Write `{near[0]}`." if near else "Leave it out, or look at the layer's arguments."
        return name, f"it has no argument `{name}`", fix
    return None


def _parameters(kind: type) -> list[str]:
    names: list[str] = []
    for one in kind.__mro__:
        if "__init__" in vars(one) and issubclass(one, keras.Layer):
            names += inspect.signature(vars(one)["__init__"]).parameters
    return [name for name in names if name not in ("self", "kwargs", "args")]


def _tensor(making: Making) -> tuple[str, str, str] | None:
    for name, value in _given(making).items():
        if isinstance(value, keras.KerasTensor):
            return (
                name,
                f"`{name}` is a tensor of shape {tuple(value.shape)}",
                f"First make the layer, then call it on the tensor: "
                f"{making.kind}(...)(x), with two pairs of brackets.",
            )
    return None


def _counts(making: Making) -> tuple[str, str, str] | None:
    for name, value in _given(making).items():
        if name in _COUNTS and not _is_count(value):
            return (
                name,
                f"`{name}` is {value!r}, and must be a whole number from 1",
                _count_fix(value),
            )
    return None


def _is_count(value: Any) -> bool:
    return hasattr(value, "__index__") and not isinstance(value, bool) and int(value) > 0


def _count_fix(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return f"Write {int(value)}, or divide with //, which gives a whole number."
    if isinstance(value, str) and value.isdigit():
        return f"Write {int(value)}, without quotes."
    return "Write a whole number from 1."


def _activation(making: Making) -> tuple[str, str, str] | None:
    for name, value in _given(making).items():
        if "activation" not in name or value is None or callable(value):
            continue
        try:
            keras.activations.get(value)
        except Exception:  # that is the fault
            near = _near(str(value))
            fix = f'Write {name}="{near[0]}".' if near else 'Write a name such as "relu".'
            return name, f"Keras knows no activation {value!r}", fix
    return None


def _near(name: str) -> list[str]:
    """The activation that was meant: 'Relu' is relu, 'LeakyReLU' is leaky_relu."""
    plain = {one.replace("_", ""): one for one in _activations()}
    word = name.lower().replace("_", "")
    if word in plain:
        return [plain[word]]
    return [plain[one] for one in difflib.get_close_matches(word, plain, 1)]


def _activations() -> list[str]:
    return [name for name in dir(keras.activations) if not name.startswith("_")]


def _padding(making: Making) -> tuple[str, str, str] | None:
    value = _given(making).get("padding")
    if not isinstance(value, str) or value in ("valid", "same", "causal"):
        return None
    return (
        "padding",
        f"`padding` is {value!r}, and only 'valid' (no border) and 'same' exist",
        'Write padding="same" to keep the sides, padding="valid" to let them shrink.',
    )


def _sizes(making: Making) -> tuple[str, str, str] | None:
    digit = re.search(r"([123])D", making.kind)
    if digit is None:
        return None
    axes = int(digit.group(1))
    for name in ("kernel_size", "pool_size", "strides", "dilation_rate"):
        value = _given(making).get(name)
        if isinstance(value, tuple | list) and value and len(value) != axes:
            plural = f"{axes} numbers" if axes > 1 else "one number"
            what = f"`{name}` is {value!r}, and {making.kind} needs {plural}"
            return name, what, _size_fix(name, tuple(value), axes)
    return None


def _size_fix(name: str, value: tuple[Any, ...], axes: int) -> str:
    first, *_ = value
    if axes == 1 or len(value) < axes:
        return f"Write {name}={first}."
    return f"Write {name}={value[:axes]}."


def _rate(making: Making) -> tuple[str, str, str] | None:
    value = _given(making).get("rate")
    if not isinstance(value, int | float) or 0 <= value <= 1:
        return None
    fix = f"Write {making.kind}({value / 100:g})." if 1 < value <= 100 else "Write a part, as 0.5."
    return "rate", f"`rate` is {value!r}, and is the part that is dropped, from 0 to 1", fix


def _choice(making: Making) -> tuple[str, str, str] | None:
    value = _given(making).get("data_format")
    if value is None or value in ("channels_last", "channels_first"):
        return None
    return (
        "data_format",
        f"`data_format` is {value!r}, and is either 'channels_last' or 'channels_first'",
        "Leave it out: the channels stand last.",
    )


def _given(making: Making) -> dict[str, Any]:
    names = _parameters(type(making.owner))
    return {name: making.arguments[name] for name in names if name in making.arguments}


def _late_count(evidence: Evidence) -> Explanation | None:
    """Older Keras takes any `units` and fails later, when the weights are made."""
    layer = evidence.item
    if evidence.row is None or not isinstance(layer, keras.Layer):
        return None
    for name in _COUNTS:
        value = getattr(layer, name, 1)
        if type(layer).__module__.startswith("keras.") and not _is_count(value):
            what = f"`{name}` is {value!r}, and must be a whole number from 1"
            return _explained(evidence, type(layer).__name__, name, what, _count_fix(value))
    return None
