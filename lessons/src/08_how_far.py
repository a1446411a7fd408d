# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 08 · See how far a list goes
#
# Two famous networks for pictures are plain lists, to the last parameter. You build them, then you
# train autoencoders, and you find out when a simple **baseline** is enough and when it is not.
#
# {{badges}}
#
# *60 minutes · needs lessons 01 to 04 · trains four small networks, about a minute on a CPU*

# %% [markdown]
# ## You will be able to
#
# - write VGG16 and MobileNetV1 as lists and count their parameters by hand;
# - build an autoencoder and compare its error with PCA of the same code size;
# - set a threshold from training errors alone, and predict its false alarms;
# - measure precision and recall of an anomaly detector beside simple baselines;
# - decide with a baseline whether a larger network is needed.

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
# ## 1. VGG16 is one list
#
# VGG16 (Simonyan and Zisserman 2015) names what is in a photograph, in 1,000 classes. The 16 are its layers
# with weights: 13 convolutions of 3 × 3, and 3 Dense layers. Five poolings halve the sides. The whole
# network is a loop:


# %%
def vgg16():
    stack = [keras.Input((224, 224, 3))]
    for times, filters in [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)]:
        for _ in range(times):
            stack.append(layers.Conv2D(filters, 3, padding="same", activation="relu"))
        stack.append(layers.MaxPooling2D(2))
    stack.append(layers.Flatten())
    stack += [layers.Dense(4096, activation="relu"), layers.Dense(4096, activation="relu")]
    return [*stack, layers.Dense(1000, activation="softmax")]


# %% [markdown]
# Padding 'same' keeps the sides. Which shape arrives at `Flatten`?

# %%
mine = ...  # a shape, batch axis first

# %%
trace = sk.trace(vgg16())
flatten = next(row for row in trace.rows if row.kind == "Flatten")
sk.guess(mine, flatten.input_shape)

# %% [markdown]
# 224 / 2⁵ = 7, and the last convolutions have 512 filters. Now the parameters. *One* layer of the 16 has
# most of them. How much of the whole, in per cent? Work out the first Dense layer: it gets
# 7 · 7 · 512 numbers. The whole network has 138 million parameters.

# %%
mine = ...  # a whole number, in per cent

# %%
largest = max(trace.rows, key=lambda row: row.params)
print(largest.kind, largest.why)
sk.guess(mine, round(100 * largest.params / trace.total_params))

# %%
trace

# %% [markdown]
# The list was traced and never built: it has no weights yet, and costs no memory. With weights it would take
# 138,357,544 · 4 bytes, more than 550 MB.

# %%
sk.expect(trace.total_params == 138_357_544, "138,357,544 parameters")
sk.draw(trace)

# %% [markdown]
# Is this the VGG16 that everybody uses? Keras ships one. We ask for it without the three Dense layers
# (`include_top=False`), because they are what needs the memory, and compare its layers with our list one by one.

# %%
body = keras.applications.VGG16(weights=None, include_top=False)
theirs = [(type(layer).__name__, layer.count_params()) for layer in body.layers[1:]]
ours = [(row.kind, row.params) for row in trace.rows if row.kind in ("Conv2D", "MaxPooling2D")]
dense = 25_088 * 4096 + 4096 + 4096 * 4096 + 4096 + 4096 * 1000 + 1000
sk.expect(theirs == ours, "18 layers, kind by kind and count by count the same")
sk.expect(body.count_params() + dense == 138_357_544, "with three Dense layers: 138,357,544")

# %% [markdown]
# So 'a Sequential is for small networks only' is wrong. What counts is not the size. It is whether each layer
# needs only the result of the layer before it.

# %% [markdown]
# ## 2. The trick of MobileNet
#
# MobileNetV1 (Howard et al. 2017) was made for mobile phones. It splits each convolution of 3 × 3 into two
# layers:
#
# - **depthwise**: one window of 3 × 3 for each channel, and each channel is looked at alone;
# - **pointwise**: a convolution of 1 × 1, which mixes the channels.
#
# Count both ways, for 512 channels in and 512 out. MobileNet leaves the biases out, because the
# `BatchNormalization` behind each layer shifts the channels anyway.

