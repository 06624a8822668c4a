"""``provisioner rules``: every check, or the page of one."""

from __future__ import annotations

import argparse

from provisioner import names
from provisioner.cli.context import Context
from provisioner.errors import ExitStatus
from provisioner.report.rules import rule_json, rule_view, rules_json, rules_view
from provisioner.rules.pages import all_rules, area_of, rule_ids, rule_page


def run(arguments: argparse.Namespace, context: Context) -> int:
    if arguments.id is None:
        rules = all_rules()
        context.show(lambda: rules_view(rules, area_of), lambda: rules_json(rules, area_of))
        return ExitStatus.DONE
    rule = rule_page(arguments.id)
    if rule is None:
        advice = "`provisioner rules` lists them."
        raise names.unknown("rule", arguments.id, rule_ids(), place="this version", advice=advice)
    context.show(lambda: rule_view(rule), lambda: rule_json(rule, area_of))
    return ExitStatus.DONE
