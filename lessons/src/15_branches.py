# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 15 · Send the data down several branches
#
# Some networks look at one picture in several ways at once and put the answers side by side. A list of
# layers cannot say this; here you see it fail, build it, and measure what it is worth.
#
# {{badges}}
#
# *60 minutes · needs lessons 02, 04 and 11 · trains twelve small networks, about a minute on a CPU*

# %% [markdown]
# ## You will be able to
#
# - read the error that branches in a list give, and name the way round and its price;
# - tell branches from layers in a row, and build an Inception block with the Functional API;
# - work out the channels that branches give together, and count what a 1×1 bottleneck saves;
# - compare two networks fairly, with equal parameters and several seeds;
# - join features of several scales, and join members to an ensemble in one model.

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
# ## 1. Which window is the right one?
#
# Three photographs: brick, grass and gravel. We cut patches of 32, 64 and 96 pixels and shrink all of
# them to 32. So each texture is seen from three distances, and its lines and stones have three sizes.
# Training patches come from the upper part of each photograph, test patches from the lower part.


# %%
def shrink(x, factor):
    """The mean of each square of factor × factor pixels."""
    n, side, _ = x.shape
    return x.reshape(n, side // factor, factor, side // factor, factor).mean(axis=(2, 4))


def normed(x):
    """Each patch with mean 0 and standard deviation 1: its brightness says nothing any more."""
    x = x.astype("float32")[..., None]
    return (x - x.mean((1, 2, 3), keepdims=True)) / x.std((1, 2, 3), keepdims=True)


textures = sk.data.load("textures")
near, middle = textures.patches(32), textures.patches(64, step=32)
far, far_test = textures.patches(96, step=48), textures.patches(96, step=16)

# %%
x_train = [shrink(part.x_train, k) for k, part in ((1, near), (2, middle), (3, far))]
x_test = [shrink(part.x_test, k) for k, part in ((1, near), (2, middle), (3, far_test))]
x_train, x_test = normed(np.concatenate(x_train)), normed(np.concatenate(x_test))
y_train = np.concatenate([near.y_train, middle.y_train, far.y_train])
y_test = np.concatenate([near.y_test, middle.y_test, far_test.y_test])
print(x_train.shape, x_test.shape, np.bincount(y_train), np.bincount(y_test))

# %%
figure, axes = plt.subplots(3, 3, figsize=(5.4, 5.6))
for row, (factor, part) in zip(axes, ((1, near), (2, middle), (3, far)), strict=True):
    for label, axis in enumerate(row):
        first = np.argmax(part.y_train == label)
        axis.imshow(shrink(part.x_train[first : first + 1], factor)[0], cmap="gray")
        axis.set_title(f"{textures.classes[label]}, 1:{factor}", fontsize=9)
        axis.axis("off")
sk.show(figure, alt="Patches of brick, grass and gravel, each from near, middle and far.")

# %% [markdown]
# A joint between two bricks is wide from near and a thin line from far. Is a window of 1, 3 or 5 pixels
# right for it? Szegedy et al. (2015) did not choose. In their **Inception** block *several windows look
# at the same input side by side*, and a `Concatenate` layer joins the results. Such a way from a tensor
# to the place where it is joined is a **branch**.

# %% [markdown]
# ## 2. It breaks: a list inside the list
#
# A Sequential is a list. So the natural way to write four branches is a list inside the list. Does it
# build?

# %%
mine = ...  # does it build? True or False

# %%
with sk.attempt() as nested:
    keras.Sequential(
        [
            keras.Input((28, 28, 24)),
            [
                layers.Conv2D(8, 1, activation="relu"),
                [layers.Conv2D(12, 1, activation="relu"), layers.Conv2D(16, 3, padding="same")],
                [layers.Conv2D(2, 1, activation="relu"), layers.Conv2D(4, 5, padding="same")],
                [layers.MaxPooling2D(3, strides=1, padding="same"), layers.Conv2D(4, 1)],
            ],
            layers.Concatenate(),
        ]
    )

# %%
sk.guess(mine, not nested.failed)

# %% [markdown]
# Keras asks each item of the list one question: are you a layer? A list is none. Other brackets do not
# help:

# %%
two = [layers.Conv2D(8, 1), layers.Conv2D(16, 3, padding="same")]
for name, item in (("tuple", tuple(two)), ("dict", {"one": two[0], "three": two[1]})):
    tried = sk.attempt(keras.Sequential, [keras.Input((28, 28, 24)), item, layers.Concatenate()])
    sk.expect("Only instances of `keras.Layer`" in str(tried.error), f"a {name} is refused, too")

# %% [markdown]
# Without the inner brackets (here with three convolutions only) all items are layers. Then it is the last of them that cannot do its work:

# %%
with sk.attempt() as joined:
    keras.Sequential(
        [
            keras.Input((28, 28, 24)),
            layers.Conv2D(8, 1, activation="relu"),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.Conv2D(4, 5, padding="same", activation="relu"),
            layers.Concatenate(),
        ]
    )

# %% [markdown]
# Read the right side of its drawing with care. `seqkit` sees a `Concatenate` with one tensor and
# proposes the most common repair: join the end with the *input*. It builds, but it is another network
# than ours. A list of three convolutions does not say that they were meant side by side, so nobody can
# read it from there. Only you know what you meant.

# %% [markdown]
# ## 3. The quiet one: it builds, but has no branches
#
# Leave `Concatenate` out, too. Now the message is gone. How many channels does this give?

# %%
mine = ...  # the number of output channels

# %%
row = keras.Sequential(
    [
        keras.Input((28, 28, 24)),
        layers.Conv2D(8, 1, activation="relu", name="row_1x1"),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.Conv2D(4, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(3, strides=1, padding="same"),
        layers.Conv2D(4, 1, activation="relu"),
    ]
)
sk.guess(mine, row.output_shape[-1])

# %%
sk.trace(row)

# %%
sk.draw(row)

# %% [markdown]
# Look at the column *in*. Only the first layer sees the 24 channels of the input. The 3×3 window sees the
# 8 channels of the 1×1 layer, and the output is what the last layer gives: 4 channels. No error, no
# warning, and no branch.

# %% [markdown]
# ## 4. The fix: call every branch on the same tensor
#
# In the Functional API a tensor has a name, and a name can be used as often as you like. Here `inputs` is
# used four times.

# %%
inputs = keras.Input((28, 28, 24))
one = layers.Conv2D(8, 1, activation="relu", name="one")(inputs)

three = layers.Conv2D(12, 1, activation="relu")(inputs)
three = layers.Conv2D(16, 3, padding="same", activation="relu", name="three")(three)

five = layers.Conv2D(2, 1, activation="relu")(inputs)
five = layers.Conv2D(4, 5, padding="same", activation="relu", name="five")(five)

pool = layers.MaxPooling2D(3, strides=1, padding="same")(inputs)
pool = layers.Conv2D(4, 1, activation="relu", name="pool")(pool)

# %%
mine = ...  # how many channels have the four branches together?

# %%
block = keras.Model(inputs, layers.Concatenate()([one, three, five, pool]))
sk.guess(mine, block.output_shape[-1])

# %%
sk.trace(block)

# %%
sk.draw(block)

# %% [markdown]
# `Concatenate` puts channels side by side: 8 + 16 + 4 + 4 = 32. Only the *last* layer of each branch
# counts; the 12 and the 2 are gone on the way.
#
# Is the block really different from the row, or does it only look so? Switch one layer off (all its
# weights to 0) and look at which output channels still depend on the picture.


# %%
def channels_that_see(model):
    """The output channels that are not the same number everywhere."""
    x = np.random.default_rng(0).normal(size=(4, 28, 28, 24)).astype("float32")
    output = keras.ops.convert_to_numpy(model(x))
    return np.flatnonzero(output.std(axis=(0, 1, 2)) > 1e-6).tolist()


def switch_off(layer):
    layer.set_weights([np.zeros_like(weight) for weight in layer.get_weights()])


kept = block.get_weights()
switch_off(block.get_layer("one"))
switch_off(row.get_layer("row_1x1"))

# %%
mine = ...  # the 1×1 layer is off in both. How many channels of the ROW still see the picture?

# %%
sk.expect(channels_that_see(block) == list(range(8, 32)), "the block loses channels 0 to 7 alone")
block.set_weights(kept)  # section 9 needs them
sk.guess(mine, len(channels_that_see(row)))

# %% [markdown]
# The row is blind: everything went through that one layer. In the block 24 channels work on. That is the
# difference between *behind each other* and *side by side*.
#
# ### The shapes must fit
#
# `Concatenate` joins the last axis. All other axes must be equal, so each branch must keep the sides:
# `padding="same"`, and `strides=1` for the pooling, whose stride would otherwise be the size of its
# window. Forget it in one branch:


# %%
def without_padding():
    small = layers.Conv2D(16, 3)(inputs)  # 28 - 3 + 1 = 26
    return layers.Concatenate()([one, small])


tried = sk.attempt(without_padding)
sk.expect("matching shapes" in str(tried.error), "Keras refuses")
sk.expect("(None, 26, 26, 16)" in str(tried.error), "and its message names the shape that is odd")

# %% [markdown]
# ## 5. Why the 1×1 layers stand in front: the bottleneck
#
# A 5×5 window on 24 channels is dear: each filter has 5·5·24 weights. A 1×1 convolution in front mixes
# the 24 channels to 2, and the wide window sees only these. Such a narrow place is a **bottleneck**.
# Lesson 02 had the rule: window · channels · filters + filters.


# %%
def conv2d(side, channels, filters):
    return side * side * channels * filters + filters


direct = conv2d(5, 24, 4)
print("5×5 directly:", direct)

# %%
mine = ...  # how many parameters has the branch 24 → 1×1 → 2 → 5×5 → 4?

# %%
narrow = conv2d(1, 24, 2) + conv2d(5, 2, 4)
sk.guess(mine, narrow)

# %% [markdown]
# 24·2 + 2 = 50 and 25·2·4 + 4 = 204, together 254 in place of 2,404. Now the whole block, and then the
# first block of GoogLeNet with its real widths: 192 channels come in; 64, 128, 32 and 32 go out.


# %%
def inception_parameters(channels, one, three, five, pool, bottleneck=True):
    total = conv2d(1, channels, one) + conv2d(1, channels, pool)
    for side, (narrow, filters) in ((3, three), (5, five)):
        if bottleneck:
            total += conv2d(1, channels, narrow)
        total += conv2d(side, narrow if bottleneck else channels, filters)
    return total


ours, googlenet = (24, 8, (12, 16), (2, 4), 4), (192, 64, (96, 128), (16, 32), 32)
for name, widths in (("ours", ours), ("GoogLeNet", googlenet)):
    without = inception_parameters(*widths, bottleneck=False)
    print(f"{name}: {without:,} without, {inception_parameters(*widths):,} with the bottleneck")
sk.expect(inception_parameters(*ours) == block.count_params(), "Keras counts the same for ours")

# %% [markdown]
# Less than half of the parameters in both cases. The saving is not free: what the 2 channels do not carry,
# the 5×5 window never sees. And one 1×1 layer does not save but *limit*: the one behind the pooling,
# without which the block would hand on all 24 channels of its input.

# %% [markdown]
# ## 6. Does it win? A fair comparison
#
# Inception is often praised because its authors won a competition with it. That network was also deeper
# and larger than its rivals. To see what *branches* are worth, change nothing else:
#
# - **equal parameters**: a single path whose window is 3×3 and whose filters fill the same budget;
# - **the same** stem, head, data, optimizer and epochs;
# - **several seeds**, because one run is one throw of a die.


# %%
def convolution(filters, side, strides=1):
    return layers.Conv2D(filters, side, strides=strides, padding="same", activation="relu")


def inception(x, one=12, three=(8, 16), five=(4, 8), pool=8):
    branches = [
        convolution(one, 1)(x),
        convolution(three[1], 3)(convolution(three[0], 1)(x)),
        convolution(five[1], 5)(convolution(five[0], 1)(x)),
        convolution(pool, 1)(layers.MaxPooling2D(3, strides=1, padding="same")(x)),
    ]
    return layers.Concatenate()(branches)


def single_path(x):
    return convolution(18, 3)(x)


# %%
def network(body):
    """The first layers, the part that we compare, and the last layers with three classes."""
    inputs = keras.Input((32, 32, 1))
    x = convolution(16, 3, strides=2)(inputs)
    x = body(layers.MaxPooling2D(2)(x))  # here the map is 8 × 8 × 16
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(x))


counts = [network(body).count_params() for body in (inception, single_path)]
print("inception, single path:", counts)
sk.expect(abs(counts[1] / counts[0] - 1) < 0.01, "the two differ by less than 1 %")

# %% [markdown]
# **What is a good number?** Three classes of equal size: chance is 33 %. We also tried a linear model on
# the pixels: it learns 78 % of the training patches by heart and names 34 to 35 % of the test patches, so
# it is no better than chance. The mark for branches is neither of these: it is the *single path*.
#
# And how large must a difference be? On these patches the seeds of one network have a standard deviation of
# about 3 points. The difference of two means over three seeds each then varies by 3 · √(2/3) ≈ 2.4 points by
# luck alone. Three times that is 7.3 points. We ask for **8 points**: that would be a clear win.

# %%
mine = ...  # will Inception be more than 8 points ahead? True or False


# %%
def train(body, seed):
    sk.seed(seed)
    model = network(body)
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
    epochs = sk.budget(quick=6, full=24)
    model.fit(x_train, y_train, epochs=epochs, batch_size=32, verbose=0)
    return model


def accuracy(model, x, y):
    shares = keras.ops.convert_to_numpy(model(x))
    return float((shares.argmax(axis=-1) == y).mean())


seeds = range(sk.budget(quick=3, full=5))
members = [train(inception, seed) for seed in seeds]
branched = np.array([accuracy(model, x_test, y_test) for model in members])

# %%
single = np.array([accuracy(train(single_path, seed), x_test, y_test) for seed in seeds])

# %%
figure, axis = plt.subplots(figsize=(5.2, 2.2))
for height, (scores, mark) in enumerate(((single, "s"), (branched, "o"))):
    axis.plot(100 * scores, np.full(len(scores), height), mark, markersize=8, alpha=0.7)
    axis.plot(100 * scores.mean(), height, "|", color="black", markersize=30)
axis.set(yticks=[0, 1], yticklabels=["single path", "inception"], ylim=(-0.6, 1.6))
axis.set(xlabel="test accuracy in %, one mark for each seed, a line at the mean")
axis.grid(axis="x", alpha=0.4)
sk.show(figure, alt="Accuracies of both networks for each seed: the marks lie in the same range.")

# %% seqkit={"headline": "mean of the seeds: Inception {branched.mean():.1%}, single path {single.mean():.1%}"}
sk.expect(min(branched.min(), single.min()) > 0.70, "each of them is far above chance: over 70 %")
sk.expect(abs(branched.mean() - single.mean()) < 0.08, "their means differ by less than 8 points")
sk.guess(mine, bool(branched.mean() - single.mean() > 0.08))

# %% [markdown]
# **It does not win here.** Three seeds are too few for a small difference, so we trained each network
# with eight seeds outside of this notebook, and added a third rival, two 3×3 layers in a row (2,835
# parameters). Mean and standard deviation over the eight seeds, in per cent:
#
# | network | parameters | after 6 epochs | after 24 epochs |
# |---|---|---|---|
# | Inception block | 2,815 | 88.8 ± 3.3 | 96.0 ± 1.9 |
# | one 3×3 layer | 2,827 | 88.0 ± 2.9 | 95.3 ± 1.3 |
# | two 3×3 layers | 2,835 | 86.6 ± 4.4 | 94.9 ± 4.4 |
#
# Inception stands first each time, and each time by less than the seeds differ among themselves. An honest
# summary: *on these textures, at this size, a possible gain of a point that eight seeds cannot prove.* The
# block also trains more slowly, because it has six convolutions in place of one. With one lucky seed each
# we could have 'shown' anything. After 6 epochs the eight Inception runs go from 83 to 94 %, and the best
# single path (94 %) is far above the worst of them.
#
# What then speaks for branches? First, that you need not choose a window. Second, networks whose *task*
# has several scales or several parts. Section 8 has one, and there the gain is clear.

# %% [markdown]
# ### Nine blocks in a row
#
# One block is little. GoogLeNet, the network of Szegedy et al., has nine of them, on maps of three sizes. Here is
# one of that shape for the clothes of lesson 01, and its rival: nine single windows of 3×3 in the same places,
# as many parameters. Both together train for some minutes, so they belong to the budget `full` (`SEQKIT_BUDGET=full`).


# %%
def nine_blocks(block):
    """Two blocks on maps of 14 × 14, five on 7 × 7, two on 4 × 4, as in GoogLeNet."""
    inputs = keras.Input((28, 28, 1))
    x = convolution(32, 3, strides=2)(inputs)
    for size, blocks in (("small", 2), ("large", 5), ("large", 2)):
        for _ in range(blocks):
            x = block(x, size)
        x = layers.MaxPooling2D(2, padding="same")(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(layers.Flatten()(x)))


def inception_block(x, size):
    if size == "small":
        return inception(x, one=16, three=(16, 32), five=(8, 16), pool=16)
    return inception(x, one=32, three=(24, 48), five=(8, 24), pool=24)


def window(x, size):
    return convolution(44 if size == "small" else 54, 3)(x)


counts = [nine_blocks(block).count_params() for block in (inception_block, window)]
print("nine Inception blocks, nine windows:", counts)
sk.expect(abs(counts[1] / counts[0] - 1) < 0.03, "the two differ by less than 3 %")


# %% seqkit={"headline": "nine blocks, test accuracy: {'; '.join(f'{name} {np.mean(scores):.1%}' for name, scores in nine_scores.items()) or 'not run'}"}
def train_nine(block, seed):
    sk.seed(seed)
    model = nine_blocks(block)
    model.compile("adam", "sparse_categorical_crossentropy", **path.compile_options)
    model.fit(path.x, path.y, batch_size=64, epochs=nine_epochs, verbose=0)
    shares = model.predict(test_clothes, batch_size=500, verbose=0)
    return float((shares.argmax(axis=-1) == clothes.y_test).mean())


nine_scores = {}
if sk.budget() == "full":
    on_gpu = sk.device().kind != "CPU"
    n, nine_epochs = (60_000, 20) if on_gpu else (6_000, 6)
    clothes = sk.data.load("fashion", full=on_gpu, or_shipped=True)
    test_clothes = clothes.x_test[..., None] / 255.0
    path = sk.fast_path(clothes.x_train[:n, :, :, None] / 255.0, clothes.y_train[:n], 64)
    for name, kind in (("inception", inception_block), ("windows", window)):
        nine_scores[name] = [train_nine(kind, seed) for seed in range(2)]
        print(name, np.round(nine_scores[name], 3))
        sk.expect(min(nine_scores[name]) > 0.75, f"{name}: over 75 % with both seeds")

# %% [markdown]
# Our full run on two cores of a CPU (6,000 pictures, 6 epochs, seeds 0 and 1): Inception 77 and 82 %, single
# windows 81 and 84 %. Here, too, the branches bring no gain, and the two seeds of one network differ more
# than the two networks. What the authors report is another gain: their network won with twelve times fewer
# parameters than the winner of two years before.

# %% [markdown]
# ## 7. Several members, one model: an ensemble
#
# The three networks from section 6 make different mistakes. An **ensemble** asks all of them and takes the
# mean of their answers. As a list it is nonsense: each member would get the answer of the one before.

# %%
tried = sk.attempt(keras.Sequential, [keras.Input((32, 32, 1)), *members, layers.Average()])
sk.expect(tried.failed, "a list of members is refused")
sk.expect("(None, 3)" in str(tried.error), "the second member got 3 shares instead of a picture")

# %% [markdown]
# In the Functional API each member is a branch. A whole model is called like a layer:

# %%
picture = keras.Input((32, 32, 1))
ensemble = keras.Model(picture, layers.Average()([member(picture) for member in members]))
sk.draw(ensemble)

# %%
mine = ...  # how many parameters have three members together? (One member has 2,815.)

# %%
sk.guess(mine, 3 * members[0].count_params())

# %%
mine = ...  # is the loss of the ensemble below the mean loss of its members? True or False


# %%
def loss(model):
    labels, shares = y_test.astype("int32"), model(x_test)
    losses = keras.losses.sparse_categorical_crossentropy(labels, shares)
    return float(keras.ops.mean(losses))


mean_loss = np.mean([loss(member) for member in members])
sk.guess(mine, bool(loss(ensemble) < mean_loss))

# %%
together = accuracy(ensemble, x_test, y_test)
sk.expect(together > branched.mean() - 0.01, "its accuracy is not below the mean of the members")

# %% [markdown]
# The *loss* of the mean answer is never above the mean loss: the logarithm is curved in that way (Jensen's
# inequality). For the *accuracy* there is no such law, so we measured it: six groups of three neighbouring
# seeds after 6 epochs. The ensembles of Inception networks gained between 0.8 and 1.9 points on the mean of
# their members, those of single paths between 0.4 and 1.7. That is a small gain, and it came every time. An
# ensemble need not beat its *best* member; but before the test you do not know which one that is.
#
# The price: three times the parameters and three times the work for each answer. The ensemble is one
# model: one file to save, one `predict`. Look at how little it took: an `Average` and one tensor that is
# used three times.

# %% [markdown]
# ## 8. Several scales: a feature pyramid
#
# Now a task that needs two things at once: *what* is here, and exactly *where* does it end? Each scene
# shows one texture with a round hole through which another is seen. (The scenes are made here, the
# textures are the photographs.) For each cell of 4 × 4 pixels the network names the texture.


# %%
def scenes(x, y, count, seed):
    """Pictures of two textures, and the label of each cell of 4 × 4 pixels."""
    random, (rows, columns) = np.random.default_rng(seed), np.mgrid[:64, :64]
    pictures, labels = [], []
    for _ in range(count):
        outside, inside = random.permutation(3)[:2]
        chosen = [random.choice(np.flatnonzero(y == label)) for label in (outside, inside)]
        ground, hole = normed(x[chosen])[..., 0]
        (row, column), radius = random.uniform(20, 44, size=2), random.uniform(16, 26)
        disc = (rows - row) ** 2 + (columns - column) ** 2 < radius**2
        pictures.append(np.where(disc, hole, ground))
        labels.append(np.where(disc, inside, outside)[2::4, 2::4])
    return np.stack(pictures)[..., None], np.stack(labels)


bands = textures.patches(64, step=16)
scenes_train, cells_train = scenes(bands.x_train, bands.y_train, count=384, seed=0)
scenes_test, cells_test = scenes(bands.x_test, bands.y_test, count=150, seed=1)
print(scenes_train.shape, cells_train.shape)

# %% [markdown]
# A convolutional network makes its maps smaller step by step. The deep map, 4 × 4, has seen much of the
# picture and knows *what*; each of its cells stands for 16 × 16 pixels, so it does not know *where*. The
# early map, 16 × 16, knows where and has seen little. A **feature pyramid** (Lin et al. 2017) doubles the
# sides of the deep map and adds the map of the scale before, again and again.


# %%
def backbone(inputs, deep):
    """The row of convolutions that makes three maps: 16 × 16, 8 × 8 and 4 × 4."""
    fine = convolution(16, 5, strides=4)(inputs)
    middle = convolution(24, 3, strides=2)(fine)
    return fine, middle, convolution(deep, 3, strides=2)(middle)


def same_width(x):
    return layers.Conv2D(16, 1)(x)  # all scales get 16 channels, so that they can be added


def finish(inputs, x):
    x = layers.Activation("relu")(x)
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(x))


