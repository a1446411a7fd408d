"""The live plot collects quietly, draws readably, and is stable in a stored notebook."""

from __future__ import annotations

import sys
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from seqkit.training import LivePlot
from seqkit.training.live_plot import draw_curves

CELL = """\
import keras, numpy as np, seqkit as sk
sk.seed(0)
x = np.random.default_rng(0).normal(size=(64, 4)); y = (x.sum(axis=1) > 0).astype(int)
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
model.compile(loss="binary_crossentropy", metrics=["accuracy"])
history = model.fit(x, y, epochs=4, validation_split=0.25, verbose=0, callbacks=[{callback}])
print(len(history.history["loss"]))
"""
IMPATIENT = "import seqkit.training.live_plot as p; p.DRAWING_SHARE = 1e9\n"


def _fit(
    plot: LivePlot, *others: keras.callbacks.Callback, epochs: int = 3, begin: int = 0
) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(loss="mse", metrics=["mae"])
    x = np.ones((8, 2))
    model.fit(
        x, x[:, 0], initial_epoch=begin, epochs=epochs,
        validation_split=0.5, verbose=0, callbacks=[plot, *others],
    )  # fmt: skip


class InEpoch4(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        if epoch == 3:
            raise KeyboardInterrupt


def _epochs(plot: LivePlot) -> dict[str, list[int]]:
    return {name: [epoch for epoch, _ in points] for name, points in plot.curves.items()}


def test_outside_a_notebook_it_collects_and_prints_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    plot = LivePlot()
    _fit(plot)
    assert capsys.readouterr().out == ""
    assert set(plot.curves) == {"loss", "mae", "val_loss", "val_mae"}
    assert [epoch for epoch, _ in plot.curves["val_loss"]] == [1, 2, 3]
    assert repr(plot) == "LivePlot: 3 epochs planned; loss, mae"


def test_a_second_fit_starts_anew() -> None:
    plot = LivePlot()
    _fit(plot)
    _fit(plot, epochs=2)
    assert len(plot.curves["loss"]) == 2


def test_a_fit_that_begins_later_keeps_the_epochs_before_it() -> None:
    plot = LivePlot()
    _fit(plot)
    first_two = plot.curves["loss"][:2]
    _fit(plot, begin=2, epochs=4)
    assert plot.curves["loss"][:2] == first_two
    assert set(plot.curves) == {"loss", "mae", "val_loss", "val_mae"}
    assert all(epochs == [1, 2, 3, 4] for epochs in _epochs(plot).values())
    _fit(plot, begin=5, epochs=5)  # nothing to train
    assert _epochs(plot)["loss"] == [1, 2, 3, 4]


def test_a_fit_that_a_backup_takes_up_keeps_the_epochs_before_it(tmp_path: Path) -> None:
    plot, backup = LivePlot(), tmp_path / "backup"
    with pytest.raises(KeyboardInterrupt):
        _fit(plot, keras.callbacks.BackupAndRestore(backup), InEpoch4(), epochs=6)
    assert _epochs(plot)["loss"] == [1, 2, 3]
    _fit(plot, keras.callbacks.BackupAndRestore(backup), epochs=6)
    assert _epochs(plot)["loss"] == [1, 2, 3, 4, 5, 6]


def test_an_interrupt_in_the_first_epoch_leaves_no_curves_of_an_earlier_fit() -> None:
    class AtOnce(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch: int, logs: object = None) -> None:
            raise KeyboardInterrupt

    plot = LivePlot()
    _fit(plot)
    with pytest.raises(KeyboardInterrupt):
        _fit(plot, AtOnce())
    assert plot.curves == {}


def test_only_the_wanted_names_are_kept() -> None:
    plot = LivePlot(metrics=["loss"])
    _fit(plot)
    assert set(plot.curves) == {"loss", "val_loss"}


def test_the_learning_rate_is_no_metric() -> None:
    plot = LivePlot()
    plot.on_train_begin()
    plot.on_epoch_end(0, {"loss": 1.0, "learning_rate": 0.001})
    assert set(plot.curves) == {"loss"}


def test_every_must_be_positive() -> None:
    with pytest.raises(ValueError, match="every=0"):
        LivePlot(every=0)


def test_lines_differ_in_more_than_colour() -> None:
    points = [(1, 0.5), (2, 0.4)]
    figure = draw_curves(
        {"loss": points, "accuracy": points, "val_loss": points, "val_accuracy": points}
    )
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "accuracy"]
    for axes in figure.axes:
        training, validation = axes.lines
        assert training.get_linestyle() != validation.get_linestyle()
        assert training.get_marker() != validation.get_marker()
        legend = axes.get_legend()
        assert legend is not None
        assert len(legend.get_texts()) == 2
    assert figure.get_facecolor() == (1.0, 1.0, 1.0, 1.0)


