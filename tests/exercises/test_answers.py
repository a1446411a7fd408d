"""Reading: live objects become data; what cannot be read is named in a sentence."""

from __future__ import annotations

from typing import Any, TypeAlias

import keras
import numpy as np
import pytest
from keras import layers

from seqkit.exercises.answer_data import AnswerData, pack, unpack
from seqkit.exercises.answers import (
    ChoiceAnswer,
    IntegerAnswer,
    NumberAnswer,
    ShapeAnswer,
    TextAnswer,
    came,
)
from seqkit.exercises.errors import (
    LearnerCodeError,
    NotAttemptedError,
    RefusedModelError,
    WrongAnswerKindError,
)
from seqkit.exercises.function_answers import FunctionAnswer, calls
from seqkit.exercises.model_answers import LayersAnswer, ModelAnswer
from seqkit.exercises.rebuild import rebuild_layers, rebuild_model

Model: TypeAlias = Any  # Keras has no types
Tensor: TypeAlias = Any


def small_function() -> int:
    return 1


@pytest.mark.parametrize("answer", [3, 3.0, np.int64(3), np.float32(3), np.array(3)])
def test_whole_numbers(answer: object) -> None:
    assert IntegerAnswer().read(answer).values == {"value": 3}


@pytest.mark.parametrize("answer", [3.5, "three", True, [3], (1, 2), float("inf"), float("nan")])
def test_no_whole_numbers(answer: object) -> None:
    with pytest.raises(WrongAnswerKindError, match="whole number"):
        IntegerAnswer().read(answer)


def test_scalar_tensors() -> None:
    whole, half = keras.ops.convert_to_tensor(3), keras.ops.convert_to_tensor(0.5)
    assert IntegerAnswer().read(whole).values == {"value": 3}
    assert IntegerAnswer().read(keras.ops.convert_to_tensor(3.0)).values == {"value": 3}
    assert NumberAnswer().read(half).values == {"value": 0.5}
    assert NumberAnswer().read(keras.Variable(0.5)).values == {"value": 0.5}
    with pytest.raises(WrongAnswerKindError, match="whole number"):
        IntegerAnswer().read(half)


@pytest.mark.parametrize("tensor", [keras.Input(()), keras.ops.ones((2,))])
def test_tensors_that_are_no_number(tensor: Tensor) -> None:
    with pytest.raises(WrongAnswerKindError, match="a number"):
        NumberAnswer().read(tensor)


@pytest.mark.parametrize("answer", [(50, 890), "50,890", " 50,890 "])
def test_a_number_with_a_comma(answer: object) -> None:
    for kind in (IntegerAnswer(), NumberAnswer()):
        with pytest.raises(WrongAnswerKindError, match=r"comma: 50890 or 50_890\.$"):
            kind.read(answer)


def test_a_number_with_a_comma_and_zeros() -> None:
    with pytest.raises(WrongAnswerKindError, match="comma: 1000005 or 1_000_005"):
        IntegerAnswer().read((1, 0, 5))


def test_a_number_in_quotes() -> None:
    with pytest.raises(WrongAnswerKindError, match="without quotes: 3"):
        IntegerAnswer().read("3")


def test_numbers() -> None:
    assert NumberAnswer().read(np.float64(0.5)).values == {"value": 0.5}
    with pytest.raises(WrongAnswerKindError, match="You gave 'x'"):
        NumberAnswer().read("x")


@pytest.mark.parametrize("answer", [(None, 3), [None, 3], (None, np.int64(3)), (None, 3.0)])
def test_shapes(answer: object) -> None:
    assert ShapeAnswer().read(answer).values == {"value": [None, 3]}


@pytest.mark.parametrize("answer", ["(None, 3)", 3, (None, "3"), {"a": 1}, (1.5,)])
def test_no_shapes(answer: object) -> None:
    with pytest.raises(WrongAnswerKindError, match="a shape"):
        ShapeAnswer().read(answer)


def test_a_shape_that_is_not_rounded() -> None:
    with pytest.raises(WrongAnswerKindError, match=r"gave \(None, 1.5\).* whole numbers: floor"):
        ShapeAnswer().read((None, 1.5))


def test_a_shape_with_none_in_quotes() -> None:
    with pytest.raises(WrongAnswerKindError, match="Write None without quotes"):
        ShapeAnswer().read(("None", 3))


