# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 18 · Go down and come up again
#
# An **encoder** makes its input small, a **decoder** makes an answer from the small thing. Some of these
# networks are a plain list. The best known ones are not, and here you see exactly why.
#
# {{badges}}
#
# *60 minutes · needs lessons 04, 05, 08, 12, 13, 15 and 16 · trains five small networks, about a minute on a CPU*

# %% [markdown]
# ## You will be able to
#
# - say which encoder-decoders a Sequential can hold, and which it cannot;
# - find a missing skip that gives no error, with a checkerboard (the outermost one, in a small net);
# - build a U-Net with the Functional API, predict the channels of its joins and count what they cost;
# - prepare the two inputs of a decoder.

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
# ## 1. What works: an autoencoder is a list
#
# Satellite pictures of coasts. We keep every second pixel, so that a tile has 32 × 32 of them. Test tiles
# come from other stretches of coast than most training tiles (`print(tiles)` tells the rule); neighbours at
# the ends of a stretch can still share a border.

# %%
tiles = sk.data.load("coast")
x_train, x_test = (x[:, ::2, ::2] / np.float32(255) for x in (tiles.x_train, tiles.x_test))
y_train, y_test = (y[:, ::2, ::2].astype("float32") for y in (tiles.y_train, tiles.y_test))
print(x_train.shape, y_train.shape, x_test.shape)

# %%
figure, axes = plt.subplots(2, 6, figsize=(8, 2.9))
for column, number in enumerate(range(18, 218, 36)):
    axes[0, column].imshow(x_train[number])
    axes[1, column].imshow(y_train[number, ..., 0], cmap="gray")
for axis in axes.ravel():
    axis.axis("off")
sk.show(
    figure, alt="Six satellite tiles of coasts, and below each its mask: land white, water black."
)

# %% [markdown]
# An **autoencoder** (lesson 08) learns to give its own input back through a narrow place. Each layer needs
# only the result of the one before it: a perfect Sequential. The encoder halves the sides twice, the
# decoder doubles them twice with `UpSampling2D`, which repeats each pixel.


# %%
def convolution(filters, strides=1):
    return layers.Conv2D(filters, 3, strides=strides, padding="same", activation="relu")


autoencoder = keras.Sequential(
    [
        keras.Input((32, 32, 3)),
        convolution(16, strides=2),
        convolution(8, strides=2),  # the narrow place
        layers.UpSampling2D(2),
        convolution(16),
        layers.UpSampling2D(2),
        layers.Conv2D(3, 3, padding="same", activation="sigmoid"),
    ]
)

# %%
mine = ...  # how many numbers leave the narrow place, for 32·32·3 = 3,072 that come in?

# %%
sk.guess(mine, int(np.prod(autoencoder.layers[1].output.shape[1:])))

# %% [markdown]
# **What is a good number?** A guess without any network: give the mean training tile for each picture. The
# autoencoder must have a much smaller mean squared error than that.

# %%
autoencoder.compile(keras.optimizers.Adam(0.01), "mse")
autoencoder.fit(x_train, x_train, batch_size=16, epochs=sk.budget(quick=4, full=40), verbose=0)
back = keras.ops.convert_to_numpy(autoencoder(x_test))
error, of_mean = (np.mean((x_test - guess) ** 2) for guess in (back, x_train.mean(axis=0)))
print(f"mean tile: {of_mean:.2f}")
sk.expect(error < 0.02, "autoencoder: under 0.02, less than a quarter of that")

# %% [markdown]
# So 'Sequential is unsuited to encoder-decoders' is wrong for this one. Now a task that needs more.

# %% [markdown]
# ## 2. A task with detail: where is land?
#
# **Segmentation** gives a label to *every pixel*. Here the mask tells it: 1 is land, 0 is water. The measure
# is the **mean IoU** (intersection over union): for each class, the pixels that are in both truth and answer,
# divided by those in at least one of the two; then the mean of both classes. 100 % is perfect.
#
# What is a good number? Two rules without any picture processing: the more frequent class for all pixels,
# and a table that knows for each *colour* how often it is land. Many wrong pixels lie at the coast itself, so we measure
# the accuracy there, too.