# %%
mine = ...  # how many times fewer parameters have the two? To one decimal, as in 2.5

# %%
plain = 3 * 3 * 512 * 512
depthwise, pointwise = 3 * 3 * 512, 512 * 512
print(f"{plain:,} against {depthwise:,} + {pointwise:,}")
sk.guess(mine, round(plain / (depthwise + pointwise), 1))


# %%
def normalised():
    return [layers.BatchNormalization(), layers.ReLU(6.0)]  # ReLU(6.0) ends at 6


def separable(filters, strides):
    return [
        layers.DepthwiseConv2D(3, strides=strides, padding="same", use_bias=False),
        *normalised(),
        layers.Conv2D(filters, 1, use_bias=False),
        *normalised(),
    ]


sk.draw([keras.Input((14, 14, 512)), *separable(512, 1)])

# %% [markdown]
# Two layers instead of one, in a row: nothing here needs a second road. The network is a first convolution,
# thirteen such blocks, and an end that turns a picture into 1,000 shares.


# %%
def mobilenet():
    blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
    blocks += [(512, 1)] * 5 + [(1024, 2), (1024, 1)]
    stack = [keras.Input((224, 224, 3))]
    stack += [layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False), *normalised()]
    for filters, strides in blocks:
        stack += separable(filters, strides)
    end = [layers.GlobalAveragePooling2D(), layers.Dense(1000, activation="softmax")]
    return [*stack, *end]


# %% [markdown]
# Count it by hand before you build it: for each block a depthwise layer, a pointwise layer, and four numbers
# a channel for each normalisation (lesson 02).

# %%
count = 3 * 3 * 3 * 32 + 4 * 32  # the first convolution and its normalisation
channels = 32
for filters in [64, 128, 128, 256, 256, *[512] * 6, 1024, 1024]:
    count += 3 * 3 * channels + 4 * channels  # depthwise
    count += channels * filters + 4 * filters  # pointwise
    channels = filters
count += 1024 * 1000 + 1000  # the Dense layer
print(f"{count:,}")

# %% [markdown]
# How many layers have weights that training changes, if you do not count `BatchNormalization`?

# %%
mine = ...

# %%
ours = keras.Sequential(mobilenet())
weighty = [layer for layer in ours.layers if layer.weights]
sk.guess(mine, sum(not isinstance(layer, layers.BatchNormalization) for layer in weighty))

# %% [markdown]
# One convolution, thirteen times two, and the Dense layer.

# %% [markdown]
# Articles count MobileNet among the networks that a Sequential *cannot* hold. We put it to the hardest test.
# Keras' own MobileNet and our list get the same weights; do they give the same answers to a real photograph?
#
# (Keras pads with layers of its own in four places, where our list says `padding="same"`; the result is the
# same. And Keras ends with a convolution of 1 × 1 where we have a `Dense` layer. That is the same arithmetic;
# only the arrangement of the weights differs, so one `reshape` is needed.) New normalisation layers change
# almost nothing yet, so we give all weights random values first. The more numbers go into a sum, the smaller are
# its weights: otherwise the answers would grow from layer to layer.

# %%
theirs = keras.applications.MobileNet(weights=None)
random = np.random.default_rng(0)
for weight in theirs.weights:
    fan_in = max(np.prod(weight.shape[:-1]), 1)  # about as many numbers go into one sum
    centre = 1 if weight.path.endswith(("gamma", "moving_variance")) else 0
    spread = 0.2 if centre else 1 / np.sqrt(fan_in)
    weight.assign(random.normal(centre, spread, weight.shape))
values = theirs.get_weights()
values[-2] = values[-2].reshape(1024, 1000)
ours.set_weights(values)