def one_scale():
    inputs = keras.Input((64, 64, 1))
    *_, coarse = backbone(inputs, deep=35)
    return finish(inputs, layers.UpSampling2D(4)(same_width(coarse)))


# %%
def pyramid():
    inputs = keras.Input((64, 64, 1))
    fine, middle, coarse = backbone(inputs, deep=32)
    x = layers.UpSampling2D(2)(same_width(coarse))
    x = layers.Add()([x, same_width(middle)])
    x = layers.UpSampling2D(2)(x)
    x = layers.Add()([x, same_width(fine)])
    return finish(inputs, x)


sk.trace(pyramid())

# %%
mine = ...  # UpSampling2D(2) gets (None, 8, 8, 16). Which shape does it give?

# %%
sk.guess(mine, layers.UpSampling2D(2)(keras.KerasTensor((None, 8, 8, 16))).shape)

# %%
sk.draw(pyramid())

# %% [markdown]
# The two finer maps are read twice: by the next layer of the backbone and by the pyramid. In a list each
# tensor is read once. (`Concatenate` in place of `Add` works as well; then there are more channels at the end.)
#
# **What is a good number?** The rival is the same backbone *without* the pyramid, with a few more deep
# filters so that both have about 12,000 parameters. It can only draw blocks of 4 × 4 cells: even if it
# knew all answers, it could not reach 100 %. How much could it reach?

