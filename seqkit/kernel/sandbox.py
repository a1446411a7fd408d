"""The sandbox of a kernel: Linux namespaces and limits, without root and without Docker."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

from seqkit.errors import SeqkitError
from seqkit.kernel import confinement, linux
from seqkit.kernel.processes import kill_all, memory_of
from seqkit.kernel.visible import default_hidden, default_visible

__all__ = ["Sandbox", "SandboxError", "enter", "kill_all", "memory_of", "problem"]

GIB, MIB = 2**30, 2**20


class SandboxError(SeqkitError, OSError):
    """This system cannot shut a process in; the sentence says why and what to do."""


@dataclass(frozen=True)
class Sandbox:
    """What a process may see and use. Everything else is not there.

    There is no network, no other process, no device but null, zero, full, random and urandom, and
    one small file system in memory that holds /tmp, /dev/shm and the home folder. It runs as an
    ordinary user without capabilities, even if the caller is root.

    Attributes:
        visible: paths that stand read-only at their own place.
        replaced: pairs of a path inside and the file or folder that stands there, read-only.
        hidden: paths where an empty file or folder stands.
        writable: folders that stand at their own place and can be written to. The owner of these
            folders changes to the user of the sandbox if the caller is root. Only `file_bytes`
            limits what is written there, per file; so give one only where nothing else will do.
        memory_bytes: how much memory all its processes may take, beyond what a warm parent holds.
        processes: how many processes and threads it may have at a time.
        file_bytes: how large one file may grow.
        tmp_bytes: how much /tmp, /dev/shm and the home folder hold together; they are memory.
        cpu_seconds: the processor time of one process; 0 for no limit.

    Example:
        >>> Sandbox(memory_bytes=10**9).processes
        256
    """

    visible: tuple[Path, ...] = field(default_factory=default_visible)
    replaced: tuple[tuple[Path, Path], ...] = ()
    hidden: tuple[Path, ...] = field(default_factory=default_hidden)
    writable: tuple[Path, ...] = ()
    memory_bytes: int = 2 * GIB
    processes: int = 256
    file_bytes: int = 64 * MIB
    tmp_bytes: int = 256 * MIB
    cpu_seconds: int = 0

    def to_json(self) -> dict[str, Any]:
        """The same as plain data.

        Returns:
            What `from_json` takes.

        Example:
            >>> Sandbox.from_json(Sandbox(processes=9).to_json()).processes
            9
        """
        data = asdict(self)
        for name in ("visible", "hidden", "writable"):
            data[name] = [os.path.abspath(path) for path in data[name]]
        data["replaced"] = [[os.path.abspath(path) for path in pair] for pair in data["replaced"]]
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Sandbox:
        """Read what `to_json` wrote.

        Args:
            data: plain data.

        Returns:
            The sandbox.

        Example:
            >>> Sandbox.from_json(Sandbox(hidden=(Path("/srv"),)).to_json()).hidden[0].name
            'srv'
        """
        plain = dict(data)
        for name in ("visible", "hidden", "writable"):
            plain[name] = tuple(Path(path) for path in plain[name])
        plain["replaced"] = tuple((Path(inside), Path(there)) for inside, there in data["replaced"])
        return cls(**plain)


def enter(
    sandbox: Sandbox,
    *,
    cwd: str = "",
    listen: Sequence[str] = (),
    outer: Callable[[int], NoReturn] | None = None,
    report: Callable[[Mapping[str, object]], None] = lambda message: None,
    watch: int = -1,
) -> dict[str, int]:
    """Shut this process in. Call it in a forked child with one thread.

    It forks twice. Only the innermost process returns; the one between is process 1 of the new
    world: it watches the memory, reports how the inner one ended, and takes all others with it.

    Args:
        sandbox: what the process may see and use.
        cwd: the folder to work in; the home folder when it is "" or not visible.
        listen: paths of Unix sockets, outside, on which the inner process will listen. So it
            needs no folder that it shares with the world outside.
        outer: what the calling process does with the process id of process 1; by default it waits
            and ends in the same way.
        report: gets {"status": …, "why": …} when the inner process has ended.
        watch: a pipe; when its other end closes, everything in the sandbox ends.

    Returns:
        The listening sockets, by path.

    Raises:
        SandboxError: this system does not allow it. The process must end now: it may be half in.
    """
    try:
        return confinement.enter(sandbox, cwd, listen, outer, report, watch)
    except OSError as error:
        raise SandboxError(explain(error)) from error


def explain(error: OSError) -> str:
    """Say in full sentences why the sandbox could not be made.

    Args:
        error: what Linux answered.

    Returns:
        What happened, and what to do.

    Example:
        >>> print(explain(OSError(28, "No space left on device", "unshare")))
        The sandbox could not be made: unshare failed (No space left on device). The limit of user
        namespaces is used up or 0. Ask an administrator to run:
        sysctl -w user.max_user_namespaces=10000
    """
    what = f"The sandbox could not be made: {error.filename or 'a system call'} failed"
    return f"{what} ({error.strerror or error}). {_advice(error)}"


def _advice(error: OSError) -> str:
    if str(error.filename).startswith("making a place"):
        return (
            "Its folder is shown read-only, and there is no such file in it. Replace only what "
            "exists, or what stands outside all visible folders."
        )
    if error.filename == "unshare" and error.errno == 28:
        return (
            "The limit of user namespaces is used up or 0. Ask an administrator to run: "
            "sysctl -w user.max_user_namespaces=10000"
        )
    if _setting("kernel/unprivileged_userns_clone") == "0":
        return (
            "This system forbids user namespaces. Ask an administrator to run: "
            "sysctl -w kernel.unprivileged_userns_clone=1"
        )
    if _setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return (
            "AppArmor forbids user namespaces here (Ubuntu 23.10 and later). Ask an administrator "
            "to run: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
        )
    if "mount proc" in str(error.filename):
        return (
            "Inside a container /proc is partly covered. Run outside the container, or start it "
            "with --privileged or --security-opt systempaths=unconfined."
        )
    if error.filename == "unshare":
        return (
            "A container or a security module forbids namespaces. Run outside the container, or "
            "start it with --security-opt seccomp=unconfined --cap-add SYS_ADMIN."
        )
    return "Please report it with the version of Linux that 'uname -a' shows."


def _setting(name: str) -> str:
    try:
        return Path("/proc/sys", name).read_text().strip()
    except OSError:
        return ""


@lru_cache(maxsize=1)
def problem() -> str:
    """Try whether this system can make a sandbox.

    Returns:
        "", or why not and what to do, in full sentences.

    Example:
        >>> isinstance(problem(), str)
        True
    """
    if not linux.LINUX:
        return (
            f"The sandbox needs Linux, and this system is {sys.platform}. Run it on Linux, or in "
            "a virtual machine with Linux."
        )
    trial = subprocess.run(
        [sys.executable, "-P", "-c", _TRIAL],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        check=False,
    )
    if trial.returncode == 0:
        return ""
    lines = trial.stdout.strip() or (trial.stderr.strip().splitlines() or ["no message"])[-1]
    return lines


# In a process of its own: the caller may have threads, and then must not fork.
_TRIAL = """
from seqkit.kernel import sandbox
import os, sys
try:
    sandbox.enter(sandbox.Sandbox())
except sandbox.SandboxError as error:
    print(error, flush=True)
    os._exit(1)
os._exit(0 if os.getpid() != 1 and os.path.isdir(sys.prefix) else 1)
"""
