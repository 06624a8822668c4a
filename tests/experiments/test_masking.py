"""A record names nothing of its org, whatever the org says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.components.snapshot import Component, OrgFacts, Snapshot
from provisioner.components.xml import new_component, set_text
from provisioner.experiments.running import Mask
from provisioner.model.types import TYPES, MetadataType

CHANNEL, KEYSET = MetadataType.CHANNEL, MetadataType.KEYSET
NAMES = st.from_regex(r"[A-Z][a-z]{3,9}_[A-Z][a-z]{3,9}", fullmatch=True)


def snapshot(channel: str = "Acme_Chat", issuer: str = "https://id.acme.com", queue: str = "Acme Support") -> Snapshot:
    keyset = new_component(KEYSET)
    set_text(keyset, "jwtIssuer", issuer)
    set_text(keyset, "type", "JWKS")
    component = new_component(CHANNEL)
    set_text(component, "masterLabel", "The label")
    set_text(component, "messagingChannelType", "EmbeddedMessaging")
    set_text(component, "sessionHandlerQueue", queue)
    return Snapshot(
        org=OrgFacts("00D5g000000ABCDEAA", "https://acme--uat.sandbox.my.salesforce.com", True, False),
        api_version="67.0",
        newest_api_version="67.0",
        types={
            **{kind: {} for kind in TYPES},
            KEYSET: {"acme_keyset": Component(KEYSET, "acme_keyset", keyset, "Ada Lovelace")},
            CHANNEL: {channel: Component(CHANNEL, channel, component)},
        },
        active_channels={channel: False},
    )


@pytest.mark.parametrize(
    ("said", "masked"),
    [
        ("no Queue named Acme Support found", "no Queue named TEXT found"),
        ("used by Acme_Chat: PublicKeyCertificateSet acme_keyset", "used by CHANNEL: PublicKeyCertificateSet KEYSET"),
        ("iss https://id.acme.com/x and https://id.acme.com", "iss TEXT/x and TEXT"),
        ("see https://other.example.org/a?b=c.", "see URL"),
        ("locked by Ada Lovelace <ada@acme.com.uat>", "locked by USER <USER>"),
        ("00D5g000000ABCDEAA, 00D5g000000ABCD, 0Af5g00000ABCDEAA4", "ORG, ORG, ID"),
        ("on acme--uat.sandbox.my.salesforce.com", "on HOST"),
        ("is referenced elsewhere in salesforce.com.", "is referenced elsewhere in salesforce.com."),
        ("uvprobe_key: JWKS EmbeddedMessaging", "uvprobe_key: JWKS EmbeddedMessaging"),
        ("https://uvprobe-keyset.example.com is taken", "https://uvprobe-keyset.example.com is taken"),
    ],
)  # fmt: skip
def test_the_org_s_words_without_its_names(said: str, masked: str) -> None:
    assert Mask.of(snapshot())(said) == masked


@given(channel=NAMES, queue=NAMES, before=st.sampled_from(["", "In: ", "'", "("]), after=st.sampled_from("'),.:; "))
def test_no_name_of_a_component_survives(channel: str, queue: str, before: str, after: str) -> None:
    text = Mask.of(snapshot(channel, queue=queue))(f"{before}{channel}{after} and {before}{queue}{after}")
    assert channel not in text
    assert queue not in text


def test_short_and_plain_texts_are_no_names() -> None:
    assert Mask.of(snapshot(queue="60"))("60 true on") == "60 true on"
