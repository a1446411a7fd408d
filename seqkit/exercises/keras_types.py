"""Names for Keras objects in signatures: Keras ships no types, and importing it here is slow."""

from __future__ import annotations

from typing import Any, TypeAlias

Model: TypeAlias = Any
Layer: TypeAlias = Any
ModelOrLayers: TypeAlias = Any
Json: TypeAlias = Any
"""A value of JSON, or what `unpack` makes of one."""
