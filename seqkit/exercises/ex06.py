"""Exercise 06: training with care. Questions on lesson 06."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import ChoiceAnswer, NumberAnswer
from seqkit.exercises.function_answers import FunctionAnswer, calls
from seqkit.exercises.judges import choice_is, shape_trace
from seqkit.exercises.keras_types import Model
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.model_answers import ModelAnswer
from seqkit.exercises.question import Question
from seqkit.exercises.rebuild import rebuild_model
from seqkit.exercises.verdict import Outcome, correct, incorrect, partial

_PREDICT = "predict what EarlyStopping and ReduceLROnPlateau do with a list of losses"


# Question 1: ten small steps of a weight that has 16 bits.

_IN_16_BITS = {
    1.05: "That is exact arithmetic, or float32. Between 1 and 1.0078125 bfloat16 has no number.",
    1.046875: "You rounded once, at the end. The weight is rounded after each step.",
    1.0: "Steps below 0.0039, half of 1/128, are lost. 1.005 is nearer to 1.0078125 than to 1.",
    1.0078125: "That is right after one step. The second step begins there.",
    1.005: "That is one step, and 1.005 is not a number of bfloat16.",
}


def _judge_q1(data: AnswerData) -> Outcome:
    return _compare(
        data,
        1 + 10 / 128,
        "Each step is rounded up to 1/128. The weight moves by 0.078 in place of 0.05. In mixed "
        "precision it is float32 and comes to 1.05.",
        _IN_16_BITS,
        "Which two numbers of bfloat16 are next to 1.005, and which of them is nearer?",
    )


def _compare(
    data: AnswerData, right: float, praise: str, known: dict[float, str], otherwise: str
) -> Outcome:
    """Compare a number with the right one, and with wrong ones that have an advice of their own."""
    value = data.values["value"]
    if abs(value - right) <= 1e-6:
        return correct(praise)
    for other, reason in known.items():
        if abs(value - other) <= 1e-6:
            return incorrect(f"You gave {value:.7g}. {reason}")
    return incorrect(f"You gave {value:.7g}. {otherwise}")


q1 = Question(
    exercise=__name__,
    number=1,
    title="Predict small steps with 16 bits",
    objective="watch a training while it runs, and say what a GPU, several GPUs and mixed precision change",
    kind="predict",
    minutes=3,
    difficulty=1,
    points=1,
    answer=NumberAnswer(),
    judge=_judge_q1,
    hints=(
        "After each step the weight is rounded to the nearest number of bfloat16.",
        "From 1 to 2 these numbers are 1, 1 + 1/128, 1 + 2/128, and so on. Where between the first "
        "two is 1.005?",
        "1.005 is 0.005 away from 1, and less than 0.003 from 1.0078125. So the first step ends at "
        "1 + 1/128. Where does the second one end?",
    ),
    misconceptions=(
        Misconception("computes exactly", 1.05, shows="exact arithmetic"),
        Misconception("rounds at the end", 1.046875, shows="rounded once"),
        Misconception("takes each step for lost", 1.0, shows="half of 1/128"),
        Misconception("takes one rounded step", 1.0078125, shows="right after one step"),
        Misconception("takes one step", 1.005, shows="not a number of bfloat16"),
        Misconception("shrinks the weight", 0.95, shows="Which two numbers"),
    ),
    equivalents=(1.078125, np.float32(1.078125), 138 / 128),
)


# Question 2: read a history.

_READINGS = {
    "a": "The learning rate is too small: both losses fall too slowly.",
    "b": "The learning rate is too large: the losses jump.",
    "c": "The training is not finished: more epochs would help.",
    "d": "It overfits: from about epoch 5 on it learns the training pictures by heart.",
}

q2 = Question(
    exercise=__name__,
    number=2,
    title="Read a history",
    objective="find a learning rate with a range test, and read a history",
    kind="read",
    minutes=2,
    difficulty=1,
    points=1,
    answer=ChoiceAnswer(_READINGS),
    judge=choice_is(
        "d",
        "The training loss falls on, the validation loss turns and rises. Keep the weights from "
        "near epoch 5.",
        feedback={
            "a": "The training loss falls from 1.10 to 0.10: that is not slow. Now read the second "
            "row.",
            "b": "Nothing jumps: the training loss falls in each column, smoothly.",
            "c": "More epochs would lower the training loss. What do they do to the validation "
            "loss?",
        },
    ),
    hints=(
        "Read the two rows apart. Which one falls all the way?",
        "The validation loss is lowest in the middle. What does the network learn after that?",
        "It gets better on the pictures it trains on and worse on others. This has a name.",
    ),
    misconceptions=(
        Misconception("blames a small rate", "a", shows="not slow"),
        Misconception("blames a large rate", "b", shows="Nothing jumps"),
        Misconception("reads the training loss only", "c", shows="What do they do"),
    ),
    equivalents=("D", " d) "),
)


# Question 3: the rate after ten epochs. 0.80 0.60 0.50 0.52 0.55 0.49 0.50 0.51 0.53 0.50.

_RATE = 0.0125
_OTHER_RATES = {
    0.1: "The rate is reduced: 0.52 and 0.55 are two epochs without a new best.",
    0.05: "That is one reduction. After it the count begins again at 0, and goes on.",
    0.025: "That is two reductions. The best value stays 0.49: epochs 9 and 10 do not get below it, "
    "although 0.50 is better than 0.53.",
    0.00625: "That is one reduction too many. In epoch 6 there is a new best: the count is 0 again.",
}


def _judge_q3(data: AnswerData) -> Outcome:
    return _compare(
        data,
        _RATE,
        "Halved after the epochs 5, 8 and 10: 0.1 → 0.05 → 0.025 → 0.0125.",
        _OTHER_RATES,
        "The rate is 0.1, halved some times: 0.05, 0.025, and so on. How many times?",
    )


q3 = Question(
    exercise=__name__,
    number=3,
    title="Predict the learning rate",
    objective=_PREDICT,
    kind="predict",
    minutes=4,
    difficulty=2,
    points=1,
    answer=NumberAnswer(),
    judge=_judge_q3,
    hints=(
        "Again two numbers beside each epoch: the best loss so far, and the count.",
        "A reduction sets the count to 0, but it does not change the best loss.",
        "New bests: epochs 1, 2, 3 and 6. The count reaches 2 after epoch 5, after epoch 8, and once "
        "more.",
    ),
    misconceptions=(
        Misconception("sees no plateau", 0.1, shows="is reduced"),
        Misconception("reduces once only", 0.05, shows="one reduction"),
        Misconception("compares with the epoch before", 0.025, shows="two reductions"),
        Misconception("misses the new best", 0.00625, shows="too many"),
        Misconception("counts reductions", 3, shows="How many times"),
    ),
    equivalents=(0.1 / 8, np.float32(0.0125)),
)


# Question 4: write EarlyStopping.


def true_stop(val_losses: Sequence[float], patience: int) -> tuple[int, int]:
    """Say when EarlyStopping ends, and which epoch was the best until then.

    Args:
        val_losses: one loss for each epoch.
        patience: how many epochs without a new best end the training.

    Returns:
        The number of epochs that run, and the best epoch among them, counted from 1.

    Example:
        >>> true_stop([0.9, 0.7, 0.8, 0.75, 0.6], patience=2)
        (4, 2)
    """
    best, best_epoch = float("inf"), 0
    for epoch, loss in enumerate(val_losses, start=1):
        if loss < best:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch >= patience:
            return epoch, best_epoch
    return len(val_losses), best_epoch


def _stop_inputs() -> list[tuple[list[float], int]]:
    return [
        ([0.9, 0.7, 0.8, 0.75, 0.6], 2),  # a smaller loss that is no new best
        ([0.9, 0.8, 0.7, 0.6], 2),  # never stops
        ([1.2, 0.9, 0.75, 0.8, 0.72, 0.74, 0.78, 0.73, 0.7, 0.69], 3),
        ([0.5, 0.6, 0.4, 0.7, 0.3], 1),
        ([0.5, 0.5, 0.5, 0.5, 0.1], 3),  # an equal loss is no improvement
    ]


_STOP_FAULTS = {  # a fault of `_wrong_stop` to what helps
    "from 0": "Count the epochs from 1: enumerate(val_losses, start=1).",
    "late": "It stops as soon as the count is equal to patience, not one later.",
    "before": "Compare each loss with the best one so far, not with the one before it.",
    "over all": "The best epoch must be one that was run.",
    "equal": "An equal loss is no improvement: only a smaller one is.",
    "total": "A new best sets the count back to 0.",
}


def _judge_q4(data: AnswerData) -> Outcome:
    made = calls(data)
    pairs = [_pair(call.output) for call in made]
    true = [true_stop(*call.arguments) for call in made]
    if pairs == true:
        return correct(
            "The same answers as Keras on each list. EarlyStopping is a count of epochs."
        )
    if pairs == [(best, run) for run, best in true]:
        return incorrect(
            "Right numbers, wrong order: first the epochs that are run, then the best epoch."
        )
    call, said, right = next(
        item for item in zip(made, pairs, true, strict=True) if item[1] != item[2]
    )
    losses, patience = call.arguments
    called = f"For {list(losses)} and patience {patience} your function"
    if said is None:
        return incorrect(
            f"{called} returned {call.output!r}. Return two whole numbers: the epochs that are run, "
            "and the number of the best epoch (not its loss)."
        )
    for kind, advice in _STOP_FAULTS.items():
        if pairs == [_wrong_stop(kind)(*call.arguments) for call in made]:
            return incorrect(f"{called} says {said}, and Keras {right}. {advice}")
    return incorrect(
        f"{called} says {said}, and Keras {right}. Write down the best loss so far and the count "
        "for this list."
    )


def _pair(output: Any) -> tuple[int, int] | None:
    """Two whole numbers, or None."""
    try:
        first, second = output
        pair = int(first), int(second)
    except (TypeError, ValueError, OverflowError):
        return None
    return pair if pair == (first, second) else None


def _wrong_stop(kind: str) -> Any:
    """A function that a learner may write, with one fault."""

    def stop(val_losses: Sequence[float], patience: int) -> tuple[int, int]:
        best, best_epoch, count = float("inf"), 0, 0
        for epoch, loss in enumerate(val_losses, start=1):
            if loss < best or (kind == "equal" and loss == best):
                best, best_epoch = loss, epoch
                count = count if kind == "total" else 0
            elif kind == "before" and loss < val_losses[epoch - 2]:
                count = 0
            else:
                count += 1
            if count >= patience + (kind == "late"):
                break
        if kind == "from 0":
            return epoch - 1, best_epoch - 1
        if kind == "over all":
            return epoch, int(np.argmin(val_losses)) + 1
        return epoch, best_epoch

    return stop


def _best_loss(val_losses: Sequence[float], patience: int) -> tuple[int, float]:
    """The loss of the best epoch in place of its number."""
    run, best = true_stop(val_losses, patience)
    return run, val_losses[best - 1]


def _with_argmin(val_losses: Sequence[float], patience: int) -> list[int]:
    """The same answers without a loop over the count."""
    for run in range(1, len(val_losses) + 1):
        best = int(np.argmin(val_losses[:run])) + 1
        if run - best >= patience:
            return [run, best]
    return [len(val_losses), best]


q4 = Question(
    exercise=__name__,
    number=4,
    title="Write EarlyStopping",
    objective=_PREDICT,
    kind="build",
    minutes=8,
    difficulty=2,
    points=2,
    answer=FunctionAnswer(_stop_inputs),
    judge=_judge_q4,
    hints=(
        "Keep three things while you go through the list: the best loss, its epoch, and the count.",
        "A smaller loss than the best: keep it, and set the count to 0. Otherwise the count grows "
        "by one; when it equals patience, return.",
        "for epoch, loss in enumerate(val_losses, start=1): if loss < best: best, best_epoch = "
        "loss, epoch; elif epoch - best_epoch == patience: return epoch, best_epoch. After the "
        "loop: return len(val_losses), best_epoch.",
    ),
    misconceptions=(
        Misconception("counts from 0", lambda: _wrong_stop("from 0"), shows="from 1"),
        Misconception("waits one epoch more", lambda: _wrong_stop("late"), shows="one later"),
        Misconception(
            "compares with the epoch before",
            lambda: _wrong_stop("before"),
            shows="not with the one before",
        ),
        Misconception("takes the best of all", lambda: _wrong_stop("over all"), shows="was run"),
        Misconception("takes equal for better", lambda: _wrong_stop("equal"), shows="equal loss"),
        Misconception("never sets back", lambda: _wrong_stop("total"), shows="back to 0"),
        Misconception(
            "swaps the two",
            lambda: lambda val_losses, patience: true_stop(val_losses, patience)[::-1],
            shows="wrong order",
        ),
        Misconception(
            "returns the best loss", lambda: _best_loss, shows=r"\(4, 0\.7\).*not its loss"
        ),
    ),
    equivalents=(lambda: true_stop, lambda: _with_argmin),
)


# Question 5: resume a training.

_EPOCHS_DONE, _EPOCHS, _BATCH = 3, 6, 32


@cache
def signals() -> tuple[np.ndarray, np.ndarray]:
    """256 examples of three classes, 20 numbers each; the same in every run.

    Returns:
        x and y.

    Example:
        >>> x, y = signals()
        >>> x.shape, sorted(set(y.tolist()))
        ((256, 20), [0, 1, 2])
    """
    generator = np.random.default_rng(6)
    y = np.arange(256) % 3
    x = generator.normal(size=(256, 20)) + generator.normal(size=(3, 20))[y]
    return x.astype("float32"), y


def _signal_model() -> Model:
    import keras

    model = keras.Sequential(
        [
            keras.Input((20,)),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    generator = np.random.default_rng(7)
    model.set_weights([generator.normal(scale=0.3, size=w.shape) for w in model.weights])
    _compile(model)
    return model


def _compile(model: Model) -> None:
    import keras

    model.compile(keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy")


def _fit(
    model: Model,
    epochs: int,
    initial_epoch: int = 0,
    batch_size: int = _BATCH,
) -> Model:
    x, y = signals()
    model.fit(
        x,
        y,
        epochs=epochs,
        initial_epoch=initial_epoch,
        batch_size=batch_size,
        shuffle=False,
        verbose=0,
    )
    return model


@cache
def half_way() -> Path:
    """Train a model for 3 of its 6 epochs and save it.

    Returns:
        The path of the file, in a folder for temporary files.

    Example:
        >>> half_way().suffix
        '.keras'
    """
    path = Path(tempfile.mkdtemp()) / "half_way.keras"
    _fit(_signal_model(), _EPOCHS_DONE).save(path)
    return path


def _loaded() -> Model:
    import keras

    return keras.saving.load_model(half_way())


@cache
def _weights_in_one_go() -> list[np.ndarray]:
    return list(_fit(_signal_model(), _EPOCHS).get_weights())


@cache
def _weights_half_way() -> list[np.ndarray]:
    return list(_loaded().get_weights())


@cache
def _weights_as_it_was() -> list[np.ndarray]:
    return list(_both_faults().get_weights())


def _gap(ours: Sequence[np.ndarray], theirs: Sequence[np.ndarray]) -> float:
    return max(float(np.abs(a - b).max()) for a, b in zip(ours, theirs, strict=True))


def _judge_q5(data: AnswerData) -> Outcome:
    model, facts = rebuild_model(data), data.values["compile"]
    weights = model.get_weights()
    if [w.shape for w in weights] != [w.shape for w in _weights_in_one_go()]:
        return incorrect("This is another network than the one in the file.", shape_trace(model))
    steps = facts["steps"] if facts else 0
    if _gap(weights, _weights_half_way()) < 1e-6:
        return incorrect("These are the weights of the file. Train three more epochs.")
    if _gap(weights, _weights_in_one_go()) < 1e-3:
        return correct("All weights as in one training of 6 epochs: nothing was lost.")
    if _gap(weights, _weights_as_it_was()) < 1e-3:
        return incorrect(
            "That is the program as it was: compile throws the memory of the optimizer away, and "
            "epochs=6 trains six more."
        )
    points, advice = _advice_on_steps(steps, len(signals()[0]) // _BATCH)
    return partial(points, f"The optimizer has taken {steps} steps. {advice}")


def _advice_on_steps(steps: int, per_epoch: int) -> tuple[float, str]:
    """What a number of steps says about the program: a share of the points, and words."""
    count = steps / per_epoch
    if steps <= _EPOCHS_DONE * per_epoch:
        return 0.25, (
            f"It should know of 6 epochs, and it knows of {count:g}. Its memory of the first 3 is "
            "lost when you compile again, or begin with a new model."
        )
    if steps % per_epoch:
        return (
            0.5,
            f"That is {count:g} epochs of {per_epoch} steps. Were the batches of 32 examples?",
        )
    trained = int(count) - _EPOCHS_DONE
    if trained == _EPOCHS - _EPOCHS_DONE:
        return 0.5, (
            "That is right, but the weights are not those of one training. Load the file, and give "
            "the batches in the same order: shuffle=False, batch_size=32."
        )
    if trained < _EPOCHS:
        return 0.5, (
            f"That is {count:g} epochs: after the 3 in the file you trained {trained}. "
            "initial_epoch counts from 0: 3 is the fourth epoch."
        )
    return 0.5, (
        f"That is {count:g} epochs. epochs=6 means six more, unless initial_epoch says where to "
        "begin. And if fit runs twice, it trains twice: load the file again before."
    )


def _compiled_again() -> Model:
    model = _loaded()
    _compile(model)
    return _fit(model, _EPOCHS, _EPOCHS_DONE)


def _both_faults() -> Model:
    model = _loaded()
    _compile(model)
    return _fit(model, _EPOCHS)


def _from_the_beginning() -> Model:
    """Another start, all six epochs."""
    model = _signal_model()
    model.set_weights([0.5 * weight for weight in model.get_weights()])
    return _fit(model, _EPOCHS)


q5 = Question(
    exercise=__name__,
    number=5,
    title="Resume a training",
    objective="save the best model, interrupt a training, and resume it without losing anything",
    kind="repair",
    minutes=6,
    difficulty=3,
    points=3,
    answer=ModelAnswer(),
    judge=_judge_q5,
    hints=(
        "Three things must be as they were: the weights, the optimizer, the order of the batches.",
        "load_model brings back the optimizer. Which line of the program throws it away?",
        "Leave compile out, and write fit(x, y, initial_epoch=3, epochs=6, batch_size=32, "
        "shuffle=False, verbose=0).",
    ),
    misconceptions=(
        Misconception("compiles again", _compiled_again, shows="knows of 3.*memory"),
        Misconception("runs it as it was", _both_faults, shows="as it was"),
        Misconception("does not train", _loaded, shows="weights of the file"),
        Misconception(
            "trains six more", lambda: _fit(_loaded(), 6), shows="9 epochs.*fit runs twice"
        ),
        Misconception("begins one late", lambda: _fit(_loaded(), 6, 4), shows="trained 2.*fourth"),
        Misconception("begins one early", lambda: _fit(_loaded(), 6, 2), shows="trained 4.*fourth"),
        Misconception(
            "takes other batches",
            lambda: _fit(_loaded(), 6, 3, batch_size=64),
            shows="4.5 epochs.*batches of 32",
        ),
        Misconception("begins anew", _from_the_beginning, shows="not those of one training"),
        Misconception("does nothing of it", lambda: _fit(_compile_new(), 2), shows="knows of 2"),
    ),
    equivalents=(
        lambda: _fit(_loaded(), 3),
        lambda: _fit(_fit(_loaded(), 5, 3), 6, 5),
        lambda: _fit(_signal_model(), 6),
    ),
)


def _compile_new() -> Model:
    model = _signal_model()
    model.set_weights([-weight for weight in model.get_weights()])
    return model


# Question 6: raw pixels.

_MOST_LOSS = 1.1


@cache
def pictures() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """3,000 pictures of clothes for training and 1,000 for validation, with raw pixels.

    Returns:
        x_train, y_train, x_val, y_val; a picture is a row of 784 numbers from 0 to 255.

    Example:
        >>> [part.shape for part in pictures()]
        [(3000, 784), (3000,), (1000, 784), (1000,)]
    """
    from seqkit import data

    fashion = data.load("fashion")
    x, y = fashion.x_train.reshape(-1, 784).astype("float32"), fashion.y_train
    return x[:3_000], y[:3_000], x[-1_000:], y[-1_000:]


def _clothes_model(
    first: Any = None, scale: float = 1, rate: float = 0.1, adam: bool = False
) -> Any:
    """Train a network on the pictures; `first` is a layer in front, `scale` is done outside."""
    import keras

    keras.utils.set_random_seed(0)
    front = [] if first is None else [first]
    model = keras.Sequential(
        [
            keras.Input((784,)),
            *front,
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam() if adam else keras.optimizers.SGD(rate)
    model.compile(optimizer, loss="sparse_categorical_crossentropy")
    x, y, _, _ = pictures()
    model.fit(x * scale, y, epochs=5, batch_size=64, verbose=0)
    return model


def _trained_on_validation() -> Any:
    import keras

    _, _, x, y = pictures()
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((784,)),
            _rescaling(),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.SGD(0.1), loss="sparse_categorical_crossentropy")
    model.fit(x, y, epochs=12, batch_size=64, verbose=0)
    return model


def _with_old_layers() -> Any:
    """Scaled, with the Dense layers of a network that is stuck."""
    import keras

    x, y, _, _ = pictures()
    model = keras.Sequential([keras.Input((784,)), _rescaling(), *_clothes_model().layers])
    model.compile(keras.optimizers.SGD(0.1), loss="sparse_categorical_crossentropy")
    model.fit(x, y, epochs=1, batch_size=64, verbose=0)
    return model


def _rescaling() -> Any:
    import keras

    return keras.layers.Rescaling(1 / 255)


def _normalization(axis: int | None) -> Any:
    import keras

    layer = keras.layers.Normalization(axis=axis)
    layer.adapt(pictures()[0])
    return layer


def _loss_on(model: Model, x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Cross-entropy, computed here from the shares, and accuracy."""
    import keras

    shares = np.asarray(keras.ops.convert_to_numpy(model(x)), dtype="float64")
    right = np.clip(shares[np.arange(len(y)), y], 1e-30, 1)
    return float(-np.log(right).mean()), float((shares.argmax(axis=1) == y).mean())


