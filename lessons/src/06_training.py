# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 06 · Train with care
#
# A good network can be trained badly. This lesson is about everything around `fit`: the size of the inputs, the
# size of the steps, when to stop, what to save, and what to do when the power fails.
#
# {{badges}}
#
# *80 minutes · needs lessons 01 and 03 · trains small networks again and again, about a minute on a CPU*

# %% [markdown]
# ## You will be able to
#
# - scale the inputs, and say why the scale matters;
# - find a learning rate with a range test, and read a history;
# - predict what EarlyStopping and ReduceLROnPlateau do with a list of losses;
# - save the best model, interrupt a training, and resume it without losing anything;
# - watch a training while it runs, and say what a GPU, several GPUs and mixed precision change.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

import seqkit as sk

sk.seed(0)
sk.device()

# %% [markdown]
# ## 1. Inputs of size one
#
# The clothes of lesson 01. The last 1,000 training pictures are set aside: they are the **validation** set. All
# choices of this lesson are made with it. The test set stays closed until the end, because a set that you choose
# by is no longer a fair judge.

# %%
fashion = sk.data.load("fashion")
pixels, labels = fashion.x_train.reshape(-1, 784).astype("float32"), fashion.y_train
n = sk.budget(quick=3_000, full=11_000)
x_train, y_train = pixels[:n] / 255, labels[:n]
x_val, y_val = pixels[-1_000:] / 255, labels[-1_000:]
print(x_train.shape, x_val.shape)

# %% [markdown]
# Pixels go from 0 to 255. Lesson 01 divided them by 255 without saying why. Here is why. In a `Dense` layer, the
# gradient of a weight is *the input, times the gradient that arrives from behind* (lesson 01 wrote it as
# `x.T @ d_hidden`, and one layer on as `hidden.T @ d_scores`).
#
# Take a linear model whose weights are all zero. Let it take one step of SGD on raw pixels, and the same step on
# pixels divided by 255. Its first answers are the same, 0.1 for each class, so the gradients from behind are equal.

# %%
mine = ...  # how many times as long is the step with raw pixels? A whole number


# %%
def first_step(x):
    model = keras.Sequential(
        [keras.Input((784,)), layers.Dense(10, activation="softmax", kernel_initializer="zeros")]
    )
    model.compile(keras.optimizers.SGD(1.0), loss="sparse_categorical_crossentropy")
    model.train_on_batch(x, y_train[:64])
    return np.linalg.norm(model.get_weights()[0])  # the length of the step from zero


sk.guess(mine, round(first_step(x_train[:64] * 255) / first_step(x_train[:64])))

# %% [markdown]
# A step that is 255 times as long needs a learning rate that is much smaller, and the biases, whose input is always 1,
# would then hardly move. With inputs near 1, one learning rate is right for weights and biases.
#
# Now a network with a hidden layer, five epochs, `SGD(0.1)`. To save time we compile **one** model, and put it back to
# its first weights before each training. That is allowed here because plain SGD keeps no memory of earlier steps. Adam does
# (section 7): it would need a new `compile` each time.


# %%
def network(*inside, units=64):
    return keras.Sequential(
        [
            keras.Input((784,)),
            layers.Dense(units, activation="relu"),
            *inside,
            layers.Dense(10, activation="softmax"),
        ]
    )


