"""Errors meant for people: one sentence on what came, what was expected and what to do."""

from __future__ import annotations


class SeqkitError(Exception):
    """Base of every error that seqkit raises on purpose.

    Jupyter shows only the sentence, not the way through seqkit's own code.

    Example:
        >>> str(SeqkitError("The list is empty. Put at least one layer in it."))
        'The list is empty. Put at least one layer in it.'
    """

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class NotAModelError(SeqkitError, TypeError):
    """The object is not a Keras 3 model, layer or list of layers."""


class InputShapeError(SeqkitError, ValueError):
    """The input shape is missing, or is not a shape."""


class BuildError(SeqkitError, RuntimeError):
    """A model could not be built, or a result could not be checked."""
