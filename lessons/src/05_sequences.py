# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 05 · Read words and forecast the weather
#
# A sentence and a series of temperatures have a length that varies and an order that counts. Here you
# learn the layers that are made for this, and when a much simpler layer does as well.
#
# {{badges}}
#
# *75 minutes · needs lessons 01 and 02 · trains eight small networks, a minute or two on a CPU*

# %% [markdown]
# ## You will be able to
#
# - turn words into whole numbers, and say what a mask is for;
# - count the parameters of Embedding, SimpleRNN, GRU and LSTM by hand;
# - write a recurrent layer in NumPy: the loop that carries a state from step to step;
# - stack recurrent layers with `return_sequences`, for series of any length;
# - compare a forecast with naive forecasts before you trust it.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import re
import warnings
from collections import Counter

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

import seqkit as sk

sk.seed(0)
sk.device()

# %% [markdown]
# ## 1. Words become whole numbers
#
# These are sentences of movie reviews. Label 1 means that people found the sentence positive, 0 negative.

# %%
reviews = sk.data.load("reviews")
for text, label in zip(reviews.x_train[1:5], reviews.y_train[1:5], strict=True):
    print(label, text[:90])

# %% [markdown]
# A network takes numbers. So we do three things:
#
# 1. **split** each text into *tokens*: here words and the punctuation marks `. , ! ?`;
# 2. make a **vocabulary**: the most common tokens, each with a number of its own;
# 3. write each text as a row of numbers. All rows of a batch need the same length, so short ones are filled up
#    with 0. This is called **padding**.
#
# Two numbers are special: 0 is padding, and 1 stands for every word that is not in the vocabulary.


# %%
LENGTH, VOCABULARY = 32, 3000


def split(text):
    return re.findall(r"[a-z']+|[.,!?]", text.lower())


def number_words(texts):
    counts = Counter(word for text in texts for word in split(text))
    common = counts.most_common(VOCABULARY - 2)  # the numbers 0 and 1 are taken
    return {word: number for number, (word, _) in enumerate(common, start=2)}


# %% [markdown]
# Rows are cut after 32 tokens. That is long enough for nearly nine of ten sentences.


# %%
def encode(texts, number, length=LENGTH):
    table = np.zeros((len(texts), length), "int32")
    for row, text in zip(table, texts, strict=True):
        known = [number.get(word, 1) for word in split(text)[:length]]
        row[: len(known)] = known
    return table


# %%
number = number_words(reviews.x_train)
print(split("A dull, dull film!"), "->", [number[word] for word in split("A dull, dull film!")])

# %% [markdown]
# The vocabulary is made of the *training* sentences only. The test should contain words that nobody has counted, as
# real use does.

# %%
mine = ...  # "A dull, dull film!" as a row of 32: how many of the 32 numbers are 0?

# %%
row = encode(["A dull, dull film!"], number)
sk.guess(mine, int((row == 0).sum()))

# %% [markdown]
# Six tokens, because the comma and the `!` count, and 26 zeros.

# %%
x_train, x_test = encode(reviews.x_train, number), encode(reviews.x_test, number)
y_train, y_test = reviews.y_train, reviews.y_test
known = (x_test > 1).sum() / (x_test > 0).sum()
print(x_train.shape, x_test.shape, f"known words in the test: {known:.0%}")

# %% [markdown]
# Keras has a layer for this: `TextVectorization`. It can make the vocabulary, too: `adapt(texts)` does the counting. We
# give it our own vocabulary and our tokens, to see that it does the same. (It works with TensorFlow's text functions, so
# TensorFlow must be installed even if Keras runs on JAX or torch. Our twelve lines work everywhere.)


# %%
def numbers(tensor):
    return keras.ops.convert_to_numpy(tensor)


try:
    vectorize = layers.TextVectorization(
        vocabulary=list(number), standardize=None, output_sequence_length=LENGTH
    )
except ImportError:
    print("TextVectorization needs TensorFlow, which is not installed here.")
else:
    tokens = [" ".join(split(text)) for text in reviews.x_test]
    same = (numbers(vectorize(tokens)) == x_test).all()
    sk.expect(same, "TextVectorization gives our numbers for all test sentences")

# %% [markdown]
# Without our settings, `TextVectorization` writes all letters small, takes out all punctuation and splits at spaces. So
# `A dull, dull film!` has four tokens there, not six. And what stood around a mark is joined: `Don't` becomes `dont`.

# %% [markdown]
# ## 2. Embedding: a row of numbers for each word
#
# Number 700 is not 'more' than number 7. So the numbers only *name* words. An `Embedding` layer has a table with a row for each
# word, and looks the row up. The rows are parameters: training can move words that mean the same for the task to similar rows.

