"""The articles' tables of Sequential against Functional, each cell from checks that are run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from keras import layers

from seqkit.claims import stacks
from seqkit.claims.from_limits import fix_of, refused
from seqkit.claims.limits_of_sequential import calls_of, keras_names, tensor_names
from seqkit.claims.measuring import fails, is_true
from seqkit.claims.register import unknown
from seqkit.claims.view.html import comparison_html
from seqkit.claims.view.text import comparison_text
from seqkit.converting import to_functional, to_source
from seqkit.display import Displayable
from seqkit.graph import read
from seqkit.limits.limit import Check
from seqkit.limits.measure import answer

APIS = ("Sequential", "Functional")
NOT_SHOWN = "not shown: a check failed"


@dataclass(frozen=True)
class Row:
    """One question, what each API answers, and the check behind each answer.

    Attributes:
        topic: what is compared.
        answers: the answer of each API, if its check holds.
        checks: one check for each answer.
    """

    topic: str
    answers: tuple[str, ...]
    checks: tuple[Check, ...]

    @property
    def cells(self) -> tuple[str, ...]:
        """The answers; one whose check fails is not repeated."""
        pairs = zip(self.answers, self.checks, strict=True)
        return tuple(answer if check.holds else NOT_SHOWN for answer, check in pairs)


@dataclass(frozen=True, repr=False)
class Comparison(Displayable):
    """A table of Sequential against Functional.

    Attributes:
        title: what is compared.
        columns: the APIs.
        rows: one question each.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def checks(self) -> tuple[Check, ...]:
        """The checks of all cells."""
        return tuple(check for row in self.rows for check in row.checks)

    @property
    def ok(self) -> bool:
        """Whether every check holds."""
        return all(check.holds for check in self.checks)

    @property
    def conclusion(self) -> str:
        """How many of the checks hold."""
        held = sum(check.holds for check in self.checks)
        return f"{held} of {len(self.checks)} checks hold: each cell was run now."

    def as_text(self) -> str:
        """Return the table and, under it, the checks."""
        return comparison_text(self)

    def as_html(self) -> str:
        """Return the table with the checks of each row."""
        return comparison_html(self)


def comparison(id: str) -> Comparison:
    """Build one of the articles' tables of Sequential against Functional, from evidence.

    Args:
        id: "B14", the guide's table of eight rows, or "C5", the popularity article's of five.

    Returns:
        The `Comparison`. A cell whose check fails says so and is not repeated.

    Raises:
        UnknownClaimError: there is no table of that id.

    Example:
        >>> comparison("C5").columns
        ('Sequential', 'Functional')

    Taught in lesson 20.
    """
    if not isinstance(id, str) or id not in _TABLES:
        raise unknown("comparison", id, tuple(_TABLES))
    title, rows = _TABLES[id]
    return Comparison(title, APIS, tuple(row() for row in rows))


def _row(topic: str, listed: tuple[str, Check], wired: tuple[str, Check]) -> Row:
    return Row(topic, (listed[0], wired[0]), (listed[1], wired[1]))


def _inputs() -> Row:
    fixed = read(fix_of("multi_input"))
    return _row(
        "inputs",
        ("one", refused("multi_input")),
        ("one or more", is_true("the Functional fix has two inputs", len(fixed.entry) == 2)),
    )


def _outputs() -> Row:
    fixed = read(fix_of("multi_output"))
    return _row(
        "outputs",
        ("one", refused("multi_output")),
        ("one or more", is_true("the Functional fix has two outputs", len(fixed.outputs) == 2)),
    )


def _order() -> Row:
    chain = [[edge.source for edge in node.inputs] for node in read(stacks.small_stack()).nodes]
    skip = read(fix_of("residual"))
    add = next(node for node in skip.nodes if node.kind == "Add")
    return _row(
        "order of the data",
        ("fixed: from each layer to the next",
         is_true("each layer reads the one before it", chain == [[-1], [0], [1]])),
        ("any order without a circle",
         is_true("Add reads the input and a layer far from it",
                 {edge.source for edge in add.inputs} == {0, add.index - 1})),
    )  # fmt: skip


def _branches() -> Row:
    inception = read(fix_of("inception"))
    readers = sum(0 in [edge.source for edge in node.inputs] for node in inception.nodes)
    return _row(
        "branching and merging",
        ("no", refused("inception")),
        ("yes", is_true("four branches of the fix read one input", readers == 4)),
    )


