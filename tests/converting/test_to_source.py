"""`to_source`: code that runs by itself and makes the same model."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from seqkit.converting import ConversionError, to_source
from seqkit.converting.folding import FOLDED, fold
from seqkit.errors import InputShapeError, NotAModelError
from tests.converting.outputs import assert_same_outputs, plain_config

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(2, 4)).astype("float32")
PICTURES = RANDOM.normal(size=(2, 8, 8, 3)).astype("float32")
SERIES = RANDOM.normal(size=(2, 5, 8)).astype("float32")
WORDS = np.array([[3, 4, 0, 0], [1, 2, 5, 0]])


def residual() -> keras.Model:
    x = inputs = keras.Input((8, 8, 3))
    x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(4, 3, padding="same")(x)))
    for _ in range(2):
        start = x
        x = layers.BatchNormalization()(layers.Conv2D(4, 3, padding="same")(x))
        x = layers.ReLU()(layers.Add()([x, start]))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(2, activation="softmax")(x), name="tiny_resnet")


def inception() -> keras.Model:
    inputs = keras.Input((8, 8, 3))
    trunk = layers.Conv2D(4, 1)(inputs)
    one = layers.Conv2D(2, 1)(trunk)
    three = layers.Conv2D(2, 3, padding="same")(layers.Conv2D(2, 1)(trunk))
    pool = layers.MaxPooling2D(3, 1, padding="same")(trunk)
    return keras.Model(inputs, [layers.Concatenate()([one, three, pool]), one])


def siamese() -> keras.Model:
    encoder = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.ReLU()], name="encoder")
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    distance = layers.Dot(1, normalize=True)([encoder(left), encoder(right)])
    return keras.Model({"left": left, "right": right}, distance)


def masked() -> keras.Model:
    inputs = keras.Input((None,), dtype="int32")
    x = layers.Embedding(9, 4, mask_zero=True)(inputs)
    x = layers.LSTM(3, return_sequences=True)(x)
    return keras.Model(inputs, layers.Bidirectional(layers.GRU(3))(x))


def states() -> keras.Model:
    inputs = keras.Input((5, 8))
    x, hidden, cell = layers.LSTM(3, return_sequences=True, return_state=True)(inputs)
    x = layers.LSTM(3)(x, initial_state=[hidden, cell])
    return keras.Model(inputs, {"last": x, "first": hidden})


def attention() -> keras.Model:
    inputs = keras.Input((5, 8))
    attended = layers.MultiHeadAttention(2, 4)(inputs, inputs, use_causal_mask=True)
    return keras.Model(inputs, layers.LayerNormalization()(layers.Add()([inputs, attended])))


def operations() -> keras.Model:
    inputs = keras.Input((4,))
    x = layers.BatchNormalization()(inputs, training=False)
    x = keras.ops.relu(x) - 1
    x = keras.ops.concatenate([x, inputs * 2], axis=1)
    x = keras.ops.mean(keras.ops.expand_dims(x, -1), axis=1)
    y = keras.ops.reshape(inputs, (-1, 2, 2))[:, 0, :1]
    z = keras.ops.split(inputs, 2, axis=1)[1]
    w = keras.ops.where(inputs > 0, inputs, 0.0)
    v = keras.ops.einsum("ij,ik->jk", inputs, inputs)
    return keras.Model(inputs, [x, y, z, w, v, 1 / keras.ops.max(inputs, axis=-1)])


def nested() -> keras.Model:
    entry = keras.Input((4,))
    in_a_list = keras.Model(entry, [layers.Add()([layers.Dense(4)(entry), entry])], name="outside")
    entry = keras.Input((4,))
    plain = keras.Model(entry, layers.Dense(4)(layers.Dense(5)(entry)))
    inputs = keras.Input((4,))
    x = in_a_list(inputs)[0]
    x = keras.Sequential([plain, layers.Flatten()])(x)
    return keras.Model(inputs, layers.Dense(1)(in_a_list(x)[0]))


def shared() -> keras.Model:
    dense = layers.Dense(4)
    inputs = keras.Input((4,))
    x = keras.Sequential([dense, layers.ReLU()], name="first")(inputs)
    x = keras.Sequential([layers.ReLU(), dense], name="second")(x)
    return keras.Model(inputs, dense(x))


def only_input() -> keras.Model:
    inputs = keras.Input((4,))
    return keras.Model(inputs, [inputs, layers.ReLU()(inputs)])


GRAPHS: dict[str, tuple[Callable[[], keras.Model], Any]] = {
    "residual": (residual, PICTURES),
    "inception": (inception, PICTURES),
    "siamese": (siamese, {"left": ROWS, "right": ROWS[::-1]}),
    "masked": (masked, WORDS),
    "states": (states, SERIES),
    "attention": (attention, SERIES),
    "operations": (operations, ROWS),
    "nested": (nested, ROWS),
    "shared": (shared, ROWS),
    "only input": (only_input, ROWS),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_a_functional_model_and_its_code(name: str) -> None:
    make, data = GRAPHS[name]
    model = make()
    source = to_source(model)
    made = source.run()
    made.set_weights(model.get_weights())
    assert_same_outputs(model, made, data)
    if name != "masked":  # the mask is an operation in the config, counted at another place
        assert plain_config(made) == plain_config(model)


def test_the_code_of_a_block() -> None:
    assert to_source(residual()).split("\n")[3:10] == [
        "inputs = keras.Input((8, 8, 3))",
        'x = layers.Conv2D(4, 3, padding="same")(inputs)',
        "x = layers.BatchNormalization()(x)",
        "skip = layers.ReLU()(x)",
        'x = layers.Conv2D(4, 3, padding="same")(skip)',
        "x = layers.BatchNormalization()(x)",
        "x = layers.Add()([x, skip])",
    ]


def test_the_code_of_a_stack() -> None:
    items = [keras.Input((4,)), layers.Dense(3, activation="relu"), layers.Dense(1, name="score")]
    assert str(to_source(items, "sequential")) == (
        "import keras\n"
        "from keras import layers\n"
        "\n"
        "model = keras.Sequential(\n"
        "    [\n"
        "        keras.Input((4,)),\n"
        '        layers.Dense(3, activation="relu"),\n'
        '        layers.Dense(1, name="score"),\n'
        "    ]\n"
        ")"
    )


def test_it_prints_as_code() -> None:
    source = to_source([keras.Input((4,)), layers.Dense(3)])
    assert repr(source) == str(source)
    assert "layers.Dense(3)" in source._repr_html_()
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    assert namespace["model"].output_shape == (None, 3)


@pytest.mark.skipif(find_spec("ruff") is None, reason="ruff is not installed")
@pytest.mark.parametrize("name", GRAPHS)
def test_the_code_is_formatted(name: str) -> None:
    source = to_source(GRAPHS[name][0]()) + "\n"
    formatted = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "-"],
        input=source,
        capture_output=True,
        text=True,
    )
    assert formatted.stdout == source


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (siamese, "2 inputs"),
        (inception, "2 outputs"),
        (residual, "Add 'add.*' takes 2 tensors"),
        (operations, "outputs"),
    ],
)
def test_what_cannot_be_a_sequential(make: Callable[[], keras.Model], words: str) -> None:
    with pytest.raises(ConversionError, match=words):
        to_source(make(), "sequential")


def test_a_functional_chain_can_be_a_sequential() -> None:
    made = to_source(masked(), "sequential").run()
    assert isinstance(made, keras.Sequential)
    assert [type(layer).__name__ for layer in made.layers] == ["Embedding", "LSTM", "Bidirectional"]


def test_a_call_with_an_option_cannot_be_a_sequential() -> None:
    inputs = keras.Input((4,))
    model = keras.Model(inputs, layers.BatchNormalization()(inputs, training=False))
    with pytest.raises(ConversionError, match="called with more than a tensor"):
        to_source(model, "sequential")


def test_nothing_is_built_and_names_are_not_counted() -> None:
    model = keras.Sequential([layers.Dense(3), layers.Dropout(0.5)])
    before = layers.Dense(1).name
    with pytest.raises(InputShapeError, match="input_shape="):
        to_source(model)
    assert "keras.Input((4,))" in to_source(model, input_shape=(4,))
    assert "keras.Input" not in to_source(model, "sequential")
    assert not model.built
    assert not model.layers[0].built
    assert int(layers.Dense(1).name.split("_")[-1]) == int(before.split("_")[-1]) + 1


def test_no_random_number_is_drawn() -> None:
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(3, kernel_initializer="he_normal", activation=layers.ReLU()),
            layers.Dropout(0.5),
        ]
    )
    random.seed(3)
    expected = random.random()
    random.seed(3)
    to_source(model)
    assert random.random() == expected


class Scale(layers.Layer):
    """A layer of the user's own, in a module."""

    def __init__(self, by: float = 2.0, **options: Any) -> None:
        super().__init__(**options)
        self.by = by

    def call(self, x: Any) -> Any:
        return x * self.by

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "by": self.by}


