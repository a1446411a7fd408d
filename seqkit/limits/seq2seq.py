"""A decoder that reads the encoder's states, its own output and a chosen part of the source.

Sutskever et al. (2014) hand over the state, Bahdanau et al. (2015) add the attention.
"""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from seqkit.explaining import attempt
from seqkit.graph import read
from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import answer, with_random_weights

SOURCE, ANSWER = 6, 4
LETTERS, SIGNS = 30, 12
PARAMETERS = 11_052
ROWS, TRAIN = 384, 256
ONE_OF_TWO = float(np.log(2))  # the loss of a coin


def hand_the_state_on() -> keras.Model:
    """The encoder shall give its state to the decoder, which stands behind it."""
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Embedding(30, 16),
            layers.GRU(32, return_sequences=True, return_state=True),
            layers.GRU(32, return_sequences=True),
            layers.Dense(12, activation="softmax"),
        ]
    )


def attention_in_the_list() -> keras.Model:
    """The attention is put between encoder and decoder."""
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Embedding(30, 16),
            layers.GRU(32, return_sequences=True),
            layers.Attention(),
            layers.GRU(32, return_sequences=True),
            layers.Dense(12, activation="softmax"),
        ]
    )


def repeat_one_vector() -> keras.Model:
    """It builds and trains: the decoder gets one vector, again and again, and nothing else."""
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Embedding(30, 16),
            layers.GRU(32),
            layers.RepeatVector(4),
            layers.GRU(32, return_sequences=True),
            layers.TimeDistributed(layers.Dense(12, activation="softmax")),
        ]
    )


def fix() -> keras.Model:
    """Encoder, decoder with the encoder's state and its own output, attention."""
    source = keras.Input((6,), name="source")
    shifted = keras.Input((4,), name="shifted")  # the answer, one place later
    x = layers.Embedding(30, 16)(source)
    read_, state = layers.GRU(32, return_sequences=True, return_state=True)(x)
    x = layers.Embedding(12, 16)(shifted)
    written = layers.GRU(32, return_sequences=True)(x, initial_state=state)
    looked_up = layers.Attention()([written, read_])  # query, value
    x = layers.Concatenate()([written, looked_up])
    outputs = layers.Dense(12, activation="softmax")(x)
    return keras.Model([source, shifted], outputs)


