"""The reasons why an answer cannot be judged as it stands."""

from __future__ import annotations

from seqkit.errors import SeqkitError


class NotAttemptedError(SeqkitError):
    """The answer is still the starter; a message says what to do where there are no dots."""


class WrongAnswerKindError(SeqkitError):
    """The answer is of another kind than the question asks: text instead of a number, say."""


class RefusedModelError(SeqkitError):
    """The model holds something that a check does not rebuild, such as a layer of one's own."""


class LearnerCodeError(SeqkitError):
    """The learner's own function raised; the original exception is the `__cause__`."""
