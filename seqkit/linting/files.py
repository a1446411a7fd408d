"""`lint_file`: lint the Sequential models of a program, a notebook or a saved model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras

from seqkit.errors import SeqkitError
from seqkit.graph.chain import is_input
from seqkit.graph.reasons import first_sentence
from seqkit.linting.finding import Finding, LintReport, Place
from seqkit.linting.lint import Codes, chosen_rules, lint, lint_subject
from seqkit.linting.reading import Reading, Written, read_file
from seqkit.linting.rule import Rule
from seqkit.linting.sources import Note
from seqkit.linting.subject import read_subject

REFUSED = "SEQ100"


@dataclass(frozen=True)
class FileReport:
    """What `lint_file` returns.

    Attributes:
        path: the file.
        models: how many Sequential models were checked.
        report: the findings, each with its place.
        notes: what was not read, and so not checked.
        failed: why nothing of the file was read; empty if something was.
    """

    path: str
    models: int
    report: LintReport
    notes: tuple[Note, ...] = ()
    failed: str = ""

    @property
    def ok(self) -> bool:
        """Whether the file was read and no finding is an error."""
        return self.report.ok and not self.failed


def lint_files(
    paths: Iterable[str | Path], select: Codes = None, ignore: Codes = None
) -> list[FileReport]:
    """Lint several files. One that cannot be read gets a report that says so.

    Args:
        paths: programs, notebooks and saved models, as in `lint_file`.
        select: codes of the rules to ask, as in `lint`.
        ignore: codes of the rules not to ask.

    Returns:
        The reports, in the order of the files.

    Raises:
        SeqkitError: a code does not exist.

    Example:
        >>> lint_files(["/nowhere.py"])[0].failed.split(". ")[0]
        '/nowhere.py does not exist'
    """
    chosen_rules(select, ignore)
    reports = []
    for path in paths:
        try:
            reports.append(lint_file(path, select, ignore))
        except SeqkitError as error:
            reports.append(FileReport(str(path), 0, LintReport(()), failed=str(error)))
    return reports


def lint_file(path: str | Path, select: Codes = None, ignore: Codes = None) -> FileReport:
    """Lint every Sequential model that a file builds. The program is not run.

    Args:
        path: a program (.py), a notebook (.ipynb) or a model saved by Keras (.keras).
        select: codes of the rules to ask, as in `lint`.
        ignore: codes of the rules not to ask.

    Returns:
        A `FileReport`. A comment `# noqa: SEQ101` on a line silences that rule there.

    Raises:
        SeqkitError: the file is not there, or is none of these; or a code does not exist.
    """
    file = Path(path)
    rules = chosen_rules(select, ignore)
    if file.suffix == ".keras" and file.is_file():
        return _lint_saved(file, select, ignore)
    reading = read_file(file)
    findings: list[Finding] = []
    failed: list[str] = []
    for model in reading.models:
        found = _lint_written(model, rules)
        findings += found.findings
        failed += found.not_checked
    kept = [one for one in _once(findings) if not _is_silenced(one, reading)]
    report = LintReport(tuple(sorted(kept, key=_by_place)), tuple(dict.fromkeys(failed)))
    checked = {(model.place, not model.unread) for model in reading.models}
    count = sum(1 for _, is_read in checked if is_read)
    why = "" if reading.cells or not reading.notes else f"{path} is not Python."
    return FileReport(str(path), count, report, reading.notes, why)


def _lint_saved(file: Path, select: Codes, ignore: Codes) -> FileReport:
    """A saved model holds no code of its own in Keras' safe mode, so it may be opened."""
    try:
        model = keras.saving.load_model(file, safe_mode=True)
    except Exception as error:
        raise SeqkitError(
            f"{file} is not a model that Keras can open: {first_sentence(error)}."
        ) from error
    report = lint(model, select=select, ignore=ignore)
    place = Place(str(file), 1, 1)
    placed = tuple(replace(finding, place=place) for finding in report)
    return FileReport(str(file), 1, LintReport(placed, report.not_checked))


def _lint_written(model: Written, rules: Iterable[Rule]) -> LintReport:
    rules = list(rules)
    if model.refused:
        wanted = any(rule.code == REFUSED for rule in rules)
        return LintReport(tuple(_refusals(model)) if wanted else ())
    if model.unread or not any(not is_input(item) for item in model.items):
        return LintReport(())
    if model.lacks_entry or model.stands_inside:
        rules = [rule for rule in rules if rule.code != "SEQ103"]
    subject = read_subject(list(model.items), compile=model.compile)
    report = lint_subject(subject, rules)
    placed = tuple(replace(finding, place=_place(finding, model)) for finding in report)
    return LintReport(placed, report.not_checked)


def _refusals(model: Written) -> Iterable[Finding]:
    from seqkit.linting.rules.structure import refused_by_keras as rule

    for place, words in model.refused:
        yield Finding(
            rule.code,
            rule.name,
            rule.severity,
            None,
            "",
            rule.fault,
            f"{words}.",
            "Look up the arguments of this layer; the program stops here.",
            rule.lesson,
            place,
        )


def _place(finding: Finding, model: Written) -> Place:
    """The line of the layer; of `compile` for what is about the loss; else of the model."""
    if finding.layer is not None:
        index = finding.layer + is_input(model.items[0])
        return model.places[min(index, len(model.places) - 1)]
    about_compile = finding.code[:4] in ("SEQ2", "SEQ4") and model.compile_place is not None
    return model.compile_place if about_compile and model.compile_place else model.place


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Each finding once, though a helper function may have been called several times."""
    seen: dict[Any, Finding] = {}
    for finding in findings:
        seen.setdefault((finding.code, finding.place, finding.message), finding)
    return list(seen.values())


def _is_silenced(finding: Finding, reading: Reading) -> bool:
    place = finding.place
    return place is not None and any(
        cell.number == place.cell and cell.silences(place.line, finding.code)
        for cell in reading.cells
    )


def _by_place(finding: Finding) -> tuple[int, int, int, str]:
    place = finding.place or Place("", 0, 0)
    return place.cell or 0, place.line, place.column, finding.code
