# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 04 · Let a window slide over pictures
#
# A Dense layer must learn each pattern anew for each place in a picture. A convolution learns it once.
# Here you work one out by hand, and then measure what it is worth on pictures, series and films.
#
# {{badges}}
#
# *75 minutes · needs lessons 01 to 03 · trains small networks, about a minute on a CPU*

# %% [markdown]
# ## You will be able to
#
# - work out a convolution by hand, with its stride, padding and pooling;
# - count the parameters of Conv1D, Conv2D and Conv3D, and choose among them by the axes of the data;
# - compare a linear model, a Dense network and a CNN on a split that does not leak;
# - trace the receptive field of a stack: how much of the picture one number sees;
# - build a CNN for colour pictures, say where its parameters lie, and name the baseline it must beat.

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
# ## 1. What a convolution computes
#
# Take a small grey picture: bright on the left (9), dark on the right (1). A **kernel** is a small
# table of weights, here 3 × 3. Lay it on the picture, multiply each pixel by the weight above it, and add
# up the nine products. That is one number of the result. Then move the kernel by one pixel.

# %%
picture = np.array([[9, 9, 9, 1, 1]] * 5)
kernel = np.array([[1, 0, -1]] * 3)
print(picture)
print(kernel)

# %%
mine = ...  # the kernel lies on rows 0 to 2 and columns 1 to 3 (9, 9, 1 in each row). Which number?


# %%
def convolve(picture, kernel):
    side = len(kernel)
    rows, columns = picture.shape[0] - side + 1, picture.shape[1] - side + 1
    result = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            window = picture[row : row + side, column : column + side]
            result[row, column] = (window * kernel).sum()
    return result


print(convolve(picture, kernel))
sk.guess(mine, int(convolve(picture, kernel)[0, 1]))

# %% [markdown]
# Three rows, each 1·9 + 0·9 − 1·1 = 8, give 24. Where all nine pixels are equal, the result is 0: this
# kernel answers to vertical edges. A horizontal edge gives 0, too: there the left and the right column are
# equal. Five columns have three places for a window of 3, as the rule of lesson 02 says: 5 − 3 + 1 = 3.
#
# Now a real picture. The set `textures` holds three photographs. From each we cut patches of 32 × 32
# pixels: training patches from the upper 75 % of the rows, test patches from the rest.


# %%
def normed(x):
    """Each patch with mean 0 and standard deviation 1: its brightness says nothing any more."""
    x = x.astype("float32")[..., None]  # None adds the channel axis
    return (x - x.mean((1, 2, 3), keepdims=True)) / x.std((1, 2, 3), keepdims=True)


textures = sk.data.load("textures")
x_train, x_test = normed(textures.x_train), normed(textures.x_test)
y_train, y_test = textures.y_train, textures.y_test
print(x_train.shape, x_test.shape, np.bincount(y_train), np.bincount(y_test))

# %%
figure, axes = plt.subplots(1, 6, figsize=(7.5, 1.5))
for place, axis in enumerate(axes):
    label = place // 2
    axis.imshow(x_train[y_train == label][place % 2, ..., 0], cmap="gray")
    axis.set_title(textures.classes[label], fontsize=9)
    axis.axis("off")
sk.show(figure, alt="Two patches each of brick, grass and gravel, 32 × 32 pixels, in grey.")

# %% [markdown]
# `Conv2D` does the same sum. It wants a kernel of the shape (height, width, channels, filters): the
# channels of the input, and one **filter** for each kernel that we want to apply. Ours gets two, for
# vertical and for horizontal edges. Will Keras and the loop agree?

# %%
mine = ...  # do both give the same numbers? True or False

# %%
edges = layers.Conv2D(2, 3, use_bias=False)
edges.build((None, 32, 32, 1))
edges.set_weights([np.stack([kernel, kernel.T], axis=-1)[:, :, None, :]])

brick = x_train[np.argmax(y_train == 0)]
maps = keras.ops.convert_to_numpy(edges(brick[None]))[0]
by_hand = np.stack([convolve(brick[..., 0], k) for k in (kernel, kernel.T)], axis=-1)
sk.guess(mine, bool(np.allclose(maps, by_hand, atol=1e-4)))

# %%
figure, axes = plt.subplots(1, 3, figsize=(7.5, 2.7))
shown = {"brick": brick[..., 0], "vertical edges": maps[..., 0], "horizontal edges": maps[..., 1]}
for axis, (title, values) in zip(axes, shown.items(), strict=True):
    axis.imshow(values, cmap="gray")
    axis.set_title(f"{title}, {len(values)} × {len(values)}", fontsize=9)
    axis.axis("off")
sk.show(figure, alt="A brick patch and two maps of its vertical and horizontal edges.")

# %% [markdown]
# The result of one filter is a **feature map**: for each place, how strongly the pattern is there. We
# chose these two kernels. A network *learns* its kernels, and adds a bias to each map.
#
# (In mathematics a convolution turns the kernel by 180° first. Keras does not; the exact word for what it
# does is *cross-correlation*. For learned kernels it makes no difference.)

