"""Programs that the installed Keras refuses, each with what its explanation must say.

The tables are kept narrow by hand: a row is one program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import keras
import numpy as np
import pytest
from keras import Input, Sequential, layers, ops

import seqkit as sk
from seqkit.explaining import Explanation
from tests.explaining.own_classes import (
    Bare,
    Crop,
    Forgetful,
    Gate,
    Index,
    Mismatched,
    Silent,
    Split,
    Stacked,
)

Conv2D, Dense, LSTM = layers.Conv2D, layers.Dense, layers.LSTM


@dataclass(frozen=True)
class Failing:
    """A program and its explanation.

    Attributes:
        run: the program.
        pattern: the pattern that must be recognised.
        fault: the kind of fault.
        layer: index of the row that is named; None if no row is.
        words: what the text must hold, numbers above all.
        repaired: whether code that builds must be offered.
        taken_by: backends, or "old" for Keras 3.10, that do not refuse the program.
        needs_attempt: whether a plain `except` keeps too little of the traceback.
    """

    run: Callable[[], Any]
    pattern: str
    fault: str
    layer: int | None
    words: tuple[str, ...]
    repaired: bool
    taken_by: tuple[str, ...] = ()
    needs_attempt: bool = False


PROGRAMS: dict[str, Failing] = {}
IS_OLD = tuple(int(part) for part in keras.__version__.split(".")[:2]) < (3, 12)


def explanation_of(name: str) -> Explanation:
    """Explain a program on the installed Keras; skip it where Keras is known to take it."""
    explanation = _explained(name)
    if explanation is None:
        takes = {keras.backend.backend(), *(["old"] if IS_OLD else [])}
        assert takes & set(PROGRAMS[name].taken_by), "Keras does not refuse this program any more"
        pytest.skip("this Keras takes the program")
    return explanation


@cache
def _explained(name: str) -> Explanation | None:
    keras.utils.clear_session()
    return sk.attempt(PROGRAMS[name].run).explanation


def a_list(
    name: str, items: Callable[[], list[Any]], pattern: str, fault: str, layer: int | None,
    *words: str, repaired: bool = True, taken_by: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """A list that `Sequential` refuses."""
    PROGRAMS[name] = Failing(
        lambda: Sequential(items()), pattern, fault, layer, words, repaired, taken_by
    )


def code(
    name: str, run: Callable[[], Any], pattern: str, fault: str, layer: int | None,
    *words: str, repaired: bool = False, taken_by: tuple[str, ...] = (),
    needs_attempt: bool = False,
) -> None:  # fmt: skip
    """Any other program."""
    PROGRAMS[name] = Failing(run, pattern, fault, layer, words, repaired, taken_by, needs_attempt)


def zeros(*shape: int) -> Any:
    return np.zeros(shape, "float32")


def same(filters: int, size: int = 3) -> Any:
    return Conv2D(filters, size, padding="same")


def twice(layer: Any) -> list[Any]:
    return [layer, layer]


def called(layer: Any, *shape: int) -> Any:
    return layer(Input(shape))


# fmt: off
# --- topology ---------------------------------------------------------------------------------
a_list("skip", lambda: [Input((28, 28, 16)), same(16), same(16), layers.Add(), layers.Flatten()],
       "residual", "topology", 2, "(None, 28, 28, 16)")
a_list("skip with projection", lambda: [Input((28, 28, 1)), same(8), layers.Add()],
       "residual", "topology", 1, "a Conv2D was added")
a_list("dense skips", lambda: [Input((8, 8, 3)), same(4), layers.Concatenate(), same(4),
                               layers.Concatenate(), layers.Flatten()],
       "dense_skip", "topology", 1, "(None, 8, 8, 4)")
a_list("gate", lambda: [Input((8,)), Dense(8), Dense(8, "sigmoid"), layers.Multiply()],
       "gate", "topology", 2, "(None, 8)")
a_list("highway", lambda: [Input((8,)), Dense(8), Dense(8, "sigmoid"), layers.Multiply(),
                           layers.Add()],
       "gate", "topology", 2, "1 minus the gate")
a_list("dot", lambda: [Input((6,)), Dense(6), layers.Dot(axes=1)],
       "dot", "topology", 1, "two tensors")
a_list("u-net", lambda: [Input((16, 16, 1)), same(4), layers.MaxPooling2D(), same(8),
                         layers.UpSampling2D(), layers.Concatenate(), Conv2D(1, 1)],
       "encoder_decoder_skip", "topology", 4, "(None, 16, 16, 8)")
a_list("u-net of two levels",
       lambda: [Input((16, 16, 1)), same(4), layers.MaxPooling2D(), same(8),
                layers.MaxPooling2D(), same(16), layers.UpSampling2D(), layers.Concatenate(),
                same(8), layers.UpSampling2D(), layers.Concatenate(), Conv2D(1, 1)],
       "encoder_decoder_skip", "topology", 6, "(None, 8, 8, 16)")
a_list("inception", lambda: [Input((14, 14, 8)), [Conv2D(4, 1), same(6), same(2, 5)],
                             layers.GlobalAveragePooling2D()],
       "inception", "topology", 0, "a list of 3, Conv2D, Conv2D and Conv2D")
a_list("branches", lambda: [Input((4,)), [Dense(3), Dense(3)], layers.Add(), Dense(1)],
       "branch", "topology", 0, "a list of 2")
a_list("two outputs", lambda: [Input((8,)), Dense(6), [Dense(1), Dense(3, "softmax")]],
       "multi_output", "topology", 1, "Dense(1) and Dense(3)")
a_list("dict of outputs", lambda: [Input((8,)), {"price": Dense(1), "kind": Dense(1)}],
       "multi_output", "topology", 0, "a dict of 2")
a_list("attention", lambda: [Input((10, 8)), layers.MultiHeadAttention(2, 4),
                             layers.GlobalAveragePooling1D()],
       "attention", "topology", 0, "(None, 10, 8)")
a_list("attention of one kind", lambda: [Input((10, 8)), layers.Attention()],
       "attention", "topology", 0, "(None, 10, 8)")
a_list("call with two tensors", lambda: [Input((4,)), Dense(4), Crop(), Dense(1)],
       "several_arguments", "topology", 1, "Crop()(scene, box)", repaired=False)
a_list("two inputs", lambda: [Input((4,)), Dense(2), Input((3,)), Dense(1)],
       "multi_input", "topology", 1, "(None, 2)")
a_list("shared layer",
       lambda: [Input((8,)), Input((8,)), *twice(Dense(4)), layers.Subtract(), Dense(1)],
       "shared_layer", "topology", 0, "2 inputs")


def siamese_of_tensors() -> Any:
    tower = Sequential([Input((8,)), Dense(4)])
    return Sequential([called(tower, 8), called(tower, 8), layers.Subtract(), Dense(1)])


code("siamese of tensors", siamese_of_tensors, "shared_layer", "topology", 0, "Sequential",
     repaired=True)
a_list("state of an LSTM", lambda: [Input((5, 2)), LSTM(4, return_state=True), Dense(3)],
       "state", "topology", 0, "3 tensors", "Take return_state=True away")
a_list("state into another", lambda: [Input((5, 2)), LSTM(4, return_state=True), LSTM(4)],
       "state", "topology", 0, "initial_state", repaired=False)
a_list("encoder and decoder", lambda: [Input((5, 2)), layers.GRU(4, return_state=True),
                                       Input((6, 3)), layers.GRU(4, return_sequences=True)],
       "state", "topology", 0, "2 tensors")
a_list("a layer that splits", lambda: [Input((4,)), Split(), Dense(3)],
       "several_tensors", "topology", 1, "(None, 2) and (None, 2)", repaired=False)
a_list("unequal halves and Add", lambda: [Input((5,)), Split(), layers.Add()],
       "merge_shapes", "topology", 1, "axis 1 is 2 and 3", repaired=False)
a_list("if on a tensor", lambda: [Input((4,)), Dense(3), Gate()],
       "python_on_tensor", "topology", 1, "as a condition", repaired=False, taken_by=("torch",))
a_list("int of a tensor", lambda: [Input((4,)), Dense(3), Index()],
       "python_on_tensor", "parameter", 1, "float(), int()", repaired=False, taken_by=("torch",))
code("if in a Lambda, swallowed",
     lambda: Sequential(
         [Input((4,)), layers.Lambda(lambda x: x if ops.sum(x) > 0 else -x)]).outputs,
     "python_on_tensor", "topology", 0, "did not say so", taken_by=("torch",))
code("NumPy in a Lambda",
     lambda: Sequential([Input((4,)), layers.Lambda(lambda x: np.sqrt(x))]).predict(
         zeros(2, 4), verbose=0),
     "python_on_tensor", "parameter", 0, "keras.ops", taken_by=("torch",))


def captured() -> Any:
    other = called(Dense(3), 4)
    model = Sequential([Input((4,)), Dense(3), layers.Lambda(lambda x: x + other)])
    return model.predict(zeros(2, 4), verbose=0)


code("tensor of another layer", captured, "captured_tensor", "topology", 1, "(None, 3)")

# --- raised by Sequential ---------------------------------------------------------------------
a_list("a class", lambda: [Input((4,)), Dense],
       "not_a_layer", "parameter", 0, "Write Dense(...)", repaired=False)
a_list("a text", lambda: [Input((4,)), "relu"],
       "not_a_layer", "parameter", 0, 'Activation("relu")', repaired=False)
a_list("a function", lambda: [Input((4,)), lambda x: x + 1],
       "not_a_layer", "parameter", 0, "Lambda(", repaired=False)
a_list("a dict of numbers", lambda: [Input((4,)), {"units": 3}],
       "not_a_layer", "parameter", 0, "a dict is not a layer", repaired=False)
a_list("one name twice", lambda: [Input((4,)), Dense(2, name="a"), Dense(2, name="a")],
       "duplicate_name", "parameter", 1, "'a'", repaired=False)
a_list("a tensor", lambda: [Input((4,)), called(Dense(3), 4)],
       "tensor_in_the_list", "parameter", 0, "Dense")
a_list("a tensor and a layer", lambda: [called(Sequential([Dense(3)]), 4), Dense(1)],
       "tensor_in_the_list", "parameter", 0, "Sequential")
code("Input in the middle",
     lambda: Sequential([Dense(3), layers.InputLayer((3,)), Dense(2)])(zeros(2, 4)),
     "input_in_the_middle", "parameter", 1, "first call", repaired=True)
code("two arrays for one input", lambda: Sequential([Dense(3)])([zeros(2, 4), zeros(2, 4)]),
     "multi_input", "topology", None, "2 arrays")
code("no layers, called", lambda: Sequential()(zeros(2, 4)),
     "not_built", "parameter", None, "empty")
code("output_shape too early", lambda: Sequential([Dense(3)]).output_shape,
     "not_built", "parameter", None, "`output_shape`")
code("output too early", lambda: Sequential([Dense(3)]).output,
     "not_built", "parameter", None, "`output`")
code("count_params too early", lambda: Sequential([Dense(3)]).count_params(),
     "not_built", "parameter", None, "`count_params()`")
code("kernel too early", lambda: Dense(3).kernel,
     "not_built", "parameter", None, "`kernel`")
code("a list and a layer", lambda: Sequential([Input((4,)), Dense(3)], Dense(4)),
     "sequential_arguments", "parameter", None, "a layer beside it", repaired=True,
     taken_by=("old",))
code("a layer and no list", lambda: Sequential(Dense(4)),
     "sequential_arguments", "parameter", None, "no list")
code("input_shape of a Sequential", lambda: Sequential([Dense(3)], input_shape=(4,)),
     "sequential_arguments", "parameter", None, "`input_shape`")
code("chained add", lambda: Sequential().add(Dense(3)).add(Dense(4)),
     "sequential_arguments", "parameter", None, "returns None")
code("append", lambda: Sequential().append(Dense(3)),
     "sequential_arguments", "parameter", None, "model.add(layer)")
code("a number as a shape", lambda: Input(784),
     "input_shape", "parameter", None, "keras.Input((784,))")
code("two numbers as a shape", lambda: Input(28, 28),
     "input_shape", "parameter", None, "keras.Input((28, 28))")
code("input_shape=8", lambda: Sequential([Dense(3, input_shape=8)]),
     "input_shape", "parameter", None, "keras.Input((8,))")
code("half a size", lambda: Input((4.0, 3)),
     "input_shape", "parameter", None, "4.0", "//")

# --- raised by a layer ------------------------------------------------------------------------
a_list("LSTM after LSTM", lambda: [Input((5, 2)), LSTM(4), LSTM(3), Dense(1)],
       "shape_mismatch", "parameter", 0, "Layer 1, LSTM", "(None, 4)",
       "return_sequences=True")
a_list("three LSTMs", lambda: [Input((5, 2)), LSTM(4), LSTM(3), LSTM(2)],
       "shape_mismatch", "parameter", 0, "layer 0", "layer 1")
a_list("LSTM, Dropout, LSTM", lambda: [Input((5, 2)), LSTM(4), layers.Dropout(0.2), LSTM(3)],
       "shape_mismatch", "parameter", 0, "Layer 2, LSTM")
a_list("LSTM after Bidirectional",
       lambda: [Input((5, 2)), layers.Bidirectional(LSTM(4)), LSTM(3)],
       "shape_mismatch", "parameter", 0, "(None, 8)")
a_list("TimeDistributed after LSTM",
       lambda: [Input((5, 2)), LSTM(4), layers.TimeDistributed(Dense(3))],
       "shape_mismatch", "parameter", 0, "time axis")
a_list("RepeatVector after sequences",
       lambda: [Input((5, 2)), LSTM(4, return_sequences=True), layers.RepeatVector(3)],
       "shape_mismatch", "parameter", 0, "every step")
a_list("LSTM on numbers", lambda: [Input((100,)), LSTM(8), Dense(10)],
       "shape_mismatch", "feature_input", 0, "Reshape((100, 1))", "Embedding")
a_list("LSTM after a map", lambda: [Input((28, 28, 1)), Conv2D(8, 3), LSTM(4)],
       "shape_mismatch", "adjacent_layer", 1, "One choice", "26·8 = 208")
a_list("Conv2D on a row", lambda: [Input((784,)), Conv2D(8, 3), layers.Flatten(), Dense(10)],
       "shape_mismatch", "feature_input", 0, "784 = 28·28·1")
a_list("no channel axis", lambda: [Input((28, 28)), Conv2D(8, 3), layers.Flatten(), Dense(10)],
       "shape_mismatch", "feature_input", 0, "keras.Input((28, 28, 1))")
a_list("Conv2D on a sequence",
       lambda: [Input((50, 4)), Conv2D(8, 3), layers.GlobalAveragePooling2D(), Dense(1)],
       "shape_mismatch", "feature_input", 0, "Conv1D", "GlobalAveragePooling1D")
a_list("Conv1D on a picture", lambda: [Input((28, 28, 3)), layers.Conv1D(8, 3),
                                       layers.MaxPooling1D(2)],
       "shape_mismatch", "feature_input", 0, "take Conv2D", "take MaxPooling2D")
a_list("Conv3D on a picture", lambda: [Input((28, 28, 3)), layers.Conv3D(8, 3)],
       "shape_mismatch", "feature_input", 0, "got 4")
a_list("Conv2D on a film", lambda: [Input((10, 28, 28, 3)), Conv2D(8, 3)],
       "shape_mismatch", "feature_input", 0, "got 5", "Conv3D")
a_list("batch in the Input", lambda: [Input((32, 28, 28, 1)), Conv2D(4, 3), layers.Flatten()],
       "shape_mismatch", "feature_input", 0, "keras.Input((28, 28, 1))")
a_list("MaxPooling2D after Conv1D",
       lambda: [Input((50, 4)), layers.Conv1D(8, 3), layers.MaxPooling2D(2)],
       "shape_mismatch", "adjacent_layer", 1, "take MaxPooling1D")
a_list("Flatten too early",
       lambda: [Input((28, 28, 1)), layers.Flatten(), Conv2D(8, 3), Dense(10)],
       "shape_mismatch", "adjacent_layer", 0, "Put Flatten behind Conv2D")
a_list("pooled twice",
       lambda: [Input((28, 28, 3)), *[layers.GlobalAveragePooling2D() for _ in range(2)]],
       "shape_mismatch", "adjacent_layer", 1, "nothing left to pool")
a_list("Conv2D after Dense", lambda: [Input((64,)), Dense(49), Conv2D(8, 3)],
       "shape_mismatch", "adjacent_layer", 1, "49 = 7·7·1")
a_list("large kernel", lambda: [Input((4, 4, 1)), Conv2D(8, 5)],
       "shape_mismatch", "parameter", 0, "window of 5", "input's 4", taken_by=("old",))
a_list("map too small", lambda: [Input((12, 12, 1)), Conv2D(8, 3), layers.MaxPooling2D(),
                                 Conv2D(8, 3), layers.MaxPooling2D(), Conv2D(8, 3)],
       "shape_mismatch", "parameter", 4, "window of 3", 'padding="same"')
a_list("channels first", lambda: [Input((3, 32, 32)), Conv2D(8, 5), layers.Flatten()],
       "shape_mismatch", "feature_input", 0, "Permute((2, 3, 1))")
a_list("wrong data_format",
       lambda: [Input((28, 28, 1)), Conv2D(4, 3, data_format="channels_first")],
       "shape_mismatch", "parameter", 0, 'Take data_format="channels_first" away')
a_list("Reshape", lambda: [Input((784,)), layers.Reshape((28, 27))],
       "shape_mismatch", "parameter", 0, "756 values are not 784")
a_list("Reshape after Dense",
       lambda: [Input((784,)), Dense(128), layers.Reshape((28, 28, 1)), Conv2D(4, 3)],
       "shape_mismatch", "parameter", 1, "Dense(784)")
a_list("Flatten of free sizes",
       lambda: [Input((None, None, 3)), Conv2D(8, 3), layers.Flatten(), Dense(10)],
       "shape_mismatch", "adjacent_layer", 2, "GlobalAveragePooling2D")
a_list("free width", lambda: [Input((None,)), Dense(10)],
       "shape_mismatch", "feature_input", 0, "fixed sizes", repaired=False)
a_list("TimeDistributed on a row", lambda: [Input((10,)), layers.TimeDistributed(Dense(3))],
       "shape_mismatch", "feature_input", 0, "without TimeDistributed")
a_list("groups of channels", lambda: [Input((8, 8, 10)), layers.GroupNormalization(4)],
       "shape_mismatch", "parameter", 0, "1, 2, 5 and 10", repaired=False)
a_list("groups of filters", lambda: [Input((8, 8, 3)), Conv2D(8, 3, groups=2)],
       "shape_mismatch", "parameter", 0, "3 channels among 2 groups", repaired=False)
a_list("Permute", lambda: [Input((28, 28)), layers.Permute((1, 2, 3))],
       "shape_mismatch", "parameter", 0, "name 3 axes", repaired=False)
a_list("Cropping", lambda: [Input((8, 8, 1)), layers.Cropping2D(5)],
       "shape_mismatch", "parameter", 0, "a side of 8", repaired=False)
a_list("nested model", lambda: [Input((5,)), Sequential([Input((4,)), Dense(3)]), Dense(1)],
       "nested_model", "feature_input", 0, "(None, 4)", "(None, 5)", repaired=False)
code("misspelt activation", lambda: Dense(3, activation="rleu"),
     "layer_argument", "parameter", None, 'activation="relu"')
code("misspelt argument", lambda: Dense(3, activaton="relu"),
     "layer_argument", "parameter", None, "Write `activation`")
code("no units", lambda: Dense(),
     "layer_argument", "parameter", None, "`units` was not given")
code("units as text", lambda: Sequential([Input((4,)), Dense("10")]).count_params(),
     "layer_argument", "parameter", None, "Write 10, without quotes")
code("padding full", lambda: Conv2D(3, 3, padding="full"),
     "layer_argument", "parameter", None, "'full'")
code("dropout of 50", lambda: layers.Dropout(50),
     "layer_argument", "parameter", None, "Dropout(0.5)")
code("three sizes for two axes", lambda: Conv2D(8, (3, 3, 3)),
     "layer_argument", "parameter", None, "kernel_size=(3, 3)")

# --- the Functional API -----------------------------------------------------------------------


def on(shape: tuple[int | None, ...], run: Callable[[Any], Any]) -> Callable[[], Any]:
    """Call a function on an Input."""
    return lambda: run(Input(shape))


code("Add of two widths", on((8,), lambda x: layers.Add()([Dense(4)(x), Dense(5)(x)])),
     "merge_shapes", "topology", None, "axis 1 is 4 and 5", "a Dense was added", repaired=True)
code("Add of two maps", on((28, 28, 3), lambda x: layers.Add()([Conv2D(16, 3)(x), x])),
     "merge_shapes", "topology", None, "26 and 28", 'padding="same"', repaired=True)
code("Concatenate of two sides",
     on((28, 28, 3), lambda x: layers.Concatenate()([Conv2D(16, 3)(x), x])),
     "merge_shapes", "topology", None, "axis 1 is 26 and 28", repaired=True)
code("Concatenate of two ranks",
     on((28, 28, 3), lambda x: layers.Concatenate()([layers.Flatten()(x), x])),
     "merge_shapes", "topology", None, "2 and 4 axes")
code("Dot of two widths", on((8,), lambda x: layers.Dot(axes=1)([Dense(4)(x), Dense(5)(x)])),
     "merge_shapes", "topology", None, "4 and 5")
code("plus", on((8,), lambda x: Dense(4)(x) + Dense(5)(x)),
     "merge_shapes", "topology", None, "(None, 4) and (None, 5)")
code("Add of one", on((8,), lambda x: layers.Add()(x)),
     "merge_call", "topology", None, "(None, 8) alone")
code("Add without a list", on((8,), lambda x: layers.Add()(x, x)),
     "merge_call", "topology", None, "Add()([a, b])", repaired=True)
code("attention without a value", on((10, 8), lambda x: layers.MultiHeadAttention(2, 4)(x)),
     "attention", "topology", None, "(None, 10, 8)", repaired=True)
code("LSTM on two axes", on((10,), lambda x: LSTM(4)(x)),
     "shape_mismatch", "feature_input", 0, "got 2", repaired=True)
code("LSTM after LSTM, called", on((10, 2), lambda x: LSTM(4)(LSTM(3)(x))),
     "shape_mismatch", "parameter", 0, "return_sequences=True", repaired=True)
code("Dense on a free width", on((None,), lambda x: Dense(4)(x)),
     "shape_mismatch", "feature_input", 0, "known sizes")
code("called on a layer", on((4,), lambda x: Dense(3)(Dense(4))),
     "layer_as_tensor", "topology", None, "Dense received Dense")
code("a layer among tensors", on((4,), lambda x: layers.Concatenate()([Dense(4), x])),
     "layer_as_tensor", "topology", None, "Concatenate received Dense")
code("an output that was not called", on((4,), lambda x: keras.Model(x, Dense(3))),
     "layer_as_tensor", "topology", None, "Dense", repaired=True)
code("a tensor in the constructor", on((4,), lambda x: Dense(3, x)),
     "layer_argument", "parameter", None, "Dense(...)(x)")
code("a text in place of a tensor", lambda: Dense(3)("relu"),
     "not_a_tensor", "feature_input", None, "'relu'")
code("a list of numbers", lambda: Dense(3)([1.0, 2.0]),
     "not_a_tensor", "feature_input", None, "np.array(x")
code("a number alone", lambda: Dense(3)(np.float32(3.0)),
     "shape_mismatch", "feature_input", None, "got 0")
code("another Input", on((4,), lambda x: keras.Model(Input((5,)), Dense(3)(x))),
     "disconnected", "topology", None, "(None, 4)", "(None, 5)", repaired=True)
code("a forgotten Input",
     on((4,), lambda x: keras.Model(x, layers.Add()([x, Input((4,))]))),
     "disconnected", "topology", None, "another Input", repaired=True, taken_by=("old",))
code("inputs and outputs turned round", on((4,), lambda x: keras.Model(Dense(2)(x), x)),
     "disconnected", "topology", None, "Turn them round", repaired=True)
code("an array as an input", on((4,), lambda x: keras.Model(zeros(2, 4), Dense(3)(x))),
     "not_symbolic", "parameter", None, "(2, 4)", "keras.Input((4,))")
code("a model without outputs", on((4,), lambda x: keras.Model(x)),
     "functional_model", "parameter", None, "inputs=x, outputs=y")
code("one name twice in a model",
     on((4,), lambda x: keras.Model(x, Dense(3, name="d")(Dense(3, name="d")(x)))),
     "duplicate_name", "parameter", None, "'d'")
code("nested model, called",
     on((5,), lambda x: Sequential([Input((4,)), Dense(3)])(x)),
     "nested_model", "feature_input", None, "(None, 4)", "(None, 5)")
code("if on a symbolic tensor", on((4,), lambda x: 1 if x > 0 else 2),
     "python_on_tensor", "topology", None, "as a condition")
code("NumPy on a symbolic tensor", on((4,), lambda x: np.mean(x)),
     "python_on_tensor", "parameter", None, "keras.ops")
code("own model: two widths", lambda: Mismatched()(zeros(2, 4)),
     "merge_shapes", "topology", None, "4 and 5", needs_attempt=True)
code("own model: two LSTMs", lambda: Stacked()(zeros(2, 5, 3)),
     "shape_mismatch", "adjacent_layer", None, "inside Stacked", needs_attempt=True)
code("own model: no super", lambda: Forgetful()(zeros(2, 4)),
     "own_class", "parameter", None, "super().__init__()")
code("own model: no call", lambda: Bare()(zeros(2, 4)),
     "own_class", "parameter", None, "no method `call`")
a_list("own layer: no return", lambda: [Input((4,)), Silent(), Dense(2)],
       "own_class", "parameter", 0, "`return`", repaired=False)
a_list("numbers that are no square",
       lambda: [Input((100,)), Dense(6272), layers.Conv2DTranspose(64, 5)],
       "shape_mismatch", "adjacent_layer", 1, "height·width·channels = 6272", repaired=False)
a_list("own layer in a repair",
       lambda: [Input((4,)), Dense(4), Split(half=4), layers.Add()],
       "residual", "topology", 2, "(None, 4)")
