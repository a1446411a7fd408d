"""`to_functional`: the same layers and outputs, and everything that a model has beside layers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from seqkit.converting import ConversionError, to_functional
from seqkit.errors import InputShapeError, NotAModelError
from tests.converting.outputs import arrays, assert_same_outputs

ROWS = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
TARGETS = ROWS.sum(axis=1, keepdims=True)


def small(**options: Any) -> keras.Sequential:
    return keras.Sequential(
        [keras.Input((4,)), layers.Dense(3, name="hidden"), layers.Dense(1)], **options
    )


def blocks(name_twice: str | None = None) -> keras.Sequential:
    first = keras.Sequential([layers.Dense(4, name=name_twice), layers.ReLU()], name="block_1")
    second = keras.Sequential([layers.Dense(4, name=name_twice), layers.ReLU()], name="block_2")
    return keras.Sequential([keras.Input((4,)), first, second, layers.Dense(1, name="head")])


def kinds(model: keras.Model) -> list[str]:
    return [type(layer).__name__ for layer in model.layers]


def test_it_is_a_functional_model_of_the_same_layers() -> None:
    model = small(name="small")
    made = to_functional(model)
    assert not isinstance(made, keras.Sequential)
    assert made.name == "small"
    assert made.layers[1:] == model.layers
    assert made.count_params() == model.count_params()
    assert_same_outputs(model, made, ROWS)


def test_training_one_trains_the_other() -> None:
    model = small()
    model.compile("sgd", "mse")
    made = to_functional(model)
    made.fit(ROWS, TARGETS, verbose=0)
    assert_same_outputs(model, made, ROWS)


def test_a_copy_has_weights_of_its_own() -> None:
    model = small()
    made = to_functional(model, copy=True)
    assert_same_outputs(model, made, ROWS)
    made.set_weights([weight + 1 for weight in made.get_weights()])
    assert np.abs(arrays(made(ROWS))[0] - arrays(model(ROWS))[0]).max() > 0.1


def test_the_compiled_state_is_handed_over() -> None:
    model = small()
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"])
    model.fit(ROWS, TARGETS, verbose=0)
    made = to_functional(model)
    assert made.optimizer is model.optimizer
    assert made.evaluate(ROWS, TARGETS, verbose=0) == pytest.approx(
        model.evaluate(ROWS, TARGETS, verbose=0)
    )
    made.fit(ROWS, TARGETS, verbose=0)
    assert int(made.optimizer.iterations) == 2


def test_saved_weights_fit_both(tmp_path: Path) -> None:
    model, path = small(), tmp_path / "model.weights.h5"
    made = to_functional(model)
    model.save_weights(path)
    before = made.get_weights()
    made.set_weights([weight * 0 for weight in before])
    made.load_weights(path)
    for old, new in zip(before, made.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_the_made_model_can_be_stored(tmp_path: Path) -> None:
    made = to_functional(blocks(), flatten=True)
    made.save(tmp_path / "model.keras")
    assert_same_outputs(made, keras.saving.load_model(tmp_path / "model.keras"), ROWS)


def test_nested_models_are_kept_or_flattened() -> None:
    model = blocks()
    assert kinds(to_functional(model)) == ["InputLayer", "Sequential", "Sequential", "Dense"]
    flat = to_functional(model, flatten=True)
    assert kinds(flat) == ["InputLayer", "Dense", "ReLU", "Dense", "ReLU", "Dense"]
    assert_same_outputs(model, flat, ROWS)
    assert [weight.path for weight in flat.weights] == [weight.path for weight in model.weights]


def test_a_nested_functional_model_with_a_branch_is_flattened() -> None:
    inputs = keras.Input((4,))
    block = keras.Model(inputs, layers.Add()([layers.Dense(4)(inputs), inputs]), name="residual")
    model = keras.Sequential([keras.Input((4,)), block, layers.Dense(1)])
    flat = to_functional(model, flatten=True)
    assert sorted(kinds(flat)) == ["Add", "Dense", "Dense", "InputLayer"]
    assert_same_outputs(model, flat, ROWS)


def test_flattening_cannot_give_two_layers_one_name() -> None:
    model = blocks(name_twice="inside")
    with pytest.raises(ConversionError, match=r"'inside'.*copy=True"):
        to_functional(model, flatten=True)
    copied = to_functional(model, flatten=True, copy=True)
    assert [layer.name for layer in copied.layers][1] == "block_1_inside"
    assert_same_outputs(model, copied, ROWS)
    assert model.layers[0].layers[0].name == "inside"


def test_a_shared_layer_stays_shared() -> None:
    dense = layers.Dense(4)
    inner = keras.Sequential([dense, layers.ReLU()])
    model = keras.Sequential([keras.Input((4,)), dense, inner, dense])
    for flatten in (False, True):
        made = to_functional(model, flatten=flatten)
        assert made.count_params() == 20
        assert_same_outputs(model, made, ROWS)


def test_masks_reach_the_recurrent_layer() -> None:
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.Sequential([layers.Embedding(9, 4, mask_zero=True)]),
            layers.LSTM(3),
        ]
    )
    words = np.array([[3, 4, 0, 0], [1, 0, 0, 0]])
    for flatten in (False, True):
        made = to_functional(model, flatten=flatten)
        assert_same_outputs(model, made, words)
        longer = np.concatenate([words, np.zeros((2, 3), "int64")], axis=1)
        np.testing.assert_allclose(arrays(made(words)), arrays(made(longer)), atol=1e-6)


def test_frozen_layers_stay_frozen() -> None:
    model = small()
    model.layers[0].trainable = False
    assert len(to_functional(model).trainable_weights) == 2
    frozen = small(trainable=False)
    assert not to_functional(frozen).trainable_weights
    assert frozen.layers[0].trainable  # only the model is frozen, and it stays so


def test_precision_stays() -> None:
    model = keras.Sequential(
        [keras.Input((4,)), layers.Dense(3, dtype="mixed_float16"), layers.Dense(1)]
    )
    made = to_functional(model)
    assert made.layers[1].compute_dtype == "float16"
    assert_same_outputs(model, made, ROWS)


def test_adapted_normalization() -> None:
    norm = layers.Normalization()
    norm.adapt(ROWS * 3 + 1)
    model = keras.Sequential([keras.Input((4,)), norm, layers.Dense(1)])
    for copy in (False, True):
        assert_same_outputs(model, to_functional(model, copy=copy), ROWS)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="strings need TensorFlow")
def test_learned_words() -> None:
    import tensorflow as tf

    words = layers.TextVectorization()
    words.adapt(["a b c", "b c"])
    model = keras.Sequential(
        [keras.Input((1,), dtype="string"), words, layers.Embedding(9, 3), layers.Flatten()]
    )
    texts = tf.constant([["a b"], ["c d"]])
    for copy in (False, True):
        assert_same_outputs(model, to_functional(model, copy=copy), texts)


def test_a_stateful_layer_keeps_one_state() -> None:
    model = keras.Sequential([keras.Input((5, 3), batch_size=2), layers.LSTM(4, stateful=True)])
    made, data = to_functional(model), np.ones((2, 5, 3), "float32")
    first, second = arrays(model(data))[0], arrays(made(data))[0]
    assert np.abs(second - first).max() > 1e-4  # the second call went on where the first stopped


def test_a_list_and_an_unbuilt_model_need_a_shape() -> None:
    with pytest.raises(InputShapeError, match="input_shape="):
        to_functional([layers.Dense(2)])
    with pytest.raises(InputShapeError, match="input_shape="):
        to_functional(keras.Sequential([layers.Dense(2)]))
    assert to_functional([layers.Dense(2)], input_shape=(4,)).output_shape == (None, 2)
    model = keras.Sequential([layers.Dense(2)])
    made = to_functional(model, input_shape=(4,))
    assert_same_outputs(model, made, ROWS)


def test_a_functional_model_stays_itself() -> None:
    made = to_functional(small())
    assert to_functional(made) is made
    assert to_functional(made, flatten=True) is made


class OwnCall(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(2)

    def call(self, x: Any) -> Any:
        return self.dense(x)


def test_a_subclassed_model_has_no_graph() -> None:
    with pytest.raises(ConversionError, match="has a `call` of its own"):
        to_functional(OwnCall())


def test_a_subclassed_model_as_a_layer_is_kept() -> None:
    model = keras.Sequential([keras.Input((4,)), OwnCall(), layers.Dense(1)])
    assert_same_outputs(model, to_functional(model, flatten=True), ROWS)


def test_layers_that_do_not_fit_are_named() -> None:
    items = [keras.Input((4,)), layers.Dense(3), layers.LSTM(3)]
    with pytest.raises(ConversionError, match="layer 1, LSTM, needs 3 axes"):
        to_functional(items)
    assert not items[1].built
    with pytest.raises(NotAModelError):
        to_functional([])


class OwnTraining(keras.Sequential):
    def train_step(self, data: Any) -> Any:
        return super().train_step(data)


def test_own_training_is_not_carried_over_in_silence() -> None:
    with pytest.warns(UserWarning, match="its own train_step"):
        to_functional(OwnTraining([keras.Input((4,)), layers.Dense(2)]))


def test_a_class_in_a_list_is_named() -> None:
    with pytest.raises(NotAModelError, match="Dense is a class"):
        to_functional([layers.Dense])
    with pytest.raises(NotAModelError, match="Item 1 of the list is no layer: Dense is a class"):
        to_functional([keras.Input((4,)), layers.Dense])


class Times(layers.Layer):
    """Its config holds an array, which Keras stores and does not read again by itself."""

    def __init__(self, by: Any, **options: Any) -> None:
        super().__init__(**options)
        self.by = by

    def call(self, x: Any) -> Any:
        return x * self.by

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "by": self.by}


class Wide(OwnCall):
    def __init__(self, units: int) -> None:
        super().__init__()
        self.dense = layers.Dense(units)


def with_default() -> keras.Model:
    triple = layers.Lambda(lambda x, times=3: x * times, name="triple")
    return keras.Sequential([keras.Input((4,)), triple, layers.Dense(2)], name="mine")


def with_array() -> keras.Model:
    norm = layers.Normalization()
    norm.adapt(ROWS)
    return keras.Sequential([keras.Input((4,)), norm, Times(np.arange(4.0)), layers.Dense(2)])


def with_own_call() -> keras.Model:
    inputs = keras.Input((4,))
    return keras.Model(inputs, layers.Dense(1)(OwnCall()(inputs)))


def with_shared_inside() -> keras.Model:
    dense = layers.Dense(4)
    stacks = [keras.Sequential([keras.Input((4,)), dense]) for _ in range(2)]
    return keras.Sequential([keras.Input((4,)), *stacks])


def with_many_words() -> keras.Model:
    numbers = layers.IntegerLookup()
    numbers.adapt(np.arange(1, 1500))
    times = layers.Lambda(lambda x, times=2: x * times)
    return keras.Sequential([keras.Input((4,), dtype="int64"), numbers, times])


HARD_TO_COPY = [with_default, with_array, with_own_call, with_shared_inside, with_many_words]


@pytest.mark.parametrize("make", HARD_TO_COPY, ids=lambda make: make.__name__)
def test_a_copy_of_what_keras_cannot_store(make: Any) -> None:
    if make is with_many_words and keras.backend.backend() != "tensorflow":
        pytest.skip("lookups need TensorFlow")
    model = make()
    made = to_functional(model, copy=True)
    data = np.array([[1, 2, 3, 1400]]) if make is with_many_words else ROWS
    assert_same_outputs(model, made, data)
    assert made.name == model.name
    assert [one.name for one in made._flatten_layers(include_self=False)] == [
        one.name for one in to_functional(model)._flatten_layers(include_self=False)
    ]
    assert len(made.weights) == len(model.weights)
    assert not {id(one) for one in made.weights} & {id(one) for one in model.weights}


def test_a_copy_made_from_code_tells_that_it_is_not_compiled() -> None:
    model = with_array()
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="not compiled"):
        assert not to_functional(model, copy=True).compiled


def test_a_layer_that_cannot_be_copied_is_named() -> None:
    inputs = keras.Input((4,))
    model = keras.Model(inputs, layers.Dense(1)(Wide(3)(inputs)))
    with pytest.raises(ConversionError, match=r"cannot store the layer 'wide\w*' \(Wide\)"):
        to_functional(model, copy=True)


def test_a_layer_that_loses_something_when_stored_is_named() -> None:
    class Turned(Times):
        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "by": "lost"}

    model = keras.Sequential([keras.Input((4,)), Turned(2.0), layers.Dense(1)])
    with pytest.raises(ConversionError, match=r"cannot store the layer 'turned\w*' \(Turned\)"):
        to_functional(model, copy=True)