# %%
photo = sk.data.load("china_flower").images["china"][100:324, 200:424]
shares = [keras.ops.convert_to_numpy(net(photo[None] / 255.0))[0] for net in (ours, theirs)]
sk.expect(ours.count_params() == theirs.count_params() == 4_253_864, "both: 4,253,864 parameters")
sk.expect(shares[0].max() > 2 * shares[0].mean(), "the answer is not just 1/1000 for each class")
sk.expect(
    np.allclose(*shares, rtol=1e-2, atol=1e-6),
    "and both give the same 1,000 shares, each to within 1 %",
)

# %% [markdown]
# We allow 1 % because the two may add in another order, and each sum is rounded.
#
# 4.3 million parameters against 138 million of VGG16: more than 30 times fewer. In the paper MobileNetV1
# named 70.6 % of the ImageNet photographs correctly and VGG16 71.5 % (Howard et al. 2017). That is what a
# better *block* does, and the list stays a list.
#
# Its successor is another matter. MobileNetV2 (Sandler et al. 2018) has 17 blocks, in groups of 1, 2, 3, 4, 3, 3 and 1.
# A block *adds* its input to its output if the two have the same shape. The first block of each group changes the
# shape, the others keep it. So how many layers of MobileNetV2 take more than one tensor?


# %%
def joins(model):
    several = [layer for layer in model.layers if isinstance(layer.input, list)]
    return [layer for layer in several if len(layer.input) > 1]  # an Input has an empty list


# %%
mine = ...  # how many layers of MobileNetV2?

# %%
print("MobileNetV1:", len(joins(theirs)))
v2 = keras.applications.MobileNetV2((32, 32, 3), alpha=0.35, weights=None)  # few channels
print("MobileNetV2:", len(joins(v2)), {type(layer).__name__ for layer in joins(v2)})
sk.guess(mine, len(joins(v2)))

# %% [markdown]
# Ten `Add` layers, and a flat list of built-in layers cannot hold any of them (lesson 12). This is the test
# for any network that you read about: **does a layer need anything but the result of the layer before it?**

# %% [markdown]
# ## 3. A list that learns without labels
#
# An **autoencoder** learns to give its own input back. On the way stands a narrow layer, the **code**. The
# front part, the **encoder**, must squeeze a picture into the code; the back part, the **decoder**, must make
# the picture again. No labels are needed: the picture itself is the right answer.
#
# We use the handwritten digits of lesson 01: 784 pixels, and a code of 16 numbers.

# %%
digits = sk.data.load("mnist")
x_train = digits.x_train.reshape(-1, 784) / np.float32(255)
x_test = digits.x_test.reshape(-1, 784) / np.float32(255)


def autoencoder(inputs, hidden, code, activation):
    return keras.Sequential(
        [
            keras.Input((inputs,)),
            layers.Dense(hidden, activation="relu"),
            layers.Dense(code, name="code"),
            layers.Dense(hidden, activation="relu"),
            layers.Dense(inputs, activation=activation),  # as many numbers as came in
        ]
    )


sk.seed(0)
squeeze = autoencoder(784, 128, 16, "sigmoid")
sk.draw(squeeze)

# %% [markdown]
# `sigmoid` at the end, because pixels lie between 0 and 1. The code has no activation: its numbers may be
# negative.
#
# **What is a good error?** We measure the mean squared error of a pixel on the test pictures. Two baselines:
#
# - the **mean picture** of the training set, for every digit: no network at all;
# - **PCA**, principal component analysis (Pearson 1901; Hotelling 1933): the best *linear* squeezing into 16
#   numbers. *Best* means: no other 16 directions leave a smaller squared error on the training data. NumPy
#   finds it in one line.


# %%
def pca(x, size):
    """The mean, and the `size` directions that keep most of x."""
    mean = x.mean(axis=0)
    directions = np.linalg.svd(x - mean, full_matrices=False)[2][:size]
    return mean, directions


def through_pca(x, mean, directions):
    code = (x - mean) @ directions.T  # encode
    return code @ directions + mean  # decode


mean, directions = pca(x_train, 16)
by_pca = through_pca(x_test, mean, directions)
of_mean, of_pca = (np.mean((x_test - guess) ** 2) for guess in (mean, by_pca))
print(f"mean picture: {of_mean:.3f}, PCA of size 16: {of_pca:.3f}")

