# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 09 · Find the mistake before it costs you
#
# Some mistakes stop your program. The expensive ones do not: the model trains, a number comes out, and
# the number is wrong. This lesson is a clinic: twenty-one broken programs, and you make the diagnosis.
#
# {{badges}}
#
# *75 minutes · needs lessons 01 to 07 · runs in about a minute on a CPU*

# %% [markdown]
# ## You will be able to
#
# - say of a broken stack who refuses it: Keras while the list is written, `fit`, or nobody;
# - read an error of `fit` that names no layer, and make labels, units and loss agree;
# - put the last layer and its loss right when the model trains silently and the number is wrong;
# - find a silent mistake in the data: scale, order, or an array that never arrives;
# - find what no linter can see, by a baseline, by a look at the data, and by the way the data was split.

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
# ## 1. First, a healthy stack
#
# A doctor must know what healthy looks like. This is the network of lesson 01 on pictures of clothes.
# Guessing would be right for 10 % of them. We train for a short time and on few pictures, because many models follow; healthy then means
# that more than 75 % of the test pictures are named correctly.

# %%
fashion = sk.data.load("fashion")
n, epochs = sk.budget(quick=(4_000, 3), full=(6_000, 3))
pixels, y = fashion.x_train[:n], fashion.y_train[:n]  # whole numbers from 0 to 255
x, x_test, y_test = pixels / 255.0, fashion.x_test / 255.0, fashion.y_test


def train(stack, x, y, loss, epochs=epochs, **more):
    sk.seed(0)
    model = keras.models.clone_model(keras.Sequential(stack))  # new weights, from the seed
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    history = model.fit(x, y, epochs=epochs, batch_size=64, verbose=0, **more).history
    return model, history


def answers(model, x):
    return keras.ops.convert_to_numpy(model(x))


def score(model, x, y):
    """The share of right answers: the largest of several, or one above 0.5."""
    said = answers(model, x)
    named = said.argmax(axis=1) if said.shape[1] > 1 else said[:, 0] > 0.5
    return np.mean(named == y)


# %% seqkit={"headline": "the healthy stack: {healthy_score:.1%}"}
def stack_with(*end):
    """The network of lesson 01, with another end."""
    hidden = layers.Dense(32, activation="relu")
    return [keras.Input((28, 28)), layers.Flatten(), hidden, *end]


sparse = "sparse_categorical_crossentropy"
healthy, _ = train(stack_with(layers.Dense(10, activation="softmax")), x, y, sparse)
healthy_score = score(healthy, x_test, y_test)
sk.expect(healthy_score > 0.75, "the healthy stack names more than 75 % of the test pictures")

# %% [markdown]
# The second doctor of this clinic is `sk.lint`. It looks at a model, at what `compile` got, and at the data if you
# pass them. It trains nothing. It has rules with codes: **SEQ1** for the layers, **SEQ2** for the last layer,
# loss and labels, **SEQ3** for the data, **SEQ4** for the rest of `compile`. An *error* certainly fails or
# cannot give a useful number, a *warning* is very likely not what you meant.

# %%
sk.lint(healthy, x, y)

# %% [markdown]
# In each case **you go first**: write your diagnosis in place of the dots, then run the next cells.
#
# There are three kinds of patients. Some are refused **while the list is written**. Some are refused **in
# `fit`**. And some are refused by **nobody**.

# %% [markdown]
# ## 2. Refused while the list is written
#
# Here are seven lists, a to g; they become our cases 1 to 7. Articles name several of them as the classic mistakes, and say
# that they fail. Do they?

# %%
pictures, relu = keras.Input((28, 28, 1)), {"activation": "relu"}
ten = {"units": 10, "activation": "softmax"}
lists = {
    "a": [keras.Input((20, 4)), layers.LSTM(16), layers.LSTM(8), layers.Dense(1)],
    "b": [layers.Dense(32, **relu), layers.Dense(**ten)],
    "c": [pictures, [layers.Conv2D(8, 1), layers.Conv2D(8, 3)], layers.Dense(**ten)],
    "d": [pictures, layers.Conv2D(8, 3, **relu), layers.Dense(**ten)],
    "e": [keras.Input((784,)), layers.Conv2D(8, 3, **relu), layers.Flatten(), layers.Dense(**ten)],
    "f": [pictures],  # and four times a convolution and a pooling:
    "g": [keras.Input((4,)), layers.Dense(8, name="a"), layers.Dense(1, name="a")],
}
for _ in range(4):
    lists["f"] += [layers.Conv2D(8, 3, **relu), layers.MaxPooling2D(2)]

# %% [markdown]
# a: two recurrent layers. b: no input shape. c: two layers side by side. d: no Flatten. e: pictures that were
# flattened before. f: four poolings. g: one name twice.

# %%
mine = ...  # the letters of the lists that Keras ACCEPTS, as one text, such as "ag"

# %%
tried = {letter: sk.attempt(keras.Sequential, stack) for letter, stack in lists.items()}
sk.guess(mine, "".join(letter for letter, one in tried.items() if not one.failed))

