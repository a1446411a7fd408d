# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 12: predict, repair and build blocks with a skip
#
# {{badges}}
#
# *35 minutes · needs lesson 12 · runs in seconds on a CPU*
#
# Take the `#` off `# ex12.q1.hint()` for a hint: there are three for each question.

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# **This is the notebook with the solutions.** Try [the exercise](../exercises/12_skip.ipynb) first.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import keras
from keras import layers

import seqkit as sk
from seqkit.exercises import ex12

sk.seed(0)

# %% seqkit={"role": "setup"} tags=["nbval-ignore-output"]
sk.device()

# %% [markdown]
# {{question q1}}
#
# (None, 14, 14, 12) goes into a DenseNet block of **three** convolutions, each with 10 filters, a window
# of 3 × 3 and `padding="same"`. Which shape comes out? Write it as a tuple, batch axis first.

# %% seqkit={"role": "answer", "question": "q1", "points": 1}
### BEGIN SOLUTION
shape = (None, 14, 14, 12 + 3 * 10)
### STARTER
# shape = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q1"}
ex12.q1.check(shape)
# ex12.q1.hint()
# ex12.q1.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# A ResNet would give 12 channels: addition keeps the shape. A Highway block keeps it, too.

# %% [markdown]
# {{question q2}}
#
# This list does not build:
#
# ```python
# keras.Sequential(
#     [
#         keras.Input((20,)),
#         layers.Dense(20, activation="relu"),
#         layers.Dense(20),
#         layers.Add(),
#         layers.Dense(3),
#     ]
# )
# ```
#
# Keras says: *A merge layer should be called on a list of inputs. Received: input_shape=(None, 20) (not a
# list of shapes)*. What is the cause?
#
# {{options q2}}

# %% seqkit={"role": "answer", "question": "q2", "points": 1}
### BEGIN SOLUTION
cause = "c"
### STARTER
# cause = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q2"}
ex12.q2.check(cause)
# ex12.q2.hint()
# ex12.q2.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# `Add` is right where it stands. What is missing is a name for the input of the block, so that it can be
# passed as the second tensor.

# %% [markdown]
# {{question q3}}
#
# Four networks were trained on the same pictures for the same time:
#
# | network | training loss | test loss |
# |---|---|---|
# | A: 10 layers of 32 units | 0.42 | 0.51 |
# | B: 40 layers of 32 units | 0.79 | 0.84 |
# | C: 10 layers of 1,024 units | 0.05 | 0.88 |
# | D: as B, with skips | 0.40 | 0.50 |
#
# What is wrong with B and C?
#
# {{options q3}}

# %% seqkit={"role": "answer", "question": "q3", "points": 1}
### BEGIN SOLUTION
diagnosis = "b"
### STARTER
# diagnosis = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q3"}
ex12.q3.check(diagnosis)
# ex12.q3.hint()
# ex12.q3.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The cures differ as well: skips for B (that is D), more data or dropout for C.

# %% [markdown]
# {{question q4}}
#
# This block builds, and its author believes that it has a skip. Repair it, so that it computes
# relu(F(x) + x). $F$ are the two Dense layers; keep them as they are. Use the Functional API and Keras'
# own layers.

# %% seqkit={"role": "answer", "question": "q4", "points": 2}
### BEGIN SOLUTION
inputs = keras.Input((16,), name="block_input")
x = layers.Dense(16, activation="relu", name="first")(inputs)
x = layers.Dense(16, name="second")(x)
x = layers.Add(name="skip")([x, inputs])
block = keras.Model(inputs, layers.Activation("relu", name="relu")(x))
### STARTER
# x = inputs = keras.Input((16,), name="block_input")
# x = layers.Dense(16, activation="relu", name="first")(x)
# x = layers.Dense(16, name="second")(x)
# x = layers.Add(name="skip")([x, x])
# block = keras.Model(inputs, layers.Activation("relu", name="relu")(x))
### END SOLUTION

sk.trace(block)

# %% seqkit={"role": "check", "question": "q4"}
ex12.q4.check(block)
# ex12.q4.hint()
# ex12.q4.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The row of `Add` now reads from two rows, 2 and 0. The count stays 544: the skip has no parameters, so a
# count could never have shown the fault.

# %% [markdown]
# {{question q5}}
#
# Build a residual block from (None, 16, 16, 8) to **(None, 8, 8, 24)**: two convolutions with a window of
# 3 × 3 (`Conv2D`) on the long way, a relu between them, a projection without activation on the skip,
# `Add`, and a relu at the end, after `Add`. `BatchNormalization` is welcome, and not needed.

# %% seqkit={"role": "answer", "question": "q5", "points": 3}
### BEGIN SOLUTION
inputs = keras.Input((16, 16, 8))
x = layers.Conv2D(24, 3, strides=2, padding="same", activation="relu")(inputs)
x = layers.Conv2D(24, 3, padding="same")(x)
before = layers.Conv2D(24, 1, strides=2)(inputs)  # the projection
x = layers.Add()([x, before])
halving = keras.Model(inputs, layers.Activation("relu")(x))
### STARTER
# halving = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q5"}
ex12.q5.check(halving)
# ex12.q5.hint()
# ex12.q5.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 1,752 and 5,208 parameters on the long way, and 1·1·8·24 + 24 = 216 on the skip. An average pooling and
# a 1 × 1 convolution without a stride make a good projection, too: they look at every pixel.

# %% [markdown]
# {{question q6}}
#
# Write a layer `Residual(units)` that computes relu(second(first(x)) + x). `first` is a Dense layer with
# relu, `second` one without; both have `units` units. `get_config` must return the `units` as well, so that
# Keras can make the layer again when a model is loaded.


# %% seqkit={"role": "answer", "question": "q6", "points": 3}
class Residual(layers.Layer):
    """Two Dense layers and a skip."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.units = units
        self.first = layers.Dense(units, activation="relu")
        self.second = layers.Dense(units)
        ### STARTER
        # ...
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        self.first.build(input_shape)
        self.second.build((*input_shape[:-1], self.units))
        ### STARTER
        # ...  # optional: build the layers that you have made
        ### END SOLUTION

    def call(self, x):
        ### BEGIN SOLUTION
        return keras.ops.relu(self.second(self.first(x)) + x)
        ### STARTER
        # return ...
        ### END SOLUTION

    def get_config(self):
        ### BEGIN SOLUTION
        return {**super().get_config(), "units": self.units}
        ### STARTER
        # return super().get_config()
        ### END SOLUTION


# %% seqkit={"role": "check", "question": "q6"}
ex12.q6.check(Residual)
# ex12.q6.hint()
# ex12.q6.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# A Sequential now holds as many of them as you like:
# `keras.Sequential([keras.Input((16,)), Residual(16), Residual(16)])`. The price: its trace shows one row
# for each, and nothing of the skip.

# %% [markdown]
# ## Next
#
# Lesson 13 asks for two inputs.
