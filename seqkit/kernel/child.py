"""What a child of the warm parent does: become a kernel, or answer one call."""

from __future__ import annotations

import atexit
import importlib
import json
import os
import random
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from seqkit.kernel import filesystem, linux, wire
from seqkit.kernel.sandbox import Sandbox, SandboxError, enter

Report = Callable[[Mapping[str, object]], None]


def job(
    specification: int, log: int, result: int = -1, payload: int = -1, *, report: int, watch: int
) -> Callable[[], int]:
    """Say what this process has to do; it does it when the loop of the parent is left behind.

    Args:
        specification: the open file that says what.
        log: the open file that takes what goes to stdout and stderr.
        result: the open file for the result of a call.
        payload: the open file with the argument of a call.
        report: the pipe to the parent.
        watch: the pipe that closes with the parent.

    Returns:
        A function without arguments that gives the exit status.
    """
    return partial(_run, specification, log, (payload, result), report, watch)


def _run(specification: int, log: int, files: tuple[int, int], report: int, watch: int) -> int:
    tell = partial(_tell, report)
    try:
        os.setsid()
        os.dup2(log, 1)
        os.dup2(log, 2)
        wanted = json.loads(wire.content_of(specification))
        atexit._clear()
        sockets = _shut_in(wanted, tell, watch)
        for file in (specification, log, watch):
            os.close(file)
        _become_new(wanted)
    except BaseException as error:
        tell({"failed": _sentence(error)})
        os._exit(1)
    if wanted["kind"] == "call":
        tell({"ready": True})
        os.close(report)
        _answer(wanted["target"], *files)
    _be_kernel(wanted, sockets, tell, report)


def _tell(report: int, message: Mapping[str, object]) -> None:
    """Send a line to the parent; whoever is gone need not hear it."""
    try:
        os.write(report, json.dumps(message).encode() + b"\n")
    except OSError:
        return


def _sentence(error: BaseException) -> str:
    return str(error) if isinstance(error, SandboxError) else f"{type(error).__name__}: {error}"


def _shut_in(wanted: Mapping[str, Any], tell: Report, watch: int) -> dict[str, int]:
    """Enter the sandbox, or at least make sure that this process ends with its parent."""
    if wanted["sandbox"] is None:
        linux.die_with_parent()
        if wanted.get("cwd"):
            os.chdir(wanted["cwd"])
        _limit(wanted.get("memory_bytes") or 0)
        return {}

    def hand_over(first: int) -> NoReturn:
        tell({"inner": first})
        os._exit(0)

    return enter(
        Sandbox.from_json(wanted["sandbox"]),
        cwd=wanted.get("cwd") or "",
        listen=wanted.get("listen", ()),
        outer=hand_over,
        report=tell,
        watch=watch,
    )


def _limit(memory_bytes: int) -> None:
    if memory_bytes:
        import resource

        from seqkit.kernel.confinement import data_size

        limit = data_size() + memory_bytes
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _become_new(wanted: Mapping[str, Any]) -> None:
    """Let nothing of the parent's state decide what happens here."""
    if wanted["sandbox"] is not None:
        os.environ.update(HOME=filesystem.HOME, USER="student", LOGNAME="student", TMPDIR="/tmp")
    os.environ.update(wanted.get("env") or {})
    importlib.invalidate_caches()
    random.seed(os.urandom(32))
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(list(os.urandom(32)))


def _answer(target: str, payload: int, result: int) -> NoReturn:
    """Call the function, and leave its value, or what it raised, in the result file."""
    try:
        module, _, name = target.partition(":")
        function = getattr(importlib.import_module(module), name)
        content = b"V" + bytes(function(wire.content_of(payload)))
    except MemoryError as error:
        content = b"M" + str(error).encode()
    except BaseException as error:
        content = b"E" + "".join(traceback.format_exception(error)).encode(errors="replace")
    try:
        _write(result, content)
    except OSError as error:
        os.ftruncate(result, 0)
        _write(result, f"EThe result of {target} cannot be handed back: {error}".encode())
    os._exit(0)


def _write(file: int, content: bytes) -> None:
    view, at = memoryview(content), 0
    while at < len(view):
        at += os.pwrite(file, view[at:], at)


def _be_kernel(
    wanted: Mapping[str, Any], sockets: dict[str, int], tell: Report, report: int
) -> NoReturn:
    """Run ipykernel in this process."""
    try:
        path = outside = wanted["connection_file"]
        if wanted["sandbox"] is not None:
            path = _own_connection_file(wanted["connection"])
            _serve_on(sockets)
        words = [path if word == outside else word for word in wanted["arguments"]]
        sys.argv = ["ipykernel_launcher", *(words or ["-f", path])]
        from ipykernel.kernelapp import IPKernelApp

        application = IPKernelApp.instance()
        application.initialize(sys.argv[1:])
        _draw_inline()
    except BaseException as error:
        traceback.print_exc()
        tell({"failed": f"the kernel did not start: {_sentence(error)}"})
        os._exit(1)
    tell({"ready": True})
    os.close(report)
    application.start()
    _end_softly()


def _draw_inline() -> None:
    """Name Matplotlib's backend again: the parent imported it before ipykernel chose one."""
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is not None and os.environ.get("MPLBACKEND"):
        matplotlib.rcParams["backend"] = os.environ["MPLBACKEND"]


def _end_softly() -> NoReturn:
    """Run the exit handlers, then end at once.

    The usual end of Python frees what the parent made, and TensorFlow crashes at that in a fork.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(5)  # a handler that hangs must not keep a dead kernel
    atexit._run_exitfuncs()
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
    os._exit(0)


def _own_connection_file(connection: Mapping[str, object]) -> str:
    path = Path("/tmp/.kernel.json")
    path.touch(mode=0o600)
    path.write_text(json.dumps(connection))
    return str(path)


def _serve_on(sockets: dict[str, int]) -> None:
    """Let ZeroMQ take the sockets that listen already: their paths do not exist in here."""
    import zmq

    bind, connect = zmq.Socket.bind, zmq.Socket.connect
    waiting = {f"ipc://{path}": file for path, file in sockets.items()}
    known = frozenset(waiting)

    def bind_or_take(self: zmq.Socket[Any], address: str) -> Any:
        file = waiting.pop(address, None)
        if file is not None:
            self.setsockopt(zmq.USE_FD, file)
        return bind(self, address)

    def connect_or_not(self: zmq.Socket[Any], address: str | bytes) -> Any:
        text = address.decode() if isinstance(address, bytes) else address
        # ipykernel's debugger would connect to its own shell socket, which has no path in here.
        return None if text.rstrip("\0") in known else connect(self, text)

    zmq.Socket.bind = bind_or_take  # type: ignore[method-assign, assignment]
    zmq.Socket.connect = connect_or_not  # type: ignore[method-assign, assignment]
