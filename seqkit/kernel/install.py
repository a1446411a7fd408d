"""The kernel 'Python 3 (seqkit, warm)' in the list of kernels of JupyterLab."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

from seqkit.kernel import linux

NAME = "seqkit-warm"
TITLE = "Python 3 (seqkit, warm)"


def specification() -> dict[str, object]:
    """What stands in kernel.json.

    Returns:
        Plain data.

    Example:
        >>> specification()["display_name"]
        'Python 3 (seqkit, warm)'
    """
    return {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": TITLE,
        "language": "python",
        "interrupt_mode": "signal",
        "metadata": {
            "kernel_provisioner": {"provisioner_name": NAME, "config": {"sandboxed": False}}
        },
    }


def install(user: bool = False, prefix: str | None = None) -> Path:
    """Add the warm kernel to the kernels that JupyterLab offers.

    Args:
        user: install it for this user, for every Jupyter that the user starts.
        prefix: install it below this folder; by default that of this Python.

    Returns:
        The folder of the kernel specification.

    Raises:
        SeqkitError: this system is not Linux.

    Example:
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     print(install(prefix=folder).relative_to(folder).as_posix())
        share/jupyter/kernels/seqkit-warm
    """
    from jupyter_client.kernelspec import KernelSpecManager

    if not linux.LINUX:
        from seqkit.errors import SeqkitError

        raise SeqkitError(
            f"The warm kernel needs Linux, and this system is {sys.platform}. "
            "Use the usual kernel 'python3'."
        )
    with tempfile.TemporaryDirectory() as folder:
        text = json.dumps(specification(), indent=1, ensure_ascii=False)
        Path(folder, "kernel.json").write_text(text + "\n", encoding="utf-8")
        _copy_logos(Path(folder))
        where = None if user else prefix or sys.prefix
        manager = KernelSpecManager()
        return Path(manager.install_kernel_spec(folder, NAME, user=user, prefix=where))


def _copy_logos(folder: Path) -> None:
    import ipykernel

    for logo in (Path(ipykernel.__file__).parent / "resources").glob("logo-*"):
        shutil.copy(logo, folder)


def uninstall(user: bool = False, prefix: str | None = None) -> bool:
    """Take the warm kernel away again.

    Args:
        user: the one of this user.
        prefix: the one below this folder; by default that of this Python.

    Returns:
        False where there was none.

    Example:
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = install(prefix=folder)
        ...     print(uninstall(prefix=folder), path.exists())
        True False
    """
    from jupyter_core.paths import jupyter_data_dir

    base = Path(jupyter_data_dir()) if user else Path(prefix or sys.prefix, "share", "jupyter")
    folder = base / "kernels" / NAME
    if not (folder / "kernel.json").is_file():
        return False
    shutil.rmtree(folder)
    return True
