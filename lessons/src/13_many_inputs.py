# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 13 · Give a model two inputs
#
# A work of art has a title and an artist, a product has a picture and a price. A list of layers has
# one entrance. In this lesson you see what happens to the second input: sometimes Keras refuses it,
# and sometimes it is lost without an error.
#
# {{badges}}
#
# *50 minutes · needs lessons 02, 05 and 12 · trains for about a minute on a CPU*

# %% [markdown]
# ## You will be able to
#
# - say which ways of passing two inputs to a Sequential fail, which one loses an input silently, and
#   what the ways round cost;
# - prove that an input is used, or that it is lost;
# - work out the shapes and parameters of a model with two roads, and build a Functional model with one
#   road for each input;
# - measure by ablation what each input is worth;
# - share one encoder between two inputs, and say why a list cannot.

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
# ## 1. Two things are known of each work
#
# The Tate, a museum in London, has published a list of its works. We know the **title** of a work and
# some **metadata** (data about it): its year and its artist. The question is what *kind* of work it is.

# %%
art = sk.data.load("tate_art")
art

# %%
for row in art.train_rows[[0, 3, 5, 8, 11, 14]]:
    title, artist = art.columns["title"][row], art.columns["artist"][row]
    print(f"{art.classes[art.y[row]]:9} {title[:36]:37} {artist[:24]}")

# %% [markdown]
# The metadata are numbers already: 288 columns, the year and a 1 in the column of the artist. The
# titles are text. We give each word that occurs in two or more titles a number, as in lesson 05. Number
# 0 fills short titles up, and number 1 stands for every other word.

# %%
import re
from collections import Counter

LENGTH = 12  # words of a title that we keep


def words(title):
    return re.findall(r"\w+", title.lower())


counts = Counter(word for title in art.x_train["title"] for word in set(words(title)))
known = sorted(word for word, count in counts.items() if count > 1)
number_of = {word: number for number, word in enumerate(known, start=2)}
WORDS = len(known) + 2


# %%
def as_numbers(titles):
    rows = np.zeros((len(titles), LENGTH), "int32")
    for row, title in zip(rows, titles, strict=True):
        numbers = [number_of.get(word, 1) for word in words(title)][:LENGTH] or [1]
        row[: len(numbers)] = numbers
    return rows


# %%
mine = ...  # the shape of the titles as numbers, for 3,427 works

# %%
titles, test_titles = as_numbers(art.x_train["title"]), as_numbers(art.x_test["title"])
metadata, test_metadata = art.x_train["metadata"], art.x_test["metadata"]
kinds, test_kinds = art.y_train, art.y_test
sk.guess(mine, titles.shape)

# %% [markdown]
# **What is a good score?** Decide before you train. More than half of the works are prints, so a program
# that always says 'print' is right quite often:

# %%
majority = np.mean(test_kinds == np.bincount(kinds).argmax())
print(f"always 'print': {majority:.0%} of the test works are right")

# %% [markdown]
# That is the lowest mark. The real rivals are two networks with *one* input each. A second input is
# worth something only if both together are better than the **better one alone**. When we built this
# lesson, simple linear models reached about 64 % with the title, 73 % with the metadata and 77 % with
# both. So: about 76 % or more, and **at least one point above the better input alone**, is good.

# %% [markdown]
# ## 2. It breaks: two inputs in the list
#
# The first idea of most people: a list has an `Input` at its top, so put a second one where the
# second input should join.

# %%
mine = ...  # does it build? True or False

# %%
with sk.attempt() as two_inputs:
    keras.Sequential(
        [
            keras.Input((LENGTH,), name="title"),
            layers.Embedding(WORDS, 32),
            layers.GlobalAveragePooling1D(),
            keras.Input((288,), name="metadata"),
            layers.Dense(6, activation="softmax"),
        ]
    )

# %%
sk.guess(mine, not two_inputs.failed)

# %% [markdown]
# Look at the picture in the card. On the left is what the list says: one road, and at the second `Input`
# it ends. On the right is what was meant: two roads that meet. Remember the loop of lesson 02,
# `x = layer(x)`. There is one `x`.
#
# The second idea: the layer that joins two things is called `Concatenate`, so put that into the list.

# %%
with sk.attempt() as concatenate:
    keras.Sequential(
        [
            keras.Input((LENGTH,), name="title"),
            layers.Embedding(WORDS, 32),
            layers.GlobalAveragePooling1D(),
            layers.Concatenate(),  # join with the metadata
            layers.Dense(6, activation="softmax"),
        ]
    )