def _skips() -> Row:
    skip = read(fix_of("residual"))
    merged = any(len(node.inputs) > 1 for node in skip.nodes)
    return _row(
        "skip connections",
        ("no", refused("residual")),
        ("yes", is_true("a layer of the fix reads two tensors", merged)),
    )


def _sharing() -> Row:
    shared = layers.Dense(4)
    one, other = layers.Input((4,)), layers.Input((4,))
    before = [shared(one), shared(other)]
    twice = read(stacks.shared_twice())
    return _row(
        "layer sharing",
        ("on one road only",
         is_true("the same layer twice in a list: 20 parameters, not 40; two inputs are refused",
                 sum(node.params or 0 for node in twice.nodes if node.first_call == node.index)
                 == 20 and refused("multi_input").holds)),
        ("on any number of roads",
         is_true("one Dense called on two inputs keeps one set of weights",
                 len(before) == 2 and len(shared.weights) == 2)),
    )  # fmt: skip


def _length() -> Row:
    model = stacks.first_model()
    listed, wired = (to_source(model, style=style) for style in ("sequential", "functional"))
    return _row(
        "code of a plain stack",
        ("shorter: a list of layers",
         is_true("as a list it names no tensor", tensor_names(listed) == 0)),
        ("longer: a name for each tensor",
         is_true("as a graph it names tensors and has more calls",
                 tensor_names(wired) > 0 and len(calls_of(wired)) > len(calls_of(listed)))),
    )  # fmt: skip


def _checking() -> Row:
    model = stacks.small_stack()
    wired = to_functional(model)
    x = np.ones((2, 8), "float32")
    same = np.array_equal(answer(model, x), answer(wired, x))
    return _row(
        "checks before data",
        ("yes, when its Input is given",
         is_true("a wrong Reshape is refused when the list is made",
                 fails(stacks.wrong_stack))),
        ("yes, always",
         is_true("a wrong Reshape is refused at its line; the same layers give the same outputs",
                 fails(stacks.wrong_graph) and same)),
    )  # fmt: skip


def _simplicity() -> Row:
    model = stacks.first_model()
    listed, wired = (to_source(model, style=style) for style in ("sequential", "functional"))
    return _row(
        "simplicity",
        ("very high", is_true("784 → 32 → 10 takes four calls, none of them on a tensor",
                              len(calls_of(listed)) == 4)),
        ("medium", is_true("as a graph it takes more calls: each layer is made, then called",
                           len(calls_of(wired)) > 4)),
    )  # fmt: skip


def _complex() -> Row:
    names = ("residual", "inception", "unet")
    return _row(
        "complex graphs",
        ("no", is_true("residual, inception and unet are refused",
                       all(refused(name).holds for name in names))),
        ("yes", is_true("the fix of each is a Functional model",
                        all(read(fix_of(name)).style == "functional"
                            for name in names))),
    )  # fmt: skip


def _ideal() -> Row:
    from seqkit.claims.runs import vector_net

    return _row(
        "ideal for",
        ("plain stacks and beginners",
         is_true("a plain stack learns clothes: over 70 % (guessing 10 %)", vector_net() > 0.7)),
        ("research and production nets",
         is_true("the published blocks of the course all have a fix that builds",
                 all(fix_of(name) is not None
                     for name in ("residual", "inception", "multi_input")))),
    )  # fmt: skip


def _load() -> Row:
    model = stacks.first_model()
    listed, wired = (to_source(model, style=style) for style in ("sequential", "functional"))
    return _row(
        "cognitive load",
        ("low: three names, no tensors",
         is_true("the list needs Sequential, Input and Dense, and no name for a tensor",
                 keras_names(listed) == {"Sequential", "Input", "Dense"}
                 and tensor_names(listed) == 0)),
        ("higher: three names and the tensors",
         is_true("the graph needs Model, Input and Dense, and names for tensors",
                 keras_names(wired) == {"Model", "Input", "Dense"} and tensor_names(wired) > 0)),
    )  # fmt: skip


_TABLES: dict[str, tuple[str, tuple[Callable[[], Row], ...]]] = {
    "B14": (
        "Sequential against Functional, as the beginner's guide compares them",
        (_inputs, _outputs, _order, _branches, _skips, _sharing, _length, _checking),
    ),
    "C5": (
        "Sequential against Functional, as the article on popularity compares them",
        (_simplicity, _inputs, _complex, _ideal, _load),
    ),
}
