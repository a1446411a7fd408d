# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 19: predict, read, count and decide
#
# {{badges}}
#
# *25 minutes · needs lesson 19 · runs in seconds on a CPU*
#
# Use a pencil for questions 1 and 3: running the code first spoils them. Take the `#` off
# `# ex19.q1.hint()` for a hint: there are three for each question.

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# **This is the notebook with the solutions.** Try [the exercise](../exercises/19_decisions.ipynb) first.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import numpy as np

import seqkit as sk
from seqkit.exercises import ex19

sk.seed(0)

# %% seqkit={"role": "setup"} tags=["nbval-ignore-output"]
sk.device()

# %% [markdown]
# {{question q1}}
#
# With TensorFlow or JAX:
#
# ```python
# scale = {"factor": 3}
#
# class Scale(layers.Layer):
#     def call(self, x):
#         return scale["factor"] * x
#
# model = keras.Sequential([keras.Input((1,)), Scale()])
# model.predict(np.array([[2]]), verbose=0)   # gives 6
# scale["factor"] = 5
# model.predict(np.array([[10]]), verbose=0)  # gives ...
# ```
#
# What does the last line give?

# %% seqkit={"role": "answer", "question": "q1", "points": 1}
### BEGIN SOLUTION
number = 3 * 10  # the factor that was recorded
### STARTER
# number = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q1"}
ex19.q1.check(number)
# ex19.q1.hint()
# ex19.q1.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# Both arrays have the same shape and dtype, so the trace of the first call is used again. `model(x)`, called
# directly, would read the variable anew.

# %% [markdown]
# {{question q2}}
#
# This list is accepted:
#
# ```python
# model = keras.Sequential(
#     [
#         keras.Input((4,)),
#         layers.Dense(4),
#         layers.Lambda(lambda x: keras.ops.relu(x) if keras.ops.max(x) > 1 else x),
#     ]
# )
# ```
#
# Then `model.output_shape` stops with this message:
#
# > Sequential model 'sequential' has no defined output shape yet.
#
# What is the cause?
#
# {{options q2}}

# %% seqkit={"role": "answer", "question": "q2", "points": 1}
### BEGIN SOLUTION
cause = "b"
### STARTER
# cause = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q2"}
ex19.q2.check(cause)
# ex19.q2.hint()
# ex19.q2.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# `keras.ops.where(keras.ops.max(x, axis=-1, keepdims=True) > 1, keras.ops.relu(x), x)` says the same for each row, and it builds.

# %% [markdown]
# {{question q3}}
#
# A net with an early exit costs, in multiply-adds for one picture: stem 15,000, early head 5,000, the rest
# 480,000. Of 1,000 pictures 750 stop early; the others are gathered and go on. How many per cent of the work
# are **saved**, compared with a net in which all pictures pass all three parts?

# %% seqkit={"role": "answer", "question": "q3", "points": 1}
### BEGIN SOLUTION
spent = 1000 * (15_000 + 5_000) + 250 * 480_000
saved = 100 - 100 * spent // (1000 * 500_000)
### STARTER
# saved = ...  # a whole number, without the sign: 42 for 42 %
### END SOLUTION

# %% seqkit={"role": "check", "question": "q3"}
ex19.q3.check(saved)
# ex19.q3.hint()
# ex19.q3.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 20 million for the short way of all, 120 million for the long way of 250: 140 of 500 million.

# %% [markdown]
# {{question q4}}
#
# The full way names 95.0 % of the validation pictures and 94.6 % of the test pictures. With early exit:
#
# | threshold | validation | test | saved |
# |---|---|---|---|
# | 0.60 | 93.0 % | 92.9 % | 80 % |
# | 0.80 | 94.7 % | 94.9 % | 70 % |
# | 0.90 | 95.0 % | 94.5 % | 55 % |
# | 0.99 | 95.0 % | 94.6 % | 20 % |
#
# The rule is simpler here than in the lesson: the lowest threshold that loses nothing on the validation data.
# Which threshold do you take, and why?
#
# {{options q4}}

# %% seqkit={"role": "answer", "question": "q4", "points": 1}
### BEGIN SOLUTION
choice = "c"
### STARTER
# choice = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q4"}
ex19.q4.check(choice)
# ex19.q4.hint()
# ex19.q4.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# On the test data it then loses a tenth of a point. That is the honest number to report, and it was not used
# to choose. With fewer examples take the stricter rule of the lesson: 99.5 % of those that stop are right.

# %% [markdown]
# {{question q5}}
#
# Write `decide(early, late, threshold)`. `early` and `late` are arrays with the shares of both heads, one row
# for each picture. Where the largest share of the early head is at least `threshold`, take the class of the
# early head, elsewhere that of the late head. Return one class for each row.


# %% seqkit={"role": "answer", "question": "q5", "points": 2}
def decide(early, late, threshold):
    ### BEGIN SOLUTION
    sure = early.max(axis=1) >= threshold
    return np.where(sure, early.argmax(axis=1), late.argmax(axis=1))
    ### STARTER
    # return ...
    ### END SOLUTION


# %% seqkit={"role": "check", "question": "q5"}
ex19.q5.check(decide)
# ex19.q5.hint()
# ex19.q5.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# `np.where` needs both heads for every picture. To save work, hand only the rows with `~sure` to the late way.

# %% [markdown]
# ## Next
#
# Lesson 20 puts all limits side by side and chooses.
