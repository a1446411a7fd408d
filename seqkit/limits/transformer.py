"""The encoder block of a transformer: attention, two skips, positions (Vaswani et al. 2017)."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from seqkit.graph import read
from seqkit.limits.attention import set_fixed_weights
from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import answer, influence, same_with_equal_weights

# Six words out of a vocabulary of 20, as vectors of eight numbers.
WORDS, VOCABULARY, WIDTH, INNER = 6, 20, 8, 16
BLOCK = 4 * (8 * 8 + 8) + (8 * 16 + 16) + (16 * 8 + 8) + 2 * 2 * 8
PARAMETERS = 20 * 8 + 6 * 8 + BLOCK + (8 + 1)
ROWS = 1024


def attention_in_the_list() -> keras.Model:
    """All parts of the block in a row; each is a layer of Keras."""
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Embedding(20, 8),
            layers.MultiHeadAttention(num_heads=2, key_dim=4),
            layers.Add(),
            layers.LayerNormalization(),
            layers.Dense(16, activation="relu"),
            layers.Dense(8),
            layers.Add(),
            layers.LayerNormalization(),
        ]
    )


def add_in_the_list() -> keras.Model:
    """The second half of the block alone: its skip cannot be written either."""
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Embedding(20, 8),
            layers.Dense(16, activation="relu"),
            layers.Dense(8),
            layers.Add(),
            layers.LayerNormalization(),
        ]
    )


def a_function_in_the_list() -> keras.Model:
    """The block is written as a function, as for the Functional API, and put into the list."""

    def encoder_block(x: keras.KerasTensor) -> keras.KerasTensor:
        return layers.Add()([x, layers.MultiHeadAttention(num_heads=2, key_dim=4)(x, x)])

    return keras.Sequential([keras.Input((6,)), layers.Embedding(20, 8), encoder_block])


def feed_forward_only() -> keras.Model:
    """What can stand in a list is kept: it builds, and no word sees another one."""
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Embedding(20, 8),
            layers.LayerNormalization(),
            layers.Dense(16, activation="relu"),
            layers.Dense(8),
            layers.LayerNormalization(),
        ]
    )


def positions_by_a_second_embedding() -> keras.Model:
    """A second Embedding, meant for the positions: it looks up the first one's numbers."""
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Embedding(20, 8),  # the words
            layers.Embedding(6, 8),  # the positions
            layers.Flatten(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


@keras.saving.register_keras_serializable("seqkit")
class Positions(layers.Layer):
    """Adds a learned vector for each place of the sequence.

    Args:
        length: how many places the sequence has.
    """

    def __init__(self, length: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.length = length

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make one vector for each place."""
        self.table = self.add_weight(
            shape=(self.length, input_shape[-1]), initializer="uniform", name="table"
        )

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Add to each vector the vector of its place."""
        return inputs + self.table

    def get_config(self) -> dict[str, object]:
        """Give what `from_config` needs to make the layer again."""
        return {**super().get_config(), "length": self.length}


def fix() -> keras.Model:
    """One encoder block between an Embedding with positions and a mean, in the Functional API."""
    tokens = keras.Input((6,))
    x = layers.Embedding(20, 8)(tokens)
    x = Positions(6)(x)

    seen = layers.MultiHeadAttention(num_heads=2, key_dim=4)(x, x)
    x = layers.LayerNormalization()(layers.Add()([x, seen]))

    inner = layers.Dense(16, activation="relu")(x)
    inner = layers.Dense(8)(inner)
    x = layers.LayerNormalization()(layers.Add()([x, inner]))

    x = layers.GlobalAveragePooling1D()(x)
    outputs = layers.Dense(1, activation="sigmoid")(x)
    return keras.Model(tokens, outputs)


@keras.saving.register_keras_serializable("seqkit")
class TransformerBlock(layers.Layer):
    """Self-attention and two Dense layers, each with a skip and a normalisation, as one layer.

    Taught in lesson 16.

    Args:
        width: numbers of each word's vector; it stays the same.
        heads: heads of the attention; they share the width.
        inner: units of the Dense layer between.

    Example:
        >>> model = keras.Sequential([keras.Input((6, 8)), TransformerBlock(8, 2, 16)])
        >>> model.output_shape, model.count_params()
        ((None, 6, 8), 600)
    """

    def __init__(self, width: int, heads: int, inner: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.sizes = {"width": width, "heads": heads, "inner": inner}
        self.attention = layers.MultiHeadAttention(heads, width // heads)
        self.first_norm = layers.LayerNormalization()
        self.inner = layers.Dense(inner, activation="relu")
        self.outer = layers.Dense(width)
        self.second_norm = layers.LayerNormalization()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights of all five parts."""
        self.attention.build(input_shape, input_shape)
        self.first_norm.build(input_shape)
        self.inner.build(input_shape)
        self.outer.build((*input_shape[:-1], self.sizes["inner"]))
        self.second_norm.build(input_shape)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Let each word look at all words, then work on each word alone."""
        x = self.first_norm(inputs + self.attention(inputs, inputs))
        return self.second_norm(x + self.outer(self.inner(x)))

    def get_config(self) -> dict[str, object]:
        """Give what `from_config` needs to make the layer again."""
        return {**super().get_config(), **self.sizes}


def workaround() -> keras.Model:
    """A row of layers of one's own, with the skips and the second arguments inside."""
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Embedding(20, 8),
            Positions(6),
            TransformerBlock(width=8, heads=2, inner=16),
            layers.GlobalAveragePooling1D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def decoder() -> keras.Model:
    """The block of a decoder: it looks at its own words, and at those of the encoder."""
    own, encoded = keras.Input((3, WIDTH)), keras.Input((WORDS, WIDTH))
    seen = layers.MultiHeadAttention(2, 4)(own, own, use_causal_mask=True)
    x = layers.LayerNormalization()(layers.Add()([own, seen]))
    seen = layers.MultiHeadAttention(2, 4)(x, encoded)
    x = layers.LayerNormalization()(layers.Add()([x, seen]))
    return keras.Model([own, encoded], x)


def evidence() -> tuple[Check, ...]:
    """What must be true of the stand-ins, of the fix and of the way round."""
    fixed, hidden = fix(), workaround()
    set_fixed_weights(fixed)
    generator = np.random.default_rng(0)
    tokens = generator.integers(0, VOCABULARY, size=(8, WORDS))
    vectors = generator.normal(size=(1, WORDS, WIDTH)).astype("float32")
    block = keras.Sequential([keras.Input((WORDS, WIDTH)), TransformerBlock(WIDTH, 2, INNER)])
    return (
        Check(
            f"the block has {BLOCK} parameters and the fix {PARAMETERS}, as counted by hand",
            (block.count_params(), fixed.count_params()) == (BLOCK, PARAMETERS),
            "Count again in lesson 16.",
        ),
        Check(
            "the fix has two skips: each Add reads two tensors",
            _reads_of_adds(fixed) == [2, 2],
            "Check `fix`.",
        ),
        Check(
            "in the block every word has an influence on every word",
            _sees(block, vectors) == WORDS * WORDS,
            "Check `TransformerBlock`.",
        ),
        Check(
            "in the stack without attention each word sees itself alone",
            _sees(_without_embedding(feed_forward_only()), vectors) == WORDS,
            "Change the text of lesson 16.",
        ),
        Check(
            "a second Embedding reads numbers as words: any sentence gives the same answer",
            float(np.ptp(answer(positions_by_a_second_embedding(), tokens))) < 1e-6,
            "Change the text of lesson 16.",
        ),
        Check(
            "without positions the order of the words changes no answer; with positions it does",
            _order_matters(fixed, tokens) and not _order_matters(_without_positions(fixed), tokens),
            "Change the text of lesson 16.",
        ),
        Check(
            "the row of custom layers computes the same as the fix",
            same_with_equal_weights(fixed, hidden, tokens),
            "Check `TransformerBlock`.",
        ),
        Check(
            "a stack of three such blocks is a Sequential of three times the parameters",
            _three_blocks().count_params() == 3 * BLOCK,
            "Change the way round in lesson 16.",
        ),
        Check(
            "the way round shows no Add where the fix shows two",
            (_reads_of_adds(hidden), len(_reads_of_adds(fixed))) == ([], 2),
            "Change the price in lesson 16.",
        ),
        Check(
            "a decoder has two entrances, the way round has one",
            (len(read(decoder()).entry), len(read(hidden).entry)) == (2, 1),
            "Change the price in lesson 16.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """What the positions are for: a label that the order alone decides."""
    of_fix, of_average = (_accuracy(model) for model in (fix(), _average()))
    return (
        Check(
            "which of two words comes first, synthetic: the fix learns it (over 90 %)",
            of_fix > 0.9,
            f"Test accuracy was {of_fix:.0%}.",
        ),
        Check(
            "a stack that averages its words does not (under 60 %, guessing gives 50 %)",
            of_average < 0.6,
            f"Test accuracy was {of_average:.0%}.",
        ),
    )


def _reads_of_adds(model: keras.Model) -> list[int]:
    """For each Add of the drawing, how many different tensors it reads."""
    adds = [node for node in read(model).nodes if node.kind == "Add"]
    return [len({edge.source for edge in add.inputs}) for add in adds]


def _sees(model: keras.Model, vectors: np.ndarray) -> int:
    """Over how many pairs of places one word has an influence on the other."""
    set_fixed_weights(model)
    return int(influence(model, vectors).sum())


def _without_embedding(model: keras.Model) -> keras.Model:
    return keras.Sequential([keras.Input((WORDS, WIDTH)), *model.layers[1:]])


def _without_positions(model: keras.Model) -> keras.Model:
    """The same model with a table of positions that is zero."""
    table = next(layer for layer in model.layers if isinstance(layer, Positions))
    table.set_weights([np.zeros((WORDS, WIDTH))])
    return model


def _order_matters(model: keras.Model, tokens: np.ndarray) -> bool:
    turned = answer(model, np.ascontiguousarray(tokens[:, ::-1]))
    return not np.allclose(answer(model, tokens), turned, atol=1e-5)


def _three_blocks() -> keras.Model:
    blocks = [TransformerBlock(WIDTH, 2, INNER) for _ in range(3)]
    return keras.Sequential([keras.Input((WORDS, WIDTH)), *blocks])


def _average() -> keras.Model:
    """The stand-in: each word as a vector, and the mean of all."""
    return keras.Sequential(
        [
            keras.Input((WORDS,)),
            layers.Embedding(VOCABULARY, WIDTH),
            layers.GlobalAveragePooling1D(),
            layers.Dense(INNER, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def which_first(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Make rows of words that hold the words 0 and 1 once each.

    Args:
        rows: how many examples.
        seed: the seed of the draw.

    Returns:
        The words, and whether word 0 comes before word 1.
    """
    generator = np.random.default_rng(seed)
    tokens = generator.integers(2, VOCABULARY, size=(rows, WORDS))
    places = np.argsort(generator.random((rows, WORDS)), axis=1)[:, :2]
    tokens[np.arange(rows), places[:, 0]] = 0
    tokens[np.arange(rows), places[:, 1]] = 1
    return tokens, (places[:, :1] < places[:, 1:]).astype("float32")


def _accuracy(model: keras.Model) -> float:
    set_fixed_weights(model)
    model.compile(keras.optimizers.Adam(0.02), "binary_crossentropy")
    model.fit(*which_first(ROWS, seed=0), epochs=5, batch_size=64, shuffle=False, verbose=0)
    x, y = which_first(ROWS, seed=1)
    return float(((answer(model, x) > 0.5) == y).mean())


LIMIT = Limit(
    name="transformer",
    title="The block of a transformer holds attention and two skips: no list of Keras' layers",
    lesson=16,
    claims=("A4.2", "A2.6", "C6"),
    attempts=(
        LimitAttempt("the parts of the block in a row", attention_in_the_list, pattern="attention"),
        LimitAttempt("its second half in a row", add_in_the_list, pattern="residual"),
        LimitAttempt("a function as an item", a_function_in_the_list, pattern="not_a_layer"),
        LimitAttempt("the block without attention", feed_forward_only, loud=False),
        LimitAttempt(
            "positions by a second Embedding", positions_by_a_second_embedding, loud=False
        ),
    ),
    why=(
        "The block reads its input three times as query, key and value, and once more for the "
        "skip; the second half reads its own input twice. A list hands each tensor on once."
    ),
    fix_function=fix,
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price=(
        "two layers of one's own; attention and skips are hidden in them; a decoder's second "
        "sequence gets in only glued into one tensor, or as a pair into a list without Input"
    ),
    definitions=(Positions,),
)
