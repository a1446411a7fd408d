# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 03: choose, repair and measure heads
#
# {{badges}}
#
# *35 minutes · needs lesson 03 · runs in seconds on a CPU*
#
# Use a pencil for the first question: running the code first spoils it. Take the `#` off
# `# ex03.q1.hint()` for a hint: there are three for each question.

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# **This is the notebook with the solutions.** Try
# [the exercise](../exercises/03_heads_and_losses.ipynb) first.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import keras
import numpy as np
from keras import layers

import seqkit as sk
from seqkit.exercises import ex03

sk.seed(0)

# %% seqkit={"role": "setup"} tags=["nbval-ignore-output"]
sk.device()

# %% [markdown]
# {{question q1}}
#
# A bank has 2,000 loans; 100 of them are bad. A model refuses 400 loans. 60 of the refused loans are bad,
# the other 340 are good. What is the **precision** of the model for bad loans? Write a number between 0
# and 1.

# %% seqkit={"role": "answer", "question": "q1", "points": 1}
### BEGIN SOLUTION
refused, hits = 400, 60
precision = hits / refused
### STARTER
# precision = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q1"}
ex03.q1.check(precision)
# ex03.q1.hint()
# ex03.q1.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 60/400 = 0.15. A random choice would have a precision of 100/2,000 = 0.05, so the model is three times as
# good as chance. Its recall is 60/100 = 0.6.

# %% [markdown]
# {{question q2}}
#
# The next cell trains a model for four classes, and shows the error. What is wrong?
#
# {{options q2}}

# %% seqkit={"role": "given"}
numbers = np.random.default_rng(0).normal(size=(32, 6)).astype("float32")
labels = np.eye(4, dtype="float32")[np.arange(32) % 4]

four_classes = keras.Sequential([keras.Input((6,)), layers.Dense(4, activation="softmax")])
four_classes.compile(optimizer="adam", loss="sparse_categorical_crossentropy")

# %% seqkit={"role": "given"} tags=["nbval-ignore-output"]
try:
    four_classes.fit(numbers, labels, verbose=0)
except ValueError as error:  # Keras words the message a little differently from version to version
    message = str(error)
    print(message)
sk.expect("target" in message and "output" in message, "the message names target and output")

# %% seqkit={"role": "answer", "question": "q2", "points": 1}
### BEGIN SOLUTION
reading = "a"
### STARTER
# reading = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q2"}
ex03.q2.check(reading)
# ex03.q2.hint()
# ex03.q2.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# `target` is the batch of labels, and it has four numbers for each of the 32 examples. The sparse loss wants
# one integer each. Take `categorical_crossentropy`, or `labels.argmax(axis=1)`.

# %% [markdown]
# {{question q3}}
#
# Write a function that chooses the head. `task` is one of these four texts, and `count` says how many there
# are:
#
# | task | count |
# |---|---|
# | `"number"` | numbers to predict |
# | `"yes or no"` | 1 |
# | `"one of several"` | classes; the labels are **integers** |
# | `"several yes or no"` | statements |
#
# Return three things: the units, the activation (a name in quotes, or `None` without quotes), and the **name** of
# the loss, in quotes. The loss expects probabilities (no `from_logits`).


# %% seqkit={"role": "answer", "question": "q3", "points": 2}
def choose(task, count):
    """Units, activation and loss of the last layer."""
    ### BEGIN SOLUTION
    if task == "number":
        return count, None, "mse"
    if task == "one of several":
        return count, "softmax", "sparse_categorical_crossentropy"
    return count, "sigmoid", "binary_crossentropy"
    ### STARTER
    # return ...
    ### END SOLUTION


# %% seqkit={"role": "check", "question": "q3"}
ex03.q3.check(choose)
# ex03.q3.hint()
# ex03.q3.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# Three rows are enough: one yes or no and several of them have the same head, with more units.

