"""What a preprocessing layer has learned with `adapt`, which is in no config."""

from __future__ import annotations

from typing import Any

import keras

from seqkit.converting.needs import Needs

LONGEST_VOCABULARY = 1_000  # words; more of them are no code that a person would write


def learned(layer: Any, needs: Needs) -> dict[str, Any]:
    """Return learned values as arguments; what cannot be one becomes a comment of the program.

    Args:
        layer: any layer.
        needs: gets the comment.

    Example:
        >>> import keras
        >>> learned(keras.layers.Dense(2), Needs())
        {}
    """
    if isinstance(layer, keras.layers.Normalization):
        if layer.input_mean is None and layer.built:
            needs.note(
                f"# The Normalization layer {layer.name!r} was adapted to data: after set_weights, "
                f"call finalize_state() of the new layer."
            )
        return {}
    if not hasattr(layer, "get_vocabulary") or layer.get_config().get("vocabulary"):
        return {}
    return _vocabulary(layer, needs)


def _vocabulary(layer: Any, needs: Needs) -> dict[str, Any]:
    try:
        words = list(layer.get_vocabulary(include_special_tokens=False))
    except Exception:  # not adapted yet: there is no table to read
        return {}
    if len(words) > LONGEST_VOCABULARY:
        needs.note(
            f"# {layer.name!r} has learned {len(words):,} words. Give them to the new layer: "
            f"new.set_vocabulary(old.get_vocabulary())."
        )
        return {}
    if not words:
        return {}
    found: dict[str, Any] = {"vocabulary": [_plain(word) for word in words]}
    table = getattr(layer, "_lookup_layer", layer)
    weights = getattr(table, "idf_weights", None)
    if layer.get_config().get("output_mode") == "tf_idf" and weights is not None:
        numbers = keras.ops.convert_to_numpy(weights).tolist()
        found["idf_weights"] = numbers[-len(words) :]
    return found


def _plain(word: Any) -> Any:
    """NumPy numbers as numbers."""
    return word.item() if hasattr(word, "item") else word


def use_set_weights(model: keras.Model) -> None:
    """Make Normalization layers use the mean and the variance that `set_weights` gave them.

    Keras copies the weights to where `call` reads them only in `finalize_state`.
    """
    for layer in model._flatten_layers():
        adapted = isinstance(layer, keras.layers.Normalization) and layer.built
        if adapted and layer.input_mean is None:
            layer.finalize_state()
