"""One submission runs in a kernel that may be hostile, and its answers come out as data.

The student's code decides nothing here: it can only fail to give an answer. A cell that takes too
long, too much memory or prints too much costs its own question; for the others the notebook is run
again without it.
"""

from __future__ import annotations

import ast
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from seqkit.grading.assemble import Assembly, Step
from seqkit.grading.grading_kernel import EXPORT, GradingKernel, Limits, Reply, StoppedError
from seqkit.grading.results import Verdict

MOST_RUNS = 8
_COURSE_PATIENCE = 3.0  # cells of the course may train, on a computer that is busy
_LONGEST_LINE = 60
_NAME_OF_CELL = re.compile(r"(?:\d+\.py|<ipython-input-[^>]*>), line (\d+)")
# One string as `repr` writes it; in it, an object of a few strings as `json.dumps` writes it.
_STRING = re.compile(r"'(?:[^'\\\n]|\\.)*+'|\"(?:[^\"\\\n]|\\.)*+\"")
_FLAT = re.compile(r'\{(?:"[a-z]{1,20}": "(?:[^"\\]|\\.)*+"(?:, (?=")|(?=\}))){1,8}\}')
_OUT_OF_MEMORY = ("MemoryError", "ResourceExhaustedError")


@dataclass(frozen=True)
class Exported:
    """What came out of the kernel for one question; none of it is trusted.

    Attributes:
        why: "" when there is data; otherwise not_attempted, missing, wrong_kind, crashed,
            unreadable, tampered or stopped.
        message: the reason, in the words of the kernel.
        error: the name of the exception behind it, or "".
        text: the JSON text of the answer.
        archive: the npz archive of the answer, in base64.
    """

    why: str
    message: str = ""
    error: str = ""
    text: str = ""
    archive: str = ""


@dataclass(frozen=True)
class Fault:
    """What stopped a cell of the student.

    Attributes:
        verdict: error, timeout, out_of_memory, kernel_died or output_limit.
        message: one sentence.
    """

    verdict: Verdict
    message: str


@dataclass
class Run:
    """What one submission gave.

    Attributes:
        exports: the answers by question.
        hidden: what functions gave for hidden inputs, by question.
        faults: what stopped the student's cells, by question.
        trouble: why the run as a whole failed, for the instructor; "" when it did not.
    """

    exports: dict[str, Exported] = field(default_factory=dict)
    hidden: dict[str, Exported] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    trouble: str = ""


def execute(
    assembly: Assembly,
    module: str,
    hidden_inputs: Mapping[str, str],
    start: Callable[[], GradingKernel],
    limits: Limits,
) -> Run:
    """Run the steps of a submission, and collect its answers.

    Args:
        assembly: the steps.
        module: the exercise in the library, `ex01`.
        hidden_inputs: the arguments of hidden calls by question, as `encode_inputs` writes them.
        start: starts a kernel.
        limits: how long, how large.

    Returns:
        The answers as data, and what went wrong.
    """
    run = Run()
    left_out: set[int] = set()
    course_stops: dict[int, str] = {}
    asked_again: set[str] = set()
    deadline = time.monotonic() + limits.submission_seconds
    again = True
    for _ in range(MOST_RUNS):
        with start() as kernel:
            again = _Pass(
                assembly.steps,
                module,
                hidden_inputs,
                run,
                left_out,
                deadline,
                kernel,
                course_stops,
                asked_again,
            ).go()
        if not again:
            break
    if not run.trouble:
        for step in assembly.steps:
            if step.kind == "check" and step.question not in run.exports:
                fault = Fault(Verdict.TIMEOUT, "The notebook as a whole took too long.")
                run.faults.setdefault(step.question, fault)
    return run