# %%
blocks = cells_test.reshape(-1, 4, 4, 4, 4).transpose(0, 1, 3, 2, 4).reshape(-1, 16)
best = np.mean([np.bincount(cells).max() / 16 for cells in blocks])
whole = np.mean([np.bincount(cells.ravel()).max() / 256 for cells in cells_test])
print(f"the right label in each block: {best:.0%}; one right label for each picture: {whole:.0%}")
counts = [model.count_params() for model in (one_scale(), pyramid())]
print("one scale, pyramid:", counts)
sk.expect(abs(counts[1] / counts[0] - 1) < 0.02, "the two differ by less than 2 %")

# %%
mine = ...  # at the border of the hole: more than 4 points better? True or False

# %%
border = np.zeros(cells_test.shape, bool)
for axis in (1, 2):  # a cell whose neighbour has another label
    edge = np.diff(cells_test, axis=axis) != 0
    border |= np.insert(edge, 0, False, axis) | np.insert(edge, edge.shape[axis], False, axis)
print(f"{border.mean():.0%} of the cells lie at the border")


def train_on_scenes(build, seed):
    sk.seed(seed)
    model = build()
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    epochs = sk.budget(quick=7, full=30)
    model.fit(scenes_train, cells_train, epochs=epochs, batch_size=32, verbose=0)
    return keras.ops.convert_to_numpy(model(scenes_test)).argmax(axis=-1)


