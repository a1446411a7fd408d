# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 19 · Let the data decide
#
# A list of layers does the same work for every example. Here an example decides: which road it takes, how
# long it is worked on, which kernel looks at it, and what is done next.
#
# {{badges}}
#
# *75 minutes · needs lessons 04, 11 and 14 · trains seven small networks, about a minute on a CPU*

# %% [markdown]
# ## You will be able to
#
# - read the error of an `if` on a tensor, and tell when the same `if` is silent and frozen;
# - choose between `ops.where` and `ops.cond`, and say what each of them computes;
# - write a network as a subclass of `keras.Model`, and name what is lost;
# - stop early for easy examples, choose the threshold on validation data, and count what is saved;
# - judge conditional convolution and capsule routing by a fair comparison;
# - train a policy with weighted examples, and say why this is the policy gradient.

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
# ## 1. It breaks: an `if` on a tensor
#
# Rows with a mean above zero should pass a ReLU, all others should stay as they are. In Python this is an `if`.
# A layer of your own may have any code in its `call`, so we write it there.


# %%
class Choice(layers.Layer):
    def call(self, x):
        if keras.ops.mean(x) > 0:
            return keras.ops.relu(x)
        return x


# %%
mine = ...  # does the list with this layer build? True or False

# %%
with sk.attempt() as loud:
    keras.Sequential([keras.Input((4,)), layers.Dense(4), Choice()])

# %%
sk.guess(mine, not loud.failed)

# %% [markdown]
# When Keras builds the list it calls each layer on a **symbolic tensor**: a tensor that has a shape and a
# dtype, but no numbers yet. 'Is the mean above zero?' has no answer then. This recording of all operations,
# before any data comes, is called **tracing**.
#
# The same code in a `Lambda` is worse. Sequential catches the error while it builds, and says nothing:

# %%
swallowed = keras.Sequential(
    [
        keras.Input((4,)),
        layers.Dense(4),
        layers.Lambda(lambda x: keras.ops.relu(x) if keras.ops.mean(x) > 0 else x),
    ]
)
tried = sk.attempt(lambda: swallowed.output_shape)
print(tried.error)

# %% [markdown]
# 'No defined output shape' names a symptom. The cause was swallowed. `sk.explain` runs the layers again and
# finds it:

# %%
sk.explain(tried.error)

# %% [markdown]
# These messages are those of TensorFlow; JAX says it in other words. With the torch backend there is *no*
# message: torch works on numbers at once, so the `if` runs, and one mean decides for the whole batch.

# %% [markdown]
# ## 2. The quiet one: a decision that was made once
#
# An `if` on a Python variable never fails. Here a switch stands outside of the layer, and a counter tells
# how often Python runs the line.

# %%
switch = {"double": True}
runs = []


class Switch(layers.Layer):
    def call(self, x):
        runs.append(switch["double"])
        return 2 * x if switch["double"] else x


model = keras.Sequential([keras.Input((1,)), Switch()])
one = np.ones((1, 1))
first = model.predict(one, verbose=0)[0, 0]
before = len(runs)
switch["double"] = False

# %%
mine = ...  # the switch is off now. What does predict give for the number 1?

# %%
second = model.predict(one, verbose=0)[0, 0]
sk.guess(mine, int(second) if second == int(second) else float(second))

# %%
frozen = keras.config.backend() != "torch"
sk.expect((second == first) == frozen, "TensorFlow and JAX keep the old answer: it is frozen")
sk.expect((len(runs) == before) == frozen, "Python did not run the line again")

# %% [markdown]
# `predict` and `fit` trace `call` once for each kind of input (its shape and dtype), and then repeat the recorded
# operations. The branch that was taken in tracing is *the* branch for this kind of input. A batch of another
# size may be traced anew, and then it gets the new branch: one model, two answers. The same holds for `if x_train.mean() > 0` beside the list: it is decided when the
# list is written, for all data that will ever come. No error, no warning. If a decision should be made anew
# for each example, it must be an **operation on tensors**.

# %% [markdown]
# ## 3. The fix: a condition that is a tensor
#
# Two operations of `keras.ops` take a condition:
#
# - `ops.where(condition, a, b)` chooses for *each number*. Both `a` and `b` are computed.
# - `ops.cond(condition, f, g)` records two functions, and *one* of them is run. The condition is one truth value.


# %%
class Where(layers.Layer):
    def call(self, x):
        high = keras.ops.mean(x, axis=-1, keepdims=True) > 0  # one truth value for each row
        return keras.ops.where(high, keras.ops.relu(x), x)


class Cond(layers.Layer):
    def call(self, x):
        return keras.ops.cond(keras.ops.mean(x) > 0, lambda: keras.ops.relu(x), lambda: x)


where_net = keras.Sequential([keras.Input((2,)), Where()])
cond_net = keras.Sequential([keras.Input((2,)), Cond()])
rows = np.array([[-1.0, 3.0], [1.0, -2.0]])  # means: 1.0 and -0.5, of both together 0.25
keras.ops.convert_to_numpy(where_net(rows))

# %% [markdown]
# The first row has a mean above zero: its -1 became 0. The second row stayed. Both layers stand in a
# Sequential: 'Sequential has no conditions' is too strong. What will `ops.cond` give for the second row,
# `[1, -2]`?

# %%
mine = ...  # two numbers in a list

# %%
answer = keras.ops.convert_to_numpy(cond_net(rows))
sk.guess(mine, [float(number) for number in answer[1]])