# %% [markdown]
# A good autoencoder must be clearly below 0.027. Will ours be at least a tenth below? For it: it need not be linear.
# Against it: PCA is the exact best of its kind, and our network has only 4,000 pictures and a few epochs to set more
# than 200,000 weights.

# %%
mine = ...  # True or False

# %%
squeeze.compile(keras.optimizers.Adam(0.003), "mse")
squeeze.fit(x_train, x_train, batch_size=64, epochs=sk.budget(quick=8, full=30), verbose=0)
by_network = squeeze.predict(x_test, batch_size=500, verbose=0)
of_network = np.mean((x_test - by_network) ** 2)
sk.guess(mine, bool(of_network < 0.9 * of_pca))

# %%
sk.expect(of_network < 0.9 * of_pca, "the error is at least a tenth below that of PCA")

# %%
figure, axes = plt.subplots(3, 8, figsize=(8, 3.2))
shown = [np.argmax(digits.y_test == digit) for digit in range(8)]
named = [f"network\nerror {of_network:.4f}", f"PCA of size 16\nerror {of_pca:.4f}"]
rows = dict(zip(["test picture", *named], [x_test, by_network, by_pca], strict=True))
for line, (name, pictures) in zip(axes, rows.items(), strict=True):
    for axis, number in zip(line, shown, strict=True):
        axis.imshow(pictures[number].reshape(28, 28), cmap="gray_r", vmin=0, vmax=1)
        axis.set_xticks([])
        axis.set_yticks([])
    line[0].set_ylabel(name, rotation=0, ha="right", va="center")
sk.show(figure, alt="Eight digits; below them what the network and PCA make of 16 numbers each.")

# %% [markdown]
# Both rows were made from 16 numbers a picture. PCA leaves grey shadows where the network leaves white. Outside of this
# notebook, with 10 epochs and two seeds, the network's error was 30 to 31 % lower than that of PCA with a code of 16,
# 27 to 30 % lower with a code of 8, and about 18 % lower with 32.
#
# An autoencoder in which *all* layers are linear can at best be as good as PCA of the same size on its training data
# (Baldi and Hornik 1989). So what ours gains over PCA, it gains by not being linear: relu in the hidden layers, `sigmoid`
# at the end. It also has its price: training, and many more parameters.

# %%
of_network_count, of_pca_count = squeeze.count_params(), directions.size + mean.size
print(f"network: {of_network_count:,} parameters, PCA: {of_pca_count:,} numbers")

# %% [markdown]
# ## 4. Find what is wrong, without having seen it
#
# The data set *shuttle* holds rows of nine sensors of a space shuttle. Some rows are **anomalies**: the state
# is not the usual one. In the full set 7 % are, which is too easy, and unlike real life. We keep so many that
# they are one row in 200.

# %%
shuttle = sk.data.load("shuttle").with_share(1, 0.005)
normal = shuttle.x_train[shuttle.y_train == 0]
anomaly = shuttle.y_test == 1
print("normal rows for training:", len(normal))
print("test rows:", len(anomaly), "of them anomalies:", anomaly.sum())

# %% [markdown]
# The plan: train an autoencoder on **normal rows only**. It learns what normal rows have in common, and it
# has never learned to rebuild anything else. A row with a large error is then called an anomaly. The labels
# are needed only to sort the training rows, and to measure at the end.
#
# How do we scale the sensors? We subtract the **median** and divide by the **width**: the distance between the quarter
# points, which leave a quarter of the rows below and a quarter above. Two sensors have the width 0, because at least
# half of the rows hold the same value. There `np.maximum(…, 1)` takes 1, or we would divide by 0. In some normal rows a
# sensor lies up to 4,000 widths from the median. We do not scale by mean and standard deviation, because a few such rows
# would change both strongly. And we **cut** at ±5. This is more than a detail: the cut changes about 21 % of the normal
# training rows, and all 46 anomalies of the test part.

