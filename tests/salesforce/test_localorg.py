"""End to end against the local org, which knows the protocol from its own reading."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provisioner import localorg
from provisioner.components.fields import read_fields
from provisioner.components.package import Package
from provisioner.components.snapshot import Component, Unreadable
from provisioner.components.xml import copy, set_text
from provisioner.diagnosis.login.diagnosis import add_hint
from provisioner.errors import LoginError, UnreachableError
from provisioner.localorg import Connection
from provisioner.model.types import TYPES, Field, MetadataType
from provisioner.salesforce import DeployStatus, LoginSettings, Org, Scope
from provisioner.secrets import Secret
from tests.localorg import material
from tests.localorg.client import zipped
from tests.salesforce.conftest import Waits

CHANNEL = MetadataType.CHANNEL
CHANNELS = {"App_Chat", "Kiosk_Chat", "SMS_Alerts", "Web_Chat", "WhatsApp_US"}


@pytest.fixture
def local(shared_org: Path) -> Connection:
    localorg.mend(shared_org)
    localorg.reset(shared_org)
    served = localorg.running(shared_org)
    assert served is not None
    return served


@pytest.fixture
def broken(shared_org: Path) -> Callable[[str], None]:
    return lambda name: localorg.break_(shared_org, name)


@pytest.fixture
def connect(local: Connection, waits: Waits) -> Callable[[], Org]:
    settings = LoginSettings(
        login_url=local.url,
        audience=local.url,
        username=local.username,
        consumer_key=local.consumer_key,
        private_key=Secret(Path(local.private_key_file).read_text()),
        ca_bundle=Path(local.ca_bundle),
        environment="local",
    )
    return lambda: Org.connect(settings, clock=waits.clock)


Connect = Callable[[], Org]
Break = Callable[[str], None]


def _relabelled(org: Org, label: str) -> bytes:
    """A package that changes one channel's description and nothing else."""
    channel = org.read({CHANNEL: ["Web_Chat"]})[CHANNEL, "Web_Chat"]
    assert isinstance(channel, Component)
    changed = copy(channel.xml)
    set_text(changed, "description", label)
    return Package({(CHANNEL, "Web_Chat"): changed}).to_zip(org.versions.chosen)


def _ignore(status: DeployStatus) -> None:
    """No progress is shown."""


def _description(org: Org) -> str | None:
    channel = org.observe().find(CHANNEL, "Web_Chat")
    assert isinstance(channel, Component)
    return channel.xml.findtext("{*}description")


def test_a_newborn_org_is_observed(connect: Connect, local: Connection) -> None:
    org = connect()
    snapshot = org.observe()
    assert snapshot.org.id[:15] == local.org_id[:15]
    assert (snapshot.org.is_sandbox, snapshot.org.is_production) == (True, False)
    assert set(snapshot.present(CHANNEL)) == CHANNELS
    assert snapshot.types[MetadataType.KEY] == {}
    assert isinstance(snapshot.active_channels, dict)
    assert set(snapshot.active_channels) == CHANNELS
    assert org.requests_made <= 9


#: A type that only this test knows: its descriptor is all that the product needs to read it.
CORS_ORIGIN = MetadataType(
    "CorsWhitelistOrigin",
    "corsWhitelistOrigins",
    "corsWhitelistOrigin",
    "cors_origin",
    "cors_origins",
    "API Enabled and Modify Metadata Through Metadata API Functions",
    False,
    (Field("url_pattern", "urlPattern", "The origin of a website."),),
)


def test_a_type_is_read_by_its_descriptor(connect: Connect) -> None:
    org = connect()
    origin = "https://shop.example.com"
    package = {
        CORS_ORIGIN.path("shop"): material.xml(CORS_ORIGIN.xml_name, f"<urlPattern>{origin}</urlPattern>"),
        "package.xml": material.manifest({CORS_ORIGIN.xml_name: ["shop"]}),
    }
    assert org.wait_for(org.deploy(zipped(package), check_only=False), minutes=5, on_progress=_ignore).success
    made = org.requests_made
    snapshot = org.observe(Scope(kinds=(*TYPES, CORS_ORIGIN)))
    with_origins = org.requests_made - made
    [found] = snapshot.present(CORS_ORIGIN).values()
    assert read_fields(found.xml, CORS_ORIGIN.fields) == {"url_pattern": origin}
    assert set(snapshot.present(CHANNEL)) == CHANNELS
    assert CORS_ORIGIN.address(found.full_name) == "cors_origin.shop"

    made = org.requests_made
    assert set(org.observe().types) == set(TYPES)
    assert with_origins - (org.requests_made - made) == 2, "one list and one read, and none in a plan"


