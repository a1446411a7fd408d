"""Layers and models as source code that a person would write."""

from seqkit.converting.functional_source import PlannedCall, functional_program
from seqkit.converting.layer_source import layer_source, name_is_automatic, public_name
from seqkit.converting.program import Program

__all__ = [
    "PlannedCall",
    "Program",
    "functional_program",
    "layer_source",
    "name_is_automatic",
    "public_name",
]
