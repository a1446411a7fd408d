"""Rules for the mistakes of Keras models, loud and silent, before `fit`.

`lint` reads a model (and, if given, its data and its compile arguments) and asks every rule.
"""

from seqkit.linting.finding import Finding, LintReport, Place
from seqkit.linting.lint import lint
from seqkit.linting.rule import Rule
from seqkit.linting.rules import all_rules

__all__ = ["Finding", "LintReport", "Place", "Rule", "all_rules", "lint"]
