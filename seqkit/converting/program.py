"""A small Functional program, written line by line, that can be run to see that it builds."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import keras

from seqkit.converting.folding import WIDTH
from seqkit.converting.needs import Needs


def _wrapped(comment: str) -> list[str]:
    return textwrap.wrap(comment, WIDTH, subsequent_indent="# ")


@dataclass
class Program:
    """Lines of code that build one model.

    Attributes:
        lines: the code.
        scope: objects that the code refers to and cannot import: the user's own classes.
        planned: how many layer calls the model must have, if that is known.
        notes: sentences on what the code adds to what was written.
        imports: import statements for the user's own classes that a module holds.
        comments: comments for the top: what must be there before the code can run.
    """

    lines: list[str] = field(default_factory=list)
    scope: dict[str, Any] = field(default_factory=dict)
    planned: int = 0
    notes: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()

    HEADER = ("import keras", "from keras import layers", "")

    @classmethod
    def of(cls, lines: Sequence[str], needs: Needs) -> Program:
        """Put the lines that must come first before the others, and note what they need."""
        return cls(
            lines=[*needs.lines, *lines],
            scope=dict(needs.missing),
            imports=tuple(needs.imports),
            comments=tuple(needs.notes),
        )

    def add(self, line: str) -> None:
        """Append one line."""
        self.lines.append(line)

    @property
    def head(self) -> list[str]:
        """Comments and imports, and a blank line."""
        keras_itself, *others, blank = self.HEADER
        plain = [line for line in self.imports if line.startswith("import ")]
        own = [line for line in self.imports if line not in plain]
        comments = [line for comment in self.comments for line in _wrapped(comment)]
        return [*comments, keras_itself, *plain, *others, *own, blank]

    @property
    def code(self) -> str:
        """The whole program, imports included; it leaves the model in `model`."""
        return "\n".join([*self.head, *self.lines])

    def run(self) -> keras.Model:
        """Run the code in an empty namespace and return the model.

        Raises:
            Exception: whatever the code raises; the caller decides what that means.

        Example:
            >>> program = Program(["x = keras.Input((4,))", "model = keras.Model(x, x)"])
            >>> program.run().output_shape
            (None, 4)
        """
        namespace: dict[str, Any] = dict(self.scope)
        exec(compile(self.code, "<seqkit fix>", "exec"), namespace)
        return namespace["model"]
