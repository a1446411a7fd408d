"""Random layer lists for the property tests of every room.

A list is kept as source code, one expression for each layer. So a failing example prints as
something that can be read and typed, and every test makes fresh layers of it:

    @given(layer_lists(valid=True))
    def test_something(drawn: LayerList) -> None:
        model = drawn.model()           # a built Sequential; also drawn.items(), drawn.layers()
        outputs = model(drawn.data())
"""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from hypothesis import strategies as st
from keras import layers

Shape = tuple[int | None, ...]
Step = str | int
"""Code that makes a layer, or the index of an earlier step whose layer is used again."""

INTEGERS = 6  # integer inputs run from 0 to 5
LARGEST = 4_000  # values in one example; larger tensors would slow the tests down
UNKNOWN = 12  # the size that `data` gives to an axis of size None


@dataclass(frozen=True)
class LayerList:
    """What goes into a Sequential.

    Attributes:
        input_shape: shape of one example, without the batch axis.
        code: one step for each layer.
        dtype: what the inputs are: "float32", or "int32" for an Embedding.
        batch_size: a fixed batch size, which a stateful layer needs.
    """

    input_shape: Shape
    code: tuple[Step, ...]
    dtype: str = "float32"
    batch_size: int | None = None

    def input(self) -> Any:
        """A fresh keras.Input."""
        return keras.Input(self.input_shape, batch_size=self.batch_size, dtype=self.dtype)

    def layers(self) -> list[Any]:
        """Fresh layers, without the Input; an item that stands twice is one object."""
        made: list[Any] = []
        for step in self.code:
            made.append(made[step] if isinstance(step, int) else make(step))
        return made

    def items(self) -> list[Any]:
        """Fresh Input and layers."""
        return [self.input(), *self.layers()]

    def model(self) -> keras.Sequential:
        """A fresh Sequential; building it raises when the list is not valid."""
        return keras.Sequential(self.items())

    def data(self, examples: int = 2, seed: int = 0) -> np.ndarray:
        """Inputs for the model, the same for the same seed."""
        sizes = [UNKNOWN if size is None else size for size in self.input_shape]
        shape = (self.batch_size or examples, *sizes)
        generator = np.random.default_rng(seed)
        if self.dtype.startswith("int"):
            return generator.integers(0, INTEGERS, shape).astype(self.dtype)
        values = generator.normal(size=shape).astype(self.dtype)
        if len(shape) > 2:
            values[:, -1:] = 0.0  # a step that Masking leaves out
        return values


def make(code: str) -> Any:
    """Run the code of one step."""
    return eval(code, {"keras": keras, "layers": layers, "np": np})


def layer_lists(valid: bool = True, longest: int = 6) -> st.SearchStrategy[LayerList]:
    """Lists of one to `longest` items.

    Args:
        valid: whether a Sequential takes every list. Without it, about half of the lists fail
            somewhere: at `add`, or in a layer's call.
        longest: the number of steps in the longest list.
    """
    return _layer_lists(valid, longest)


@st.composite
def _layer_lists(draw: Any, valid: bool, longest: int) -> LayerList:
    shape, dtype, batch_size = draw(_entries())
    tensor = keras.KerasTensor((batch_size, *shape), dtype=dtype)
    code: list[Step] = []
    used: list[Any] = []
    widths: list[int | None] = []
    for _ in range(draw(st.integers(1, longest))):
        wrong = not valid and draw(st.integers(0, 5)) == 0
        step = _draw_step(draw, tensor, code, wrong)
        with _random_untouched():
            layer = used[step] if isinstance(step, int) else make(step)
            after = _called(layer, tensor, used)
            if isinstance(step, int) and widths[step] != tensor.shape[-1]:
                after = None  # Keras builds a shared GRU for two widths, and fails when it runs
        if after is None and valid:
            continue
        code.append(step)
        used.append(layer)
        widths.append(tensor.shape[-1])
        tensor = tensor if after is None else after
    if not code:
        code.append("layers.Identity()")
    return LayerList(shape, tuple(code), dtype, batch_size)


