"""Rebuilding: what Keras exports comes back; forged descriptions are refused before they act."""

from __future__ import annotations

import copy
import json
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keras import layers

from seqkit.exercises import allow_list
from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.errors import RefusedModelError
from seqkit.exercises.keras_types import Model
from seqkit.exercises.model_answers import LayersAnswer, ModelAnswer
from seqkit.exercises.rebuild import rebuild_layers, rebuild_model, uses_slicing

Json = Any


# What comes back.


def branches() -> Model:
    """Operators, slices, constants, functions of keras.ops and layers, in one graph."""
    x = keras.Input((8,), name="numbers")
    y = layers.Dense(8, activation=keras.ops.sin, kernel_regularizer="l2")(x) + 2.0 * x
    z = keras.ops.concatenate([y[:, :3], keras.ops.relu(y), y[..., -1:]], axis=-1)
    return keras.Model(x, [z + np.ones((1, 12), "float32"), layers.Activation("gelu")(z)])


def words() -> Model:
    """Wrappers, cells, initializers and constraints."""
    return keras.Sequential(
        [
            keras.Input((10,)),
            layers.Embedding(30, 8, embeddings_initializer=keras.initializers.RandomNormal(0, 0.1)),
            layers.Bidirectional(layers.RNN([layers.LSTMCell(4), layers.GRUCell(3)]), name="both"),
            layers.Dense(3, kernel_constraint=keras.constraints.MaxNorm(2), dtype="float32"),
            layers.SpectralNormalization(layers.Dense(2)),
        ]
    )


def blocks() -> Model:
    """A model in a model, a layer called twice, attention, a vocabulary."""
    block = keras.Sequential([keras.Input((6, 4)), layers.Dense(4, activation="relu")])
    x = keras.Input((6, 4))
    shared = layers.MultiHeadAttention(2, 3)
    y = layers.LayerNormalization()(shared(block(x), block(x)) + x)
    return keras.Model(x, layers.Flatten()(shared(y, y)))


@pytest.mark.parametrize("make", [branches, words, blocks])
def test_unusual_models_come_back(make: Any) -> None:
    model = make()
    again = rebuild_model(over_the_wire(ModelAnswer().read(model)))
    x = np.random.default_rng(0).integers(0, 9, (3, *model.input_shape[1:])).astype("float32")
    for one, two in zip(numbers(model, x), numbers(again, x), strict=True):
        np.testing.assert_allclose(one, two, atol=1e-5)


def test_words_of_a_vocabulary_come_back() -> None:
    given_ = [keras.Input((), dtype="string"), layers.StringLookup(vocabulary=["a/b", "c"])]
    again = rebuild_layers(LayersAnswer().read(given_))
    assert again[1].get_vocabulary() == ["[UNK]", "a/b", "c"]


def test_more_than_a_thousand_weights_keep_their_order() -> None:
    stack = [layers.Dense(1, use_bias=False) for _ in range(10)]
    data = ModelAnswer().read(keras.Sequential([keras.Input((1,)), *stack]))
    arrays = {f"weight{995 + n:03d}": np.full((1, 1), n, "float32") for n in range(10)}
    again = rebuild_model(AnswerData(data.kind, data.values, arrays))
    assert [float(one[0, 0]) for one in again.get_weights()] == list(range(10))


def test_slicing_is_seen() -> None:
    assert uses_slicing(ModelAnswer().read(branches()))
    assert not uses_slicing(ModelAnswer().read(words()))


@pytest.mark.parametrize("name", sorted(vars(layers)))
def test_every_layer_that_is_not_code_is_allowed(name: str) -> None:
    cls = getattr(layers, name)
    if not isinstance(cls, type) or not issubclass(cls, keras.Layer):
        pytest.skip("no layer")
    runs_code = name in {"Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"}
    allowed = bool(allow_list.canonical_module("keras.layers", name))
    assert allowed is not (runs_code or name in {"Layer", "Wrapper"})


# Published forms of attack, each where a layer or one of its settings should stand.

SYSTEM = {"class_name": "function", "config": "system", "module": "os", "registered_name": "system"}
CODE = {"class_name": "__lambda__", "config": {"value": ["4wEAAAA=", None, None]}}
POPEN = {"module": "subprocess", "class_name": "Popen", "config": {"args": ["touch", "/tmp/x"]}}
GET_FILE = {
    "module": "keras.utils",
    "class_name": "get_file",
    "config": {"fname": "x", "origin": "http://127.0.0.1/x", "extract": True},
    "registered_name": None,
}


