"""Attention: each word takes from all words what it needs (Bahdanau 2015, Vaswani 2017)."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from seqkit.graph import read
from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import answer, influence, same_with_equal_weights

# Six words of eight numbers; two heads of four numbers each.
WORDS, WIDTH, HEADS = 6, 8, 2
PARAMETERS = 4 * (WIDTH * WIDTH + WIDTH)
# The lookup task: five things of a colour and a shape each, then a question about one colour.
COLOURS, SHAPES, ROWS = 5, 4, 1024


def multi_head_attention_in_the_list() -> keras.Model:
    """The layer is put where its result is wanted."""
    return keras.Sequential(
        [keras.Input((6, 8)), layers.MultiHeadAttention(num_heads=2, key_dim=4)]
    )


def attention_in_the_list() -> keras.Model:
    """The simpler layer, in the same place."""
    return keras.Sequential(
        [keras.Input((6, 8)), layers.Attention(), layers.GlobalAveragePooling1D()]
    )


def dense_with_softmax() -> keras.Model:
    """A table of 6 × 6 whose rows sum to 1: it looks like attention, and is none."""
    return keras.Sequential([keras.Input((6, 8)), layers.Dense(6, activation="softmax")])


def lambda_around_it() -> keras.Model:
    """A Lambda hands the tensor on twice: it runs, and the weights inside are never trained."""
    attention = layers.MultiHeadAttention(num_heads=2, key_dim=4)
    return keras.Sequential([keras.Input((6, 8)), layers.Lambda(lambda x: attention(x, x))])


def fix() -> keras.Model:
    """Self-attention in the Functional API: one tensor, passed twice."""
    words = keras.Input((6, 8))
    attention = layers.MultiHeadAttention(num_heads=2, key_dim=4)
    outputs = attention(query=words, value=words)
    return keras.Model(words, outputs)


@keras.saving.register_keras_serializable("seqkit")
class SelfAttention(layers.Layer):
    """Attention of a sequence to itself, as one layer with one input.

    Taught in lesson 16.

    Args:
        heads: how many heads work side by side.
        key_dim: numbers of a query and of a key in each head.
        causal: whether a word may only look at itself and at the words before it.

    Example:
        >>> model = keras.Sequential([keras.Input((6, 8)), SelfAttention(heads=2, key_dim=4)])
        >>> model.count_params()
        288
    """

    def __init__(self, heads: int, key_dim: int, causal: bool = False, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.heads, self.key_dim, self.causal = heads, key_dim, causal
        self.attention = layers.MultiHeadAttention(heads, key_dim)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights for queries, keys, values and for the output."""
        self.attention.build(input_shape, input_shape)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Take the same tensor as query, as key and as value."""
        return self.attention(inputs, inputs, use_causal_mask=self.causal)

    def get_config(self) -> dict[str, object]:
        """Give what `from_config` needs to make the layer again."""
        own = {"heads": self.heads, "key_dim": self.key_dim, "causal": self.causal}
        return {**super().get_config(), **own}


def workaround() -> keras.Model:
    """The second argument hidden inside a layer of one's own."""
    return keras.Sequential([keras.Input((6, 8)), SelfAttention(heads=2, key_dim=4)])


