# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 10 · Ship your model
#
# A trained model is of use when other programs can ask it: on a server, on a telephone, in another
# framework. You write one model in four formats, run each file in its own runtime, and check that it
# still gives the same answers.
#
# {{badges}}
#
# *50 minutes · needs lessons 01, 02 and 04 · trains one small network, under a minute on a CPU*

# %% [markdown]
# ## You will be able to
#
# - say what a `.keras` file holds, and predict its size from the number of parameters;
# - put the preparation of the data into the model, so that it is shipped, too;
# - write the request that a TensorFlow Serving server expects, and read its reply;
# - run an exported file in its own runtime, compare it with Keras, and read a runtime's error;
# - choose a format for a use;
# - copy the weights of a stack into `torch.nn.Sequential`: the order of the axes.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

import seqkit as sk

sk.seed(0)
sk.device()

# %% [markdown]
# Sections 5 and 6 need packages that you may not have. This line, in a terminal, installs them:
#
# ```bash
# pip install tf2onnx onnx onnxruntime ai-edge-litert
# ```
#
# Without them, their cells say so in one sentence, and you can read on. The function `lacking` returns that
# sentence, or an empty text. `folder` is an empty folder for our files. All files of this lesson go there.

# %%
import contextlib
import importlib.util
import logging
import os
import tempfile
import warnings
from pathlib import Path

folder = Path(tempfile.mkdtemp())


# %%
def lacking(*packages, keras_from=(3, 10)):
    absent = [name for name in packages if importlib.util.find_spec(name) is None]
    if absent:
        return f"Skipped. Not installed here: {', '.join(absent)}."
    if keras.config.backend() != "tensorflow":
        return "Skipped. This section exports from the TensorFlow backend."
    here = tuple(int(part) for part in keras.__version__.split(".")[:2])
    return "" if here >= keras_from else f"Skipped. It needs Keras {keras_from[0]}.{keras_from[1]}."


# %% [markdown]
# One more helper: inside `with quiet():` the messages and warnings of other libraries stay out of the
# notebook. You need not read this cell; nothing in it is about Keras.


# %%
@contextlib.contextmanager
def quiet():
    logging.disable(logging.WARNING)  # messages of Python packages
    screen = os.dup(2)  # 2 is the number of the channel for messages of compiled libraries
    try:
        with open(os.devnull, "w") as nowhere, warnings.catch_warnings():
            os.dup2(nowhere.fileno(), 2)
            warnings.simplefilter("ignore")
            yield
    finally:
        os.dup2(screen, 2)
        os.close(screen)
        logging.disable(logging.NOTSET)


# %% [markdown]
# ## 1. The model that we ship
#
# A small convolutional network for Fashion-MNIST, as in lesson 04. It takes **raw
# pixels from 0 to 255**. The first layer, `Rescaling`, divides them by 255. In section 3 you see why
# that layer is worth its line.
#
# What is a good number? The linear model of lesson 01 named about 84 % of these test pictures. In three epochs
# ours should come near that (with four seeds we saw 83 to 85 %). More is not asked here: we ship a model, and
# do not improve it.

# %%
fashion = sk.data.load("fashion")
x_train, y_train = fashion.x_train[..., None], fashion.y_train  # raw: whole numbers, 0 to 255
x_test, y_test = fashion.x_test[..., None].astype("float32"), fashion.y_test

