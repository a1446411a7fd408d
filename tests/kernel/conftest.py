from __future__ import annotations

import ast
import json
import os
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from seqkit.kernel.sandbox import Sandbox, problem
from seqkit.kernel.warm import CallResult, Child, WarmParent

Inside = Callable[..., Any]


@pytest.fixture
def confined() -> None:
    """Skip where this system cannot make a sandbox, and say so loudly."""
    if problem():
        warnings.warn(f"THE SANDBOX IS NOT TESTED HERE: {problem()}", stacklevel=2)
        pytest.skip(problem())


@pytest.fixture(params=["no sandbox", "sandbox"])
def box(request: pytest.FixtureRequest) -> Sandbox | None:
    """What holds without a sandbox and in one."""
    if request.param == "no sandbox":
        return None
    request.getfixturevalue("confined")
    return Sandbox()


@pytest.fixture(scope="session")
def parent() -> Iterator[WarmParent]:
    with WarmParent() as started:
        yield started


@pytest.fixture(scope="session")
def small_parent() -> Iterator[WarmParent]:
    """A parent without Keras: it forks in no time, and the sandbox is the same."""
    with WarmParent(warm=()) as started:
        yield started


@pytest.fixture
def call(confined: None, small_parent: WarmParent) -> Callable[..., CallResult]:
    """Run code in a sandbox; it leaves its result in the variable `result`."""

    def run(code: str, sandbox: Sandbox | None = None, seconds: float = 20.0) -> CallResult:
        wrapped = "(lambda space: (exec({!r}, space), repr(space['result']).encode())[1])({{}})"
        source = wrapped.format(code).encode()
        box = sandbox or Sandbox()
        return small_parent.call("builtins:eval", source, sandbox=box, seconds=seconds)

    return run


@pytest.fixture
def inside(call: Callable[..., CallResult]) -> Inside:
    """Run code in a sandbox, and read its result."""

    def run(code: str, sandbox: Sandbox | None = None) -> Any:
        answer = call(code, sandbox)
        assert answer.value is not None, (answer.why, answer.detail)
        return ast.literal_eval(answer.value.decode())

    return run


class Kernel:
    """A kernel with a client."""

    def __init__(self, child: Child, connection_file: Path) -> None:
        self.child = child
        self.client = BlockingKernelClient()
        self.client.load_connection_file(str(connection_file))
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code: str, seconds: float = 60.0) -> str:
        """What the code prints, or the name of the error."""
        texts: list[str] = []

        def take(message: dict[str, Any]) -> None:
            content = message["content"]
            texts.append(content.get("text", "") or content.get("ename", ""))

        self.client.execute_interactive(code, timeout=seconds, output_hook=take)
        return "".join(texts).strip()


@contextmanager
def running(parent: WarmParent, **options: Any) -> Iterator[Kernel]:
    with tempfile.TemporaryDirectory(prefix="seqkit-test-") as folder:
        path = connection_file(Path(folder))
        with parent.kernel(path, **options) as child:
            kernel = Kernel(child, path)
            try:
                yield kernel
            finally:
                kernel.client.stop_channels()


def connection_file(folder: Path) -> Path:
    names = ("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port")
    info: dict[str, object] = {name: number for number, name in enumerate(names, start=1)}
    info |= {"transport": "ipc", "ip": str(folder / "k"), "key": uuid.uuid4().hex}
    info |= {"signature_scheme": "hmac-sha256", "kernel_name": ""}
    path = folder / "kernel.json"
    path.write_text(json.dumps(info))
    return path


def alive(word: str) -> list[int]:
    """The processes of this system whose command line holds a word."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            command = Path("/proc", pid, "cmdline").read_bytes()
        except OSError:
            continue
        if word.encode() in command and int(pid) != os.getpid():
            found.append(int(pid))
    return found


def soon(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def exists(pid: int) -> bool:
    """Whether a process runs; one that only waits to be collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"
