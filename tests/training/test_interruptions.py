"""A stopped cell, a killed kernel, a full disk: nothing is lost but the running epoch."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from seqkit.training.checkpoint import Checkpoint
from seqkit.training.live_plot import LivePlot

ROOT = Path(__file__).parents[2]
EPOCHS = 6

# Runs here, in a kernel and in a process that is killed: the same training each time.
PROGRAM = """\
import os, signal, time
import keras, numpy as np
from seqkit.training.checkpoint import Checkpoint

x = np.random.default_rng(0).normal(size=(64, 8)).astype("float32")
y = x.sum(axis=1)

def new(units=16):
    keras.utils.set_random_seed(0)
    inside = [keras.layers.Dense(units, activation="relu"), keras.layers.Dropout(0.3, seed=7)]
    model = keras.Sequential([keras.Input((8,)), *inside, keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), loss="mse", metrics=["mae"])
    return model

def fit(model, *callbacks, epochs=6, **rest):
    rest = {"batch_size": 8, "shuffle": False, "verbose": 0, "callbacks": list(callbacks), **rest}
    return model.fit(x, y, epochs=epochs, **rest)

class InEpoch(keras.callbacks.Callback):
    '''Do something in the middle of an epoch; epochs are counted from 1.'''
    def __init__(self, number, do):
        super().__init__()
        self.number, self.do = number, do
    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch + 1
    def on_train_batch_begin(self, batch, logs=None):
        if (self.epoch, batch) == (self.number, 3):
            self.do()

def variables(model):
    # Weights, optimizer and the state of Dropout; the metrics begin anew in each epoch.
    metrics = {id(variable) for variable in model.metrics_variables}
    return [v for v in [*model.variables, *model.optimizer.variables] if id(v) not in metrics]

def state(model):
    return [keras.ops.convert_to_numpy(v) for v in variables(model)]