# %% [markdown]
# Look at what the explanation guesses: a join with an *earlier output*, as in lesson 12. It cannot know
# better. Nothing in this list says that metadata exist.

# %% [markdown]
# ## 3. It breaks: two arrays in `fit`
#
# Perhaps the list is not the place. Build a Sequential for the titles, and pass the metadata later, in
# `fit`. First as a dict, with names. (`mask_zero=True` tells the next layers that number 0 is no word.
# `Dropout(0.5)` sets half of the numbers to 0 while it trains, against over-fitting; it has no weights.)


# %%
def title_stack(name=None):
    return [
        keras.Input((LENGTH,), dtype="int32", name=name),
        layers.Embedding(WORDS, 32, mask_zero=True),
        layers.GlobalAveragePooling1D(),
        layers.Dropout(0.5),
        layers.Dense(6, activation="softmax"),
    ]


def compiled(model):
    model.compile(
        optimizer=keras.optimizers.Adam(0.01),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


# %%
with sk.attempt() as by_name:
    model = compiled(keras.Sequential(title_stack()))
    model.fit({"title": titles, "metadata": metadata}, kinds, verbose=0)

# %% [markdown]
# Loud, and that is good: you know at once. Now as a list, which is how many programs pass several
# arrays. Will Keras refuse this, too?

# %%
mine = ...  # does fit fail? True or False


# %%
def train(model, inputs):
    """Train until the validation part gets no better, and keep the best weights."""
    stop = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)
    settings = {"validation_split": 0.15, "batch_size": 128, "verbose": 0}
    compiled(model).fit(inputs, kinds, epochs=20, callbacks=[stop], **settings)


# %%
sk.seed(0)
silent = keras.Sequential(title_stack())
with sk.attempt() as two_arrays:
    train(silent, [titles, metadata])

# %%
loss = silent.history.history["loss"]
sk.expect(loss[-1] < loss[0], "the loss fell")
sk.guess(mine, two_arrays.failed)

# %% [markdown]
# **Nothing failed.** The training ran to its end, the loss fell, and the model gives answers. There was
# one warning, which this course has caught for you and explained. In a long log it is easy to miss, and
# Python shows the same warning only once.
#
# And the dict is safe only by luck. Give the one `Input` the name of one entry, which is good style, and
# the dict is no longer refused either (the entry with that name is used, the others are lost):

# %%
named = keras.Sequential(title_stack(name="title"))
tried = sk.attempt(named, {"title": test_titles, "metadata": test_metadata})
sk.expect(not tried.failed, "with an Input of the name 'title', the dict is accepted as well")
sk.expect(bool(tried.warned), "there is only a warning")

# %% [markdown]
# ## 4. Prove that the second input is lost
#
# Do not believe a warning, and do not believe us. There are three ways to find out whether a model
# uses an input. The first works for every model; the other two have a limit, which we name. A small
# helper asks the model and keeps the warning quiet:


# %%
def answers(model, inputs):
    return keras.ops.convert_to_numpy(sk.attempt(model, inputs).value)


# %% [markdown]
# **Shuffle it.** Give each test work the metadata of another work. If the model uses the metadata, some
# of its answers must change.

# %%
mine = ...  # how many of the 857 test works get another answer (other probabilities)?

# %%
shuffled = np.random.default_rng(0).permutation(test_metadata)
before = answers(silent, [test_titles, test_metadata])
after = answers(silent, [test_titles, shuffled])
sk.guess(mine, int(np.sum((before != after).any(axis=1))))

# %% [markdown]
# **Change it a little.** The gradient of an answer with respect to an input says how much the answer
# moves when the input moves. Where the gradient is 0 for every number of an input, the input has no
# influence. Lesson 01 measured a gradient by a small step. We do the same here: 288 copies of one work,
# and in each copy another column of the metadata moves by 0.01. (A small step makes sense for numbers such
# as the year. It says nothing of the words: half a word number does not exist.)


# %%
def slopes(model, step=0.01):
    """How far the answer to one work moves when one column of its metadata moves."""
    title = np.repeat(test_titles[:1], 288, axis=0)
    facts = np.repeat(test_metadata[:1], 288, axis=0)
    moved = facts + step * np.eye(288, dtype="float32")  # row k moves column k
    gap = answers(model, [title, moved]) - answers(model, [title, facts])
    return np.abs(gap).max(axis=1) / step


