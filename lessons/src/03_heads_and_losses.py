# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 03 · Choose the head and the loss
#
# The last layer and the loss belong together. Choose them wrongly, and most of the time nothing stops: the
# model trains. It learns the wrong thing, or it learns the right thing and then gives wrong answers. After
# this lesson you can choose them for each of the four usual tasks.
#
# {{badges}}
#
# *60 minutes · needs lessons 01 and 02 · trains fifteen small models, about a minute on a CPU*

# %% [markdown]
# ## You will be able to
#
# - choose units, activation and loss for a number, a yes or no, one class of several, and several
#   yes or no at once;
# - give a loss the labels that it needs, integers or one-hot, and read what Keras says when they do not
#   fit;
# - change a head from probabilities to logits and back, and say what must change with it;
# - find a head that trains and is wrong all the same;
# - measure a rare class with recall, precision and average precision, and say what class weights change
#   and what they cost.

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
# ## 1. Four kinds of answer
#
# The **head** of a network is its last layer, with its activation. Everything before it is the **body**.
# The body may stay the same; the head depends on what you ask. Four questions about tomorrow's weather:
#
# | question | the answer is | task |
# |---|---|---|
# | How warm will it be? | a number | **regression** |
# | Will it rain? | yes or no | **binary** classification |
# | Will it be sun, rain, fog, drizzle or snow? | exactly one of several classes | **multi-class** |
# | Will it be wet? windy? warm? | several answers of yes or no | **multi-label** |
#
# Our days are four years of weather in Seattle. From what is known today we shall say something about
# tomorrow; the last year is the test. Only for the third question do we take other data: section 4 asks which of
# ten kinds of clothes a picture shows. Those are the pictures of lesson 01.

# %%
weather = sk.data.load("weather_daily")
date = weather.columns["date"]
angle = (
    (date - date.astype("datetime64[Y]")).astype(float) / 365.25 * 2 * np.pi
)  # where in the year
season = np.stack([np.sin(angle), np.cos(angle)], axis=1)

today, tomorrow = weather.x[:-1], weather.x[1:]
is_test = date[1:] >= np.datetime64("2015-01-01")
x = np.concatenate([today, season[:-1]], axis=1)
x = (x - x[~is_test].mean(axis=0)) / x[~is_test].std(axis=0)  # each column: mean 0, deviation 1
x_train, x_test = x[~is_test], x[is_test]
print(weather.features, "and the season:", x_train.shape, x_test.shape)


# %% [markdown]
# Season is written as a sine and a cosine, so that 31 December lies beside 1 January. Each column is
# scaled to mean 0 and standard deviation 1 (lesson 06 says why). And this is the network of the next
# sections: one body, and a head that we choose.


# %%
def network(units, activation=None, features=6):
    return keras.Sequential(
        [
            keras.Input((features,)),
            layers.Dense(16, activation="relu", name="body"),
            layers.Dense(units, activation=activation, name="head"),
        ]
    )


sk.draw(network(3, "sigmoid"))

# %% [markdown]
# A `Dense` head without activation gives plain numbers, from below zero to above one. We call them
# **scores**. The activation decides what the scores mean. Take three scores, 2.0, 0.5 and −1.0:
#
# - **none**: the scores themselves;
# - **sigmoid** turns each score *alone* into a number between 0 and 1: 1/(1 + e^(−score));
# - **softmax** turns *all together* into shares: e^score, divided by the sum of all e^score.

# %%
mine = ...  # which of the three gives numbers that sum to 1? One word in quotes

# %%
scores = np.array([[2.0, 0.5, -1.0]], dtype="float32")
ends = {"none": scores}
for name in ("sigmoid", "softmax"):
    ends[name] = keras.ops.convert_to_numpy(keras.activations.get(name)(scores))
for name, values in ends.items():
    print(f"{name:8}{values[0].round(2)}  sum {values.sum():.2f}")
sums_to_one = [name for name, values in ends.items() if abs(values.sum() - 1) < 1e-4]
sk.guess(mine, sums_to_one[0])

# %%
figure, axes = plt.subplots(1, 3, figsize=(8, 2.3))
for axis, (name, values) in zip(axes, ends.items(), strict=True):
    axis.bar(["A", "B", "C"], values[0], color="#56B4E9", edgecolor="black")
    axis.axhline(0, color="gray", linewidth=0.8)
    axis.set(title=f"{name}: sum {values.sum():.2f}", ylim=(-1.2, 2.2))
figure.tight_layout()
sk.show(
    figure,
    alt="Three scores without activation, under sigmoid and under softmax. Sigmoid puts two of three "
    "above one half; under softmax A takes about four fifths.",
)

# %% [markdown]
# Sigmoid says yes to A and to B: 0.88 and 0.62 are both above one half. Softmax says A, with 0.79. It cannot say
# yes to both, because its units share one whole. So sigmoid is for questions that do not exclude each
# other, and softmax is for one class of several.

# %% [markdown]
# ## 2. A number: no activation
#
# How warm will it be tomorrow? The loss is the **mean squared error**, `mse`: the difference between
# answer and truth, squared, averaged. To read it we take the **mean absolute error**, `mae`: by how many
# degrees we are wrong.
#
# **What is a good number?** The naive forecast is 'as warm as today'.

