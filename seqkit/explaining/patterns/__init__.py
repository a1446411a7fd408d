"""One file for each pattern of failure: what was tried, why it cannot work, what works.

A file has `ORDER` (lower is asked first) and `match(evidence)`, which returns an explanation or
None. Adding a pattern is one new file here and no edit elsewhere.
"""