# %%
def mean_iou(found, truth=y_test > 0.5):
    both, either = found & truth, found | truth
    return np.mean([both.sum() / either.sum(), (~either).sum() / (~both).sum()])


def at_the_coast(found, truth=y_test[..., 0] > 0.5):
    """Accuracy at pixels that have a neighbour of the other class."""
    edge = np.zeros(truth.shape, bool)
    for axis in (1, 2):
        jump = np.diff(truth.astype(int), axis=axis) != 0
        edge |= np.insert(jump, 0, False, axis) | np.insert(jump, jump.shape[axis], False, axis)
    return (found[..., 0] == truth)[edge].mean()


# %%
def colour(x):
    """A number for each pixel: red, green and blue in 24 steps each."""
    steps = np.minimum((x * 24).astype(int), 23)
    return steps @ [24 * 24, 24, 1]


seen = np.bincount(colour(x_train).ravel(), minlength=24**3)
land = np.bincount(colour(x_train).ravel(), y_train.ravel(), minlength=24**3)
by_colour = (land / np.maximum(seen, 1) > 0.5)[colour(x_test)][..., None]
always_land = np.ones_like(y_test, bool)
print(f"one class: {mean_iou(always_land):.0%}, by colour: {mean_iou(by_colour):.0%}")

# %% [markdown]
# Colour alone is strong here: water is blue. Keep this number in mind; it will tell us how much of the
# network's work a simple table does as well.

# %% [markdown]
# ## 3. It breaks: the skip of a U-Net in the list
#
# Going down, the network sees larger and larger parts, and loses the exact place. A **U-Net** (Ronneberger et
# al. 2015) brings it back: it joins the fine map from the way down with the coarse one on the way up. As
# a list, you may write this. Does it build?

# %%
mine = ...  # True or False

# %%
with sk.attempt() as in_the_list:
    keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            convolution(8),
            layers.MaxPooling2D(2),
            convolution(16),
            layers.UpSampling2D(2),
            layers.Concatenate(),  # with the map of 8 channels
            convolution(8),
            layers.Conv2D(1, 1, activation="sigmoid"),
        ]
    )

# %%
sk.guess(mine, not in_the_list.failed)

# %% [markdown]
# Keras asks for a *list of inputs*. `Concatenate` needs two tensors, and the chain hands it one. The right
# side of the drawing is what was meant.

# %% [markdown]
# ## 4. It breaks silently: the skip left out
#
# Without `Concatenate` it builds, trains, and gives a picture of the right size. Nothing looks wrong. What is
# missing? We ask with a **checkerboard**: pixels 0 and 1 in turn.


# %%
def down_and_up(skips, widths=(8, 16), deepest=32):
    """Two levels and a deepest one; with or without the skips."""
    inputs = keras.Input((32, 32, 3))
    x, kept = inputs, []
    for width in widths:
        x = convolution(width)(x)
        kept.append(x)  # the map before it is made smaller
        x = layers.MaxPooling2D(2)(x)
    x = convolution(deepest)(x)
    for width, fine in zip(reversed(widths), reversed(kept), strict=True):
        x = layers.UpSampling2D(2)(x)
        if skips:
            x = layers.Concatenate()([x, fine])
        x = convolution(width)(x)
    return keras.Model(inputs, layers.Conv2D(1, 1, activation="sigmoid")(x))


# %%
def flat_net():
    """One level as a list, without a skip."""
    return keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            convolution(8),
            layers.MaxPooling2D(2),
            convolution(16),
            layers.UpSampling2D(2),
            convolution(8),
            layers.Conv2D(1, 1, activation="sigmoid"),
        ]
    )


