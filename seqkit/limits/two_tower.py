"""A recommender with a tower for users and a tower for items, joined by a dot product."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from seqkit.explaining import attempt
from seqkit.graph import read
from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import answer

# Synthetic ratings: each user and each item has 2 hidden numbers, the rating is their product.
USERS, ITEMS, HIDDEN = 40, 30, 2
NOISE = 0.1


def two_embeddings_and_dot_in_the_list() -> keras.Model:
    """Both towers and their product, one after the other."""
    return keras.Sequential(
        [
            keras.Input((1,), dtype="int32"),
            layers.Embedding(40, 4),
            layers.Embedding(30, 4),
            layers.Dot(axes=1),
        ]
    )


def two_inputs_in_the_list() -> keras.Model:
    """An Input and an Embedding for the user, then the same for the item."""
    return keras.Sequential(
        [
            keras.Input((1,), dtype="int32", name="user"),
            layers.Embedding(40, 4),
            keras.Input((1,), dtype="int32", name="item"),
            layers.Embedding(30, 4),
            layers.Dot(axes=1),
        ]
    )


def an_embedding_behind_an_embedding() -> keras.Model:
    """The item table behind the user table: it builds, and looks up no item."""
    return keras.Sequential(
        [
            keras.Input((1,), dtype="int32"),
            layers.Embedding(40, 4),
            layers.Embedding(30, 4),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )


def a_list_of_users_and_items() -> keras.Model:
    """Both numbers are passed as a list: it trains, on the users alone."""
    users, items = np.zeros((64, 1), "int32"), np.zeros((64, 1), "int32")
    ratings = np.zeros((64, 1))
    model = keras.Sequential(
        [keras.Input((1,), dtype="int32"), layers.Embedding(40, 4), layers.Flatten()]
    )
    model.add(layers.Dense(1))
    model.compile(optimizer="adam", loss="mse")
    model.fit([users, items], ratings, verbose=0)
    return model


def fix() -> keras.Model:
    """A tower for the user and a tower for the item, in the Functional API."""
    user = keras.Input((1,), dtype="int32", name="user")
    item = keras.Input((1,), dtype="int32", name="item")
    user_code = layers.Flatten()(layers.Embedding(40, 4)(user))
    item_code = layers.Flatten()(layers.Embedding(30, 4)(item))
    outputs = layers.Dot(axes=1)([user_code, item_code])
    return keras.Model([user, item], outputs)


@keras.saving.register_keras_serializable("seqkit")
class DotOfRows(layers.Layer):
    """Multiplies row 0 and row 1 of each example number by number, and gives the sum.

    Taught in lesson 17.

    Example:
        >>> DotOfRows()(np.array([[[1.0, 2.0], [3.0, 4.0]]])).shape[-1]
        1
    """

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Give the dot product of the two rows, as a column."""
        return keras.ops.sum(inputs[:, 0] * inputs[:, 1], axis=-1, keepdims=True)


def workaround() -> keras.Model:
    """One table for all users and items: item 0 has the number 40."""
    return keras.Sequential(
        [
            keras.Input((2,), dtype="int32"),  # np.stack([users, 40 + items], axis=1)
            layers.Embedding(40 + 30, 4),
            DotOfRows(),
        ]
    )


