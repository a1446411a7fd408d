"""The records of a lint run. How they look is decided in `text`, `html` and `formats`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from seqkit.display import Displayable

Severity = Literal["error", "warning", "info", "style"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "info", "style")

Fault = Literal[
    "topology",
    "feature_input",
    "label_output",
    "adjacent_layer",
    "parameter",
    "training",
    "environment",
    "unknown",
]


@dataclass(frozen=True)
class Place:
    """Where in a file a finding is.

    Attributes:
        path: the file, as the user wrote it.
        line: line in the file or, for a notebook, in its cell; from 1.
        column: column, from 1.
        cell: number of the notebook cell, from 1; None for a plain program.
    """

    path: str
    line: int
    column: int
    cell: int | None = None

    def __str__(self) -> str:
        cell = "" if self.cell is None else f"cell {self.cell}:"
        return f"{self.path}:{cell}{self.line}:{self.column}"


@dataclass(frozen=True)
class Finding:
    """One thing that a rule found.

    Attributes:
        code: the rule's code, such as "SEQ201".
        name: the rule's name, such as "softmax-on-one-unit".
        severity: "error" when a run certainly fails, or gives what is certainly of no use.
        layer: index of the layer as in the rows of `sk.trace`; None when it is not about one.
        layer_name: the layer's name, or "".
        fault: the kind of fault.
        message: what is wrong, with the numbers of this model.
        fix: what to write instead.
        lesson: number of the lesson that teaches it, or "".
        place: where it stands in a file, when a file was read.
    """

    code: str
    name: str
    severity: Severity
    layer: int | None
    layer_name: str
    fault: Fault
    message: str
    fix: str
    lesson: str
    place: Place | None = None


@dataclass(frozen=True, repr=False)
class LintReport(Displayable):
    """What `sk.lint` returns: findings, the gravest first.

    A report is true when it found something, so `if sk.lint(model): ...` reads well.

    Attributes:
        findings: what was found.
        not_checked: rules that could not be asked, and why, in one sentence each.
    """

    findings: tuple[Finding, ...]
    not_checked: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether no finding is an error."""
        return not any(finding.severity == "error" for finding in self.findings)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that were found, each once, in order."""
        return tuple(dict.fromkeys(finding.code for finding in self.findings))

    def count(self, severity: Severity) -> int:
        """Number of findings of one severity."""
        return sum(finding.severity == severity for finding in self.findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __bool__(self) -> bool:
        return bool(self.findings)

    def as_text(self) -> str:
        """The findings as labelled paragraphs, and a line that counts them."""
        from seqkit.linting.text import to_text

        return to_text(self)

    def as_html(self) -> str:
        """The findings as a table in the theme's own colours."""
        from seqkit.linting.html import to_html

        return to_html(self)
