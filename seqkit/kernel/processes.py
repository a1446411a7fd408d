"""Which processes belong to a sandbox, how much memory they hold, and how they are ended."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

_KIB = 1024


def family(pid: int) -> list[int]:
    """A process and all its descendants, as this process sees them.

    Args:
        pid: process 1 of a sandbox, or any other process.

    Returns:
        Their ids; without those that ended meanwhile.

    Example:
        >>> os.getpid() in family(os.getpid())
        True
    """
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        if os.path.exists(f"/proc/{one}"):
            found.append(one)
            waiting += _children(one)
    return found


def _children(pid: int) -> Iterator[int]:
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return
    for thread in threads:
        try:
            with open(f"/proc/{pid}/task/{thread}/children", encoding="utf-8") as file:
                yield from map(int, file.read().split())
        except OSError:
            continue


def memory_of(pid: int) -> int:
    """The memory that a process and all its descendants hold of their own.

    Pages that processes share, as all forks of a warm parent do, are divided among them. Process 1
    of a sandbox is seqkit's own, and does not count.

    Args:
        pid: process 1 of a sandbox, as this process sees it.

    Returns:
        Bytes; 0 when the process has ended.

    Example:
        >>> memory_of(os.getpid()) > 0
        True
    """
    return sum(_exact(one) for one in family(pid) if not (one == pid and _is_first(pid)))


def _is_first(pid: int) -> bool:
    """Whether a process is number 1 of a namespace below ours."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as lines:
            numbers = next((line.split()[1:] for line in lines if line.startswith("NSpid")), [])
    except OSError:
        return False
    return len(numbers) > 1 and numbers[-1] == "1"


def memory_of_all(enough: int) -> int:
    """The memory of all processes that this one can see, itself excluded.

    Args:
        enough: below this the quick estimate, which counts shared pages twice, will do.

    Returns:
        Bytes.
    """
    own = str(os.getpid())
    pids = [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and pid != own]
    estimate = sum(_estimate(pid) for pid in pids)
    return estimate if estimate <= enough else sum(_exact(pid) for pid in pids)


def _exact(pid: int) -> int:
    """Anonymous and shared memory, each page divided by the number of its users."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as lines:
            sizes = _sizes(line for line in lines if line.startswith("Pss_"))
    except OSError:
        return _estimate(pid)  # it has ended, or does not let others look into it
    return sizes.get("Pss_Anon", 0) + sizes.get("Pss_Shmem", 0)


def _estimate(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as lines:
            sizes = _sizes(line for line in lines if line.startswith("Rss"))
    except OSError:
        return 0
    return sizes.get("RssAnon", 0) + sizes.get("RssShmem", 0)


def _sizes(lines: Iterator[str]) -> dict[str, int]:
    parts = (line.split() for line in lines)
    return {name.rstrip(":"): int(number) * _KIB for name, number, *_ in parts}


def kill_all(pid: int, seconds: float = 5.0) -> bool:
    """Kill a process and all its descendants, and see that they are gone.

    With process 1 of a sandbox all other processes in it end, whatever they do against it.

    Args:
        pid: the process.
        seconds: how long to wait for the end.

    Returns:
        True when none is left. A process that its parent has not yet collected counts as gone.

    Example:
        >>> kill_all(0)
        True
    """
    if pid <= 1:
        return True
    known = {one: started(one) for one in family(pid)}
    for one in known:
        try:
            os.kill(one, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue  # it has ended; or it lives in the sandbox, where process 1 takes it along
    until = time.monotonic() + seconds
    while any(_alive(one, since) for one, since in known.items()):
        if time.monotonic() > until:
            return False
        time.sleep(0.005)
    return True


def _stat(pid: int) -> list[str]:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def started(pid: int) -> str:
    """When a process began: with its id, this names it for good."""
    fields = _stat(pid)
    return fields[19] if len(fields) > 19 else ""


def _alive(pid: int, since: str) -> bool:
    fields = _stat(pid)
    return len(fields) > 19 and fields[19] == since and fields[0] not in "ZX"


def peak_memory(pid: int) -> int:
    """The most memory that a process held at a time, in bytes.

    Args:
        pid: the process.

    Returns:
        Bytes; 0 where the process is gone, or the system does not tell it as Linux does.

    Example:
        >>> peak_memory(0)
        0
    """
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            lines = [line.split() for line in file if line.startswith("VmHWM:")]
    except OSError:
        return 0
    return int(lines[0][1]) * _KIB if lines else 0