# %% [markdown]
# ## 2. Few weights, used everywhere
#
# `Conv2D(8, 3)` turns a patch (32, 32, 1) into (30, 30, 8). How many parameters does it need? And how many
# would a Dense layer need to turn the 1,024 pixels into the same 30·30·8 = 7,200 numbers?

# %%
mine = ...  # two counts, as in (100, 1000)

# %%
convolution = sk.trace([keras.Input((32, 32, 1)), layers.Conv2D(8, 3)]).total_params
numbers = 30 * 30 * 8
dense = 32 * 32 * numbers + numbers
sk.guess(mine, (convolution, dense))

# %% [markdown]
# 3·3·1·8 + 8 = 80 against 7,380,000. Two ideas make the difference: each number sees *nine pixels
# only* (**local**), and all places use *the same nine weights* (**shared**). The second has a
# consequence. If the picture moves, what happens to the map?

# %%
mine = ...  # picture 3 pixels to the right: does the map move 3 to the right? True or False

# %%
moved = np.roll(brick, 3, axis=1)  # what leaves on the right comes back on the left
moved_maps = keras.ops.convert_to_numpy(edges(moved[None]))[0]
sk.guess(mine, bool(np.allclose(moved_maps[:, 3:], maps[:, :-3], atol=1e-4)))

# %% [markdown]
# The same numbers, three places further (apart from the new columns on the left). A pattern that is learned
# at one place is found at all places. A Dense layer cannot promise this: it has other weights for each pixel.

# %% [markdown]
# ## 3. Padding, strides and pooling
#
# Three settings decide how large a map is. **Padding**: with `padding="same"` Keras puts zeros around the
# picture, so that the map keeps its size (with a stride of 1). This changes the numbers at the border. Take a
# picture of ones and a kernel of ones; inside, each sum is 9.

# %%
mine = ...  # the number in the corner of the map, with padding="same"


# %%
def ones(**settings):
    layer = layers.Conv2D(1, 3, kernel_initializer="ones", **settings)
    return keras.ops.convert_to_numpy(layer(np.ones((1, 5, 5, 1), "float32")))[0, ..., 0]


print(ones(padding="same").astype(int))
sk.guess(mine, int(ones(padding="same")[0, 0]))

# %% [markdown]
# In the corner the window holds four pixels and five zeros. A network can notice the border of a
# padded picture.
#
# **Strides**: with `strides=2` the window moves two pixels at a time. Without padding, this is the map of
# stride 1, of which only each second row and each second column is worked out.

# %%
random = np.random.default_rng(0).normal(size=(1, 9, 9, 1)).astype("float32")
every, second = layers.Conv2D(4, 3), layers.Conv2D(4, 3, strides=2)
full_map = every(random)
second.build(random.shape)
second.set_weights(every.get_weights())
gap = np.abs(keras.ops.convert_to_numpy(second(random) - full_map[:, ::2, ::2])).max()
sk.expect(gap < 1e-5, "stride 2 gives each second row and column of stride 1")

# %% [markdown]
# **Pooling** has no weights. `MaxPooling2D(2)` cuts each map into squares of 2 × 2 and keeps the largest
# number of each. What is left of this map?

# %%
values = np.array([[1, 5, 2, 0], [3, 4, 1, 1], [0, 0, 7, 6], [2, 0, 8, 5]], "float32")
print(values.astype(int))

# %%
mine = ...  # four numbers, row by row, as in (1, 2, 3, 4)

# %%
pooled = layers.MaxPooling2D(2)(values[None, ..., None])
pooled = keras.ops.convert_to_numpy(pooled).astype(int).ravel().tolist()
sk.guess(mine, tuple(pooled))

# %% [markdown]
# Where exactly in the square the largest number stood is forgotten. So a pattern that moves by one pixel
# may leave the pooled map as it was. And the next convolution has about a quarter of the places to work on.
# `GlobalAveragePooling2D` keeps the least: one number for each map, its mean. It says *how much* of a
# pattern there is, and no longer *where*.

# %% [markdown]
# ## 4. Linear, Dense, convolutional
#
# Three networks: a linear model, an MLP (*multi-layer perceptron*: Dense layers only) and a CNN (*convolutional
# neural network*). They get the same patches, loss, optimizer (Adam) and number of epochs. The learning rate is
# chosen for each: 0.01 for the CNN, because with 0.003 it learns more slowly, and 0.003 for the two others, because
# a larger one brings them no clear gain. Below are the scores for both rates.


# %%
def linear():
    return [layers.Flatten()]


def mlp():
    return [layers.Flatten(), layers.Dense(64, activation="relu")]


