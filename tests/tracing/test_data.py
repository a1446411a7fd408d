"""`sk.trace(model, x)`: what real data does in each layer, and that it leaves no trace itself."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import seqkit as sk
from seqkit.errors import InputShapeError

PICTURES = np.random.default_rng(0).integers(0, 256, (300, 8, 8, 1)).astype("uint8")


def picture_model() -> keras.Sequential:
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def outputs_by_keras(model: Any, x: Any) -> list[np.ndarray]:
    """What each layer gives, by a model with all outputs."""
    every = keras.Model(model.inputs, [layer.output for layer in model.layers])
    return [np.asarray(keras.ops.convert_to_numpy(one)) for one in every(x, training=False)]


def test_each_row_tells_what_keras_computes() -> None:
    model = picture_model()
    x = PICTURES[:64].astype("float32")
    trace = sk.trace(model, x)
    for row, values in zip(trace.rows, outputs_by_keras(model, x), strict=True):
        seen = row.activation
        assert seen is not None
        assert seen.lowest == pytest.approx(values.min(), rel=1e-4, abs=1e-6)
        assert seen.highest == pytest.approx(values.max(), rel=1e-4, abs=1e-6)
        assert seen.zeros == pytest.approx((values == 0).mean(), abs=1e-3)
        assert seen.values == values.size
        assert seen.bytes == values.nbytes
        assert seen.bytes_per_example == values.nbytes // 64
        assert (seen.nan, seen.infinite, seen.examples) == (0, 0, 64)
    measured = [row.activation for row in trace.rows if row.activation is not None]
    assert trace.activation_bytes == sum(one.bytes for one in measured)


def test_data_and_shape_in_one_place() -> None:
    model = picture_model()
    by_place, by_name = sk.trace(model, PICTURES[:9]), sk.trace(model, x=PICTURES[:9])
    assert str(by_place) == str(by_name)
    assert sk.trace(model, (8, 8, 1)).data is None
    assert sk.trace(model, [8, 8, 1]).data is None
    assert sk.trace(model).rows[0].activation is None
    with pytest.raises(TypeError, match="twice"):
        sk.trace(model, PICTURES, x=PICTURES)


def test_table() -> None:
    model = [keras.Input((4,)), layers.ReLU(), layers.Rescaling(0.5)]
    x = np.array([[-2.0, 0.0, 1.0, 5.0], [-1.0, -1.0, 3.0, 1234.5]])
    trace = sk.trace(model, x)
    assert str(trace).split("\n") == [
        " #  layer      out        params  lowest   highest  zeros  memory",
        " 0  ReLU       (None, 4)       0       0  1.23e+03   50 %    32 B",
        " 1  Rescaling  (None, 4)       0       0       617   50 %    32 B",
        "total 0 parameters · output (None, 4)",
        "data: 2 examples, from -2 to 1.23e+03 · activations 64 B, 32 B an example",
    ]
    html = trace._repr_mimebundle_()["text/html"]
    assert "1.23e+03" in html and "data: 2 examples" in html


def test_a_table_fits_on_110_columns() -> None:
    assert max(map(len, str(sk.trace(picture_model(), PICTURES, cost=True)).split("\n"))) <= 110


def test_only_the_first_examples_are_run() -> None:
    trace = sk.trace(picture_model(), PICTURES)
    assert trace.data is not None and trace.data.entered.examples == 256
    assert "data: the first 256 of 300 examples, from 0 to 255" in str(trace)


def test_very_large_activations_are_run_in_few_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    from seqkit.tracing import feeding

    monkeypatch.setattr(feeding, "MOST_BYTES", 4 * 6 * 6 * 4 * 10)
    trace = sk.trace(picture_model(), PICTURES)
    assert trace.data is not None and trace.data.entered.examples == 10


# --- NaN and infinity -----------------------------------------------------------------------------


def test_the_first_layer_with_nan_is_named() -> None:
    model = [keras.Input((3,)), layers.ReLU(), layers.Lambda(keras.ops.log), layers.Dense(2)]
    trace = sk.trace(model, np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 1.0]]))
    assert [row.activation.infinite for row in trace.rows[:2]] == [0, 2]  # type: ignore[union-attr]
    assert "infinite" in str(trace).split("\n")[0]
    assert (
        "layer 1, Lambda, is the first that is not finite: 2 infinite of 6 values; "
        "nothing before it is" in str(trace)
    )
    assert trace.rows[1].activation is not None
    assert trace.rows[1].activation.highest == pytest.approx(np.log(3.0))


def test_nan_in_the_data() -> None:
    x = np.array([[1.0, np.nan], [0.0, 1.0]])
    trace = sk.trace([keras.Input((2,)), layers.Dense(2)], x)
    assert "the data itself holds 1 NaN of 4 values" in str(trace)
    assert trace.rows[0].activation is not None and trace.rows[0].activation.nan == 2


def test_nan_inside_a_nested_model() -> None:
    inner = keras.Sequential([layers.Dense(2), layers.Lambda(lambda x: x / 0.0 - x / 0.0)])
    trace = sk.trace([keras.Input((2,)), inner], np.ones((3, 2)), expand_nested=True)
    assert "layer 0.1, Lambda, is the first" in str(trace)


# --- nothing changes ------------------------------------------------------------------------------


@pytest.mark.parametrize("training", [False, True])
def test_nothing_of_the_model_changes(training: bool) -> None:
    model = picture_model()
    before = [keras.ops.convert_to_numpy(one).copy() for one in model.variables]
    state = random.getstate()
    first = sk.trace(model, PICTURES[:20], training=training)
    second = sk.trace(model, PICTURES[:20], training=training)
    assert str(first) == str(second)
    assert random.getstate() == state
    after = [keras.ops.convert_to_numpy(one) for one in model.variables]
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)
    assert not model.losses


def test_training_drops_and_takes_the_batch_s_own_mean() -> None:
    model = picture_model()
    quiet, loud = (sk.trace(model, PICTURES[:20], training=on).rows for on in (False, True))
    assert quiet[2].activation == quiet[1].activation
    assert loud[2].activation is not None and loud[2].activation.zeros is not None
    assert loud[2].activation.zeros > 0.4
    assert loud[1].activation != quiet[1].activation


def test_an_unbuilt_list_stays_unbuilt_and_prints_the_same_twice() -> None:
    items = [layers.Dense(3), layers.Dense(2)]
    state = random.getstate()
    texts = {str(sk.trace(items, np.ones((5, 4), "float32"))) for _ in range(2)}
    assert len(texts) == 1
    assert "weights were drawn at random for this trace" in texts.pop()
    assert random.getstate() == state
    assert not any(layer.built or layer.weights for layer in items)
    model = keras.Sequential([keras.Input((7,)), *items])
    assert "drawn" not in str(sk.trace(model, np.ones((5, 7))))


class OwnWeights(layers.Layer):
    """A layer that cannot be copied, with weights made in build."""

    def build(self, shape: Any) -> None:
        self.kernel = self.add_weight((shape[-1], 3), initializer="ones")

    def call(self, x: Any) -> Any:
        return keras.ops.matmul(x, self.kernel)


def test_a_layer_that_cannot_be_copied() -> None:
    item = OwnWeights()
    trace = sk.trace([keras.Input((4,)), item], np.ones((2, 4)))
    assert trace.rows[0].activation is not None
    assert trace.rows[0].activation.highest == 4.0
    assert trace.rows[0].weight_bytes == 4 * 3 * 4
    assert not item.built and not item.weights


def test_a_stateful_layer_keeps_its_state() -> None:
    model = keras.Sequential([keras.Input(batch_shape=(2, 5, 3)), layers.LSTM(4, stateful=True)])
    x = np.ones((2, 5, 3), "float32")
    before = model.layers[0].states
    old = [keras.ops.convert_to_numpy(state).copy() for state in before]
    sk.trace(model, x)
    for state, was in zip(model.layers[0].states, old, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(state), was)


# --- every kind of model and of data --------------------------------------------------------------


def two_inputs() -> keras.Model:
    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
    joined = layers.Concatenate()([layers.Dense(5, activation="relu")(a), b])
    return keras.Model([a, b], [layers.Dense(1)(joined), joined])


A, B = np.ones((6, 4), "float32"), np.full((6, 3), -2.0, "float32")


@pytest.mark.parametrize("x", [[A, B], (A, B), {"a": A, "b": B}, {"b": B, "a": A}])
def test_several_inputs(x: Any) -> None:
    rows = {row.name: row for row in sk.trace(two_inputs(), x).rows}
    assert rows["a"].activation is not None and rows["a"].activation.highest == 1.0
    assert rows["b"].activation is not None and rows["b"].activation.highest == -2.0


def test_a_functional_model_gives_what_it_predicts() -> None:
    inputs = keras.Input((6, 6, 2))
    x = layers.Conv2D(4, 3, padding="same")(inputs)
    shared = layers.Conv2D(4, 1)
    x = layers.Add()([shared(x), shared(layers.ReLU()(x))])
    model = keras.Model(inputs, layers.GlobalAveragePooling2D()(keras.ops.relu(x)) * 2.0)
    data = np.random.default_rng(1).normal(size=(5, 6, 6, 2)).astype("float32")
    last = sk.trace(model, data).rows[-1].activation
    expected = keras.ops.convert_to_numpy(model(data))
    assert last is not None
    assert (last.lowest, last.highest) == (
        pytest.approx(float(expected.min()), rel=1e-5),
        pytest.approx(float(expected.max()), rel=1e-5),
    )


def test_nested_models_are_measured_inside() -> None:
    block = keras.Sequential([layers.Dense(5, activation="relu"), layers.Dense(2)], name="block")
    model = keras.Sequential([keras.Input((4,)), block, layers.Dense(1)])
    rows = [row for row, _ in sk.trace(model, A, expand_nested=True).all_rows()]
    assert [row.kind for row in rows] == ["Sequential", "Dense", "Dense", "Dense"]
    assert all(row.activation is not None for row in rows)
    assert rows[0].activation == rows[2].activation


def test_a_subclassed_model() -> None:
    class Two(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = layers.Dense(3), layers.Dense(2)
            self.bias = self.add_weight((2,), name="bias")

        def call(self, x: Any) -> Any:
            return self.second(self.first(x)) + self.bias

    model = Two()
    trace = sk.trace(model, A)
    assert [row.kind for row in trace.rows][:2] == ["Dense", "Dense"]
    assert trace.rows[0].activation is not None
    assert trace.total_params == 4 * 3 + 3 + 3 * 2 + 2 + 2
    assert "25 parameters (2 of them in the model itself)" in str(trace)


def test_masks_reach_the_layers() -> None:
    x = np.array([[1, 2, 0, 0], [3, 0, 0, 0]])
    embedding = layers.Embedding(5, 4, mask_zero=True)
    model = keras.Sequential([keras.Input((4,), dtype="int32"), embedding, layers.LSTM(3)])
    seen = sk.trace(model, x).rows[-1].activation
    expected = keras.ops.convert_to_numpy(model(x))
    assert seen is not None
    assert seen.highest == pytest.approx(float(expected.max()), rel=1e-5)


class Frame:
    """As much of a table as seqkit looks at."""

    shape = (6, 4)

    def to_numpy(self) -> np.ndarray:
        return A


class Batches:
    """A data set as those of TensorFlow and PyTorch: it can be walked through many times."""

    def __iter__(self) -> Any:
        return iter([(A, np.zeros(6)), (A, np.zeros(6))])


class KerasBatches(keras.utils.PyDataset):
    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> Any:
        return A, np.zeros(6)


@pytest.mark.parametrize(
    "make",
    [lambda: A, lambda: keras.ops.convert_to_tensor(A), Frame, Batches, KerasBatches],
)
def test_kinds_of_data(make: Callable[[], Any]) -> None:
    trace = sk.trace([layers.Dense(2)], make())
    assert trace.data is not None and trace.data.available == 6
    assert trace.rows[0].input_shape == (None, 4)


def test_axes_and_dtype_are_adjusted_as_keras_does() -> None:
    model = picture_model()
    assert sk.trace(model, PICTURES[..., 0]).rows[0].output_shape == (None, 6, 6, 4)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="only TensorFlow has text")
def test_texts_meet_the_vocabulary_that_was_adapted() -> None:
    words = layers.TextVectorization(max_tokens=20, output_sequence_length=5)
    words.adapt(["good movie", "bad movie very bad"])
    trace = sk.trace([words, layers.Embedding(20, 4)], np.array(["good movie", "bad"]))
    assert trace.ok
    assert trace.rows[0].output_shape == (None, 5)
    assert trace.rows[0].activation is not None
    assert trace.rows[0].activation.highest == words.get_vocabulary().index("good")


# --- failures -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("index", "said"), [(57, "57"), (-1, "-1")])
def test_an_index_outside_the_table_is_a_failed_row(index: int, said: str) -> None:
    model = [layers.Embedding(50, 4), layers.GlobalAveragePooling1D(), layers.Dense(1)]
    trace = sk.trace(model, np.array([[1, 2, index], [3, 4, 5]]))
    assert trace.failure is not None
    assert [row.status for row in trace.rows] == ["failed", "not reached", "not reached"]
    assert trace.failure.reason == f"the index {said} is not in its table of 50 rows, 0 to 49"
    assert isinstance(trace.failure.error, Exception)
    assert "not reached" in str(trace)


def test_an_index_outside_the_table_inside_a_nested_model() -> None:
    inner = keras.Sequential([layers.Embedding(50, 4), layers.Flatten()])
    trace = sk.trace([keras.Input((3,)), inner, layers.Dense(1)], np.array([[1, 2, 57]]))
    assert trace.failure is not None
    assert trace.failure.reason.startswith("inside it, layer 0, Embedding: the index 57 is not")


def test_a_failed_build_runs_as_far_as_it_came() -> None:
    trace = sk.trace([keras.Input((4,)), layers.Dense(3), layers.LSTM(2), layers.Dense(1)], A)
    assert [row.activation is None for row in trace.rows] == [False, True, True]
    assert "needs 3 axes" in str(trace)


def test_a_layer_s_own_error_is_a_failed_row() -> None:
    class Picky(layers.Layer):
        def call(self, x: Any) -> Any:
            if not isinstance(x, keras.KerasTensor):
                raise ValueError("the moon is in the wrong place")
            return x

    trace = sk.trace([keras.Input((4,)), layers.Dense(3), Picky()], A)
    assert trace.failure is not None and trace.failure.index == 1
    assert "the moon is in the wrong place" in trace.failure.reason


BAD_DATA: list[tuple[Any, str]] = [
    (np.zeros((0, 4)), "at least one"),
    ([A, B], "holds 2 arrays, and a chain of layers has one input"),
    ([[1.0, 2.0, 3.0, 4.0]], "Write numpy.array"),
    (np.array([[1, 2], [3]], dtype=object), "rows differ in length"),
    (iter([A]), "would take its first batch away"),
    (np.zeros((3, 5)), r"shape \(5,\), and the model takes \(4,\)"),
]


@pytest.mark.parametrize(("x", "words"), BAD_DATA, ids=lambda value: str(value)[:12])
def test_bad_data_gets_one_sentence(x: Any, words: str) -> None:
    lead = [keras.Input((4,))] if "takes" in words else []
    with pytest.raises(InputShapeError, match=words) as caught:
        sk.trace([*lead, layers.Dense(2)], x)
    assert str(caught.value).endswith(".")
    assert len(str(caught.value)) < 320


def test_unequal_inputs() -> None:
    with pytest.raises(InputShapeError, match="equally many examples"):
        sk.trace(two_inputs(), [A, B[:3]])
    with pytest.raises(InputShapeError, match="holds 1 array, and this model has 2 inputs"):
        sk.trace(two_inputs(), A)
