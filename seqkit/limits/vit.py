"""A vision transformer: patches of a picture that look at each other (Dosovitskiy 2021)."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from seqkit.graph import read
from seqkit.limits.attention import set_fixed_weights
from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import answer, influence, same_with_equal_weights
from seqkit.limits.transformer import Positions, TransformerBlock

# 28 × 28 pixels are 4 · 4 = 16 patches of 7 × 7; each becomes a vector of 16 numbers.
SIDE, PATCH, WIDTH, PATCHES = 28, 7, 16, 16
PATCH_PARAMETERS = 7 * 7 * 16 + 16
BLOCK = 4 * (16 * 16 + 16) + (16 * 32 + 32) + (32 * 16 + 16) + 2 * 2 * 16
PARAMETERS = PATCH_PARAMETERS + 16 * 16 + BLOCK + (16 * 10 + 10)
ROWS = 512


def attention_in_the_list() -> keras.Model:
    """Cut into patches, then let them look at each other: all in a row."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 7, strides=7),
            layers.Reshape((16, 16)),
            layers.MultiHeadAttention(num_heads=2, key_dim=8),
            layers.GlobalAveragePooling1D(),
            layers.Dense(10, activation="softmax"),
        ]
    )


def class_token_in_the_list() -> keras.Model:
    """One more vector, which shall collect the answer, is to be joined to the patches."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 7, strides=7),
            layers.Reshape((16, 16)),
            layers.Concatenate(axis=1),  # the class token and the 16 patches
        ]
    )


def patches_by_reshape() -> keras.Model:
    """784 = 16 · 49, so a Reshape fits: its rows are strips of pixels, not squares."""
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Reshape((16, 49)), layers.Dense(16)])


def bag_of_patches() -> keras.Model:
    """The patches without positions and attention: where a patch lies is lost."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 7, strides=7),
            layers.Reshape((16, 16)),
            layers.Dense(32, activation="relu"),
            layers.GlobalAveragePooling1D(),
            layers.Dense(10, activation="softmax"),
        ]
    )


def fix() -> keras.Model:
    """Patches with positions, one encoder block, the mean, ten classes."""
    pictures = keras.Input((28, 28, 1))
    x = layers.Conv2D(16, 7, strides=7)(pictures)
    x = layers.Reshape((16, 16))(x)
    x = Positions(16)(x)

    seen = layers.MultiHeadAttention(num_heads=2, key_dim=8)(x, x)
    x = layers.LayerNormalization()(layers.Add()([x, seen]))
    inner = layers.Dense(32, activation="relu")(x)
    inner = layers.Dense(16)(inner)
    x = layers.LayerNormalization()(layers.Add()([x, inner]))

    x = layers.GlobalAveragePooling1D()(x)
    outputs = layers.Dense(10, activation="softmax")(x)
    return keras.Model(pictures, outputs)


