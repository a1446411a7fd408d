"""What a process in the sandbox cannot do."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqkit.kernel.filters import compiled
from seqkit.kernel.sandbox import Sandbox, explain, kill_all, memory_of, problem
from seqkit.kernel.visible import default_visible, library
from seqkit.kernel.warm import CallResult, WarmParent

from .conftest import alive, exists, running, soon

Inside = Callable[..., Any]
Call = Callable[..., CallResult]
MIB = 2**20


def attempt(expression: str, before: str = "") -> str:
    """Code that leaves "done", or the number of the error, in `result`."""
    lines = ["import ctypes, os, signal, socket, sys", before, "try:", f"    {expression}"]
    return "\n".join([*lines, "    result = 'done'", "except OSError as e: result = e.errno"])


def test_no_network(inside: Inside) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for address in (("127.0.0.1", port), ("1.1.1.1", 53)):
            assert inside(attempt(f"socket.create_connection({address!r}, 2)")) != "done"
    assert inside("import socket; result = [n for _, n in socket.if_nameindex()]") == ["lo"]


def test_no_abstract_sockets_of_the_host(inside: Inside) -> None:
    name = f"\0seqkit-{uuid.uuid4().hex}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        connect = attempt(f"s.connect({name!r})", "s = socket.socket(socket.AF_UNIX)")
        assert inside(connect) == 111  # ECONNREFUSED: nobody listens there


@pytest.mark.parametrize("family", [40, 17, 38])
def test_no_sockets_that_namespaces_do_not_hold(inside: Inside, family: int) -> None:
    assert inside(attempt(f"socket.socket({family}, socket.SOCK_STREAM)")) == 97


def test_files_of_the_host_are_not_there(inside: Inside, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("42")
    outside = [secret, Path(__file__), Path("/etc/shadow"), Path("/home"), Path("/var"), "/sys"]
    found = f"import os; result = [p for p in {list(map(str, outside))} if os.path.exists(p)]"
    assert inside(found) == []


def test_home_and_course_hold_only_python_and_the_library(inside: Inside) -> None:
    walk = (
        "import os\n"
        "result = [os.path.join(f, n) for top in ('/root', '/work', '/home', '/mnt', '/srv')\n"
        "          for f, _, names in os.walk(top) for n in names]"
    )
    shown = [str(path.resolve()) for path in default_visible()]
    shown += [str(path) for path in default_visible()]
    for path in inside(walk):
        assert path.startswith(tuple(shown)), path


def test_solutions_and_hidden_cases_are_hidden_by_default(inside: Inside) -> None:
    folders = [str(library() / "exercises/solutions"), str(library() / "grading/hidden")]
    listed = (
        f"import os; result = [os.listdir(p) for p in {folders} if os.path.isdir(p)]\n"
        "import seqkit.exercises"
    )
    assert [names for names in inside(listed) if names] == []


def test_no_other_process_can_be_seen(inside: Inside) -> None:
    assert inside("import os; result = [p for p in os.listdir('/proc') if p.isdigit()]") == [
        "1",
        "2",
    ]
    assert inside(attempt(f"os.kill({os.getpid()}, 0)")) == 3


def test_an_ordinary_user_without_rights(inside: Inside) -> None:
    status = inside("import os; result = (os.getresuid(), open('/proc/self/status').read())")
    assert 0 not in status[0]
    fields = dict(line.split(":\t", 1) for line in status[1].splitlines() if ":\t" in line)
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(fields[name], 16) == 0, name
    assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", "2")


def test_host_knows_the_kernel_as_an_ordinary_user(
    confined: None, small_parent: WarmParent
) -> None:
    with running(small_parent, sandbox=Sandbox()) as kernel:
        owner = Path(f"/proc/{kernel.child.pid}/status").read_text().split("Uid:")[1].split()
    assert "0" not in owner[:4]


@pytest.mark.parametrize(
    "folder", [sys.prefix, sys.base_prefix, str(library()), "/usr", "/etc", "/", "/dev"]
)
def test_nothing_visible_can_be_written(inside: Inside, folder: str) -> None:
    assert inside(attempt(f"open({folder + '/seqkit-was-here'!r}, 'w')")) in (13, 30)
    assert not os.path.exists(folder + "/seqkit-was-here")


_MOUNTS_TO_WRITE = (
    "lines = [line.split() for line in open('/proc/mounts')]\n"
    "result = sorted(f[1] for f in lines if 'ro' not in f[3].split(',') or"
    " not f[1].startswith('/dev/') and 'nosuid' not in f[3])\n"
)
_DEVICES = [f"/dev/{name}" for name in ("full", "null", "random", "shm", "urandom", "zero")]
_WRITABLE = sorted([*_DEVICES, "/proc", "/tmp"])


def test_every_mount_is_read_only_but_the_pot_in_memory(inside: Inside) -> None:
    assert inside(_MOUNTS_TO_WRITE) == _WRITABLE


def test_no_file_of_the_library_can_be_changed(inside: Inside) -> None:
    for action in ("open(p, 'a')", "os.chmod(p, 0o777)", "os.unlink(p)", "os.rename(p, p + 'x')"):
        assert inside(attempt(action, f"p = {_file_of_library()!r}")) in (1, 13, 18, 30)


def _file_of_library() -> str:
    return str(library() / "errors.py")


def test_read_only_mounts_stay_so(inside: Inside) -> None:
    mount = "ctypes.CDLL(None, use_errno=True).mount(b'none', b'/usr', None, 0x1020, None)"
    code = f"import ctypes\nresult = ({mount}, ctypes.get_errno())"
    assert inside(code) == (-1, 1)


@pytest.mark.parametrize(
    "attempted",
    ["unshare(0x10000000)", "setns(os.open('/proc/self/ns/net', os.O_RDONLY), 0)"],
)
def test_no_new_namespaces(inside: Inside, attempted: str) -> None:
    code = f"c = ctypes.CDLL(None, use_errno=True)\nresult = (c.{attempted}, ctypes.get_errno())"
    assert inside("import ctypes, os\n" + code) == (-1, 1)


def test_no_user_namespace_by_clone(inside: Inside) -> None:
    # Past the filter, which lets clone pass because threads need it.
    number = 56 if os.uname().machine == "x86_64" else 220
    code = (
        "import ctypes, os\n"
        f"result = ctypes.CDLL(None).syscall({number}, 0x10000000 | 17, 0, 0, 0, 0)\n"
        "if result == 0: os._exit(0)"
    )
    assert inside(code) == -1


def test_ptrace_is_refused(inside: Inside) -> None:
    code = (
        "import ctypes, os, time\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    time.sleep(30)\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "result = [libc.ptrace(16, p, 0, 0) for p in (1, os.getppid(), pid)]"
    )
    assert inside(code) == [-1, -1, -1]


def test_process_1_cannot_be_looked_into(inside: Inside) -> None:
    for name in ("mem", "environ", "maps"):
        assert inside(attempt(f"open('/proc/1/{name}', 'rb').read(1)")) in (1, 13)
    assert inside(attempt("os.listdir('/proc/1/fd')")) == 13


def test_killing_the_parent_is_harmless(call: Call, small_parent: WarmParent) -> None:
    before = small_parent.pid
    code = (
        "import os, signal, time\n"
        "for target in (1, os.getppid(), -1):\n"
        "    for number in (9, 15, 19, 11, 1, 2):\n"
        "        if number == 15 or number == 2: continue\n"
        "        try: os.kill(target, number)\n"
        "        except OSError: pass\n"
        "time.sleep(0.3)\n"
        "result = 'still here'"
    )
    answer = call(code)
    assert answer.value == b"'still here'", answer
    assert small_parent.pid == before and exists(before)


def test_process_1_cannot_be_starved(inside: Inside) -> None:
    starve = attempt("resource.prlimit(1, resource.RLIMIT_CPU, (0, 0))", "import resource")
    assert inside(starve) == 1
    assert inside(attempt("os.setpriority(os.PRIO_PROCESS, 1, 19)")) == 1
    assert inside(attempt("os.sched_setaffinity(1, {0})")) == 1
    assert inside(attempt("os.setpriority(os.PRIO_USER, 0, 19)")) == 1


def test_stopping_itself_ends_in_a_timeout(call: Call) -> None:
    word = uuid.uuid4().hex
    started = time.monotonic()
    answer = call(f"import os, signal\n'{word}'\nos.kill(os.getpid(), signal.SIGSTOP)", seconds=1.5)
    assert answer.why == "timeout"
    assert time.monotonic() - started < 5


def test_orphans_end_with_the_kernel(call: Call) -> None:
    word = f"seqkit{uuid.uuid4().hex}"
    code = (
        "import os, subprocess, sys, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        f"        os.execv('/bin/sh', ['/bin/sh', '-c', 'sleep 60; : {word}'])\n"
        "    os._exit(0)\n"
        "time.sleep(0.3)\n"
        "result = 'started'"
    )
    seen: list[int] = []
    watcher = threading.Thread(target=lambda: soon(lambda: bool(seen or note(seen, word)), 5))
    watcher.start()
    assert call(code).value == b"'started'"
    watcher.join()
    assert seen, "the orphan never ran, so this test shows nothing"
    assert soon(lambda: not alive(word), 2)


def note(seen: list[int], word: str) -> bool:
    seen += alive(word)
    return bool(seen)


def test_fork_bomb(call: Call) -> None:
    code = (
        "import os, time\n"
        "count = 0\n"
        "try:\n"
        "    while True:\n"
        "        if os.fork() == 0: time.sleep(60)\n"
        "        count += 1\n"
        "except BlockingIOError as error:\n"
        "    result = count"
    )
    answer = call(code, Sandbox(processes=40))
    assert answer.value is not None and 0 < int(answer.value) <= 40, answer


def test_fork_bomb_without_end(call: Call, small_parent: WarmParent) -> None:
    started = time.monotonic()
    code = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
    answer = call(code, Sandbox(processes=60), seconds=2)
    assert answer.why == "timeout"
    assert time.monotonic() - started < 10
    assert call("result = 1").value == b"1"


def test_one_large_allocation_fails(call: Call) -> None:
    assert call("result = len(bytearray(3 * 10**9))").why == "out_of_memory"


def test_a_large_allocation_can_be_survived(inside: Inside) -> None:
    code = "try: bytearray(3 * 10**9)\nexcept MemoryError: result = 'went on'"
    assert inside(code) == "went on"


def test_shared_memory_counts(call: Call) -> None:
    code = (
        "import mmap, time\n"
        "m = mmap.mmap(-1, 900 * 2**20)\n"
        "for i in range(0, len(m), 4096): m[i] = 1\n"
        "time.sleep(5)\n"
        "result = 'went on'"
    )
    assert call(code, Sandbox(memory_bytes=300 * MIB)).why == "out_of_memory"


def test_many_processes_share_one_limit(call: Call) -> None:
    code = (
        "import os, time\n"
        "for _ in range(8):\n"
        "    if os.fork() == 0:\n"
        "        block = bytearray(100 * 2**20)\n"
        "        for i in range(0, len(block), 4096): block[i] = 1\n"
        "        time.sleep(60)\n"
        "time.sleep(20)\n"
        "result = 'went on'"
    )
    assert call(code, Sandbox(memory_bytes=300 * MIB), 30).why == "out_of_memory"


def test_signals_to_process_1_do_not_hide_memory(call: Call) -> None:
    code = (
        "import os, signal, mmap\n"
        "if os.fork() == 0:\n"
        "    while True: os.kill(1, signal.SIGCHLD)\n"
        "m = mmap.mmap(-1, 900 * 2**20)\n"
        "for i in range(0, len(m), 4096): m[i] = 1\n"
        "import time; time.sleep(20)\n"
        "result = 'went on'"
    )
    assert call(code, Sandbox(memory_bytes=300 * MIB), 30).why == "out_of_memory"


@pytest.mark.parametrize("kind", ["memfd", "shm"])
def test_no_memory_that_no_limit_counts(inside: Inside, kind: str) -> None:
    action = {"memfd": "os.memfd_create('x')", "shm": "check(libc.shmget(0, 2**20, 0o1600))"}
    before = (
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "def check(n):\n"
        "    if n == -1: raise OSError(ctypes.get_errno(), '')"
    )
    assert inside(attempt(action[kind], before)) == 1


@pytest.mark.parametrize("folder", ["/tmp", "/dev/shm", "/tmp/home"])
def test_disk_fill(inside: Inside, folder: str) -> None:
    code = (
        "import errno\n"
        "size, count = 0, 0\n"
        "try:\n"
        "    while size < 200 * 2**20:\n"
        f"        with open(f'{folder}/f{{count}}', 'wb', 0) as file:\n"
        "            size += file.write(bytes(2**20))\n"
        "        count += 1\n"
        "except OSError as error: result = (error.errno, size // 2**20)"
    )
    number, filled = inside(code, Sandbox(tmp_bytes=20 * MIB))
    assert number == 28 and 18 <= filled <= 20


def test_tmp_and_shared_memory_are_one_pot(inside: Inside) -> None:
    fill = "open({!r}, 'wb', 0).write(bytes(15 * 2**20))"
    code = (
        f"a = {fill.format('/tmp/a')}\nb = {fill.format('/dev/shm/b')}\nresult = (a + b) // 2**20"
    )
    assert inside(code, Sandbox(tmp_bytes=20 * MIB)) <= 20


def test_a_file_of_20_mb(inside: Inside) -> None:
    code = attempt("f.write(bytes(20 * 2**20))", "f = open('/tmp/large', 'wb', 0)")
    code += "\nresult = (result, os.path.getsize('/tmp/large'))"
    assert inside(code, Sandbox(file_bytes=5 * MIB))[1] <= 5 * MIB
    assert inside(code, Sandbox())[1] == 20 * MIB


def test_processor_time(call: Call) -> None:
    answer = call("while True: pass", Sandbox(cpu_seconds=1), 15)
    assert answer.why == "died"


def test_files_can_be_replaced_and_hidden(inside: Inside, tmp_path: Path) -> None:
    (tmp_path / "errors.py").write_text("masked = True\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("a")
    sandbox = Sandbox(
        replaced=(
            (library() / "errors.py", tmp_path / "errors.py"),
            (Path("/course/data"), tmp_path / "data"),
        ),
        hidden=(library() / "exercises", library() / "cli.py"),
    )
    code = (
        "import os\n"
        f"root = {str(library())!r}\n"
        "result = (open(root + '/errors.py').read(), os.listdir(root + '/exercises'),\n"
        "          os.path.getsize(root + '/cli.py'), open('/course/data/a.txt').read())"
    )
    assert inside(code, sandbox) == ("masked = True\n", [], 0, "a")
    for path in (library() / "errors.py", Path("/course/data/b.txt"), library() / "cli.py"):
        assert inside(attempt(f"open({str(path)!r}, 'w')"), sandbox) in (13, 30)
    assert (library() / "errors.py").read_text() != "masked = True\n"


def test_a_folder_can_be_shared(inside: Inside, tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o700)
    write = f"open({str(folder / 'x')!r}, 'w').write('42')\nresult = 1"
    assert inside(write, Sandbox(writable=(folder,))) == 1
    assert (folder / "x").read_text() == "42"


def test_random_and_null_devices(inside: Inside) -> None:
    code = (
        "import os\n"
        "open('/dev/null', 'w').write('x')\n"
        "result = (sorted(os.listdir('/dev')), len(open('/dev/urandom', 'rb').read(4)))"
    )
    names, count = inside(code)
    assert " ".join(names) == "fd full null random shm stderr stdin stdout urandom zero"
    assert count == 4


def test_ordinary_work_is_possible(inside: Inside) -> None:
    code = (
        "import getpass, multiprocessing, os, pathlib, sqlite3, subprocess, tempfile\n"
        "with multiprocessing.Pool(2) as pool: squares = pool.map(abs, [-1, 2])\n"
        "sqlite3.connect('/tmp/x.db').execute('create table t (a)')\n"
        "with tempfile.TemporaryDirectory() as folder: pathlib.Path(folder, 'a').touch()\n"
        "said = subprocess.run(['echo', 'hello'], capture_output=True, text=True).stdout\n"
        "result = (squares, said, getpass.getuser(), os.path.expanduser('~'), os.getcwd())"
    )
    assert inside(code) == ([1, 2], "hello\n", "student", "/tmp/home", "/tmp/home")


def test_no_open_file_comes_along(inside: Inside, tmp_path: Path) -> None:
    code = (
        "import os\n"
        "paths = [f'/proc/self/fd/{n}' for n in os.listdir('/proc/self/fd')]\n"
        "result = [os.readlink(path) for path in paths if os.path.islink(path)]"
    )
    with open(tmp_path / "open.txt", "w") as file:
        os.set_inheritable(file.fileno(), True)
        names = inside(code)
    allowed = ("/dev/null", "/memfd:log", "/memfd:result", "/memfd:payload")
    assert [name for name in names if not name.startswith(allowed)] == []


def test_memory_of_counts_what_a_kernel_takes(confined: None, small_parent: WarmParent) -> None:
    with running(small_parent, sandbox=Sandbox()) as kernel:
        before = memory_of(kernel.child.pid)
        kernel.run("block = bytearray(b'x') * (200 * 2**20)")
        grown = memory_of(kernel.child.pid) - before
    assert 190 * MIB < grown < 230 * MIB


def test_kill_all_leaves_nothing(confined: None, small_parent: WarmParent) -> None:
    word = f"seqkit{uuid.uuid4().hex}"
    with running(small_parent, sandbox=Sandbox()) as kernel:
        kernel.run(
            "import subprocess\n"
            f"for _ in range(5): subprocess.Popen(['/bin/sh', '-c', 'sleep 60; : {word}'])"
        )
        assert soon(lambda: len(alive(word)) == 5)
        assert kill_all(kernel.child.pid)
        assert alive(word) == []


def test_two_sandboxes_share_nothing(confined: None, small_parent: WarmParent) -> None:
    box = Sandbox(processes=40)
    with running(small_parent, sandbox=box) as one, running(small_parent, sandbox=box) as other:
        one.run("open('/tmp/note', 'w').write('x'); open('/dev/shm/note', 'w').write('x')")
        seen = "import os; print(os.path.exists('/tmp/note'), os.path.exists('/dev/shm/note'))"
        assert other.run(seen) == "False False"
        # The limit on processes holds for each of them alone.
        forks = (
            "import os, time\nfor _ in range(20):\n    if os.fork() == 0: time.sleep(9)\nprint(1)"
        )
        assert one.run(forks) == other.run(forks) == "1"


def test_an_ordinary_user_can_make_one(confined: None) -> None:
    """Root turns into somebody else first; others test this with every test above."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", _AS_USER],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(library().parent)},
        check=False,
    )
    assert done.stdout.split() == ["1000", "True", "True", "False", "0"], done.stderr


