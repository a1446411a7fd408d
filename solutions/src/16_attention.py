# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 16: count, read, compute and build attention
#
# {{badges}}
#
# *35 minutes · needs lesson 16 · runs in seconds on a CPU*
#
# Use a pencil for the first two questions: running the code first spoils them. Take the `#` off
# `# ex16.q1.hint()` for a hint: there are three for each question.

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# **This is the notebook with the solutions.** Try [the exercise](../exercises/16_attention.ipynb) first.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import keras
import numpy as np
from keras import layers

import seqkit as sk
from seqkit.exercises import ex16

sk.seed(0)

# %% seqkit={"role": "setup"} tags=["nbval-ignore-output"]
sk.device()

# %% [markdown]
# {{question q1}}
#
# Ten words, each a vector of 32 numbers, go through `MultiHeadAttention(num_heads=4, key_dim=8)` as
# self-attention. How many parameters does the layer have?

# %% seqkit={"role": "answer", "question": "q1", "points": 1}
### BEGIN SOLUTION
heads_together = 4 * 8
one_matrix = 32 * heads_together + heads_together
parameters = 3 * one_matrix + (heads_together * 32 + 32)
### STARTER
# parameters = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q1"}
ex16.q1.check(parameters)
# ex16.q1.hint()
# ex16.q1.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 3 · 1,056 on the way in and 1,056 on the way back: 4,224. The ten words do not count.

# %% [markdown]
# {{question q2}}
#
# The query has the shape (None, 5, 32), the value (None, 12, 16). Which shape does
# `MultiHeadAttention(num_heads=4, key_dim=8)(query, value)` give? Write it as a tuple, batch axis first.

# %% seqkit={"role": "answer", "question": "q2", "points": 1}
### BEGIN SOLUTION
words_that_ask, width_of_the_query = 5, 32
shape = (None, words_that_ask, width_of_the_query)
### STARTER
# shape = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q2"}
ex16.q2.check(shape)
# ex16.q2.hint()
# ex16.q2.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The query decides the shape, the value only what is in it. So a skip around cross-attention always fits.

# %% [markdown]
# {{question q3}}
#
# This list does not build:
#
# ```python
# keras.Sequential(
#     [keras.Input((6, 8)), layers.Attention(), layers.GlobalAveragePooling1D()]
# )
# ```
#
# It stops with this message:
#
# > Attention layer must be called on a list of inputs, namely [query, value] or [query, value, key].
# > Received: inputs=(None, 6, 8).
#
# What is wrong?
#
# {{options q3}}

# %% seqkit={"role": "answer", "question": "q3", "points": 1}
### BEGIN SOLUTION
reading = "b"
### STARTER
# reading = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q3"}
ex16.q3.check(reading)
# ex16.q3.hint()
# ex16.q3.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# `layers.Attention()([x, x])` is the fix. For `MultiHeadAttention` it is `attention(x, x)`, without the list.

# %% [markdown]
# {{question q4}}
#
# A network for sentences: an Embedding **without positions**, self-attention **without a mask**, the mean over
# the words, a Dense layer. Which of these facts can it **not** know?
#
# {{options q4}}

# %% seqkit={"role": "answer", "question": "q4", "points": 1}
### BEGIN SOLUTION
unknown = "b"
### STARTER
# unknown = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q4"}
ex16.q4.check(unknown)
# ex16.q4.hint()
# ex16.q4.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# Mixing the words changes nothing in the sums of attention, and nothing in the mean. A position added to each
# vector is the cure.

# %% [markdown]
# {{question q5}}
#
# Write scaled dot-product attention in NumPy. `query`, `key` and `value` are tables with one row for each word;
# `query` and `key` are equally wide. Return the weighted sums: one row for each query.


# %% seqkit={"role": "answer", "question": "q5", "points": 2}
def attend(query, key, value):
    """For each query the sum of the values, weighted by how well the keys fit."""
    ### BEGIN SOLUTION
    scores = query @ key.T / np.sqrt(key.shape[-1])
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return weights @ value
    ### STARTER
    # return ...
    ### END SOLUTION


# %% seqkit={"role": "check", "question": "q5"}
ex16.q5.check(attend)
# ex16.q5.hint()
# ex16.q5.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# Taking off the largest score of each row changes no weight, and keeps `exp` from growing too large.

# %% [markdown]
# {{question q6}}
#
# Build one encoder block as a Functional `model` on (None, 6, 8), from Keras' own layers:
#
# - `MultiHeadAttention(num_heads=2, key_dim=4)`, then `Add` its input, then `LayerNormalization`;
# - `Dense(16, activation="relu")` and `Dense(8)`, then `Add` their input, then `LayerNormalization`.

# %% seqkit={"role": "answer", "question": "q6", "points": 3}
### BEGIN SOLUTION
inputs = keras.Input((6, 8))
seen = layers.MultiHeadAttention(num_heads=2, key_dim=4)(inputs, inputs)
x = layers.LayerNormalization()(layers.Add()([inputs, seen]))
worked = layers.Dense(8)(layers.Dense(16, activation="relu")(x))
outputs = layers.LayerNormalization()(layers.Add()([x, worked]))
model = keras.Model(inputs, outputs)
### STARTER
# model = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q6"}
ex16.q6.check(model)
# ex16.q6.hint()
# ex16.q6.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# Each half keeps what goes in under a name of its own: `inputs`, and then `x`. In a class of your own the same
# lines stand in `call`, and the block can be put into a Sequential.

# %% [markdown]
# ## Next
#
# Lesson 17 calls one layer on two inputs: sharing.
