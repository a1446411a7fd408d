# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 05: encode, count, compute, repair and forecast
#
# {{badges}}
#
# *45 minutes · needs lesson 05 · trains one small network, some seconds on a CPU*
#
# Use a pencil for the first question: running the code first spoils it. Take the `#` off
# `# ex05.q1.hint()` for a hint: there are three for each question.

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# **This is the notebook with the solutions.** Try [the exercise](../exercises/05_sequences.ipynb) first.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import keras
import numpy as np
from keras import layers

import seqkit as sk
from seqkit.exercises import ex05

sk.seed(0)

# %% seqkit={"role": "setup"} tags=["nbval-ignore-output"]
sk.device()

# %% [markdown]
# {{question q1}}
#
# How many parameters has this stack?
#
# ```python
# keras.Sequential(
#     [
#         keras.Input((None,)),
#         layers.Embedding(2000, 8, mask_zero=True),
#         layers.GRU(12, return_sequences=True),
#         layers.LSTM(6),
#         layers.Dense(1, activation="sigmoid"),
#     ]
# )
# ```

# %% seqkit={"role": "answer", "question": "q1", "points": 1}
### BEGIN SOLUTION
embedding = 2000 * 8
gru = 3 * (8 * 12 + 12 * 12 + 2 * 12)
lstm = 4 * (12 * 6 + 6 * 6 + 6)
total = embedding + gru + lstm + (6 + 1)
### STARTER
# total = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q1"}
ex05.q1.check(total)
# ex05.q1.hint()
# ex05.q1.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 16,000 + 792 + 456 + 7 = 17,255. Nearly all parameters are in the table of words. The length of a sentence does
# not occur anywhere.

# %% [markdown]
# {{question q2}}
#
# Somebody forecasts the temperature one hour ahead and reports these mean absolute errors, all on the same test
# hours:
#
# | forecast | off by, in degrees |
# |---|---|
# | as now | 1.7 |
# | as yesterday at the same hour | 2.9 |
# | LSTM with 64 units | 1.8 |
#
# Which conclusion is right?
#
# {{options q2}}

# %% seqkit={"role": "answer", "question": "q2", "points": 1}
### BEGIN SOLUTION
conclusion = "c"
### STARTER
# conclusion = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q2"}
ex05.q2.check(conclusion)
# ex05.q2.hint()
# ex05.q2.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# For one hour ahead, *as now* is the strong rival; for six hours ahead it was *as yesterday*. Work out several naive
# forecasts, and compare with the best.

# %% [markdown]
# {{question q3}}
#
# Complete `encode_row`. It gets a list of tokens, a vocabulary and a length, and gives one row of `length` whole
# numbers: the number of each token, 1 for a token that is not in the vocabulary, 0 as padding **behind** the last one.
# Of a text that is too long it keeps the first tokens.

# %% seqkit={"role": "given"}
vocabulary = {"the": 2, ".": 3, "film": 4, "dull": 5, "is": 6, "a": 7}


# %% seqkit={"role": "answer", "question": "q3", "points": 2}
### BEGIN SOLUTION
def encode_row(tokens, number, length):
    known = [number.get(token, 1) for token in tokens[:length]]
    return known + [0] * (length - len(known))


### STARTER
# def encode_row(tokens, number, length):
#     return ...
### END SOLUTION

encode_row(["a", "very", "dull", "film"], vocabulary, 6)

# %% seqkit={"role": "check", "question": "q3"}
ex05.q3.check(encode_row)
# ex05.q3.hint()
# ex05.q3.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 1 and 0 must not be mixed up. With `mask_zero=True` every 0 is left out, wherever it stands. An unknown word is still a
# word, and a text of unknown words only keeps at least one place that the mean can use.

# %% [markdown]
# {{question q4}}
#
# Write a SimpleRNN in NumPy. `states` gets one series `words` of shape (steps, inputs), and the weights: `kernel` (inputs,
# units), `recurrent` (units, units) and `bias` (units,). It gives the state after **every** step: an array of shape (steps, units), as
# `return_sequences=True` does. The state before the first step is 0.


# %% seqkit={"role": "answer", "question": "q4", "points": 2}
### BEGIN SOLUTION
def states(words, kernel, recurrent, bias):
    state, found = np.zeros(len(bias)), []
    for word in words:
        state = np.tanh(word @ kernel + state @ recurrent + bias)
        found.append(state)
    return np.array(found)


### STARTER
# def states(words, kernel, recurrent, bias):
#     return ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q4"}
ex05.q4.check(states)
# ex05.q4.hint()
# ex05.q4.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# One line carries the layer: the state on the left is used on the right in the next turn. `word @ kernel` for all words could be
# computed at once, the state could not: step 7 needs step 6. This is why recurrent layers are slow.

# %% [markdown]
# {{question q5}}
#
# This stack should read sentences of any length and give **one** probability for each. It has two faults: it does not build,
# and when that is mended, zeros behind a sentence still change the answer. Repair the list. Keep all layers and
# their units.

# %% seqkit={"role": "answer", "question": "q5", "points": 2}
### BEGIN SOLUTION
stack = [
    keras.Input((None,)),
    layers.Embedding(500, 8, mask_zero=True),
    layers.LSTM(16, return_sequences=True),
    layers.LSTM(8),
    layers.Dense(1, activation="sigmoid"),
]
### STARTER
# stack = [
#     keras.Input((None,)),
#     layers.Embedding(500, 8),
#     layers.LSTM(16),
#     layers.LSTM(8),
#     layers.Dense(1, activation="sigmoid"),
# ]
### END SOLUTION

sk.trace(stack)

# %% seqkit={"role": "check", "question": "q5"}
ex05.q5.check(stack)
# ex05.q5.hint()
# ex05.q5.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The loud fault: the second LSTM needs a series. The quiet one: without a mask the padding is read as words. The first LSTM hands the mask
# on to the second one.

# %% [markdown]
# {{question q6}}
#
# `ex05.hours()` gives windows of 24 hourly temperatures in degrees, and the temperature six hours after each. Train a
# model on them and write `forecast(x)`: windows of shape (n, 24, 1) in degrees go in, n temperatures in degrees come out.
#
# **What is a good number?** On the hours of the test *as now* is off by 3.9 degrees, *as yesterday* by 3.0. The check calls
# `forecast` on these hours, which you do not get. It must be off by less than **2.6 degrees**.

# %% seqkit={"role": "given"}
x, y = ex05.hours()
print("as now, in training:", f"{np.abs(x[:, -1, 0] - y).mean():.1f} degrees")


# %% seqkit={"role": "answer", "question": "q6", "points": 3}
### BEGIN SOLUTION
def from_now(x):
    return (x - x[:, -1:]) / 10  # tens of degrees above the last temperature


network = keras.Sequential([keras.Input((None, 1)), layers.GRU(16), layers.Dense(1)])
network.compile(optimizer=keras.optimizers.Adam(0.01), loss="mean_absolute_error")
history = network.fit(from_now(x), (y - x[:, -1, 0]) / 10, epochs=6, batch_size=64, verbose=0)


def forecast(x):
    change = keras.ops.convert_to_numpy(network(from_now(x)))[:, 0]
    return x[:, -1, 0] + 10 * change  # back to degrees


### STARTER
# def forecast(x):
#     return ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q6"}
ex05.q6.check(forecast)
# ex05.q6.hint()
# ex05.q6.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The network learns the *change*. Before any training its forecast is then near 'as now', so it starts where the naive forecast ends. A linear
# model on the same 24 numbers is off by 2.15 degrees and passes, too.

# %% [markdown]
# ## Next
#
# Lesson 06 looks at the training itself.
