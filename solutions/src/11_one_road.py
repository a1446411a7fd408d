# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 11: count, read, and write the loop
#
# {{badges}}
#
# *21 minutes · needs lesson 11 · runs in seconds on a CPU*
#
# Use a pencil for the first three questions: running the code first spoils them. Take the `#` off
# `# ex11.q1.hint()` for a hint: there are three for each question.

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# **This is the notebook with the solutions.** Try [the exercise](../exercises/11_one_road.ipynb) first.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import keras
from keras import layers

import seqkit as sk
from seqkit.exercises import ex11

sk.seed(0)

# %% seqkit={"role": "setup"} tags=["nbval-ignore-output"]
sk.device()

# %% [markdown]
# {{question q1}}
#
# How many parameters has this model?
#
# ```python
# dense = layers.Dense(6)
# keras.Sequential([keras.Input((6,)), dense, layers.ReLU(), dense, layers.Dense(3)])
# ```

# %% seqkit={"role": "answer", "question": "q1", "points": 1}
### BEGIN SOLUTION
count = (6 * 6 + 6) + (6 * 3 + 3)  # `dense` is one object: counted once
### STARTER
# count = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q1"}
ex11.q1.check(count)
# ex11.q1.hint()
# ex11.q1.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# Keras says nothing when an object stands in the list twice. It shares the weights: 42 + 21 = 63.

# %% [markdown]
# {{question q2}}
#
# `model = keras.Sequential([keras.Input((4,)), layers.Dense(8), layers.Dense(2)])`. Nothing was trained. Can
# you build a second model that ends at the output of the first layer?
#
# {{options q2}}

# %% seqkit={"role": "answer", "question": "q2", "points": 1}
### BEGIN SOLUTION
inside = "b"
### STARTER
# inside = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q2"}
ex11.q2.check(inside)
# ex11.q2.hint()
# ex11.q2.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# `keras.Model(model.inputs, model.layers[0].output)` builds. Without `Input` it would not, before the
# first data.

# %% [markdown]
# {{question q3}}
#
# Three of these attempts stop with an exception. Which one is **silent**?
#
# {{options q3}}

# %% seqkit={"role": "answer", "question": "q3", "points": 1}
### BEGIN SOLUTION
silent = "c"
### STARTER
# silent = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q3"}
ex11.q3.check(silent)
# ex11.q3.hint()
# ex11.q3.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# It builds, and the 'class' goes into the box. Keras checks whether neighbours fit, not what you meant.

# %% [markdown]
# {{question q4}}
#
# `x = layer(x)` forgets. Write `run_and_keep(stack, x)`, which forgets nothing: it returns the list of **all**
# tensors, the input first. To keep it simple a 'layer' is a pair `(factor, summand)` and gives
# `factor * x + summand`. So `run_and_keep([(2, 1), (3, 0)], 5)` is `[5, 11, 33]`.


# %% seqkit={"role": "answer", "question": "q4", "points": 2}
### BEGIN SOLUTION
def run_and_keep(stack, x):
    tensors = [x]
    for factor, summand in stack:
        tensors.append(factor * tensors[-1] + summand)
    return tensors


### STARTER
# def run_and_keep(stack, x):
#     return ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q4"}
ex11.q4.check(run_and_keep)
# ex11.q4.hint()
# ex11.q4.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# With this list a later layer could ask for tensor 0: a skip. The Functional API does the same with names
# in place of numbers.

# %% [markdown]
# {{question q5}}
#
# Somebody wanted the eight numbers of the input **and** what a `Dense(8)` with relu makes of them, side by side:
# 16 numbers. The list below fails. Put it right with the Functional API, without any other layer that has weights.
#
# ```python
# keras.Sequential([keras.Input((8,)), layers.Dense(8, activation="relu"), layers.Concatenate()])
# ```

# %% seqkit={"role": "answer", "question": "q5", "points": 2}
### BEGIN SOLUTION
inputs = keras.Input((8,))
x = layers.Dense(8, activation="relu")(inputs)
model = keras.Model(inputs, layers.Concatenate()([inputs, x]))
### STARTER
# model = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q5"}
ex11.q5.check(model)
# ex11.q5.hint()
# ex11.q5.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# `inputs` is read twice: by `Dense` and by `Concatenate`. That is all that a list cannot say.

# %% [markdown]
# ## Next
#
# Lesson 12 begins with the most famous limit: the skip connection.
