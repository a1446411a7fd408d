"""The Jupyter kernel provisioner `seqkit-warm`: any front end gets forked, warm kernels.

`JUPYTER_DEFAULT_PROVISIONER_NAME=seqkit-warm pytest --nbval` uses it without any change to nbval.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Bool, Integer, List, Unicode, default

from seqkit.kernel import linux
from seqkit.kernel.sandbox import Sandbox
from seqkit.kernel.warm import Child, KernelStartError, WarmParent

NAME = "seqkit-warm"

_LAUNCHERS = ("ipykernel_launcher", "ipykernel", "ipykernel.kernelapp")
_NOT_PASSED_ON = ("JPY_PARENT_PID", "JPY_INTERRUPT_EVENT", "PYTHONPATH")
_HARMLESS = ("LANG", "TZ", "MPLBACKEND", "KERAS_BACKEND", "PYTHONHASHSEED", "JPY_SESSION_NAME")

_parents: dict[tuple[object, ...], WarmParent] = {}


def shared_parent(threads: int | None = None, backend: str = "") -> WarmParent:
    """The warm parent of this process; made at the first call, closed at the end.

    Args:
        threads: how many threads numeric libraries use; None leaves TensorFlow as it is.
        backend: the Keras backend, or "" for what the environment says.

    Returns:
        The same parent for the same arguments.

    Example:
        >>> shared_parent() is shared_parent()
        True
    """
    key = (os.getpid(), threads, backend)
    if key not in _parents:
        _parents[key] = WarmParent(threads, {"KERAS_BACKEND": backend} if backend else {})
    return _parents[key]


@atexit.register
def _close_parents() -> None:
    for key, parent in _parents.items():
        if key[0] == os.getpid():
            parent.close()


class WarmProvisioner(LocalProvisioner):
    """Forks IPython kernels from a parent that has imported Keras.

    Kernels of other languages, other Pythons and other systems than Linux start as always; in a
    sandbox they are refused.

    Attributes:
        sandboxed: shut the kernel in; also SEQKIT_KERNEL_SANDBOX=1.
        memory_bytes: how much memory a sandboxed kernel may take.
        visible: further paths that a sandboxed kernel can read.
        threads: how many threads numeric libraries use; 0 leaves TensorFlow as it is.
        start_seconds: how long to wait for a fork before a cold kernel takes its place.
    """

    sandboxed = Bool(help="shut the kernel in").tag(config=True)
    memory_bytes = Integer(2 * 2**30, help="memory of a sandboxed kernel").tag(config=True)
    visible = List(Unicode(), help="further paths that a sandboxed kernel can read").tag(
        config=True
    )
    threads = Integer(0, help="threads of numeric libraries; 0: as they like").tag(config=True)
    start_seconds = Integer(20, help="how long a fork may take to answer").tag(config=True)

    child: Child | None = None
    _sockets = ""

    @default("sandboxed")
    def _sandboxed_by_environment(self) -> bool:
        return os.environ.get("SEQKIT_KERNEL_SANDBOX", "").lower() in {"1", "true", "yes", "on"}

    @property
    def has_process(self) -> bool:
        """Whether there is a kernel, running or not yet cleaned up."""
        return self.child is not None or bool(super().has_process)

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Choose the sockets: a sandboxed kernel has no network, so it gets Unix sockets.

        Args:
            kwargs: what the kernel manager knows.

        Returns:
            The same, with the command.
        """
        manager = self.parent
        if self.sandboxed and manager is not None and manager.transport != "ipc":
            if not self._sockets:
                self._sockets = tempfile.mkdtemp(prefix="seqkit-")
            manager.transport = "ipc"
            manager.cache_ports = False
            manager.ip = os.path.join(self._sockets, "kernel")
        return dict(await super().pre_launch(**kwargs))

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork a kernel, or start one as always where that will not do.

        Args:
            cmd: the command of the kernel specification.
            kwargs: working folder, environment and more.

        Returns:
            How to connect.
        """
        arguments = launcher_arguments(cmd)
        if arguments is None or not linux.LINUX:
            if self.sandboxed:
                raise KernelStartError(
                    f"The kernel {_name(self.kernel_spec)!r} cannot run in the sandbox: only the "
                    "IPython kernel of this Python can, on Linux. Choose the kernel 'python3'."
                )
            return await super().launch_kernel(cmd, **kwargs)
        try:
            self.child = await asyncio.to_thread(self._fork, arguments, kwargs)
        except KernelStartError as error:
            if self.sandboxed:
                raise
            self.log.warning("No warm kernel, so a usual one starts. %s", error)
            return await super().launch_kernel(cmd, **kwargs)
        if self.child.cold:
            self.log.warning("The kernel started cold: %s.", self.child.cold)
        self.pid = self.child.pid
        self.cwd = kwargs.get("cwd", Path.cwd())
        return self.connection_info

    def _fork(self, arguments: Sequence[str], kwargs: Mapping[str, Any]) -> Child:
        env = dict(kwargs.get("env") or os.environ)
        parent = shared_parent(self.threads or None, env.get("KERAS_BACKEND", ""))
        return parent.kernel(
            _connection_file(arguments),
            cwd=self._folder(kwargs.get("cwd") or os.getcwd()),
            env=_passed_on(env, _HARMLESS if self.sandboxed else None),
            sandbox=self._sandbox() if self.sandboxed else None,
            seconds=float(self.start_seconds),
            arguments=arguments,
        )

    def _folder(self, cwd: str | os.PathLike[str]) -> str:
        """The folder to work in: inside, the home folder, unless this one was made visible."""
        folder = os.path.abspath(cwd)
        shown = any(os.path.commonpath([folder, path]) == path for path in self.visible)
        return folder if shown or not self.sandboxed else ""

    def _sandbox(self) -> Sandbox:
        plain = Sandbox(memory_bytes=self.memory_bytes)
        further = tuple(Path(path) for path in self.visible)
        return Sandbox(visible=(*plain.visible, *further), memory_bytes=self.memory_bytes)

    async def poll(self) -> int | None:
        """Look whether the kernel has ended.

        Returns:
            None while it runs; then its exit status.
        """
        return self.child.poll() if self.child is not None else await super().poll()

    async def wait(self) -> int | None:
        """Wait for the end of the kernel.

        Returns:
            Its exit status.
        """
        if self.child is None:
            return await super().wait()
        while (status := self.child.poll()) is None:
            await asyncio.sleep(0.02)
        self.child.close()
        self.child = None
        return status

    async def send_signal(self, signum: int) -> None:
        """Send the kernel a signal.

        Args:
            signum: such as SIGINT, which interrupts it.
        """
        if self.child is None:
            await super().send_signal(signum)
        else:
            self.child.send_signal(signum)

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and all its processes.

        Args:
            restart: whether a new one follows.
        """
        if self.child is None:
            await super().kill(restart)
        else:
            self.child.kill()

    async def terminate(self, restart: bool = False) -> None:
        """Ask the kernel to end.

        Args:
            restart: whether a new one follows.
        """
        await self.send_signal(signal.SIGTERM)

    async def cleanup(self, restart: bool = False) -> None:
        """Remove what the kernel leaves behind.

        Args:
            restart: whether a new one follows, on the same sockets.
        """
        if not restart and self._sockets:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = ""
        await super().cleanup(restart)


