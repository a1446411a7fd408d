"""Try something out without a trace: names and random numbers go on as if nothing had happened."""

from __future__ import annotations

import logging
import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy

import keras
import numpy as np

NAMES = "object_name_uids"
SEEDS = "global_seed_generator"


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put back Keras' name counters and all random states afterwards, and show no warnings.

    Example:
        >>> with undisturbed():
        ...     inside = keras.layers.Dense(1).name
        >>> inside == keras.layers.Dense(1).name
        True
    """
    from keras.src.backend.common import global_state  # no public access to the counters

    python, legacy = random.getstate(), np.random.get_state()
    names = deepcopy(global_state.get_global_attribute(NAMES))
    seeds = global_state.get_global_attribute(SEEDS)
    state = None if seeds is None else keras.ops.convert_to_numpy(seeds.state.value)
    of_backend = logging.getLogger("tensorflow")  # it warns when many small models are run
    level = of_backend.level
    of_backend.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        of_backend.setLevel(level)
        random.setstate(python)
        np.random.set_state(legacy)
        global_state.set_global_attribute(NAMES, names)
        if seeds is not None:
            seeds.state.assign(state)
        global_state.set_global_attribute(SEEDS, seeds)