def keras_function(module: str, name: str) -> dict[str, Any]:
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


def layer(kind: str, module: str = "keras.layers", /, **config: Any) -> dict[str, Any]:
    return {"module": module, "class_name": kind, "config": config, "registered_name": None}


ATTACKS = {
    "a foreign class": POPEN,
    "a foreign class that says it is registered": {**POPEN, "registered_name": "Dense"},
    "a foreign function": SYSTEM,
    "a builtin": keras_function("builtins", "eval"),
    "marshalled code": CODE,
    "a Lambda": layer("Lambda", function=CODE, arguments={}),
    "a Lambda by its file": layer("Lambda", "keras.src.layers.core.lambda_layer", function=CODE),
    "unsafe deserialization switched on": layer("enable_unsafe_deserialization", "keras.config"),
    "the same as a function": keras_function("keras.config", "enable_unsafe_deserialization"),
    "a download": GET_FILE,
    "a download by its file": {**GET_FILE, "module": "keras.src.utils.file_utils"},
    "another model file": keras_function("keras.models", "load_model"),
    "another model file by its room": keras_function("keras.saving", "load_model"),
    "a vocabulary file": layer("StringLookup", vocabulary="/etc/passwd"),
    "a vocabulary file without a path": layer("StringLookup", vocabulary="passwd"),
    "a vocabulary file of numbers": layer("IntegerLookup", vocabulary="C:\\numbers.txt"),
    "a vocabulary from elsewhere": layer("TextVectorization", vocabulary="gs://bucket/words"),
    "a saved model": layer("TFSMLayer", filepath="/tmp/saved", call_endpoint="serve"),
    "a pickled module of torch": layer("TorchModuleWrapper", module="gASVBQAAAAAAAABLAS4="),
    "a layer of jax": layer("JaxLayer", call_fn=CODE),
    "a type of TensorFlow": {
        "class_name": "__typespec__",
        "spec_name": "TypeSpec",
        "module": "tensorflow",
        "registered_name": None,
        "config": [1],
    },
    "an array of objects": {
        "class_name": "__numpy__",
        "config": {"value": [{"a": 1}], "dtype": "object"},
    },
    "bytes": {"class_name": "__bytes__", "config": {"value": "x"}},
    "an optimizer": layer("Adam", "keras.optimizers", learning_rate=0.1),
    "a base class": layer("Layer"),
    "a class of the package": layer("Trainer", "keras.src.trainers.trainer"),
    "a module that looks like Keras": layer("Dense", "keras_evil.layers", units=1),
    "a module beside Keras": layer("Dense", "keras.layers.evil", units=1),
    "a loop with a function": layer("WhileLoop", "keras.src.ops.core", cond=CODE, body=CODE),
    "a layer without a module that is none": {"class_name": "Popen", "config": {}},
    "no text as a class": {"class_name": ["Dense"], "config": {}},
    "no settings": {"module": "keras.layers", "class_name": "Dense", "config": "x"},
    "a quantized layer": layer("Dense", units=1, quantization_config=GET_FILE),
    "a quantized data type": layer("Dense", units=1, dtype="int8_from_float32"),
    "a data type that is a path": layer("Dense", units=1, dtype="../float32"),
    "a huge setting": layer("Embedding", input_dim=10**10, output_dim=1),
    "a huge number": layer("Dense", units=10**30),
}
PLACES = {
    "in the list": lambda bad: sequential(bad),
    "in a wrapper": lambda bad: sequential(layer("TimeDistributed", layer=bad)),
    "as an activation": lambda bad: sequential(layer("Dense", units=2, activation=bad)),
    "as an initializer": lambda bad: sequential(layer("Dense", units=2, kernel_initializer=bad)),
    "as a data type": lambda bad: sequential(layer("Dense", units=2, dtype=bad)),
    "in a nested model": lambda bad: sequential(sequential(bad)),
    "as a keyword of a call": lambda bad: with_keyword(bad),
}