# %%
degrees_train, degrees_test = tomorrow[~is_test, 1], tomorrow[is_test, 1]
naive = np.abs(today[is_test, 1] - degrees_test).mean()
always_the_mean = np.abs(degrees_train.mean() - degrees_test).mean()
print(f"'as today' is wrong by {naive:.2f} degrees, 'as in the mean' by {always_the_mean:.2f}")

# %%
number_epochs = sk.budget(quick=20, full=40)


def train_number(activation):
    sk.seed(0)
    model = network(1, activation)
    model.compile(keras.optimizers.Adam(0.03), loss="mse", metrics=["mae"])
    model.fit(x_train, degrees_train, epochs=number_epochs, batch_size=64, verbose=0)
    return model


degrees = train_number(None)
mae = degrees.evaluate(x_test, degrees_test, verbose=0)[1]
sk.expect(mae < naive + 0.1, "the network is as near to the truth as 'as today', or nearer")

# %% [markdown]
# It is a small win: over five seeds the error was 2.07 to 2.16 degrees, and 'as today' has 2.24. (With Keras on
# PyTorch it was 2.07 to 2.25: one of five lost.) Weather is hard to forecast from four numbers.
#
# Now the same with `sigmoid` at the end. Perhaps you have seen it in a model that answers yes or no, and
# copied it. Does Keras object? And what is the warmest day that this model can promise, in whole degrees?

# %%
mine = ...  # the largest number that the model with sigmoid gives, rounded

# %%
squeezed = train_number("sigmoid")
promised = keras.ops.convert_to_numpy(squeezed(x_test))
sk.expect(
    squeezed.evaluate(x_test, degrees_test, verbose=0)[1] > always_the_mean,
    "no error, no warning, and worse than the mean of all days",
)
sk.guess(mine, round(float(promised.max())))

# %% [markdown]
# Sigmoid ends at 1, so 1 °C is the most that it can say, in summer, too. A mistake of this kind is
# **silent**. `sk.lint` looks for such mistakes before you train. It reads the model, and, if you give
# them, the data and the labels.

# %%
sk.lint(squeezed, x_train, degrees_train)

# %%
sk.expect(not sk.lint(degrees, x_train, degrees_train), "nothing to say about the model without it")

# %% [markdown]
# ## 3. Yes or no: one unit, sigmoid
#
# Will it rain tomorrow? Write yes as 1 and no as 0. One unit with sigmoid gives the probability *p* of a
# yes; the probability of a no is 1 − p. The loss looks at the probability that the model gave to what
# really happened, and takes its negative logarithm. This is **binary cross-entropy**:
#
# > loss = −log(p) if it was a yes, −log(1 − p) if it was a no
#
# A model that says p = 1 for a yes pays nothing. One that says p = 0.01 for a yes pays 4.6.

# %%
mine = ...  # what does a model pay that always says p = 0.5? Two decimals; log is the natural one

# %%
rain = (tomorrow[:, 0] > 0).astype("float32")
unsure = np.full((len(rain), 1), 0.5, dtype="float32")
loss_of_unsure = keras.losses.binary_crossentropy(rain[:, None], unsure)
sk.guess(mine, round(float(keras.ops.mean(loss_of_unsure)), 2))

# %% [markdown]
# −log(0.5) = 0.69. Remember it: a new model with a binary head begins near this number when its scores
# are near 0.
#
# ### The other right form: logits
#
# There are two ways to write the same model. Either the head gives probabilities, as above. Or the head
# has **no** activation and gives the score itself, and the loss is told so with `from_logits=True`. Then
# the loss applies the sigmoid. Such a score is called a **logit**: log(p/(1 − p)).
#
# Both must give the same loss. Do they?

# %%
generator = np.random.default_rng(3)
z = generator.normal(scale=3, size=(1_000, 1)).astype("float32")  # scores
truth = generator.integers(0, 2, size=(1_000, 1)).astype("float32")
p = keras.ops.convert_to_numpy(keras.ops.sigmoid(z))

from_p = keras.ops.convert_to_numpy(keras.losses.binary_crossentropy(truth, p))
from_z = keras.ops.convert_to_numpy(keras.losses.binary_crossentropy(truth, z, from_logits=True))
sk.expect(np.allclose(from_p, from_z, atol=1e-3), "1,000 losses, twice the same")
sk.expect(np.allclose(np.log(p / (1 - p)), z, atol=1e-2), "log(p/(1 - p)) gives the score back")

# %% [markdown]
# Where, then, is the difference? Let the model be very sure, and wrong: it was a yes, and the score is −40
# or −80. The true loss is 40 or 80. What does each form say?

# %%
mine = ...  # is the loss from probabilities larger for -80 than for -40? True or False

# %%
wrong = np.array([[-40.0], [-80.0]], dtype="float32")
yes = np.ones_like(wrong)
p_wrong = keras.ops.convert_to_numpy(keras.ops.sigmoid(wrong))
clipped = keras.ops.convert_to_numpy(keras.losses.binary_crossentropy(yes, p_wrong))
exact = keras.ops.convert_to_numpy(keras.losses.binary_crossentropy(yes, wrong, from_logits=True))
print("from probabilities:", clipped.round(1), " from logits:", exact.round(1))
sk.guess(mine, bool(clipped[1] > clipped[0] + 0.01))