# %%
mine = ...  # how many parameters has Embedding(3000, 16)?

# %%
embedding = layers.Embedding(VOCABULARY, 16)
vectors = embedding(x_train[:2])
sk.guess(mine, embedding.count_params())

# %%
mine = ...  # two sentences of 32 numbers went in: the shape of vectors, as in (1, 2, 3)

# %%
sk.guess(mine, vectors.shape)

# %%
table = numbers(embedding.embeddings)
sk.expect((numbers(vectors) == table[x_train[:2]]).all(), "an Embedding looks up rows, no more")

# %% [markdown]
# Older programs write `Embedding(3000, 16, input_length=20)`. Keras 3 still reads it, and warns:

# %%
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    layers.Embedding(VOCABULARY, 16, input_length=20)
sk.expect("input_length" in str(caught[0].message), "a warning: input_length is deprecated")

# %% [markdown]
# Just leave it out. An Embedding does not need to know how long a sentence is.
#
# Now we need *one* answer for a sentence of many words. The simplest way is the **mean** over the words.
# `GlobalAveragePooling1D` takes it:

# %%
averaged = keras.Sequential(
    [
        keras.Input((None,)),  # any number of words
        layers.Embedding(VOCABULARY, 16, mask_zero=True),
        layers.GlobalAveragePooling1D(),
        layers.Dense(1, activation="sigmoid"),
    ]
)
sk.trace(averaged)

# %%
sk.draw(averaged)

# %% [markdown]
# ## 3. Padding is not a word: masks
#
# What does `mask_zero=True` do? A sentence with ten zeros behind it is still the same sentence. Does the mean know that?


# %%
def gap_by_padding(*middle, mask):
    """How far the output moves when ten zeros are put behind a sentence of eight words."""
    first = [keras.Input((None,)), layers.Embedding(VOCABULARY, 16, mask_zero=mask)]
    model = keras.Sequential([*first, *middle])
    words = x_train[:1, :8]
    padded = np.pad(words, ((0, 0), (0, 10)))
    return float(np.abs(numbers(model(words)) - numbers(model(padded))).max())


# %%
mine = ...  # does the mean change without the mask, and with it? As in (True, True)

# %%
mean = layers.GlobalAveragePooling1D
gaps = [gap_by_padding(mean(), mask=mask) for mask in (False, True)]
sk.guess(mine, (gaps[0] > 1e-4, gaps[1] > 1e-4))

# %% [markdown]
# Without the mask the mean is taken over 18 rows, and ten of them are the row of word 0. `mask_zero=True` sends a second
# array together with the vectors, the **mask**: True where a word is, False where the number is 0. Layers that know about
# masks leave the padding out:

# %%
mask = layers.Embedding(VOCABULARY, 16, mask_zero=True).compute_mask(row)
print(numbers(mask).astype(int))

# %% [markdown]
# `Dense` passes the mask on. The mean and a recurrent layer that gives its last state use it up: behind them there are no
# places left to mask. Some layers drop the mask, and Keras warns that the layer *does not support masking*: `Conv1D`,
# `Flatten`, the poolings with a window (`MaxPooling1D` and `AveragePooling1D`) and `GlobalMaxPooling1D`.
#
# ### What is a good number?
#
# Half of the test sentences are positive, so guessing is right in 50 %. That is our first number to beat. The second, for all
# that comes later, is what the mean itself reaches. It is cheap, and it cannot know the order of the words.

# %%
mine = (
    ...
)  # you reverse the words of every sentence: does the answer of the mean change? True or False

# %%
backwards = np.array([np.pad(line[line > 0][::-1], (0, (line == 0).sum())) for line in x_test[:50]])
gap = np.abs(numbers(averaged(x_test[:50])) - numbers(averaged(backwards))).max()
sk.guess(mine, bool(gap > 1e-4))


# %%
def train(model, x, y, epochs, rate, batch_size=128, loss="binary_crossentropy"):
    model.compile(optimizer=keras.optimizers.Adam(rate), loss=loss)
    model.fit(x, y, epochs=epochs, batch_size=batch_size, verbose=0)


def accuracy(model, x, y):
    return float(np.mean((numbers(model(x))[:, 0] > 0.5) == y))


train(averaged, x_train, y_train, epochs=2, rate=0.02)
of_the_mean = accuracy(averaged, x_test, y_test)
print(f"positive: {y_test.mean():.0%}")
sk.expect(of_the_mean > 0.72, "the mean names more than 72 % of the test sentences correctly")