# %%
middle = np.median(normal, axis=0)
low, high = np.quantile(normal, [0.25, 0.75], axis=0)
width = np.maximum(high - low, 1)


def scaled(x):
    return np.clip((x - middle) / width, -5, 5).astype("float32")


train, test = scaled(normal), scaled(shuttle.x_test)

# %% [markdown]
# **How large is 'large'?** The anomalies may not decide it: in real life you have not seen them yet. So we
# take the errors on the normal *training* rows, and put the **threshold** where only a small share of them
# lies above, for example 1 %: the 99 % **quantile**.
#
# Two numbers tell how good this is. **Recall**: which share of the anomalies is found. **Precision**: which
# share of the alarms is right. What can you expect before any training? The test set has 9,117 normal rows.
# If they behave as the training rows do, how many false alarms come from a threshold at 99 %?

# %%
mine = ...  # a whole number of false alarms

# %%
sk.guess(mine, round(0.01 * (~anomaly).sum()))

# %% [markdown]
# And if *all* 46 anomalies are found, the precision is 46 / (46 + 91): one alarm in three is right. No
# detector can change that with this threshold, not even a perfect one: 1 % of very many normal rows is many.
# What about a threshold at 99.9 %?

# %%
mine = ...  # the precision in per cent, if all 46 are found and 1 normal row in 1,000 is above

# %%
found, false_alarms = anomaly.sum(), 0.001 * (~anomaly).sum()
sk.guess(mine, round(100 * found / (found + false_alarms)))

# %% [markdown]
# So we take 99.9 %, and a good result is: **recall of 90 % or more with a precision of 70 % or more**. Guessing at
# random would have a precision of 0.5 %.

# %%
sk.seed(0)
watch = autoencoder(9, 32, 3, None)
watch.compile(keras.optimizers.Adam(0.005), "mse")
watch.fit(train, train, batch_size=256, epochs=sk.budget(quick=5, full=15), verbose=0)


def error(x, back):
    return np.mean((x - back) ** 2, axis=1)


def rebuilt(x):
    return watch.predict(x, batch_size=4096, verbose=0)


train_error, test_error = error(train, rebuilt(train)), error(test, rebuilt(test))


# %% seqkit={"headline": "anomalies, autoencoder: precision {precision:.1%}, recall {recall:.1%}"}
def measure(train_score, test_score, quantile=0.999):
    """Precision and recall with a threshold from the training rows alone."""
    alarm = test_score > np.quantile(train_score, quantile)
    right = (alarm & anomaly).sum()
    return right / alarm.sum(), right / anomaly.sum()


precision, recall = measure(train_error, test_error)
sk.expect(recall >= 0.90, "the autoencoder finds at least 90 % of the anomalies")
sk.expect(precision >= 0.70, "and at least 70 % of its alarms are right")

# %%
figure, axis = plt.subplots(figsize=(7, 3.2))
bins = np.geomspace(1e-4, 30, 60)
axis.hist(test_error[~anomaly], bins, color="#0072B2", alpha=0.7, label="normal")
axis.hist(test_error[anomaly], bins, color="#D55E00", hatch="//", label="anomaly")
axis.axvline(np.quantile(train_error, 0.999), color="black", ls="--", label="threshold")
axis.set(xscale="log", yscale="log", xlabel="error of a test row", ylabel="number of rows")
axis.set_title(f"recall {100 * recall:.0f} %, precision {100 * precision:.0f} %")
axis.legend()
alt = "Errors of the test rows: normal rows at the left, anomalies at the right of the threshold."
sk.show(figure, alt=alt)

# %% [markdown]
# Read both axes with care: each labelled step is ten times the one before it. Almost all anomalies lie to the right of
# the dashed line, and a few normal rows do, too. In our run one anomaly lies in the middle of the normal rows: no
# threshold would find it without thousands of false alarms.

# %% [markdown]
# ## 5. Was the network needed?
#
# Recall above 90 %: a success? As in lesson 01, ask the baselines first. Both are scores from the same scaled
# rows, with a threshold at the same quantile:
#
# - the **distance** to the mean row, squared: one line of NumPy;
# - the error of **PCA** with 3 directions, as many as the code has.