# %%
mine = ...  # for how many of the 288 columns is the slope of the silent model not 0?

# %%
lost = slopes(silent)
sk.guess(mine, int(np.count_nonzero(lost)))

# %% [markdown]
# **Look for its weights.** A Dense layer has a row of weights for each column that it gets, so the layer
# that learns from the metadata has 288 rows, or more if it gets other columns as well. The 1,269 rows
# below belong to the words.

# %%
print([tuple(weight.shape) for weight in silent.weights])
rows = [weight.shape[0] for weight in silent.weights if len(weight.shape) == 2]
sk.expect(not any(288 <= count != WORDS for count in rows), "no array has rows for the metadata")

# %% [markdown]
# Three times the same finding: the metadata went into `fit` and ended there. Keras matched the arrays
# with the entrances, found one entrance, took the first array and dropped the rest.

# %% [markdown]
# ## 5. What was meant: two roads that meet
#
# In the **Functional API** every tensor has a name, so there may be several. Each input gets a road
# that fits its kind: words go through an embedding, numbers through a Dense layer. Then `Concatenate`
# puts the two ends side by side.


# %%
def two_roads():
    title = keras.Input((LENGTH,), dtype="int32", name="title")
    facts = keras.Input((288,), name="metadata")
    title_road = layers.Embedding(WORDS, 32, mask_zero=True)(title)
    title_road = layers.GlobalAveragePooling1D()(title_road)
    facts_road = layers.Dense(128, activation="relu")(facts)
    x = layers.Concatenate()([title_road, facts_road])
    x = layers.Dropout(0.5)(x)
    kind = layers.Dense(6, activation="softmax")(x)
    return keras.Model([title, facts], kind)


# %% [markdown]
# Two predictions before you run it. Which shape has the output of `Concatenate`? And how many parameters
# has the last layer, which sees it?

# %%
mine = ...  # the shape after Concatenate
my_count = ...  # the parameters of the last Dense layer

# %%
model = two_roads()
trace = sk.trace(model)
joined = next(row for row in trace.rows if row.kind == "Concatenate")
sk.guess(mine, joined.output_shape)

# %%
sk.guess(my_count, model.layers[-1].count_params())

# %%
trace

# %%
sk.draw(model)

# %% [markdown]
# 32 + 128 = 160 numbers arrive, so the last layer has 160·6 + 6 = 966 parameters. The roads need not
# have the same length, and not even the same kind of data: that is the point of having roads.
#
# (`NotEqual` is the work of `mask_zero=True`. It tells the pooling which numbers are words and which 0
# only fills up, so that the mean is taken over real words.)

# %% [markdown]
# ## 6. Is the second input worth it?
#
# Three networks, the same training for each: title alone, metadata alone, both. The two with one input
# are plain lists. One run may be lucky, so each is trained with three seeds.


# %%
def metadata_stack():
    return [
        keras.Input((288,)),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(6, activation="softmax"),
    ]


rivals = {
    "title alone": (lambda: keras.Sequential(title_stack()), titles, test_titles),
    "metadata alone": (lambda: keras.Sequential(metadata_stack()), metadata, test_metadata),
    "both": (two_roads, [titles, metadata], [test_titles, test_metadata]),
}


# %%
def accuracy(model, inputs, truth=test_kinds):
    return np.mean(answers(model, inputs).argmax(axis=1) == truth)


scores = {name: [] for name in rivals}
for seed in range(sk.budget(quick=3, full=10)):
    for name, (build, inputs, test_inputs) in rivals.items():
        sk.seed(seed)
        model = build()
        train(model, inputs)
        scores[name].append(accuracy(model, test_inputs))
both = model  # the last one that was trained

# %%
figure, axis = plt.subplots(figsize=(7, 2.6))
for place, values in enumerate(scores.values()):
    axis.barh(place, np.mean(values), color="#56B4E9", edgecolor="black")
    axis.plot(values, [place] * len(values), "k|", markersize=18)
    axis.text(0.01, place, f"mean {np.mean(values):.1%}", va="center", color="black")
axis.axvline(majority, color="black", linestyle="--")
axis.set(xlim=(0, 1), xlabel="share of right answers (dashed: always 'print')")
axis.set_yticks(range(3), scores)
axis.invert_yaxis()
sk.show(
    figure,
    alt="Bars of test accuracy: title alone is a little above always 'print', metadata alone is "
    "more than ten points higher, both together are about two points higher again.",
)

