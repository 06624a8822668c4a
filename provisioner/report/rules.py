"""The checks themselves: a table of all, and the page of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from provisioner.diagnostics import Severity
from provisioner.report.shapes import FORMAT_VERSION, Json
from provisioner.report.style import Look, Row, Span, Style
from provisioner.rules.rule import Rule
from provisioner.words import counted

_LOOKS = {Severity.ERROR: Look.BAD, Severity.WARNING: Look.CAREFUL}


def rules_terminal(rules: Sequence[Rule], area_of: Callable[[str], str], style: Style) -> str:
    """Every rule in a line, under its area; the rules come sorted by area."""
    lines: list[str] = []
    for area, members in groupby(rules, key=lambda rule: area_of(rule.id)):
        lines += style.lines(Span(area, Look.STRONG))
        rows: list[Row] = [(rule.id, Span(rule.severity.value, _LOOKS[rule.severity]), rule.what) for rule in members]
        lines += [*style.table(rows, indent=2), ""]
    return "\n".join((*lines, *style.lines(f"{counted(len(rules), 'rule')}. `provisioner rules ID` explains one.")))


def rule_terminal(rule: Rule, style: Style) -> str:
    """One rule's page."""
    return "\n".join(
        (
            *style.lines(Span(rule.id, Look.STRONG), "  ", Span(rule.severity.value, _LOOKS[rule.severity])),
            "",
            *style.lines(rule.what),
            "",
            *style.lines(rule.why),
            "",
            *style.lines(Span("Fix:", Look.STRONG), f" {rule.fix}", hang=2),
            "",
            *_example("Wrong:", Look.BAD, rule.bad, style),
            "",
            *_example("Right:", Look.GOOD, rule.good, style),
        )
    )


def rules_json(rules: Sequence[Rule], area_of: Callable[[str], str]) -> Json:
    """``{"format_version", "rules": [{"id", "area", "severity", "what", "why", "fix", "wrong", "right"}]}``."""
    return {"format_version": FORMAT_VERSION, "rules": [_rule(rule, area_of) for rule in rules]}


def rule_json(rule: Rule, area_of: Callable[[str], str]) -> Json:
    """``{"format_version", "rule": {…}}``."""
    return {"format_version": FORMAT_VERSION, "rule": _rule(rule, area_of)}


def _rule(rule: Rule, area_of: Callable[[str], str]) -> Json:
    return {
        "id": rule.id,
        "area": area_of(rule.id),
        "severity": rule.severity.value,
        "what": rule.what,
        "why": rule.why,
        "fix": rule.fix,
        "wrong": rule.bad,
        "right": rule.good,
    }


def _example(word: str, look: Look, text: str, style: Style) -> list[str]:
    """A config as it is written: YAML is never wrapped."""
    return [style.paint(word, look), *("  " + style.paint(line, Look.PLAIN) for line in text.splitlines())]
