"""A ladder of three hints: each call goes one step further."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class HintLadder:
    """Three hints, from a nudge to nearly the answer.

    Attributes:
        hints: the three texts.

    Example:
        >>> ladder = HintLadder(("Think of the inputs.", "And of the biases.", "784 * 32 + 32 ..."))
        >>> ladder.next()
        (1, 'Think of the inputs.')
    """

    hints: tuple[str, str, str]
    _shown: int = field(default=0, repr=False)

    def next(self) -> tuple[int, str] | None:
        """Take the next hint.

        Returns:
            Its number from 1 and its text, or None when all were shown.
        """
        if self._shown == len(self.hints):
            return None
        self._shown += 1
        return self._shown, self.hints[self._shown - 1]

    def restart(self) -> None:
        """Begin again at the first hint."""
        self._shown = 0
