"""``provisioner rules``: every check, or the page of one."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus

DESCRIPTION = "List every check, or explain one: its finding, why it matters, and how to fix it."
EPILOG = """examples:
  provisioner rules
  provisioner rules keyset-unknown-key"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", nargs="?", help="the rule to explain")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner import names
    from provisioner.report.rules import rule_json, rule_terminal, rules_json, rules_terminal
    from provisioner.rules.pages import all_rules, area_of, rule_ids, rule_page

    if arguments.id is None:
        rules = all_rules()
        if context.wants_json:
            context.json(rules_json(rules, area_of))
        else:
            context.stdout(rules_terminal(rules, area_of, context.style))
        return ExitStatus.DONE
    rule = rule_page(arguments.id)
    if rule is None:
        raise names.unknown("rule", arguments.id, rule_ids(), place="this version")
    if context.wants_json:
        context.json(rule_json(rule, area_of))
    else:
        context.stdout(rule_terminal(rule, context.style))
    return ExitStatus.DONE