def contrast(model):
    """The largest difference in the middle of the answer to a checkerboard."""
    rows, columns = np.indices((32, 32))
    board = np.repeat(((rows + columns) % 2)[None, ..., None], 3, axis=-1).astype("float32")
    answer = keras.ops.convert_to_numpy(model(board))
    return np.ptp(answer[0, 14:18, 14:18])


# %%
mine = ...  # can the list without a skip tell the two kinds of pixels apart? True or False

# %%
sk.guess(mine, bool(contrast(flat_net()) > 1e-6))

# %% [markdown]
# No, *with any weights*: every 2 × 2 window of the pooling holds the same two numbers, so behind it the
# middle of the board is one flat area. Training cannot bring back what the layer has thrown away. This check takes no training. It finds a
# forgotten *outermost* skip in small nets with `MaxPooling2D` and `UpSampling2D`, not an inner one. In deeper
# nets the border reaches the middle, and strides or `Conv2DTranspose` break the pattern.

# %% [markdown]
# ## 5. The fix: keep the fine map under a name
#
# The function `down_and_up` above is the fix: the Functional API lets us keep each fine map in a list of our own
# and use it later. What does the *last* `Concatenate` join? From below come 16 channels, from the way down 8.

# %%
mine = (
    ...
)  # the shape behind the last Concatenate, without the batch axis: (rows, columns, channels)

# %%
unet = down_and_up(skips=True)
joins = [layer for layer in unet.layers if isinstance(layer, layers.Concatenate)]
sk.guess(mine, joins[-1].output.shape[1:])

# %%
sk.trace(unet)

# %%
sk.draw(unet)

# %% [markdown]
# Read the column *from*: each `Concatenate` reads two rows, the one above it and one from the way down. The
# sides of both must be equal; that is why the input should be divisible by 2 as often as we halve it.

# %%
sk.expect(contrast(unet) > 1e-6, "the U-Net tells the pixels of the checkerboard apart")
sk.expect(contrast(down_and_up(skips=False)) < 1e-6, "the same net without skips does not")

# %% [markdown]
# ## 6. Does it win? A fair comparison
#
# The joins make the following convolutions wider, so a U-Net has more parameters. To be fair, the net without
# skips gets more filters until both are equal within a few per cent. Same data, same optimizer, same
# epochs.

# %%
counts = [net.count_params() for net in (unet, down_and_up(False, (9, 18), 36))]
print("U-Net, without skips:", counts)
sk.expect(abs(counts[1] / counts[0] - 1) < 0.04, "the two differ by less than 4 %")

# %%
mine = ...  # will the U-Net have the higher mean IoU? True or False


# %%
def train(model):
    model.compile(keras.optimizers.Adam(0.003), "binary_crossentropy")
    epochs = sk.budget(quick=6, full=40)
    model.fit(x_train, y_train, batch_size=8, epochs=epochs, verbose=0)
    return keras.ops.convert_to_numpy(model(x_test)) > 0.5


sk.seed(0)
with_skips = train(down_and_up(True))
sk.seed(0)
without = train(down_and_up(False, (9, 18), 36))

# %%
sk.guess(mine, bool(mean_iou(with_skips) > mean_iou(without)))

# %% seqkit={"headline": "mean IoU: without skips {mean_iou(without):.1%}, U-Net {mean_iou(with_skips):.1%}"}
sk.expect(0.85 < mean_iou(without) < 0.92, "without skips: mean IoU between 85 and 92 %")
sk.expect(mean_iou(with_skips) > mean_iou(without) + 0.01, "the U-Net is over 1 point ahead")
coast = at_the_coast(with_skips) - at_the_coast(without)
sk.expect(coast > 0.03, "at the coast itself it is over 3 points ahead")

# %%
figure, axes = plt.subplots(3, 4, figsize=(6.4, 5))
for row, number in zip(axes, (3, 20, 40), strict=True):
    maps = (y_test, without, with_skips)
    row[0].imshow(x_test[number])
    for axis, shown in zip(row[1:], maps, strict=True):
        axis.imshow(shown[number, ..., 0], cmap="gray", vmin=0, vmax=1)
    for axis, title in zip(row, ("tile", "truth", "without skips", "U-Net"), strict=True):
        axis.set_title(title, fontsize=9)
        axis.axis("off")
