"""Every id that is emitted has a page, every page's id is emitted, and every page is fit to be read."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import provisioner
from provisioner.diagnostics import Severity
from provisioner.rules.check import LOGIN_AREA, checks, login_checks
from provisioner.rules.pages import AREAS, all_rules, area_of, checks_of, ids_in_sources, rule_ids, rule_page
from provisioner.rules.rule import Rule

ROOT = Path(provisioner.__file__).parent
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
EVERY_CHECK = {rule: check for area in AREAS for rule, check in checks_of(area).items()}
#: Functions whose first argument is a rule's id, and the rooms they belong to.
EMITTERS = {
    "declaration": {"Diagnostic", "_report", "finding", "problem"},
    "jose": {"Diagnostic", "error", "warning"},
    "planning": {"Diagnostic"},
}


def constants(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and KEBAB.fullmatch(each.value):
            yield each.value


def emitted_by(room: str) -> set[str]:
    """The ids that stand as the first argument of a room's emitters."""
    found: set[str] = set()
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in EMITTERS[room]:
                    found.update(constants(node.args[0]))
    return found


def mentioned_in(*rooms: str) -> set[str]:
    return {
        constant
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        for constant in constants(ast.parse(path.read_text(encoding="utf-8")))
    }


@pytest.mark.parametrize("room", EMITTERS)
def test_every_id_that_is_emitted_has_a_page(room: str) -> None:
    emitted = emitted_by(room)
    assert emitted, "nothing was found: the test looks for the wrong functions"
    assert emitted - set(rule_ids()) == set()


def test_every_page_s_id_can_be_emitted() -> None:
    checked = {rule.id for rule in EVERY_CHECK} | {"ignore-unused"}
    elsewhere = mentioned_in("declaration", "jose", "planning")
    assert {rule.id for rule in all_rules()} - checked - elsewhere == set()


def test_every_check_runs() -> None:
    assert sorted(map(id, EVERY_CHECK.values())) == sorted(map(id, (*checks(), *login_checks())))


def test_every_rule_of_a_module_has_a_check() -> None:
    for path in (ROOT / "rules").glob("*.py"):
        module = importlib.import_module(f"provisioner.rules.{path.stem}")
        defined = {name for name, value in vars(module).items() if isinstance(value, Rule)}
        assert defined == {rule.id.replace("-", "_").upper() for rule in getattr(module, "CHECKS", ())}
        assert defined <= {rule.id.replace("-", "_").upper() for rule in EVERY_CHECK}


@pytest.mark.parametrize("rule", EVERY_CHECK, ids=lambda rule: rule.id)
def test_a_check_has_its_rule_s_name_and_input(rule: Rule) -> None:
    check = EVERY_CHECK[rule]
    expected = "LoginContext" if area_of(rule.id) == LOGIN_AREA else "RuleInput"
    assert inspect.get_annotations(check) == {"context": expected, "return": "Iterator[Diagnostic]"}
    assert getattr(check, "__name__", None) == rule.id.replace("-", "_")


def test_completion_knows_every_rule_by_its_source() -> None:
    assert list(ids_in_sources()) == [(rule, area_of(rule)) for rule in rule_ids()]


def test_a_rule_has_one_page() -> None:
    """A rule with a check is in a module; a rule that another room finds is data; nothing is both."""
    checked = {rule.id for rule in EVERY_CHECK}
    for rule in all_rules():
        data = ROOT / "rules" / "pages" / f"{area_of(rule.id)}.yaml"
        in_data = data.exists() and f"\n{rule.id}:" in f"\n{data.read_text(encoding='utf-8')}"
        assert (rule.id in checked) != in_data, rule.id
    assert rule_page("no-such-rule") is None


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_a_page_is_fit_to_be_read(rule: Rule) -> None:
    assert KEBAB.fullmatch(rule.id)
    assert "\n" not in rule.what
    assert len(rule.what) <= 120
    for text in (rule.what, rule.why, rule.fix):
        assert text[0].isupper() or text.startswith(("login_url", "api_version", "org_id", "kid ", "x5c "))
        assert text.endswith((".", "[NAME]`.", "JWT payload."))
        assert "  " not in text
    assert len(rule.why) >= 100
    assert rule.good != rule.bad
    assert rule.bad.strip()


def test_the_ids_that_others_rely_on_are_there() -> None:
    """Stable ids: programs, `ignore` lists and documents name them."""
    named = {
        **dict.fromkeys(["keyset-endpoint-on-salesforce", "channel-inactive", "api-version-old"], Severity.WARNING),
        **dict.fromkeys(["channel-missing", "channel-not-enhanced-chat", "reference-unset"], Severity.ERROR),
    }
    assert {rule.id: rule.severity for rule in all_rules() if rule.id in named} == named


def test_pages_are_not_loaded_until_they_are_asked_for() -> None:
    """`plan` runs the checks and needs no page of a rule that another room finds."""
    program = "import provisioner.rules.check; from provisioner.rules import pages; print(pages._pages.cache_info())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "currsize=0" in done.stdout, done.stderr