def sequential(*parts: Json) -> dict[str, Any]:
    entrance = layer("InputLayer", batch_shape=[None, 4], dtype="float32", name="entrance")
    return layer("Sequential", "keras", name="s", layers=[entrance, *copy.deepcopy(parts)])


def with_keyword(bad: Json) -> dict[str, Any]:
    x = keras.Input((4,))
    config = json.loads(keras.Model(x, layers.Dropout(0.1)(x)).to_json())
    config["config"]["layers"][1]["inbound_nodes"][0]["kwargs"]["training"] = copy.deepcopy(bad)
    return dict(config)


def answer_of(architecture: Json, **arrays: Any) -> AnswerData:
    values = {"architecture": architecture, "class": "Functional", "built": True}
    weights = arrays or {"weight000": np.zeros((4, 2), "float32")}
    return AnswerData("model", {**values, "input_shape": [None, 4], "compile": None}, weights)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("attack", ATTACKS)
def test_known_attacks_are_refused_and_do_nothing(attack: str, place: str) -> None:
    data = answer_of(PLACES[place](ATTACKS[attack]))
    with nothing_happens(), pytest.raises(RefusedModelError):
        rebuild_model(over_the_wire(data))


@pytest.mark.parametrize("attack", ATTACKS)
def test_known_attacks_in_a_list_of_layers(attack: str) -> None:
    data = AnswerData("layers", {"layers": [ATTACKS[attack]]})
    with nothing_happens(), pytest.raises(RefusedModelError):
        rebuild_layers(over_the_wire(data))


def test_what_was_built_or_compiled_elsewhere_is_left_out() -> None:
    dense = layer("Dense", units=2, name="d")
    dense |= {"build_config": GET_FILE, "compile_config": GET_FILE, "shared_object_id": 3}
    cleaned = allow_list.clean(sequential(dense))
    assert set(cleaned["config"]["layers"][1]) == {
        "module",
        "class_name",
        "config",
        "registered_name",
    }


def test_a_registered_class_never_comes_in_by_its_name() -> None:
    @keras.saving.register_keras_serializable("mine")
    class Dense(layers.Dense):
        pass

    config = {**layer("Dense", units=2, name="d"), "registered_name": "mine>Dense"}
    (made,) = rebuild_layers(AnswerData("layers", {"layers": [config]}))
    assert type(made) is layers.Dense


@pytest.mark.parametrize(
    "values",
    [
        {"architecture": []},
        {"architecture": "x"},
        {"architecture": {"config": []}},
        {"architecture": {"class_name": "Sequential", "module": "keras", "config": []}},
        {"architecture": layer("Dense", units=1), "input_shape": [None, 4.5]},
        {"architecture": layer("Dense", units=1), "input_shape": "x"},
        {"architecture": layer("Dense", units=1), "input_shape": [None, -1]},
        {"architecture": layer("Dense", units=1), "input_shape": [10**6, 10**6]},
    ],
)
def test_what_is_no_description_is_refused(values: dict[str, Any]) -> None:
    data = answer_of(None)
    with pytest.raises(RefusedModelError):
        rebuild_model(AnswerData("model", data.values | values, data.arrays))


@pytest.mark.parametrize(
    "entries",
    [
        "x",
        [1],
        [{"class_name": "Same", "index": 0}],
        [layer("ReLU"), {"class_name": "Same", "index": -1}],
        [layer("ReLU"), {"class_name": "Same", "index": True}],
        [{"class_name": "Input", "shape": [10**5, 10**5], "dtype": "float32"}],
        [{"class_name": "Input", "shape": ["4"], "dtype": "float32"}],
        [{"class_name": "Input", "shape": [4], "dtype": "os"}],
        [{"class_name": "Input"}],
    ],
)
def test_what_is_no_list_of_layers_is_refused(entries: Json) -> None:
    with pytest.raises(RefusedModelError):
        rebuild_layers(AnswerData("layers", {"layers": entries}))


# Too large, too deep, too many.


def test_a_model_that_is_much_larger_than_its_weights() -> None:
    import resource

    allow_list.clean(sequential())  # the list of classes is read once
    hidden = layer("Dense", units=40_000, name="a")
    data = answer_of(sequential(hidden, {**hidden, "config": {"units": 25_000, "name": "b"}}))
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    with pytest.raises(RefusedModelError, match=r"1,000,225,000 parameters, but 8 came"):
        rebuild_model(data)
    assert time.perf_counter() - start < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KB


