"""A layer was called on a layer: the call needs what a layer returns, a tensor."""

from __future__ import annotations

import keras

from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation

ORDER = 22


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a layer among the arguments of a layer's call."""
    layers = [one for one in keras.tree.flatten(evidence.called_with) if _is_layer(one)]
    if evidence.called is None or not layers:
        return None
    kind = type(evidence.called).__name__
    names = " and ".join(type(layer).__name__ for layer in layers)
    return Explanation(
        pattern="layer_as_tensor",
        fault="topology",
        title=f"{kind} was called on layers, and needs tensors",
        what_happened=f"{kind} received {names}: layer objects, before they were called.",
        why=(
            "A layer is a recipe; a tensor is what comes out when the layer is called. Inside a "
            "Sequential's list no tensor has a name, so none can be passed."
        ),
        fix="Functional API: call each layer on a tensor, x = layer(x), and pass the results.",
        original=evidence.error,
    )


def _is_layer(one: object) -> bool:
    return isinstance(one, keras.Layer)
