"""`seqkit full`: every lesson under the budget `full`, and a table of what came out.

The executed notebooks go to a folder of their own; those that are stored stay as they are. A run
that was interrupted goes on with the next lesson.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from seqkit.authoring import notebooks
from seqkit.authoring.errors import CellFailedError
from seqkit.authoring.execute import run
from seqkit.authoring.sources import LESSONS, Notebook, Source, sources

_CELL_SECONDS = 4 * 3_600
_DEVICE = re.compile(r"^device: (.+)$", re.MULTILINE)
_RESULTS = "results.json"


@dataclass(frozen=True)
class Result:
    """One lesson under the budget `full`.

    Attributes:
        lesson: its name, `12_skip`.
        digest: of its code; another one makes it run again.
        device: what `sk.device()` said, or "".
        seconds: for all cells.
        megabytes: the peak of the kernel's memory on the host; 0 where it is not known.
        headline: what the cell with the tag `headline` printed, or "".
        quick: the same under the budget `quick`, from the stored notebook.
        failed: why it stopped, or "".
    """

    lesson: str
    digest: str
    device: str
    seconds: float
    megabytes: float
    headline: str
    quick: str
    failed: str = ""


def run_full(
    root: Path,
    out: Path,
    only: str | None = None,
    force: bool = False,
    say: Callable[[str], None] = print,
) -> list[Result]:
    """Run the lessons under the budget `full`.

    Args:
        root: the folder of the course.
        out: where executed notebooks, `results.json` and `table.md` go.
        only: run only names that begin so, `"12"` for example.
        force: run lessons again that passed before and did not change.
        say: receives one line for each lesson.

    Returns:
        The results of all lessons so far, in their order.
    """
    out.mkdir(parents=True, exist_ok=True)
    results = {result.lesson: result for result in read_results(out)}
    for source in sources(root, LESSONS, only):
        notebook = notebooks.lesson(source)
        before = results.get(source.slug)
        if not force and before and not before.failed and before.digest == _digest(notebook):
            say(f"kept    {source.slug}")
            continue
        say(f"run     {source.slug}")
        result = _run(source, notebook, out)
        say(f"{'FAILED ' if result.failed else 'passed '} {source.slug}  {result.seconds:.0f} s")
        results[source.slug] = result
        _write(out, [results[name] for name in sorted(results)])
    return [results[name] for name in sorted(results)]


def read_results(out: Path) -> list[Result]:
    """Read the results of earlier runs.

    Args:
        out: the folder of the runs.

    Returns:
        The results; none when nothing was run yet.
    """
    path = out / _RESULTS
    if not path.is_file():
        return []
    return [Result(**row) for row in json.loads(path.read_text(encoding="utf-8"))]


def table(results: list[Result]) -> str:
    """Write results as a Markdown table.

    Args:
        results: one for each lesson.

    Returns:
        The devices, then one row for each lesson.

    Example:
        >>> print(table([Result("12_skip", "", "GPU", 61.2, 900.0, "loss 0.1", "loss 0.3")]))
        Device: GPU
        <BLANKLINE>
        | lesson | seconds | memory | under `full` | under `quick` |
        |---|--:|--:|---|---|
        | 12_skip | 61 | 900 MB | loss 0.1 | loss 0.3 |
    """
    devices = dict.fromkeys(result.device for result in results if result.device)
    lines = [f"Device: {device}" for device in devices]
    lines += ["", "| lesson | seconds | memory | under `full` | under `quick` |"]
    lines += ["|---|--:|--:|---|---|"]
    lines += [
        f"| {one.lesson} | {one.seconds:.0f} | {one.megabytes:.0f} MB | "
        f"{_cell(one.failed or one.headline)} | {_cell(one.quick)} |"
        for one in results
    ]
    return "\n".join(lines)


def _run(source: Source, notebook: Notebook, out: Path) -> Result:
    import nbformat

    path = out / f"{source.slug}.ipynb"
    peak, failed = 0.0, ""

    def watch(process: int) -> None:
        nonlocal peak
        peak = max(peak, _peak_megabytes(process))

    digest, start = _digest(notebook), time.monotonic()
    try:
        run(notebook, path, source.root, "full", _CELL_SECONDS, watch)
    except CellFailedError as error:
        failed = str(error)
    seconds = time.monotonic() - start
    nbformat.write(notebook, path)
    stored = source.root / LESSONS / f"{source.slug}.ipynb"
    quick = _headline(nbformat.read(stored, as_version=4)) if stored.is_file() else ""
    device = _DEVICE.search("\n".join(_texts(notebook)))
    return Result(
        source.slug,
        digest,
        device[1] if device else "",
        round(seconds, 1),
        round(peak, 1),
        _headline(notebook),
        quick,
        failed,
    )


def _headline(notebook: Notebook) -> str:
    """What the tagged cells printed, as one line."""
    lines = [
        line.strip()
        for text in _texts(notebook, tagged=True)
        for line in text.splitlines()
        if line.strip()
    ]
    return "; ".join(lines)


def _texts(notebook: Notebook, tagged: bool = False) -> Iterator[str]:
    """The text that the cells show."""
    for cell in notebook.cells:
        if tagged and "headline" not in cell.metadata.get("tags", []):
            continue
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                yield output.text
            elif "text/plain" in output.get("data", {}):
                yield output.data["text/plain"]


def _digest(notebook: Notebook) -> str:
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return hashlib.sha256(json.dumps(code).encode()).hexdigest()


def _peak_megabytes(process: int) -> float:
    """Peak memory of a process; 0 where the system does not tell it as Linux does."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) / 1000 if found else 0.0


def _write(out: Path, results: list[Result]) -> None:
    rows = [asdict(result) for result in results]
    (out / _RESULTS).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    (out / "table.md").write_text(table(results) + "\n", encoding="utf-8")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
