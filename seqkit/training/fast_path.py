"""The settings of Keras that make a training fast on this machine, with the reason for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from seqkit.display import Displayable
from seqkit.training.device import BACKEND_NAMES, Device, device

# So many batches between two calls of the callbacks
# (tests/benchmarks/training_speed.py measures what it brings).
STEPS_PER_EXECUTION = 16
# The data may fill this share of the device's free memory; the rest is for weights and layers.
DATA_SHARE = 0.25
# Where the device does not tell its memory, data above this stay where they are: 1 GB.
SAFE_BYTES = 10**9
# NVIDIA chips from this compute capability on multiply bfloat16 in hardware (Ampere, 2020).
BFLOAT16_CAPABILITY = 8.0

Precision = Literal["float32", "mixed_bfloat16"]


@dataclass(frozen=True)
class Chip:
    """What an accelerator tells about itself; None where it does not.

    Attributes:
        memory: the bytes of its memory that are free.
        capability: NVIDIA's number for what it can compute, such as 8.0.
    """

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
    for rounding; `precision` is a proposal that rounds more, to 16 bits where the device is made
    for them. Callbacks are told about every 16th batch only; nothing changes for what they
    do after an epoch. With a strategy of `tf.distribute`, call it inside the strategy's scope.

    Taught in lesson 06.

    Args:
        x: the inputs: an array with one row for each example, or a list or dict of them; or
            a dataset that yields batches, which stays as it is.
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
            "jit_compile": _why_auto(where, backend, in_a_strategy),
            "precision": why_precision,
        },
    )


def _data(x: Any, y: Any, where: Device, backend: str, chip: Chip) -> tuple[bool, str]:
    arrays = [*_arrays(x), *_arrays(y)]
    if not all(_holds_numbers(one) for one in arrays):
        return False, "not all of them are arrays of numbers"
    size = sum(int(one.nbytes) for one in arrays)
    room = SAFE_BYTES if chip.memory is None else int(DATA_SHARE * chip.memory)
    if where.kind == "CPU":
        return False, f"{_megabytes(size)}, and the memory of the CPU is the device's"
    if backend in ("tensorflow", "jax"):  # Keras 3.15 turns even an array of JAX into NumPy's
        return False, f"on {BACKEND_NAMES[backend]}, fit cuts the batches on the CPU"
    if size > room:
        return False, f"{_megabytes(size)} is more than the {_megabytes(room)} set aside for data"
    return True, f"{_megabytes(size)} fit, and are copied once instead of in every epoch"


def _steps(x: Any, batch_size: int, backend: str, in_a_strategy: bool) -> tuple[int, str]:
    if backend == "torch":
        return 1, "Keras on PyTorch refuses any other number"
    if in_a_strategy:  # github.com/keras-team/keras/issues/19246
        return 1, "any other number stops fit with an error under tf.distribute"
    batches = _batches(x, batch_size)
    if batches is None:
        return 1, "how many batches there are is not known"
    steps = max(1, min(STEPS_PER_EXECUTION, batches))
    calls = -(-batches // steps)
    return steps, f"{batches} batches an epoch, the callbacks are called {calls} times"


def _batches(x: Any, batch_size: int) -> int | None:
    """How many batches an epoch has; None where nobody can tell."""
    import keras

    if isinstance(x, keras.utils.PyDataset):
        try:
            return x.num_batches
        except NotImplementedError:
            return None
    if hasattr(x, "cardinality"):  # tf.data.Dataset, already in batches; below 0: not known
        known = int(x.cardinality())
        return known if known > 0 else None
    rows = next((one.shape[0] for one in _arrays(x) if getattr(one, "shape", ())), None)
    return None if rows is None else -(-rows // batch_size)


def _why_auto(where: Device, backend: str, in_a_strategy: bool) -> str:
    if backend == "tensorflow" and where.kind == "CPU":
        return "off: Keras on TensorFlow compiles with XLA on a GPU or TPU only"
    if in_a_strategy:
        return "off: Keras does not compile with XLA under tf.distribute"
    if backend == "torch":
        return "off; True would call torch.compile, which takes seconds before the first step"
    name = BACKEND_NAMES.get(backend, backend)
    return f"on: {name} compiles the whole step with XLA, if every layer allows it"


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

    for gpu in tf.config.get_visible_devices("GPU"):
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
    free = told["bytes_limit"] - told.get("bytes_in_use", 0) if "bytes_limit" in told else None
    capability = str(getattr(found[0], "compute_capability", ""))  # "gfx90a" on an AMD GPU
    return Chip(free, float(capability) if capability.replace(".", "").isdigit() else None)


def _torch_chip() -> Chip:
    import torch

    if not torch.cuda.is_available():
        return Chip()
    major, minor = torch.cuda.get_device_capability()
    return Chip(int(torch.cuda.mem_get_info()[0]), float(f"{major}.{minor}"))


def _in_a_strategy(backend: str) -> bool:
    if backend != "tensorflow":
        return False
    import tensorflow as tf

    return bool(tf.distribute.has_strategy())


def _on_device(array: Any) -> Any:
    import keras

    is_float = keras.backend.is_float_dtype(keras.backend.standardize_dtype(array.dtype))
    # As fit would cast it.
    return keras.ops.convert_to_tensor(array, dtype=keras.config.floatx() if is_float else None)


def _holds_numbers(array: Any) -> bool:
    import keras

    if not hasattr(array, "nbytes") or not hasattr(array, "dtype"):
        return False
    try:
        name = keras.backend.standardize_dtype(array.dtype)
    except ValueError:  # words, or objects
        return False
    return name != "string"


def _arrays(data: Any) -> list[Any]:
    import keras

    return [] if data is None else list(keras.tree.flatten(data))


def _each(function: Callable[[Any], Any], data: Any) -> Any:
    import keras

    return None if data is None else keras.tree.map_structure(function, data)


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB" if count >= 10**6 else "under 1 MB"
