"""The warm parent: it has imported Keras and ipykernel, and does nothing but fork.

It never runs an operation of the backend: after one there are threads, and a fork would keep
their locks without the threads themselves, and hang. `python -m seqkit.kernel.parent` starts it;
`seqkit.kernel.warm` is its client.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from seqkit.kernel import linux, wire

WARM = (
    "keras",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.iostream",
    "IPython.core.magics",
    "IPython.core.completer",
    "IPython.extensions.storemagic",
    # What draws, but not pyplot, and no notebook's backend: both look for the kernel at import.
    "matplotlib.figure",
    "matplotlib.backends.backend_agg",
)

Job = Callable[[], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Import, greet, and fork on request until the owner is gone.

    Args:
        arguments: the words of the command line.

    Returns:
        The exit status; in a forked child, that of its job.
    """
    options = _parser().parse_args(arguments)
    control = socket.socket(fileno=options.control)
    if not _owned_by(options.owner):
        return 0
    with _ends_with(options.owner):
        for name in options.warm:
            _import(name)
    job = Parent(control, options.owner).serve()
    return job() if job else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m seqkit.kernel.parent", description=__doc__)
    parser.add_argument("--control", type=int, required=True, help="the inherited socket")
    parser.add_argument("--owner", type=int, required=True, help="the process it belongs to")
    parser.add_argument("--warm", nargs="*", default=[], help="the modules to import")
    return parser


