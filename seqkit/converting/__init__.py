"""Layers and models as source code that a person would write."""

from seqkit.converting.layer_source import layer_source, name_is_automatic
from seqkit.converting.program import Program

__all__ = ["Program", "layer_source", "name_is_automatic"]
