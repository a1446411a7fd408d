"""The provisioner `seqkit-warm` under Jupyter's own kernel manager, and under stock nbval."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from nbformat.v4 import new_code_cell, new_notebook, new_output

from seqkit.kernel import provisioner
from seqkit.kernel.install import install, specification, uninstall
from seqkit.kernel.provisioner import WarmProvisioner, launcher_arguments
from seqkit.kernel.visible import library
from seqkit.kernel.warm import KernelStartError

from .conftest import exists, soon

_VALUE = "seqkit.kernel.provisioner:WarmProvisioner"
_GROUP = "jupyter_client.kernel_provisioners"


@pytest.fixture
def warm(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint(provisioner.NAME, _VALUE, _GROUP)
    factory = KernelProvisionerFactory.instance()
    monkeypatch.setitem(factory.provisioners, provisioner.NAME, entry)
    monkeypatch.setattr(factory, "default_provisioner_name", provisioner.NAME)


@pytest.fixture(params=["0", "1"], ids=["no sandbox", "sandbox"])
def sandboxed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, warm: None) -> bool:
    if request.param == "1":
        request.getfixturevalue("confined")
    monkeypatch.setenv("SEQKIT_KERNEL_SANDBOX", request.param)
    return bool(request.param == "1")


@contextmanager
def managed(**options: Any) -> Iterator[tuple[KernelManager, Any]]:
    manager = KernelManager()
    manager.start_kernel(**options)
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=120)
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def said(client: Any, code: str) -> str:
    texts: list[str] = []
    client.execute_interactive(
        code,
        timeout=60,
        output_hook=lambda message: texts.append(message["content"].get("text", "")),
    )
    return "".join(texts).strip()


def test_jupyter_gets_warm_kernels(sandboxed: bool, tmp_path: Path) -> None:
    look = "import os, sys; print(os.getuid(), 'keras' in sys.modules, os.getcwd())"
    with managed(cwd=str(tmp_path)) as (manager, client):
        assert isinstance(manager.provisioner, WarmProvisioner)
        expected = "1000 True /tmp/home" if sandboxed else f"{os.getuid()} True {tmp_path}"
        assert said(client, look) == expected
        assert manager.transport == ("ipc" if sandboxed else "tcp")


def test_plots_are_shown(sandboxed: bool) -> None:
    shown: list[str] = []
    with managed() as (_, client):
        client.execute_interactive(
            "import matplotlib.pyplot as plt; plt.plot([1, 2]);",
            timeout=60,
            output_hook=lambda message: shown.extend(message["content"].get("data", ())),
        )
    assert "image/png" in shown


def test_interrupt_restart_and_shutdown(sandboxed: bool) -> None:
    with managed() as (manager, client):
        assert isinstance(manager.provisioner, WarmProvisioner)
        said(client, "mark = 1")
        client.execute("import time; time.sleep(60)")
        time.sleep(0.5)
        manager.interrupt_kernel()
        reply = client.get_shell_msg(timeout=10)["content"]
        while reply.get("ename") != "KeyboardInterrupt":  # the reply to the first cell
            reply = client.get_shell_msg(timeout=10)["content"]
        pid = manager.provisioner.pid or 0
        for now in (False, True):
            manager.restart_kernel(now=now)
            client.wait_for_ready(timeout=60)
            assert soon(lambda: said(client, "print('mark' in dir())") == "False")
        assert manager.provisioner.pid != pid and not exists(pid)
        assert manager.is_alive()
        pid = manager.provisioner.pid or 0
        manager.shutdown_kernel()
        assert not exists(pid)


def test_restart_takes_a_moment(sandboxed: bool) -> None:
    with managed() as (manager, client):
        said(client, "import keras")
        started = time.monotonic()
        manager.restart_kernel()
        taken = time.monotonic() - started
        client.wait_for_ready(timeout=60)
        print(f"restart: {taken:.2f} s")
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", "import keras, ipykernel.kernelapp"], check=True)
    assert taken < (time.monotonic() - started) / 2


def test_death_is_noticed(sandboxed: bool) -> None:
    with managed() as (manager, client):
        client.execute("import os; os._exit(0)")
        assert soon(lambda: not manager.is_alive(), 2)


def test_no_sockets_are_left_behind(sandboxed: bool) -> None:
    with managed() as (manager, _):
        folder = Path(manager.ip).parent
    assert not sandboxed or not folder.exists()


def test_a_process_of_the_kernel_gets_the_environment(warm: None) -> None:
    with managed(env={**os.environ, "COURSE": "sequential"}) as (_, client):
        assert said(client, "import os; print(os.environ.get('COURSE'))") == "sequential"
        assert said(client, "import os; print(os.environ.get('JPY_PARENT_PID'))") == "None"


def test_other_languages_start_as_always_but_not_in_a_sandbox(
    sandboxed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "kernels" / "other"
    folder.mkdir(parents=True)
    argv = [sys.executable, "-u", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    words = {"argv": argv, "display_name": "Other", "language": "other"}
    (folder / "kernel.json").write_text(json.dumps(words))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    manager = KernelManager(kernel_name="other")
    if sandboxed:
        with pytest.raises(KernelStartError, match="'Other' cannot run in the sandbox"):
            manager.start_kernel()
        return
    manager.start_kernel()
    assert isinstance(manager.provisioner, WarmProvisioner)
    assert manager.provisioner.child is None and manager.is_alive()
    manager.shutdown_kernel(now=True)


def test_a_failed_fork_starts_a_usual_kernel_but_not_in_a_sandbox(
    sandboxed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KernelStartError("No process can be started.")

    monkeypatch.setattr("seqkit.kernel.warm.WarmParent.kernel", fail)
    manager = KernelManager()
    if sandboxed:
        with pytest.raises(KernelStartError):
            manager.start_kernel()
        return
    manager.start_kernel()
    assert isinstance(manager.provisioner, WarmProvisioner)
    assert manager.provisioner.child is None and manager.is_alive()
    manager.shutdown_kernel(now=True)


def test_which_commands_are_ours() -> None:
    ours = [sys.executable, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "x"]
    assert launcher_arguments(ours) == ["-f", "x"]
    for words in (
        ["julia", "-e", "x"],
        ["/bin/sh", "-m", "ipykernel_launcher"],
        [sys.executable, "-m", "bash_kernel", "-f", "x"],
        [sys.executable, "-O", "-m", "ipykernel_launcher", "-f", "x"],
        [],
    ):
        assert launcher_arguments(words) is None


def test_stock_nbval_needs_no_patch(sandboxed: bool, tmp_path: Path) -> None:
    package = tmp_path / "path" / "seqkit_entry-0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: seqkit-entry\nVersion: 0\n")
    (package / "entry_points.txt").write_text(f"[{_GROUP}]\n{provisioner.NAME} = {_VALUE}\n")
    notebook(tmp_path / "right.ipynb", "True\n")
    notebook(tmp_path / "wrong.ipynb", "False\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    path = os.pathsep.join([str(tmp_path / "path"), str(library().parent)])
    env = {**os.environ, "PYTHONPATH": path, "JUPYTER_DEFAULT_PROVISIONER_NAME": provisioner.NAME}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--nbval", "-q", "."]
    done = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert "1 failed, 3 passed" in done.stdout, done.stdout
    assert "wrong.ipynb" in done.stdout.split("short test summary")[1]


def notebook(path: Path, printed: str) -> None:
    """A notebook that says whether Keras was there before it was imported."""
    cells = [
        new_code_cell("import sys\nprint('keras' in sys.modules)", execution_count=1),
        new_code_cell("import keras", execution_count=2),
    ]
    cells[0].outputs = [new_output("stream", name="stdout", text=printed)]
    nbformat.write(new_notebook(cells=cells), path)


def test_the_kernel_can_be_installed_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warm: None
) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "user"))
    both: list[dict[str, Any]] = [{"user": True}, {"prefix": str(tmp_path / "prefix")}]
    for options in both:
        folder = install(**options)
        found = json.loads((folder / "kernel.json").read_text(encoding="utf-8"))
        assert found == specification()
        assert found["metadata"]["kernel_provisioner"]["provisioner_name"] == provisioner.NAME
        assert list(folder.glob("logo*"))
        assert install(**options) == folder
        if "user" in options:
            assert KernelSpecManager().get_kernel_spec("seqkit-warm").language == "python"
        assert uninstall(**options)
        assert not folder.exists() and not uninstall(**options)
    with pytest.raises(NoSuchKernel):
        KernelSpecManager(kernel_dirs=[str(tmp_path)]).get_kernel_spec("seqkit-warm")
