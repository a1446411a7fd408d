"""Why real data cannot pass a layer that its shape can pass: the same words on every backend."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from seqkit.graph.shapes import tensors_in


def reason_on_data(layer: Any, arguments: Any) -> str | None:
    """Say what is wrong with the values that reach a layer.

    TensorFlow raises for an index that is not in an Embedding's table; JAX gives NaN; on a GPU
    TensorFlow gives zeros. So the index itself is checked.

    Args:
        layer: the layer.
        arguments: what it is called with, as real tensors.

    Returns:
        One phrase without a full stop; None when no rule finds anything.

    Example:
        >>> import numpy as np
        >>> reason_on_data(keras.layers.Embedding(50, 8), (np.array([[3, 57]]),))
        'the index 57 is not in its table of 50 rows, 0 to 49'
    """
    inner = getattr(layer, "layer", None) if isinstance(layer, keras.layers.Wrapper) else None
    embedding = layer if inner is None else inner
    if not isinstance(embedding, keras.layers.Embedding):
        return None
    rows = embedding.input_dim
    for tensor in tensors_in(arguments):
        values = keras.ops.convert_to_numpy(tensor)
        if not values.size:
            continue
        if not np.isfinite(values).all():
            return "an index is NaN or infinite, and a row's number is needed"
        for index in (int(values.max()), int(values.min())):
            if not 0 <= index < rows:
                return f"the index {index} is not in its table of {rows} rows, 0 to {rows - 1}"
    return None
