"""Kernels and calls as forks of a process that has imported Keras: the client of the parent."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from seqkit.errors import SeqkitError
from seqkit.kernel import parent, wire
from seqkit.kernel.filesystem import sockets_allowed
from seqkit.kernel.forks import CallResult, Child, call_result, sealed_log
from seqkit.kernel.launching import ParentProcess, environment, launch
from seqkit.kernel.sandbox import Sandbox, problem

__all__ = ["CallResult", "Child", "KernelStartError", "WarmParent"]

_START_SECONDS = 120.0
_FORK_SECONDS = 30.0
_IMPORTS_BYTES = 400 * 2**20


class KernelStartError(SeqkitError, RuntimeError):
    """A kernel or a call could not be started, neither warm nor cold."""


class WarmParent:
    """A process that has imported Keras, and forks kernels and calls.

    It starts at the first need, or with `start`. It ends with `close`, and at the latest with the
    process that made it. Where a fork is not safe, or the child does not answer, a cold process
    takes its place, in the same sandbox; `fallbacks` says why.

    Args:
        threads: how many threads the numeric libraries of its children use. None leaves
            TensorFlow as it is; the libraries that start threads when they are imported get one.
        env: environment variables for the parent and all its children, such as KERAS_BACKEND.
        warm: the modules to import.

    Example:
        >>> WarmParent().fallbacks
        []
    """

    def __init__(
        self,
        threads: int | None = 1,
        env: Mapping[str, str] | None = None,
        warm: tuple[str, ...] = parent.WARM,
    ) -> None:
        self.fallbacks: list[str] = []
        self._env = environment(threads, env or {})
        self._warm = warm
        self._process: ParentProcess | None = None
        self._lock = threading.RLock()
        self._owner = os.getpid()

    @property
    def pid(self) -> int:
        """The process id of the parent; 0 when it does not run."""
        process = self._process
        return process.popen.pid if process and process.popen.poll() is None else 0

    def start(self) -> WarmParent:
        """Start the parent without waiting for its imports.

        Returns:
            Itself.
        """
        with self._lock:
            if self._owner != os.getpid():
                # A fork of our owner: the parent belongs to the other process.
                self._process, self._owner = None, os.getpid()
            if self._process is not None and self._process.popen.poll() is not None:
                self._process.end()
                self._process = None
            if self._process is None:
                self._process = launch(self._env, self._warm)
        return self

    def close(self) -> None:
        """End the parent and all its children."""
        with self._lock:
            if self._process is not None and self._owner == os.getpid():
                self._process.end()
            self._process = None

    def __enter__(self) -> WarmParent:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def kernel(
        self,
        connection_file: str | os.PathLike[str],
        *,
        cwd: str | os.PathLike[str] | None = None,
        env: Mapping[str, str] | None = None,
        sandbox: Sandbox | None = None,
        seconds: float = _FORK_SECONDS,
        arguments: Sequence[str] = (),
    ) -> Child:
        """Fork an IPython kernel, and wait until it listens.

        Args:
            connection_file: the file with ports and key. A sandbox needs the transport "ipc".
            cwd: the folder to work in.
            env: more environment variables.
            sandbox: what the kernel may see and use; None for everything.
            seconds: how long to wait for a warm kernel before a cold one takes its place.
            arguments: the command line of ipykernel, as a kernel specification has it.

        Returns:
            The running kernel.

        Raises:
            KernelStartError: it cannot be started; the sentence says why.
        """
        file = os.path.abspath(connection_file)
        connection = json.loads(Path(file).read_text(encoding="utf-8"))
        wanted = {
            "kind": "kernel",
            "connection_file": file,
            "connection": connection,
            "arguments": list(arguments),
            "cwd": os.fspath(cwd or ""),
            "env": dict(env or {}),
            "sandbox": _allowed(sandbox),
            "listen": _socket_paths(connection) if sandbox else [],
        }
        return self._start_child(wanted, (), seconds)

    def call(
        self,
        target: str,
        payload: bytes,
        *,
        sandbox: Sandbox | None = None,
        seconds: float = 60.0,
        memory_bytes: int = 0,
        env: Mapping[str, str] | None = None,
    ) -> CallResult:
        """Call a function in a clean process.

        Args:
            target: "module:function"; the function takes bytes and returns bytes.
            payload: its argument.
            sandbox: what the process may see and use; None for everything.
            seconds: how long it may take.
            memory_bytes: how much memory one process may take without a sandbox; 0 for no limit.
            env: more environment variables.

        Returns:
            The value, or why there is none. A call never raises for what the function does.

        Raises:
            KernelStartError: no process can be started.

        Example:
            >>> with WarmParent(warm=()) as parent:
            ...     parent.call("seqkit.kernel.echo:echo", b"42").value
            b'42'
        """
        wanted = {
            "kind": "call",
            "target": target,
            "env": dict(env or {}),
            "sandbox": _allowed(sandbox),
            "memory_bytes": memory_bytes,
        }
        result = wire.memory_file("result")
        argument = wire.memory_file("payload", payload)
        try:
            with self._start_child(wanted, (result, argument), _FORK_SECONDS) as child:
                return call_result(child, result, seconds)
        finally:
            os.close(result)
            os.close(argument)

    def _start_child(self, wanted: dict[str, Any], files: tuple[int, ...], seconds: float) -> Child:
        for _ in range(2):  # a parent that was killed is replaced once
            reason = self._unfit(wanted["env"])
            if reason:
                break
            child = self._request(self._process, wanted, files)
            if _started(child, wanted, seconds):
                return child
            reason = child.refused or f"no answer within {seconds:g} seconds after the fork"
            child.close()
            if child.why != "parent_died":
                break
        return self._start_cold(wanted, files, reason)

    def _unfit(self, env: Mapping[str, str]) -> str:
        """Why a fork of the warm parent will not do; "" when it will."""
        backend = self._env.get("KERAS_BACKEND", "")
        if env.get("KERAS_BACKEND", backend) != backend:
            return (
                f"the warm parent has imported Keras with another backend ({backend or 'default'})"
            )
        for _ in range(2):  # a parent that died is replaced once
            process = self.start()._process
            if process is not None and process.greeted(_START_SECONDS):
                count = process.greeting["threads"]
                return "" if count == 1 else f"the warm parent has {count} threads"
        return "the warm parent did not start"

    def _start_cold(self, wanted: dict[str, Any], files: tuple[int, ...], reason: str) -> Child:
        """Start a process that imports everything anew; the same sandbox holds for it."""
        self.fallbacks.append(reason)
        wanted = _with_room_for_imports(wanted)
        process = launch(self._env, ())
        try:
            if not process.greeted(_START_SECONDS):
                raise KernelStartError(f"No Python process can be started: {process.words()}")
            child = self._request(process, wanted, files, cold=reason)
            if _started(child, wanted, _START_SECONDS):
                child.keep(process)
                return child
            said = child.refused or child.log().strip()[-500:] or "it did not answer"
            child.close()
        except BaseException:
            process.end()
            raise
        process.end()
        raise KernelStartError(f"A process could not be started: {said}")

    def _request(
        self,
        process: ParentProcess | None,
        wanted: dict[str, Any],
        files: tuple[int, ...],
        cold: str = "",
    ) -> Child:
        assert process is not None
        for path in map(Path, wanted.get("listen", ())):
            if path.is_socket():
                path.unlink()  # left from before a restart, or from a kernel that did not answer
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        here.setblocking(False)
        log = sealed_log()
        specification = wire.memory_file("request", json.dumps(wanted).encode())
        message = {"confined": wanted["sandbox"] is not None}
        with there:
            sent = (there.fileno(), specification, log, *files)
            process.request(message, sent)
        os.close(specification)
        return Child(here, log, cold)


def _with_room_for_imports(wanted: dict[str, Any]) -> dict[str, Any]:
    """A cold process needs memory for what a warm one shares with its parent."""
    sandbox = wanted["sandbox"]
    if sandbox is not None:
        sandbox = {**sandbox, "memory_bytes": sandbox["memory_bytes"] + _IMPORTS_BYTES}
    more = _IMPORTS_BYTES if wanted.get("memory_bytes") else 0
    return {**wanted, "sandbox": sandbox, "memory_bytes": wanted.get("memory_bytes", 0) + more}


def _allowed(sandbox: Sandbox | None) -> dict[str, Any] | None:
    if sandbox is None:
        return None
    if problem():
        raise KernelStartError(problem())
    return sandbox.to_json()


def _socket_paths(connection: Mapping[str, Any]) -> list[str]:
    if connection.get("transport") != "ipc":
        raise KernelStartError(
            "A kernel in a sandbox has no network, and its connection file asks for the transport "
            f"{connection.get('transport')!r}. Set transport='ipc' in the kernel manager."
        )
    paths = [
        f"{connection['ip']}-{connection[f'{name}_port']}"
        for name in ("shell", "iopub", "stdin", "hb", "control")
    ]
    if not sockets_allowed(paths):
        raise KernelStartError(
            f"The path of the socket {paths[0]} is too long: Linux allows 107 bytes. "
            "Use a shorter folder, such as one under /tmp."
        )
    return paths


def _started(child: Child, wanted: Mapping[str, Any], seconds: float) -> bool:
    """Whether a child has begun its work. A call may have ended by now: that counts, too."""
    child.until(lambda: child.ready, seconds)
    return child.ready and (wanted["kind"] == "call" or child.poll() is None)
