"""`seqkit validate`: what a student should know before handing in. Nothing is run or graded."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import seqkit
from seqkit.authoring.check_cells import answer_expression
from seqkit.authoring.errors import SourceError
from seqkit.display import Displayable
from seqkit.errors import SeqkitError
from seqkit.grading import submissions
from seqkit.grading.assemble import Assembly, assemble
from seqkit.grading.errors import GradingError, UnreadableError
from seqkit.grading.master import Master, find_folder, load
from seqkit.grading.submissions import CodeCell, Handed

LARGE = 5_000_000  # bytes; such a file is slow to send, and near the limit of the grader

# The exercises as they were given; `seqkit release` puts them there.
_STARTERS = Path(seqkit.__file__).resolve().parent / "grading" / "starters"
# Magic commands that leave the notebook. The grader has no network, and keeps no files.
_OUTSIDE = frozenset(
    {"pip", "conda", "mamba", "uv", "system", "sx", "bash", "sh", "script", "run", "cd"}
    | {"load", "writefile", "store", "env", "set_env", "perl", "ruby", "javascript", "js", "html"}
)
_BUILTINS = frozenset(dir(builtins))
_MAGIC_CALLS = ("system", "getoutput", "run_line_magic", "run_cell_magic")


class State(StrEnum):
    """What became of the answer to a question."""

    ANSWERED = "an answer is there"
    UNTOUCHED = "as it was given"
    MISSING = "the answer cell is missing"


@dataclass(frozen=True, repr=False)
class Report(Displayable):
    """What `validate` found.

    Attributes:
        path: the notebook.
        exercise: the name of the exercise, "" where it could not be told.
        states: question name to what became of its answer.
        problems: what would cost points, and what to do, one text each.
        notes: what is good to know and costs nothing.
    """

    path: Path
    exercise: str
    states: dict[str, State]
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing was found that would cost points. A missing answer is your choice."""
        return not self.problems

    def as_text(self) -> str:
        """Return the report as plain text."""
        lines = [f"{self.path}: {self._headline()}"]
        lines += [f"  {name}  {state}" for name, state in self.states.items()]
        if self.problems:
            lines += ["", "To do:"]
            lines += [f"  {number}. {text}" for number, text in enumerate(self.problems, start=1)]
        if self.notes:
            lines += ["", "Good to know:", *(f"  - {text}" for text in self.notes)]
        return "\n".join(lines)

    def _headline(self) -> str:
        open_ = [name for name, state in self.states.items() if state is State.UNTOUCHED]
        if self.problems:
            count = len(self.problems)
            return f"{count} {'thing' if count == 1 else 'things'} to do before you hand it in."
        if open_:
            return f"can be handed in. Not answered yet: {', '.join(open_)}."
        return "can be handed in."


def validate(notebook: str | Path, masters: str | Path | None = None) -> Report:
    """Look at a notebook before it is handed in.

    It is read as the grader reads it, and compared with the exercise as it was given.

    Args:
        notebook: the file.
        masters: the folder with the exercises as they were given; found by default.

    Returns:
        What was found.

    Raises:
        GradingError: when there is no exercise to compare with.

    Example:
        >>> print(validate("/nowhere/01_first_stack.ipynb").problems[0])
        The file does not exist. Check the name and the folder.
    """
    path = Path(notebook)
    if not path.exists() and not path.is_symlink():
        problem = "The file does not exist. Check the name and the folder."
        return Report(path, "", {}, (problem,))
    try:
        handed = submissions.read(path)
    except UnreadableError as error:
        return Report(path, "", {}, (str(error),))
    master = _find_master(path, Path(masters) if masters else None)
    return _Look(path, master, handed).report()