"""
_names: dict[str, Any] = {}
exec(PROGRAM, _names)
new, fit, variables = _names["new"], _names["fit"], _names["variables"]
state, InEpoch = _names["state"], _names["InEpoch"]


@functools.cache
def _compiled() -> tuple[Any, list[np.ndarray]]:
    model = new()
    model.optimizer.build(model.trainable_variables)
    return model, state(model)


def fresh() -> Any:
    """Return a model as `new` does, but without the second in which TensorFlow compiles it."""
    model, first = _compiled()
    for variable, value in zip(variables(model), first, strict=True):
        variable.assign(value)
    return model


class Uninterrupted:
    def __init__(self) -> None:
        model = fresh()
        self.history = fit(model).history
        self.state = state(model)

    def equals(self, model: Any, history: Any) -> None:
        """Each number is equal to the last bit, and the history is the whole one."""
        for mine, other in zip(self.state, state(model), strict=True):
            np.testing.assert_array_equal(mine, other)
        assert history.history == self.history
        assert history.epoch == list(range(EPOCHS))


@pytest.fixture(scope="module")
def whole() -> Uninterrupted:
    return Uninterrupted()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "training.keras"


def _stop() -> None:
    raise KeyboardInterrupt


def _interrupted(path: Path, epoch: int = 4, make: Callable[[], Any] = fresh) -> Any:
    model = make()
    with pytest.raises(KeyboardInterrupt):
        fit(model, Checkpoint(path), InEpoch(epoch, _stop))
    return model


# A cell that the learner stops


@contextlib.contextmanager
def _kernel(folder: Path) -> Iterator[tuple[Any, Callable[..., list[dict[str, Any]]]]]:
    from jupyter_client.manager import start_new_kernel

    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(folder), env=env)

    def run(code: str, when_seen: Callable[[], None] | None = None) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []

        def hook(message: dict[str, Any]) -> None:
            messages.append(message)
            if when_seen is not None and "now" in message["content"].get("text", ""):
                when_seen()

        client.execute_interactive(code, output_hook=hook, timeout=60)
        return messages

    try:
        yield manager, run
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _outputs(messages: list[dict[str, Any]]) -> list[str]:
    kinds = [message["msg_type"] for message in messages]
    return sorted(kind for kind in kinds if kind not in ("status", "execute_input", "stream"))


def _text(messages: list[dict[str, Any]]) -> str:
    return "".join(message["content"].get("text", "") for message in messages)


def test_a_cell_stopped_in_epoch_4_of_a_real_kernel(tmp_path: Path, whole: Uninterrupted) -> None:
    wait = 'lambda: (print("now", flush=True), time.sleep(30))'
    with _kernel(tmp_path) as (manager, run):
        run(f"{PROGRAM}\nimport seqkit as sk\nmodel = new(); plot = sk.LivePlot()")
        cell = 'history = fit(model, plot, Checkpoint("training.keras")'
        began = time.perf_counter()
        stopped = run(f"{cell}, InEpoch(4, {wait}))", manager.interrupt_kernel)
        assert time.perf_counter() - began < 20
        # The error, and the picture of the three epochs that were complete.
        assert _outputs(stopped) == ["display_data", "error"]
        assert [m["content"].get("ename") for m in stopped].count("KeyboardInterrupt") == 1
        assert "3" in _text(run('print(len(plot.curves["loss"]))'))
        assert "True" in _text(run("print(all(np.isfinite(a).all() for a in state(model)))"))

        # The same cell once more.
        again = run(f"{cell})")
        assert _text(again) == "training.keras: the training goes on after epoch 3.\n"
        assert _outputs(again) == ["display_data"]
        told = _text(run('print([epoch for epoch, _ in plot.curves["mae"]])'))
        assert told == "[1, 2, 3, 4, 5, 6]\n"
        run('np.savez("state.npz", *state(model))')
        run('import json; json.dump(history.history, open("history.json", "w"))')
    stored = np.load(tmp_path / "state.npz")
    for mine, name in zip(whole.state, stored.files, strict=True):
        np.testing.assert_array_equal(mine, stored[name])
    assert json.loads((tmp_path / "history.json").read_text()) == whole.history


@pytest.mark.parametrize("epoch", [1, 4])
def test_the_same_model_goes_on_after_an_interrupt(
    path: Path, whole: Uninterrupted, epoch: int
) -> None:
    # A new model: its optimizer has no variables before the first step.
    model = _interrupted(path, epoch, make=new)
    whole.equals(model, fit(model, Checkpoint(path)))


def test_a_new_model_goes_on_after_an_interrupt(path: Path, whole: Uninterrupted) -> None:
    _interrupted(path)
    model = new()
    keras.utils.set_random_seed(99)
    whole.equals(model, fit(model, Checkpoint(path)))


def test_load_model_opens_the_file_and_goes_on(path: Path, whole: Uninterrupted) -> None:
    _interrupted(path)
    model = keras.saving.load_model(path)
    whole.equals(model, fit(model, Checkpoint(path)))


@pytest.mark.parametrize("moment", ["zipfile.ZipFile.writestr", "os.fsync", "os.replace"])
def test_an_interrupt_while_the_file_is_written(
    path: Path, whole: Uninterrupted, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    before: list[bytes] = []

    def arm() -> None:
        before.append(path.read_bytes())
        monkeypatch.setattr(moment, lambda *args, **rest: _stop())

    with pytest.raises(KeyboardInterrupt):
        fit(fresh(), InEpoch(4, arm), Checkpoint(path))
    monkeypatch.undo()
    assert path.read_bytes() == before[0]
    assert os.listdir(path.parent) == [path.name]
    model = fresh()
    whole.equals(model, fit(model, Checkpoint(path)))


def test_a_later_fit_begins_at_its_own_first_epoch(path: Path) -> None:
    model = _interrupted(path)
    fit(model, Checkpoint(path))
    assert fit(model, epochs=2).epoch == [0, 1]


# A kernel that is killed

KILLED = """
kill = lambda *args, **rest: os.kill(os.getpid(), signal.SIGKILL)
def arm():
    import zipfile
    {arm}
