"""A program is read from what the user wrote, not from the first batch that came along."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from seqkit.repairing.program import unbuilt


def test_the_input_of_a_first_batch_is_for_any_batch() -> None:
    model = keras.Sequential([layers.Dense(3)])
    model(np.zeros((5, 4)))
    entrance, _ = unbuilt(tuple(model._layers))
    assert entrance.batch_shape == (None, 4)


def test_a_layer_that_keeps_a_state_keeps_its_batch_size() -> None:
    stack = (keras.Input((None, 4), batch_size=5), layers.LSTM(3, stateful=True))
    entrance, _ = unbuilt(stack)
    assert entrance.shape[0] == 5
