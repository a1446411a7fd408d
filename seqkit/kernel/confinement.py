"""How a process is shut in: namespaces first, then the file system, the user, the limits."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn

from seqkit.kernel import filesystem, linux, supervision
from seqkit.kernel.filters import install_filter

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from seqkit.kernel.sandbox import Sandbox

# Linux gives this number to nobody; 65534 is `nobody`, who may own processes.
_USER_FOR_ROOT = 65533
_USER_INSIDE = 1000

_NAMESPACES = (
    linux.NEW_MOUNTS | linux.NEW_PROCESSES | linux.NEW_NETWORK | linux.NEW_IPC | linux.NEW_NAMES
)


def enter(
    sandbox: Sandbox,
    cwd: str,
    listen: Sequence[str],
    outer: Callable[[int], NoReturn] | None,
    report: Callable[[Mapping[str, object]], None],
    watch: int,
) -> dict[str, int]:
    """Do what `seqkit.kernel.sandbox.enter` promises.

    Args:
        sandbox: what the process may see and use.
        cwd: the folder to work in.
        listen: paths of Unix sockets.
        outer: what the calling process does.
        report: hears how it ended.
        watch: a pipe whose end ends everything.

    Returns:
        The listening sockets, by path.
    """
    privileged = _is_root()
    processes = sandbox.processes + _counted_already(privileged)
    if privileged:
        linux.unshare(_NAMESPACES)
    else:
        user, group = os.getuid(), os.getgid()
        linux.unshare(_NAMESPACES | linux.NEW_USERS)
        _map_ids(user, group)
    # From here on the signals of the first process wait until it asks for them.
    signal.pthread_sigmask(signal.SIG_BLOCK, supervision.AWAITED)
    first = os.fork()
    if first:
        (outer or _wait_like)(first)
    _outlive_the_middle(watch)
    sockets = {path: _listening(path) for path in listen}
    os.umask(0o022)  # the folders made now must be open to the user of the sandbox
    socket.sethostname("seqkit")
    filesystem.build(sandbox, _USER_FOR_ROOT if privileged else -1)
    if privileged:
        _become_user()
    _lock(sandbox, processes)
    _go_to(cwd)
    linux.die_with_parent()
    inner = os.fork()
    if inner:
        supervision.supervise(inner, sandbox.memory_bytes, report, watch)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, supervision.AWAITED)
    linux.die_with_parent()
    return sockets


def _is_root() -> bool:
    """Whether this is a root that may become any user, and not one of a user namespace."""
    if os.geteuid() != 0 or linux.effective_capabilities() & _NEEDED != _NEEDED:
        return False
    return _maps("uid_map", _USER_FOR_ROOT) and _maps("gid_map", _USER_FOR_ROOT)


_CHOWN, _SETGID, _SETUID, _SYS_ADMIN = 1 << 0, 1 << 6, 1 << 7, 1 << 21
_NEEDED = _CHOWN | _SETGID | _SETUID | _SYS_ADMIN


def _maps(name: str, number: int) -> bool:
    with open(f"/proc/self/{name}", encoding="utf-8") as lines:
        ranges = [line.split() for line in lines]
    return any(int(start) <= number < int(start) + int(count) for start, _, count in ranges)


def _map_ids(user: int, group: int) -> None:
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{_USER_INSIDE} {user} 1"),
        ("gid_map", f"{_USER_INSIDE} {group} 1"),
    ):
        _write(f"/proc/self/{name}", text)


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def _outlive_the_middle(watch: int) -> None:
    """Wait until the process between is gone: the death signal is tied to the present parent."""
    if watch >= 0 and not os.read(watch, 1):
        os._exit(1)


def _wait_like(pid: int) -> NoReturn:
    """Wait for the first process, passing signals on, and end as it ended."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, supervision.AWAITED)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, frame: os.kill(pid, received))
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os._exit(status if status >= 0 else 128 - status)


def _listening(path: str) -> int:
    """Bind a Unix socket outside; only the caller's user may connect to it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as listener:
        before = os.umask(0o177)
        try:
            listener.bind(path)
        except OSError as error:
            raise OSError(error.errno, error.strerror, f"binding the socket {path}") from None
        finally:
            os.umask(before)
        listener.listen(100)
        return listener.detach()


def _become_user() -> None:
    """Become a user without rights, in a user namespace of its own, as its only user.

    The namespace makes the limit on processes count for this sandbox alone.
    """
    os.setgroups([])
    os.setresgid(_USER_FOR_ROOT, _USER_FOR_ROOT, _USER_FOR_ROOT)
    os.setresuid(_USER_FOR_ROOT, _USER_FOR_ROOT, _USER_FOR_ROOT)
    linux.set_dumpable(True)  # otherwise root owns /proc/self, and the maps cannot be written
    linux.unshare(linux.NEW_USERS)
    _map_ids(_USER_FOR_ROOT, _USER_FOR_ROOT)


def _lock(sandbox: Sandbox, processes: int) -> None:
    """Set the limits and give up every right, for good."""
    # No further user namespaces: in one of its own a process would have capabilities again.
    _write("/proc/sys/user/max_user_namespaces", "0")
    _write("/proc/self/oom_score_adj", "1000")  # short of memory, Linux ends this one first
    for limit, value in _limits(sandbox, processes).items():
        hard = resource.getrlimit(limit)[1]
        lowest = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (lowest, lowest))
    linux.drop_capabilities()
    linux.forbid_new_privileges()
    install_filter()


def _limits(sandbox: Sandbox, processes: int) -> dict[int, int]:
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_DATA: data_size() + sandbox.memory_bytes,
        resource.RLIMIT_FSIZE: sandbox.file_bytes,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NOFILE: 1024,
        resource.RLIMIT_NPROC: processes,
    }
    if sandbox.cpu_seconds:
        limits[resource.RLIMIT_CPU] = sandbox.cpu_seconds
    return limits


def data_size() -> int:
    """The private memory that this process has reserved already; the limit comes on top."""
    with open("/proc/self/status", encoding="utf-8", errors="replace") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmData")) * 1024


def _counted_already(privileged: bool) -> int:
    """How many threads of this user count against the limit besides those of the sandbox.

    Since Linux 5.14 each user namespace has a count of its own.
    """
    if linux.release() >= (5, 14):
        return 0
    user, count = _USER_FOR_ROOT if privileged else os.getuid(), 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.stat(f"/proc/{pid}").st_uid == user:
                count += len(os.listdir(f"/proc/{pid}/task"))
        except OSError:
            continue  # it has ended
    return count


def _go_to(cwd: str) -> None:
    try:
        os.chdir(cwd or filesystem.HOME)
    except OSError:
        os.chdir(filesystem.HOME)