def cnn():
    return [
        layers.Conv2D(8, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(16, 3, activation="relu"),
        layers.GlobalAveragePooling2D(),
    ]


# %%
def network(body):
    return keras.Sequential(
        [keras.Input((32, 32, 1)), *body(), layers.Dense(3, activation="softmax")]
    )


stacks = {body.__name__: network(body) for body in (linear, mlp, cnn)}
print({name: f"{model.count_params():,}" for name, model in stacks.items()})

# %%
sk.draw(stacks["cnn"])

# %% [markdown]
# **What is a good number?** There are three classes of equal size, so guessing gives 33 %. The linear model is the
# baseline. Mind the **split**: neighbouring patches of a photograph look alike, and patches that overlap
# share pixels. If they were divided at random, a network that memorises patches would look good. This is a
# **leak**: knowledge about the test has come into the training. Our test patches come from rows that no
# training patch has touched.

# %%
mine = ...  # which of the three gets the most test patches right? One word in quotes


# %%
def accuracy(model, x, y):
    shares = keras.ops.convert_to_numpy(model(x))
    return float((shares.argmax(axis=-1) == y).mean())


found = {}
for name, model in stacks.items():
    sk.seed(0)
    model = stacks[name] = keras.models.clone_model(model)  # fresh weights, from the seed
    rate = 0.01 if name == "cnn" else 0.003
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    model.fit(x_train, y_train, epochs=sk.budget(quick=15, full=40), batch_size=32, verbose=0)
    found[name] = accuracy(model, x_train, y_train), accuracy(model, x_test, y_test)

sk.guess(mine, max(found, key=lambda name: found[name][1]))

# %%
figure, axis = plt.subplots(figsize=(6.4, 2.2), layout="constrained")
for offset, part, colour in ((0.2, 0, "#BBBBBB"), (-0.2, 1, "#0072B2")):
    scores = [100 * found[name][part] for name in found]
    axis.barh(np.arange(3) + offset, scores, 0.38, color=colour, label=("training", "test")[part])
axis.axvline(33.3, color="black", linestyle="--", label="guessing")
axis.set(yticks=range(3), yticklabels=list(found), xlim=(0, 100), xlabel="accuracy in %")
axis.invert_yaxis()
axis.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=8)
sk.show(figure, alt="Training and test accuracy of linear, mlp and cnn, with a line at 33 %.")

# %% seqkit={"headline": "textures: linear {found['linear'][1]:.1%}, MLP {found['mlp'][1]:.1%}, CNN {found['cnn'][1]:.1%}"}
sk.expect(found["linear"][0] > 0.80, "linear: over 80 % of the training patches")
sk.expect(found["linear"][1] < 0.45, "linear: under 45 % of the test patches, about guessing")
sk.expect(found["mlp"][0] > 0.95, "mlp: over 95 % of the training patches")
sk.expect(0.45 < found["mlp"][1] < 0.75, "mlp: between 45 and 75 % of the test patches")
sk.expect(found["cnn"][1] > 0.90, "cnn: over 90 % of the test patches")

# %% [markdown]
# With four seeds each, in the quick run, we measured on the test patches: linear 31 to 35 %, MLP 57 to 63 %, CNN 97
# to 98 %. On the training patches: linear 90 to 92 %, MLP 100 %, CNN 98 to 99 %. The learning rates do not decide
# this. With the other rate each, the test scores are 36 to 39 %, 54 to 63 % and 93 to 98 %.
# The CNN has 1,299 parameters, the MLP 65,795.
#
# Why does the linear model fail so completely? It has one weight for each pixel and class. In a texture
# a pattern may stand anywhere, so each pixel has about the same mean in all three classes, and no single pixel
# says much about a new patch. The model memorised most of the training patches. (If the brightness is left in, it
# reaches 54 to 57 %: the gravel photograph is a little brighter. That is no knowledge about gravel.) The CNN
# asks another question: which small patterns are there, and how many of each?

# %% [markdown]
# ## 5. Look inside: filters and feature maps
#
# The first layer has eight kernels of 3 × 3. A second model from the same input to the first layer's
# output shows their maps. It shares the weights, so nothing is trained.

# %%
trained = stacks["cnn"]
first = keras.Model(trained.inputs[0], trained.layers[0].output)
kernels = trained.layers[0].get_weights()[0]  # (3, 3, 1, 8)
mine = ...  # the shape of first's output for one patch, batch axis included as 1

# %%
maps = keras.ops.convert_to_numpy(first(brick[None]))
sk.guess(mine, maps.shape)

# %%
figure, axes = plt.subplots(2, 8, figsize=(9, 2.6))
for number in range(8):
    limit = np.abs(kernels).max()
    axes[0, number].imshow(kernels[:, :, 0, number], cmap="coolwarm", vmin=-limit, vmax=limit)
    axes[1, number].imshow(maps[0, :, :, number], cmap="gray", vmin=0, vmax=maps.max())
    axes[0, number].set_title(f"filter {number}", fontsize=8)
for axis in axes.flat:
    axis.axis("off")
sk.show(figure, alt="Eight learned kernels, and below each its map of the brick patch.")

# %% [markdown]
# In the upper row red weights are positive and blue ones negative. Below is what each filter finds in the brick
# patch of section 1, bright where it is strong. A kernel that is mostly red answers to bright areas, one that is
# mostly blue to dark areas, and red beside blue to edges. Nobody chose these kernels: training found them,
# because they help to tell the three classes apart.
#
# And the decision? `GlobalAveragePooling2D` gives 16 numbers for each patch. Here is their mean for each
# class of test patches. Each column is divided by its largest number:

# %%
middle = keras.Model(trained.inputs[0], trained.layers[3].output)
amounts = keras.ops.convert_to_numpy(middle(x_test))
profile = np.stack([amounts[y_test == label].mean(axis=0) for label in range(3)])

figure, axis = plt.subplots(figsize=(7, 1.9))
image = axis.imshow(profile / profile.max(axis=0).clip(1e-6), cmap="viridis", vmin=0, vmax=1)
axis.set(yticks=range(3), yticklabels=textures.classes, xticks=range(16))
axis.set(xlabel="feature map of the second convolution")
figure.colorbar(image, label="share of the\nlargest mean")
sk.show(figure, alt="For each class the mean of 16 feature maps: the three rows differ.")

# %% [markdown]
# Each class has a profile of its own: a list of how much of each pattern it holds. The last Dense layer, with
# 51 parameters, reads this profile. It does not know *where* a pattern stood. Textures do not need that.

# %% [markdown]
# ## 6. The receptive field
#
# How much of the patch does one number of the second convolution see? This is its **receptive field**.
# Each window of k widens it by (k − 1) *steps*, and each stride makes the steps longer for all layers after it:
#
# > **field + (k − 1) · step**, and then **step · stride**
#
# Begin with field 1 and step 1. Our stack is: window 3, pooling 2 (window 2, stride 2), window 3.

# %%
mine = ...  # the side of the field after the second convolution, in pixels

# %%
traced = sk.trace(network(cnn), cost=True)
sk.guess(mine, traced.rows[2].receptive_field)

# %%
traced

# %% [markdown]
# (**Multiply-adds** count the work: how often a number is multiplied by a weight and added to a sum, for one
# patch.)
#
# 1 + 2·1 = 3; then 3 + 1·1 = 4, and the step is 2; then 4 + 2·2 = 8. Is that true? Light one pixel after the
# other, 1,024 pictures in all, and see which of them change the number in the middle of the last map. All
# weights are set to 1 for this, so that nothing is cancelled.

# %%
probe = keras.Sequential([keras.Input((32, 32, 1)), *cnn()[:3]])
probe.set_weights([np.ones_like(weight) for weight in probe.get_weights()])
pixels = np.eye(32 * 32, dtype="float32").reshape(-1, 32, 32, 1)
answers = keras.ops.convert_to_numpy(probe(pixels))[:, 6, 6, 0]
dark = keras.ops.convert_to_numpy(probe(0 * pixels[:1]))[0, 6, 6, 0]
seen = (np.abs(answers - dark) > 1e-3).reshape(32, 32)
sk.expect(seen.sum() == 8 * 8, "64 pixels change it: a square of 8 × 8")

# %%
figure, axes = plt.subplots(1, 3, figsize=(7.5, 2.8))
for axis, label in zip(axes, range(3), strict=True):
    axis.imshow(x_test[y_test == label][0, ..., 0], cmap="gray")
    rows, columns = np.nonzero(seen)
    corner = (columns.min() - 0.5, rows.min() - 0.5)
    axis.add_patch(plt.Rectangle(corner, 8, 8, fill=False, edgecolor="#D55E00", linewidth=2))
    axis.set_title(textures.classes[label], fontsize=9)
    axis.axis("off")
sk.show(
    figure, alt="A patch of each texture, with the square of 8 × 8 pixels that one number sees."
)

# %% [markdown]
# So no number in the maps of section 4 saw more than 8 × 8 pixels, and with their means alone over 90 % of the
# test patches were classified correctly: for these textures small patterns are enough. For objects, larger ones
# often help. (Brendel and Bethge 2019 asked how well small windows work for photographs of objects:
# surprisingly well.) What if we go on with one
# more pooling of 2 and one more convolution of 3?

# %%
mine = ...  # the side of the field then

# %%
deeper = [keras.Input((32, 32, 1)), *cnn()[:3], layers.MaxPooling2D(2), layers.Conv2D(16, 3)]
sk.guess(mine, sk.trace(deeper, cost=True).rows[-1].receptive_field)

# %% [markdown]
# 8 + 1·2 = 10, the step is now 4, and 10 + 2·4 = 18. Two cheap layers more than doubled the field. That is
# one reason why many CNNs alternate convolutions and pooling: the field grows fast, although the windows are small.

# %% [markdown]
# ## 7. A full example: colour tiles of 64 × 64
#
# Stacks like this one stand in many introductions. Three channels come in, red, green and blue; the window of the first
# layer then holds 3·3·3 = 27 numbers. One unit with a sigmoid answers yes or no (lesson 03).


