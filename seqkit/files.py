"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def write_whole(path: Path, content: bytes | str) -> None:
    r"""Write a file so that a reader, or a power cut, finds the old one or the new one.

    Args:
        path: the file; its folder is made where it is missing.
        content: what it shall hold; text is written as UTF-8.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_whole(Path(folder) / "new" / "a.txt", "one\n")
        ...     (Path(folder) / "new" / "a.txt").read_text()
        'one\n'
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    if path.is_file() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # One fixed name: what a killed run leaves behind is written over by the next.
    draft = path.with_name(f".{path.name}.part")
    with open(draft, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(draft, path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name last, too. Windows cannot open folders, and needs no such call."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
