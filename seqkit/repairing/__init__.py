"""Repair a chain of layers, its compile arguments or its data, and try whether it then runs.

A `Program` is what the user wrote, as records. `problems` finds the first thing that is wrong with
it and offers changes; `search` follows them until one program runs; `source` writes that program.
"""

from seqkit.repairing.problem import Change, Problem
from seqkit.repairing.program import CompileArguments, Program
from seqkit.repairing.search import Repair, diagnose, repair, repair_with, runs

__all__ = [
    "Change",
    "CompileArguments",
    "Problem",
    "Program",
    "Repair",
    "diagnose",
    "repair",
    "repair_with",
    "runs",
]
