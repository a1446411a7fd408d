# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 20 · Choose the right API
#
# Sequential, a layer of your own, the Functional API, a subclass, a training step of your own: five ways to
# write a model. Here you learn to choose by a few questions, to move from one way to the next without
# losing what was trained, and to judge what articles say about them.
#
# {{badges}}
#
# *60 minutes · needs lessons 01 to 19 · trains small networks and runs the whole register of claims, about
# a minute on a CPU*

# %% [markdown]
# ## You will be able to
#
# - choose the API for a task, and give the reason in one sentence;
# - turn a trained Sequential into a Functional model, cut it open and extend it;
# - write a layer of your own that can be saved, and a merge of your own;
# - change the training step, and measure what the change does;
# - judge a claim about an API by evidence that you can run.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import tempfile
from pathlib import Path

import keras
import numpy as np
from keras import layers

import seqkit as sk

sk.seed(0)
sk.device()

# %% [markdown]
# ## 1. Choose by asking
#
# The right API follows from the *wiring* of the data, not from how hard the task is. Answer the questions
# for a model that you have in mind. When this notebook runs, there are buttons: press them with the mouse, or
# with Tab and the space bar. Otherwise you see the same questions as a list that opens.

# %%
sk.choose()

# %% [markdown]
# The same guide on one page, to print:

# %%
sk.choose.figure()

# %% [markdown]
# The questions begin with the one that demands most. The way that a *yes* leads to can do everything that
# the later ways can do: a subclass can have two inputs, a Functional model can hold a layer of
# your own, and so on. The last question stands alone: a training step of your own can be combined with
# each of the other answers.
#
# Why not always take the way that can do most? Because each step down the following list gives something up:
#
# | way | what you get | what you give up |
# |---|---|---|
# | Sequential | the shortest code; every shape is checked while you build | any road but the straight one |
# | with a layer of your own | any computation with one tensor in and one out | the layer is one box in `summary()` and in drawings |
# | Functional API | any fixed wiring; still checked, drawn, saved, cut open | a line of code and a name for each tensor |
# | subclass | values may decide which layers run, and how often (lesson 19) | the graph: no shapes before the first data, no drawing, no cutting |
# | `train_step` | what happens with a batch | code that depends on the backend, unless you are careful (section 6) |
#
# Now choose for four tasks. Each prediction is a letter: `"a"` for Sequential, `"b"` for Sequential with a layer
# of your own, `"c"` for the Functional API, `"d"` for a subclass of `keras.Model`.

# %%
ways = (
    "Sequential",
    "Sequential with a layer of your own",
    "Functional API",
    "subclass of keras.Model",
)
letter = dict(zip(ways, "abcd", strict=True))

# %%
mine = ...  # title and numbers of an artwork go in, its kind comes out

# %%
sk.guess(mine, letter[sk.choose.decide("inputs").title])

# %%
mine = ...  # 50 layers with BatchNorm and Dropout, one after the other, for pictures

# %%
sk.guess(mine, letter[sk.choose.decide().title])

# %%
mine = ...  # a text is read again and again, until the model is sure enough

# %%
sk.guess(mine, letter[sk.choose.decide("decides").title])

# %%
mine = ...  # one straight road, but each row of numbers must first be replaced by its ranks

# %%
sk.guess(mine, letter[sk.choose.decide("own_step").title])

# %% [markdown]
# The second one surprises many people: 50 layers are no reason to leave the Sequential. *Deep* is not
# *branched*. (A residual network of 50 layers is; the questions ask for the skip, not for the depth.)
#
# `sk.choose` can also look at what you have. It reads the graph and answers the questions itself:

# %%
sk.choose([keras.Input((28, 28, 16)), layers.Conv2D(16, 3, padding="same"), layers.Add()])

# %%
inputs = keras.Input((28, 28, 1))
x = layers.Flatten()(inputs)
more_than_needed = keras.Model(inputs, layers.Dense(10)(layers.Dense(32)(x)))
advice = sk.choose(more_than_needed)
advice

# %%
sk.expect(advice.recommendation.title == "Sequential", "a straight road does not need more")

