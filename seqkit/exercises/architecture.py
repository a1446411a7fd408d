"""What a model is, up to names: the questions compare these facts and nothing else.

Two ways to write the same network give the same steps: an activation inside a layer or as a layer
of its own, `Flatten` or `Reshape`, `keras.Input` or `InputLayer`, a list or `add()`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from seqkit.exercises.errors import RefusedModelError
from seqkit.exercises.keras_types import Layer, Model, ModelOrLayers
from seqkit.exercises.words import ordinal

# Settings that do not change what the network can compute, or that only name things.
_SILENT = {"name", "trainable", "dtype", "seed", "data_format", "quantization_config"}
_SILENT |= {"batch_shape", "build_config", "autocast", "activation", "noise_shape"}
_SILENT_ENDINGS = ("_initializer", "_regularizer", "_constraint")


@dataclass(frozen=True)
class Step:
    """One step of a network: the kind of layer and the settings that matter.

    Attributes:
        kind: the class name, or `Activation`.
        config: settings as sorted pairs.
    """

    kind: str
    config: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        settings = dict(self.config)
        if self.kind == "Activation":
            return str(settings["function"])
        if not settings:
            return self.kind
        first = _TELLING.get(self.kind, tuple(settings)[:1])
        words = ", ".join(f"{key}={settings[key]!r}" for key in first if key in settings)
        return f"{self.kind}({words})"


_TELLING = {
    "Dense": ("units",),
    "Conv1D": ("filters", "kernel_size"),
    "Conv2D": ("filters", "kernel_size"),
    "Conv3D": ("filters", "kernel_size"),
    "LSTM": ("units", "return_sequences"),
    "GRU": ("units", "return_sequences"),
    "SimpleRNN": ("units", "return_sequences"),
    "Embedding": ("input_dim", "output_dim"),
    "Dropout": ("rate",),
}


def steps(model_or_layers: ModelOrLayers) -> tuple[Step, ...]:
    """List the steps of a chain of layers, free of names and of ways of writing.

    Args:
        model_or_layers: a Sequential, a Functional model that is a chain, or a list of layers.

    Returns:
        The steps in order, activations apart.

    Raises:
        RefusedModelError: when the model is not a chain.

    Example:
        >>> import keras
        >>> one = [keras.layers.Dense(3, activation="relu", name="mine")]
        >>> two = [keras.layers.Dense(3), keras.layers.ReLU()]
        >>> steps(one) == steps(two), [str(step) for step in steps(one)]
        (True, ['Dense(units=3)', 'relu'])
    """
    return tuple(step for layer in chain(model_or_layers) for step in _steps_of_layer(layer))


def chain(model_or_layers: ModelOrLayers) -> list[Layer]:
    """List the layers of a chain in the order of the data, nested models opened.

    Args:
        model_or_layers: a Sequential, a Functional model that is a chain, or a list of layers.

    Returns:
        The layers, without inputs.

    Raises:
        RefusedModelError: when a layer has several inputs, or a tensor is used twice.

    Example:
        >>> import keras
        >>> x = keras.Input((4,))
        >>> model = keras.Model(x, keras.layers.Dense(2)(keras.layers.ReLU()(x)))
        >>> [type(layer).__name__ for layer in chain(model)]
        ['ReLU', 'Dense']
    """
    import keras

    if isinstance(model_or_layers, list | tuple):
        layers = list(model_or_layers)
    elif isinstance(model_or_layers, keras.Sequential):
        layers = list(model_or_layers.layers)
    else:
        layers = _functional_chain(model_or_layers)
    opened: list[Layer] = []
    for layer in layers:
        if isinstance(layer, keras.KerasTensor | keras.layers.InputLayer):
            continue
        opened.extend(chain(layer) if isinstance(layer, keras.Model) else [layer])
    return opened


def difference(actual: Sequence[Step], expected: Sequence[Step]) -> str:
    """Name the first place where two lists of steps differ.

    Args:
        actual: the steps of the answer.
        expected: the steps that the question asks for.

    Returns:
        One sentence, or "" when the lists are equal. It counts layers of one kind, as a learner
        does, and not the activations that stand inside them.

    Example:
        >>> import keras
        >>> difference(steps([keras.layers.Dense(3)]), steps([keras.layers.Dense(4)]))
        'The Dense layer has 3 units; the task asks for 4.'
    """
    for index, (came, asked) in enumerate(zip(actual, expected, strict=False)):
        if came == asked:
            continue
        if came.kind == asked.kind and came.kind != "Activation":
            return f"The {_nth(actual, index)} has {_settings(came, asked)}."
        return f"{_after(actual, index)} comes {came}; the task asks for {asked}."
    count = min(len(actual), len(expected))
    if len(actual) < len(expected):
        return f"{_after(actual, count)} the task asks for {expected[count]}; nothing comes."
    if len(actual) > len(expected):
        return (
            f"{_after(actual, count)} comes {actual[count]}, which is more than the task asks for."
        )
    return ""


def sizes(steps_: Iterable[Step], kind: str, setting: str) -> list[Any]:
    """Collect one setting of all steps of one kind.

    Args:
        steps_: the steps of a model.
        kind: a layer kind, such as `Dense`.
        setting: a setting, such as `units`.

    Returns:
        The values in order.

    Example:
        >>> import keras
        >>> sizes(steps([keras.layers.Dense(3), keras.layers.Dense(4)]), "Dense", "units")
        [3, 4]
    """
    return [dict(step.config).get(setting) for step in steps_ if step.kind == kind]


def activations(steps_: Iterable[Step]) -> list[str]:
    """List the activations of a model in order.

    Args:
        steps_: the steps of a model.

    Returns:
        Names such as `relu` and `softmax`.

    Example:
        >>> import keras
        >>> activations(steps([keras.layers.Dense(3, activation="tanh"), keras.layers.Softmax()]))
        ['tanh', 'softmax']
    """
    return [str(step) for step in steps_ if step.kind == "Activation"]


def _steps_of_layer(layer: Layer) -> list[Step]:
    """A layer as no step, one step, or a step and its activation."""
    kind, config = type(layer).__name__, layer.get_config()
    if (
        kind in {"ReLU", "Relu"}
        and not config.get("negative_slope")
        and not config.get("threshold")
    ):
        ceiling = config.get("max_value")
        return [_activation("relu" if ceiling is None else f"relu{ceiling:g}")]
    if kind == "Softmax" and config.get("axis", -1) == -1:
        return [_activation("softmax")]
    if kind == "Activation":
        return _activations_of(config)
    if kind in {"Identity"} or (kind == "Flatten" and _rank_before(layer) == 2):
        return []
    if kind == "Reshape" and len(config["target_shape"]) == 1:
        return [Step("Flatten")]
    step = Step(kind, () if kind == "Flatten" else _telling(config))
    # A recurrent layer applies its activation inside its loop: it is a setting, not a next step.
    if "recurrent_initializer" in config:
        inner = (("activation", _function_name(config.get("activation"))),)
        return [Step(kind, tuple(sorted(step.config + inner)))]
    return [step, *_activations_of(config)]


def _activations_of(config: dict[str, Any]) -> list[Step]:
    name = _function_name(config.get("activation"))
    return [] if name in {"", "linear"} else [_activation(name)]


def _activation(name: str) -> Step:
    return Step("Activation", (("function", name),))


# Keras takes a layer as an activation, too: Dense(10, activation=layers.Softmax()).
_LAYERS_AS_FUNCTIONS = {"Softmax": "softmax", "ReLU": "relu", "ELU": "elu"}


def _function_name(value: object) -> str:
    """The name of an activation given as text, as a function or as a configuration."""
    if isinstance(value, dict) and value.get("class_name") in _LAYERS_AS_FUNCTIONS:
        return _LAYERS_AS_FUNCTIONS[value["class_name"]]
    if isinstance(value, dict):
        value = value.get("config") if isinstance(value.get("config"), str) else value["class_name"]
    return "" if value is None else str(getattr(value, "__name__", value))


def _telling(config: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(
        sorted(
            (key, _frozen(value))
            for key, value in config.items()
            if key not in _SILENT and not key.endswith(_SILENT_ENDINGS)
        )
    )


def _frozen(value: object) -> object:
    """A setting in a form that can be compared: lists as tuples, names of inner layers left out."""
    if isinstance(value, list | tuple):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return tuple((key, _frozen(item)) for key, item in sorted(value.items()) if key != "name")
    return value


def _rank_before(layer: Layer) -> int | None:
    """The number of axes that a layer of a built model receives."""
    try:
        return len(layer.input.shape)
    except (AttributeError, ValueError):
        return None


def _settings(came: Step, asked: Step) -> str:
    """The first setting that is not as asked, and what was asked."""
    have, want = dict(came.config), dict(asked.config)
    telling = [key for key in _TELLING.get(came.kind, ()) if key in want]
    key = next(key for key in [*telling, *want, *have] if have.get(key) != want.get(key))
    if key in {"units", "filters"}:
        return f"{have[key]} {key}; the task asks for {want[key]}"
    return f"{key}={have.get(key)!r}; the task asks for {key}={want.get(key)!r}"


def _nth(steps_: Sequence[Step], index: int) -> str:
    """A step by its place among the layers of its kind: `third Dense layer`."""
    kind = steps_[index].kind
    places = [place for place, step in enumerate(steps_) if step.kind == kind]
    layer = f"{kind} layer"
    return layer if len(places) == 1 else f"{ordinal(places.index(index) + 1)} {layer}"


def _after(steps_: Sequence[Step], index: int) -> str:
    """The last layer before a place: `After the second Dense layer`."""
    for place in range(index - 1, -1, -1):
        if steps_[place].kind != "Activation":
            return f"After the {_nth(steps_, place)}"
    return "At the beginning"


def _functional_chain(model: Model) -> list[Layer]:
    """The layers of a Functional model, when each reads exactly the one before it."""
    config = model.get_config()
    nodes = {entry["name"]: _sources(entry["inbound_nodes"]) for entry in config["layers"]}
    read = [source for sources in nodes.values() for source in sources]
    straight = (
        len(read) == len(set(read))
        and sum(not sources for sources in nodes.values()) == 1
        and all(len(sources) <= 1 for sources in nodes.values())
    )
    if not straight:
        raise RefusedModelError(
            "The model is not a chain: a tensor is used twice, or two are merged."
        )
    follower = {sources[0]: name for name, sources in nodes.items() if sources}
    name = next(name for name, sources in nodes.items() if not sources)
    layers = {operation.name: operation for operation in model.operations}
    ordered = []
    while name in follower:
        name = follower[name]
        ordered.append(layers[name])
    return ordered


def _sources(value: object) -> list[str]:
    """The names of all layers whose tensors occur in the inbound nodes of a layer."""
    if isinstance(value, dict):
        if "keras_history" in value:
            return [value["keras_history"][0]]
        return [name for item in value.values() for name in _sources(item)]
    if isinstance(value, list | tuple):
        return [name for item in value for name in _sources(item)]
    return []
