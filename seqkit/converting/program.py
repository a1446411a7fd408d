"""A small Functional program, written line by line, that can be run to see that it builds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import keras


@dataclass
class Program:
    """Lines of code that build one model.

    Attributes:
        lines: the code.
        scope: objects that the code refers to and cannot import: the user's own classes.
        planned: how many layer calls the model must have, if that is known.
        notes: sentences on what the code adds to what was written.
    """

    lines: list[str] = field(default_factory=list)
    scope: dict[str, Any] = field(default_factory=dict)
    planned: int = 0
    notes: tuple[str, ...] = ()

    HEADER = ("import keras", "from keras import layers", "")

    def add(self, line: str) -> None:
        """Append one line."""
        self.lines.append(line)

    @property
    def code(self) -> str:
        """The whole program, imports included; it leaves the model in `model`."""
        return "\n".join([*self.HEADER, *self.lines])

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
