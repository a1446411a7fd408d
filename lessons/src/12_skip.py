# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 12 · Lead the input past the layers
#
# A **skip connection** adds the input of a block to its output. This one addition made networks of a
# hundred layers possible, and a list of layers cannot say it.
#
# {{badges}}
#
# *55 minutes · needs lessons 01, 02 and 04 · runs in about a minute on a CPU*

# %% [markdown]
# ## You will be able to
#
# - say why a merge layer fails in a list, and put a block into a layer of your own so that a Sequential
#   can hold it;
# - write a residual block with the Functional API, and see whether its skip does anything;
# - build a block whose skip needs a projection, and predict its shape and its parameters;
# - tell degradation from over-fitting by the training loss;
# - say how ResNet, DenseNet and Highway networks merge.

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
# ## 1. The idea in one line
#
# A **block** is a few layers that belong together. A plain block computes $F(x)$ and forgets $x$. A
# **residual block** computes
#
# > **output = F(x) + x**
#
# Our blocks end with a relu, as in ResNet: relu(F(x) + x). The way from $x$ straight to the `+` is the
# **skip** (or *shortcut*). What the layers must learn is now
# only the *difference* between output and input, the **residual**. And if there is nothing to learn, they
# can give zeros: the block then hands its input on.
#
# We work with the pictures of clothes from lesson 01.

# %%
fashion = sk.data.load("fashion")
pictures, test_pictures = fashion.x_train[..., None] / 255.0, fashion.x_test[..., None] / 255.0
labels, test_labels = fashion.y_train, fashion.y_test
print(pictures.shape, "->", len(fashion.classes), "classes")

# %% [markdown]
# ## 2. It breaks: `Add()` in the list
#
# Keras has a layer `Add`. In a Sequential each layer stands where its result is wanted. So you may well
# write this. Does it build?

# %%
mine = ...  # True or False

# %%
with sk.attempt() as in_the_list:
    keras.Sequential(
        [
            keras.Input((14, 14, 8)),
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.Conv2D(8, 3, padding="same"),
            layers.Add(),  # output of the block + input of the block
            layers.Activation("relu"),
        ]
    )

# %%
sk.guess(mine, not in_the_list.failed)

# %% [markdown]
# The drawing has two sides. Left: what the list says. Right: what was meant, with two roads into `Add`.
# Below it, *what Keras said* opens the words of Keras itself. They never mention Sequential, or a skip.
# They say that `Add` got *one shape, not a list of shapes*: a Sequential hands each layer one tensor.
#
# Then let us hand `Add` two things ourselves. Better?

# %%
with sk.attempt() as with_layers:
    first = layers.Conv2D(8, 3, padding="same", activation="relu")
    second = layers.Conv2D(8, 3, padding="same")
    keras.Sequential([keras.Input((14, 14, 8)), first, second, layers.Add()([first, second])])

# %% [markdown]
# No. A **layer** is a recipe; a **tensor** is what comes out when you call it. `Add` adds tensors, and
# inside the list no tensor has a name that you could write down.

# %% [markdown]
# ## 3. It breaks silently: a skip that is none
#
# The next list *says* 'skip'. `Identity` is a layer that hands on what it gets. Does this one build?

# %%
mine = ...  # True or False

# %%
silent = sk.attempt(
    keras.Sequential,
    [
        keras.Input((14, 14, 8)),
        layers.Conv2D(8, 3, padding="same", activation="relu"),
        layers.Conv2D(8, 3, padding="same"),
        layers.Identity(name="skip"),
        layers.Activation("relu"),
    ],
)
sk.guess(mine, not silent.failed)

# %% [markdown]
# It builds, and it would train. But is there a skip? A test that you can use on any block: **set all its
# weights to zero**. Then $F(x) = 0$. With a skip the input still comes out, if it has no negative numbers
# (the last relu would turn them into 0); without a skip nothing does.


# %%
def answer(model, x):
    return keras.ops.convert_to_numpy(model(x))


def silenced(block, x):
    """What a block gives when all its weights are zero."""
    block = keras.models.clone_model(block)
    block.set_weights([np.zeros_like(weight) for weight in block.get_weights()])
    return answer(block, x)


def hands_on(block):
    """Whether the input comes through although every weight is zero."""
    x = np.random.default_rng(0).uniform(size=(2, *block.input_shape[1:]))  # the relu keeps them
    return np.allclose(silenced(block, x), x, atol=1e-6)


# %%
mine = ...  # does the list with `Identity` hand its input on? True or False

# %%
sk.guess(mine, hands_on(silent.value))

