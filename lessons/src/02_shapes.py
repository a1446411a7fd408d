# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 02 · Work out every shape
#
# Most errors with neural networks are shapes that do not fit. After this lesson you can work out the
# shape and the parameters of each layer with a pencil, and you have written a `Sequential` yourself.
#
# {{badges}}
#
# *45 minutes · needs lesson 01 · nothing is trained, so it runs in seconds on a CPU*

# %% [markdown]
# ## You will be able to
#
# - work out the shape that each layer gives, with None for a free axis;
# - count the parameters of Dense, Conv2D, LSTM and BatchNormalization by hand;
# - say when the weights of a model are made;
# - read where a build stops and why, and repair the stack; build a stack to a specification of
#   shapes;
# - write a Sequential of your own: a loop that hands each layer what the one before it gave.

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
# ## 1. What a shape says
#
# The **shape** of an array lists the sizes of its **axes**. The first axis counts the examples: the
# *batch axis*. Keras writes it as `None`, because the model takes any number of examples. The last
# axis holds the numbers that belong to one place: the *features*, or for pictures the *channels*.
#
# | data | shape of a batch | the axes |
# |---|---|---|
# | rows of a table | (None, 9) | examples, features |
# | series, sentences | (None, 24, 8) | examples, steps, features |
# | grey pictures | (None, 28, 28, 1) | examples, height, width, channels |
# | colour pictures | (None, 64, 48, 3) | examples, height, width, channels |
# | films, 3-D scans | (None, 16, 64, 64, 1) | examples, depth, height, width, channels |
#
# A convolution wants the channel axis even when there is one channel: (28, 28) of lesson 01 becomes
# (28, 28, 1).
#
# To ask a layer for its shape you need no data. A `keras.KerasTensor` is a shape without numbers:

# %%
mine = ...  # the shape that Dense(5) gives for (None, 9)

# %%
rows = keras.KerasTensor((None, 9))
sk.guess(mine, layers.Dense(5)(rows).shape)

# %% [markdown]
# `Dense` replaces the last axis by its units and leaves all others alone. On a series it treats every
# step in the same way:

# %%
mine = ...  # the shape that Dense(5) gives for (None, 24, 8)

# %%
series = keras.KerasTensor((None, 24, 8))
sk.guess(mine, layers.Dense(5)(series).shape)

# %% [markdown]
# `sk.trace` does this for a whole list, and its last column is the arithmetic. We use it to check what
# we work out.

# %%
sk.trace([keras.Input((9,)), layers.Dense(5), layers.Dense(2)])

# %% [markdown]
# ## 2. A window that slides: convolution
#
# A **convolution** moves a small window, the **kernel**, over the picture. At each place it gives one
# number for each of its **filters**. How many places are there? Count them on one row of 7 pixels
# with a window of 3. The **stride** is how far the window moves at a time.

# %%
figure, axes = plt.subplots(1, 2, figsize=(8, 2.4), sharey=True)
for axis, stride in zip(axes, (1, 2), strict=True):
    starts = range(0, 7 - 3 + 1, stride)
    for place, start in enumerate(starts):
        axis.barh(place, 3, left=start, color="#56B4E9", edgecolor="black", height=0.6)
    axis.set(xlim=(0, 7), title=f"stride {stride}: {len(starts)} places", xlabel="pixel")
    axis.grid(axis="x")
    axis.set(yticks=[], xticks=range(8))
axes[0].invert_yaxis()  # the first place at the top, in both: they share the axis
sk.show(figure, alt="A window of 3 on a row of 7 pixels: 5 places with stride 1, 3 with stride 2.")

# %% [markdown]
# The last window must still fit. So the new side is
#
# > **floor((side − kernel) / stride) + 1**
#
# and with `padding="same"`, where Keras puts zeros around the picture, it is **ceil(side / stride)**.
# *floor* rounds down, *ceil* rounds up. The last axis becomes the number of filters.

# %%
mine = ...  # the shape that Conv2D(32, 3) gives for (None, 28, 28, 1)

# %%
pictures = keras.KerasTensor((None, 28, 28, 1))
sk.guess(mine, layers.Conv2D(32, 3)(pictures).shape)

# %%
mine = ...  # and Conv2D(32, 3, strides=2, padding="same") on the same pictures

# %%
sk.guess(mine, layers.Conv2D(32, 3, strides=2, padding="same")(pictures).shape)