@contextlib.contextmanager
def _ends_with(owner: int) -> Iterator[None]:
    """End during the imports, too, when the owner is gone; without a thread, for the fork's sake.

    Linux' death signal will not do: it follows the thread that started this process.
    """

    def look(*_: object) -> None:
        if not _owned_by(owner):
            os._exit(0)

    signal.signal(signal.SIGALRM, look)
    signal.siginterrupt(signal.SIGALRM, False)
    signal.setitimer(signal.ITIMER_REAL, 0.5, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _owned_by(owner: int) -> bool:
    return os.getppid() == owner


def _import(name: str) -> None:
    """Import a module; one that is not installed only makes its users slower."""
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(f"not imported: {name} ({error})", file=sys.stderr, flush=True)


def threads() -> int:
    """How many threads this process has, those of C++ libraries included.

    Returns:
        1 where a fork is safe.

    Example:
        >>> threads() >= 1
        True
    """
    return len(os.listdir("/proc/self/task"))


@dataclass
class Forked:
    """One child, as the parent sees it.

    Attributes:
        pid: the process that was forked; later the first process of its sandbox.
        line: the socket to the client that asked for it.
        reports: what the child tells about itself.
        alive: a pipe whose closing ends the sandbox.
        inner: process 1 of its sandbox, once it is known.
        killed: whether its end was asked for.
        rest: the beginning of the next report.
        confined: whether it lives in a sandbox.
        last: what the supervisor said about the end.
    """

    pid: int
    line: socket.socket
    reports: int
    alive: int
    confined: bool
    inner: int = 0
    killed: bool = False
    rest: bytes = b""
    last: dict[str, object] = field(default_factory=dict)

    def kill(self) -> None:
        """Kill it, and with it all that belongs to it."""
        self.killed = True
        targets: list[tuple[Callable[[int, int], None], int]] = [(os.kill, self.pid)]
        if self.inner:
            targets.append((os.kill, self.inner))
        if not self.confined:
            targets.append((os.killpg, self.pid))
        for function, target in targets:
            try:
                function(target, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue

    def signal(self, number: int) -> None:
        """Send a signal: to the process group, or to process 1, which passes it on.

        Args:
            number: the signal.
        """
        try:
            os.kill(self.pid, number) if self.confined else os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            return


class Parent:
    """The loop of the warm parent.

    Args:
        control: the socket on which requests come; its end is the end of the owner.
        owner: the process id of the owner.
    """

    def __init__(self, control: socket.socket, owner: int) -> None:
        self.control = control
        self.owner = owner
        self.children: dict[int, Forked] = {}
        self.selector = selectors.DefaultSelector()
        self.woken, self.waker = socket.socketpair()

    def serve(self) -> Job | None:
        """Work until the owner is gone.

        Returns:
            None; in a forked child, what it has to do.
        """
        self._prepare()
        wire.send(self.control, {"ready": True, "threads": threads()})
        while True:
            for key, _ in self.selector.select(timeout=1.0):
                job = key.data(key.fileobj)
                if job is not None:
                    return job
            if self.control.fileno() < 0 or not _owned_by(self.owner):
                self._end()
                return None

    def _prepare(self) -> None:
        linux.become_subreaper()
        self.woken.setblocking(False)
        self.waker.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(self.waker.fileno(), warn_on_full_buffer=False)
        self.selector.register(self.woken, selectors.EVENT_READ, self._on_signal)
        self.selector.register(self.control, selectors.EVENT_READ, self._on_request)
        # What is here now stays for good: children shall not copy pages to count references.
        gc.collect()
        gc.freeze()

    def _end(self) -> None:
        for child in self.children.values():
            child.kill()

    def _on_request(self, _: object) -> Job | None:
        request, files = wire.receive(self.control)
        if request is None:
            self.selector.unregister(self.control)
            self.control.close()
            return None
        line = socket.socket(fileno=files[0])
        line.setblocking(False)
        try:
            if threads() > 1:
                wire.send(line, {"refused": f"the warm parent has {threads()} threads"})
                line.close()
                return None
            return self._fork(line, files[1:], bool(request.get("confined")))
        except OSError as error:
            wire.send(line, {"refused": f"fork failed: {error.strerror}"})
            line.close()
            return None
        finally:
            for file in files[1:]:
                _close(file)

    def _fork(self, line: socket.socket, files: list[int], confined: bool) -> Job | None:
        """Fork; the child leaves the loop with its job, the parent stays."""
        reports, report = os.pipe()
        alive_here, alive = os.pipe()
        kept = [os.dup(file) for file in files] + [report, alive_here]
        pid = os.fork()
        if pid == 0:
            self._forget(line, [reports, alive])
            from seqkit.kernel import child

            return child.job(*kept[:-2], report=report, watch=alive_here)
        for file in kept:
            _close(file)
        forked = Forked(pid, line, reports, alive, confined)
        os.set_blocking(reports, False)
        self.children[pid] = forked
        self.selector.register(line, selectors.EVENT_READ, lambda _: self._on_client(forked))
        self.selector.register(reports, selectors.EVENT_READ, lambda _: self._on_report(forked))
        if not confined:
            wire.send(line, {"pid": pid})
        return None

    def _forget(self, line: socket.socket, files: list[int]) -> None:
        """In the child: let go of everything that belongs to the parent and to other children."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.selector.close()
        for one in (self.control, self.woken, self.waker, line):
            one.close()
        for other in self.children.values():
            other.line.close()
            files += [other.reports, other.alive]
        for file in files:
            _close(file)
        self.children.clear()

    def _on_client(self, forked: Forked) -> None:
        try:
            request, _ = wire.receive(forked.line)
        except BlockingIOError:
            return
        if request is None or request.get("kill"):
            forked.kill()
        elif "signal" in request:
            forked.signal(int(request["signal"]))
        if request is None:
            self.selector.unregister(forked.line)

    def _on_report(self, forked: Forked) -> None:
        """Pass on what a child tells about itself."""
        try:
            data = os.read(forked.reports, wire.LONGEST)
        except BlockingIOError:
            return
        if not data:
            self.selector.unregister(forked.reports)
            return
        *lines, forked.rest = (forked.rest + data).split(b"\n")
        for line in lines:
            self._note(forked, json.loads(line))

    def _note(self, forked: Forked, message: dict[str, object]) -> None:
        if "inner" in message:
            forked.inner = int(str(message["inner"]))
        elif "status" in message or "failed" in message:
            forked.last = message
        else:
            wire.send(forked.line, message)

    def _on_signal(self, _: object) -> None:
        try:
            while self.woken.recv(4096):
                pass
        except BlockingIOError:
            pass
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            forked = self.children.pop(pid, None)
            if forked is not None:
                self._on_end(forked, os.waitstatus_to_exitcode(status))

    def _on_end(self, forked: Forked, status: int) -> None:
        if self._watched(forked.reports):
            self._on_report(forked)
        if forked.inner and forked.pid != forked.inner and not forked.last:
            # The process between has done its part: process 1 of the sandbox is our child now.
            forked.pid = forked.inner
            self.children[forked.pid] = forked
            wire.send(forked.line, {"pid": forked.pid})
            os.write(forked.alive, b".")
            if forked.killed:
                forked.kill()  # the first time, process 1 may not have been known
            return
        if not forked.confined:
            forked.kill()  # the rest of its process group
        wire.send(forked.line, {"ended": status, **forked.last})
        for file in (forked.reports, forked.line):
            if self._watched(file):
                self.selector.unregister(file)
        forked.line.close()
        _close(forked.reports)
        _close(forked.alive)

    def _watched(self, file: int | socket.socket) -> bool:
        return file in self.selector.get_map()


def _close(file: int) -> None:
    with suppress(OSError):
        os.close(file)


if __name__ == "__main__":
    sys.exit(main())