# %%
mean = {name: np.mean(values) for name, values in scores.items()}
sk.expect(mean["title alone"] > majority + 0.02, "the title alone beats 'always print'")
sk.expect(mean["metadata alone"] > mean["title alone"] + 0.06, "the metadata say more, by far")
sk.expect(mean["both"] > mean["metadata alone"] + 0.01, "both beat the better one by over a point")

# %% [markdown]
# The strokes are single runs. On these 857 works the gain of the second input is about two points. We
# also tried three other ways to divide the works into training and test: the gain was between one and
# four points. That is a real gain and not a miracle. The artist already says much of what the title says.
#
# One caution: sheets of one series share title and artist, and may lie on both sides of the test. We
# looked at the test works whose title and artist do not occur together in the training. Each of the three
# networks names 7 to 12 points fewer of them, and the gain stays about the same. So the comparison holds,
# but the bars are too long for a museum that wants to sort *new* series.
#
# And the silent model of section 3, which was *given* both inputs?

# %%
mine = ...  # to which of the three is it nearest: "title alone", "metadata alone" or "both"?

# %%
silent_score = accuracy(silent, [test_titles, test_metadata])
nearest = min(mean, key=lambda name: abs(mean[name] - silent_score))
sk.guess(mine, nearest)

# %% seqkit={"headline": "kinds of works: both inputs {mean['both']:.1%}, one lost in silence {silent_score:.1%}"}
sk.expect(silent_score < mean["both"] - 0.08, "the silent loss costs more than eight points")

# %% [markdown]
# ## 7. Ablation: what is each input worth to this model?
#
# An **ablation** takes one part away and measures the damage. We take the trained network with two
# inputs and shuffle one of them over the test works, so that it says nothing true any more.

# %%
mine = ...  # which shuffle does more damage: "title" or "metadata"?

# %%
order = np.random.default_rng(1).permutation(len(test_kinds))
whole = accuracy(both, [test_titles, test_metadata])
damage = {
    "title": whole - accuracy(both, [test_titles[order], test_metadata]),
    "metadata": whole - accuracy(both, [test_titles, test_metadata[order]]),
}
sk.guess(mine, max(damage, key=damage.get))

# %%
sk.expect(damage["title"] > 0.03, "without true titles it loses more than 3 points")
sk.expect(damage["metadata"] > 0.08, "without true metadata it loses more than 8 points")
sk.expect(np.count_nonzero(slopes(both)) > 200, "most of the 288 columns now have a slope")

# %% [markdown]
# Two of the tests of section 4, and the opposite result: this network listens to both. Run the first one
# on every model with several inputs. It takes a minute and finds the silent loss, whatever its reason.
#
# **Pass inputs by name.** Names protect you from another mistake, two arrays in the wrong order. Here
# Keras would refuse them, because 12 columns are not 288; with two inputs of one shape the mistake is
# silent. The order of a dict does not matter:

# %%
by_list = answers(both, [test_titles, test_metadata])
by_dict = answers(both, {"metadata": test_metadata, "title": test_titles})
sk.expect(np.allclose(by_list, by_dict), "the names decide, not the order")

# %% [markdown]
# ## 8. Image + image: one encoder for two inputs
#
# Do two pictures show the same digit? Now both inputs are of the same kind. A network that turns a
# picture into a short row of numbers, its **code**, is called an **encoder**; a model with two of them
# side by side is a **dual encoder**. If both are *the same layers with the same weights*, they are
# **shared**, and the model is a Siamese network (Bromley et al. 1993). Lesson 17 goes deeper.
#
# First the pairs. One half shows the same digit, the other half does not. Seven combinations of digits are
# kept apart: those that differ by 3, such as 0 with 3 or 6 with 9. They do not occur together in the training
# pairs, nor in the first test. In the second test, `new_pairs`, *every* pair of different digits is one of these
# seven; the other half are again pairs of one digit.

# %%
digits = sk.data.load("mnist")


def pairs(pictures, labels, count, seed, kept_apart=False):
    generator = np.random.default_rng(seed)
    left = generator.integers(len(labels), size=count)
    right = np.zeros_like(left)
    for row in range(count):
        apart = np.abs(labels.astype(int) - labels[left[row]])
        different = apart == 3 if kept_apart else (apart != 0) & (apart != 3)
        right[row] = generator.choice(np.flatnonzero(apart == 0 if row % 2 == 0 else different))
    pictures = pictures[..., None].astype("float32") / 255
    return [pictures[left], pictures[right]], (labels[left] == labels[right]).astype("float32")


