"""What is the same and what is lost, whatever the order and the writing."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from provisioner.components import xml
from provisioner.components.meaning import digest, lost
from provisioner.components.metadata import NAMESPACE
from tests.components.shapes import channels_xml


def shuffled(element: etree._Element, seed: int) -> etree._Element:
    """The same content with every element's children in another order."""
    copy = xml.copy(element)
    chance = random.Random(seed)
    for each in list(copy.iter()):
        parts = list(each)
        chance.shuffle(parts)
        each[:] = parts
    return copy


@given(channels_xml(), st.integers())
def test_order_has_no_meaning(channel: etree._Element, seed: int) -> None:
    other = shuffled(channel, seed)
    assert digest(other) == digest(channel)
    assert lost(channel, other) == []


@given(channels_xml(), st.data())
def test_whatever_is_taken_away_is_lost(channel: etree._Element, data: st.DataObject) -> None:
    full = [
        each for each in channel.iter("{*}*") if each is not channel and (each.text or "").strip() and not len(each)
    ]
    victim = data.draw(st.sampled_from(full))  # messagingChannelType always has text
    index = list(channel.iter("{*}*")).index(victim)
    read = xml.copy(channel)
    gone = list(read.iter("{*}*"))[index]
    parent = gone.getparent()
    assert parent is not None
    parent.remove(gone)
    assert lost(channel, read), etree.tostring(channel)
    assert digest(read) != digest(channel)


@given(channels_xml())
def test_what_an_org_adds_is_no_loss(channel: etree._Element) -> None:
    read = xml.copy(channel)
    xml.set_text(read, "addedByTheOrg", "true")
    assert lost(channel, read) == []
    assert digest(read) != digest(channel)


def key(jwk: str) -> etree._Element:
    root = etree.Element(f"{{{NAMESPACE}}}PublicKeyCertificate")
    etree.SubElement(root, f"{{{NAMESPACE}}}jsonWebKey").text = jwk
    return root


def test_how_a_jwk_is_written_has_no_meaning() -> None:
    members = {"kty": "RSA", "kid": "k", "alg": "RS256", "n": "sXch", "e": "AQAB", "x5c": ["AAAA"]}
    compact = key(json.dumps(members, separators=(",", ":")))
    pretty = key("\n   " + json.dumps(dict(reversed(members.items())), indent=4) + "\n")
    other = key(json.dumps({**members, "kid": "K"}))
    assert digest(compact) == digest(pretty)
    assert lost(compact, pretty) == []
    assert lost(compact, other) == ["jsonWebKey"]


def test_a_jwk_that_an_org_completed_is_not_lost() -> None:
    """An org may add members, and leave out ``use``: that is still the key that was sent."""
    members = {"kty": "RSA", "kid": "k", "alg": "RS256", "n": "sXch", "e": "AQAB", "use": "sig"}
    sent = key(json.dumps(members))
    completed = key(json.dumps({**members, "x5t": "AAAA"}))
    assert lost(sent, completed) == []
    assert digest(sent) != digest(completed)
    del members["use"]
    assert lost(sent, key(json.dumps(members))) == []


@pytest.mark.parametrize("name", ["description", "jsonWeb", "jsonWebKeySet", "masterLabel"])
def test_only_a_jwk_is_read_as_json(name: str) -> None:
    one, other = (document(f"<{name}>{text}</{name}>") for text in ('{"a":1}', '{ "a": 1 }'))
    assert digest(one) != digest(other)
    assert lost(one, other) == [name]


def test_text_that_is_no_json_is_compared_as_text() -> None:
    assert lost(key("{"), key("{")) == []
    assert lost(key("{"), key("[")) == ["jsonWebKey"]
    assert digest(key("[" * 100_000)) != digest(key("{"))


def document(content: str) -> etree._Element:
    return etree.fromstring(f'<MessagingChannel xmlns="{NAMESPACE}">{content}</MessagingChannel>'.encode())


@pytest.mark.parametrize(
    ("sent", "read", "paths"),
    [
        # The deepest element that is not there is named, where it can be told which one it is.
        ("<a><b>1</b><c>2</c></a>", "<a><b>1</b></a>", ["a/c"]),
        ("<a><b><c>1</c></b></a>", "<a><b><c>2</c></b></a>", ["a/b/c"]),
        ("<a><b>1</b></a>", "", ["a"]),
        # Of several of one name nobody can tell which one it was.
        ("<a><b>1</b></a><a><b>2</b></a>", "<a><b>1</b></a><a><b>3</b></a>", ["a"]),
        ("<a>1</a><a>2</a>", "<a>2</a>", ["a"]),
        ("<a>1</a><a>1</a>", "<a>1</a>", ["a"]),
        # What an org adds inside is no loss, and takes no other's place.
        ("<a><b>1</b></a><a><b>2</b></a>", "<a><b>2</b><x>9</x></a><a><b>1</b></a>", []),
        ("<a><b>1</b></a><a><b>1</b><c>2</c></a>", "<a><b>1</b><c>2</c></a><a><b>1</b></a>", []),
        ("<a> 1 </a><e/>", "<a>1</a>", []),
    ],
)
def test_what_is_lost_is_named_by_its_path(sent: str, read: str, paths: list[str]) -> None:
    assert lost(document(sent), document(read)) == paths