# %% [markdown]
# **Pooling** also slides a window, but takes the largest number (or the mean) in it. It has no
# parameters and keeps the channels. Without other orders its stride is the size of its window, so
# that `MaxPooling2D(2)` halves both sides. Half of an odd number is rounded down. `Flatten` writes all
# that is left in one row: multiply the axes.

# %%
mine = ...  # the output of Flatten below: a shape with two entries

# %%
stack = [
    keras.Input((28, 28, 1)),
    layers.Conv2D(32, 3, activation="relu"),
    layers.MaxPooling2D(2),
    layers.Conv2D(64, 3, activation="relu"),
    layers.MaxPooling2D(2),
    layers.Flatten(),
    layers.Dense(10, activation="softmax"),
]
trace = sk.trace(stack)
sk.guess(mine, trace.rows[4].output_shape)

# %%
trace

# %% [markdown]
# Follow one column: 28 → 26 → 13 → 11 → 5, and 5·5·64 = 1,600. The second pooling drops a row and a
# column: 11 is odd.

# %%
sk.draw(stack)

# %% [markdown]
# ### The relatives
#
# The same rule holds for one axis (series) and three axes (scans). A *depthwise* convolution has a
# filter for each channel; a *separable* one then mixes the channels. A *transposed* convolution and
# `UpSampling2D` go the other way, to larger pictures. A *dilated* window has holes: with
# `dilation_rate=2` a window of 3 covers 5 steps. *Causal* padding puts the zeros in front only, so that
# no step sees a later one. A *global* pooling leaves one number for each channel.

# %%
sk.trace(
    [
        keras.Input((24, 8)),
        layers.Conv1D(16, 5),
        layers.AveragePooling1D(2),
        layers.Conv1D(16, 3, padding="causal", dilation_rate=2),
        layers.GlobalMaxPooling1D(),
    ]
)

# %%
sk.trace([keras.Input((16, 64, 64, 1)), layers.Conv3D(8, 3), layers.MaxPooling3D(2)])

# %%
sk.trace(
    [
        keras.Input((32, 32, 3)),
        layers.ZeroPadding2D(1),
        layers.DepthwiseConv2D(3),
        layers.SeparableConv2D(16, 3, strides=2, padding="same"),
        layers.AveragePooling2D(2),
        layers.Conv2DTranspose(8, 3, strides=2, padding="same"),
        layers.UpSampling2D(2),
        layers.Cropping2D(2),
        layers.GlobalAveragePooling2D(),
    ]
)

# %% [markdown]
# ## 3. Layers for sequences
#
# `Embedding` looks up a row of numbers for each word, which is given as a number: it *adds* an axis. A recurrent layer
# (`SimpleRNN`, `LSTM`, `GRU`) reads the steps one by one. It gives its state after the last step, or
# with `return_sequences=True` after every step.

# %%
mine = ...  # the shape that LSTM(16) gives for (None, 24, 8)

# %%
sk.guess(mine, layers.LSTM(16)(series).shape)

# %%
sk.trace(
    [
        keras.Input((24,)),
        layers.Embedding(1000, 8),
        layers.SimpleRNN(12, return_sequences=True),
        layers.Bidirectional(layers.GRU(10, return_sequences=True)),
        layers.TimeDistributed(layers.Dense(6)),
        layers.LSTM(16),
        layers.RepeatVector(4),
    ]
)

# %% [markdown]
# `Bidirectional` reads forwards and backwards and puts both results side by side: 10 + 10 = 20.
# `TimeDistributed` applies a layer to every step. `RepeatVector` makes a sequence of equal steps.

# %% [markdown]
# ## 4. Layers that only rearrange, and layers that keep the shape
#
# `Reshape` keeps all numbers and their order; `Permute` turns the axes. Dropout and
# most activations look at each number alone; normalisation also looks at other numbers. All of them
# leave the shape alone.

# %%
mine = ...  # Reshape((14, -1)) on (None, 28, 28, 1): -1 means 'whatever is left'

# %%
sk.guess(mine, layers.Reshape((14, -1))(pictures).shape)

# %%
sk.trace(
    [
        keras.Input((28, 28, 1)),
        layers.Reshape((28, 28)),
        layers.Permute((2, 1)),
        layers.LayerNormalization(),
        layers.Dropout(0.2),
        layers.BatchNormalization(),
        layers.Activation("relu"),
    ]
)

# %% [markdown]
# Two families are missing. Merge layers (`Add`, `Concatenate`) and `MultiHeadAttention` need more
# than one input, and a list hands over one: Part II.