model = network()
model.compile(
    keras.optimizers.SGD(0.1), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
first_weights = model.get_weights()


# %%
def train(x, y, rate, epochs=5, scale=1, callbacks=()):
    """Train the one model anew; return its history."""
    sk.seed(0)
    model.set_weights(first_weights)
    model.optimizer.learning_rate = rate
    return model.fit(
        x * scale, y, epochs=epochs, batch_size=64, verbose=0, callbacks=list(callbacks),
        validation_data=(x_val * scale, y_val), validation_batch_size=500,
    )  # fmt: skip


# %% [markdown]
# **What is a good number?** Chance is 10 %; the linear model of lesson 01 reached 84 % with all pictures and more epochs. With 3,000
# pictures and five epochs, 70 % is a good start.

# %%
mine = ...  # does the training with raw pixels get above 50 %? True or False

# %% seqkit={"headline": "validation accuracy, {len(x_train)} pictures: {scaled:.1%}"}
histories = {0.1: train(x_train, y_train, rate=0.1).history}
scaled = histories[0.1]["val_accuracy"][-1]
raw = train(x_train, y_train, rate=0.1, scale=255).history
sk.expect(scaled > 0.65, "divided by 255: above 65 %")
sk.expect(min(raw["loss"]) > 2.2, "raw: the training loss is never below 2.2, a blind guess")
sk.guess(mine, bool(raw["val_accuracy"][-1] > 0.5))

# %% [markdown]
# With raw pixels the mean loss of the first epoch is above 1,000 on TensorFlow, and then it stays at 2.30. (On JAX and PyTorch it stays at
# about 14.5: there a loss from probabilities never passes 16.1, as lesson 03 showed.) Why does it stay? The first long
# steps push the hidden units below 0, for nearly every picture. relu then gives 0, and its gradient is 0. From then on only the last
# biases learn, and they do not see the picture. With five seeds and 3,000 pictures, raw pixels ended at
# 10 %, and scaled ones between 69 and 77 %.
#
# Is a smaller learning rate enough? We tried 0.000001, 0.00001, 0.00003, 0.0001 and 0.001 with raw pixels. The best was 0.0001: 62 to 65 %, with a
# validation loss of 7 to 10 (five seeds). Scaling is better, and simpler. (Adam adapts the step to the size of the gradient. In a trial with two seeds and three epochs on 4,000 pictures it named
# 58 % with raw pixels and 81 to 82 % with scaled ones: scaling helps there, too.)
#
# ### Which scaling?
#
# - **Pictures**: divide by 255, with `layers.Rescaling(1 / 255)` inside the model. Then nobody can forget it.
# - **Tables**: columns have different units. Subtract the mean of each column and divide by its standard
#   deviation. `layers.Normalization` does that: `adapt` measures, on the *training* data only.
#
# Is the second way good for pictures, too? Each pixel gets a mean and a deviation of its own. A pixel in the corner is nearly always
# 0, so its deviation is tiny, or 0. (Keras then divides by 0.0000001.) What becomes of a picture where it is not 0?

# %%
per_pixel = layers.Normalization()
per_pixel.adapt(pixels[:3_000])
never = pixels[:3_000].max(axis=0) == 0  # 0 in all 3,000 pictures
print("pixels that are always 0:", never.sum())

lit = pixels[:1].copy()
lit[0, never] = 255
sk.expect(keras.ops.max(per_pixel(pixels[-1_000:])) > 100, "validation: an input above 100")
sk.expect(keras.ops.max(per_pixel(lit)) > 1e6, "such a pixel set to 255: above a million")

# %%
together = layers.Normalization(axis=None)  # one mean and one deviation for all pixels
together.adapt(pixels[:3_000])
mean, variance = (
    keras.ops.convert_to_numpy(value).item() for value in (together.mean, together.variance)
)
print("mean", round(mean), " deviation", round(variance**0.5))
sk.expect(keras.ops.max(together(pixels[-1_000:])) < 3, "all pixels together: none above 3")

# %% [markdown]
# We trained with the per-pixel layer, too. As long as no picture was lit where all training pictures are 0, it was *better* than division by 255
# (inputs of 100 did no harm): 80 to 81 % of the validation pictures against 69 to 77 % (five seeds, 3,000 pictures). In another trial, with
# 4,000 pictures for training and 2,000 for validation, two of the validation pictures were lit there. 82 to 83 % were right all the same, but the
# model gave probability 1 to a wrong class for each of the two, and they alone raised the mean loss above 2,000 (three seeds, on TensorFlow). A deviation that is nearly
# zero is dangerous; look for such columns in tables as well. All pixels together is the safe way.

# %% [markdown]
# ## 2. The learning rate
#
# The **learning rate** is the length of a step, relative to the gradient. It is the first number to tune. The
# same training, with three rates:

# %%
mine = ...  # which of the rates 0.001, 0.1 and 10 ends with the lowest training loss?

# %%
for rate in (0.001, 10.0):  # 0.1 was trained above
    histories[rate] = train(x_train, y_train, rate).history
ends = {rate: history["loss"][-1] for rate, history in histories.items()}
sk.expect(ends[0.001] > 2 * ends[0.1], "0.001: its loss is still more than twice that of 0.1")
sk.expect(
    ends[10.0] > 2 * ends[0.1],
    "10: its loss is also more than twice that of 0.1, for another reason",
)
sk.guess(mine, min(ends, key=ends.get))

# %%
figure, axes = plt.subplots(1, 3, figsize=(8.5, 2.4))
for axis, (rate, history) in zip(axes, sorted(histories.items()), strict=True):
    axis.plot(range(1, 6), history["loss"], marker="o")
    axis.axhline(np.log(10), color="gray", linestyle=":")
    axis.set(title=f"learning rate {rate:g}", xlabel="epoch", ylim=(0, 4))
axes[0].set_ylabel("training loss")
figure.tight_layout()
sk.show(
    figure,
    alt="Training loss over five epochs. Rate 0.001: a slow fall. Rate 0.1: a fast fall, then slower. "
    "Rate 10: the loss comes from far above the picture and stays at the line of a blind guess.",
)

# %% [markdown]
# The dotted line is log(10) = 2.30, the loss of 'each class 0.1'. *Too small*: the loss falls, but it would need many more
# epochs. *Too large*: the first steps jump so far that the network does not recover in five epochs; it ends no better than a blind
# guess. With five seeds and 3,000 pictures the losses ended at 1.9 to 2.1, at 0.57 to 0.59, and at 2.4.
#
# ### A range test
#
# Must you train with every rate? Smith (2017) had a cheaper idea: **one** short run, in which the rate grows with each batch, from
# far too small to far too large. Look at where the loss begins to fall, and where it explodes.


# %%
def range_test(lowest=1e-4, highest=10, steps=100, batch=64):
    model.set_weights(first_weights)
    rates, losses = np.geomspace(lowest, highest, steps), []
    for step, rate in enumerate(rates):
        rows = np.arange(step * batch, (step + 1) * batch) % len(x_train)
        model.optimizer.learning_rate = rate
        model.reset_metrics()  # Keras 3.10 would give the mean of all batches so far
        losses.append(model.train_on_batch(x_train[rows], y_train[rows])[0])
    return rates, np.array(losses, dtype=float)


rates, losses = range_test()
smooth = np.convolve(losses, np.ones(5) / 5, mode="same")  # the mean of five
smooth[:2], smooth[-2:] = losses[:2], losses[-2:]

# %%
figure, axis = plt.subplots(figsize=(6.5, 2.8))
axis.plot(rates, losses, color="#56B4E9", linewidth=0.8, label="each batch")
axis.plot(rates, smooth, color="#0072B2", label="mean of five")
axis.set(xscale="log", xlabel="learning rate", ylabel="loss", ylim=(0, 6))
axis.legend()
sk.show(
    figure,
    alt="Loss against learning rate, from 0.0001 to 10: flat at first, falling from about 0.01 on, "
    "lowest between 0.1 and 1, then jumping high.",
)

# %%
start = losses[:10].mean()
falls = rates[np.argmax(smooth < 0.9 * start)]  # the first rate with 10 % less than at the start
lowest = rates[2:-2][np.argmin(smooth[2:-2])]
sk.expect(0.003 < falls < 0.05, "the loss begins to fall between 0.003 and 0.05")
sk.expect(0.05 < lowest < 2, "it is lowest between 0.05 and 2")
sk.expect(losses[60:].max() > 1.5 * start, "and at large rates it jumps above where it began")

# %% [markdown]
# How to read it: choose a rate **below** the lowest point, where the loss still falls steeply; a third of the rate at the lowest point is one usual choice. With five seeds
# the loss began to fall (by 10 %) between 0.005 and 0.02, and was lowest between 0.12 and 0.43. So 0.1 was a fair choice above. The answer is
# rough, and it belongs to this network, this optimizer and this batch size: when one of them changes, test again.

# %% [markdown]
# ## 3. Read a history
#
# `fit` returns a **history**: one number for each epoch and each name. A **callback** is an object that `fit` calls at the
# start and the end of each epoch and batch. `sk.LivePlot` is one: in a notebook it draws the curves while the training
# runs.
#
# How many names will the history have? We compiled with a loss and one metric, and gave validation data.

# %%
mine = ...  # how many names are in history.history?

# %%
plot = sk.LivePlot()
history = train(x_train[:1_000], y_train[:1_000], rate=0.1, epochs=10, callbacks=[plot])
sk.guess(mine, len(history.history))

# %%
print(*history.history)

# %% [markdown]
# In a longer training the picture is replaced on the spot, again and again. (Drawing may take 2 % of the time at most; in a training as short
# as this one the picture is drawn at the end only.) On a page that cannot run, and outside of Jupyter, you
# have the static form: `plot.figure()` gives the same curves as a figure, to show or to save.
#
# ### What the curves say
#
# | training loss | validation loss | reading | what to try |
# |---|---|---|---|
# | falls very slowly | the same | learning rate too small | a larger rate |
# | jumps, or stays at the blind guess | the same | rate too large, or inputs not scaled | a smaller rate; scale |
# | falls, still falling at the end | the same | not finished | more epochs |
# | falls on | rises again | **overfitting**: it learns the training pictures by heart | stop earlier; more data; lesson 07 |
#
# ### Two numbers that are not the same measurement
#
# The training loss of an epoch is the mean over its batches, *while the weights change*. The validation loss is
# measured *after* the epoch. So what happens if we measure the training loss once more, after the first epoch?

# %%
mine = ...  # measured after epoch 1: "lower" or "higher" than in the history?

# %%
x_small, y_small = x_train[:1_000], y_train[:1_000]
reported = train(x_small, y_small, rate=0.1, epochs=1).history["loss"][0]
measured = model.evaluate(x_small, y_small, batch_size=500, verbose=0)[0]
sk.expect(abs(reported - measured) > 0.2, "they differ by more than 0.2")
sk.guess(mine, "lower" if measured < reported else "higher")

# %% [markdown]
# With four seeds, 1.6 to 1.8 stood in the history, and 1.2 to 1.5 were measured after it.
# The batches at the beginning of the epoch met a network that knew nothing, and their losses are in the mean. That
# is one reason why a validation loss can lie *below* the training loss in the first epochs. Another one is dropout,
# which is at work in training only (lesson 07).

# %% [markdown]
# ## 4. EarlyStopping: when to end
#
# `EarlyStopping` watches one number, by default `val_loss`. It counts the epochs since the best value. When the count reaches
# `patience`, it stops the training. You can rehearse that without any training: call the callback as
# `fit` would, with numbers that you made up.


# %%
def rehearse(callback, val_losses):
    """Give a callback one validation loss after the other; return the epochs and the rates."""
    callback.set_model(model)
    model.stop_training, model.optimizer.learning_rate = False, 0.4
    callback.on_train_begin()
    rates = []
    for epoch, loss in enumerate(val_losses):
        callback.on_epoch_end(epoch, {"val_loss": loss})
        rates.append(round(float(model.optimizer.learning_rate), 3))
        if model.stop_training:
            break
    return len(rates), rates


val_losses = [0.90, 0.70, 0.60, 0.65, 0.58, 0.61, 0.59, 0.62, 0.60, 0.61]

# %%
mine = ...  # patience is 2: after how many epochs does the training stop?

# %%
epochs_run, _ = rehearse(keras.callbacks.EarlyStopping(patience=2), val_losses)
sk.guess(mine, epochs_run)

# %% [markdown]
# Epoch 4 was worse than epoch 3: count 1. Epoch 5 was a new best: the count begins again at 0. Epochs 6 and 7 were both
# worse than epoch 5, so the count is 2, and the training stops after epoch 7. It does not matter that epoch 7 was
# better than epoch 6.
#
# Now for real. With 1,000 pictures, Adam and 24 epochs our network has time to learn its pictures by heart.

# %%
import tempfile
from pathlib import Path

folder = Path(tempfile.mkdtemp())  # for the files of this lesson


# %%
def long_training(callback):
    sk.seed(0)
    model = network()
    model.compile(keras.optimizers.Adam(0.003), loss="sparse_categorical_crossentropy")
    history = model.fit(
        x_small, y_small, epochs=24, batch_size=64, verbose=0, callbacks=[callback],
        validation_data=(x_val, y_val), validation_batch_size=500,
    )  # fmt: skip
    return model, history.history


keeper = keras.callbacks.ModelCheckpoint(folder / "best.keras", save_best_only=True)
_, whole = long_training(keeper)
stopper = keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)
kept, stopped = long_training(stopper)