def workaround() -> keras.Model:
    """The same network as a row, with two layers of one's own."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 7, strides=7),
            layers.Reshape((16, 16)),
            Positions(16),
            TransformerBlock(width=16, heads=2, inner=32),
            layers.GlobalAveragePooling1D(),
            layers.Dense(10, activation="softmax"),
        ]
    )


def evidence() -> tuple[Check, ...]:
    """What must be true of the stand-ins, of the fix and of the way round."""
    fixed, hidden, bag = fix(), workaround(), bag_of_patches()
    for model in (fixed, bag):
        set_fixed_weights(model)
    generator = np.random.default_rng(0)
    pictures = generator.normal(size=(2, SIDE, SIDE, 1)).astype("float32")
    vectors = generator.normal(size=(1, PATCHES, WIDTH)).astype("float32")
    return (
        Check(
            f"the fix has {PARAMETERS:,} parameters, as counted by hand",
            fixed.count_params() == PARAMETERS,
            "Count again in lesson 16.",
        ),
        Check(
            "a convolution with stride 7 gives each 7 × 7 square of pixels one vector of its own",
            _one_vector_for_each(keras.Sequential(fixed.layers[:3]), _square),
            "Check `fix`.",
        ),
        Check(
            "the Reshape cuts strips: the pixels of one square fall into several vectors",
            not _one_vector_for_each(patches_by_reshape(), _square)
            and _one_vector_for_each(patches_by_reshape(), _strip),
            "Change the text of lesson 16.",
        ),
        Check(
            "patches at other places: the bag gives the same answer, the fix does not",
            not _place_matters(bag, pictures) and _place_matters(fixed, pictures),
            "Change the text of lesson 16.",
        ),
        Check(
            "in one block every patch has an influence on every patch",
            bool(influence(_block(), vectors).all()),
            "Check `TransformerBlock`.",
        ),
        Check(
            "the fix has two skips, and no skip is seen in the way round",
            (_kinds(fixed).count("Add"), _kinds(hidden).count("Add")) == (2, 0),
            "Change the price in lesson 16.",
        ),
        Check(
            "the row of custom layers computes the same as the fix",
            same_with_equal_weights(fixed, hidden, pictures),
            "Check `TransformerBlock`.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """What positions are for: a label about the place of a patch."""
    score = _accuracy(fix())
    return (
        Check(
            "in which row a bright square lies, synthetic: the fix learns it (over 90 %), while "
            "a bag of patches cannot tell the rows apart (25 %)",
            score > 0.9,
            f"Test accuracy was {score:.0%}.",
        ),
    )


def _square(row: int, column: int) -> int:
    """The number of the 7 × 7 square in which a pixel lies."""
    return row // PATCH * (SIDE // PATCH) + column // PATCH


def _strip(row: int, column: int) -> int:
    """The number of the run of 49 pixels in which a pixel lies."""
    return (row * SIDE + column) // PATCH**2


def _one_vector_for_each(model: keras.Model, place: object) -> bool:
    """Whether each pixel changes exactly the vector whose number `place` gives."""
    assert callable(place)
    set_fixed_weights(model)
    pixels = np.eye(SIDE * SIDE, dtype="float32").reshape(-1, SIDE, SIDE, 1)
    dark = answer(model, np.zeros_like(pixels[:1]))
    changed = (np.abs(answer(model, pixels) - dark) > 1e-6).any(axis=2)
    wanted = [place(pixel // SIDE, pixel % SIDE) for pixel in range(SIDE * SIDE)]
    return bool(np.array_equal(changed, np.eye(PATCHES, dtype=bool)[wanted]))


def _place_matters(model: keras.Model, pictures: np.ndarray) -> bool:
    """Whether another answer comes when the patches change places."""
    turned = np.roll(pictures, PATCH, axis=(1, 2))
    return not np.allclose(answer(model, pictures), answer(model, turned), atol=1e-5)


def _block() -> keras.Model:
    block = keras.Sequential(
        [keras.Input((PATCHES, WIDTH)), TransformerBlock(WIDTH, heads=2, inner=32)]
    )
    set_fixed_weights(block)
    return block


def _kinds(model: keras.Model) -> list[str]:
    return [node.kind for node in read(model).nodes]


def bright_squares(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Make noisy pictures with one bright square.

    Args:
        rows: how many pictures.
        seed: the seed of the draw.

    Returns:
        The pictures, and in which of the four rows of patches the square lies.
    """
    generator = np.random.default_rng(seed)
    pictures = generator.normal(scale=0.3, size=(rows, SIDE, SIDE, 1)).astype("float32")
    row, column = generator.integers(0, SIDE // PATCH, size=(2, rows))
    for picture, top, left in zip(pictures, PATCH * row, PATCH * column, strict=True):
        picture[top : top + PATCH, left : left + PATCH] += 1
    return pictures, row


def _accuracy(model: keras.Model) -> float:
    set_fixed_weights(model)
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    model.fit(*bright_squares(ROWS, 0), epochs=10, batch_size=32, shuffle=False, verbose=0)
    x, y = bright_squares(ROWS, 1)
    return float((answer(model, x).argmax(axis=1) == y).mean())


LIMIT = Limit(
    name="vit",
    title="A picture as patches that look at each other cannot be written as a list",
    lesson=16,
    claims=("A2.6", "A4.2"),
    attempts=(
        LimitAttempt("attention between patches", attention_in_the_list, pattern="attention"),
        LimitAttempt("a class token in the list", class_token_in_the_list, pattern="dense_skip"),
        LimitAttempt("patches by Reshape", patches_by_reshape, loud=False),
        LimitAttempt("a bag of patches", bag_of_patches, loud=False),
    ),
    why=(
        "The patches need positions, attention and two skips. A convolution with a stride cuts "
        "them inside a list; for the rest each layer would have to take more than one tensor."
    ),
    fix_function=fix,
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price=(
        "two layers of one's own, with attention and skips hidden in them; no class token unless "
        "a third layer of one's own joins it"
    ),
    definitions=(Positions,),
)
