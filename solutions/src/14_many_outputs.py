# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 14: count, measure, read and build heads
#
# {{badges}}
#
# *25 minutes · needs lesson 14 · runs in seconds on a CPU*
#
# Use a pencil for the first two questions: running the code first spoils them. Take the `#` off
# `# ex14.q1.hint()` for a hint: there are three for each question.

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# **This is the notebook with the solutions.** Try [the exercise](../exercises/14_many_outputs.ipynb) first.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import keras
from keras import layers

import seqkit as sk
from seqkit.exercises import ex14

sk.seed(0)

# %% seqkit={"role": "setup"} tags=["nbval-ignore-output"]
sk.device()

# %% [markdown]
# {{question q1}}
#
# A model reads 20 numbers. Its body is `Dense(32)`. On the body stand two heads: `Dense(5)` for the kind and
# `Dense(2)` for a place. How many parameters has the model?

# %% seqkit={"role": "answer", "question": "q1", "points": 1}
### BEGIN SOLUTION
body = 20 * 32 + 32
heads = (32 * 5 + 5) + (32 * 2 + 2)
parameters = body + heads
### STARTER
# parameters = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q1"}
ex14.q1.check(parameters)
# ex14.q1.hint()
# ex14.q1.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The body is counted once, because it is shared. Two separate networks would have 672 more: 1,575.

# %% [markdown]
# {{question q2}}
#
# The true box covers the rows 0 to 20 and the columns 0 to 20. The proposed box covers the rows 4 to 24 and the
# columns 10 to 30. (A box from 0 to 20 is 20 pixels long.) What is their IoU? Give a number between 0 and 1.

# %% seqkit={"role": "answer", "question": "q2", "points": 1}
### BEGIN SOLUTION
shared = (20 - 4) * (20 - 10)
overlap = shared / (20 * 20 + 20 * 20 - shared)
### STARTER
# overlap = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q2"}
ex14.q2.check(overlap)
# ex14.q2.hint()
# ex14.q2.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 160 of 640 pixels. By the usual rule, an IoU above 0.5, this object would not count as found, although the boxes share
# 40 % of their area.

# %% [markdown]
# {{question q3}}
#
# This program stops in `fit`:
#
# ```python
# model = keras.Sequential(
#     [
#         keras.Input((12,)),
#         layers.Dense(3, activation="softmax", name="kind"),
#         layers.Dense(4, name="box"),
#     ]
# )
# model.compile("adam", loss="mse")
# model.fit(x, [kind, box])
# ```
#
# > y_true and y_pred have different structures. y_true: ('\*', '\*') y_pred: \*
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
ex14.q3.check(reading)
# ex14.q3.hint()
# ex14.q3.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# Be glad of this message. With one array of labels the same model trains, and its box is computed from the
# three shares.

# %% [markdown]
# {{question q4}}
#
# A network looks at a face. Its head `kind` (cross-entropy, three kinds) has a loss of about 1.1 ≈ ln 3 at the start, its
# head `age` (mean squared error, in years) a loss of about 150. Both answers matter to you. What do you do?
#
# {{options q4}}

# %% seqkit={"role": "answer", "question": "q4", "points": 1}
### BEGIN SOLUTION
balance = "b"
### STARTER
# balance = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q4"}
ex14.q4.check(balance)
# ex14.q4.hint()
# ex14.q4.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# `loss_weights={"kind": 1.0, "age": 0.01}`. Another way is to change the unit: the age in decades has a loss that is
# 100 times smaller.

# %% [markdown]
# {{question q5}}
#
# Somebody wanted a kind (3 shares) **and** a box (4 numbers) from the same 32 numbers, and wrote the heads in a
# row. Put it right: `model` shall have one input of 12 numbers, the three Dense layers that are there, and
# two outputs, (None, 3) and (None, 4). Use the Functional API and Keras' own layers.

# %% seqkit={"role": "answer", "question": "q5", "points": 3}
### BEGIN SOLUTION
inputs = keras.Input((12,))
body = layers.Dense(32, activation="relu")(inputs)
kind = layers.Dense(3, activation="softmax", name="kind")(body)
box = layers.Dense(4, name="box")(body)
model = keras.Model(inputs, {"kind": kind, "box": box})
### STARTER
# model = keras.Sequential(
#     [
#         keras.Input((12,)),
#         layers.Dense(32, activation="relu"),
#         layers.Dense(3, activation="softmax"),
#         layers.Dense(4),
#     ]
# )
### END SOLUTION

sk.trace(model)

# %% seqkit={"role": "check", "question": "q5"}
ex14.q5.check(model)
# ex14.q5.hint()
# ex14.q5.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# In the trace both heads read (None, 32). The names of the outputs come from the keys of the dict; a list of outputs
# would be right as well.

# %% [markdown]
# ## Next
#
# Lesson 15 opens the body itself: several branches side by side.
