"""A data set: its arrays, its split, and what its licence asks for."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple, cast

import numpy as np

from seqkit.data.files import Array
from seqkit.data.splitting import (
    check_share,
    cut_patches,
    stratified_rows,
    tail_rows,
    window_starts,
)
from seqkit.display import Displayable, escape

TEXT_WIDTH = 92


class Split(NamedTuple):
    """Examples for training and for the test, in the usual order.

    `x_train, y_train, x_test, y_test = data.split()` unpacks it.
    """

    x_train: Any
    y_train: Any
    x_test: Any
    y_test: Any


@dataclass(frozen=True)
class Card:
    """What is known about a set without reading its arrays."""

    name: str
    title: str
    licence: str
    source: str
    caution: str


@dataclass(frozen=True, repr=False, eq=False)
class Dataset(Displayable):
    """A data set with a fixed split into training and test.

    Taught in lesson 01.

    Attributes:
        card: Name, title, licence, source and caution.
        x: All examples: an array, or for several inputs a dict of arrays; None for photographs
            that are cut into patches.
        y: All labels or targets; None where the series itself is the target.
        classes: The names of the classes; label 3 is `classes[3]`.
        features: The names of the last axis of `x`, for tables and series.
        columns: Everything that is known of each example, one array a column.
        images: Whole photographs by class.
        train_rows: The rows of `x`, `y` and `columns` that are for training.
        test_rows: The rows that are for the test.
        rule: How the split was made, in words.
        runs: For series and neighbouring tiles: which rows belong together.
        target: For series: the feature that is forecast unless you name another.
        test_share: The share that is for the test.
        notes: What the loader did to the file.
        full: True for the whole set, False for the shipped one.
    """

    card: Card
    x: Any = None
    y: Array | None = None
    classes: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    columns: Mapping[str, Array] = field(default_factory=dict)
    images: Mapping[str, Array] = field(default_factory=dict)
    train_rows: Array | None = None
    test_rows: Array | None = None
    rule: str = ""
    runs: Array | None = None
    target: str = ""
    test_share: float = 0.2
    notes: tuple[str, ...] = ()
    full: bool = False

    @property
    def name(self) -> str:
        """The name that `load` knows."""
        return self.card.name

    @property
    def title(self) -> str:
        """What the set holds, in a few words."""
        return self.card.title

    @property
    def licence(self) -> str:
        """The licence and the attribution that it asks for."""
        return self.card.licence

    @property
    def source(self) -> str:
        """Where the file was taken from."""
        return self.card.source

    @property
    def caution(self) -> str:
        """What to mind when you use the set or quote a result."""
        return self.card.caution

    @property
    def x_train(self) -> Any:
        """The examples for training."""
        return self._parts.x_train

    @property
    def y_train(self) -> Array:
        """The labels for training."""
        return cast(Array, self._labelled().y_train)

    @property
    def x_test(self) -> Any:
        """The examples for the test."""
        return self._parts.x_test

    @property
    def y_test(self) -> Array:
        """The labels for the test."""
        return cast(Array, self._labelled().y_test)

    @cached_property
    def _parts(self) -> Split:
        if self.images:
            return self.patches()
        if self.train_rows is None or self.test_rows is None:
            return self.split()
        return self._part(self.train_rows, self.test_rows)

    def _labelled(self) -> Split:
        if self._parts.y_train is None:
            raise AttributeError(
                f"The set {self.name!r} has no labels: the series itself is the target. "
                "Use x_train, y_train, x_test, y_test = data.windows(length=24)."
            )
        return self._parts

    def _part(self, train: Array, test: Array) -> Split:
        y = self.y
        return Split(
            _take(self.x, train),
            None if y is None else y[train],
            _take(self.x, test),
            None if y is None else y[test],
        )

    def split(self, test: float | None = None, seed: int = 0) -> Split:
        """Part the examples anew.

        Sets without an order are shuffled, with the same share of every class on both sides.
        Series and neighbouring tiles are never shuffled: the last part of each run is the test.

        Args:
            test: The share for the test; by default the share of the fixed split.
            seed: The seed of the shuffle. With the default values the result is the fixed split.

        Returns:
            A `Split`: x_train, y_train, x_test, y_test.

        Raises:
            ValueError: If the share is not between 0 and 1, or if the set is a few photographs.

        Example:
            >>> from seqkit.data import load
            >>> x_train, y_train, x_test, y_test = load("mnist").split(test=0.1, seed=3)
            >>> x_train.shape, x_test.shape
            ((4500, 28, 28), (500, 28, 28))
        """
        if self.images:
            raise ValueError(
                f"The set {self.name!r} is a few whole photographs: patches chosen at random "
                "would overlap. Use data.patches(size=32), which parts each photograph by rows."
            )
        train, held_out = choose_rows(self, self.test_share if test is None else test, seed)
        return self._part(train, held_out)

    def patches(
        self, size: int = 32, step: int | None = None, test: float | None = None, seed: int = 0
    ) -> Split:
        """Cut photographs into patches; training and test come from separate bands of rows.

        Args:
            size: The side of a patch in pixels.
            step: The distance between two patches; by default `size`, so that none overlap.
                With a smaller step there are more patches, and patches of one side overlap.
            test: The share of the rows, at the bottom of each photograph, for the test.
            seed: The seed of the shuffle within each side.

        Returns:
            A `Split` whose y is the class of each patch. Grey patches have no channel axis.

        Raises:
            ValueError: If this set has no photographs, or if no patch fits into a band.

        Example:
            >>> from seqkit.data import load
            >>> parts = load("textures").patches(size=64, step=32)
            >>> parts.x_train.shape, parts.x_test.shape
            ((495, 64, 64), (135, 64, 64))
        """
        if not self.images:
            raise ValueError(
                f"The set {self.name!r} has no whole photographs to cut. "
                "Use data.x_train and data.x_test."
            )
        share = self.test_share if test is None else test
        check_share(share)
        step = size if step is None else step
        _check_positive(size=size, step=step)
        sides: tuple[list[Array], list[Array]] = ([], [])
        for photo in self.images.values():
            border = len(photo) - round(len(photo) * share)
            for side, band in zip(sides, (photo[:border], photo[border:]), strict=True):
                side.append(cut_patches(band, size, step))
        if not all(len(cut) for side in sides for cut in side):
            raise ValueError(
                f"No patch of side {size} fits into one of the bands. "
                "Choose a smaller size, or another test share."
            )
        train, held_out = (_labelled_patches(side, seed) for side in sides)
        return Split(*train, *held_out)

    def windows(
        self,
        length: int,
        horizon: int = 1,
        target: str | None = None,
        features: tuple[str, ...] | list[str] | None = None,
        test: float | None = None,
        step: int = 1,
    ) -> Split:
        """Cut a series into windows, each with the value to forecast.

        No window crosses the end of a run (a month of the hourly weather), and none crosses the
        border between training and test. The naive forecast, 'as now', is
        `x_test[:, -1, data.features.index(target)]` when all features are used.

        Args:
            length: How many steps a window has.
            horizon: How many steps after the window the target lies.
            target: The feature to forecast; by default `data.target`.
            features: The features that a window holds; by default all of them.
            test: The share for the test, at the end of each run.
            step: The distance between two windows.

        Returns:
            A `Split`: x of shape (windows, length, features), y of shape (windows,).

        Raises:
            ValueError: If the set is no series, a name is unknown, or no window fits.

        Example:
            >>> from seqkit.data import load
            >>> parts = load("weather_hourly").windows(length=24, horizon=6)
            >>> parts.x_train.shape, parts.y_train.shape
            ((6659, 24, 8), (6659,))
        """
        if not self.target or self.runs is None or not isinstance(self.x, np.ndarray):
            raise ValueError(
                f"The set {self.name!r} is no series in time, so it has no windows. "
                "weather_hourly and weather_daily are."
            )
        _check_positive(length=length, horizon=horizon, step=step)
        wanted = [self._feature(name) for name in (features or self.features)]
        goal = self._feature(target or self.target)
        train, held_out = tail_rows(self.runs, self.test_share if test is None else test)
        parts: list[Array] = []
        for rows in (train, held_out):
            starts = window_starts(rows, self.runs, length + horizon, step)
            if len(starts) == 0:
                raise ValueError(
                    f"No window of length {length} with horizon {horizon} fits. "
                    "Choose a shorter window, or another test share."
                )
            steps = starts[:, None] + np.arange(length)
            parts += [self.x[steps][:, :, wanted], self.x[starts + length + horizon - 1, goal]]
        return Split(*parts)

    def with_share(self, label: int, share: float, seed: int = 0) -> Dataset:
        """Return the set with fewer examples of one class, so that it makes up `share` of all.

        Args:
            label: The class to thin out.
            share: The share that it shall have afterwards, such as 0.005.
            seed: The seed that chooses which examples stay.

        Returns:
            A new data set, with a new fixed split.

        Raises:
            ValueError: If the class is unknown or rarer than `share` already.

        Example:
            >>> from seqkit.data import load
            >>> rare = load("shuttle").with_share(1, 0.005)
            >>> len(rare.y), int(rare.y.sum())
            (45815, 229)
        """
        if self.y is None or not (self.y == label).any():
            raise ValueError(f"The set {self.name!r} has no class {label!r} to thin out.")
        check_share(share)
        chosen, others = np.flatnonzero(self.y == label), np.flatnonzero(self.y != label)
        count = round(len(others) * share / (1 - share))
        if not 0 < count <= len(chosen):
            raise ValueError(
                f"Class {label!r} makes up {len(chosen) / len(self.y):.4f} of the examples; "
                f"it can only become rarer, but got share={share!r}."
            )
        kept = np.random.default_rng(seed).permutation(chosen)[:count]
        rows = np.sort(np.concatenate([others, kept]))
        note = f"class {label} thinned out to {share:.1%} of all examples"
        smaller = replace(
            self,
            x=_take(self.x, rows),
            y=self.y[rows],
            columns={name: column[rows] for name, column in self.columns.items()},
            train_rows=None,
            test_rows=None,
            notes=(*self.notes, note),
        )
        return with_rows(smaller)

    def _feature(self, name: str) -> int:
        if name not in self.features:
            raise ValueError(
                f"The set {self.name!r} has no feature {name!r}. "
                f"Its features are: {', '.join(self.features)}."
            )
        return self.features.index(name)

    def as_text(self) -> str:
        """Return shapes, types, licence and caution, one fact a line."""
        lines = [f"{self.name} · {self.title}"]
        width = max(len(label) for label, _ in self._facts())
        for label, value in self._facts():
            lines += textwrap.wrap(
                value,
                TEXT_WIDTH,
                initial_indent=f"  {label:<{width}}  ",
                subsequent_indent=" " * (width + 4),
                break_long_words=False,
                break_on_hyphens=False,
            )
        return "\n".join(lines)

    def as_html(self) -> str:
        """Return the same facts as a list of terms."""
        facts = "".join(
            f'<tr><td style="padding:1px 12px 1px 0;vertical-align:top;text-align:left">'
            f"<strong>{escape(label)}</strong></td>"
            f'<td style="text-align:left">{escape(value)}</td></tr>'
            for label, value in self._facts()
        )
        return (
            f'<div style="color:inherit"><strong>{escape(self.name)}</strong> · '
            f'{escape(self.title)}<table style="color:inherit">{facts}</table></div>'
        )

    def _facts(self) -> Iterator[tuple[str, str]]:
        parts = self._parts
        for label, value in zip(Split._fields, parts, strict=True):
            if isinstance(value, dict):
                for key, item in value.items():
                    yield f"{label}[{key!r}]", _shape(item)
            elif value is not None:
                yield label, _shape(value)
        for key, photo in self.images.items():
            yield f"images[{key!r}]", _shape(photo)
        for label, names in (
            ("classes", self.classes),
            ("features", self.features),
            ("columns", tuple(self.columns)),
        ):
            if names:
                yield label, _listed(names)
        yield "split", self.rule
        yield "licence", self.licence
        yield "source", self.source
        yield "caution", self.caution
        for note in self.notes:
            yield "note", note


def choose_rows(data: Dataset, test: float, seed: int) -> tuple[Array, Array]:
    """Choose the rows for training and test by the kind of the set.

    Args:
        data: The set. With runs, the tail of each run is the test; else classes are stratified.
        test: The share for the test.
        seed: The seed of the shuffle, where there is one.

    Returns:
        The rows for training and for the test.
    """
    if data.runs is not None:
        return tail_rows(data.runs, test)
    if data.y is None:
        raise ValueError(f"The set {data.name!r} has no labels to part it by.")
    return stratified_rows(data.y, test, seed)


def with_rows(data: Dataset) -> Dataset:
    """Return the set with the rows of its fixed split filled in.

    Args:
        data: A set whose rows are not chosen yet.

    Returns:
        The same set with `train_rows` and `test_rows`.
    """
    if data.images or data.train_rows is not None:
        return data
    train, test = choose_rows(data, data.test_share, seed=0)
    return replace(data, train_rows=train, test_rows=test)


def _take(x: Any, rows: Array) -> Any:
    if isinstance(x, dict):
        return {name: values[rows] for name, values in x.items()}
    return None if x is None else x[rows]


def _labelled_patches(cuts: list[Array], seed: int) -> tuple[Array, Array]:
    """Join the patches of all classes in a random order, so that any part holds all classes."""
    x = np.concatenate(cuts)
    y = np.repeat(np.arange(len(cuts), dtype=np.uint8), [len(cut) for cut in cuts])
    order = np.random.default_rng(seed).permutation(len(x))
    return x[order], y[order]


def _check_positive(**values: int) -> None:
    for name, value in values.items():
        if value < 1:
            raise ValueError(f"{name} must be 1 or more, but got {value!r}.")


def _shape(array: Array) -> str:
    kind = "text" if array.dtype == object else str(array.dtype)
    return f"{array.shape}  {kind}"


def _listed(names: tuple[str, ...], limit: int = 12) -> str:
    shown = ", ".join(names[:limit])
    return shown if len(names) <= limit else f"{shown}, … ({len(names):,} in all)"