figure.tight_layout()
sk.show(
    figure,
    alt="Three test tiles, their true masks, and two answers. The net without skips rounds the coast "
    "off; the U-Net follows more of the small bays and islands.",
)

# %% [markdown]
# The skips win, and where they should: at the coast. The seeds 0, 1 and 2 with six epochs, run outside of
# this notebook:
#
# | network | mean IoU | accuracy at the coast |
# |---|---|---|
# | without skips | 88 to 89 % | 66 to 68 % |
# | U-Net | 91 to 92 % | 73 to 76 % |
# | table of colours | 92 % | 77 % |
#
# Now the last row, which is honest and disappointing: after this short training the table of *colours* is as
# good as the U-Net. In one full run (40 epochs) it passed the table by a little, 92.4 to 92.0 %. Water is blue, so this task hardly needs to look at neighbours. A strong simple rule
# is part of every fair comparison. That the skips are worth something does not mean that the network was
# the best choice.

# %% [markdown]
# ## 7. From sequence to sequence: what a list can do
#
# Now a text goes in and a text comes out: a date as people write it, and the same date as `2009-05-03`. No
# free real set of this kind exists, so we make the dates ourselves: six forms, years 1970 to 2029. In
# `03.05.2009` the day comes first; `3 may 09` means 2009, and `3 may 75` means 1975. **Test dates are never training dates.**

# %%
import calendar
import datetime

MONTHS = [name.lower() for name in calendar.month_name[1:]]
WEEKDAYS = [name.lower() for name in calendar.day_abbr]


def as_people_write(year, month, day, weekday, form):
    name = MONTHS[month - 1]
    last = "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return (
        f"{day} {name} {year}",
        f"{name} {day}, {year}",
        f"{WEEKDAYS[weekday]} {day} {name[:3]} {year}",
        f"{name[:3]} {day}{last} {year}",
        f"{day:02}.{month:02}.{year}",
        f"{day} {name} {year % 100:02}",
    )[form]


# %%
first, generator = datetime.date(1970, 1, 1), np.random.default_rng(18)
days = [first + datetime.timedelta(int(number)) for number in generator.permutation(21_915)]
forms = generator.integers(0, 6, len(days))
written = [
    as_people_write(day.year, day.month, day.day, day.weekday(), form)
    for day, form in zip(days, forms, strict=True)
]
for number in range(6):
    print(f"{written[number]:20} -> {days[number].isoformat()}")

# %% [markdown]
# Each character becomes a number; from here on we call it a **sign**. All sources are filled with spaces to
# 18 signs. `^` is a sign of ours; section 8 explains why.

# %%
LETTERS, SIGNS = " abcdefghijklmnopqrstuvwxyz0123456789,.", "^0123456789-"


def encode(texts, alphabet, width):
    return np.array([[alphabet.index(sign) for sign in text.ljust(width)] for text in texts])


source = encode(written, LETTERS, 18).astype("int32")
answer = encode([day.isoformat() for day in days], SIGNS, 10).astype("int32")
n, date_epochs = sk.budget(quick=(4_000, 4), full=(12_000, 12))
learn, test = slice(n), slice(len(days) - 500, None)
print(source[learn].shape, "->", answer[learn].shape, "and", len(source[test]), "test dates")

# %% [markdown]
# In a Sequential: the encoder reads the source and keeps one vector, `RepeatVector` copies it ten times,
# and a second recurrent layer writes ten signs. `TimeDistributed` calls its layer at each place. Does it
# build?

# %%
mine = ...  # True or False


