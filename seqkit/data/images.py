"""The sets of pictures."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqkit.data.dataset import Card, Dataset
from seqkit.data.files import read_npz

CLOTHES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
DIGITS = tuple("0123456789")
# Neighbouring tiles follow each other in the file, so whole stretches of it are parted.
TILES_IN_A_STRETCH = 30


def fashion(card: Card) -> Dataset:
    """Read the shipped part of Fashion-MNIST, with its own split.

    Args:
        card: Name, licence and so on.

    Returns:
        12,000 pictures for training, 2,000 for the test.
    """
    arrays = read_npz("fashion_12k_2k.npz")
    return _given_split(
        card,
        CLOTHES,
        (arrays["x_train"], arrays["y_train"]),
        (arrays["x_test"], arrays["y_test"]),
    )


def full_fashion(card: Card) -> Dataset:
    """Download Fashion-MNIST, 60,000 and 10,000 pictures.

    Args:
        card: Name, licence and so on.

    Returns:
        The whole set with its own split.
    """
    import keras

    train, test = keras.datasets.fashion_mnist.load_data()
    return _given_split(card, CLOTHES, train, test)


def mnist(card: Card) -> Dataset:
    """Read the shipped part of MNIST, 500 pictures of each digit.

    Args:
        card: Name, licence and so on.

    Returns:
        5,000 pictures, 400 of each digit for training and 100 for the test.
    """
    arrays = read_npz("mnist_5k.npz")
    return Dataset(
        card,
        x=arrays["x"],
        y=arrays["y"],
        classes=DIGITS,
        rule="fixed (seed 0): 20 % of each class is for the test",
    )


def full_mnist(card: Card) -> Dataset:
    """Download MNIST, 60,000 and 10,000 pictures.

    Args:
        card: Name, licence and so on.

    Returns:
        The whole set with its own split.
    """
    import keras

    train, test = keras.datasets.mnist.load_data()
    return _given_split(card, DIGITS, train, test)


def textures(card: Card) -> Dataset:
    """Read three photographs of textures.

    Args:
        card: Name, licence and so on.

    Returns:
        The photographs, to be cut into patches.
    """
    return _photographs(card, "textures.npz")


def china_flower(card: Card) -> Dataset:
    """Read two colour photographs.

    Args:
        card: Name, licence and so on.

    Returns:
        The photographs, to be cut into patches.
    """
    return _photographs(card, "china_flower.npz")


def coast(card: Card) -> Dataset:
    """Read satellite tiles and unpack their land masks.

    Args:
        card: Name, licence and so on.

    Returns:
        300 tiles; y has one channel, 1 on land and 0 on water.
    """
    arrays = read_npz("coast_300.npz")
    masks = np.unpackbits(arrays["y"], axis=1).reshape(-1, 64, 64, 1)
    return Dataset(
        card,
        x=arrays["x"],
        y=masks,
        classes=("water", "land"),
        runs=np.arange(len(masks)) // TILES_IN_A_STRETCH,
        rule=(
            f"fixed: of each {TILES_IN_A_STRETCH} tiles in a row the last 20 % are for the test, "
            "because neighbouring tiles follow each other"
        ),
    )


def _given_split(
    card: Card, classes: tuple[str, ...], train: tuple[Any, Any], test: tuple[Any, Any]
) -> Dataset:
    count = len(train[1])
    y = np.concatenate([train[1], test[1]])
    return Dataset(
        card,
        x=np.concatenate([train[0], test[0]]),
        y=y,
        classes=classes,
        train_rows=np.arange(count),
        test_rows=np.arange(count, len(y)),
        rule="the set's own",
    )


def _photographs(card: Card, file: str) -> Dataset:
    photos = read_npz(file)
    return Dataset(
        card,
        images=photos,
        classes=tuple(photos),
        test_share=0.25,
        rule=(
            "fixed: patches of 32 x 32; the top 75 % of the rows of each photograph are for "
            "training, the rest for the test (see .patches)"
        ),
    )
