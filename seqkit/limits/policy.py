"""A policy that decides by the state and learns from rewards: REINFORCE (Williams 1992)."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import alike, answer, with_known_weights, with_random_weights

# S start, # wall, X pit (-1), G goal (+1); each step costs 0.05.
GRID = ("S...", ".#.X", "....", "X..G")
MOVES = ((-1, 0), (0, 1), (1, 0), (0, -1))
STEPS, EPISODES, ROUNDS = 30, 64, 60
# TensorFlow and JAX call a layer on a tensor without numbers first; torch does not.
TRACES = keras.config.backend() != "torch"
PATTERN = "python_on_tensor" if TRACES else ""


def a_function_that_decides() -> keras.Model:
    """The decision as a function at the end of the list."""

    def decide(shares: keras.KerasTensor) -> str:
        return "up" if shares[0, 0] > 0.5 else "down"

    return keras.Sequential(
        [
            keras.Input((16,)),
            layers.Dense(2, activation="softmax"),
            decide,
        ]
    )


def an_if_on_the_shares() -> keras.Model:
    """A layer that turns shares into one move."""

    class Decide(layers.Layer):
        def call(self, shares: keras.KerasTensor) -> keras.KerasTensor:
            if keras.ops.argmax(shares[0]) == 0:
                return keras.ops.zeros_like(shares)
            return keras.ops.ones_like(shares)

    return keras.Sequential([keras.Input((16,)), layers.Dense(4, activation="softmax"), Decide()])


def fit_on_moves_that_were_tried() -> keras.Model:
    """Moves are taken for labels: it trains, and learns to play as badly as it was shown."""
    states = np.eye(16)[np.arange(256) % 16]
    moves = np.arange(256) // 16 % 4  # each move equally often, as in random play
    model = keras.Sequential([keras.Input((16,)), layers.Dense(4, activation="softmax")])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    model.fit(states, moves, verbose=0)
    return model


class Policy(keras.Model):
    """Gives a share to each move, and can choose one by chance.

    Args:
        moves: how many there are.
        seed: seed of its choices.
    """

    def __init__(self, moves: int, seed: int = 0, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.hidden = layers.Dense(32, activation="tanh")
        self.shares = layers.Dense(moves, activation="softmax")
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, states: keras.KerasTensor) -> keras.KerasTensor:
        """Give the share of each move."""
        return self.shares(self.hidden(states))

    def act(self, states: keras.KerasTensor) -> keras.KerasTensor:
        """Choose a move for each state, by chance and by the shares."""
        logs = keras.ops.log(self(states))
        return keras.random.categorical(logs, 1, seed=self.generator)[:, 0]


def fix() -> keras.Model:
    """A subclass: `call` for training, and a method that decides."""
    net = Policy(moves=4)
    net(keras.Input((16,)))  # a first call makes the weights
    return net


def workaround() -> keras.Model:
    """The network of the policy alone; the decision is made outside."""
    return keras.Sequential(
        [
            keras.Input((16,)),
            layers.Dense(32, activation="tanh"),
            layers.Dense(4, activation="softmax"),
        ]
    )


def evidence() -> tuple[Check, ...]:
    """What must be true of the world, of the fix and of its way of learning."""
    net, plain = with_random_weights(fix(), scale=0.3), workaround()
    plain.set_weights(net.get_weights())
    states = np.eye(16, dtype="float32")
    shares = answer(net, states)
    equal = np.full((16, 4), 0.25)
    return (
        Check(
            "the best return is 1 - 6 · 0.05 = 0.70; moving by chance ends below -0.5",
            abs(best_return() - 0.7) < 1e-9 and expected_return(equal) < -0.5,
            f"It is {best_return():.2f} and {expected_return(equal):.2f}. Check the world.",
        ),
        Check(
            "the decision follows the state and the shares",
            _choices_follow(net, shares),
            "Check `Policy.act`.",
        ),
        Check(
            "one step on the loss, weighted by what each move brought, is a step along the "
            "gradient of the expected return",
            _step_is_the_policy_gradient(),
            "Keras weighs examples in another way now. Change lesson 19.",
        ),
        Check(
            "unweighted, the same step learns nothing from moves that were tried equally often",
            _unweighted_step_stays(),
            "Keras weighs examples in another way now. Change lesson 19.",
        ),
        Check(
            "the network of the policy is a plain Sequential with the same shares",
            alike(shares, answer(plain, states)),
            "Check `workaround`.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """REINFORCE in the small world: the return after training, worked out exactly."""
    reached = reinforce(seed=0)
    return (
        Check(
            "after training the expected return is over 0.5 "
            "(the best is 0.70, chance is under -0.5)",
            reached > 0.5,
            f"It was {reached:.2f}.",
        ),
    )


def world() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each state and move: the next state, the reward, and whether the game goes on."""
    side = len(GRID)
    cells = "".join(GRID)
    following = np.zeros((side * side, len(MOVES)), int)
    for state in range(side * side):
        for move, (down, right) in enumerate(MOVES):
            row, column = state // side + down, state % side + right
            inside = 0 <= row < side and 0 <= column < side
            there = row * side + column
            following[state, move] = there if inside and cells[there] != "#" else state
    entered = np.array([{"G": 1.0, "X": -1.0}.get(cell, 0.0) for cell in cells])
    rewards = entered[following] - 0.05
    return following, rewards, entered[following] == 0


