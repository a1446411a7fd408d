# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 11 · See where the one road ends
#
# A Sequential is one road: each layer gets what the layer before it gave. Everything that it cannot say
# follows from this. Here you get the map of the limits, and learn that the dangerous ones are silent.
#
# {{badges}}
#
# *45 minutes · needs lessons 01 and 02 · trains two tiny networks, about half a minute on a CPU*

# %% [markdown]
# ## You will be able to
#
# - name the line of code from which all limits of a Sequential follow;
# - sort the limits by cause: merge, several inputs, several outputs, sharing, decisions;
# - tell loud failures from silent ones before you run them, and test for the silent ones;
# - say what a built Sequential holds inside, and count the parameters when a layer stands in it twice;
# - name networks that look impossible in a list and are possible.

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
# ## 1. The whole Sequential in one line
#
# In lesson 02 you wrote a Sequential yourself. Its heart was a loop. Write it again:


# %%
def run(stack, x):
    for layer in stack:
        x = layer(x)  # the one line
    return x


stack = [layers.Dense(8, activation="relu"), layers.Dense(8, activation="relu"), layers.Dense(3)]
x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
theirs = keras.Sequential([keras.Input((4,)), *stack])
gap = np.abs(keras.ops.convert_to_numpy(run(stack, x) - theirs(x))).max()
sk.expect(gap < 1e-6, "the loop computes what keras.Sequential computes")

# %% [markdown]
# Read the line `x = layer(x)` slowly. There is **one name**, `x`, and so there is **one tensor** at any
# time. After the second turn three tensors have been made: the input, the output of layer 1 and that of layer 2.
# How many of them can you still reach by a name inside the loop?

# %%
mine = ...  # a number

# %%
tensors = ["input"]
x = "input"
for number in (1, 2):
    x = f"output of layer {number}"  # the old text has no name any more
    tensors.append(x)  # our own notes; the loop keeps none
sk.guess(mine, sum(tensor == x for tensor in tensors))

# %% [markdown]
# One. From this follows, step by step, what cannot be said in a list of Keras' own layers:
#
# | the loop … | so a list cannot say … | cause |
# |---|---|---|
# | has one name and overwrites it | 'add what was there before', 'read this tensor twice' | **merge** |
# | starts with one `x` | 'a title and a picture' | **several inputs** |
# | returns one `x` | 'a class and a box' | **several outputs** |
# | has no second tensor to call the same layer on | 'the same layer on both pictures' | **sharing** |
# | takes every layer, in order, for every example | 'stop here if you are sure' | **decisions** |

# %% [markdown]
# ## 2. The map
#
# `sk.limits` holds the limits of this course: for each one the attempts, the reason, the repair and the evidence.
# Which of the five causes has the largest number of limits?

# %%
mine = ...  # "merge", "several inputs", "several outputs", "sharing" or "decisions"

# %%
causes = {
    "merge": "residual densenet highway branch inception feature_pyramid ensemble "
    "attention transformer vit unet",
    "several inputs": "multi_input two_tower wide_and_deep seq2seq",
    "several outputs": "multi_output auxiliary_loss two_stage_detector",
    "sharing": "shared_layer siamese",
    "decisions": "conditional early_exit conditional_convolution capsule policy",
}
known = set(sk.limits.names())
causes = {cause: [n for n in names.split() if n in known] for cause, names in causes.items()}
sk.guess(mine, max(causes, key=lambda cause: len(causes[cause])))

# %%
figure, axis = plt.subplots(figsize=(9.5, 4.6))
for column, (cause, found) in enumerate(causes.items()):
    axis.text(column, 0, cause, ha="center", weight="bold", fontsize=11)
    for row, name in enumerate(found, start=1):
        words = f"{name}, {sk.limits.get(name).lesson}"
        axis.text(column, row, words, ha="center", fontsize=8, bbox={"fc": "white", "ec": "gray"})
axis.set(xlim=(-0.6, 4.6), ylim=(11.7, -0.7))
axis.axis("off")
sk.show(
    figure,
    alt="Map of the limits in five columns: merge with eleven limits, several inputs with four, "
    "several outputs with three, sharing with two, decisions with five; each with its lesson.",
)

# %% [markdown]
# The number behind each name is its lesson. Some limits have two causes: a U-Net (18) needs a merge, and a
# Siamese network (17) needs two inputs *and* sharing. We have put each under the cause that you meet first.
#
# Does every one of them have both a loud and a silent attempt?

