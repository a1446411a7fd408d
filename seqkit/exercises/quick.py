"""Quick questions inside a lesson: 'Check yourself', with feedback on each wrong choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from seqkit.display import escape
from seqkit.errors import SeqkitError
from seqkit.exercises import view


@dataclass(frozen=True)
class Choice:
    """A question with lettered options, shown by `ask` and answered by `answer`.

    Attributes:
        question: the question, one or two sentences.
        options: letter to text, in the order of display.
        correct: the letter of the right option.
        feedback: letter to feedback; one for each wrong option, and one for the right option if
            there is more to say than 'Correct'.

    Example:
        >>> choice = Choice(
        ...     "Which layer has more weights?",
        ...     {"a": "Dense(10) on 32 inputs", "b": "Dense(32) on 784 inputs"},
        ...     correct="b",
        ...     feedback={"a": "It has 330. Count inputs times units, plus units."},
        ... )
        >>> choice.answer("a")
        ✗ a: not yet
          It has 330. Count inputs times units, plus units.
    """

    question: str
    options: Mapping[str, str]
    correct: str
    feedback: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.correct not in self.options:
            raise SeqkitError(f"The correct letter {self.correct!r} is not one of the options.")
        silent = [letter for letter in self.options if letter not in self.feedback]
        if set(silent) - {self.correct}:
            letters = ", ".join(sorted(set(silent) - {self.correct}))
            raise SeqkitError(f"Every wrong option needs feedback; it is missing for: {letters}.")

    def ask(self) -> None:
        """Show the question and its options.

        In a notebook each option opens on a click and shows its feedback, with no need to run code.

        Example:
            >>> Choice("2 + 2?", {"a": "4", "b": "5"}, "a", {"b": "One too many."}).ask()
            2 + 2?
              a) 4
              b) 5
        """
        lines = [self.question, *(f"  {letter}) {text}" for letter, text in self.options.items())]
        view.show("\n".join(lines), self._html())

    def answer(self, letter: str) -> None:
        """Show the feedback on one option.

        Args:
            letter: the letter of the option.

        Raises:
            SeqkitError: when there is no option of that letter.
        """
        letter = str(letter).strip().lower()
        if letter not in self.options:
            letters = ", ".join(f'"{option}"' for option in self.options)
            raise SeqkitError(f"There is no option {letter!r}. Choose one of: {letters}.")
        print(f"{self._headline(letter)}\n  {self._feedback(letter)}")

    def _headline(self, letter: str) -> str:
        return f"✓ {letter}: correct" if letter == self.correct else f"✗ {letter}: not yet"

    def _feedback(self, letter: str) -> str:
        return self.feedback.get(letter, "Yes.")

    def _html(self) -> str:
        """Each option as a line that opens: it works in a page without a kernel, too."""
        options = "".join(
            f"<details style='margin:0.2em 0'><summary>{escape(letter)}) {escape(text)}</summary>"
            f"<p style='margin:0.2em 1.2em'><strong>{escape(self._headline(letter))}</strong><br>"
            f"{escape(self._feedback(letter))}</p></details>"
            for letter, text in self.options.items()
        )
        return f"<div><p style='margin:0.2em 0'>{escape(self.question)}</p>{options}</div>"
