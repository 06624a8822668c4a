"""What a plan creates of deployments, which origins it adds, and what keeps it from that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from provisioner.components.deployments import Deployments, PublicConfig, Site, new_deployment
from provisioner.components.origins import new_cors_origin
from provisioner.components.snapshot import Component, Snapshot, Unreadable
from provisioner.model.estate import Deployment, DeploymentCreation, DeploymentType, Estate
from provisioner.model.types import MetadataType, Risk
from provisioner.planning.plan import Plan
from tests.planning.test_risk import CHANNEL, ESTATE, plan, provisioned

WEB = Deployment(
    "New_Web", "Web_Chat", True, DeploymentType.WEB, DeploymentCreation(domain="new.example.com"),
    ("https://new.example.com",),
)  # fmt: skip
API = Deployment("New_Api", "Web_Chat", True, DeploymentType.CUSTOM_CLIENT, DeploymentCreation("API"))
KIND, CORS = MetadataType.DEPLOYMENT, MetadataType.CORS_ORIGIN


def estate(*deployments: Deployment) -> Estate:
    return replace(ESTATE, deployments={each.name: each for each in deployments})


def org(
    *existing: Deployment, cors: dict[str, str] | Unreadable | None = None, newest: str = "67.0", **found: Any
) -> Snapshot:
    """An org with these deployments, and entries of CORS by name."""
    files = {each.name: Component(KIND, each.name, new_deployment(each, "67.0")) for each in existing}
    names: Any = cors
    if not isinstance(cors, Unreadable):
        names = {name: Component(CORS, name, new_cors_origin(url)) for name, url in (cors or {}).items()}
    public = {name: PublicConfig(True, "Auth", "a-1") for name in files}
    values: dict[str, Any] = {"digital_experiences": True, **found}
    deployments = Deployments(
        dict.fromkeys(files, "04I000000000001"), {"Web_Chat": "a-1"}, values.pop("public", public), **values
    )
    return replace(
        provisioned(CHANNEL), deployments=deployments, newest_api_version=newest, others={KIND: files, CORS: names}
    )


def changed(made: Plan) -> dict[str, dict[str, object]]:
    return {
        each.address: {field.path: field.after for field in each.fields}
        for each in made.changes
        if each.type in (KIND, CORS)
    }


def guards(made: Plan) -> list[str]:
    return [each.guard for each in made.blocked]


def test_a_web_deployment_is_created_by_itself_and_is_permanent() -> None:
    made = plan(estate(WEB), org())
    change = next(each for each in made.changes if each.type is KIND)
    assert (change.risk, change.is_deployed, change.sets_up, guards(made)) == (
        Risk.PERMANENT,
        False,
        True,
        ["permanent"],
    )
    assert change.frames == ("https://new.example.com",)
    assert change.publishes == (("New_Web", True),)
    assert changed(made)["origin.https_new_example_com"] == {"url_pattern": "https://new.example.com"}


def test_a_custom_client_goes_with_the_package() -> None:
    made = plan(estate(API), org())
    change = next(each for each in made.changes if each.type is KIND)
    assert (change.risk, change.is_deployed, change.sets_up, guards(made)) == (Risk.NONE, True, False, [])


def test_what_exists_is_no_change() -> None:
    site = {"New_Web": Site("0DM1", ("new.example.com",))}
    made = plan(estate(WEB, API), org(WEB, API, cors={"Any": "https://NEW.example.com/"}, sites=site))
    assert (changed(made), guards(made)) == ({}, [])
    assert {"deployment.New_Web", "deployment.New_Api"} <= set(made.unchanged)


def test_one_origin_of_two_deployments_is_one_entry() -> None:
    other = replace(API, origins=("https://new.example.com:443",))
    assert len([each for each in changed(plan(estate(WEB, other), org())) if each.startswith("origin.")]) == 1


def test_a_name_of_an_entry_that_is_taken_is_avoided() -> None:
    made = plan(estate(WEB), org(cors={"https_new_example_com": "https://elsewhere.example.com"}))
    assert "origin.https_new_example_com_2" in changed(made)


def test_one_that_was_created_and_never_published_is_published() -> None:
    made = plan(estate(API), org(API, public={"New_Api": PublicConfig(False)}))
    assert changed(made) == {"deployment.New_Api": {"published_verification.New_Api": True}}
    left = plan(estate(replace(API, create=None)), org(API, public={"New_Api": PublicConfig(False)}))
    assert changed(left) == {}


@pytest.mark.parametrize(
    ("declared", "snapshot", "guard"),
    [
        (replace(API, channel="No_Chat"), org(), "deployment-channel-missing"),
        (replace(API, create=None), org(), "deployment-missing"),
        (replace(API, channel="App_Chat"), org(API), "deployment-on-another-channel"),
        (WEB, org(newest="66.0"), "deployment-needs-newer-api"),
        (WEB, org(digital_experiences=False), "digital-experiences-off"),
        (WEB, org(digital_experiences=Unreadable("no", "x")), "digital-experiences-unreadable"),
        (WEB, org(cors=Unreadable("no", "x")), "origins-unreadable"),
        (WEB, org(WEB, sites=Unreadable("no", "x")), "site-unreadable"),
        (WEB, org(WEB, sites={}), "site-unreadable"),
    ],
)
def test_what_blocks(declared: Deployment, snapshot: Snapshot, guard: str) -> None:
    assert guard in guards(plan(estate(declared), snapshot))


def test_an_entry_that_cannot_be_read_may_be_any_origin() -> None:
    snapshot = org()
    snapshot = replace(snapshot, others={**snapshot.others, CORS: {"Hidden": Unreadable("no", "x")}})
    made = plan(estate(WEB), snapshot)
    assert "origins-unreadable" in guards(made)
    assert not [each for each in changed(made) if each.startswith("origin.")]


def test_origins_that_cannot_be_read_are_not_missing() -> None:
    made = plan(estate(WEB), org(cors=Unreadable("no", "x")))
    assert not [each for each in changed(made) if each.startswith("origin.")]


@pytest.mark.parametrize(("version", "newer"), [("65.0", False), ("66.0", True), ("68.0", True)])
def test_the_file_has_what_the_version_knows(version: str, newer: bool) -> None:
    root = new_deployment(API, version)
    names = {etree.QName(each).localname for each in root.iter(etree.Element)}
    assert ("shouldShowAgentforceTagline" in names, "isInvitationEnabled" in names) == (newer, newer)
    top = [etree.QName(each).localname for each in root]
    assert top == sorted(top)
