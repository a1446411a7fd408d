# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 09: diagnose and repair six more patients
#
# {{badges}}
#
# *35 minutes · needs lesson 09 · runs in seconds on a CPU*
#
# Make your own diagnosis before you ask `sk.lint`. Take the `#` off `# ex09.q1.hint()` for a hint: there
# are three for each question.

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# **This is the notebook with the solutions.** Try [the exercise](../exercises/09_mistakes.ipynb) first.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import keras
import numpy as np
from keras import layers

import seqkit as sk
from seqkit.exercises import ex09

sk.seed(0)

# %% seqkit={"role": "setup"} tags=["nbval-ignore-output"]
sk.device()

# %% [markdown]
# {{question q1}}
#
# Which of these lists does `keras.Sequential` **accept**? It does not matter whether the author meant that. Give the
# letters as one text, such as `"af"`.
#
# - a: `Input((30, 6))`, `GRU(8)`, `GRU(8)`, `Dense(1)`
# - b: `Input((30, 6))`, `GRU(8, return_sequences=True)`, `Dense(1)`
# - c: `Input((12, 12, 3))`, `Conv2D(8, 3)`, `MaxPooling2D(2)`, `Conv2D(8, 7)`
# - d: `Dense(8, activation="relu")`, `Dense(1)`
# - e: `Input((12, 12, 3))`, `Conv2D(8, 3)`, `Dense(4)`
# - f: `Input((8,))`, `Dense(4)`, `Reshape((2, 3))`

# %% seqkit={"role": "answer", "question": "q1", "points": 1}
### BEGIN SOLUTION
accepted = "bde"
### STARTER
# accepted = ...  # letters in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q1"}
ex09.q1.check(accepted)
# ex09.q1.hint()
# ex09.q1.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# a needs `return_sequences=True`, c has a window of 7 on a map of 5, f has four numbers for six places. Of the
# accepted ones, b gives 30 numbers for a series and e 100 rows for a picture: they may be refused later, in `fit`, or by nobody.

# %% [markdown]
# {{question q2}}
#
# A model for classes stops in `fit` with this message:
#
# > Arguments `target` and `output` must have the same shape. Received: target.shape=(64, 5),
# > output.shape=(64, 4)
#
# What is wrong?
#
# {{options q2}}

# %% seqkit={"role": "answer", "question": "q2", "points": 1}
### BEGIN SOLUTION
reading = "c"
### STARTER
# reading = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q2"}
ex09.q2.check(reading)
# ex09.q2.hint()
# ex09.q2.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# `target` are the labels, `output` is what the last layer gives. Both have 64 rows; five numbers meet four.

# %% [markdown]
# {{question q3}}
#
# `ex09.broken_model()` must tell three kinds of pictures (16 × 16 grey pixels) apart. The labels are whole
# numbers: 0, 1 and 2. It builds, and `fit` refuses it. There are **two** mistakes. Put `model` right, and compile it.

# %% seqkit={"role": "answer", "question": "q3", "points": 2}
### BEGIN SOLUTION
model = keras.Sequential(
    [
        keras.Input((16, 16, 1)),
        layers.Conv2D(6, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(3, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
### STARTER
# model = keras.Sequential(
#     [
#         keras.Input((16, 16, 1)),
#         layers.Conv2D(6, 3, activation="relu"),
#         layers.MaxPooling2D(2),
#         layers.Dense(3, activation="softmax"),
#     ]
# )
# model.compile(optimizer="adam", loss="categorical_crossentropy")
### END SOLUTION

sk.trace(model)

# %% seqkit={"role": "check", "question": "q3"}
ex09.q3.check(model)
# ex09.q3.hint()
# ex09.q3.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# Without `Flatten` the output is (None, 7, 7, 3). `GlobalAveragePooling2D()` closes the axes, too. And whole numbers want the
# *sparse* loss.

# %% [markdown]
# {{question q4}}
#
# A Sequential begins with `keras.Input((6,))`. It was trained by `model.fit([sensors, places], y)`, where `sensors` has six columns and
# `places` has two. Keras gave a warning, *The structure of `inputs` doesn't match the expected structure*, and the loss fell. Now somebody sets all of `places` to 0: the
# forecasts are the same as before, **in every digit**. What is the diagnosis?
#
# {{options q4}}

# %% seqkit={"role": "answer", "question": "q4", "points": 1}
### BEGIN SOLUTION
diagnosis = "b"
### STARTER
# diagnosis = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q4"}
ex09.q4.check(diagnosis)
# ex09.q4.hint()
# ex09.q4.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# To change one thing that must matter, and to look whether the answer changes, is the cheapest test for this mistake. After
# `np.concatenate` the input is (8,).

# %% [markdown]
# {{question q5}}
#
# `ex09.readings()` gives four readings `x` and a number `y`, which is below 0 for more than half of the examples. This stack
# trains without an error:
#
# ```python
# model = keras.Sequential(
#     [keras.Input((4,)), layers.Dense(16), layers.Dense(1, activation="relu")]
# )
# model.compile(optimizer=keras.optimizers.Adam(0.02), loss="mse")
# model.fit(x, y, epochs=30, batch_size=32, verbose=0)
# ```
#
# But its mean error on new readings is more than 1.0. (Always saying the mean is wrong by about 1.2.) The stack has **two** silent mistakes.
# Repair it, train it, and bring `ex09.error_of(model)` to at most **0.30**.

# %% seqkit={"role": "answer", "question": "q5", "points": 3}
x, y = ex09.readings()
### BEGIN SOLUTION
model = keras.Sequential([keras.Input((4,)), layers.Dense(16, activation="relu"), layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(0.02), loss="mse")
history = model.fit(x, y, epochs=30, batch_size=32, verbose=0)
### STARTER
# model = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q5"}
ex09.q5.check(model)
# ex09.q5.hint()
# ex09.q5.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# With relu at the end no forecast is below 0. Without an activation in the middle the two layers are one linear layer, which cannot bend. Each
# repair alone is not enough.

# %% [markdown]
# {{question q6}}
#
# Of each picture there are several copies. `source` tells for each row which picture it is a copy of. Write a function that returns two arrays of
# **row numbers**: the rows for training, and the rows to hold out (about a fifth). No picture may be on both sides, in whatever order
# the rows stand. The numbers of the pictures may start anywhere and have gaps: 7, 8, 15.


# %% seqkit={"role": "answer", "question": "q6", "points": 2}
def split(source):
    ### BEGIN SOLUTION
    pictures = np.unique(source)
    held = np.random.default_rng(0).permutation(pictures)[: len(pictures) // 5]
    out = np.isin(source, held)
    return np.flatnonzero(~out), np.flatnonzero(out)
    ### STARTER
    # return ...
    ### END SOLUTION


# %% seqkit={"role": "check", "question": "q6"}
ex09.q6.check(split)
# ex09.q6.hint()
# ex09.q6.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# Pictures are chosen, and each row follows its picture. The same function splits photographs by person, windows by day, and sentences by
# author.

# %% [markdown]
# ## Next
#
# Lesson 10 takes a healthy model out of the notebook.
