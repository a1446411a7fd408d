"""The rules as pages: `seqkit rule` prints one, `docs/rules.md` holds all."""

from __future__ import annotations

from collections.abc import Sequence

from seqkit.errors import SeqkitError
from seqkit.linting.rule import Rule
from seqkit.linting.rules import all_rules

_FAMILIES = {
    "SEQ1": "How the layers stand together",
    "SEQ2": "Output, loss, metrics and labels",
    "SEQ3": "The data",
    "SEQ4": "The other arguments of compile",
    "SEQ5": "Style (off by default)",
}

_HEAD = """# Rules of `sk.lint`

<!-- Made by `seqkit rule --all` from seqkit/linting/rules; do not edit. -->

`sk.lint(model)` and `seqkit lint FILE` look for these. **error**: a run certainly fails, or
what it gives is certainly of no use. **warning**: very likely not what was meant. **info**: worth
knowing. **style**: off unless selected (`select="SEQ5"`). A comment `# noqa: SEQ101` silences a
rule on its line. In the examples `stack` is a list of layers:
`sk.lint(stack, x, y, compile=compile)`.
"""


def find_rule(word: str) -> Rule:
    """The rule of a code or a name.

    Raises:
        SeqkitError: there is none.

    Example:
        >>> find_rule("seq201").name
        'softmax-on-one-unit'
    """
    for rule in all_rules():
        if word.upper() == rule.code or word.lower() == rule.name:
            return rule
    codes = [rule.code for rule in all_rules()]
    raise SeqkitError(
        f"There is no rule {word!r}. The codes are {codes[0]} to {codes[-1]}; 'seqkit rule --all' "
        f"prints them."
    )


def rule_page(rule: Rule) -> str:
    """One rule as Markdown: what, why, example, fix."""
    lesson = f" · lesson {rule.lesson}" if rule.lesson else ""
    return "\n".join(
        [
            f"### {rule.code} {rule.name}",
            "",
            f"*{rule.severity} · {rule.fault}{lesson}*",
            "",
            f"**What it looks for.** {' '.join(rule.what.split())}",
            "",
            f"**Why it is bad.** {rule.why}",
            "",
            "**Example**",
            "",
            "```python",
            rule.example,
            "```",
            "",
            "**Write instead**",
            "",
            "```python",
            rule.fix,
            "```",
        ]
    )


def all_pages() -> str:
    """The whole of `docs/rules.md`."""
    rules = all_rules()
    parts = [_HEAD]
    for family, title in _FAMILIES.items():
        mine = [rule for rule in rules if rule.code.startswith(family)]
        parts.append(f"## {family}: {title}\n\n{_table(mine)}\n")
        parts += [f"{rule_page(rule)}\n" for rule in mine]
    return "\n".join(parts)


def _table(rules: Sequence[Rule]) -> str:
    head = ["| code | name | severity |", "|---|---|---|"]
    rows = [
        f"| [{rule.code}](#{rule.code.lower()}-{rule.name}) | {rule.name} | {rule.severity} |"
        for rule in rules
    ]
    return "\n".join([*head, *rows])
