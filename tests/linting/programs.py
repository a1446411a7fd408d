"""Run the example of a rule, as a reader of `docs/rules.md` would."""

from __future__ import annotations

import warnings
from pathlib import Path

from seqkit.linting import LintReport, Rule, lint
from seqkit.linting.files import lint_file


def run(rule: Rule, code: str, folder: Path) -> LintReport:
    """What `lint` says of a program that a rule shows; read from a file where it cannot run."""
    select = "ALL" if rule.severity == "style" else None
    if rule.code == "SEQ100":
        file = folder / "program.py"
        file.write_text(code, encoding="utf-8")
        return lint_file(file).report
    names: dict[str, object] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras' own, on what the rule is about
        exec(compile(code, rule.code, "exec"), names)
    model = names["model"] if "model" in names else names["stack"]
    arguments = names.get("compile")
    assert arguments is None or isinstance(arguments, dict)
    return lint(model, names.get("x"), names.get("y"), arguments, select=select)