train_pairs, same = pairs(digits.x_train, digits.y_train, 6000, seed=0)
test_pairs, test_same = pairs(digits.x_test, digits.y_test, 2000, seed=1)
new_pairs, new_same = pairs(digits.x_test, digits.y_test, 2000, seed=2, kept_apart=True)

# %%
figure, axes = plt.subplots(2, 8, figsize=(9, 2.6))
for column in range(8):
    for row in range(2):
        axes[row, column].imshow(train_pairs[row][column, :, :, 0], cmap="gray_r")
        axes[row, column].axis("off")
    axes[0, column].set_title("same" if same[column] else "different", fontsize=9)
sk.show(
    figure, alt="Eight pairs of handwritten digits, by turns the same digit and different ones."
)

# %% [markdown]
# **What is a good score?** Guessing gives 50 %. A simple rival compares the pixels: it says 'same' when
# the squared difference is below a limit, and takes the limit that is best on the training pairs.


# %%
def difference(pair):
    return ((pair[0] - pair[1]) ** 2).mean(axis=(1, 2, 3))


limits = np.quantile(difference(train_pairs), np.linspace(0.05, 0.95, 37))  # 37 limits to try
best = max(limits, key=lambda limit: np.mean((difference(train_pairs) < limit) == same))
pixels = np.mean((difference(test_pairs) < best) == test_same)
print(f"pixel by pixel: {pixels:.0%} of the test pairs are right")

# %% [markdown]
# So a good score is well above 70 %. Our network compares codes of 32 numbers in place of 784 pixels. The
# encoder is a plain Sequential, and it is *called twice*. Then we subtract the two codes and square the
# difference: a − b depends on the order, (a − b)² does not. The last layer turns the 32 squares into one
# number between 0 and 1 (`sigmoid`), the probability of 'same'; the loss for such a yes-or-no answer is
# `binary_crossentropy`.


# %%
def encoder_layers(codes=32):
    return [
        layers.Conv2D(16, 3, strides=2, activation="relu"),
        layers.Conv2D(32, 3, strides=2, activation="relu"),
        layers.Flatten(),
        layers.Dense(codes),
    ]


sk.seed(0)
encoder = keras.Sequential([keras.Input((28, 28, 1)), *encoder_layers()], name="encoder")
left, right = keras.Input((28, 28, 1), name="left"), keras.Input((28, 28, 1), name="right")
gap = layers.Subtract()([encoder(left), encoder(right)])
squared = layers.Multiply()([gap, gap])
siamese = keras.Model([left, right], layers.Dense(1, activation="sigmoid")(squared))

# %%
sk.draw(siamese)

# %% [markdown]
# The encoder has 41,696 parameters and the last layer 33. How many would the model have if each picture
# had an encoder of its own?

# %%
mine = ...  # parameters with two separate encoders

# %%
print("shared:", f"{siamese.count_params():,}")
sk.guess(mine, 2 * encoder.count_params() + 33)


# %% seqkit={"headline": "pairs: pixels {pixels:.1%}, Siamese {siamese_score:.1%}"}
def train_pairwise(model, inputs):
    model.compile(keras.optimizers.Adam(0.002), "binary_crossentropy")
    model.fit(inputs, same, epochs=sk.budget(quick=3, full=15), batch_size=64, verbose=0)


train_pairwise(siamese, train_pairs)
said = answers(siamese, test_pairs)[:, 0]
siamese_score = np.mean((said > 0.5) == test_same)
sk.expect(siamese_score > 0.80, "the shared encoder is right on more than 80 % of the pairs")
sk.expect(siamese_score > pixels + 0.08, "and far better than the pixels")

# %% [markdown]
# All combinations of this test have occurred in the training. Does the network tell apart digits, too, that
# it has **never seen together**? Knowing pairs by heart does not help here; its codes must be good. We look
# at the new combinations alone, without the pairs of one digit.

# %%
mine = ...  # on the new combinations: more than 5 points ahead of the pixels? True or False

# %%
new = new_same == 0  # two digits that were never seen together
by_codes = (answers(siamese, new_pairs)[:, 0] < 0.5)[new].mean()
by_pixels = (difference(new_pairs) >= best)[new].mean()
sk.expect(by_codes > 0.75, "never seen together: more than 75 % are told apart")
sk.guess(mine, bool(by_codes > by_pixels + 0.05))

