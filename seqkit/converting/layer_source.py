"""One layer as the Python expression that makes it: only arguments that differ from the default.

Which arguments these are is not guessed. The expression is tried: as long as the layer that it
makes has another config, the next argument that differs is added.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

import keras

from seqkit.converting.configs import config_of, same
from seqkit.converting.errors import ConversionError
from seqkit.converting.learned import learned
from seqkit.converting.models import is_functional
from seqkit.converting.needs import Needs
from seqkit.converting.trying import config_made
from seqkit.converting.values import literal, shorter, value_source

# Arguments that people write without their name, where no argument before them is left out.
_POSITIONAL = {
    "units",
    "filters",
    "kernel_size",
    "pool_size",
    "rate",
    "target_shape",
    "dims",
    "n",
    "input_dim",
    "output_dim",
    "layer",
    "num_heads",
    "key_dim",
    "size",
    "cropping",
    "num_tokens",
    "bin_boundaries",
    "mask_value",
    "mode",
    "width_factor",
    "layers",
}
# Padding of a ZeroPadding layer is its first argument, padding of a convolution is an option.
_LEADING = {"Activation": "activation", "ZeroPadding": "padding"}
# Arguments of every layer, written after its own.
_COMMON = ("activity_regularizer", "trainable", "dtype")


def layer_source(layer: Any) -> str:
    """Write the expression that makes a layer like this one, without its weights.

    Args:
        layer: a Keras layer.

    Returns:
        Source code; for a layer of the user's own, its class name with its config.

    Raises:
        ConversionError: one expression is not enough, because the layer is or holds a
            Functional model.

    Example:
        >>> import keras
        >>> layer_source(keras.layers.Conv2D(16, (3, 3), padding="same", activation="relu"))
        'layers.Conv2D(16, 3, padding="same", activation="relu")'
    """
    needs = Needs()
    written = layer_expression(layer, needs)
    if needs.lines:
        raise ConversionError(
            f"{layer.name!r} is or holds a Functional model, which takes several lines. "
            f"Write it with to_source({identifier_or_model(layer)})."
        )
    return written


def identifier_or_model(layer: Any) -> str:
    """How the user's variable may be called, in a message."""
    return layer.name if str(layer.name).isidentifier() else "model"


def layer_expression(layer: Any, needs: Needs, name: str | None = None) -> str:
    """Write the expression that makes a layer, and note what it needs.

    Args:
        layer: a Keras layer or model.
        needs: what the program needs so far; a layer that has a variable is written as that.
        name: the name to write, if it is not the layer's own.
    """
    if id(layer) in needs.variables:
        return needs.variables[id(layer)]
    if isinstance(layer, keras.layers.InputLayer):
        return f"keras.Input({input_arguments(layer)})"
    if is_functional(layer):
        from seqkit.converting.graph_source import nested_model  # it writes layers with this module

        return nested_model(layer, needs)
    if needs.uses[id(layer)] > 1:
        return _shared(layer, needs)
    return made_by(layer, needs, name)


def made_by(layer: Any, needs: Needs, name: str | None = None) -> str:
    """Write the expression that makes a layer, even when a variable holds it already."""
    if isinstance(layer, keras.Sequential) and type(layer).call is keras.Sequential.call:
        items = [layer_expression(item, needs) for item in layer._layers]
        return f"keras.Sequential([{', '.join(items)}]{model_options(layer)})"
    callee = _callee(layer, needs)
    written = _arguments(layer, callee, needs)
    given = layer.name if name is None else name
    if not _is_automatic(layer, given) and _accepts(type(layer), "name"):
        written.append(f"name={literal(given)}")
    return f"{callee}({', '.join(written)})"


def model_options(model: Any) -> str:
    """The last arguments of a Sequential or a Functional model, with a leading comma.

    Example:
        >>> import keras
        >>> model_options(keras.Sequential(name="encoder"))
        ', name="encoder"'
    """
    options = "" if model._trainable else ", trainable=False"
    return options if model_name_is_automatic(model) else f"{options}, name={literal(model.name)}"


def model_name_is_automatic(model: Any) -> bool:
    """Whether Keras made the model's name: 'sequential_1', 'functional'."""
    usual = re.fullmatch(r"(sequential|functional|model)(_\d+)?", model.name) is not None
    return usual or name_is_automatic(model)


def shared_name(layer: Any, number: int) -> str:
    """A variable for a layer that is used more than once."""
    return f"shared_{type(layer).__name__.lower()}_{number}"


