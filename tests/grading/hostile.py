"""Submissions of students who want points without answers, or want the grader to fail.

Each threat starts from the solutions of exercise 01 and changes one thing. The table `THREATS`
says which verdicts the change may lead to; every question that it does not name must keep its full
points. Numbers up to 24 are those of the known threats to stock tools; from 25 on they are ours.

The code in the strings runs only in the sandbox of the grader.
"""

from __future__ import annotations

import json
import os
import socket
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from seqkit.grading.results import Verdict
from tests.grading import submissions_made as made
from tests.grading.submissions_made import Notebook

Make = Callable[[Notebook, Path], None]
Verdicts = frozenset[Verdict]

FILE = "01_quick.ipynb"
SECRET = "5eedc0ffee5eedc0ffee5eedc0ffee00"  # also looked for in the memory of the kernel

CORRECT = frozenset({Verdict.CORRECT})
INCORRECT = frozenset({Verdict.INCORRECT})
NOT_FULL = frozenset({Verdict.INCORRECT, Verdict.PARTIAL})
NOT_ATTEMPTED = frozenset({Verdict.NOT_ATTEMPTED})
ERROR = frozenset({Verdict.ERROR})
TIMEOUT = frozenset({Verdict.TIMEOUT})
DIED = frozenset({Verdict.KERNEL_DIED})
MEMORY = frozenset({Verdict.OUT_OF_MEMORY})
OUTPUT = frozenset({Verdict.OUTPUT_LIMIT})
TAMPERED = frozenset({Verdict.TAMPERED})
UNREADABLE = frozenset({Verdict.UNREADABLE})
ANY = frozenset(Verdict) - {Verdict.INFRASTRUCTURE, Verdict.UNREADABLE}
NO_POINTS = ANY - CORRECT - {Verdict.PARTIAL}


@dataclass(frozen=True)
class Threat:
    """One hostile submission, and what must become of it.

    Attributes:
        number: the row of the known threats, or a number from 25 on.
        name: what the submission does.
        make: changes the notebook, and may write files into the student's folder. A notebook that
            it writes itself stays as it is.
        expected: the verdicts that a question may get. Those not named must be correct.
        message: a pattern that the message of each named question holds.
        never: a pattern that nothing in the result holds.
        note: a pattern that the notes hold.
        part: of exercise 01, as `submissions_made.PARTS` names it.
        marker: a word in the command line of the processes that it starts.
    """

    number: int
    name: str
    make: Make
    expected: Mapping[str, Verdicts] = field(default_factory=dict)
    message: str = ""
    never: str = ""
    note: str = ""
    part: Literal["small", "quick", "whole"] = "quick"
    marker: str = ""

    @property
    def file(self) -> str:
        """The name of the notebook."""
        return f"01_{self.part}.ipynb"


THREATS: list[Threat] = []


def _add(
    number: int,
    name: str,
    make: Make,
    expected: Mapping[str, Verdicts] | None = None,
    **more: Any,
) -> None:
    THREATS.append(Threat(number, name, make, expected or {}, **more))


def _answer(
    number: int, name: str, question: str, code: str, verdicts: Verdicts, **more: Any
) -> None:
    """The code takes the place of one answer."""
    others = more.pop("others", {})
    more = {"part": _part_for(question)} | more
    text = textwrap.dedent(code)
    _add(
        number,
        name,
        lambda notebook, folder: made.answer(notebook, question, _filled(text, folder)),
        {question: verdicts, **others},
        **more,
    )


def _before(
    number: int, name: str, question: str, code: str, verdicts: Verdicts = CORRECT, **more: Any
) -> None:
    """The code runs before a right answer."""
    others = more.pop("others", {})
    more = {"part": _part_for(question)} | more
    text = textwrap.dedent(code)
    _add(
        number,
        name,
        lambda notebook, folder: made.before(notebook, question, _filled(text, folder)),
        {question: verdicts, **others},
        **more,
    )


def _after(
    number: int, name: str, question: str, code: str, verdicts: Verdicts = CORRECT, **more: Any
) -> None:
    """The code runs after a right answer."""
    others = more.pop("others", {})
    more = {"part": _part_for(question)} | more
    text = textwrap.dedent(code)
    _add(
        number,
        name,
        lambda notebook, folder: made.after(notebook, question, _filled(text, folder)),
        {question: verdicts, **others},
        **more,
    )


def _part_for(question: str) -> str:
    return "small" if question in made.PARTS["small"] else "quick"


def _no_gain(
    number: int, name: str, code: str, verdicts: Verdicts = INCORRECT, **more: Any
) -> None:
    """The code shall make a wrong number count as right."""
    _answer(number, name, "q1", f"{textwrap.dedent(code)}\nparameters = 50_816\n", verdicts, **more)


def _probe(number: int, name: str, code: str, **more: Any) -> None:
    """The code sets `found` when it sees what it must not see; only then the answer is right."""
    body = textwrap.indent(textwrap.dedent(code).strip("\n"), "    ")
    text = (
        f"found = False\ntry:\n{body}\nexcept BaseException as error:\n    print(error)\n"
        'parameters = int("".join(["50", "890"])) if found else 0\n'
    )
    _answer(number, name, "q1", text, INCORRECT, **more)


def _filled(text: str, folder: Path) -> str:
    """The code with paths of this machine in it: an attacker could guess them."""
    known = {"FOLDER": str(folder), "ROOT": str(made.ROOT), "PORT": str(_listening()[1])}
    for name, value in known.items():
        text = text.replace(f"@{name}@", value)
    return text


@cache
def _listening() -> tuple[list[socket.socket], int]:
    """Servers outside the sandbox that a kernel must not reach; they live as long as the tests."""
    plain = socket.create_server(("127.0.0.1", 0))
    abstract = socket.socket(socket.AF_UNIX)
    port = int(plain.getsockname()[1])
    abstract.bind(f"\0seqkit-threat-{port}")
    abstract.listen()
    return [plain, abstract], port


EVERY = made.PARTS["quick"]


def _all(verdicts: Verdicts) -> dict[str, Verdicts]:
    return dict.fromkeys(EVERY, verdicts)


def _others_than(question: str, verdicts: Verdicts) -> dict[str, Verdicts]:
    return {name: verdicts for name in EVERY if name != question}


# 1. Wrong answers.

_answer(1, "counts the weights without the biases", "q1", "parameters = 50_816", INCORRECT,
        message="bias")  # fmt: skip
_answer(
    1,
    "compiles with another optimizer",
    "q2",
    """
    model = keras.Sequential([keras.Input((784,)), layers.Dense(128, activation="relu"),
        layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")])
    model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy")
    """,
    frozenset({Verdict.PARTIAL}),
    message="sgd",
)
_answer(
    1,
    "pools where it should flatten",
    "q3",
    """
    stack = [keras.Input((28, 28)), layers.GlobalAveragePooling1D(),
        layers.Dense(32, activation="relu"), layers.Dense(10, activation="softmax")]
    """,
    NOT_FULL,
)
_answer(
    1,
    "turns the sign of the gradient round",
    "q5",
    """
    def score_gradient(probabilities, labels):
        return (np.eye(probabilities.shape[1])[labels] - probabilities) / len(labels)
    """,
    INCORRECT,
    message="sign",
)
_add(
    1,
    "changes nothing",
    lambda notebook, folder: notebook.update(made.part(made.exercise(), "quick")),
    _all(NOT_ATTEMPTED),
)
_answer(1, "does not define the name", "q1", "parameter = 50_890", ERROR, message="parameters")
_answer(1, "gives text in place of a model", "q2", "model = 'Sequential'", INCORRECT)
_answer(1, "writes no Python", "q1", "parameters = = 50_890", ERROR, message="SyntaxError")


# 2. Check cells deleted or changed.


def _delete_wrong_check(notebook: Notebook, folder: Path) -> None:
    made.answer(notebook, "q1", "parameters = 50_816")
    del notebook["cells"][made.place(notebook, "q1-check")]


def _check_to_text(notebook: Notebook, folder: Path) -> None:
    made.answer(notebook, "q1", "parameters = 50_816")
    cell = made.cell(notebook, "q1-check")
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]


def _check_of_the_right_number(notebook: Notebook, folder: Path) -> None:
    made.answer(notebook, "q1", "parameters = 50_816")
    made.cell(notebook, "q1-check")["source"] = "ex01.q1.check(50_890)"


def _empty_check(notebook: Notebook, folder: Path) -> None:
    made.answer(notebook, "q1", "parameters = 50_816")
    made.cell(notebook, "q1-check")["source"] = "pass"


def _swap_marks(notebook: Notebook, folder: Path) -> None:
    made.answer(notebook, "q1", "parameters = 50_816")
    answer, check = made.cell(notebook, "q1-answer"), made.cell(notebook, "q1-check")
    answer["metadata"], check["metadata"] = check["metadata"], answer["metadata"]


def _check_marked_as_given(notebook: Notebook, folder: Path) -> None:
    made.answer(notebook, "q1", "parameters = 50_816")
    made.cell(notebook, "q1-check").update(
        metadata={"seqkit": {"role": "given"}}, source="ex01.q1.check(50_890)"
    )


