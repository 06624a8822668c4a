"""The pages of all rules: found by their files, so that nothing is imported that nobody asks for."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace
from functools import cache
from pathlib import Path
from textwrap import dedent

from provisioner.rules.rule import Rule

#: The areas of the table in the order in which they are listed, each a folder of this one.
AREAS = ("yaml", "names", "key", "keyset", "channel", "environment", "plan")
_FOLDER = Path(__file__).parent


@cache
def _areas() -> dict[str, str]:
    """The area of each rule, by its id."""
    return {
        module.name.replace("_", "-"): area for area in AREAS for module in pkgutil.iter_modules([str(_FOLDER / area)])
    }


def rule_ids() -> tuple[str, ...]:
    """The ids of all rules, by area."""
    return tuple(_areas())


def rule_page(rule_id: str) -> Rule | None:
    """The page of a rule, or None where there is none of that id."""
    area = _areas().get(rule_id)
    if area is None:
        return None
    module = importlib.import_module(f"provisioner.rules.{area}.{rule_id.replace('-', '_')}")
    rule: Rule = module.RULE
    return replace(rule, why=_paragraph(rule.why), good=_example(rule.good), bad=_example(rule.bad))


def all_rules() -> tuple[Rule, ...]:
    """All pages, by area and then by id."""
    return tuple(page for page in map(rule_page, rule_ids()) if page is not None)


def area_of(rule_id: str) -> str:
    """The area that a rule belongs to; raises KeyError where there is no such rule."""
    return _areas()[rule_id]


def _paragraph(text: str) -> str:
    return " ".join(text.split())


def _example(text: str) -> str:
    return dedent(text).strip("\n").rstrip()
