"""Inside the student's kernel: answers become data. Nothing here decides anything.

Whatever runs in this process may have been changed by the student; what leaves it is JSON and
arrays, and the grader believes no more than that they are an answer.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from seqkit.exercises.answer_data import AnswerData, pack, unpack
from seqkit.exercises.errors import LearnerCodeError, NotAttemptedError, WrongAnswerKindError

_kept: dict[str, object] = {}  # the answers by question, for the hidden inputs at the end


def prepare() -> None:
    """Make a kernel that nobody sits at: `quit()` does not end it, `!ls` needs no terminal."""
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    shell.ask_exit = lambda: None
    shell.system = shell.system_raw


def export(exercise: str, question: str, give: Callable[[], object]) -> str:
    """Read the answer to one question, and keep it.

    Args:
        exercise: the name in the library, `ex01`.
        question: the name of the question, `q1`.
        give: gives the answer, as a check cell would.

    Returns:
        A record as JSON text, see `record`.

    Example:
        >>> decode(export("ex01", "q1", lambda: 7))["values"]
        {'value': 7}
    """

    def read() -> AnswerData:
        answer = give()
        _kept[question] = answer
        return _question(exercise, question).read(answer)

    return record(read)


def export_hidden(exercise: str, question: str, inputs: str) -> str:
    """Call the function that answers a question on other inputs than the notebook shows.

    Args:
        exercise: the name in the library.
        question: the name of the question.
        inputs: what `encode_inputs` wrote.

    Returns:
        A record as JSON text.
    """

    def read() -> AnswerData:
        kind = _question(exercise, question).answer
        return kind.read_on(_kept[question], decode_inputs(inputs))

    return record(read)


def record(read: Callable[[], AnswerData]) -> str:
    """Run a reader and write down what it gave, or why it gave nothing.

    Args:
        read: gives the answer as data.

    Returns:
        JSON text with `why`: "" and the data, or not_attempted, missing, wrong_kind, crashed or
        unreadable and a message.

    Example:
        >>> decode(record(lambda: missing))["why"]
        'missing'
    """
    try:
        text, archive = read().to_bytes()
    except NotAttemptedError as error:
        return _no("not_attempted", str(error))
    except WrongAnswerKindError as error:
        return _no("wrong_kind", str(error))
    except LearnerCodeError as error:
        return _no("crashed", str(error), type(error.__cause__).__name__)
    except NameError as error:
        return _no("missing", f"The name {error.name!r} is not defined.", "NameError")
    except (Exception, SystemExit) as error:
        return _no("unreadable", f"{type(error).__name__}: {error}", type(error).__name__)
    return json.dumps(
        {"why": "", "text": text.decode(), "archive": base64.b64encode(archive).decode()}
    )


def encode_inputs(inputs: Any) -> str:
    """Write the arguments of calls as text.

    Args:
        inputs: one tuple of arguments for each call.

    Returns:
        Text in base64; no character needs quoting.

    Example:
        >>> decode_inputs(encode_inputs([(1, "a")]))
        [(1, 'a')]
    """
    text, archive = _pack(list(inputs)).to_bytes()
    return ".".join(base64.b64encode(part).decode() for part in (text, archive))


def decode_inputs(text: str) -> Any:
    """Read what `encode_inputs` wrote.

    Args:
        text: base64 text.

    Returns:
        The list of tuples.
    """
    data = AnswerData.from_bytes(*(base64.b64decode(part) for part in text.split(".")))
    return unpack(data.values["inputs"], data.arrays)


def decode(text: str) -> dict[str, Any]:
    """Read a record for a test or a person.

    Args:
        text: what `export` gave.

    Returns:
        `why`, and `values` or `message`.
    """
    found = json.loads(text)
    if found["why"]:
        return dict(found)
    return {"why": "", "values": json.loads(found["text"])["values"]}


def _pack(inputs: list[Any]) -> AnswerData:
    arrays: dict[str, np.ndarray] = {}
    return AnswerData("inputs", {"inputs": pack(inputs, arrays, "in")}, arrays)


def _question(exercise: str, question: str) -> Any:
    from seqkit import exercises

    return getattr(exercises.load(exercise), question)


def _no(why: str, message: str, error: str = "") -> str:
    return json.dumps({"why": why, "message": message[:2_000], "error": error[:80]})
