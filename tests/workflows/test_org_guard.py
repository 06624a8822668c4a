"""The guard org_id: another org is refused, and a refreshed sandbox is called one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from provisioner.diagnostics import Location
from provisioner.errors import RefusedError
from provisioner.model.environment import Environment
from provisioner.model.places import Places
from provisioner.workflows.connect import require_org

UAT = "https://acme--uat.sandbox.my.salesforce.com"
OLD, NEW = "00D5g000000AAAA", "00D8c000000BBBBEAQ"
TEST, LOGIN = "https://test.salesforce.com", "https://login.salesforce.com"
CI = "ci@acme.com.uat"


def environment(org_id: str | None = OLD, **fields: Any) -> Environment:
    places = Places(below={("org_id",): Location("config/environments/uat.yaml", 6, 9)})
    return Environment("uat", "config/environments/uat.yaml", Path(), org_id=org_id, places=places, **fields)


def refusal(url: str, login_url: str, username: str = CI, of: Environment | None = None) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        require_org(NEW, url, of or environment(), login_url=login_url, username=username)
    assert refused.value.code == "another-org"
    assert "config/environments/uat.yaml:6:9" in refused.value.message
    return refused.value


@pytest.mark.parametrize("login_url", [UAT, UAT.upper(), TEST])
def test_a_refreshed_sandbox_is_called_one(login_url: str) -> None:
    error = refusal(UAT, login_url)
    assert "the sandbox was probably refreshed" in error.message
    assert f"from `org_id: {OLD}` to `org_id: {NEW}`" in error.next
    assert "`provisioner plan --env uat`" in error.next
    assert "--allow-destroy" in error.next


@pytest.mark.parametrize(
    ("url", "login_url", "username"),
    [
        ("https://acme--dev.sandbox.my.salesforce.com", UAT, CI),
        (UAT, TEST, "ci@acme.com.dev"),
        (UAT, TEST, "ci@acme.comuat"),
        (UAT, LOGIN, CI),
        ("https://acme.my.salesforce.com", "https://acme.my.salesforce.com", "ci@acme.com"),
        ("https://acme.my.salesforce.com", TEST, CI),
        ("https://evil.example.com", "https://evil.example.com", CI),
    ],
    ids=["other address", "other suffix", "no suffix", "production's login", "production", "no sandbox", "no org"],
)
def test_what_may_be_another_org_is_not_explained_away(url: str, login_url: str, username: str) -> None:
    error = refusal(url, login_url, username)
    assert "refresh" not in error.message
    assert error.next.startswith("Check login_url and username, or correct org_id")


def test_a_local_org_that_was_reset() -> None:
    of = environment(embedded_org=Path("/x/.localorg"))
    error = refusal("https://localhost:8443", "https://localhost:8443", "x", of)
    assert "The local org was reset" in error.message
    assert "production" not in error.next


@pytest.mark.parametrize("org_id", [None, NEW, NEW[:15]])
def test_the_org_that_is_named_passes(org_id: str | None) -> None:
    require_org(NEW, UAT, environment(org_id), login_url=UAT, username=CI)


def test_ids_that_differ_by_case_are_two_orgs() -> None:
    with pytest.raises(RefusedError):
        require_org(NEW, UAT, environment(NEW[:15].swapcase()), login_url=UAT, username=CI)


def test_an_alias_of_the_official_cli_is_checked_there() -> None:
    error = refusal("https://acme.my.salesforce.com", "", "", environment(sf_org="uat"))
    assert error.next.startswith("Check the org of sf_org (`sf org display --target-org uat`), or correct org_id")
    assert "probably refreshed" in refusal(UAT, UAT, "", environment(sf_org="uat")).message