# %%
def tile_network():
    return keras.Sequential(
        [
            keras.Input((64, 64, 3)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


# %%
mine = ...  # how many numbers does Flatten give? (64 → 62 → 31 → 29 → 14)

# %%
traced = sk.trace(tile_network())
sk.guess(mine, traced.rows[4].output_shapes[0][-1])

# %%
traced

# %%
sk.draw(tile_network())

# %% [markdown]
# 14·14·64 = 12,544 numbers, and so `Dense(128)` has 12,544·128 + 128 = 1,605,760 of the 1,625,281
# parameters: 98.8 %. The two convolutions, the layers that look for patterns, have 19,392. `Flatten` keeps *where* each
# pattern stands, and this is its price.
#
# The data: 240 satellite tiles of coasts for training and 60 for the test. The question: is **more than half** of the
# tile land?

# %%
coast = sk.data.load("coast")
tiles, tiles_test = coast.x_train / np.float32(255), coast.x_test / np.float32(255)
land = (coast.y_train.mean((1, 2, 3)) > 0.5).astype(int)
land_test = (coast.y_test.mean((1, 2, 3)) > 0.5).astype(int)

figure, axes = plt.subplots(2, 4, figsize=(4.8, 2.6))
for label, row in enumerate(axes):
    for axis, tile in zip(row, tiles[land == label], strict=False):
        axis.imshow(tile)
        axis.axis("off")
    row[0].set_title(("mostly water", "mostly land")[label], fontsize=9, loc="left")
sk.show(figure, alt="Four satellite tiles that are mostly water, and four that are mostly land.")
print(f"mostly land: {land.mean():.0%} of the training tiles, {land_test.mean():.0%} of the test")

# %% [markdown]
# **What is a good number?** Always 'water' gives 48 % on the test tiles. The next baseline has four
# parameters: the mean red, green and blue of a tile, and one unit. One test tile is 1.7 points, so a
# difference of two or three tiles means nothing.

# %%
mine = ...  # will the 1.6 million parameters be more than 8 points ahead of the four? True or False


# %%
def train_on_tiles(model, rate, epochs):
    model.compile(keras.optimizers.Adam(rate), "binary_crossentropy")
    model.fit(tiles, land, epochs=epochs, batch_size=16, verbose=0)
    shares = keras.ops.convert_to_numpy(model(tiles_test))[:, 0]
    return float(((shares > 0.5) == land_test).mean())


# %%
sk.seed(0)
colour = keras.Sequential(
    [
        keras.Input((64, 64, 3)),
        layers.GlobalAveragePooling2D(),
        layers.Dense(1, activation="sigmoid"),
    ]
)
by_colour = train_on_tiles(colour, rate=0.1, epochs=20)
by_network = train_on_tiles(tile_network(), rate=0.001, epochs=sk.budget(quick=5, full=30))
sk.guess(mine, bool(by_network > by_colour + 0.08))

# %% seqkit={"headline": "coast tiles: by colour {by_colour:.1%}, CNN {by_network:.1%}"}
sk.expect(by_colour > 0.83, "mean colour and four parameters: over 83 % of the test tiles")
sk.expect(by_network > 0.7, "the full example: over 70 % of the test tiles")
sk.expect(by_network < by_colour + 0.08, "it is not more than 8 points ahead")

# %% [markdown]
# **No win.** Trained as here with three seeds, the four parameters classify 90 to 92 % of the test tiles correctly,
# the large network 83 to 92 %. On these pictures land and water differ in colour, and the mean colour says nearly
# all. 240 tiles are also few for 1.6 million parameters. The stack works for small colour pictures. Whether it
# is worth its size, only the baseline can tell. A score of 92 % alone would have looked like its success.
#
# ## 8. Clothes again, with the usual extras
#
# Lesson 01 ended at about 84 % on Fashion-MNIST, with and without a hidden layer. Here is the shape of
# CNN that articles recommend for 28×28×1, with three extras: **BatchNormalization** keeps the numbers between
# layers in a steady range, an **L2** penalty keeps weights small, and **Dropout** switches off a part of the
# numbers at random while training. Lesson 07 measures each of them alone.
#
# First a frequent mistake. The pictures of this set have the shape (28, 28).

# %%
with sk.attempt():
    keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Conv2D(16, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )

# %% [markdown]
# The channel axis is missing: a grey picture has one channel, (28, 28, 1).


# %%
def clothes_network():
    small = keras.regularizers.L2(1e-4)
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 3, strides=2, activation="relu", kernel_regularizer=small),
            layers.BatchNormalization(momentum=0.9),
            layers.Conv2D(32, 3, activation="relu", kernel_regularizer=small),
            layers.BatchNormalization(momentum=0.9),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax"),
        ]
    )


# %%
mine = ...  # Conv2D(16, 3, strides=2) on (None, 28, 28, 1), without padding: which shape?

# %%
traced = sk.trace(clothes_network())
sk.guess(mine, traced.rows[0].output_shapes[0])

# %%
traced

# %% [markdown]
# floor((28 − 3)/2) + 1 = 13. **What is a good number?** The linear model on the same pictures. In the quick run
# both see only 1,500 pictures, for four epochs.

# %%
fashion = sk.data.load("fashion")
count, epochs = sk.budget(quick=(1500, 4), full=(12_000, 12))
clothes, clothes_test = (
    part[..., None] / np.float32(255) for part in (fashion.x_train[:count], fashion.x_test)
)


# %%
def train_on_clothes(model):
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
    model.fit(clothes, fashion.y_train[:count], epochs=epochs, verbose=0)
    return accuracy(model, clothes_test, fashion.y_test)


