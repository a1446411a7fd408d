# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 15: count, read, repair and build branches
#
# {{badges}}
#
# *35 minutes · needs lesson 15 · runs in seconds on a CPU*
#
# Use a pencil for the first two questions: running the code first spoils them. Take the `#` off
# `# ex15.q1.hint()` for a hint: there are three for each question.

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# **This is the notebook with the solutions.** Try [the exercise](../exercises/15_branches.ipynb) first.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import keras
from keras import layers

import seqkit as sk
from seqkit.exercises import ex15

sk.seed(0)

# %% seqkit={"role": "setup"} tags=["nbval-ignore-output"]
sk.device()

# %% [markdown]
# {{question q1}}
#
# Three branches read the same tensor (None, 14, 14, 48), and `Concatenate()` joins them:
#
# - `Conv2D(16, 1)`
# - `Conv2D(12, 1)` and then `Conv2D(24, 3, padding="same")`
# - `MaxPooling2D(3, strides=1, padding="same")`
#
# Which shape comes out? Write it as a tuple, batch axis first.

# %% seqkit={"role": "answer", "question": "q1", "points": 1}
### BEGIN SOLUTION
channels = 16 + 24 + 48  # the pooling keeps its 48
shape = (None, 14, 14, channels)
### STARTER
# shape = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q1"}
ex15.q1.check(shape)
# ex15.q1.hint()
# ex15.q1.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# Only the last layer of each branch is joined, so the 12 does not count. The pooling has no filters and
# hands on what it gets. That is why Inception puts a 1×1 convolution behind it.

# %% [markdown]
# {{question q2}}
#
# A branch is `Conv2D(32, 5, padding="same")` on 64 channels. Now `Conv2D(8, 1)` is put in front of it. How
# many parameters **fewer** does the branch have now?

# %% seqkit={"role": "answer", "question": "q2", "points": 1}
### BEGIN SOLUTION
before = 5 * 5 * 64 * 32 + 32
after = (64 * 8 + 8) + (5 * 5 * 8 * 32 + 32)
saved = before - after
### STARTER
# saved = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q2"}
ex15.q2.check(saved)
# ex15.q2.hint()
# ex15.q2.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 51,232 before, 520 + 6,432 = 6,952 after: the branch keeps one parameter in seven. What the 8 channels do
# not carry, the 5×5 window never sees.

# %% [markdown]
# {{question q3}}
#
# This list does not build:
#
# ```python
# keras.Sequential(
#     [
#         keras.Input((16, 16, 3)),
#         [layers.Conv2D(8, 1, padding="same"), layers.Conv2D(16, 3, padding="same")],
#         layers.Concatenate(),
#     ]
# )
# ```
#
# It stops with this message (layer names left out):
#
# > Only instances of `keras.Layer` can be added to a Sequential model. Received: [<Conv2D …, built=False>,
# > <Conv2D …, built=False>] (of type <class 'list'>)
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
ex15.q3.check(reading)
# ex15.q3.hint()
# ex15.q3.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# Keras asks each item whether it is a layer. The inner list is none, and it is not looked into. The way
# round is a layer of your own that holds both; its price is code to write, save and test.

# %% [markdown]
# {{question q4}}
#
# Two networks were trained on the same data with three seeds each. Test accuracy in per cent:
#
# | network | parameters | seed 0 | seed 1 | seed 2 |
# |---|---|---|---|---|
# | A, with branches | 2,800 | 91 | 94 | 89 |
# | B, a single path | 2,810 | 90 | 93 | 92 |
#
# Which conclusion do these runs allow?
#
# {{options q4}}

# %% seqkit={"role": "answer", "question": "q4", "points": 1}
### BEGIN SOLUTION
conclusion = "c"
### STARTER
# conclusion = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q4"}
ex15.q4.check(conclusion)
# ex15.q4.hint()
# ex15.q4.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# (91 + 94 + 89)/3 = 91.3 and (90 + 93 + 92)/3 = 91.7. A difference of 0.3 points beside seeds that lie 3 to
# 5 points apart is nothing. It is a fair comparison with an honest result: no winner.

# %% [markdown]
# {{question q5}}
#
# Somebody wanted a 1×1, a 3×3 and a 5×5 window **side by side** on the same input, and wrote them in a row.
# Put it right: `model` shall have one input (None, 16, 16, 8), three branches with the layers that are
# there, and one output with the channels of all three. Use the Functional API and Keras' own layers.

# %% seqkit={"role": "answer", "question": "q5", "points": 2}
### BEGIN SOLUTION
inputs = keras.Input((16, 16, 8))
one = layers.Conv2D(4, 1, padding="same", activation="relu")(inputs)
three = layers.Conv2D(6, 3, padding="same", activation="relu")(inputs)
five = layers.Conv2D(2, 5, padding="same", activation="relu")(inputs)
outputs = layers.Concatenate()([one, three, five])
model = keras.Model(inputs, outputs)
### STARTER
# model = keras.Sequential(
#     [
#         keras.Input((16, 16, 8)),
#         layers.Conv2D(4, 1, padding="same", activation="relu"),
#         layers.Conv2D(6, 3, padding="same", activation="relu"),
#         layers.Conv2D(2, 5, padding="same", activation="relu"),
#     ]
# )
### END SOLUTION

sk.trace(model)

# %% seqkit={"role": "check", "question": "q5"}
ex15.q5.check(model)
# ex15.q5.hint()
# ex15.q5.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# In the trace the column *in* now says (None, 16, 16, 8) three times. 4 + 6 + 2 = 12 channels come out; the
# order in which you join them does not matter.

# %% [markdown]
# {{question q6}}
#
# `ex15.members()` gives a list of three trained networks. Each takes six numbers and gives three shares.
# Build **one** model `ensemble` that takes six numbers and gives the mean of the three answers. Use the
# members as they are, with their weights.

# %% seqkit={"role": "answer", "question": "q6", "points": 3}
members = ex15.members()
### BEGIN SOLUTION
numbers = keras.Input((6,))
answers = [member(numbers) for member in members]
ensemble = keras.Model(numbers, layers.Average()(answers))
### STARTER
# ensemble = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q6"}
ex15.q6.check(ensemble)
# ex15.q6.hint()
# ex15.q6.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# A model is called like a layer, and `numbers` is used three times: each member is a branch. `Average` keeps
# the shares' sum at 1; `Add` would make it 3.

# %% [markdown]
# ## Next
#
# Lesson 16 asks for a layer with three inputs: attention.