class _Look:
    """One look at a notebook: collects problems and notes."""

    def __init__(self, path: Path, master: Master, handed: Handed) -> None:
        self._path, self._master, self._handed = path, master, handed
        self._assembly: Assembly = assemble(master, handed)
        self._own = [step for step in self._assembly.steps if step.kind == "student"]
        self._problems: list[str] = []
        self._notes: list[str] = []

    def report(self) -> Report:
        """Look at everything, the worst first."""
        states = {name: self._state(name) for name in self._master.question_names}
        self._look_at_the_name()
        self._look_at_missing_answers(states)
        self._look_at_code()
        self._look_at_names(states)
        self._look_at_course_cells()
        self._look_at_the_size()
        return Report(
            self._path,
            self._master.exercise,
            states,
            tuple(dict.fromkeys(self._problems)),
            tuple(dict.fromkeys(self._notes)),
        )

    def _state(self, question: str) -> State:
        if question not in self._assembly.answered:
            return State.MISSING
        starters = {
            _plain(cell.source)
            for cell in self._master.cells
            if cell.role == "answer" and cell.question == question
        }
        own = [step.source for step in self._own if step.question == question]
        changed = any(_plain(source) not in starters for source in own)
        return State.ANSWERED if changed else State.UNTOUCHED

    def _look_at_the_name(self) -> None:
        if submissions.plain_name(self._path.stem) != self._master.exercise:
            self._problems.append(
                f"The grader looks for a file with the name {self._master.exercise}.ipynb. Rename "
                f"{self._path.name}."
            )

    def _look_at_missing_answers(self, states: dict[str, State]) -> None:
        answers = {cell.question: cell.id for cell in self._master.cells if cell.role == "answer"}
        for question, state in states.items():
            if state is not State.MISSING:
                continue
            if answers.get(question) in self._handed.text_ids:
                self._problems.append(
                    f"The answer cell of {question} was turned into text. Click on it, press Esc, "
                    "then Y: it is code again."
                )
            else:
                self._problems.append(
                    f"The answer cell of {question} is missing. Open the exercise anew as it was "
                    "given, and copy your answers into its answer cells."
                )

    def _look_at_code(self) -> None:
        """Code of the student that cannot run, or that asks for what the grader has not."""
        for step in self._own:
            where = f"A cell of {step.question}" if step.question else "A cell that you added"
            try:
                tree = _parsed(step.source)
            except SyntaxError as error:
                self._problems.append(
                    f"{where} is not Python ({_reason(error)}). Nothing in this cell would run: "
                    f"{_first_line(step.source)}"
                )
                continue
            for command in _outside_commands(tree):
                self._problems.append(
                    f"{where} calls a command outside of Python: {command}. The grader has no "
                    "network, installs nothing and keeps no files. Take the line out."
                )

    def _look_at_names(self, states: dict[str, State]) -> None:
        """A name that the check reads and no cell gives: the answer was renamed."""
        given = {name for step in self._assembly.steps for name in self._given(step.source)}
        for question, expression in self._master.expressions.items():
            read = {
                node.id for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Name)
            }
            for name in sorted(read - given - _BUILTINS):
                if "*" not in given and states.get(question) is not State.MISSING:
                    self._problems.append(
                        f"The check of {question} reads the name {name}, and no cell gives it a "
                        "value. Keep the name that stood in the answer cell."
                    )

    def _look_at_course_cells(self) -> None:
        """Cells of the course that were changed or are gone: the grader takes its own."""
        course = {cell.id: cell for cell in self._master.cells if cell.id}
        for cell in self._handed.cells:
            given = course.get(cell.id)
            if given is None or _plain(cell.source) == _plain(given.source):
                continue
            if given.role == "check" and given.question:
                if not self._asks_the_same(cell, given.question):
                    self._notes.append(
                        f"You changed what the check cell of {given.question} checks. The grader "
                        f"checks {self._master.expressions[given.question]}. Put your answer "
                        "into the answer cell."
                    )
            elif given.role != "answer":
                self._notes.append(
                    f"You changed a given cell ({_first_line(given.source)}). The grader runs the "
                    "cell of the course. Put your own code into a cell that you add."
                )
        there = {(cell.role, cell.question) for cell in self._handed.cells}
        there |= {
            (course[cell.id].role, course[cell.id].question)
            for cell in self._handed.cells
            if cell.id in course
        }
        for question in self._master.question_names:
            if ("check", question) not in there:
                self._notes.append(
                    f"The check cell of {question} is missing. The grader puts it back."
                )
        self._notes += self._handed.notes

    def _look_at_the_size(self) -> None:
        size = self._path.stat().st_size
        if size > LARGE:
            self._notes.append(
                f"The file has {size / 1e6:.1f} MB; the limit is {submissions.MAX_BYTES / 1e6:.0f} "
                "MB. Clear the outputs (Edit, Clear Outputs of All Cells): the grader does not "
                "need them."
            )

    def _asks_the_same(self, cell: CodeCell, question: str) -> bool:
        try:
            return answer_expression(cell.source, question) == self._master.expressions[question]
        except (SourceError, SyntaxError, ValueError):
            return False

    def _given(self, source: str) -> Iterator[str]:
        """The names that a cell gives a value; `*` where it may be any."""
        try:
            tree = _parsed(source)
        except SyntaxError:
            return
        for node in ast.walk(tree):
            match node:
                case ast.Name(id=name, ctx=ast.Store()):
                    yield name
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    yield name
                case ast.AsyncFunctionDef(name=name):
                    yield name
                case ast.alias(name=name, asname=other):
                    yield other or name.partition(".")[0]


