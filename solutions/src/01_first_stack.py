# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 01: build, read and repair a first stack
#
# {{badges}}
#
# *35 minutes · needs lesson 01 · runs in under a minute on a CPU*
#
# Each question has a cell for your answer and a cell that checks it. The check tells you at once
# whether the answer is correct, and if not, why. Take the `#` off `# ex01.q1.hint()` for a hint:
# there are three for each question.

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# **This is the notebook with the solutions.** Try [the exercise](../exercises/01_first_stack.ipynb) first.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import keras
import numpy as np
from keras import layers

import seqkit as sk
from seqkit.exercises import ex01

sk.seed(0)

# %% seqkit={"role": "setup"} tags=["nbval-ignore-output"]
sk.device()

# %% [markdown]
# {{question q1}}
#
# In the lesson, 784 pixels went to 32 hidden units and then to 10 classes. Now the hidden layer
# has **64** units: 784 → 64 → 10. How many parameters does this network have? Work it out before
# you build anything.

# %% seqkit={"role": "answer", "question": "q1", "points": 1}
### BEGIN SOLUTION
first = 784 * 64 + 64  # weights, and one bias for each unit
second = 64 * 10 + 10
parameters = first + second
### STARTER
# parameters = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q1"}
ex01.q1.check(parameters)
# ex01.q1.hint()
# ex01.q1.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The first layer has 784 · 64 = 50,176 weights and 64 biases. The second has 64 · 10 = 640 weights
# and 10 biases. Together: 50,240 + 650 = 50,890. Twice as many hidden units as in the lesson give
# 2.0 times the 25,450 parameters, because nearly all of them lie in the first layer.

# %% [markdown]
# {{question q2}}
#
# Build this network and compile it:
#
# - input: rows of 784 numbers;
# - two hidden layers of 128 and 64 units, with the activation `relu`;
# - ten outputs with the activation `softmax`;
# - the optimizer `adam`, and a loss that takes the labels as they are: **numbers from 0 to 9**.
#
# Write it as a list or with `add()`, as you like. Names of layers do not matter.

