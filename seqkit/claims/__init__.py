"""`sk.claims`: what the articles say about Sequential, each with evidence that is run.

sk.claims.table(lesson=12)      the claims of a lesson, with the verdicts computed now
sk.claims.get("A2.1").examine() one claim and every check
sk.claims.comparison("B14")     Sequential against Functional, row by row from evidence
"""

from seqkit.claims.claim import Check, Claim, Evidence, Examination, Verdict
from seqkit.claims.comparisons import Comparison, comparison
from seqkit.claims.measuring import forget
from seqkit.claims.register import UnknownClaimError, get, ids
from seqkit.claims.table import ClaimTable, table

__all__ = [
    "Check",
    "Claim",
    "ClaimTable",
    "Comparison",
    "Evidence",
    "Examination",
    "UnknownClaimError",
    "Verdict",
    "comparison",
    "forget",
    "get",
    "ids",
    "table",
]
