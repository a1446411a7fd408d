"""The error of this room."""

from __future__ import annotations

from seqkit.errors import SeqkitError


class ConversionError(SeqkitError, ValueError):
    """The model cannot be written in the form that was asked for."""