# %%
def build_stand_in(cell=layers.GRU, units=60):
    return keras.Sequential(
        [
            keras.Input((18,)),
            layers.Embedding(len(LETTERS), 32),
            cell(units),
            layers.RepeatVector(10),
            cell(units, return_sequences=True),
            layers.TimeDistributed(layers.Dense(64, activation="relu")),
            layers.TimeDistributed(layers.Dense(len(SIGNS), activation="softmax")),
        ]
    )


tried = sk.attempt(build_stand_in, layers.LSTM)
sk.guess(mine, not tried.failed)

# %%
sk.trace(build_stand_in())

# %% [markdown]
# This **stand-in** builds with LSTM and with GRU, and you will see that it learns. But look at what its decoder gets:
# *the same vector ten times*. It cannot look back at the source, and it never sees which sign it has
# written itself. Can a list give it more?

# %%
with sk.attempt():
    keras.Sequential(
        [
            keras.Input((18,)),
            layers.Embedding(len(LETTERS), 32),
            layers.GRU(64, return_sequences=True, return_state=True),  # outputs and last state
            layers.GRU(64, return_sequences=True),
            layers.Dense(len(SIGNS), activation="softmax"),
        ]
    )

# %% [markdown]
# With `return_state=True` the encoder gives two tensors, and the next layer of a list takes one. The code on
# the card above builds, but it leaves the state out. The second way, `Attention()` in the list, fails as
# well: it asks for *query and value*.

# %%
stack = [keras.Input((18, 32)), layers.GRU(64, return_sequences=True), layers.Attention()]
tried = sk.attempt(keras.Sequential, stack)
sk.expect("must be called on a list of inputs" in str(tried.error), "Attention refuses one tensor")

# %% [markdown]
# ## 8. The fix: a decoder with three sources
#
# The decoder has
#
# 1. the encoder's last **state** as its first state;
# 2. its **own output**: the sign that it wrote last;
# 3. **attention**: at each step it compares its state with all 18 outputs of the encoder and takes a
#    weighted mean of them (lesson 16). The weights say where it looks.
#
# For training, source 2 is the *true* answer, one place later, with `^` in front. This is **teacher forcing**:
# at place 3 the decoder is told what the right signs at 1 and 2 were, even if it would have written
# others.

# %%
mine = ...  # the answer is "2009-05-03". What are the ten signs of the shifted answer? A text.

# %%
shifted = np.pad(answer, ((0, 0), (1, 0)))[:, :-1]
print("first date:", "".join(SIGNS[sign] for sign in shifted[0]), "->", days[0].isoformat())
sk.guess(mine, "^2009-05-0")


# %%
def translator(units=64):
    text, before = keras.Input((18,), name="text"), keras.Input((10,), name="before")
    x = layers.Embedding(len(LETTERS), 32)(text)
    heard, state = layers.GRU(units, return_sequences=True, return_state=True)(x)
    x = layers.Embedding(len(SIGNS), 16)(before)
    x = layers.GRU(units, return_sequences=True)(x, initial_state=state)
    looked, weights = layers.Attention()([x, heard], return_attention_scores=True)
    x = layers.Dense(64, activation="relu")(layers.Concatenate()([x, looked]))
    outputs = layers.Dense(len(SIGNS), activation="softmax")(x)
    return keras.Model([text, before], outputs), keras.Model([text, before], weights)


# %%
sk.seed(0)
model, looks_at = translator()  # two models, one set of layers: `looks_at` gives the weights
sk.draw(model)

# %% [markdown]
# A danger: does the decoder look at signs that come later? Then it would simply copy. Change one sign of
# one shifted answer and see which outputs move. (Section 12 tries every place.)

# %%
mine = ...  # the sign at place 4 (counted from 0) is changed. Which is the first output that moves?

# %%
changed = shifted[:1].copy()
changed[0, 4] = (changed[0, 4] + 1) % len(SIGNS)
shares = keras.ops.convert_to_numpy(
    model([np.repeat(source[:1], 2, 0), np.concatenate([shifted[:1], changed])])
)
moved = np.abs(shares[0] - shares[1]).max(axis=-1) > 1e-6
sk.guess(mine, int(np.argmax(moved)))

