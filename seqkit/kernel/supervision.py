"""Process 1 of a sandbox: it waits, watches the memory, and ends everything when it ends."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Mapping
from typing import NoReturn

from seqkit.kernel import linux
from seqkit.kernel.processes import memory_of_all

AWAITED = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGCHLD} if linux.LINUX else ())

_EVERY = 0.2
# An allocation that is too large shall fail in the process first, with a MemoryError.
_MARGIN = 1.1


def supervise(
    inner: int,
    memory_bytes: int,
    report: Callable[[Mapping[str, object]], None],
    watch: int,
) -> NoReturn:
    """Stay as process 1 until the inner process ends, the memory is used up, or the owner goes.

    Linux kills all other processes of the sandbox when this one ends. Signals from inside cannot
    hurt it: Linux drops those that process 1 has no handler for.

    Args:
        inner: the process that does the work; signals from outside are passed on to it.
        memory_bytes: how much memory all processes may take together.
        report: hears how it ended.
        watch: a pipe; when its other end closes, everything ends. -1 for none.
    """
    linux.set_dumpable(False)  # nobody inside may look into this process
    ready = select.poll()
    if watch >= 0:
        ready.register(watch, select.POLLHUP)
    due = time.monotonic() + _EVERY
    while True:
        received = signal.sigtimedwait(AWAITED, _EVERY)
        if received is not None and received.si_signo != signal.SIGCHLD:
            os.kill(inner, received.si_signo)
        ended = _reap(inner)
        if ended is not None:
            status = os.waitstatus_to_exitcode(ended)
            report({"status": status, "why": ""})
            os._exit(status if status >= 0 else 128 - status)
        if ready.poll(0):
            os._exit(0)
        if time.monotonic() < due:
            continue  # signals from inside must not keep it from looking
        due = time.monotonic() + _EVERY
        if memory_of_all(memory_bytes) > memory_bytes * _MARGIN:
            report({"status": -signal.SIGKILL, "why": "out_of_memory"})
            os._exit(128 + signal.SIGKILL)


def _reap(inner: int) -> int | None:
    """Collect what has ended; the status of the inner process if it is among it."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return 0
        if pid == 0:
            return None
        if pid == inner:
            return status
