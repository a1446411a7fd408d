# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 04: count, trace, repair and write convolutions
#
# {{badges}}
#
# *35 minutes · needs lesson 04 · runs in under a minute on a CPU*
#
# Use a pencil for the first two questions: running the code first spoils them. Take the `#` off
# `# ex04.q1.hint()` for a hint: there are three for each question.

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# **This is the notebook with the solutions.** Try [the exercise](../exercises/04_images.ipynb) first.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import keras
import numpy as np
from keras import layers

import seqkit as sk
from seqkit.exercises import ex04

sk.seed(0)

# %% seqkit={"role": "setup"} tags=["nbval-ignore-output"]
sk.device()

# %% [markdown]
# {{question q1}}
#
# A window of weather has 48 hours and 6 measurements: (None, 48, 6). The first layer is `Conv1D(16, 5)`. How
# many parameters does it have?

# %% seqkit={"role": "answer", "question": "q1", "points": 1}
### BEGIN SOLUTION
parameters = 5 * 6 * 16 + 16
### STARTER
# parameters = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q1"}
ex04.q1.check(parameters)
# ex04.q1.hint()
# ex04.q1.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The window slides along the hours only. At each place it covers 5 hours with all 6 measurements, so a
# filter has 30 weights and one bias.

# %% [markdown]
# {{question q2}}
#
# `Conv2D(8, 5)`, `MaxPooling2D(2)`, `Conv2D(16, 3)`, `MaxPooling2D(2)`, `Conv2D(32, 3)`: how many pixels wide
# is the part of the picture that one number at the end depends on? Give the side of the square.

# %% seqkit={"role": "answer", "question": "q2", "points": 1}
### BEGIN SOLUTION
field, step = 1, 1
for window, stride in ((5, 1), (2, 2), (3, 1), (2, 2), (3, 1)):
    field, step = field + (window - 1) * step, step * stride
### STARTER
# field = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q2"}
ex04.q2.check(field)
# ex04.q2.hint()
# ex04.q2.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 1 + 4·1 = 5; 5 + 1·1 = 6, step 2; 6 + 2·2 = 10; 10 + 1·2 = 12, step 4; 12 + 2·4 = 20. The last window adds 8
# pixels, although it is only 3 wide: its steps are long.

# %% [markdown]
# {{question q3}}
#
# The Dense network of section 4 classified about 60 % of the test patches correctly. A colleague cuts patches of 32 × 32
# that begin every 8 pixels, takes 4,000 of them at random, a fifth of these for the test, and reports 73 %
# with the same network. What is the most likely reason?
#
# {{options q3}}

# %% seqkit={"role": "answer", "question": "q3", "points": 1}
### BEGIN SOLUTION
reason = "c"
### STARTER
# reason = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q3"}
ex04.q3.check(reason)
# ex04.q3.hint()
# ex04.q3.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# This is a **leak**: knowledge about the test has come into the training. Nothing in the code fails, and the
# score looks better. Only the order of the two steps is wrong: split first, cut afterwards. (We measured both
# numbers. The colleague also has more training patches, which helps a little in an honest way; the split
# hides how much.)

# %% [markdown]
# {{question q4}}
#
# This stack for colour tiles has 1,844,657 parameters, nearly all in one layer. Repair it: **add two
# pooling layers**, one behind each convolution, so that `Flatten` gives 14·14·16 = 3,136 numbers. Leave
# the other layers as they are.

# %% seqkit={"role": "answer", "question": "q4", "points": 2}
### BEGIN SOLUTION
stack = [
    keras.Input((64, 64, 3)),
    layers.Conv2D(8, 3, activation="relu"),
    layers.MaxPooling2D(2),
    layers.Conv2D(16, 3, activation="relu"),
    layers.MaxPooling2D(2),
    layers.Flatten(),
    layers.Dense(32, activation="relu"),
    layers.Dense(1, activation="sigmoid"),
]
### STARTER
# stack = [
#     keras.Input((64, 64, 3)),
#     layers.Conv2D(8, 3, activation="relu"),
#     layers.Conv2D(16, 3, activation="relu"),
#     layers.Flatten(),
#     layers.Dense(32, activation="relu"),
#     layers.Dense(1, activation="sigmoid"),
# ]
### END SOLUTION

sk.trace(stack)

# %% seqkit={"role": "check", "question": "q4"}
ex04.q4.check(stack)
# ex04.q4.hint()
# ex04.q4.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 64 − 2 = 62, half of it 31, 31 − 2 = 29, half of it 14 (rounded down). The Dense layer now has 3,136·32 + 32
# = 100,384 parameters in place of 1,843,232, and the field of the second convolution has grown from 5 to 8
# pixels.

# %% [markdown]
# {{question q5}}
#
# Write what one filter of `Conv2D` does, with a stride, without padding and without a bias. `picture` has two
# axes, `kernel` is square, and `stride` is how far the kernel moves at a time, in both directions. Return the
# feature map as an array.


# %% seqkit={"role": "answer", "question": "q5", "points": 2}
def convolve(picture, kernel, stride):
    """The feature map of one kernel."""
    ### BEGIN SOLUTION
    side = len(kernel)
    result = []
    for row in range(0, picture.shape[0] - side + 1, stride):
        line = []
        for column in range(0, picture.shape[1] - side + 1, stride):
            window = picture[row : row + side, column : column + side]
            line.append((window * kernel).sum())
        result.append(line)
    return np.array(result)
    ### STARTER
    # return ...
    ### END SOLUTION


# %% seqkit={"role": "check", "question": "q5"}
ex04.q5.check(convolve)
# ex04.q5.hint()
# ex04.q5.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The third number of `range` is the stride. Its number of starts is floor((side − kernel)/stride) + 1: the
# rule for shapes comes from here.

# %% [markdown]
# {{question q6}}
#
# The Dense network below has 65,795 parameters and classifies about 60 % of the test patches of section 4
# correctly. Train a `better` one: **at least 85 %** of the test patches, with **at most 5,000** parameters. It takes a patch
# (32, 32, 1) and gives three numbers. Train on the training patches only.

# %% seqkit={"role": "given"}
x_train, y_train, x_test, y_test = ex04.patches()  # as in the lesson

sk.seed(0)
given = keras.Sequential(
    [
        keras.Input((32, 32, 1)),
        layers.Flatten(),
        layers.Dense(64, activation="relu"),
        layers.Dense(3, activation="softmax"),
    ]
)
given.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
given.fit(x_train, y_train, epochs=8, verbose=0)
loss, accuracy = given.evaluate(x_test, y_test, verbose=0)
sk.expect(accuracy < 0.75, "the given network is more than 10 points below the goal")

# %% seqkit={"role": "answer", "question": "q6", "points": 2}
### BEGIN SOLUTION
sk.seed(0)
better = keras.Sequential(
    [
        keras.Input((32, 32, 1)),
        layers.Conv2D(8, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(16, 3, activation="relu"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(3, activation="softmax"),
    ]
)
better.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
history = better.fit(x_train, y_train, epochs=15, verbose=0)
### STARTER
# better = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q6"}
ex04.q6.check(better)
# ex04.q6.hint()
# ex04.q6.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 80 + 1,168 + 51 = 1,299 parameters, a fiftieth of the Dense network. With `Flatten` in place of the global
# pooling the last layer alone would have 2,704·3 + 3 = 8,115.

# %% [markdown]
# ## Next
#
# Lesson 05 reads sequences: words, and weather again.
