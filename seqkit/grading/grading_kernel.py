"""A kernel under nbval's driver that may be hostile: watched for time, memory, output and death."""

from __future__ import annotations

import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from queue import Empty
from types import TracebackType
from typing import Any, Self

import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from jupyter_client.session import json_unpacker
from nbval.kernel import RunningKernel
from zmq.utils.monitor import recv_monitor_message

from seqkit.grading.results import Verdict
from seqkit.kernel.sandbox import Sandbox, memory_of
from seqkit.kernel.warm import WarmParent

_TICK = 0.05  # seconds between two looks at a kernel that is busy
_LONGEST_REPLY = 32_000_000  # bytes of an exported answer
_MOST_PARTS = 1_000_000  # of one message: read as JSON, each costs up to a hundred bytes
_WAITING = 200  # messages that wait to be read
# How the kernel reaches our half of the hand-over, whatever names the notebook defines.
EXPORT = "__import__('seqkit.grading.export', fromlist=['export'])"
_SLICE = 200  # messages that are read before the clock is looked at
_LEAST = 200  # bytes that a message counts at least
_REST_SECONDS = 1.0  # for output that comes after the reply
# A traceback of a thousand frames takes IPython a minute; only its last line is of use here.
_SHORT_TRACEBACKS = "--InteractiveShell.xmode=Minimal"


@dataclass(frozen=True)
class Limits:
    """How much a submission may use.

    Attributes:
        cell_seconds: for one cell.
        submission_seconds: for the notebook as a whole.
        memory_bytes: for all processes of the kernel together.
        output_bytes: for what one cell prints and shows.
        processes: how many may live at once, threads counted.
        file_bytes: for one file.
        disk_bytes: for all files.
    """

    cell_seconds: float = 60.0
    submission_seconds: float = 300.0
    memory_bytes: int = 2_500_000_000
    output_bytes: int = 5_000_000
    processes: int = 128
    file_bytes: int = 200_000_000
    disk_bytes: int = 300_000_000

    def __str__(self) -> str:
        """The limits as numbers: 8 seconds are 8.0 seconds."""
        return " ".join(f"{value:g}" for value in astuple(self))


@dataclass(frozen=True)
class Reply:
    """What a kernel said after a cell.

    Attributes:
        error: the name of the exception that ended the cell, or "".
        message: the first line of its text.
    """

    error: str = ""
    message: str = ""


class StoppedError(Exception):
    """A cell was stopped, or stopped the kernel.

    Attributes:
        verdict: timeout, out_of_memory, kernel_died or output_limit.
        message: one sentence.
    """

    def __init__(self, verdict: Verdict, message: str) -> None:
        super().__init__(message)
        self.verdict = verdict
        self.message = message


class LostKernelError(Exception):
    """The kernel is gone, and the student did not do it: the warm parent died or was closed."""