_ON_OLD_LAYERS = (
    "Are its Dense layers new ones? Those of `stuck` bring their weights along, and these do not "
    "recover. If they are new, take smaller steps."
)


def _front(model: Model) -> list[Any]:
    """The layers that are not Dense: among them is what scales the inputs."""
    return [layer for layer in model.layers if type(layer).__name__ not in {"Dense", "InputLayer"}]


def _on_inputs(model: Model) -> str:
    """What is to be said of the layer that scales."""
    if any(
        type(layer).__name__ == "Normalization" and np.size(layer.get_weights()[:1]) > 1
        for layer in model.layers
    ):
        return (
            "But with one deviation for each pixel, some inputs are above 100. Normalization(axis="
            "None) is the safe way."
        )
    return "It learns from inputs near one." if _front(model) else ""


def _judge_q6(data: AnswerData) -> Outcome:
    model = rebuild_model(data)
    if model.input_shape[1:] != (784,) or model.output_shape[1:] != (10,):
        return incorrect(
            f"The model turns {model.input_shape} into {model.output_shape}; the check expects "
            "784 raw pixels in, and ten shares out.",
            shape_trace(model),
        )
    x_train, y_train, x, y = pictures()
    loss, accuracy = _loss_on(model, x, y)
    if loss < _loss_on(model, x_train, y_train)[0] - 0.01 and loss <= _MOST_LOSS:
        return partial(
            0.5,
            "Its loss is lower on the validation pictures than on the training pictures. Was it "
            "trained on x_val? Then they no longer tell what it does with new ones. Train on "
            "x_train.",
        )
    if loss <= _MOST_LOSS:
        return correct(f"It takes raw pixels. Its loss is {loss:.2f}. {_on_inputs(model)}".strip())
    said = f"On raw pixels its loss is {loss:.2f} (at most {_MOST_LOSS} is asked for)."
    if _loss_on(model, x / 255, y)[0] <= _MOST_LOSS:
        return partial(
            0.5,
            f"{said} On pixels divided by 255 it is good: you scaled outside of the model. Who "
            "uses the model will forget that. Put a layer in front.",
        )
    if accuracy < 0.3:
        said = f"{said} It names {accuracy:.0%} of the pictures: it learned hardly anything."
        return incorrect(f"{said} {_ON_OLD_LAYERS}" if _front(model) else said)
    return incorrect(f"{said} It names {accuracy:.0%}: on the way. What is the size of its inputs?")


q6 = Question(
    exercise=__name__,
    number=6,
    title="Make a network learn from raw pixels",
    objective="scale the inputs, and say why the scale matters",
    kind="improve",
    minutes=6,
    difficulty=3,
    points=2,
    answer=ModelAnswer(),
    judge=_judge_q6,
    hints=(
        "What is the largest input of the given network, and how large should it be?",
        "The model must take raw pixels, so the scaling has to be its first layer.",
        "Put layers.Rescaling(1 / 255) after keras.Input((784,)), and train as before.",
    ),
    misconceptions=(
        Misconception("leaves the pixels raw", _clothes_model, shows="hardly anything"),
        Misconception("trains on x_val", _trained_on_validation, shows="trained on x_val"),
        Misconception("takes the old layers", _with_old_layers, shows="bring their weights along"),
        Misconception("scales outside", lambda: _clothes_model(scale=1 / 255), shows="outside"),
        Misconception("takes Adam", lambda: _clothes_model(adam=True), shows="on the way"),
    ),
    equivalents=(
        lambda: _clothes_model(_rescaling()),
        lambda: _clothes_model(_normalization(None), rate=0.05),
        lambda: _clothes_model(_normalization(-1)),
    ),
)