# %%
model = keras.Sequential(
    [
        keras.Input((28, 28, 1), name="picture"),
        layers.Rescaling(1 / 255),
        layers.Conv2D(8, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(16, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(64, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ],
    name="clothes",
)

# %%
sk.trace(model)

# %%
sk.draw(model)

# %% seqkit={"headline": "test accuracy of the network that is shipped: {accuracy:.1%}"}
model.compile(
    optimizer=keras.optimizers.Adam(0.003),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
epochs = sk.budget(quick=3, full=8)
model.fit(x_train, y_train, epochs=epochs, batch_size=64, verbose=0)

accuracy = model.evaluate(x_test, y_test, verbose=0)[1]
sk.expect(accuracy > 0.80, "the network names more than 80 % of the test pictures")
answers = model.predict(x_test, verbose=0)  # 2,000 rows of ten shares: what every file must give

# %% [markdown]
# From here on, `answers` is the measure. A file is good when its own runtime gives these 2,000 rows of
# ten shares again, to 1e-4 (0.0001). Not to the last digit: another library may add the same numbers in
# another order, and then the last digits of a `float32` differ.

# %% [markdown]
# ## 2. `.keras`: for whoever goes on with Keras
#
# `model.save` writes the model to one file. The model has 27,562 parameters, and one number takes four
# bytes: 110,248 bytes of weights. How large will the file be? Think of what `adam` needs in order to go
# on tomorrow: for every parameter it keeps two averages, one of the gradient and one of its square
# (Kingma and Ba 2015).

# %%
mine = ...  # about how many times as large as the weights? A whole number

# %%
model.save(folder / "clothes.keras")
weight_bytes = 4 * model.count_params()
times = (folder / "clothes.keras").stat().st_size / weight_bytes
sk.expect(3.0 < times < 3.5, "the file is a little more than three times as large as the weights")
sk.guess(mine, round(times))

# %% [markdown]
# Three numbers for each parameter: the weight and Adam's two averages. The rest is small. Where does it
# stand? A `.keras` file is a zip archive, so we can look inside:

# %%
import json
import zipfile

with zipfile.ZipFile(folder / "clothes.keras") as archive:
    print(sorted(archive.namelist()))
    config = json.loads(archive.read("config.json"))
print([layer["class_name"] for layer in config["config"]["layers"]])
print("optimizer:", config["compile_config"]["optimizer"]["class_name"])

# %% [markdown]
# `config.json` is the list that you wrote, and how it was compiled. `model.weights.h5` holds the numbers.
# There is no Python code in our file: Keras builds its own layers again from their names. (A layer of your own
# is found only when its class is imported and registered; lesson 15 shows this. Only a `Lambda` layer with a
# Python `lambda` puts code into the file, in compiled form, and Keras refuses to load that unless you say
# `safe_mode=False`. And an older Keras may not know all settings that a newer one wrote: Keras 3.10 refused our
# file of Keras 3.15.)
#
# Now load it. Is it the same model? Does it also go on training from the same point?

# %%
mine = ...  # after one more step of training, do both have the same weights? True or False

# %%
again = keras.saving.load_model(folder / "clothes.keras")
gap = np.abs(again.predict(x_test, verbose=0) - answers).max()
sk.expect(gap < 1e-6, "loaded again, the file gives the same 2,000 answers")

weights = model.get_weights()
for one in (model, again):
    one.train_on_batch(x_train[:64], y_train[:64])
after, after_again = model.get_weights(), again.get_weights()
same = [np.allclose(a, b, atol=1e-6) for a, b in zip(after, after_again, strict=True)]
sk.guess(mine, all(same))

# %%
moved = [np.abs(a - b).max() for a, b in zip(weights, after, strict=True)]
sk.expect(min(moved) > 1e-5, "and that step did move every array of weights")
model.set_weights(weights)  # take the step back (the weights only)

# %% [markdown]
# The same step: with the optimizer's averages in the file, training goes on as if nothing had happened.
# (Lesson 06 builds on this.) Whoever only asks the model does not need them. That is one difference
# between *saving* a model and **exporting** it: an export keeps the way from input to output and nothing
# else, in a form that runs without the Keras code, and most often without Python.

# %% [markdown]
# ## 3. The preparation must travel, too
#
# Suppose that we had divided by 255 in our training script instead, and shipped the rest. Here is
# that model: the same weights without the layer `Rescaling`. Somebody else now sends it raw pixels.

# %%
mine = ...  # does anything raise an error? True or False

# %%
bare = keras.Sequential([keras.Input((28, 28, 1)), *model.layers[1:]])
bare.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
sent = sk.attempt(bare.evaluate, x_test, y_test, verbose=0)
sk.guess(mine, sent.failed)

# %%
loss = model.evaluate(x_test, y_test, verbose=0)[0]
bare_loss, bare_accuracy = sent.value
sk.expect(abs(bare_accuracy - accuracy) < 0.10, "the accuracy is less than 10 points away")
sk.expect(bare_loss > 3 * loss, "but the loss is more than 3 times as large")

sure = [(one.predict(x_test, verbose=0).max(axis=1) > 0.99).mean() for one in (model, bare)]
sk.expect(sure[0] < 0.6, "the model is more than 99 % sure of fewer than 60 % of its answers")
sk.expect(sure[1] > 0.95, "sent raw pixels, the bare one is that sure of more than 95 %")

# %% [markdown]
# No error. Numbers 255 times as large give scores about 255 times as large, and then softmax gives nearly
# everything to one class. The largest score mostly stays the largest, so the accuracy falls by only one to
# five points (four seeds). It hides the fault. The shares are worthless: whoever wants to act only on sure
# answers is told that all are sure.
#
# The other way round is worse. Somebody is used to dividing by 255 and does it for our `model`, too:

# %%
mine = ...  # with pixels divided twice: is the accuracy above 50 %? True or False

# %%
twice = model.evaluate(x_test / 255, y_test, verbose=0)[1]
sk.guess(mine, bool(twice > 0.5))

# %%
sk.expect(twice < 0.2, "divided twice: under 20 %, about as good as guessing")

# %% [markdown]
# To the model every picture is now almost black, and the biases decide alone.
#
# So the preparation must happen exactly once, and the place for it is the model. What is in the list is in the
# file, for every format below. The same holds for `Normalization`, which keeps means and deviations
# as weights. Then there is one rule for all users: send the pixels as they are.

# %% [markdown]
# ## 4. SavedModel: for TensorFlow Serving
#
# TensorFlow Serving is a server program: it loads a folder and answers requests over the network
# (Olston and others 2017). The folder is a **SavedModel**: the computation as a graph, and the weights.
# It stands in a folder with the number of the version, here `clothes/1`. Export a better model to
# `clothes/2` later, and the server changes over to it.
#
# Each section below puts a function into `runs`: pictures in, shares out, with no layer of our model
# taking part.

# %%
runs = {"Keras, predict": lambda x: model.predict(x, verbose=0)}
files = {".keras": folder / "clothes.keras"}


def compare(name):
    if name not in runs:
        return
    gap = np.abs(runs[name](x_test) - answers).max()
    sk.expect(gap < 1e-4, f"{name}: all 2,000 answers equal those of Keras, to 1e-4")


# %%
skip = lacking("tensorflow")
if skip:
    print(skip)
else:
    place = folder / "clothes" / "1"
    with quiet():
        model.export(place, format="tf_saved_model", verbose=False)
        served = layers.TFSMLayer(place, call_endpoint="serving_default")
    runs["SavedModel"] = lambda x: keras.ops.convert_to_numpy(served(x)["output_0"])
    files["SavedModel"] = place
    names = {path.name for path in place.iterdir()}
    sk.expect({"saved_model.pb", "variables"} <= names, "the graph and the weights are there")
compare("SavedModel")

# %% [markdown]
# `TFSMLayer` loads the folder and calls one of its **signatures**: a named way in and out.
# `serving_default` is the one that a server calls. Its result is a dictionary, because a signature may
# have several outputs; ours is called `output_0`.
#
# A server would be started like this, in a terminal (not run here). In place of `FOLDER` write the path that
# `print(folder)` gives you:
#
# ```bash
# docker run -p 8501:8501 -v "FOLDER/clothes:/models/clothes" -e MODEL_NAME=clothes tensorflow/serving
# ```
#
# It is asked by an HTTP request whose body is a text in the format JSON. The body holds `instances`: a
# list with one item for each example. The reply holds `predictions`, one item for each instance.

# %%
mine = ...  # for two pictures, the shape of np.array(body["instances"])

# %%
body = {"signature_name": "serving_default", "instances": x_test[:2].astype(int).tolist()}
request = json.dumps(body)
print("POST http://localhost:8501/v1/models/clothes:predict")
print(request[:74], "...")
sk.guess(mine, np.array(json.loads(request)["instances"]).shape)

# %% [markdown]
# NumPy arrays are not JSON: `tolist()` makes lists of plain numbers. The channel axis must be there, since
# the signature expects (28, 28, 1). Now send it. If no server answers, our code reads the request as a
# server would, and calls the signature:

# %%
import urllib.request


def ask_server(request):
    url = "http://localhost:8501/v1/models/clothes:predict"
    try:
        with urllib.request.urlopen(url, request.encode(), timeout=2) as reply:
            return json.loads(reply.read())
    except (OSError, ValueError):  # nobody there, or somebody else
        return None


def call_signature(request):
    instances = np.array(json.loads(request)["instances"], "float32")
    return {"predictions": runs["SavedModel"](instances).tolist()}


# %%
reply = ask_server(request)
if reply is None and "SavedModel" in runs:
    print("No TensorFlow Serving at port 8501: the signature is called instead.")
    reply = call_signature(request)
if reply is None:
    print("Skipped. There is neither a server nor a SavedModel here.")
else:
    shares = np.array(reply["predictions"])
    print("predictions:", shares.shape, "->", [fashion.classes[row.argmax()] for row in shares])
    sk.expect(np.abs(shares - answers[:2]).max() < 1e-4, "the reply equals the answers of Keras")

# %% [markdown]
# What comes back are shares, not names. The names of the classes are not in the file. They must be shipped beside it.

# %% [markdown]
# ## 5. ONNX: for every other framework
#
# ONNX (*Open Neural Network Exchange*, 2017) is a format that no single framework owns. A file is a graph
# of **operators** such as `Conv` and `MatMul`. ONNX Runtime runs it on Windows, Linux, macOS, telephones and in
# browsers, from Python, C++, C#, Java and JavaScript.
#
# With the TensorFlow backend, Keras uses the package `tf2onnx` for the export.

# %%
mine = ...  # will the file hold Adam's averages, too? True or False

# %%
skip = lacking("tf2onnx", "onnx", "onnxruntime")
if skip:
    print(skip)
else:
    files["ONNX"] = folder / "clothes.onnx"
    with quiet():
        model.export(files["ONNX"], format="onnx", verbose=False)
        import onnxruntime

        session = onnxruntime.InferenceSession(files["ONNX"], providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    sizes = [size if isinstance(size, int) else "free" for size in entry.shape]
    print("input:", entry.name, entry.type, sizes)
    runs["ONNX Runtime"] = lambda x: session.run(None, {entry.name: x})[0]
compare("ONNX Runtime")

# %%
sk.guess(mine, files["ONNX"].stat().st_size > 2 * weight_bytes) if "ONNX" in files else None

# %% [markdown]
# No: the file is about as large as the weights alone. The input has kept the name that we gave to
# `keras.Input`, and the first axis is free, so one picture or 2,000 may come.
#
# One condition: Keras writes ONNX only for a model that has been called before. Ours has been, by `fit` and
# `predict`. A copy that nobody has called is refused:

# %%
if "ONNX" in files:
    new = keras.models.clone_model(model)  # the same layers with new weights
    with quiet():
        refused = sk.attempt(new.export, folder / "new.onnx", format="onnx", verbose=False)
    print(refused.error)

# %% [markdown]
# One call, such as `new(x_test[:1])`, is enough. (SavedModel and LiteRT do not need it.)
#
# The graph can be read. Our list has eight layers. Which operators have they become?

# %%
if "ONNX" in files:
    import onnx

    graph = onnx.load(files["ONNX"]).graph
    operators = [node.op_type for node in graph.node]
    for kind in ("Mul", "Conv", "Relu", "MaxPool", "MatMul", "Softmax"):
        print(kind, operators.count(kind))
    sk.expect({"Add", "Reshape", "Transpose"} <= set(operators), "and some helpers around them")
    stored = sum(int(np.prod(item.dims)) for item in graph.initializer)
    sk.expect(abs(stored / model.count_params() - 1) < 0.01, "it holds the parameters, no more")

# %% [markdown]
# It is the same stack. `Rescaling` is the `Mul`: times 1/255. Then come two convolutions, two poolings, and two
# `Dense` layers (`MatMul`, the product of matrices). An activation is an operator of its own here: three
# `Relu`, one `Softmax`. `Flatten` is a `Reshape`, and a bias of a `Dense` layer is an `Add`.
#
# The rest are helpers, and one of them prepares section 8. In ONNX a convolution has the channels in
# front, (n, channels, height, width); Keras has them at the end. So before `Flatten` stands a `Transpose`,
# which moves them there.
#
# **It breaks.** A runtime is strict where Keras is lenient. NumPy makes `float64` of whole numbers
# that are divided, and Keras converts it silently. ONNX Runtime:

# %%
if "ONNX Runtime" in runs:
    as_float64 = x_test[:1].astype("float64")
    lenient = sk.attempt(model.predict, as_float64, verbose=0)
    strict = sk.attempt(runs["ONNX Runtime"], as_float64)
    sk.expect(strict.failed and not lenient.failed, "Keras takes float64, ONNX Runtime refuses it")
    print(str(strict.error).split(" : ")[-1])

# %% [markdown]
# `tensor(double)` is ONNX's name for `float64`, and `tensor(float)` for `float32`. The fix is
# `x.astype("float32")`. A wrong shape is refused in the same way.

# %% [markdown]
# ## 6. LiteRT: for telephones and small devices
#
# LiteRT is the new name (2024) of TensorFlow Lite. Its files end with `.tflite`. The runtime is small, and
# starts fast, so that it fits into an app. Keras writes such files itself since version 3.13, from the
# TensorFlow and the PyTorch backend. (Older versions: `tf.lite.TFLiteConverter`, from a SavedModel.)

# %%
skip = lacking("ai_edge_litert", keras_from=(3, 13))
if skip:
    print(skip)
else:
    files["LiteRT"] = folder / "clothes.tflite"
    with quiet():
        model.export(files["LiteRT"], format="litert", verbose=False)
        from ai_edge_litert.interpreter import Interpreter

        interpreter = Interpreter(str(files["LiteRT"]))
        on_device = interpreter.get_signature_runner("serving_default")
        on_device(picture=x_test[:1])  # the first call prepares the network
    print(interpreter.get_signature_list())
    runs["LiteRT"] = lambda x: on_device(picture=x)["output_0"]
compare("LiteRT")

# %% [markdown]
# The same signature, the same names, the same answers. An app on a telephone calls it from Kotlin or
# Swift, and it loads this same file.

# %% [markdown]
# ## 7. Side by side: size and time
#
# Which way is the fastest for **one** picture? That is what an app or a server asks most often. One
# candidate is `model.predict`, which we have used in every lesson.

# %%
mine = ...  # is predict() slower than each of the exported files? True or False


# %%
from time import perf_counter


def milliseconds(run, repeats=30):
    picture, times = x_test[:1], []
    for _ in range(repeats):
        start = perf_counter()
        run(picture)
        times.append(1000 * (perf_counter() - start))
    return float(np.median(times))


# %%
def size_of(path):
    parts = path.rglob("*") if path.is_dir() else [path]
    return sum(part.stat().st_size for part in parts if part.is_file())


runs["Keras, called"] = lambda x: keras.ops.convert_to_numpy(model(x))
slow = {name: milliseconds(run) for name, run in runs.items()}
exported = [slow[name] for name in ("SavedModel", "ONNX Runtime", "LiteRT") if name in slow]

# %%
if exported:
    sk.expect(
        slow["Keras, predict"] > 3 * min(exported),
        "the fastest file takes under a third of its time",
    )

# %%
sk.guess(mine, slow["Keras, predict"] > max(exported)) if exported else None

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 2.8))
left.barh(list(files), [size_of(path) / 1000 for path in files.values()], color="0.6")
left.axvline(weight_bytes / 1000, linestyle="--", color="black", label="weights alone")
left.set_xlabel("size in 1000 bytes")
left.legend(fontsize=8)
right.barh(list(slow), list(slow.values()), color="0.6")
right.set(xscale="log", xlabel="milliseconds for one picture (log scale)")
for axis in (left, right):
    axis.invert_yaxis()
figure.tight_layout()
sk.show(
    figure,
    alt="Bars. Left, sizes: the .keras file is the largest, ONNX and LiteRT are as large as the "
    "weights. Right, time for one picture: predict is the slowest, ONNX Runtime and LiteRT the fastest.",
)

# %%
ratios = {name: size_of(path) / weight_bytes for name, path in files.items()}
for name in ("ONNX", "LiteRT"):
    if name in ratios:
        sk.expect(1.0 < ratios[name] < 1.2, f"{name}: the weights and less than a fifth more")
if "SavedModel" in ratios:
    sk.expect(1.2 < ratios["SavedModel"] < 3.2, "SavedModel: between these and .keras")

# %% [markdown]
# Sizes first. ONNX and LiteRT keep one number for each parameter. The SavedModel is about two and a half times
# as large as the weights, although it has no optimizer: with Keras 3.15 its folder holds every weight twice, under two names
# (we listed them), and the graph.
#
# The times are those of your machine, so we print no numbers. Look at the scale, where each step is ten
# times the one before. `predict` is made for many pictures: for each call it prepares a loop over batches,
# and this preparation costs the same for one picture as for a thousand. Calling the model itself, `model(x)`,
# spares that. The SavedModel is called through a Keras layer here; where we measured, on two CPU cores, it was one
# to two times as fast as `model(x)`. ONNX Runtime and LiteRT compute the whole graph in compiled code: on the same
# two cores each was more than fifty times as fast as `predict`.
#
# The comparison is for *this* small network on a CPU. In a large network the arithmetic takes most of the
# time, and the differences shrink.
#
# | format | written by | runs in | holds | take it when |
# |---|---|---|---|---|
# | `.keras` | `model.save(path)` | Keras, any backend | layers, weights, optimizer | you go on with Keras |
# | SavedModel | `export(path, format="tf_saved_model")` | TensorFlow Serving | graph, weights | a TensorFlow server answers |
# | ONNX | `export(path, format="onnx")` | ONNX Runtime and others | graph, weights | the other side is not TensorFlow |
# | LiteRT | `export(path, format="litert")` | LiteRT | graph, weights | it runs on a telephone or a small device |

# %% [markdown]
# ## 8. The same stack in PyTorch
#
# PyTorch has a `torch.nn.Sequential`, too: a list of layers, called in order. If both are the same idea,
# then our weights must give the same answers there. You need not have PyTorch for this section. What can go
# wrong is the **order of the axes**, and that can be seen with NumPy alone.
#
# | | Keras | PyTorch |
# |---|---|---|
# | a batch of pictures | (n, height, width, channels) | (n, channels, height, width) |
# | kernel of `Dense` / `Linear` | (inputs, units) | (units, inputs) |
# | kernel of a convolution | (height, width, in, out) | (out, in, height, width) |
#
# `Linear(400, 64)` is PyTorch's `Dense(64)` on 400 numbers.

# %%
mine = ...  # the shape of the weight of Linear(400, 64)

# %%
k1, b1, k2, b2, k3, b3, k4, b4 = model.get_weights()
print("Keras: ", k1.shape, k2.shape, k3.shape, k4.shape)
sk.guess(mine, k3.T.shape)

# %% [markdown]
# So `.T` for the two Dense kernels, and `transpose(3, 2, 0, 1)` for the convolutions: the old axis 3 (out)
# comes first, then 2 (in), then height and width. And `k3`? Its 400 inputs come from `Flatten`, which writes
# a map of 5 × 5 × 16 numbers in a row. Keras begins with the 16 channels of the first place; PyTorch begins
# with the 25 places of the first channel. A smaller map, 2 × 2 with two channels, shows it:

# %%
small = np.array([["a1", "a2"], ["b1", "b2"], ["c1", "c2"], ["d1", "d2"]]).reshape(2, 2, 2)
print("Keras:  ", *small.reshape(-1))
print("PyTorch:", *small.transpose(2, 0, 1).reshape(-1))


# %%
def draw_order(axis, title, order):
    for channel in (0, 1):
        block = np.full((2, 5), np.nan)
        block[:, 3 * channel : 3 * channel + 2] = order[:, :, channel]
        axis.imshow(block, cmap="Blues", vmin=-3, vmax=12)
        for row, column in np.ndindex(2, 2):
            text = f"{'abcd'[2 * row + column]}{channel + 1}: {order[row, column, channel] + 1}"
            axis.text(3 * channel + column, row, text, ha="center", va="center", fontsize=9)
    axis.set_title(title, fontsize=9)
    axis.axis("off")


# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(7, 2.6))
places = np.arange(8).reshape(2, 2, 2)
draw_order(left, "Keras: all channels of a place", places)
draw_order(right, "PyTorch: all places of a channel", places.transpose(1, 2, 0))
sk.show(
    figure,
    alt="Two channels of a 2 by 2 map with the place that each number gets in the row. Keras counts "
    "a1, a2, b1, b2; PyTorch counts a1, b1, c1, d1.",
)

# %% [markdown]
# The letter is the place, the digit the channel, and behind the colon stands the position in the row. So
# the rows of `k3` must be sorted anew: write them as 5 × 5 × 16, move the channels to the front, and
# write them as 400 again.

# %%
k3_sorted = k3.reshape(5, 5, 16, 64).transpose(2, 0, 1, 3).reshape(400, 64)

maps = np.random.default_rng(0).normal(size=(4, 5, 5, 16)).astype("float32")
by_keras = maps.reshape(4, -1) @ k3
by_torch = maps.transpose(0, 3, 1, 2).reshape(4, -1) @ k3_sorted
sk.expect(np.allclose(by_keras, by_torch, atol=1e-4), "sorted: both orders give the same numbers")
for_torch = [k1.transpose(3, 2, 0, 1), b1, k2.transpose(3, 2, 0, 1), b2, k3_sorted.T, b3, k4.T, b4]

# %% [markdown]
# What if you forget to sort? The shape is (400, 64) either way, so nobody can complain. The next cell gives
# our own model the rows in the order in which a PyTorch twin would then read them.

# %%
mine = ...  # when the 400 rows are not sorted: are still 40 % of the answers right? True or False

# %%
unsorted = k3.reshape(16, 5, 5, 64).transpose(1, 2, 0, 3).reshape(400, 64)
model.set_weights([k1, b1, k2, b2, unsorted, b3, k4, b4])
forgotten = model.evaluate(x_test, y_test, verbose=0)[1]
model.set_weights([k1, b1, k2, b2, k3, b3, k4, b4])  # and back
sk.guess(mine, bool(forgotten > 0.4))

# %%
sk.expect(forgotten < 0.4, "not sorted: less than half of the accuracy is left, without an error")

# %% [markdown]
# With four seeds it was 5 to 13 %, where guessing gives 10 %. Shapes cannot show this mistake. Comparing outputs does, and that
# is why this lesson compares all the time.

# %% [markdown]
# Now the twin itself. The next two cells need PyTorch (`pip install torch`). `Rescaling` becomes a division
# before the call.

# %% tags=["nbval-ignore-output"]
with_torch = importlib.util.find_spec("torch") is not None
if with_torch:
    from torch import nn

    convolutions = [nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2)]
    convolutions += [nn.Conv2d(8, 16, 3), nn.ReLU(), nn.MaxPool2d(2)]
    head = [nn.Flatten(), nn.Linear(400, 64), nn.ReLU(), nn.Linear(64, 10), nn.Softmax(dim=1)]
    twin = nn.Sequential(*convolutions, *head)
    print([tuple(weight.shape) for weight in twin.parameters()])
else:
    print("Skipped. Not installed here: torch.")

# %% tags=["nbval-ignore-output"]
if with_torch:
    import torch

    arrays = [torch.tensor(np.ascontiguousarray(array)) for array in for_torch]
    twin.load_state_dict(dict(zip(twin.state_dict(), arrays, strict=True)))
    with torch.no_grad():
        said = twin(torch.tensor(x_test.transpose(0, 3, 1, 2) / 255).float()).numpy()
    sk.expect(np.abs(said - answers).max() < 1e-4, "PyTorch: all 2,000 answers equal, to 1e-4")
else:
    print("Skipped. Not installed here: torch.")

# %% [markdown]
# With PyTorch 2.13 on a CPU we measured a largest difference below 0.000002 over the 2,000 pictures. So the idea is the same: a
# list of layers, and weights. What you must translate are names (`Dense` and `Linear`, `strides` and `stride`),
# some values (`padding` takes other ones) and the order of the axes. In PyTorch each layer is told the size of its input (1, 8, 400,
# 64); Keras works it out. And PyTorch has no `fit`: the loop of lesson 01 is written by hand there.

# %% [markdown]
# ## 9. The same Keras code on another backend
#
# Keras itself does no arithmetic: a **backend** does, TensorFlow, JAX or PyTorch. It is chosen before
# `import keras`, and stays for the whole process:
#
# ```bash
# KERAS_BACKEND=jax python train.py
# ```
#
# or in the first cell of a notebook:
#
# ```python
# import os
# os.environ["KERAS_BACKEND"] = "torch"
# ```
#
# A `.keras` file names no backend. So the last test of our file is also the hardest: a new Python process
# for each backend that is installed here. It knows nothing of this notebook, only the file.

# %%
import subprocess
import sys

ASK = """
import sys, keras, numpy as np
place = sys.argv[1]
model = keras.saving.load_model(place + "/clothes.keras")
np.save(place + "/said.npy", model.predict(np.load(place + "/pictures.npy"), verbose=0))
"""


# %%
def ask_backend(name):
    environment = {**os.environ, "KERAS_BACKEND": name}
    command = [sys.executable, "-c", ASK, str(folder)]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return np.load(folder / "said.npy")


# %% tags=["nbval-ignore-output"]
np.save(folder / "pictures.npy", x_test)
for name in ("tensorflow", "jax", "torch"):
    if importlib.util.find_spec(name) is None:
        print(f"Skipped. Not installed here: {name}.")
    else:
        gap = np.abs(ask_backend(name) - answers).max()
        sk.expect(gap < 1e-4, f"{name}: a new process gives the same 2,000 answers, to 1e-4")

# %% [markdown]
# Outside of this notebook we ran this cell with PyTorch installed, too: the new process with
# `KERAS_BACKEND=torch` gave the same 2,000 answers. The tests of this course run on all three backends. Training does not give the same weights on each, since the random numbers and the order of sums differ;
# the *answers of given weights* are what must agree.
#
# Exporting depends on the backend more than training does. Keras 3.15 writes ONNX from all three (with
# `tf2onnx`, `jax2onnx` or PyTorch's own exporter), and LiteRT from TensorFlow and PyTorch only. This is
# no dead end: load the `.keras` file under the backend that can export.

# %% [markdown]
# ## 10. What is said, and what is true
#
# *The idea of Sequential exists in other frameworks*, and *a Sequential is easy to deploy*. The register of
# claims looks for evidence on your machine:

# %%
with quiet():  # one of the checks exports a model
    table = sk.claims.table(lesson=10)
table

# %% [markdown]
# Both hold as far as we asked. For the first that is NumPy, and PyTorch where it is installed; section 8 has shown
# it for PyTorch, axis by axis. ONNX is in the list of that claim, too, but it is no framework: it is a format, and
# no `Sequential` is in it. Of MXNet, PaddlePaddle and DJL we have run nothing.
#
# 'Easy' was measured as: one line to export, a few to run, and the same answers. It was easy here because all
# eight layers are common ones. A layer of your own, or an operator that a runtime lacks, is where exporting
# gets hard. That holds for a Functional model in the same way: the ease comes from the layers, not from the list.

# %% [markdown]
# ## Check yourself

# %% seqkit={"role": "check"}
from seqkit.exercises.quick import Choice

Choice(
    "A model with 1,000,000 parameters was trained with adam. About how large is its .keras file?",
    {"a": "4 MB", "b": "12 MB", "c": "1 MB"},
    correct="b",
    feedback={
        "a": "These are the weights alone. Adam's two averages for each weight are in the file, too.",
        "b": "Yes: three numbers for each parameter, four bytes each.",
        "c": "A float32 number takes four bytes, not one.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "Your model reached 84 % in the notebook. In the app it reaches 10 %, without an error. What do you "
    "check first?",
    {
        "a": "whether the pixels get the same preparation in both places",
        "b": "whether the telephone has a GPU",
        "c": "whether the file was written with adam",
    },
    correct="a",
    feedback={
        "a": "Yes. Better still: put the preparation into the model.",
        "b": "A GPU changes the speed, and hardly the answers.",
        "c": "The optimizer takes no part in an answer.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "A team writes its program in C# and has no Python. What do you give them?",
    {"a": "the .keras file", "b": "an ONNX file", "c": "the training script"},
    correct="b",
    feedback={
        "a": "Keras is needed to read it, and Keras is Python.",
        "b": "Yes. ONNX Runtime can be called from C#.",
        "c": "That needs Python, and training again.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "You copy a Dense kernel that follows a Flatten on maps into torch.nn.Linear and only transpose it. "
    "What happens?",
    {
        "a": "load_state_dict raises an error.",
        "b": "The answers are the same.",
        "c": "There is no error, and most answers are bad.",
    },
    correct="c",
    feedback={
        "a": "It checks names and shapes. Both fit.",
        "b": "Only if Flatten wrote the map in the same order. Keras and PyTorch differ here.",
        "c": "Yes. Shapes cannot show it; comparing the outputs does.",
    },
).ask()

# %% [markdown]
# ## What to remember
#
# - Save with `.keras` to go on; export to be asked. Only the first keeps the optimizer.
# - Put the preparation of the data into the list: what is in the list is in the file.
# - After each export, run the file in its own runtime and compare outputs, here to 1e-4.
# - For one example at a time, `predict` is the slow way.
# - Between frameworks the idea is the same; the order of the axes is not.
#
# | symptom | cause | fix |
# |---|---|---|
# | the score falls after shipping, no error | the preparation stayed in the training script | `Rescaling` or `Normalization` in the list |
# | *Unexpected input data type. Actual: (tensor(double))* | `float64` for ONNX Runtime | `x.astype("float32")` |
# | *Object of type ndarray is not JSON serializable* | an array in the request | `x.tolist()` |
# | wrong answers after copying weights, no error | rows behind `Flatten` in the other order | reshape, transpose, reshape |
# | *The model provided has never called* (ONNX) | a new model, exported before its first call | call it once, `model(x[:1])`, then export |

# %% [markdown]
# ## Next
#
# - [Exercise 10](../exercises/10_ship_it.ipynb): sizes, a request, a repair, an error, and weights for
#   PyTorch.
# - Part I ends here. [Lesson 11](11_one_road.ipynb) begins Part II: the map of what a list cannot say.
#
# Read on: Kingma and Ba (2015), *Adam: a method for stochastic optimization*; Olston, Fiedel, Gorovoy,
# Harmsen, Lao, Li, Rajashekhar, Ramesh and Soyke (2017), *TensorFlow-Serving: flexible, high-performance ML
# serving*; the Keras guide [Save, serialize, and export
# models](https://keras.io/guides/serialization_and_saving/); the page
# [Model export](https://keras.io/api/models/model_saving_apis/export/).
