"""`lint`: ask every rule about a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from seqkit.errors import SeqkitError
from seqkit.graph.reasons import first_sentence
from seqkit.linting.finding import SEVERITIES, Finding, LintReport
from seqkit.linting.rule import Rule
from seqkit.linting.rules import all_rules
from seqkit.linting.subject import Subject, read_subject

Codes = str | Iterable[str] | None


def lint(
    model: Any,
    x: Any = None,
    y: Any = None,
    compile: Mapping[str, Any] | None = None,
    input_shape: Any = None,
    select: Codes = None,
    ignore: Codes = None,
) -> LintReport:
    """Look for mistakes in a model, loud and silent, before `fit`.

    Nothing is trained and nothing of the model changes. The more is given, the more rules can
    speak: the loss decides whether the last layer is right, the labels whether the loss is.

    Args:
        model: a Keras model, one layer, or a list of layers.
        x: the inputs, as `fit` gets them: an array, or a list or dict of arrays.
        y: the labels, as `fit` gets them.
        compile: a dict with loss, optimizer and metrics; by default those that the model was
            compiled with.
        input_shape: shape of one example, without the batch axis, where the model does not
            know it.
        select: codes of the rules to ask, or their beginnings: "SEQ2", ["SEQ101", "SEQ5"] or
            "ALL". By default all but the style rules (SEQ5).
        ignore: codes of the rules not to ask, written in the same way.

    Returns:
        A `LintReport`: findings, the gravest first; `.ok` tells whether none is an error.

    Raises:
        NotAModelError: `model` is nothing that Keras 3 can build.
        InputShapeError: the input shape is missing, or is not a shape.
        SeqkitError: `select`, `ignore` or `compile` names something that does not exist.

    Example:
        >>> import keras
        >>> report = lint([keras.Input((4,)), keras.layers.Dense(1, activation="softmax")])
        >>> report.codes, report.ok
        (('SEQ201',), False)

    Taught in lesson 09.
    """
    rules = chosen_rules(select, ignore)
    return lint_subject(read_subject(model, x, y, compile, input_shape), rules)


def lint_subject(subject: Subject, rules: Iterable[Rule]) -> LintReport:
    """Ask the given rules about a subject that was read already.

    A rule that fails is a mistake of seqkit and not of the model: it is named, and the others go
    on.
    """
    findings: list[Finding] = []
    failed: list[str] = []
    for rule in rules:
        try:
            findings += list(rule.findings(subject))
        except Exception as error:
            failed.append(
                f"{rule.code} ({rule.name}) could not be asked. This is a mistake in seqkit, not "
                f"in your model: {first_sentence(error)}."
            )
    return LintReport(tuple(sorted(findings, key=_gravity)), tuple(failed))


def _gravity(finding: Finding) -> tuple[int, int, str]:
    layer = -1 if finding.layer is None else finding.layer
    return SEVERITIES.index(finding.severity), layer, finding.code


def chosen_rules(select: Codes = None, ignore: Codes = None) -> tuple[Rule, ...]:
    """The rules that `select` and `ignore` leave.

    Example:
        >>> [rule.code for rule in chosen_rules("SEQ101")]
        ['SEQ101']
    """
    rules = all_rules()
    wanted = [rule for rule in rules if rule.severity != "style"]
    if select is not None:
        wanted = _matching(select, rules)
    refused = () if ignore is None else _matching(ignore, rules)
    return tuple(rule for rule in wanted if rule not in refused)


def _matching(codes: str | Iterable[str], rules: tuple[Rule, ...]) -> list[Rule]:
    words = codes.split(",") if isinstance(codes, str) else list(codes)
    found: list[Rule] = []
    for word in (word.strip().upper() for word in words):
        matches = [r for r in rules if word == "ALL" or r.code.startswith(word) or _is(r, word)]
        if not word or not matches:
            raise SeqkitError(
                f"There is no rule {word!r}. The codes are {rules[0].code} to {rules[-1].code}; "
                f"a beginning such as SEQ2 stands for a whole family, and ALL for all."
            )
        found += [rule for rule in matches if rule not in found]
    return found


def _is(rule: Rule, word: str) -> bool:
    return rule.name.upper() == word