# %% [markdown]
# With the seeds 0 and 1 it tells 82 to 83 % of the new combinations apart, and 89 to 90 % of those that it was
# trained on; the pixels 70 %. So it knows digits, and not only pairs. But it depends on *which* combinations
# are new. We also kept apart those that differ by 5, with the look-alikes 3 and 8, 4 and 9: then it was
# right on 61 to 64 % of them, and the pixels on 64 %. Nobody had told it that a 4 and a 9 are two things. Lesson 17
# goes further and asks for digits that were not in the training at all.
#
# A shared encoder makes two things possible that two separate encoders cannot give. First, because the
# comparison (the squared difference) has no order either, the two pictures can be exchanged:

# %%
turned = answers(siamese, test_pairs[::-1])[:, 0]
sk.expect(np.allclose(said, turned, atol=1e-5), "left and right can be exchanged")

# %% [markdown]
# Second, each picture needs **one** code, on whichever side it stands and whatever it is compared with.
# For 1,000 pictures there are about half a million pairs, but only 1,000 codes. The comparison is then
# one line of NumPy.

# %%
codes = [answers(encoder, pictures) for pictures in test_pairs]
weights, bias = siamese.layers[-1].get_weights()
by_hand = 1 / (1 + np.exp(-((codes[0] - codes[1]) ** 2 @ weights + bias)))[:, 0]
sk.expect(np.allclose(said, by_hand, atol=1e-4), "codes compared by hand give the same answers")

# %% [markdown]
# ### Why a list cannot say this
#
# You *can* put the same layer into a list twice. What does it mean there?

# %%
mine = ...  # the number of all parameters of this list

# %%
again = layers.Dense(8)
twice = keras.Sequential([keras.Input((8,)), again, again])
sk.guess(mine, twice.count_params())

# %%
sk.draw(twice)

# %% [markdown]
# One layer with 8·8 + 8 = 72 parameters, used twice, **one use after the other**. In a list, 'again'
# always means *after*. 'The same layer, but beside, for another input' has no place in it. And the
# encoder cannot even follow itself, because 32 numbers are no picture:

# %%
tried = sk.attempt(keras.Sequential, [keras.Input((28, 28, 1)), encoder, encoder])
sk.expect(tried.failed, "the encoder cannot follow itself")
sk.expect("found shape=(None, 32)" in str(tried.error), "it asks for a picture and gets 32 numbers")

# %% [markdown]
# ## 9. The ways round inside Sequential, and their price
#
# *A flat list that begins with `keras.Input` has one entrance.* That does not mean that two kinds of data
# can never reach a Sequential. We found three ways, and each has its price.
#
# **One table.** If all inputs are rows of numbers, write them side by side *before* the model. A title
# becomes a row of numbers as a **bag of words**: one column for each known word, with a 1 if it occurs.


# %%
def bag(rows):
    table = np.zeros((len(rows), WORDS), "float32")
    np.put_along_axis(table, rows, 1, axis=1)
    table[:, 0] = 0  # number 0 only filled up
    return table


sk.seed(0)
table = np.concatenate([bag(titles), metadata], axis=1)
test_table = np.concatenate([bag(test_titles), test_metadata], axis=1)
glued = keras.Sequential([keras.Input((table.shape[1],)), *metadata_stack()[1:]])
train(glued, table)
glued_score = accuracy(glued, test_table)
sk.expect(glued_score > mean["metadata alone"], "one table: better than the better input alone")

# %% [markdown]
# A plain list, and on our machine it was as good as the two roads (76.9 % and 77.1 %). So do not write 'Sequential cannot use two inputs'. It can, if
# you make them one. The price: the order of the words and every road of its own are gone. No embedding
# for the words, no convolution for a picture beside a table.
#
# **Slice inside.** Put everything into one array, and let a layer of your own take it apart again:


# %%
class TwoRoads(layers.Layer):
    """Takes one table apart: word numbers on the left, metadata on the right."""

    def __init__(self):
        super().__init__()
        self.embedding = layers.Embedding(WORDS, 32)
        self.average = layers.GlobalAveragePooling1D()
        self.dense = layers.Dense(128, activation="relu")

    def call(self, table):
        title = keras.ops.cast(table[:, :LENGTH], "int32")
        title_road = self.average(self.embedding(title), mask=keras.ops.not_equal(title, 0))
        return keras.ops.concatenate([title_road, self.dense(table[:, LENGTH:])], axis=1)


