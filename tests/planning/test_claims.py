"""Two declarations over one org: which environments are one org, and what both claim."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from provisioner.model.environment import Environment, Login
from provisioner.model.estate import Deployment, Estate, External, Removed
from provisioner.planning.claims import claimed_twice
from provisioner.secrets import Reference, ReferenceKind
from provisioner.workflows.claims import is_same_org
from tests.planning.test_risk import CHANNEL, ESTATE, KEYSET

UAT = "https://acme--uat.sandbox.my.salesforce.com"
ENV = Reference(ReferenceKind.ENV, "USER")


def at(login_url: str | None = "https://test.salesforce.com", username: Any = None, **fields: Any) -> Environment:
    login = Login(login_url, None, username, None, None, None)
    return Environment("e", "e.yaml", Path(), login=login, **fields)


def alias(name: str, login_url: str | None = None) -> Environment:
    login = Login(login_url, None, None, None, None, None) if login_url is not None else None
    return Environment("e", "e.yaml", Path(), login=login, sf_org=name)


def local(folder: str) -> Environment:
    return Environment("e", "e.yaml", Path(), embedded_org=Path(folder))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (at(org_id="00D5g000000ABCD"), at(org_id="00D5g000000ABCDEAA"), True),
        (at(UAT, org_id="00D5g000000ABCD"), at(UAT, org_id="00D5g000000ABCE"), False),
        (at(UAT, org_id="00D5g000000ABCD"), at(UAT + "/"), True),
        (at(UAT.upper()), at(UAT + ":443"), True),
        (at(UAT), at("https://acme--dev.sandbox.my.salesforce.com"), False),
        (at(), at(), False),
        (at(username="ci@acme.com.uat"), at(username="ci@acme.com.uat"), True),
        (at(username="ci@acme.com.uat"), at(username="ci@acme.com.dev"), False),
        (at(username=ENV), at(username=ENV), False),
        (at("https://na12.salesforce.com"), at("https://na12.salesforce.com"), False),
        (at("https://localhost:8443"), at("https://localhost:8444"), False),
        (at("https://[broken"), at("https://[broken"), False),
        (at(None), at(None), False),
        (local("/a/.localorg"), local("/a/b/../.localorg"), True),
        (local("/a/.localorg"), local("/b/.localorg"), False),
        (local("/a/.localorg"), at(UAT), False),
        (alias("uat"), alias("uat"), True),
        (alias("uat"), alias("dev"), False),
        (alias("uat", UAT), at(UAT), True),
        (alias("uat"), at(UAT), False),
    ],
)
def test_which_environments_are_one_org(one: Environment, other: Environment, same: bool) -> None:
    assert is_same_org(one, other) is is_same_org(other, one) is same


def claims(one: Estate, other: Estate) -> list[str | None]:
    return [each.address for each in claimed_twice(one, other, "uat here, uat there")]


def test_what_both_declare_or_delete_is_claimed_twice() -> None:
    assert claims(ESTATE, ESTATE) == ["key.key_a", "keyset.set_a", "channel.Web_Chat"]
    assert claims(ESTATE, Estate(removed=Removed(keysets=("set_a",)))) == ["keyset.set_a"]
    assert claims(Estate(removed=Removed(keysets=("set_a",))), ESTATE) == ["keyset.set_a"]


def test_a_deployment_that_both_publish_is_claimed_twice() -> None:
    one = Estate(deployments={"Shop": Deployment("Shop", "Web_Chat")})
    assert claims(one, one) == ["deployment.Shop"]
    assert claims(one, Estate(deployments={"App": Deployment("App", "App_Chat")})) == []


def test_what_one_owns_and_the_other_names_is_not() -> None:
    team = Estate(channels={"Web_Chat": CHANNEL}, external=External(keysets=("set_a",)))
    owner = Estate(keysets={"set_a": KEYSET})
    assert claims(team, owner) == claims(owner, team) == []
    assert claims(team, replace(owner, keysets={"set_b": replace(KEYSET, name="set_b")})) == []