# %% [markdown]
# It names about 76 %. Two epochs are enough here: with 48,000 parameters for 8,000 sentences, it soon
# remembers single training sentences (lesson 07). 76 % is now the number to beat.

# %% [markdown]
# ## 4. A layer with a state: SimpleRNN
#
# *Good, not bad* and *bad, not good* have the same mean. To know the order, a network can read word after word and keep a
# **state**: a row of numbers that carries what was read so far. A **recurrent** layer computes at each step
#
# > new state = tanh(word · W + old state · U + b)
#
# with the *same* W, U and b at every step. (`tanh` squeezes any number to between −1 and 1.) The first state is 0; the last one is the answer.

# %%
figure, axis = plt.subplots(figsize=(8, 2.2))
for step, word in enumerate(["a", "dull", "dull", "film"]):
    x = 2 * step
    axis.text(x, 0, word, ha="center", va="center")
    axis.text(x, 1, "W, U, b", ha="center", va="center", bbox={"boxstyle": "square", "fc": "w"})
    axis.annotate("", (x, 0.75), (x, 0.2), arrowprops={"arrowstyle": "->"})
    axis.annotate("", (x + 1.4, 1), (x + 0.6, 1), arrowprops={"arrowstyle": "->"})
    axis.text(x + 1, 1.12, f"state {step + 1}", ha="center", fontsize=8)
axis.text(7.5, 1, "answer", va="center")
axis.set(xlim=(-0.8, 8.6), ylim=(-0.3, 1.5))
axis.axis("off")
sk.show(
    figure,
    alt="Four words in a row. Each goes up into the same layer, which hands its state to the right.",
)

# %% [markdown]
# Words of 16 numbers, 8 units. What shape has U, the matrix that turns the old state into a part of the new one?

# %%
mine = ...  # the shape of U, as in (1, 2)

# %%
rnn = layers.SimpleRNN(8)
words = numbers(vectors)[:1, :6]  # six words of the first sentence: (1, 6, 16)
answer = numbers(rnn(words))
kernel, recurrent, bias = rnn.get_weights()
sk.guess(mine, recurrent.shape)

# %% [markdown]
# The whole layer is a loop of two lines:

# %%
state = np.zeros(8)
for word in words[0]:
    state = np.tanh(word @ kernel + state @ recurrent + bias)
sk.expect(np.allclose(state, answer[0], atol=1e-5), "the loop gives what SimpleRNN gives")

# %%
mine = ...  # the number of parameters of SimpleRNN(8) on words of 16 numbers

# %%
sk.guess(mine, rnn.count_params())

# %% [markdown]
# 16·8 + 8·8 + 8 = 200. The number of *steps* is not in it: the same weights serve 6 words or 600.
#
# ### All states, or the last one
#
# `return_sequences=True` gives the state after every step.

# %%
mine = ...  # the shape of SimpleRNN(8, return_sequences=True) on (1, 6, 16)

# %%
sk.guess(mine, layers.SimpleRNN(8, return_sequences=True)(words).shape)

# %% [markdown]
# When do you need it? Two recurrent layers are often stacked. Here is a first try that many people make:

# %%
with sk.attempt():
    keras.Sequential(
        [keras.Input((24, 1)), layers.LSTM(16), layers.LSTM(8), layers.Dense(1)],
    )

# %% [markdown]
# The second layer reads a series, and the first one handed on its last state only. The rule: **every recurrent layer except the last
# one gets `return_sequences=True`**. The last one gets it, too, if you want an answer at every step.

# %% [markdown]
# ## 5. LSTM and GRU: layers with gates
#
# In a SimpleRNN the state is multiplied by U at every step. Over many steps, what was read early usually fades, and so does its gradient;
# it may also explode (Bengio, Simard and Frasconi 1994). The **LSTM** (Hochreiter and Schmidhuber 1997) has a second state, the **cell**, that is changed only by
# *gates*: numbers between 0 and 1 that are computed from the word and the state. `sigmoid` makes them. (The gate *keep* was added by Gers,
# Schmidhuber and Cummins 2000.)


# %%
def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_step(word, state, cell, kernel, recurrent, bias):
    sums = word @ kernel + state @ recurrent + bias
    write, keep, new, show = np.split(sums, 4)  # four parts of equal size
    cell = sigmoid(keep) * cell + sigmoid(write) * np.tanh(new)
    return sigmoid(show) * np.tanh(cell), cell


lstm = layers.LSTM(8)
answer = numbers(lstm(words))
state, cell = np.zeros(8), np.zeros(8)
for word in words[0]:
    state, cell = lstm_step(word, state, cell, *lstm.get_weights())
