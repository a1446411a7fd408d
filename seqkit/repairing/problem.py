"""The record of one thing that is wrong, and the changes that may mend it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from seqkit.repairing.program import Program

Fault = Literal["feature_input", "label_output", "adjacent_layer", "parameter", "training"]


@dataclass(frozen=True)
class Change:
    """One change that may mend a problem.

    Attributes:
        text: what to do, as a sentence.
        program: the changed program.
        place: place in `items` of the layer that is to be changed; None for data or compile.
        fault: the kind of fault, where this change says more than the problem does.
        certain: whether nothing else could have been meant; otherwise it is one choice.
    """

    text: str
    program: Program
    place: int | None = None
    fault: Fault | None = None
    certain: bool = True


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        kind: the same for the same problem, so that a change can be seen to have mended it.
        fault: the kind of fault.
        title: the finding in one line.
        text: what does not fit, with layers, shapes and numbers.
        why: the rule behind it.
        place: place in `items` of the layer that is at fault; None for data and labels.
        advice: what to do where no change can be offered.
        changes: makes the changes that may mend it, the most likely first.
    """

    kind: str
    fault: Fault
    title: str
    text: str
    why: str
    place: int | None
    advice: str
    changes: Callable[[], list[Change]]