# %%
mine = ...  # which finds the fewest anomalies? "distance", "PCA", "autoencoder"

# %%
row_mean, row_directions = pca(train, 3)
from_pca = [error(x, through_pca(x, row_mean, row_directions)) for x in (train, test)]
from_distance = [error(x, row_mean) for x in (train, test)]
scores = {
    "distance": measure(*from_distance),
    "PCA": measure(*from_pca),
    "autoencoder": (precision, recall),
}
sk.guess(mine, min(scores, key=lambda name: scores[name][1]))

# %%
figure, axes = plt.subplots(1, 2, figsize=(8, 2.2), sharey=True)
for axis, title, place in zip(axes, ["recall in %", "precision in %"], [1, 0], strict=True):
    bars = axis.barh(list(scores), [100 * pair[place] for pair in scores.values()], color="#56B4E9")
    axis.bar_label(bars, fmt="%.0f", padding=3)
    axis.set(title=title, xlim=(0, 115))
alt = "Recall and precision as bars: the distance finds fewer anomalies than PCA and the network."
sk.show(figure, alt=alt)

# %%
sk.expect(scores["distance"][1] < 0.92, "the distance finds less than 92 % of the anomalies")
sk.expect(scores["PCA"][1] > 0.95, "PCA finds more than 95 % of them")
sk.expect(scores["PCA"][0] > 0.78, "and more than 78 % of its alarms are right")
sk.expect(abs(recall - scores["PCA"][1]) < 0.05, "the autoencoder's recall: within 5 points of PCA")

# %% [markdown]
# So with this scaling the network was **not** needed. It beats the plain distance, and it ties with six lines of NumPy.
# Outside of this notebook, with 5 epochs for each network:
#
# | score, threshold at 99.9 % | anomalies found | false alarms | recall | precision |
# |---|---|---|---|---|
# | distance to the mean | 40 of 46 | 14 | 87 % | 74 % |
# | PCA of size 3 | 45 of 46 | 8 | 98 % | 85 % |
# | autoencoder, five seeds | 45 of 46 each time | 4 to 12 | 98 % | 79 to 92 % |
#
# The seeds of the network lie on both sides of PCA. A difference of a few false alarms among 9,117 rows is no
# win for either.
#
# The tie is no law. Here are the anomalies that each finds with other scalings, of 46, at the same threshold and with 5
# epochs. Each makes 4 to 15 false alarms. The network has a code of 3; its column shows two seeds.
#
# | scaling | distance | PCA of size 2 | size 3 | size 5 | network |
# |---|---|---|---|---|---|
# | median and width, cut at ±5 (this lesson) | 40 | 45 | 45 | 45 | 45 and 45 |
# | median and width, no cut | 1 | 1 | 32 | 45 | 3 and 1 |
# | mean and standard deviation, no cut | 23 | 14 | 33 | 45 | 45 and 2 |
# | mean and standard deviation, cut at ±3 | 45 | 45 | 4 | 45 | 44 and 45 |
# | median and width, then `np.arcsinh` in place of a cut | 3 | 5 | 12 | 45 | 44 and 41 |
# | the same, then also mean and standard deviation | 7 | 11 | 43 | 45 | 33 and 34 |
#
# **Which part of the work was decisive?** For the distance and the network, the **cut**. The distance finds 40 and 45
# with it, 1 and 23 without it. The network finds 44 or 45 with it; without it, and without arcsinh, it finds 1 to 3 in
# three of four runs. The cut matters more than the median: without a cut the median is even the worse choice. For PCA the
# **size** matters as much: in the fourth row size 3 finds 4 anomalies, and PCA of size 2 or 5 finds 45. Size 5 finds 45 in
# every row. So one scaling with one size shows little: try several before you look for a larger network.
#
# Why is PCA enough? We do not know exactly. Keeping more of the movement does not mean finding more anomalies: with the
# scaling of this lesson 3 directions keep about three quarters of the variance and find 45 anomalies. 6 directions keep
# more than 99 %, and find 33.
#
# **How we got here, and what that costs.** We tried eight scalings, codes of 2, 3 and 4 numbers (PCA: 2 to 6) and
# thresholds at 99, 99.5 and 99.9 %, and looked at the *test* rows each time. So the test rows have helped to choose the
# scaling, the size 3 and the 99.9 %, and the numbers in the first table may be too good. A clean study chooses on
# validation rows and opens the test rows once. We looked afterwards what that would have given. We fitted on 80 % of the
# normal training rows; the validation rows were the other 20 % and the 183 anomalies of the training part. With the setup
# of this lesson the distance found 162 of the 183, PCA 173 and the network, with one seed, 174. The best of all the
# baselines found 175. So this setup would have been a good choice there, too, and not the only one.
#
# One warning. All this holds for training rows that *are* normal. Leave the 183 anomalies of the training
# part among them, and their large errors push the threshold up, until most anomalies lie below it. At the same quantile
# two seeds of the network found 6 and 14 of the 46 test anomalies, and PCA 12. Why? There are 36,652 training rows then,
# and only 37 can lie above a threshold at 99.9 %. With PCA all 37 were anomalies; the other 146 were not above. If 0.5 %
# of your rows may be anomalies, a threshold at 99.9 % of *these* rows is too high.

