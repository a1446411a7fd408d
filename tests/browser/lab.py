"""JupyterLab in a real browser: run a notebook as a learner does, and photograph it.

By hand, for one notebook, after `make install`:

    .venv/bin/python -m tests.browser.lab lessons/01_first_stack.ipynb
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Page, sync_playwright

from seqkit import environment

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
INSTALL_CHROMIUM = (
    "Chromium is missing. On Debian: apt-get install chromium (Ubuntu: chromium-browser)."
)
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}

# Chromium as root in a container needs --no-sandbox; the others keep it off the network.
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
# No questions on the first start, and every cell on the page, not only those in view.
_SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
}
_WIDTH, _TALLEST = 1280, 15_000  # Chromium cuts a picture off at 16,384 pixels.

# JupyterLab's own objects tell more than the page: the cells' outputs, the kernel's state.
_STATE = """
() => {
  const panel = window.jupyterapp?.shell.currentWidget;
  const kernel = panel?.sessionContext?.session?.kernel;
  const model = panel?.content?.model;
  if (!kernel || !model) return null;
  const cells = Array.from(model.sharedModel.cells, cell => cell.toJSON());
  return { status: kernel.status, cells };
}
"""


@dataclass(frozen=True)
class Server:
    """A JupyterLab that runs on this machine."""

    url: str
    token: str

    def page(self, notebook: str) -> str:
        return f"{self.url}/lab/tree/{notebook}?token={self.token}"


def chromium() -> str | None:
    """The browser's program, or None."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    return None


@contextmanager
def serve(folder: Path, home: Path) -> Iterator[Server]:
    """Start JupyterLab on `folder`; its settings and run-time files go to `home`."""
    _write_settings(home / "settings")
    token, port = secrets.token_hex(16), _free_port()
    env = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }
    environment.apply(env)
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={token}",
        "--LabApp.expose_app_in_browser=True",
    ]
    log = home / "jupyterlab.log"
    with log.open("w") as out:
        process = subprocess.Popen(command, env=env, stdout=out, stderr=out, cwd=folder)
    try:
        server = Server(f"http://127.0.0.1:{port}", token)
        _wait_for(server, process, log)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


@contextmanager
def browse(url: str) -> Iterator[Page]:
    """Open `url` in Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=_FLAGS)
        page = browser.new_page(viewport={"width": _WIDTH, "height": 900})
        try:
            page.goto(url)
            yield page
        finally:
            browser.close()


def run_all_cells(page: Page, timeout: float = 240) -> list[dict[str, Any]]:
    """Choose Run → Run All Cells, and wait until the kernel has finished.

    Returns:
        The notebook's cells as JupyterLab holds them then.
    """
    _until(page, timeout, lambda state: state["status"] == "idle")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    return _until(page, timeout, _finished)["cells"]


def errors(cells: list[dict[str, Any]]) -> list[str]:
    """The error outputs of the cells, one sentence each."""
    return [
        f"{output['ename']}: {output['evalue']}"
        for cell in cells
        for output in cell.get("outputs", [])
        if output["output_type"] == "error"
    ]


def not_run(cells: list[dict[str, Any]]) -> list[str]:
    """The sources of the code cells that have no execution count."""
    return [cell["source"] for cell in _code(cells) if cell["execution_count"] is None]


def photograph(page: Page, name: str, folder: Path = SCREENSHOTS) -> list[Path]:
    """Keep the whole notebook as pictures, in the light and the dark theme."""
    folder.mkdir(parents=True, exist_ok=True)
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    kept: list[Path] = []
    for short, theme in THEMES.items():
        page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme
        )
        # Attached, not visible: JupyterLab gives the body no height of its own.
        light = json.dumps(short == "light")
        page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")
        kept += _photograph_theme(page, folder, f"{name}-{short}")
    return kept


def prepare(notebook: Path, folder: Path) -> str:
    """Copy a notebook without its outputs, so that every output seen is a new one."""
    copy = nbformat.read(notebook, as_version=4)
    for cell in copy.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(copy, folder / notebook.name)
    return notebook.name


def _photograph_theme(page: Page, folder: Path, name: str) -> list[Path]:
    # JupyterLab adds empty space below the last cell, in proportion to the window.
    page.set_viewport_size({"width": _WIDTH, "height": 900})
    page.wait_for_timeout(500)
    height = page.evaluate("() => document.querySelector('.jp-WindowedPanel-outer').scrollHeight")
    page.set_viewport_size({"width": _WIDTH, "height": min(height + 200, _TALLEST)})
    page.wait_for_timeout(1500)  # the stylesheet of the theme, and pictures, need a moment
    kept = []
    for number in range(1, height // _TALLEST + 2):
        page.evaluate(
            "top => { for (const panel of document.querySelectorAll('.jp-WindowedPanel-outer'))"
            " panel.scrollTop = top }",
            (number - 1) * (_TALLEST - 200),
        )
        part = "" if height <= _TALLEST else f"-{number}"
        kept.append(folder / f"{name}{part}.png")
        page.screenshot(path=kept[-1])
    return kept


def _finished(state: dict[str, Any]) -> bool:
    # An error stops "Run All Cells", so the cells below it would be waited for in vain.
    done = bool(errors(state["cells"])) or not not_run(state["cells"])
    return done and state["status"] == "idle"


def _code(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [cell for cell in cells if cell["cell_type"] == "code" and cell["source"].strip()]


def _until(page: Page, timeout: float, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    state, end = None, time.monotonic() + timeout
    while time.monotonic() < end:
        state = page.evaluate(_STATE)
        if state and holds(state):
            return state
        page.wait_for_timeout(300)
    left = not_run(state["cells"]) if state else ["the notebook did not open"]
    raise TimeoutError(f"Not finished after {timeout:.0f} s. Not run yet: {left[:1]}")


def _wait_for(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{server.url}/api/status?token={server.token}", timeout=2)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start. Its log:\n{log.read_text()[-3000:]}")


def _write_settings(folder: Path) -> None:
    for name, settings in _SETTINGS.items():
        file = folder / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(notebooks: list[str]) -> int:
    """Run the notebooks one after the other, keep pictures, and print what went wrong."""
    wrong = 0
    for notebook in map(Path, notebooks):
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as home:
            name = prepare(notebook, Path(folder))
            with serve(Path(folder), Path(home)) as server, browse(server.page(name)) as page:
                cells = run_all_cells(page)
                kept = photograph(page, notebook.stem)
        left = [source.splitlines()[0] for source in not_run(cells)]
        problems = errors(cells) + (
            [f"{len(left)} cells not run, from {left[0]!r}"] if left else []
        )
        wrong += bool(problems)
        print(f"{notebook}: {'; '.join(problems) or 'no error'}", *kept, sep="\n  ")
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