# %% [markdown]
# A name is not a connection. `Identity` stands *in* the one road; it opens no second one.

# %% [markdown]
# ## 4. The block, with the Functional API
#
# The **Functional API** does what the list cannot: it gives tensors names. You call each layer on a
# tensor, keep the result under a name, and use any name again later.

# %%
inputs = keras.Input((14, 14, 8))
x = layers.Conv2D(8, 3, padding="same", activation="relu")(inputs)
x = layers.Conv2D(8, 3, padding="same")(x)
x = layers.Add()([x, inputs])  # `inputs` still has its name: this is the skip
outputs = layers.Activation("relu")(x)
block = keras.Model(inputs, outputs)

# %%
mine = ...  # how many parameters more than the list with `Identity`?

# %%
sk.guess(mine, block.count_params() - silent.value.count_params())

# %%
sk.trace(block)

# %% [markdown]
# Look at the column *from*: row 3 reads from *two* rows, 2 and 0. `Add` has no parameters: it adds number
# by number, so both shapes must be equal. That is why the convolutions have 8 filters and
# `padding="same"`.

# %%
sk.draw(block)

# %%
sk.expect(hands_on(block), "with all weights zero, the block hands its input on")

# %% [markdown]
# The Functional API can fail silently as well. Here the name `x` is used again and again. Which tensor is
# it, when `Add` comes?

# %%
mine = ...  # does this block hand its input on? True or False

# %%
x = inputs = keras.Input((14, 14, 8))
x = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
x = layers.Conv2D(8, 3, padding="same")(x)
x = layers.Add()([x, x])
doubled = keras.Model(inputs, layers.Activation("relu")(x))
sk.guess(mine, hands_on(doubled))

# %%
sk.trace(doubled)

# %% [markdown]
# The column *from* tells it: `Add` reads row 2 **twice**, so it only doubles. The first `x` was overwritten.
# **Give the input of the block a name of its own.**

# %% [markdown]
# ## 5. When the shapes differ: a projection
#
# Many blocks halve the sides of the picture (`strides=2`) and double the channels. What happens to the
# skip?


# %%
def without_projection():
    inputs = keras.Input((14, 14, 8))
    x = layers.Conv2D(16, 3, strides=2, padding="same", activation="relu")(inputs)
    x = layers.Conv2D(16, 3, padding="same")(x)
    return keras.Model(inputs, layers.Add()([x, inputs]))


tried = sk.attempt(without_projection)
sk.expect(tried.failed, "Keras refuses")
sk.expect("(7, 7, 16) and (14, 14, 8)" in str(tried.error), "it names both shapes")

# %% [markdown]
# The skip needs a small layer that changes its shape in the same way: a `Conv2D` with a window of 1 × 1,
# the same stride, as many filters, and no activation. It is called a **projection**. An **identity skip**
# has no parameters; a projection has some.


# %%
def residual(x, filters, strides=1):
    """Two convolutions and a skip; a projection where the shape changes."""
    before = x
    x = layers.Conv2D(filters, 3, strides=strides, padding="same", activation="relu")(x)
    x = layers.Conv2D(filters, 3, padding="same")(x)
    if before.shape != x.shape:
        before = layers.Conv2D(filters, 1, strides=strides)(before)
    return layers.Activation("relu")(layers.Add()([x, before]))


# %% [markdown]
# Predict for `residual(inputs, 16, strides=2)` on (None, 14, 14, 8): the shape that comes out, and all
# parameters. There are three convolutions now: 8 → 16 and 16 → 16 with a window of 3 × 3, and the
# projection 8 → 16 with a window of 1 × 1.

# %%
mine = ...  # a shape and a number, as in ((None, 14, 14, 8), 100)

# %%
inputs = keras.Input((14, 14, 8))
halving = keras.Model(inputs, residual(inputs, 16, strides=2))
sk.guess(mine, (halving.output_shape, halving.count_params()))

# %%
sk.trace(halving)

# %% [markdown]
# The projection has 1·1·8·16 + 16 = 144 parameters, next to 1,168 and 2,320 for the two convolutions.
# With a stride of 2 it looks at every second pixel of every second row. That is cheap, but it is no longer the identity:

# %%
x = np.ones((1, 14, 14, 8))
sk.expect(not silenced(halving, x).any(), "with all weights zero, a projection block gives zeros")

# %% [markdown]
# So use the identity where the shape allows it, and a projection only where it changes.

