"""Kernels and calls as forks of a warm parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager

from seqkit.kernel.launching import environment
from seqkit.kernel.processes import family
from seqkit.kernel.sandbox import Sandbox, problem
from seqkit.kernel.visible import library
from seqkit.kernel.warm import KernelStartError, WarmParent

from .conftest import connection_file, exists, running, soon

FIT = """
import keras, numpy as np
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
model.compile("sgd", "mse")
model.fit(np.zeros((32, 4)), np.zeros((32, 3)), epochs=2, verbose=0)
print(model.count_params())
"""


def test_a_kernel_computes_and_trains(parent: WarmParent, box: Sandbox | None) -> None:
    with running(parent, sandbox=box) as kernel:
        assert kernel.run("print(6 * 7)") == "42"
        assert kernel.run("import sys; print('keras' in sys.modules, __name__)") == "True __main__"
        assert kernel.run(FIT) == "15"
        assert kernel.child.cold == ""


def test_the_parent_has_one_thread_and_ran_nothing(parent: WarmParent) -> None:
    with running(parent):
        assert os.listdir(f"/proc/{parent.pid}/task") == [str(parent.pid)]


def test_a_fork_is_at_least_twice_as_fast(parent: WarmParent, box: Sandbox | None) -> None:
    parent.call("seqkit.kernel.echo:echo", b"")  # the imports are done
    started = time.monotonic()
    with running(parent, sandbox=box) as kernel:
        kernel.run("import keras; print(keras.__version__)")
        warm = time.monotonic() - started
    started = time.monotonic()
    manager = KernelManager()
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=120)
    client.execute_interactive("import keras; print(keras.__version__)", timeout=120)
    cold = time.monotonic() - started
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    print(f"cold {cold:.2f} s, warm {warm:.2f} s")
    assert cold / warm >= 2


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("os._exit(3)", 3),
        ("os.kill(os.getpid(), signal.SIGSEGV)", -signal.SIGSEGV),
        ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
        ("ctypes.string_at(0)", -signal.SIGSEGV),
    ],
)
def test_death_is_noticed_at_once(
    small_parent: WarmParent, box: Sandbox | None, code: str, status: int
) -> None:
    with running(small_parent, sandbox=box) as kernel:
        kernel.run("import ctypes, os, signal")
        started = time.monotonic()
        kernel.client.execute(code)
        assert kernel.child.wait(10) == status
        assert time.monotonic() - started < 1.5
        assert kernel.child.poll() == status


def test_no_two_kernels_draw_the_same(parent: WarmParent, box: Sandbox | None) -> None:
    code = (
        "import random, uuid, tempfile, secrets, numpy as np, keras\n"
        "print(random.random(), np.random.rand(), uuid.uuid4(), secrets.token_hex(4),\n"
        "      float(keras.random.uniform(())), next(tempfile._get_candidate_names()))"
    )
    drawn = []
    for _ in range(2):
        with running(parent, sandbox=box) as kernel:
            drawn.append(kernel.run(code).split())
    assert len(drawn[0]) == 6
    assert [a for a, b in zip(*drawn, strict=True) if a == b] == []


def test_an_interrupt_reaches_the_code(confined: None, small_parent: WarmParent) -> None:
    for box in (None, Sandbox()):
        with running(small_parent, sandbox=box) as kernel:
            kernel.client.execute("print('x')\nimport time\ntime.sleep(60)")
            time.sleep(0.5)
            kernel.child.send_signal(signal.SIGINT)
            reply = kernel.client.get_shell_msg(timeout=10)["content"]
            assert (reply["status"], reply["ename"]) == ("error", "KeyboardInterrupt")
            # ipykernel drops what comes within moments of an error.
            assert soon(lambda: kernel.run("print('still here')") == "still here")


def test_a_kernel_that_is_asked_to_end_does(small_parent: WarmParent, box: Sandbox | None) -> None:
    with running(small_parent, sandbox=box) as kernel:
        kernel.client.shutdown()
        assert kernel.child.wait(5) == 0


def test_no_secret_of_the_owner_reaches_a_kernel(
    confined: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_TOKEN_app", "hush")
    monkeypatch.setenv("DATABASE_PASSWORD", "hush")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    look = "import os; print(os.environ, open('/proc/self/environ').read())"
    with (
        WarmParent(warm=()) as started,
        running(started, sandbox=Sandbox(), env={"GIVEN": "yes"}) as kernel,
    ):
        seen = kernel.run(look)
    assert "hush" not in seen
    assert "'GIVEN': 'yes'" in seen and "LC_ALL" in seen


def test_threads_are_one_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
        monkeypatch.delenv(name, raising=False)
    assert environment(1, {})["TF_NUM_INTRAOP_THREADS"] == "1"
    assert environment(4, {})["TF_NUM_INTRAOP_THREADS"] == "4"
    assert "TF_NUM_INTRAOP_THREADS" not in environment(None, {})
    assert environment(None, {})["OMP_NUM_THREADS"] == "1"
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert environment(1, {})["OMP_NUM_THREADS"] == "3"


def test_many_threads_may_start_kernels_at_once(confined: None) -> None:
    def work(number: int) -> str:
        with running(started, sandbox=Sandbox() if number % 2 else None) as kernel:
            return kernel.run(f"print({number} * 10)")

    with WarmParent(warm=()) as started, ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(8))) == [f"{number * 10}" for number in range(8)]
        assert started.fallbacks == []


def test_nothing_is_left_of_kernels_that_ended(small_parent: WarmParent) -> None:
    with running(small_parent) as kernel:
        pid = kernel.child.pid
    assert soon(lambda: family(small_parent.pid) == [small_parent.pid])
    assert not exists(pid)


def open_files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def test_no_open_files_pile_up(small_parent: WarmParent) -> None:
    small_parent.call("seqkit.kernel.echo:echo", b"")
    here, there = open_files(os.getpid()), open_files(small_parent.pid)
    for _ in range(5):
        small_parent.call("seqkit.kernel.echo:echo", b"")
    assert soon(lambda: open_files(small_parent.pid) <= there)
    assert open_files(os.getpid()) <= here


def test_a_killed_parent_takes_its_children_along_and_is_replaced(confined: None) -> None:
    with WarmParent(warm=()) as started:
        with running(started, sandbox=Sandbox()) as kernel, running(started) as other:
            before, pids = started.pid, [kernel.child.pid, other.child.pid]
            os.kill(before, signal.SIGKILL)
            assert kernel.child.wait(2) == -signal.SIGKILL
            assert kernel.child.why == "parent_died"
            assert soon(lambda: not any(map(exists, pids)), 2)
        with running(started) as kernel:
            assert kernel.run("print(1)") == "1"
        assert started.pid not in (0, before)
        assert started.fallbacks == []


_OWNER = """
import sys, time
from pathlib import Path
from seqkit.kernel.sandbox import Sandbox
from seqkit.kernel.warm import WarmParent
parent = WarmParent(warm=())
children = [parent.kernel(path, sandbox=Sandbox() if box == "box" else None)
            for path, box in (word.rsplit(":", 1) for word in sys.argv[1:])]
