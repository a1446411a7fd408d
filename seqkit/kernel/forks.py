"""A forked child as its owner sees it, and what becomes of a call."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from seqkit.kernel import wire
from seqkit.kernel.launching import ParentProcess

Why = Literal["", "timeout", "out_of_memory", "died", "error"]

_LOG_BYTES = 64 * 1024


@dataclass(frozen=True)
class CallResult:
    """What became of a call.

    Attributes:
        value: what the function returned, or None.
        why: "" when it returned; otherwise what went wrong.
        detail: the traceback, the signal, or the limit, for people.

    Example:
        >>> CallResult(b"42").why
        ''
    """

    value: bytes | None
    why: Why = ""
    detail: str = ""


class Child:
    """A process that the warm parent forked for us.

    Attributes:
        pid: its process id here; process 1 of its sandbox when it has one.
        cold: why it is a cold process, or "".
        why: "out_of_memory" when it was ended for that, "parent_died", or "".
    """

    def __init__(self, line: socket.socket, log: int, cold: str = "") -> None:
        self.pid = 0
        self.cold = cold
        self.why = ""
        self.ready = False
        self.refused = ""
        self._line = line
        self._log = log
        self._text = ""
        self._status: int | None = None
        self._lock = threading.RLock()
        self._process: ParentProcess | None = None

    def poll(self) -> int | None:
        """Look whether it has ended.

        Returns:
            None while it runs; then its exit status, or minus the signal that ended it.
        """
        with self._lock:
            while self._status is None and self._read():
                pass
            return self._status

    def wait(self, seconds: float | None = None) -> int | None:
        """Wait for its end.

        Args:
            seconds: how long; None for as long as it takes.

        Returns:
            The same as `poll`.
        """
        return self.until(lambda: False, seconds)

    def wait_ready(self, seconds: float) -> bool:
        """Wait until it is ready to work.

        Args:
            seconds: how long.

        Returns:
            False when it has ended or was not ready in time.
        """
        self.until(lambda: self.ready, seconds)
        return self.ready and self.poll() is None

    def kill(self) -> None:
        """Kill it, and all processes that belong to it. Linux notices at once."""
        wire.send(self._line, {"kill": True})

    def send_signal(self, number: int) -> None:
        """Send it a signal.

        Args:
            number: such as signal.SIGINT, which interrupts a kernel.
        """
        if number == signal.SIGKILL:
            self.kill()
        else:
            wire.send(self._line, {"signal": int(number)})

    def log(self) -> str:
        """What it wrote to the file descriptors of stdout and stderr, cut off at 64 KiB.

        Returns:
            The text.
        """
        with self._lock:
            if self._log >= 0:
                self._text = wire.content_of(self._log).rstrip(b"\0").decode(errors="replace")
            return self._text

    def close(self) -> None:
        """Let go of it; a child that still runs is killed."""
        with self._lock:
            if self._log >= 0:
                self.log()
                self._line.close()
                os.close(self._log)
                self._log = -1
                if self._process is not None:
                    self._process.end()
                self._status = -signal.SIGKILL if self._status is None else self._status

    def keep(self, process: ParentProcess) -> None:
        """End a process together with this child.

        Args:
            process: the parent that was started for this child alone.
        """
        self._process = process

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        with suppress(Exception):
            self.close()

    def until(self, done: Callable[[], bool], seconds: float | None) -> int | None:
        """Wait until something is so, or the process has ended.

        Args:
            done: what is asked after every message.
            seconds: how long; None for as long as it takes.

        Returns:
            The same as `poll`.
        """
        end = None if seconds is None else time.monotonic() + seconds
        while self.poll() is None and not done():
            left = 0.5 if end is None else end - time.monotonic()
            if left <= 0:
                break
            self._pause(min(left, 0.5))
        return self._status

    def _pause(self, seconds: float) -> None:
        """Sleep until there is news. Another thread may take it: so never for long."""
        if self._line.fileno() >= 0:
            wire.wait_for(self._line, seconds)

    def _read(self) -> bool:
        """Take one message, if there is one."""
        try:
            message, _files = wire.receive(self._line)
        except BlockingIOError:
            return False
        except OSError:
            message = None
        if message is None:
            message = {"ended": -signal.SIGKILL, "why": "parent_died"}
        self._note(message)
        return True

    def _note(self, message: Mapping[str, Any]) -> None:
        if "pid" in message:
            self.pid = int(message["pid"])
        if "ready" in message:
            self.ready = True
        if "failed" in message or "refused" in message:
            self.refused = str(message.get("failed") or message.get("refused"))
        if "refused" in message:
            self._status = 1
        if "ended" in message:
            self.why = str(message.get("why", ""))
            self._status = int(message.get("status", message["ended"]))


def sealed_log() -> int:
    """Make a file of fixed size: a child that writes without end fills no memory.

    Returns:
        The open file.
    """
    import fcntl

    log = os.memfd_create("log", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
    os.ftruncate(log, _LOG_BYTES)
    fcntl.fcntl(log, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)
    return log


def call_result(child: Child, result: int, seconds: float) -> CallResult:
    """Wait for a call, and say what became of it.

    Args:
        child: the process that answers.
        result: the file that it writes its answer to.
        seconds: how long it may take.

    Returns:
        The value, or why there is none.
    """
    status = child.wait(seconds)
    if status is None:
        child.kill()
        child.wait(5)
        return CallResult(None, "timeout", f"no result within {seconds:g} seconds")
    if child.why == "out_of_memory":
        return CallResult(None, "out_of_memory", "its processes held more memory than allowed")
    content = wire.content_of(result) if status == 0 else b""
    kind, rest = content[:1], content[1:]
    if kind == b"V":
        return CallResult(rest)
    if kind == b"M":
        return CallResult(None, "out_of_memory", rest.decode(errors="replace"))
    if kind == b"E":
        return CallResult(None, "error", rest.decode(errors="replace"))
    log = child.log().strip()
    if "bad_alloc" in log or "out of memory" in log.lower():
        return CallResult(None, "out_of_memory", log[-500:])
    return CallResult(None, "died", f"{_ending(status)}. {child.refused or log[-500:]}".strip())


def _ending(status: int) -> str:
    if status >= 0:
        return f"it ended with status {status} and left no result"
    with suppress(ValueError):
        return f"it was ended by {signal.Signals(-status).name}"
    return f"it was ended by signal {-status}"