# %%
for cause, found in causes.items():
    both = [{one.loud for one in sk.limits.get(name).attempts} == {True, False} for name in found]
    print(f"{cause:16} {len(found):2} limits, {sum(both):2} fail loudly and silently")

# %% [markdown]
# All of them; we looked for both kinds each time. A **loud** failure raises an exception. A **silent** failure builds, and often trains, but
# it is not the network that you meant. The loud ones cost you minutes. The silent ones can cost weeks.

# %% [markdown]
# ## 3. One attempt for each cause
#
# **Merge.** You want to add the input of a layer to its output. Does it build?

# %%
mine = ...  # True or False

# %%
with sk.attempt() as merge:
    keras.Sequential([keras.Input((8,)), layers.Dense(8, activation="relu"), layers.Add()])

# %%
sk.guess(mine, not merge.failed)

# %% [markdown]
# `Add` wants two tensors; the loop has one. The drawing shows on the right what was meant.
#
# **Several inputs.** A second `Input` in the middle of the list. Does it build?

# %%
mine = ...  # True or False

# %%
with sk.attempt() as second_input:
    keras.Sequential([keras.Input((8,)), layers.Dense(4), keras.Input((3,)), layers.Dense(1)])

# %%
sk.guess(mine, not second_input.failed)

# %% [markdown]
# **Several outputs.** A class (3 probabilities) and a box (4 numbers), one head after the other. What is the
# output shape?

# %%
mine = ...  # a shape, or None if it does not build

# %%
heads = keras.Sequential(
    [
        keras.Input((16,)),
        layers.Dense(32, activation="relu"),
        layers.Dense(3, activation="softmax", name="kind"),
        layers.Dense(4, name="box"),
    ]
)
sk.guess(mine, heads.output_shape)

# %% [markdown]
# It builds! But it returns only the box. The probabilities went *into* the box head, which now sees
# three numbers about the object and nothing else. One name, one tensor, one output: the last one.
#
# **Sharing.** The same `Dense` object twice. It has 4·4 + 4 = 20 parameters. How many has the model?

# %%
mine = ...

# %%
dense = layers.Dense(4)
twice = keras.Sequential([keras.Input((4,)), dense, layers.ReLU(), dense])
sk.guess(mine, twice.count_params())

# %%
sk.trace(twice)

# %% [markdown]
# 20, not 40. Keras takes the object twice and uses the same weights in both places, with no message. So the
# sentence 'a layer cannot be used twice in a Sequential' is not true. What holds: the two uses stand *behind
# each other*. To use a layer on *two inputs side by side*, you need two tensors with names.
#
# **Decisions.** Halve the numbers if their mean is positive, else leave them. Here the `if` stands in a layer
# of your own. Does it build?

# %%
mine = ...  # True or False


# %%
class HalveIfPositive(layers.Layer):
    def call(self, x):
        if keras.ops.mean(x) > 0:
            return x / 2
        return x


decision = sk.attempt(keras.Sequential, [keras.Input((4,)), HalveIfPositive(), layers.Dense(1)])
sk.guess(mine, not decision.failed)

# %%
print(decision.explanation.title)

# %% [markdown]
# While the model is built, `x` has a shape and no numbers, so Python's `if` cannot look at it. (On the torch
# backend it builds, because there Keras calls the layer on numbers.) Lesson 19 shows what to do.

# %% [markdown]
# ## 4. Loud or silent?
#
# Here are ten attempts, eight of them from `sk.limits`. Sort them before they run.

# %%
chosen = {
    "a": ("residual", 0),
    "b": ("residual", 2),
    "c": ("multi_input", 0),
    "d": ("multi_input", 3),
    "e": ("inception", 0),
    "f": ("inception", 2),
    "g": ("highway", 0),
    "h": ("ensemble", 2),
}
tries = {letter: sk.limits.get(name).attempts[place] for letter, (name, place) in chosen.items()}
for letter, one in tries.items():
    print(f"{letter}  {one.title}  ({chosen[letter][0]})")
print("i  the same Dense twice in a list, for two inputs side by side")
print("j  MultiHeadAttention as an item of the list")

# %% [markdown]
# The code of one of them, as an example; change the letter and run the cell to see another:

# %%
print(tries["h"].source)

# %%
mine = ...  # the letters of the SILENT ones in order, as one text, such as "abc"

# %%
silent = [letter for letter, one in tries.items() if not one.run().failed]
dense = layers.Dense(4)
last_two = {
    "i": sk.attempt(keras.Sequential, [keras.Input((4,)), dense, dense]),
    "j": sk.attempt(keras.Sequential, [keras.Input((6, 4)), layers.MultiHeadAttention(2, 4)]),
}
silent += [letter for letter, tried in last_two.items() if not tried.failed]
sk.guess(mine, "".join(silent))