# %%
for letter, one in tried.items():
    print(
        letter,
        "refused:" if one.failed else "accepted",
        one.explanation.title if one.failed else "",
    )

# %% [markdown]
# Five are refused: the lists a, c, e, f and g are our cases 1, 2, 3, 4 and 5, in this order. They are the harmless ones, because
# Keras stops at the line where the mistake is. The lists b and d are accepted: they are the cases 6 and 7, in section 3.
#
# **Case 1, list a.** Which shape does the second LSTM get?

# %%
mine = ...  # a shape, as in (None, 20, 4)

# %%
trace = sk.trace(lists["a"])
sk.guess(mine, trace.rows[1].input_shape)

# %%
trace

# %% [markdown]
# An LSTM gives its state after the *last* step only, unless you write `return_sequences=True` (lesson 05).
#
# **Case 4, list f.** 28 pixels, and each pair of convolution and pooling takes 2 away and halves. Which row of the trace fails? Count from 0.

# %%
mine = ...  # the number of the row

# %%
trace = sk.trace(lists["f"])
sk.guess(mine, trace.failure.index)

# %%
trace

# %% [markdown]
# 28 → 26 → 13 → 11 → 5 → 3 → 1: a window of 3 no longer fits.
#
# **Case 2, list c** is another kind of mistake: not a wrong
# shape, but a wrong *form*. The author wanted two roads side by side.

# %%
sk.draw(tried["c"].explanation)

# %% [markdown]
# Left what was written, right what was meant. A list has one road (claim B15.3; lesson 15 builds the right side). Now `sk.lint` on all
# five. It needs no build: it takes the list.

# %%
for letter in "acefg":
    finding = sk.lint(lists[letter]).findings[0]
    print(f"{letter}  {finding.code} {finding.name}\n   {finding.message}")

# %% [markdown]
# The repairs. Cases 1 and 3 (a and e) need the right *shape* for the next layer, case 4 (f) less pooling, case 5 (g) a new name. And for
# case 2 (c) you either leave the second road out, or use the Functional API of Part II.

# %%
steps = layers.LSTM(16, return_sequences=True)
repaired = {
    "a": [keras.Input((20, 4)), steps, layers.LSTM(8), layers.Dense(1)],
    "c": [pictures, layers.Conv2D(8, 3), layers.Flatten(), layers.Dense(**ten)],
    "e": [keras.Input((784,)), layers.Reshape((28, 28, 1)), *lists["e"][1:]],
    "f": [*lists["f"][:5], layers.Flatten(), layers.Dense(**ten)],  # two poolings of four
    "g": [keras.Input((4,)), layers.Dense(8, name="a"), layers.Dense(1, name="b")],
}
for letter, stack in repaired.items():
    print(letter, keras.Sequential(stack).output_shape)

# %%
sk.expect(
    all(sk.lint(stack).ok for stack in repaired.values()), "sk.lint finds no error in any of them"
)

# %% [markdown]
# ## 3. Accepted, and that is the trouble
#
# **Case 6, list b: no input shape.** Older books say that such a model cannot be built (claim B15.1). It was accepted. What
# can you ask it?

# %%
mine = ...  # how many weight arrays does it have now?

# %%
no_input = tried["b"].value
sk.guess(mine, len(no_input.weights))

# %%
asked = sk.attempt(no_input.count_params)
sk.expect(asked.failed, "and nobody can count its parameters")
print(asked.explanation.title)

# %%
sk.lint(no_input)

# %% [markdown]
# Only *info*: it is no fault, and the first data will build it. But until then no shape can be checked, so every other
# mistake shows later. The repair is one line:

# %%
with_input = keras.Sequential([keras.Input((784,)), *lists["b"]])
sk.expect(with_input.count_params() == 25_450, "with keras.Input: 25,450 parameters, at once")

# %% [markdown]
# **Case 7, list d: Conv2D → Dense without Flatten.** The most quoted mistake of all (claim B15.2), and it *builds*. To which
# shape?

# %%
mine = ...  # the output shape

# %%
no_flatten = tried["d"].value
sk.guess(mine, no_flatten.output_shape)

# %% [markdown]
# Dense works on the last axis, so we get ten shares for each of 26 · 26 places. It must fail somewhere. Here:

# %%
no_flatten.compile(optimizer="adam", loss=sparse)
with sk.attempt() as in_fit:
    no_flatten.fit(x[:32, ..., None], y[:32], verbose=0)

# %% [markdown]
# One picture has one label. For these labels the output should have 2 axes, (32, 10): there is no label for each of the
# 26 · 26 places.
#
# Open *Keras said*: its words name no layer, and not the missing Flatten. (They are the words of TensorFlow. On JAX they are others,
# and name no layer, either.) So it is hard to see what to repair. `sk.lint` needs no `fit` for it:

# %%
sk.lint(no_flatten, x[..., None], y)

# %%
flat = keras.Sequential(
    [pictures, layers.Conv2D(8, 3, **relu), layers.Flatten(), layers.Dense(**ten)]
)
sk.expect(flat.output_shape == (None, 10), "repaired: ten shares for each picture")

