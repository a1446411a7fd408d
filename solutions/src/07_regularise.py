# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 07: judge, repair and choose regularisation
#
# {{badges}}
#
# *35 minutes · needs lesson 07 · runs in under a minute on a CPU*
#
# Use a pencil for the first question. Take the `#` off `# ex07.q1.hint()` for a hint: there are three for each
# question.

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# **This is the notebook with the solutions.** Try [the exercise](../exercises/07_regularise.ipynb) first.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import keras
import numpy as np
from keras import layers

import seqkit as sk
from seqkit.exercises import ex07

sk.seed(0)

# %% seqkit={"role": "setup"} tags=["nbval-ignore-output"]
sk.device()

# %% [markdown]
# {{question q1}}
#
# A layer is `Dense(2, kernel_regularizer=keras.regularizers.L1L2(l1=0.01, l2=0.1))`. Its kernel, the matrix of
# weights, is
#
# | 2 | −1 |
# |---|---|
# | **0** | **0.5** |
#
# and its biases are 3 and 4. What does the penalty add to the loss?

# %% seqkit={"role": "answer", "question": "q1", "points": 1}
### BEGIN SOLUTION
kernel = np.array([[2, -1], [0, 0.5]])
penalty = 0.01 * np.abs(kernel).sum() + 0.1 * (kernel**2).sum()
### STARTER
# penalty = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q1"}
ex07.q1.check(penalty)
# ex07.q1.hint()
# ex07.q1.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 0.01 · 3.5 = 0.035 and 0.1 · 5.25 = 0.525, together 0.56. The biases are left alone: they would need a
# `bias_regularizer`, which is rarely used.

# %% [markdown]
# {{question q2}}
#
# A network was trained without and with a trick. Each seed drew other training pictures, the same ones for both. Test
# accuracy in per cent:
#
# | seed | without | with |
# |---|---|---|
# | 0 | 75 | 77 |
# | 1 | 68 | 70 |
# | 2 | 73 | 74 |
# | 3 | 78 | 80 |
# | 4 | 71 | 73 |
#
# What do these runs say?
#
# {{options q2}}

# %% seqkit={"role": "answer", "question": "q2", "points": 1}
### BEGIN SOLUTION
judgement = "b"
### STARTER
# judgement = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q2"}
ex07.q2.check(judgement)
# ex07.q2.hint()
# ex07.q2.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# Two error bars that overlap do not yet mean 'no effect', where the same seeds stand behind both. The differences do
# not have the noise that both networks share.

# %% [markdown]
# {{question q3}}
#
# This stack builds and trains, and its training loss stays very high. Repair it: half of the **hidden numbers** shall be dropped in
# training. Move one layer and change nothing else.

# %% seqkit={"role": "answer", "question": "q3", "points": 2}
### BEGIN SOLUTION
stack = [
    keras.Input((784,)),
    layers.Dense(64, activation="relu"),
    layers.Dropout(0.5),
    layers.Dense(10, activation="softmax"),
]
### STARTER
# stack = [
#     keras.Input((784,)),
#     layers.Dense(64, activation="relu"),
#     layers.Dense(10, activation="softmax"),
#     layers.Dropout(0.5),
# ]
### END SOLUTION

# %% seqkit={"role": "check", "question": "q3"}
ex07.q3.check(stack)
# ex07.q3.hint()
# ex07.q3.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# Behind the softmax, Dropout sets the share of the right class to zero in half of all cases, and the loss of a share of
# zero is huge. `relu` and `Dropout` may change places: a number that is set to zero or made larger keeps its sign.

# %% [markdown]
# {{question q4}}
#
# Write what `BatchNormalization(center=False, scale=False)` computes. `x` has one row for each example and one column for
# each unit; `mean` and `variance` are the stored numbers of each unit. Add 0.001 to a variance before you take its root.


# %% seqkit={"role": "answer", "question": "q4", "points": 2}
def normalised(x, mean, variance, training):
    """Batch normalisation without scale and shift, in both modes."""
    ### BEGIN SOLUTION
    if training:
        mean, variance = x.mean(axis=0), x.var(axis=0)
    return (x - mean) / np.sqrt(variance + 0.001)
    ### STARTER
    # return ...
    ### END SOLUTION


# %% seqkit={"role": "check", "question": "q4"}
ex07.q4.check(normalised)
# ex07.q4.hint()
# ex07.q4.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# `var` divides by the number of examples, as Keras does here. In inference nothing is taken from the batch, so an
# example gets the same answer alone as in company.

# %% [markdown]
# {{question q5}}
#
# `outputs` is what a layer with `relu` gives: one row for each example, one column for each unit. Return the **number**
# of dead units.


# %% seqkit={"role": "answer", "question": "q5", "points": 2}
def dead_units(outputs):
    """How many units give 0 for every example."""
    ### BEGIN SOLUTION
    return int((outputs == 0).all(axis=0).sum())
    ### STARTER
    # return ...
    ### END SOLUTION


# %% seqkit={"role": "check", "question": "q5"}
ex07.q5.check(dead_units)
# ex07.q5.hint()
# ex07.q5.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# `all(axis=0)` goes down each column. A unit that is on for a single example is alive: there its slope is 1, and a
# gradient arrives.

# %% [markdown]
# {{question q6}}
#
# Six hidden layers of sigmoid are trained on 2,000 pictures of clothes, and guess. Train a network that names **60 % of the
# test pictures**, which a linear model passes easily. Keep the six hidden Dense layers of 32 units. The check prepares the
# test pictures as the given cell does, with pixels from 0 to 1.


# %% seqkit={"role": "given"}
def build_deep(activation):
    hidden = [layers.Dense(32, activation=activation) for _ in range(6)]
    model = keras.Sequential([keras.Input((784,)), *hidden, layers.Dense(10, activation="softmax")])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


fashion = sk.data.load("fashion")
x, y = fashion.x_train[:2000].reshape(-1, 784) / 255, fashion.y_train[:2000]
x_test, y_test = fashion.x_test.reshape(-1, 784) / 255, fashion.y_test

sk.seed(0)
given = build_deep("sigmoid")
history = given.fit(x, y, batch_size=50, epochs=2, verbose=0)
loss, accuracy = given.evaluate(x_test, y_test, batch_size=500, verbose=0)
sk.expect(accuracy < 0.35, "six layers of sigmoid: under 35 % of the test pictures")

# %% seqkit={"role": "answer", "question": "q6", "points": 2}
### BEGIN SOLUTION
sk.seed(0)
better = build_deep("relu")
history = better.fit(x, y, batch_size=50, epochs=8, verbose=0)
### STARTER
# better = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q6"}
ex07.q6.check(better)
# ex07.q6.hint()
# ex07.q6.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# One word was changed. `tanh` and `elu` pass as well, and so do sigmoids with a `BatchNormalization` behind each of them. Whether six layers are *needed* is another question: lesson 07
# measured that here they are not.

# %% [markdown]
# ## Next
#
# Lesson 08 shows how far a plain stack can go.
