"""Observing an org: what is read, in how many requests, and what becomes of what cannot be read."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from lxml import etree

from provisioner.components.metadata import qualified
from provisioner.components.snapshot import Component, Unreadable
from provisioner.errors import OrgRefusedError, UnreachableError
from provisioner.model.types import TYPES, MetadataType
from provisioner.salesforce import Org, Scope
from tests.salesforce.server import (
    CUT,
    HTML_503,
    ORG_ID,
    Answer,
    Received,
    ScriptedOrg,
    fault,
    json_answer,
    records,
    rest_error,
    retrieve_result,
    soap,
)

Connect = Callable[..., Org]
KEY, KEYSET, CHANNEL = MetadataType.KEY, MetadataType.KEYSET, MetadataType.CHANNEL
NO_ACCESS = fault("INSUFFICIENT_ACCESS", "use of the Metadata API requires a user with the permission")


def test_a_small_org_is_observed_in_nine_requests(connect: Connect, scripted: ScriptedOrg) -> None:
    org = connect()

    snapshot = org.observe()

    assert org.requests_made == len(scripted.received) == 9
    assert snapshot.api_version == snapshot.newest_api_version == "67.0"
    assert (snapshot.org.id, snapshot.org.is_sandbox, snapshot.org.is_production) == (ORG_ID, True, False)
    assert snapshot.active_channels == {"Web_Chat": True}
    assert {kind: set(snapshot.present(kind)) for kind in TYPES} == {
        KEY: {"k1"},
        KEYSET: {"s1"},
        CHANNEL: {"Web_Chat"},
    }


def test_a_component_is_the_document_that_a_package_would_hold(connect: Connect) -> None:
    key = connect().observe().find(KEY, "k1")
    assert isinstance(key, Component)
    assert (key.last_modified_by, key.last_modified_date) == ("Ada", "2026-10-02T02:46:23.000Z")
    assert key.xml.tag == qualified("PublicKeyCertificate")
    assert not key.xml.attrib
    children = [(etree.QName(child).localname, child.text) for child in key.xml]
    assert children == [("isActive", "true"), ("masterLabel", "k1")]


def test_at_most_four_answers_are_waited_for_one_after_another(connect: Connect, scripted: ScriptedOrg) -> None:
    """Each request waits until all that belong to its wave have arrived: in a sequence, they never would."""
    waves = [
        {"query Organization", "query MessagingChannel", "describeMetadata", "listMetadata"},
        {"PublicKeyCertificate", "PublicKeyCertificateSet", "MessagingChannel"},
    ]
    barriers = [threading.Barrier(len(wave)) for wave in waves]
    scripted.before_answering = lambda received: _meet(received, waves, barriers)

    connect().observe()

    assert not any(barrier.broken for barrier in barriers)


def _meet(received: Received, waves: list[set[str]], barriers: list[threading.Barrier]) -> None:
    kind = received.body.partition("<type>")[2].partition("<")[0]
    name = kind if received.name == "readMetadata" else received.name
    for wave, barrier in zip(waves, barriers, strict=True):
        if name in wave:
            barrier.wait(timeout=30)


@pytest.mark.parametrize(
    ("row", "sandbox", "production"),
    [
        ({"IsSandbox": False, "OrganizationType": "Enterprise Edition", "TrialExpirationDate": None}, False, True),
        ({"IsSandbox": True, "OrganizationType": "Enterprise Edition", "TrialExpirationDate": None}, True, False),
        ({"IsSandbox": False, "OrganizationType": "Developer Edition", "TrialExpirationDate": None}, False, False),
        (
            {"IsSandbox": False, "OrganizationType": "Trial Edition", "TrialExpirationDate": "2027-01-01"},
            False,
            False,
        ),
        ({"IsSandbox": None, "OrganizationType": "Unlimited Edition", "TrialExpirationDate": None}, None, None),
        ({"IsSandbox": False}, None, None),
    ],
)
def test_what_kind_of_org_it_is(
    connect: Connect, scripted: ScriptedOrg, row: dict[str, object], sandbox: bool | None, production: bool | None
) -> None:
    scripted.always("query Organization", records({"Id": ORG_ID, **row}))
    facts = connect().observe().org
    assert (facts.id, facts.is_sandbox, facts.is_production) == (ORG_ID, sandbox, production)


@pytest.mark.parametrize("answer", [rest_error("INVALID_TYPE", "no Organization"), records(), HTML_503])
def test_an_org_that_hides_its_kind_is_of_unknown_kind(connect: Connect, scripted: ScriptedOrg, answer: Answer) -> None:
    scripted.always("query Organization", answer)
    snapshot = connect().observe()
    assert (snapshot.org.id, snapshot.org.is_sandbox, snapshot.org.is_production) == (ORG_ID, None, None)
    assert snapshot.present(KEY)


def test_channels_that_cannot_be_queried_are_not_called_inactive(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("query MessagingChannel", rest_error("INVALID_TYPE", "sObject type 'MessagingChannel' …"))
    active = connect().observe().active_channels
    assert isinstance(active, Unreadable)
    assert "INVALID_TYPE: sObject type" in active.reason
    assert "Configure Messaging" in active.permission


def test_a_type_that_is_not_described_is_unreadable_not_empty(connect: Connect, scripted: ScriptedOrg) -> None:
    rows = "".join(f"<metadataObjects><xmlName>{kind.xml_name}</xmlName></metadataObjects>" for kind in (KEY, KEYSET))
    scripted.always("describeMetadata", soap("describeMetadata", f"<result>{rows}</result>"))
    del scripted.components["MessagingChannel"]

    snapshot = connect().observe()

    channels = snapshot.types[CHANNEL]
    assert isinstance(channels, Unreadable)
    assert "Configure Messaging and View Setup and Configuration" in channels.permission
    assert set(snapshot.present(KEY)) == {"k1"}


def test_one_refused_type_does_not_hide_the_others(connect: Connect, scripted: ScriptedOrg) -> None:
    def no_channels(received: Received) -> Answer | None:
        return fault("INVALID_TYPE", "Unknown type: MessagingChannel") if "MessagingChannel" in received.body else None

    scripted.judge("listMetadata", no_channels)
    snapshot = connect().observe()
    channels = snapshot.types[CHANNEL]
    assert isinstance(channels, Unreadable)
    assert channels.reason == "INVALID_TYPE: Unknown type: MessagingChannel"
    assert (set(snapshot.present(KEY)), set(snapshot.present(KEYSET))) == ({"k1"}, {"s1"})


@pytest.mark.parametrize(
    ("answer", "permission"),
    [
        (NO_ACCESS, "API Enabled and Modify Metadata Through Metadata API Functions"),
        (fault("API_CURRENTLY_DISABLED", "API is currently disabled for this user"), "API Enabled"),
    ],
)
def test_a_user_without_the_metadata_api_gets_the_reason(
    connect: Connect, scripted: ScriptedOrg, answer: Answer, permission: str
) -> None:
    scripted.always("describeMetadata", answer)
    scripted.always("listMetadata", answer)
    snapshot = connect().observe()
    for kind in TYPES:
        found = snapshot.types[kind]
        assert isinstance(found, Unreadable)
        assert found.permission.startswith(permission)
    assert scripted.count("readMetadata") == 0


def test_empty_lists_prove_nothing_without_a_description(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("describeMetadata", NO_ACCESS)
    scripted.components = {kind.xml_name: {} for kind in TYPES}
    assert all(isinstance(found, Unreadable) for found in connect().observe().types.values())


def test_a_listed_but_hidden_component_is_unreadable(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("readMetadata", soap("readMetadata", '<result><records xsi:nil="true"/></result>'))
    key = connect().observe().find(KEY, "k1")
    assert isinstance(key, Unreadable)
    assert "lists it" in key.reason


@pytest.mark.parametrize("size", [1, 25])
def test_a_component_deleted_during_the_read_is_absent(connect: Connect, scripted: ScriptedOrg, size: int) -> None:
    keys = {f"k{number}": "<masterLabel>k</masterLabel>" for number in range(size)}
    scripted.components["PublicKeyCertificate"] = {"deleted": "", **keys}

    def deletes(_: Received) -> None:
        scripted.components["PublicKeyCertificate"].pop("deleted", None)

    for request in ("readMetadata", "retrieve"):
        scripted.judge(request, deletes)
    snapshot = connect().observe()
    assert set(snapshot.present(KEY)) == set(keys)
    assert snapshot.find(KEY, "deleted") is None


def test_a_component_is_unreadable_if_no_new_list_comes(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("readMetadata", soap("readMetadata", '<result><records xsi:nil="true"/></result>'))

    def refused_after_the_read(_: Received) -> Answer | None:
        return NO_ACCESS if scripted.count("readMetadata") else None

    scripted.judge("listMetadata", refused_after_the_read)
    assert isinstance(connect().observe().find(KEY, "k1"), Unreadable)


def test_one_bad_component_does_not_hide_its_neighbours(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.components["PublicKeyCertificate"]["k2"] = "<masterLabel>k2</masterLabel>"

    def broken_together(received: Received) -> Answer | None:
        return fault("UNKNOWN_EXCEPTION", "ErrorId: 1-2 (3)") if "<fullNames>k2<" in received.body else None

    scripted.judge("readMetadata", broken_together)
    snapshot = connect().observe()
    assert set(snapshot.present(KEY)) == {"k1"}
    bad = snapshot.find(KEY, "k2")
    assert isinstance(bad, Unreadable)
    assert bad.reason == "UNKNOWN_EXCEPTION: ErrorId: 1-2 (3)"


@pytest.mark.parametrize(
    "answer", [HTML_503, CUT, Answer("<not-soap/>"), Answer("{}", 200), fault("Server", "servlet state", "soapenv")]
)
def test_an_org_that_cannot_be_understood_is_out_of_reach(
    connect: Connect, scripted: ScriptedOrg, answer: Answer
) -> None:
    org = connect()
    scripted.always("listMetadata", answer)
    with pytest.raises(UnreachableError) as failed:
        org.observe()
    assert failed.value.exit_status == 4
    assert scripted.count("listMetadata") == 5


def test_an_answer_with_entities_is_not_expanded(connect: Connect, scripted: ScriptedOrg, tmp_path: object) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/passwd">]>'
    answer = soap("readMetadata", "<result><records><fullName>k1</fullName><a>&file;</a></records></result>")
    assert isinstance(answer.body, str)
    scripted.always("readMetadata", Answer(answer.body.replace("?>", "?>" + bomb)))
    key = connect().observe().find(KEY, "k1")
    assert isinstance(key, Component)
    assert b"root:" not in etree.tostring(key.xml)


def test_encoded_and_managed_names_are_kept(connect: Connect, scripted: ScriptedOrg) -> None:
    channels = {"acme__Chat": "<masterLabel>Managed</masterLabel>", "Caf%C3%A9": "<masterLabel>Café</masterLabel>"}
    scripted.components["MessagingChannel"] = channels

    def decoded(received: Received) -> Answer | None:
        if "<type>MessagingChannel" not in received.body:
            return None
        rows = (
            '<records xsi:type="MessagingChannel"><fullName>acme__Chat</fullName><masterLabel>M</masterLabel></records>'
        )
        return soap("readMetadata", f"<result>{rows}<records><fullName>Café</fullName><b/></records></result>")

    scripted.judge("readMetadata", decoded)
    assert set(connect().observe().present(CHANNEL)) == {"acme__Chat", "Caf%C3%A9"}


def test_what_was_not_wanted_is_not_called_absent(connect: Connect, scripted: ScriptedOrg) -> None:
    snapshot = connect().observe(Scope({KEY: []}))
    assert isinstance(snapshot.find(KEY, "k1"), Unreadable)
    assert snapshot.find(KEY, "nope") is None
    assert set(snapshot.present(KEYSET)) == {"s1"}


# Larger orgs: one retrieve.


@pytest.fixture
def large(scripted: ScriptedOrg) -> ScriptedOrg:
    inner = "<isActive>true</isActive>\n    <part>\n        <a>1</a>\n        <b> </b>\n    </part>"
    keys = {f"k{number}": inner for number in range(25)}
    scripted.components["PublicKeyCertificate"] = keys
    return scripted


def test_a_large_org_is_retrieved_by_name(connect: Connect, large: ScriptedOrg) -> None:
    snapshot = connect().observe()
    assert len(snapshot.present(KEY)) == 25
    assert set(snapshot.present(CHANNEL)) == {"Web_Chat"}
    assert large.count("readMetadata") == 0
    asked = next(received.body for received in large.received if received.name == "retrieve")
    assert "<members>*</members>" not in asked, "a * leaves out what managed packages hold"


def test_reading_and_retrieving_give_the_same_document(
    connect: Connect, scripted: ScriptedOrg, large: ScriptedOrg
) -> None:
    org = connect()
    retrieved = org.observe().present(KEY)["k3"]
    read = org.read({KEY: ["k3"]})[KEY, "k3"]
    assert isinstance(read, Component)
    assert etree.tostring(read.xml) == etree.tostring(retrieved.xml)
    assert [node.text for node in read.xml.iter("{*}part", "{*}a", "{*}b")] == [None, "1", " "]


def test_a_component_missing_in_a_retrieve_is_unreadable(connect: Connect, large: ScriptedOrg) -> None:
    files = {"PublicKeyCertificate/k1.PublicKeyCertificate": "<PublicKeyCertificate/>", "package.xml": "<Package/>"}
    files["PublicKeyCertificate/k2.PublicKeyCertificate"] = "<broken"
    large.always("checkRetrieveStatus", retrieve_result(files, "Entity of type 'PublicKeyCertificate' named 'k3' …"))
    snapshot = connect().observe()
    assert set(snapshot.present(KEY)) == {"k1"}
    reasons = {name: getattr(snapshot.find(KEY, name), "reason", "") for name in ("k2", "k3", "k4")}
    assert "not XML" in reasons["k2"]
    assert reasons["k3"].startswith("Entity of type")
    assert "lists it" in reasons["k4"]


def test_a_zip_that_was_lost_on_its_way_means_a_new_retrieve(connect: Connect, large: ScriptedOrg) -> None:
    gone = (
        "<result><done>true</done><id>09S000000000001AAA</id><status>Succeeded</status><success>true</success></result>"
    )
    large.script("checkRetrieveStatus", CUT, soap("checkRetrieveStatus", gone))
    assert len(connect().observe().present(KEY)) == 25
    assert large.count("retrieve") == 2


def test_a_retrieve_is_waited_for(connect: Connect, large: ScriptedOrg) -> None:
    running = soap("checkRetrieveStatus", "<result><done>false</done><status>InProgress</status></result>")
    large.script(
        "checkRetrieveStatus", fault("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"), running, HTML_503
    )
    assert len(connect().observe().present(KEY)) == 25
    assert large.count("retrieve") == 1


def test_a_retrieve_that_failed_is_said_with_the_orgs_words(connect: Connect, large: ScriptedOrg) -> None:
    failed = (
        "<result><done>true</done><errorMessage>Too large</errorMessage>"
        "<errorStatusCode>LIMIT_EXCEEDED</errorStatusCode><status>Failed</status><success>false</success></result>"
    )
    large.always("checkRetrieveStatus", soap("checkRetrieveStatus", failed))
    with pytest.raises(OrgRefusedError, match="LIMIT_EXCEEDED: Too large"):
        connect().observe()


def test_a_zip_that_is_none_is_out_of_reach(connect: Connect, large: ScriptedOrg) -> None:
    nonsense = "<result><done>true</done><success>true</success><zipFile>aGVsbG8=</zipFile></result>"
    large.always("checkRetrieveStatus", soap("checkRetrieveStatus", nonsense))
    with pytest.raises(UnreachableError, match="not a zip file"):
        connect().observe()


def test_a_large_org_is_read_in_several_retrieves(connect: Connect, scripted: ScriptedOrg) -> None:
    keys = {f"k{number}": "<isActive>true</isActive>" for number in range(10_001)}
    scripted.components["PublicKeyCertificate"] = keys
    assert set(connect().observe().present(KEY)) == set(keys)
    asked = [received.body.count("<members>") for received in scripted.received if received.name == "retrieve"]
    assert len(asked) == 2
    assert asked[0] == 9_999, "the manifest is a file, too"


# Reading touched components again.


def test_reading_again_keeps_the_three_states_apart(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.components["PublicKeyCertificate"]["k2"] = "<masterLabel>k2</masterLabel>"

    def hidden(received: Received) -> Answer | None:
        if "<type>PublicKeyCertificate<" not in received.body:
            return None
        rows = '<records><fullName>k1</fullName><isActive>true</isActive></records><records xsi:nil="true"/>'
        return soap("readMetadata", f'<result>{rows}<records xsi:nil="true"/></result>')

    scripted.judge("readMetadata", hidden)
    found = connect().read({KEY: ["k1", "k2", "new"], CHANNEL: ["Web_Chat"]})
    assert isinstance(found[KEY, "k1"], Component)
    assert isinstance(found[KEY, "k2"], Unreadable)
    assert found[KEY, "new"] is None
    assert isinstance(found[CHANNEL, "Web_Chat"], Component)


def test_reading_again_what_the_user_may_not_see_is_no_absence(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("listMetadata", NO_ACCESS)
    scripted.always("readMetadata", NO_ACCESS)
    assert isinstance(connect().read({KEY: ["new"]})[KEY, "new"], Unreadable)


def test_many_are_read_again_by_a_retrieve(connect: Connect, scripted: ScriptedOrg) -> None:
    names = [f"k{number}" for number in range(70)]
    scripted.components["PublicKeyCertificate"] = dict.fromkeys(names, "<masterLabel>k</masterLabel>")
    found = connect().read({KEY: [*names, "new"]})
    assert found[KEY, "new"] is None
    assert all(isinstance(found[KEY, name], Component) for name in names)
    assert scripted.count("retrieve") == 1


def test_nothing_to_read_asks_for_no_component(connect: Connect, scripted: ScriptedOrg) -> None:
    assert connect().read({}) == {}
    assert scripted.count("readMetadata") == 0


def test_versions_are_told_apart_from_pins(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("versions", json_answer([{"version": "66.0"}, {"version": "67.0"}]))
    snapshot = connect(api_version="66.0").observe()
    assert (snapshot.api_version, snapshot.newest_api_version) == ("66.0", "67.0")
    assert "/services/Soap/m/66.0" in {received.path for received in scripted.received}
