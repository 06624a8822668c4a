"""The rules: a table of all, and the page of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from provisioner.diagnostics import Severity
from provisioner.report.document import GAP, Block, Code, heading, labelled, line, table
from provisioner.report.json import FORMAT_VERSION, Json, members
from provisioner.report.pages import published, rule_page
from provisioner.report.style import Look, Row, Span
from provisioner.rules.rule import Rule
from provisioner.words import counted

_LOOKS = {Severity.ERROR: Look.BAD, Severity.WARNING: Look.CAREFUL}


def rules_view(rules: Sequence[Rule], area_of: Callable[[str], str]) -> list[Block]:
    """Return one line for each rule, under its area. ``rules`` is sorted by area."""
    lines: list[Block] = []
    for area, listed in groupby(rules, key=lambda rule: area_of(rule.id)):
        lines.append(heading(area))
        rows: list[Row] = [(rule.id, Span(rule.severity.value, _LOOKS[rule.severity]), rule.what) for rule in listed]
        lines += [table(rows, indent=2), GAP]
    return [*lines, line(f"{counted(len(rules), 'rule')}. `provisioner rules ID` explains one.")]


def rule_view(rule: Rule) -> list[Block]:
    """Return one rule's page."""
    return [
        heading(Span(rule.id, Look.STRONG), Span("  "), Span(rule.severity.value, _LOOKS[rule.severity])),
        GAP,
        line(rule.what),
        GAP,
        line(rule.why),
        GAP,
        labelled("Fix:", rule.fix),
        *([labelled("Page:", page)] if (page := published(rule_page(rule.id))) else []),
        GAP,
        *_example("Wrong:", Look.BAD, rule.bad),
        GAP,
        *_example("Right:", Look.GOOD, rule.good),
    ]


def rules_json(rules: Sequence[Rule], area_of: Callable[[str], str]) -> Json:
    """Return the JSON of ``rules --format json``."""
    return {"format_version": FORMAT_VERSION, "rules": [_rule(rule, area_of) for rule in rules]}


def rule_json(rule: Rule, area_of: Callable[[str], str]) -> Json:
    """Return the JSON of ``rules ID --format json``."""
    return {"format_version": FORMAT_VERSION, "rule": _rule(rule, area_of)}


def _rule(rule: Rule, area_of: Callable[[str], str]) -> Json:
    return {
        "id": rule.id,
        "area": area_of(rule.id),
        **members(rule, "severity", "what", "why", "fix"),
        "page": rule_page(rule.id),
        **members(rule, "wrong=bad", "right=good"),
    }


def _example(word: str, look: Look, text: str) -> list[Block]:
    """Return an example configuration; YAML is never wrapped."""
    return [line(Span(word, look)), Code(tuple(text.splitlines()), "yaml")]