# %%
coarse_maps = np.stack([train_on_scenes(one_scale, seed) for seed in seeds])
pyramid_maps = np.stack([train_on_scenes(pyramid, seed) for seed in seeds])

# %%
coarse_right, pyramid_right = coarse_maps == cells_test, pyramid_maps == cells_test
coarse_border = coarse_right[:, border].mean(axis=1)
pyramid_border = pyramid_right[:, border].mean(axis=1)
points = 100 * (pyramid_border.mean() - coarse_border.mean())
sk.expect(pyramid_border.min() > coarse_border.max(), "at the border every seed beats every rival")
sk.expect(pyramid_right.mean() > coarse_right.mean(), "and it is also ahead over all cells")
sk.guess(mine, bool(points > 4))

# %%
rows = [0, 1, 2]
figure, axes = plt.subplots(len(rows), 4, figsize=(7, 5.4))
for row, line in zip(rows, axes, strict=True):
    line[0].imshow(scenes_test[row, :, :, 0], cmap="gray")
    maps = {"truth": cells_test, "one scale": coarse_maps[0], "pyramid": pyramid_maps[0]}
    line[0].set_title("scene", fontsize=9)
    for axis, (name, found) in zip(line[1:], maps.items(), strict=True):
        axis.imshow(found[row], cmap="viridis", vmin=0, vmax=2)
        axis.set_title(name, fontsize=9)
    for axis in line:
        axis.axis("off")
