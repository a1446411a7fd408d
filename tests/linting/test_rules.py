"""Every rule fires on its own example, is quiet on its repair, and is written up."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import keras
import pytest

from seqkit.linting import Rule, all_rules
from seqkit.linting.finding import SEVERITIES
from seqkit.linting.pages import all_pages, find_rule, rule_page

ROOT = Path(__file__).resolve().parents[2]

_spec = importlib.util.spec_from_file_location("programs", Path(__file__).with_name("programs.py"))
assert _spec is not None and _spec.loader is not None
programs = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(programs)

each_rule = pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)


@each_rule
def test_the_example_is_found(rule: Rule, tmp_path: Path) -> None:
    report = programs.run(rule, rule.example, tmp_path)
    assert report.not_checked == ()
    assert report.codes == (rule.code,), "the example shows this mistake and no other"
    assert all(finding.severity == rule.severity for finding in report)


@each_rule
def test_the_repair_is_quiet(rule: Rule, tmp_path: Path) -> None:
    report = programs.run(rule, rule.fix, tmp_path)
    assert (report.codes, report.not_checked) == ((), ())


@each_rule
def test_the_text_is_complete(rule: Rule) -> None:
    assert rule.severity in SEVERITIES
    for text in (rule.what, rule.why):
        assert text.endswith(".") and len(text) > 20
    assert rule.what[0].isupper()
    assert rule.lesson == "" or 1 <= int(rule.lesson) <= 20
    assert (rule.severity == "style") == rule.code.startswith("SEQ5")
    assert rule.example != rule.fix


@each_rule
def test_the_finding_reads_well(rule: Rule, tmp_path: Path) -> None:
    keras.utils.clear_session()
    for finding in programs.run(rule, rule.example, tmp_path):
        for text in (finding.message, finding.fix):
            assert text.endswith((".", "?")) and "  " not in text and "None None" not in text
        assert "0x" not in finding.message


def test_codes_and_names_are_unique() -> None:
    rules = all_rules()
    assert len({rule.code for rule in rules}) == len({rule.name for rule in rules}) == len(rules)
    assert len(rules) >= 70


def test_the_page_of_a_rule() -> None:
    page = rule_page(find_rule("seq201"))
    for part in ("SEQ201", "softmax-on-one-unit", "**Why", "**Example**", "**Write instead**"):
        assert part in page
    assert find_rule("softmax-on-one-unit") is find_rule("SEQ201")


def test_the_document_is_made_from_the_rules() -> None:
    written = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
    assert written == all_pages(), "write it anew: seqkit rule --all > docs/rules.md"
