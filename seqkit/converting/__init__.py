"""Layers and models as source code that a person would write."""

from seqkit.converting.errors import ConversionError
from seqkit.converting.functional_source import PlannedCall, functional_program
from seqkit.converting.layer_source import layer_source, name_is_automatic, public_name
from seqkit.converting.program import Program
from seqkit.converting.to_functional import to_functional
from seqkit.converting.to_source import Source, to_source

__all__ = [
    "ConversionError",
    "PlannedCall",
    "Program",
    "Source",
    "functional_program",
    "layer_source",
    "name_is_automatic",
    "public_name",
    "to_functional",
    "to_source",
]