def double(x: Any) -> Any:
    return x * 2


def test_own_classes_and_functions_that_no_module_holds() -> None:
    class Local(Scale):
        pass

    Local.__module__ = "__main__"
    model = keras.Sequential([keras.Input((4,)), Local(3.0), layers.Dense(2)])
    source = to_source(model)
    assert source.startswith("# Local is a class of your own: define it before this line.\n")
    assert "x = Local(by=3.0)(inputs)" in source
    assert source.scope == {"Local": Local}
    made = source.run()
    made.set_weights(model.get_weights())
    assert_same_outputs(model, made, ROWS)


def test_own_functions() -> None:
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Lambda(lambda x: np.float32(2) * x + keras.ops.sum(x, axis=-1, keepdims=True)),
            layers.Lambda(double),
            layers.Dense(2, activation=double),
        ]
    )
    source = to_source(model)
    assert "import numpy as np\n" in source
    assert "lambda x: np.float32(2) * x" in source
    made = source.run()
    made.set_weights(model.get_weights())
    assert_same_outputs(model, made, ROWS)


def test_constants_in_calls() -> None:
    inputs = keras.Input((4,))
    model = keras.Model(inputs, inputs + np.array([1.0, 2.0, 3.0, 4.0], "float32"))
    source = to_source(model)
    assert 'keras.ops.array([1.0, 2.0, 3.0, 4.0], dtype="float32")' in source
    assert_same_outputs(model, source.run(), ROWS)
    long = keras.Model(inputs, inputs * np.ones((101, 1), "float32"))
    with pytest.raises(ConversionError, match="an array of 101 numbers"):
        to_source(long)