# %% [markdown]
# ## 2. A layer of your own in the list
#
# Task: clothes in six classes (Fashion-MNIST). The pictures will come from several cameras, and some are
# dark. We want a network that does not care. Subtract the *mean of each picture* and divide by its
# *standard deviation*: whatever factor the camera has, it cancels out. One tensor goes in and one comes out, so a layer of our own may stand in the list.


# %%
@keras.saving.register_keras_serializable("lesson20")
class Standardise(layers.Layer):
    """Bring each picture to mean 0 and standard deviation 1."""

    def __init__(self, epsilon=1e-3, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon  # no division by 0 for an empty picture

    def call(self, x):
        mean = keras.ops.mean(x, axis=(1, 2, 3), keepdims=True)
        return (x - mean) / (keras.ops.std(x, axis=(1, 2, 3), keepdims=True) + self.epsilon)

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}


# %% [markdown]
# Before you write a layer, look for one. Keras has this one, under a name that does not tell it: a
# `LayerNormalization` over all axes but the batch. We write ours because it is the smallest honest example, and
# take the built-in layer as its *test*. Two independent ways to one result are the best test there is.

# %%
picture = np.random.default_rng(0).uniform(0, 255, (4, 28, 28, 1)).astype("float32")
built_in = layers.LayerNormalization(axis=(1, 2, 3), center=False, scale=False)
gap = np.abs(keras.ops.convert_to_numpy(Standardise()(picture) - built_in(picture))).max()
sk.expect(gap < 1e-3, "our layer computes what the built-in layer computes")

# %% [markdown]
# Our class has four parts, and each has a reason:
#
# - `__init__` takes the settings, and hands `name` and the rest on with `**kwargs`;
# - `call` says what happens to a tensor, in `keras.ops`, so that it runs on every backend;
# - `get_config` writes the settings down, for saving. (Plain numbers and texts Keras 3 would even remember by
#   itself; layers, arrays and functions it does not, as lesson 15 showed.)
# - `register_keras_serializable` lets Keras find the class when it reads a file.
#
# A layer with weights would also have `build(self, input_shape)`; you meet one in section 5.

# %%
fashion = sk.data.load("fashion")
known = np.array([0, 1, 3, 5, 6, 8])  # six of the ten classes; the other four come in section 4
print("six classes:", ", ".join(fashion.classes[label] for label in known))


def pick(x, y, labels, each):
    """The first pictures of each of these classes, and their numbers 0, 1, 2, ..."""
    rows = np.concatenate([np.flatnonzero(y == label)[:each] for label in labels])
    return x[rows, ..., None].astype("float32"), np.searchsorted(labels, y[rows])


x_train, y_train = pick(fashion.x_train, fashion.y_train, known, each=300)
x_test, y_test = pick(fashion.x_test, fashion.y_test, known, each=200)
print(x_train.shape, x_test.shape)

# %%


def six_classes(first):
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            first,
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(32, activation="relu", name="features"),
            layers.Dense(6, activation="softmax", name="six"),
        ]
    )


def trained(first):
    sk.seed(0)
    model = six_classes(first)
    model.compile(keras.optimizers.Adam(0.002), "sparse_categorical_crossentropy")
    model.fit(x_train, y_train, epochs=sk.budget(quick=6, full=20), batch_size=32, verbose=0)
    return model


# %% [markdown]
# **What is a good number?** Guessing gives 17 %. A linear model on the same 1,800 pictures names 88 % of new ones
# correctly, so these six classes are easy. In bright pictures our layer must lose nothing against dividing by 255.
# With a twentieth of the light it must be *as good* as in bright ones.

# %%
mine = ...  # dividing by 255: does it lose more than 20 points in the dark? True or False

# %% seqkit={"headline": "pictures in the dark: own layer {dark['own']:.1%}, divided by 255 {dark['255']:.1%}"}
steady, usual = trained(Standardise()), trained(layers.Rescaling(1 / 255))


def numbers(tensor):
    return keras.ops.convert_to_numpy(tensor)


