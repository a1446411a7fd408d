"""What the warm parent and its client send each other: small JSON messages, and open files."""

from __future__ import annotations

import json
import os
import select
import socket
from collections.abc import Mapping, Sequence
from typing import Any

LONGEST = 64 * 1024


def send(line: socket.socket, message: Mapping[str, object], files: Sequence[int] = ()) -> bool:
    """Send one message; never wait for the other side.

    Args:
        line: a socket that keeps messages apart.
        message: plain data.
        files: open files that the other side gets, too.

    Returns:
        False when the other side is gone, or does not read.
    """
    try:
        socket.send_fds(line, [json.dumps(message).encode()], list(files), socket.MSG_DONTWAIT)
    except OSError:
        return False
    return True


def receive(line: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """Take one message.

    Args:
        line: the socket; it decides whether this waits.

    Returns:
        The message, or None at the end, and the open files that came with it.

    Raises:
        BlockingIOError: nothing is there, on a socket that does not wait.
    """
    try:
        data, files, _, _ = socket.recv_fds(line, LONGEST, 8, socket.MSG_CMSG_CLOEXEC)
    except ConnectionError:
        return None, []
    return (json.loads(data) if data else None), list(files)


def wait_for(line: socket.socket, seconds: float) -> bool:
    """Wait until a message, or the end, is there.

    Args:
        line: the socket.
        seconds: how long.

    Returns:
        False when the time is over.
    """
    ready = select.poll()  # not select.select: it cannot watch files with numbers above 1023
    ready.register(line, select.POLLIN)
    return bool(ready.poll(seconds * 1000))


def memory_file(name: str, content: bytes = b"") -> int:
    """Make a file that has no place in any folder.

    Args:
        name: for people who look into /proc.
        content: what stands in it.

    Returns:
        The open file, at its beginning.
    """
    file = os.memfd_create(name)
    view = memoryview(content)
    while view:
        view = view[os.write(file, view) :]
    os.lseek(file, 0, os.SEEK_SET)
    return file


def content_of(file: int) -> bytes:
    """Read a file from its beginning.

    Args:
        file: an open file.

    Returns:
        All of it.
    """
    parts, at = [], 0
    while part := os.pread(file, 1 << 20, at):
        parts.append(part)
        at += len(part)
    return b"".join(parts)
