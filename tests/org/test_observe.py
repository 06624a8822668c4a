"""Observing an org: what is read, in how many requests, and what becomes of what cannot be read."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from provisioner.components.metadata import MetadataType, qualified
from provisioner.components.snapshot import Component
from provisioner.org import Org
from tests.org.server import ORG_ID, ScriptedOrg

Connect = Callable[..., Org]


def test_a_small_org_is_observed_in_nine_requests(connect: Connect, scripted: ScriptedOrg) -> None:
    org = connect()

    snapshot = org.observe()

    assert org.requests_made == len(scripted.received) == 9
    assert snapshot.api_version == snapshot.newest_api_version == "67.0"
    assert (snapshot.org.id, snapshot.org.is_sandbox, snapshot.org.is_production) == (ORG_ID, True, False)
    assert snapshot.active_channels == {"Web_Chat": True}
    assert {kind: set(snapshot.present(kind)) for kind in MetadataType} == {
        MetadataType.KEY: {"k1"},
        MetadataType.KEYSET: {"s1"},
        MetadataType.CHANNEL: {"Web_Chat"},
    }
    key = snapshot.find(MetadataType.KEY, "k1")
    assert isinstance(key, Component)
    assert key.last_modified_by == "Ada"
    assert etree.QName(key.xml) == etree.QName(qualified("PublicKeyCertificate"))
    assert [(etree.QName(child).localname, child.text) for child in key.xml] == [
        ("isActive", "true"),
        ("masterLabel", "k1"),
    ]
    assert not key.xml.attrib