# %%
line = np.linspace(-40, 10, 400, dtype="float32")[:, None]
as_p = keras.ops.convert_to_numpy(keras.ops.sigmoid(line))
binary = keras.losses.binary_crossentropy
figure, axis = plt.subplots(figsize=(6, 2.6))
axis.plot(line, keras.ops.convert_to_numpy(binary(np.ones_like(line), as_p)), label="probabilities")
exact_line = keras.ops.convert_to_numpy(binary(np.ones_like(line), line, from_logits=True))
axis.plot(line, exact_line, "--", label="logits")
axis.set(xlabel="score of an example that is a yes", ylabel="loss")
axis.legend()
sk.show(
    figure, alt="Loss against score: equal above -16; below, the one from probabilities is flat."
)

# %% [markdown]
# Keras does not take the logarithm of numbers below 0.0000001 (10⁻⁷): it clips them. So the loss from
# probabilities is never above 16.1, and left of −16 it is flat: its gradient is 0. A loss that is really
# computed from probabilities, as here, teaches nothing about the worst mistakes. The logit form has no such end.
#
# Is that a reason never to write `activation="sigmoid"`? With scaled data, scores of −16 are rare. And
# Keras on TensorFlow helps: in `fit` and `evaluate` it notices a sigmoid or softmax at the very end of
# the model and computes with the scores behind it. On JAX and PyTorch it does not. Take probabilities when
# people read them, logits when scores may be large.

# %% [markdown]
# ## 4. One class of several: softmax
#
# Fashion-MNIST has ten classes, so ten units. **Categorical cross-entropy** is −log of the share that
# the right class got. The labels may be written in two ways, and there is one loss for each:
#
# | labels | one picture | loss |
# |---|---|---|
# | integers | `9` | `sparse_categorical_crossentropy` |
# | one-hot rows | `[0 0 0 0 0 0 0 0 0 1]` | `categorical_crossentropy` |

# %%
fashion = sk.data.load("fashion")
pictures = fashion.x_train.reshape(-1, 784).astype("float32") / 255
integers = fashion.y_train

# %%
mine = ...  # the shape of the one-hot labels of the 12,000 training pictures

# %%
one_hot = keras.utils.to_categorical(integers, 10)
sk.guess(mine, one_hot.shape)

# %% [markdown]
# Two ways to write the labels, and two forms of the head: probabilities or logits. Take three of the
# combinations, give them the same weights at the start, and let each take one step on the same 512
# pictures. Will the 12,730 parameters be the same afterwards?


# %%
def one_step(activation, loss, labels):
    sk.seed(0)  # the same weights at the start
    model = network(10, activation, features=784)
    model.compile(keras.optimizers.SGD(0.5), loss)
    model.train_on_batch(pictures[:512], labels[:512])
    return np.concatenate([weight.ravel() for weight in model.get_weights()])


# %%
mine = ...  # do all three agree to 1e-4 after the step? True or False

# %%
sparse_from_logits = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
ends = [
    one_step("softmax", "categorical_crossentropy", one_hot),
    one_step("softmax", "sparse_categorical_crossentropy", integers),
    one_step(None, sparse_from_logits, integers),
]
sk.guess(mine, bool(max(np.abs(ends[0] - end).max() for end in ends[1:]) < 1e-4))

# %% [markdown]
# The same network, written three times. So take the labels that you have. Integers need less memory. One-hot
# rows can also hold shares, as in (0.7, 0.3, 0).
#
# What is *not* the same is what `predict` gives. We train the logit form and look.
#
# **What is a good number?** The linear model of lesson 01 named about 84 % of the test pictures.

# %%
sk.seed(0)
clothes = network(10, None, features=784)
clothes.compile(keras.optimizers.Adam(0.003), sparse_from_logits, metrics=["accuracy"])
clothes.fit(pictures, integers, epochs=sk.budget(quick=5, full=20), batch_size=128, verbose=0)

clothes_test = fashion.x_test.reshape(-1, 784).astype("float32") / 255
accuracy = clothes.evaluate(clothes_test, fashion.y_test, verbose=0)[1]
sk.expect(abs(accuracy - 0.84) < 0.03, "within 3 points of the linear model")

# %%
mine = ...  # do the ten numbers that predict gives for a picture sum to 1? True or False

# %%
raw = clothes.predict(clothes_test, verbose=0)
sk.guess(mine, bool(np.allclose(raw.sum(axis=1), 1, atol=1e-3)))

# %%
shares = keras.ops.convert_to_numpy(keras.ops.softmax(raw))
sk.expect(np.allclose(shares.sum(axis=1), 1, atol=1e-3), "after softmax they do")
sk.expect((shares.argmax(axis=1) == raw.argmax(axis=1)).all(), "the largest is the same one")

# %% [markdown]
# Softmax keeps the order, so for the *class* you do not need it. For a *probability* you do. That is the
# price of the logit form: whoever uses the model must know.
#
# A trained model can change its form, without any training. Build the same stack with the other end, copy the
# weights, and tell the loss. Here we go from logits to probabilities, and back.

# %%
as_shares = network(10, "softmax", features=784)  # the same stack, with softmax
as_shares.set_weights(clothes.get_weights())
as_shares.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

as_scores = network(10, None, features=784)  # and back: the same stack, without
as_scores.set_weights(as_shares.get_weights())
as_scores.compile("adam", sparse_from_logits, metrics=["accuracy"])