def test_a_list_that_would_be_too_large() -> None:
    entrance = {"class_name": "Input", "shape": [30_000], "dtype": "float32"}
    entries = [entrance, layer("Dense", units=30_000, name="d")]
    start = time.perf_counter()
    with pytest.raises(RefusedModelError, match="50,000,000 parameters"):
        rebuild_layers(AnswerData("layers", {"layers": entries}))
    assert time.perf_counter() - start < 1


def test_parts_inside_too_many_parts() -> None:
    part = layer("Dense", units=1)
    for _ in range(25):
        part = layer("TimeDistributed", layer=part)
    with pytest.raises(RefusedModelError, match="parts inside more than 20"):
        rebuild_model(answer_of(sequential(part)))


def test_lists_inside_too_many_lists() -> None:
    deep: Json = 1
    for _ in range(400):
        deep = [deep]
    with pytest.raises(RefusedModelError):
        rebuild_model(answer_of(sequential(layer("Dense", units=deep))))


def test_a_sequential_of_too_many_layers() -> None:
    many = [layer("ReLU", name=f"r{place}") for place in range(250)]
    with pytest.raises(RefusedModelError, match="251 layers in a row"):
        rebuild_model(answer_of(sequential(*many)))


def test_too_many_parts() -> None:
    many = [layer("ReLU", name=f"r{place}") for place in range(2_001)]
    with pytest.raises(RefusedModelError, match="2,000 parts"):
        allow_list.clean(layer("Functional", "keras.src.models.functional", layers=many))
    with pytest.raises(RefusedModelError, match="2,000 parts"):
        rebuild_layers(AnswerData("layers", {"layers": many}))


@pytest.mark.parametrize(
    "array", [np.array(["x"]), np.array([1j]), np.zeros(3, "datetime64[s]"), np.array([b"x"])]
)
def test_weights_that_are_no_numbers(array: np.ndarray) -> None:
    with pytest.raises(RefusedModelError, match="not arrays of numbers"):
        rebuild_model(answer_of(sequential(layer("Dense", units=2, name="d")), weight000=array))


@pytest.mark.parametrize("shapes", [[(4, 3), (2,)], [(4, 2)], [(2, 4), (2,)], [(4, 2), (2,), (1,)]])
def test_weights_that_do_not_fit(shapes: list[tuple[int, ...]]) -> None:
    arrays = {f"weight{n:03d}": np.zeros(shape) for n, shape in enumerate(shapes)}
    with pytest.raises(RefusedModelError, match=r"do not fit|parameters, but"):
        rebuild_model(answer_of(sequential(layer("Dense", units=2, name="d")), **arrays))


# Nothing random gets through.

# fmt: off
NAMES = st.sampled_from(
    [
        "Dense", "Lambda", "Sequential", "Functional", "function",
        "Popen", "get_file", "RNN", "Add", "StringLookup",
        "InputLayer", "GlorotUniform", "DTypePolicy", "__lambda__", "__numpy__",
        "TimeDistributed", "Bidirectional", "LSTM", "load_model", "Same",
        "Input", "__slice__",
    ]
)
MODULES = st.sampled_from(
    [
        "keras", "keras.layers", "keras.initializers", "keras.utils", "keras.saving",
        "builtins", "keras.src.models.functional", "keras.src.ops.numpy", "os", "subprocess",
        "colorsys",
    ]
)
KEYS = st.sampled_from(
    [
        "name", "units", "layer", "layers", "activation",
        "cell", "kernel_initializer", "vocabulary", "dtype", "shape",
        "batch_shape", "config", "value", "function", "module",
        "filepath",
    ]
)
# fmt: on
TEXTS = st.sampled_from(["relu", "float32", "/etc/passwd", "colorsys", "os.system", "a", "zeros"])
LEAVES = st.none() | st.booleans() | st.integers(-3, 40) | st.just(10**9) | st.floats(0, 1) | TEXTS