# %% [markdown]
# ## 5. Count the parameters by hand
#
# Four rules cover most networks. Look for the same idea in the first three: *weights for all that comes
# in, and a bias for each that goes out.*
#
# - **Dense**: inputs · units + units.
# - **Conv2D**: the window is height · width · channels; each filter has that many weights and a bias.
#   The size of the picture does not matter.
# - **LSTM**: four small networks (the *gates*), and each sees the input *and* the layer's own last
#   state.
# - **BatchNormalization**: four numbers a channel. Two are trained (scale and shift), two are only
#   measured (running mean and variance).


# %%
def dense(inputs, units):
    return inputs * units + units


def conv2d(side, channels, filters):
    return side * side * channels * filters + filters


def lstm(inputs, units):
    return 4 * (inputs * units + units * units + units)


def batch_normalization(channels):
    return 4 * channels


# %% [markdown]
# Work these out before you run the cell: `Conv2D(64, 3)` on 32 channels, and `LSTM(16)` on 8 features.

# %%
mine = ...  # two numbers, as in (100, 200)

# %%
sk.guess(mine, (conv2d(3, 32, 64), lstm(8, 16)))

# %% [markdown]
# Do the rules say what Keras says? Try 20 random sizes.


# %%
def keras_counts(a, b):
    pairs = [
        (layers.Dense(b), (None, a)),
        (layers.Conv2D(b, 3), (None, 9, 9, a)),
        (layers.LSTM(b), (None, 7, a)),
        (layers.BatchNormalization(), (None, a)),
    ]
    for layer, shape in pairs:
        layer.build(shape)
    return [layer.count_params() for layer, _ in pairs]


def hand_counts(a, b):
    return [dense(a, b), conv2d(3, a, b), lstm(a, b), batch_normalization(a)]


sizes = np.random.default_rng(0).integers(1, 50, size=(20, 2)).tolist()
agree = [hand_counts(a, b) == keras_counts(a, b) for a, b in sizes]
sk.expect(all(agree), "all four rules agree with Keras, 20 times")

# %% [markdown]
# Not every parameter is trained. Keras counts the two kinds apart:

# %%
mine = ...  # how many of the parameters of BatchNormalization on 32 channels are trained?

# %%
normal = layers.BatchNormalization()
normal.build((None, 32))
trained = sum(int(np.prod(weight.shape)) for weight in normal.trainable_weights)
print("all:", normal.count_params())
sk.guess(mine, trained)

# %% [markdown]
# Two relatives of the LSTM differ a little: `SimpleRNN` has one network in place of four, `GRU` three
# with two biases for each unit. The trace in section 3 shows both. There the first 2 in the row of
# `Bidirectional` stands for its two GRUs.

# %% [markdown]
# ## 6. `None` in other places
#
# The batch axis is not the only one that may be free. A convolution or an LSTM uses the same weights
# at every place, so it does not need to know how many places there are. This model takes series of any
# length:

# %%
any_length = keras.Sequential([keras.Input((None, 8)), layers.LSTM(16), layers.Dense(1)])
sk.trace(any_length)

# %%
for length in (5, 50):
    answer = any_length(np.zeros((2, length, 8), "float32"))
    print(f"(2, {length}, 8) -> {tuple(answer.shape)}")

# %% [markdown]
# And pictures of any size, if a global pooling closes the sides:

# %%
any_size = [
    keras.Input((None, None, 3)),
    layers.Conv2D(16, 3),
    layers.MaxPooling2D(2),
    layers.GlobalAveragePooling2D(),
    layers.Dense(4),
]
sk.trace(any_size)

# %% [markdown]
# What happens with `Flatten` in place of the pooling? `Dense` must know how many weights to make.

# %%
mine = ...  # does it build? True or False

# %%
flattened = [*any_size[:3], layers.Flatten(), layers.Dense(4)]
trace = sk.trace(flattened)
sk.guess(mine, trace.ok)

# %%
trace

# %% [markdown]
# ## 7. With `Input`, or without
#
# Older books say: *the first layer must be told its input shape.* In Keras 3 you may leave it out.
# When are the weights made then?

# %%
mine = ...  # how many weight arrays does this model have, before it has seen anything?

# %%
deferred = keras.Sequential([layers.Dense(32, activation="relu"), layers.Dense(10)])
sk.guess(mine, len(deferred.weights))