sk.show(
    figure,
    alt="Three scenes with the true cells, the blocks of one scale, and the finer pyramid maps.",
)

# %% [markdown]
# **Here branches win**, and clearly. Outside of this notebook we trained both with six seeds (with 30
# epochs: four):
#
# | network | border, 7 epochs | all cells, 7 epochs | border, 30 epochs | all cells, 30 epochs |
# |---|---|---|---|---|
# | one scale | 51 to 55 % | 68 to 76 % | 54 to 55 % | 74 to 76 % |
# | pyramid | 59 to 62 % | 77 to 80 % | 66 to 67 % | 79 to 83 % |
#
# In every column the worst pyramid is ahead of the best rival. No seed decides this. One scale can only draw
# blocks. The pyramid has finer maps, and in the first scene above it follows the round border; in the
# second it is mostly wrong. One picture proves nothing, the table does. About a third of the border cells
# are still wrong, even after 30 epochs: a cell that is cut by the line shows both textures.

# %% [markdown]
# ## 9. The way round inside a Sequential, and its price
#
# 'Sequential cannot branch' is said often. More exactly: *a flat list of built-in layers cannot*. A layer of
# your own may do in its `call` what it likes, and may even return two tensors:


# %%
class Split(layers.Layer):
    def call(self, x):
        return [x, x]


