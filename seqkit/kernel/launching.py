"""The process of a warm parent, as its owner sees it: how it is started, asked and ended."""

from __future__ import annotations

import os
import site
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seqkit.kernel import wire
from seqkit.kernel.visible import library

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
_TENSORFLOW_THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
# A child can read how its parent was started. So the parent gets nothing that could be a secret.
_PASSED_ON = (
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "VIRTUAL_ENV",
    "IPYTHONDIR",
    "MPLCONFIGDIR",
    "MPLBACKEND",
    "PYTHONHASHSEED",
    "PYTHONUTF8",
    "PYTHONUSERBASE",
    "PYTHONWARNINGS",
    "PYTHONNOUSERSITE",
    "CUDA_VISIBLE_DEVICES",
)
# Not all of TF_: Terraform keeps tokens there.
_PASSED_ON_FAMILIES = (
    "LC_",
    "KERAS_",
    "XLA_",
    "JAX_",
    "OMP_",
    "OPENBLAS_",
    "MKL_",
    "TF_CPP_",
    "TF_ENABLE_",
    "TF_NUM_",
    "TF_XLA_",
    "TF_GPU_",
    "TF_FORCE_",
    "TF_DETERMINISTIC_",
    "TF_CUDNN_",
    "TF_USE_",
)


@dataclass
class ParentProcess:
    """A running parent, warm or cold, and our end of the socket to it.

    Attributes:
        popen: the process.
        control: the socket.
        log: the file that takes what it writes.
        greeting: what it said when it had imported everything.
    """

    popen: subprocess.Popen[bytes]
    control: socket.socket
    log: int
    greeting: dict[str, Any] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def greeted(self, seconds: float) -> bool:
        """Wait until it has imported everything.

        Args:
            seconds: how long.

        Returns:
            False when it has not, or has ended.
        """
        with self.lock:  # the greeting comes once, and several threads may wait for it
            if not self.greeting and wire.wait_for(self.control, seconds):
                self.greeting = wire.receive(self.control)[0] or {}
        return bool(self.greeting)

    def request(self, message: Mapping[str, object], files: Sequence[int]) -> None:
        """Send a request; wait where many others have just sent theirs.

        If it cannot be sent, the line to the child closes, and so its end is seen.

        Args:
            message: what to do.
            files: the open files that go with it.
        """
        end = time.monotonic() + 20
        while not wire.send(self.control, message, files):
            if self.popen.poll() is not None or time.monotonic() > end:
                return
            time.sleep(0.01)

    def words(self) -> str:
        """The end of what it wrote, for people.

        Returns:
            At most 500 characters.
        """
        return wire.content_of(self.log).decode(errors="replace").strip()[-500:]

    def end(self) -> None:
        """End it, and with it all its children."""
        self.control.close()
        if not self.greeting:
            self.popen.kill()  # it may be importing, and would not see the end of the socket
        try:
            self.popen.wait(5)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        os.close(self.log)


def launch(env: Mapping[str, str], warm: Sequence[str]) -> ParentProcess:
    """Start a parent.

    Args:
        env: all its environment variables.
        warm: the modules to import; none for a cold parent.

    Returns:
        The process; it has not greeted yet.
    """
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    log = wire.memory_file("log")
    command = [sys.executable, "-P", "-m", "seqkit.kernel.parent"]
    command += ["--control", str(there.fileno()), "--owner", str(os.getpid()), "--warm", *warm]
    with there:
        popen = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=dict(env),
            pass_fds=[there.fileno()],
            start_new_session=True,
        )
    here.setblocking(False)
    return ParentProcess(popen, here, log)


def environment(threads: int | None, more: Mapping[str, str]) -> dict[str, str]:
    """What a parent, and so every child, gets of our environment: nothing that could be a secret.

    Args:
        threads: how many threads numeric libraries use; None leaves TensorFlow as it is.
        more: variables that come on top.

    Returns:
        The variables.

    Example:
        >>> environment(1, {"KERAS_BACKEND": "jax"})["KERAS_BACKEND"]
        'jax'
    """
    env = {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED_ON or name.startswith(_PASSED_ON_FAMILIES)
    }
    defaults = dict.fromkeys(_THREADS, str(threads or 1))
    if threads is not None:
        defaults |= dict.fromkeys(_TENSORFLOW_THREADS, str(threads))
    env = {**defaults, **env, **more}
    paths = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if os.path.isabs(p)]
    home = str(library().parent)
    if home not in paths and home not in _own_paths():
        paths.append(home)
    return {**env, "PYTHONPATH": os.pathsep.join(paths)} if paths else env


def _own_paths() -> list[str]:
    return [*site.getsitepackages(), site.getusersitepackages()]