sk.expect(np.allclose(state, answer[0], atol=1e-5), "the loop gives what LSTM gives")

# %% [markdown]
# With *keep* near 1 and *write* near 0 the cell stays as it is, for as long as needed. There are three gates and the new content:
# four parts, each with its own W, U and b. So an LSTM has four times the parameters of a SimpleRNN.
#
# The **GRU** (Cho et al. 2014) has two gates, no cell, and three parts. In Keras each part has two biases for each unit.


# %%
def simple_rnn_count(inputs, units):
    return inputs * units + units * units + units


def lstm_count(inputs, units):
    return 4 * simple_rnn_count(inputs, units)


def gru_count(inputs, units):
    return 3 * (inputs * units + units * units + 2 * units)


# %%
mine = ...  # 16 units on words of 16 numbers: SimpleRNN, LSTM and GRU, as in (100, 200, 300)

# %%
sk.guess(mine, (simple_rnn_count(16, 16), lstm_count(16, 16), gru_count(16, 16)))

# %%
stacked = keras.Sequential(
    [
        keras.Input((None, 16)),
        layers.SimpleRNN(16, return_sequences=True),
        layers.GRU(16, return_sequences=True),
        layers.LSTM(16),
        layers.Dense(1),
    ]
)
sk.trace(stacked)

# %% [markdown]
# Read the column *why*: it is the arithmetic of the three functions.
#
# ### Padding and the LSTM
#
# A recurrent layer reads the padding, too. Without a mask the zeros behind a sentence are words like all others,
# and the state goes on changing. Take the first eight words of two sentences and put 0 to 16 zeros behind them. Look at
# the last state of an LSTM (one of its numbers):


# %%
ZEROS = (0, 1, 2, 4, 8, 16)


def states_by_padding(mask):
    sk.seed(0)  # the same weights with and without the mask
    first = [keras.Input((None,)), layers.Embedding(VOCABULARY, 16, mask_zero=mask)]
    model = keras.Sequential([*first, layers.LSTM(4)])
    padded = [np.pad(x_train[:2, :8], ((0, 0), (0, zeros))) for zeros in ZEROS]
    return np.array([numbers(model(pair)) for pair in padded])  # zeros, sentence, unit


with_mask, without = states_by_padding(True), states_by_padding(False)

# %%
figure, axis = plt.subplots(figsize=(6, 2.6))
for one, marker in enumerate("os"):
    axis.plot(ZEROS, with_mask[:, one, 0], marker + "-", label=f"sentence {one + 1}, mask")
    axis.plot(ZEROS, without[:, one, 0], marker + "--", label=f"sentence {one + 1}, no mask")
axis.set(xlabel="zeros behind the sentence", ylabel="a number of the state")
axis.legend(fontsize=8)
sk.show(
    figure,
    alt="With a mask two flat lines, one for each sentence. Without one the two lines come together.",
)

# %%
moves = [np.ptp(states, axis=0).max() for states in (with_mask, without)]
sk.expect(moves[0] < 1e-6, "with a mask, zeros behind a sentence change nothing")
sk.expect(moves[1] > 1e-3, "without a mask, zeros behind a sentence change the state")
apart = np.abs(without[:, 0] - without[:, 1]).max(axis=1)
sk.expect(apart[-1] < apart[0] / 2, "16 zeros: less than half of the difference is left")

# %% [markdown]
# (`np.ptp` is the largest value minus the smallest.) With a mask, the layer copies its state over the
# padding. Without one, the states of two different sentences become more and more alike: this new LSTM forgets what it read.
# Training can make it remember longer, but it must learn that first.

# %% [markdown]
# ## 6. Four readers, one task
#
# Now the three recurrent layers read the reviews, each with 16 units and with masks. The number to beat is that of the mean, about
# 76 %. We call it a win if a layer is more than 2 points ahead.

# %%
mine = ...  # will the best of the three be more than 2 points ahead of the mean? True or False


# %%
def reader(recurrent):
    sk.seed(0)
    first = [keras.Input((None,)), layers.Embedding(VOCABULARY, 16, mask_zero=True)]
    model = keras.Sequential([*first, recurrent(16), layers.Dense(1, activation="sigmoid")])
    train(model, x_train, y_train, epochs=2, rate=0.005)
    return model


readers = {one.__name__: reader(one) for one in (layers.SimpleRNN, layers.GRU, layers.LSTM)}
scores = {name: accuracy(model, x_test, y_test) for name, model in readers.items()}
sk.guess(mine, bool(max(scores.values()) > of_the_mean + 0.02))