# %% [markdown]
# ## 9. Train both, and translate without help
#
# **What is a good number?** We count a date only if *all ten signs* are right. Guessing gives 0 %. It is compared
# with the Sequential stand-in: about the same parameters, the same training. We ask the
# translator for **90 %** of unseen dates.
#
# The learning rate falls to zero along a cosine: large steps first, small ones at the end.


# %%
def learn_dates(net, inputs):
    steps = date_epochs * (n // 64)
    rate = keras.optimizers.schedules.CosineDecay(0.01, steps)
    net.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    net.fit(inputs, answer[learn], batch_size=64, epochs=date_epochs, verbose=0)


stand_in = build_stand_in()
print("translator, stand-in:", model.count_params(), stand_in.count_params())
learn_dates(model, [source[learn], shifted[learn]])
sk.seed(0)
learn_dates(stand_in, source[learn])

# %% [markdown]
# For the score there is no teacher. We start with `^`, take the most likely sign, write it into the input,
# and go on: **greedy decoding**. A mistake at one place is then read at all later ones. So fewer *single signs*
# may be right than with the teacher. For *all ten right* both ways agree: up to the first mistake both read the
# same signs.


# %%
def translate(rows):
    own = np.zeros((len(rows), 11), "int32")  # 0 is the sign ^
    for place in range(10):
        shares = keras.ops.convert_to_numpy(model([rows, own[:, :-1]]))
        own[:, place + 1] = shares[:, place].argmax(axis=-1)
    return own[:, 1:]


own = translate(source[test])
of_stand_in = keras.ops.convert_to_numpy(stand_in(source[test])).argmax(axis=-1)
exact, its_exact = ((found == answer[test]).all(axis=1).mean() for found in (own, of_stand_in))

# %%
mine = ...  # at least 90 of 100 unseen dates exactly right? True or False

# %%
sk.expect(exact >= 0.9, "the translator: at least 90 % of unseen dates, all ten signs right")
if sk.budget() == "quick":
    sk.expect(its_exact < 0.4, "the stand-in, after so few steps: less than 40 %")
sk.guess(mine, bool(exact >= 0.9))

# %%
texts = ("3 may 2009", "sun 1 mar 1998", "february 29, 2024", "31.12.1999", "september 17, 1984")
rows = encode(texts, LETTERS, 18).astype("int32")
signs = translate(rows)
for text, row in zip(texts, signs, strict=True):
    print(f"{text:20} ->", "".join(SIGNS[sign] for sign in row))

# %% [markdown]
# In our run it was 99 % against 4 % (on JAX, whose random numbers are others, 93 % against 1 %). But the stand-in is not stupid, and one vector is enough for a date: in a
# full run (12,000 dates, 12 epochs) it got all 500 test dates right, too. It only learns far more slowly.
# Two likely reasons: it cannot look back at the source, and its decoder has to count for itself which sign
# comes next. Outside of this notebook, with 4,000 dates:
#
# | network | parameters | epochs | exactly right |
# |---|---|---|---|
# | translator, seeds 0 to 2 | 45,036 | 6 | 98.8 to 99.8 % |
# | stand-in, 60 units, seeds 0 and 1 | 44,812 | 6 | 5 to 23 % |
# | stand-in, 72 units, one seed | 61,132 | 8 | 82 % |

# %% [markdown]
# ## 10. Where does it look?
#
# `looks_at` gives the attention weights: for each of the ten signs that are written, how much of each of the
# 18 outputs of the encoder is taken. Each row sums to 1.

# %%
text, row, signs = texts[-1], rows[-1:], signs[-1:]
before = np.pad(signs, ((0, 0), (1, 0)))[:, :-1]
weights = keras.ops.convert_to_numpy(looks_at([row, before]))[0]
sk.expect(np.allclose(weights.sum(axis=-1), 1, atol=1e-4), "the weights of each sign sum to 1")
centre = weights @ np.arange(18)  # the mean place that each sign looks at
sk.expect(centre[8:].mean() < centre[2:4].mean(), "for the day it looks further left than for 84")

# %%
figure, axis = plt.subplots(figsize=(6.4, 3.8))
picture = axis.imshow(weights, cmap="viridis", vmin=0, vmax=1)
axis.set_xticks(range(18), list(text.replace(" ", "␣")))
axis.set_yticks(range(10), [SIGNS[sign] for sign in signs[0]])
axis.set(xlabel="the source", ylabel="the answer, from top to bottom")
figure.colorbar(picture, label="attention weight")
sk.show(
    figure,
    alt="Attention map for 'september 17, 1984': ten rows for the written signs, 18 columns for the "
    "letters of the source. The signs 8 and 4 look at the right end, the 9 of the month near the "
    "left end, the day at 17.",
)

# %% [markdown]
# Nobody told the network where to look; it was only told the right answers. In our run the 9 of the month
# looks at the *p* of *sep*, the day at 1 and 7, and the end of the year at 8 and 4: it jumps to the right end
# first and then back. In another run some of the rows will look elsewhere.
#
# Read such maps with care, too. The first sign, the 1 of 1984, looks at the *blank* before the year, and the 0
# of the month at a digit of the year. A weight says where information was *taken*, not where it *was*: the
# encoder's output at a place knows all letters before it, and the state helps as well.

# %% [markdown]
# ## 11. The way round inside a Sequential, and its price
#
# Can a layer carry the fine map along the chain, by returning `[x, skip]`? Every layer that takes one
# tensor, such as a pooling, refuses two:


# %%
class WithSkip(layers.Layer):
    def call(self, x):
        return [x, x]


stack = [keras.Input((32, 32, 3)), WithSkip(), layers.MaxPooling2D(2), layers.Concatenate()]
tried = sk.attempt(keras.Sequential, stack)
sk.expect("expects 1 input" in str(tried.error), "the pooling takes one tensor")

# %% [markdown]
# What works: a layer of your own that holds everything *below* a skip. Then the U is a list in a list.


# %%
class Around(layers.Layer):
    """Run the inner layers, and join their result with the input."""

    def __init__(self, inner, **kwargs):
        super().__init__(**kwargs)
        self.inner = keras.Sequential(inner)

    def build(self, shape):
        self.inner.build(shape)

    def call(self, x):
        return keras.ops.concatenate([self.inner(x), x], axis=-1)


deepest = [layers.MaxPooling2D(2), convolution(32), layers.UpSampling2D(2)]
second = [layers.MaxPooling2D(2), convolution(16), Around(deepest), convolution(16)]
nested = keras.Sequential(
    [
        keras.Input((32, 32, 3)),
        convolution(8),
        Around([*second, layers.UpSampling2D(2)]),
        convolution(8),
        layers.Conv2D(1, 1, activation="sigmoid"),
    ]
)

# %%
mine = ...  # how many parameters more or less than the U-Net of section 5?

# %%
sk.guess(mine, nested.count_params() - unet.count_params())

# %%
nested.set_weights(unet.get_weights())
gap = np.abs(keras.ops.convert_to_numpy(nested(x_test[:4]) - unet(x_test[:4]))).max()
sk.expect(gap < 1e-4, "with the same weights it computes the same as the U-Net")
sk.expect(contrast(nested) > 1e-6, "and it sees the checkerboard")
sk.draw(nested)

# %% [markdown]
# So a Sequential *can* hold a U-Net. The price: the picture shows four boxes, the levels are hidden from
# `summary()`, you need code to save it (lesson 15), and few people can read a list in a list in a list.
#
# For the translator the price is higher: a layer of your own must hold the *whole* network, and both inputs must be
# joined into one row of 18 + 10 numbers. The Sequential around it is an empty shell. Here for a small one, 6 + 4;
# `Translator` is in `seqkit/limits/seq2seq.py`:

# %%
print(sk.limits.get("seq2seq").workaround_source)

# %% [markdown]
# ## 12. The claim and the evidence
#
# You will read that *a Sequential is unsuited to encoder-decoders: translators, autoencoders with connections in
# the middle, U-Nets*. The course keeps the evidence and runs it again on your version of Keras:

# %%
sk.limits.get("unet").verify(train=False)

# %%
sk.limits.get("seq2seq").verify(train=False)

# %%
sk.claims.table(lesson=18)

# %% [markdown]
# The claim holds for the skips, the states and the decoder's own output. It does not hold for a plain autoencoder,
# nor for `RepeatVector`, and a layer of your own is a way round.

# %% [markdown]
# ## Check yourself

# %% seqkit={"role": "check"}
from seqkit.exercises.quick import Choice

Choice(
    "Which of these is a plain Sequential, with built-in layers only?",
    {"a": "A U-Net", "b": "A convolutional autoencoder", "c": "A translator with attention"},
    correct="b",
    feedback={
        "a": "Its joins need a second tensor from the way down.",
        "b": "Yes. Each layer needs only what the one before it gives.",
        "c": "Its decoder needs the state, the encoder's outputs and its own output.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "In a U-Net, UpSampling2D gives (16, 16, 32) and the map of the way down is (16, 16, 16). What does "
    "Concatenate give?",
    {"a": "(16, 16, 48)", "b": "(32, 32, 48)", "c": "It fails: 32 and 16 are different"},
    correct="a",
    feedback={
        "a": "Yes: the sides stay, the channels are put side by side.",
        "b": "The sides were doubled before; Concatenate keeps them.",
        "c": "Add would fail. Concatenate needs equal sides, not equal channels.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "In a translator 95 % of the signs are right with teacher forcing, and 80 % of the signs when it "
    "reads its own output. Which number tells how well it translates?",
    {
        "a": "95 %: it is the one of the training.",
        "b": "80 %: nobody knows the true answer when it is used.",
        "c": "The mean of both.",
    },
    correct="b",
    feedback={
        "a": "With teacher forcing it is told the right signs up to each place. In use it is not.",
        "b": "Yes. A mistake is read by all later steps; only greedy decoding shows that.",
        "c": "One of them answers another question: they cannot be averaged.",
    },
).ask()

# %% [markdown]
# ## What to remember
#
# - A plain autoencoder and LSTM → RepeatVector → LSTM are lists, and work.
# - A U-Net joins equal sides: what comes from below, and the map kept on the way down.
# - A forgotten skip gives no error. In a small net the checkerboard finds an outermost one without training.
# - A decoder reads the state, its own output (shifted by one) and, by attention, the source.
# - Score a translator with its own output: with the teacher's, single signs look too good.
#
# | symptom | cause | fix |
# |---|---|---|
# | *`Concatenate` layer should be called on a list* | the skip in the list | `Concatenate()([x, fine])` |
# | right size, but coarse borders | a skip left out | small net: test with a checkerboard |
# | *expects 1 input(s), but it received 2* | `return_state=True` in a list | `initial_state=state` |
# | *Attention layer must be called on a list* | `Attention()` in the list | `Attention()([x, heard])` |
# | loss near zero, nonsense when used | the answer is not shifted | put `^` in front, drop the last sign |

# %% [markdown]
# ## Next
#
# - [Exercise 18](../exercises/18_encoder_decoder.ipynb): joins, shifts, and a repair.
# - [Lesson 19](19_decisions.ipynb): networks that decide while they run.
#
# Read on: Ronneberger, Fischer and Brox (2015), *U-Net*; Sutskever, Vinyals and Le (2014), *Sequence to
# sequence learning with neural networks*; Bahdanau, Cho and Bengio (2015), *Neural machine translation by
# jointly learning to align and translate*; the Keras guide
# [The Functional API](https://keras.io/guides/functional_api/).