@pytest.mark.parametrize("tensor", [keras.Input((3,)), keras.KerasTensor((4,)), np.zeros((2, 3))])
def test_a_tensor_is_no_shape(tensor: Tensor) -> None:
    with pytest.raises(WrongAnswerKindError, match=r"Write `\.shape` after it"):
        ShapeAnswer().read(tensor)


@pytest.mark.parametrize("answer", ["a", "A", " a) ", "a."])
def test_choices(answer: object) -> None:
    assert ChoiceAnswer({"a": "one", "b": "two"}).read(answer).values == {"value": "a"}


@pytest.mark.parametrize("answer", ["c", "ab", 1])
def test_no_choices(answer: object) -> None:
    with pytest.raises(WrongAnswerKindError, match='Choose one of: "a", "b"'):
        ChoiceAnswer({"a": "one", "b": "two"}).read(answer)


@pytest.mark.parametrize("answer", [..., (..., 3), [...]])
def test_blank_answers(answer: object) -> None:
    with pytest.raises(NotAttemptedError):
        ShapeAnswer().read(answer)


def test_none_is_no_blank_answer() -> None:
    for kind, advice in [
        (ShapeAnswer(), "expects a shape"),
        (ModelAnswer(), "`compile` returns nothing: call it on a line of its own"),
        (LayersAnswer(), "`insert` and `append` change a list and return nothing"),
    ]:
        with pytest.raises(WrongAnswerKindError, match=f"You gave None. .*{advice}"):
            kind.read(None)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((1, "a"), "You gave (1, 'a')."),
        (list(range(100)), "You gave an object of type list."),
        ([object()], "You gave an object of type list."),
        (keras.Sequential, "You gave the class Sequential."),
        (small_function, "You gave the function small_function. Call it: small_function()."),
        (lambda: 1, "You gave a function."),
    ],
)
def test_what_came_is_named(answer: object, sentence: str) -> None:
    assert came(answer) == sentence


def test_text() -> None:
    assert TextAnswer().read(" adam ").values == {"value": "adam"}
    with pytest.raises(NotAttemptedError):
        TextAnswer().read("  ")


# Functions.


def test_a_function_is_known_by_what_it_returns() -> None:
    kind = FunctionAnswer(lambda: [(np.ones(2), 3)])
    call = calls(roundtrip(kind.read(lambda x, n: {"sum": x * n, "n": (n, None)})))[0]
    assert call.output["n"] == (3, None)
    assert call.output["sum"].tolist() == [3, 3]


def test_a_function_may_return_a_tensor() -> None:
    kind = FunctionAnswer(lambda: [(np.ones(2),)])
    assert calls(kind.read(keras.ops.square))[0].output.tolist() == [1, 1]


def test_a_function_that_changes_its_input_changes_nothing_else() -> None:
    inputs = [(np.ones(2),)]

    def careless(x: np.ndarray) -> np.ndarray:
        x *= 0
        return x

    data = FunctionAnswer(lambda: inputs).read(careless)
    assert calls(data)[0].arguments[0].tolist() == [1, 1]


def test_a_function_that_crashes_keeps_its_exception() -> None:
    with pytest.raises(LearnerCodeError, match="ZeroDivisionError") as caught:
        FunctionAnswer(lambda: [(0,)]).read(lambda x: 1 / x)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_function_that_crashes_names_the_line_and_the_arguments() -> None:
    def halves(x: np.ndarray, parts: int) -> object:
        start = x[0]
        return start / 0 if parts else np.reshape(x, (3, 3))

    kind = FunctionAnswer(lambda: [(np.ones((4, 10)), 0)])
    with pytest.raises(LearnerCodeError) as caught:
        kind.read(halves)
    first, second = str(caught.value).splitlines()
    assert first.startswith("halves raised ValueError: cannot reshape")
    assert second == (
        "It came in line 3 of your function, called with x of shape (4, 10), parts 0."
    )


def test_a_function_that_cannot_be_called_with_the_arguments() -> None:
    with pytest.raises(LearnerCodeError, match=r"was called with 0, an array of shape \(2,\)\.$"):
        FunctionAnswer(lambda: [(0, np.ones(2))]).read(lambda x: x)


