"""`seqkit full`: every lesson under the budget `full`, and a table of what came out.

Each lesson runs twice, under `quick` and under `full`, on the same device. After a cell whose
metadata has a `headline`, such as `"CNN {score:.1%}"`, its numbers are read. The stored notebooks
do not show them: they differ from machine to machine. The executed notebooks go to a folder of
their own. A run that was interrupted goes on with the next lesson; the results of another device,
or of another version of Keras, stay beside.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from seqkit.authoring import notebooks
from seqkit.authoring.errors import CellFailedError
from seqkit.authoring.execute import kernel_environment, run
from seqkit.authoring.sources import LESSONS, Cell, Notebook, Source, sources
from seqkit.files import write_whole
from seqkit.kernel.processes import peak_memory

_CELL_SECONDS = 4 * 3_600
_RESULTS = "results.json"
_HEADLINE = "headline"


@dataclass(frozen=True)
class Result:
    """One lesson under the budget `full`.

    Attributes:
        lesson: its name, `12_skip`.
        digest: of its code; another one makes it run again.
        device: what `sk.device()` says: the device, Keras and its backend.
        seconds: for all cells.
        megabytes: the peak of the kernel's memory on the host; 0 where it is not known.
        headline: the numbers that matter, or "".
        failed: why it stopped, or "".
        quick_seconds: for all cells under the budget `quick`.
        quick_headline: the same numbers there.
        quick_failed: why it stopped there, or "".
        date: of the run, such as "2026-11-22".
    """

    lesson: str
    digest: str
    device: str
    seconds: float
    megabytes: float
    headline: str
    failed: str = ""
    quick_seconds: float = 0.0
    quick_headline: str = ""
    quick_failed: str = ""
    date: str = ""

    @property
    def passed(self) -> bool:
        """Whether it ran to its end under both budgets."""
        return not (self.failed or self.quick_failed)


def run_full(
    root: Path,
    out: Path,
    only: str | None = None,
    force: bool = False,
    say: Callable[[str], None] = print,
    device: str | None = None,
) -> list[Result]:
    """Run the lessons under the budget `full`.

    Args:
        root: the folder of the course.
        out: where executed notebooks, `results.json` and `table.md` go.
        only: run only names that begin so, `"12"` for example.
        force: run lessons again that passed before and did not change.
        say: receives one line for each lesson.
        device: what the results belong to; what the kernels will use, if it is not given.

    Returns:
        The results of all lessons on this device so far, in their order.
    """
    out.mkdir(parents=True, exist_ok=True)
    device = device or _ask_device(root)
    results = {(one.device, one.lesson): one for one in read_results(out)}
    for source in sources(root, LESSONS, only):
        notebook = _with_headlines(source)
        before = results.get((device, source.slug))
        if not force and before and before.passed and before.digest == _digest(notebook):
            say(f"kept    {source.slug}")
            continue
        say(f"run     {source.slug}")
        result = _run_twice(source, out, device)
        say(f"{'passed ' if result.passed else 'FAILED '} {source.slug}  {result.seconds:.0f} s")
        results[device, source.slug] = result
        _write(out, [results[name] for name in sorted(results)])
    return [results[name] for name in sorted(results) if name[0] == device]


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
    """Write results as a Markdown table for each device.

    Args:
        results: one for each lesson and device.

    Returns:
        For each device its name and the days of the runs, then one row for each lesson.

    Example:
        >>> row = Result("12_skip", "", "GPU", 61.2, 900, "1 %", "", 20.0, "3 %", "", "2026-11-22")
        >>> print(table([row]))
        Device: GPU. Run on 2026-11-22.
        <BLANKLINE>
        | lesson | `full`: seconds | memory | result | `quick`: seconds | result |
        |---|--:|--:|---|--:|---|
        | 12_skip | 61 | 900 MB | 1 % | 20 | 3 % |
    """
    devices = dict.fromkeys(one.device for one in results)
    return "\n\n".join(
        _table_of(device, [one for one in results if one.device == device]) for device in devices
    )


def _table_of(device: str, results: list[Result]) -> str:
    days = sorted({one.date for one in results if one.date})
    run = f" Run on {' to '.join(dict.fromkeys((days[0], days[-1])))}." if days else ""
    lines = [f"Device: {device}.{run}", ""]
    lines += ["| lesson | `full`: seconds | memory | result | `quick`: seconds | result |"]
    lines += ["|---|--:|--:|---|--:|---|"]
    lines += [
        f"| {one.lesson} | {one.seconds:.0f} | {one.megabytes:.0f} MB | "
        f"{_cell(one.failed or one.headline)} | {one.quick_seconds:.0f} | "
        f"{_cell(one.quick_failed or one.quick_headline)} |"
        for one in results
    ]
    return "\n".join(lines)


def _ask_device(root: Path) -> str:
    """What the kernels will use, asked in a process of its own: some backends take the GPU."""
    code = "import seqkit as sk; print(sk.device())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=kernel_environment(root, "full"),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.strip().removeprefix("device: ")


def _run_twice(source: Source, out: Path, device: str) -> Result:
    # The long one last: its result is written as soon as it is there.
    quick, full = (_run(source, out, budget, device) for budget in ("quick", "full"))
    return replace(
        full,
        quick_seconds=quick.seconds,
        quick_headline=quick.headline,
        quick_failed=quick.failed,
        date=datetime.date.today().isoformat(),
    )


def _run(source: Source, out: Path, budget: str, device: str) -> Result:
    import nbformat

    notebook = _with_headlines(source)
    path = out / f"{source.slug}{'' if budget == 'full' else '.quick'}.ipynb"
    peak, failed = 0.0, ""

    def watch(process: int) -> None:
        nonlocal peak
        peak = max(peak, peak_memory(process) / 1e6)

    digest, start = _digest(notebook), time.monotonic()
    try:
        run(notebook, path, source.root, budget, _CELL_SECONDS, watch)
    except CellFailedError as error:
        failed = str(error)
    seconds = time.monotonic() - start
    nbformat.write(notebook, path)
    return Result(
        source.slug,
        digest,
        device,
        round(seconds, 1),
        round(peak, 1),
        "; ".join(
            text.strip() for text in _texts(cell for cell in notebook.cells if _is_headline(cell))
        ),
        failed,
    )


def _with_headlines(source: Source) -> Notebook:
    """The notebook of a lesson, with a cell for each headline that its source asks for."""
    import nbformat

    notebook = notebooks.lesson(source)
    cells = []
    for raw, cell in zip(source.read().cells, notebook.cells, strict=True):
        cells.append(cell)
        wanted = raw.metadata.get("seqkit", {}).get("headline")
        if wanted:
            code = f"print(f{wanted!r})"
            cells.append(nbformat.v4.new_code_cell(code, id=f"{_HEADLINE}-{len(cells)}"))
    notebook.cells = cells
    return notebook


def _is_headline(cell: Cell) -> bool:
    return str(cell.id).startswith(f"{_HEADLINE}-")


def _texts(cells: Iterable[Cell]) -> Iterator[str]:
    """The text that cells show."""
    for cell in cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                yield output.text
            elif "text/plain" in output.get("data", {}):
                yield output.data["text/plain"]


def _digest(notebook: Notebook) -> str:
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return hashlib.sha256(json.dumps(code).encode()).hexdigest()


def _write(out: Path, results: list[Result]) -> None:
    rows = [asdict(result) for result in results]
    write_whole(out / _RESULTS, json.dumps(rows, indent=1) + "\n")
    write_whole(out / "table.md", table(results) + "\n")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