def accuracy(model, x, y):
    return float((numbers(model(x)).argmax(axis=-1) == y).mean())


bright = {name: accuracy(m, x_test, y_test) for name, m in (("own", steady), ("255", usual))}
dark = {name: accuracy(m, x_test / 20, y_test) for name, m in (("own", steady), ("255", usual))}
sk.expect(bright["own"] > 0.8, "with our layer: over 80 % in bright pictures")
sk.expect(abs(bright["own"] - bright["255"]) < 0.04, "as good as dividing by 255 there")
sk.expect(abs(dark["own"] - bright["own"]) < 0.01, "and the same in the dark")
sk.guess(mine, dark["255"] < bright["255"] - 0.2)

# %% [markdown]
# Outside of this notebook we trained both with three seeds: 88 to 89 % with our layer, bright or dark;
# dividing by 255 gave 86 to 89 % in bright pictures and 36 to 58 % in the dark. The weights of the second
# network are not worse. Its biases were learned for bright pictures, and in the dark they outweigh everything.
#
# The model is a Sequential: one tensor in, one out. It can be traced, and the trace says honestly that it
# knows nothing about the inside of our layer.

# %%
sk.trace(steady)

# %% [markdown]
# ### Save it, and read it again

# %%
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "steady.keras"
    steady.save(path)
    again = keras.saving.load_model(path)

gap = np.abs(numbers(again(x_test[:50]) - steady(x_test[:50]))).max()
sk.expect(gap < 1e-5, "the model from the file gives the same answers")
sk.expect(again.layers[0].epsilon == 1e-3, "and knows the setting of our layer")

# %% [markdown]
# ## 3. Sizes that are not known: `None`
#
# 'A Sequential needs fixed shapes' is also said. Which of these two lists builds?

# %%
convolutions = [
    keras.Input((None, None, 1)),
    Standardise(),
    layers.Conv2D(8, 3, activation="relu"),
    layers.GlobalAveragePooling2D(),
    layers.Dense(6),
]
flatten = [keras.Input((None, None, 1)), layers.Flatten(), layers.Dense(6)]

# %%
mine = ...  # "convolutions", "flatten" or "both"

# %%
tried = {"convolutions": sk.attempt(keras.Sequential, convolutions)}
tried["flatten"] = sk.attempt(keras.Sequential, flatten)
builds = [name for name, attempt in tried.items() if not attempt.failed]
sk.guess(mine, builds[0] if len(builds) == 1 else "both")

# %%
any_size = keras.Sequential(convolutions)
for side in (28, 40, 61):
    print(side, "->", any_size(np.zeros((2, side, side, 1), "float32")).shape)

# %% [markdown]
# `None` is an open size. Convolutions, pooling, recurrent layers and attention take it, in a Sequential
# too. `Dense` behind `Flatten` cannot: it must know how many weights to make. Here is what Keras says, and
# what was meant:

# %%
tried["flatten"].explanation

# %% [markdown]
# ## 4. From the list to the graph, without training again
#
# Weeks later somebody asks: *can the trained model also give the 32 numbers of the layer `features`?* A
# Sequential gives what its last layer gives. Do we have to write the model anew, and train it again?

# %%
graph = sk.to_functional(steady)
same = np.array_equal(numbers(graph(x_test[:50])), numbers(steady(x_test[:50])))
sk.expect(same, "the Functional model gives exactly the same answers")
sk.expect(graph.get_layer("features") is steady.get_layer("features"), "it has the same layers")

# %% [markdown]
# Nothing was copied: both models hold *the same layer objects*. (Lesson 11 showed why this is so
# easy: a built Sequential holds such a graph already.) And `sk.to_source` writes the code that you would
# have to write:

# %%
sk.to_source(steady)

# %% [markdown]
# In this code each tensor has a name, so you can cut at each of them. From the model itself:

# %%
trunk = keras.Model(graph.input, graph.get_layer("features").output)
trunk.output_shape

# %% [markdown]
# ### Extend it: a second head for classes that it has never seen
#
# The shop now also sells pullovers, coats, sneakers and ankle boots, and has 20 pictures of each. The old
# answers must not change, not in the last digit: they are in use. So we freeze what is there and add a
# second head.