def test_an_error_in_a_later_call_can_be_kept() -> None:
    def inputs() -> list[tuple[int]]:
        return [(1,), (0,)]

    with pytest.raises(LearnerCodeError):
        FunctionAnswer(inputs).read(lambda x: 1 / x)
    one, two = calls(roundtrip(FunctionAnswer(inputs, keeps_errors=True).read(lambda x: 1 / x)))
    assert (one.output, one.error) == (1, "")
    assert two.output is None
    assert "ZeroDivisionError" in two.error
    with pytest.raises(LearnerCodeError):
        FunctionAnswer(inputs, keeps_errors=True).read(lambda x: x / 0)


@pytest.mark.parametrize("output", [..., (..., ...), [...]])
def test_an_unfinished_function_is_not_attempted(output: object) -> None:
    with pytest.raises(NotAttemptedError):
        FunctionAnswer(lambda: [(0,), (1,)]).read(lambda x: output)


def test_a_function_without_return() -> None:
    with pytest.raises(WrongAnswerKindError, match=r"returns None\. Is `return` missing"):
        FunctionAnswer(lambda: [(0,), (1,)]).read(lambda x: None)
    kind = FunctionAnswer(lambda: [(0,), (1,)])
    assert [call.output for call in calls(kind.read(lambda x: x or None))] == [None, 1]


def test_a_function_that_is_half_finished() -> None:
    kind = FunctionAnswer(lambda: [(0,), (1,)])
    with pytest.raises(WrongAnswerKindError, match=r"second value is still `\.\.\.`"):
        kind.read(lambda x: (x, ...))
    with pytest.raises(WrongAnswerKindError, match="For some arguments"):
        kind.read(lambda x: ... if x else 0)


def test_a_function_that_returns_an_odd_object() -> None:
    with pytest.raises(WrongAnswerKindError, match="A object came"):
        FunctionAnswer(lambda: [(0,)]).read(lambda x: object())


def test_packed_values_come_back() -> None:
    arrays: dict[str, np.ndarray] = {}
    value = {"a": [1, (2.5, None)], "b": "text", "c": True}
    assert unpack(pack(value, arrays, "v"), arrays) == value


def test_arrays_of_objects_are_refused() -> None:
    with pytest.raises(WrongAnswerKindError):
        pack(np.array([object()]), {}, "v")


# Models and layers.


def small_model(**compile_settings: object) -> Model:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="relu")])
    if compile_settings:
        model.compile(**compile_settings)
    return model


def roundtrip(data: AnswerData) -> AnswerData:
    return AnswerData.from_bytes(*data.to_bytes())


def test_what_a_layer_has_learned_from_the_data_comes_back() -> None:
    x = np.random.default_rng(0).normal(5, 3, (64, 4)).astype("float32")
    scale = layers.Normalization()
    scale.adapt(x)
    given = layers.Normalization(mean=2.0, variance=4.0)
    model = keras.Sequential([keras.Input((4,)), keras.Sequential([scale]), given, layers.Dense(2)])
    again = rebuild_model(ModelAnswer().read(model))
    wanted, came = (np.asarray(keras.ops.convert_to_numpy(one(x))) for one in (model, again))
    np.testing.assert_allclose(came, wanted, atol=1e-5)


def test_a_model_comes_back_with_its_weights() -> None:
    model = small_model()
    again = rebuild_model(roundtrip(ModelAnswer().read(model)))
    x = np.ones((2, 4), "float32")
    assert np.allclose(again.predict(x, verbose=0), model.predict(x, verbose=0))


@pytest.mark.parametrize(
    ("loss", "name"),
    [
        ("mse", "mean_squared_error"),
        (keras.losses.MeanSquaredError(), "mean_squared_error"),
        (keras.losses.mean_squared_error, "mean_squared_error"),
        ("sparse_categorical_crossentropy", "sparse_categorical_crossentropy"),
    ],
)
def test_a_loss_has_one_name(loss: object, name: str) -> None:
    facts = ModelAnswer().read(small_model(optimizer="sgd", loss=loss)).values["compile"]
    assert (facts["loss"], facts["optimizer"], facts["from_logits"]) == (name, "sgd", False)


