"""Why a layer gives this shape and has this many parameters, in the user's own numbers.

One file a family of layers. Each rule turns a layer and its input shapes into equations that
can be evaluated; `explain_node` checks them against what Keras gave, so a wrong equation is
never shown.
"""

from seqkit.arithmetic import (  # noqa: F401 - each file registers its rules
    attention,
    convolution,
    core,
    merging,
    pooling,
    preprocessing,
    recurrent,
    reshaping,
    wrappers,
)
from seqkit.arithmetic.equations import Arithmetic, Equation, evaluate
from seqkit.arithmetic.explain_node import explain_node
from seqkit.arithmetic.multiply_adds import multiply_adds
from seqkit.arithmetic.receptive_field import Field, fields_before, receptive_fields

__all__ = [
    "Arithmetic",
    "Equation",
    "Field",
    "evaluate",
    "explain_node",
    "fields_before",
    "multiply_adds",
    "receptive_fields",
]