def stand_in() -> keras.Model:
    """A flat list of Keras' own layers: one value for the user plus one for the item."""
    return keras.Sequential(
        [
            keras.Input((2,), dtype="int32"),
            layers.Embedding(40 + 30, 4),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )


def evidence() -> tuple[Check, ...]:
    """What must be true of the silent attempts, of the fix and of the way round."""
    fixed, one_table, behind = fix(), workaround(), an_embedding_behind_an_embedding()
    users, items = _all_pairs()
    warned = attempt(a_list_of_users_and_items).explanation
    return (
        Check(
            "an Embedding behind an Embedding gives every new user the same answer",
            _spread(answer(behind, np.arange(USERS)[:, None])) < 1e-6,
            "Change the text of lesson 17.",
        ),
        Check(
            "in the fix, new users get different answers",
            _spread(answer(fixed, [users, items])) > 1e-6,
            "Check `fix`.",
        ),
        Check(
            "Keras warns when it drops the items; the warning is explained as multi_input",
            warned is not None and warned.pattern == "multi_input",
            "Keras says something else now. Run the attempt and read it.",
        ),
        Check(
            "the fix has 40·4 + 30·4 = 280 parameters",
            fixed.count_params() == 280,
            "Count again in lesson 17.",
        ),
        Check(
            "the codes of all users times the codes of all items are the answers of the model",
            _codes_give_the_answers(fixed),
            "Check `fix`.",
        ),
        Check(
            "a flat list of built-in layers only adds a value of the user and a value of the item",
            _is_a_sum(stand_in()) and not _is_a_sum(one_table),
            "Change the text of lesson 17.",
        ),
        Check(
            "the custom layer on one table computes the same as the fix",
            _same_with_equal_weights(fixed, one_table),
            "Check `DotOfRows`.",
        ),
        Check(
            "the way round has one entrance and one table where the fix has two of each",
            [_entries_and_tables(one) for one in (one_table, fixed)] == [(1, 1), (2, 2)],
            "Change the price in lesson 17.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """Synthetic ratings of a known rule: the towers learn it, a sum cannot."""
    towers = _error(fix(), lambda users, items: [users, items])
    added = _error(stand_in(), lambda users, items: np.concatenate([users, USERS + items], axis=1))
    return (
        Check(
            "on held-out ratings the two towers come near the noise (error under 0.3; noise 0.1)",
            towers < 0.3,
            f"The error was {towers:.2f}.",
        ),
        Check(
            "the flat list does not (error over 0.6; ratings spread by about 1)",
            added > 0.6,
            f"The error was {added:.2f}.",
        ),
    )


def _all_pairs() -> list[np.ndarray]:
    users, items = np.divmod(np.arange(USERS * ITEMS), ITEMS)
    return [users[:, None].astype("int32"), items[:, None].astype("int32")]


def _error(model: keras.Model, together: Any) -> float:
    """Train on four in five ratings, and give the root mean square error on the rest."""
    generator = np.random.default_rng(0)
    tables = [generator.normal(size=(count, HIDDEN)) for count in (USERS, ITEMS)]
    users, items = _all_pairs()
    ratings = (tables[0] @ tables[1].T).reshape(-1, 1) / HIDDEN**0.5
    ratings = ratings + NOISE * generator.normal(size=ratings.shape)
    order = generator.permutation(len(ratings))
    train, test = np.split(order, [len(order) * 4 // 5])
    shapes = [weight.shape for weight in model.get_weights()]
    model.set_weights([generator.normal(size=shape, scale=0.3) for shape in shapes])
    model.compile(optimizer=keras.optimizers.Adam(0.03), loss="mse")
    model.fit(
        together(users[train], items[train]),
        ratings[train],
        epochs=30,
        batch_size=64,
        shuffle=False,
        verbose=0,
    )
    said = answer(model, together(users[test], items[test]))
    return float(((said - ratings[test]) ** 2).mean() ** 0.5)


def _spread(answers: np.ndarray) -> float:
    return float(np.ptp(answers))


def _codes_give_the_answers(model: keras.Model) -> bool:
    """Whether a code for each user and each item is all that the model uses."""
    codes = model.get_weights()
    if [code.shape for code in codes] != [(USERS, 4), (ITEMS, 4)]:
        return False
    answers = answer(model, _all_pairs()).reshape(USERS, ITEMS)
    return bool(np.allclose(codes[0] @ codes[1].T, answers, atol=1e-5))


def _is_a_sum(model: keras.Model) -> bool:
    """Whether the step from one item to another is the same for every user."""
    generator = np.random.default_rng(2)
    model.set_weights([generator.normal(size=weight.shape) for weight in model.get_weights()])
    users, items = _all_pairs()
    answers = answer(model, np.concatenate([users, USERS + items], axis=1))
    table = answers.reshape(USERS, ITEMS)
    steps = table - table[:, :1]
    return bool(np.allclose(steps, steps[:1], atol=1e-3))


def _same_with_equal_weights(fixed: keras.Model, one_table: keras.Model) -> bool:
    generator = np.random.default_rng(1)
    fixed.set_weights([generator.normal(size=weight.shape) for weight in fixed.get_weights()])
    one_table.set_weights([np.concatenate(fixed.get_weights())])
    users, items = _all_pairs()
    one = answer(fixed, [users, items])
    other = answer(one_table, np.concatenate([users, USERS + items], axis=1))
    return one.shape == other.shape and bool(np.allclose(one, other, atol=1e-4))


def _entries_and_tables(model: keras.Model) -> tuple[int, int]:
    return len(read(model).entry), len(model.weights)


LIMIT = Limit(
    name="two_tower",
    title="Two towers and their dot product cannot be written in a list",
    lesson=17,
    claims=("A4.4",),
    attempts=(
        LimitAttempt(
            "two Embeddings and Dot in the list", two_embeddings_and_dot_in_the_list, pattern="dot"
        ),
        LimitAttempt("two Inputs in the list", two_inputs_in_the_list, pattern="multi_input"),
        LimitAttempt(
            "an Embedding behind an Embedding", an_embedding_behind_an_embedding, loud=False
        ),
        LimitAttempt("fit on a list of users and items", a_list_of_users_and_items, loud=False),
    ),
    why=(
        "A dot product needs two tensors that exist at the same time: the code of the user and the "
        "code of the item. A Sequential has one tensor, and each layer replaces it."
    ),
    fix_function=fix,
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price=(
        "users and items share one table, so the number of each item must be shifted; both towers "
        "are the same kind of layer; the product is a layer of one's own; no tower can be taken "
        "out and kept"
    ),
)