def _shared(layer: Any, needs: Needs) -> str:
    """Make the layer in a line of its own, before everything else."""
    written = made_by(layer, needs)
    variable = needs.declare(layer, shared_name(layer, needs.next_shared()))
    needs.lines.append(f"{variable} = {written}")
    return variable


def _callee(layer: Any, needs: Needs) -> str:
    kind = public_name(type(layer))
    if getattr(keras.layers, kind, None) is type(layer):
        return f"layers.{kind}"
    return needs.refer(type(layer))


def public_name(kind: type) -> str:
    """The name under which a layer class stands in `keras.layers`; one class has another name.

    Example:
        >>> import keras
        >>> public_name(keras.layers.GroupQueryAttention)
        'GroupQueryAttention'
    """
    return "GroupQueryAttention" if kind is keras.layers.GroupQueryAttention else kind.__name__


def input_arguments(layer: Any) -> str:
    """Write the arguments of `keras.Input` for an InputLayer.

    Example:
        >>> import keras
        >>> input_arguments(keras.layers.InputLayer((8,), batch_size=2, dtype="int32"))
        '(8,), batch_size=2, dtype="int32"'
    """
    batch_size, *shape = layer.batch_shape
    written = [repr(tuple(shape))]
    if batch_size is not None:
        written.append(f"batch_size={batch_size}")
    if layer.dtype != keras.config.floatx():
        written.append(f"dtype={literal(layer.dtype)}")
    written += [f"{flag}=True" for flag in ("sparse", "ragged", "optional") if _is_set(layer, flag)]
    if not name_is_automatic(layer):
        written.append(f"name={literal(layer.name)}")
    return ", ".join(written)


def _is_set(layer: Any, flag: str) -> bool:
    return bool(getattr(layer, flag, False))


def name_is_automatic(layer: Any) -> bool:
    """Whether Keras made the layer's name from its class: 'dense', 'dense_3'.

    Example:
        >>> import keras
        >>> name_is_automatic(keras.layers.Dense(1)), name_is_automatic(
        ...     keras.layers.Dense(1, name="score"))
        (True, False)
    """
    return _is_automatic(layer, layer.name)


def automatic_stem(class_name: str) -> str:
    """Return what Keras' automatic names of a class begin with.

    Example:
        >>> automatic_stem("Conv2D"), automatic_stem("MaxPooling2D")
        ('conv2d', 'max_pooling2d')
    """
    word = re.sub(r"\W", "", class_name)
    word = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", word)
    return re.sub("([a-z])([A-Z])", r"\1_\2", word).lower()


def _is_automatic(layer: Any, name: str) -> bool:
    if isinstance(layer, keras.layers.InputLayer):
        return re.fullmatch(r"(keras_tensor|input_layer)\w*", name) is not None
    snake = automatic_stem(type(layer).__name__)
    return re.fullmatch(rf"(private)?{re.escape(snake)}(_\d+)?", name) is not None


def _arguments(layer: Any, callee: str, needs: Needs) -> list[str]:
    """The arguments that make a layer of the same config, as few as possible."""
    try:
        config = config_of(layer)
    except OSError as error:  # Keras quotes a lambda in its warning, and looks for the text
        raise ConversionError(
            f"The layer {layer.name!r} holds a lambda whose text is in no file, and Keras cannot "
            f"write its config. Write the lambda as a function with `def`."
        ) from error
    if config is None:
        raise ConversionError(
            f"The layer {layer.name!r} does not tell its arguments. Give {type(layer).__name__} a "
            f"get_config that returns them."
        )
    parameters = {
        name: default
        for name, default in _parameters(type(layer)).items()
        if name in config and name != "name" and not _is_given(layer, name, config[name])
    }
    config = {**config, **learned(layer, needs)}
    chosen: dict[str, str] = {}
    for name, default in parameters.items():
        if default is inspect.Parameter.empty:
            chosen[name] = value_source(layer, name, config[name], needs)
    guessed = False
    while True:
        made = config_made(_expression(callee, chosen, layer), needs.objects)
        guessed = guessed or made is None
        missing = _first_difference(layer, config, made, parameters, chosen)
        if missing is None:
            break
        chosen[missing] = value_source(layer, missing, config[missing], needs)
    if guessed:
        _prune(layer, config, callee, chosen, needs)
    _shorten(layer, config, callee, chosen, needs)
    return _written(layer, parameters, chosen)