def _find_master(path: Path, folder: Path | None) -> Master:
    """The exercise that a notebook is an answer to, as it was given."""
    here = path.resolve().parent
    folders = [folder] if folder else [_STARTERS, find_folder(Path.cwd()), find_folder(here)]
    compared_with_itself = False
    for place in folders:
        candidates = sorted(place.glob("[0-9][0-9]_*.ipynb")) if place else []
        for candidate in candidates:
            if not _belongs(path.stem, candidate.stem):
                continue
            if candidate.resolve() != path.resolve():
                return load(candidate)
            compared_with_itself = True
    if compared_with_itself:
        raise GradingError(
            f"{path} lies where the exercises of the course lie, and there is no other copy to "
            "compare it with. Name a folder with the exercises as they were given: --master FOLDER."
        )
    raise GradingError(
        f"{path.name} is the name of no exercise. Give it the name that it had, such as "
        "01_first_stack.ipynb, or name the folder with the exercises: --master FOLDER."
    )


def _belongs(name: str, exercise: str) -> bool:
    """Whether a file is for an exercise: all but the number may have been changed."""
    return name[:2] == exercise[:2]


def _parsed(source: str) -> ast.Module:
    """A cell as IPython runs it; its magic commands are calls then.

    Raises:
        SyntaxError: when it is not Python.
    """
    try:
        from IPython.core.inputtransformer2 import TransformerManager
    except ImportError:
        raise SeqkitError(
            "IPython is needed to read notebooks. Install the course: pip install 'seqkit[course]'."
        ) from None
    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except (ValueError, RecursionError, MemoryError) as error:  # a NUL, or brackets without end
        raise SyntaxError(str(error) or "it is nested too deeply") from None


def _outside_commands(tree: ast.Module) -> Iterator[str]:
    """The shell commands and the magic commands that leave the notebook, as they were written."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr=call, value=ast.Call(func=ast.Name(id="get_ipython"))),
                args=[ast.Constant(value=str(first)), *others],
            ) if call in _MAGIC_CALLS:
                if call in ("system", "getoutput"):
                    yield f"!{first}"
                elif first in _OUTSIDE:
                    rest = [str(one.value) for one in others[:1] if isinstance(one, ast.Constant)]
                    yield " ".join([("%%" if "cell" in call else "%") + first, *rest]).strip()


def _reason(error: SyntaxError) -> str:
    where = f"line {error.lineno}: " if error.lineno else ""
    return f"{where}{error.msg}"


def _first_line(source: str, width: int = 60) -> str:
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    text = lines[0] if lines else ""
    return text if len(text) <= width else f"{text[: width - 4]} ..."


def _plain(source: str) -> str:
    """Code without what makes no difference: spaces at the ends of lines, empty lines around."""
    return re.sub(r"[ \t]+$", "", source, flags=re.MULTILINE).strip()