twice = keras.Sequential([keras.Input((28, 28, 24)), Split(), layers.Concatenate()])
sk.trace(twice)

# %% [markdown]
# It builds. But both tensors are the same, and between `Split` and `Concatenate` no layer can stand that
# takes one of them:

# %%
between = [keras.Input((28, 28, 24)), Split(), layers.Conv2D(8, 1), layers.Concatenate()]
tried = sk.attempt(keras.Sequential, between)
sk.expect("received 2 input tensors" in str(tried.error), "Conv2D gets two tensors and refuses")

# %% [markdown]
# So the branches must go *inside*. This layer holds a list of branches and does what we wanted from the list
# in section 2:


# %%
@keras.saving.register_keras_serializable("lesson15")
class Parallel(layers.Layer):
    """Call every branch on the same input, and put the results side by side."""

    def __init__(self, branches, **kwargs):
        super().__init__(**kwargs)
        self.branches = branches

    def build(self, input_shape):
        for branch in self.branches:
            if not branch.built:
                branch.build(input_shape)

    def call(self, x):
        return keras.ops.concatenate([branch(x) for branch in self.branches], axis=-1)


# %%
mine = ...  # how many parameters has the Sequential below? (The block of section 4 has 2,598.)

# %%
hidden = keras.Sequential(
    [
        keras.Input((28, 28, 24)),
        Parallel(
            [
                convolution(8, 1),
                keras.Sequential([convolution(12, 1), convolution(16, 3)]),
                keras.Sequential([convolution(2, 1), convolution(4, 5)]),
                keras.Sequential(
                    [layers.MaxPooling2D(3, strides=1, padding="same"), convolution(4, 1)]
                ),
            ]
        ),
    ]
)
sk.guess(mine, hidden.count_params())

