"""Capsules with routing by agreement: how parts vote for wholes (Sabour, Frosst, Hinton 2017)."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import alike, answer, with_random_weights

PARTS, PART, WHOLES, WHOLE = 6, 4, 3, 4
TRAIN, TEST = 768, 512
# TensorFlow and JAX call a layer on a tensor without numbers first; torch does not.
TRACES = keras.config.backend() != "torch"
PATTERN = "python_on_tensor" if TRACES else ""


def two_inputs_to_a_dot() -> keras.Model:
    """Votes and agreement shall meet in a Dot layer."""
    return keras.Sequential(
        [
            keras.Input((6, 4)),
            layers.Dense(12),
            layers.Reshape((6, 3, 4)),
            layers.Softmax(axis=2),
            layers.Dot(axes=1),
        ]
    )


def route_until_they_agree() -> keras.Model:
    """A loop that goes on until the votes agree."""

    class Route(layers.Layer):
        def call(self, votes: keras.KerasTensor) -> keras.KerasTensor:
            while keras.ops.std(votes) > 0.1:
                votes = (votes + keras.ops.mean(votes, axis=1, keepdims=True)) / 2
            return votes

    return keras.Sequential([keras.Input((6, 4)), layers.Dense(12), Route()])


def votes_of_equal_weight() -> keras.Model:
    """Without the loop it builds: every part has the same say in every whole."""
    return keras.Sequential(
        [
            keras.Input((6, 4)),
            layers.Dense(12),
            layers.Reshape((6, 3, 4)),
            layers.AveragePooling2D((6, 1)),
            layers.Reshape((3, 4)),
        ]
    )


class Capsules(keras.Model):
    """Parts vote for wholes; votes that agree get more weight, round after round.

    Args:
        wholes: how many there are.
        size: numbers of each whole; their length says whether it is there.
        rounds: how often the weights are worked out; 1 leaves them equal.
    """

    def __init__(self, wholes: int, size: int, rounds: int = 3, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.wholes = wholes
        self.size = size
        self.rounds = rounds

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make one matrix for each pair of a part and a whole."""
        _, parts, part = input_shape
        shape = (parts, self.wholes, part, self.size)
        self.matrices = self.add_weight(shape=shape, initializer="glorot_uniform")

    def call(self, parts: keras.KerasTensor) -> list[keras.KerasTensor]:
        """Give the wholes, and the weight of each part for each whole."""
        votes = keras.ops.einsum("bpi,pwio->bpwo", parts, self.matrices)
        scores = keras.ops.zeros_like(votes[..., 0])
        for round in range(self.rounds):
            weights = keras.ops.softmax(scores, axis=2)
            wholes = self.squash(keras.ops.einsum("bpw,bpwo->bwo", weights, votes))
            if round < self.rounds - 1:
                scores = scores + keras.ops.einsum("bpwo,bwo->bpw", votes, wholes)
        return [wholes, weights]

    def squash(self, vectors: keras.KerasTensor) -> keras.KerasTensor:
        """Keep the direction, and bring the length between 0 and 1."""
        square = keras.ops.sum(vectors * vectors, axis=-1, keepdims=True)
        return vectors * keras.ops.sqrt(square + 1e-9) / (1 + square)


def fix() -> keras.Model:
    """The loop in the `call` of a subclass; it gives the wholes and shows its weights."""
    net = Capsules(wholes=3, size=4, rounds=3)
    net(keras.Input((6, 4)))  # a first call makes the weights
    return net