# %% [markdown]
# {{question q4}}
#
# A film has 30 numbers. It may be a comedy, a drama, a thriller and a musical: **several of them at once,
# or none**. The labels are rows such as `[1 1 0 0]`. This model trains, and its loss falls. Repair it:
# change what must be changed, compile it again, and keep everything else. It need not be trained.

# %% seqkit={"role": "answer", "question": "q4", "points": 2}
genres = keras.Sequential(
    [
        keras.Input((30,)),
        layers.Dense(16, activation="relu"),
        ### BEGIN SOLUTION
        layers.Dense(4, activation="sigmoid"),
        ### STARTER
        # layers.Dense(4, activation="softmax"),
        ### END SOLUTION
    ]
)
### BEGIN SOLUTION
loss = "binary_crossentropy"
### STARTER
# loss = "categorical_crossentropy"
### END SOLUTION
genres.compile(optimizer="adam", loss=loss, metrics=["binary_accuracy"])

# %% seqkit={"role": "check", "question": "q4"}
ex03.q4.check(genres)
# ex03.q4.hint()
# ex03.q4.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# Softmax lets the genres share one whole, so two of them can never both be near 1. Sigmoid and binary
# cross-entropy ask four questions. A head without activation and
# `BinaryCrossentropy(from_logits=True)` is right, too.

# %% [markdown]
# {{question q5}}
#
# `given` is a trained model for five classes with integer labels: six numbers in, then `Dense(8)` with
# relu, then `Dense(5)` with softmax. Make a model `new` that gives the **scores** in place of the shares,
# with the same weights, and compile it so that it can be trained on with the same labels.

# %% seqkit={"role": "answer", "question": "q5", "points": 3}
given = ex03.trained_model()
### BEGIN SOLUTION
new = keras.Sequential(
    [keras.Input((6,)), layers.Dense(8, activation="relu"), layers.Dense(5)],
)
new.set_weights(given.get_weights())
new.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
### STARTER
# new = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q5"}
ex03.q5.check(new)
# ex03.q5.hint()
# ex03.q5.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The activation leaves the head, and the loss is told: two changes that belong together. Whoever reads
# `new.predict` must apply softmax to get probabilities.

# %% [markdown]
# {{question q6}}
#
# `ex03.loans()` gives the loans of the lesson, scaled. The plain model below refuses hardly any of the 103
# bad loans in the test. (A loan is *refused* when its probability of being bad is above one half.)
#
# Train a model that finds **at least 57 of them**, and refuses **at most 800** of the 1,971 test loans. A
# random choice of 800 would find about 42. One unit at the end. Do not train on the test loans: then the score says nothing.


# %% seqkit={"role": "given"}
def build_linear():
    model = keras.Sequential([keras.Input((23,)), layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.Adam(0.1), loss="binary_crossentropy")
    return model


x_train, y_train, x_test, y_test = ex03.loans()
sk.seed(0)
plain = build_linear()
plain.fit(x_train, y_train, epochs=10, batch_size=512, verbose=0)
refused = plain.predict(x_test, verbose=0)[:, 0] > 0.5
sk.expect(refused[y_test == 1].sum() < 10, "the plain model finds fewer than 10 of 103")

# %% seqkit={"role": "answer", "question": "q6", "points": 2}
### BEGIN SOLUTION
count = np.bincount(y_train)
class_weight = {label: len(y_train) / (2 * count[label]) for label in (0, 1)}
sk.seed(0)
better = build_linear()
history = better.fit(
    x_train, y_train, class_weight=class_weight, epochs=10, batch_size=512, verbose=0
)
### STARTER
# better = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q6"}
ex03.q6.check(better)
# ex03.q6.hint()
# ex03.q6.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# About 600 loans are refused, and nearly nine of ten are good: that is the price. There is a way without
# new weights: add the logarithm of the ratio of the two weights, log(18) ≈ 2.9, to the bias of the plain model. That is the same as
# another threshold.

# %% [markdown]
# ## Next
#
# Lesson 04 puts convolutions under these heads.