# %% [markdown]
# ## 6. A small ResNet
#
# A **ResNet** (He et al. 2016) is little more than such blocks in a row: a first convolution, called the
# *stem*, blocks that keep the shape, blocks that halve it, and a Dense layer with the classes. Ours has
# two blocks. A real one has `BatchNormalization` after each convolution and a global pooling before
# the classes; with our few training steps it learns faster with neither, so we leave both out.

# %%
inputs = keras.Input((28, 28, 1))
x = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu", name="stem")(inputs)
x = residual(x, 8)
x = residual(x, 16, strides=2)
x = layers.Flatten()(x)
resnet = keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
sk.draw(resnet)

# %%
trace = sk.trace(resnet)
for row in trace.rows:
    if row.kind == "Add":
        print(row.index, row.kind, row.input_shapes, "->", row.output_shapes[0])
print(f"{trace.total_params:,} parameters")

# %% [markdown]
# What is a good score? With 6,000 pictures and three epochs, a linear model names about 82 % of the test
# pictures. Our network must do better than this, or its blocks are worth nothing.


# %% seqkit={"headline": "test accuracy: linear {linear_score:.1%}, small ResNet {resnet_score:.1%}"}
def score(model):
    sk.seed(0)
    model = keras.models.clone_model(model)  # new weights
    adam = keras.optimizers.Adam(0.003)
    model.compile(optimizer=adam, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    n, epochs = sk.budget(quick=(6_000, 3), full=(12_000, 10))
    model.fit(pictures[:n], labels[:n], batch_size=64, epochs=epochs, verbose=0)
    return model.evaluate(test_pictures, test_labels, batch_size=500, verbose=0)[1]


linear = keras.Sequential(
    [keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10, activation="softmax")]
)
linear_score, resnet_score = score(linear), score(resnet)
sk.expect(linear_score > 0.78, "the linear model names more than 78 % of the test pictures")
sk.expect(resnet_score > linear_score, "the small ResNet names more than the linear model")

# %% [markdown]
# It does: by 1 to 2 points with the seeds 0, 1 and 2. But that is not yet an argument for the *skip*: we
# have compared with a linear model, not with the same layers without a skip. What the skip is for shows
# when the network is deep.

# %% [markdown]
# ## 7. The degradation experiment
#
# More layers can compute more. A deep network could even copy a shallow one and let its other layers hand
# the input on. So on the **training** data a deeper network should never be worse. Is that so?
#
# We build Dense networks, because they train in seconds: 8 or 20 Dense layers, all of 32 units except the
# last, each **plain** or **residual**. Both kinds have the same layers; the only difference is `Add`.


# %%
def network(blocks, skip, initializer="glorot_uniform"):
    def dense(activation=None):
        return layers.Dense(32, activation=activation, kernel_initializer=initializer)

    inputs = keras.Input((784,))
    x = dense("relu")(inputs)
    for _ in range(blocks):
        before = x
        x = dense("relu")(x)
        x = dense()(x)
        if skip:
            x = layers.Add()([x, before])
        x = layers.Activation("relu")(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


# %%
mine = ...  # how many parameters more has the residual network of 20 layers?

# %%
plain, with_skips = network(9, skip=False), network(9, skip=True)
sk.guess(mine, with_skips.count_params() - plain.count_params())

# %% [markdown]
# Now the prediction that matters. Four networks learn the same 4,000 pictures for the same time: 8 and 20
# layers, plain and residual. Which one ends with the **highest** loss on the training pictures?

# %%
mine = ...  # "plain 8", "plain 20", "residual 8" or "residual 20"


# %%
def loss_of(model, x, y):
    of_the_right_class = answer(model, x)[np.arange(len(y)), y]
    return -np.log(of_the_right_class + 1e-7).mean()  # cross-entropy, as in lesson 01


n, epochs = sk.budget(quick=(4_000, 6), full=(12_000, 10))
rows, test_rows = pictures.reshape(-1, 784), test_pictures.reshape(-1, 784)
curves, train_loss, test_loss = {}, {}, {}
for skip, blocks in ((False, 3), (False, 9), (True, 3), (True, 9)):
    name = f"{'residual' if skip else 'plain'} {2 * blocks + 2}"
    sk.seed(0)
    model = network(blocks, skip)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    history = model.fit(rows[:n], labels[:n], batch_size=64, epochs=epochs, verbose=0)
    curves[name] = history.history["loss"]
    train_loss[name] = loss_of(model, rows[:n], labels[:n])
    test_loss[name] = loss_of(model, test_rows, test_labels)

# %%
sk.guess(mine, max(train_loss, key=train_loss.get))

# %%
COLOURS = {"plain": "#D55E00", "residual": "#0072B2"}
figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.4), width_ratios=(3, 2))
for name, curve in curves.items():
    kind, depth = name.split()
    style = {"linestyle": "--", "marker": "o"} if depth == "8" else {"marker": "s"}
    left.plot(range(1, epochs + 1), curve, color=COLOURS[kind], label=f"{name} layers", **style)
    bar = right.barh(name, train_loss[name], color=COLOURS[kind], alpha=0.6 if depth == "8" else 1)
    right.bar_label(bar, fmt=" %.2f")