sk.seed(0)
flat = [layers.Flatten(), layers.Dense(10, activation="softmax")]
clothes_linear = train_on_clothes(keras.Sequential([keras.Input((28, 28, 1)), *flat]))
clothes_cnn = train_on_clothes(clothes_network())
sk.expect(clothes_linear > 0.65, "linear: over 65 % of the test pictures")
sk.expect(clothes_cnn > 0.65, "CNN with the three extras: over 65 %, too")

# %% [markdown]
# Is it better? With four seeds in the quick run: the linear model 78 to 80 % of the test pictures, this CNN 79
# to 81 %. **No clear win.** It classifies over 90 % of its 1,500 training pictures correctly, so it lacks
# pictures more than training. An architecture that suits pictures promises little when there are few of them.
# (`SEQKIT_BUDGET=full` takes all 12,000.)
#
# Why `momentum=0.9`? After training, BatchNormalization uses running means that it collected while training. With
# the default, 0.99, they need several hundred steps, and the quick run has 188. With the default the same CNN
# classified 42 % of the test pictures correctly (one seed).
#
# ## 9. One axis, three axes
#
# A window can slide along any number of axes. `Conv1D` slides along the steps of a series, `Conv2D` along
# height and width, `Conv3D` along time, height and width of a film (or the three sides of a scan). The
# channels are never slid along: each window holds all of them.
#
# | layer | shape of a batch | kernel of `Conv…(8, 3)` |
# |---|---|---|
# | `Conv1D` | (None, steps, channels) | 3 · channels · 8 |
# | `Conv2D` | (None, height, width, channels) | 3 · 3 · channels · 8 |
# | `Conv3D` | (None, time, height, width, channels) | 3 · 3 · 3 · channels · 8 |
#
# ### Conv1D: the temperature six hours ahead
#
# A window of 48 hours holds six measurements of each hour: sunlight, temperature, dew point, humidity, pressure
# and wind. How warm will it be six hours after its end? In this set the months come from different years, so no
# window may cross the end of a month; `.windows` takes care of it. The network forecasts the change from now, so
# "as warm as now" is the answer 0. (In the code below, place −1 of a window is now. 24 hours before the target is
# 18 hours before now: place −18 − 1.)

# %%
mine = ...  # how many parameters has Conv1D(8, 3) on (None, 48, 6)?

# %%
sk.guess(mine, sk.trace([keras.Input((48, 6)), layers.Conv1D(8, 3)]).total_params)

# %%
weather = sk.data.load("weather_hourly")
names = ("ghi_w_m_2", "dry_bulb_c", "dew_point_c", "rhum", "pressure_mbar", "wspd_m_s")
parts = weather.windows(48, horizon=6, features=names, step=sk.budget(quick=2, full=1))
middle, spread = parts.x_train.mean((0, 1)), parts.x_train.std((0, 1))


# %%
def scaled(x, y):
    """Measurements with mean 0 and spread 1; temperatures as tens of degrees above the last."""
    now = x[:, -1, 1]
    z = (x - middle) / spread
    z[:, :, 1] = (x[:, :, 1] - now[:, None]) / 10
    return z, (y - now) / 10


hours, rise = scaled(parts.x_train, parts.y_train)
hours_test, rise_test = scaled(parts.x_test, parts.y_test)
yesterday = parts.x_test[:, -18 - 1, 1]  # -1 is now; 24 hours before the target is 18 before now
print(hours.shape, hours_test.shape)

# %% [markdown]
# **What is a good number?** We measure the mean error in degrees. Two naive forecasts need no training: *as warm
# as now*, and *as warm as 24 hours before*. The third rival is the linear model on all 288 numbers.

# %%
mine = ...  # which naive forecast is better, "now" or "yesterday"?

# %%
errors = {
    "now": np.abs(rise_test).mean() * 10,
    "yesterday": np.abs(parts.y_test - yesterday).mean(),
}
print({name: f"{error:.1f} degrees" for name, error in errors.items()})
sk.guess(mine, min(errors, key=errors.get))


# %%
def forecast_error(*body):
    sk.seed(0)
    model = keras.Sequential([keras.Input((48, 6)), *body, layers.Flatten(), layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.003), "mean_absolute_error")
    model.fit(hours, rise, epochs=sk.budget(quick=5, full=20), batch_size=32, verbose=0)
    said = keras.ops.convert_to_numpy(model(hours_test))[:, 0]
    return float(np.abs(said - rise_test).mean() * 10)


# %%
errors["linear"] = forecast_error()
errors["Conv1D"] = forecast_error(
    layers.Conv1D(16, 5, activation="relu"),
    layers.MaxPooling1D(2),
    layers.Conv1D(16, 5, activation="relu"),
    layers.MaxPooling1D(2),
)