def test_two_lambdas_on_one_line() -> None:
    add, multiply = layers.Lambda(lambda x: x + 2), layers.Lambda(lambda x: x * 2)
    model = keras.Sequential([keras.Input((4,)), add, multiply])
    assert_same_outputs(model, to_source(model).run(), ROWS)


def test_a_lambda_that_holds_a_variable_is_named() -> None:
    factor = 3
    model = keras.Sequential([keras.Input((4,)), layers.Lambda(lambda x: x * factor)])
    source = to_source(model)
    assert "# function is a lambda of your own" in source
    assert_same_outputs(model, source.run(), ROWS)


def test_a_library_s_class_is_imported(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_layers_of_a_test.py").write_text(
        "import keras\n\nclass Half(keras.layers.Layer):\n    def call(self, x):\n"
        "        return x / 2\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    from own_layers_of_a_test import Half  # type: ignore[import-not-found]

    source = to_source([keras.Input((4,)), Half()])
    assert "from own_layers_of_a_test import Half\n" in source
    assert not source.scope
    assert_same_outputs(source.run(), lambda x: x / 2, ROWS)


def test_a_layer_without_config_is_refused() -> None:
    class NoConfig(layers.Layer):
        def __init__(self, function: Any) -> None:
            super().__init__()
            self.function = function

        def call(self, x: Any) -> Any:
            return self.function(x)

    with pytest.raises(ConversionError, match="get_config"):
        to_source([keras.Input((4,)), NoConfig(double)])


def test_the_dtype_policy_of_the_session_is_told() -> None:
    keras.config.set_dtype_policy("mixed_float16")
    try:
        source = to_source([keras.Input((4,)), layers.Dense(2), layers.Dense(2, dtype="float32")])
    finally:
        keras.config.set_dtype_policy("float32")
    assert source.startswith('# This code needs keras.config.set_dtype_policy("mixed_float16")')
    assert 'layers.Dense(2, dtype="float32")' in source


def test_frozen_models() -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(2), layers.Dense(1)])
    model.trainable = False
    for style in ("functional", "sequential"):
        assert not to_source(model, style).run().trainable_weights