def objects(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    settings_ = st.dictionaries(KEYS, inner, max_size=4)
    return st.fixed_dictionaries(
        {"class_name": NAMES, "config": settings_ | TEXTS},
        optional={
            "module": MODULES | st.none(),
            "registered_name": NAMES | st.none(),
            "inbound_nodes": st.just([]),
            "name": st.just("n"),
            "build_config": settings_,
            "compile_config": settings_,
        },
    )


JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3) | objects(inner)
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(JSON, max_size=3), objects(JSON))
def test_random_descriptions_do_nothing(parts: list[Json], other: Json) -> None:
    for architecture in (sequential(*parts), other):
        with nothing_happens():
            try:
                cleaned = allow_list.clean(copy.deepcopy(architecture))
            except RefusedModelError:
                continue
            assert all_allowed(cleaned)
            try:
                made = rebuild_model(answer_of(architecture))
            except Exception:  # Keras refuses settings that do not fit, in many words
                continue
            assert all(type(one).__module__.startswith("keras.src.") for one in flat(made))


def all_allowed(value: Json) -> bool:
    """Whether every class that a cleaned description names is one that Keras exports."""
    if isinstance(value, list):
        return all(all_allowed(item) for item in value)
    if not isinstance(value, dict):
        return True
    name = value.get("class_name")
    known = name is None or name.startswith("__") or name == "function"
    inside = all(all_allowed(item) for item in value.values())
    return inside and (known or (value["module"], name) in allow_list.allowed_classes())


def flat(model: Model) -> list[Any]:
    return list(model._flatten_layers())


_SEEN: list[str] = []
_WATCHING = False
_ACTS = re.compile(r"import|open|exec|os\.(?!listdir|scandir)|subprocess|socket|marshal|pickle")


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _WATCHING and _ACTS.match(event) and not _is_ours(event, arguments):
        _SEEN.append(f"{event} {str(arguments)[:200]}")


def _is_ours(event: str, arguments: tuple[Any, ...]) -> bool:
    """Keras reads its own sources, for tracing; TensorFlow compiles what it read."""
    place = str(arguments[0]) if arguments else ""
    if event == "import":
        return place.split(".")[0] in {"keras", "tensorflow", "jax", "torch"}
    if event == "exec":
        code = getattr(arguments[0], "co_filename", "") if arguments else ""
        return code.startswith(("<", str(Path(sys.prefix)), "/tmp/__autograph"))
    return event == "open" and (str(Path(sys.prefix)) in place or "autograph" in place)


sys.addaudithook(_watch)


@cache
def _warm_up() -> None:
    """What the first model imports and reads is no harm."""
    rebuild_model(ModelAnswer().read(branches()))


@contextmanager
def nothing_happens() -> Iterator[None]:
    """No import, no file, no process and no foreign code while this is open."""
    global _WATCHING
    _warm_up()
    _SEEN.clear()
    _WATCHING = True
    try:
        yield
    finally:
        _WATCHING = False
    assert not _SEEN, _SEEN


def test_the_watch_sees() -> None:
    with pytest.raises(AssertionError, match="colorsys"), nothing_happens():
        sys.modules.pop("colorsys", None)
        import colorsys  # noqa: F401
    with pytest.raises(AssertionError, match="open"), nothing_happens():
        Path(__file__).with_name("no such file").exists()
        Path("/etc/hostname").read_bytes()


def over_the_wire(data: AnswerData) -> AnswerData:
    return AnswerData.from_bytes(*data.to_bytes())


def numbers(model: Model, x: np.ndarray) -> list[np.ndarray]:
    flat_ = keras.tree.flatten(model(x))
    return [np.asarray(keras.ops.convert_to_numpy(one)) for one in flat_]


def test_counting_leaves_no_weights_to_be_filled_later() -> None:
    from keras.src.backend.common import global_state

    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    before = list(global_state.get_global_attribute("uninitialized_variables", []))
    rebuild_model(ModelAnswer().read(model))
    rebuild_layers(LayersAnswer().read([keras.Input((4,)), keras.layers.Dense(3)]))
    assert global_state.get_global_attribute("uninitialized_variables", []) == before


def test_an_input_layer_in_a_list_is_an_input() -> None:
    import keras

    given = [keras.layers.InputLayer(shape=(4,)), keras.layers.Dense(2)]
    layers = rebuild_layers(LayersAnswer().read(given))
    assert isinstance(layers[0], keras.KerasTensor)
    assert layers[0].shape == (None, 4)
