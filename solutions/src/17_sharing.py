# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 17: count, choose, repair and build shared layers and towers
#
# {{badges}}
#
# *30 minutes · needs lesson 17 · runs in seconds on a CPU*
#
# Use a pencil for the first four questions: running the code first spoils them. Take the `#` off
# `# ex17.q1.hint()` for a hint: there are three for each question.

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# **This is the notebook with the solutions.** Try [the exercise](../exercises/17_sharing.ipynb) first.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import keras
from keras import layers

import seqkit as sk
from seqkit.exercises import ex17

sk.seed(0)

# %% seqkit={"role": "setup"} tags=["nbval-ignore-output"]
sk.device()

# %% [markdown]
# {{question q1}}
#
# ```python
# d = layers.Dense(6)
# keras.Sequential([keras.Input((6,)), d, layers.ReLU(), d, layers.Dense(2)])
# ```
#
# How many parameters has this model? (Write 0 if it does not build.)

# %% seqkit={"role": "answer", "question": "q1", "points": 1}
### BEGIN SOLUTION
parameters = (6 * 6 + 6) + (6 * 2 + 2)  # d counts once
### STARTER
# parameters = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q1"}
ex17.q1.check(parameters)
# ex17.q1.hint()
# ex17.q1.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# `d` is one layer at two places. Keras builds the list with no message and gives it one set of weights.

# %% [markdown]
# {{question q2}}
#
# A model has a left and a right input, and `a = layers.Dense(4)`. In which of these do both inputs **share**
# weights, also after training?
#
# {{options q2}}

# %% seqkit={"role": "answer", "question": "q2", "points": 1}
### BEGIN SOLUTION
way = "d"
### STARTER
# way = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q2"}
ex17.q2.check(way)
# ex17.q2.hint()
# ex17.q2.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# In the other three there are two layers, and each gets a gradient of its own.

# %% [markdown]
# {{question q3}}
#
# A layer with one weight `w` and no bias is called on two inputs, and the results are added:
# y = w·a + w·b. Now w = 1, a = 2, b = 3, and the loss is y². What is the gradient of the loss with respect to `w`?

# %% seqkit={"role": "answer", "question": "q3", "points": 1}
### BEGIN SOLUTION
y = 1 * 2 + 1 * 3
gradient = 2 * y * 2 + 2 * y * 3  # the left call and the right call
### STARTER
# gradient = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q3"}
ex17.q3.check(gradient)
# ex17.q3.hint()
# ex17.q3.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# Check: y = 5·w here, so the loss is 25·w² with the slope 50·w = 50.

# %% [markdown]
# {{question q4}}
#
# A Siamese network tells whether two pictures show the same cow. It was trained on 100 cows, with many pictures of
# each. Next year there will be **new** cows. Which test tells how good it will be then?
#
# {{options q4}}

# %% seqkit={"role": "answer", "question": "q4", "points": 1}
### BEGIN SOLUTION
test = "c"
### STARTER
# test = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q4"}
ex17.q4.check(test)
# ex17.q4.hint()
# ex17.q4.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# New pictures, new pairs and new classes are three different tests. Take the one that is as new as the use will be.

# %% [markdown]
# {{question q5}}
#
# This model guesses which of two teams wins. Each side has a table of its own, so what it learns of a team
# on the left is unknown on the right.
#
# ```python
# left = keras.Input((1,), dtype="int32")
# right = keras.Input((1,), dtype="int32")
# gap = layers.Subtract()([layers.Embedding(40, 3)(left), layers.Embedding(40, 3)(right)])
# outputs = layers.Dense(1, activation="sigmoid")(layers.Flatten()(gap))
# model = keras.Model([left, right], outputs)
# ```
#
# Write it again with **one** table for both sides. Change nothing else.

# %% seqkit={"role": "answer", "question": "q5", "points": 2}
### BEGIN SOLUTION
left = keras.Input((1,), dtype="int32")
right = keras.Input((1,), dtype="int32")
table = layers.Embedding(40, 3)
gap = layers.Subtract()([table(left), table(right)])
outputs = layers.Dense(1, activation="sigmoid")(layers.Flatten()(gap))
model = keras.Model([left, right], outputs)
### STARTER
# model = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q5"}
ex17.q5.check(model)
# ex17.q5.hint()
# ex17.q5.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 40·3 + 4 = 124 parameters in place of 244: the layer is made once and called twice.

# %% [markdown]
# {{question q6}}
#
# Build a recommender with two towers for 50 users and 80 items. The first input is the number of a user, the
# second the number of an item, both of shape (None, 1). Each has a table with codes of 8 numbers. The output, of
# shape (None, 1), is the dot product of the two codes.

# %% seqkit={"role": "answer", "question": "q6", "points": 3}
### BEGIN SOLUTION
user = keras.Input((1,), dtype="int32", name="user")
item = keras.Input((1,), dtype="int32", name="item")
user_code = layers.Flatten()(layers.Embedding(50, 8)(user))
item_code = layers.Flatten()(layers.Embedding(80, 8)(item))
towers = keras.Model([user, item], layers.Dot(axes=1)([user_code, item_code]))
### STARTER
# towers = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q6"}
ex17.q6.check(towers)
# ex17.q6.hint()
# ex17.q6.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 50·8 + 80·8 = 1,040 parameters. The item codes do not depend on the user: compute them once, and keep them.

# %% [markdown]
# ## Next
#
# Lesson 18 builds encoders and decoders.
