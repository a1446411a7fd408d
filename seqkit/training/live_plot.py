"""Loss and metrics, drawn while `fit` runs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import keras

from seqkit.display import in_notebook, picture_bundle

if TYPE_CHECKING:
    from IPython.display import DisplayHandle
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Drawing may take this share of the time; the last picture is drawn in any case.
DRAWING_SHARE = 0.02
# What one drawing costs before it was measured, in seconds.
EXPECTED_DRAWING_TIME = 0.2
# Colours that colour-blind people can tell apart (Okabe and Ito, 2008).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
NOT_METRICS = {"learning_rate", "lr"}


class LivePlot(keras.callbacks.Callback):
    """Draw the curves of training and validation while `fit` runs.

    Losses have one panel, metrics another. Training is a solid line with dots, validation a
    dashed line with squares, so that colour is not needed to tell them apart. Outside a notebook
    nothing is drawn, and the numbers are collected all the same. Drawing takes about 2 % of the
    time: after a picture there is none until 50 times its cost have passed, and one at the end,
    also when the cell was interrupted. A `fit` that goes on at a later epoch keeps the curves of
    the epochs before it, its own or those that `Checkpoint` has put into the history.

    Taught in lesson 06.

    Args:
        metrics: The names to draw, such as ["loss", "accuracy"]; all of them by default.
        every: Draw after every so many epochs at most.

    Attributes:
        curves: One list of (epoch, value) for each name, epochs counted from 1.

    Raises:
        ValueError: If `every` is below 1, or `metrics` holds no names.

    Example:
        >>> import numpy as np
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> model.compile(loss="mse")
        >>> plot = LivePlot()
        >>> _ = model.fit(np.ones((4, 2)), np.ones(4), epochs=3, verbose=0, callbacks=[plot])
        >>> plot
        LivePlot: 3 epochs planned; loss
        >>> len(plot.curves["loss"])
        3
    """

    def __init__(self, metrics: Iterable[str] | None = None, every: int = 1) -> None:
        super().__init__()
        if isinstance(metrics, str):
            metrics = (metrics,)
        if metrics is not None and not isinstance(metrics, Iterable):
            raise ValueError(
                f"LivePlot takes the names of metrics, but got {metrics!r}. "
                'Write LivePlot(["loss", "accuracy"]), or LivePlot(every=5).'
            )
        if not isinstance(every, int) or every < 1:
            raise ValueError(
                f"LivePlot draws after every 1 or more epochs, but got every={every!r}. "
                "Use every=1 to draw as often as possible."
            )
        self.wanted = None if metrics is None else tuple(metrics)
        self.every = every
        self.curves: dict[str, list[tuple[int, float]]] = {}
        self._handle: DisplayHandle | None = None
        self._begun = False
        self._shown = True
        self._drawn_at = 0.0
        self._drawing_time = EXPECTED_DRAWING_TIME

    def __repr__(self) -> str:
        names = ", ".join(_base_names(self.curves)) or "nothing yet"
        return f"LivePlot: {self._planned()} epochs planned; {names}"

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Begin a new picture. At the end of the cell it is complete, also after an interrupt."""
        self._begun = False
        self._handle = None
        self._shown = True
        self._drawn_at = time.perf_counter()
        if in_notebook():
            from IPython import get_ipython

            get_ipython().events.register("post_run_cell", self._end_of_cell)

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Forget the curves of an earlier `fit`, but for the epochs before this one."""
        if not self._begun:
            self._begin(epoch)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Collect the numbers of the epoch, and draw when that is due."""
        for name, value in (logs or {}).items():
            self._collect(name, epoch + 1, value)
        self._shown = False
        if (epoch + 1) % self.every == 0 and self._is_due():
            self._draw()

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:
        """Draw the last state."""
        if not self._begun:  # there was nothing left to train
            self._begin(max(map(len, self._history().values()), default=self._planned()))
        self._draw()

    def figure(self) -> Figure:
        """Return the curves so far as a matplotlib figure.

        Returns:
            A figure with one panel for losses and, if there are any, one for metrics.
        """
        return draw_curves(self.curves)

    def alt_text(self) -> str:
        """Return what the picture shows, in words and without numbers that may vary."""
        names = " and ".join(_base_names(self.curves)) or "nothing yet"
        has_validation = any(name.startswith("val_") for name in self.curves)
        lines = "training (solid) and validation (dashed)" if has_validation else "training"
        return f"Curves over the epochs: {names}; {lines}."

    def _planned(self) -> int:
        return int((self.params or {}).get("epochs") or 0)

    def _begin(self, done: int) -> None:
        """Keep the curves up to the epoch `done`, or take them from the history."""
        self._begun = True
        self.curves = {
            name: [point for point in points if point[0] <= done]
            for name, points in self.curves.items()
            if points[0][0] <= done
        }
        for name, values in self._history().items():
            if len(values) == done and name not in self.curves:
                for epoch, value in enumerate(values, start=1):
                    self._collect(name, epoch, value)

    def _history(self) -> Mapping[str, list[float]]:
        """Return what `fit` has in its history: nothing when it begins, or what was restored."""
        return getattr(getattr(self.model, "history", None), "history", {})

    def _collect(self, name: str, epoch: int, value: float) -> None:
        if self._is_wanted(name):
            self.curves.setdefault(name, []).append((epoch, float(value)))

    def _end_of_cell(self, *_: object) -> None:
        """Show what was collected and not drawn; `fit` itself tells nobody that it broke off."""
        from IPython import get_ipython

        get_ipython().events.unregister("post_run_cell", self._end_of_cell)
        if not self._shown:
            self._draw()

    def _is_wanted(self, name: str) -> bool:
        base = name.removeprefix("val_")
        if self.wanted is None:
            return base not in NOT_METRICS
        return name in self.wanted or base in self.wanted

    def _is_due(self) -> bool:
        waited = time.perf_counter() - self._drawn_at
        return self._drawing_time <= DRAWING_SHARE * waited

    def _draw(self) -> None:
        if not self.curves or not in_notebook():
            return
        from IPython.display import display

        started = time.perf_counter()
        # The plain text stays the same from the first picture to the last: a notebook keeps the
        # last one, but a checker such as nbval compares the first.
        data = picture_bundle(self.figure(), self.alt_text(), repr(self))
        if self._handle is None:
            self._handle = display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)
        self._shown = True
        self._drawn_at = time.perf_counter()
        self._drawing_time = self._drawn_at - started


