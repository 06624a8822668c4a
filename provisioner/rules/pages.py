"""The rules of each area, and the pages of all rules, loaded only on request.

A rule with a check is in a module of its subject, which has its page and its check in ``CHECKS``. The pages of rules
that other code checks are data: ``pages/AREA.yaml``.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from textwrap import dedent

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.examples import changed
from provisioner.rules.rule import Rule

#: The areas, in the order of the list of rules, each with the modules of its checks.
AREAS: Mapping[str, tuple[str, ...]] = {
    "yaml": ("texts",),
    "names": ("api_names",),
    "key": ("keys",),
    "keyset": ("keyset_keys", "keyset_endpoints", "issuers"),
    "channel": ("channels", "new_channels", "configurations", "deployments", "ownership"),
    "environment": ("environments", "environment_hosts"),
    "login": ("login_apps", "login_access", "login_names"),
    "plan": (),
}
_FOLDER = Path(__file__).parent
_DATA = _FOLDER / "pages"
#: The id of a rule in the source of a module, and in a file of pages.
_ID = re.compile(r'^(?:    id="([a-z0-9-]+)",|([a-z0-9-]+):(?: +#.*)?)$', re.M)


def checks_of(area: str) -> Mapping[Rule, Callable[..., Iterator[Diagnostic]]]:
    """Return the checks of an area, by their rules."""
    modules = (importlib.import_module(f"provisioner.rules.{name}") for name in AREAS[area])
    return {rule: check for module in modules for rule, check in module.CHECKS.items()}


@cache
def _pages() -> dict[str, tuple[str, Rule]]:
    """Return area and page of each rule by its id, sorted by area and then by id."""
    found: dict[str, tuple[str, Rule]] = {}
    for area in AREAS:
        rules = sorted((*checks_of(area), *_data(area)), key=lambda rule: rule.id)
        found.update({rule.id: (area, _as_read(rule)) for rule in rules})
    return found


def _data(area: str) -> Iterator[Rule]:
    """Yield the rules of an area that are data."""
    import yaml

    path = _DATA / f"{area}.yaml"
    if path.exists():
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        pages = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - both loaders are safe
        for rule_id, fields in pages.items():
            yield Rule(rule_id, Severity(fields.pop("severity")), **fields)


def _as_read(rule: Rule) -> Rule:
    """Return a rule with its bad example, without the indentation and the line breaks that its source needs."""
    what, why, fix = rule.what.rstrip(), " ".join(rule.why.split()), rule.fix.rstrip()
    good = dedent(rule.good)
    bad = changed(good, *rule.mistake) if rule.mistake else dedent(rule.bad)
    return Rule(rule.id, rule.severity, what, why, fix, good.strip("\n").rstrip(), bad.strip("\n").rstrip())


def ids_in_sources() -> Iterator[tuple[str, str]]:
    """Yield the id and the area of each rule without loading a check, which is too slow for completion."""
    for area, modules in AREAS.items():
        paths = (*(_FOLDER / f"{name}.py" for name in modules), _DATA / f"{area}.yaml")
        texts = [path.read_text(encoding="utf-8") for path in paths if path.exists()]
        yield from ((rule, area) for rule in sorted(match[1] or match[2] for match in _ID.finditer("\n".join(texts))))


def rule_ids() -> tuple[str, ...]:
    """Return the ids of all rules, by area."""
    return tuple(_pages())


def rule_page(rule_id: str) -> Rule | None:
    """Return the page of a rule, or None if no rule has that id."""
    return _pages().get(rule_id, (None, None))[1]


def all_rules() -> tuple[Rule, ...]:
    """Return all pages, by area and then by id."""
    return tuple(rule for _, rule in _pages().values())


def area_of(rule_id: str) -> str:
    """Return the area of a rule. Raises KeyError if no rule has that id."""
    return _pages()[rule_id][0]