@keras.saving.register_keras_serializable("seqkit")
class Translator(layers.Layer):
    """Encoder, decoder and attention in one layer; a row is the source and the shifted answer.

    Taught in lesson 18.

    Args:
        split: how many columns of the row are the source.
        letters: different signs of the source.
        signs: different signs of the answer.
        units: units of both recurrent layers.
    """

    def __init__(self, split: int, letters: int, signs: int, units: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.sizes = {"split": split, "letters": letters, "signs": signs, "units": units}
        self.source = layers.Embedding(letters, units // 2)
        self.encoder = layers.GRU(units, return_sequences=True, return_state=True)
        self.shifted = layers.Embedding(signs, units // 2)
        self.decoder = layers.GRU(units, return_sequences=True)
        self.attention = layers.Attention()
        self.head = layers.Dense(signs, activation="softmax")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights of all layers."""
        units = self.sizes["units"]
        self.source.build((None, None))
        self.encoder.build((None, None, units // 2))
        self.shifted.build((None, None))
        self.decoder.build((None, None, units // 2))
        self.attention.build([(None, None, units), (None, None, units)])
        self.head.build((None, None, 2 * units))

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Take the row apart, and translate."""
        split = self.sizes["split"]
        source, shifted = inputs[:, :split], inputs[:, split:]
        read_, state = self.encoder(self.source(source))
        written = self.decoder(self.shifted(shifted), initial_state=state)
        looked_up = self.attention([written, read_])
        return self.head(keras.ops.concatenate([written, looked_up], axis=-1))

    def get_config(self) -> dict[str, object]:
        """Give what `from_config` needs to make the layer again."""
        return {**super().get_config(), **self.sizes}


def workaround() -> keras.Model:
    """Source and shifted answer in one row, taken apart inside a layer that holds everything."""
    return keras.Sequential(
        [
            keras.Input((6 + 4,), dtype="int32"),  # np.concatenate([source, shifted], axis=1)
            Translator(split=6, letters=30, signs=12, units=32),
        ]
    )


def evidence() -> tuple[Check, ...]:
    """What must be true of the fix, of the stand-in and of the way round."""
    fixed, plain, hidden = fix(), repeat_one_vector(), workaround()
    for model in (fixed, plain):
        with_random_weights(model, 0.3, 0)
    return (
        Check(
            "the fix has two entrances and gives one share for each sign at each place",
            len(read(fixed).entry) == 2 and fixed.output_shape == (None, ANSWER, SIGNS),
            "Check `fix`.",
        ),
        Check(
            f"the fix has {PARAMETERS:,} parameters, as counted by hand",
            fixed.count_params() == PARAMETERS,
            "Count again in lesson 18.",
        ),
        Check(
            "each letter of the source changes the first sign of the answer",
            bool(_moved(fixed, 0, LETTERS)[:, 0].all()),
            "The source does not reach the decoder.",
        ),
        Check(
            "a sign that was written changes what is written after it, and nothing before it",
            np.array_equal(_moved(fixed, 1, SIGNS), np.triu(np.ones((ANSWER, ANSWER), bool))),
            "The decoder sees its future, or not its own output.",
        ),
        Check(
            "without the attention the state alone still carries the source to the answer",
            _state_carries(fixed),
            "The state does not reach the decoder.",
        ),
        Check(
            "one sign after the other gives the same as the whole answer at once",
            _step_by_step(fixed),
            "Greedy decoding in lesson 18 would be wrong.",
        ),
        Check(
            "the stand-in reads nothing but the source: it has one entrance",
            len(read(plain).entry) == 1,
            "Change the text of lesson 18.",
        ),
        Check(
            "fit on [source, shifted] does not help: the stand-in drops the answer",
            _stand_in_ignores_the_answer(plain),
            "Keras uses the second array now. Change the text of lesson 18.",
        ),
        Check(
            "two right answers to one source: the stand-in's loss is never under that of a coin",
            _at_least_a_coin(plain),
            "It knows which of the two answers is meant. Change the text of lesson 18.",
        ),
        Check(
            "the layer of the way round computes the same as the fix",
            _same_with_equal_weights(fixed, hidden),
            "Check `Translator`.",
        ),
        Check(
            "the way round shows one row where the fix shows its parts",
            len(read(hidden).nodes) == 1 < len(read(fixed).nodes),
            "Change the price in lesson 18.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """What it is worth to see one's own output: two right answers, and a coin between them."""
    loss = _loss_of_the_coin(fix())
    return (
        Check(
            "two right answers, 1111 or 2222: the fix learns to be unsure at the first sign only "
            "(its loss is under half a coin, which the stand-in cannot reach)",
            loss < ONE_OF_TWO / 2,
            f"Its loss was {loss:.2f}.",
        ),
    )


def _loss_of_the_coin(model: keras.Model) -> float:
    """Train on sources with a random one of two answers; the loss for each sign on new ones."""
    source, signs = _sources(ROWS), _coins(ROWS)
    shifted = _shift(signs)
    with_random_weights(model, 0.3, 0)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy")
    old, new = slice(TRAIN), slice(TRAIN, None)
    pairs = [source[old], shifted[old]]
    model.fit(pairs, signs[old], batch_size=32, epochs=5, shuffle=False, verbose=0)
    return _loss(answer(model, [source[new], shifted[new]]), signs[new])


def _at_least_a_coin(model: keras.Model) -> bool:
    """Whether a net that gives one answer to a source pays a coin for each sign at the least."""
    source, losses = _sources(16), []
    for seed in range(3):
        with_random_weights(model, 0.3, seed)
        shares = answer(model, source)
        sides = [np.full((16, ANSWER), sign) for sign in (1, 2)]
        losses.append(np.mean([_loss(shares, side) for side in sides]))
    return bool(min(losses) >= ONE_OF_TWO - 1e-5)


def _sources(rows: int) -> np.ndarray:
    return np.random.default_rng(0).integers(1, LETTERS, (rows, SOURCE)).astype("int32")


def _coins(rows: int) -> np.ndarray:
    """Answers of all ones or all twos; the source does not tell which."""
    sides = np.random.default_rng(1).permutation(np.arange(rows) % 2 + 1)
    return np.repeat(sides[:, None], ANSWER, axis=1).astype("int32")


def _shift(signs: np.ndarray) -> np.ndarray:
    """The answer one place later; 0 stands before its first sign."""
    return np.pad(signs, ((0, 0), (1, 0)))[:, :-1].astype("int32")


def _loss(shares: np.ndarray, signs: np.ndarray) -> float:
    right = np.take_along_axis(shares, signs[..., None], axis=-1)
    return float(-np.log(right + 1e-7).mean())


def _moved(model: keras.Model, which: int, different: int) -> np.ndarray:
    """For each place of one of the two inputs: which signs of the answer change with it."""
    places = (SOURCE, ANSWER)[which]
    rows = [np.repeat(_sources(1), places + 1, axis=0), np.ones((places + 1, ANSWER), "int32")]
    for place in range(places):
        rows[which][place + 1, place] = (rows[which][0, place] + 1) % different
    shares = answer(model, rows)
    return np.abs(shares[1:] - shares[0]).max(axis=-1) > 1e-6


def _state_carries(model: keras.Model) -> bool:
    """Whether two sources give two answers when the head does not listen to the attention."""
    kept = model.get_weights()
    head = model.layers[-1]
    kernel, bias = head.get_weights()
    kernel[len(kernel) // 2 :] = 0
    head.set_weights([kernel, bias])
    shifted = np.ones((2, ANSWER), "int32")
    first, second = answer(model, [_sources(2), shifted])
    model.set_weights(kept)
    return not np.allclose(first, second, atol=1e-4)


def _step_by_step(model: keras.Model) -> bool:
    """Write greedily from left to right; the finished answer, fed back, must choose itself."""
    source, shifted = _sources(4), np.zeros((4, ANSWER + 1), "int32")
    for place in range(ANSWER):
        shares = answer(model, [source, shifted[:, :-1]])
        shifted[:, place + 1] = shares[:, place].argmax(axis=-1)
    again = answer(model, [source, shifted[:, :-1]]).argmax(axis=-1)
    return np.array_equal(again, shifted[:, 1:])


def _stand_in_ignores_the_answer(model: keras.Model) -> bool:
    source = _sources(4)
    first, second = (
        attempt(model, [source, np.full((4, ANSWER), sign)]).value for sign in (1, 2)
    )  # fmt: skip
    if first is None or second is None:
        return False
    one, other = (keras.ops.convert_to_numpy(value) for value in (first, second))
    return np.array_equal(one, other)


def _same_with_equal_weights(fixed: keras.Model, hidden: keras.Model) -> bool:
    """Both list their weights from the source to the head."""
    with_random_weights(fixed, 0.3, 2)
    by_name = [fixed.layers[index] for index in _order(fixed)]
    weights = [weight for layer in by_name for weight in layer.get_weights()]
    if [w.shape for w in hidden.get_weights()] != [w.shape for w in weights]:
        return False
    hidden.set_weights(weights)
    source, shifted = _sources(3), _shift(_coins(3))
    one = answer(fixed, [source, shifted])
    other = answer(hidden, np.concatenate([source, shifted], axis=1))
    return bool(np.allclose(one, other, atol=1e-5)) and float(np.ptp(one)) > 0


def _order(model: keras.Model) -> list[int]:
    """The places of source embedding, encoder, answer embedding, decoder and head."""
    embeddings = [i for i, one in enumerate(model.layers) if isinstance(one, layers.Embedding)]
    recurrent = [i for i, one in enumerate(model.layers) if isinstance(one, layers.GRU)]
    embeddings.sort(key=lambda i: -model.layers[i].input_dim)
    recurrent.sort(key=lambda i: not model.layers[i].return_state)
    return [embeddings[0], recurrent[0], embeddings[1], recurrent[1], len(model.layers) - 1]


LIMIT = Limit(
    name="seq2seq",
    title="A decoder that reads its own output cannot be written as a list",
    lesson=18,
    claims=("A2.8", "A4.2", "C6"),
    attempts=(
        LimitAttempt("the encoder hands its state on", hand_the_state_on, pattern="state"),
        LimitAttempt("Attention() in the list", attention_in_the_list, pattern="attention"),
        LimitAttempt("RepeatVector in place of a real decoder", repeat_one_vector, loud=False),
    ),
    why=(
        "The decoder has three sources: the encoder's state, the encoder's outputs, and what it "
        "has written itself. A Sequential hands it one tensor, and has one entrance."
    ),
    fix_function=fix,
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price=(
        "a layer of one's own that holds the whole network, so the Sequential around it is empty; "
        "source and shifted answer must be glued to one row by hand"
    ),
)