def cross_attention() -> keras.Model:
    """The words of one sequence look at those of another: two inputs."""
    asking, asked = keras.Input((3, WIDTH)), keras.Input((WORDS, WIDTH))
    outputs = layers.MultiHeadAttention(HEADS, WIDTH // HEADS)(query=asking, value=asked)
    return keras.Model([asking, asked], outputs)


def evidence() -> tuple[Check, ...]:
    """What must be true of the stand-ins, of the fix and of the way round."""
    fixed, hidden = fix(), workaround()
    set_fixed_weights(fixed)
    x = np.random.default_rng(0).normal(size=(1, WORDS, WIDTH)).astype("float32")
    everywhere = np.ones((WORDS, WORDS), bool)
    return (
        Check(
            f"the fix keeps the shape and has 4 · (8 · 8 + 8) = {PARAMETERS} parameters",
            (fixed.output_shape, fixed.count_params()) == ((None, WORDS, WIDTH), PARAMETERS),
            "Count again in lesson 16.",
        ),
        Check(
            "the fix computes what query, key and value by hand give in NumPy",
            np.allclose(answer(fixed, x), by_hand(fixed, x), atol=1e-5),
            "Change the formula in lesson 16.",
        ),
        Check(
            "in the fix every word has an influence on every word",
            np.array_equal(influence(fixed, x), everywhere),
            "Check `fix`.",
        ),
        Check(
            "in Dense with softmax each word sees itself alone, though its rows sum to 1 as well",
            _looks_like_attention(dense_with_softmax(), x),
            "Change the text of lesson 16.",
        ),
        Check(
            f"the model with a Lambda owns none of the {PARAMETERS} weights, so it trains none",
            lambda_around_it().count_params() == 0,
            "Keras finds them now. Change the text of lesson 16.",
        ),
        Check(
            "with a causal mask a word sees itself and the words before it, no more",
            np.array_equal(influence(_causal(), x), np.tril(everywhere)),
            "Change the text of lesson 16.",
        ),
        Check(
            "with a padding mask the last two words have no influence",
            _ignores_padding(fixed, x),
            "Change the text of lesson 16.",
        ),
        Check(
            "the custom layer computes the same as the fix",
            same_with_equal_weights(fixed, hidden, x),
            "Check `SelfAttention`.",
        ),
        Check(
            "cross-attention has two entrances and listens to both; the way round has one",
            _entrances(cross_attention()) == 2 > _entrances(hidden) and _listens_to_both(),
            "Change the price in lesson 16.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """What attention is for: find the thing that is asked for."""
    of_fix, of_average = (_accuracy(model) for model in (_finder(), _average()))
    return (
        Check(
            "a lookup among five things, synthetic: one attention layer learns it (over 95 %)",
            of_fix > 0.95,
            f"Test accuracy was {of_fix:.0%}.",
        ),
        Check(
            "a stack that averages over the words does not (under 65 %, guessing gives 25 %)",
            of_average < 0.65,
            f"Test accuracy was {of_average:.0%}.",
        ),
    )


# Tools that the limits of lesson 16 share.


def set_fixed_weights(model: keras.Model) -> None:
    """Give a model first weights that are the same in every run and leave the learner's seed."""
    for place, weight in enumerate(model.weights):
        shape = tuple(weight.shape)
        matrix = len(shape) > 1 and "bias" not in weight.name
        fan = shape[0] + int(np.prod(shape[1:]))
        scale = (2 / fan) ** 0.5 if matrix else 0.1
        start = np.random.default_rng(place).normal(size=shape, scale=scale)
        weight.assign(start + float(weight.name == "gamma"))


def by_hand(model: keras.Model, x: np.ndarray) -> np.ndarray:
    """Multi-head self-attention in NumPy, with the weights of the model."""
    query_w, query_b, key_w, key_b, value_w, value_b, out_w, out_b = model.get_weights()
    query = np.einsum("bid,dhk->bihk", x, query_w) + query_b
    key = np.einsum("bid,dhk->bihk", x, key_w) + key_b
    value = np.einsum("bid,dhk->bihk", x, value_w) + value_b
    scores = np.einsum("bihk,bjhk->bhij", query, key) / key_w.shape[-1] ** 0.5
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    heads = np.einsum("bhij,bjhk->bihk", shares, value)
    return np.einsum("bihk,hkd->bid", heads, out_w) + out_b


def _looks_like_attention(model: keras.Model, x: np.ndarray) -> bool:
    set_fixed_weights(model)
    sums_to_one = np.allclose(answer(model, x).sum(axis=-1), 1, atol=1e-5)
    return sums_to_one and np.array_equal(influence(model, x), np.eye(WORDS, dtype=bool))


def _causal() -> keras.Model:
    words = keras.Input((WORDS, WIDTH))
    attention = layers.MultiHeadAttention(HEADS, WIDTH // HEADS)
    model = keras.Model(words, attention(words, words, use_causal_mask=True))
    set_fixed_weights(model)
    return model


def _ignores_padding(model: keras.Model, x: np.ndarray) -> bool:
    """Whether the outputs stay when the masked last two words get other numbers."""
    attention = model.layers[-1]
    mask = np.array([[True] * (WORDS - 2) + [False] * 2])
    other = x.copy()
    other[:, -2:] += 1
    first, second = (
        keras.ops.convert_to_numpy(attention(words, words, value_mask=mask)) for words in (x, other)
    )
    real = slice(0, WORDS - 2)
    return bool(np.allclose(first[:, real], second[:, real], atol=1e-6))


def _entrances(model: keras.Model) -> int:
    return len(read(model).entry)


def _listens_to_both() -> bool:
    model = cross_attention()
    set_fixed_weights(model)
    generator = np.random.default_rng(0)
    asking, asked = (generator.normal(size=(1, n, WIDTH)) for n in (3, WORDS))
    before = answer(model, [asking, asked])
    others = ([asking + 1, asked], [asking, generator.permutation(asked, axis=2)])
    return all(np.abs(answer(model, other) - before).max() > 1e-4 for other in others)


def _finder() -> keras.Model:
    """One attention layer, and the answer at the place of the question: the last one."""
    things = keras.Input((COLOURS + 1, COLOURS + SHAPES + 1))
    x = layers.MultiHeadAttention(num_heads=1, key_dim=16)(things, things)
    return keras.Model(things, layers.Dense(SHAPES, activation="softmax")(x[:, -1]))


def _average() -> keras.Model:
    """The stand-in: a layer for each thing, their mean, and a layer for the mean."""
    return keras.Sequential(
        [
            keras.Input((COLOURS + 1, COLOURS + SHAPES + 1)),
            layers.Dense(32, activation="relu"),
            layers.GlobalAveragePooling1D(),
            layers.Dense(32, activation="relu"),
            layers.Dense(SHAPES, activation="softmax"),
        ]
    )


def lookup(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Make things of a colour and a shape each, a question, and its answer.

    Args:
        rows: how many examples.
        seed: the seed of the draw.

    Returns:
        The things as one-hot numbers, the question in the last place, and the shape asked for.
    """
    generator = np.random.default_rng(seed)
    colours = np.argsort(generator.random((rows, COLOURS)), axis=1)
    shapes = generator.integers(0, SHAPES, size=(rows, COLOURS))
    asked, each = generator.integers(0, COLOURS, size=rows), np.arange(rows)
    x = np.zeros((rows, COLOURS + 1, COLOURS + SHAPES + 1), "float32")
    x[:, :-1, :COLOURS] = np.eye(COLOURS)[colours]
    x[:, :-1, COLOURS:-1] = np.eye(SHAPES)[shapes]
    x[:, -1, :COLOURS] = np.eye(COLOURS)[colours[each, asked]]
    x[:, -1, -1] = 1
    return x, shapes[each, asked]


def _accuracy(model: keras.Model) -> float:
    set_fixed_weights(model)
    model.compile(keras.optimizers.Adam(0.03), "sparse_categorical_crossentropy")
    model.fit(*lookup(ROWS, seed=0), epochs=4, batch_size=64, shuffle=False, verbose=0)
    x, y = lookup(ROWS, seed=1)
    return float((answer(model, x).argmax(axis=1) == y).mean())


LIMIT = Limit(
    name="attention",
    title="Attention takes a query, a key and a value; a list hands on one tensor",
    lesson=16,
    claims=("A2.6", "A4.2", "C6"),
    attempts=(
        LimitAttempt(
            "MultiHeadAttention in the list", multi_head_attention_in_the_list, pattern="attention"
        ),
        LimitAttempt("Attention in the list", attention_in_the_list, pattern="attention"),
        LimitAttempt("Dense with softmax in its place", dense_with_softmax, loud=False),
        LimitAttempt("a Lambda around MultiHeadAttention", lambda_around_it, loud=False),
    ),
    why=(
        "Attention compares a query with keys and sums values. That is two or three tensors, "
        "even when all of them are the same one. A Sequential calls each layer on one tensor."
    ),
    fix_function=fix,
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price=(
        "a layer of one's own, with the attention map inside; for cross-attention a second "
        "sequence gets in only glued into one tensor, or as a pair into a list without Input"
    ),
)