old = as_shares.predict(clothes_test, verbose=0)
new = keras.ops.convert_to_numpy(keras.ops.softmax(as_scores.predict(clothes_test, verbose=0)))
sk.expect(np.allclose(new, old, atol=1e-4), "softmax of the new scores gives the old shares")
losses = [m.evaluate(clothes_test, fashion.y_test, verbose=0)[0] for m in (as_shares, as_scores)]
sk.expect(abs(losses[0] - losses[1]) < 0.01, "and both have the same loss on the test")

# %% [markdown]
# An activation has no weights, so the two stacks have the same list of weights, and `set_weights` fits. Two more
# things change with the activation: the loss (`from_logits`), and each place that reads `predict`. There a
# probability needs softmax or sigmoid, and a yes or no needs the threshold 0 in place of 0.5.
#
# And if labels and loss do not fit?

# %%
with sk.attempt() as mismatch:
    told = network(10, "softmax", features=784)
    told.compile("adam", "categorical_crossentropy")
    told.fit(pictures[:64], integers[:64], verbose=0)

# %%
sk.lint(told, pictures[:1000], integers[:1000])

# %% [markdown]
# This one is loud. The other way round, one-hot rows and the sparse loss, is loud too. Then Keras says *Argument
# `output` must have rank (ndim) `target.ndim - 1`*: seen from the side of the labels, `target` has one axis too
# many. (These are its words on TensorFlow. On JAX and PyTorch it asks for *the same shape*, or *the same shape up
# until the last dimension*.) Few mistakes are so loud; section 6 counts them.

# %% [markdown]
# ## 5. Several yes or no at once: sigmoid for each
#
# Will tomorrow be wet, windy (mean wind above 4 m/s), warm (above 20 °C)? The three do not exclude each other: a day
# may be all of them, or none. Each question gets a unit with sigmoid of its own, and the loss is the mean
# of three binary cross-entropies. The labels are rows such as `[1 0 1]`, **multi-hot**.

# %%
statements = np.stack([tomorrow[:, 0] > 0, tomorrow[:, 3] > 4, tomorrow[:, 1] > 20], axis=1)
statements = statements.astype("float32")
said_train, said_test = statements[~is_test], statements[is_test]
per_day = np.bincount(said_test.sum(axis=1).astype(int), minlength=4)
print("test days with 0, 1, 2, 3 statements that are true:", per_day)

# %% [markdown]
# **What is a good number?** We count the days on which all three answers are right. The naive forecast
# is again 'as today'.

# %%
as_today = np.stack([today[:, 0] > 0, today[:, 3] > 4, today[:, 1] > 20], axis=1)[is_test]
naive_days = (as_today == said_test).all(axis=1).mean()
print(f"'as today' has all three right on {naive_days:.0%} of the test days")


# %%
def train_statements(activation, loss):
    sk.seed(0)
    model = network(3, activation)
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["binary_accuracy", "accuracy"])
    epochs = sk.budget(quick=20, full=40)
    model.fit(x_train, said_train, epochs=epochs, batch_size=64, verbose=0)
    return model


three_sigmoids = train_statements("sigmoid", "binary_crossentropy")
one_softmax = train_statements("softmax", "categorical_crossentropy")

# %% [markdown]
# The second model is the mistake: 'there are three things, so softmax'. It trains with no message. On how
# many of the 365 test days can it say yes (above one half) to two statements?

# %%
mine = ...  # the number of days on which softmax says yes to two or three statements

# %%
by_sigmoid, by_softmax = (
    keras.ops.convert_to_numpy(model(x_test)) > 0.5 for model in (three_sigmoids, one_softmax)
)
sk.guess(mine, int((by_softmax.sum(axis=1) > 1).sum()))

# %%
right = {"sigmoid": by_sigmoid, "softmax": by_softmax}
right = {name: (said == said_test).all(axis=1).mean() for name, said in right.items()}
sk.expect(right["sigmoid"] > naive_days + 0.01, "three sigmoids beat 'as today'")
sk.expect(right["sigmoid"] > right["softmax"] + 0.02, "and they beat the softmax")
sk.expect((by_sigmoid.sum(axis=1) > 1).sum() > 10, "they say yes to two on more than ten days")

# %% [markdown]
# Two numbers above one half would sum to more than 1. So softmax is wrong on each of the 69 days with two or
# three true statements, and on a day that has none its shares still sum to 1. With five seeds the three sigmoids had
# 54 to 55 % of the days completely right, 'as today' 49 %, and the softmax 45 to 48 %.
#
# ### A trap: the word "accuracy"
#
# Keras picks what `"accuracy"` means by the shapes of output and labels. For one unit it is a threshold of one
# half. For several units and labels of the same shape it *always* takes the **categorical** accuracy: is the
# largest output at the place of the largest label? For multi-label that is the wrong question.

# %%
evaluated = three_sigmoids.evaluate(x_test, said_test, verbose=0, return_dict=True)
answers = keras.ops.convert_to_numpy(three_sigmoids(x_test))
by_place = (answers.argmax(axis=1) == said_test.argmax(axis=1)).mean()
by_half = ((answers > 0.5) == said_test).mean()
sk.expect(abs(evaluated["accuracy"] - by_place) < 1e-3, "'accuracy' compared the largest places")
sk.expect(abs(evaluated["binary_accuracy"] - by_half) < 1e-3, "'binary_accuracy' cut at one half")