_AS_USER = """
import os
from pathlib import Path
from seqkit.kernel import linux, sandbox
box = sandbox.Sandbox(visible=tuple(p for p in sandbox.default_visible() if p.parts[1] == "usr"))
if os.getuid() == 0:
    os.setgroups([])
    os.setresgid(61111, 61111, 61111)
    os.setresuid(61111, 61111, 61111)
    linux.set_dumpable(True)
sandbox.enter(box)
def works(action):
    try:
        return action() is None
    except OSError:
        return False
print(os.getuid(), os.path.exists("/usr"), works(lambda: Path("/tmp/x").touch()),
      works(lambda: Path("/usr/x").touch()), linux.effective_capabilities(), flush=True)
os._exit(0)
"""


def test_enter_ends_as_the_inner_process_ends(confined: None) -> None:
    for ending, status in (("os._exit(7)", 7), ("os.kill(os.getpid(), 11)", 139)):
        code = f"import os\nfrom seqkit.kernel.sandbox import *\nenter(Sandbox())\n{ending}"
        env = {**os.environ, "PYTHONPATH": str(library().parent)}
        assert (
            subprocess.run([sys.executable, "-c", code], env=env, check=False).returncode == status
        )


def test_kernels_before_5_12_remount_one_by_one(confined: None) -> None:
    code = (
        "import os\n"
        "from seqkit.kernel import linux, sandbox\n"
        "real = linux.call\n"
        "def old(name, *rest):\n"
        "    if name == 'syscall': raise OSError(38, 'Function not implemented', name)\n"
        "    return real(name, *rest)\n"
        "linux.call = old\n"
        "sandbox.enter(sandbox.Sandbox())\n" + _MOUNTS_TO_WRITE + "print(result, flush=True)\n"
        "os._exit(0)"
    )
    env = {**os.environ, "PYTHONPATH": str(library().parent)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, check=False, capture_output=True, text=True
    )
    assert done.stdout.strip() == str(_WRITABLE), done.stderr


def test_problem_is_one_that_people_can_act_on() -> None:
    for number, call_name in ((28, "unshare"), (1, "unshare"), (1, "mount proc on /proc")):
        text = explain(OSError(number, os.strerror(number), call_name))
        assert call_name in text and text.endswith((".", "10000", "=0", "=1", "unconfined."))
    assert problem() == problem()


def test_another_processor_is_refused_in_words() -> None:
    with pytest.raises(OSError, match="riscv64"):
        compiled("riscv64")


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_filters_jump_only_inside_themselves(machine: str) -> None:
    program = compiled(machine)
    steps = [program[at : at + 8] for at in range(0, len(program), 8)]
    for at, step in enumerate(steps):
        assert at + 1 + max(step[2], step[3]) <= len(steps) - 1 or step[0] == 6
    assert steps[-1][0] == 6