# %%
deferred(np.zeros((1, 784), "float32"))  # the first call
print([tuple(weight.shape) for weight in deferred.weights])

# %% [markdown]
# None at first; two kernels and two biases after the first call. The first layer could not make its kernel
# before, because its height is the number of inputs. This is a **deferred build**. The first data
# decide, and for good:

# %%
tried = sk.attempt(deferred, np.zeros((1, 100), "float32"))
sk.expect(tried.failed, "a model that was built for 784 refuses 100")

# %% [markdown]
# `fit` and `predict` build the model in the same way, and `deferred.build((None, 784))` does it without
# data. With `keras.Input` in front, the model is built while you write the list. That is better for two
# reasons: you can trace it at once, and a mistake shows at the line where you made it.

# %%
mine = ...  # a convolution cannot feed an LSTM. Does the list without Input fail? True or False

# %%
late = sk.attempt(keras.Sequential, [layers.Conv2D(8, 3), layers.LSTM(4)])
early = sk.attempt(
    keras.Sequential, [keras.Input((28, 28, 1)), layers.Conv2D(8, 3), layers.LSTM(4)]
)
sk.expect(early.failed, "with Input the list fails at once")
sk.guess(mine, late.failed)

# %%
model = late.value
with sk.attempt():
    model(np.zeros((1, 28, 28, 1), "float32"))  # without Input: when data come

# %% [markdown]
# What about `input_shape=`, which you will find in many older programs? It still works, and it warns.
# Here the warning is caught and printed:

# %%
import textwrap
import warnings

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    layers.Dense(32, input_shape=(784,))

words = str(caught[0].message)
print(textwrap.fill(words, 80))
sk.expect("Input(shape)" in words, "Keras itself points to Input")

# %% [markdown]
# ## 8. Read a build that fails
#
# A picture goes through a convolution and a pooling, and then into an LSTM. It does not build. Predict
# the number of the row that fails (the first layer is row 0).

# %%
mine = ...

# %%
broken = [
    keras.Input((28, 28, 1)),
    layers.Conv2D(32, 3, activation="relu"),
    layers.MaxPooling2D(2),
    layers.LSTM(16),
    layers.Dense(10, activation="softmax"),
]
trace = sk.trace(broken)
sk.guess(mine, trace.failure.index)

# %%
trace

# %% [markdown]
# Read it from the top. The rows before the failure are right: 28 → 26 → 13. The row with the ✗ says
# what it needs and what came: three axes against four. What comes after was *not reached*. Nobody
# knows yet whether it is right.

# %%
sk.draw(trace)

# %% [markdown]
# The repair is a decision, not a formality. What should be a *step* for the LSTM? Here: each of the 13
# rows of the picture. Then a step has 13 columns with 32 channels.

# %%
mine = ...  # the shape that the LSTM should get: 13 steps, and how many features?

# %%
repaired = [*broken[:3], layers.Reshape((13, 13 * 32)), *broken[3:]]
trace = sk.trace(repaired)
sk.guess(mine, trace.rows[3].input_shape)

# %%
trace

# %% [markdown]
# The second common failure: the picture has become too small.

# %%
small = [keras.Input((28, 28, 1))]
for filters in (16, 32, 64, 128):
    small += [layers.Conv2D(filters, 3), layers.MaxPooling2D(2)]
sk.trace(small)

# %% [markdown]
# ## 9. Write a `Sequential` yourself
#
# You know now all that it needs: a list, and a loop that hands each layer what the one before it gave.


# %%
class MySequential:
    """A list of layers that are called one after the other."""

    def __init__(self, stack=()):
        self.layers = []
        for layer in stack:
            self.add(layer)

    def add(self, layer):
        self.layers.append(layer)

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    @property
    def weights(self):
        return [weight for layer in self.layers for weight in layer.weights]

    def summary(self, shape):
        x = keras.KerasTensor((None, *shape))
        for layer in self.layers:
            before, x = x.shape, layer(x)
            print(f"{type(layer).__name__:19}{before!s:19}{x.shape!s:19}{layer.count_params():>7,}")


# %% [markdown]
# (`summary` calls each layer once, and a first call makes the weights, as section 7 showed.)
#
# Does it do the same as Keras? We make the same stack twice, copy the weights, and show both the same
# real pictures.


