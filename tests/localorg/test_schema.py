"""The schema of channels, keys and keysets: the newest published one, with its sources, held to the WSDL at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import provisioner
from bench import org_schema
from provisioner.localorg.schema import Element, _wsdl, schema
from provisioner.localorg.xmltree import parse

DATA = Path(provisioner.__file__).parent / "localorg/schema.json"
WSDL_VERSION = 63

#: Values that Salesforce's documentation, its own examples or files of real orgs hold.
TAKEN = {
    "MessagingChannelType": "EmbeddedMessaging InternalCopilot Voice Custom Facebook Line WhatsApp Text Rcs Email "
    "AppleMessagesForBusiness VoiceIntegrationPilot PstnVoice WhatsAppVoice SipVoice",
    "MessagingSessionHandlerType": "Queue Flow User AgentforceServiceAgent",
    "MessagingChannelUsageDeploymentType": "DigitalEngagementConversation UnifiedConversation MessagingEngagement "
    "MarketingJourneyBuilder",
    "MessagingChannelConsentType": "ImplicitOptIn ExplicitOptIn DoubleOptIn",
    "MessagingKeywordType": "OptIn DoubleOptIn OptOut Help Custom",
    "MessagingAutoResponseType": "InitialResponse AgentEngagedResponse AgentEndEngagementResponse OptInPrompt "
    "OptInConfirmation OptOutConfirmation HelpResponse CustomResponse DoubleOptInPrompt EndUserIdleResponse "
    "EndUserInactiveResponse RerouteResponse RoutingUnavailableResponse",
    "EndUserIdleAction": "Inactivate End InactivateAndEnd",
}


#: Required in the WSDL, and no longer in newer versions.
OPTIONAL_LATER = {("EmbeddedServiceForm", "displayContext")}


def wsdl() -> org_schema.Published:
    return org_schema.read(_wsdl())


@pytest.mark.parametrize("name", TAKEN)
def test_every_known_value_is_taken(name: str) -> None:
    assert schema().enums[name] == frozenset(TAKEN[name].split())


@pytest.mark.parametrize("name", ["EmbeddedServiceAuthModeType", "EmbeddedMsgQueueLimitType"])
def test_an_open_enumeration_takes_any_text(name: str) -> None:
    assert schema().enums[name] == frozenset()


def test_it_agrees_with_the_wsdl_where_they_overlap() -> None:
    published = wsdl()
    data = json.loads(DATA.read_text())
    compared = 0
    for owner, elements in published.types.items():
        for name, element in elements.items() if owner in data["types"] else ():
            known = schema().types[owner][name]
            required, repeated = bool(element.get("required")), bool(element.get("repeated"))
            required = required and (owner, name) not in OPTIONAL_LATER
            as_published = Element(name, element["type"], required, repeated, known.since, known.until)
            assert known == as_published, f"{owner}.{name}"
            assert known.known_at(WSDL_VERSION)
            compared += 1
    assert compared > 250
    for name, values in published.enums.items():
        if data["enums"].get(name):
            assert set(values) <= set(data["enums"][name]), name


def test_what_the_wsdl_lacks_came_later() -> None:
    published = wsdl()
    for owner, elements in schema().types.items():
        for name, element in elements.items():
            if name not in published.types.get(owner, {}):
                assert element.since > WSDL_VERSION, f"{owner}.{name}"


def test_each_version_has_its_source() -> None:
    data = json.loads(DATA.read_text())
    sources = data["sources"]
    assert sources["63"].startswith("simple-salesforce ")
    since = {row.get("since", 63) for rows in data["types"].values() for row in rows.values()}
    assert since == {int(version) for version in sources}
    ended = {row["until"] for rows in data["types"].values() for row in rows.values() if "until" in row}
    assert ended <= {int(version) - 1 for version in sources}


@pytest.mark.parametrize(
    ("version", "known", "unknown"),
    [
        (66, {"presenceTimeout", "maxFileSize"}, {"chatAbandonmentTimeout", "offlineFormFlow"}),
        (67, {"chatAbandonmentTimeout"}, {"presenceTimeout", "isFileTransferRepInitiated"}),
        (68, {"offlineFormFlow", "isFileTransferRepInitiated"}, {"presenceTimeout"}),
    ],
)
def test_elements_come_and_go_with_their_version(version: int, known: set[str], unknown: set[str]) -> None:
    elements = set(schema().elements("EmbeddedMessagingChannel", version))
    assert known <= elements
    assert not unknown & elements


class TestRenewing:
    TYPINGS = """\