def _called(layer: Any, tensor: Any, used: Sequence[Any]) -> Any:
    """The output of a layer, or None where a Sequential would refuse it."""
    if not isinstance(layer, keras.Layer) or isinstance(layer, layers.InputLayer):
        return None
    if any(layer.name == getattr(other, "name", "") and layer is not other for other in used):
        return None
    try:
        output = layer(tensor)
    except Exception:
        return None
    known = [UNKNOWN if size is None else size for size in output.shape]
    return output if math.prod(known) <= 2 * LARGEST else None


@contextmanager
def _random_untouched() -> Iterator[None]:
    """Keras draws seeds from `random`, whose state belongs to hypothesis while it draws."""
    state = random.getstate()
    try:
        yield
    finally:
        random.setstate(state)


def _draw_step(draw: Any, tensor: Any, code: Sequence[Step], wrong: bool) -> Step:
    if wrong:
        return draw(st.one_of(st.sampled_from(WRONG), _any_step()))
    if tensor.dtype.startswith("int"):  # a backend may have no such function for integers
        return draw(st.one_of(_embedding(), _embedding(), st.just("layers.Flatten()")))
    if code and draw(st.integers(0, 9)) == 0:
        earlier = draw(st.integers(0, len(code) - 1))
        return code[earlier] if isinstance(code[earlier], int) else earlier
    shape = tensor.shape[1:]
    if None not in shape and draw(st.integers(0, 11)) == 0:
        return f"layers.Reshape({tuple(draw(st.permutations(shape)))})"
    return draw(_step_for(len(shape)))


# --- inputs ---------------------------------------------------------------------------------------


@st.composite
def _entries(draw: Any) -> tuple[Shape, str, int | None]:
    axes = draw(st.sampled_from([1, 1, 2, 2, 2, 3, 3, 3, 4, 4]))
    side = st.integers(4, {1: 9, 2: 9, 3: 9, 4: 5}[axes])
    open_side = side if draw(st.integers(0, 4)) else st.none() | side
    shape: Shape = (*(draw(open_side) for _ in range(axes - 1)), draw(st.integers(1, 4)))
    if axes <= 2 and draw(st.integers(0, 3)) == 0:
        return tuple(size or 4 for size in shape), "int32", None
    batch_size = draw(st.sampled_from([None, None, None, None, 2]))
    return shape, "float32", batch_size


# --- steps ----------------------------------------------------------------------------------------

_FEW = st.integers(1, 4)
_PADDING = st.sampled_from(["valid", "same"])
_YES_NO = st.booleans()
_ACTIVATION = st.sampled_from(["relu", "tanh", "sigmoid", "elu", "softmax", "gelu"])

WRONG = (
    "layers.Add()",
    "layers.Subtract()",
    "layers.Multiply()",
    "layers.Average()",
    "layers.Maximum()",
    "layers.Concatenate()",
    "layers.Dot(axes=1)",
    "layers.Attention()",
    "layers.AdditiveAttention()",
    "layers.MultiHeadAttention(2, 2)",
    "layers.Conv2D(2, 31)",
    "layers.Conv1D(2, 31)",
    "layers.MaxPooling2D(31)",
    "layers.AveragePooling1D(31)",
    "layers.Cropping1D(31)",
    "layers.Cropping2D(31)",
    "layers.Reshape((7, 11))",
    "layers.Permute((2, 1, 4, 3))",
    "layers.LSTM(3)",
    "layers.Bidirectional(layers.GRU(2))",
    "layers.TimeDistributed(layers.Conv2D(2, 3))",
    "layers.EinsumDense('abc,cd->abd', output_shape=(None, 5))",
    'layers.Dense(2, name="twice")',
    'layers.ReLU(name="twice")',
    "keras.Sequential([layers.Conv2D(2, 3)])",
    "keras.Input((4,))",
    "keras.layers.Dense",
    "[layers.Dense(2)]",
    "keras.activations.relu",
    '"relu"',
    "None",
    "3",
)