# %% [markdown]
# One mean was taken over the batch, 0.25, and it sent *both* rows through the ReLU. With `ops.cond` the answer
# for a row changes with the rows beside it:

# %%
alone = keras.ops.convert_to_numpy(cond_net(rows[1:]))
sk.expect(not np.allclose(alone[0], answer[1]), "ops.cond: the answer depends on the other rows")
alone = keras.ops.convert_to_numpy(where_net(rows[1:]))
sk.expect(np.allclose(alone, [[1, -2]]), "ops.where: the row decides for itself")

# %% [markdown]
# | | decides for | computes | use it for |
# |---|---|---|---|
# | Python `if` | the trace, once | one branch | settings that never change |
# | `ops.where` | each number | both branches | a choice for each example |
# | `ops.cond` | the whole batch | one branch | one example at a time |
#
# The Functional API needs no layer of our own for this; its symbolic tensors can be compared:

# %%
inputs = keras.Input((4,))
above = layers.Dense(2)(inputs)
below = layers.Dense(2)(inputs)
high = keras.ops.mean(inputs, axis=-1, keepdims=True) > 0
two_roads = keras.Model(inputs, keras.ops.where(high, above, below))
sk.draw(two_roads)

# %% [markdown]
# ## 4. Subclassing: all of Python, and what is lost
#
# The third way to write a model is a class. You make the layers in `__init__` and say in `call` what happens
# to the data. In `call` you may write loops, return what you like, and add methods of your own.


# %%
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = layers.Dense(8, activation="relu")
        self.end = layers.Dense(3)

    def call(self, x):
        return self.end(self.hidden(x))


free = Net()
listed = keras.Sequential([keras.Input((4,)), layers.Dense(8, activation="relu"), layers.Dense(3)])

# %%
mine = ...  # how many parameters does Keras know of `free`, before any data?

# %%
free.summary()

# %%
sk.guess(mine, sum(layer.count_params() for layer in free.layers if layer.built))

# %% [markdown]
# Question marks. The graph of the list stands in the object; the graph of `free` is Python code that has not
# run yet. Before a shape is known nobody can look into it, and neither can our tools:

# %%
print(sk.attempt(sk.trace, free).error)

# %%
sk.trace(free, (4,))

# %% [markdown]
# With a shape `sk.trace` can run the code once and see. A first call on symbolic input does the same:
# `free(keras.Input((4,)))`. Do not use `build` for it. Without a `build` method of your own Keras only
# *marks* the model as built, with a warning:

# %%
import warnings

with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    marked = Net()
    marked.build((None, 4))
print("built:", marked.built, "· weights:", len(marked.weights))
print(str(said[0].message)[:50], "…")

# %% [markdown]
# **Errors come later.** Here are two layers that do not fit: `Conv1D` needs three axes. The list says so when
# it is written.


