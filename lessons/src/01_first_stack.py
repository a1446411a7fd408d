# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 01 · Build your first stack
#
# A `Sequential` model is a list of layers. With ten lines you can teach one to name clothes in
# pictures, and in this lesson you also see what those ten lines do for you.
#
# {{badges}}
#
# *45 minutes · needs a little Python and NumPy, nothing about neural networks · runs in about a
# minute on a CPU*

# %% [markdown]
# ## You will be able to
#
# - count the parameters of a stack of Dense layers by hand;
# - build a Sequential model from a list and with `add()`, and compile it; say what shape each layer
#   gives, and repair a stack whose shape is wrong;
# - compile, fit, evaluate and predict, and say what each of them needs and returns;
# - compare a score with a baseline before you trust it;
# - write the same network and its gradient in NumPy, and say what Keras spares you.

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
# The first line names a processor or a GPU. Both are fine: this course runs on either.
#
# Three habits will return in every lesson. Where you see `mine = ...`, write your own prediction in
# place of the dots before you run the next cell; a wrong one is never an error. (The answers of an
# earlier run are stored below the cells. Clear them first, with *Edit → Clear Outputs of All Cells*.)
# Where you see ✓, the
# notebook has just checked a statement on your machine. Where you see `sk.`, a small helper of this
# course is at work; everything else is plain Keras.

# %% [markdown]
# ## 1. Look at the data first
#
# Fashion-MNIST holds small grey pictures of clothes. Each has a **label**: the number of its class.

# %%
fashion = sk.data.load("fashion")
fashion

# %%
figure, axes = plt.subplots(2, 5, figsize=(8, 3.6))
for label, axis in enumerate(axes.flat):
    first = np.argmax(fashion.y_train == label)  # the first picture with this label
    axis.imshow(fashion.x_train[first], cmap="gray_r")
    axis.set_title(f"{label}: {fashion.classes[label]}", fontsize=9)
    axis.axis("off")
sk.show(figure, alt="Ten grey pictures of clothes, one for each label from 0 to 9.")

# %% [markdown]
# A picture has 28 × 28 pixels, whole numbers from 0 to 255. Our network takes a row of numbers near
# 0 to 1. So we write the 28 rows of a picture one after the other and divide by 255.

# %%
mine = ...  # how many numbers does one picture give?

# %%
x_train = fashion.x_train.reshape(-1, 28 * 28) / 255.0
x_test = fashion.x_test.reshape(-1, 28 * 28) / 255.0
y_train, y_test = fashion.y_train, fashion.y_test
sk.guess(mine, x_train.shape[1])

# %% [markdown]
# ## 2. A model is a list
#
# A **layer** turns numbers into other numbers. A `Dense` layer has **units**; each unit takes all
# the numbers that come in, multiplies each by a weight of its own, adds them up and adds one more
# number, its **bias**. Weights and biases together are the **parameters**. Training changes them,
# and nothing else.
#
# Our first network goes 784 → 32 → 10: from 784 pixels to 32 **hidden** units (hidden between input and output) to 10 classes.
# Before you build it: how many parameters does it have? Each of the 32 units has 784 weights and one
# bias. Each of the 10 units has 32 weights and one bias.

# %%
mine = ...  # your count of all parameters

# %%
model = keras.Sequential(
    [
        keras.Input((784,), name="pixels"),  # the shape of one example
        layers.Dense(32, activation="relu", name="hidden"),
        layers.Dense(10, activation="softmax", name="classes"),
    ]
)
sk.guess(mine, model.count_params())

# %%
sk.trace(model)

# %% [markdown]
# The column *why* does the arithmetic: 784·32 + 32 = 25,120 and 32·10 + 10 = 330, together 25,450.
# Nearly all parameters lie in the first layer. `None` stands for the number of examples: the model
# takes one picture or a thousand.
#
# The **activation** is what happens to a unit's sum. `relu` keeps positive numbers and turns
# negative ones into 0. `softmax` turns ten sums into ten shares between 0 and 1 that add up to 1: the
# probability of each class.