class GradingKernel(RunningKernel):
    """One kernel, forked from a warm parent, for one submission.

    Attributes:
        is_usable: whether it can run another cell.
    """

    def __init__(
        self,
        parent: WarmParent,
        folder: Path,
        limits: Limits,
        sandbox: Sandbox | None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Start it.

        Args:
            parent: has imported Keras already.
            folder: where the sockets may be made.
            limits: how much it may use.
            sandbox: what it may see and use; None for everything.
            env: variables for the kernel.
        """
        self._limits = limits
        self._folder = Path(tempfile.mkdtemp(prefix="k", dir=folder))
        file = str(self._folder / "kernel.json")
        write_connection_file(
            file,
            *(1, 2, 3, 4, 5),  # with the transport ipc a port is the end of the name of a socket
            ip=str(self._folder / "k"),
            key=secrets.token_hex(16).encode(),
            transport="ipc",
        )
        try:
            arguments = ["-f", file, _SHORT_TRACEBACKS]
            self._child = parent.kernel(file, arguments=arguments, env=env, sandbox=sandbox)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self.is_usable = True
        self._refused = False  # whether a reply came that was not read
        self._context = _guarded_context()
        self.kc = BlockingKernelClient(connection_file=file, context=self._context)
        try:
            self.kc.load_connection_file()
            self.kc.session.unpack = _unpacked
            self.kc.start_channels(hb=False)  # its thread would wait for ever on a broken socket
            self._connection = self.kc.iopub_channel.socket.get_monitor_socket(
                zmq.EVENT_DISCONNECTED | zmq.EVENT_CONNECT_RETRIED
            )
            self._wait_until_ready()
            self.evaluate(f"{EXPORT}.prepare()")
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def run(self, source: str, patience: float = 1.0) -> Reply:
        """Run a cell.

        Args:
            source: the code.
            patience: how many times the usual limit it may take.

        Returns:
            Whether it ended with an error.

        Raises:
            StoppedError: when it was stopped, or the kernel died.
        """
        message_id = self.execute_cell_input(source, allow_stdin=False)
        seconds = self._limits.cell_seconds * patience
        content = self._await(message_id, self._limits.output_bytes, seconds)
        if content.get("status") != "error":
            return Reply()
        lines = str(content.get("evalue", "")).strip().splitlines()
        return Reply(str(content.get("ename", ""))[:80], (lines[0] if lines else "")[:300])

    def evaluate(self, expression: str) -> str:
        """Evaluate an expression in the namespace of the notebook.

        Args:
            expression: Python source.

        Returns:
            How the kernel shows its value, or "".

        Raises:
            StoppedError: when it was stopped, or the kernel died.
        """
        message_id = self.kc.execute(
            "", silent=True, store_history=False, user_expressions={"answer": expression}
        )
        content = self._await(message_id, self._limits.output_bytes, self._limits.cell_seconds)
        shown = content.get("user_expressions")
        answer = shown.get("answer") if isinstance(shown, dict) else None
        data = answer.get("data") if isinstance(answer, dict) else None
        text = data.get("text/plain", "") if isinstance(data, dict) else ""
        return text if isinstance(text, str) and len(text) <= _LONGEST_REPLY else ""

    def stop(self) -> None:
        """End the kernel, everything that it started, and its files."""
        self.is_usable = False
        self._child.close()
        self.kc.stop_channels()
        self._context.destroy(linger=0)
        shutil.rmtree(self._folder, ignore_errors=True)

    def is_alive(self) -> bool:
        """Whether the process lives."""
        return self._child.poll() is None

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the cell that runs."""
        self._child.send_signal(signal.SIGINT)

    def _wait_until_ready(self, seconds: float = 60.0) -> None:
        """Ask who it is until it answers; a request sent too early is lost."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.is_alive():
            message_id = self.kc.kernel_info()
            try:
                self._reply(message_id, time.monotonic() + 2.0)
                return
            except Empty:
                continue
        raise LostKernelError("The kernel did not start.")

    def _reply(self, message_id: str, deadline: float) -> dict[str, Any]:
        while time.monotonic() < deadline and self.is_alive():
            message = self._next_reply()
            if message is not None and message["parent_header"].get("msg_id") == message_id:
                return dict(message["content"])
        raise Empty

    def _await(self, message_id: str, most_output: int, seconds: float) -> dict[str, Any]:
        """Wait for the reply, and watch the kernel meanwhile."""
        deadline = time.monotonic() + seconds
        self._output = 0
        self._refused = False
        self._has_lost_output()  # an earlier cell's
        while True:
            message = self._next_reply()
            if self._refused:  # what came was no reply of ours, and another one will not come
                self._refused = False
                return {}
            idle = self._drain(message_id)
            if message is not None and message["parent_header"].get("msg_id") == message_id:
                if not idle:
                    self._take_the_rest(message_id)
                self._check_output(most_output, ended=True)
                return dict(message["content"])
            if message is None and not self.is_alive():
                self._say_how_it_died()
            self._check_output(most_output)
            if time.monotonic() > deadline:
                self._check_output(most_output, ended=True)
                self._time_out(message_id, seconds)

    def _check_output(self, most: int, ended: bool = False) -> None:
        if ended and self._has_lost_output():
            self._give_up(Verdict.OUTPUT_LIMIT, "What a cell printed was too much to be read.")
        if self._output > most:
            self._give_up(Verdict.OUTPUT_LIMIT, f"A cell printed more than {most / 1e6:.0f} MB.")

    def _has_lost_output(self) -> bool:
        """Whether output came that was too long for our socket, which closes the connection then.

        It does the same for bytes that are no message at all. A cell that prints in a tight loop
        keeps the thread that sends waiting, until all is one message. When it was the kernel that
        closed the connection, our socket tries to connect again.
        """
        lost = False
        while self._connection.poll(_TICK if lost else 0):
            event = recv_monitor_message(self._connection)["event"]
            lost = event == zmq.EVENT_DISCONNECTED
        return lost

    def _say_how_it_died(self) -> None:
        if self._child.why == "parent_died":
            raise LostKernelError("The process that starts the kernels has ended.")
        if self._child.why == "out_of_memory":
            self._give_up_memory()
        self._give_up(Verdict.KERNEL_DIED, "The kernel died while the cell ran.")

    def _give_up_memory(self) -> None:
        most = self._limits.memory_bytes / 1e9
        self._give_up(Verdict.OUT_OF_MEMORY, f"A cell needed more than {most:.1f} GB of memory.")

    def _next_reply(self) -> dict[str, Any] | None:
        """A message of the shell channel, or None; one that is no message is left out."""
        try:
            message = self.kc.get_shell_msg(timeout=_TICK)
        except Empty:
            return None
        except _TooManyPartsError:
            self._refused = True
            return None
        except Exception:  # forged: the kernel holds the key
            return None
        return dict(message) if _is_message(message) else None

    def _drain(self, message_id: str, wait: float = 0.0) -> bool:
        """Take some of the output that has come; whether the kernel says that the cell ended.

        Never more than a slice at a time: a kernel may send without end.
        """
        for _ in range(_SLICE):
            try:
                message = self.kc.get_iopub_msg(timeout=wait)
            except Empty:
                return False
            except Exception:  # a forged message
                self._output += _LEAST
                continue
            self._output += max(_LEAST, len(str(message.get("content"))))
            if not _is_message(message):
                continue
            idle = message["content"].get("execution_state") == "idle"
            if idle and message["parent_header"].get("msg_id") == message_id:
                return True
        return False

    def _take_the_rest(self, message_id: str) -> None:
        """Output may come after the reply. A kernel that never says 'idle' gets no more time."""
        deadline = time.monotonic() + _REST_SECONDS
        while not self._drain(message_id, wait=_TICK) and time.monotonic() < deadline:
            if not self.is_alive():
                return

    def _time_out(self, message_id: str, seconds: float) -> None:
        """Interrupt the cell; a loop that swallows the interrupt costs the kernel."""
        if memory_of(self._child.pid) > 0.8 * self._limits.memory_bytes:
            self._give_up_memory()  # Python has no memory left to say so
        self.interrupt()
        said = f"A cell ran for more than {seconds:.0f} s."
        try:
            self._reply(message_id, time.monotonic() + 2.0)
        except Empty:
            self._give_up(Verdict.TIMEOUT, said)
        raise StoppedError(Verdict.TIMEOUT, said)

    def _give_up(self, verdict: Verdict, message: str) -> None:
        self.is_usable = False
        self._child.kill()
        raise StoppedError(verdict, message)


class _TooManyPartsError(ValueError):
    """A message that would fill our memory was not read."""


def _unpacked(raw: bytes) -> Any:
    """A part of a message, unless reading it would fill our memory."""
    if sum(raw.count(sign) for sign in (b",", b"[", b"{")) > _MOST_PARTS:
        raise _TooManyPartsError
    return json_unpacker(raw)


def _is_message(message: Any) -> bool:
    return isinstance(message.get("parent_header"), dict) and isinstance(
        message.get("content"), dict
    )


def _guarded_context() -> zmq.Context:
    """Sockets that take no endless message: what a kernel sends lands in our memory."""
    context = zmq.Context()
    context.setsockopt(zmq.MAXMSGSIZE, _LONGEST_REPLY)
    context.setsockopt(zmq.RCVHWM, _WAITING)
    return context