def _is_given(layer: Any, name: str, value: Any) -> bool:
    """Whether Keras sets the argument by itself, when it builds or wraps the layer."""
    if name == "attention_axes" and value is not None:
        shape = (getattr(layer, "_build_shapes_dict", None) or {}).get("query_shape", ())
        return tuple(value) == tuple(range(1, len(shape) - 1))
    if name == "axis" and value == [-1]:
        return True  # what LayerNormalization makes of -1
    if name == "num_bins" and isinstance(layer, keras.layers.Discretization):
        return layer.bin_boundaries is not None  # learned with `adapt`: only one may be given
    wrapped = layer.name.startswith(("forward_", "backward_"))  # by Bidirectional
    return name == "zero_output_for_mask" and wrapped


def _first_difference(
    layer: Any,
    config: dict[str, Any],
    made: dict[str, Any] | None,
    parameters: dict[str, Any],
    chosen: dict[str, str],
) -> str | None:
    """The next argument to add. Without a layer to compare with, its default must do."""
    for name, default in parameters.items():
        if name in chosen:
            continue
        other = default if made is None else made.get(name, default)
        if not same({name: config[name]}, {name: other}):
            return name
    return None


def _prune(
    layer: Any, config: dict[str, Any], callee: str, chosen: dict[str, str], needs: Needs
) -> None:
    """Leave out what was only written because there was no layer to compare with."""
    for name in list(chosen):
        tried = {other: text for other, text in chosen.items() if other != name}
        made = config_made(_expression(callee, tried, layer), needs.objects)
        if made is not None and same({**made, "name": ""}, {**config, "name": ""}):
            del chosen[name]


def _shorten(
    layer: Any, config: dict[str, Any], callee: str, chosen: dict[str, str], needs: Needs
) -> None:
    """Write 3 for (3, 3) where the layer understands it as the same."""
    for name in list(chosen):
        for short in shorter(config[name]):
            tried = {**chosen, name: short}
            made = config_made(_expression(callee, tried, layer), needs.objects)
            if made is not None and same(made.get(name), config[name]):
                chosen[name] = short
                break


def _expression(callee: str, chosen: dict[str, str], layer: Any) -> str:
    """An expression to try, with a name so that Keras does not count the layer."""
    written = [f"{name}={text}" for name, text in chosen.items()]
    if _accepts(type(layer), "name"):
        written.append('name="tried"')
    return f"{callee}({', '.join(written)})"


def _written(layer: Any, parameters: dict[str, Any], chosen: dict[str, str]) -> list[str]:
    """The chosen arguments in the order of the signature; the first ones without their name."""
    kind = type(layer).__name__
    leading = next((argument for start, argument in _LEADING.items() if kind.startswith(start)), "")
    own = [name for name in inspect.signature(type(layer).__init__).parameters if name != "self"]
    written = []
    gap = False
    for place, name in enumerate(parameters):
        gap = gap or name not in chosen or place >= len(own) or own[place] != name
        if name not in chosen:
            continue
        required = parameters[name] is inspect.Parameter.empty
        bare = not gap and (required or name in _POSITIONAL or name == leading)
        gap = gap or not bare
        written.append(chosen[name] if bare else f"{name}={chosen[name]}")
    return written


def _parameters(kind: type) -> dict[str, Any]:
    """Parameters of the class and its parents with their defaults, own ones first."""
    found: dict[str, Any] = {}
    for parent in kind.__mro__:
        if parent is keras.Layer:
            break
        if "__init__" not in vars(parent):
            continue
        signature = inspect.signature(vars(parent)["__init__"]).parameters.values()
        for parameter in signature:
            if parameter.name != "self" and parameter.kind not in (
                inspect.Parameter.VAR_KEYWORD,
                inspect.Parameter.VAR_POSITIONAL,
            ):
                found.setdefault(parameter.name, parameter.default)
        if not any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in signature):
            break  # nothing reaches the parents
    defaults = {"activity_regularizer": None, "trainable": True, "dtype": None}
    common = {name: defaults[name] for name in _COMMON if _accepts(kind, name)}
    return {**{name: value for name, value in found.items() if name not in common}, **common}


def _accepts(kind: type, name: str) -> bool:
    """Whether the constructor takes an argument of this name."""
    parameters = inspect.signature(kind.__init__).parameters  # type: ignore[misc]
    return name in parameters or any(
        parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values()
    )
