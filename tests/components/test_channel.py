"""The edit of a channel's user-verification part: everything that is not ours survives, in its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from lxml import etree

from provisioner.components import xml
from provisioner.components.channel import edit_channel, read_channel
from provisioner.components.meaning import lost, meaning
from provisioner.components.metadata import qualified
from provisioner.model.estate import Channel, Configuration
from tests.components.shapes import OURS_BELOW, channels_xml, declared_channels

SHAPES = sorted((Path(__file__).parent / "channels").glob("*.xml"))
WANTED = Channel(
    "Web_Chat",
    enabled=True,
    configurations={"storefront_login": Configuration("storefront_login", "storefront", True)},
    verified_minutes=60,
    unverified_minutes=360,
)


def parse(path: Path) -> etree._Element:
    return etree.fromstring(path.read_bytes())


def not_ours(channel: etree._Element) -> list[bytes]:
    """Everything outside our part, byte for byte and in order; embeddedConfig's other children at its place."""
    parts = []
    for element in xml.elements(channel):
        if xml.name_of(element) == "embeddedConfig":
            parts += [etree.tostring(part, with_tail=False) for part in xml.elements(element) if not is_ours(part)]
        else:
            parts.append(etree.tostring(element, with_tail=False))
    return parts


def is_ours(part: etree._Element) -> bool:
    if xml.name_of(part) == "messagingAuthorizations":
        return xml.text_of(part, "authorizationType") == "PublicKeyCertificateSet"
    return xml.name_of(part) in OURS_BELOW


@given(channels_xml(), declared_channels())
def test_what_is_not_ours_survives_byte_for_byte_and_in_order(present: etree._Element, channel: Channel) -> None:
    before = etree.tostring(present)
    edited = edit_channel(present, channel)
    assert etree.tostring(present) == before, "the component that was read is never edited in place"
    assert not_ours(edited) == not_ours(present)


@given(channels_xml(), declared_channels())
def test_what_is_declared_is_there_afterwards(present: etree._Element, channel: Channel) -> None:
    before, after = read_channel(present), read_channel(edit_channel(present, channel))
    assert after.enabled is (before.enabled if channel.enabled is None else channel.enabled)
    assert after.verified_minutes == (channel.verified_minutes or before.verified_minutes)
    assert after.unverified_minutes == (channel.unverified_minutes or before.unverified_minutes)
    foreign = [each for each in before.configurations if not each.is_ours]
    assert [each for each in after.configurations if not each.is_ours] == foreign
    if channel.configurations is None:
        assert after.configurations == before.configurations
    else:
        found = [(each.name, each.keyset, each.active) for each in after.configurations if each.is_ours]
        wanted = [(each.name, each.keyset, each.active) for each in channel.configurations.values()]
        assert sorted(found) == sorted(wanted)


@given(channels_xml(), declared_channels())
def test_editing_twice_changes_nothing_more(present: etree._Element, channel: Channel) -> None:
    once = edit_channel(present, channel)
    assert etree.tostring(edit_channel(once, channel)) == etree.tostring(once)


@given(channels_xml(), declared_channels())
def test_the_file_that_is_sent_means_what_was_edited(present: etree._Element, channel: Channel) -> None:
    edited = edit_channel(present, channel)
    sent = etree.fromstring(xml.to_file(edited))
    assert meaning(sent) == meaning(edited)
    assert lost(edited, sent) == []


@pytest.mark.parametrize("path", SHAPES, ids=lambda path: path.stem)
def test_hand_written_shapes_survive(path: Path) -> None:
    present = parse(path)
    edited = edit_channel(present, WANTED)
    assert not_ours(edited) == not_ours(present)
    assert read_channel(edited).enabled


def test_text_survives_as_text_through_the_file() -> None:
    present = parse(Path(__file__).parent / "channels" / "rich_web_chat.xml")
    sent = etree.fromstring(xml.to_file(edit_channel(present, WANTED)))
    responses = [xml.text_of(each, "response") for each in xml.children(sent, "automatedResponses")]
    assert responses == ["We're here & listening: 9–5 <local> time", "Enviá tu consulta — 「ありがとう」 🙂"]
    part = xml.child(sent, "embeddedConfig")
    assert part is not None
    assert [each.text for each in xml.children(part, "allowedFileTypes")] == ["pdf", "png"]
    assert xml.child(part, "somethingFromTheFuture") is not None
    assert xml.child(sent, "description") is not None, "an empty element stays an element"


def test_an_edit_never_sets_an_auth_provider() -> None:
    for path in SHAPES:
        before, after = parse(path), edit_channel(parse(path), WANTED)
        names = [len(each.findall(".//{*}authProviderName")) for each in (before, after)]
        assert names[1] <= names[0]


def test_elements_of_ours_are_put_in_alphabetical_order() -> None:
    edited = edit_channel(parse(Path(__file__).parent / "channels" / "rich_web_chat.xml"), WANTED)
    part = xml.child(edited, "embeddedConfig")
    assert part is not None
    names = [xml.name_of(each) for each in xml.elements(part)]
    assert names == sorted(names)


def test_a_switch_alone_touches_nothing_else() -> None:
    present = parse(Path(__file__).parent / "channels" / "hand_ordered_verified.xml")
    edited = edit_channel(present, Channel("Web_Chat", enabled=False))
    expected = etree.tostring(present).replace(b"<authMode>Auth<", b"<authMode>UnAuth<")
    assert etree.tostring(edited) == expected


@pytest.mark.parametrize("active", ["true", "false", None])
@pytest.mark.parametrize("keyset", ["storefront", "another", None])
@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize("named", ["storefront", None])
def test_a_configuration_becomes_what_is_declared(
    active: str | None, keyset: str | None, wanted: bool, named: str | None
) -> None:
    present = parse(Path(__file__).parent / "channels" / "hand_ordered_verified.xml")
    part = xml.child(present, "embeddedConfig")
    assert part is not None
    xml.remove(part, "messagingAuthorizations")
    entry = etree.SubElement(part, qualified("messagingAuthorizations"))
    texts = {"authIdentifier": "login", "authorizationType": "PublicKeyCertificateSet", "enabled": active}
    for name, text in {**texts, "publicKeyCertificateSetName": keyset}.items():
        if text is not None:
            xml.set_text(entry, name, text)

    edited = edit_channel(present, Channel("Web_Chat", configurations={"login": Configuration("login", named, wanted)}))
    (found,) = read_channel(edited).configurations
    assert (found.name, found.active) == ("login", wanted)
    assert found.keyset == (named or keyset), "what is not declared stays"
    is_as_it_was = found.active is (active == "true") and found.keyset == keyset
    assert (etree.tostring(edited) == etree.tostring(present)) is is_as_it_was