def test_compile_facts() -> None:
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model = small_model(optimizer=keras.optimizers.Adam(0.1), loss=loss, metrics=["acc"])
    facts = ModelAnswer().read(model).values["compile"]
    assert facts == {
        "optimizer": "adam",
        "loss": "sparse_categorical_crossentropy",
        "from_logits": True,
        "metrics": ["accuracy"],
        "steps": 0,
    }
    assert ModelAnswer().read(small_model()).values["compile"] is None


def test_a_loss_that_keras_does_not_know() -> None:
    facts = ModelAnswer().read(small_model(optimizer="sgd", loss="mze")).values["compile"]
    assert (facts["loss"], facts["unknown_loss"]) == ("mze", True)


def test_a_model_that_holds_only_an_input() -> None:
    with pytest.raises(RefusedModelError, match="only an Input"):
        rebuild_model(ModelAnswer().read(keras.Sequential([keras.Input((4,))])))


def test_a_model_that_has_no_shape_yet() -> None:
    data = ModelAnswer().read(keras.Sequential([layers.Dense(3)]))
    with pytest.raises(RefusedModelError, match=r"keras\.Input"):
        rebuild_model(data)


def test_a_model_that_got_its_shape_from_data() -> None:
    model = keras.Sequential([layers.Dense(3)])
    model(np.ones((2, 4), "float32"))
    assert rebuild_model(roundtrip(ModelAnswer().read(model))).count_params() == 15


def test_code_inside_a_model_is_refused() -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Lambda(lambda x: x + 1)])
    with pytest.raises(RefusedModelError, match="Lambda"):
        rebuild_model(ModelAnswer().read(model))


@pytest.mark.filterwarnings("error")
def test_a_lambda_as_activation_is_refused_before_keras_warns() -> None:
    dense = layers.Dense(3, activation=lambda x: x)
    nested = keras.Sequential([keras.Input((4,)), keras.Sequential([dense])])
    with pytest.raises(WrongAnswerKindError, match="is a lambda"):
        ModelAnswer().read(nested)
    with pytest.raises(WrongAnswerKindError, match="is a lambda"):
        LayersAnswer().read([dense])


def test_a_function_as_activation_is_refused() -> None:
    def mine(x: Tensor) -> Tensor:
        return x

    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation=mine)])
    with pytest.raises(RefusedModelError, match="the function mine"):
        rebuild_model(ModelAnswer().read(model))


def test_a_layer_of_ones_own_is_refused() -> None:
    class Mine(keras.layers.Layer):
        def call(self, x: Tensor) -> Tensor:
            return x

    with pytest.raises(RefusedModelError, match="Mine"):
        rebuild_model(ModelAnswer().read(keras.Sequential([keras.Input((4,)), Mine()])))
    with pytest.raises(RefusedModelError, match="Mine"):
        rebuild_layers(LayersAnswer().read([Mine()]))


def test_what_is_often_given_instead_of_a_model() -> None:
    history = keras.callbacks.History()
    for answer, advice in [
        (history, "returns a History"),
        ([layers.Dense(1)], r"keras.Sequential\(\["),
        (layers.Dense(1), "single layer"),
        (keras.Sequential, r"Make a model: keras.Sequential\(\["),
        (small_model, r"Call it: small_model\(\)"),
    ]:
        with pytest.raises(WrongAnswerKindError, match=advice):
            ModelAnswer().read(answer)


def test_layers_that_do_not_fit_can_be_read() -> None:
    dense = layers.Dense(3)
    given = [keras.Input((4,)), dense, layers.Conv2D(3, 3), dense]
    again = rebuild_layers(roundtrip(LayersAnswer().read(given)))
    assert [type(layer).__name__ for layer in again[1:]] == ["Dense", "Conv2D", "Dense"]
    assert tuple(again[0].shape) == (None, 4)
    assert again[1] is again[3]


def test_a_sequential_counts_as_its_list() -> None:
    data = LayersAnswer().read(small_model())
    assert [entry["class_name"] for entry in data.values["layers"]] == ["Input", "Dense"]


def test_items_that_are_no_layers() -> None:
    with pytest.raises(WrongAnswerKindError, match="the class Dense"):
        LayersAnswer().read([layers.Dense])
    with pytest.raises(WrongAnswerKindError, match="Item 0 is of type list"):
        LayersAnswer().read([[layers.Dense(1)]])
