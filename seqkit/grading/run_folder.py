"""The folder of one run for sockets and the like; also of a run that was killed, nothing stays."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from seqkit.kernel.processes import started

# A number is given to a new process, or thread, when an old one has ended: so the time of its
# start is part of the name.
_NAME = re.compile(r"seqkit-(?P<pid>\d+)-(?P<started>\d*)-\w+")
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
    clear()
    me = os.getpid()
    return Path(tempfile.mkdtemp(prefix=f"seqkit-{me}-{started(me)}-", dir=_home()))


def clear() -> None:
    """Remove the folders of processes that are gone.

    Example:
        >>> clear()
    """
    for folder in _home().glob("seqkit-*-*-*"):
        if _is_left_over(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _home() -> Path:
    home = Path(tempfile.gettempdir())
    return Path("/tmp") if len(str(home)) > _LONGEST and Path("/tmp").is_dir() else home


def _is_left_over(folder: Path) -> bool:
    """Whether a folder of ours belongs to a process that has ended."""
    found = _NAME.fullmatch(folder.name)
    try:
        if found is None or folder.lstat().st_uid != os.getuid():
            return False
        os.kill(int(found["pid"]), 0)
    except ProcessLookupError:
        return True
    except (OSError, AttributeError):  # another user's process, or a system without users
        return False
    return found["started"] != started(int(found["pid"]))