# %% [markdown]
# ## 6. A baseline that does not suffice
#
# Now the other outcome, with the same habit. The task is to name the digits. The baseline is linear: one
# Dense layer. Good is what is **clearly better than the linear model**, or else we keep the linear one.
# Clearly means: by more than other seeds change it, which was a point or two in this course.


# %%
def score(body):
    sk.seed(0)
    top, end = keras.Input((28, 28, 1)), layers.Dense(10, activation="softmax")
    model = keras.Sequential([top, *body, end])
    adam = keras.optimizers.Adam(0.003)
    model.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
    pictures, test_pictures = (x.reshape(-1, 28, 28, 1) for x in (x_train, x_test))
    epochs = sk.budget(quick=5, full=15)
    model.fit(pictures, digits.y_train, batch_size=64, epochs=epochs, verbose=0)
    return model.evaluate(test_pictures, digits.y_test, batch_size=500, verbose=0)[1]


linear = score([layers.Flatten()])
sk.expect(linear > 0.87, "the linear model names more than 87 % of the test digits")

# %% [markdown]
# That is about 90 %, from one layer. Do two convolutions and a hidden layer leave less than two thirds of the
# mistakes?

# %%
mine = ...  # True or False

# %%
deep = score(
    [
        layers.Conv2D(16, 3, strides=2, activation="relu"),
        layers.Conv2D(32, 3, strides=2, activation="relu"),
        layers.Flatten(),
        layers.Dense(64, activation="relu"),
    ]
)
sk.guess(mine, bool(1 - deep < (1 - linear) * 2 / 3))

# %%
figure, axis = plt.subplots(figsize=(7, 1.6))
mistakes = {"linear": 100 * (1 - linear), "convolutions": 100 * (1 - deep)}
bars = axis.barh(list(mistakes), list(mistakes.values()), color="#56B4E9")
axis.bar_label(bars, fmt="%.1f", padding=3)
axis.set(xlabel="test digits named wrongly, in %", xlim=(0, 13))
sk.show(figure, alt="Two bars: the convolutions make far fewer mistakes than the linear model.")
sk.expect(deep > linear + 0.02, "the convolutions: at least 2 points more than the linear model")

# %% [markdown]
# Outside of this notebook, with five epochs and the seeds 0, 1 and 2, the linear model named 90 to 91 % of the test
# digits, and the convolutions 95 to 96 %. About half of the mistakes are gone, far more than seeds change. Here the
# baseline does *not* suffice, and it was the baseline that told us.
#
# Begin with the simplest, and stop where the next step gains no more than another seed does:
#
# 1. no model: the most frequent class, the mean, the last value;
# 2. a linear model, or PCA;
# 3. a small Sequential;
# 4. a larger one, and only then a network with several roads.

