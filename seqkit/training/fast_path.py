"""The settings of Keras that make a training fast on this machine, with the reason for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from seqkit.display import Displayable
from seqkit.training.device import BACKEND_NAMES, Device, device

# So many batches in one call: Python and the callbacks are then asked that much less often
# (tests/benchmarks/training_speed.py measures what it brings).
STEPS_PER_EXECUTION = 16
# The data may fill this share of the device's memory; the rest is for weights and layers.
DATA_SHARE = 0.25
# Where the device does not tell its memory, data above this stay where they are: 1 GB.
SAFE_BYTES = 10**9
# NVIDIA chips from this compute capability on multiply bfloat16 in hardware (Ampere, 2020).
BFLOAT16_CAPABILITY = 8.0

Precision = Literal["float32", "mixed_bfloat16"]


@dataclass(frozen=True)
class Chip:
    """What an accelerator tells about itself; None where it does not."""

    memory: int | None = None
    capability: float | None = None


@dataclass(frozen=True, repr=False)
class FastPath(Displayable):
    """How to train fast here. Everything in it is a setting or a function of Keras.

    Attributes:
        x: the inputs, on the device if `moved`.
        y: the targets, likewise.
        batch_size: for `fit`.
        compile_options: for `compile`: `steps_per_execution` and `jit_compile`.
        precision: for `keras.config.set_dtype_policy`, before the model is made.
        moved: whether the data were copied to the memory of the device.
        reasons: one sentence for each setting, by its name.
    """

    x: Any
    y: Any
    batch_size: int
    compile_options: dict[str, Any]
    precision: Precision
    moved: bool
    reasons: dict[str, str]

    def as_text(self) -> str:
        """Return one line for each setting: its value and the reason."""
        values = {
            "data": "on the device" if self.moved else "as they are",
            **self.compile_options,
            "precision": self.precision,
        }
        width = max(len(name) for name in values)
        return "\n".join(
            f"{name:{width}}  {value}: {self.reasons[name]}" for name, value in values.items()
        )


def fast_path(x: Any, y: Any = None, batch_size: int = 32) -> FastPath:
    """Choose how to train fast on this device, and say why.

    Nothing is switched on by itself: give `compile_options` to `compile`, and train with `x`,
    `y` and `batch_size` of the result. The numbers that the training computes stay the same, but
    for rounding. Callbacks are told about every 16th batch only; nothing changes for what they
    do after an epoch. With a strategy of `tf.distribute`, call it inside the strategy's scope.

    Taught in lesson 06.

    Args:
        x: the inputs: an array with one row for each example, or a list or dict of them.
        y: the targets, likewise; None if the inputs are the targets or hold them.
        batch_size: examples in one step.

    Returns:
        A `FastPath`; as the last line of a cell it shows itself.

    Raises:
        ValueError: If `batch_size` is below 1.

    Example:
        >>> import numpy as np
        >>> path = fast_path(np.ones((256, 4)), np.ones(256), batch_size=64)
        >>> sorted(path.compile_options)
        ['jit_compile', 'steps_per_execution']
        >>> path.x.shape, path.batch_size
        ((256, 4), 64)

    Source: https://keras.io/api/models/model_training_apis/ (the arguments of `compile`).
    """
    import keras

    if not isinstance(batch_size, int) or batch_size < 1:
        raise ValueError(
            f"fast_path got batch_size={batch_size!r}. It must be a whole number of 1 or more, "
            "such as 32."
        )
    backend = keras.backend.backend()
    return choose(x, y, batch_size, device(), backend, ask_chip(), _in_a_strategy(backend))


def choose(
    x: Any,
    y: Any,
    batch_size: int,
    where: Device,
    backend: str,
    chip: Chip,
    in_a_strategy: bool = False,
) -> FastPath:
    """Choose the settings for a given device; `fast_path` finds out which one it is.

    Args:
        x: the inputs.
        y: the targets, or None.
        batch_size: examples in one step.
        where: the device.
        backend: the name of Keras' backend, such as "jax".
        chip: what the accelerator tells about itself.
        in_a_strategy: whether a strategy of `tf.distribute` is active.

    Returns:
        The settings with their reasons.
    """
    move, why_data = _data(x, y, where, backend, chip)
    steps, why_steps = _steps(x, batch_size, backend, in_a_strategy)
    precision, why_precision = _precision(where, chip)
    return FastPath(
        x=_each(_on_device, x) if move else x,
        y=_each(_on_device, y) if move else y,
        batch_size=batch_size,
        compile_options={"steps_per_execution": steps, "jit_compile": "auto"},
        precision=precision,
        moved=move,
        reasons={
            "data": why_data,
            "steps_per_execution": why_steps,
            "jit_compile": _why_auto(where, backend),
            "precision": why_precision,
        },
    )


def _data(x: Any, y: Any, where: Device, backend: str, chip: Chip) -> tuple[bool, str]:
    arrays = [*_arrays(x), *_arrays(y)]
    size = sum(int(getattr(one, "nbytes", 0)) for one in arrays)
    room = SAFE_BYTES if chip.memory is None else int(DATA_SHARE * chip.memory)
    if where.kind == "CPU":
        return False, f"{_megabytes(size)}, and the memory of the CPU is the device's"
    if backend == "tensorflow":
        return False, "on TensorFlow, fit cuts the batches on the CPU while the device computes"
    if not all(hasattr(one, "nbytes") and one.dtype.kind in "fiub" for one in arrays):
        return False, "not all of them are arrays of numbers"
    if size > room:
        return False, f"{_megabytes(size)} is more than the {_megabytes(room)} set aside for data"
    return True, f"{_megabytes(size)} fit, and are copied once instead of in every epoch"


def _steps(x: Any, batch_size: int, backend: str, in_a_strategy: bool) -> tuple[int, str]:
    if backend == "torch":
        return 1, "Keras on PyTorch refuses any other number"
    if in_a_strategy:  # github.com/keras-team/keras/issues/19246
        return 1, "any other number stops fit with an error under tf.distribute"
    rows = next((one.shape[0] for one in _arrays(x) if getattr(one, "shape", ())), None)
    if rows is None:
        return 1, "how many batches there are is not known"
    batches = -(-rows // batch_size)
    steps = max(1, min(STEPS_PER_EXECUTION, batches))
    return steps, f"{batches} batches an epoch, so Python waits {-(-batches // steps)} times"


def _why_auto(where: Device, backend: str) -> str:
    if backend == "tensorflow" and where.kind == "CPU":
        return "off, since on a CPU compiling with XLA costs more than it saves"
    if backend == "torch":
        return "off; True would call torch.compile, which pays in long trainings only"
    return f"on: {BACKEND_NAMES.get(backend, backend)} compiles the whole step with XLA"


def _precision(where: Device, chip: Chip) -> tuple[Precision, str]:
    if where.kind == "TPU":
        return "mixed_bfloat16", "a TPU multiplies 16-bit numbers in hardware"
    if where.kind == "CPU":
        return "float32", "on most CPUs 16-bit numbers are slower, not faster"
    if chip.capability is None:
        return "float32", "the device does not tell whether it multiplies 16-bit numbers"
    if chip.capability < BFLOAT16_CAPABILITY:
        return "float32", "this GPU has no units for bfloat16"
    return "mixed_bfloat16", "this GPU multiplies bfloat16 in hardware; small nets gain little"


def ask_chip() -> Chip:
    """Ask the backend about the memory and the capability of the first accelerator.

    Returns:
        What it tells; nothing on a CPU.

    Example:
        >>> ask_chip().memory is None or ask_chip().memory > 0
        True
    """
    import keras

    ask = {"tensorflow": _tensorflow_chip, "jax": _jax_chip, "torch": _torch_chip}
    found = ask.get(keras.backend.backend())
    return found() if found else Chip()


def _tensorflow_chip() -> Chip:
    import tensorflow as tf

    for gpu in tf.config.list_physical_devices("GPU"):
        major_minor = tf.config.experimental.get_device_details(gpu).get("compute_capability")
        if major_minor:
            return Chip(capability=float(f"{major_minor[0]}.{major_minor[1]}"))
    return Chip()


def _jax_chip() -> Chip:
    import jax

    found = [one for one in jax.devices() if one.platform != "cpu"]
    if not found:
        return Chip()
    told = found[0].memory_stats() or {}
    capability = getattr(found[0], "compute_capability", None)
    return Chip(told.get("bytes_limit"), float(capability) if capability else None)


def _torch_chip() -> Chip:
    import torch

    if not torch.cuda.is_available():
        return Chip()
    major, minor = torch.cuda.get_device_capability()
    return Chip(int(torch.cuda.mem_get_info()[1]), float(f"{major}.{minor}"))


def _in_a_strategy(backend: str) -> bool:
    if backend != "tensorflow":
        return False
    import tensorflow as tf

    return bool(tf.distribute.has_strategy())


def _on_device(array: Any) -> Any:
    import keras

    kind = keras.config.floatx() if array.dtype.kind == "f" else None  # as fit would cast it
    return keras.ops.convert_to_tensor(array, dtype=kind)


def _arrays(data: Any) -> list[Any]:
    import keras

    return [] if data is None else list(keras.tree.flatten(data))


def _each(function: Callable[[Any], Any], data: Any) -> Any:
    import keras

    return None if data is None else keras.tree.map_structure(function, data)


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB" if count >= 10**6 else "under 1 MB"