export type MessagingChannel = Metadata & {
    masterLabel: string;
    keyword: Word[];
    size?: number;
    kind?: Kind;
    mode: Mode;
};
export type Word = {
    text: string;
};
export type Unrelated = {
    text: string;
};
export type Kind = 'A' | 'B';
export type Mode = string;
"""

    def typings(self, tmp_path: Path, text: str) -> org_schema.Published:
        file = tmp_path / "metadata.d.ts"
        file.write_text(text)
        return org_schema.read(file)

    def test_typings_are_read_like_a_wsdl(self, tmp_path: Path) -> None:
        data = org_schema.merged({}, 68, "typings", self.typings(tmp_path, self.TYPINGS))
        assert data["types"] == {
            "MessagingChannel": {
                "keyword": {"type": "Word", "repeated": True},
                "kind": {"type": "Kind"},
                "masterLabel": {"type": "string", "required": True},
                "mode": {"type": "Mode", "required": True},
                "size": {"type": "int"},
            },
            "Word": {"text": {"type": "string", "required": True}},
        }
        assert data["enums"] == {"Kind": ["A", "B"], "Mode": []}

    def test_a_newer_version_adds_and_ends_elements(self, tmp_path: Path) -> None:
        old = org_schema.merged({}, 68, "old", self.typings(tmp_path, self.TYPINGS))
        text = self.TYPINGS.replace("    size?: number;\n", "    extent?: number;\n").replace("'B'", "'C'")
        new = org_schema.merged(old, 69, "new", self.typings(tmp_path, text))
        channel = new["types"]["MessagingChannel"]
        assert channel["size"] == {"type": "int", "until": 68}
        assert channel["extent"] == {"type": "int", "since": 69}
        assert new["enums"]["Kind"] == ["A", "B", "C"]
        assert new["sources"] == {"68": "old", "69": "new"}
        assert org_schema.merged(new, 69, "new", self.typings(tmp_path, text)) == new

    def test_an_older_version_is_refused(self, tmp_path: Path) -> None:
        old = org_schema.merged({}, 68, "old", self.typings(tmp_path, self.TYPINGS))
        with pytest.raises(ValueError, match="newer version than 67"):
            org_schema.merged(old, 67, "older", self.typings(tmp_path, self.TYPINGS))

    def test_a_wsdl_segment_is_read(self, tmp_path: Path) -> None:
        segment = (
            '```xml\n<xsd:complexType name="CorsWhitelistOrigin"><xsd:sequence><xsd:element name="urlPattern" '
            'type="xsd:string"/></xsd:sequence></xsd:complexType>\n```'
        )
        file = tmp_path / "CorsWhitelistOrigin.json"
        file.write_text(json.dumps({"wsdl_segment": segment}))
        expected = {"CorsWhitelistOrigin": {"urlPattern": {"type": "string", "required": True}}}
        assert org_schema.read(file).types == expected


def test_the_seeds_have_the_newest_shape() -> None:
    """A channel of the local org holds nothing that its schema, at the newest version that it offers, refuses."""
    for seed in (Path(provisioner.__file__).parent / "localorg/seeds").iterdir():
        root = parse(seed.read_bytes())
        assert schema().check(root, "MessagingChannel", 67) == []
        embedded = root.find("embeddedConfig")
        if embedded is not None and embedded.value("authMode") == "UnAuth":
            assert embedded.find("verifiedUserJwtExpirationTime") is None