def _setup_of_a_fake(notebook: Notebook, folder: Path) -> None:
    made.answer(notebook, "q1", "parameters = 50_816")
    fake = "class Fake:\n    def __getattr__(self, name): return self\n"
    made.cell(notebook, "setup-d63924c4ed")["source"] += f"\n{fake}\nex01 = Fake()"


def _no_check_at_all(notebook: Notebook, folder: Path) -> None:
    notebook["cells"] = [
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("seqkit", {}).get("role") != "check"
    ]


_add(2, "deletes the check of a wrong answer", _delete_wrong_check, {"q1": INCORRECT}, part="small",
     note="check cell of q1 was missing")  # fmt: skip
_add(2, "turns the check of a wrong answer into text", _check_to_text, {"q1": INCORRECT}, part="small",
     note="check cell of q1")  # fmt: skip
_add(
    2,
    "checks another number than its answer",
    _check_of_the_right_number,
    {"q1": INCORRECT},
    part="small",
)
_add(2, "empties the check of a wrong answer", _empty_check, {"q1": INCORRECT}, part="small")
_add(2, "gives the answer the mark of the check", _swap_marks, {"q1": NO_POINTS})
_add(2, "marks its own check as given", _check_marked_as_given, {"q1": INCORRECT}, part="small")
_add(2, "puts a fake exercise into the setup", _setup_of_a_fake, {"q1": INCORRECT}, part="small",
     note="given cell was changed")  # fmt: skip
_add(2, "has no check cell at all, and right answers", _no_check_at_all, note="was missing")


# 3 and 4. Marks and outputs that stock tools believe.

NBVAL_MARKS = "# NBVAL_SKIP\n# NBVAL_IGNORE_OUTPUT\n# NBVAL_RAISES_EXCEPTION\n"
NBVAL_TAGS = ["nbval-skip", "nbval-ignore-output", "nbval-raises-exception", "raises-exception"]


def _marked_in_comments(notebook: Notebook, folder: Path) -> None:
    made.answer(notebook, "q1", f"{NBVAL_MARKS}parameters = 50_816")
    check = made.cell(notebook, "q1-check")
    check["source"] = NBVAL_MARKS + made.source(notebook, "q1-check")


def _marked_in_tags(notebook: Notebook, folder: Path) -> None:
    made.answer(notebook, "q1", "parameters = 50_816")
    for name in ("q1-answer", "q1-check"):
        made.cell(notebook, name)["metadata"]["tags"] = NBVAL_TAGS


def _error_allowed(notebook: Notebook, folder: Path) -> None:
    made.answer(notebook, "q1", f"{NBVAL_MARKS}raise ValueError('allowed')")
    made.cell(notebook, "q1-answer")["metadata"]["tags"] = NBVAL_TAGS


def _marked_right_answers(notebook: Notebook, folder: Path) -> None:
    for name in EVERY:
        made.before(notebook, name, NBVAL_MARKS)
        made.cell(notebook, f"{name}-answer")["metadata"]["tags"] = NBVAL_TAGS


def _stored_praise(notebook: Notebook, folder: Path) -> None:
    made.answer(notebook, "q1", "parameters = 50_816")
    praise = {"output_type": "stream", "name": "stdout", "text": "✓ Correct · 1 of 1 points\n"}
    made.cell(notebook, "q1-check").update(execution_count=None, outputs=[praise])


def _outputs_of_other_kinds(notebook: Notebook, folder: Path) -> None:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell.update(execution_count="many", outputs={"output_type": 3, "data": [None]})


_add(
    3,
    "marks a wrong answer as skipped in comments",
    _marked_in_comments,
    {"q1": INCORRECT},
    part="small",
)
_add(3, "marks a wrong answer as skipped in tags", _marked_in_tags, {"q1": INCORRECT}, part="small")
_add(3, "marks an error as allowed", _error_allowed, {"q1": ERROR}, part="small")
_add(3, "marks right answers as skipped", _marked_right_answers)
_add(4, "stores praise as the output of a check", _stored_praise, {"q1": INCORRECT}, part="small")
_add(4, "stores outputs of forms that do not exist", _outputs_of_other_kinds)


# 5. Objects that lie.

ALWAYS_EQUAL = """
class Equal:
    __hash__ = None
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __getattr__(self, name): return self
    def __call__(self, *arguments, **named): return self
    def __bool__(self): return True
    def __float__(self): return 50816.0
    def __array__(self, *arguments, **named): return np.zeros((4, 10))
"""

_no_gain(5, "gives a number that equals everything", "")
_answer(5, "gives an object that equals everything", "q1", f"{ALWAYS_EQUAL}\nparameters = Equal()",
        NO_POINTS)  # fmt: skip
_answer(
    5,
    "gives a whole number that says it equals everything",
    "q1",
    """
    class Number(int):
        __hash__ = int.__hash__
        def __eq__(self, other): return True
        def __ne__(self, other): return False
        def __repr__(self): return "50890"
        def __str__(self): return "50890"
    parameters = Number(50_816)
    """,
    INCORRECT,
)
_answer(5, "gives an object as a model", "q2", f"{ALWAYS_EQUAL}\nmodel = Equal()", NO_POINTS)
_answer(
    5,
    "gives a class that calls itself a Keras model",
    "q2",
    """
    class Sequential:
        __class__ = keras.Sequential
        built = compiled = True
        def __getattr__(self, name): return lambda *arguments, **named: "{}"
    model = Sequential()
    """,
    NO_POINTS,
)
_answer(
    5,
    "returns arrays that say they are right",
    "q5",
    """
    class Right(np.ndarray):
        def __array_ufunc__(self, *arguments, **named): return True
        def __array_function__(self, *arguments, **named): return True
        def __eq__(self, other): return True
    def score_gradient(probabilities, labels):
        return np.zeros_like(probabilities).view(Right)
    """,
    NO_POINTS,
)


# 6 and 7. The notebook's own machinery turned round.

_no_gain(6, "replaces print", "import builtins\nbuiltins.print = lambda *a, **k: None")
_no_gain(
    6,
    "rewrites checks with a transformer of syntax trees",
    """
    import ast
    class NoCheck(ast.NodeTransformer):
        def visit_Call(self, node):
            is_check = isinstance(node.func, ast.Attribute) and node.func.attr == "check"
            return ast.Constant(None) if is_check else self.generic_visit(node)
    get_ipython().ast_transformers.append(NoCheck())
    """,
)
_no_gain(
    6,
    "rewrites checks with a transformer of lines",
    """
    get_ipython().input_transformers_post.append(
        lambda lines: [line for line in lines if ".check(" not in line])
    """,
)
_answer(
    6,
    "switches tracebacks off, then stops with an error",
    "q1",
    """
    get_ipython().showtraceback = lambda *arguments, **named: None
    raise ValueError("nobody sees this")
    """,
    ERROR,
)
_answer(
    6,
    "catches all errors of later cells",
    "q1",
    """
    get_ipython().set_custom_exc((Exception,), lambda *arguments, **named: [])
    raise ValueError("nobody sees this")
    """,
    ERROR,
)
_no_gain(
    6,
    "prints praise in place of a traceback",
    """
    shell = type(get_ipython())
    shell.showtraceback = lambda *a, **k: print("✓ Correct · question 1")
    shell._showtraceback = shell.showtraceback
    """,
)
_no_gain(
    7,
    "prints a forged score after each cell",
    """
    get_ipython().events.register("post_run_cell", lambda *_: print(
        '{"question": "q1", "verdict": "correct", "points": 1, "max_points": 1, "score": 5}'))
    get_ipython().events.register("pre_execute", lambda *_: print("q1 ... ok"))
    """,
)
_no_gain(
    7,
    "shows a forged result as rich output",
    """
    from IPython.display import display
    display({"application/json": {"why": "", "verdict": "correct", "credit": 1.0},
             "text/plain": "'{\\"why\\": \\"\\", \\"text\\": \\"{}\\"}'"}, raw=True)
    """,
)


# 8. The library patched in memory.

_no_gain(
    8,
    "replaces the judge",
    """
    from seqkit.exercises import verdict
    ex01.q1.judge = lambda data: verdict.correct("")
    """,
)
_no_gain(
    8,
    "replaces all methods of a question",
    """
    from seqkit.exercises import question, verdict
    for name in ("check", "evaluate", "decide"):
        setattr(question.Question, name, lambda *a: verdict.correct(""))
    """,
)
_no_gain(
    8,
    "exchanges the question",
    """
    from seqkit.exercises.answer_data import AnswerData
    class Fake:
        answer = None
        def read(self, answer): return AnswerData("integer", {"value": "correct"})
    ex01.q1 = Fake()
    """,
    TAMPERED,
)
_no_gain(
    8,
    "answers with True",
    """
    from seqkit.exercises.answer_data import AnswerData
    type(ex01.q1.answer)._read = lambda *_: AnswerData("integer", {"value": True})
    """,
    TAMPERED,
)
_before(8, "raises the points of a question", "q1", "ex01.q1.points = 100")
_no_gain(
    8,
    "puts a fake library in place of the real one",
    """
    import sys, types
    fake = types.ModuleType("seqkit.grading.export")
    fake.export = lambda exercise, question, give: '{"verdict": "correct", "points": 1}'
    fake.export_hidden = fake.export
    sys.modules["seqkit.grading.export"] = fake
    """,
    TAMPERED,
    others=_others_than("q1", TAMPERED),
)


