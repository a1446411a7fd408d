# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 18: joins, shifts, and a repair
#
# {{badges}}
#
# *30 minutes · needs lesson 18 · runs in seconds on a CPU*
#
# Use a pencil for the first two questions: running the code first spoils them. Take the `#` off
# `# ex18.q1.hint()` for a hint: there are three for each question.

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# **This is the notebook with the solutions.** Try [the exercise](../exercises/18_encoder_decoder.ipynb) first.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import keras
import numpy as np
from keras import layers

import seqkit as sk
from seqkit.exercises import ex18

sk.seed(0)

# %% seqkit={"role": "setup"} tags=["nbval-ignore-output"]
sk.device()

# %% [markdown]
# {{question q1}}
#
# On the way up of a U-Net, `UpSampling2D(2)` gets (None, 16, 16, 48). Its result is joined by
# `Concatenate()` with the map of the way down, (None, 32, 32, 24). Which shape comes out? Write it as a tuple,
# batch axis first.

# %% seqkit={"role": "answer", "question": "q1", "points": 1}
### BEGIN SOLUTION
shape = (None, 2 * 16, 2 * 16, 48 + 24)
### STARTER
# shape = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q1"}
ex18.q1.check(shape)
# ex18.q1.hint()
# ex18.q1.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# `UpSampling2D` repeats pixels: it doubles the sides and keeps the channels.

# %% [markdown]
# {{question q2}}
#
# Behind the join of question 1 stands `Conv2D(24, 3, padding="same")`. How many parameters **more** does this
# layer have than if the skip were left out?

# %% seqkit={"role": "answer", "question": "q2", "points": 1}
### BEGIN SOLUTION
with_skip = 3 * 3 * (48 + 24) * 24 + 24
without = 3 * 3 * 48 * 24 + 24
more = with_skip - without
### STARTER
# more = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q2"}
ex18.q2.check(more)
# ex18.q2.hint()
# ex18.q2.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The join itself has no parameters. It makes the next layer wider, so a fair comparison gives the net
# without skips more filters.

# %% [markdown]
# {{question q3}}
#
# This list does not build:
#
# ```python
# keras.Sequential(
#     [
#         keras.Input((20, 8)),
#         layers.GRU(32, return_sequences=True, return_state=True),
#         layers.GRU(64, return_sequences=True),
#     ]
# )
# ```
#
# Keras says (shortened): *Layer "gru_1" expects 1 input(s), but it received 2 input tensors. Inputs received:
# shape=(None, 20, 32), shape=(None, 32)*. What is wrong?
#
# {{options q3}}

# %% seqkit={"role": "answer", "question": "q3", "points": 1}
### BEGIN SOLUTION
reading = "b"
### STARTER
# reading = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q3"}
ex18.q3.check(reading)
# ex18.q3.hint()
# ex18.q3.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# With the Functional API: `x, state = layers.GRU(...)(x)`, and the decoder gets `initial_state=state`. Then the
# units must be equal, too.

# %% [markdown]
# {{question q4}}
#
# `answers` is an array of sign numbers, one row for each answer; 0 is the start sign `^` and never occurs in
# an answer. Write `shift(answers)`: what the decoder reads while it is trained with teacher forcing. The shape
# stays. For [[5, 2, 7]] it gives [[0, 5, 2]].


# %% seqkit={"role": "answer", "question": "q4", "points": 2}
def shift(answers):
    ### BEGIN SOLUTION
    return np.pad(answers, ((0, 0), (1, 0)))[:, :-1]
    ### STARTER
    # return ...
    ### END SOLUTION


# %% seqkit={"role": "check", "question": "q4"}
ex18.q4.check(shift)
# ex18.q4.hint()
# ex18.q4.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# An answer that is not shifted gives a loss near zero and nonsense when the decoder is used: it has learned to
# copy what it reads.

# %% [markdown]
# {{question q5}}
#
# The model below goes down and comes up again, but its skip is missing. Put it right: join the map behind the
# **first** convolution with the result of `UpSampling2D`, by `Concatenate`. Keep all layers and their filters. Use the
# Functional API and Keras' own layers; call the model `model`.

# %% seqkit={"role": "answer", "question": "q5", "points": 3}
### BEGIN SOLUTION
inputs = keras.Input((32, 32, 1))
fine = layers.Conv2D(8, 3, padding="same", activation="relu")(inputs)
x = layers.MaxPooling2D(2)(fine)
x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
x = layers.UpSampling2D(2)(x)
x = layers.Concatenate()([x, fine])
x = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
outputs = layers.Conv2D(1, 1, activation="sigmoid")(x)
model = keras.Model(inputs, outputs)
### STARTER
# model = keras.Sequential(
#     [
#         keras.Input((32, 32, 1)),
#         layers.Conv2D(8, 3, padding="same", activation="relu"),
#         layers.MaxPooling2D(2),
#         layers.Conv2D(16, 3, padding="same", activation="relu"),
#         layers.UpSampling2D(2),
#         layers.Conv2D(8, 3, padding="same", activation="relu"),
#         layers.Conv2D(1, 1, activation="sigmoid"),
#     ]
# )
### END SOLUTION

sk.trace(model)

# %% seqkit={"role": "check", "question": "q5"}
ex18.q5.check(model)
# ex18.q5.hint()
# ex18.q5.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The column *from* of the trace shows two rows for `Concatenate`. The check sends a checkerboard through your
# model: without the skip its middle is one grey.

# %% [markdown]
# ## Next
#
# Lesson 19: networks that decide while they run.