def best_return() -> float:
    """The return of the best policy, by dynamic programming over the steps that are left."""
    following, rewards, goes_on = world()
    values = np.zeros(len(following))
    for _ in range(STEPS):
        values = (rewards + goes_on * values[following]).max(axis=1)
    return float(values[0])


def expected_return(shares: np.ndarray) -> float:
    """The return that a policy gets from the start on average, worked out and not sampled."""
    following, rewards, goes_on = world()
    values = np.zeros(len(following))
    for _ in range(STEPS):
        values = (shares * (rewards + goes_on * values[following])).sum(axis=1)
    return float(values[0])


def play(
    shares: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Play many games at once: states, moves, returns from there on, and what was played."""
    following, rewards, goes_on = world()
    state, alive = np.zeros(EPISODES, int), np.ones(EPISODES)
    states, moves, gains, played = (np.zeros((STEPS, EPISODES)) for _ in range(4))
    for step in range(STEPS):
        chance = generator.random((EPISODES, 1))
        move = (chance > shares[state].cumsum(axis=1)).sum(axis=1).clip(max=len(MOVES) - 1)
        states[step], moves[step], played[step] = state, move, alive
        gains[step] = alive * rewards[state, move]
        state, alive = following[state, move], alive * goes_on[state, move]
    returns = gains[::-1].cumsum(axis=0)[::-1]
    return states.astype(int), moves.astype(int), returns, played


def advantages(states: np.ndarray, returns: np.ndarray, played: np.ndarray) -> np.ndarray:
    """How much better each move went than the mean of all games from that state on."""
    visits = np.bincount(states.ravel(), played.ravel(), minlength=16)
    sums = np.bincount(states.ravel(), (played * returns).ravel(), minlength=16)
    means = sums / np.maximum(visits, 1)
    return (played * (returns - means[states])).astype("float32")


def reinforce(seed: int) -> float:
    """Train the fix, and give its expected return."""
    net = with_known_weights(fix(), first=seed)
    net.compile(optimizer=keras.optimizers.Adam(0.02), loss="sparse_categorical_crossentropy")
    generator = np.random.default_rng(seed)
    every = np.eye(16, dtype="float32")
    for _ in range(ROUNDS):
        states, moves, returns, played = play(answer(net, every), generator)
        weights = advantages(states, returns, played)
        net.train_on_batch(every[states.ravel()], moves.ravel(), sample_weight=weights.ravel())
    return expected_return(answer(net, every))


def _choices_follow(net: keras.Model, shares: np.ndarray) -> bool:
    """Whether 2,000 choices in each of two states are as frequent as their shares."""
    for state in (0, 5):
        rows = np.eye(16, dtype="float32")[np.full(2000, state)]
        chosen = keras.ops.convert_to_numpy(net.act(rows))
        frequency = np.bincount(chosen, minlength=4) / len(chosen)
        if np.abs(frequency - shares[state]).max() > 0.05:
            return False
    return bool(np.abs(shares[0] - shares[5]).max() > 0.05)


def _step_is_the_policy_gradient() -> bool:
    """One state, four moves with known rewards: compare a training step with the exact gradient."""
    rewards = np.array([1.0, -0.5, 0.25, 2.0])
    scores, moved = _one_step(lambda shares: 4 * shares * rewards)
    shares = np.exp(scores) / np.exp(scores).sum()
    gradient = shares * (rewards - shares @ rewards)
    return bool(np.allclose(moved, gradient, atol=1e-4))


def _unweighted_step_stays() -> bool:
    _, moved = _one_step(lambda shares: np.ones(4), start=np.zeros(4))
    return bool(np.allclose(moved, 0, atol=1e-6))


def _one_step(weigh: object, start: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The scores of a policy with one state, and how a step with each move once changes them."""
    assert callable(weigh)
    scores = np.array([0.3, -0.2, 0.1, 0.5]) if start is None else start
    model = keras.Sequential(
        [keras.Input((1,)), layers.Dense(4, activation="softmax", use_bias=False)]
    )
    model.set_weights([scores[None]])
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss="sparse_categorical_crossentropy")
    weights = weigh(np.exp(scores) / np.exp(scores).sum()).astype("float32")
    model.train_on_batch(np.ones((4, 1), "float32"), np.arange(4), sample_weight=weights)
    return scores, model.get_weights()[0][0] - scores


LIMIT = Limit(
    name="policy",
    title="A list cannot decide, act and learn from the reward",
    lesson=19,
    claims=("A2.9", "A5.2"),
    attempts=(
        LimitAttempt("a function that decides", a_function_that_decides, pattern="not_a_layer"),
        LimitAttempt("an if on the shares", an_if_on_the_shares, loud=TRACES, pattern=PATTERN),
        LimitAttempt("fit on moves that were tried", fit_on_moves_that_were_tried, loud=False),
    ),
    why=(
        "The network that gives the shares can be a list. The decision, the game and the weights "
        "of the examples cannot: they are a loop in which the data depends on the answers."
    ),
    fix_function=fix,
    definitions=(Policy,),
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price=(
        "only the network is in the Sequential; choosing, playing and weighing are Python code "
        "around it, which the saved model does not hold"
    ),
)