left.set(xlabel="epoch", ylabel="training loss", title="while it learns")
left.legend(fontsize=8)
right.set(title="training loss at the end", xlim=(0, 1.2 * max(train_loss.values())))
right.invert_yaxis()
figure.tight_layout()
sk.show(
    figure,
    alt="Training loss of four networks. Plain with 20 layers is highest by far; both residual "
    "networks lie below the plain ones or close to the shallow one.",
)

# %%
sk.expect(
    train_loss["plain 20"] > 1.2 * train_loss["plain 8"],
    "plain: 20 layers have a training loss at least 20 % above that of 8 layers",
)
sk.expect(
    train_loss["residual 20"] < 0.8 * train_loss["plain 20"],
    "20 layers: with skips the training loss is at least a fifth lower",
)

# %% [markdown]
# The deeper plain network is *worse at the pictures it has seen*. That is **degradation**. Is it perhaps
# over-fitting? Over-fitting means: good on the training data, bad on new data. Look at the new data:

# %%
mine = ...  # which of the four has the highest loss on the TEST pictures?

# %%
sk.guess(mine, max(test_loss, key=test_loss.get))

# %% [markdown]
# The same one. It is bad on both, so it is not over-fitting, and a means against over-fitting such as
# dropout (lesson 07) would not help. The network *could* do better (it only has to copy the 8 layers),
# but the training does not find the way. With skips it nearly does, with not one parameter more:
# residual 20 ends close to residual 8.
#
# How sure is this? We ran five seeds: plain 8 ended at 0.49 to 0.55, plain 20 at 0.78 to 0.89, residual 8
# at 0.40 to 0.47, residual 20 at 0.43 to 0.49. He et al. (2016) found the same with convolutions, 20
# against 56 layers, on another data set, and there with batch normalisation (a layer that brings its
# numbers to mean 0 and spread 1).

# %% [markdown]
# ### The same with convolutions, up to 44 layers
#
# This is the network of He et al., made narrower: a stem, then blocks on maps of three sizes, then the
# classes. It has `BatchNormalization` behind each convolution, as theirs does. Plain and residual differ by the
# skips, and by two small projections where a skip must change the size.


# %%
def deep_network(depth, skip, filters):
    """A network with `depth` layers of weights on its main path; 20, 26, 32, ... are possible."""

    def convolution(x, filters, strides=1):
        x = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
        return layers.BatchNormalization()(x)

    inputs = keras.Input((28, 28, 1))
    x = layers.Activation("relu")(convolution(inputs, filters, strides=2))
    for width in (filters, 2 * filters, 4 * filters):
        for _ in range((depth - 2) // 6):
            before, strides = x, 1 if x.shape[-1] == width else 2
            x = layers.Activation("relu")(convolution(x, width, strides))
            x = convolution(x, width)
            if skip and strides == 2:
                before = layers.Conv2D(width, 1, strides=2)(before)
            if skip:
                x = layers.Add()([x, before])
            x = layers.Activation("relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


# %%
mine = ...  # Conv2D and Dense layers of deep_network(44, skip=False, filters=8): how many?

# %%
deepest = deep_network(44, skip=False, filters=8)
sk.guess(mine, sum(isinstance(layer, layers.Conv2D | layers.Dense) for layer in deepest.layers))

# %% [markdown]
# We train three depths, plain and residual, with three seeds each: 18 trainings. On two cores of a CPU they take
# about 40 minutes, so they belong to the budget `full`: start Jupyter with `SEQKIT_BUDGET=full make lab`
# ([Training](../docs/training.md) says it for other systems) and run all cells. On a GPU they use all 60,000 pictures
# (after a download) and networks of twice the width, on a CPU 6,000 pictures. The learning rate
# falls towards 0 along a cosine (`CosineDecay`), so that the last steps are small and the end is not a
# matter of luck.


# %% seqkit={"headline": "training loss, mean of the seeds: {'; '.join(f'{name} {np.mean(losses):.2f}' for name, losses in deep_losses.items()) or 'not run'}"}
def train_deep(depth, skip, seed):
    """The loss on the training pictures in the last epoch."""
    sk.seed(seed)
    model = deep_network(depth, skip, filters)
    steps = epochs * int(np.ceil(n / 128))
    adam = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.002, steps))
    model.compile(adam, "sparse_categorical_crossentropy", **path.compile_options)
    history = model.fit(path.x, path.y, batch_size=128, epochs=epochs, verbose=0)
    return history.history["loss"][-1]


