"""The policies of docs/policies, evaluated by a Rego engine on plans as the program prints them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from provisioner.planning.plan import Action, FieldChange, Plan
from provisioner.planning.values import CertificateValue, PublicKeyValue
from provisioner.report.plan_json import plan_json
from tests.docs.screens import ROOT
from tests.report import samples

try:
    from regopy import Interpreter
except (ImportError, OSError) as error:  # its library needs others, such as libatomic
    pytest.skip(f"regopy is not installed (make setup-policies), or not usable: {error}", allow_module_level=True)

FOLDER = ROOT / "docs/policies"
POLICIES = sorted(path.stem for path in FOLDER.glob("*.rego"))
FRIDAY, MONDAY = (int(datetime(2026, 11, day, 12, tzinfo=UTC).timestamp()) * 10**9 for day in (27, 30))


def denied(policy: str, plan: dict[str, Any], now: int = MONDAY) -> list[str]:
    """What a policy says of a plan, at a moment."""
    engine = Interpreter()
    engine.add_module(policy, (FOLDER / f"{policy}.rego").read_text().replace("time.now_ns()", str(now)))
    engine.set_input(plan)
    (messages,) = json.loads(str(engine.query("data.main.deny")))["expressions"]
    return list(messages)


def planned(plan: Plan, address: str, **fields: Any) -> dict[str, Any]:
    """A plan with one change of ``address``, its fields set to (before, after)."""
    (change,) = (each for each in plan.changes if each.address == address)
    changed = tuple(FieldChange(path.replace("__", "."), *values) for path, values in fields.items())
    return plan_json(replace(plan, changes=(replace(change, fields=changed),)))


PRODUCTION = replace(samples.FULL, org=samples.PRODUCTION, blocked=())
EXPIRY = "token_expiration_minutes__verified"


@pytest.mark.parametrize(("minutes", "denials"), [(60, 0), (61, 1), (None, 0)])
def test_expiry(minutes: int | None, denials: int) -> None:
    plan = planned(PRODUCTION, "channel.Web_Chat", **{EXPIRY: (30, minutes)})
    assert len(denied("expiry", plan)) == denials
    assert denied("expiry", {**plan, "org": {**plan["org"], "production": False}}) == []
    assert denied("expiry", {**plan, "org": None}) == []


@pytest.mark.parametrize(("before", "after", "denials"), [(True, False, 1), (False, True, 0), (None, True, 0)])
def test_fridays(before: bool | None, after: bool, denials: int) -> None:
    plan = planned(PRODUCTION, "key.storefront_2026_11", active=(before, after))
    assert len(denied("fridays", plan, FRIDAY)) == denials
    assert denied("fridays", plan, MONDAY) == []


def test_a_key_is_not_removed_on_a_friday() -> None:
    plan = plan_json(
        replace(PRODUCTION, changes=tuple(each for each in PRODUCTION.changes if each.action is Action.DELETE))
    )
    assert len(denied("fridays", plan, FRIDAY)) == 1


@pytest.mark.parametrize(
    ("issuer", "denials"), [("https://id.example.com", 0), ("https://evil.example.com", 1), (None, 0)]
)
def test_issuers(issuer: str | None, denials: int) -> None:
    plan = planned(PRODUCTION, "keyset.storefront", issuer=("https://id.example.com", issuer))
    assert len(denied("issuers", plan)) == denials


@pytest.mark.parametrize(
    ("bits", "until", "denials"), [(3072, 2027, 0), (2048, 2027, 1), (3072, 2028, 1), (2048, 2028, 2)]
)
def test_keys(bits: int, until: int, denials: int) -> None:
    made = next(each for each in samples.NEW_KEY.fields if isinstance(each.after, CertificateValue)).after
    key = next(each for each in samples.NEW_KEY.fields if isinstance(each.after, PublicKeyValue)).after
    assert isinstance(made, CertificateValue)
    assert isinstance(key, PublicKeyValue)
    certificate = replace(made, not_after=made.not_before.replace(year=until))
    fields = {"public_key": (None, replace(key, bits=bits)), "certificate": (None, certificate)}
    assert len(denied("keys", planned(PRODUCTION, "key.storefront_2026_11", **fields))) == denials


def test_complete() -> None:
    assert denied("complete", plan_json(PRODUCTION)) == []
    assert denied("complete", plan_json(samples.FULL)) == [], "a destructive plan is for approvers"
    assert "the plan is incomplete" in denied("complete", plan_json(samples.UNREADABLE))
    assert denied("complete", plan_json(samples.MISSING_CHANNEL)) != []


@pytest.mark.parametrize("policy", POLICIES)
def test_an_empty_plan_passes(policy: str) -> None:
    assert denied(policy, plan_json(samples.EMPTY), FRIDAY) == []
    assert f"policies/{policy}.rego" in (ROOT / "docs/policies.md").read_text()


def test_only_fields_that_plans_have_are_asked_for() -> None:
    known = {field.path for change in samples.FULL.changes for field in change.fields}
    asked = {
        path
        for name in POLICIES
        for path in re.findall(r'field\.path == "([^"]+)"', (FOLDER / f"{name}.rego").read_text())
    }
    assert asked <= known