# %%
sk.draw(model)

# %% [markdown]
# ## 3. The same model with `add()`
#
# Some people write a list, others add one layer after the other. Is there a difference?

# %%
mine = ...  # are the two models equal? True or False

# %%
added = keras.Sequential()
added.add(keras.Input((784,), name="pixels"))
added.add(layers.Dense(32, activation="relu", name="hidden"))
added.add(layers.Dense(10, activation="softmax", name="classes"))

listed_config, added_config = model.get_config(), added.get_config()
sk.guess(mine, listed_config["layers"] == added_config["layers"])

# %%
sk.expect(listed_config["layers"] == added_config["layers"], "layer for layer the same")
sk.expect(added.count_params() == model.count_params(), "both have the same number of parameters")

# %% [markdown]
# The **configuration** is all that Keras knows about a model apart from its weights, and here both
# have the same layers. (We gave the names ourselves. Names that Keras makes up are counted on, such as
# `dense`, `dense_1`, so they would differ.) Take the list when you know the stack; take `add()` in a
# loop or behind an `if`.

# %% [markdown]
# ## 4. Four traits of a Sequential
#
# **Ordered.** The list is the order of the data. Change the order and you have another network:

# %%
mine = ...  # more, fewer, or the same number of parameters as before? One word in quotes

# %%
turned = [
    keras.Input((784,)),
    layers.Dense(10, activation="relu"),
    layers.Dense(32, activation="softmax"),
]
counts = {"before": model.count_params(), "turned": sk.trace(turned).total_params}
print(counts)
sk.guess(mine, "fewer" if counts["turned"] < counts["before"] else "more")

# %% [markdown]
# 784·10 + 10 = 7,850 and 10·32 + 32 = 352, together 8,202. It also answers with 32 classes where we
# have 10.
#
# **One input, one output.** Something goes in at the top, something comes out at the bottom.
#
# **Automatic shapes.** We gave the input 784, then only 32 and 10. Keras worked out the rest.
#
# **Readable.** The code, the table and the picture show the same layers in the same order.

# %%
sk.expect(len(model.inputs) == 1 and len(model.outputs) == 1, "one input and one output")
sk.expect(
    model.layers[1].kernel.shape == (32, 10),
    "Keras found the 32 itself: the second layer has 32 × 10 weights",
)

# %% [markdown]
# Readable code is why beginners, teachers and people with an idea to try in five minutes begin here:
# one line is one decision, and a change is a change of one line. When something is wrong there is
# only one road to follow. Part II of this course shows what you give up for this.

# %% [markdown]
# ## 5. What is a good score?
#
# Decide this before you train. **Accuracy** is the share of pictures that are named correctly.
# There are ten classes of nearly equal size, so guessing gives about 10 %. A better **baseline** (a simple
# rival) is a *linear model*: one Dense layer, no hidden units. If our network does not reach it,
# the hidden layer is worth nothing.
#
# Training needs three decisions, which `compile` takes:
#
# - the **loss**: how wrong an answer is, as one number. Training makes it smaller;
# - the **optimizer**: how the parameters are changed. `adam` is a good first choice;
# - the **metrics**: what you want to read. They do not change the training.
#
# *Categorical cross-entropy* is the usual loss for classes. It compares the ten shares with a row
# that has a 1 at the right class and 0 elsewhere: a **one-hot** label.

# %%
one_hot_train = keras.utils.to_categorical(y_train, 10)
one_hot_test = keras.utils.to_categorical(y_test, 10)
print(y_train[0], "->", one_hot_train[0].astype(int))

# %%
sk.seed(0)
linear = keras.Sequential([keras.Input((784,)), layers.Dense(10, activation="softmax")])
linear.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
epochs = sk.budget(quick=10, full=20)  # how long we train: section 6
linear.fit(x_train, one_hot_train, epochs=epochs, validation_split=0.1, verbose=0)  # silently