@keras.saving.register_keras_serializable("seqkit")
class Routing(layers.Layer):
    """The same as a layer with one output: the wholes alone.

    Args:
        wholes: how many there are.
        size: numbers of each whole.
        rounds: how often the weights are worked out.
    """

    def __init__(self, wholes: int, size: int, rounds: int = 3, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.options = {"wholes": wholes, "size": size, "rounds": rounds}
        self.net = Capsules(wholes, size, rounds)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the matrices."""
        self.net.build(input_shape)

    def call(self, parts: keras.KerasTensor) -> keras.KerasTensor:
        """Give the wholes, and keep the weights back."""
        return self.net(parts)[0]

    def get_config(self) -> dict[str, object]:
        """Return the arguments, so that the layer can be saved and loaded."""
        return {**super().get_config(), **self.options}


def workaround() -> keras.Model:
    """A fixed number of rounds inside a layer of one's own."""
    return keras.Sequential([keras.Input((6, 4)), Routing(wholes=3, size=4, rounds=3)])


def evidence() -> tuple[Check, ...]:
    """What must be true of the fix and of the way round, with weights that are chosen."""
    x = np.random.default_rng(0).normal(size=(8, PARTS, PART)).astype("float32")
    net, equal, hidden = fix(), _net(rounds=1), workaround()
    for model in (net, equal, hidden):
        with_random_weights(model)
    wholes, weights = _outputs(net, x)
    return (
        Check(
            "each part shares out exactly one vote among the wholes",
            bool(np.allclose(weights.sum(axis=2), 1, atol=1e-5)),
            "The softmax runs over the wrong axis.",
        ),
        Check(
            "the weights depend on the input: they differ from example to example",
            float(weights.std(axis=0).max()) > 0.05,
            "Check `Capsules.call`.",
        ),
        Check(
            "one round leaves all weights equal: that is the net without routing",
            bool(np.allclose(_outputs(equal, x)[1], 1 / WHOLES, atol=1e-6)),
            "Check the first round of `Capsules.call`.",
        ),
        Check(
            "five parts that agree outvote one that does not: it gets less weight",
            _odd_one_out(),
            "The routing does not follow the agreement.",
        ),
        Check(
            "routing has no parameters of its own: 288 with one round and with three",
            net.count_params() == equal.count_params() == hidden.count_params() == 288,
            "Count again in lesson 19.",
        ),
        Check(
            "the custom layer computes the wholes of the fix, and gives no weights",
            alike(wholes, answer(hidden, x)),
            "Check `Routing`.",
        ),
        Check(
            "no whole is longer than 1",
            float(np.linalg.norm(wholes, axis=-1).max()) < 1,
            "Check `squash`.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """Routing is trained through: its gradient goes through all rounds."""
    routed, equal = (_accuracy(rounds, seed=0) for rounds in (3, 1))
    return (
        Check(
            "parts in agreement name the class: the net with routing learns it "
            "(over 70 %, chance is 33 %)",
            routed > 0.7,
            f"It was {routed:.0%}.",
        ),
        Check(
            "it does not win: the same net with equal weights is no worse",
            equal > routed - 0.02,
            f"It was {equal:.0%} against {routed:.0%}. Change the verdict of lesson 19.",
        ),
    )


def _net(rounds: int) -> keras.Model:
    net = Capsules(WHOLES, WHOLE, rounds)
    net(keras.Input((PARTS, PART)))
    return net


def _odd_one_out() -> bool:
    """Every vote is the part itself; five parts are alike and the last points elsewhere."""
    net = fix()
    matrices = np.zeros((PARTS, WHOLES, PART, WHOLE))
    matrices[:, 0] = 2 * np.eye(PART)  # only the first whole gets votes
    net.set_weights([matrices])
    parts = np.zeros((1, PARTS, PART), "float32")
    parts[0, :5, 0], parts[0, 5, 1] = 1, 1
    weights = _outputs(net, parts)[1][0, :, 0]
    return bool(np.allclose(weights[:5], weights[0])) and weights[0] > weights[5] + 0.1


def _votes(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Parts of which four fit one class, and two fit another; the four decide."""
    generator = np.random.default_rng(seed)
    fits = np.random.default_rng(0).normal(size=(WHOLES, PARTS, PART))
    labels = generator.integers(WHOLES, size=count)
    others = (labels + generator.integers(1, WHOLES, size=count)) % WHOLES
    odd = np.argsort(generator.random((count, PARTS)), axis=1) < 2
    x = np.where(odd[..., None], fits[others], fits[labels])
    return (x + 0.5 * generator.normal(size=x.shape)).astype("float32"), labels


def _accuracy(rounds: int, seed: int) -> float:
    net = _net(rounds)
    inputs = keras.Input((PARTS, PART))
    wholes, _ = net(inputs)
    lengths = keras.ops.sqrt(keras.ops.sum(wholes * wholes, axis=-1) + 1e-9)
    model = keras.Model(inputs, keras.ops.softmax(5 * lengths, axis=-1))
    with_random_weights(model, scale=0.3, seed=seed)
    loss = "sparse_categorical_crossentropy"
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss=loss)
    x, y = _votes(TRAIN, seed=100 + seed)
    model.fit(x, y, epochs=5, batch_size=64, shuffle=False, verbose=0)
    x, y = _votes(TEST, seed=200 + seed)
    return float((answer(model, x).argmax(axis=-1) == y).mean())


def _outputs(model: keras.Model, x: np.ndarray) -> list[np.ndarray]:
    return [keras.ops.convert_to_numpy(one) for one in model(x)]


LIMIT = Limit(
    name="capsule",
    title="Routing by agreement cannot be written in a list",
    lesson=19,
    claims=("A2.9",),
    attempts=(
        LimitAttempt("Dot() for the agreement", two_inputs_to_a_dot, pattern="dot"),
        LimitAttempt("a while in call", route_until_they_agree, loud=TRACES, pattern=PATTERN),
        LimitAttempt("votes of equal weight", votes_of_equal_weight, loud=False),
    ),
    why=(
        "Routing goes back: the answer changes the weights of the votes, and they change the "
        "answer. A list goes forward once, and its weights are the same for every example."
    ),
    fix_function=fix,
    definitions=(Capsules,),
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price=(
        "a layer of one's own with a fixed number of rounds; the routing weights, which one wants "
        "to look at, do not come out"
    ),
)