# %% [markdown]
# On a day when nothing is true all labels are equal, and `argmax` of [0 0 0] is place 0. So 'accuracy' wants the
# largest output at place 0. Write `"binary_accuracy"` for several yes or no.

# %% [markdown]
# ## 6. A chooser, and ten wrong combinations
#
# Now all of it in one function. You could write it yourself.


# %%
def choose_head(task, units=1, labels="integers", logits=False):
    """Units, activation, loss and metric of the last layer."""
    if task == "number":
        return units, None, "mse", "mae"
    if task == "one of several":
        sparse = keras.losses.SparseCategoricalCrossentropy
        kind = sparse if labels == "integers" else keras.losses.CategoricalCrossentropy
        return units, None if logits else "softmax", kind(from_logits=logits), "accuracy"
    threshold = 0.0 if logits else 0.5  # yes or no, once or several times
    return (
        units,
        None if logits else "sigmoid",
        keras.losses.BinaryCrossentropy(from_logits=logits),
        keras.metrics.BinaryAccuracy(threshold=threshold),
    )


# %% [markdown]
# Look at the threshold: a probability is a yes above 0.5, a logit is a yes above 0. (A yes or no can also be
# written as one of two classes: two units, softmax, integers 0 and 1. That is right, too.) Does `sk.lint` agree
# with every head of the chooser? We build each one, compile it, and show it the real labels.

# %%
kinds, kinds_one_hot = integers[:1000], one_hot[:1000]
tasks = [
    ("number", {}, x_train, degrees_train),
    ("yes or no", {}, x_train, rain[~is_test]),
    ("one of several", {"units": 10}, pictures[:1000], kinds),
    ("one of several", {"units": 10, "labels": "one-hot"}, pictures[:1000], kinds_one_hot),
    ("several yes or no", {"units": 3}, x_train, said_train),
]


def compiled(units, activation, loss, metric, features):
    model = network(units, activation, features)
    model.compile("adam", loss, metrics=[metric])
    return model


# %%
objections = []
for logits in (False, True):
    for task, details, rows, labels in tasks:
        head = choose_head(task, logits=logits, **details)
        report = sk.lint(compiled(*head, rows.shape[1]), rows, labels)
        form = "logits" if logits and task != "number" else head[1] or "no activation"
        print(f"{task:18} {head[0]:2} units  {form:14} {details.get('labels', '')}")
        objections.append(report)
sk.expect(not any(objections), "sk.lint has no objection to any of them")

# %% [markdown]
# Now ten wrong combinations of head, loss, labels and metric. Keras takes one step with each of them. How often
# does it stop?

# %%
wet, logit_loss = rain[~is_test], keras.losses.BinaryCrossentropy(from_logits=True)
wrong_combinations = [  # task, units, activation, loss, metric, labels
    ("number", 1, "sigmoid", "mse", "mae", degrees_train),
    ("number", 1, None, "mse", "accuracy", degrees_train),
    ("yes or no", 1, "softmax", "binary_crossentropy", "accuracy", wet),
    ("yes or no", 1, None, "binary_crossentropy", "accuracy", wet),
    ("yes or no", 1, "sigmoid", logit_loss, "accuracy", wet),
    ("yes or no", 1, "sigmoid", "binary_crossentropy", "accuracy", 2 * wet - 1),  # -1 and 1
    ("one of several", 10, None, "sparse_categorical_crossentropy", "accuracy", kinds),
    ("one of several", 10, "softmax", "categorical_crossentropy", "accuracy", kinds),
    ("one of several", 10, "sigmoid", "categorical_crossentropy", "accuracy", kinds_one_hot),
    ("several yes or no", 3, "softmax", "categorical_crossentropy", "accuracy", said_train),
]

# %% [markdown]
# Before you run on: say for each of the ten what is wrong with it.

# %%
mine = ...  # how many of the ten does Keras stop?

# %%
stopped, warned, found = [], [], []
for task, *head, labels in wrong_combinations:
    rows = pictures[:1000] if task == "one of several" else x_train
    model = compiled(*head, rows.shape[1])
    model.run_eagerly = True  # one step, so nothing is gained by compiling it
    step = sk.attempt(model.train_on_batch, rows[:64], labels[:64])  # keeps errors and warnings
    stopped.append(step.failed)
    warned.append(any(isinstance(one, UserWarning) for one in step.warned))
    found.append(sk.lint(model, rows, labels))
    print(f"{task:18} {'stops ' if stopped[-1] else 'trains'} {', '.join(found[-1].codes)}")
sk.guess(mine, sum(stopped))

# %%
sk.expect(sum(warned) < 4, "Keras warns about fewer than four of the ten")
sk.expect(all(found), "sk.lint finds something in each of the ten")
for report in found:
    print("-", next(iter(report)).message)