deep_losses = {}
if sk.budget() == "full":
    on_gpu = sk.device().kind != "CPU"
    n, epochs, filters = (60_000, 20, 16) if on_gpu else (6_000, 8, 8)
    whole = sk.data.load("fashion", full=on_gpu, or_shipped=True)
    n = min(n, len(whole.x_train))
    path = sk.fast_path(whole.x_train[:n, :, :, None] / 255.0, whole.y_train[:n], batch_size=128)
    for depth in (20, 32, 44):
        for skip in (False, True):
            name = f"{'residual' if skip else 'plain'} {depth}"
            deep_losses[name] = [train_deep(depth, skip, seed) for seed in range(3)]
            print(name, np.round(deep_losses[name], 2))
    for plain, with_skips in (("plain 20", "residual 20"), ("plain 44", "residual 44")):
        sk.expect(
            max(deep_losses[with_skips]) < min(deep_losses[plain]),
            f"with every seed {with_skips} ends lower than {plain}",
        )
    sk.expect(
        min(deep_losses["plain 44"]) > max(deep_losses["plain 20"]),
        "plain: with every seed 44 layers end higher than 20",
    )
    sk.expect(
        np.mean(deep_losses["residual 44"]) < 1.1 * np.mean(deep_losses["residual 20"]),
        "residual: 44 layers end no higher than 20 (a tenth is left to chance)",
    )

# %% [markdown]
# Our full run on two cores of a CPU (6,000 pictures, 8 epochs), the training loss of the last epoch for the
# seeds 0, 1 and 2:
#
# | layers | plain | residual |
# |---|---|---|
# | 20 | 0.26 to 0.28 | 0.12 to 0.14 |
# | 32 | 0.46 to 0.57 | 0.08 to 0.12 |
# | 44 | 0.76 to 0.78 | 0.09 to 0.12 |
#
# Each step deeper makes the plain network worse, with every seed. The residual one gets no worse, and on average
# a little better. Batch normalisation does not prevent degradation; the skips do. (In a trial with a constant learning rate
# of 0.001, 4,000 pictures and 6 epochs, the residual networks with 44 layers were a little worse than those with 20, a loss of 0.30
# against 0.22 to 0.26, but far better than the plain ones with 44, at 1.5 to 1.8.)

# %% [markdown]
# ## 8. Where does the training fail? Gradients by depth
#
# Training changes each weight along its **gradient** (lesson 01). The gradient is worked out from the end
# to the beginning. Every plain layer on this way multiplies it by weights that are mostly small, and
# `relu` sets a part of it to 0. After many layers little is left: the **vanishing gradient**. With a skip,
# the `+` hands the gradient on unchanged, past the layers.
#
# We can read it off. SGD with rate 1 subtracts the gradient once, and biases begin at 0. So after one step
# each bias *is* its gradient, with a minus.


# %%
def gradient_by_layer(blocks, skip, initializer="glorot_uniform", seed=0):
    """The length of the gradient at the biases of each Dense layer, before training."""
    sk.seed(seed)
    model = network(blocks, skip, initializer)
    sgd = keras.optimizers.SGD(1.0)
    model.compile(optimizer=sgd, loss="sparse_categorical_crossentropy", run_eagerly=True)
    model.train_on_batch(rows[:256], labels[:256])
    dense = [layer for layer in model.layers if isinstance(layer, layers.Dense)]
    return np.array([np.linalg.norm(layer.get_weights()[1]) for layer in dense])


# %% [markdown]
# A plain network of 20 layers: how many times larger is the gradient at the last layer than at the first?

# %%
mine = ...  # "about the same", "about 5 times" or "more than 50 times"

# %%
plain, with_skips = gradient_by_layer(9, skip=False), gradient_by_layer(9, skip=True)
ratio = plain[-1] / plain[0]
sk.guess(mine, "more than 50 times" if ratio > 50 else "about 5 times")