def test_adapted_layers() -> None:
    norm = layers.Normalization()
    norm.adapt(ROWS)
    model = keras.Sequential([keras.Input((4,)), norm, layers.Dense(1)])
    source = to_source(model)
    assert "finalize_state()" in source.split("import keras")[0]
    made = source.run()
    made.set_weights(model.get_weights())
    made.layers[1].finalize_state()
    assert_same_outputs(model, made, ROWS)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="strings need TensorFlow")
@pytest.mark.parametrize("mode", ["int", "multi_hot", "tf_idf"])
def test_learned_words(mode: str) -> None:
    import tensorflow as tf

    words = layers.TextVectorization(output_mode=mode)
    words.adapt(["a b c", "b c"])
    last = layers.Embedding(9, 3) if mode == "int" else layers.Dense(2)
    model = keras.Sequential([keras.Input((1,), dtype="string"), words, last])
    source = to_source(model)
    assert 'vocabulary=["c", "b", "a"]' in source
    made = source.run()
    made.set_weights(model.get_weights())
    assert_same_outputs(model, made, tf.constant([["a b"], ["c d"]]))


def test_what_is_no_model() -> None:
    with pytest.raises(NotAModelError):
        to_source([])
    with pytest.raises(NotAModelError):
        to_source("model")
    with pytest.raises(NotAModelError):
        to_source(3, "sequential")
    with pytest.raises(NotAModelError, match="Item 1 of the list is no layer: Dense is a class"):
        to_source([layers.ReLU(), layers.Dense], "sequential")
    with pytest.raises(ConversionError, match='style="seq" is not known'):
        to_source([keras.Input((4,)), layers.Dense(2)], "seq")  # type: ignore[arg-type]
    with pytest.raises(ConversionError, match="layer 1, Add, needs a list"):
        to_source([keras.Input((4,)), layers.Dense(2), layers.Add()])


def scaled_ones(shape: Any, dtype: Any = None) -> Any:
    return 3 * keras.ops.ones(shape, dtype)


def run_again(model: Any, source: Any, data: Any = ROWS) -> None:
    made = source.run()
    made.set_weights(model.get_weights())
    assert_same_outputs(model, made, data)


def test_lambdas_as_arguments_are_written_as_lambdas(recwarn: pytest.WarningsRecorder) -> None:
    double_it = layers.Dense(4, activation=lambda t: t * 2)
    assert "x = layers.Dense(4, activation=lambda t: t * 2)(inputs)\n" in to_source(
        [keras.Input((4,)), double_it, layers.ReLU()]
    )
    model = keras.Sequential(
        [
            keras.Input((4,)),
            double_it,
            layers.Activation(lambda t: t + 1),
            layers.Dense(2),
        ]
    )
    source = to_source(model)
    assert "layers.Activation(lambda t: t + 1)" in source
    assert not [one for one in recwarn if "lambda" in str(one.message)]
    run_again(model, source)
    recurrent = to_source([keras.Input((3, 4)), layers.LSTM(4, activation=lambda t: t * 2)])
    assert "layers.LSTM(4, activation=lambda t: t * 2)(inputs)" in recurrent


def test_a_lambda_as_regularizer() -> None:
    try:
        layer = layers.Dense(2, kernel_regularizer=lambda w: keras.ops.sum(w))
        layer.build((None, 4))
    except ValueError as error:
        pytest.skip(f"not in this Keras: {error}")
    source = to_source([keras.Input((4,)), layer])
    assert "layers.Dense(2, kernel_regularizer=lambda w: keras.ops.sum(w))" in source


def test_an_array_as_argument() -> None:
    by: Any = np.arange(4, dtype="float32")
    model = keras.Sequential([keras.Input((4,)), Scale(by)])
    source = to_source(model)
    assert 'Scale(by=np.array([0.0, 1.0, 2.0, 3.0], dtype="float32"))(inputs)' in source
    assert_same_outputs(model, source.run(), ROWS)


def test_a_lambda_argument_that_holds_a_variable_is_named() -> None:
    factor = 3
    model = keras.Sequential([keras.Input((4,)), layers.Dense(2, activation=lambda t: t * factor)])
    source = to_source(model)
    assert "# function is a lambda of your own" in source
    assert "outputs = layers.Dense(2, activation=function)(inputs)" in source
    run_again(model, source)


def test_a_lambda_without_text() -> None:
    activation = eval("lambda t: t * 2", {})  # in no file, so Keras cannot quote it
    with pytest.raises(ConversionError, match="'silent' holds a lambda whose text is in no file"):
        to_source([keras.Input((4,)), layers.Dense(2, activation=activation, name="silent")])