# %% [markdown]
# **Case 8, its silent twin.** Now the answer is one number for each picture: how much ink it has, the mean of all its pixels. It is
# easy, so a good model is right within 0.05. A baseline that always says the mean of all pictures is wrong by
# about 0.12. Will anything stop this program?

# %%
ink, ink_test = x[:1000].mean(axis=(1, 2)), x_test[:200].mean(axis=(1, 2))
baseline = np.abs(ink_test - ink.mean()).mean()
sk.expect(0.09 < baseline < 0.13, "always saying the mean is wrong by about 0.12")


def measure_ink(*between):
    sk.seed(0)
    model = keras.Sequential([pictures, layers.Conv2D(4, 3, **relu), *between, layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    model.fit(x[:1000, ..., None], ink, epochs=4, batch_size=32, verbose=0)
    said = answers(model, x_test[:200, ..., None]).reshape(200, -1).mean(axis=1)
    return model, np.abs(said - ink_test).mean()


twin, twin_error = measure_ink()

# %%
mine = ...  # how many numbers does the model give for ONE picture?

# %%
sk.guess(mine, int(np.prod(twin.output_shape[1:])))

# %%
sk.expect(twin_error > 0.06, "it trained, and the mean of its answers is wrong by more than 0.06")

# %%
sk.lint(twin, x[:1000, ..., None], ink)

# %% [markdown]
# No exception: mse *subtracts*, and arrays that differ in their axes are repeated until they fit (broadcasting, as in NumPy).
# Which shape comes out when (32,) is subtracted from (32, 26, 26, 1)?

# %%
print((np.zeros((32, 26, 26, 1)) - np.zeros(32)).shape)

# %% [markdown]
# Each place of each picture is compared with the labels of **all** 32 pictures of the batch. The best that it can learn is
# their mean. The repair:

# %%
whole, whole_error = measure_ink(layers.Flatten())
sk.expect(whole_error < 0.05, "with Flatten it is wrong by less than 0.05")

# %% [markdown]
# An article says of Sequential: *practically no chance of feeding a wrong tensor* (claim C4.5). Here the input was right, and
# nothing stopped a wrong tensor at the loss.

# %% [markdown]
# ## 4. Refused in `fit`: labels, units and loss
#
# Three things must agree: the form of the labels, the number of units, and the loss. Keras compares them in
# the first step of `fit`, deep inside the loss. So the message speaks of `target` (your labels) and
# `output` (what the last layer gives), and of nothing else. Each backend has its own words; those below are TensorFlow's.

# %%
import textwrap


def ten_classes():
    return keras.Sequential(stack_with(layers.Dense(**ten)))


def message_of_fit(loss, labels):
    model = ten_classes()
    model.compile(optimizer="adam", loss=loss)
    tried = sk.attempt(model.fit, x[:320], labels[:320], verbose=0)
    print(textwrap.fill(str(tried.error), 90))
    return model


# %%
one_hot = keras.utils.to_categorical(y, 10)
case_9 = message_of_fit("categorical_crossentropy", y)

# %% [markdown]
# **Case 9.** Which loss do these labels want?

# %%
mine = ...  # the name of the loss, in quotes

# %%
sk.guess(mine, sparse)

# %%
sk.lint(case_9, x, y)

# %% [markdown]
# **Case 10.** The same stack, and this time the labels are `one_hot`:

# %%
case_10 = message_of_fit(sparse, one_hot)

# %%
mine = ...  # which loss do THESE labels want?

# %%
sk.guess(mine, "categorical_crossentropy")

# %%
sk.lint(case_10, x, one_hot)

# %% [markdown]
# **Case 11.** Somebody counted the classes from 1, as people do: the labels are `y + 1`, and the loss is the right one, the
# sparse one.

# %%
mine = ...  # which of the labels 1 to 10 has no unit among the ten?

# %%
sk.guess(mine, 10)

# %%
case_11 = ten_classes()
case_11.compile(optimizer="adam", loss=sparse)
tried = sk.attempt(case_11.fit, x[:320], y[:320] + 1, verbose=0)
seen = tried.failed or bool(np.isnan(tried.value.history["loss"][-1]))
silent = keras.backend.backend() == "jax"
sk.expect(seen or silent, "it stops, or the loss is nan; or, on JAX, nothing tells you")

# %%
sk.lint(case_11, x, y + 1)

# %% [markdown]
# Which of these happens depends on the backend. TensorFlow on a CPU stops, with a page of text; on a GPU it gives `nan`. PyTorch
# stops. JAX trains on silently, and the label without a unit costs nothing.
#
# Units are numbered from 0, so ten units are for the labels 0 to 9.
#
# Each of the three has a small repair. Does the loss take the labels now?

# %%
repairs = {
    "case 9: the sparse loss": (sparse, y),
    "case 10: the loss for one-hot labels": ("categorical_crossentropy", one_hot),
    "case 11: count from 0": (sparse, (y + 1) - 1),
}
sk.seed(0)
for name, (loss, labels) in repairs.items():
    untrained = ten_classes()(x[:320])
    first_loss = float(keras.ops.mean(keras.losses.get(loss)(labels[:320], untrained)))
    sk.expect(1.5 < first_loss < 4, f"{name}: the loss takes them, and it is a usual one")

# %% [markdown]
# A **usual loss** for ten classes is near ln 10 = 2.3 at the start: that is what guessing costs. A first loss far from it is a
# symptom of its own.

# %% [markdown]
# ## 5. Refused by nobody: the last layer
#
# From here on nothing stops. Your only symptom is a number, and you need something to compare it with.
#
# **Case 12.** Two classes: is it worn on the body (1), or is it a shoe or a bag (0)? Six of the ten kinds are worn, so always answering
# *worn* is right for about 60 %. This stack was trained. More epochs do not change its score:

# %%
kinds = [fashion.classes.index(kind) for kind in ("Trouser", "Dress", "Coat", "Shirt", "Pullover")]
kinds.append(fashion.classes.index("T-shirt/top"))
worn, worn_test = (np.isin(labels, kinds).astype("float32") for labels in (y, y_test))

case_12 = sk.attempt(
    train, stack_with(layers.Dense(1, activation="softmax")), x, worn, "binary_crossentropy"
)
stuck, stuck_history = case_12.value
said = sk.attempt(answers, stuck, x_test).value[:, 0]
sk.expect(0.55 < np.mean((said > 0.5) == worn_test) < 0.65, "between 55 % and 65 % are right")

# %%
mine = ...  # what is to blame? "epochs", "activation", "labels" or "learning rate"

# %%
sk.guess(mine, "activation")

# %%
sk.lint(stuck, x, worn)

# %%
sk.expect(np.allclose(said, 1), "whatever the picture, the answer is 1")
sk.expect(len(case_12.warned) > 0, "Keras gave a warning, and no exception")

# %% [markdown]
# Softmax divides each unit by the sum of all units. With one unit that is x/x = 1. Did at least the loss tell you? Compare the first
# and the last epoch:

# %%
mine = ...  # on TensorFlow, is the last loss less than half of the first? True or False

# %%
falls = stuck_history["loss"][-1] < stuck_history["loss"][0] / 2
on_tensorflow = keras.backend.backend() == "tensorflow"
sk.guess(mine, falls if on_tensorflow else True)

# %%
sk.expect(falls == on_tensorflow, "the loss falls on TensorFlow, and only there")

# %% [markdown]
# On TensorFlow Keras computes this loss from the number *before* the activation, and takes a sigmoid of its own, because that is more exact.
# So the *weights* learn, and the model answers 1 for ever. A falling loss proves nothing; the score
# beside the baseline does. The repair:

# %%
binary, _ = train(stack_with(layers.Dense(1, activation="sigmoid")), x, worn, "binary_crossentropy")
sk.expect(score(binary, x_test, worn_test) > 0.95, "with sigmoid more than 95 % are right")

# %% [markdown]
# **Case 13.** Ten classes again; the healthy stack reaches more than 75 %. This one does not reach 60 % (in four runs it gave 14 %
# to 40 %):

# %%
logits, _ = train(stack_with(layers.Dense(10)), x, y, sparse)
logits_score = score(logits, x_test, y_test)
sk.expect(logits_score < 0.60, "fewer than 60 % are right")

# %%
mine = ...  # what is missing? "units", "softmax", "Flatten" or "one-hot labels"

# %%
sk.guess(mine, "softmax")

# %%
sk.lint(logits, x, y)

# %% [markdown]
# Numbers without an activation are called **logits** (lesson 03). The loss was promised probabilities, and cuts off what is below 0 or above 1.
# There are two right repairs: softmax, or tell the loss.

# %%
told = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
from_logits, _ = train(stack_with(layers.Dense(10)), x, y, told)
from_logits_score = score(from_logits, x_test, y_test)
sk.expect(from_logits_score > 0.75, "with from_logits=True more than 75 % are right")
sk.expect(abs(from_logits_score - healthy_score) < 0.03, "as many as with softmax, within 3 points")

# %% [markdown]
# **Case 14.** A regression: by how many degrees does the temperature change in the next six hours? The input is the weather of
# the last 24 hours. A baseline that says *no change* is wrong by nearly 4 degrees on average. This model is clearly better than that. Is it
# healthy?

# %%
weather = sk.data.load("weather_hourly")
parts = weather.windows(length=24, horizon=6, step=2)
place = weather.features.index("dry_bulb_c")  # the temperature
mean, spread = parts.x_train.mean((0, 1)), parts.x_train.std((0, 1))
day, day_test = (parts.x_train - mean) / spread, (parts.x_test - mean) / spread
change = parts.y_train - parts.x_train[:, -1, place]
change_test = parts.y_test - parts.x_test[:, -1, place]


# %%
def forecast(stack, x, metrics=()):
    sk.seed(0)
    model = keras.models.clone_model(keras.Sequential(stack))
    model.compile(optimizer="adam", loss="mse", metrics=list(metrics))
    model.fit(x, change, epochs=5, batch_size=64, verbose=0)
    return model


def days(**end):
    hidden = layers.Dense(32, activation="relu")
    return [keras.Input((24, 8)), layers.Flatten(), hidden, layers.Dense(1, **end)]


case_14 = forecast(days(activation="relu"), day, metrics=["mae", "accuracy"])
_, error, hits = case_14.evaluate(day_test, change_test, verbose=0)
no_change = np.abs(change_test).mean()
sk.expect(error < 0.8 * no_change, "its mean error is at least a fifth below that of 'no change'")
sk.expect(hits < 0.10, "its accuracy is below 10 %")

# %% [markdown]
# An accuracy below 10 % and an error that beats the baseline: which of the two should worry you? Look at the forecasts.

# %%
mine = ...  # how many of the forecasts for the test days are below 0? Half of all changes are

# %%
said = answers(case_14, day_test)[:, 0]
sk.guess(mine, int((said < 0).sum()))

# %%
linear = forecast(days(), day)
figure, axes = plt.subplots(1, 2, figsize=(9, 2.8), sharex=True, sharey=True)
for axis, model, name in zip(axes, (case_14, linear), ("relu", "no activation"), strict=True):
    axis.scatter(change_test, answers(model, day_test)[:, 0], s=6, color="#0072B2")
    axis.plot([-12, 15], [-12, 15], "--", color="#D55E00")
    axis.set(title=f"at the end: {name}", xlabel="true change, degrees")
axes[0].set_ylabel("forecast, degrees")
figure.tight_layout()
sk.show(
    figure,
    alt="Forecast against truth. With relu at the end no forecast is below zero; without an "
    "activation the points follow the dashed diagonal on both sides.",
)

# %%
sk.lint(case_14, day, change)

# %% [markdown]
# relu turns every negative forecast into 0. Warm changes are nearly right, cold ones are lost, and the *average* still looks good. Repair:
# no activation, so that any number can come out (claim B15.5).

# %%
linear_error = np.abs(answers(linear, day_test)[:, 0] - change_test).mean()
sk.expect(linear_error < 0.8 * error, "without relu the mean error is at least a fifth lower")

# %% [markdown]
# **Case 15** came along in the same report: `accuracy` for numbers (SEQ218). For one unit Keras turns the forecast into 1 if it is above 0.5 and into
# 0 otherwise, and counts how often the true change is *exactly* that. By hand:

# %%
by_hand = np.mean((said > 0.5) == change_test)
sk.expect(abs(by_hand - hits) < 1e-3, "that is the 'accuracy' that Keras reported")
zeros, ones = (change_test == 0).sum(), (change_test == 1).sum()
print(f"of {len(change_test)} changes {zeros} are exactly 0, and {ones} are exactly 1")

# %% [markdown]
# So this 'accuracy' cannot pass 42 / 705, which is 6 %, and here it is 4 %. It says nothing about a forecast, good or bad. For numbers take `mae`, the mean error in degrees.

# %% [markdown]
# ## 6. Refused by nobody: the data
#
# **Case 16.** The healthy stack, letter for letter, with the same labels, loss and optimizer. Yet its score is far below 75 %. In our runs
# it was 29 % to 51 % with three seeds on TensorFlow, and 10 % on JAX, which is no better than guessing.

# %%
softmax_ten = stack_with(layers.Dense(10, activation="softmax"))
case_16, _ = train(softmax_ten, pixels, y, sparse)
case_16_score = score(case_16, fashion.x_test, y_test)
sk.expect(case_16_score < healthy_score - 0.08, "at least 8 points fewer than the healthy stack")

# %%
mine = ...  # what is to blame? "shape", "scale", "labels" or "loss"

# %%
sk.guess(mine, "scale")

# %%
sk.lint(case_16, pixels, y)

# %%
rescaled = [keras.Input((28, 28)), layers.Rescaling(1 / 255), *softmax_ten[1:]]
case_16, _ = train(rescaled, pixels, y, sparse)
sk.expect(
    abs(score(case_16, fashion.x_test, y_test) - healthy_score) < 0.03,
    "with Rescaling inside: as the healthy stack, within 3 points",
)

# %% [markdown]
# **Case 17.** The temperature again. There are two arrays: seven other variables of the last hour, and the temperature of the last 24
# hours. Both are passed:

# %%
other = [column for column in range(8) if column != place]
now, course = day[:, -1, other], day[:, :, place]
now_test, course_test = day_test[:, -1, other], day_test[:, :, place]


def two_layers(width):
    return [keras.Input((width,)), layers.Dense(32, activation="relu"), layers.Dense(1)]


case_17 = sk.attempt(forecast, two_layers(7), [now, course])
model = case_17.value
said = sk.attempt(answers, model, [now_test, course_test]).value
case_17_error = np.abs(said[:, 0] - change_test).mean()
sk.expect(not case_17.failed, "fit ran to the end")

# %%
warning = str(case_17.warned[0]).splitlines()[0]
print(warning)
sk.expect("structure of `inputs`" in warning, "and Keras gave this warning")

# %%
mine = ...  # does a forecast change when we set the whole second array to 0? True or False

# %%
without = sk.attempt(answers, model, [now_test, 0 * course_test]).value
sk.guess(mine, not np.allclose(said, without))

# %%
sk.lint(model, [now, course], change)

# %% [markdown]
# There was a warning of Keras, `fit` went on, and the second array is gone (claim C4.5 once more). A list has one road in. The repair inside Sequential: make *one*
# array of both. (Two roads of their own need the Functional API, lesson 13.)

# %%
joined = forecast(two_layers(31), np.concatenate([now, course], axis=1))
joined_test = np.concatenate([now_test, course_test], axis=1)
joined_error = np.abs(answers(joined, joined_test)[:, 0] - change_test).mean()
sk.expect(joined_error < 0.8 * case_17_error, "one array: the mean error is a fifth lower, or more")

# %% [markdown]
# **Case 18.** Healthy stack, healthy pixels. The training score is as it should be. The **validation** score is below 5 %, worse than
# guessing:

# %%
order = np.argsort(y, kind="stable")  # as a folder with one sub-folder for each class gives them
case_18, history = train(softmax_ten, x[order], y[order], sparse, validation_split=0.2)
sk.expect(history["accuracy"][-1] > 0.65, "in training: more than 65 %")
sk.expect(history["val_accuracy"][-1] < 0.05, "in validation: less than 5 %")

# %%
mine = ...  # what is to blame? "overfitting", "order", "scale" or "epochs"

# %%
sk.guess(mine, "order")

# %%
sk.lint(case_18, x[order], y[order])

# %% [markdown]
# `validation_split=0.2` takes the **last** fifth *before* anything is shuffled. Here these are nearly only bags and ankle boots, two
# classes that training never saw. (`sk.lint` looks at the very last labels: these are all 9, ankle boots.) It is not overfitting: the two parts have different classes. Repair: shuffle pictures and labels **together**.

# %%
together = np.random.default_rng(0).permutation(len(y))
x_mixed, y_mixed = x[order][together], y[order][together]
_, history = train(softmax_ten, x_mixed, y_mixed, sparse, validation_split=0.2)
sk.expect(history["val_accuracy"][-1] > 0.70, "shuffled together: more than 70 % in validation")

# %% [markdown]
# ## 7. What no linter sees
#
# `sk.lint` reads shapes, ranges and settings. It does not know what your numbers *mean*. The last three patients get a clean
# report, and are ill.
#
# **Case 19.** Satellite pictures of coasts: is more than half of the tile land? Always answering *water* is right in about half of the cases. The file
# holds them with the colours first, (3, 32, 32), and Keras wants them last. So somebody wrote `reshape`.

# %%
coast = sk.data.load("coast")
tile, tile_test = coast.x_train[:, ::2, ::2] / 255.0, coast.x_test[:, ::2, ::2] / 255.0
land, land_test = (mask.mean(axis=(1, 2, 3)) > 0.5 for mask in (coast.y_train, coast.y_test))
first, first_test = np.moveaxis(tile, -1, 1), np.moveaxis(tile_test, -1, 1)  # as in the file
print(first.shape, "->", first.reshape(-1, 32, 32, 3).shape)


# %%
def tiles(x, x_test):
    sk.seed(0)
    model = keras.Sequential([keras.Input((32, 32, 3)), layers.Conv2D(8, 3, **relu)])
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dense(8, **relu))
    model.add(layers.Dense(1, activation="sigmoid"))
    adam = keras.optimizers.Adam(0.01)
    model.compile(optimizer=adam, loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(x, land, epochs=15, batch_size=16, verbose=0)
    return model, score(model, x_test, land_test)


case_19, case_19_score = tiles(first.reshape(-1, 32, 32, 3), first_test.reshape(-1, 32, 32, 3))
sk.expect(0.55 < case_19_score < 0.85, "between 55 % and 85 %: better than guessing")

# %%
sk.lint(case_19, first.reshape(-1, 32, 32, 3), land)

# %% [markdown]
# No findings: shape, range and loss are right. You would publish it. **Look at one example first**, after all your preparations:

# %%
shown = first[40].reshape(32, 32, 3), np.moveaxis(first[40], 0, -1)
figure, axes = plt.subplots(1, 2, figsize=(5, 2.7))
for axis, picture, name in zip(axes, shown, ("reshape", "moveaxis"), strict=True):
    axis.imshow(picture)
    axis.set_title(name)
    axis.axis("off")
sk.show(
    figure,
    alt="The same tile twice. Left, after reshape: a grid of small, mostly grey copies. "
    "Right, after moveaxis: a coast in its colours.",
)

# %% [markdown]
# What did `reshape` do to the numbers?

# %%
mine = ...  # were the axes "turned", was the same row of numbers "cut anew", or were some "lost"?

# %%
same_row = np.array_equal(first.reshape(-1, 32, 32, 3).ravel(), first.ravel())
sk.guess(mine, "cut anew" if same_row else "turned")

# %%
moved, moved_score = tiles(np.moveaxis(first, 1, -1), np.moveaxis(first_test, 1, -1))
sk.expect(moved_score > 0.85, "with moveaxis more than 85 % are right")

# %% [markdown]
# **Case 20.** Healthy stack, healthy pixels, shuffled data. Yet the score is near 10 %:

# %%
random = np.random.default_rng(0)
case_20, history = train(softmax_ten, random.permutation(x), random.permutation(y), sparse)
print(len(sk.lint(case_20, random.permutation(x), random.permutation(y))), "findings")
sk.expect(score(case_20, x_test, y_test) < 0.25, "fewer than 25 % are right")
sk.expect(abs(history["loss"][-1] - np.log(10)) < 0.1, "the loss stays at ln 10 = 2.3")

# %%
mine = ...  # what is to blame? "too few units", "pictures and labels apart", "scale" or "order"

# %%
sk.guess(mine, "pictures and labels apart")

# %% [markdown]
# Each was shuffled by its own permutation, so nearly every picture has the label of another one. **When the classes have equal sizes, a
# loss that stays at ln(classes) says: the model has found nothing in x about y.** (With unequal classes the loss stays at a lower
# number.) The data is not the only possible cause: hidden units with relu that give 0 for every picture, or a learning rate that is far too large, can give the same. The
# repair here is the one of case 18: one `order` for both, `x[order]` and `y[order]`.
#
# **Case 21, the most expensive of all.** There are only 300 pictures. So six copies of each are made, shifted by a pixel, and then a
# fifth is kept apart at random for validation:

# %%
shifts = [(0, 0), (0, 1), (1, 0), (1, 1), (0, -1), (-1, 0)]
copies = np.concatenate([np.roll(x[:300], shift, axis=(1, 2)) for shift in shifts])
labels, source = np.tile(y[:300], 6), np.tile(np.arange(300), 6)  # source: copy of which picture?

mixed = np.random.default_rng(0).permutation(len(copies))
learn, hold = mixed[:1440], mixed[1440:]
wide = [keras.Input((28, 28)), layers.Flatten(), layers.Dense(128, **relu), layers.Dense(**ten)]
case_21, _ = train(wide, copies[learn], labels[learn], sparse, epochs=12)
validation, new = score(case_21, copies[hold], labels[hold]), score(case_21, x_test, y_test)
sk.expect(validation > 0.78, "validation: more than 78 % of the copies are right")

# %%
mine = ...  # will the 2,000 test pictures score "higher", "about the same" or "lower"?

# %%
sk.guess(mine, "lower" if new < validation - 0.03 else "about the same")

# %%
sk.expect(new < validation - 0.03, "on new pictures it is at least 3 points lower")
seen = np.isin(source[hold], source[learn]).mean()
sk.expect(seen > 0.99, "nearly every held-out copy has a sibling in the training part")
print(len(sk.lint(case_21, copies[learn], labels[learn])), "findings")

# %% [markdown]
# In four runs (three seeds on TensorFlow, one on JAX) the validation gave 83 % to 85 %, and new pictures 75 % to 78 %. The validation asked for
# pictures that the model had seen, shifted by one pixel. This is a **leak**: something of the answer crosses from one part to the
# other. Repair: **split first, then copy**; all copies of a picture go to the same side. Windows of a series leak in the same way when they overlap
# (lesson 05), and so do duplicates and several rows of the same person.

# %%
learn, hold = np.flatnonzero(source < 240), np.flatnonzero(source >= 240)
apart, _ = train(wide, copies[learn], labels[learn], sparse, epochs=12)
sk.expect(not np.isin(source[hold], source[learn]).any(), "no picture is on both sides")
honest = score(apart, copies[hold], labels[hold])
sk.expect(honest < validation - 0.05, "the validation score is lower now, and honest")

# %% [markdown]
# A repair that makes the number *lower*. Honest does not mean exact: with 60 different pictures the validation is a rough
# estimate, and may well lie some points away from the test.

# %% [markdown]
# ## 8. A last test
#
# The last patient has several mistakes at once, none of which stops the training. Find all of them before `sk.lint` does.

# %%
patient = keras.Sequential(
    [
        keras.Input((28, 28)),
        layers.Flatten(),
        layers.Dense(64),
        layers.Dense(32),
        layers.Dense(10, activation="softmax"),
        layers.Dropout(0.2),
    ]
)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
patient.compile(optimizer=keras.optimizers.Adam(1.0), loss=loss, metrics=["accuracy"])

# %%
mine = ...  # it gets `pixels` and `y`: how many findings?

# %%
report = sk.lint(patient, pixels, y)
sk.guess(mine, len(report))

# %%
report

# %% [markdown]
# An order for your own examinations, cheapest first:
#
# 1. `sk.trace` the list, and read the output shape. Is it the shape of one label?
# 2. `sk.lint(model, x, y)`, with the data.
# 3. Look at one example and its label, after all preparations.
# 4. Compare the first loss with ln(classes), and the score with a baseline.
# 5. Ask of every example that is held out: how did it get there?

# %% [markdown]
# ## 9. The claims and the evidence

# %%
sk.claims.table(lesson=9)

# %% [markdown]
# B15.1 was true of an older Keras; section 3 showed what is left of it. B15.2 is *wrong*: the famous example builds, fails later with a class loss, and
# with mse not at all. C4.5 and C4.10 are *wrong* as said: in case 8 nothing stopped a wrong tensor at the loss, in case 17 one of two arrays never arrived, and
# the lists a, e and f are shape errors. What is true in them: a list has no names to mix up, so there are *fewer kinds* of mistakes. B15.4
# *holds*: the answers are useless, although on TensorFlow the weights do learn (case 12). B15.5 *holds, but* case 13 showed the other right
# way, logits with `from_logits=True`.

# %% [markdown]
# ## Check yourself

# %% seqkit={"role": "check"}
from seqkit.exercises.quick import Choice

Choice(
    "A model for two classes has the same accuracy after every epoch: exactly the share of class 1. "
    "What do you look at first?",
    {"a": "The number of epochs", "b": "The activation of the last layer", "c": "The batch size"},
    correct="b",
    feedback={
        "a": "More epochs of always answering 1 give the same number.",
        "b": "Yes. A model that always answers 1 scores just that; softmax on one unit does it.",
        "c": "It changes how noisy the steps are. It does not make every answer equal.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "`fit` says: target.shape=(32,), output.shape=(32, 10). Which labels and loss fit this output?",
    {
        "a": "These labels with sparse_categorical_crossentropy",
        "b": "These labels with categorical_crossentropy",
        "c": "Dense(1) with categorical_crossentropy",
    },
    correct="a",
    feedback={
        "a": "Yes. One whole number for each example, and ten units.",
        "b": "That loss wants a row of ten for each example: to_categorical(y, 10).",
        "c": "One unit cannot name ten classes. The output is right, the loss is not.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "Five photographs of each of 100 people; the model must name the mood of people it has never "
    "seen. How do you split?",
    {
        "a": "500 photographs at random",
        "b": "80 people for training, 20 people for the test",
        "c": "Four photographs of each person for training, one for the test",
    },
    correct="b",
    feedback={
        "a": "Then nearly every person is on both sides, as the copies in case 21.",
        "b": "Yes. Nothing about the people of the test has been seen.",
        "c": "Every person is on both sides. That answers another question: known people.",
    },
).ask()

# %% [markdown]
# ## What to remember
#
# - Keras checks neighbours, and `fit` checks shapes. Nobody checks what you meant.
# - Labels, units and loss must agree; the message of `fit` speaks of `target` and `output` only.
# - A falling loss proves nothing. A score beside a baseline does.
# - `sk.lint(model, x, y)` knows shapes, ranges and settings. It cannot know what the numbers mean.
# - Look at one example, and ask how the test data came to be test data.
#
# The words in italics are those of Keras 3.15. In the cases 7, 9, 10 and 11 they are those of TensorFlow: other backends say it otherwise.
#
# | symptom | cause | fix | case |
# |---|---|---|---|
# | *expected ndim=3, found ndim=2* | LSTM after LSTM | `return_sequences=True` | 1 |
# | *Only instances of keras.Layer can be added* | a list as an item | the Functional API | 2 |
# | *expected min_ndim=4, found ndim=2* | a flat input for Conv2D | `Reshape` | 3 |
# | *Computed output size would be zero or negative* | too much pooling | fewer poolings, `padding="same"` | 4 |
# | *should have unique names* | two layers of one name | another name | 5 |
# | `?` and *unbuilt* in the summary | no input shape | `keras.Input` | 6 |
# | *must have rank*, and an output with four axes | no Flatten | `Flatten` or a global pooling | 7 |
# | many answers for one example, and a poor score | no Flatten, mse | `Flatten` or a global pooling | 8 |
# | *must have the same rank*, *must have rank* | labels and loss | the sparse loss, or one-hot labels | 9 10 |
# | *outside the valid range*, or `nan`, or nothing (JAX) | a label without a unit | count from 0; enough units | 11 |
# | score = share of class 1 | softmax on one unit | `sigmoid` | 12 |
# | a poor score, no activation at the end | undeclared logits | `softmax`, or `from_logits=True` | 13 |
# | no answer below 0 | relu at the end | no activation | 14 |
# | an accuracy near 0 in a regression | the wrong metric | `mae` | 15 |
# | a poor score with a healthy stack | pixels from 0 to 255 | `Rescaling(1 / 255)` | 16 |
# | a warning about *structure* | two arrays, one input | one array, or Functional | 17 |
# | validation far below training, classes differ | sorted data | shuffle both together | 18 |
# | pictures that look wrong | `reshape` for `moveaxis` | look; `moveaxis` | 19 |
# | the loss stays at ln(classes) | x and y shuffled apart | one order for both | 20 |
# | validation better than new data | copies on both sides | split first | 21 |

# %% [markdown]
# ## Next
#
# - [Exercise 09](../exercises/09_mistakes.ipynb): six more patients, without a doctor beside you.
# - [Lesson 10](10_ship_it.ipynb) takes a healthy model out of the notebook.
#
# Read on: Humbatova et al. (2020), *Taxonomy of real faults in deep learning systems*; Kaufman, Rosset, Perlich and Stitelman (2012),
# *Leakage in data mining: formulation, detection, and avoidance*; the Keras guide
# [Training and evaluation with the built-in methods](https://keras.io/guides/training_with_built_in_methods/).
