"""The file system of a sandbox: an empty one in memory, with a few paths of the real one."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from seqkit.kernel import linux

if TYPE_CHECKING:
    from seqkit.kernel.sandbox import Sandbox

HOME = "/tmp/home"

_OLD = "/.old"
_EMPTY = "/.empty"
_DEVICES = ("null", "zero", "full", "random", "urandom")
_LINKS = (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2"))
_MEMORY = "tmpfs"
_PLAIN = linux.NO_SUID | linux.NO_DEVICES
_FILES_AT_MOST = 100_000

_TEXTS = {
    "/etc/passwd": "root:x:0:0::/:/bin/false\nstudent:x:{user}:{group}::" + HOME + ":/bin/sh\n",
    "/etc/group": "root:x:0:\nstudent:x:{group}:\n",
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


def build(sandbox: Sandbox, owner: int) -> None:
    """Make the file system of this mount namespace, and leave the old one.

    Args:
        sandbox: what is visible, replaced, hidden and writable.
        owner: the user who will own the writable folders; -1 to leave them as they are.
    """
    visible, replaced = _resolved(sandbox)
    linux.mount("none", "/", flags=linux.RECURSIVE | linux.PRIVATE)
    _move_to_empty_root()
    _add_home_and_shared_memory(sandbox.tmp_bytes)
    _add_system()
    for path, source in visible:
        _show(source, path)
    for path, source in replaced:
        _show(source, path)
    for path in map(str, sandbox.hidden):
        _hide(path)
    for path in map(str, sandbox.writable):
        _share(path, owner)
    _leave_old_root()


def _resolved(sandbox: Sandbox) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Pairs of (path inside, real path outside), while the links outside still hold."""
    visible = sorted({os.path.abspath(path) for path in sandbox.visible}, key=_depth)
    kept: list[str] = []
    for path in visible:
        covered = any(path == other or path.startswith(other + "/") for other in kept)
        if os.path.lexists(path) and not covered:
            kept.append(path)
    replaced = [(str(inside), os.path.realpath(there)) for inside, there in sandbox.replaced]
    return [(path, path) for path in kept], sorted(replaced, key=lambda pair: _depth(pair[0]))


def _depth(path: str) -> int:
    return path.count("/")


def _move_to_empty_root() -> None:
    # Any folder would do: the new root covers it only until it is the root.
    linux.mount(_MEMORY, "/tmp", _MEMORY, _PLAIN, "size=16m,nr_inodes=20000,mode=755")
    os.mkdir("/tmp" + _OLD)
    linux.pivot_root("/tmp", "/tmp" + _OLD)
    os.chdir("/")


def _add_home_and_shared_memory(size: int) -> None:
    """One file system for all that can be written, so that one limit holds for all of it."""
    os.makedirs("/.scratch")
    options = f"size={size},nr_inodes={_FILES_AT_MOST},mode=755"
    linux.mount(_MEMORY, "/.scratch", _MEMORY, _PLAIN, options)
    for name, place in (("tmp", "/tmp"), ("shm", "/dev/shm")):
        os.mkdir(f"/.scratch/{name}")
        os.chmod(f"/.scratch/{name}", 0o1777)
        os.makedirs(place)
        linux.bind(f"/.scratch/{name}", place)
    linux.detach("/.scratch")
    os.rmdir("/.scratch")
    os.mkdir(HOME)
    os.chmod(HOME, 0o777)


def _add_system() -> None:
    os.mkdir("/proc")
    linux.mount("proc", "/proc", "proc", _PLAIN | linux.NO_EXEC)
    for name in _DEVICES:
        _touch(f"/dev/{name}")
        linux.bind(f"{_OLD}/dev/{name}", f"/dev/{name}")
    for name, end in _LINKS:
        os.symlink(f"/proc/self/fd{end}", f"/dev/{name}")
    os.makedirs("/etc")
    for path, text in _TEXTS.items():
        Path(path).write_text(text.format(user=1000, group=1000))
    os.mkdir(_EMPTY)
    os.mkdir(_EMPTY + "/folder")
    _touch(_EMPTY + "/file")


def _show(source: str, path: str) -> None:
    """Let a path of the old root stand at a place of the new one, read-only."""
    outside = _OLD + source
    if os.path.islink(outside) and source == path and _outside_any_mount(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(os.readlink(outside), path)
        if not os.path.exists(path):  # what it points to is not visible: show that in its place
            os.unlink(path)
            _show_real(_OLD + _real_in_old(source), path)
        return
    _show_real(outside, path)


def _show_real(outside: str, path: str) -> None:
    _prepare(path, os.path.isdir(outside))
    linux.bind(outside, path)
    linux.restrict(path, read_only=True)


def _real_in_old(path: str) -> str:
    """Follow the links of a path as they were in the old root."""
    for _ in range(40):
        head = path
        while head != "/" and not os.path.islink(_OLD + head):
            head = os.path.dirname(head)
        if head == "/":
            return path
        target = os.path.join(os.path.dirname(head), os.readlink(_OLD + head))
        path = os.path.normpath(target + path[len(head) :])
    raise OSError(40, "Too many links", path)


def _outside_any_mount(path: str) -> bool:
    return not os.path.lexists(path)


def _prepare(path: str, folder: bool) -> None:
    """Make an empty folder or file to mount upon, unless one is there."""
    if os.path.exists(path):
        return
    try:
        if folder:
            os.makedirs(path)
        else:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            _touch(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, f"making a place for {path}") from None


def _touch(path: str) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))


def _hide(path: str) -> None:
    if not os.path.exists(path):
        return
    folder = stat.S_ISDIR(os.stat(path).st_mode)
    linux.bind(_EMPTY + ("/folder" if folder else "/file"), path)
    linux.restrict(path, read_only=True)


def _share(path: str, owner: int) -> None:
    outside = _OLD + _real_in_old(path)
    if owner >= 0 and os.stat(outside).st_uid == 0:
        os.chown(outside, owner, owner)
    _prepare(path, True)
    linux.bind(outside, path)
    linux.restrict(path, read_only=False)


def _leave_old_root() -> None:
    linux.detach(_OLD)
    os.rmdir(_OLD)
    linux.restrict("/", read_only=True, recursive=False)


def sockets_allowed(paths: Iterable[str]) -> bool:
    """Whether all paths are short enough for a Unix socket.

    Args:
        paths: the paths.

    Returns:
        False where one has more than 107 bytes.

    Example:
        >>> sockets_allowed(["/tmp/kernel-1"])
        True
    """
    return all(len(os.fsencode(path)) <= 107 for path in paths)
