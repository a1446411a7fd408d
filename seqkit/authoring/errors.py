"""What can go wrong when notebooks are made: a source that is not right, or a cell that fails."""

from __future__ import annotations

from seqkit.errors import SeqkitError


class AuthoringError(SeqkitError):
    """Base of the errors of `seqkit build`."""


class SourceError(AuthoringError):
    """A source in `lessons/src` or `solutions/src` is not as it should be."""


class CellFailedError(AuthoringError):
    """A cell of a lesson or solution stopped with an error, or wrote a warning."""
