"""Ways to part examples into training and test, so that nothing is in both."""

from __future__ import annotations

import itertools

import numpy as np

from seqkit.data.files import Array


def check_share(share: float) -> None:
    """Refuse a test share that leaves one side empty.

    Args:
        share: The share of the examples that is for the test.

    Raises:
        ValueError: If the share is not between 0 and 1.

    Example:
        >>> check_share(0.2)
    """
    if not 0 < share < 1:
        raise ValueError(
            f"The test share must lie between 0 and 1, but got {share!r}. "
            "For one example in five write test=0.2."
        )


def stratified_rows(labels: Array, share: float, seed: int) -> tuple[Array, Array]:
    """Part rows at random so that every class has the same share in the test.

    Args:
        labels: The class of each row.
        share: The share of each class that is for the test.
        seed: The seed of the shuffle.

    Returns:
        The rows for training and the rows for the test, both shuffled.

    Example:
        >>> train, test = stratified_rows(np.array([0] * 8 + [1] * 4), share=0.25, seed=0)
        >>> len(train), len(test), sorted(set(train) & set(test))
        (9, 3, [])
    """
    check_share(share)
    random = np.random.default_rng(seed)
    train, test = [], []
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        count = round(len(rows) * share)
        test.append(rows[:count])
        train.append(rows[count:])
    return (
        random.permutation(np.concatenate(train)),
        random.permutation(np.concatenate(test)),
    )


def tail_rows(runs: Array, share: float) -> tuple[Array, Array]:
    """Part rows so that the last share of every run is for the test.

    For rows that resemble their neighbours, such as hours of weather: a random split would put
    almost the same row on both sides.

    Args:
        runs: For each row the run that it belongs to. Rows of one run stand together.
        share: The share of each run that is for the test.

    Returns:
        The rows for training and the rows for the test, in their order.

    Example:
        >>> train, test = tail_rows(np.array([1, 1, 1, 1, 2, 2, 2, 2]), share=0.25)
        >>> train.tolist(), test.tolist()
        ([0, 1, 2, 4, 5, 6], [3, 7])
    """
    check_share(share)
    train, test = [], []
    for start, stop in run_bounds(runs):
        border = stop - round((stop - start) * share)
        train.append(np.arange(start, border))
        test.append(np.arange(border, stop))
    return np.concatenate(train), np.concatenate(test)


def run_bounds(runs: Array) -> list[tuple[int, int]]:
    """Return the first row and the row after the last of every run.

    Args:
        runs: For each row the run that it belongs to.

    Returns:
        Pairs (start, stop), in order.

    Example:
        >>> run_bounds(np.array([1, 1, 2, 2, 2]))
        [(0, 2), (2, 5)]
    """
    breaks = np.flatnonzero(runs[1:] != runs[:-1]) + 1
    edges = [0, *breaks.tolist(), len(runs)]
    return list(itertools.pairwise(edges))


def window_starts(rows: Array, runs: Array, span: int, step: int) -> Array:
    """Return where windows can start so that each stays within one run and within `rows`.

    Args:
        rows: The rows that may be used, in order.
        runs: For each row of the whole series the run that it belongs to.
        span: How many rows a window covers, its target included.
        step: How many rows lie between two starts.

    Returns:
        The first row of each window.

    Example:
        >>> window_starts(np.arange(6), np.array([1, 1, 1, 2, 2, 2]), span=2, step=1).tolist()
        [0, 1, 3, 4]
    """
    if len(rows) == 0:
        return np.empty(0, dtype=np.int64)
    # A gap in the row numbers ends a piece, as does the end of a run.
    pieces = np.cumsum(np.r_[0, (np.diff(rows) != 1) | (np.diff(runs[rows]) != 0)])
    starts = [
        np.arange(rows[first], rows[last - 1] + 2 - span, step)
        for first, last in run_bounds(pieces)
    ]
    return np.concatenate(starts)


def cut_patches(band: Array, size: int, step: int) -> Array:
    """Cut square patches out of one band of a picture.

    Args:
        band: Some rows of a picture, of shape (rows, columns) or (rows, columns, channels).
        size: The side of a patch.
        step: How far two patches lie apart; smaller than `size` lets them overlap.

    Returns:
        The patches, of shape (patches, size, size) or (patches, size, size, channels).

    Example:
        >>> cut_patches(np.zeros((64, 96)), size=32, step=32).shape
        (6, 32, 32)
    """
    tops = range(0, band.shape[0] - size + 1, step)
    lefts = range(0, band.shape[1] - size + 1, step)
    patches = [band[top : top + size, left : left + size] for top in tops for left in lefts]
    return np.stack(patches) if patches else np.empty((0, size, size, *band.shape[2:]), band.dtype)