# %% [markdown]
# ## 7. How far, then?
#
# | network | as a list | lesson |
# |---|---|---|
# | Dense stacks, CNN, RNN, LSTM, GRU | yes | 01 to 07 |
# | autoencoder without skips | yes | 08 |
# | VGG16, MobileNetV1 | yes, to the last parameter | 08 |
# | ResNet, MobileNetV2, DenseNet, Inception, U-Net | not as a flat list of built-in layers | 12, 15, 18 |
# | two inputs, or two answers | not as a flat list of built-in layers | 13, 14 |
#
# The border has nothing to do with size or with fame. It runs where a layer needs two things.

# %% [markdown]
# ## 8. The claims and the evidence
#
# What articles say about this, with evidence that runs now. One verdict is not *holds*:

# %%
sk.claims.table(lesson=8)

# %% [markdown]
# A4.1 is **wrong** because its list of networks names MobileNet, and you have just built MobileNetV1 as a
# list. For the other five it holds: a flat list of built-in layers cannot hold them. (Faster R-CNN finds objects in a
# photograph, in two stages: the first proposes places, and the second looks at each of them. Lesson 14 builds a small
# one.)

# %% [markdown]
# ## Check yourself

# %% seqkit={"role": "check"}
from seqkit.exercises.quick import Choice

Choice(
    "A detector finds all 20 anomalies among 100,000 rows. 0.1 % of the normal rows lie above "
    "its threshold. About how many of its alarms are right?",
    {"a": "99.9 %", "b": "17 %", "c": "100 %"},
    correct="b",
    feedback={
        "a": "That is the share of normal rows without an alarm. There are about 100 false alarms.",
        "b": "Yes: 20 right alarms and about 100 false ones, 20/120.",
        "c": "That is the recall: all anomalies are found. The false alarms do not count there.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "Where must the threshold of an anomaly detector come from?",
    {
        "a": "From the errors on the test rows, so that precision is best there.",
        "b": "From the errors on normal training rows.",
        "c": "From the largest error of an anomaly.",
    },
    correct="b",
    feedback={
        "a": "Then the test rows have helped to choose, and no longer tell how good it is.",
        "b": "Yes. Anomalies that come later have not been seen yet.",
        "c": "The anomalies to come are not known when the threshold is set.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "A network of 80 layers has only convolutions, normalisations and activations, one behind the "
    "other. Can it be a Sequential?",
    {"a": "No, it is too deep", "b": "Yes", "c": "Only without the normalisations"},
    correct="b",
    feedback={
        "a": "A list may be as long as you like. MobileNetV1 has more than 80 items.",
        "b": "Yes. Each layer needs only the result of the layer before it. Whether it trains well "
        "is another question: lesson 12.",
        "c": "BatchNormalization takes one tensor and gives one. MobileNetV1 has 27 of them.",
    },
).ask()

# %% [markdown]
# ## What to remember
#
# - A list can be VGG16 (138,357,544 parameters) or MobileNetV1 (4,253,864): size is no limit.
# - The test: does a layer need anything but the result of the layer before it?
# - An autoencoder gives its input back through a narrow code. Compare it with PCA of the same size.
# - Threshold from normal training errors; false alarms = share above it × normal rows.
# - Take the simplest model that the next one does not clearly beat.

# %% [markdown]
# ## Next
#
# - [Exercise 08](../exercises/08_how_far.ipynb): counts, false alarms, an autoencoder, and a baseline to beat.
# - [Lesson 09](09_mistakes.ipynb): the mistakes clinic.
#
# Read on: Simonyan and Zisserman (2015), *Very deep convolutional networks for large-scale image
# recognition*; Howard et al. (2017), *MobileNets*; Hinton and Salakhutdinov (2006), *Reducing the
# dimensionality of data with neural networks*; Baldi and Hornik (1989), *Neural networks and principal component
# analysis*; the Keras page [Keras Applications](https://keras.io/api/applications/).