def launcher_arguments(cmd: Sequence[str]) -> list[str] | None:
    """Read the command of a kernel specification.

    Args:
        cmd: the command.

    Returns:
        What follows the module name if it starts the IPython kernel of this Python; else None.

    Example:
        >>> launcher_arguments([sys.executable, "-m", "ipykernel_launcher", "-f", "k.json"])
        ['-f', 'k.json']
        >>> launcher_arguments(["R", "-e", "IRkernel::main()"]) is None
        True
    """
    words = list(cmd)
    if "-m" not in words or not _this_python(words[0]):
        return None
    at = words.index("-m") + 1
    plain = all(word.startswith("-X") for word in words[1 : at - 1])
    return words[at + 1 :] if plain and words[at] in _LAUNCHERS else None


def _this_python(program: str) -> bool:
    found = shutil.which(program) or program
    if not os.path.exists(found) or not os.path.samefile(found, sys.executable):
        return False
    # Two virtual environments may share one interpreter: the folder tells them apart.
    return os.path.realpath(os.path.dirname(found)) == os.path.realpath(
        os.path.dirname(sys.executable)
    )


def _connection_file(arguments: Sequence[str]) -> str:
    if "-f" not in arguments:
        raise KernelStartError(
            "The kernel specification names no connection file. "
            "Its argv needs: -f {connection_file}"
        )
    return arguments[list(arguments).index("-f") + 1]


def _passed_on(env: Mapping[str, str], only: Sequence[str] | None) -> dict[str, str]:
    return {
        name: value
        for name, value in env.items()
        if name not in _NOT_PASSED_ON and (only is None or name in only)
    }


def _name(specification: Any) -> str:
    return str(getattr(specification, "display_name", "") or "unknown")
