"""Rules for stored notebooks: pictures described, links alive, no trace of a machine."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from seqkit.authoring.notebooks import place, role
from seqkit.authoring.sources import Cell, Notebook

IGNORE_TAG = "nbval-ignore-output"
IGNORE_COMMENT = re.compile(
    r"#\s*(NBVAL_IGNORE_OUTPUT|PYTEST_VALIDATE_IGNORE_OUTPUT)", re.IGNORECASE
)
LARGEST_IGNORED_SHARE = 1 / 3

_IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)[^)]*\)")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|\]\(([^)\s]+)\)")
_HTML_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_SVG = re.compile(r"<svg\b[^>]*>.*?</svg>", re.IGNORECASE | re.DOTALL)
_ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}", re.IGNORECASE)


def findings(notebook: Notebook, path: Path) -> list[str]:
    """List what is wrong with a stored notebook.

    Args:
        notebook: the notebook with its outputs.
        path: where it lies; links are followed from there.

    Returns:
        One line for each fault, beginning with the cell; empty when all is well.
    """
    found = []
    for number, cell in enumerate(notebook.cells, start=1):
        rules = _text_faults(cell, path) if cell.cell_type == "markdown" else _code_faults(cell)
        found += [f"{path.name}, {place(cell, number)}: {fault}" for fault in rules]
    if ignored_share(notebook) > LARGEST_IGNORED_SHARE:
        found.append(f"{path.name}: more than a third of the code cells ignore their output")
    return found


def not_run(notebook: Notebook) -> list[str]:
    """List the code cells that were never run.

    Args:
        notebook: a lesson or a solution.

    Returns:
        The names of the cells.
    """
    return [
        place(cell, number)
        for number, cell in enumerate(notebook.cells, start=1)
        if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None
    ]


def failed_checks(notebook: Notebook) -> list[str]:
    """List the checks of a solution notebook that do not say 'Correct'.

    Args:
        notebook: a solution with its outputs.

    Returns:
        The names of the cells.
    """
    return [
        place(cell, number)
        for number, cell in enumerate(notebook.cells, start=1)
        if role(cell) == "check"
        and cell.metadata["seqkit"].get("question")
        and "✓ Correct" not in _plain_text(cell)
    ]


def ignored_share(notebook: Notebook) -> float:
    """The share of code cells whose output nbval does not compare.

    Args:
        notebook: a notebook.

    Returns:
        A number from 0 to 1.
    """
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    ignored = [
        cell
        for cell in code
        if IGNORE_TAG in cell.metadata.get("tags", []) or IGNORE_COMMENT.search(cell.source)
    ]
    return len(ignored) / max(len(code), 1)


def _text_faults(cell: Cell, path: Path) -> Iterator[str]:
    for match in _IMAGE.finditer(cell.source):
        if not match[1].strip():
            yield f"the picture {match[2]} has no alt text"
    yield from _undescribed_html(cell.source)
    targets = [first or second for first, second in _LINK.findall(cell.source)]
    targets += [target for _, target in _IMAGE.findall(cell.source)]
    for target in targets:
        file = unquote(target.partition("#")[0])
        if file and not re.match(r"[a-z]+:", file) and not (path.parent / file).exists():
            yield f"the link {target} leads nowhere"


def _code_faults(cell: Cell) -> Iterator[str]:
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stderr":
            yield "writes to the error stream"
        if output.output_type == "error":
            yield f"stops with {output.ename}"
        for kind, content in output.get("data", {}).items():
            if kind.startswith("image/") and not _alt(output.metadata, kind):
                yield f"its picture ({kind}) has no alt text"
            if kind == "text/html":
                yield from _undescribed_html("".join(content))
    text = _plain_text(cell)
    for trace in machine_traces():
        if trace in text:
            yield f"shows a path of the machine on which it was made: {trace}"
    if _ADDRESS.search(text):
        yield "shows an address in memory, which changes in every run"


def machine_traces() -> list[str]:
    """The paths that must not occur in a stored output.

    Returns:
        The home folder, Python's own folder, and the folders of temporary files and packages.
    """
    return [f"{Path.home()}/", sys.prefix + "/", "/tmp/", "site-packages"]


def _undescribed_html(html: str) -> Iterator[str]:
    for image in _HTML_IMAGE.findall(html):
        if not re.search(r"\balt=([\"'])\s*\S", image):
            yield "an <img> has no alt text"
    for svg in _SVG.findall(html):
        if "<title" not in svg and "aria-label" not in svg:
            yield "an <svg> has no title and no aria-label"


def _alt(metadata: Cell, kind: str) -> bool:
    """Whether a picture is described, in either of the two places that Jupyter knows."""
    return bool(metadata.get(kind, {}).get("alt") or metadata.get("alt"))


def _plain_text(cell: Cell) -> str:
    """All that a cell shows, as text."""
    parts = []
    for output in cell.get("outputs", []):
        parts.append(output.get("text", ""))
        data = output.get("data", {})
        parts += [data[kind] for kind in ("text/plain", "text/html") if kind in data]
    return "\n".join("".join(part) for part in parts)