# %%
first_layer = {"plain": [], "residual": []}  # for 8, 20 and 38 layers
for kind, of_20_layers in (("plain", plain), ("residual", with_skips)):
    shallow, deep = (gradient_by_layer(blocks, kind == "residual") for blocks in (3, 18))
    first_layer[kind] = [shallow[0], of_20_layers[0], deep[0]]

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.4), sharey=True)
for kind, by_layer in (("plain", plain), ("residual", with_skips)):
    style = {"color": COLOURS[kind], "marker": "o" if kind == "plain" else "s", "label": kind}
    left.semilogy(range(1, len(by_layer) + 1), by_layer, **style)
    right.semilogy([8, 20, 38], first_layer[kind], **style)
left.set(xlabel="layer (1 is next to the input)", ylabel="gradient", title="20 layers")
right.set(xlabel="number of layers", title="at the first layer")
left.set_xticks([1, 5, 10, 15, 20])
right.set_xticks([8, 20, 38])
left.legend()
for axis in (left, right):
    axis.grid(alpha=0.3)
figure.tight_layout()
sk.show(
    figure,
    alt="Gradients on a logarithmic scale. Left, 20 layers: the plain line falls steeply towards the "
    "first layer, the residual line is level. Right, first layer: the plain line falls with "
    "every added layer, the residual line rises.",
)

# %%
sk.expect(with_skips[-1] / with_skips[0] < 5, "with skips, the first layer is not left behind")
sk.expect(
    with_skips[0] > 1_000 * plain[0],
    "20 layers: the first layer's gradient is more than 1,000 times larger with skips",
)
sk.expect(
    first_layer["plain"][0] > 1_000 * first_layer["plain"][-1],
    "plain: from 8 to 38 layers it shrinks to less than a thousandth",
)

# %% [markdown]
# Read the left picture from right to left: the gradient travels from layer 20 to layer 1. The plain line
# falls nearly straight on an axis of powers of ten, so *each* layer takes away about the same share. In
# the right picture the line with skips does not fall; it rises, because every block adds something. Too
# many blocks without a normalisation can therefore make gradients too **large**. That is one reason for
# the batch normalisation in a real ResNet.
#
# **Skips are not the only cure.** The *initializer* draws the weights at the start. `he_normal` starts with larger weights, made for `relu`:

# %%
he = gradient_by_layer(9, skip=False, initializer="he_normal")
sk.expect(he[0] > 100 * plain[0], "he_normal alone: the first gradient is over 100 times larger")

# %% [markdown]
# Does it train better, too? We tried the seeds 0, 1 and 2 (put `initializer="he_normal"` into section 7 to
# see it). Plain 20 then ends at 0.61 to 0.63: better than before, and still behind plain 8 with the same initializer (0.42 to 0.51).
# But residual 20 ends at 0.59 to 0.66, so it *loses* its lead: with larger weights the sums grow from
# block to block. Skips, initialisation and normalisation must fit each other.

# %% [markdown]
# ## 9. Relatives: DenseNet and Highway
#
# The idea has two well-known relatives, which merge in another way. A **DenseNet** block (Huang et al.
# 2017) does not add but *concatenates*: it puts the channels side by side, and nothing is lost.
# A **Highway** block (Srivastava et al. 2015) has a **gate**: a layer with a sigmoid that says, for each
# number, which share comes from the new value and which from the old one.


# %%
def dense_block(x, growth=8, count=2):
    for _ in range(count):
        new = layers.Conv2D(growth, 3, padding="same", activation="relu")(x)
        x = layers.Concatenate()([x, new])
    return x


def highway(x):
    channels = x.shape[-1]
    new = layers.Conv2D(channels, 3, padding="same", activation="relu")(x)
    gate = layers.Conv2D(channels, 3, padding="same", activation="sigmoid")(x)
    step = layers.Multiply()([gate, layers.Subtract()([new, x])])
    return layers.Add()([step, x])  # x + gate · (new - x) = gate · new + (1 - gate) · x


# %% [markdown]
# All three blocks have two convolutions and take (None, 14, 14, 8). What does `dense_block` give?

# %%
mine = ...  # a shape

# %%
inputs = keras.Input((14, 14, 8))
blocks = {
    "ResNet: Add": keras.Model(inputs, residual(inputs, 8)),
    "DenseNet: Concatenate": keras.Model(inputs, dense_block(inputs)),
    "Highway: a gate": keras.Model(inputs, highway(inputs)),
}
sk.guess(mine, blocks["DenseNet: Concatenate"].output_shape)

# %%
for name, relative in blocks.items():
    print(f"{name:22} {relative.output_shape!s:20} {relative.count_params():>6,} parameters")

# %% [markdown]
# 8 + 8 + 8 = 24: each convolution brings 8 new channels and sees all earlier ones, so the next ones cost more
# (3·3·16·8 + 8 = 1,160 in place of 584). That is why a DenseNet closes its blocks with a layer that
# makes the channels fewer.