# %%
new = np.array([2, 4, 7, 9])
x_new, y_new = pick(fashion.x_train, fashion.y_train, new, each=20)
x_new_test, y_new_test = pick(fashion.x_test, fashion.y_test, new, each=200)

graph.trainable = False
four = layers.Dense(4, activation="softmax", name="four")(graph.get_layer("features").output)
two_heads = keras.Model(graph.input, {"six": graph.output, "four": four})
sk.draw(two_heads)

# %%
mine = ...  # how many parameters of two_heads can be trained?

# %%
sk.guess(mine, sum(int(np.prod(w.shape)) for w in two_heads.trainable_weights))

# %% [markdown]
# 32 · 4 + 4 = 132, out of more than 50,000. (`steady` holds the same layers, so it is frozen, too;
# `steady.trainable = True` would thaw both.) **What is a good number?** Guessing gives 25 %. The fair rival is a
# network of the same form, trained *from nothing* on the same 80 pictures, each with its own learning
# rate and number of epochs. Will the head on old features, which
# were learned on other clothes, beat it?

# %%
mine = ...  # is the new head more than 5 points ahead of the other? True or False

# %%
before = numbers(two_heads(x_test[:50])["six"])
head = keras.Model(two_heads.input, four)
head.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
head.fit(x_new, y_new, epochs=30, batch_size=16, verbose=0)
after = numbers(two_heads(x_test[:50])["six"])
sk.expect(np.array_equal(before, after), "the old answers are the same to the last digit")

# %%
sk.seed(0)
nothing = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        Standardise(),
        layers.Flatten(),
        layers.Dense(64, activation="relu"),
        layers.Dense(32, activation="relu"),
        layers.Dense(4, activation="softmax"),
    ]
)
nothing.compile(keras.optimizers.Adam(0.002), "sparse_categorical_crossentropy")
nothing.fit(x_new, y_new, epochs=20, batch_size=16, verbose=0)
scores = {"head": accuracy(head, x_new_test, y_new_test)}
scores["nothing"] = accuracy(nothing, x_new_test, y_new_test)
sk.expect(scores["head"] > 0.65, "132 new parameters tell four new classes apart, over 65 %")
sk.guess(mine, bool(scores["head"] > scores["nothing"] + 0.05))

# %% [markdown]
# **No.** With three seeds the head reached 77 to 80 %, and the network from nothing 83 %: eighty pictures of clothes
# teach it more than features that were learned on other clothes. So the second head is not the more accurate
# way here. What it saves is everything else: 132 parameters in place of a second network of 52,000, one model
# to ship, and old answers that are certain not to change. Whether the features of a trained network are worth more
# than that depends on how much they have seen; six classes are few.

# %% [markdown]
# ## 5. A merge of your own
#
# The next wish: *are these two pictures of the same class?* Two inputs, so the Functional API. The trunk gives
# 32 numbers for each picture; they must meet in one layer. Keras has eight layers that merge: `Add`,
# `Subtract`, `Multiply`, `Average`, `Maximum`, `Minimum`, `Concatenate` and `Dot`. The usual choice is
# `Concatenate` and a `Dense` layer behind it.
#
# It has a fault that no training removes for sure: *same or not* does not depend on the order of the
# two pictures, but `Concatenate` does. So we write a merge whose answer **cannot** depend on the order. Both vectors
# go through the same weights, and are then multiplied number by number: $(W a) \cdot (W b)$.


