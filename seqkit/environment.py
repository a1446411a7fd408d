"""The environment variables that keep TensorFlow's start-up messages out of the notebooks.

They are set by whoever starts a kernel for the course: the root `conftest.py`, the Makefile,
`environment.yml` and Binder. `import seqkit` sets nothing: a practitioner's environment is theirs.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from typing import Final

QUIET: Final[dict[str, str]] = {
    # 3: errors only. The lower messages name the processor, so they differ between machines.
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # oneDNN sums in an order that depends on the processor, so the last digits would differ.
    "TF_ENABLE_ONEDNN_OPTS": "0",
}


def apply(environ: MutableMapping[str, str] | None = None) -> None:
    """Set the quiet variables, except those that the user has set already.

    Args:
        environ: The environment to change; that of this process by default.

    Example:
        >>> mine = {"TF_CPP_MIN_LOG_LEVEL": "0"}
        >>> apply(mine)
        >>> mine["TF_CPP_MIN_LOG_LEVEL"], mine["TF_ENABLE_ONEDNN_OPTS"]
        ('0', '0')
    """
    target = os.environ if environ is None else environ
    for name, value in QUIET.items():
        target.setdefault(name, value)
