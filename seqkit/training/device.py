"""What the training will run on, and why, in one line."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from seqkit.display import Displayable

BACKEND_NAMES = {
    "tensorflow": "TensorFlow",
    "jax": "JAX",
    "torch": "PyTorch",
    "openvino": "OpenVINO",
    "numpy": "NumPy",
}
# What a person types to get a build of the backend that can use an NVIDIA GPU.
GPU_INSTALL = {
    "tensorflow": 'pip install "tensorflow[and-cuda]"',
    "jax": 'pip install "jax[cuda12]"',
    "torch": "the install line for CUDA at pytorch.org",
}
# There the builds above do not use an NVIDIA GPU.
NOT_ON_WINDOWS = {"tensorflow", "jax"}
DRIVER_FILE = Path("/proc/driver/nvidia/version")


@dataclass(frozen=True)
class Facts:
    """What was found out about this machine and this backend.

    `hidden_by` is the environment variable that keeps the backend away from the GPU, or "".
    """

    backend: str
    backend_version: str
    keras_version: str
    cores: int
    accelerators: tuple[str, ...] = ()
    accelerator_kind: str = "GPU"
    nvidia_seen: bool = False
    gpu_build: bool | None = None
    hidden_by: str = ""
    windows: bool = False


@dataclass(frozen=True, repr=False)
class Device(Displayable):
    """The device that will be used. `kind` is "CPU", "GPU" or "TPU"."""

    kind: str
    what: str
    why: str
    versions: str

    def as_text(self) -> str:
        """Return exactly one line."""
        return f"device: {self.kind}, {self.what} ({self.why}) · {self.versions}"


def device() -> Device:
    """Say in one line what the training will run on, and why.

    Taught in lesson 01; why a GPU may stay unused is in lesson 06.

    Returns:
        A `Device`; as the last line of a cell it shows itself.

    Example:
        >>> str(device()).startswith("device: ")
        True
    """
    return describe(_find_out())


def describe(facts: Facts) -> Device:
    """Return the device that follows from the facts.

    Args:
        facts: What was found on the machine.

    Returns:
        The device with the reason for it.

    Example:
        >>> describe(Facts("tensorflow", "2.21.0", "3.15.1", cores=2))
        device: CPU, 2 cores (no GPU found) · Keras 3.15.1 on TensorFlow 2.21.0
    """
    name = BACKEND_NAMES.get(facts.backend, facts.backend)
    versions = f"Keras {facts.keras_version} on {name} {facts.backend_version}".rstrip()
    if facts.accelerators:
        what = facts.accelerators[0]
        extra = len(facts.accelerators) - 1
        why = f"found by {name}" if not extra else f"found by {name}, with {extra} more"
        return Device(facts.accelerator_kind, what, why, versions)
    cores = f"{facts.cores} core{'' if facts.cores == 1 else 's'}"
    return Device("CPU", cores, _why_no_gpu(facts, name), versions)


def _why_no_gpu(facts: Facts, name: str) -> str:
    if not facts.nvidia_seen:
        return "no GPU found"
    if facts.hidden_by:
        return f"an NVIDIA GPU is here, but {facts.hidden_by} hides it"
    install = GPU_INSTALL.get(facts.backend)
    if install is None:
        return f"an NVIDIA GPU is here, but Keras on {name} does not use it"
    if facts.windows and facts.backend in NOT_ON_WINDOWS:
        return f"an NVIDIA GPU is here, but on Windows {name} uses it inside WSL2 only"
    if facts.gpu_build is False:
        return f"an NVIDIA GPU is here, but this {name} is a build for CPU only: {install}"
    return (
        f"an NVIDIA GPU is here, but {name} cannot use it: its CUDA libraries are missing "
        f"or the driver is too old; try {install}"
    )


def _find_out() -> Facts:
    import keras

    backend = keras.backend.backend()
    kind, accelerators, gpu_build = _accelerators(backend)
    return Facts(
        backend=backend,
        backend_version=_version(backend),
        keras_version=keras.__version__,
        cores=_cores(),
        accelerators=accelerators,
        accelerator_kind=kind,
        nvidia_seen=DRIVER_FILE.exists() or shutil.which("nvidia-smi") is not None,
        gpu_build=gpu_build,
        hidden_by=_hidden_by(backend),
        windows=os.name == "nt",
    )


def _hidden_by(backend: str) -> str:
    """The environment variable that hides the GPU from this backend, or ""."""
    if os.environ.get("CUDA_VISIBLE_DEVICES", "all").strip() in ("", "-1"):
        return "CUDA_VISIBLE_DEVICES"
    name = {"jax": "JAX_PLATFORMS", "torch": "KERAS_TORCH_DEVICE"}.get(backend, "")
    return name if os.environ.get(name, "").strip().lower() == "cpu" else ""


def _accelerators(backend: str) -> tuple[str, tuple[str, ...], bool | None]:
    """Ask the backend itself: only what it lists can be used."""
    if backend == "tensorflow":
        return _tensorflow_devices()
    if backend == "jax":
        return _jax_devices()
    if backend == "torch":
        return _torch_devices()
    return "GPU", (), None


def _tensorflow_devices() -> tuple[str, tuple[str, ...], bool | None]:
    import tensorflow as tf

    gpus = tf.config.get_visible_devices("GPU")
    names = tuple(
        str(tf.config.experimental.get_device_details(gpu).get("device_name", "GPU"))
        for gpu in gpus
    )
    return "GPU", names, bool(tf.test.is_built_with_cuda())


def _jax_devices() -> tuple[str, tuple[str, ...], bool | None]:
    import jax

    found = [item for item in jax.devices() if item.platform != "cpu"]
    kind = "TPU" if found and found[0].platform == "tpu" else "GPU"
    return kind, tuple(str(item.device_kind) for item in found), None


def _torch_devices() -> tuple[str, tuple[str, ...], bool | None]:
    import torch

    gpu_build = torch.version.cuda is not None
    if _hidden_by("torch"):
        return "GPU", (), gpu_build
    if torch.cuda.is_available():
        count = torch.cuda.device_count()
        return "GPU", tuple(torch.cuda.get_device_name(i) for i in range(count)), gpu_build
    if torch.backends.mps.is_available():
        return "GPU", ("Apple GPU",), gpu_build
    return "GPU", (), gpu_build


def _version(backend: str) -> str:
    """Return the version of the backend; `tensorflow-cpu` and others share one import name."""
    try:
        module = __import__(backend)
    except ImportError:
        return ""
    return str(getattr(module, "__version__", "")) or importlib.metadata.version(backend)


def _cores() -> int:
    """Count the cores that this process may use, not all that the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