fit(new(), InEpoch(4, arm), Checkpoint("training.keras"))
"""
MOMENTS = {
    "in the epoch": "kill()",
    "in the file": "zipfile.ZipFile.close = kill",
    "before the file takes its place": "os.replace = kill",
}


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One folder for each moment, left by a process that was killed; all run at the same time."""
    folders, processes = {}, {}
    for moment, arm in MOMENTS.items():
        folders[moment] = tmp_path_factory.mktemp("killed")
        command = [sys.executable, "-c", PROGRAM + KILLED.format(arm=arm)]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        processes[moment] = subprocess.Popen(command, cwd=folders[moment], env=env)
    for moment, process in processes.items():
        assert process.wait(timeout=120) == -signal.SIGKILL, moment
    return folders


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_process_killed_goes_on_after_the_last_whole_epoch(
    killed: dict[str, Path], whole: Uninterrupted, moment: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = killed[moment] / "training.keras"
    keras.saving.load_model(path)  # whole
    left = {"training.keras"} if moment == "in the epoch" else {path.name, "training.part.keras"}
    assert set(os.listdir(path.parent)) == left
    model = fresh()
    whole.equals(model, fit(model, Checkpoint(path)))
    assert capsys.readouterr().out == "training.keras: the training goes on after epoch 3.\n"
    assert os.listdir(path.parent) == ["training.keras"]  # and the half file is gone


# A disk that is full


class Shortage(keras.callbacks.Callback):
    """Nothing can be written at the end of epochs 3 and 4; keeps the file of that time."""

    def __init__(self, path: Path, begin: Callable[[], None], end: Callable[[], None]) -> None:
        super().__init__()
        self.path, self.begin, self.end = path, begin, end
        self.files: list[bytes] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 2:
            self.begin()
        if epoch in (2, 3, 4):
            self.files.append(self.path.read_bytes())
        if epoch == 4:
            assert os.listdir(self.path.parent).count("training.part.keras") == 0
            self.end()


def _train_through(path: Path, shortage: Shortage, whole: Uninterrupted, reason: str) -> None:
    model = fresh()
    with pytest.warns(UserWarning) as warned:
        history = fit(model, shortage, Checkpoint(path))
    told = [str(w.message) for w in warned if "could not be saved" in str(w.message)]
    assert told == [
        f"training.keras: epoch {epoch} could not be saved ({reason}). The file still holds "
        "epoch 2. The training goes on: free some space before the next epoch ends."
        for epoch in (3, 4)
    ]
    whole.equals(model, history)  # the training has lost nothing
    assert len(set(shortage.files)) == 1  # nor has the file while the disk was full
    after_epoch_2 = path.with_name("at-that-time.keras")
    after_epoch_2.write_bytes(shortage.files[-1])
    resumed = fresh()
    whole.equals(resumed, fit(resumed, Checkpoint(after_epoch_2)))
    at_the_end = fresh()
    whole.equals(at_the_end, fit(at_the_end, Checkpoint(path)))  # complete: there is space again


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if mount is None or not sys.platform.startswith("linux"):
        pytest.skip("no tmpfs on this system: a disk of 1 MB cannot be made")
    command = [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"a tmpfs of 1 MB cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _fill(folder: Path) -> None:
    with contextlib.suppress(OSError), open(folder / "filler", "wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)


def test_a_disk_that_is_really_full(small_disk: Path, whole: Uninterrupted) -> None:
    path = small_disk / "training.keras"
    filler = small_disk / "filler"
    shortage = Shortage(path, lambda: _fill(small_disk), filler.unlink)
    _train_through(path, shortage, whole, "No space left on device")


def test_a_disk_that_is_full_at_the_start(small_disk: Path) -> None:
    _fill(small_disk)
    path = small_disk / "training.keras"
    with pytest.raises(OSError, match=r"No space left on device.*Free some space") as caught:
        fit(fresh(), Checkpoint(path))
    assert str(path) in str(caught.value)
    assert os.listdir(small_disk) == ["filler"]


@contextlib.contextmanager
def _files_end_at(size: int) -> Iterator[None]:
    resource = pytest.importorskip("resource", reason="this system has no limit for files")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_files_that_cannot_grow(path: Path, whole: Uninterrupted) -> None:
    with contextlib.ExitStack() as stack:
        shortage = Shortage(
            path, lambda: stack.enter_context(_files_end_at(5_000)), lambda: stack.close()
        )
        _train_through(path, shortage, whole, "File too large")


def test_the_last_epoch_cannot_be_saved(path: Path) -> None:
    with contextlib.ExitStack() as stack, pytest.warns(UserWarning) as warned:
        fit(
            fresh(),
            InEpoch(EPOCHS, lambda: stack.enter_context(_files_end_at(5_000))),
            Checkpoint(path),
        )
    assert 'model.save("rescued.keras")' in str(warned[-1].message)


# What is in the file, and whose file it is


def test_a_complete_training_is_not_trained_again(
    path: Path, whole: Uninterrupted, capsys: pytest.CaptureFixture[str]
) -> None:
    fit(fresh(), Checkpoint(path))
    model = fresh()
    whole.equals(model, fit(model, Checkpoint(path)))
    assert capsys.readouterr().out == (
        "training.keras: this training is complete, nothing is left to do. "
        "For a new one delete the file or take another name.\n"
    )


def test_a_training_that_ended_early_is_complete_and_can_be_longer(path: Path) -> None:
    stopper = keras.callbacks.EarlyStopping("loss", patience=0, min_delta=9)
    assert fit(fresh(), stopper, Checkpoint(path)).epoch == [0, 1]
    assert fit(fresh(), Checkpoint(path)).epoch == [0, 1]
    assert fit(fresh(), Checkpoint(path), epochs=EPOCHS + 1).epoch == list(range(EPOCHS + 1))


@pytest.mark.parametrize("epoch", [4, 5])
def test_a_training_that_began_later_keeps_its_numbers(path: Path, epoch: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit(fresh(), Checkpoint(path), InEpoch(epoch, _stop), initial_epoch=3)
    assert fit(fresh(), Checkpoint(path)).epoch == [3, 4, 5]


def test_the_live_plot_shows_the_epochs_of_the_file(path: Path, whole: Uninterrupted) -> None:
    _interrupted(path)
    plot = LivePlot(metrics=["loss"])
    for _ in range(2):  # in the second `fit` there is nothing left to train
        fit(fresh(), plot, Checkpoint(path))
        assert plot.curves["loss"] == list(enumerate(whole.history["loss"], start=1))


def test_the_file_of_another_network_is_refused_and_kept(path: Path) -> None:
    fit(fresh(), Checkpoint(path), epochs=1)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"expected to hold this network.*another name"):
        fit(new(units=4), Checkpoint(path))
    assert path.read_bytes() == before


@pytest.mark.parametrize("change", ["optimizer", "frozen layer"])
def test_the_file_of_another_optimizer_is_refused_and_kept(path: Path, change: str) -> None:
    fit(fresh(), Checkpoint(path), epochs=1)
    before = path.read_bytes()
    model = new()
    model.layers[0].trainable = change != "frozen layer"
    optimizer = {"optimizer": keras.optimizers.SGD(0.01)}.get(change, keras.optimizers.Adam(0.01))
    model.compile(optimizer, loss="mse", metrics=["mae"])
    with pytest.raises(ValueError, match=r"Adam \(10 arrays\)\. Compile the model as before"):
        fit(model, Checkpoint(path))
    assert path.read_bytes() == before


def test_the_learning_rate_of_the_file_is_told(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fit(fresh(), Checkpoint(path), epochs=1)
    model = new()
    model.optimizer.learning_rate = 0.002
    fit(model, Checkpoint(path), epochs=2)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.01)
    assert capsys.readouterr().out == (
        "training.keras: the training goes on after epoch 1, with its learning rate 0.01 "
        "(compile got 0.002; the callback LearningRateScheduler can change it).\n"
    )


def test_the_best_weights_are_kept_when_the_cell_runs_again(path: Path) -> None:
    def worse(epoch: int) -> float:
        return 0.01 if epoch < 3 else 10.0

    def trained() -> Any:
        model = fresh()
        best = keras.callbacks.EarlyStopping("loss", patience=9, restore_best_weights=True)
        fit(model, keras.callbacks.LearningRateScheduler(worse), best, Checkpoint(path))
        return model

    first, again = trained(), trained()
    assert np.argmin(again.history.history["loss"]) < EPOCHS - 1
    for one, other in zip(first.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert first.evaluate(_names["x"], _names["y"], verbose=0)[0] < 100


@pytest.mark.parametrize("kind", ["a model", "a text"])
def test_a_file_of_something_else_is_refused_and_kept(path: Path, kind: str) -> None:
    if kind == "a model":
        new().save(path)
    else:
        path.write_text("notes")
    before = path.read_bytes()
    with pytest.raises(ValueError, match="expected to be a file of Checkpoint"):
        fit(fresh(), Checkpoint(path))
    assert path.read_bytes() == before


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="fit makes the weights before it begins"
)
def test_a_model_without_weights_is_refused(path: Path) -> None:
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(loss="mse")
    with pytest.raises(ValueError, match=r"keras\.Input"):
        model.fit(np.ones((4, 2)), np.ones(4), verbose=0, callbacks=[Checkpoint(path)])


def test_the_name_must_end_in_keras() -> None:
    with pytest.raises(ValueError, match=r"'folder/net\.keras'"):
        Checkpoint("folder/net.h5")
