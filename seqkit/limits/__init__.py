"""`sk.limits`: what a Sequential cannot say, tried for real, explained and put right.

One file each. A file defines `LIMIT`; adding a limit is one new file here and no edit elsewhere.
"""

from seqkit.limits.register import all_limits, get, names

__all__ = ["all_limits", "get", "names"]
