# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 02: predict, count, repair and build by shape
#
# {{badges}}
#
# *35 minutes · needs lesson 02 · runs in seconds on a CPU*
#
# Use a pencil for the first questions: running the code first spoils them. Take the `#` off
# `# ex02.q1.hint()` for a hint: there are three for each question.

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# **This is the notebook with the solutions.** Try [the exercise](../exercises/02_shapes.ipynb) first.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import keras
from keras import layers

import seqkit as sk
from seqkit.exercises import ex02

sk.seed(0)

# %% seqkit={"role": "setup"} tags=["nbval-ignore-output"]
sk.device()

# %% [markdown]
# {{question q1}}
#
# Colour pictures of 64 × 48 pixels, (None, 64, 48, 3), go into `Conv2D(24, 5, strides=2)`. Which shape
# comes out? Write it as a tuple, batch axis first.

# %% seqkit={"role": "answer", "question": "q1", "points": 1}
### BEGIN SOLUTION
height = (64 - 5) // 2 + 1  # // divides and rounds down
width = (48 - 5) // 2 + 1
shape = (None, height, width, 24)
### STARTER
# shape = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q1"}
ex02.q1.check(shape)
# ex02.q1.hint()
# ex02.q1.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# floor(59/2) + 1 = 29 + 1 = 30 and floor(43/2) + 1 = 21 + 1 = 22. The three channels are all inside the
# window, so they leave no trace in the output; its channels are the 24 filters.

# %% [markdown]
# {{question q2}}
#
# Series of 30 steps with 8 features, (None, 30, 8), go into `LSTM(20)`. How many parameters does it
# have?

# %% seqkit={"role": "answer", "question": "q2", "points": 1}
### BEGIN SOLUTION
gate = 8 * 20 + 20 * 20 + 20  # input, last state, biases
parameters = 4 * gate
### STARTER
# parameters = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q2"}
ex02.q2.check(parameters)
# ex02.q2.hint()
# ex02.q2.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# Each of the four gates is like a Dense layer that sees 8 features *and* 20 numbers of the last state:
# (8 + 20)·20 + 20 = 580. The 30 steps use the same weights one after the other.

# %% [markdown]
# {{question q3}}
#
# How many weight arrays does `keras.Sequential([layers.Dense(4), layers.Dense(2)])` have directly after
# this line, and why?
#
# {{options q3}}

# %% seqkit={"role": "answer", "question": "q3", "points": 1}
### BEGIN SOLUTION
reason = "b"
### STARTER
# reason = ...  # one letter in quotes, as in "a"
### END SOLUTION

# %% seqkit={"role": "check", "question": "q3"}
ex02.q3.check(reason)
# ex02.q3.hint()
# ex02.q3.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The first kernel has the shape (inputs, 4), and the number of inputs is not known. After the first
# call there are four arrays: two kernels and two biases.

# %% [markdown]
# {{question q4}}
#
# Pictures of 32 rows and 20 columns should be read row by row. This list does not build; the trace says
# where it stops. **Add what is missing**, so that the LSTM gets the 15 rows that are left after the
# pooling as 15 steps, each with all 72 numbers of its row. Keep all the layers that are there.

# %% seqkit={"role": "answer", "question": "q4", "points": 2}
### BEGIN SOLUTION
stack = [
    keras.Input((32, 20, 1)),
    layers.Conv2D(8, 3, activation="relu"),
    layers.MaxPooling2D(2),
    layers.Reshape((15, 9 * 8)),
    layers.LSTM(16),
    layers.Dense(10, activation="softmax"),
]
### STARTER
# stack = [
#     keras.Input((32, 20, 1)),
#     layers.Conv2D(8, 3, activation="relu"),
#     layers.MaxPooling2D(2),
#     layers.LSTM(16),
#     layers.Dense(10, activation="softmax"),
# ]
### END SOLUTION

sk.trace(stack)

# %% seqkit={"role": "check", "question": "q4"}
ex02.q4.check(stack)
# ex02.q4.hint()
# ex02.q4.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 32 → 30 → 15 rows and 20 → 18 → 9 columns. A row has 9 columns with 8 channels, 72 numbers. `Reshape`
# keeps the order of the numbers, and rows come first, so the 72 numbers of a step are one row.
# `TimeDistributed(Flatten())` does the same.

# %% [markdown]
# {{question q5}}
#
# Build a model with the input (None, 32, 32, 3) whose layers give these shapes in this order. A layer
# that keeps the shape, such as an activation, may stand anywhere.
#
# 1. (None, 32, 32, 8)
# 2. (None, 16, 16, 8)
# 3. (None, 16, 16, 16)
# 4. (None, 8, 8, 16)
# 5. (None, 16)
# 6. (None, 5)
#
# It may have **2,000 parameters** at most. You need not compile it.

# %% seqkit={"role": "answer", "question": "q5", "points": 2}
### BEGIN SOLUTION
model = keras.Sequential(
    [
        keras.Input((32, 32, 3)),
        layers.Conv2D(8, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.GlobalAveragePooling2D(),
        layers.Dense(5, activation="softmax"),
    ]
)
### STARTER
# model = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q5"}
ex02.q5.check(model)
# ex02.q5.hint()
# ex02.q5.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 3·3·3·8 + 8 = 224, 3·3·8·16 + 16 = 1,168 and 16·5 + 5 = 85: together 1,477. `Flatten` and `Dense(16)`
# in place of the global pooling would cost 8·8·16·16 + 16 = 16,400 for one layer.

# %% [markdown]
# {{question q6}}
#
# Write a small trace. `shape` is the shape of **one** example, without the batch axis. `stack` is a list
# of layers as tuples:
#
# - `("Dense", units)`
# - `("Conv2D", filters, kernel)`: stride 1, no padding, a square window
# - `("MaxPooling2D", size)`: the stride is the size
# - `("Flatten",)`
#
# Return the shape after the last layer and the number of all parameters: for `(784,)` and
# `[("Dense", 32), ("Dense", 10)]` this is `((10,), 25450)`.


# %% seqkit={"role": "answer", "question": "q6", "points": 3}
def walk(shape, stack):
    """The shape after the last layer, and the count of all parameters."""
    ### BEGIN SOLUTION
    total = 0
    for name, *settings in stack:
        if name == "Dense":
            (units,) = settings
            total += shape[-1] * units + units
            shape = (*shape[:-1], units)
        elif name == "Conv2D":
            filters, kernel = settings
            height, width, channels = shape
            total += kernel * kernel * channels * filters + filters
            shape = (height - kernel + 1, width - kernel + 1, filters)
        elif name == "MaxPooling2D":
            (size,) = settings
            shape = (shape[0] // size, shape[1] // size, shape[2])
        else:  # Flatten
            product = 1
            for side in shape:
                product *= side
            shape = (product,)
    return shape, total
    ### STARTER
    # for name, *settings in stack:
    #     ...  # a new shape for the next layer, and more parameters
    # return ...
    ### END SOLUTION


# %% seqkit={"role": "check", "question": "q6"}
ex02.q6.check(walk)
# ex02.q6.hint()
# ex02.q6.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The loop hands `shape` on, as `MySequential` hands `x` on. floor((side − size)/size) + 1 is the same as
# `side // size`, which is why pooling needs no long formula here.

# %% [markdown]
# ## Next
#
# Lesson 03 asks what the last layer should be, and which loss belongs to it.