# %%
class Misfit(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = layers.Dense(8)
        self.end = layers.Conv1D(3, 2)

    def call(self, x):
        return self.end(self.hidden(x))


# %%
mine = ...  # does Misfit() raise an error? True or False

# %%
made = sk.attempt(Misfit)
sk.guess(mine, made.failed)

# %%
as_list = [keras.Input((4,)), layers.Dense(8), layers.Conv1D(3, 2)]
sk.expect(sk.attempt(keras.Sequential, as_list).failed, "the list fails when it is written")
sk.expect(sk.attempt(made.value, np.ones((2, 4))).failed, "the class fails with the first data")

# %% [markdown]
# In this small net the first data comes a line later. In a real one it may come after an hour of reading
# files. Two more losses, each one run:

# %%
lost = {
    "make a new model from its input and its output": lambda net: keras.Model(
        net.inputs, net.outputs
    ),
    "rebuild it from its configuration": lambda net: type(net).from_config(net.get_config()),
}
for what, use in lost.items():
    as_list, as_class = sk.attempt(use, listed), sk.attempt(use, free)
    print(f"{what}: the list {not as_list.failed}, the class {not as_class.failed}")

# %% [markdown]
# The class has no input and no output that one could take. And its `__init__` takes no arguments, but a
# configuration holds some (`name`, `dtype`): write `def __init__(self, **kwargs)` and hand them on with
# `super().__init__(**kwargs)`, then it can be rebuilt. For arguments of your own you write `get_config`, too, and
# whoever loads a file of it needs the Python code. 'Full freedom, harder to debug' is the claim of the articles. You saw what
# it means: **no graph before data, so no check before data.** Use a class where the data decides, and keep
# its parts lists, as in the next section.

# %% [markdown]
# ## 5. Early exit: stop where the answer is sure
#
# Most digits are easy. Why should each of them pay for the whole network? An **early exit** is a cheap head
# after a few layers. If its answer is sure, the work ends there. Only the other pictures go on.

# %%
digits = sk.data.load("mnist")
x = digits.x_train[..., None].astype("float32") / 255
x_train, x_check = x[:2500], x[2500:]
y_train, y_check = digits.y_train[:2500], digits.y_train[2500:]
x_test, y_test = digits.x_test[..., None].astype("float32") / 255, digits.y_test
print(x_train.shape, x_check.shape, x_test.shape)


# %%
def convolution(filters, strides=1):
    return layers.Conv2D(filters, 3, strides=strides, padding="same", activation="relu")


class EarlyExit(keras.Model):
    def __init__(self):
        super().__init__()
        self.stem = keras.Sequential([convolution(16, strides=2), layers.MaxPooling2D(2)])
        head = [layers.Flatten(), layers.Dense(32, activation="relu")]
        self.early = keras.Sequential([*head, layers.Dense(10, activation="softmax")])
        body = [convolution(32), convolution(32), layers.Flatten()]
        self.rest = keras.Sequential([*body, layers.Dense(10, activation="softmax")])

    def call(self, pictures):
        features = self.stem(pictures)
        return [self.early(features), self.rest(features)]


# %% [markdown]
# `call` gives *both* answers, and both are trained: two outputs, two losses (lesson 14). The decision is made
# later, when the net is used. What does each part cost? We count multiply-adds.

# %%
sk.seed(0)
net = EarlyExit()
short, long = net(keras.Input((28, 28, 1)))  # a first call makes the weights


def cost(part, shape):
    inputs = keras.Input(shape)
    flat = keras.Model(inputs, part(inputs))
    return sk.trace(flat, expand_nested=True, cost=True).total_multiply_adds


stem, early = cost(net.stem, (28, 28, 1)), cost(net.early, (7, 7, 16))
rest = cost(net.rest, (7, 7, 16))
print(f"stem {stem:,} · early head {early:,} · the rest {rest:,}")

# %%
mine = ...  # if half of the pictures stop early: which share of the work is saved? (0 to 1)

# %%
whole = stem + early + rest
sk.guess(mine, round(0.5 * rest / whole, 2))

# %% [markdown]
# **What is a good number?** The full way sets the mark: early exit should be at most half a point below it,
# and save at least a quarter of the work. Chance is 10 %.

# %%
loss = "sparse_categorical_crossentropy"
net.compile(keras.optimizers.Adam(0.003), [loss, loss])
net.fit(x_train, [y_train, y_train], epochs=6, batch_size=32, verbose=0)


def numbers(tensor):
    return keras.ops.convert_to_numpy(tensor)


def accuracy(shares, y):
    return float((shares.argmax(axis=-1) == y).mean())


# %% [markdown]
# The **threshold** is the share from which on an answer counts as sure. It is a setting like any other: we
# choose it on data that is neither training nor test data, here 1,500 digits. The rule: *the lowest threshold
# at which 99.5 % of the digits that stop are right*. So on these digits the exit can lose at most half a point,
# even if the full way made no mistake at all. If no threshold does it, nobody stops, and nothing is saved.

# %%
early_shares, late_shares = (numbers(part) for part in net(x_check))
confidence, right = early_shares.max(axis=-1), early_shares.argmax(axis=-1) == y_check
thresholds = [*np.arange(0.50, 0.995, 0.01), 0.995, 0.999]


def lowest_safe(wanted=0.995):
    for threshold in thresholds:
        stop = confidence >= threshold
        if stop.any() and right[stop].mean() >= wanted:
            return threshold
    return 2.0  # no share is as large as this: nobody stops


sk.expect(lowest_safe(wanted=1.01) == 2.0, "a rule that cannot be met lets nobody stop")


# %%
def with_threshold(threshold):
    sure = confidence >= threshold
    return accuracy(np.where(sure[:, None], early_shares, late_shares), y_check), sure.mean()


threshold = lowest_safe()
curve = np.array([with_threshold(one) for one in thresholds])
chosen, full = with_threshold(threshold), accuracy(late_shares, y_check)
# %%
figure, axis = plt.subplots(figsize=(5.6, 2.8))
axis.plot(100 * curve[:, 1] * rest / whole, 100 * curve[:, 0], marker=".")
axis.plot(100 * chosen[1] * rest / whole, 100 * chosen[0], "ks", label="the chosen threshold")
axis.axhline(100 * full, color="black", linestyle="--", linewidth=1, label="the full way")
axis.set(xlabel="multiply-adds saved in %", ylabel="validation accuracy in %")
axis.legend()
axis.grid(alpha=0.4)
sk.show(figure, alt="Accuracy stays near that of the full way, and falls where too many stop.")

# %% [markdown]
# Read it from left to right: each point is a threshold, a lower one further to the right. For a long way the
# curve stays near the dashed line, and our square stands far left of the place where it falls. The rule is
# careful. 'Go on to the last good point' would save more on *these* digits; what it does on other digits comes
# in the table below.
#
# The figure computes both answers for all pictures, so it saved nothing yet. A real saving **gathers** the
# unsure pictures into a smaller batch, and hands only these on:


# %%
def answer(net, pictures, threshold):
    features = net.stem(pictures)
    shares = np.array(numbers(net.early(features)))
    unsure = np.flatnonzero(shares.max(axis=-1) < threshold)
    if len(unsure):
        shares[unsure] = numbers(net.rest(keras.ops.take(features, unsure, axis=0)))
    return shares, len(unsure)


shares, went_on = answer(net, x_test, threshold)
spent = (stem + early) * len(x_test) + rest * went_on
saved = 1 - spent / (whole * len(x_test))

# %% seqkit={"headline": "digits: early head {always_early:.1%}, full way {always_late:.1%}, early exit {-gap:+.1f} points with {saved:.0%} of the work saved"}
always_early, always_late = (accuracy(numbers(part), y_test) for part in net(x_test))
gap = 100 * (always_late - accuracy(shares, y_test))
sk.expect(always_late > 0.92, "the full way names over 92 % of the test digits")
sk.expect(always_early < always_late - 0.005, "the early head alone is worse")
sk.expect(gap <= 0.5, "with early exit at most half a point is lost")
sk.expect(saved > 1 / 4, "and more than a quarter of the work is saved")

# %%
confidence = numbers(net(x_test)[0]).max(axis=-1)
order = np.argsort(confidence)
figure, axes = plt.subplots(2, 6, figsize=(6, 2.3))
for line, chosen in zip(axes, (order[-6:], order[:6]), strict=True):
    for axis, place in zip(line, chosen, strict=True):
        axis.imshow(x_test[place, :, :, 0], cmap="gray_r")
        axis.axis("off")
axes[0, 0].set_title("sure: they stop early", fontsize=9, loc="left")
axes[1, 0].set_title("unsure: they go on", fontsize=9, loc="left")
figure.suptitle(f"on the test digits: {-gap:+.1f} points, {saved:.0%} saved", y=1.08, fontsize=9)
sk.show(figure, alt="Six clear digits that stop early, and six unusual ones that go on.")

# %% [markdown]
# The unsure pictures are those that look unusual to us, too. The saving is real: `rest` got only the unsure
# rows. It is counted in multiply-adds; in seconds it also depends on the machine and the size of the batch.
#
# **Is it luck?** Four runs outside of this notebook, each with another seed and the digits split again (the
# first one as here). 'As often right' is another rule that sounds just as good: the lowest threshold at which
# those that stop are wrong no more often than the full way is on the same digits. All runs are in the table;
# points are test accuracy minus that of the full way:
#
# | run | the full way | 99.5 % right: points | saved | as often right: points | saved |
# |---|---|---|---|---|---|
# | 1 | 95.7 % | 0.0 | 42 % | +0.1 | 79 % |
# | 2 | 96.3 % | −0.1 | 74 % | **−1.2** | 88 % |
# | 3 | 94.4 % | −0.2 | 65 % | −0.4 | 81 % |
# | 4 | 96.1 % | −0.2 | 55 % | −0.5 | 75 % |
#
# Our rule saved 42 to 74 % and lost at most 0.2 points: within the mark each time. The other rule saved more, and
# broke the mark once. It compares two small numbers of mistakes, and takes the first threshold where the
# comparison looks good: so it often looks good by luck. Our rule takes the first threshold, too, but it asks for
# a fixed 99.5 %. Four runs and 1,000 test digits are few: half a point
# is five digits. What share you save depends on the training, so measure it; do not expect it. A fifth run shows
# the failure: run 1 with 15 epochs in place of 6. Both answers became better (94.8 and 96.4 %), but the early
# head was sure of its mistakes, too: no threshold up to 0.999 met the rule, nobody stopped, and 0 % were saved.

# %% [markdown]
# **The way round inside a Sequential, and its price.** A layer of your own may hold both heads and use
# `ops.cond`. But it decides for a whole batch, so it saves only where pictures come one by one; and it has
# one output, so the two heads must be trained elsewhere. `sk.limits.get("early_exit").workaround()` builds it.

# %% [markdown]
# ## 6. Conditional convolution: a kernel for each picture
#
# In a convolution all pictures see the same kernels. Yang et al. (2019) keep several kernels, the *experts*,
# and mix them for each picture: kernel = Σ gate · expert. The gates come from the means of the feature maps.


# %%
class CondConv2D(layers.Layer):
    def __init__(self, filters, experts):
        super().__init__()
        self.filters, self.experts = filters, experts
        self.gates = layers.Dense(experts, activation="sigmoid")

    def build(self, shape):
        self.gates.build((None, shape[-1]))
        size = (self.experts, 9 * shape[-1], self.filters)  # windows of 3 × 3
        self.kernels = self.add_weight(shape=size, initializer="he_normal")
        self.biases = self.add_weight(shape=(self.experts, self.filters), initializer="zeros")

    def call(self, x):
        gates = self.gates(keras.ops.mean(x, axis=(1, 2)))
        kernels = keras.ops.einsum("be,ewf->bwf", gates, self.kernels)[:, None]
        biases = keras.ops.matmul(gates, self.biases)[:, None, None]
        windows = keras.ops.image.extract_patches(x, 3, strides=1, padding="same")
        return keras.ops.relu(keras.ops.matmul(windows, kernels) + biases)


# %% [markdown]
# Mixing kernels costs little: the picture is convolved *once*, with its own kernel. (A convolution is linear
# in its kernel, so mixing the answers of all experts gives the same numbers; then it is convolved as often as
# there are experts.) The layer has one input and one output, so it stands in a Sequential.
#
# Two rivals make it a fair comparison: a plain convolution with **equal filters**, and one with **equal
# parameters**.

# %%
small_train, small_labels = x[:3000], digits.y_train[:3000]  # nothing is chosen: no validation data
small_train = small_train.reshape(-1, 14, 2, 14, 2, 1).mean(axis=(2, 4))
small_test = x_test.reshape(-1, 14, 2, 14, 2, 1).mean(axis=(2, 4))

middles = {
    "conditional, 12 filters": lambda: CondConv2D(12, experts=4),
    "plain, 12 filters": lambda: convolution(12),
    "plain, 44 filters": lambda: convolution(44),
}


def classifier(middle):
    start = [keras.Input((14, 14, 1)), convolution(8, strides=2)]
    end = [layers.GlobalAveragePooling2D(), layers.Dense(10, activation="softmax")]
    return keras.Sequential([*start, middle, *end])


for name, middle in middles.items():
    print(f"{name}: {classifier(middle()).count_params():,} parameters")

# %%
mine = ...  # which one wins? The beginning of its name: "conditional", "plain, 12", "plain, 44"


# %%
def train_classifier(middle, seed=0):
    sk.seed(seed)
    model = classifier(middle())
    model.compile(keras.optimizers.Adam(0.01), loss)
    epochs = sk.budget(quick=6, full=30)
    model.fit(small_train, small_labels, epochs=epochs, batch_size=64, verbose=0)
    return model


trained = {name: train_classifier(middle) for name, middle in middles.items()}
reached = {name: accuracy(numbers(m(small_test)), y_test) for name, m in trained.items()}
best = max(reached, key=reached.get)
sk.guess(mine, "conditional" if best.startswith("cond") else best[:9])

# %%
figure, axis = plt.subplots(figsize=(5.6, 1.8))
bars = axis.barh(list(reached), [100 * one for one in reached.values()])
axis.bar_label(bars, fmt="%.0f")
axis.axvline(10, color="black", linestyle=":", linewidth=1)
axis.set(xlabel="test accuracy in % (dotted: chance)", xlim=(0, 100))
axis.invert_yaxis()
sk.show(figure, alt="Bars of the test accuracies of the three networks.")

# %%
sk.expect(min(reached.values()) > 0.4, "all of them are far above chance (10 %)")
gates = trained["conditional, 12 filters"].layers[1].gates
maps = trained["conditional, 12 filters"].layers[0](small_test)
opened = numbers(gates(keras.ops.mean(maps, axis=(1, 2))))
sk.expect(opened.std(axis=0).max() < 0.05, "the gates hardly differ from picture to picture")
sk.expect(opened.mean() > 0.9, "all of them are nearly 1: open for every picture")

# %% [markdown]
# **Conditional convolution does not win here.** With equal parameters the plain convolution is far ahead; with
# equal filters the gates gain little or nothing. Outside of this notebook, three seeds each, after 6 epochs:
#
# | network | parameters | test accuracy |
# |---|---|---|
# | conditional, 12 filters | 3,750 | 69 to 71 % |
# | plain, 12 filters | 1,086 | 62 to 74 % |
# | plain, 44 filters | 3,742 | 79 to 84 % |
#
# The lines above the table say why: in training all gates opened, and stayed there. A sigmoid near 1 hardly moves
# any more. So all pictures get nearly the same mixture, the sum of the experts, and a mixture that never changes
# is one plain kernel. (The means do tell something: a linear model on them alone names about 40 % of the
# digits. With softmax in place of sigmoid for the gates one try of ours was no better, 58 to 62 %.) To be fair to
# the idea: at equal *parameters* the plain net does about 3.7 times as many multiply-adds in this layer.
# Yang et al. keep the multiply-adds nearly equal, use much larger data, and gain a few points there.
#
# Gates do win where the picture *says* which kernel is right. `sk.limits.get("conditional_convolution").verify()`
# trains on such pictures, made for it: a mark in the first line names one of two kernels.
# Over five seeds the gates explained 99 to 100 % of the variance of new targets, plain convolutions with a few
# parameters more 46 to 60 %.
#
# **The way round** is what we used: the layer stands in a Sequential. The price: a layer to write, test and
# save, whose gates no summary shows.

# %% [markdown]
# ## 7. Capsules: routing by agreement
#
# Sabour, Frosst and Hinton (2017) group numbers into **capsules**: vectors whose *length* says whether a
# thing is there and whose *direction* says how. A capsule of a *part* stands for a piece of the picture, such as a
# stroke; a capsule of a *whole* for a digit. Each part votes for each whole: vote = part · matrix. Then
# comes a loop:
#
# 1. each part divides one vote among the wholes, into equal shares at first;
# 2. a whole is the weighted sum of its votes;
# 3. votes that agree with the whole get more weight. Back to 2, three rounds in all.
#
# So the weights depend on the input, and the answer flows *back*. In a list nothing flows back.


# %%
def squash(vectors):
    """Keep the direction, and bring the length between 0 and 1."""
    square = keras.ops.sum(vectors**2, axis=-1, keepdims=True)
    return vectors * keras.ops.sqrt(square + 1e-9) / (1 + square)


class Capsules(layers.Layer):
    def __init__(self, wholes, size, rounds):
        super().__init__()
        self.wholes, self.size, self.rounds = wholes, size, rounds

    def build(self, shape):
        size = (shape[1], self.wholes, shape[2], self.size)
        self.matrices = self.add_weight(
            shape=size, initializer=keras.initializers.RandomNormal(0, 0.1)
        )

    def call(self, parts):
        votes = keras.ops.einsum("bpi,pwio->bpwo", parts, self.matrices)
        scores = keras.ops.zeros_like(votes[..., 0])
        for _ in range(self.rounds):
            weights = keras.ops.softmax(scores, axis=2)
            wholes = squash(keras.ops.einsum("bpw,bpwo->bwo", weights, votes))
            scores = scores + keras.ops.einsum("bpwo,bwo->bpw", votes, wholes)
        return [wholes, weights]


# %% [markdown]
# The `for` is a Python loop over a number that is known when the graph is traced. That is allowed: the three
# rounds are written into the graph one after the other. `while not agreed` would need `ops.while_loop`.


# %%
def capsule_net(rounds):
    inputs = keras.Input((14, 14, 1))
    maps = layers.Conv2D(32, 5, strides=2, activation="relu")(inputs)
    parts = squash(layers.Reshape((-1, 8))(layers.Conv2D(32, 3)(maps)))
    wholes, weights = Capsules(10, 8, rounds)(parts)
    lengths = keras.ops.sqrt(keras.ops.sum(wholes**2, axis=-1) + 1e-9)
    return keras.Model(inputs, lengths), keras.Model(inputs, weights)


def margin_loss(y, lengths):
    """The right capsule should be longer than 0.9, all others shorter than 0.1."""
    y = keras.ops.one_hot(keras.ops.cast(keras.ops.reshape(y, (-1,)), "int32"), 10)
    there = y * keras.ops.relu(0.9 - lengths) ** 2
    return keras.ops.sum(there + 0.5 * (1 - y) * keras.ops.relu(lengths - 0.1) ** 2, axis=-1)


# %%
mine = ...  # parameters with three rounds, minus parameters with one round

# %%
nets = {rounds: capsule_net(rounds) for rounds in (1, 3)}
sk.guess(mine, nets[3][0].count_params() - nets[1][0].count_params())

# %% [markdown]
# Routing has no weights of its own. That gives a fair rival: *the same net with one round*, where all votes
# count equally. **A good number** is one that beats this rival by more than the seeds differ.

# %%
lengths = {}
for rounds in (1, 3):
    sk.seed(0)
    model, weigh = nets[rounds] = capsule_net(rounds)
    model.compile(keras.optimizers.Adam(0.003), margin_loss)
    epochs = sk.budget(quick=5, full=20)
    model.fit(small_train, small_labels, epochs=epochs, batch_size=64, verbose=0)
    lengths[rounds] = numbers(model(small_test))
    sk.expect(accuracy(lengths[rounds], y_test) > 0.75, f"rounds {rounds}: over 75 % right")

# %%
weights = {rounds: numbers(nets[rounds][1](small_test)) for rounds in (1, 3)}
sk.expect(np.allclose(weights[1], 0.1), "one round: each vote counts one tenth, for every picture")
sk.expect(weights[3].std(axis=0).max() > 0.01, "three rounds: the weights change by the picture")

# %%
figure, axes = plt.subplots(1, 3, figsize=(7, 2.6))
for axis, digit in zip(axes, (0, 1, 7), strict=True):
    mean = weights[3][y_test == digit].mean(axis=0)  # parts × wholes
    axis.imshow(mean.T, cmap="viridis", aspect="auto")
    axis.set(title=f"pictures of a {digit}", xlabel="part", yticks=range(10))
axes[0].set_ylabel("whole")
right = [f"{rounds} round(s): {accuracy(lengths[rounds], y_test):.0%}" for rounds in (1, 3)]
figure.suptitle("right on the test digits with " + ", ".join(right), fontsize=9)
figure.tight_layout()
sk.show(figure, alt="Weights of the parts for each whole; for each digit another row is bright.")

# %% [markdown]
# The weights change by the picture: that is the decision, and it works. Is it worth its price? Outside of this
# notebook, five seeds after 5 epochs: three rounds reached 90 to 93 % and one round 88 to 91 %; in four of five
# pairs three rounds were ahead. So on small digits routing adds a point or two, which so few seeds do not prove,
# and takes about one and a half times the computing time. The capsules themselves, and their loss, do most of
# the work. The authors report a small gain on single digits, and a larger one on overlapping digits, which we
# did not try.
#
# **The way round:** the loop in a layer's `call` *is* a way round, and the layer may stand in a Sequential if
# it gives the wholes alone. The price: the routing weights, which one wants to look at, do not come out.

# %% [markdown]
# ## 8. A policy: decide, act, learn from the reward
#
# Now a decision changes what is seen next. A robot stands in a field of 5 × 5 cells: `S` start, `#` wall, `X`
# pit (−1, the game ends), `G` goal (+1, the game ends). Each step costs 0.04. A rule that says what to do in
# each state is called a **policy**; the sum of the rewards of a game is its **return**.

# %%
field = ["S....", ".##.X", "...#.", ".....", "..X.G"]
cells, moves = "".join(field), {"↑": -5, "→": 1, "↓": 5, "←": -1}
following = np.zeros((25, 4), int)
for state in range(25):
    for move, step in enumerate(moves.values()):
        there = state + step
        blocked = not 0 <= there < 25 or (abs(step) == 1 and there // 5 != state // 5)
        following[state, move] = state if blocked or cells[there] == "#" else there
entered = np.array([{"G": 1.0, "X": -1.0}.get(cell, 0.0) for cell in cells])
rewards, goes_on = entered[following] - 0.04, entered[following] == 0

# %% [markdown]
# The field is known to *us*, so we can work out two values to compare with before any training. The best return comes from
# **dynamic programming**: with n steps left, take the move with the best reward plus the best return with
# n − 1 steps left. In the same way, with a mean in place of the maximum, we get the exact return of any policy.

# %%
steps = 40


def best_return():
    values = np.zeros(25)
    for _ in range(steps):
        values = (rewards + goes_on * values[following]).max(axis=1)
    return values[0]


def expected_return(shares):
    values = np.zeros(25)
    for _ in range(steps):
        values = (shares * (rewards + goes_on * values[following])).sum(axis=1)
    return values[0]


# %%
mine = ...  # the best return. The shortest safe way has 8 steps, the last one into the goal

# %%
sk.guess(mine, round(float(best_return()), 2))

# %%
by_chance = expected_return(np.full((25, 4), 0.25))
print(f"moving by chance: {by_chance:.2f}")

# %% [markdown]
# **A good number** lies near 0.68, and a policy that never learns stays far below zero.
#
# ### The network is a Sequential. The rest is not
#
# To be honest about it: the network that gives a share to each move is a plain list.

# %%
sk.seed(0)
policy = keras.Sequential(
    [
        keras.Input((25,)),
        layers.Dense(32, activation="tanh"),
        layers.Dense(4, activation="softmax"),
    ]
)
every_state = np.eye(25, dtype="float32")

# %% [markdown]
# What a list cannot say is the loop around it: *decide by chance, move, see the next state, collect the
# reward*. And what are the labels? Nobody tells the right moves. Taking the moves that were tried for labels
# is silent and wrong: `fit` then learns to play as it played.
#
# **REINFORCE** (Williams 1992) gives weights to the examples. A move after which the game went better than
# usual gets a positive weight: its share should grow. One after which it went worse gets a negative weight: its
# share should shrink. In Keras: `sample_weight`.
#
# Why is this the right gradient? The loss of one example is −weight · log(share of the move). With
# weight = return, its mean over many games has the gradient −mean(return · ∇ log share), and this is minus
# the gradient of the expected return (the **policy gradient**). So a step that lowers this loss is a step that
# raises the return. And 'than usual'? A number that does not depend on the move may be taken from the return:
# the mean gradient stays the same, because the shares of all moves sum to 1. Such a number is called a
# **baseline**; ours is what is usual from that state on.
#
# Check it for one state and four moves with known rewards, where both can be worked out:

# %%
reward = np.array([1.0, -0.5, 0.25, 2.0])
tiny = keras.Sequential([keras.Input((1,)), layers.Dense(4, "softmax", use_bias=False)])
scores = tiny.get_weights()[0][0]
share = np.exp(scores) / np.exp(scores).sum()
tiny.compile(keras.optimizers.SGD(1.0), loss)
weight = (4 * share * reward).astype("float32")  # each move once, as often as its share says
tiny.train_on_batch(np.ones((4, 1)), np.arange(4), sample_weight=weight)
gradient = share * (reward - share @ reward)  # of the expected reward, by hand
sk.expect(np.allclose(tiny.get_weights()[0][0] - scores, gradient, atol=1e-4), "the same step")

# %% [markdown]
# ### Play and learn
#
# 64 games at once. There are only 25 states, so we ask the network for all of them before each round.


# %%
def play(shares, random, games=64):
    state, alive = np.zeros(games, int), np.ones(games)
    record = []
    for _ in range(steps):
        chance = random.random((games, 1))
        move = (chance > shares[state].cumsum(axis=1)).sum(axis=1).clip(max=3)
        record.append((state, move, alive * rewards[state, move], alive))
        state, alive = following[state, move], alive * goes_on[state, move]
    states, chosen, gains, played = (np.stack(part) for part in zip(*record, strict=True))
    returns = gains[::-1].cumsum(axis=0)[::-1]  # what came from this step on
    return states, chosen, returns, played


def advantages(states, returns, played):
    """How much better it went than usual from this state on."""
    visits = np.bincount(states.ravel(), played.ravel(), minlength=25)
    sums = np.bincount(states.ravel(), (played * returns).ravel(), minlength=25)
    usual = sums / np.maximum(visits, 1)
    return (played * (returns - usual[states])).astype("float32")


# %%
policy.compile(keras.optimizers.Adam(0.02), loss)
random = np.random.default_rng(0)
curve = []
for _ in range(sk.budget(quick=60, full=200)):
    shares = numbers(policy(every_state))
    curve.append(expected_return(shares))
    states, chosen, returns, played = play(shares, random)
    weight = advantages(states, returns, played).ravel()
    policy.train_on_batch(every_state[states.ravel()], chosen.ravel(), sample_weight=weight)
final = expected_return(numbers(policy(every_state)))

# %%
figure, axis = plt.subplots(figsize=(5.6, 2.6))
axis.plot(curve, label="policy")
axis.axhline(best_return(), color="black", linestyle="--", linewidth=1, label="best")
axis.axhline(by_chance, color="black", linestyle=":", linewidth=1, label="by chance")
axis.set(xlabel="round of 64 games", ylabel="expected return", title=f"at the end: {final:.2f}")
axis.legend()
sk.show(figure, alt="The expected return rises from that of chance to nearly the best.")

# %%
sk.expect(final > best_return() - 0.05, "the policy is within 0.05 of the best return")

# %% [markdown]
# Which way does it go?

# %%
arrows = np.array(list(moves))[numbers(policy(every_state)).argmax(axis=1)]
state, path = 0, [0]
while cells[state] not in "GX" and len(path) < steps:
    state = following[state, list(moves).index(arrows[state])]
    path.append(state)
shown = [arrows[s] if s in path and cells[s] != "G" else cells[s] for s in range(25)]
print("\n".join(" ".join(shown[5 * row : 5 * row + 5]) for row in range(5)))
sk.expect(cells[state] == "G" and len(path) == 9, "it reaches the goal in 8 steps")

# %% [markdown]
# Eight steps around walls and pits, found from rewards alone. Outside of this notebook three more seeds all
# reached 0.67 or 0.68 after 80 rounds (the best is 0.68; this notebook plays 60 rounds under `quick`).
#
# **It can fail, and silently.** In a harder field, with one pit more beside the first column and at most 24
# steps, all of twelve runs (four seeds, three settings) ended at −0.96: the policy learned to fear the pits
# before it ever met the goal, and walked on the spot. Then more steps, or more games, are needed so that
# chance finds the goal. In a field of 4 × 4 cells where a step costs 0.05, five seeds each: with 20 steps a game
# one run of five ended at −1.0, with 30 steps all five reached the best return, 0.70. The baseline made no
# difference there: with one mean for all states in place of 'usual from this state on' the same five runs came
# out the same. It is known for less noise in the gradient; in a field as small as this we saw no gain.
#
# **The way round inside a Sequential:** none for the loop. The network is a list; choosing, playing and
# weighing are Python around it, and a saved model does not hold them.

# %% [markdown]
# ## 9. The claim and the evidence
#
# Two sentences of the articles, in our words: *a Sequential has no conditional logic: no dynamic routing, no
# adaptive computation, no conditional convolution, no policy that depends on the state* (A2.9), and
# *subclassing gives full freedom, and is harder to debug* (A5.2). The course runs its evidence again on your
# version of Keras:

# %%
names = ("conditional", "early_exit", "conditional_convolution", "capsule", "policy")
verified = {name: sk.limits.get(name).verify(train=False) for name in names}
for name, verification in verified.items():
    sk.expect(verification.ok, f"{name}: {len(verification.checks)} checks hold")

# %%
verified["conditional"]

# %%
sk.claims.table(lesson=19)

# %% [markdown]
# | what is said to be impossible | in a flat list of built-in layers | way round in a Sequential | price |
# |---|---|---|---|
# | a condition | refused, or frozen | a layer with `ops.where` or `ops.cond` | both branches are computed, or one decision for the batch |
# | adaptive computation | no | a layer with `ops.cond` | pictures one by one; one output |
# | conditional convolution | no | `CondConv2D` as a layer | gates hidden |
# | routing | no | `Capsules` as a layer, fixed rounds | weights hidden |
# | a policy | the network: yes | none for the loop | choosing, playing and weighing stay outside |

# %% [markdown]
# ## Check yourself

# %% seqkit={"role": "check"}
from seqkit.exercises.quick import Choice as Question

Question(
    "A layer has `if self.noisy: x = x + 1` in its call. You call predict, set layer.noisy = False, and "
    "call predict again with a batch of the same size. What happens (TensorFlow)?",
    {
        "a": "predict goes on adding 1.",
        "b": "predict no longer adds 1.",
        "c": "Keras raises an error.",
    },
    correct="a",
    feedback={
        "a": "Yes: the branch was frozen when predict was traced.",
        "b": "Section 2: Python does not run that line again. The recorded operations are repeated.",
        "c": "A Python variable has a value in tracing, so nothing fails. That is why it is silent.",
    },
).ask()

# %% seqkit={"role": "check"}
Question(
    "Each of 32 pictures in a batch should choose one of two branches for itself. What fits?",
    {"a": "Python's if", "b": "ops.cond", "c": "ops.where"},
    correct="c",
    feedback={
        "a": "It decides once, in tracing, and then there are no numbers.",
        "b": "ops.cond takes one truth value: one branch for all 32.",
        "c": "Yes. Both branches are computed for all pictures, and each picture takes one.",
    },
).ask()

# %% seqkit={"role": "check"}
Question(
    "Early exit with ops.where between both heads: how much work is saved?",
    {"a": "None.", "b": "As much as with gathering.", "c": "Half of it."},
    correct="a",
    feedback={
        "a": "Yes: where computes both. Only a smaller batch, or cond on one picture, saves work.",
        "b": "Gathering hands fewer pictures on. where hands on all of them.",
        "c": "where needs both values before it can choose.",
    },
).ask()

# %% [markdown]
# ## What to remember
#
# - Keras traces `call` on tensors without numbers. A Python `if` decides once; a decision for each example is
#   a tensor operation.
# - `ops.where` computes both branches, for each example; `ops.cond` computes one, for the whole batch.
# - A subclass can do everything, and shows and checks nothing before data. Keep its parts lists.
# - Early exit saves work at equal accuracy (42 to 74 % here), if the unsure examples are gathered and the
#   threshold comes from validation data, by a rule that bounds the loss. A head that is too sure saves nothing.
# - Gates and routing did not win against fair rivals on digits. A loop that plays needs no new layer, but a loop.
#
# | symptom | cause | fix |
# |---|---|---|
# | *Using a symbolic tensor as a Python `bool`* | `if` on a tensor | `ops.where` or `ops.cond` |
# | *has no defined output shape yet* | an error in a Lambda, swallowed by Sequential | `sk.explain`, then as above |
# | no error, a switch without effect, or with effect for some batch sizes only | a Python variable was frozen in tracing | pass it as a tensor, or compile again |
# | `?` in `summary()` of a class | no data has come yet | `model(keras.Input(shape))` |
# | `build` marks a class as built, 0 weights | no `build` of its own | a first call makes the weights |

# %% [markdown]
# ## Next
#
# - [Exercise 19](../exercises/19_decisions.ipynb): predict, read, count, build and weigh.
# - [Lesson 20](20_choosing.ipynb) puts all limits side by side and chooses.
#
# Read on: Teerapittayanon, McDanel and Kung (2016), *BranchyNet*; Yang, Bender, Le and Ngiam (2019), *CondConv*;
# Sabour, Frosst and Hinton (2017), *Dynamic routing between capsules*; Williams (1992), *Simple statistical
# gradient-following algorithms*; the Keras guide
# [Making new layers and models via subclassing](https://keras.io/guides/making_new_layers_and_models_via_subclassing/).