# %%
count = len(stopped["val_loss"])
kept_loss = kept.evaluate(x_val, y_val, batch_size=500, verbose=0)
sk.expect(9 < count < 24, "the training was ended before its 24 epochs")
sk.expect(stopper.best_epoch + 1 == count - 5, "five epochs after the best one")
sk.expect(kept_loss < whole["val_loss"][-1] - 0.03, "and better than after 24 epochs")

# %%
figure, axis = plt.subplots(figsize=(6.5, 2.8))
numbers = np.arange(1, 25)
axis.plot(numbers, whole["loss"], label="training")
axis.plot(numbers, whole["val_loss"], "--", label="validation")
axis.axvline(count, color="black", linestyle=":", label="EarlyStopping ends here")
axis.plot(stopper.best_epoch + 1, kept_loss, "o", color="black", label="weights put back")
axis.set(xlabel="epoch", ylabel="loss")
axis.legend(fontsize=8)
sk.show(
    figure,
    alt="24 epochs: the training loss falls towards zero, the validation loss falls, turns and "
    "slowly rises. EarlyStopping ends five epochs after the lowest point and goes back to it.",
)

# %% [markdown]
# With `restore_best_weights=True` the model goes back to the weights of its best epoch. The default is `False`: then you
# keep the weights of the *last* epoch, which is not the best one, unless the training
# ended with a new best.
#
# With four seeds the best epoch was 9 to 14, with a loss of 0.60 to 0.65; after 24 epochs the loss was 0.67 to 0.86. Patience 3 ended two of
# the four trainings too early, at a small bump: their loss could still fall, by 0.01 and 0.03. So be patient: an epoch too many costs
# time only.