@dataclass
class _Pass:
    """The notebook once from top to bottom, without the cells that stopped it before."""

    steps: tuple[Step, ...]
    module: str
    hidden_inputs: Mapping[str, str]
    run: Run
    left_out: set[int]
    deadline: float
    kernel: GradingKernel
    course_stops: dict[int, str]
    asked_again: set[str]

    def go(self) -> bool:
        """Run all steps; True when it has to be done again without the cell that stopped it."""
        for place, step in enumerate(self.steps):
            if place in self.left_out:
                continue
            if time.monotonic() > self.deadline:
                return False
            try:
                self._do(step)
            except StoppedError as stop:
                if not self._blame(place, stop):
                    return False
                if not self.kernel.is_usable:
                    return True
        return any(self._hidden_stops(step) for step in self.steps if step.kind == "check")

    def _do(self, step: Step) -> None:
        if step.kind == "check":
            source = f"lambda: ({step.source}\n)"
            call = f"export({self.module!r}, {step.question!r}, {source})"
            self.run.exports[step.question] = self._read(call)
            return
        patience = 1.0 if step.kind == "student" else _COURSE_PATIENCE
        reply = self.kernel.run(step.source, patience)
        if step.kind == "student" and reply.error:
            self.run.faults.setdefault(step.question, _fault_of(reply, step.source))

    def _hidden_stops(self, step: Step) -> bool:
        """Call a function on hidden inputs; whether that made the kernel unusable."""
        name = step.question
        inputs = self.hidden_inputs.get(name)
        answered = name in self.run.exports and not self.run.exports[name].why
        if inputs is None or not answered or name in self.run.hidden:
            return False
        call = f"export_hidden({self.module!r}, {name!r}, {inputs!r})"
        try:
            self.run.hidden[name] = self._read(call)
        except StoppedError as stop:
            if name not in self.asked_again:  # a timer, say, may have ended the kernel
                self.asked_again.add(name)
                return True
            self.run.hidden[name] = Exported("stopped", error=stop.verdict.value)
        return not self.kernel.is_usable

    def _read(self, call: str) -> Exported:
        return exported(self.kernel.evaluate(f"{EXPORT}.{call}"))

    def _blame(self, place: int, stop: StoppedError) -> bool:
        """Blame the student's cell that was running, or ran last; False when there is none."""
        step = self.steps[place]
        if step.kind == "course":
            if place in self.course_stops:  # without the cell that was blamed, too
                self.run.faults.pop(self.course_stops[place], None)
                self.run.trouble = f"A cell of the course stopped: {stop.message}"
                return False
            own = [
                index
                for index in range(place)
                if self.steps[index].kind == "student" and index not in self.left_out
            ]
            if not own:
                self.run.trouble = f"A cell of the course stopped: {stop.message}"
                return False
            self.course_stops[place] = self.steps[own[-1]].question
            place = own[-1]
        question = self.steps[place].question
        said = f"{stop.message} {_begins(self.steps[place].source)}"
        self.run.faults.setdefault(question, Fault(stop.verdict, said))
        self.left_out.add(place)
        return True


def exported(text: str) -> Exported:
    """Read the record that the kernel gave, believing nothing.

    Args:
        text: the text of a Python string, as the kernel shows it.

    Returns:
        The record; `tampered` when it is not of the form that it should have.

    Example:
        >>> exported(repr(json.dumps({"why": "missing", "message": "no"}))).why
        'missing'
        >>> exported("<object>").why
        'tampered'
    """
    # Looked at before it is read: a list of millions would fill our own memory.
    if not _STRING.fullmatch(text):
        return Exported("tampered")
    try:
        plain = ast.literal_eval(text)
        if not _FLAT.fullmatch(plain):
            return Exported("tampered")
        record = Exported(**json.loads(plain))
    except (ValueError, SyntaxError, TypeError, AttributeError, MemoryError, RecursionError):
        return Exported("tampered")
    known = ("", "not_attempted", "missing", "wrong_kind", "crashed", "unreadable")
    return record if record.why in known else Exported("tampered")


def _fault_of(reply: Reply, source: str) -> Fault:
    if reply.error in _OUT_OF_MEMORY:
        said = f"A cell needed too much memory ({reply.error})."
        return Fault(Verdict.OUT_OF_MEMORY, f"{said} {_begins(source)}")
    # IPython calls a cell 1772463481.py, or <ipython-input-3-...>.
    message = _NAME_OF_CELL.sub(r"line \1 of the cell", reply.message)
    said = f"A cell stopped with {reply.error}: {message}".rstrip(": ")
    return Fault(Verdict.ERROR, f"{said}\n{_begins(source)}")


def _begins(source: str) -> str:
    """Which cell it is: its first line of code."""
    lines = [line.strip() for line in source.splitlines()]
    first = next((line for line in lines if line and not line.startswith("#")), "")
    shown = first if len(first) <= _LONGEST_LINE else f"{first[:_LONGEST_LINE]} ..."
    return f"The cell begins: {shown}" if shown else "The cell holds no code."
