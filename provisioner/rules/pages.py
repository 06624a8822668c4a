"""The pages of all rules, loaded only on request.

A rule with a check is a module, ``AREA/RULE_ID.py``, that has its page as ``RULE``. The pages of rules that other code
checks are data: ``pages/AREA.yaml``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from textwrap import dedent
from types import ModuleType

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

#: The areas, in the order of the list of rules.
AREAS = ("yaml", "names", "key", "keyset", "channel", "environment", "login", "plan")
_FOLDER = Path(__file__).parent


@cache
def _modules() -> dict[str, str]:
    """Return the area of each rule that is a module, by id."""
    return {
        module.name.replace("_", "-"): area for area in AREAS for module in pkgutil.iter_modules([str(_FOLDER / area)])
    }


@cache
def _data() -> dict[str, tuple[str, Mapping[str, str]]]:
    """Return area and fields of each rule that is data, by id."""
    import yaml

    found: dict[str, tuple[str, Mapping[str, str]]] = {}
    for area in AREAS:
        path = _FOLDER / "pages" / f"{area}.yaml"
        if path.exists():
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            pages = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - both loaders are safe
            found.update({rule_id: (area, fields) for rule_id, fields in pages.items()})
    return found


@cache
def _areas() -> dict[str, str]:
    """Return the area of each rule, by area and then by id."""
    areas = _modules() | {rule_id: area for rule_id, (area, _) in _data().items()}
    return dict(sorted(areas.items(), key=lambda each: (AREAS.index(each[1]), each[0])))


def rule_ids() -> tuple[str, ...]:
    """Return the ids of all rules, by area."""
    return tuple(_areas())


def rule_page(rule_id: str) -> Rule | None:
    """Return the page of a rule, or None if no rule has that id."""
    if rule_id in _data():
        fields = dict(_data()[rule_id][1])
        severity = Severity(fields.pop("severity"))
        return Rule(rule_id, severity, **{name: text.rstrip() for name, text in fields.items()})
    area = _modules().get(rule_id)
    if area is None:
        return None
    rule: Rule = _module(area, rule_id).RULE
    return replace(rule, why=_paragraph(rule.why), good=_example(rule.good), bad=_example(rule.bad))


def _module(area: str, rule_id: str) -> ModuleType:
    return importlib.import_module(f"provisioner.rules.{area}.{rule_id.replace('-', '_')}")


def rule_modules(area: str) -> tuple[ModuleType, ...]:
    """Return the modules of an area's rules: each has a ``RULE`` and a ``check``."""
    return tuple(_module(area, rule_id) for rule_id, of in _modules().items() if of == area)


def all_rules() -> tuple[Rule, ...]:
    """Return all pages, by area and then by id."""
    return tuple(page for page in map(rule_page, rule_ids()) if page is not None)


def area_of(rule_id: str) -> str:
    """Return the area of a rule. Raises KeyError if no rule has that id."""
    return _areas()[rule_id]


def _paragraph(text: str) -> str:
    return " ".join(text.split())


def _example(text: str) -> str:
    return dedent(text).strip("\n").rstrip()
