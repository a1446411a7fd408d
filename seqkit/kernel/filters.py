"""The system calls that a sandboxed process may not make: a seccomp filter.

Namespaces and limits do most of the work. This closes what they leave open: memory that no limit
counts (memfd, System V), sockets that no network namespace holds (vsock), and large parts of
Linux that a course never needs and in which most ways out of a sandbox were found.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

from seqkit.kernel import linux

_SET_SECCOMP, _FILTER = 22, 2
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16

# name: (number on x86_64, number on aarch64)
_REFUSED = {
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "kcmp": (312, 272),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "msgget": (68, 186),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "request_key": (249, 218),
    "setns": (308, 268),
    "shmget": (29, 194),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}

# Refused when this argument has this value: process 1 must stay able to watch the others.
_REFUSED_FOR_FIRST = {
    "prlimit64": (302, 261, 0, 1),
    "sched_setaffinity": (203, 122, 0, 1),
    "sched_setattr": (314, 274, 0, 1),
    "sched_setparam": (142, 118, 0, 1),
    "sched_setscheduler": (144, 119, 0, 1),
    "setpriority": (141, 140, 1, 1),
    "setpriority of the user": (141, 140, 0, 2),
}

_SOCKET = (41, 198)
_FAMILIES = (1, 2, 10, 16)  # Unix, IPv4, IPv6, and netlink, which lists network cards

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_X32 = 0x40000000  # the numbers of a second, rare way to call an x86_64 kernel


def install_filter() -> None:
    """Refuse these calls from now on, in this process and all that come from it.

    Raises:
        OSError: there is no filter for this processor, or Linux has none.
    """
    program = ctypes.create_string_buffer(compiled(os.uname().machine))
    # One byte too many: create_string_buffer ends with a zero.
    header = struct.pack("@HP", (len(program) - 1) // 8, ctypes.addressof(program))
    linux.call(
        "prctl",
        ctypes.c_int(_SET_SECCOMP),
        ctypes.c_ulong(_FILTER),
        ctypes.create_string_buffer(header),
    )


def compiled(machine: str) -> bytes:
    """The filter as a program of the kernel's packet filter.

    Args:
        machine: the processor, as `uname -m` names it.

    Returns:
        Instructions of eight bytes.

    Raises:
        OSError: the processor is not known here.

    Example:
        >>> len(compiled("x86_64")) % 8
        0
    """
    if machine not in _MACHINES:
        text = f"no system-call filter for the processor {machine}"
        raise OSError(errno.ENOSYS, text, "seccomp")
    column, architecture = _MACHINES[machine]
    program = [
        _step(_LOAD, _ARCHITECTURE_AT),
        _step(_EQUAL, architecture, then=1, otherwise=0),
        _refuse(errno.ENOSYS),
        _step(_LOAD, _NUMBER_AT),
        _step(_AT_LEAST, _X32, then=0, otherwise=1),
        _refuse(errno.ENOSYS),
    ]
    for numbers in _REFUSED.values():
        program += [_step(_EQUAL, numbers[column], then=0, otherwise=1), _refuse(errno.EPERM)]
    for *pair, argument, value in _REFUSED_FOR_FIRST.values():
        program += _refuse_value(pair[column], argument, value)
    program += _only_families(_SOCKET[column])
    program.append(_step(_RETURN, _ALLOW))
    return b"".join(program)


def _step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, then, otherwise, value)


def _refuse(error: int) -> bytes:
    return _step(_RETURN, _REFUSE | error)


def _argument(index: int) -> bytes:
    """Load the lower half of an argument: the calls here take 32 bits."""
    return _step(_LOAD, _ARGUMENTS_AT + 8 * index)


def _refuse_value(number: int, argument: int, value: int) -> list[bytes]:
    return [
        _step(_EQUAL, number, then=0, otherwise=4),
        _argument(argument),
        _step(_EQUAL, value, then=0, otherwise=1),
        _refuse(errno.EPERM),
        _step(_LOAD, _NUMBER_AT),
    ]


def _only_families(number: int) -> list[bytes]:
    steps = [_step(_EQUAL, number, then=0, otherwise=len(_FAMILIES) * 2 + 2), _argument(0)]
    for family in _FAMILIES:
        steps += [_step(_EQUAL, family, then=0, otherwise=1), _step(_RETURN, _ALLOW)]
    return [*steps, _refuse(errno.EAFNOSUPPORT)]
