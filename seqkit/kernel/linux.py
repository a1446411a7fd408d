"""The few Linux calls that Python does not offer: namespaces, mounts, capabilities, prctl."""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from functools import lru_cache

LINUX = sys.platform.startswith("linux")

NEW_MOUNTS = 0x00020000
NEW_NAMES = 0x04000000
NEW_IPC = 0x08000000
NEW_USERS = 0x10000000
NEW_PROCESSES = 0x20000000
NEW_NETWORK = 0x40000000

READ_ONLY, NO_SUID, NO_DEVICES, NO_EXEC = 1, 2, 4, 8
_REMOUNT, BIND, RECURSIVE, PRIVATE = 0x20, 0x1000, 0x4000, 0x40000
_DETACH = 2

_SET_DEATH_SIGNAL = 1
_SET_DUMPABLE = 4
_DROP_BOUNDING = 24
_SET_SUBREAPER = 36
_NO_NEW_PRIVILEGES = 38
_AMBIENT, _AMBIENT_CLEAR = 47, 4

_MOUNT_SETATTR = 442  # the same number on every architecture
_AT_CWD, _AT_RECURSIVE = -100, 0x8000
_CAPABILITY_VERSION_3 = 0x20080522


@lru_cache(maxsize=1)
def libc() -> ctypes.CDLL:
    """The C library of this process, with errno kept.

    Returns:
        The handle; calls go through `call`.
    """
    return ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: object) -> int:
    """Call a function of the C library that reports failure by -1.

    Args:
        name: the function.
        arguments: its arguments; text goes as bytes.

    Returns:
        What the function returned.

    Raises:
        OSError: the call failed; `errno` says why and `filename` holds the call.
    """
    converted = [os.fsencode(a) if isinstance(a, str) else a for a in arguments]
    result = int(getattr(libc(), name)(*converted))
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name)
    return result


def unshare(flags: int) -> None:
    """Leave the namespaces that this process shares with the others.

    Args:
        flags: the sum of NEW_… constants.
    """
    call("unshare", ctypes.c_int(flags))


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount a file system, or one path over another (flag BIND).

    Args:
        source: the device, path or name.
        target: the folder or file that it covers.
        kind: the type of the file system; "" for a bind.
        flags: the MS_… flags.
        options: such as "size=1000,mode=755".
    """
    try:
        call("mount", source, target, kind or None, ctypes.c_ulong(flags), options or None)
    except OSError as error:
        raise OSError(error.errno, error.strerror, f"mount {kind or source} on {target}") from None


def bind(source: str, target: str) -> None:
    """Show a path, with all that is mounted below it, at a second place.

    Args:
        source: the path.
        target: an existing file or folder of the same kind.
    """
    mount(source, target, flags=BIND | RECURSIVE)


def restrict(target: str, *, read_only: bool, recursive: bool = True) -> None:
    """Take rights away from a mount: no setuid, no devices, and no writing if asked.

    Args:
        target: where the mount stands.
        read_only: forbid writing.
        recursive: the mounts below it, too.
    """
    flags = NO_SUID | NO_DEVICES | (READ_ONLY if read_only else 0)
    attributes = ctypes.create_string_buffer(struct.pack("=QQQQ", flags, 0, 0, 0))
    try:
        call(
            "syscall",
            ctypes.c_long(_MOUNT_SETATTR),
            ctypes.c_int(_AT_CWD),
            target,
            ctypes.c_uint(_AT_RECURSIVE if recursive else 0),
            attributes,
            ctypes.c_size_t(32),
        )
    except OSError as error:
        if error.errno != 38:  # ENOSYS: a kernel before 5.12
            raise OSError(error.errno, error.strerror, f"mount_setattr {target}") from None
        _restrict_each(target, flags, recursive)


def _restrict_each(target: str, flags: int, recursive: bool) -> None:
    """Remount one by one, as kernels before 5.12 need it."""
    for place in mounts_below(target) if recursive else [target]:
        # A remount names all flags: those that the mount has already must not be lost.
        kept = os.statvfs(place).f_flag & (READ_ONLY | NO_SUID | NO_DEVICES | NO_EXEC)
        mount("none", place, flags=_REMOUNT | BIND | kept | flags)


def mounts_below(target: str) -> list[str]:
    """The mounts at and below a path, in the order in which they were made.

    Args:
        target: an absolute path without symbolic links.

    Returns:
        Their paths.
    """
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as lines:
        places = [_unescaped(line.split(" ")[4]) for line in lines]
    prefix = target.rstrip("/") + "/"
    return [place for place in places if place == target or place.startswith(prefix)]


def _unescaped(field: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        field = field.replace(code, character)
    return field


def pivot_root(new: str, old: str) -> None:
    """Make a mounted folder the root; the root so far stays reachable at `old`.

    Args:
        new: the folder, a mount of its own.
        old: a folder below it.
    """
    call("pivot_root", new, old)


def detach(target: str) -> None:
    """Take a mount and all below it away, open files or not.

    Args:
        target: where it stands.
    """
    call("umount2", target, ctypes.c_int(_DETACH))


def prctl(option: int, value: int = 0, third: int = 0) -> None:
    """Set a property of this process.

    Args:
        option: the PR_… number.
        value: the new value.
        third: the third argument, where the option has one.
    """
    zero = ctypes.c_ulong(0)
    call("prctl", ctypes.c_int(option), ctypes.c_ulong(value), ctypes.c_ulong(third), zero, zero)


def die_with_parent(signal_number: int = 9) -> None:
    """Ask the kernel to kill this process when the one that forked it ends.

    A change of user clears it, so it comes after the last of them.

    Args:
        signal_number: the signal to get; SIGKILL by default.
    """
    prctl(_SET_DEATH_SIGNAL, signal_number)


def set_dumpable(value: bool) -> None:
    """Say whether processes of the same user may look into this one.

    Args:
        value: False protects this process, and gives its folder in /proc to root.
    """
    prctl(_SET_DUMPABLE, int(value))


def become_subreaper() -> None:
    """Inherit grandchildren whose own parent ended, so that their end is seen here."""
    prctl(_SET_SUBREAPER, 1)


def forbid_new_privileges() -> None:
    """Make setuid programs and file capabilities worthless for this process, for good."""
    prctl(_NO_NEW_PRIVILEGES, 1)


def drop_capabilities() -> None:
    """Give up every capability, in every set, for good."""
    for number in range(64):
        try:
            prctl(_DROP_BOUNDING, number)
        except OSError:
            break  # EINVAL: the kernel knows no capability with this number
    prctl(_AMBIENT, _AMBIENT_CLEAR)
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION_3, 0))
    call("capset", header, ctypes.create_string_buffer(24))


def effective_capabilities(pid: str = "self") -> int:
    """The capabilities that count now, as a set of bits.

    Args:
        pid: the process.

    Returns:
        The number that /proc shows as CapEff.
    """
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as lines:
        return next(int(line.split()[1], 16) for line in lines if line.startswith("CapEff"))


def release() -> tuple[int, int]:
    """The version of the running kernel.

    Returns:
        Major and minor number.

    Example:
        >>> release() >= (0, 0)
        True
    """
    import re

    found = re.match(r"(\d+)\.(\d+)", os.uname().release) if hasattr(os, "uname") else None
    return (int(found[1]), int(found[2])) if found else (0, 0)
