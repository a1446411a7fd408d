"""The macros of the sources: short names for text that is derived from elsewhere.

{{badges}}           in the title cell: the Binder and Colab badges of this notebook
# {{colab_install}}  alone in a code cell: installs seqkit on Colab, does nothing elsewhere
{{question q1}}      the heading of a question: number, title, kind, minutes, difficulty, points
{{options q4}}       the options of a question that is answered by a letter
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from seqkit.authoring import links
from seqkit.authoring.errors import SourceError
from seqkit.authoring.sources import Source

if TYPE_CHECKING:
    from seqkit.exercises.question import Question

_MACRO = re.compile(r"\{\{(\w+)(?: (\w+))?\}\}")
COLAB_INSTALL = "# {{colab_install}}"


def expand_text(text: str, source: Source, notebook: str) -> str:
    """Expand the macros of a Markdown cell.

    Args:
        text: the cell.
        source: where it comes from.
        notebook: the path of the notebook from the root, `lessons/01_first_stack.ipynb`.

    Returns:
        The cell as the reader gets it.

    Raises:
        SourceError: for a macro that does not exist.
    """

    def replacement(match: re.Match[str]) -> str:
        name, argument = match.groups()
        if name == "badges" and argument is None:
            return links.badges(notebook, source.root)
        if name == "question" and argument:
            return _question(source.exercise, argument)
        if name == "options" and argument:
            return _options(source.exercise, argument)
        raise SourceError(
            f"There is no macro {match[0]}. The macros are {{{{badges}}}}, {{{{question q1}}}} and "
            "{{options q1}}, and '# {{colab_install}}' alone in a code cell."
        )

    return _MACRO.sub(replacement, text)


def expand_code(code: str, source: Source) -> str:
    """Expand the one macro of code cells.

    Args:
        code: the cell.
        source: where it comes from.

    Returns:
        The cell, or the code that installs seqkit on Colab in place of its macro.
    """
    return links.colab_install_source(source.root).rstrip() if is_macro(code) else code


def is_macro(code: str) -> bool:
    """Tell whether a code cell is made by a macro.

    Args:
        code: the cell.

    Returns:
        True for the cell that installs seqkit on Colab.

    Example:
        >>> is_macro("# {{colab_install}}"), is_macro("x = 1")
        (True, False)
    """
    return code.strip() == COLAB_INSTALL


def _question(exercise: str, name: str) -> str:
    from seqkit.exercises import view

    question = find_question(exercise, name)
    unit = "point" if question.points == 1 else "points"
    return (
        f"## Question {question.number}: {question.title}\n\n"
        f"*{question.kind} · {question.minutes} minutes · {view.stars(question.difficulty)} · "
        f"{question.points} {unit} · you show that you can {question.objective}*"
    )


def _options(exercise: str, name: str) -> str:
    from seqkit.exercises.answers import ChoiceAnswer

    question = find_question(exercise, name)
    if not isinstance(question.answer, ChoiceAnswer):
        raise SourceError(f"{exercise}.{name} is not answered by a letter; it has no options.")
    return "\n".join(f"- **{letter}** {text}" for letter, text in question.answer.options.items())


def find_question(exercise: str, name: str) -> Question:
    """Find a question by the names of its exercise and its own.

    Args:
        exercise: `ex01`.
        name: `q1`.

    Returns:
        The question.

    Raises:
        SourceError: when there is none.

    Example:
        >>> find_question("ex01", "q1").points
        1
    """
    from seqkit import exercises
    from seqkit.exercises.question import Question

    if exercise not in exercises.names():
        raise SourceError(f"There is no seqkit/exercises/{exercise}.py yet.")
    question = getattr(exercises.load(exercise), name, None)
    if not isinstance(question, Question):
        raise SourceError(f"{exercise} has no question {name}.")
    return question