# %% [markdown]
# Nine of ten train; on PyTorch eight, since its loss refuses the labels −1 and 1. Keras warns about
# softmax on one unit and, on TensorFlow, about sigmoid with `from_logits=True`; about the others it
# says nothing.
#
# Some of the nine learn the wrong thing: the sigmoid for degrees, the softmax for three statements, the scores
# without `from_logits`, the labels −1 and 1. Others learn the right thing, and then answer or report wrongly:
#
# - A metric changes nothing in the training. `"accuracy"` for degrees is a useless report of a good model.
# - On TensorFlow, `fit` computes with the scores behind a sigmoid or softmax, as in section 3. So softmax on one
#   unit, and ten sigmoids under categorical cross-entropy, train there exactly as the right model. But the first
#   answers 1 for each day, and the ten answers of the second do not sum to 1.
# - The fifth: the head gives probabilities, and the loss was told they are scores. In `fit`, Keras on TensorFlow
#   notices and only warns, and the model is as good as the right one. Elsewhere sigmoid is applied twice.
#
# So a falling loss is no proof. `sk.lint` reads what can be known before the training; it cannot know what you
# *meant*. Ten classes that exclude each other, under ten sigmoids with binary cross-entropy: for you that may be
# a mistake, for somebody else a choice.

# %% [markdown]
# ## 7. A rare class: accuracy says nothing
#
# Some loans are not paid back. We call those *bad*, and write them as 1. A bank wants to find them from 23
# numbers that are known beforehand.

# %%
loans = sk.data.load("lending_club")
mean, deviation = loans.x_train.mean(axis=0), loans.x_train.std(axis=0)
loans_train, loans_test = (
    np.clip((part - mean) / deviation, -5, 5) for part in (loans.x_train, loans.x_test)
)  # a few incomes lie 75 deviations above the mean: cut them at 5
bad_train, bad = loans.y_train, loans.y_test
print(f"{len(bad_train):,} loans for training, {len(bad):,} for the test, {bad.sum()} of them bad")

# %%
mine = ...  # the accuracy of a model that calls every loan good, in whole per cent

# %%
sk.guess(mine, round(100 * float((bad == 0).mean())))

# %% [markdown]
# 95 % right, and not one bad loan found. `sk.lint` sees it from the labels:

# %%
untrained = network(1, "sigmoid", features=23)  # not compiled yet: tell lint the loss
sk.lint(untrained, loans_train, bad_train, {"loss": "binary_crossentropy"})

# %% [markdown]
# Three measures for the rare class. Call a loan *refused* when the model gives it a probability above one
# half:
#
# - **recall**: the share of the bad loans that are refused;
# - **precision**: the share of the refused loans that are bad;
# - **average precision**: needs no threshold. Put the loans in order, the most suspicious first; at each
#   bad loan take the precision so far; average. It says how good the *order* is.


# %%
def recall_and_precision(refused, truth):
    hits = (refused & (truth == 1)).sum()
    return hits / truth.sum(), hits / max(refused.sum(), 1)


def average_precision(p, truth):
    ordered = truth[np.argsort(-p, kind="stable")]  # the most suspicious first
    precision = np.cumsum(ordered) / np.arange(1, len(ordered) + 1)
    return precision[ordered == 1].mean()


# %%
mine = ...  # the average precision of this order: bad, good, bad. Two decimals

# %%
small = average_precision(np.array([0.9, 0.8, 0.7]), np.array([1, 0, 1]))
sk.guess(mine, round(float(small), 2))

# %% [markdown]
# At the first bad loan the precision is 1/1, at the second 2/3; the mean is 0.83.
#
# **What is a good number?** A random order has an average precision near the share of bad loans, 0.05. These loans are
# hard: who pays back is decided by jobs and illnesses that no table knows. The note of the data set
# names 0.11 for gradient boosting, a method for tables that is often strong; it does not say that its settings were
# tuned. The test has only about 100 bad loans, so a difference of 0.02 or 0.03 is chance. From 0.10 on the order is
# good here, and 0.5 would be a reason to look for a mistake.

# %% [markdown]
# ## 8. Class weights: what they give, and what they cost
#
# `fit` takes a **class weight**: how much the loss of an example counts, by its class. The usual choice
# gives both classes the same total: n / (2 · how many examples the class has). Here n is the number of all
# examples.

# %%
count = np.bincount(bad_train)
balanced = {label: float(len(bad_train) / (2 * count[label])) for label in (0, 1)}
ratio = balanced[1] / balanced[0]

# %%
mine = ...  # how many times as much as a good loan does a bad one count? A whole number

# %%
sk.guess(mine, round(ratio))


# %% [markdown]
# The model is one unit with sigmoid and no hidden layer. We train it with five seeds, without and with
# class weights.