# %% [markdown]
# The same parameters. Also the same function? Give each convolution the weights of its twin in the block;
# no two kernels of the block have the same shape, so the shape finds the twin.

# %%
twins = {weight.shape: weight for weight in block.weights if len(weight.shape) == 4}
biases = {layer.kernel.shape: layer.bias for layer in block.layers if hasattr(layer, "kernel")}
for kernel, bias in zip(hidden.weights[::2], hidden.weights[1::2], strict=True):
    kernel.assign(twins[kernel.shape])
    bias.assign(biases[kernel.shape])

x = np.random.default_rng(0).normal(size=(4, 28, 28, 24)).astype("float32")
gap = np.abs(keras.ops.convert_to_numpy(hidden(x) - block(x))).max()
sk.expect(gap < 1e-4, "the layer of our own computes what the block computes")

# %%
sk.draw(hidden)

# %% [markdown]
# It works, inside a Sequential. Now the price. The drawing and `summary()` show one box: whoever reads the
# model does not see the branches. You reach what one branch gives only through
# `hidden.layers[0].branches`, and not by a name, as with `block.get_layer("five")`.
# And saving?

# %%
mine = ...  # can Keras write this model down, as saving needs it? True or False

# %%
tried = sk.attempt(hidden.get_config)
sk.guess(mine, not tried.failed)

# %%
sk.expect("override `get_config()`" in str(tried.error), "Keras asks for a get_config of your own")

# %% [markdown]
# The file of a model holds the *configuration* of each layer. Keras knows how to write down its own layers;
# for `Parallel` you must add two methods. (We write them into a class of its own; `super(Parallel, self)`
# takes the method of `Layer`. `register_keras_serializable` lets Keras find the class by its name.)


# %%
@keras.saving.register_keras_serializable("lesson15")
class SavedParallel(Parallel):
    def get_config(self):
        parts = [keras.saving.serialize_keras_object(branch) for branch in self.branches]
        return {**super(Parallel, self).get_config(), "branches": parts}

    @classmethod
    def from_config(cls, config):
        parts = [keras.saving.deserialize_keras_object(part) for part in config.pop("branches")]
        return cls(parts, **config)


branches = [convolution(8, 1), keras.Sequential([convolution(12, 1), convolution(16, 3)])]
saved = keras.Sequential([keras.Input((28, 28, 24)), SavedParallel(branches)])
again = keras.Sequential.from_config(saved.get_config())
sk.expect(again.count_params() == saved.count_params(), "now it can be written down and read again")

# %% [markdown]
# About twenty lines of code that must be tested, against none in the Functional API. There is a middle way:
# a Functional model is itself a layer, so `block` may stand in a list. Then Keras can save it, and `seqkit`
# can open it:

# %%
mixed = keras.Sequential([keras.Input((28, 28, 24)), block, layers.GlobalAveragePooling2D()])
sk.trace(mixed)

# %% [markdown]
# This is how large networks are written: branches in small Functional blocks, and the blocks in a row. The
# list is not wrong, it is only the outermost level.

# %% [markdown]
# ## 10. What is said, and what is true
#
# Two sentences that you will meet in articles: *a Sequential has no branches: no feature pyramids, no
# multi-scale, no parallel convolutions, no ensembles in one model*, and *no Inception block can be written*.
# The course keeps the evidence for both and runs it again on your version of Keras:

# %%
verified = sk.limits.get("inception").verify()
verified