def test_functions_as_initializers_are_named() -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(2, kernel_initializer=scaled_ones)])
    source = to_source(model)
    assert "layers.Dense(2, kernel_initializer=scaled_ones)" in source
    assert float(keras.ops.sum(source.run().weights[0])) == 24


def test_an_initializer_that_keras_cannot_make_by_its_name() -> None:
    constant = layers.Dense(2, bias_initializer=keras.initializers.Constant())
    source = to_source([keras.Input((4,)), constant])
    assert "layers.Dense(2, bias_initializer=keras.initializers.Constant())(inputs)" in source
    source.run()
    three = layers.Dense(2, bias_initializer=keras.initializers.Constant(3.0))
    assert "Constant(value=3.0)" in to_source([keras.Input((4,)), three])


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="adapt needs TensorFlow")
def test_adapted_bins() -> None:
    bins = layers.Discretization(num_bins=4)
    bins.adapt(np.arange(20.0))
    model = keras.Sequential([keras.Input((1,)), bins])
    source = to_source(model)
    assert "outputs = layers.Discretization([4.0, 9.0, 14.0])(inputs)" in source
    assert_same_outputs(model, source.run(), np.array([[3.0], [12.0]], "float32"))


def test_operations_that_stand_in_a_module_of_keras_ops() -> None:
    inputs = keras.Input((8, 8, 3))
    small = keras.ops.image.resize(keras.ops.image.rgb_to_grayscale(inputs), (4, 4))
    model = keras.Model(inputs, small)
    source = to_source(model)
    assert "x = keras.ops.image.rgb_to_grayscale(inputs)\n" in source
    assert "outputs = keras.ops.image.resize(x, (4, 4))\n" in source
    assert_same_outputs(model, source.run(), PICTURES)
    model = keras.Model(inputs, keras.ops.image.resize(inputs, (4, 4), interpolation="nearest"))
    source = to_source(model)
    assert 'keras.ops.image.resize(inputs, (4, 4), interpolation="nearest")' in source
    assert_same_outputs(model, source.run(), PICTURES)


def test_the_names_of_several_results() -> None:
    inputs = keras.Input((4,), name="for")
    one, two = keras.ops.split(inputs, 2, axis=-1)
    source = to_source(keras.Model(inputs, layers.Subtract()([one, two])))
    assert "part_1, part_2 = keras.ops.split(for_, 2, axis=-1)\n" in source
    series = keras.Input((5, 8))
    x, scores = layers.MultiHeadAttention(2, 4)(series, series, return_attention_scores=True)
    both = layers.Concatenate()([layers.Flatten()(x), layers.Flatten()(scores)])
    assert "x, scores = layers.MultiHeadAttention" in to_source(keras.Model(series, both))
    x, state = layers.GRU(3, return_state=True)(series)
    summed = keras.Model(series, layers.Add()([x, state]))
    assert "x, state = layers.GRU(3, return_state=True)(inputs)" in to_source(summed)


def test_a_class_inside_keras_is_not_imported() -> None:
    from keras.src.applications.convnext import LayerScale

    model = keras.Sequential([keras.Input((4,)), LayerScale(1e-6, 4)])
    source = to_source(model)
    assert source.startswith("# LayerScale is a class inside Keras without a public name.")
    assert "keras.src" not in source
    run_again(model, source)


@pytest.mark.parametrize("style", ["functional", "sequential"])
def test_an_empty_sequential(style: Any) -> None:
    with pytest.raises(NotAModelError, match="This Sequential has no layers"):
        to_source(keras.Sequential(), style)


@pytest.mark.parametrize("code", ['f("a, (b", [1, 2])', "x = (1,)", "f()", "a[:, 0, :2]"])
def test_short_lines_stay(code: str) -> None:
    assert fold(code) == [code]


def test_long_lines_are_folded() -> None:
    long = f"x = f({', '.join(['argument'] * 12)})(y)"
    assert fold(long) == ["x = f(", *["    argument,"] * 12, ")(y)"]
    assert fold(f"[{FOLDED}1, (2, 3)]") == ["[", "    1,", "    (2, 3),", "]"]
    assert fold(f"[{FOLDED}1]") == ["[", "    1,", "]"]