# %% seqkit={"role": "answer", "question": "q2", "points": 2}
### BEGIN SOLUTION
model = keras.Sequential(
    [
        keras.Input((784,)),
        layers.Dense(128, activation="relu"),
        layers.Dense(64, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile(
    optimizer="adam",
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
### STARTER
# model = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q2"}
ex01.q2.check(model)
# ex01.q2.hint()
# ex01.q2.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 784·128 + 128 = 100,480, then 128·64 + 64 = 8,256, then 64·10 + 10 = 650: together 109,386.
# With `categorical_crossentropy` the same network would need one-hot labels.

# %% [markdown]
# {{question q3}}
#
# The pictures of Fashion-MNIST come as 28 × 28 pixels. This stack takes them without a complaint,
# and yet it is wrong: one picture must give ten numbers, and the hidden layer must see all 784
# pixels of a picture at once. Repair the list: add one layer and change nothing else.

# %% seqkit={"role": "answer", "question": "q3", "points": 2}
### BEGIN SOLUTION
stack = [
    keras.Input((28, 28)),
    layers.Flatten(),
    layers.Dense(32, activation="relu"),
    layers.Dense(10, activation="softmax"),
]
### STARTER
# stack = [
#     keras.Input((28, 28)),
#     layers.Dense(32, activation="relu"),
#     layers.Dense(10, activation="softmax"),
# ]
### END SOLUTION

sk.trace(stack)

# %% seqkit={"role": "check", "question": "q3"}
ex01.q3.check(stack)
# ex01.q3.hint()
# ex01.q3.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# `Dense` works on the last axis alone. Without `Flatten` it treats each of the 28 rows as an example
# of 28 numbers, and the output is (None, 28, 10). `Flatten` makes 28 · 28 = 784 numbers of a
# picture. The parameter count shows the difference: 784·32 + 32 instead of 28·32 + 32 in the first
# Dense layer.

# %% [markdown]
# {{question q4}}
#
# The next cell trains the network of the lesson with a loss that does not fit its labels, and shows
# the error. What does the message say?
#
# {{options q4}}

# %% seqkit={"role": "given"}
fashion = sk.data.load("fashion")
pictures = fashion.x_train / 255  # 12,000 pictures of 28 × 28 pixels, now from 0 to 1
labels = fashion.y_train  # numbers from 0 to 9

wrong_loss = keras.Sequential(
    [
        keras.Input((28, 28)),
        layers.Flatten(),
        layers.Dense(32, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)
wrong_loss.compile(optimizer="adam", loss="categorical_crossentropy")

# %% seqkit={"role": "given"} tags=["nbval-ignore-output"]
try:
    wrong_loss.fit(pictures, labels, verbose=0)
except ValueError as error:  # Keras words the message a little differently from version to version
    message = str(error)
    print(message)
sk.expect("target" in message and "output" in message, "the message names target and output")

# %% seqkit={"role": "answer", "question": "q4", "points": 1}
### BEGIN SOLUTION
reading = "b"
### STARTER
# reading = ...  # one letter in quotes, as in "a"
### END SOLUTION

# %% seqkit={"role": "check", "question": "q4"}
ex01.q4.check(reading)
# ex01.q4.hint()
# ex01.q4.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# `target` is the batch of labels: its shape has one axis, the pictures of the batch. `output` has a
# second axis, the ten classes. `categorical_crossentropy` compares two rows of ten numbers;
# `sparse_categorical_crossentropy` takes the number of the right class instead.

# %% [markdown]
# {{question q5}}
#
# A network gives one score for each class, softmax turns the scores into probabilities, and the loss
# is the **mean** cross-entropy of the batch. Write a function that returns the gradient of this loss
# with respect to the scores: for each score one number, which says how the loss changes when this
# score grows. `probabilities` has the shape (examples, classes); `labels` holds the right class of
# each example as a whole number. Write it for **any number of classes**: `probabilities.shape[1]`
# tells how many.


# %% seqkit={"role": "answer", "question": "q5", "points": 2}
def score_gradient(probabilities, labels):
    """The gradient of the mean cross-entropy with respect to the scores."""
    ### BEGIN SOLUTION
    one_hot = np.eye(probabilities.shape[1])[labels]
    return (probabilities - one_hot) / len(labels)
    ### STARTER
    # return ...
    ### END SOLUTION


# %% seqkit={"role": "check", "question": "q5"}
ex01.q5.check(score_gradient)
# ex01.q5.hint()
# ex01.q5.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# For the right class the gradient is p − 1, which is negative: a higher score lowers the loss. For
# all other classes it is p. Each row sums to 0. The mean over n examples divides everything by n.

# %% [markdown]
# {{question q6}}
#
# What is a good score? In section 5 of the lesson, a linear model, without any hidden unit, named more
# than 80 % of these test pictures. That is the **baseline**: a network with a hidden layer that stays
# below it is worth nothing.
#
# The next cell trains the network of the lesson for two epochs, and compares it with the baseline.
# Find out why it stays below, and train a better one of the same size, 784 → 32 → 10. It must reach
# the baseline: **80 % of the test pictures**. Do not train on the test pictures: then the score says
# nothing. The check prepares the test pictures as the lesson does, and also takes them as they come;
# the better score counts.


# %% seqkit={"role": "given"}
def build_stack():
    stack = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    stack.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return stack


sk.seed(0)
given = build_stack()
history = given.fit(fashion.x_train, fashion.y_train, epochs=2, verbose=0)
loss, accuracy = given.evaluate(fashion.x_test, fashion.y_test, verbose=0)
baseline = 0.80  # the linear model of the lesson
sk.expect(accuracy < baseline - 0.05, "the given model is more than 5 points below the baseline")

# %% seqkit={"role": "answer", "question": "q6", "points": 2}
### BEGIN SOLUTION
sk.seed(0)
better = build_stack()
history = better.fit(fashion.x_train / 255, fashion.y_train, epochs=3, verbose=0)
### STARTER
# better = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q6"}
ex01.q6.check(better)
# ex01.q6.hint()
# ex01.q6.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The pixels went in as numbers from 0 to 255. New weights are made for inputs of about the size of
# 1: with larger ones the scores are huge, softmax is sure from the start, and the first steps go
# wrong. Divided by 255, the same network reaches the baseline in three epochs. 'Far better than
# guessing' would have hidden the fault; the comparison with the linear model showed it.

# %% [markdown]
# ## Next
#
# Lesson 02 shows where each of these shapes and counts comes from.