# %%
for letter in "abcdefghij":
    print(letter, "silent" if letter in silent else "LOUD")

# %% [markdown]
# Five each. A rule covers them: **an attempt is loud when an item of the list is no layer, is a second
# `Input`, or is a layer that needs several tensors and gets one, and when two neighbours do not fit. It is silent when
# all items fit and only the *connections* are wrong.** Keras checks neighbours. It cannot know what you meant.

# %% [markdown]
# ## 5. A falling loss proves nothing
#
# The most expensive silent failure: two arrays are passed, one is dropped. The target below is the sum of
# one column of *each* array, so both are needed. What is a good number? A model that always says the mean has a
# mean squared error of about 2, the variance of the target. A model that knows the first array only cannot get
# below about 1. Everything known: about 0.
#
# Will the training loss of the Sequential fall?

# %%
mine = ...  # True or False

# %%
random = np.random.default_rng(0)
first, second = (random.normal(size=(600, 4)).astype("float32") for _ in range(2))
target = first[:, :1] + second[:, :1]

sk.seed(0)
model = keras.Sequential([keras.Input((4,)), layers.Dense(16, activation="relu"), layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(0.02), loss="mse")
tried = sk.attempt(model.fit, [first, second], target, epochs=12, verbose=0)
losses = tried.value.history["loss"]
sk.guess(mine, bool(losses[-1] < losses[0]))

# %%
shuffled = random.permutation(second)
said, said_again = (
    keras.ops.convert_to_numpy(sk.attempt(model, [first, other]).value)
    for other in (second, shuffled)
)
sk.expect(losses[-1] < 0.8 * losses[0], "the loss fell by more than a fifth")
sk.expect(losses[-1] > 0.7, "but it stays above 0.7: half of the target is unknown")
sk.expect(np.array_equal(said, said_again), "shuffling the second array changes no answer")

# %% [markdown]
# A falling loss, a finished training, and half of the data was never seen. (Keras warns, and `sk.attempt` kept the
# warning: `tried.explanation`. In a long log it is easily missed.) The Functional model with two inputs:

# %%
sk.seed(0)
one, two = keras.Input((4,)), keras.Input((4,))
x = layers.Concatenate()([one, two])
x = layers.Dense(16, activation="relu")(x)
both = keras.Model([one, two], layers.Dense(1)(x))
both.compile(optimizer=keras.optimizers.Adam(0.02), loss="mse")
losses_of_both = both.fit([first, second], target, epochs=12, verbose=0).history["loss"]
sk.expect(losses_of_both[-1] < 0.3, "with both arrays the loss ends below 0.3")

# %%
figure, axis = plt.subplots(figsize=(6, 2.8))
axis.plot(range(1, 13), losses, "s--", color="#D55E00", label="Sequential, list of two arrays")
axis.plot(range(1, 13), losses_of_both, "o-", color="#0072B2", label="Functional, two inputs")
axis.set(xlabel="epoch", ylabel="training loss", ylim=(0, None))
axis.legend()
sk.show(figure, alt="Both losses fall. The Sequential stays near one, the other falls near zero.")

# %% [markdown]
# **The best test against silent failures: change one thing that must matter, and look whether the output
# changes.** Shuffle one input. Set the weights of one branch to zero. And count the parameters by hand.

# %% [markdown]
# ## 6. What a Sequential really is inside
#
# Some articles say: *internally a Sequential builds no graph, only a chain of layers.* Let us look. If it
# were only a loop, there would be no symbolic tensors to take hold of. Ask a built one:

# %%
mine = (
    ...
)  # can you take out the output of the first layer and build a new model on it? True or False

# %%
built = keras.Sequential([keras.Input((4,)), layers.Dense(8, activation="relu"), layers.Dense(2)])
middle = sk.attempt(keras.Model, built.inputs, built.layers[0].output)
sk.guess(mine, not middle.failed)

# %%
print("inputs :", [tuple(tensor.shape) for tensor in built.inputs])
print("outputs:", [tuple(tensor.shape) for tensor in built.outputs])
print("middle :", middle.value.output_shape)

# %% [markdown]
# So there *is* a graph: tensors with shapes, and which layer made which. Without `Input` there is none until
# the first data come, or until you call `build`:

# %%
unbuilt = keras.Sequential([layers.Dense(8), layers.Dense(2)])
tried = sk.attempt(getattr, unbuilt, "outputs")
sk.expect(tried.failed, "an unbuilt Sequential has no outputs yet")

# %% [markdown]
# Where does it keep the graph? In Keras 3 a Sequential that is built makes a **Functional model of
# itself** and hands every call to it. The attribute is called `_functional`. The underscore says that it
# is *private*: look at it to learn, and do not build on it, because the next version may change it.

# %%
inside = built._functional
print(type(inside).__name__, [type(layer).__name__ for layer in inside.layers])
sk.expect(unbuilt._functional is None, "before it is built there is none")

# %% [markdown]
# The public way to get the same thing is `sk.to_functional`. The chain with names for its tensors, drawn:

# %%
as_graph = sk.to_functional(built)
x = np.ones((3, 4), "float32")
gap = np.abs(keras.ops.convert_to_numpy(as_graph(x) - built(x))).max()
sk.expect(type(as_graph).__name__ == "Functional", "it is a Functional model")
sk.expect(gap < 1e-6, "and gives the same outputs")
sk.draw(as_graph)

# %% [markdown]
# The article is wrong about the inside, and right about the language. **The graph is there; the list is
# too small a language to describe any other graph than a chain.** Sequential was made so: simplicity
# in place of freedom, one straight path, a tool to begin with. That is a choice of design, no defect.
#
# A model is a layer, too. So a Sequential may stand in a Sequential. Is that a branch?

# %%
mine = ...  # two Sequentials as items: "side by side" or "one after the other"

# %%
left = keras.Sequential([layers.Dense(6, activation="relu"), layers.Dense(4)], name="left")
right = keras.Sequential([layers.Dense(6, activation="relu"), layers.Dense(4)], name="right")
nested = keras.Sequential([keras.Input((4,)), left, right])
sk.guess(mine, "one after the other" if nested.output_shape == (None, 4) else "side by side")

# %%
sk.trace(nested)

# %% [markdown]
# One after the other, of course: the loop calls `left(x)`, then `right(x)` on the result.

# %% [markdown]
# ## 7. What people think is impossible, and is possible
#
# A long network is not a branched one. **MobileNet** (Howard et al. 2017) is often named with Inception and
# ResNet as 'not possible'. But its depthwise and pointwise convolutions stand *in series*. Keras has the
# official model. Has the list below the same number of parameters?

# %%
mine = ...  # True or False


# %%
def step(*before):
    return [*before, layers.BatchNormalization(), layers.ReLU(6)]


def convolution(filters, side, strides=1):
    return layers.Conv2D(filters, side, strides=strides, padding="same", use_bias=False)


blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
blocks += [(512, 1)] * 5 + [(1024, 2), (1024, 1)]
mobilenet = [keras.Input((224, 224, 3)), *step(convolution(32, 3, strides=2))]
for filters, strides in blocks:
    mobilenet += step(layers.DepthwiseConv2D(3, strides, padding="same", use_bias=False))
    mobilenet += step(convolution(filters, 1))
mobilenet += [layers.GlobalAveragePooling2D(), layers.Dense(1000, activation="softmax")]
count = keras.Sequential(mobilenet).count_params()
official = keras.applications.MobileNet(weights=None).count_params()
print(f"the list {count:,}, the official model {official:,}")
sk.guess(mine, count == official)

# %% [markdown]
# VGG16 is a plain list as well (lesson 08). And so are these:

# %%
possible = {
    "autoencoder": [keras.Input((64,)), layers.Dense(8), layers.Dense(64)],
    "sequence to sequence, simple": [
        keras.Input((None, 5)),
        layers.LSTM(16),
        layers.RepeatVector(7),
        layers.LSTM(16, return_sequences=True),
        layers.TimeDistributed(layers.Dense(3)),
    ],
    "pictures of any size": [
        keras.Input((None, None, 3)), layers.Conv2D(8, 3), layers.GlobalMaxPooling2D()
    ],
}  # fmt: skip
for name, stack in possible.items():
    print(f"{name:29}", keras.Sequential(stack).output_shape)

# %% [markdown]
# And your own layer. A Sequential takes *any* layer with one input; what happens inside is its own affair.
# Is a skip in a Sequential possible after all?

# %%
mine = ...  # True or False


# %%
class SkipDense(layers.Layer):
    """A Dense layer, and its input added."""

    def __init__(self, units):
        super().__init__()
        self.dense = layers.Dense(units, activation="relu")

    def build(self, input_shape):
        self.dense.build(input_shape)

    def call(self, x):
        return x + self.dense(x)


own = sk.attempt(keras.Sequential, [keras.Input((8,)), SkipDense(8), SkipDense(8)])
sk.guess(mine, not own.failed)

# %% [markdown]
# Yes. So the honest sentence is: **a flat list of built-in layers cannot say this.** A layer of your own
# can hide a second road inside one item. The price: you write the class, and a `get_config`, or a saved model
# cannot be loaded; and `summary()`, a trace and a drawing show one box. (A few built-in layers hide or return
# several tensors, too: `Bidirectional` reads its input twice, and `LSTM(3, return_state=True)` gives three tensors.) The next lessons show the way round, and its price, each time.

# %% [markdown]
# ## 8. The claim and the evidence
#
# Some limits of the map, checked on your version of Keras, without training:

# %%
for name in ("residual", "multi_input", "inception", "branch"):
    print(f"{name:12}", "holds" if sk.limits.get(name).verify(train=False).ok else "has changed")

# %% [markdown]
# And what articles say about the Sequential model, in our words, each with a verdict computed now:

# %%
for one in sk.claims.table(ids=["A1", "A3.1", "A3.2", "A3.3", "A3.4", "B10", "B13"]):
    print(f"{one.claim.id:6} {one.verdict:10} | {one.claim.statement}")

# %% [markdown]
# (`sk.claims.table(lesson=11)` on a line of its own shows the evidence for each.) Two of them deserve a second look. A1 ('one input, one output, no skip') is *holds, but*: it is true for a flat list of
# built-in layers, and section 7 showed the way round. The same goes for B10 and B13. A3.4 ('no graph inside') is *wrong* for Keras 3: section 6 held the graph in its hands.

# %% [markdown]
# ## Check yourself

# %% seqkit={"role": "check"}
from seqkit.exercises.quick import Choice

Choice(
    "Why can a list not say 'add the input of the block'?",
    {
        "a": "Add is not a Keras layer.",
        "b": "The loop keeps one tensor; the block's input has no name any more.",
        "c": "A Sequential builds no graph.",
    },
    correct="b",
    feedback={
        "a": "It is one. It needs two tensors.",
        "b": "Yes: x = layer(x) overwrites it.",
        "c": "A built one does, see section 6. The list is too small a language, not the graph.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "Your two-input model trains and its loss falls. What shows that both inputs are used?",
    {
        "a": "The falling loss.",
        "b": "No exception was raised.",
        "c": "Shuffling one input changes the predictions, for each of the two.",
    },
    correct="c",
    feedback={
        "a": "In section 5 it fell with half of the data dropped.",
        "b": "Silent failures raise none; that is what the word means.",
        "c": "Yes: change what must matter, and look whether the output changes.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "Which of these networks is a plain list of built-in layers?",
    {"a": "ResNet", "b": "MobileNet, version 1", "c": "U-Net"},
    correct="b",
    feedback={
        "a": "Its blocks add their input: a merge.",
        "b": "Yes: its convolutions stand in series, with exactly the official parameter count.",
        "c": "Its decoder joins maps from the encoder: a merge.",
    },
).ask()

# %% [markdown]
# ## What to remember
#
# - `x = layer(x)`: one name, one tensor. All limits follow from it.
# - Five causes: merge, several inputs, several outputs, sharing, decisions.
# - Loud: an item is no layer, needs several tensors, or does not fit. Silent: only the connections are wrong.
# - A falling loss proves nothing. Change what must matter, and look at the output.
# - A built Sequential holds a graph. The list is the small part, and often it is enough.
#
# | symptom | cause | lesson |
# |---|---|---|
# | *A merge layer should be called on a list of inputs* | a merge in the list | 12 |
# | *already been configured to use input shape* | a second `Input` | 13 |
# | no error, one array changes nothing | `fit([x1, x2], y)` | 13 |
# | no error, only the last head comes out | heads in a row | 14 |
# | *Only instances of `keras.Layer` can be added* | a list or a function as an item | 15, 19 |
# | no error, too few channels | branches in a row | 15 |
# | *multiple required positional arguments* | attention in the list | 16 |
# | no error, fewer parameters than counted | one layer object twice | 17 |
# | a decoder without the details of the picture | a U-Net without its skips | 18 |

# %% [markdown]
# ## Next
#
# - [Exercise 11](../exercises/11_one_road.ipynb): count, read, and write the loop.
# - [Lesson 12](12_skip.ipynb) begins with the most famous limit: the skip connection.
#
# Read on: Howard et al. (2017), *MobileNets*; the Keras guides
# [The Sequential model](https://keras.io/guides/sequential_model/) and
# [The Functional API](https://keras.io/guides/functional_api/).