# %% [markdown]
# ## 5. ModelCheckpoint: the best one, in a file
#
# The run of 24 epochs had another callback: `ModelCheckpoint` with `save_best_only=True`. It writes the whole model to a file
# when `val_loss` is lower than ever before. Which of the 24 networks is in the file?

# %%
mine = ...  # "first", "best" or "last"

# %%
saved = keras.saving.load_model(folder / "best.keras")
saved_loss = saved.evaluate(x_val, y_val, batch_size=500, verbose=0)
is_best = abs(saved_loss - min(whole["val_loss"])) < 1e-3
sk.expect(saved_loss < whole["val_loss"][-1] - 0.02, "the file is better than the last epoch")
sk.guess(mine, "best" if is_best else "last")

# %% [markdown]
# EarlyStopping keeps the best weights in memory: they are lost when the program ends. ModelCheckpoint writes them to the
# disk. Use both. With a name such as `epoch-{epoch}.keras` and without `save_best_only` there is one file for
# each epoch.
#
# The best of 24 validation losses is too optimistic: it was chosen *because* it was low. So the number to publish
# comes from the test set, once, at the end.

# %% [markdown]
# ## 6. ReduceLROnPlateau: smaller steps when progress stops
#
# A large rate is good at the beginning: it goes far. Near the lowest loss its steps are too long: they
# jump over it, again and again. `ReduceLROnPlateau` multiplies the rate by `factor` when the number it watches has not improved for
# `patience` epochs. (It ignores improvements below `min_delta`, 0.0001.)
#
# The same list of losses, all ten epochs. The rate begins at 0.4:

# %%
mine = ...  # factor 0.5, patience 2: what is the rate after the tenth epoch?

# %%
reducer = keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=2)
_, by_epoch = rehearse(reducer, val_losses)
print(by_epoch)
sk.guess(mine, by_epoch[-1])

# %% [markdown]
# Epochs 6 and 7 are worse than 0.58: halved after epoch 7. Then the count begins again at 0, but the *best* value stays
# 0.58. Epochs 8 and 9 do not reach it: halved again. Epoch 10 is number one of the next count.
#
# For real, with a rate that is too large for the end:

# %%
reducer = keras.callbacks.ReduceLROnPlateau(factor=0.3, patience=2)
constant = train(x_small, y_small, rate=0.5, epochs=20).history
reduced = train(x_small, y_small, rate=0.5, epochs=20, callbacks=[reducer]).history

# %%
figure, axes = plt.subplots(1, 2, figsize=(8.5, 2.6))
axes[0].plot(range(1, 21), constant["val_loss"], "--", label="constant rate")
axes[0].plot(range(1, 21), reduced["val_loss"], label="ReduceLROnPlateau")
axes[0].set(xlabel="epoch", ylabel="validation loss")
axes[0].legend(fontsize=8)
axes[1].step(range(1, 21), reduced["learning_rate"], where="mid")
axes[1].set(xlabel="epoch", ylabel="learning rate", yscale="log")
figure.tight_layout()
sk.show(
    figure,
    alt="Left: the validation loss jumps up and down with a constant rate, and becomes calm and low "
    "with ReduceLROnPlateau. Right: the learning rate goes down in steps.",
)

# %%
sk.expect(reduced["learning_rate"][-1] < 0.16, "the rate was reduced at least once")
last_five = {name: np.mean(h["val_loss"][-5:]) for name, h in [("c", constant), ("r", reduced)]}
sk.expect(last_five["r"] < last_five["c"] - 0.02, "the last five epochs: a lower loss than without")

# %% [markdown]
# With a constant rate the loss jumps up and down, and it is luck where it stands after the last epoch. With the callback it calms down. (Four
# seeds, last epoch: 0.74 to 0.99 without it, 0.65 to 0.78 with it, lower each time.) It cannot undo overfitting, and a rate that is reduced too
# early makes the training slow: with one seed the training loss was higher with the callback than without.

# %% [markdown]
# ## 7. Interrupt, and resume
#
# Long trainings are interrupted: the power fails, a free GPU is taken back. Can you go on later as if nothing had
# happened? The test is strict: train 6 epochs in one go, and write a file after each epoch. Then take the file of epoch 3, as if the
# power had failed there, and train 3 more epochs. Are all weights equal, to 0.000001?
#
# For now without shuffling and without dropout, so that nothing is random after the first weights.

# %%
from keras.callbacks import BackupAndRestore

x_512, y_512 = x_train[:512], y_train[:512]


# %%
def new(*inside):
    sk.seed(0)
    model = network(*inside, units=32)
    model.compile(keras.optimizers.Adam(0.001), loss="sparse_categorical_crossentropy")
    return model


def run_epochs(model, first, last, callbacks=()):
    """Train the epochs first to last - 1, counted from 0, as in range(first, last)."""
    return model.fit(
        x_512, y_512, initial_epoch=first, epochs=last, batch_size=64,
        shuffle=False, verbose=0, callbacks=list(callbacks),
    )  # fmt: skip


def difference(one, other):
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return max(np.abs(a - b).max() for a, b in pairs)


# %% [markdown]
# With `initial_epoch=3` and `epochs=6`, `fit` trains three epochs, not six: it **ends** when six are complete. `initial_epoch` counts from 0, so 3
# is the fourth epoch. In words and in file names we count from 1: `epoch-3.keras` is written after the third epoch.

# %%
in_one_go = new()
each_epoch = keras.callbacks.ModelCheckpoint(folder / "epoch-{epoch}.keras")
run_epochs(in_one_go, 0, 6, [each_epoch])
half_way = folder / "epoch-3.keras"