def test_a_type_that_an_org_lacks_hides_no_other(connect: Connect, broken: Break) -> None:
    broken("type-missing=CorsWhitelistOrigin")
    snapshot = connect().observe(Scope(kinds=(*TYPES, CORS_ORIGIN)))
    missing = snapshot.types[CORS_ORIGIN]
    assert isinstance(missing, Unreadable)
    assert missing.permission == CORS_ORIGIN.permission
    assert set(snapshot.present(CHANNEL)) == CHANNELS


@pytest.mark.parametrize(
    "fault",
    [
        None,
        "deploy-queued",
        "deploy-finalizing",
        "finalizing-deploy",
        "early-poll-fails",
        "poll-html=2",
        "poll-cut=2",
        "session-ends=6",
        "deploy-answer-lost=1",
        "deploy-not-accepted-lost=1",
        "request-limit=1",
        "server-error=1",
    ],
)
def test_a_deployment_arrives_whatever_happens_on_its_way(connect: Connect, broken: Break, fault: str | None) -> None:
    org = connect()
    package = _relabelled(org, "changed")
    if fault:
        broken(fault)

    deploy_id = org.deploy(package, check_only=False)
    status = org.wait_for(deploy_id, minutes=5, on_progress=_ignore)

    assert status.success, status
    assert status.id == deploy_id
    assert [success.full_name for success in status.successes] == ["Web_Chat"]
    assert _description(org) == "changed"
    deploys = org.recent_deploys()
    assert deploys is not None
    assert len(deploys) == 1, "the package must not be sent twice"


def test_a_check_changes_nothing(connect: Connect) -> None:
    org = connect()
    before = _description(org)
    deploy_id = org.deploy(_relabelled(org, "changed"), check_only=True)
    status = org.wait_for(deploy_id, minutes=5, on_progress=_ignore)
    assert (status.success, status.check_only) == (True, True)
    assert _description(org) == before


def test_a_locked_setup_is_recognised(connect: Connect, broken: Break) -> None:
    org = connect()
    package = _relabelled(org, "changed")
    broken("setup-locked=1")
    locked = org.wait_for(org.deploy(package, check_only=False), minutes=5, on_progress=_ignore)
    assert locked.setup_locked
    assert org.wait_for(org.deploy(package, check_only=False), minutes=5, on_progress=_ignore).success


def test_a_refused_component_is_reported(connect: Connect, broken: Break) -> None:
    org = connect()
    package = _relabelled(org, "changed")
    broken("component-refused")
    status = org.wait_for(org.deploy(package, check_only=False), minutes=5, on_progress=_ignore)
    assert not status.success
    assert status.failures[0].full_name == "Web_Chat"
    assert status.failures[0].problem


def test_a_channel_is_activated(connect: Connect) -> None:
    org = connect()
    org.activate_channel("Kiosk_Chat")
    active = org.observe().active_channels
    assert not isinstance(active, Unreadable)
    assert active["Kiosk_Chat"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("channel-unreadable", CHANNEL), ("type-missing", MetadataType.KEY), ("metadata-permission-missing", CHANNEL)],
)
def test_a_type_that_may_not_be_read_is_unreadable(
    connect: Connect, broken: Break, fault: str, kind: MetadataType
) -> None:
    broken(fault)
    found = connect().observe().types[kind]
    assert isinstance(found, Unreadable)
    assert found.reason
    assert found.permission


@pytest.mark.parametrize(
    ("fault", "production"), [("production", True), ("production-trial", False), ("developer-edition", False)]
)
def test_production_is_recognised(connect: Connect, broken: Break, fault: str, production: bool) -> None:
    broken(fault)
    assert connect().observe().org.is_production is production


@pytest.mark.parametrize(
    "fault",
    [
        "user-not-approved",
        "user-not-preauthorized",
        "wrong-certificate",
        "user-inactive",
        "app-not-installed",
        "no-refresh-token-scope",
        "ip-restricted",
        "digital-signatures-not-enabled",
        "jwt-format-token",
    ],
)
def test_a_refused_login_says_what_is_likely(connect: Connect, broken: Break, fault: str) -> None:
    broken(fault)
    with pytest.raises(LoginError) as failed:
        connect()
    assert not add_hint(failed.value, datetime.now(UTC)).next.startswith("Find out more"), "no likely cause is named"


def test_a_missing_api_scope_is_explained(connect: Connect, broken: Break) -> None:
    broken("no-api-scope")
    with pytest.raises(LoginError, match="does not accept its session") as failed:
        connect().query("SELECT Id FROM Organization")
    assert "(api)" in failed.value.next


def test_a_passing_login_fault_passes(connect: Connect, broken: Break) -> None:
    broken("transient-login-error=2")
    assert connect().requests_made == 4


def test_lasting_maintenance_is_out_of_reach(connect: Connect, broken: Break) -> None:
    broken("maintenance")
    with pytest.raises(UnreachableError):
        connect()
