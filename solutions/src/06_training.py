# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 06: predict a callback, read a history, resume a training
#
# {{badges}}
#
# *30 minutes · needs lesson 06 · trains a few small networks, some seconds on a CPU*
#
# Use a pencil for questions 1 and 3: running the code first spoils them. Take the `#` off
# `# ex06.q1.hint()` for a hint: there are three for each question.

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# **This is the notebook with the solutions.** Try
# [the exercise](../exercises/06_training.ipynb) first.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import keras
from keras import layers

import seqkit as sk
from seqkit.exercises import ex06

sk.seed(0)

# %% seqkit={"role": "setup"} tags=["nbval-ignore-output"]
sk.device()

# %% [markdown]
# {{question q1}}
#
# Somebody trains in `bfloat16` alone, not in mixed precision. A weight is 1. Ten times the optimizer adds 0.005 to
# it, and each time the result is rounded to the nearest number of `bfloat16`. From 1 to 2 these numbers are 1/128 = 0.0078125
# apart. What is the weight after the ten steps?

# %% seqkit={"role": "answer", "question": "q1", "points": 1}
### BEGIN SOLUTION
weight = 1 + 10 / 128
### STARTER
# weight = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q1"}
ex06.q1.check(weight)
# ex06.q1.hint()
# ex06.q1.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# Each step of 0.005 becomes a step of 1/128, more than half as long again. A step of 0.003, as in the lesson, becomes 0. That is why mixed
# precision keeps the weights in 32 bits.

# %% [markdown]
# {{question q2}}
#
# | epoch | 1 | 5 | 10 | 20 |
# |---|---|---|---|---|
# | training loss | 1.10 | 0.50 | 0.30 | 0.10 |
# | validation loss | 1.00 | 0.62 | 0.66 | 0.95 |
#
# What do you read?
#
# {{options q2}}

# %% seqkit={"role": "answer", "question": "q2", "points": 1}
### BEGIN SOLUTION
reading = "d"
### STARTER
# reading = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q2"}
ex06.q2.check(reading)
# ex06.q2.hint()
# ex06.q2.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The first row alone looks like a success. The second row says that the success is not of use for new pictures.

# %% [markdown]
# {{question q3}}
#
# Another training, with `ReduceLROnPlateau(factor=0.5, patience=2)`. The learning rate begins at 0.1.
#
# | epoch | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
# |---|---|---|---|---|---|---|---|---|---|---|
# | loss | 0.80 | 0.60 | 0.50 | 0.52 | 0.55 | 0.49 | 0.50 | 0.51 | 0.53 | 0.50 |
#
# What is the learning rate after the tenth epoch has ended?

# %% seqkit={"role": "answer", "question": "q3", "points": 1}
### BEGIN SOLUTION
rate = 0.1 / 2 / 2 / 2
### STARTER
# rate = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q3"}
ex06.q3.check(rate)
# ex06.q3.hint()
# ex06.q3.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The count reaches 2 after epochs 5, 8 and 10. After a reduction the count begins again, but the best loss stays:
# 0.50 in epoch 10 is better than in epoch 9, and still not below 0.49.

# %% [markdown]
# {{question q4}}
#
# Write what `EarlyStopping` does. Your function gets the losses of all epochs and the patience. Return two whole
# numbers: the epochs that are run, and the best epoch among those, both counted from 1. If the count never
# reaches the patience, all epochs are run.


# %% seqkit={"role": "answer", "question": "q4", "points": 2}
def early_stop(val_losses, patience):
    """How many epochs are run, and which of them was the best."""
    ### BEGIN SOLUTION
    best, best_epoch = float("inf"), 0
    for epoch, loss in enumerate(val_losses, start=1):
        if loss < best:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch == patience:
            return epoch, best_epoch
    return len(val_losses), best_epoch
    ### STARTER
    # return ...
    ### END SOLUTION


# %% seqkit={"role": "check", "question": "q4"}
ex06.q4.check(early_stop)
# ex06.q4.hint()
# ex06.q4.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# No count is needed: it is the number of epochs since the best one.

# %% [markdown]
# {{question q5}}
#
# A training of 6 epochs was interrupted after 3 of them. `ex06.half_way()` is the file that
# `model.save` wrote then. The batches had 32 examples and were not shuffled.
#
# The program below resumes it, and the weights are not what they would be after 6 epochs in one go. Repair
# it: there are two faults.

# %% seqkit={"role": "answer", "question": "q5", "points": 3}
x, y = ex06.signals()
### BEGIN SOLUTION
resumed = keras.saving.load_model(ex06.half_way())
history = resumed.fit(x, y, initial_epoch=3, epochs=6, batch_size=32, shuffle=False, verbose=0)
### STARTER
# resumed = ...  # keras.saving.load_model(ex06.half_way())
# # resumed.compile(keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy")
# # history = resumed.fit(x, y, epochs=6, batch_size=32, shuffle=False, verbose=0)
### END SOLUTION

# %% seqkit={"role": "check", "question": "q5"}
ex06.q5.check(resumed)
# ex06.q5.hint()
# ex06.q5.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# `compile` made a new optimizer: 24 steps and the running means of Adam were forgotten. And with `epochs=6` alone, `fit` begins
# at epoch 0 and trains six more.

# %% [markdown]
# {{question q6}}
#
# This network learns nothing. Build and train one that takes the **raw** pixels, from 0 to 255, and has a loss of at
# most **1.1** on the validation pictures. A blind guess has 2.3. Five epochs are enough.


# %% seqkit={"role": "given"}
def compiled(stack):
    model = keras.Sequential(stack)
    model.compile(keras.optimizers.SGD(0.1), loss="sparse_categorical_crossentropy")
    return model


def top():
    return [layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")]


x_train, y_train, x_val, y_val = ex06.pictures()
stuck = compiled([keras.Input((784,)), *top()])
stuck.fit(x_train, y_train, epochs=5, batch_size=64, verbose=0)
loss = stuck.evaluate(x_val, y_val, batch_size=500, verbose=0)
sk.expect(loss > 2, "its loss is above 2: about that of a blind guess, or more")

# %% seqkit={"role": "answer", "question": "q6", "points": 2}
### BEGIN SOLUTION
better = compiled([keras.Input((784,)), layers.Rescaling(1 / 255), *top()])
history = better.fit(x_train, y_train, epochs=5, batch_size=64, verbose=0)
### STARTER
# better = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q6"}
ex06.q6.check(better)
# ex06.q6.hint()
# ex06.q6.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# `Rescaling` has no parameters, and it travels with the model into the file. Each call of `top()`
# makes new layers. The layers of `stuck` would bring its weights along, and these do not recover.

# %% [markdown]
# ## Next
#
# Lesson 07 works against overfitting.