# %%
sk.expect(min(scores.values()) > 0.62, "all three are far better than guessing")

# %% [markdown]
# **No recurrent layer wins.** Outside of this notebook we trained each with four seeds; correct test sentences:
#
# | reader | parameters behind the Embedding | correct |
# |---|---|---|
# | mean | 17 | 76 % |
# | mean **without** a mask | 17 | 72 to 76 % |
# | SimpleRNN | 545 | 70 to 74 % |
# | GRU | 1,649 | 73 to 75 % |
# | LSTM | 2,129 | 74 to 75 % |
# | LSTM **without** a mask | 2,129 | 70 to 74 % |
#
# Two things to keep. The mean is the simplest and the best here. Probably single words such as *dull* and *charming* decide most of these short
# sentences, and 8,000 sentences show pairs such as *not good* too seldom. And the mask matters: half of the sentences have 12 zeros or more
# behind them, and without a mask the LSTM reads them after the last word.
#
# What does a recurrent layer do better? It has an opinion after each word:

# %%
sentence = "this film is charming and funny , but the end is dull , boring and bad"
row = encode([sentence], number)[0]
steps = range(1, len(sentence.split()) + 1)
opinion = [numbers(readers["LSTM"](row[None, :step]))[0, 0] for step in steps]

figure, axis = plt.subplots(figsize=(8, 2.6))
axis.plot(steps, opinion, "o-")
axis.axhline(0.5, color="grey", linewidth=0.8)
axis.set(ylim=(0, 1), ylabel="positive", xticks=steps)
axis.set_xticklabels(sentence.split(), rotation=45)
sk.show(
    figure, alt="The probability of 'positive' after each word: up at charming, down from dull on."
)

# %%
sk.expect(opinion[5] > opinion[-1] + 0.1, "the end of the sentence changes the opinion")

# %% [markdown]
# In the picture that is stored here, the curve falls at *dull*, but it crosses 0.5 only at *boring*. Other weights can cross
# elsewhere.

# %% [markdown]
# ## 7. Spam: the example of the articles, and a trap
#
# A popular example is *Embedding, average, Dense, sigmoid* for short texts. Here it should find spam. *Ham* is
# e-mail that is not spam.

# %%
spam = sk.data.load("spam")
spam

# %% [markdown]
# Read the first note. The raw file holds many e-mails twice. With copies in both parts, the test would ask for
# e-mails that the network has already seen. So **drop duplicates before you split**; `sk.data.load` did it.
#
# **What is a good number?** 76 % of the test e-mails are ham: always saying 'ham' is right in 76 %. A second number to
# beat comes from a single word: calling every e-mail with the word *your* spam.

# %%
spam_number = number_words(spam.x_train)
x_spam, x_mail = (encode(part, spam_number, length=60) for part in (spam.x_train, spam.x_test))
has_your = (x_mail == spam_number["your"]).any(axis=1)
print(f"always ham {np.mean(spam.y_test == 0):.0%} · the word 'your' ", end="")
print(f"{np.mean(has_your == spam.y_test):.0%}")


