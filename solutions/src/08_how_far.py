# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 08: count, detect, and ask the baseline
#
# {{badges}}
#
# *35 minutes · needs lesson 08 · runs in under a minute on a CPU*
#
# Use a pencil for the first two questions. Take the `#` off `# ex08.q1.hint()` for a hint: there are three
# for each question.

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# **This is the notebook with the solutions.** Try [the exercise](../exercises/08_how_far.ipynb) first.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import keras
import numpy as np
from keras import layers

import seqkit as sk
from seqkit.exercises import ex08

sk.seed(0)

# %% seqkit={"role": "setup"} tags=["nbval-ignore-output"]
sk.device()

# %% [markdown]
# {{question q1}}
#
# A detector gets 20,000 normal rows and 50 anomalies. Its threshold is the 99 % quantile of the errors on normal
# training rows, and the new normal rows behave as those do. It finds **all** 50 anomalies. What is its precision, in
# per cent?

# %% seqkit={"role": "answer", "question": "q1", "points": 1}
### BEGIN SOLUTION
false_alarms = 20_000 // 100  # 1 % of the normal rows lie above the 99 % quantile
precision = 100 * 50 // (50 + false_alarms)
### STARTER
# precision = ...  # a whole number, in per cent
### END SOLUTION

# %% seqkit={"role": "check", "question": "q1"}
ex08.q1.check(precision)
# ex08.q1.hint()
# ex08.q1.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 200 false alarms and 50 right ones: one alarm in five is right, although no anomaly is missed. Rare things need a
# threshold that lets very few normal rows through.

# %% [markdown]
# {{question q2}}
#
# Somebody builds VGG16 for photographs of **96 × 96** instead of 224 × 224. How many parameters does its *first Dense
# layer* have, the one of 4,096 units behind `Flatten`? (Five poolings halve the sides; the last convolutions have 512
# filters.)

# %% seqkit={"role": "answer", "question": "q2", "points": 1}
### BEGIN SOLUTION
side = 96 // 2**5
inputs = side * side * 512
parameters = inputs * 4096 + 4096
### STARTER
# parameters = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q2"}
ex08.q2.check(parameters)
# ex08.q2.hint()
# ex08.q2.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 3 · 3 · 512 = 4,608 inputs, 18,878,464 parameters: less than a fifth of the 102,764,544 in the lesson. The
# convolutions do not change at all, because their windows do not know how large the picture is.

# %% [markdown]
# {{question q3}}
#
# Noise was added to the digits of the lesson, and four methods were to take it out again. The mean squared error of
# a pixel on the 1,000 test pictures:
#
# | method | error |
# |---|---|
# | nothing: the noisy picture | 0.080 |
# | median of each 3 × 3 window, no training | 0.025 |
# | one linear map from 784 to 784 pixels, least squares on 4,000 pictures | 0.018 |
# | autoencoder 784 → 256 → 32 → 256 → 784, ten epochs on the same pictures, two seeds | 0.021 and 0.021 |
#
# Which conclusion do these numbers allow, for this noise and these pictures?
#
# {{options q3}}

# %% seqkit={"role": "answer", "question": "q3", "points": 1}
### BEGIN SOLUTION
conclusion = "b"
### STARTER
# conclusion = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q3"}
ex08.q3.check(conclusion)
# ex08.q3.hint()
# ex08.q3.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The table is real. The narrow code loses detail that a linear map of 784 × 784 can keep. With convolutions, or
# more pictures, the answer may be another one. You would have to measure it, beside the same baseline.

# %% [markdown]
# {{question q4}}
#
# Build an autoencoder for the digits, as one chain of Keras' own layers:
#
# - input: pictures of (28, 28, 1), pixels from 0 to 1;
# - a code of exactly **24** numbers, and no layer gives fewer than 24 numbers;
# - output: a picture of (28, 28, 1), and every pixel lies between 0 and 1, whatever the weights are;
# - at most 120,000 parameters.
#
# You need not train it.

# %% seqkit={"role": "answer", "question": "q4", "points": 2}
### BEGIN SOLUTION
autoencoder = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Flatten(),
        layers.Dense(64, activation="relu"),
        layers.Dense(24, name="code"),
        layers.Dense(64, activation="relu"),
        layers.Dense(784, activation="sigmoid"),
        layers.Reshape((28, 28, 1)),
    ]
)
### STARTER
# autoencoder = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q4"}
ex08.q4.check(autoencoder)
# ex08.q4.hint()
# ex08.q4.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# `sigmoid` ends between 0 and 1. relu has no upper end, softmax makes all pixels of a picture sum to 1. To know what it
# is worth, train it and compare its error with PCA of size 24.

# %% [markdown]
# {{question q5}}
#
# Write a function that says for each new row whether it is an alarm: `True` where its error lies above the threshold.
# The threshold is chosen so that the share `share` of the training errors lies above it (0.01 means 1 %). For example,
# with share 0.1 and the training errors 0, 1, …, 100 the threshold is 90.
# Ordinary NumPy arrays come in; `np.quantile` helps.


# %% seqkit={"role": "answer", "question": "q5", "points": 2}
def alarms(train_errors, new_errors, share):
    """One truth value for each new row."""
    ### BEGIN SOLUTION
    threshold = np.quantile(train_errors, 1 - share)
    return new_errors > threshold
    ### STARTER
    # return ...
    ### END SOLUTION


# %% seqkit={"role": "check", "question": "q5"}
ex08.q5.check(alarms)
# ex08.q5.hint()
# ex08.q5.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# With a quantile of `new_errors`, one row in a hundred would be an alarm on every day, with or without anomalies.

# %% [markdown]
# {{question q6}}
#
# The next cell trains the linear baseline on the digits: it names about nine in ten. Climb one step: train a network
# that names **93 %** of the test digits, with at most **60,000 parameters**. Do not train on the test digits: then the
# score says nothing. The check cannot see what you trained on.

# %% seqkit={"role": "given"}
digits = sk.data.load("mnist")
pictures, test_pictures = digits.x_train[..., None] / 255, digits.x_test[..., None] / 255

sk.seed(0)
linear = keras.Sequential(
    [keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10, activation="softmax")]
)
linear.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
linear.fit(pictures, digits.y_train, epochs=3, verbose=0)
loss, accuracy = linear.evaluate(test_pictures, digits.y_test, batch_size=500, verbose=0)
sk.expect(0.84 < accuracy < 0.92, "the linear model: more than 84 %, less than 92 %")

# %% seqkit={"role": "answer", "question": "q6", "points": 2}
### BEGIN SOLUTION
sk.seed(0)
better = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(16, 3, strides=2, activation="relu"),
        layers.Conv2D(32, 3, strides=2, activation="relu"),
        layers.Flatten(),
        layers.Dense(32, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)
better.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
history = better.fit(pictures, digits.y_train, batch_size=64, epochs=5, verbose=0)
### STARTER
# better = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q6"}
ex08.q6.check(better)
# ex08.q6.hint()
# ex08.q6.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 42,026 parameters. The convolutions use the same small window at every place, so they need few weights, and they see
# which pixels are neighbours. A linear model knows nothing of that. Here the step was worth it; for the shuttle, with
# the scaling of the lesson, it was not.

# %% [markdown]
# ## Next
#
# Lesson 09 is a clinic: stacks that are broken, loud or silent, and how to find out.