# 9. Pickles.

FORGE = """
import base64, io, json
import numpy as np
from seqkit.grading import export as _export
_honest = _export.export

def _archive(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()

def _send(question, text, archive, why=""):
    def forged(exercise, name, give):
        if name != question:
            return _honest(exercise, name, give)
        return json.dumps({"why": why, "text": text, "archive": base64.b64encode(archive).decode()})
    _export.export = forged

def _forge(question, kind, values, archive=None):
    archive = _archive() if archive is None else archive
    _send(question, json.dumps({"kind": kind, "values": values}), archive)

class Pickled:
    def __reduce__(self):
        return (exec, ("open('@FOLDER@/unpickled', 'w').close()",))
"""


def _forged(number: int, name: str, code: str, verdicts: Verdicts = TAMPERED, **more: Any) -> None:
    """A forged record in place of the answer to q1."""
    _no_gain(number, name, f"{FORGE}\n{textwrap.dedent(code)}", verdicts, **more)


_answer(9, "gives an object that runs when unpickled", "q1", f"{FORGE}\nparameters = Pickled()",
        INCORRECT)  # fmt: skip
_answer(
    9,
    "returns arrays of objects that run when unpickled",
    "q5",
    f"{FORGE}\ndef score_gradient(probabilities, labels):\n"
    "    return np.array([Pickled()], dtype=object)\n",
    INCORRECT,
)
_forged(
    9,
    "sends an archive with a pickle",
    """
    archive = _archive(value=np.array([Pickled()], dtype=object))
    _forge("q1", "integer", {"value": 50_816}, archive)
    """,
)
_forged(
    9,
    "sends a pickle in place of the archive",
    """
    import pickle
    _forge("q1", "integer", {"value": 50_816}, pickle.dumps(Pickled()))
    """,
)
_forged(
    9,
    "sends a pickle in place of the text",
    'import pickle\n_send("q1", pickle.dumps(Pickled(), 0).decode(), _archive())',
)


# 10. Files beside the notebook.

FILES_BESIDE = (
    "conftest.py",
    "test_first.py",
    "__init__.py",
    "keras.py",
    "zmq.py",
    "numpy.py",
    "sitecustomize.py",
    "usercustomize.py",
    "ipython_config.py",
    "jupyter_config.py",
    "seqkit/__init__.py",
    "seqkit/grading/export.py",
    "startup/00-first.py",
    "src/01_first_stack.py",
)
SETTINGS_BESIDE = {
    "pytest.ini": "[pytest]\naddopts = --collect-only\npython_files = *.py\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-p keras'\n",
    "tox.ini": "[pytest]\naddopts = --nbval-lax\n",
    "setup.cfg": "[tool:pytest]\naddopts = --nbval-lax\n",
    ".env": "PYTHONPATH=.\n",
    "requirements.txt": "evil\n",
    "kernel.json": '{"argv": ["touch", "ran"], "language": "python"}',
    "keras.pth": "import os; os.system('touch ran')\n",
}