linear_loss, linear_accuracy = linear.evaluate(x_test, one_hot_test, verbose=0)
sk.expect(linear_accuracy > 0.80, "the linear model names more than 80 % of the test pictures")
sk.expect(abs(linear_accuracy - 0.84) < 0.02, "it names about 84 % of them")

# %% [markdown]
# That is far above 10 %. So a good score for our network is not 'more than 10 %' but **more than 84 %**,
# where the linear model is. (`sk.budget` takes the first number in a quick run and the second in a
# full one; you will see it wherever something is trained.)

# %% [markdown]
# ## 6. Train it: compile and fit
#
# `fit` shows the network the pictures in **batches** of 32 and changes the parameters after each
# batch. One pass through all pictures is an **epoch**. We keep a tenth of the training pictures
# apart for **validation**: the network is measured on them after each epoch, but never learns from
# them.

# %%
mine = ...  # 12,000 pictures, a tenth apart, batches of 32: how many batches in an epoch?

# %%
batches = int(np.ceil(12_000 * 0.9 / 32))
sk.guess(mine, batches)

# %%
sk.seed(0)
model = keras.models.clone_model(model)  # the same stack with new weights
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
history = model.fit(
    x_train,
    one_hot_train,
    epochs=epochs,
    batch_size=32,
    validation_split=0.1,
    verbose=0,
    callbacks=[sk.LivePlot()],
)

# %% [markdown]
# The loss falls and the accuracy rises. After a few epochs the dashed line of the validation no
# longer follows the solid one: the network still gets better at the pictures it has seen, but
# hardly at new ones. Lessons 06 and 07 are about this gap.
#
# `fit` returns a **history**: the numbers behind the curves, one for each epoch.

# %%
loss = history.history["loss"]
sk.expect(loss[-1] < loss[0] / 1.5, "the loss of the last epoch is far below that of the first")
sk.expect(
    sorted(history.history)[:2] == ["accuracy", "loss"], "the history holds 'accuracy' and 'loss'"
)

# %% [markdown]
# ## 7. Measure it: evaluate and predict
#
# `evaluate` needs pictures and labels and returns the loss and the metrics. The test pictures have
# taken no part in training.

# %% seqkit={"headline": "test accuracy: linear {linear_accuracy:.1%}, our network {accuracy:.1%}"}
test_loss, accuracy = model.evaluate(x_test, one_hot_test, verbose=0)
sk.expect(accuracy > 0.80, "our network names more than 80 % of the test pictures")
sk.expect(abs(accuracy - linear_accuracy) < 0.03, "it is within 3 points of the linear model")

# %% [markdown]
# So was the hidden layer worth it? On these pictures: hardly. We tried several seeds (a **seed** fixes
# the random weights at the start, so that a run can be repeated), and it gained
# between nothing and two points. Without the baseline, 'more than 80 %' would have looked like a
# success of the hidden layer. With all 60,000 pictures the hidden
# layer gains more; a better idea for pictures comes in lesson 04. (This is a subset of
# Fashion-MNIST: do not compare with numbers for the whole set.)
#
# `predict` needs pictures only and returns ten shares for each.

# %%
mine = ...  # the shape of predict's result for the 2,000 test pictures

# %%
shares = model.predict(x_test, verbose=0)
sk.guess(mine, shares.shape)

# %%
named = shares.argmax(axis=1)  # the class with the largest share
right = named == y_test
sk.expect(np.allclose(shares.sum(axis=1), 1, atol=1e-4), "the ten shares of a picture sum to 1")
sk.expect(abs(right.mean() - accuracy) < 1e-3, "counting by hand gives what evaluate said")

# %% [markdown]
# A number hides what goes wrong. Look at some pictures that were named correctly, and at some that
# were not.