def _call(name: str, *required: Any, **optional: Any) -> st.SearchStrategy[str]:
    """Code of a layer: required arguments always, each optional one in some examples only."""
    return _written(name, required, optional)


@st.composite
def _written(draw: Any, name: str, required: Any, optional: Any) -> str:
    arguments = [_text(draw(value)) for value in required]
    for key, value in optional.items():
        if draw(_YES_NO):
            arguments.append(f"{key}={_text(draw(value))}")
    return f"layers.{name}({', '.join(arguments)})"


class _Code(str):
    """Code inside an argument; any other string is a string."""


def _text(value: Any) -> str:
    return str(value) if isinstance(value, _Code) else repr(value)


def _nested(step: st.SearchStrategy[str]) -> st.SearchStrategy[_Code]:
    return step.map(_Code)


def _embedding() -> st.SearchStrategy[str]:
    sizes = st.integers(INTEGERS, INTEGERS + 3)
    return _call("Embedding", sizes, _FEW, mask_zero=_YES_NO)


@functools.cache
def _step_for(axes: int) -> st.SearchStrategy[str]:
    """Steps that usually take a tensor of so many axes, the batch axis not counted."""
    groups = [_step_for_any(axes)]
    if axes == 1:
        groups += [_dense(), _dense(), _call("RepeatVector", _FEW)]
    if axes == 2:
        groups += [_recurrent(), _wrapped_recurrent(), _step_for_sequence()]
    if 2 <= axes <= 4:
        groups += [_spatial(axes - 1)] * 3
    if axes == 4:
        groups.append(_over_time())
    return st.sampled_from(groups).flatmap(lambda group: group)


def _any_step() -> st.SearchStrategy[str]:
    """A step for a tensor of any number of axes."""
    return st.integers(1, 4).flatmap(_step_for)


def _dense() -> st.SearchStrategy[str]:
    return _call(
        "Dense",
        _FEW,
        activation=_ACTIVATION,
        use_bias=_YES_NO,
        kernel_initializer=st.sampled_from(["he_normal", "ones"]),
        kernel_regularizer=st.just(_Code("keras.regularizers.L2(0.01)")),
        trainable=_YES_NO,
    )


def _step_for_any(axes: int) -> st.SearchStrategy[str]:
    rates = st.sampled_from([0.25, 0.5])
    steps = [
        _dense(),
        _call("Activation", _ACTIVATION),
        _call("ReLU", max_value=st.just(6.0)),
        _call("LeakyReLU", negative_slope=st.just(0.1)),
        _call("ELU"),
        _call("PReLU"),
        _call("Softmax"),
        _call("Dropout", rates, seed=st.just(3)),
        _call("AlphaDropout", rates),
        _call("GaussianNoise", rates),
        _call("GaussianDropout", rates),
        _call("ActivityRegularization", l2=st.just(0.1)),
        _call("BatchNormalization", momentum=st.just(0.9), scale=_YES_NO, trainable=_YES_NO),
        _call("LayerNormalization", epsilon=st.just(0.01), center=_YES_NO),
        _call("GroupNormalization", groups=st.sampled_from([-1, 1])),
        _call("UnitNormalization"),
        _call("Rescaling", st.just(0.5), offset=st.just(-1.0)),
        st.just("layers.Normalization(mean=0.5, variance=4.0)"),
        _call("Identity"),
        _call("Flatten"),
        _call("Masking", mask_value=st.just(0.0)),
        _call("Reshape", st.sampled_from([(-1,), (-1, 1), (1, -1), (1, 1, -1)])),
        _sequential(),
    ]
    if axes > 1:
        steps.append(_call("Permute", st.permutations(range(1, axes + 1)).map(tuple)))
    return st.one_of(steps)


def _sequential() -> st.SearchStrategy[str]:
    """A nested Sequential of layers that keep the number of axes."""
    keepers = st.one_of(
        _dense(),
        _call("BatchNormalization"),
        _call("Dropout", st.just(0.5)),
        _call("Activation", _ACTIVATION),
        st.just("keras.Sequential([layers.Dense(3), layers.ReLU()])"),
    )
    inner = st.lists(keepers, min_size=1, max_size=3)
    return inner.map(lambda codes: f"keras.Sequential([{', '.join(codes)}])")