# %%
def small_network():
    return [
        layers.Conv2D(8, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.BatchNormalization(),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]


own = MySequential(small_network())
theirs = keras.Sequential([keras.Input((28, 28, 1)), *small_network()])
own.summary((28, 28, 1))

# %%
mine = ...  # will both give the same numbers? True or False

# %%
x = sk.data.load("fashion").x_test[:100, :, :, None] / 255.0  # None adds the channel axis
for copy, weight in zip(own.weights, theirs.weights, strict=True):
    copy.assign(weight)

gap = np.abs(keras.ops.convert_to_numpy(own(x)) - theirs.predict(x, verbose=0)).max()
sk.guess(mine, bool(gap < 1e-5))

# %%
sk.expect(
    [tuple(w.shape) for w in own.weights] == [tuple(w.shape) for w in theirs.weights],
    "the same weights in the same order",
)
sk.expect(sum(layer.count_params() for layer in own.layers) == theirs.count_params(), "same count")

# %% [markdown]
# This *is* a Sequential. What Keras adds around the loop: with `Input` it runs the list once on shapes
# alone, so that mistakes show before any data come; it refuses what is not a layer; and `keras.Model` brings
# `compile`, `fit`, `predict`, saving and loading.
#
# Look at the loop once more: `x = layer(x)`. Each turn forgets the `x` before. That one line is why a
# Sequential is simple, and why the ResNet block at the end of lesson 01 could not be written: when `Add`
# comes, the input of the block is gone.

# %% [markdown]
# ## 10. What is said, and what is true
#
# Two claims of the register are about this lesson. One of them was true of an older Keras:

# %%
sk.claims.table(lesson=2)

# %% [markdown]
# ## Check yourself

# %% seqkit={"role": "check"}
from seqkit.exercises.quick import Choice

Choice(
    "MaxPooling2D(2) gets (None, 15, 15, 8). What comes out?",
    {"a": "(None, 8, 8, 8)", "b": "(None, 7, 7, 8)", "c": "(None, 7, 7, 4)"},
    correct="b",
    feedback={
        "a": "That rounds up, as padding='same' does. Without it the last row is dropped.",
        "b": "Yes: floor((15 - 2)/2) + 1 = 7, and the channels stay.",
        "c": "Pooling works on height and width. It leaves the channels alone.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "The same Conv2D(16, 3) is built for pictures of 32 × 32 and of 64 × 64, with 3 channels each. "
    "Which has more parameters?",
    {"a": "The one for 64 × 64", "b": "Both have the same number"},
    correct="b",
    feedback={
        "a": "Count: 3·3·3·16 + 16. The sides of the picture do not occur.",
        "b": "Yes: 448 both times. Only its output is larger.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "A model is made without keras.Input. When does it get its weights?",
    {"a": "In compile", "b": "When the list is written", "c": "At the first call, or in build"},
    correct="c",
    feedback={
        "a": "compile sets loss, optimizer and metrics. It sees no data and makes no weights.",
        "b": "Only with keras.Input in front. Otherwise the number of inputs is not known.",
        "c": "Yes. The first call may be your own, or that of fit or predict.",
    },
).ask()

# %% [markdown]
# ## What to remember
#
# - The first axis is the batch, `None`. Dense changes the last axis only.
# - A window: floor((side − kernel)/stride) + 1; with padding 'same' ceil(side/stride).
# - Weights for all that comes in, a bias for each that goes out; an LSTM four times, with its own state.
# - Begin a list with `keras.Input`: then mistakes show where you make them.
# - A Sequential is a list and the loop `x = layer(x)`.
#
# | symptom | cause | fix |
# |---|---|---|
# | *expected ndim=3, found ndim=4* | a picture reaches a layer for series | `Reshape`, or a global pooling |
# | *Computed output size would be zero or negative* | too many poolings | fewer of them, or `padding="same"` |
# | the trace needs *a fixed last axis* | `Flatten` on a free axis | a global pooling, or a fixed Input |
# | no weights, and *unbuilt* in the summary | no Input, no data yet | `keras.Input` in front, or `build` |
# | a warning about `input_shape` | an old program | `keras.Input` in front |

# %% [markdown]
# ## Next
#
# - [Exercise 02](../exercises/02_shapes.ipynb): predict, count, repair and build by shape.
# - [Lesson 03](03_heads_and_losses.ipynb) asks what the *last* layer should be, and which loss belongs to it.
#
# Read on: Dumoulin and Visin (2016), *A guide to convolution arithmetic for deep learning*; Hochreiter
# and Schmidhuber (1997), *Long short-term memory*; the Keras guide
# [The Sequential model](https://keras.io/guides/sequential_model/).