# %%
def suspicion(seed, class_weight=None):
    """The probability of 'bad' that a newly trained model gives to each test loan."""
    sk.seed(seed)
    model = keras.Sequential([keras.Input((23,)), layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.Adam(0.1), loss="binary_crossentropy")
    epochs = sk.budget(quick=10, full=30)
    model.fit(
        loans_train, bad_train, class_weight=class_weight, epochs=epochs, batch_size=512, verbose=0
    )
    return keras.ops.convert_to_numpy(model(loans_test))[:, 0]


plain = [suspicion(seed) for seed in range(5)]

# %%
mine = ...  # the plain models: do they refuse more than 10 of the 103 bad loans? True or False

# %%
plain_recall = [recall_and_precision(p > 0.5, bad)[0] for p in plain]
sk.guess(mine, bool(max(plain_recall) * 103 > 10))

# %% [markdown]
# They refuse hardly anybody. Nothing is broken. For almost no loan is 'bad' more likely than 'good'.
#
# Now with class weights. Which of the numbers will move?

# %%
mine = ...  # will the average precision rise by more than 0.03? True or False

# %%
weighted = [suspicion(seed, balanced) for seed in range(5)]
order = [np.mean([average_precision(p, bad) for p in group]) for group in (plain, weighted)]
sk.expect(order[0] > 0.10, "the plain order is good: average precision above 0.10")
sk.guess(mine, bool(order[1] - order[0] > 0.03))

# %% seqkit={"headline": "bad loans with class weights: recall {measured[:, 0].mean():.1%}, precision {measured[:, 1].mean():.1%}"}
measured = np.array([recall_and_precision(p > 0.5, bad) for p in weighted])
refused = np.array([(p > 0.5).sum() for p in weighted])
sk.expect(measured[:, 0].min() > 0.55, "recall: each seed finds more than 55 % of the bad loans")
sk.expect(measured[:, 1].max() < 0.16, "precision: under 16 % of the refused loans are bad")
good_per_bad = (1 / measured[:, 1] - 1).min()
sk.expect(good_per_bad > 5, "for each bad loan more than five good ones are refused")
accuracy = [np.mean([((p > 0.5) == bad).mean() for p in group]) for group in (plain, weighted)]
sk.expect(accuracy[1] < 0.80, "the accuracy falls from 95 % to below 80 %")

# %%
bars = {  # plain has no precision here: it refuses next to nobody
    "plain": [np.mean(plain_recall), accuracy[0], order[0]],
    "class weights": [measured[:, 0].mean(), accuracy[1], order[1], measured[:, 1].mean()],
}
figure, axis = plt.subplots(figsize=(6.4, 2.8))
for shift, color, (name, values) in zip(
    (-0.2, 0.2), ("#56B4E9", "#E69F00"), bars.items(), strict=True
):
    drawn = axis.bar(np.arange(len(values)) + shift, values, 0.4, label=name, color=color)
    axis.bar_label(drawn, fmt="%.2f")
axis.set_xticks(range(4), ["recall", "accuracy", "average precision", "precision"])
axis.set(ylim=(0, 1.15), title="mean of five seeds, threshold ½")
axis.legend()
sk.show(figure, alt="Class weights: recall from near 0 to two thirds, accuracy 0.95 to 0.70.")


# %%
def curve(p):
    ordered = bad[np.argsort(-p, kind="stable")]
    hits = np.cumsum(ordered)
    return hits / hits[-1], hits / np.arange(1, len(ordered) + 1)


# %%
figure, axis = plt.subplots(figsize=(5.6, 3))
for name, p, style in (("plain", plain[0], "-"), ("class weights", weighted[0], "--")):
    axis.plot(*curve(p), style, label=name)
axis.plot(
    *recall_and_precision(weighted[0] > 0.5, bad), "o", color="black", label="weights, p > 0.5"
)
axis.axhline(bad.mean(), color="gray", linewidth=0.8, linestyle=":", label="random order")
axis.set(xlabel="recall", ylabel="precision", ylim=(0, 0.5))
axis.legend()
sk.show(figure, alt="Precision against recall: the lines of both models lie close together.")

# %% [markdown]
# To the right of recall 0.15 the two lines lie almost on each other; at the left a few loans decide. Class weights
# did not teach the model to tell bad loans from good ones any better; they moved the point on the line. Then you can get there without them, with another
# **threshold**. Theory says which one (Elkan 2001): a bad loan counts 18 times as much, so refuse when p > 1/(1 + 18).

# %%
threshold = 1 / (1 + ratio)
moved = np.array([recall_and_precision(p > threshold, bad) for p in plain])
print(f"threshold {threshold:.3f}")
gap = np.abs(moved.mean(axis=0) - measured.mean(axis=0))
sk.expect(gap[0] < 0.10, "the plain models with this threshold: recall within 10 points")
sk.expect(gap[1] < 0.03, "and precision within 3 points")

# %% [markdown]
# ### The hidden cost: numbers that are not probabilities any more
#
# A model is **calibrated** when of the loans to which it gives 10 %, about 10 % are bad. A first test of that: the
# mean of all its probabilities should be near the true share, 5 %.

# %%
means = [np.mean(group) for group in (plain, weighted)]
sk.expect(means[0] < 0.09, "plain: the mean probability is below 9 %")
sk.expect(means[1] > 0.30, "with class weights: above 30 %")

repaired = np.array([p / (p + (1 - p) * ratio) for p in weighted])
sk.expect(repaired.mean() < 0.09, "divided by the ratio, in the odds: below 9 % again")

# %% [markdown]
# The model with weights says '41 % bad' on average, where 5 % are. Whoever reads its answer as a probability reads
# a number that is on average eight times too large. The last line undoes it: **odds** are p/(1 − p), and the weights multiplied them by about 18.

# %% [markdown]
# The ranges over the five seeds, from a quick run:
#
# | | recall | precision | average precision | mean probability |
# |---|---|---|---|---|
# | plain, threshold ½ | 0 to 2 % | – (0 to 6 loans refused) | 0.13 to 0.15 | 5 to 6 % |
# | class weights, threshold ½ | 63 to 69 % | 10 to 11 % | 0.14 to 0.15 | 41 to 42 % |
# | plain, threshold 0.05 | 59 to 66 % | 11 to 12 % | as plain | as plain |
#
# The average precision rose by 0.004 in the mean, less than the seeds differ among themselves. With a hidden layer of 16
# units the order was no better: 0.11 to 0.14 without class weights and 0.11 to 0.13 with them. The linear model is
# enough here. It has 0.13 to 0.15, and the note of the data set names 0.11 for gradient boosting; with 103 bad loans
# a difference of this size is chance, so this does not prove that one unit is better. The ranges are small also because all seeds share one test set with 103 bad loans; another
# split would move all of these numbers.
#
# So what are class weights for? They tell the *training* what a mistake costs. They are useful when you cannot
# choose the threshold afterwards, for example because another program cuts at one half. They bring no new
# information about the rare class. If you can choose the threshold, choose it.

# %% [markdown]
# ## 9. What is said, and what is true

# %%
sk.claims.table(lesson=3)

# %% [markdown]
# All four hold with a restriction. *B9*: the recipe needs one-hot labels; with integers it needs the
# sparse loss. *B15.5* and *D6*: right, and logits with `from_logits=True` are the other right way; for several yes or no
# the head is sigmoid, too. *D7*: recall rises, the order stays nearly as it was, and good loans are refused in exchange.

# %% [markdown]
# ## Check yourself
#
# Click on an answer to see what is right or wrong about it.

# %% seqkit={"role": "check"}
from seqkit.exercises.quick import Choice

Choice(
    "A film may be a comedy, a drama and a musical at once, out of 12 genres. Which head?",
    {
        "a": "Dense(12, softmax) and categorical_crossentropy",
        "b": "Dense(12, sigmoid) and binary_crossentropy",
        "c": "Dense(1, sigmoid) and binary_crossentropy",
    },
    correct="b",
    feedback={
        "a": "Softmax shares one whole among the genres: two can never both be near 1.",
        "b": "Yes: twelve questions of yes or no, each with a unit of its own.",
        "c": "One unit answers one question. Here are twelve.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "The head is Dense(5) without activation. Which loss fits integer labels?",
    {
        "a": '"sparse_categorical_crossentropy"',
        "b": "SparseCategoricalCrossentropy(from_logits=True)",
        "c": "CategoricalCrossentropy(from_logits=True)",
    },
    correct="b",
    feedback={
        "a": "Given by its name, the loss expects shares from a softmax. It trains, and wrongly.",
        "b": "Yes: integers want the sparse loss, scores want from_logits=True.",
        "c": "The scores are right, but this loss compares with one-hot rows.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "2 % of the parts in a factory are broken. A model is right for 98 % of them. Is it good?",
    {
        "a": "Yes, 98 % is far above one half.",
        "b": "It cannot be said: so is a model that calls no part broken.",
        "c": "No, accuracy should be 100 %.",
    },
    correct="b",
    feedback={
        "a": "One half is not the rival. The rival says 'not broken' each time, and has 98 %.",
        "b": "Yes. Ask for recall and precision of the broken parts.",
        "c": "No model has to be perfect. It has to beat the simple rival, which has 98 % too.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "With class weights the recall at ½ rose and the average precision stayed. What happened?",
    {
        "a": "The model orders the examples better.",
        "b": "The model sees more bad examples.",
        "c": "The probabilities rose; the order is nearly the same.",
    },
    correct="c",
    feedback={
        "a": "The average precision measures the order, and it stayed.",
        "b": "It sees the same examples. Their losses count differently.",
        "c": "Yes: more of them now lie above one half, good ones as well as bad ones.",
    },
).ask()

# %% [markdown]
# ## What to remember
#
# - Number: no activation, `mse`. Yes or no: sigmoid, `binary_crossentropy`, also for several at once.
# - One of several: softmax; integers want the sparse loss, one-hot rows the other one.
# - Logits: no activation, `from_logits=True`, threshold 0. The same model, safer with large scores.
# - Most wrong combinations train. Let `sk.lint(model, x, y)` look before you do.
# - For a rare class: recall, precision, average precision. Class weights move the threshold, hardly the order.
#
# | symptom | cause | fix |
# |---|---|---|
# | no prediction of a number is above 1 | sigmoid at the end | no activation |
# | *Arguments `target` and `output` must have the same rank* | integers and the one-hot loss | `sparse_categorical_crossentropy` |
# | *Argument `output` must have rank (ndim) `target.ndim - 1`* | one-hot rows and the sparse loss | `categorical_crossentropy` |
# | the outputs of `predict` do not sum to 1 | the head gives logits | `keras.ops.softmax` |
# | never two labels at once | softmax for a multi-label task | sigmoid, `binary_crossentropy` |
# | high accuracy, nothing found | a rare class | recall and precision; another threshold |
# | 41 % where 5 % are true | class weights | p/(p + (1 − p) · ratio), or no weights |

# %% [markdown]
# ## Next
#
# - [Exercise 03](../exercises/03_heads_and_losses.ipynb): choose, repair and measure heads.
# - [Lesson 04](04_images.ipynb) puts another body under these heads: convolutions, for pictures.
#
# Read on: the Keras pages on [losses](https://keras.io/api/losses/) and
# [classification metrics](https://keras.io/api/metrics/classification_metrics/); Elkan (2001), *The foundations of
# cost-sensitive learning*, on costs and thresholds; Davis and Goadrich (2006), *The relationship between
# precision-recall and ROC curves*; Guo, Pleiss, Sun and Weinberger (2017), *On calibration of modern neural
# networks*.
