"""Why a submission, or a whole run, cannot be graded."""

from __future__ import annotations

from seqkit.errors import SeqkitError


class GradingError(SeqkitError):
    """The run cannot go on: the masters are missing, or the system forbids a sandbox."""


class UnreadableError(SeqkitError):
    """A file that was handed in is no notebook that can be read."""
