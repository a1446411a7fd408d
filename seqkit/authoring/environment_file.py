"""`environment.yml` for conda and the files of Binder, made from `pyproject.toml` and the lock.

Conda brings Python; pip brings the rest, at the versions of `requirements.lock`. The lock itself
cannot be used here: it holds hashes, and with hashes pip refuses an editable project.
So the same versions stand in a constraints file, without hashes.
"""

from __future__ import annotations

import re
import stat
import tomllib
from pathlib import Path
from typing import Final

from seqkit.environment import QUIET

CONSTRAINTS: Final = ".binder/constraints.txt"
START: Final = ".binder/start"

_NOTE: Final = (
    "# Made by `seqkit environment` from pyproject.toml and requirements.lock. Do not edit."
)
_PINNED: Final = re.compile(r"^[A-Za-z0-9][^\\#]*", re.MULTILINE)


def render(root: Path) -> dict[str, str]:
    """The derived files and their content.

    Args:
        root: The checkout.

    Returns:
        The text of each file by its path relative to `root`.
    """
    return {
        "environment.yml": _environment(root, constraints=CONSTRAINTS, project="."),
        # Binder reads this folder, and runs pip in it.
        ".binder/environment.yml": _environment(root, constraints="constraints.txt", project=".."),
        CONSTRAINTS: _constraints(root),
        START: _start(),
    }


def write(root: Path) -> list[Path]:
    """Write the derived files that are missing or out of date.

    Args:
        root: The checkout.

    Returns:
        The files that changed.
    """
    changed = []
    for name, text in render(root).items():
        file = root / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
            changed.append(file)
    start = root / START
    start.chmod(start.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return changed


def _environment(root: Path, constraints: str, project: str) -> str:
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    ours = settings["tool"]["seqkit"]
    extras = ",".join(ours["environment-extras"])
    variables = "\n".join(f'  {name}: "{value}"' for name, value in QUIET.items())
    return f"""\
{_NOTE}
name: {settings["project"]["name"]}
channels:
  - conda-forge
dependencies:
  - python={ours["environment-python"]}
  - pip
  - pip:
      - -c {constraints}
      - -e {project}[{extras}]
variables:
{variables}
"""


def _constraints(root: Path) -> str:
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    pins = [match.group().rstrip() for match in _PINNED.finditer(lock)]
    return "\n".join([_NOTE, *pins]) + "\n"


def _start() -> str:
    exports = "\n".join(f'export {name}="{value}"' for name, value in QUIET.items())
    return f"""\
#!/bin/sh
{_NOTE}
# Binder starts JupyterLab with this, so that the kernels inherit the variables.
{exports}
exec "$@"
"""