def _recurrent() -> st.SearchStrategy[str]:
    return st.one_of(
        _call(
            "LSTM",
            _FEW,
            return_sequences=_YES_NO,
            go_backwards=_YES_NO,
            unit_forget_bias=_YES_NO,
        ),
        _call("GRU", _FEW, return_sequences=_YES_NO, reset_after=_YES_NO),
        _call("SimpleRNN", _FEW, return_sequences=_YES_NO, activation=_ACTIVATION),
        st.just("layers.RNN([layers.LSTMCell(2), layers.GRUCell(3)])"),
    )


def _wrapped_recurrent() -> st.SearchStrategy[str]:
    kinds = st.sampled_from(["LSTM", "GRU", "SimpleRNN"])
    inside = kinds.flatmap(lambda kind: _call(kind, _FEW, return_sequences=_YES_NO))
    ways = st.sampled_from(["concat", "sum", "mul", "ave"])
    return _call("Bidirectional", _nested(inside), merge_mode=ways)


def _step_for_sequence() -> st.SearchStrategy[str]:
    each = st.one_of(_dense(), _call("Activation", _ACTIVATION), _call("Reshape", st.just((-1, 1))))
    return st.one_of(
        _call("TimeDistributed", _nested(each)),
        _call("Masking", mask_value=st.just(0.0)),
        _call("SpatialDropout1D", st.just(0.5)),
        st.just("layers.TimeDistributed(keras.Sequential([layers.Dense(2), layers.ReLU()]))"),
    )


def _over_time() -> st.SearchStrategy[str]:
    """Steps for a sequence of pictures."""
    return st.one_of(
        st.builds("layers.TimeDistributed({})".format, _spatial(2)),
        _call("ConvLSTM2D", _FEW, st.just(3), padding=_PADDING, return_sequences=_YES_NO),
    )


def _spatial(axes: int) -> st.SearchStrategy[str]:
    """Steps for pictures of one, two or three axes and channels."""
    end = f"{axes}D"
    pair = st.tuples(st.integers(0, 2), st.integers(0, 2))
    around = pair if axes == 1 else st.tuples(*[pair] * axes)
    once_or_each = _FEW | st.tuples(*[_FEW] * axes)
    steps = [
        _convolution(f"Conv{end}", _FEW, once_or_each, dilation=True),
        _convolution(f"Conv{end}Transpose", _FEW, _FEW),
        _call(f"MaxPooling{end}", _FEW, strides=_FEW, padding=_PADDING),
        _call(f"AveragePooling{end}", once_or_each, padding=_PADDING),
        _call(f"GlobalMaxPooling{end}", keepdims=_YES_NO),
        _call(f"GlobalAveragePooling{end}", keepdims=_YES_NO),
        _call(f"ZeroPadding{end}", around),
        _call(f"Cropping{end}", around),
        _call(f"UpSampling{end}", st.integers(1, 2)),
        _call(f"SpatialDropout{end}", st.just(0.5)),
    ]
    if axes < 3:
        steps.append(_convolution(f"SeparableConv{end}", _FEW, _FEW))
        steps.append(_convolution(f"DepthwiseConv{end}", _FEW))
    if axes == 2:
        steps.append(_call("Resizing", _FEW, _FEW))
        steps.append(_call("CenterCrop", _FEW, _FEW))
    return st.one_of(steps)


def _convolution(name: str, *required: Any, dilation: bool = False) -> st.SearchStrategy[str]:
    """Strides and dilation exclude each other."""
    common: dict[str, Any] = {
        "padding": _PADDING,
        "activation": _ACTIVATION,
        "use_bias": _YES_NO,
    }
    if "Depthwise" in name or "Separable" in name:
        common["depth_multiplier"] = _FEW
    ways = [_call(name, *required, **common, strides=st.integers(1, 3))]
    if dilation:
        ways.append(_call(name, *required, **common, dilation_rate=st.integers(1, 2)))
    return st.one_of(ways)