def test_drawing_waits_until_it_is_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("seqkit.training.live_plot.time.perf_counter", lambda: now[0])
    plot = LivePlot()
    plot.on_train_begin()
    now[0] = 9.0
    assert not plot._is_due()
    now[0] = 10.0
    assert plot._is_due()


def _run(tmp_path: Path, *sources: str) -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    for cell in cells:
        if "raise KeyboardInterrupt" in cell.source:
            cell.metadata.tags = ["raises-exception"]
    notebook = nbformat.v4.new_notebook(cells=cells)
    root = str(Path(__file__).parents[2])
    notebook.cells.insert(0, nbformat.v4.new_code_cell(f"import sys; sys.path.insert(0, {root!r})"))
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute(cwd=str(tmp_path))
    return notebook


STOPPED = """
class InEpoch4(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 3:
            raise KeyboardInterrupt
plot = sk.LivePlot()
model.fit(x, y, epochs=6, verbose=0, callbacks=[plot, InEpoch4()])
"""


@pytest.mark.parametrize("prefix", ["", IMPATIENT], ids=["draws once", "draws every epoch"])
def test_a_cell_that_was_stopped_shows_one_picture_with_all_epochs(
    tmp_path: Path, prefix: str
) -> None:
    count = "import seqkit.training.live_plot as p\nreal, drawn = p.draw_curves, []\n"
    spy = "p.draw_curves = lambda c: (drawn.append(len(c['loss'])), real(c))[1]\n"
    cell = CELL.format(callback="") + prefix + count + spy
    hooks = 'print(drawn, plot._end_of_cell in get_ipython().events.callbacks["post_run_cell"])'
    notebook = _run(tmp_path, cell, STOPPED, hooks, "1 + 1")
    stopped = notebook.cells[2].outputs
    assert sorted(o.output_type for o in stopped) == ["display_data", "error"]
    picture = next(o for o in stopped if o.output_type == "display_data")
    assert picture.data["text/plain"] == "LivePlot: 6 epochs planned; accuracy, loss"
    assert notebook.cells[3].outputs[0].text == ("[1, 2, 3]" if prefix else "[3]") + " False\n"
    assert [o.output_type for o in notebook.cells[4].outputs] == ["execute_result"]


@pytest.mark.parametrize("prefix", ["", IMPATIENT], ids=["draws once", "draws every epoch"])
def test_a_notebook_keeps_one_picture_with_words_and_passes_nbval_twice(
    tmp_path: Path, prefix: str
) -> None:
    notebook = _run(tmp_path, prefix + CELL.format(callback="sk.LivePlot()"))
    pictures = [o for o in notebook.cells[1].outputs if o.output_type == "display_data"]
    assert len(pictures) == 1
    picture = pictures[0]
    assert picture.data["text/plain"] == "LivePlot: 4 epochs planned; accuracy, loss"
    alt = "Curves over the epochs: accuracy and loss; training (solid) and validation (dashed)."
    assert picture.data["text/html"].startswith(f'<img alt="{alt}" ')
    path = tmp_path / "plot.ipynb"
    nbformat.write(notebook, path)
    for _ in range(2):
        _nbval(path)


def _nbval(path: Path) -> None:
    import subprocess

    sanitize = f"--nbval-sanitize-with={Path(__file__).parents[1] / 'nbval_sanitize.cfg'}"
    command = [sys.executable, "-m", "pytest", "--nbval", sanitize, "-q", "-p", "no:cacheprovider"]
    result = subprocess.run(
        [*command, str(path)],
        capture_output=True,
        text=True,
        cwd=path.parent,
    )
    assert result.returncode == 0, result.stdout