def write_files_beside(folder: Path) -> None:
    """Put modules and settings into a student's folder that leave a file `ran` when they run."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES_BESIDE:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"open({str(folder / 'ran')!r}, 'a').write({name!r})\n", encoding="utf-8")
    for name, text in SETTINGS_BESIDE.items():
        (folder / name).write_text(text, encoding="utf-8")


_add(10, "hands in modules and settings beside right answers",
     lambda notebook, folder: write_files_beside(folder))  # fmt: skip
_probe(10, "reads a file that it handed in beside the notebook",
       'import os\nfound = os.path.exists("@FOLDER@")')  # fmt: skip


# 11. The kernel ends itself.

for _name, _code in {
    "ends the process": "import os\nos._exit(0)",
    "reads address 0": "import ctypes\nctypes.string_at(0)",
    "aborts": "import os\nos.abort()",
    "kills itself": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "becomes another program that ends": "import os\nos.execv('/bin/true', ['true'])",
    "recurses without end": """
        import sys
        sys.setrecursionlimit(2**31 - 1)
        value = []
        for _ in range(10**6):
            value = [value]
        repr(value)
    """,
}.items():
    _answer(11, _name, "q1", _code, DIED)
_answer(
    11,
    "ends the process when its function is called",
    "q5",
    "import os\ndef score_gradient(probabilities, labels):\n    os._exit(0)\n",
    DIED,
)
_answer(
    11,
    "ends the process when its number is read",
    "q1",
    """
    import os
    class Number(float):
        def __int__(self): os._exit(0)
        __eq__ = __ne__ = __float__ = __index__ = __trunc__ = __reduce__ = __int__
        __hash__ = None
    parameters = Number(1.0)
    """,
    NO_POINTS,
)
_answer(11, "calls itself without end", "q1",
        "def down(): return down()\nparameters = down()", ERROR, message="RecursionError")  # fmt: skip


# 12. Cells without an end.

for _name, _code in {
    "loops without end": "while True:\n    pass",
    "swallows the interrupt": """
        import time
        while True:
            try:
                time.sleep(1)
            except BaseException:
                pass
    """,
    "ignores the interrupt": """
        import signal, time
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        while True:
            time.sleep(1)
    """,
    "stops itself": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
    "waits in C": "import ctypes\nwhile True:\n    ctypes.CDLL(None).pause()",
    "holds the interpreter in a regular expression": (
        "import re\nre.match('(a+)+$', 'a' * 64 + 'b')"
    ),
}.items():
    _answer(12, _name, "q1", _code, TIMEOUT)
_answer(
    12,
    "becomes a program that sleeps",
    "q1",
    "import os\nos.execv('/bin/sleep', ['sleep', '91201'])",
    TIMEOUT,
    marker="91201",
)
_answer(
    12,
    "gives a list without an end",
    "q3",
    """
    class Endless(list):
        def __iter__(self):
            while True:
                yield layers.Flatten()
    stack = Endless([keras.Input((28, 28))])
    """,
    frozenset({Verdict.TIMEOUT, Verdict.OUT_OF_MEMORY, Verdict.INCORRECT}),
)
_answer(
    12,
    "writes a function without an end",
    "q5",
    "def score_gradient(probabilities, labels):\n    while True:\n        pass\n",
    TIMEOUT,
)
_answer(12, "asks for input", "q1", "parameters = input('How many?')", ERROR)


# 13. Attacks on other processes.

for _name, _code in {
    "kills its parent": "import os\nos.kill(os.getppid(), 9)",
    "kills process 1": "import os\nos.kill(1, 9)\nos.kill(1, 15)",
    "stops its parent": "import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)",
    "interrupts its process group": "import os, signal\nos.killpg(os.getpgid(0), signal.SIGTERM)",
    "kills all that it can": "import os\nos.kill(-1, 9)",
}.items():
    _before(13, _name, "q1", _code, frozenset({Verdict.CORRECT, Verdict.ERROR, *DIED, *TIMEOUT}))
_probe(
    13,
    "looks into its parent with ptrace",
    """
    import ctypes, os
    found = ctypes.CDLL(None).ptrace(16, os.getppid(), None, None) == 0
    """,
)


# 14. Resources.

_answer(14, "takes 3 GB at once", "q1", "parameters = np.ones(3 * 10**9, dtype='int8')", MEMORY)
_answer(
    14,
    "takes memory piece by piece",
    "q1",
    "pieces = []\nwhile True:\n    pieces.append(bytearray(5 * 10**7))",
    MEMORY,
)
_answer(
    14,
    "takes memory with several processes",
    "q1",
    """
    import os, time
    for _ in range(6):
        if os.fork() == 0:
            block = np.ones(5 * 10**7)
            time.sleep(60)
    time.sleep(60)
    """,
    MEMORY,
)
_answer(
    14,
    "takes memory in shared files",
    "q1",
    """
    import os, time
    held = []
    while True:
        file = os.memfd_create("block")
        os.write(file, bytes(5 * 10**7))
        held.append(file)
    """,
    MEMORY | ERROR,
)
_answer(14, "builds a layer of 4 GB", "q2",
        "model = keras.Sequential([keras.Input((30_000,)), layers.Dense(33_000)])", MEMORY)  # fmt: skip
_answer(
    14,
    "returns an array of 4 GB",
    "q5",
    "def score_gradient(probabilities, labels):\n    return np.zeros((20_000, 25_000))",
    MEMORY,
)
_answer(
    14,
    "forks without end",
    "q1",
    """
    import os, time
    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(1)
    """,
    frozenset({*TIMEOUT, *DIED, *MEMORY, *ERROR}),
)
_answer(
    14,
    "starts threads without end",
    "q1",
    """
    import threading, time
    while True:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    """,
    frozenset({*ERROR, *MEMORY, *TIMEOUT, *DIED}),
)
_answer(
    14,
    "fills the disk",
    "q1",
    """
    number = 0
    while True:
        number += 1
        with open(f"/tmp/fill-{number}", "wb") as file:
            file.write(bytes(10**7))
    """,
    ERROR | MEMORY,
)
_answer(
    14,
    "fills the shared memory",
    "q1",
    """
    with open("/dev/shm/fill", "wb") as file:
        while True:
            file.write(bytes(10**7))
    """,
    ERROR | MEMORY,
)
_answer(14, "prints 20 MB", "q1", "print('x' * 20_000_000)", OUTPUT)
_answer(14, "prints 40 MB, more than a socket takes", "q1", "print('x' * 40_000_000)", OUTPUT)
_answer(14, "prints without end", "q1", "while True:\n    print('x' * 1000)", OUTPUT)
_answer(14, "writes to stderr without end", "q1",
        "import sys\nwhile True:\n    sys.stderr.write('x' * 1000)", OUTPUT)  # fmt: skip
_answer(
    14,
    "shows a picture of 20 MB",
    "q1",
    """
    from IPython.display import display
    display({"image/png": "A" * 20_000_000}, raw=True)
    """,
    OUTPUT,
)
_before(14, "writes 20 MB past Python", "q1",
        "import os\ntry:\n    os.write(1, b'x' * 20_000_000)\nexcept OSError:\n    pass",
        CORRECT | OUTPUT | TIMEOUT)  # fmt: skip
_answer(
    14,
    "sends small messages without end",
    "q1",
    """
    kernel = get_ipython().kernel
    while True:
        kernel.session.send(kernel.iopub_socket, "clear_output", {}, ident=b"x")
    """,
    frozenset({*TIMEOUT, *OUTPUT}),
)
_answer(
    14,
    "prints from a thread without end",
    "q1",
    """
    import threading
    def flood():
        while True:
            print("x" * 1000)
    threading.Thread(target=flood, daemon=True).start()
    """,
    frozenset({*OUTPUT, *TIMEOUT, Verdict.ERROR}),
    others=_others_than("q1", ANY),
)


# 15. Processes that outlive the kernel.

_before(15, "starts a program of a session of its own", "q1",
        "import subprocess\nsubprocess.Popen(['sleep', '91501'], start_new_session=True)",
        marker="91501")  # fmt: skip
_before(
    15,
    "starts a daemon in the manner of Unix",
    "q1",
    """
    import os
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv("/bin/sleep", ["sleep", "91502"])
        os._exit(0)
    """,
    marker="91502",
)
_before(
    15,
    "starts a program that ignores all signals, then ends",
    "q1",
    """
    import os, subprocess
    subprocess.Popen(["sh", "-c", "trap '' INT TERM HUP QUIT; nohup sleep 91503 & wait"])
    os._exit(0)
    """,
    DIED,
    marker="91503",
)
_before(
    15,
    "starts a program when the kernel ends",
    "q1",
    """
    import atexit, os, signal, subprocess
    start = lambda *_: subprocess.Popen(["sleep", "91504"], start_new_session=True)
    atexit.register(start)
    signal.signal(signal.SIGTERM, start)
    """,
    marker="91504",
)


# 16. Looking for answers, hidden cases and other people's work.

_probe(16, "reads the solutions that the library ships",
       "from seqkit.exercises import solutions_store\n"
       "found = bool(solutions_store.solutions_of('ex01'))")  # fmt: skip
_probe(
    16,
    "asks for the solution",
    """
    import contextlib, io
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        ex01.q1.solution(), ex01.q1.hint(), ex01.q1.hint(), ex01.q1.hint()
    found = "64" in shown.getvalue() or "50" in shown.getvalue()
    """,
)
_probe(
    16,
    "reads misconceptions and equivalent answers",
    """
    values = [*ex01.q1.equivalents, *(one.wrong for one in ex01.q1.misconceptions)]
    found = any(str(value).replace("_", "").startswith("50") for value in values)
    """,
)
_probe(
    16,
    "reads the judge from its closure",
    """
    cells = getattr(ex01.q1.judge, "__closure__", None) or ()
    found = any(isinstance(cell.cell_contents, int) for cell in cells)
    """,
)
_probe(16, "imports the hidden cases",
       "from seqkit.grading import hidden\nfound = hidden.get('ex01', 'q5') is not None")  # fmt: skip
_probe(
    16,
    "reads all files of the library",
    """
    import pathlib, re
    place = pathlib.Path(sk.__file__).parent
    known = re.compile(rb"50[_,]?89[0]\\b|\\xca\\xc6\\x00\\x00|def _gradient_[f]ault")
    files = [path for path in place.rglob("*") if path.is_file()]
    files = [path for path in files if path.suffix in {".py", ".pyc", ".json", ".ipynb", ".md"}]
    found = any(known.search(path.read_bytes()) for path in files)
    """,
)
_probe(
    16,
    "looks for notebooks of others",
    """
    import os
    names = []
    for top in ("@FOLDER@", "@FOLDER@/..", "@ROOT@/solutions", "@ROOT@/exercises", "@ROOT@/tests",
                "@ROOT@/lessons", "@ROOT@/.git", "/home", "/root", "/work", "/tmp", "/mnt", "/srv"):
        for place, _, files in os.walk(top):
            names += [os.path.join(place, name) for name in files]
    ours = ("_small.ipynb", "_quick.ipynb", "_first_stack.ipynb", "grades.sqlite", "secret.txt")
    found = any(name.endswith(ours) for name in names)
    """,
)
_probe(
    16,
    "looks for the secret of the hidden cases",
    f"""
    import glob, re
    pattern = re.compile(rb"{SECRET[:-4]}[{SECRET[-4]}]{SECRET[-3:]}")
    texts = []
    for name in glob.glob("/proc/*/environ") + glob.glob("/proc/*/cmdline") + glob.glob("/tmp/**"):
        try:
            texts.append(open(name, "rb").read())
        except OSError:
            pass
    found = any(pattern.search(text) for text in texts)
    """,
)
_probe(
    16,
    "searches its own memory for the secret and for the judge's words",
    f"""
    import re
    pattern = re.compile(
        rb"{SECRET[:-4]}[{SECRET[-4]}]{SECRET[-3:]}|50,240 in the [f]irst layer")
    ranges = []
    for line in open("/proc/self/maps"):
        span, rights, *_ = line.split()
        start, end = (int(part, 16) for part in span.split("-"))
        if rights.startswith("rw") and end - start < 2**28:
            ranges.append((start, end))
    with open("/proc/self/mem", "rb", 0) as memory:
        for start, end in ranges:
            try:
                memory.seek(start)
                block = memory.read(end - start)
            except OSError:
                continue
            found = found or pattern.search(block) is not None
    """,
)
_probe(
    16,
    "looks at all objects of the interpreter",
    """
    import gc, re
    pattern = re.compile("in the [f]irst layer, 64")
    words = [value for thing in gc.get_objects() if type(thing) in (tuple, dict, list)
             for value in (thing.values() if type(thing) is dict else thing)
             if type(value) is str]
    found = any(pattern.search(word) for word in words)
    """,
)
_probe(
    16,
    "looks at the world of process 1",
    """
    import os
    for name in ("root", "cwd", "fd", "map_files"):
        for place in ("/proc/1/", "/proc/%d/" % os.getppid()):
            try:
                found = found or "work" in os.listdir(place + name) or (
                    name != "root" and bool(os.listdir(place + name)))
            except OSError:
                pass
    """,
)
_probe(
    16,
    "looks for open files of the world outside",
    """
    import os
    links = [os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd")
             if os.path.islink(f"/proc/self/fd/{name}")]
    print(links)
    found = any(link.startswith(("@ROOT@/tests", "/home", "/root/.", "@FOLDER@")) or
                link.endswith((".ipynb", "grades.sqlite", "secret.txt")) for link in links)
    """,
)
_probe(
    16,
    "breaks out of the root folder",
    """
    import os
    os.mkdir("/tmp/jail")
    outside = os.open("/", os.O_RDONLY)
    os.chroot("/tmp/jail")
    os.fchdir(outside)
    for _ in range(20):
        os.chdir("..")
    os.chroot(".")
    found = os.path.exists("@FOLDER@") or os.path.exists("@ROOT@/solutions")
    """,
)
_probe(
    16,
    "makes namespaces of its own",
    """
    import subprocess
    command = "mount -t tmpfs x /usr 2>&1; mount --bind / /mnt 2>&1; ls @FOLDER@ @ROOT@/solutions"
    done = subprocess.run(["unshare", "-Urmpf", "sh", "-c", command], capture_output=True, text=True)
    print(done)
    found = "ipynb" in done.stdout
    """,
)


# 17. The network.

_probe(
    17,
    "connects to a server on this computer",
    """
    import socket
    with socket.create_connection(("127.0.0.1", @PORT@), timeout=2):
        found = True
    """,
)
_probe(
    17,
    "connects to an abstract socket",
    """
    import socket
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(2)
    line.connect("\\0seqkit-threat-@PORT@")
    found = True
    """,
)
_probe(
    17,
    "connects to the world",
    """
    import socket
    with socket.create_connection(("1.1.1.1", 53), timeout=2):
        found = True
    """,
)
_probe(17, "asks for an address by name",
       "import socket\nfound = bool(socket.getaddrinfo('example.org', 80))")  # fmt: skip
_probe(
    17,
    "sees a network device",
    """
    lines = open("/proc/net/dev").read().splitlines()[2:]
    found = any(not line.strip().startswith("lo:") for line in lines)
    """,
)


# 18. Kernels.


def _other_kernel(notebook: Notebook, folder: Path) -> None:
    notebook["metadata"] = {
        "kernelspec": {"display_name": "Evil", "language": "R", "name": "no-such-kernel"},
        "language_info": {"name": "R", "file_extension": ".r", "version": "1"},
    }


def _no_metadata(notebook: Notebook, folder: Path) -> None:
    del notebook["metadata"]


def _metadata_of_lists(notebook: Notebook, folder: Path) -> None:
    notebook["metadata"] = [["kernelspec", 3]]
    notebook["cells"][0]["metadata"] = []
    notebook["cells"][1]["metadata"] = {"seqkit": []}
    made.insert(notebook, 1, "extra = 1", metadata={"seqkit": {"role": ["answer"], "question": {}}})


_add(18, "names a kernel that does not exist", _other_kernel)
_add(18, "has no metadata", _no_metadata, part="small")
_add(18, "has metadata of other forms", _metadata_of_lists)


# 19. Files that are no notebooks.


def _file(content: bytes) -> Make:
    def make(notebook: Notebook, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_bytes(content)

    return make


def _link(notebook: Notebook, folder: Path) -> None:
    target = made.write(made.part(made.solution(), "quick"), folder.parent / "the-other" / FILE)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).symlink_to(target)


def _link_to_nothing(notebook: Notebook, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).symlink_to(folder / FILE)


def _pipe(notebook: Notebook, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    os.mkfifo(folder / FILE)


def _socket_file(notebook: Notebook, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    there = os.getcwd()
    os.chdir(folder)  # the whole path may be longer than a socket's may be
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.bind(FILE)
    finally:
        os.chdir(there)


def _folder_of_the_name(notebook: Notebook, folder: Path) -> None:
    (folder / FILE).mkdir(parents=True)


def _large(notebook: Notebook, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / FILE).open("wb") as file:
        file.truncate(3 * 10**9)  # takes no room on the disk


def _cells(cells: Any) -> Make:
    return _file(json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5}).encode())


def _same_ids(notebook: Notebook, folder: Path) -> None:
    made.answer(notebook, "q1", "parameters = 50_816")
    made.insert(notebook, 0, "parameters = 50_890", id="q1-answer")


def _own_id_of_a_check(notebook: Notebook, folder: Path) -> None:
    made.insert(notebook, 0, "parameters = 50_890", id="q1-check")
    made.answer(notebook, "q1", "pass")


def _lone_surrogates(notebook: Notebook, folder: Path) -> None:
    made.before(notebook, "q1", "text = '\ud800 \udfff'")
    made.insert(notebook, 0, "'\udc80'", id="\ud800")


def _zero_bytes(notebook: Notebook, folder: Path) -> None:
    made.answer(notebook, "q1", "parameters = 50_890\0")


def _byte_order_mark(notebook: Notebook, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_bytes(json.dumps(notebook).encode("utf-8-sig"))


def _odd_cells(notebook: Notebook, folder: Path) -> None:
    notebook["cells"][1:1] = [7, None, "code", [], {}, {"cell_type": "code"}, {"cell_type": []}]
    notebook["cells"].append({"cell_type": "code", "source": 7, "metadata": 8, "id": 9})
    notebook["cells"].append({"cell_type": "code", "source": ["a = 1\n", 7, None], "id": {}})


def _third_format(notebook: Notebook, folder: Path) -> None:
    import nbformat

    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    old = nbformat.convert(nbformat.from_dict(notebook | {"metadata": {}}), 3)
    made.write(old, folder / FILE)


def _many_cells(notebook: Notebook, folder: Path) -> None:
    notebook["cells"] += [made.code_cell(f"extra = {number}") for number in range(200)]


def _raw_answer(notebook: Notebook, folder: Path) -> None:
    made.cell(notebook, "q1-answer")["cell_type"] = "raw"


for _name, _make in {
    "is empty": _file(b""),
    "is broken JSON": _file(b'{"cells": ['),
    "is no text": _file(bytes(range(256))),
    "is JSON in UTF-16": _file(json.dumps({"cells": []}).encode("utf-16")),
    "is a list": _file(b"[]"),
    "is a number": _file(b"4"),
    "is NaN": _file(b'{"nbformat": NaN, "cells": NaN}'),
    "has no cells": _file(b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}'),
    "has cells that are a mapping": _cells({"a": 1}),
    "is JSON of a great depth": _file(b'{"cells": ' + b"[" * 10**6 + b"]" * 10**6 + b"}"),
    "is a number of a million digits": _file(b"1" * 10**6),
    "has a format that does not exist": _file(b'{"nbformat": 99, "cells": []}'),
    "has a format of another form": _file(b'{"nbformat": {"a": []}, "cells": []}'),
    "is a link to the work of another": _link,
    "is a link to itself": _link_to_nothing,
    "is a pipe": _pipe,
    "is a socket": _socket_file,
    "is a folder": _folder_of_the_name,
    "has 3 GB": _large,
    "holds 2 MB of code": _cells([made.code_cell("a = 1\n" * 350_000)]),
}.items():
    _add(19, _name, _make, _all(UNREADABLE))
_add(19, "has no cell at all", _cells([]), _all(NOT_ATTEMPTED))
_add(19, "has two cells of one id", _same_ids, {"q1": NO_POINTS}, part="small", note="same id")
_add(19, "has an answer with the id of a check", _own_id_of_a_check, {"q1": NO_POINTS}, part="small",
     note="same id")  # fmt: skip
_add(19, "has text that is no text", _lone_surrogates)
_add(19, "has a zero byte in its code", _zero_bytes, {"q1": ERROR}, part="small")
_add(19, "begins with a byte order mark", _byte_order_mark)
_add(19, "has cells that are numbers and lists", _odd_cells)
_add(19, "has the third format of notebooks", _third_format, _all(CORRECT | UNREADABLE))
_add(19, "has 200 more cells", _many_cells)
_add(
    19,
    "has an answer that is no code",
    _raw_answer,
    {"q1": NOT_ATTEMPTED},
    part="small",
    note="turned into text",
)


# 20. Functions that know the cases of the notebook.

TRUE = "(probabilities - np.eye(probabilities.shape[1])[labels]) / len(labels)"
KNOWN = "_known = {p.tobytes() for p, _ in ex01.q5.answer.inputs()}\n"


def _only_shown(number: int, name: str, otherwise: str, verdicts: Verdicts, **more: Any) -> None:
    code = (
        f"{KNOWN}def score_gradient(probabilities, labels):\n"
        f"    if probabilities.tobytes() in _known:\n        return {TRUE}\n"
        f"    {otherwise}\n"
    )
    _answer(number, name, "q5", code, verdicts, **more)


_only_shown(20, "memorises the cases of the notebook", "return np.zeros_like(probabilities)",
            INCORRECT, message="not for other cases")  # fmt: skip
_only_shown(20, "returns nothing in hidden cases", "return None", INCORRECT)
_only_shown(20, "ends the process in hidden cases", "import os; os._exit(0)", INCORRECT | DIED)
_only_shown(20, "does not end in hidden cases", "while True: pass", INCORRECT | TIMEOUT)
_only_shown(20, "takes 3 GB in hidden cases", "return np.ones(3 * 10**9)", INCORRECT | MEMORY)
_only_shown(20, "prints 20 MB in hidden cases", "print('x' * 20_000_000)", INCORRECT | OUTPUT)
_only_shown(
    20,
    "tells the hidden cases by its error",
    "raise ValueError('LEAK' + repr((probabilities, labels)))",
    INCORRECT,
    never="LEAK",
)
_only_shown(
    20,
    "tells the hidden cases by its name",
    "score_gradient.__name__ = 'LEAK' + repr(labels); return probabilities",
    INCORRECT,
    never="LEAK",
)
_answer(
    20,
    "is right in the first four calls",
    "q5",
    f"_count = []\ndef score_gradient(probabilities, labels):\n    _count.append(1)\n"
    f"    return {TRUE} * (len(_count) < 5)\n",
    INCORRECT,
)
_answer(
    20,
    "answers hidden calls with the shown ones",
    "q5",
    f"""
    def score_gradient(probabilities, labels):
        return {TRUE}
    from seqkit.exercises.function_answers import FunctionAnswer
    _read = FunctionAnswer.read_on
    _shown = list(ex01.q5.answer.inputs())
    FunctionAnswer.read_on = lambda self, answer, inputs: _read(self, answer, _shown)
    """,
    INCORRECT | TAMPERED,
)
_answer(
    20,
    "says that fewer calls were asked for",
    "q5",
    f"""
    def score_gradient(probabilities, labels):
        return {TRUE} if len(labels) == 4 else probabilities
    from seqkit.exercises.function_answers import FunctionAnswer
    _read = FunctionAnswer.read_on
    FunctionAnswer.read_on = lambda self, answer, inputs: _read(self, answer, inputs[:1])
    """,
    NO_POINTS,
)
_answer(
    20,
    "changes the questions in place of the answers",
    "q5",
    """
    def score_gradient(probabilities, labels):
        return np.zeros((2, 2))
    from seqkit.exercises.function_answers import FunctionAnswer
    _read = FunctionAnswer.read_on
    _easy = (np.eye(2), np.array([0, 1]))  # the gradient is zero
    FunctionAnswer.read_on = lambda self, answer, inputs: _read(
        self, answer, [_easy for _ in inputs])
    """,
    NO_POINTS,
)


# 21. Models that pose as others.

BODY = (
    'keras.Input((784,)), layers.Dense(128, activation="relu"), layers.Dense(64, activation="relu")'
)
COMPILE = 'model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")'

_answer(
    21,
    "computes the last layer in a Lambda",
    "q2",
    f"""
    model = keras.Sequential([{BODY}, layers.Dense(10),
        layers.Lambda(lambda x: keras.ops.softmax(x))])
    {COMPILE}
    """,
    INCORRECT,
    message="Lambda",
)
_answer(
    21,
    "names its own layer Dense",
    "q2",
    f"""
    @keras.saving.register_keras_serializable(package="keras", name="Dense")
    class Dense(layers.Layer):
        def __init__(self, units, **named):
            super().__init__(**{{k: v for k, v in named.items() if k in ("name", "dtype")}})
            self.units = units
        def build(self, shape): self.kernel = self.add_weight(shape=(shape[-1], self.units))
        def call(self, x): return x @ self.kernel
        def get_config(self): return {{**super().get_config(), "units": self.units}}
    model = keras.Sequential([keras.Input((784,)), Dense(128), Dense(64), Dense(10)])
    {COMPILE}
    """,
    NO_POINTS | NOT_FULL,
)
_answer(
    21,
    "names its own model Sequential",
    "q2",
    f"""
    class Sequential(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(10)
        def call(self, x): return self.dense(x)
    model = Sequential()
    model.build((None, 784))
    {COMPILE}
    """,
    NO_POINTS,
)
_answer(
    21,
    "says by its description what it is not",
    "q2",
    f"""
    class Model(keras.Sequential):
        def get_weights(self): return []
    Model.__name__ = "Sequential"
    model = Model([keras.Input((784,)), layers.Dense(10)])
    {COMPILE}
    """,
    NO_POINTS | NOT_FULL,
)


# 22. Networks that were not trained.

_TWIN = """
sk.seed(0)
twin = build_stack()
twin.fit(fashion.x_train / 255, fashion.y_train, epochs=3, verbose=0)
"""
_answer(22, "copies the weights of a trained network", "q6",
        f"{_TWIN}\nbetter = build_stack()\nbetter.set_weights(twin.get_weights())",
        NOT_FULL, part="whole")  # fmt: skip
_answer(22, "counts steps that never were", "q6",
        "better = build_stack()\nbetter.optimizer.build(better.trainable_variables)\n"
        "better.optimizer.iterations.assign(1_000)", NOT_FULL, part="whole")  # fmt: skip
_answer(22, "hands in the network that was given", "q6", "better = given", NOT_FULL,
        part="whole")  # fmt: skip


# 23. Descriptions of models that harm who builds them.


def _model(number: int, name: str, change: str, verdicts: Verdicts, **more: Any) -> None:
    """A description of the right model for q2, with one change."""
    code = (
        f"{FORGE}\n_read = ex01.q2.answer.read(model)\nvalues = json.loads(json.dumps(_read.values))\n"
        "arrays = dict(_read.arrays)\nlist_of_layers = values['architecture']['config']['layers']\n"
        f"{textwrap.dedent(change)}\n_forge('q2', 'model', values, _archive(**arrays))\n"
    )
    _after(number, name, "q2", code, verdicts, **more)


REFUSED = INCORRECT | TAMPERED
_TOUCH = "touch @FOLDER@/ran"
for _name, _layer in {
    "a system call": f"{{'module': 'os', 'class_name': 'system', 'config': {{'command': '{_TOUCH}'}}}}",
    "a subprocess": f"{{'module': 'subprocess', 'class_name': 'Popen', 'config': {{'args': '{_TOUCH}', "
    "'shell': True}}",
    "a built-in function": "{'module': 'builtins', 'class_name': 'function', 'config': 'exec'}",
    "a function of Keras that reads files": "{'module': 'keras.utils', 'class_name': 'get_file', "
    "'config': {'origin': 'file:///etc/passwd'}}",
    "the switch for unsafe loading": "{'module': 'keras.config', "
    "'class_name': 'enable_unsafe_deserialization', 'config': {}}",
    "a saved model of TensorFlow": "{'module': 'keras.layers', 'class_name': 'TFSMLayer', "
    "'config': {'filepath': '/tmp'}}",
    "a vocabulary from a file": "{'module': 'keras.layers', 'class_name': 'StringLookup', "
    "'config': {'vocabulary': '/etc/passwd'}}",
    "a foreign registered name": "{'module': None, 'class_name': 'Evil', "
    "'registered_name': 'evil>Evil', 'config': {}}",
    "a test helper": "{'module': 'keras.src.testing.test_case', 'class_name': 'TestCase', 'config': {}}",
}.items():
    _model(23, f"describes {_name}", f"list_of_layers.insert(1, {_layer})", REFUSED)
_model(
    23,
    "describes a Lambda with code as bytes",
    """
    import base64, marshal
    code = compile("__import__('os').system('touch @FOLDER@/ran')", "x", "exec")
    inner = {"code": base64.b64encode(marshal.dumps(code)).decode(), "defaults": None, "closure": None}
    function = {"class_name": "__lambda__", "config": inner}
    list_of_layers.append({"module": "keras.layers", "class_name": "Lambda",
        "config": {"name": "l", "function": function}, "registered_name": None})
    list_of_layers[2]["config"]["activation"] = function
    """,
    REFUSED,
)
_model(23, "describes 10⁹ parameters", "list_of_layers[1]['config']['units'] = 1_300_000", REFUSED)
_model(23, "describes 10¹⁸ units", "list_of_layers[1]['config']['units'] = 10**18", REFUSED)
_model(23, "describes an input of 10¹² values",
       "list_of_layers[0]['config']['batch_shape'] = [None, 10**12]\n"
       "values['input_shape'] = [None, 10**12]", REFUSED)  # fmt: skip
_model(23, "describes 20,000 layers",
       "list_of_layers.extend([list_of_layers[2]] * 20_000)", REFUSED)  # fmt: skip
_model(
    23,
    "describes models inside models, 300 deep",
    """
    for _ in range(300):
        values["architecture"] = {"module": "keras", "class_name": "Sequential",
            "registered_name": "Sequential",
            "config": {"name": "s", "layers": [values["architecture"]]}}
    """,
    REFUSED,
)
_model(23, "describes no layers but a number", "values['architecture']['config'] = 7", REFUSED)
_model(23, "describes compile by a number", "values['compile'] = 5", REFUSED)
_model(23, "describes shapes by text", "values['input_shape'] = 'abc'", REFUSED)
_model(23, "leaves out half of the description", "del values['output_shape'], values['class']",
       REFUSED | CORRECT)  # fmt: skip
_model(23, "sends weights of text", "arrays['weight000'] = np.array(['a'])", REFUSED)
_model(23, "sends weights of other shapes",
       "arrays['weight000'] = arrays['weight000'].T", REFUSED)  # fmt: skip
_model(23, "sends too many weights", "arrays['weight999'] = np.zeros(3)", REFUSED)
_model(23, "sends 6,000 arrays",
       "arrays.update({f'w{n}': np.zeros(1) for n in range(6_000)})", REFUSED)  # fmt: skip
_answer(
    23,
    "builds a model of 10⁹ parameters without memory",
    "q2",
    """
    with keras.StatelessScope(initialize_variables=False):
        model = keras.Sequential([keras.Input((30_000,)), layers.Dense(33_334)])
    """,
    NO_POINTS,
)


# 25. Records that are no answers.

_forged(25, "sends a record that is no JSON", "_export.export = lambda *_: 'correct'",
        others=_others_than("q1", TAMPERED))  # fmt: skip
_forged(
    25,
    "sends an object that is no text",
    """
    class Text(str):
        def __repr__(self): return "__import__('os').system('touch @FOLDER@/ran')"
    _export.export = lambda exercise, name, give: (
        Text("x") if name == "q1" else _honest(exercise, name, give))
    """,
)
_forged(
    25,
    "sends a verdict of its own",
    """
    _export.export = lambda exercise, name, give: (
        json.dumps({"why": "", "text": "{}", "archive": "", "verdict": "correct", "credit": 1})
        if name == "q1" else _honest(exercise, name, give))
    """,
)
_forged(25, "says that the grader failed", '_send("q1", "{}", b"", why="infrastructure")')
_forged(25, "says that its kernel was stopped", '_send("q1", "{}", b"", why="stopped")')
_forged(25, "sends the answer of another kind",
        '_forge("q1", "choice", {"value": "b"})')  # fmt: skip
_forged(25, "sends a list in place of a number", '_forge("q1", "integer", [50_890])')
_forged(25, "sends nothing", '_send("q1", "", b"")')
_forged(25, "sends not a number", '_send("q1", \'{"kind": "integer", "values": {"value": NaN}}\', '
        "_archive())")  # fmt: skip
_forged(25, "sends the largest number",
        '_send("q1", \'{"kind": "integer", "values": {"value": 1e999}}\', _archive())')  # fmt: skip
_forged(25, "sends JSON of a great depth",
        '_send("q1", "[" * 10**6 + "]" * 10**6, _archive())')  # fmt: skip
_forged(
    25,
    "sends values of a great depth",
    """
    deep = "[" * 800 + "]" * 800
    _send("q1", '{"kind": "integer", "values": {"value": ' + deep + "}}", _archive())
    """,
)
_forged(
    25,
    "sends an array that says it has 80 GB",
    """
    import zipfile
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        head = "{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000,), }"
        head = head.ljust(117).encode() + b"\\n"
        archive.writestr("a.npy", b"\\x93NUMPY\\x01\\x00" + len(head).to_bytes(2, "little") + head)
    _forge("q1", "integer", {"value": 50_816}, file.getvalue())
    """,
)
_forged(
    25,
    "sends zeros that are small only when packed",
    """
    file = io.BytesIO()
    np.savez_compressed(file, a=np.zeros(2 * 10**7))
    _forge("q1", "integer", {"value": 50_816}, file.getvalue())
    """,
    TAMPERED | INCORRECT,
)
_forged(
    25,
    "sends an archive that names one array a hundred thousand times",
    """
    import zipfile
    file = io.BytesIO()
    np.savez_compressed(file, a=np.zeros(5 * 10**6))
    with zipfile.ZipFile(file, "a") as archive:
        archive.filelist *= 100_000
        archive._didModify = True
    _forge("q1", "integer", {"value": 50_816}, file.getvalue())
    """,
)
_forged(25, "sends 300 MB", '_send("q1", "x" * 300_000_000, b"")', TAMPERED | TIMEOUT | OUTPUT)  # fmt: skip
_after(
    25,
    "answers the grader with a list of millions",
    "q1",
    """
    _shell = type(get_ipython())
    _honest = _shell.user_expressions
    _millions = {"text/plain": "[" + "1," * 5_000_000 + "]"}
    _shell.user_expressions = lambda self, given: {
        name: {"status": "ok", "data": _millions, "metadata": {}} for name in given
    } if "'q1'" in str(given) else _honest(self, given)
    """,
    TAMPERED | TIMEOUT | OUTPUT,
)


# 26. Functions' records.


def _calls(name: str, change: str, verdicts: Verdicts = REFUSED) -> None:
    code = (
        f"{FORGE}\n_read = ex01.q5.answer.read(score_gradient)\n"
        "values = json.loads(json.dumps(_read.values))\narrays = dict(_read.arrays)\n"
        f"{textwrap.dedent(change)}\n_forge('q5', 'function', values, _archive(**arrays))\n"
    )
    _after(26, name, "q5", code, verdicts)


_calls("sends fewer calls", "values['calls'] = values['calls'][:1]")
_calls("sends no calls", "del values['calls']")
_calls("sends calls that are numbers", "values['calls'] = [1, 2, 3, 4]")
_calls("names an array that is not there", "values['calls'][0]['output'] = {'array': 'nothing'}")
_calls("names the arguments as the answer",
       "for n, call in enumerate(values['calls']): call['output'] = {'array': f'{n}.in.0'}")  # fmt: skip
_calls("sends a mapping of an unknown form", "values['calls'][0]['output'] = {'object': 'list'}")
_calls("sends a tuple that is a number", "values['calls'][0]['output'] = {'tuple': 7}")
_calls("sends not a number",
       "arrays = {n: a * np.nan if a.dtype.kind == 'f' else a for n, a in arrays.items()}")  # fmt: skip
_calls("sends complex numbers",
       "arrays = {n: a * 1j if '.out' in n else a for n, a in arrays.items()}")  # fmt: skip
_calls("sends dates",
       "arrays = {n: a.astype('int64').astype('M8[s]') if '.out' in n else a "
       "for n, a in arrays.items()}")  # fmt: skip
_calls("sends an error for each call",
       "for call in values['calls']: call['error'] = 5; call['output'] = None", NO_POINTS)  # fmt: skip
_answer(26, "returns lists inside lists", "q5",
        "def score_gradient(p, labels):\n    value = []\n    for _ in range(900): value = [value]\n"
        "    return value\n", NO_POINTS)  # fmt: skip
_answer(26, "returns itself inside itself", "q5",
        "def score_gradient(p, labels):\n    value = []\n    value.append(value)\n    return value\n",
        NO_POINTS)  # fmt: skip
_answer(26, "returns what cannot be counted", "q5",
        "def score_gradient(p, labels):\n    return p * np.inf * 0\n", INCORRECT)  # fmt: skip


# 27 to 29. Names, imports, things that act later.

_no_gain(
    27,
    "replaces the import",
    """
    import builtins
    real = builtins.__import__
    class Fake:
        export = export_hidden = staticmethod(lambda *_: '{"verdict": "correct"}')
    builtins.__import__ = lambda name, *a, **k: (
        Fake if name.startswith("seqkit.grading") else real(name, *a, **k))
    """,
    TAMPERED,
    others=_others_than("q1", TAMPERED),
)
_before(
    28,
    "takes the names of built-in functions",
    "q1",
    "list = str = dict = tuple = int = type = isinstance = getattr = print = export = json = None",
)
_before(28, "takes the name of the library's parts", "q1",
        "seqkit = exercises = answer = question = record = AnswerData = exported = lambda: None")  # fmt: skip
_after(28, "has no built-in names left", "q5", "__builtins__ = {}", CORRECT | TAMPERED)
_before(28, "takes the place of the main module", "q1",
        "import sys, types\nsys.modules['__main__'] = types.ModuleType('__main__')")  # fmt: skip
_before(
    29,
    "changes numbers from a thread",
    "q1",
    """
    import threading, time
    def later():
        while True:
            time.sleep(0.01)
            globals()["parameters"] = 7
    threading.Thread(target=later, daemon=True).start()
    time.sleep(0.1)
    """,
    CORRECT | INCORRECT,
)
_before(29, "does things when the program ends", "q1",
        "import atexit, time\natexit.register(lambda: time.sleep(1000))")  # fmt: skip
_before(
    29,
    "ends the process a little later",
    "q1",
    "import os, threading\nthreading.Timer(0.2, os._exit, (0,)).start()\nimport time\ntime.sleep(1)",
    DIED,
)


# 30 to 32. Hooks of the interpreter, open files, message queues.

_before(
    30,
    "traces all calls",
    "q1",
    """
    import sys, threading
    def trace(frame, event, argument):
        frame.f_trace_opcodes = False
        if frame.f_code.co_name in ("record", "export"):
            frame.f_globals["json"] = None
        return None
    sys.settrace(trace); sys.setprofile(trace); threading.settrace(trace)
    """,
    ANY,
    others=_others_than("q1", ANY),
)
_before(
    30,
    "forbids everything with an audit hook",
    "q1",
    """
    import sys
    def hook(event, arguments):
        if event in ("import", "compile", "exec"):
            raise RuntimeError("no")
    sys.addaudithook(hook)
    """,
    ANY,
    others=_others_than("q1", ANY),
)
_before(
    31,
    "writes to every path that it sees",
    "q1",
    """
    import os, sys
    for place in ("/", "/usr", "/usr/bin", "/etc", "/tmp", "/dev", "/proc", "/proc/sys/kernel", "/sys",
                  sys.prefix, sys.base_prefix, os.path.dirname(sk.__file__), "@FOLDER@", "@ROOT@",
                  os.path.dirname(keras.__file__), "/var/tmp", "/run", "/home", "/root"):
        for action in (lambda p: open(p, "w").close(), os.mkdir, lambda p: os.symlink("/", p)):
            try:
                action(os.path.join(place, "seqkit-was-here"))
            except OSError:
                pass
    for name in (sk.__file__, os.path.join(os.path.dirname(sk.__file__), "exercises/ex01.py")):
        for action in (lambda n: open(n, "a").close(), os.unlink, lambda n: os.chmod(n, 0o777)):
            try:
                action(name)
            except OSError:
                continue
            os._exit(0)
    """,
)
_before(
    31,
    "puts links where its sockets are",
    "q1",
    """
    import os
    from ipykernel.connect import get_connection_file
    place = os.path.dirname(get_connection_file())
    for name in ("link", "kernel.json", "k-1", "k-2"):
        for action in (os.unlink, lambda p: os.symlink("@FOLDER@", p)):
            try:
                action(os.path.join(place, name))
            except OSError:
                pass
    """,
)
_before(
    32,
    "sends orders through all open sockets",
    "q1",
    """
    import os, socket, stat
    for name in os.listdir("/proc/self/fd"):
        try:
            if not stat.S_ISSOCK(os.stat(int(name)).st_mode):
                continue
            line = socket.socket(fileno=os.dup(int(name)))
            for order in (b'{"confined": false}', b'{"kill": true}', b"garbage", b""):
                line.send(order, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        except OSError:
            pass
    """,
    frozenset({*CORRECT, *DIED, *TIMEOUT, *OUTPUT}),
)
_answer(32, "closes all open files", "q1", "import os\nos.closerange(3, 1000)\nparameters = 0",
        frozenset({*DIED, *TIMEOUT}))  # fmt: skip


# 33. Forged messages.

MESSAGES = """
import json
kernel = get_ipython().kernel
session = kernel.session
line = getattr(kernel, "shell_stream", None) or kernel.shell_socket

def _parent():
    return session.pack(kernel.get_parent("shell")["header"])

def _send(content=b"{}", parent=None, kind="execute_reply", header=None):
    to = kernel._parent_ident
    to = to["shell"] if hasattr(to, "keys") else to
    header = session.pack(session.msg_header(kind)) if header is None else header
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    parts = [header, _parent() if parent is None else parent, b"{}", content]
    line.send_multipart([*to, b"<IDS|MSG>", session.sign(parts), *parts])

def _answer(text):
    return {"status": "ok", "user_expressions": {
        "answer": {"status": "ok", "data": {"text/plain": text}}}}
"""


def _forging(name: str, code: str, verdicts: Verdicts = INCORRECT, **more: Any) -> None:
    _no_gain(33, name, f"{MESSAGES}\n{textwrap.dedent(code)}", verdicts, **more)


_forging(
    "forges the reply to its own cell",
    '_send({"status": "error", "ename": "Forged", "evalue": "was here"})\nraise ValueError',
    INCORRECT | ERROR,
    message="Forged|ValueError",
)
for _name, _content in {
    "a number": "b'7'",
    "nothing": "b'null'",
    "a list": "b'[[1]]'",
    "broken": "b'{'",
    "deep": "b'[' * 10**6",
}.items():
    _forging(f"sends a reply whose content is {_name}", f"_send({_content})", NO_POINTS)
_forging(
    "sends replies whose status and error are lists",
    '_send({"status": "error", "ename": [[]], "evalue": {"a": 1}})\n'
    '_send({"status": ["error"]})\n_send({"status": 7, "user_expressions": 7})',
    NO_POINTS,
)
_forging(
    "sends a reply whose parent is a list",
    "for parent in (b'[]', b'[1]', b'7', b'null', b'\"x\"', b'{\"msg_id\": []}'):\n"
    "    _send(parent=parent)",
)
_forging(
    "sends messages that are none",
    """
    to = kernel._parent_ident
    to = to["shell"] if hasattr(to, "keys") else to
    for parts in ([b"x"], [b"<IDS|MSG>"], [b"<IDS|MSG>", b"", b"{", b"{", b"{", b"{"],
                  [b"<IDS|MSG>", b"", b"[]", b"[]", b"[]", b"[]"], [b"", b""]):
        line.send_multipart([*to, *parts])
    for header in (b"[]", b"7", b'"x"', b"{}", b'{"msg_id": 7, "msg_type": []}', b"[" * 10**5):
        _send(header=header)
        parts = [header, b"[]", b"{}", b"[]"]
        for socket in (kernel.iopub_socket, getattr(kernel.iopub_socket, "io_thread", None)):
            try:
                socket.send_multipart([b"x", b"<IDS|MSG>", session.sign(parts), *parts])
            except Exception:
                pass
    good = session.pack(session.msg_header("stream"))
    for content in (b"[]", b"7", b'{"text": []}'):
        parts = [good, b"[]", b"[]", content]
        kernel.iopub_socket.send_multipart([b"x", b"<IDS|MSG>", session.sign(parts), *parts])
    """,
    NO_POINTS,
)
_forging(
    "forges the reply to the check of its answer",
    """
    real = get_ipython().user_expressions
    def forged(expressions):
        if "'q1'" in str(expressions):
            _send(_answer(repr('{"why": "", "verdict": "correct", "points": 1}')))
        return real(expressions)
    get_ipython().user_expressions = forged
    """,
    TAMPERED | INCORRECT,
)
_forging(
    "forges the reply to the check with other forms",
    """
    real = get_ipython().user_expressions
    def forged(expressions):
        if "'q1'" in str(expressions):
            for content in ({"user_expressions": []}, {"user_expressions": {"answer": 7}},
                            {"user_expressions": {"answer": {"data": {"text/plain": [7]}}}}):
                _send(content)
        return real(expressions)
    get_ipython().user_expressions = forged
    """,
    TAMPERED | INCORRECT,
)
_forging(
    "answers an expression with lists",
    """
    real = get_ipython().user_expressions
    get_ipython().user_expressions = lambda expressions: (
        {"answer": {"status": "ok", "data": {"text/plain": [["'{}'"]]}}}
        if "'q1'" in str(expressions) else real(expressions))
    """,
    TAMPERED,
)
_forging(
    "says that the kernel is busy without end",
    """
    for state in ("busy", "starting", "dead", "idle", 7, None):
        session.send(kernel.iopub_socket, "status", {"execution_state": state}, ident=b"x")
    """,
)


# 37. Numbers that are none.

for _name, _code in {
    "not a number": "float('nan')",
    "infinity": "float('inf')",
    "a number of ten thousand digits": "10**10_000",
    "a complex number": "50890 + 0j",
    "True": "True",
    "an array of two numbers": "np.array([50_890, 50_890])",
    "the number as text in Arabic digits": "'٥٠٨٩١'",
}.items():
    _answer(37, f"gives {_name}", "q1", f"parameters = {_code}", INCORRECT | ERROR)


# 39 to 45. The shell, the kernel object, signals, exits.

_before(39, "runs commands of the shell", "q1",
        "!ls / > /dev/null; rm -rf /usr/bin /tmp/* 2>/dev/null\n%cd /\n%timeit -n1 -r1 pass")  # fmt: skip
_after(39, "deletes all names at the end", "q5", "%reset -f", frozenset({*CORRECT, *ERROR}))
_before(39, "runs a cell of another language", "q1",
        "get_ipython().run_cell_magic('bash', '', 'kill -9 $PPID')",
        frozenset({*CORRECT, *DIED}))  # fmt: skip
_no_gain(
    40,
    "replaces the way in which the kernel runs cells",
    """
    kernel = get_ipython().kernel
    async def lazy(*arguments, **named):
        return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {
            "answer": {"status": "ok", "data": {"text/plain": "'{}'"}}}}
    kernel.do_execute = lazy
    """,
    TAMPERED,
    others=_others_than("q1", ANY - CORRECT),
)
_before(40, "restarts the kernel", "q1", "get_ipython().kernel.do_shutdown(True)", ANY,
        others=_others_than("q1", ANY))  # fmt: skip
_answer(
    41,
    "returns twice from a fork",
    "q1",
    "import os\nos.fork()\nparameters = 0",
    ANY - CORRECT,
    others=_others_than("q1", ANY),
)
_before(43, "handles the signals that end programs", "q1",
        "import signal\nfor number in (1, 2, 3, 15):\n"
        "    signal.signal(number, lambda *_: None)")  # fmt: skip
_after(44, "leaves Python at the end of a right answer", "q1", "import sys\nsys.exit()")
_after(44, "quits at the end of a right answer", "q1", "quit()", CORRECT | DIED)
_answer(44, "raises an interrupt", "q1", "raise KeyboardInterrupt", ERROR)
_answer(
    44,
    "gives a number that raises what nobody catches",
    "q1",
    """
    class Stop(BaseException): pass
    class Number(float):
        def __int__(self): raise Stop
        __float__ = __index__ = __trunc__ = __int__
    parameters = Number(1)
    """,
    frozenset({*ERROR, *TAMPERED, *INCORRECT}),
)


# 59 and 60. Text that harms its readers.

HARMFUL = "<script>alert(1)</script>\x1b[31m\x00\u202e=cmd|' /C calc'!A1"
_answer(59, "stops with an error of harmful text", "q1", f"raise ValueError({HARMFUL!r})", ERROR,
        never="[\x00-\x09\x0b-\x1f\u202e]")  # fmt: skip
_answer(59, "has an error name of a million letters", "q1",
        "raise type('E' * 10**6, (Exception,), {})('x' * 10**6)", ERROR, never="E{300}|x{3000}")  # fmt: skip
_answer(
    60,
    "has an error that cannot be shown",
    "q1",
    """
    class Bad(Exception):
        def __str__(self): raise RuntimeError("no")
        __repr__ = __str__
    raise Bad
    """,
    ERROR,
)
_answer(60, "claims that memory ran out", "q1", "raise MemoryError", MEMORY | ERROR)


# 61. Numbers of NumPy and JSON writers broken for all.

_after(61, "breaks the writer of arrays at the end", "q5",
       "np.savez = lambda *a, **k: None", NO_POINTS)  # fmt: skip
_after(61, "breaks the writer of JSON at the end", "q5",
       "import json\njson.dumps = lambda *a, **k: '{}'", NO_POINTS)  # fmt: skip
