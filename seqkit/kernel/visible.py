"""What a sandbox shows by default: Python, the library, and what they need of the system."""

from __future__ import annotations

import site
import sys
import sysconfig
from pathlib import Path

_SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/gnu/store",
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/timezone",
    "/etc/mime.types",
    "/etc/matplotlibrc",
)


def library() -> Path:
    """The folder of the installed seqkit.

    Returns:
        An absolute path.

    Example:
        >>> library().name
        'seqkit'
    """
    return Path(__file__).resolve().parent.parent


def default_visible() -> tuple[Path, ...]:
    """The paths that Python, Keras and seqkit need, and no others.

    Returns:
        Existing paths; home folders and folders of courses are not among them, unless Python
        itself is installed there.

    Example:
        >>> library() in default_visible()
        True
    """
    wanted = [Path(path) for path in _SYSTEM]
    wanted += [Path(prefix) for prefix in _prefixes()]
    wanted += [Path(path) for path in sys.path if Path(path).name in _PACKAGE_FOLDERS]
    wanted.append(library())
    return tuple(dict.fromkeys(path for path in wanted if path.exists()))


_PACKAGE_FOLDERS = ("site-packages", "dist-packages")


def _prefixes() -> list[str]:
    prefixes = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix]
    # An interpreter behind a symbolic link, as pyenv and uv install it, has its files elsewhere.
    prefixes += [sysconfig.get_paths()["stdlib"], str(Path(sys.executable).resolve().parent)]
    if site.ENABLE_USER_SITE:
        prefixes.append(site.getusersitepackages())
    return [prefix for prefix in prefixes if prefix != "/"]


def default_hidden() -> tuple[Path, ...]:
    """The parts of seqkit that give answers away.

    Returns:
        Existing paths.

    Example:
        >>> all(library() in path.parents for path in default_hidden())
        True
    """
    parts = ("exercises/solutions", "grading/hidden")
    return tuple(path for path in (library() / part for part in parts) if path.exists())