# %%
@keras.saving.register_keras_serializable("lesson20")
class Match(layers.Layer):
    """Bring two vectors into one space, with the same weights, and multiply them there."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shapes):
        size = input_shapes[0][-1]
        self.kernel = self.add_weight(shape=(size, self.units), name="kernel")

    def call(self, pair):
        left, right = pair
        return keras.ops.matmul(left, self.kernel) * keras.ops.matmul(right, self.kernel)

    def get_config(self):
        return {**super().get_config(), "units": self.units}


# %% [markdown]
# New is `build`: it gets the *shapes* of all inputs, one for each, and makes the weights. A merge in a list
# fails like every merge, own or not:

# %%
tried = sk.attempt(keras.Sequential, [keras.Input((32,)), Match(32)])
print("failed:", tried.failed)

# %% [markdown]
# The rival is `Concatenate` with a hidden layer, of about the same size. Both are trained on 3,000 pairs, half
# of them of the same class, and read the 32 features that the frozen trunk gives.


# %%
def pairs(pictures, labels, count, seed):
    generator = np.random.default_rng(seed)
    features = numbers(trunk(pictures[..., None].astype("float32")))
    of_class = [np.flatnonzero(labels == label) for label in range(10)]
    left = generator.integers(0, len(labels), count)
    other = (labels[left] + generator.integers(1, 10, count)) % 10
    wanted = np.where(generator.random(count) < 0.5, labels[left], other)
    right = np.array([generator.choice(of_class[label]) for label in wanted])
    return [features[left], features[right]], (labels[left] == labels[right]).astype("float32")


scale = float(numbers(trunk(x_train)).std())
pairs_train, same_train = pairs(fashion.x_train[:4000], fashion.y_train[:4000], 3000, seed=0)
pairs_test, same_test = pairs(fashion.x_test, fashion.y_test, 3000, seed=1)


# %%
def joined(merge):
    sk.seed(0)
    left, right = keras.Input((32,), name="left"), keras.Input((32,), name="right")
    x = merge([layers.Rescaling(1 / scale)(left), layers.Rescaling(1 / scale)(right)])
    model = keras.Model([left, right], layers.Dense(1, activation="sigmoid")(x))
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy")
    model.fit(pairs_train, same_train, epochs=6, batch_size=64, verbose=0)
    return model


def side_by_side(pair):
    return layers.Dense(16, activation="relu")(layers.Concatenate()(pair))


# %% [markdown]
# **What is a good number?** Guessing gives 50 %. A *linear* layer behind `Concatenate`, trained in this way,
# stays near 50 %: it only adds up what each picture says alone, and that lowers this loss by nothing.
# What we ask: is `Match` as right as the rival, and how often does each change its mind when the two
# pictures change places?

# %%
mine = ...  # Concatenate: does its answer change for more than 4 % of the pairs? True or False

# %%
match, rival = joined(Match(32)), joined(side_by_side)
turned = pairs_test[::-1]  # left becomes right
right, flips = {}, {}
for name, model in (("match", match), ("rival", rival)):
    one = numbers(model(pairs_test))[:, 0] > 0.5
    other = numbers(model(turned))[:, 0] > 0.5
    right[name], flips[name] = float((one == same_test).mean()), float((one != other).mean())
counts = {"match": match.count_params(), "rival": rival.count_params()}
print("parameters:", counts)
sk.expect(flips["match"] == 0, "Match never changes its mind")
sk.expect(abs(right["match"] - right["rival"]) < 0.05, "they are about equally often right")
sk.expect(min(right.values()) > 0.75, "both far above the 50 % of guessing")
sk.guess(mine, flips["rival"] > 0.04)

# %% [markdown]
# With three seeds `Concatenate` was right for 84 to 85 % of new pairs and `Match` for 84 to 85 %: no winner, with 1,057
# parameters each. But `Concatenate` answered differently for 6 to 12 % of the pairs as soon as the two were
# swapped. `Match` never does, before and after training, because $(Wa) \cdot (Wb)$ is $(Wb) \cdot (Wa)$: not more
# accuracy, but a property that is *certain*. It comes from sharing (lesson 17), so built-in layers can do it, too:
# `d = layers.Dense(32, use_bias=False)`, then `layers.Multiply()([d(left), d(right)])`, is the same computation with
# the same number of parameters. Our layer makes *one* item of it, with a name of its own.

# %% [markdown]
# ## 6. A training step of your own
#
# `fit` takes a batch, predicts, computes the loss, follows the gradient. That is the method `train_step` of the
# model. Written by hand it looks different for each backend, because each has its own way to get a
# gradient. Here are all three; only the one of your backend is run below.


# %%
class TensorFlowStep(keras.Model):
    def train_step(self, data):
        import tensorflow as tf

        x, y = data
        with tf.GradientTape() as tape:  # TensorFlow writes down what is computed ...
            loss = self.compute_loss(x, y, self(x, training=True))
        gradients = tape.gradient(loss, self.trainable_variables)  # ... and reads it backwards
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        return {"loss": loss}


# %%
class TorchStep(keras.Model):
    def train_step(self, data):
        import torch

        x, y = data
        self.zero_grad()  # torch adds gradients up until they are set to zero
        loss = self.compute_loss(x, y, self(x, training=True))
        loss.backward()  # each weight now holds its own gradient
        gradients = [variable.value.grad for variable in self.trainable_variables]
        with torch.no_grad():
            self.optimizer.apply(gradients, self.trainable_variables)
        return {"loss": loss}


# %%
class JaxStep(keras.Model):
    def train_step(self, state, data):  # JAX changes nothing in place: the state comes and goes
        import jax

        trainable, others, of_optimizer, of_metrics = state
        x, y = data

        def loss_of(trainable, others):
            y_pred, others = self.stateless_call(trainable, others, x, training=True)
            return self.compute_loss(x, y, y_pred), others

        (loss, others), gradients = jax.value_and_grad(loss_of, has_aux=True)(trainable, others)
        trainable, of_optimizer = self.optimizer.stateless_apply(of_optimizer, gradients, trainable)
        return {"loss": loss}, (trainable, others, of_optimizer, of_metrics)


# %% [markdown]
# Is this really what `fit` does? Train two models with the same first weights for one epoch, one with the
# step of Keras and one with ours, and compare all weights. (The loss that ours *reports* is that of the last
# batch; `fit` reports the mean of the epoch.)


# %%
def small(kind):
    sk.seed(1)
    inputs = keras.Input((28, 28, 1))
    x = layers.Dense(16, activation="relu")(layers.Flatten()(Standardise()(inputs)))
    model = kind(inputs, layers.Dense(6, activation="softmax")(x))
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    model.fit(x_train[:320], y_train[:320], epochs=1, batch_size=32, shuffle=False, verbose=0)
    return model.get_weights()


steps = {"tensorflow": TensorFlowStep, "torch": TorchStep, "jax": JaxStep}
by_hand, by_keras = small(steps[keras.backend.backend()]), small(keras.Model)
gaps = [np.abs(one - other).max() for one, other in zip(by_hand, by_keras, strict=True)]
sk.expect(max(gaps) < 1e-4, "after ten steps all weights are the same")

# %% [markdown]
# ### One step for all backends: change the data, then call Keras
#
# Often the gradient is not what you want to change, but what goes in. Then leave the gradient to Keras, and
# call `super().train_step`. With JAX there is one argument more, the state; `*state` takes it along.
#
# Our example trains **without any labels**. Each picture is turned by 0, 90, 180 and 270 degrees, and the
# network must say how far. The labels are made inside of the step (Gidaris et al., 2018).


# %%
class Turning(keras.Model):
    def train_step(self, *args):
        *state, data = args  # with JAX, Keras also hands over the state of the training
        x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        turned = [keras.ops.rot90(x, k, axes=(1, 2)) for k in range(4)]
        turns = [keras.ops.full_like(x[:, 0, 0, 0], k) for k in range(4)]  # the new labels
        data = keras.ops.concatenate(turned), keras.ops.concatenate(turns)
        return super().train_step(*state, data)


def upright(kind):
    sk.seed(0)
    inputs = keras.Input((28, 28, 1))
    x = layers.Dense(64, activation="relu")(layers.Flatten()(Standardise()(inputs)))
    model = kind(inputs, layers.Dense(4, activation="softmax")(x))
    model.compile(keras.optimizers.Adam(0.002), "sparse_categorical_crossentropy")
    return model


# %% [markdown]
# **What is a good number?** Guessing gives 25 %. Bags and sandals look almost the same upside down, so 100 %
# cannot be expected. We ask for 85 %.

# %%
mine = ...  # fit(x) without labels, with an ordinary keras.Model: does it train? True or False

# %%
tried = sk.attempt(upright(keras.Model).fit, x_train, verbose=0)
sk.guess(mine, not tried.failed)

# %%
turning = upright(Turning)
nothing = np.zeros(len(x_train))  # with JAX, Keras asks for some y before the first step
turning.fit(x_train, nothing, epochs=sk.budget(quick=5, full=20), batch_size=32, verbose=0)
views = np.concatenate([np.rot90(x_test, k, axes=(1, 2)) for k in range(4)])
score = accuracy(turning, views, np.repeat(range(4), len(x_test)))
sk.expect(score > 0.85, "it says how far a picture is turned, for over 85 % of new pictures")

# %% [markdown]
# With three seeds it was 91 to 92 %, without a single label. The ordinary model could not even begin: it
# has nothing to compare its answers with. (You could also turn all pictures before the training. It would
# need four times the memory, and the labels as an array.)
#
# Two warnings. First, `summary()`, drawings and `sk.trace` show the wiring, and nothing of this: whoever reads the
# model does not see that it is trained in an unusual way. `sk.choose` looks for it:

# %%
sk.choose(turning)

# %% [markdown]
# Second, do not read *weights* in such a step on JAX (for example by calling `self(x)`): there the weights of
# this moment are in the state, and `self` still holds older ones. Keras would not complain. For a loss
# of your own, `compute_loss` is the better place, and for most wishes a loss function or a callback is enough.

# %% [markdown]
# ## 7. What the articles say, and what is true
#
# This course began with four articles on the Sequential model: one on its limits (A), a guide for beginners
# (B), one on why it is popular (C), and one with tricks (D). Each of their claims has a number in the register
# of the course, and a piece of evidence that is *run*: it builds, it trains, it counts. The verdict is
# computed from it. Below is the whole register, on your version of Keras. (It takes about a minute.) The row
# A2.10 belongs to this lesson: *poor for research, because it takes no layers of one's own and no dynamic
# shapes* is not what sections 2 and 3 showed; *no new merges* is what section 5 showed.
#
# Before you run it: how many of the claims do you expect to hold as they stand?

# %%
mine = ...  # the share of claims that hold without a 'but', to one decimal: 0.1, 0.2, ...

# %%
claims = sk.claims.table()
claims

# %%
sk.expect(claims.ok, "every verdict is the one that the lessons tell")

# %%
plain = [row for row in claims if str(row.verdict) == "holds"]
sk.guess(mine, round(len(plain) / len(claims), 1), tolerance=0.1)

# %% [markdown]
# Two of the articles print a table of Sequential against the Functional API. Both are rebuilt here, each cell
# from checks:

# %%
sk.claims.comparison("B14")

# %%
sk.claims.comparison("C5")

# %% [markdown]
# ### What the four articles overstate

# %%
for verdict in ("wrong", "outdated"):
    print(f"{verdict}:")
    for row in claims:
        if str(row.verdict) == verdict:
            print(f"  {row.claim.id}: {row.claim.statement}")

# %% [markdown]
# Read the rows again with four questions. They help with every article on software.
#
# 1. **'Impossible', or 'not with the built-in parts'?** Most limits of article A hold for a *flat list of
#    built-in layers*. A layer of your own may branch, skip, attend and even give two outputs. It has a price:
#    you write more, and the model shows less. 'Cannot be written' is shorter, and too strong.
# 2. **True when?** Some sentences were true of an older Keras: the first layer had to be told its input shape,
#    and an embedding its length. A claim about software needs a version.
# 3. **Is the example right?** MobileNet is named among the networks that a Sequential cannot hold. Its first
#    version is one straight road (lesson 08), with exactly the published number of parameters. And 'L1 and L2
#    make sparse' is true of L1 only (lesson 07).
# 4. **Is 'easy' the same as 'safe'?** 'Practically no chance of feeding the wrong tensor' is the sentence that does
#    most harm. The worst failures of this course made no noise: a second input that was dropped (lesson 13),
#    `Conv2D` straight into `Dense`, a softmax on one unit (lesson 09).
#
# And what the articles have right, they have right clearly: for one input, one output and a straight road a
# Sequential is the shortest and the best-checked way to write a model. Knowing where it ends spares
# frustration. That claim (A7) you can now check on yourself.

# %% [markdown]
# ## Check yourself

# %% seqkit={"role": "check"}
from seqkit.exercises.quick import Choice

Choice(
    "A model has two inputs, and one of its branches is skipped when the picture is empty. Which API?",
    {
        "a": "Functional: it has two inputs",
        "b": "A subclass of keras.Model: the path depends on the data",
        "c": "Sequential with a layer of your own: skipping is a computation",
    },
    correct="b",
    feedback={
        "a": "It handles the two inputs. But its graph is recorded once: it cannot skip a branch, unless a layer of your own hides the choice.",
        "b": "Yes: the question that demands most decides, and a subclass can have two inputs, too.",
        "c": "A Sequential has one entrance, so the second input has no place.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "You turn a trained Sequential into a Functional model with sk.to_functional and train that one. What "
    "happens to the Sequential?",
    {
        "a": "Nothing, it keeps its old weights.",
        "b": "It can no longer be used.",
        "c": "It has learned, too: both hold the same layers.",
    },
    correct="c",
    feedback={
        "a": "They share their layers, and so their weights. copy=True would make new ones.",
        "b": "It can. Nothing was taken away from it.",
        "c": "Yes. That is why we froze the layers before we trained the new head.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "Why does Match stand in a Functional model, although it is a layer of our own?",
    {
        "a": "It takes two tensors, and a Sequential hands a layer one.",
        "b": "Layers of your own are not allowed in a Sequential.",
        "c": "It has weights.",
    },
    correct="a",
    feedback={
        "a": "Yes. The number of tensors decides, not who wrote the layer.",
        "b": "Standardise stands in one, in section 2.",
        "c": "Dense has weights, too.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "An article says: 'X is impossible in Sequential.' What do you do first?",
    {
        "a": "Believe it, if the article is new.",
        "b": "Build it, and read what Keras says.",
        "c": "Always use the Functional API from now on.",
    },
    correct="b",
    feedback={
        "a": "New articles copy old sentences. Several of the claims above were true once.",
        "b": "Yes. It takes a minute, and the answer is for your version.",
        "c": "Then you give up the shortest way where it is the right one.",
    },
).ask()

# %% [markdown]
# ## What to remember
#
# - The wiring decides: ask for data-dependent paths, inputs, outputs, sharing, side roads, own steps, in this
#   order. Depth is no reason.
# - A trained Sequential is not a dead end: convert it, cut it, extend it, and its weights stay.
# - A layer of your own needs `call` and a registered name; with weights also `build`, and with settings that are
#   not plain numbers or texts also `get_config`.
# - A `train_step` of your own is invisible in the model. Call `super()` where you can.
# - 'Impossible' in an article often means 'not in one line'. Run it.
#
# | symptom | cause | fix |
# |---|---|---|
# | a model class for a straight road | more API than needed | `sk.choose(model)`, then a Sequential |
# | *Could not locate class* when a file is read | the class is not registered | `register_keras_serializable` |
# | old answers change after extending | the shared layers were trained on | `trainable = False` first, or `copy=True` |
# | `train_step() takes 2 positional arguments but 3 were given` | written for TensorFlow, run on JAX | `*args`, or the JAX form |

# %% [markdown]
# ## Next
#
# - [Exercise 20](../exercises/20_choosing.ipynb): choose, convert, merge, and the capstone of the course.
# - There is no lesson 21. Take a model of your own, ask `sk.choose`, and write it the shortest way that works.
#
# Read on: Gidaris, Singh and Komodakis (2018), *Unsupervised representation learning by predicting image
# rotations*; the Keras guides [Making new layers and models via subclassing](https://keras.io/guides/making_new_layers_and_models_via_subclassing/)
# and [Customizing fit()](https://keras.io/guides/custom_train_step_in_tensorflow/).
