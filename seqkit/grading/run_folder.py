"""The folder of one run for sockets and the like; also of a run that was killed, nothing stays."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

_NAME = re.compile(r"seqkit-(\d+)-\w+")
_LONGEST = 60  # characters; the path of a socket may have 107 bytes


def make() -> Path:
    """Make the folder of this process, and remove those of processes that are gone.

    Returns:
        A new folder that only this user may enter.

    Example:
        >>> folder = make()
        >>> folder.is_dir(), folder.name.startswith(f"seqkit-{os.getpid()}-")
        (True, True)
        >>> folder.rmdir()
    """
    home = Path(tempfile.gettempdir())
    if len(str(home)) > _LONGEST and Path("/tmp").is_dir():
        home = Path("/tmp")
    for folder in home.glob("seqkit-*-*"):
        if _is_left_over(folder):
            shutil.rmtree(folder, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"seqkit-{os.getpid()}-", dir=home))


def _is_left_over(folder: Path) -> bool:
    """Whether a folder of ours belongs to a process that has ended."""
    found = _NAME.fullmatch(folder.name)
    try:
        if found is None or folder.lstat().st_uid != os.getuid():
            return False
        os.kill(int(found[1]), 0)
    except ProcessLookupError:
        return True
    except (OSError, AttributeError):  # another user's process, or a system without users
        return False
    return False