# %%
def spam_filter():
    return keras.Sequential(
        [
            keras.Input((None,)),
            layers.Embedding(VOCABULARY, 16, mask_zero=True),
            layers.GlobalAveragePooling1D(),
            layers.Dense(8, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


# %% [markdown]
# Before we train, look for e-mails without any token. There are two among 4,307. What is the mean of no words?

# %%
empty = np.flatnonzero((x_spam == 0).all(axis=1))
print(len(empty), "empty:", spam.x_train[empty[1]], "->", split(spam.x_train[empty[1]]))

# %%
mine = ...  # the mask leaves out all 60 places. Is the answer of the filter a number? True or False

# %%
answer = numbers(spam_filter()(x_spam[empty[:1]]))
sk.guess(mine, bool(np.isfinite(answer).all()))

# %% [markdown]
# It is `nan`, *not a number*: 0 divided by 0. And it spreads. One such e-mail in a batch makes the loss `nan`, then the gradient, and
# then the weights. On TensorFlow and JAX there is no error; only PyTorch's loss looks at what it gets:

# %%
poisoned = spam_filter()
batch = np.concatenate([empty[:1], np.flatnonzero((x_spam > 0).any(axis=1))[:63]])
settings = {"epochs": 1, "rate": 0.01, "batch_size": 64}
step = sk.attempt(train, poisoned, x_spam[batch], spam.y_train[batch], **settings)
if step.failed:
    print(step.error)
else:
    sk.expect(
        np.isnan(poisoned.layers[-1].get_weights()[0]).all(),
        "one empty e-mail among 64: after one step the last layer holds nan and nothing else",
    )
    always_ham = np.mean(spam.y_test == 0)
    sk.expect(
        accuracy(poisoned, x_mail, spam.y_test) == always_ham,
        "and the score is that of 'always ham'",
    )

# %% [markdown]
# (`nan > 0.5` is False, so every e-mail counts as ham: 76 %. Without the 76 % above, one could take this for a result.)
# The repair: a text without tokens gets the number 1, *unknown word*.

# %%
for part in (x_spam, x_mail):
    part[(part == 0).all(axis=1), 0] = 1

sk.seed(0)
spam_model = spam_filter()
train(spam_model, x_spam, spam.y_train, epochs=3, rate=0.01, batch_size=64)


# %% seqkit={"headline": "spam filter: {right:.1%} right, recall {recall:.1%}, precision {precision:.1%}"}
def measure(words):
    """Accuracy, recall and precision of the filter on the first words of each e-mail."""
    named = numbers(spam_model(x_mail[:, :words]))[:, 0] > 0.5
    real = spam.y_test == 1
    return np.mean(named == real), named[real].mean(), real[named].mean()


right, recall, precision = measure(words=60)
sk.expect(right > 0.93, "more than 93 % of the e-mails are named correctly")
sk.expect(recall > 0.80, "of the spam, more than 80 % is found (recall)")
sk.expect(precision > 0.83, "of what is called spam, more than 83 % is spam (precision)")

# %% [markdown]
# With five seeds, 96 to 97 % were named correctly; recall was 86 to 97 % and precision 90 to 97 %. Always-ham and
# the single word are clearly beaten. Recall and precision usually move in opposite directions when you move the limit of
# 0.5 (lesson 03).
#
# The filter was built with `Input((None,))`. It takes e-mails of any length, with the same weights:

# %%
mine = ...  # give it only the first 20 words of each e-mail: better, equal or worse? In quotes

# %%
right_20 = measure(words=20)[0]
sk.expect(right_20 > 0.90, "the first 20 words are enough for more than 90 %")
sk.guess(mine, "worse" if right_20 < right else "equal" if right_20 == right else "better")

# %% [markdown]
# One or two points worse, with each of five seeds: 94 to 96 %. So `input_length=20` is not needed to work with 20 words. The length is a matter
# of the data, not of the model.

# %% [markdown]
# ## 8. Forecast: how warm will it be in six hours?
#
# The hourly temperatures of a year in Greensboro. The months come from different years, so no window may cross the end of a
# month; `windows` takes care of that. Each window holds 24 hours, and the target lies six hours later.

# %%
hourly = sk.data.load("weather_hourly")
parts = hourly.windows(length=24, horizon=6, features=[hourly.target], step=3)
now, now_test = parts.x_train[:, -1, 0], parts.x_test[:, -1, 0]
print("windows have", parts.x_train.shape[1:], "· months:", len(np.unique(hourly.columns["month"])))

# %% [markdown]
# **What is a good number?** Two naive forecasts cost nothing:
#
# - *as now*: in six hours it is as warm as now;
# - *as yesterday*: it is as warm as 24 hours before the hour we ask for. That hour is in the window: 18 hours before its end.
#
# We measure the **mean absolute error** in degrees: how far the forecast is off, on average.

# %%
mine = ...  # which naive forecast is better for six hours ahead: "now" or "yesterday"?


# %%
def error(forecast, truth=parts.y_test):
    return float(np.abs(forecast - truth).mean())


# -1 is now, -19 is 18 hours before now
naive = {"now": error(now_test), "yesterday": error(parts.x_test[:, -19, 0])}
print({name: f"{value:.1f} degrees" for name, value in naive.items()})
sk.guess(mine, min(naive, key=naive.get))

# %% [markdown]
# From noon to evening much changes; from one noon to the next, less. So 'better than as now' would be a weak claim
# here. The number to beat is that of *as yesterday*, 3.0 degrees. A third rival learns: a **linear model**, one weight for each of the 24 hours, by least squares.
#
# For the network, temperatures are written as tens of degrees above the last one. Then 'as now' is 0, the numbers are
# near 1, and a warm and a cold month look alike.


# %%
def from_now(x, last):
    return ((x - last[:, None, None]) / 10).astype("float32")


x_hours, x_hours_test = from_now(parts.x_train, now), from_now(parts.x_test, now_test)
y_hours = (parts.y_train - now) / 10

with_one = [np.c_[x[:, :, 0], np.ones(len(x))] for x in (x_hours, x_hours_test)]
weights = np.linalg.lstsq(with_one[0], y_hours, rcond=None)[0]
linear = error(with_one[1] @ weights * 10 + now_test)
print(f"linear model: {linear:.2f} degrees")

# %% [markdown]
# And the network: a stack of two LSTMs for series of shape (None, 1), as it stands in many articles.

# %%
mine = (
    ...
)  # the parameters of LSTM(16) on one feature, of LSTM(8) on 16, and of Dense(1): their sum

# %%
sk.seed(0)
forecaster = keras.Sequential(
    [
        keras.Input((None, 1)),
        layers.LSTM(16, return_sequences=True),
        layers.LSTM(8),
        layers.Dense(1),
    ]
)
sk.guess(mine, forecaster.count_params())

# %%
sk.trace(forecaster)

# %%
sk.draw(forecaster)

# %% seqkit={"headline": "tomorrow: linear {linear:.2f}, LSTM {of_lstm:.2f} degrees"}
epochs = sk.budget(quick=6, full=15)
train(forecaster, x_hours, y_hours, epochs, 0.01, batch_size=64, loss="mean_absolute_error")
forecast = numbers(forecaster(x_hours_test))[:, 0] * 10 + now_test
of_lstm = error(forecast)
sk.expect(of_lstm < 0.85 * naive["yesterday"], "at least 15 % better than 'as yesterday'")
sk.expect(abs(of_lstm / linear - 1) < 0.25, "but within 25 % of the linear model, on either side")

# %% [markdown]
# The LSTM beats both naive forecasts by far. Outside of this notebook, four seeds were off by 2.11 to 2.16 degrees after six epochs (with Keras on JAX by 2.12 to 2.69); *as yesterday* is
# off by 3.0 and *as now* by 3.9. But it does **not** beat the linear model, which is off by 2.15: 24 weights and a constant do as well as 1,961
# parameters. A small linear rival belongs beside every forecast.

# %%
some = slice(0, 40)  # five days, a window every three hours
figure, axis = plt.subplots(figsize=(8, 2.8))
axis.plot(parts.y_test[some], color="black", label="truth")
axis.plot(forecast[some], "o-", markersize=3, label="LSTM")
axis.plot(parts.x_test[some, -19, 0], ":", label="as yesterday")
axis.set(xlabel="test window", ylabel="degrees C")
axis.legend(fontsize=8, ncols=3)
sk.show(figure, alt="Truth, forecast of the LSTM and 'as yesterday' for 40 windows of the test.")

# %% [markdown]
# ### Another length
#
# The model takes any number of hours. Does it *forecast well* from any number? Give it the last 12 hours in place of 24:

# %%
mine = ...  # from 12 hours: the error? "same", "larger" or "smaller"

# %%
from_12 = numbers(forecaster(x_hours_test[:, 12:]))[:, 0] * 10 + now_test
ratio = error(from_12) / of_lstm
sk.expect(ratio > 1.05, "the error grows by more than 5 %")
sk.guess(mine, "larger" if ratio > 1.05 else "smaller" if ratio < 0.95 else "same")

# %% [markdown]
# It runs, and it is worse: 3.2 to 3.7 degrees with our four seeds, more than 'as yesterday' (with Keras on JAX 2.9 to 3.6). In training every series had 24 steps, so the network
# never had to answer after 12. *Takes any length* is about shapes. Good answers need training on the lengths of real use.

# %% [markdown]
# ## 9. A forecast that hardly wins
#
# How warm will it be tomorrow? Four years of daily maxima from Seattle, one week in a window; the year 2015 is the test. **What is a good number?** *As
# today* is off by 2.2 degrees. We call it a win if the error is at least 10 % smaller.

# %%
mine = ...  # will an LSTM win by 10 %? True or False

# %%
daily = sk.data.load("weather_daily")
weeks = daily.windows(length=7, horizon=1, features=[daily.target])
today, today_test = weeks.x_train[:, -1, 0], weeks.x_test[:, -1, 0]
of_today = error(today_test, weeks.y_test)
print(f"as today: {of_today:.1f} degrees")

# %%
sk.seed(0)
tomorrow = keras.Sequential([keras.Input((None, 1)), layers.LSTM(16), layers.Dense(1)])
x_days, y_days = from_now(weeks.x_train, today), (weeks.y_train - today) / 10
train(tomorrow, x_days, y_days, 10, rate=0.01, batch_size=64, loss="mean_absolute_error")
said = numbers(tomorrow(from_now(weeks.x_test, today_test)))[:, 0] * 10 + today_test
of_tomorrow = error(said, weeks.y_test)
sk.guess(mine, bool(of_tomorrow < 0.9 * of_today))

# %%
sk.expect(abs(of_tomorrow / of_today - 0.97) < 0.05, "about as good as 'as today'")

# %% [markdown]
# **It does not win.** With four seeds its error was 3 to 4 % smaller than that of 'as today'; rounded, both are 2.2 degrees.
# A linear model gains as much. A week of maxima says little about tomorrow that today's does not say. Without the naive forecast, '2.2 degrees' would have looked like a success.

# %% [markdown]
# ## 10. The claims and the evidence
#
# Four sentences from articles are about this lesson. The table computes their verdicts on your machine. Look at the LSTM, text
# and weather lines; the other lines belong to other lessons.

# %%
sk.claims.table(lesson=5)

# %% [markdown]
# *Nearly all layers work in it* holds, but layers that need two tensors do not (Part II). *input_length* is **outdated**: it only gives a warning, and
# the stack works without it, on any length.

# %% [markdown]
# ## Check yourself

# %% seqkit={"role": "check"}
from seqkit.exercises.quick import Choice

Choice(
    "LSTM(32, return_sequences=True) gets (None, 50, 8). What comes out?",
    {"a": "(None, 32)", "b": "(None, 50, 32)", "c": "(None, 50, 8)"},
    correct="b",
    feedback={
        "a": "That is the last state alone, without return_sequences.",
        "b": "Yes: a state of 32 numbers after each of the 50 steps.",
        "c": "The last axis becomes the units.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "The same GRU is built for series of 10 and of 1,000 steps. Which has more parameters?",
    {"a": "The one for 1,000 steps", "b": "Both have the same number"},
    correct="b",
    feedback={
        "a": "It takes longer. But the same weights are used at each step.",
        "b": "Yes: the number of steps is not in the formula.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "Somebody builds Embedding(5000, 16) without mask_zero and pads sentences at the end. What happens?",
    {
        "a": "Keras raises an error, because 0 is not a word.",
        "b": "Nothing: zeros are ignored.",
        "c": "The padding is read as if it were a word, and moves the answer.",
    },
    correct="c",
    feedback={
        "a": "Row 0 of the table exists like all others. It is looked up.",
        "b": "Only with mask_zero=True.",
        "c": "Yes. With mask_zero=True, the mean and recurrent layers leave it out.",
    },
).ask()

# %% seqkit={"role": "check"}
Choice(
    "A network forecasts tomorrow's price with a mean error of 1.9. What do you ask first?",
    {
        "a": "How many units it has.",
        "b": "How far off 'as today' is, on the same test days.",
        "c": "Whether it uses LSTM or GRU.",
    },
    correct="b",
    feedback={
        "a": "The size says nothing about what the error is worth.",
        "b": "Yes. If 'as today' is off by 1.8, the network is worth nothing.",
        "c": "That matters less. First the number needs a rival.",
    },
).ask()

# %% [markdown]
# ## What to remember
#
# - Words become numbers; 0 is padding, 1 is unknown. `mask_zero=True` tells the next layers which is which.
# - A recurrent layer is a loop with a state. LSTM: four parts, GRU: three; the steps are not in the count.
# - `return_sequences=True` on every recurrent layer except the last one.
# - Start text with the mean of an Embedding, and forecasts with *as now*, *as yesterday* and a linear model.
# - Any length runs; good answers come at the lengths of the training.
#
# | symptom | cause | fix |
# |---|---|---|
# | *expected ndim=3, found ndim=2* | a recurrent layer behind one that gives its last state only | `return_sequences=True` on the first one |
# | no error, the score equals that of the larger class, the loss is `nan` | a text without any known place, averaged with a mask | give it one token, such as 1 |
# | no error, a longer padding changes the answer | no mask | `mask_zero=True` |
# | *does not support masking* (a warning) | `Flatten`, `Conv1D`, a pooling with a window or `GlobalMaxPooling1D` behind a mask | a mean or a recurrent layer |
# | *input_length is deprecated* (a warning) | an old program | leave it out |

# %% [markdown]
# ## Next
#
# - [Exercise 05](../exercises/05_sequences.ipynb): encode, count, compute, repair and forecast.
# - [Lesson 06](06_training.ipynb) is about the training itself: learning rate, callbacks, and reading a history. Lesson 16 lets every word look at
#   every other one.
#
# Read on: Hochreiter and Schmidhuber (1997), *Long short-term memory*; Bengio, Simard and Frasconi (1994), *Learning long-term
# dependencies with gradient descent is difficult*; Cho et al. (2014), *Learning phrase representations using RNN encoder–decoder*; the
# Keras guide [Understanding masking & padding](https://keras.io/guides/understanding_masking_and_padding/).