# %%
def show_answers(rows, alt):
    figure, axes = plt.subplots(1, len(rows), figsize=(9, 2.2))
    for row, axis in zip(rows, axes, strict=True):
        axis.imshow(fashion.x_test[row], cmap="gray_r")
        truth, answer = fashion.classes[y_test[row]], fashion.classes[named[row]]
        axis.set_title(f"is: {truth}\nnamed: {answer}", fontsize=8)
        axis.axis("off")
    sk.show(figure, alt=alt)


show_answers(np.flatnonzero(right)[:6], alt="Six test pictures that the network named correctly.")
show_answers(np.flatnonzero(~right)[:6], alt="Six test pictures with a wrong name.")

# %% [markdown]
# Many mistakes are between a shirt, a coat, a pullover and a T-shirt. At 28 × 28 pixels some of them
# are hard for people, too. Is that so for the whole test set?

# %%
mine = ...  # do these four of ten classes make more than half of all mistakes? True or False

# %%
upper = [fashion.classes.index(name) for name in ("T-shirt/top", "Pullover", "Coat", "Shirt")]
share_of_mistakes = np.isin(y_test[~right], upper).mean()
sk.guess(mine, bool(share_of_mistakes > 0.5))

# %% [markdown]
# ## 8. Shorter: labels and pictures as they are
#
# The *sparse* categorical cross-entropy is the same loss for labels that are numbers, so
# `to_categorical` is not needed (lesson 03 goes deeper). And a `Flatten` layer writes a picture as
# one row, so `reshape` is not needed either. The whole program is now four statements:

# %%
sk.seed(0)
short = keras.Sequential(
    [
        keras.Input((28, 28)),
        layers.Flatten(),
        layers.Dense(32, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)
short.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
short.fit(fashion.x_train / 255.0, y_train, epochs=2, verbose=0)
short_loss, short_accuracy = short.evaluate(fashion.x_test / 255.0, y_test, verbose=0)
sk.expect(short_accuracy > 0.70, "two epochs are enough for more than 70 %")

# %% [markdown]
# Build, compile, fit, evaluate. Two things go wrong here often. The first one is loud: a loss that
# does not fit the labels.

# %%
import textwrap

short.compile(optimizer="adam", loss="categorical_crossentropy")  # but the labels are numbers
tried = sk.attempt(short.fit, fashion.x_train[:32] / 255.0, y_train[:32], verbose=0)
sk.expect(tried.failed, "Keras refuses")
message = textwrap.fill(str(tried.error), 90)  # in lines that fit on the page
print(message)

# %% [markdown]
# `target` are the labels, 32 numbers; `output` is what the network answers, 32 rows of ten. Only the
# *sparse* form of this loss takes numbers.
#
# The second one is silent: `Flatten` is forgotten.

# %%
mine = ...  # the output shape of Dense(32) on an input of 28 × 28, without Flatten

# %%
no_flatten = [
    keras.Input((28, 28)),
    layers.Dense(32, activation="relu"),
    layers.Dense(10, activation="softmax"),
]
trace = sk.trace(no_flatten)
sk.guess(mine, trace.rows[0].output_shape)

# %%
trace

# %% [markdown]
# `Dense` works on the **last** axis. It took each of the 28 rows for an example of 28 numbers, so a
# picture gets 28 answers, and there are only 1,258 parameters. With `Flatten` in front, the shapes
# are (None, 784), (None, 32), (None, 10), and 25,450 parameters see the whole picture.

# %% [markdown]
# ## 9. Other pictures, same code
#
# Nothing in the program knows about clothes. Here it reads handwritten digits: MNIST, 4,000 of them
# for training. The linear model goes first again; on digits a good score is **above 90 %**, and
# above the linear model. This time we try 128 hidden units: that is one number to change.

# %%
digits = sk.data.load("mnist")
figure, axes = plt.subplots(1, 10, figsize=(9, 1.2))
for digit, axis in enumerate(axes):
    axis.imshow(digits.x_train[np.argmax(digits.y_train == digit)], cmap="gray_r")
    axis.axis("off")
sk.show(figure, alt="Ten handwritten digits, from 0 to 9.")


# %%
def train_on_digits(*hidden):
    sk.seed(0)
    top = [keras.Input((28, 28)), layers.Rescaling(1 / 255), layers.Flatten()]
    stack = keras.Sequential([*top, *hidden, layers.Dense(10, activation="softmax")])
    stack.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    stack.fit(digits.x_train, digits.y_train, epochs=sk.budget(quick=5, full=10), verbose=0)
    return stack.evaluate(digits.x_test, digits.y_test, verbose=0)[1]


digits_linear = train_on_digits()
digits_hidden = train_on_digits(layers.Dense(128, activation="relu"))

# %% seqkit={"headline": "digits: linear {digits_linear:.1%}, one hidden layer {digits_hidden:.1%}"}
sk.expect(digits_hidden > 0.90, "the network reads more than 90 % of the test digits")
sk.expect(digits_hidden > digits_linear + 0.01, "at least one point more than the linear model")

# %% [markdown]
# On digits the hidden layer is worth it: about a third of the linear model's mistakes are gone. The
# same idea, other data, another answer. That is why each result in this course stands beside a
# baseline.
#
# (`Rescaling` divides by 255 inside the model. Then nobody who uses the model can forget it.)

# %% [markdown]
# ## 10. What Keras saves you: the same network by hand
#
# Before libraries like Keras, people wrote this themselves. Four small functions are the whole of
# it. First the **forward** pass, from pixels to shares:


# %%
def forward(x, w1, b1, w2, b2):
    hidden = np.maximum(x @ w1 + b1, 0)  # Dense 32 and relu
    scores = hidden @ w2 + b2  # Dense 10
    scores = scores - scores.max(axis=1, keepdims=True)  # the same shares, no overflow
    powers = np.exp(scores)
    return hidden, powers / powers.sum(axis=1, keepdims=True)  # softmax


def cross_entropy(probabilities, labels):
    of_the_right_class = probabilities[np.arange(len(labels)), labels]
    return -np.log(of_the_right_class).mean()


# %% [markdown]
# Now the part that takes a page of calculus. The **gradient** says for each parameter how the loss
# changes when the parameter grows. **Backpropagation** works it out from the end to the beginning,
# one step for each step of `forward`:
#
# - softmax and cross-entropy together: probability minus truth, divided by the number of examples;
# - `Dense`: for the weights, the layer's input times the gradient that arrives from behind; for the
#   bias, the sum of that gradient; and for the layer before, that gradient times the weights;
# - `relu`: the gradient passes where the unit was above 0, and is 0 elsewhere.


# %%
def gradients(x, labels, w1, b1, w2, b2):
    hidden, probabilities = forward(x, w1, b1, w2, b2)
    truth = np.eye(10)[labels]  # one-hot
    d_scores = (probabilities - truth) / len(labels)
    d_w2, d_b2 = hidden.T @ d_scores, d_scores.sum(axis=0)
    d_hidden = d_scores @ w2.T * (hidden > 0)
    d_w1, d_b1 = x.T @ d_hidden, d_hidden.sum(axis=0)
    return d_w1, d_b1, d_w2, d_b2


def descend(weights, slopes, rate):
    return [weight - rate * slope for weight, slope in zip(weights, slopes, strict=True)]


# %% [markdown]
# `descend` is one step of **stochastic gradient descent** (SGD): every parameter goes a little way
# against its gradient.
#
# Is the gradient right? Test one of the 25,450 numbers: make that parameter a little larger and look
# at the loss.

# %%
weights = [weight.astype("float64") for weight in model.get_weights()]
x, labels = x_train[:32], y_train[:32]
slope = gradients(x, labels, *weights)[3][0]  # of the first bias in the last layer

little = 1e-5
before = cross_entropy(forward(x, *weights)[1], labels)
weights[3][0] += little
after = cross_entropy(forward(x, *weights)[1], labels)
sk.expect(abs((after - before) / little - slope) < 1e-4, "the loss changes as the gradient says")

# %% [markdown]
# Now the real test. A fresh Keras model and our four arrays begin with the same weights. Both take
# one step of SGD on the same 32 pictures. Will they agree?

# %%
sk.seed(0)
twin = keras.models.clone_model(model)
twin.compile(optimizer=keras.optimizers.SGD(0.1), loss="sparse_categorical_crossentropy")
weights = twin.get_weights()

shares_by_hand = forward(x, *weights)[1]
sk.expect(np.allclose(shares_by_hand, twin.predict(x, verbose=0), atol=1e-4), "same shares")

# %%
mine = ...  # after one step: do all 25,450 parameters agree to 1e-4? True or False

# %%
by_keras = twin.train_on_batch(x, labels, return_dict=True)["loss"]  # one step of Keras
by_hand = cross_entropy(shares_by_hand, labels)
weights = descend(weights, gradients(x, labels, *weights), rate=0.1)

gaps = [np.abs(a - b).max() for a, b in zip(weights, twin.get_weights(), strict=True)]
sk.expect(abs(by_hand - by_keras) < 1e-4, "the same loss")
sk.guess(mine, bool(max(gaps) < 1e-4))

# %% [markdown]
# The same numbers. There is no magic in `fit`, only these steps, many times:

# %%
for _epoch in range(3):
    for start in range(0, len(x_train), 32):
        batch = slice(start, start + 32)
        weights = descend(weights, gradients(x_train[batch], y_train[batch], *weights), rate=0.1)

numpy_accuracy = (forward(x_test, *weights)[1].argmax(axis=1) == y_test).mean()
sk.expect(numpy_accuracy > 0.75, "three epochs by hand: more than 75 % of the test pictures")

# %% [markdown]
# And the price? Count the lines, those of the loop above as well.

# %%
import inspect

functions = [forward, cross_entropy, gradients, descend]
lines = sum(len(inspect.getsource(function).strip().splitlines()) for function in functions)
print("by hand, for this one network:", lines + 4, "lines")
print("with Keras: 2 lines, compile and fit, for any network")

# %% [markdown]
# The lines are the smaller part. Put in a third layer or another activation, and by hand you work out
# the gradient again. Keras does that for each layer that you put into the list, and adds `adam`,
# shuffling, metrics, saving, and the GPU.

# %% [markdown]
# ## 11. A look ahead: where the list ends
#
# Perhaps you have heard of ResNet (He et al. 2016). Its idea is small: *add the input of a block to its
# output*, where a **block** is a few layers. Keras has a layer that adds, so you may well write this. Does it build?

# %%
mine = ...  # does it build? True or False

# %%
with sk.attempt() as resnet:
    keras.Sequential(
        [
            keras.Input((28, 28, 16)),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.Conv2D(16, 3, padding="same"),
            layers.Add(),  # add the input of the block
            layers.Activation("relu"),
        ]
    )

# %%
sk.guess(mine, not resnet.failed)

# %% [markdown]
# In the picture, on the left is what the list says, on the right what was meant. `Add` needs two roads, and a list
# has one. A flat list of built-in layers cannot say this; the code in the explanation can, and it was
# run before it was shown to you.
#
# You do not need to understand `Conv2D` or that code yet. Part I of this course (lessons 01 to 10)
# shows how far the one road goes, which is far. Part II (11 to 20) begins where it ends, and lesson
# 12 comes back to this very block.

# %% [markdown]
# ## 12. What is said, and what is true
#
# Articles say many things about the Sequential model. This course keeps them in a register, with code that
# looks for evidence. The verdicts below were worked out when the cell ran; *holds, but* means that there is a
# restriction or another way. Some of these claims are opinions, and then the table says what was counted.

# %%
sk.claims.table(lesson=1)

# %% [markdown]
# ## Check yourself
#
# Click on an answer to see what is right or wrong about it.

# %% seqkit={"role": "check"}
from seqkit.exercises.quick import Choice

Choice(
    "A stack goes 100 → 20 → 5. How many parameters does it have?",
    {"a": "2,100", "b": "2,125", "c": "2,020"},
    correct="b",
    feedback={
        "a": "These are the weights: 100·20 + 20·5. Each unit also has a bias.",
        "b": "Yes: 100·20 + 20 = 2,020 and 20·5 + 5 = 105.",
        "c": "This is the first layer alone: 100·20 + 20.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "The labels are whole numbers from 0 to 9. Which loss takes them as they are?",
    {
        "a": "categorical_crossentropy",
        "b": "sparse_categorical_crossentropy",
        "c": "accuracy",
    },
    correct="b",
    feedback={
        "a": "It compares two rows of ten numbers, so it needs one-hot labels.",
        "b": "Yes. 'Sparse' means: only the number of the right class is given.",
        "c": "Accuracy is a metric, to read. A loss must change smoothly with the weights.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "A network names 84 % of the Fashion-MNIST test pictures. Is that good?",
    {
        "a": "Yes, chance is 10 %.",
        "b": "No, it should be near 100 %.",
        "c": "It depends: what does a linear model reach on the same pictures?",
    },
    correct="c",
    feedback={
        "a": "Chance is a low mark. Here a linear model reaches about the same 84 %.",
        "b": "Nobody reaches 100 % on these pictures. Compare with a simple rival instead.",
        "c": "Yes. The same score may be a success on one set and nothing on another.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "What does predict return for 50 pictures and our network?",
    {
        "a": "50 labels",
        "b": "an array of 50 × 10 shares",
        "c": "the accuracy on 50 pictures",
    },
    correct="b",
    feedback={
        "a": "Nearly: take argmax(axis=1) of its result to get labels.",
        "b": "Yes: for each picture ten shares that sum to 1.",
        "c": "That is evaluate, which needs the labels as well. predict never sees them.",
    },
).ask()

# %% [markdown]
# ## What to remember
#
# - A Sequential is a list of layers; a list and `add()` give the same model.
# - `Dense`: inputs · units weights, and one bias for each unit.
# - `compile` (loss, optimizer, metrics) → `fit` → `evaluate` or `predict`.
# - Say what a good score is before you train, and name the baseline.
# - Keras writes the backward pass for you: that, more than short code, is what it saves.
#
# | symptom | cause | fix |
# |---|---|---|
# | *Arguments `target` and `output` must have the same rank* | number labels, one-hot loss | `sparse_categorical_crossentropy` |
# | the output has an axis too many, as in (None, 28, 10) | `Dense` on a picture | `Flatten()` before it |
# | the accuracy stays low on pixels (exercise 01) | pixels from 0 to 255 | divide by 255, or `Rescaling(1 / 255)` |
# | *A merge layer should be called on a list of inputs* | `Add()` in the list | the Functional API, lesson 12 |

# %% [markdown]
# ## Next
#
# - [Exercise 01](../exercises/01_first_stack.ipynb): build, read and repair a first stack.
# - [Lesson 02](02_shapes.ipynb) writes the shapes and counts of every kind of layer by hand, and then a `Sequential` of
#   your own in twenty lines.
#
# Read on: the Keras guide [The Sequential model](https://keras.io/guides/sequential_model/); Xiao,
# Rasul and Vollgraf (2017), *Fashion-MNIST*; Rumelhart, Hinton and Williams (1986), *Learning
# representations by back-propagating errors*; He, Zhang, Ren and Sun (2016), *Deep residual learning
# for image recognition*.