# %%
sliced = keras.Sequential(
    [
        keras.Input((LENGTH + 288,)),
        TwoRoads(),
        layers.Dropout(0.5),
        layers.Dense(6, activation="softmax"),
    ]
)
sliced.set_weights(both.get_weights())  # the weights of the trained two-road network
one_array = np.concatenate([test_titles, test_metadata], axis=1)
same_answers = np.allclose(answers(sliced, one_array), by_list, atol=1e-4)
sk.expect(same_answers, "the same weights give the same answers: it is the same network")

# %%
sk.draw(sliced)

# %% [markdown]
# The same network, and it says so nowhere. The two roads are hidden in one box of the picture. The number
# 12, where the title ends, must agree in the layer and in every program that makes the array. Word
# numbers travel as decimal numbers. Nothing checks any of it.
#
# Two pictures of one size can be put into one array without a layer of your own: the first becomes
# channel 1, the second channel 2. (We give this network 64 codes in place of 32, so it has nearly twice
# the parameters of the shared one.)


# %%
def as_channels(pair):
    return np.concatenate(pair, axis=-1)


sk.seed(0)
end = [layers.Activation("relu"), layers.Dense(1, activation="sigmoid")]
stacked = keras.Sequential([keras.Input((28, 28, 2)), *encoder_layers(64), *end])
train_pairwise(stacked, as_channels(train_pairs))

# %%
stacked_said = answers(stacked, as_channels(test_pairs))[:, 0]
stacked_score = np.mean((stacked_said > 0.5) == test_same)
sk.expect(stacked_score > pixels + 0.03, "two channels: better than the pixels")
sk.expect(stacked_score < siamese_score - 0.02, "but not as good as the shared encoder")

# %%
mine = ...  # does it matter now which picture comes first? True or False

# %%
turned = answers(stacked, as_channels(test_pairs[::-1]))[:, 0]
sk.guess(mine, not np.allclose(stacked_said, turned, atol=1e-3))

# %% [markdown]
# The price: pictures of one size only, the order matters, and there are no codes that one could keep.
#
# **A merge layer first, and no `Input`.** This one surprised us. What if the layer that joins is the
# *first* of the list, and the list has no `keras.Input`?

# %%
mine = ...  # does this model use both tables? True or False

# %%
sk.seed(0)
merged = keras.Sequential([layers.Concatenate(), *metadata_stack()[1:]])
start = answers(merged, [bag(test_titles), test_metadata])
other = answers(merged, [bag(test_titles), shuffled])
sk.guess(mine, not np.allclose(start, other))

# %% [markdown]
# It does. Without `Input` the list is built at its first call (lesson 02), and its first layer gets exactly
# what it is called with, even a list. The price: it is the one table of before, with the same limits;
# before the first call nobody can see or check the two inputs; and a second `Concatenate` further down
# fails as in section 2, because from the second layer on there is again one road. And in the Keras that
# we tried, such a list cannot be called on two Inputs, so it cannot become a part of a Functional model.

# %%
late = keras.Sequential([layers.Concatenate(), layers.Dense(32), layers.Concatenate()])
tried = sk.attempt(late, [bag(test_titles), test_metadata])
sk.expect(tried.failed and "(857, 32)" in str(tried.error), "the second one gets one tensor only")

# %% [markdown]
# ## 10. What is said, and what we have seen
#
# You can often read two statements about the Sequential model. The cells below give a verdict on each
# from the results of *this* run. 'Holds, but' means: it is true of a flat list of built-in layers that
# begins with an Input, and there is a way round that has a price. 'Wrong' would mean that a finding of
# the first group is not true.


# %%
def verdict(holds, way_round):
    if not all(holds.values()):
        return "wrong"
    return "holds, but" if any(way_round.values()) else "holds"


def show_verdict(statement, holds, way_round):
    for finding, seen in {**holds, **way_round}.items():
        print(" ", "yes" if seen else "no ", finding)
    print(f"'{statement}': {verdict(holds, way_round)}")


# %%
show_verdict(
    "a Sequential cannot take several inputs",
    holds={
        "two Inputs in a list are refused": two_inputs.failed,
        "a dict of two arrays is refused": by_name.failed,
        "a list of two arrays is accepted, and the second has no influence": not lost.any(),
    },
    way_round={
        "one table in a plain list beats each input alone": glued_score > mean["metadata alone"],
        "a layer that slices computes the same as the fix": same_answers,
        "Concatenate first, without Input, uses both": not np.allclose(start, other),
    },
)

