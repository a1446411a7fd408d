"""`sk.explain` and `sk.attempt`: what happened, what was meant, why it cannot, and what works."""

from seqkit.explaining.attempt import Attempt, attempt
from seqkit.explaining.explain import explain
from seqkit.explaining.explanation import Explanation

__all__ = ["Attempt", "Explanation", "attempt", "explain"]
