"""Claims of the article on why Sequential is popular (C)."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras
import numpy as np
from keras import layers

from seqkit.claims import by_hand, stacks
from seqkit.claims.beginners_guide import (
    autoencoder_check,
    clothes_check,
    conv_then_dense,
    spam_check,
    textures_check,
    weather_check,
)
from seqkit.claims.claim import Evidence, Verdict
from seqkit.claims.craft import sizes
from seqkit.claims.from_limits import refusals, refused
from seqkit.claims.limits_of_sequential import calls_of, keras_names, tensor_names
from seqkit.claims.measuring import fails, is_true, once, says, seeded
from seqkit.claims.runs import clothes
from seqkit.claims.writing import claim
from seqkit.converting import to_source
from seqkit.limits.limit import Check
from seqkit.limits.measure import answer

_JUDGEMENT = "A judgement. What was counted: "

# A whole program: the statements of a first model, without the imports.
PROGRAM = """
model = keras.Sequential([keras.Input((784,)), layers.Dense(32, activation="relu"), layers.Dense(10)])
model.compile(optimizer="sgd", loss="mean_squared_error")
model.fit(x, y, verbose=0)
"""  # noqa: E501


@claim(
    "C1",
    "A model takes three or four lines.",
    lessons=(1,),
    recorded=Verdict.HOLDS,
)
def c1() -> Evidence:
    """A program of three statements, run."""
    x = np.zeros((32, 784), "float32")
    names: dict[str, Any] = {"keras": keras, "layers": layers, "x": x, "y": x[:, :10]}
    exec(PROGRAM, names)
    return Evidence(
        says=(
            is_true(
                "make, compile, fit: a program of three statements builds and trains a model",
                len(ast.parse(PROGRAM).body) == 3 and names["model"].output_shape == (None, 10),
            ),
        )
    )


@claim(
    "C2",
    "Before such libraries one wrote backpropagation, graphs and tensor code by hand.",
    lessons=(1,),
    recorded=Verdict.HOLDS,
    note="The history is not measured. What was measured: the same step by hand, and its length.",
)
def c2() -> Evidence:
    """One step of training with NumPy, against Keras."""
    part = clothes()
    flat, labels = part.x[:64].reshape(-1, 784), part.y[:64]
    with seeded(0):
        model = stacks.first_model()
        before = model.get_weights()
        optimizer = keras.optimizers.SGD(0.1)
        loss = "sparse_categorical_crossentropy"
        model.compile(optimizer=optimizer, loss=loss, run_eagerly=True)
        model.train_on_batch(flat, labels)
    written = by_hand.one_step(before, flat, labels, 0.1)
    body = ast.parse(textwrap.dedent(inspect.getsource(by_hand.one_step))).body[0]
    assert isinstance(body, ast.FunctionDef)
    return Evidence(
        says=(
            is_true(
                "one step with NumPy and a gradient written out gives the same weights as Keras",
                all(
                    np.allclose(one, other, atol=1e-5)
                    for one, other in zip(written, model.get_weights(), strict=True)
                ),
            ),
            is_true(
                "by hand it takes over ten statements, and holds for this stack alone",
                len(body.body) - 1 > 10,
            ),
        )
    )


@claim(
    "C3",
    "It is clear, accessible, and light on the mind.",
    lessons=(1,),
    recorded=Verdict.HOLDS,
    note=_JUDGEMENT + "the names that a reader must know or invent.",
)
def c3() -> Evidence:
    """Names to know."""
    return Evidence(says=(_three_names(), _no_tensor()))


def _three_names() -> Check:
    source = to_source(stacks.first_model(), style="sequential")
    return is_true(
        "a first model uses three names of Keras: Sequential, Input and Dense",
        keras_names(source) == {"Sequential", "Input", "Dense"},
    )


def _no_tensor() -> Check:
    model = stacks.first_model()
    return is_true(
        "no tensor gets a name in the list; as a graph, tensors do",
        tensor_names(to_source(model, style="sequential")) == 0 < tensor_names(to_source(model)),
    )


@claim(
    "C4.3",
    "Prototypes and baselines tell whether more is needed.",
    lessons=(8,),
    recorded=Verdict.HOLDS,
    note="Measured on two rings of points; lesson 08 measures it on real data.",
)
def c4_3() -> Evidence:
    """A baseline that does not suffice, and one that does."""
    found = sizes()
    return Evidence(
        says=(
            is_true(
                "no hidden layer: under 65 % (guessing 50 %), so more is needed",
                found["none"] < 0.65,
            ),
            is_true(
                "one hidden layer: over 90 %; three wider ones add under 4 points, so it suffices",
                found["one"] > 0.9 and found["three"] - found["one"] < 0.04,
            ),
        )
    )


@claim(
    "C4.4",
    "It works for MLPs, text, simple CNNs and RNNs, forecasts, autoencoders and regression.",
    lessons=(3, 4, 5, 8),
    recorded=Verdict.HOLDS,
    shown_in=(8,),
)
def c4_4() -> Evidence:
    """One trained stack each."""
    return Evidence(
        says=(
            clothes_check(),
            spam_check(),
            textures_check(),
            weather_check(),
            autoencoder_check(),
        )
    )  # fmt: skip


@claim(
    "C4.5",
    "There is practically no chance of feeding a wrong tensor.",
    lessons=(9,),
    recorded=Verdict.WRONG,
    note="See A2.2 and B15.2: the wrong tensor goes in without an exception.",
)
def c4_5() -> Evidence:
    """A second array, and a picture where a vector was meant."""
    return Evidence(
        says=(
            is_true("fit([x1, x2], y) on a stack with one input is refused", fails(_second_array)),
        ),
        instead=(
            is_true(
                "it trains on x1 alone; Keras gives a warning and no exception",
                says(_second_array, words="structure"),
            ),
            conv_then_dense(),
        ),
    )


def _second_array() -> None:
    first, second = np.zeros((8, 4), "float32"), np.zeros((8, 2), "float32")
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mean_squared_error", run_eagerly=True)
    model.fit([first, second], np.zeros((8, 1), "float32"), batch_size=8, verbose=0)


@claim(
    "C4.8",
    "The same idea exists in other frameworks: PyTorch, MXNet, PaddlePaddle, DJL, ONNX.",
    lessons=(10,),
    recorded=Verdict.HOLDS,
    note="Compared with NumPy, and with PyTorch where it is installed. More in lesson 10.",
)
def c4_8() -> Evidence:
    """The same list of layers and weights, elsewhere."""
    with seeded(0):
        model = stacks.first_model()
    x = clothes().x[:16].reshape(-1, 784)
    configs = [layer.get_config() for layer in model.layers]
    by_numpy = by_hand.forwards(configs, model.get_weights(), x)
    return Evidence(
        says=(
            is_true(
                "the same list and weights, run by a loop in NumPy, give the same outputs",
                bool(np.allclose(by_numpy, answer(model, x), atol=1e-5)),
            ),
            is_true(
                "torch.nn.Sequential with the same weights does, too; or PyTorch is not installed "
                "and was not asked",
                _same_in_torch(model, x),
            ),
        )
    )


@once
def _torch_is_there() -> bool:
    return importlib.util.find_spec("torch") is not None


def _same_in_torch(model: keras.Sequential, x: np.ndarray) -> bool:
    if not _torch_is_there():
        return True
    import torch

    weights = [torch.tensor(weight) for weight in model.get_weights()]
    twin = torch.nn.Sequential(
        torch.nn.Linear(784, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10), torch.nn.Softmax(-1)
    )
    with torch.no_grad():
        for layer, kernel, bias in ((twin[0], *weights[:2]), (twin[2], *weights[2:])):
            layer.weight.copy_(kernel.T)
            layer.bias.copy_(bias)
        said = twin(torch.tensor(x)).numpy()
    return bool(np.allclose(said, answer(model, x), atol=1e-5))


@claim(
    "C4.9",
    "It is easy to deploy: TF Lite (LiteRT), ONNX, TF Serving, mobile.",
    lessons=(10,),
    recorded=Verdict.HOLDS,
    note="Here: files that give the same outputs. Lesson 10 exports to LiteRT and ONNX as well.",
)
def c4_9() -> Evidence:
    """Saved, exported, loaded again."""
    with seeded(0):
        model = stacks.first_model()
    x = clothes().x[:4].reshape(-1, 784)
    with _folder() as folder:
        path = folder / "net.keras"
        model.save(path)
        again = keras.saving.load_model(path)
        weights = folder / "net.weights.h5"
        model.save_weights(weights)
        twin = keras.Sequential.from_config(model.get_config())
        twin.load_weights(weights)
    return Evidence(
        says=(
            is_true(
                "saved as .keras and loaded, it gives the same outputs",
                np.array_equal(answer(again, x), answer(model, x)),
            ),
            is_true(
                "its config and its weights, in two files, are enough to make it again",
                np.array_equal(answer(twin, x), answer(model, x)),
            ),
            is_true(
                "exported as a SavedModel and loaded, it does, too; or the backend is not "
                "TensorFlow and was not asked",
                _exported(),
            ),
        )
    )


@contextmanager
def _folder() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield Path(folder)


@once
def _exported() -> bool:
    """Whether a small exported stack gives the same outputs; True on other backends."""
    if keras.backend.backend() != "tensorflow":
        return True
    x = np.random.default_rng(0).normal(size=(2, 8)).astype("float32")
    with seeded(0), _folder() as folder:
        model = stacks.small_stack()
        model.export(folder / "net", format="tf_saved_model", verbose=False)
        served = layers.TFSMLayer(folder / "net", call_endpoint="serve")
        return bool(np.allclose(answer(served, x), answer(model, x), atol=1e-5))


@claim(
    "C4.10",
    "There are no tensor mismatches, no shape errors and no wrong merges.",
    lessons=(9,),
    recorded=Verdict.WRONG,
    note="There are fewer kinds of them: what cannot be written cannot be wrong.",
)
def c4_10() -> Evidence:
    """Shape errors, loud and silent."""
    recurrent = (layers.Input((7, 3)), layers.LSTM(4), layers.LSTM(4))
    return Evidence(
        says=(
            is_true(
                "layers in a list always fit: LSTM → LSTM builds", not fails(_list, *recurrent)
            ),
        ),
        instead=(
            is_true(
                "a Reshape to another size is a shape error, as in every other model",
                fails(stacks.wrong_stack),
            ),
            conv_then_dense(),
            refused("residual"),
        ),
    )


def _list(*items: Any) -> keras.Sequential:
    return keras.Sequential(list(items))


@claim(
    "C5",
    "A table of five rows says why Sequential is chosen before Functional.",
    lessons=(20,),
    recorded=Verdict.HOLDS,
    note='sk.claims.comparison("C5") shows the table, each cell from checks that were run.',
)
def c5() -> Evidence:
    """The table, rebuilt."""
    from seqkit.claims.comparisons import comparison  # it uses the claims of these files

    return Evidence(says=comparison("C5").checks)


@claim(
    "C6",
    "It cannot hold skips, U-Net, attention, transformers, Inception or several outputs.",
    lessons=(11, 12, 13, 14, 15, 16, 17, 18),
    recorded=Verdict.HOLDS_BUT,
    shown_in=(18,),
    note="It holds for a flat list. The ways round, and their prices, stand under A.",
)
def c6() -> Evidence:
    """Each is refused, and one of the ways round."""
    return refusals(
        "residual",
        "unet",
        "attention",
        "transformer",
        "inception",
        "multi_output",
        way="transformer",
    )


@claim(
    "C7",
    "Its simplicity speeds up prototyping.",
    lessons=(1, 8),
    recorded=Verdict.HOLDS,
    note=_JUDGEMENT + "the lines that change when a layer is put in.",
)
def c7() -> Evidence:
    """One more layer is one more line."""
    short, long = stacks.small_stack(), stacks.longer_stack()
    listed, wired = (
        [set(str(to_source(model, style=style)).split("\n")) for model in (short, long)]
        for style in ("sequential", "functional")
    )
    return Evidence(
        says=(
            is_true(
                "one more layer: one line of the list is new; as a graph, at least two lines are",
                len(listed[1] - listed[0]) == 1 < len(wired[1] - wired[0]),
            ),
        )
    )


@claim(
    "C8",
    "Its simplicity speeds up learning.",
    lessons=(1, 8),
    recorded=Verdict.HOLDS,
    note=_JUDGEMENT + "names and calls of a first program. How people learn was not measured.",
)
def c8() -> Evidence:
    """What a first program needs."""
    model = stacks.first_model()
    listed, wired = (len(calls_of(to_source(model, style=s))) for s in ("sequential", "functional"))
    return Evidence(
        says=(
            _three_names(),
            is_true("as a list it takes four calls; as a graph, more", listed == 4 < wired),
        )
    )  # fmt: skip


@claim(
    "C9",
    "Examples: a CNN and an MLP.",
    lessons=(1, 8),
    recorded=Verdict.HOLDS,
    shown_in=(8,),
)
def c9() -> Evidence:
    """Both trained."""
    return Evidence(says=(clothes_check(), textures_check()))


@claim(
    "C10",
    "Examples: an RNN and an autoencoder.",
    lessons=(1, 8),
    recorded=Verdict.HOLDS,
    shown_in=(8,),
)
def c10() -> Evidence:
    """Both trained."""
    return Evidence(says=(weather_check(), autoencoder_check()))