# %%
gain = mean["both"] - mean["metadata alone"]
show_verdict(
    "text or metadata beside a main input needs more than a list",
    holds={
        "two roads: over a point better than the better input alone": gain > 0.01,
        "a list that was given both is like the title alone": nearest == "title alone",
    },
    way_round={
        "rows of numbers as one table, in a list": glued_score > mean["metadata alone"] + 0.005,
        "two pictures as two channels: better than the pixels": stacked_score > pixels + 0.03,
    },
)

# %% [markdown]
# The register of the course has both statements. It runs evidence of its own, without any training:

# %%
sk.claims.table(lesson=13)

# %% [markdown]
# 'A Sequential cannot take several inputs' is too mild in one place and too strict in another. Too
# mild, because the worst case is not the refusal but the silent loss. Too strict, because inputs that
# are rows of numbers can be written side by side, and this list then beats the better input alone, too. What no flat list says is *a road of its own for each input*, and *one encoder
# beside itself*.

# %% [markdown]
# ## Check yourself

# %% seqkit={"role": "check"}
from seqkit.exercises.quick import Choice

Choice(
    "A Sequential begins with keras.Input((8,)). You call fit([x1, x2], y). What happens?",
    {
        "a": "Keras raises an error.",
        "b": "Both arrays are used.",
        "c": "There is a warning, and only x1 is used.",
    },
    correct="c",
    feedback={
        "a": "A dict without the right name is refused, a list is not. That is what makes it bad.",
        "b": "There is one entrance, so there are no weights for x2.",
        "c": "Yes. The loss may even fall, as it did in this lesson.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "Two roads end in (None, 20) and (None, 12). What does Concatenate give?",
    {"a": "(None, 32)", "b": "(None, 2, 20)", "c": "an error: the ends differ"},
    correct="a",
    feedback={
        "a": "Yes: 20 + 12 columns, side by side.",
        "b": "No axis is added. The columns are written side by side.",
        "c": "Add needs equal shapes. Concatenate needs equal shapes in all axes but the last.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "You shuffle one input over the test set, and the accuracy stays exactly the same. What do you "
    "think?",
    {
        "a": "The model is robust.",
        "b": "The model may not use this input at all. Look whether it reaches the output.",
        "c": "Shuffling does not change the data.",
    },
    correct="b",
    feedback={
        "a": "An input that carries information must leave a trace when it becomes false.",
        "b": "Yes. First check whether the input reaches the model.",
        "c": "Each example now has the value of another one: its own information is gone.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "The same encoder is called on two inputs. How many parameters do the two roads have together?",
    {"a": "as many as one encoder", "b": "twice as many as one encoder"},
    correct="a",
    feedback={
        "a": "Yes. It is one layer with one set of weights, called twice.",
        "b": "That is so for two encoders. Calling a layer again makes no new weights.",
    },
).ask()

# %% [markdown]
# ## What to remember
#
# - A list that begins with `Input` has one entrance. A second array is refused, or lost.
# - Shuffle each input once. If no answer changes, the input is lost.
# - Functional: an `Input` and a road for each, `Concatenate` where they meet; pass inputs by name.
# - The second input is worth what both score *above the better one alone*.
# - Sharing is calling one layer twice. In a list, 'again' can only mean 'after'.
#
# | symptom | cause | fix |
# |---|---|---|
# | *has already been configured to use input shape* | a second `Input` in the list | one road for each, Functional |
# | *The structure of `inputs` doesn't match*, as an error | a dict for one entrance | an `Input` with the name of each entry |
# | the same words, **as a warning** | a list for one entrance: **the rest is lost** | the same |
# | shuffling an input changes nothing | the input is lost | look whether its road reaches the output |
# | *should be called on a list* | `Concatenate` in the middle of a list | call it on a list of two tensors |

# %% [markdown]
# ## Next
#
# - [Exercise 13](../exercises/13_many_inputs.ipynb): find a lost input, count two roads, build your own.
# - [Lesson 14](14_many_outputs.ipynb) turns the question round: one input and several outputs.
#
# Read on: the Keras guide [The Functional API](https://keras.io/guides/functional_api/); Bromley, Guyon,
# LeCun, Säckinger and Shah (1993), *Signature verification using a 'Siamese' time delay neural network*;
# Baltrušaitis, Ahuja and Morency (2019), *Multimodal machine learning: a survey and taxonomy*.
