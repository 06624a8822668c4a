"""Every id that is emitted has a page, every page's id is emitted, and every page is fit to be read."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import provisioner
from provisioner.diagnostics import Severity
from provisioner.rules.check import checks, login_checks
from provisioner.rules.pages import AREAS, all_rules, area_of, rule_ids, rule_page
from provisioner.rules.rule import Rule

ROOT = Path(provisioner.__file__).parent
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
EVERY_CHECK = (*checks(), *login_checks())
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
    checked = {RULE.id for RULE in (importlib.import_module(check.__module__).RULE for check in EVERY_CHECK)}
    checked.add("ignore-unused")
    elsewhere = mentioned_in("declaration", "jose", "planning")
    assert {rule.id for rule in all_rules()} - checked - elsewhere == set()


def test_every_module_of_an_area_is_a_rule_with_a_check() -> None:
    modules = {
        f"provisioner.rules.{area}.{path.stem}"
        for area in AREAS
        for path in (ROOT / "rules" / area).glob("*.py")
        if path.stem != "__init__"
    }
    assert sorted(check.__module__ for check in EVERY_CHECK) == sorted(modules)


@pytest.mark.parametrize("check", EVERY_CHECK, ids=lambda check: check.__module__)
def test_a_check_takes_the_input_of_its_area(check: Callable[..., object]) -> None:
    module = importlib.import_module(check.__module__)
    expected = "LoginContext" if check in login_checks() else "RuleInput"
    assert check.__annotations__ == {"context": expected, "return": "Iterator[Diagnostic]"}
    assert module.RULE.id == check.__module__.rpartition(".")[2].replace("_", "-")


def test_a_page_is_a_module_or_data() -> None:
    """A rule with a check is a module; a rule that another room finds is data; nothing is both."""
    for rule in all_rules():
        module = ROOT / "rules" / area_of(rule.id) / f"{rule.id.replace('-', '_')}.py"
        data = ROOT / "rules" / "pages" / f"{area_of(rule.id)}.yaml"
        in_data = data.exists() and f"\n{rule.id}:" in f"\n{data.read_text(encoding='utf-8')}"
        assert module.exists() != in_data, rule.id
    assert rule_page("no-such-rule") is None
    assert rule_page("__init__") is None


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
    program = "import provisioner.rules.check; from provisioner.rules import pages; print(pages._data.cache_info())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "currsize=0" in done.stdout, done.stderr