# %%
sk.draw(blocks["DenseNet: Concatenate"])

# %%
sk.draw(blocks["Highway: a gate"])

# %% [markdown]
# The test with zeros tells how each of them treats its input:

# %%
x = np.random.default_rng(0).uniform(size=(2, 14, 14, 8))
added, joined, gated = (silenced(relative, x) for relative in blocks.values())
sk.expect(np.allclose(added, x, atol=1e-6), "ResNet hands its input on")
sk.expect(np.allclose(joined[..., :8], x, atol=1e-6), "DenseNet keeps it as its first 8 channels")
sk.expect(np.allclose(gated, x / 2, atol=1e-6), "Highway keeps half: sigmoid(0) = 0.5")

# %% [markdown]
# A gate that begins at one half halves the input in every block. So Highway networks begin with a
# negative bias in the gate: `bias_initializer=keras.initializers.Constant(-2)` keeps 88 %.
#
# In a list, none of the three merges can stand:

# %%
for merge in (layers.Add(), layers.Multiply(), layers.Concatenate()):
    conv = layers.Conv2D(8, 3, padding="same")
    tried = sk.attempt(keras.Sequential, [keras.Input((14, 14, 8)), conv, merge])
    print(tried.failed, "·", tried.explanation.title)

sk.draw(tried.explanation)  # of the last one

# %% [markdown]
# ## 10. The way round inside Sequential, and its price
#
# A Sequential needs items with one input and one output. A *whole block* has just that. So hide the skip
# **inside** an item: a layer of your own.


# %%
class Residual(layers.Layer):
    """Two convolutions and an identity skip."""

    def __init__(self, filters, **kwargs):
        super().__init__(**kwargs)
        self.first = layers.Conv2D(filters, 3, padding="same", activation="relu")
        self.second = layers.Conv2D(filters, 3, padding="same")

    def build(self, input_shape):
        self.first.build(input_shape)
        self.second.build(input_shape)  # an identity skip: the shape stays

    def call(self, x):
        return keras.ops.relu(self.second(self.first(x)) + x)


# %%
mine = ...  # does a Sequential take it? True or False

# %%
own = sk.attempt(keras.Sequential, [keras.Input((14, 14, 8)), Residual(8), Residual(8)])
sk.guess(mine, not own.failed)

# %% [markdown]
# Is it the same network as ours from section 4? Give both the same weights and compare.

# %%
one = keras.Sequential([keras.Input((14, 14, 8)), Residual(8)])
block.set_weights(one.get_weights())
x = np.random.default_rng(0).uniform(size=(4, 14, 14, 8))
gap = np.abs(answer(one, x) - answer(block, x)).max()
sk.expect(gap < 1e-5, "the layer computes what the Functional block computes")

# %% [markdown]
# So 'a Sequential cannot have a skip' is too strong. Now the price. How many rows has the trace of `one`,
# where `block` has five?

# %%
mine = ...

# %%
trace = sk.trace(one)
sk.guess(mine, len(trace.rows))

# %%
trace

# %% [markdown]
# One row: the shapes inside, the skip, everything that a trace, a summary or a drawing is good for is
# hidden. You also write the class yourself, you cannot take a tensor from its middle, and whoever loads
# the saved model needs your class.
#
# The second way round costs less: a **Functional model is a layer, too**.

# %%
inputs = keras.Input((14, 14, 8))
step = keras.Model(inputs, residual(inputs, 8), name="residual_8")
inputs = keras.Input((14, 14, 8))
half = keras.Model(inputs, residual(inputs, 16, strides=2), name="residual_16")

as_a_list = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
        step,
        half,
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]
)
sk.trace(as_a_list)

# %%
sk.expect(
    as_a_list.count_params() == resnet.count_params(), "the parameters of our ResNet, in a list"
)
x = test_pictures[:100]
as_a_list.set_weights(resnet.get_weights())
gap = np.abs(answer(as_a_list, x) - answer(resnet, x)).max()
sk.expect(gap < 1e-5, "and with the same weights the same answers")

# %% [markdown]
# No class of your own, and `sk.trace(as_a_list, expand_nested=True)` still opens the blocks. But look at
# what happened: the skips are written with the Functional API. The list only strings finished blocks
# together. For that it is fine.

# %% [markdown]
# ## 11. The claim and the evidence
#
# An article may say: *a Sequential cannot have a skip connection, so no ResNet, DenseNet or Highway. Skips
# ease vanishing gradients and make very deep networks trainable.* What did this notebook find?

