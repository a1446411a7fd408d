"""Running a notebook and keeping what it shows, without a trace of the machine."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seqkit import environment
from seqkit.authoring.errors import CellFailedError
from seqkit.authoring.notebooks import place
from seqkit.authoring.sources import Cell, Notebook

_SECONDS = 600
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def execute(notebook: Notebook, path: Path, root: Path) -> None:
    """Run all cells in a fresh kernel and store their outputs in the notebook.

    Args:
        notebook: the notebook; it is changed.
        path: where it will be stored; it runs in that folder.
        root: the folder of the course, from which seqkit is imported.

    Raises:
        CellFailedError: when a cell raises, takes too long, or writes to the error stream.
    """
    run(notebook, path, root)
    _refuse_warnings(notebook, path)
    _clean(notebook)


def run(
    notebook: Notebook,
    path: Path,
    root: Path,
    budget: str = "quick",
    seconds: int = _SECONDS,
    watch: Callable[[int], None] | None = None,
) -> None:
    """Run all cells in a fresh kernel; the outputs stay as they come.

    Args:
        notebook: the notebook; it is changed.
        path: its name, for messages; it runs in that folder.
        root: the folder of the course, from which seqkit is imported.
        budget: "quick" or "full".
        seconds: the limit for one cell.
        watch: is called after each cell, with the process of the kernel.

    Raises:
        CellFailedError: when a cell raises or takes too long, or its kernel dies.
    """
    import nbclient

    def after_cell(**_: object) -> None:
        process = getattr(getattr(client.km, "provisioner", None), "pid", None)
        if watch is not None and process is not None:
            watch(process)

    path.parent.mkdir(parents=True, exist_ok=True)
    client = nbclient.NotebookClient(
        notebook,
        timeout=seconds,
        on_cell_executed=after_cell,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=["--log-level=ERROR"],
        coalesce_streams=True,
        store_widget_state=False,
        record_timing=False,
    )
    try:
        client.execute(env=kernel_environment(root, budget))
    except nbclient.exceptions.CellExecutionError as error:
        reason = f"{error.ename}: {error.evalue}"
        raise CellFailedError(f"{_failed_place(path, notebook)}\n{reason}") from None
    except nbclient.exceptions.DeadKernelError:
        raise CellFailedError(
            f"{path.name}: its kernel died, perhaps for lack of memory."
        ) from None
    except nbclient.exceptions.CellTimeoutError:
        raise CellFailedError(f"{path.name} has a cell that runs over {seconds} s.") from None


def keep_outputs(new: Notebook, stored: Notebook) -> bool:
    """Take the outputs of the stored notebook over, when its code is the same.

    Args:
        new: the notebook as it is made now; it is changed.
        stored: the notebook as it was made before.

    Returns:
        False when any code differs or was never run; then nothing is taken over.
    """
    fresh = [cell for cell in new.cells if cell.cell_type == "code"]
    old = [cell for cell in stored.cells if cell.cell_type == "code"]
    if [_code_key(cell) for cell in fresh] != [_code_key(cell) for cell in old]:
        return False
    if any(cell.execution_count is None for cell in old):
        return False
    for cell, before in zip(fresh, old, strict=True):
        cell.outputs, cell.execution_count = before.outputs, before.execution_count
    return True


def _code_key(cell: Cell) -> tuple[str, str]:
    """What decides whether a cell must run again; the text of a macro does not."""
    return cell.id, "" if cell.id.startswith("macro-") else cell.source


def kernel_environment(root: Path, budget: str) -> dict[str, str]:
    """The environment of the kernel: quiet, and the same on every machine.

    Args:
        root: the folder of the course.
        budget: "quick" or "full".

    Returns:
        All variables, by their names.
    """
    variables = dict(os.environ)
    environment.apply(variables)
    variables["PYTHONPATH"] = os.pathsep.join(
        [str(root), *filter(None, [variables.get("PYTHONPATH")])]
    )
    variables["PYTHONHASHSEED"] = "0"
    variables["SEQKIT_BUDGET"] = budget
    variables.pop("MPLBACKEND", None)
    return variables


def _failed_place(path: Path, notebook: Notebook) -> str:
    for number, cell in enumerate(notebook.cells, start=1):
        if any(output.output_type == "error" for output in cell.get("outputs", [])):
            first = cell.source.strip().splitlines()[0]
            return f"{path.parent.name}/{path.name}, {place(cell, number)}: {first}"
    return f"{path.parent.name}/{path.name}"


def _refuse_warnings(notebook: Notebook, path: Path) -> None:
    """A warning on the error stream holds a path of this machine, and frightens the reader."""
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                text = _COLOURS.sub("", output.text).strip()
                raise CellFailedError(
                    f"{path.parent.name}/{path.name}, {place(cell, number)} writes to the error "
                    f"stream:\n{text}"
                )


def _clean(notebook: Notebook) -> None:
    """Take out what changes from run to run or tells about the machine."""
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.pop("transient", None)
            _keep_the_static_view(output)


def _keep_the_static_view(output: dict[str, Any]) -> None:
    """A stored widget has no kernel behind it: keep the HTML beside it, drop its random id."""
    data = output.get("data", {})
    if "text/html" in data:
        data.pop("application/vnd.jupyter.widget-view+json", None)