# %% seqkit={"headline": "6 hours ahead: linear {errors['linear']:.2f}, Conv1D {errors['Conv1D']:.2f} degrees"}
sk.expect(errors["linear"] < 0.8 * errors["yesterday"], "linear: a fifth better than yesterday")
sk.expect(errors["Conv1D"] < 0.8 * errors["yesterday"], "Conv1D: a fifth better, too")
gain = errors["linear"] - errors["Conv1D"]
sk.expect(-0.1 < gain < 0.6, "Conv1D is less than 0.6 degrees ahead of the linear model")

# %% [markdown]
# With three seeds in the quick run: linear 2.07 to 2.23 degrees, Conv1D 1.85 to 1.86. Both are far better than 3.1,
# and Conv1D is better by 0.22 to 0.37 degrees: a small gain. A weather window always ends *now*, so each hour has a
# meaning of its own, and separate weights for each hour are no bad idea. Lesson 05 forecasts with layers that
# have a memory.
#
# ### Conv3D: which way does it move?
#
# Films of four frames: an MNIST digit moves two pixels from frame to frame, to the left or to the right. What
# leaves on one side comes back on the other, and each film begins at a place of its own, drawn at random. The
# label is the direction.


# %%
def films(x, seed):
    """Films of shape (4, 14, 20, 1), and 1 where the digit moves to the right."""
    random = np.random.default_rng(seed)
    small = np.pad(x[:, ::2, ::2] / np.float32(255), ((0, 0), (0, 0), (3, 3)))  # 14 × 20
    right = random.integers(0, 2, len(x))
    places = random.integers(0, 20, len(x))[:, None] + np.outer(2 * right - 1, 2 * np.arange(4))
    made = [
        [np.roll(digit, place, axis=1) for place in row]
        for digit, row in zip(small, places, strict=True)
    ]
    return np.array(made)[..., None], right


# %%
digits = sk.data.load("mnist")
film, right = films(digits.x_train[:60], seed=0)
film_test, right_test = films(digits.x_test, seed=1)
print(film.shape, film_test.shape)

# %%
figure, axes = plt.subplots(2, 4, figsize=(7.5, 2.9))
for label, row in enumerate(axes):
    for time, axis in enumerate(row):
        axis.imshow(film[right == label][0, time, ..., 0], cmap="gray_r")
        axis.set(xticks=[], yticks=[], title=f"frame {time}" if label == 0 else "")
    row[0].set_ylabel(("left", "right")[label])
sk.show(
    figure, alt="Four frames of a digit that moves to the left, and of one that moves to the right."
)

# %% [markdown]
# Suppose that a network gets frame 1 alone. In frame 1 the digit stands 2 pixels right or left of its start (and
# what leaves on one side comes back on the other). Take one digit and all 20 places where its film may begin: which
# pictures can frame 1 be, in a film to the right, and in a film to the left?

# %%
mine = ...  # what can the best network reach that sees only frame 1? In per cent

# %%
digit = film[0, 0, ..., 0]
to_right = {np.roll(digit, start + 2, axis=1).tobytes() for start in range(20)}
to_left = {np.roll(digit, start - 2, axis=1).tobytes() for start in range(20)}
sk.expect(to_right == to_left, "frame 1: the same 20 pictures for both directions")
sk.guess(mine, 50)

# %% [markdown]
# And each of them is equally likely for both labels. So one frame says nothing about the direction, and no
# network can do better than guessing, 50 %, except by chance. Now all four frames.


# %%
def film_accuracy(body):
    sk.seed(0)
    last = layers.Dense(1, activation="sigmoid")
    model = keras.Sequential([keras.Input((4, 14, 20, 1)), *body, last])
    model.compile(keras.optimizers.Adam(0.03), "binary_crossentropy")
    model.fit(film, right, epochs=40, batch_size=32, verbose=0)
    shares = keras.ops.convert_to_numpy(model(film_test))[:, 0]
    return model, float(((shares > 0.5) == right_test).mean())


# %% [markdown]
# The films are few on purpose: 60 for training. The rival is a Dense network
# that reads the same four frames, with the same optimizer and learning rate.

# %%
mine = ...  # which gets more of the 1,000 test films right, "Conv3D" or "Dense"?

# %%
through_time = [layers.Conv3D(8, 3, activation="relu"), layers.GlobalAveragePooling3D()]
dense = [layers.Flatten(), layers.Dense(32, activation="relu")]
watcher, by_film = film_accuracy(through_time)
reader, by_dense = film_accuracy(dense)
print(f"parameters: {watcher.count_params():,} and {reader.count_params():,}")
sk.guess(mine, "Conv3D" if by_film > by_dense else "Dense")

# %% seqkit={"headline": "films: Dense {by_dense:.1%}, Conv3D {by_film:.1%}"}
sk.expect(by_film > 0.95, "Conv3D: over 95 % of the test films")
sk.expect(by_dense < by_film - 0.03, "the Dense network is more than 3 points behind")
sk.trace(watcher)

# %%
sk.draw(watcher)

# %% [markdown]
# With four seeds each: Conv3D 100 %, the Dense network 83 to 93 % (and 74 to 85 % with a learning rate of 0.01). A
# linear model has 49 to 51 %, even with 1,500 films (two seeds). Direction is a pattern over time *and* width, and
# it may be anywhere: the 27 shared weights of a filter find it at every place. The Dense network must learn each
# place by itself. With 1,500 films it reaches 100 %, too, with 35,905 parameters in place of 233. So what
# shared weights save here is data and parameters.
#
# And `Conv2D` on a film? It has one axis too many, and Keras says so:

# %%
with sk.attempt():
    keras.Sequential([keras.Input((4, 14, 20, 1)), layers.Conv2D(8, 3)])

# %% [markdown]
# ## The claims and the evidence
#
# Articles say many things about the Sequential model. This course keeps them in a register, with code that tests
# each of them. Three of these claims belong to this lesson. Their code trains other small networks than ours, on
# clothes, on the three textures, and on patches of two photographs.

# %%
sk.claims.table(lesson=4)

# %% [markdown]
# All three hold as they are worded. Read D1 with sections 8 and 9 in mind: the first layer that suits the data
# won by far on textures, by a little on weather, not clearly on clothes, and not on coasts. And B17 says that the
# network learns its task, not that the task needs it: on the coast tiles four parameters were enough. (A fourth claim, that
# nearly all layers work in a Sequential, is in the table of lesson 05. `Conv1D`, `Conv2D`, `Conv3D`, poolings,
# `BatchNormalization`, `Dropout` and `Flatten` did their work here.)
#
# ## Check yourself

# %% seqkit={"role": "check"}
from seqkit.exercises.quick import Choice

Choice(
    "Conv2D(16, 3) on (None, 32, 32, 3). How many weights has one filter, without its bias?",
    {"a": "9", "b": "27", "c": "3,072"},
    correct="b",
    feedback={
        "a": "The window has 9 places, and at each place 3 channels.",
        "b": "Yes: 3·3·3. The window always holds all channels.",
        "c": "That is one weight for each number of the picture: a unit of a Dense layer.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "A network gets over 90 % of the training patches right and 33 % of the test patches, with three "
    "classes. "
    "What did it learn?",
    {
        "a": "It memorised the training patches.",
        "b": "Nothing: it needs more epochs.",
        "c": "The textures; the test patches are too hard.",
    },
    correct="a",
    feedback={
        "a": "Yes. What it learned says nothing about new patches: 33 % is guessing.",
        "b": "It is good on the training patches already. More epochs do not help on new ones.",
        "c": "A CNN gets over 90 % of the same test patches right. So they are not too hard.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "A window of 3, a pooling of 2, a window of 5. How large is the receptive field?",
    {"a": "8", "b": "10", "c": "12"},
    correct="c",
    feedback={
        "a": "You took each step as 1. After the pooling a step is 2 pixels.",
        "b": "You added up 3 + 2 + 5. A window of k adds (k − 1) steps.",
        "c": "Yes: 3, then 4 with step 2, then 4 + 4·2 = 12.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "Recordings of a machine: 12 sensors, 1,000 moments each. Which layer, and which shape?",
    {
        "a": "Conv1D on (None, 1000, 12)",
        "b": "Conv2D on (None, 1000, 12, 1)",
        "c": "Conv1D on (None, 12, 1000)",
    },
    correct="a",
    feedback={
        "a": "Yes: the window slides along time, and the 12 sensors are channels.",
        "b": "It builds. But then the window slides along the sensors, too, as if their order "
        "were a place.",
        "c": "Then the window slides along the sensors, and each moment is a channel.",
    },
).ask()

# %% [markdown]
# ## What to remember
#
# - A convolution multiplies a window with a kernel and adds up: few weights, the same at all places.
# - Parameters: window · channels · filters + filters. Global pooling keeps *how much*; `Flatten` keeps *where*,
#   and the Dense layer behind it becomes large.
# - Field: + (k − 1) · step; a stride makes all later steps longer.
# - Split first, then cut. Name the baseline: convolutions won by far on textures, by a little on
#   weather, not clearly on clothes, and not on coasts.
# - Conv1D, 2D, 3D: count the axes to slide along. The channels are not among them.
#
# | symptom | cause | fix |
# |---|---|---|
# | *expected min_ndim=4, found ndim=3* | no channel axis | `keras.Input((28, 28, 1))`, `x[..., None]` |
# | *Kernel shape must have the same length as input* | a film in `Conv2D` | `Conv3D` |
# | nearly all parameters in the first Dense layer | `Flatten` on a large map | more pooling, or a global pooling |
# | training over 90 %, test near guessing | it memorised pixels | a convolution first; look at the split |
#
# ## Next
#
# - [Exercise 04](../exercises/04_images.ipynb): count, trace, repair and write convolutions.
# - [Lesson 05](05_sequences.ipynb) reads sequences with layers that have a memory, and returns to the weather.
#
# Read on:
#
# - LeCun, Bottou, Bengio and Haffner (1998), *Gradient-based learning applied to document recognition*;
# - Araujo, Norris and Sim (2019), *Computing receptive fields of convolutional neural networks*;
# - Brendel and Bethge (2019), *Approximating CNNs with bag-of-local-features models works surprisingly well on
#   ImageNet*;
# - Keras: [Convolution layers](https://keras.io/api/layers/convolution_layers/).