# %%
flat = {
    "parallel convolutions": [keras.Input((8, 8, 4)), two, layers.Concatenate()],
    "feature pyramid": [keras.Input((8, 8, 4)), layers.UpSampling2D(2), layers.Add()],
    "ensemble": [keras.Input((32, 32, 1)), members, layers.Average()],
}
refused = {name: sk.attempt(keras.Sequential, stack).failed for name, stack in flat.items()}
holds = all(refused.values()) and verified.ok
way_round = hidden.count_params() == block.count_params() and gap < 1e-4
print("refused in a flat list:", ", ".join(name for name, no in refused.items() if no))
print("no branches:", "holds for built-in layers" if holds else "no longer holds")
print("no Inception block:", "holds for built-in layers" if holds else "no longer holds")
print("a layer of one's own is a way round:", way_round)

# %% [markdown]
# The other three that this lesson has met, checked in the same way, and the verdicts of the register of claims:

# %%
for name in ("branch", "feature_pyramid", "ensemble"):
    print(sk.limits.get(name).verify(train=False))

# %%
sk.claims.table(lesson=15)

# %% [markdown]
# So both sentences hold for a flat list of built-in layers, and 'impossible' is too strong: `Parallel` and a
# Functional block both stand in a Sequential. Attention, which is often named in the same breath, has a lesson
# of its own: 16.
#
# A third sentence, that branches make a network *better*, depends on the task. Here: not proved for texture
# patches, clear for the scenes.

# %% [markdown]
# ## Check yourself

# %% seqkit={"role": "check"}
from seqkit.exercises.quick import Choice

Choice(
    "Three branches give (None, 14, 14, 32), (None, 14, 14, 32) and (None, 14, 14, 16). What does "
    "Concatenate give?",
    {"a": "(None, 14, 14, 80)", "b": "(None, 14, 14, 32)", "c": "(None, 42, 14, 80)"},
    correct="a",
    feedback={
        "a": "Yes: the channels are put side by side, 32 + 32 + 16 = 80.",
        "b": "That would be Add or Maximum, and they need equal channels. Concatenate keeps all.",
        "c": "Only the last axis grows. Height and width must be equal before, and stay.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "A colleague writes the 1×1, the 3×3 and the 5×5 layer one after the other into a Sequential. It "
    "trains. Is it an Inception block?",
    {
        "a": "Yes, all three windows are there.",
        "b": "No, only the first one sees the input.",
        "c": "No, Keras would have refused it.",
    },
    correct="b",
    feedback={
        "a": "They are there, but behind each other. Look at the column 'in' of the trace.",
        "b": "Yes. The others see what the layer before them left over.",
        "c": "Keras cannot know what was meant. A row of convolutions is a correct network.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "Network A reaches 94 % and network B 92 %, one run each, equal parameters. Is A better?",
    {
        "a": "Yes, two points are a lot.",
        "b": "That cannot be said from one run each.",
        "c": "No, equal parameters mean equal networks.",
    },
    correct="b",
    feedback={
        "a": "In section 6 the seeds of one and the same network differ by more than ten points.",
        "b": "Yes. Run several seeds and compare the difference with their spread.",
        "c": "Equal parameters make the comparison fair. They do not decide it.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "Which price does a layer of your own with branches inside NOT have?",
    {
        "a": "The branches are hidden from summary() and drawings.",
        "b": "You write and test get_config yourself.",
        "c": "It computes less exactly than the Functional API.",
    },
    correct="c",
    feedback={
        "a": "It has this price: the layer is one box.",
        "b": "It has this price: without it the model cannot be saved.",
        "c": "Right: with equal weights both give the same numbers.",
    },
).ask()

# %% [markdown]
# ## What to remember
#
# - A branch reads a tensor that others read, too. A list hands each tensor to the next layer only.
# - `Concatenate` puts channels side by side; all other axes must be equal.
# - A 1×1 layer in front of a wide window saves most of its parameters.
# - Compare at equal parameters and over several seeds. Inception did not win on our textures; the pyramid
#   did on our scenes.
# - Branches can hide in a layer of your own. The price is code, and a model that shows one box.
#
# | symptom | cause | fix |
# |---|---|---|
# | *Only instances of `keras.Layer` can be added* | a list, tuple or dict as an item | call each branch on the same tensor |
# | *A `Concatenate` layer should be called on a list* | `Concatenate()` in the list | `Concatenate()([one, three])` |
# | *requires inputs with matching shapes* | a branch without `padding="same"` | the same padding and strides everywhere |
# | no error, too few output channels | branches written in a row | trace it: who reads the input? |
# | *must override `get_config()`* | an own layer that holds layers | write `get_config` and `from_config` |

# %% [markdown]
# ## Next
#
# - [Exercise 15](../exercises/15_branches.ipynb): count, read, repair and build branches.
# - [Lesson 16](16_attention.ipynb) asks for a layer with three inputs: attention.
#
# Read on: Szegedy et al. (2015), *Going deeper with convolutions*; Lin, Dollár, Girshick, He, Hariharan and
# Belongie (2017), *Feature pyramid networks for object detection*; the Keras guide
# [The Functional API](https://keras.io/guides/functional_api/).