def draw_curves(curves: Mapping[str, list[tuple[int, float]]]) -> Figure:
    """Draw curves over epochs: losses left, metrics right.

    Args:
        curves: For each name the pairs (epoch, value); `val_` before a name marks validation.

    Returns:
        A matplotlib figure on a white background.

    Example:
        >>> figure = draw_curves({"loss": [(1, 0.9), (2, 0.5)], "accuracy": [(1, 0.6), (2, 0.8)]})
        >>> [axes.get_ylabel() for axes in figure.axes]
        ['loss', 'accuracy']
    """
    from matplotlib.figure import Figure

    names = _base_names(curves)
    losses = [name for name in names if name.endswith("loss")]
    metrics = [name for name in names if not name.endswith("loss")]
    panels = [panel for panel in (losses, metrics) if panel]
    figure = Figure(figsize=(4.2 * max(len(panels), 1), 2.9), facecolor="white")
    if panels:
        for axes, panel in zip(
            figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True
        ):
            _draw_panel(axes, panel, curves)
    figure.tight_layout()
    return figure


def _draw_panel(
    axes: Axes, names: list[str], curves: Mapping[str, list[tuple[int, float]]]
) -> None:
    from matplotlib.ticker import MaxNLocator

    for index, name in enumerate(names):
        colour = COLOURS[2 * index % len(COLOURS)]
        other = COLOURS[(2 * index + 1) % len(COLOURS)]
        _draw_curve(axes, curves.get(name), f"{name}, training", colour, "-", "o")
        _draw_curve(axes, curves.get(f"val_{name}"), f"{name}, validation", other, "--", "s")
    axes.set_xlabel("epoch")
    axes.set_ylabel(names[0] if len(names) == 1 else "value")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")


def _draw_curve(
    axes: Axes,
    points: list[tuple[int, float]] | None,
    label: str,
    colour: str,
    line: str,
    marker: str,
) -> None:
    if points:
        epochs, values = zip(*points, strict=True)
        style: dict[str, Any] = {"color": colour, "linestyle": line, "marker": marker}
        axes.plot(epochs, values, label=label, markersize=4, **style)


def _base_names(curves: Mapping[str, object]) -> list[str]:
    """Return each name once, without `val_`, in the order of their first value."""
    return list(dict.fromkeys(name.removeprefix("val_") for name in curves))
