"""A training that can be interrupted at any moment, and goes on where it was."""

from __future__ import annotations

import json
import math
import os
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

# A page of the .keras file that Keras does not read: epochs, history and random states.
STATE = "training.json"


class Checkpoint(keras.callbacks.Callback):
    """Save the whole training after each epoch, and go on from there when `fit` is called again.

    The file is an ordinary `.keras` file for `keras.saving.load_model`. Each new one is written
    beside it and takes its place in one step, so a whole file is there at any moment, even if the
    kernel is killed. When it cannot be written (a full disk), a warning says so and the training
    goes on. The first one is written before the first epoch.

    The next `fit` takes from the file the weights, the optimizer with its learning rate, the
    number of the epoch, the history, and the random state of layers such as Dropout (on PyTorch,
    if they were given a seed). Not in the file are the order that `shuffle=True` gives, and the
    memory of other callbacks. Name Checkpoint last: after those that change something at the end
    of an epoch, such as ReduceLROnPlateau, or of the training, such as EarlyStopping with
    `restore_best_weights=True`.

    Taught in lesson 06.

    Args:
        path: The name of the file; it ends in `.keras`.

    Attributes:
        done: How many epochs of the training are in the file.

    Raises:
        ValueError: If the name does not end in `.keras`; and from `fit`, if the model has no
            weights yet (on TensorFlow; JAX and PyTorch make them before), or if the file holds
            something else than a training of this network with this optimizer.
        OSError: From `fit`, if no file can be written before the first epoch.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> path = Path(tempfile.mkdtemp()) / "line.keras"
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> model.compile(loss="mse")
        >>> x, y = np.ones((4, 2)), np.ones(4)
        >>> _ = model.fit(x, y, epochs=2, verbose=0, callbacks=[Checkpoint(path)])
        >>> again = keras.saving.load_model(path)
        >>> history = again.fit(x, y, epochs=3, verbose=0, callbacks=[Checkpoint(path)])
        line.keras: the training goes on after epoch 2.
        >>> len(history.history["loss"])
        3

    Source: the Keras callbacks ModelCheckpoint and BackupAndRestore, which write over their file.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__()
        self.path = Path(path)
        self.done = 0
        if self.path.suffix != ".keras":
            raise ValueError(
                f"Checkpoint writes files of Keras, but got the name {str(path)!r}. "
                f"Let it end in .keras: {str(self.path.with_suffix('.keras'))!r}."
            )

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Take up the training that is in the file, if there is one."""
        model = self.model
        if not model.built:
            raise ValueError(
                "Checkpoint saves weights, but this model has none before its first batch. "
                "Begin the model with keras.Input(shape), or call it once on a batch."
            )
        if not model.optimizer.built:  # its state is in the file even before the first step
            model.optimizer.build(model.trainable_variables)
        self._state: dict[str, Any] = {"done": 0, "asked": 0, "epochs": [], "history": {}}
        self._ready = False
        start = self._restore() if self.path.exists() else 0
        # `fit` reads this right after on_train_begin; BackupAndRestore tells it in the same way.
        model._initial_epoch = start or None

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Before the first epoch: see that there is a file."""
        if self._ready:
            return
        self._get_ready()
        if not self.path.exists():
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._write(epoch)
            except OSError as error:
                raise OSError(
                    f"{self.path} could not be written before the first epoch "
                    f"({error.strerror or error}), so nothing would be saved. "
                    "Free some space, or choose a folder that you may write to."
                ) from error

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Save the epoch."""
        self._state["epochs"].append(epoch)
        for name, value in (logs or {}).items():
            value = keras.ops.convert_to_numpy(value).tolist()
            self._state["history"].setdefault(name, []).append(value)
        self._save(epoch + 1, "The training goes on: free some space before the next epoch ends.")

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Save the last state, and that the training is complete."""
        if self._ready:
            self._state["asked"] = self.params["epochs"]
            done = self._state["epochs"][-1] + 1
            self._save(done, 'Free some space, then save it: model.save("rescued.keras").')
        else:  # there was nothing to train
            self._get_ready()

    def _get_ready(self) -> None:
        """Complete the history, now that `fit` has begun a new one."""
        self._ready = True
        self.model._initial_epoch = None  # or every later `fit` would begin at this epoch
        self.model.history.epoch[:0] = self._state["epochs"]

    def _save(self, done: int, advice: str) -> None:
        try:
            self._write(done)
        except OSError as error:
            warnings.warn(
                f"{self.path.name}: epoch {done} could not be saved ({error.strerror or error}). "
                f"The file still holds epoch {self.done}. {advice}",
                stacklevel=2,
            )

    def _write(self, done: int) -> None:
        """Write a new file beside the old one, and put it in its place."""
        seeds = [keras.ops.convert_to_numpy(seed).tolist() for seed in self._seeds()]
        state = {**self._state, "done": done, "seeds": seeds, "optimizer": self._optimizer()}
        part = self.path.with_suffix(".part.keras")
        try:
            self.model.save(part)
            with open(part, "rb+") as file:
                with zipfile.ZipFile(file, "a") as archive:
                    archive.writestr(STATE, json.dumps(state))
                file.flush()
                os.fsync(file.fileno())  # on the disk, before it takes the place of the old one
            os.replace(part, self.path)
        except BaseException:  # KeyboardInterrupt, too
            part.unlink(missing_ok=True)
            raise
        self.done = done

    def _restore(self) -> int:
        """Take everything from the file, and return the epoch to go on with."""
        model, name = self.model, self.path.name
        try:
            with zipfile.ZipFile(self.path) as archive:
                self._state = json.loads(archive.read(STATE))
        except (zipfile.BadZipFile, KeyError) as error:
            raise ValueError(
                f"{name} was expected to be a file of Checkpoint, but something else wrote it. "
                "Take another name, or delete the file if nobody needs it."
            ) from error
        if self._state["optimizer"] != self._optimizer():  # Keras would begin with a new one
            raise ValueError(
                f"{name} was expected to hold a training with {self._optimizer()}, but it holds "
                f"one with {self._state['optimizer']}. Compile the model as before, with the same "
                "layers frozen, or take another name for the new training."
            )
        asked = self._learning_rate()
        try:
            model.load_weights(self.path)
        except ValueError as error:
            raise ValueError(
                f"{name} was expected to hold this network, but it holds another one. Build the "
                "network as before, or take another name for the new training."
            ) from error
        for seed, value in zip(self._seeds(), self._state["seeds"], strict=False):
            seed.assign(value)
        for metric, values in self._state["history"].items():
            model.history.history[metric] = [*values]
        self.done, epochs = self._state["done"], self.params["epochs"]
        if epochs > max(self.done, self._state["asked"]):
            print(f"{name}: the training goes on after epoch {self.done}{self._other_rate(asked)}.")
            return self.done
        print(
            f"{name}: this training is complete, nothing is left to do. "
            "For a new one delete the file or take another name."
        )
        return epochs

    def _optimizer(self) -> str:
        optimizer = self.model.optimizer
        return f"{type(optimizer).__name__} ({len(optimizer.variables)} arrays)"

    def _learning_rate(self) -> float | None:
        """The learning rate; None if a schedule gives it."""
        rate = self.model.optimizer.get_config().get("learning_rate")
        return rate if isinstance(rate, float) else None

    def _other_rate(self, asked: float | None) -> str:
        """What to say when the file has another learning rate than `compile` was given."""
        rate = self._learning_rate()
        if rate is None or asked is None or math.isclose(rate, asked, rel_tol=1e-6):
            return ""
        return (
            f", with its learning rate {rate:.6g} (compile got {asked:.6g}; the callback "
            "LearningRateScheduler can change it)"
        )

    def _seeds(self) -> list[Any]:
        return [v for v in self.model.variables if v.name == "seed_generator_state"]
