# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 13: count, find and build two inputs
#
# {{badges}}
#
# *40 minutes · needs lesson 13 · nothing is trained, so it runs in seconds on a CPU*
#
# Work out the first three with a pencil. Take the `#` off `# ex13.q1.hint()` for a hint: there are three
# for each question.

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# **This is the notebook with the solutions.** Try [the exercise](../exercises/13_many_inputs.ipynb)
# first.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import keras
from keras import layers

import seqkit as sk
from seqkit.exercises import ex13

sk.seed(0)

# %% seqkit={"role": "setup"} tags=["nbval-ignore-output"]
sk.device()

# %% [markdown]
# {{question q1}}
#
# A shop sorts products into 3 classes by two inputs:
#
# - a text of 20 word numbers: `Embedding(500, 16)`, then `GlobalAveragePooling1D()`;
# - 40 columns of metadata: `Dense(24, activation="relu")`.
#
# The two roads meet in `Concatenate()`, and `Dense(3, activation="softmax")` gives the answer. How many
# parameters does the model have?

# %% seqkit={"role": "answer", "question": "q1", "points": 1}
### BEGIN SOLUTION
text_road = 500 * 16
metadata_road = 40 * 24 + 24
last = (16 + 24) * 3 + 3  # it sees both ends, side by side
parameters = text_road + metadata_road + last
### STARTER
# parameters = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q1"}
ex13.q1.check(parameters)
# ex13.q1.hint()
# ex13.q1.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 8,000 + 984 + 123 = 9,107. The number of words in a text, 20, does not occur: every word uses the same
# table, and the pooling leaves 16 numbers.

# %% [markdown]
# {{question q2}}
#
# `x1` has the shape (100, 8) and `x2` (100, 4). `model` is a compiled
# `keras.Sequential([keras.Input((8,)), layers.Dense(1)])`. Each line is tried with a fresh model. Which
# line loses `x2` and does not stop?
#
# {{options q2}}

# %% seqkit={"role": "answer", "question": "q2", "points": 1}
### BEGIN SOLUTION
line = "c"
### STARTER
# line = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q2"}
ex13.q2.check(line)
# ex13.q2.hint()
# ex13.q2.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# Keras matches a list of arrays with the entrances, finds one entrance, warns, and drops the rest.

# %% [markdown]
# {{question q3}}
#
# Somebody sorts products by a text and a picture, and reports these accuracies on the same test set:
#
# | network | accuracy |
# |---|---|
# | always the largest class | 40 % |
# | picture alone | 81 % |
# | text alone | 84 % |
# | text and picture | 86 % |
# | text and picture, with the pictures of the test set shuffled | 77 % |
#
# The text is there in any case. How many points of accuracy do the **pictures** add?

# %% seqkit={"role": "answer", "question": "q3", "points": 1}
### BEGIN SOLUTION
points = 86 - 84  # both, against the text alone
### STARTER
# points = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q3"}
ex13.q3.check(points)
# ex13.q3.hint()
# ex13.q3.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# Two points. The last row of the table answers another question: how much *this* network relies on the
# picture. It fell by 9 points because it was given false pictures, and a network that never saw one does
# not make that mistake. (Two points on a small test set can be luck: train with several seeds.)

# %% [markdown]
# {{question q4}}
#
# We want to forecast tomorrow's temperature from the last day, 24 hours with 3 measurements, **and** from
# 5 numbers about the place. This list does not build:
#
# ```python
# keras.Sequential([
#     keras.Input((24, 3)),
#     layers.LSTM(16),
#     keras.Input((5,)),
#     layers.Dense(8, activation="relu"),
#     layers.Concatenate(),
#     layers.Dense(1),
# ])
# ```
#
# Build the model that was meant. Keep all layers, their units and their activations. Use Keras' own layers
# and `keras.ops`, no `Lambda` and no class of your own.

# %% seqkit={"role": "answer", "question": "q4", "points": 2}
### BEGIN SOLUTION
series = keras.Input((24, 3), name="series")
numbers = keras.Input((5,), name="numbers")
series_road = layers.LSTM(16)(series)
numbers_road = layers.Dense(8, activation="relu")(numbers)
x = layers.Concatenate()([series_road, numbers_road])
outputs = layers.Dense(1)(x)
model = keras.Model([series, numbers], outputs)
### STARTER
# model = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q4"}
ex13.q4.check(model)
# ex13.q4.hint()
# ex13.q4.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The check shuffles each input and looks whether the answers change, as you did in the lesson. An `Input`
# that stands in `keras.Model([...])` but leads nowhere would be found.

# %% [markdown]
# {{question q5}}
#
# Write the test of section 4. `model` is called with a list of two arrays and gives a NumPy array with
# one **row** of numbers for each example. Return the share of examples, from 0 to 1, whose row changes
# when the rows of `second` stand in the opposite order, `second[::-1]`, and `first` stays as it is.
# Every change counts, also a very small one. Call the model as `model([first, second])`.


# %% seqkit={"role": "answer", "question": "q5", "points": 2}
def influence(model, first, second):
    """The share of examples whose answer depends on the second input."""
    ### BEGIN SOLUTION
    changed = model([first, second]) != model([first, second[::-1]])
    return changed.any(axis=1).mean()
    ### STARTER
    # return ...
    ### END SOLUTION


# %% seqkit={"role": "check", "question": "q5"}
ex13.q5.check(influence)
# ex13.q5.hint()
# ex13.q5.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# `!=` compares number by number, `any(axis=1)` asks whether anything in a row is different, and the mean
# of True and False is a share. Without a tolerance the test also finds a model that hardly listens.

# %% [markdown]
# {{question q6}}
#
# Two products are described by 12 numbers each. Are they the same product? Build a model with two inputs
# (None, 12) and one answer (None, 1):
#
# - one **shared** encoder: `Dense(16, activation="relu")`, then `Dense(4)`;
# - a comparison of the two codes that gives 4 numbers, has no parameters, and in which the order of the
#   two products cannot matter;
# - at the end `Dense(1, activation="sigmoid")`.
#
# Use Keras' own layers and `keras.ops`, no `Lambda` and no class of your own.
#
# Before you build it, ask yourself why no list can say 'shared'.

# %% seqkit={"role": "answer", "question": "q6", "points": 3}
### BEGIN SOLUTION
encoder = keras.Sequential(
    [keras.Input((12,)), layers.Dense(16, activation="relu"), layers.Dense(4)]
)
left, right = keras.Input((12,), name="left"), keras.Input((12,), name="right")
gap = layers.Subtract()([encoder(left), encoder(right)])
squared = layers.Multiply()([gap, gap])
same = layers.Dense(1, activation="sigmoid")(squared)
siamese = keras.Model([left, right], same)
### STARTER
# siamese = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q6"}
ex13.q6.check(siamese)
# ex13.q6.hint()
# ex13.q6.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 12·16 + 16 + 16·4 + 4 = 276 for the encoder, once, and 4 + 1 = 5 at the end. The encoder is itself a
# list. But in a list, a second mention of it would mean: after the first, on its 4 numbers. That is why
# the two calls stand outside.

# %% [markdown]
# ## Next
#
# Lesson 14 turns the question round: one input and several outputs.
