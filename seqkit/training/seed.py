"""The seed: the same random numbers in every run."""

from __future__ import annotations

import operator

LARGEST_SEED = 2**32 - 1


def seed(n: int) -> None:
    """Make random numbers start at the same place in every run.

    Sets the seed of Python, of NumPy and of the Keras backend, so that initial weights, shuffling
    and dropout repeat. On one CPU two runs then agree to the last printed digit in practice.
    On a GPU some operations add numbers in an order that varies, so the last digits may differ:
    print rounded numbers, or state a bound with `sk.expect`.

    Taught in lesson 01.

    Args:
        n: A whole number from 0 to 4,294,967,295.

    Raises:
        TypeError: If `n` is not a whole number.
        ValueError: If `n` is out of range.

    Example:
        >>> import keras
        >>> seed(7)
        >>> first = keras.ops.convert_to_numpy(keras.random.uniform((2,)))
        >>> seed(7)
        >>> second = keras.ops.convert_to_numpy(keras.random.uniform((2,)))
        >>> bool((first == second).all())
        True
    """
    try:
        number = operator.index(n)
    except TypeError:
        raise TypeError(
            f"A seed is a whole number, but got {n!r}. Write, for example, sk.seed(0)."
        ) from None
    if not 0 <= number <= LARGEST_SEED:
        raise ValueError(
            f"A seed lies between 0 and {LARGEST_SEED:,}, but got {number:,}. "
            "Write, for example, sk.seed(0)."
        )
    import keras

    keras.utils.set_random_seed(number)