print(parent.pid, *(child.pid for child in children), flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_orphan_when_the_owner_dies(confined: None, number: int) -> None:
    env = {**os.environ, "PYTHONPATH": str(library().parent)}
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        words = [f"{connection_file(Path(one))}:box", f"{connection_file(Path(two))}:none"]
        command = [sys.executable, "-c", _OWNER, *words]
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as owner:
            assert owner.stdout is not None
            pids = [int(word) for word in owner.stdout.readline().split()]
            assert len(pids) == 3 and all(map(exists, pids))
            everybody = [one for pid in pids for one in family(pid)]
            owner.send_signal(number)
            owner.wait()
        assert soon(lambda: not any(map(exists, everybody)), 3)


def test_an_owner_that_is_gone_before_the_imports_are_done(tmp_path: Path) -> None:
    code = (
        "import os, sys\n"
        "from seqkit.kernel.warm import WarmParent\n"
        "print(WarmParent().start().pid, flush=True)\n"
        "os.kill(os.getpid(), 9)"
    )
    env = {**os.environ, "PYTHONPATH": str(library().parent)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, text=True, check=False
    )
    assert soon(lambda: not exists(int(done.stdout)), 60)


def test_the_thread_that_started_it_may_end(tmp_path: Path) -> None:
    started = WarmParent(warm=())
    thread = threading.Thread(target=started.call, args=("seqkit.kernel.echo:echo", b"1"))
    thread.start()
    thread.join()
    time.sleep(0.3)
    pid = started.pid
    assert started.call("seqkit.kernel.echo:echo", b"2").value == b"2"
    assert started.pid == pid != 0
    started.close()
    assert not exists(pid)


def module(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> tuple[str, ...]:
    """A module for a parent to import, which makes its forks go wrong."""
    (folder / "spoilt.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return ("spoilt",)


_THREADED = "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()"
_HANGING = "import os, time\nos.register_at_fork(after_in_child=lambda: time.sleep(60))"
_FAILING = "import os\nos.register_at_fork(after_in_child=lambda: os.kill(os.getpid(), 11))"


@pytest.mark.parametrize(
    ("text", "reason"),
    [(_THREADED, "2 threads"), (_HANGING, "no answer within"), (_FAILING, "no answer")],
)
def test_a_parent_that_cannot_fork_is_passed_by(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    box: Sandbox | None,
    text: str,
    reason: str,
) -> None:
    warm = module(tmp_path, monkeypatch, text)
    with WarmParent(warm=warm) as started:
        with running(started, sandbox=box, seconds=3.0) as kernel:
            assert kernel.run("import os; print(6 * 7, os.getuid())") == f"42 {_uid(box)}"
            assert reason in kernel.child.cold
            pids = family(kernel.child.pid)
        assert len(started.fallbacks) == 1 and reason in started.fallbacks[0]
        assert soon(lambda: not any(map(exists, pids)))


def _uid(box: Sandbox | None) -> int:
    return 1000 if box else os.getuid()


def test_another_backend_is_not_forked(parent: WarmParent) -> None:
    with running(parent, env={"KERAS_BACKEND": "numpy"}) as kernel:
        assert "backend" in kernel.child.cold
        code = "import os, sys; print(os.environ['KERAS_BACKEND'], 'keras' in sys.modules)"
        assert kernel.run(code) == "numpy False"


# Calls


@pytest.mark.parametrize("size", [0, 1, 30_000_000])
def test_a_call_gives_back_bytes(small_parent: WarmParent, box: Sandbox | None, size: int) -> None:
    payload = os.urandom(size)
    result = small_parent.call("seqkit.kernel.echo:echo", payload, sandbox=box)
    assert (result.value == payload, result.why) == (True, "")


@pytest.mark.parametrize(
    ("expression", "why", "detail"),
    [
        ("1 / 0", "error", "ZeroDivisionError: division by zero"),
        ("'text'", "error", "TypeError"),
        ("__import__('os')._exit(4)", "died", "status 4"),
        ("__import__('os').kill(__import__('os').getpid(), 11)", "died", "SIGSEGV"),
        ("__import__('time').sleep(60)", "timeout", "2 seconds"),
        ("bytes(6 * 10**9)", "out_of_memory", ""),
        ("__import__('sys').exit(0)", "error", "SystemExit"),
    ],
)
def test_a_call_that_goes_wrong(
    small_parent: WarmParent, box: Sandbox | None, expression: str, why: str, detail: str
) -> None:
    result = small_parent.call(
        "builtins:eval", expression.encode(), sandbox=box, seconds=2, memory_bytes=10**9
    )
    assert (result.value, result.why) == (None, why)
    assert detail in result.detail
    assert small_parent.call("seqkit.kernel.echo:echo", b"1").value == b"1"


def test_a_call_of_nothing(small_parent: WarmParent) -> None:
    for target in ("no.such:function", "seqkit.kernel.echo:none", "seqkit.kernel.echo"):
        assert small_parent.call(target, b"").why == "error"


def test_a_result_that_is_too_large(confined: None, small_parent: WarmParent) -> None:
    box = Sandbox(file_bytes=10**6)
    result = small_parent.call("builtins:eval", b"bytes(10**7)", sandbox=box)
    assert result.why == "error" and "cannot be handed back" in result.detail


def test_what_a_child_writes_is_capped(small_parent: WarmParent) -> None:
    code = b"b'%d' % sum(__import__('os').write(2, b'x' * 1024) for _ in range(64))"
    assert small_parent.call("builtins:eval", code).value == b"65536"
    code = b"b'%d' % sum(__import__('os').write(2, b'x' * 1024) for _ in range(65))"
    assert small_parent.call("builtins:eval", code).why == "error"


def test_processes_of_a_call_end_with_it(small_parent: WarmParent) -> None:
    code = b"b'%d' % __import__('subprocess').Popen(['sleep', '60']).pid"
    result = small_parent.call("builtins:eval", code)
    assert result.value is not None
    assert soon(lambda: not exists(int(result.value or b"0")), 2)


# Refusals


def test_a_sandbox_needs_unix_sockets(
    confined: None, small_parent: WarmParent, tmp_path: Path
) -> None:
    path = tmp_path / "kernel.json"
    path.write_text('{"transport": "tcp", "ip": "127.0.0.1", "shell_port": 1}')
    with pytest.raises(KernelStartError, match="transport='ipc'"):
        small_parent.kernel(path, sandbox=Sandbox())


def test_a_path_that_is_too_long(confined: None, small_parent: WarmParent, tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 100)
    folder.mkdir()
    with pytest.raises(KernelStartError, match="107 bytes"):
        small_parent.kernel(connection_file(folder), sandbox=Sandbox())


def test_no_sandbox_no_kernel(
    small_parent: WarmParent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never without it in silence."""
    monkeypatch.setattr("seqkit.kernel.warm.problem", lambda: "This system forbids it.")
    with pytest.raises(KernelStartError, match="forbids"):
        small_parent.kernel(connection_file(tmp_path), sandbox=Sandbox())
    with pytest.raises(KernelStartError, match="forbids"):
        small_parent.call("seqkit.kernel.echo:echo", b"", sandbox=Sandbox())


def test_a_sandbox_that_cannot_be_made_is_explained(
    confined: None, small_parent: WarmParent, tmp_path: Path
) -> None:
    box = Sandbox(replaced=((library() / "no_such_file.py", tmp_path),))
    with pytest.raises(KernelStartError, match=r"no_such_file.py"):
        small_parent.call("seqkit.kernel.echo:echo", b"", sandbox=box)
    assert problem() == ""