# %%
limit = sk.limits.get("residual")
limit.verify()

# %% [markdown]
# The same for the two relatives. Each has attempts that are loud and some that are silent:

# %%
for name in ("densenet", "highway"):
    print(sk.limits.get(name).verify(train=False))

# %%
findings = {
    "a flat list of built-in layers cannot say it": in_the_list.failed and with_layers.failed,
    "no Sequential can: not even with a block as one item": own.failed,
    "a skip keeps the gradient of the first layer": with_skips[0] > 1_000 * plain[0],
    "with skips, 20 layers train better": train_loss["residual 20"] < 0.8 * train_loss["plain 20"],
    "only skips help against small gradients": he[0] < 100 * plain[0],
}
for finding, holds in findings.items():
    print(f"{'holds' if holds else 'does not hold':14} {finding}")

# %% [markdown]
# The course keeps every claim in a register, with code that gives the evidence. The verdict is worked out
# from that code, here and now:

# %%
sk.claims.table(lesson=12)

# %% [markdown]
# The claim holds for a flat list, and is too strong for Sequential as such. The gradients and the
# training are as it says, at 20 layers of 32 units on 4,000 pictures. We have *not* measured a hundred
# layers, and not on large pictures; He et al. (2016) have.

# %% [markdown]
# ## Check yourself

# %% seqkit={"role": "check"}
from seqkit.exercises.quick import Choice

Choice(
    "A network of 50 layers has a higher loss than one of 10 layers, on the training data and on the "
    "test data. What is this?",
    {"a": "over-fitting", "b": "degradation", "c": "too few parameters"},
    correct="b",
    feedback={
        "a": "Then the training loss would be low. Here it is high.",
        "b": "Yes. It could copy the shallow network, but training does not find that.",
        "c": "It has more parameters than the one with 10 layers.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "A block takes (None, 28, 28, 16) and its convolutions give (None, 14, 14, 32). Its skip is …",
    {
        "a": "the identity",
        "b": "Flatten and Dense",
        "c": "Conv2D(32, 1, strides=2)",
    },
    correct="c",
    feedback={
        "a": "Add needs two equal shapes.",
        "b": "That would lose the places of the pixels, and cost millions of parameters.",
        "c": "Yes, a projection: the same stride, the same number of filters, a window of 1 × 1.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "You are not sure whether a block really has a skip. Which test tells?",
    {
        "a": "Set all weights to zero: does the input come out?",
        "b": "Count the parameters.",
        "c": "Look for a layer that is named 'skip'.",
    },
    correct="a",
    feedback={
        "a": "Yes, for an identity skip. A trace that shows two different sources tells as well.",
        "b": "An identity skip has no parameters: the count is the same with and without it.",
        "c": "A name is not a connection; section 3 had one.",
    },
).ask()

# %% [markdown]
# ## What to remember
#
# - A residual block gives F(x) + x. `Add` needs two tensors of equal shape; a list hands over one.
# - Name the block's input, and test the skip: with all weights zero, an input without negative numbers
#   must come out (a projection block gives zeros).
# - Degradation: the deeper plain network is worse on the *training* data. Here skips cured most of
#   it, with no parameter more and the usual initialisation.
# - ResNet adds, DenseNet concatenates, Highway mixes through a gate.
# - A block inside one layer fits into a Sequential; then its inside is hidden.
#
# | symptom | cause | fix |
# |---|---|---|
# | *A merge layer should be called on a list of inputs* | `Add()` in a list | the Functional API |
# | *Only input tensors may be passed as positional arguments* | `Add` called on layers | call it on tensors |
# | *Inputs have incompatible shapes* | stride or channels changed | a projection, `Conv2D(filters, 1, strides)` |
# | no error, and the skip does nothing | `Identity` in a list, or `Add()([x, x])` | a name for the input |
# | a high *training* loss in a deep network | degradation | skips; also another initialisation |

# %% [markdown]
# ## Next
#
# - [Exercise 12](../exercises/12_skip.ipynb): predict, repair and build blocks with a skip.
# - [Lesson 13](13_many_inputs.ipynb) asks for two *inputs*, where a Sequential can go wrong with no message.
#
# Read on: He, Zhang, Ren and Sun (2016), *Deep residual learning for image recognition*; Srivastava, Greff
# and Schmidhuber (2015), *Highway networks*; Huang, Liu, van der Maaten and Weinberger (2017), *Densely
# connected convolutional networks*; the Keras guide
# [The Functional API](https://keras.io/guides/functional_api/).