# %%
mine = ...  # resumed from the file: is it equal to the training in one go? True or False

# %%
sk.seed(99)  # as in another program: nothing random is as it was
resumed = keras.saving.load_model(half_way)
run_epochs(resumed, 3, 6)

on_cpu = sk.device().kind == "CPU"
tolerance = 1e-6 if on_cpu else 1e-2  # a GPU may add numbers in another order
sk.guess(mine, bool(difference(in_one_go, resumed) < tolerance))

# %% [markdown]
# Nothing is lost. For that the weights are not enough. Adam keeps two running means for each weight: of its gradient, and of the square of its gradient. The model has 4
# arrays of weights. How many arrays does the optimizer have? Count its step number and its learning rate, too.

# %%
mine = ...  # a whole number

# %%
sk.guess(mine, len(resumed.optimizer.variables))

# %% [markdown]
# A `.keras` file, of ModelCheckpoint or of `model.save`, holds all of them: architecture, weights, what you gave to `compile`, and the state of the
# optimizer. `load_model` brings them back. And this is how a program loses it:

# %%
again = keras.saving.load_model(half_way)
steps = int(again.optimizer.iterations)
again.compile(keras.optimizers.Adam(0.001), loss="sparse_categorical_crossentropy")
print("steps before compile:", steps, " after:", int(again.optimizer.iterations))
run_epochs(again, 3, 6)
sk.expect(difference(in_one_go, again) > 1e-3, "compiled again: another network, by 0.001 and more")

# %% [markdown]
# `compile` makes a **new optimizer** that knows nothing. No error, no warning. With four seeds some weight was off by about
# 0.02 in the end, and the weights of the first layer began between -0.09 and 0.09. So this is not a rounding error. After `load_model`, do not compile again.
#
# ### What is not in the file
#
# Now shuffling and dropout. Both are random, and where a random generator stands is **not** in the file (nor is the
# memory of the callbacks). The repair: let chance depend on the number of the epoch alone.
# (The dropout layer gets a seed of its own. Without one, Keras on PyTorch takes PyTorch's common generator, and the repair would not reach it.)


# %%
def epochs_by_number(model, first, last, restart=True):
    """As above, with shuffling and dropout that depend on the number of the epoch."""
    for epoch in range(first, last):
        order = np.random.default_rng(epoch).permutation(len(x_512))
        for layer in model.layers:
            if restart and hasattr(layer, "seed_generator"):  # Dropout has one
                # A seed, and how many random numbers were drawn: by the epoch alone.
                layer.seed_generator.state.assign([7, 1_000 * epoch])
        model.fit(x_512[order], y_512[order], batch_size=64, shuffle=False, verbose=0)


with_dropout = new(layers.Dropout(0.3, seed=7))
epochs_by_number(with_dropout, 0, 3)
with_dropout.save(folder / "half_way.keras")
epochs_by_number(with_dropout, 3, 6)  # it goes on, never interrupted

# %%
mine = ...  # resumed with the same order, but the dropout left as it comes: equal? True or False

# %%
sk.seed(99)
careless, careful = (keras.saving.load_model(folder / "half_way.keras") for _ in range(2))
epochs_by_number(careless, 3, 6, restart=False)
epochs_by_number(careful, 3, 6)
sk.expect(difference(with_dropout, careful) < tolerance, "with the epoch's own dropout: equal")
sk.guess(mine, bool(difference(with_dropout, careless) < tolerance))

# %% [markdown]
# Is that needed in practice? Rarely. A training that goes on with another random order is as good as the first one, but it is
# another one. What must not be lost are the weights and the optimizer.
#
# What about the callbacks? `fit` calls `on_train_begin`, and there EarlyStopping and ReduceLROnPlateau forget their best value and
# their count. (The learning rate itself is part of the optimizer, so it is kept.) A new ModelCheckpoint knows no best value either:

# %%
before_the_cut = 0.40  # the best validation loss so far; its model is in the file
forgetful = keras.callbacks.ModelCheckpoint(folder / "x.keras", save_best_only=True)
told = keras.callbacks.ModelCheckpoint(
    folder / "x.keras", save_best_only=True, initial_value_threshold=before_the_cut
)
for callback in (forgetful, told):
    callback.set_model(resumed)
    callback.on_epoch_end(3, {"val_loss": 0.90})  # the first epoch after the cut is a bad one
print("takes for the best:", forgetful.best, "and", told.best)

# %% [markdown]
# In a real training the forgetful one would now have overwritten the good file with a worse model. `initial_value_threshold` prevents it.
#
# ### Automatic: BackupAndRestore
#
# `BackupAndRestore` saves weights, optimizer and epoch number after every epoch, in a folder of its own. If `fit` is called again, it continues
# there. We imitate the power failure with an exception, in the middle of the fourth epoch:


# %%
class PowerFailure(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if self.epoch == 3 and batch == 5:
            raise RuntimeError("the power failed")


interrupted = new()
try:
    run_epochs(interrupted, 0, 6, [BackupAndRestore(folder / "backup"), PowerFailure()])
except RuntimeError as error:
    print(error)

# %%
mine = ...  # the same fit again, 6 epochs asked for: how many does it run?

# %%
second = new()  # built from the program, as after a restart
history = run_epochs(second, 0, 6, [BackupAndRestore(folder / "backup")])
sk.expect(difference(in_one_go, second) < tolerance, "equal to the training in one go")
sk.guess(mine, len(history.epoch))

# %% [markdown]
# Three epochs were complete; the five batches of the fourth are done again. With `save_freq=100` it saves every 100 batches; then the
# weights are from the middle of an epoch, but the epoch begins again at its first batch. At the end of a complete `fit` the folder is deleted. The
# history of the second `fit` holds only its own three epochs. (With Keras 3.15 the model keeps the epoch number of the
# backup. A later `fit` on the *same* model begins at the fourth epoch, too: with `epochs=2` it runs none, without a word. Build or load the model anew.)

# %% [markdown]
# ### A full disk, and a cell that you stop
#
# ModelCheckpoint and BackupAndRestore write **over** their last file. While they write, the old file is gone and the new one is not yet
# there. What if the disk is full at just that moment, or the kernel is killed? We imitate it: from the fourth epoch on, Keras gets the
# error of a full disk when it writes.

# %%
import warnings
from unittest import mock


class FullDisk(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 3:
            error = OSError(28, "No space left on device")
            mock.patch("zipfile.ZipFile.open", side_effect=error).start()


# %%
mine = ...  # three epochs were saved well in one.keras: can it still be loaded? True or False

# %%
over = keras.callbacks.ModelCheckpoint(folder / "one.keras")
try:
    run_epochs(new(), 0, 6, [FullDisk(), over])
except OSError as error:
    print(error)
mock.patch.stopall()  # there is space again

try:
    keras.saving.load_model(folder / "one.keras")
    loads = True
except (ValueError, KeyError):  # not a whole file
    loads = False
sk.guess(mine, loads)

# %% [markdown]
# The training has ended with the error, and the good file is lost. (The network in memory is still there, as long as the kernel lives.)
# With a name such as `epoch-{epoch}.keras` the older files stay, but the training ends all the same. A backup can be lost in the same way: if the kernel dies
# while BackupAndRestore writes, the next `fit` may end with an error; with `double_checkpoint=True` it keeps the file before, too,
# which helps in most cases, not in all.
#
# `sk.Checkpoint` writes the new file **beside** the old one. Only when it is complete, it takes the place of the old one, in one step. If
# it cannot be written, there is a warning and the training goes on:

# %%
going_on = new()
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    run_epochs(going_on, 0, 6, [FullDisk(), sk.Checkpoint(folder / "training.keras")])
mock.patch.stopall()
print(next(w.message for w in told if "could not be saved" in str(w.message)))
sk.expect(difference(in_one_go, going_on) < tolerance, "the training has lost nothing")

# %%
mine = ...  # and after a restart: how many epochs has the history of the next fit?

# %%
third = new()  # built from the program, as after a restart
history = run_epochs(third, 0, 6, [sk.Checkpoint(folder / "training.keras")])
sk.expect(difference(in_one_go, third) < tolerance, "equal to the training in one go")
sk.guess(mine, len(history.epoch))

# %% [markdown]
# It went on after the third epoch, and the history begins with the three epochs of the file. `load_model` reads the file like any
# other. `sk.Checkpoint` has put a page more into it, with the history and the random state of dropout, which only the next `fit` with `sk.Checkpoint` reads. The order
# of the shuffling is not in it. (On PyTorch give the dropout layer a seed.)
#
# You can also stop a cell yourself, with the ■ in the toolbar. `fit` then ends with `KeyboardInterrupt`, and the network in memory is in the
# middle of an epoch. (With JAX it may even be unusable: 'Array has been deleted'.) If `sk.Checkpoint` is among the callbacks, run the same cell again, with the lines that
# build and compile the network: the epoch that you stopped begins anew, nothing else is lost, and LivePlot shows all epochs. After a complete training the
# same cell has nothing to do. To begin from the start, delete the file: `(folder / "training.keras").unlink()`.

# %% [markdown]
# ## 8. A callback of your own
#
# `LivePlot` is nothing special: you can write callbacks, too. This one shows a bar that grows. It uses *ipywidgets*, the
# package of Jupyter for buttons and bars; `display` is what a notebook has for showing an object. Where one of them is missing, the callback
# prints a line at the start of the training.


# %%
class Bar(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.bar = None
        try:
            from ipywidgets import IntProgress

            self.bar = IntProgress(max=self.params["epochs"], description="epochs")
            display(self.bar)
        except (ImportError, NameError):  # no ipywidgets, or no notebook
            print("training ...")

    def on_epoch_end(self, epoch, logs=None):
        self.done = epoch + 1
        if self.bar is not None:
            self.bar.value = self.done


# %% tags=["nbval-ignore-output"]
bar = Bar()
_ = train(x_small, y_small, rate=0.1, epochs=5, callbacks=[bar])

# %%
sk.expect(bar.done == 5, "the bar has seen five epochs")

# %% [markdown]
# (A page that cannot run shows the description of the bar, as text.)
# `self.model` is the model in training and `self.params` what `fit` was asked for. Set `self.model.stop_training = True` and the
# training ends: EarlyStopping ends a training in just this way.

# %% [markdown]
# ## 9. A GPU, and numbers with 16 bits
#
# What must you change in this notebook for a **GPU**? Nothing. Keras lets another library compute: TensorFlow, JAX or PyTorch. That library is its **backend**, and
# Keras takes a GPU when its backend finds one. Ask what it found:

# %%
sk.device()

# %% [markdown]
# If you have a GPU and the line says CPU, it also says why: often a package built for the CPU only, such as the one that `make lab` installs. [Training](../docs/training.md#on-a-gpu)
# says what to install for a GPU. In Colab: *Runtime → Change runtime type*.
#
# A GPU is fast when there is much to do at once. A batch of 64 rows through layers of 64 units is too little: much of the time goes
# into starting the work. With a GPU, try larger batches and look for a new learning rate.
#
# ### The fast path
#
# After each batch `fit` reads the loss and calls the callbacks. With small networks this can take as
# long as the computation. `steps_per_execution=16` in `compile` lets Keras do 16 batches before it does so. And with PyTorch on a GPU, data that fit can be copied
# to its memory once, instead of in every epoch. `sk.fast_path` looks at your data and your device, chooses such settings of Keras, and says why.
#
# 3,000 pictures are 47 batches of 64. With 16 batches at a time, how often are the callbacks called in one epoch?

# %%
mine = ...  # a whole number

# %% tags=["nbval-ignore-output"]
path = sk.fast_path(x_train[:3_000], y_train[:3_000], batch_size=64)
path


# %%
class Calls(keras.callbacks.Callback):
    count = 0

    def on_train_batch_end(self, batch, logs=None):
        self.count += 1


def one_epoch(options, x, y):
    sk.seed(0)
    model, calls = network(), Calls()
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", **options)
    model.fit(x, y, batch_size=64, verbose=0, callbacks=[calls])
    return model, calls.count


usual, calls = one_epoch({}, x_train[:3_000], y_train[:3_000])
fast, fewer_calls = one_epoch(path.compile_options, path.x, path.y)
sk.expect(calls == 47, "the usual way: after each of the 47 batches")
sk.expect(difference(usual, fast) < tolerance, "both ways end with the same weights")
sk.guess(mine, fewer_calls)

# %% [markdown]
# (47 on PyTorch: there Keras allows one step at a time only. `jit_compile` is whether XLA, a compiler, makes one program of all computations of a step.) Nothing else changes: the same batches in the same order, the same weights. The price: `on_train_batch_end` is called for
# every 16th batch only, and a training that you stop, stops after the 16.
#
# How much it gains depends on the network: the smaller, the more. On two cores of a CPU, on TensorFlow, the network of lesson 01 trained 2.8 times as
# fast, the CNN of lesson 04 1.4 times, the transformer of lesson 16 1.2 times ([all figures](../docs/training.md)).
#
# ### More than one GPU
#
# With several GPUs in one machine, each gets a copy of the network and its share of every batch. All compute their gradients at the same time; the mean of the
# gradients changes all copies in the same way, so the copies stay equal. This is **data parallelism**. On TensorFlow you make the model inside
# the scope of a `tf.distribute.MirroredStrategy`; on JAX you call `keras.distribution.set_distribution` before you make it. `compile` and `fit` stay as they are.
#
# You can try that without any GPU. A program may pretend that its CPU is two devices, but it must say so before it computes anything; our notebook has
# computed already. So this is a program of its own, which we start from here. Six epochs alone, then six on two devices: how far
# apart are the weights in the end?

# %%
mine = ...  # "less than 0.0001" or "more than 0.0001"

# %%
PROGRAM = """
import os
os.environ.update(CUDA_VISIBLE_DEVICES="-1", JAX_PLATFORMS="cpu")  # without a GPU
os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"  # for JAX: two CPUs
import keras
import numpy as np

x = np.random.default_rng(0).normal(size=(512, 8)).astype("float32")
y = (x[:, :4].sum(axis=1) > x[:, 4:].sum(axis=1)).astype("int32")

def train():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([
        keras.Input((8,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(2, activation="softmax"),
    ])
    model.compile(keras.optimizers.SGD(0.2), "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=64, epochs=6, verbose=0)
    return model.get_weights()

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf
    half = tf.config.LogicalDeviceConfiguration()
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [half, half])
    alone = train()
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    print(strategy.num_replicas_in_sync, "devices")
    with strategy.scope():
        together = train()
elif keras.backend.backend() == "jax":
    alone = train()
    devices = keras.distribution.list_devices()
    print(len(devices), "devices")
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=devices))
    together = train()

print(max(np.abs(a - b).max() for a, b in zip(alone, together)))
"""

# %%
import subprocess
import sys

if keras.backend.backend() == "torch":
    print("Keras on PyTorch has no such function: there PyTorch's own tools do it.")
else:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    devices, apart = done.stdout.splitlines()
    sk.expect(devices == "2 devices", "the program had two devices")
    answer = "less than 0.0001" if float(apart) < 1e-4 else "more than 0.0001"
    print(sk.guess(mine, answer))

# %% [markdown]
# The copies add the same numbers in another order, so they differ in the last digits only: in our run by about 0.0000001. Our two devices are one CPU, so this is not faster.
# With real GPUs write `MirroredStrategy()`, without a list, and leave out the lines that pretend two devices. And a batch of 64 on four GPUs is 16 for each, too little to be fast: make the batch four times as large, and
# look for a new learning rate. Two limits of Keras 3.15: `steps_per_execution` must stay 1 under `tf.distribute`, or `fit` stops with an error (inside the
# scope, `sk.fast_path` knows that). And on JAX the number of devices must divide every batch, the last one of an epoch, too: 501 rows in batches
# of 60 leave 21, and `fit` stops with an `IndivisibleError`. Leave the rows over out.
#
# ### Mixed precision
#
# Keras computes with `float32`, numbers of 32 bits. `bfloat16` needs half the memory. It has the range of `float32`, but only 8 binary
# digits, the leading 1 among them. The next number after 1 is 1 + 1/128. What becomes of 1 + 1/300?

# %%
mine = ...  # 1 + 1/300 in bfloat16: 1.0 or 1.0078125?


# %%
def in_16_bits(value):
    short = keras.ops.cast(keras.ops.convert_to_tensor(value, "float32"), "bfloat16")
    return float(keras.ops.cast(short, "float32"))


print("1 + 1/128:", in_16_bits(1 + 1 / 128), " 1e30:", f"{in_16_bits(1e30):.0e}")
sk.guess(mine, in_16_bits(1 + 1 / 300), tolerance=1e-6)

# %% [markdown]
# An optimizer adds small steps to large weights. In `bfloat16`, 1 + 0.003 is still 1: such steps would be lost. So **mixed** precision
# keeps two types (Micikevicius et al. 2018): the *weights* stay `float32`, and only the *computation* is done in 16 bits. In Keras that is a **dtype policy**:

# %%
mixed = keras.Sequential(
    [
        keras.Input((784,)),
        layers.Dense(64, activation="relu", dtype="mixed_bfloat16"),
        layers.Dense(10, dtype="mixed_bfloat16"),
        layers.Activation("softmax", dtype="float32"),
    ]
)
mixed.compile(
    keras.optimizers.SGD(0.1), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)

# %%
mine = ...  # the dtype of the weights of the first layer: "float32" or "bfloat16"?

# %%
for layer in mixed.layers:
    print(
        f"{type(layer).__name__:10} weights {layer.variable_dtype:9} output {layer.compute_dtype}"
    )
sk.guess(mine, keras.backend.standardize_dtype(mixed.layers[0].kernel.dtype))

# %%
sk.seed(0)
mixed.set_weights(first_weights)
mixed.fit(x_train, y_train, epochs=5, batch_size=64, verbose=0)
accuracy = mixed.evaluate(x_val, y_val, batch_size=500, verbose=0)[1]
sk.expect(abs(accuracy - scaled) < 0.03, "within 3 points of the same training in float32")

# %% [markdown]
# With four seeds and 3,000 pictures this network was within one point of the one in `float32`. The softmax stays in `float32`, so that the shares are not rounded once more before the loss is computed. For a whole program you write
# `keras.mixed_precision.set_dtype_policy("mixed_bfloat16")` once, at the top.
#
# Is it faster? On a GPU or TPU with units for 16-bit products (NVIDIA since 2020 for `bfloat16`) it can be, with large layers. On a CPU without such
# instructions it may be *slower*: the numbers are turned into 32 bits, computed with, and turned back. Measure
# it where you train. `mixed_float16` is for older GPUs: its range is small, so gradients can become zero, and Keras then
# multiplies the loss by a large number to prevent it (*loss scaling*).

# %% [markdown]
# ## 10. The claims and the evidence
#
# At last the test set, once, for the model in the file of section 5.

# %% seqkit={"headline": "test accuracy, 1,000 training pictures: {test_accuracy:.1%}"}
x_test = fashion.x_test.reshape(-1, 784).astype("float32") / 255
shares = saved.predict(x_test, batch_size=500, verbose=0)
test_accuracy = (shares.argmax(axis=1) == fashion.y_test).mean()
sk.expect(test_accuracy > 0.70, "trained on 1,000 pictures: above 70 % of the test pictures")

# %% [markdown]
# With four seeds: 79 to 81 %.
#
# Articles give a list of advice for the training. The table measures, on your machine, what each item does. (One item, 'Start simple', is not
# measured.)

# %%
sk.claims.table(lesson=6)

# %% [markdown]
# The claim *holds* here. Note what that means: each item that is measured did its own work once, on 192 to 1,024 pictures of clothes. It does not mean that
# each of them makes every model better. And how much it does depends on the first weights: with four seeds, EarlyStopping ended after 10, 21, 41 and 58 of
# the 120 epochs. Lesson 07 measures dropout and normalisation inside the network, with repeated seeds.

# %% [markdown]
# ## Check yourself

# %% seqkit={"role": "check"}
from seqkit.exercises.quick import Choice

Choice(
    "The loss stays at 2.3 from the first epoch on, for ten classes. What do you look at first?",
    {
        "a": "The scale of the inputs and the learning rate.",
        "b": "The number of layers.",
        "c": "The patience of EarlyStopping.",
    },
    correct="a",
    feedback={
        "a": "Yes. 2.3 is log(10), the loss of a blind guess: the network has learned nothing.",
        "b": "A small network learns something, too. Here nothing was learned at all.",
        "c": "It ends a training. It cannot make one begin.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "EarlyStopping(patience=3) without other arguments has ended a training. Which weights has the model?",
    {"a": "Those of the best epoch", "b": "Those of the last epoch", "c": "The first ones"},
    correct="b",
    feedback={
        "a": "Only with restore_best_weights=True.",
        "b": "Yes, three epochs after the best one.",
        "c": "They are gone after the first step.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "You load a .keras file to train on. Which line loses something?",
    {
        "a": "model.compile(optimizer='adam', loss=…)",
        "b": "model.fit(…, initial_epoch=3, epochs=6)",
        "c": "model.evaluate(…)",
    },
    correct="a",
    feedback={
        "a": "Yes: a new optimizer, without its running means and step number.",
        "b": "This goes on at the fourth epoch, as it should.",
        "c": "evaluate changes neither weights nor optimizer.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "In mixed_bfloat16, why do the weights stay float32?",
    {
        "a": "Because bfloat16 cannot hold large numbers.",
        "b": "Because a small step added to a large weight would be rounded away.",
        "c": "Because files hold float32 only.",
    },
    correct="b",
    feedback={
        "a": "It has the range of float32. It is short of digits.",
        "b": "Yes: 1 + 0.003 is 1 in bfloat16.",
        "c": "Files can hold any type.",
    },
).ask()

# %% [markdown]
# ## What to remember
#
# - Inputs near size one, measured on the training data; then the learning rate, found with a range test.
# - Read both curves: training says whether it learns, validation whether that is of use.
# - EarlyStopping with `restore_best_weights=True`, ModelCheckpoint with `save_best_only=True`, ReduceLROnPlateau for when progress stops.
# - Resume with `load_model` and `initial_epoch`, and do not compile again. Random states and callbacks' memories are not saved.
# - Keras writes over its last file. `sk.Checkpoint` keeps it until the new one is whole.
# - The same code runs on CPU and GPU; mixed precision keeps the weights in 32 bits.
#
# | symptom | cause | fix |
# |---|---|---|
# | the loss stays at log(number of classes) | raw inputs, or a rate far too large | scale; a smaller rate |
# | the validation loss rises while the training loss falls | overfitting | EarlyStopping; lesson 07 |
# | EarlyStopping was used, and the model is not the best one | default of `restore_best_weights` | `True` |
# | after resuming, the loss jumps or the training is another one | compiled again: a new optimizer | leave `compile` out |
# | after resuming, the best file is worse than before | ModelCheckpoint began without memory | `initial_value_threshold` |
# | 'No space left on device', and the file is broken | Keras writes over the old file | `sk.Checkpoint` |
# | a later `fit` on a resumed model runs too few epochs, or none | BackupAndRestore left its epoch number in the model (Keras 3.15) | build or load it anew, or `sk.Checkpoint` |

# %% [markdown]
# ## Next
#
# - [Exercise 06](../exercises/06_training.ipynb): predict a callback, read a history, resume a training.
# - [Lesson 07](07_regularise.ipynb) treats overfitting: with smaller networks, penalties, dropout and batch normalisation.
#
# Read on: LeCun, Bottou, Orr and Müller (1998), *Efficient BackProp*, on scaled inputs; Smith (2017), *Cyclical learning rates for training
# neural networks*; Prechelt (1998), *Early stopping – but when?*; Micikevicius et al. (2018), *Mixed precision training*; the Keras page on
# [callbacks](https://keras.io/api/callbacks/).
