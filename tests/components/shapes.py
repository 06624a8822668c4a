"""Generated channels: anything an org may hold beside the user-verification part, in any order."""

from __future__ import annotations

from hypothesis import strategies as st
from lxml import etree

from provisioner.components.metadata import NSMAP, qualified
from provisioner.model.estate import Channel, Configuration

OURS_TOP = {"embeddedConfig"}
OURS_BELOW = {"authMode", "messagingAuthorizations", "verifiedUserJwtExpirationTime", "anonymousUserJwtExpirationTime"}

texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="￾￿"), max_size=12)
element_names = st.sampled_from(
    [
        "automatedResponses",
        "customParameters",
        "description",
        "isVoiceModeEnabled",
        "messagingKeywords",
        "zzzNew",
        "aNew",
    ]
)
names = st.sampled_from(["web_login", "app_login", "old_login", "Fin"])
keysets = st.sampled_from(["storefront", "mobile", "old_set"])


@st.composite
def leaves(draw: st.DrawFn, name: str) -> etree._Element:
    element = etree.Element(qualified(name))
    if draw(st.booleans()):
        element.text = draw(texts) or None
    else:
        for part in draw(st.lists(st.sampled_from(["type", "language", "response", "empty"]), max_size=3)):
            etree.SubElement(element, qualified(part)).text = draw(texts) or None
    return element


@st.composite
def authorizations(draw: st.DrawFn) -> etree._Element:
    element = etree.Element(qualified("messagingAuthorizations"))
    parts = {
        "authIdentifier": draw(names),
        "authorizationType": draw(
            st.sampled_from(["PublicKeyCertificateSet", "PublicKeyCertificateSet", "AuthProvider"])
        ),
        "enabled": draw(st.sampled_from(["true", "false", None])),
        "publicKeyCertificateSetName": draw(st.one_of(keysets, st.none())),
        "notYetKnown": draw(st.one_of(texts, st.none())),
    }
    for name in draw(st.permutations(list(parts))):
        if parts[name] is not None:
            etree.SubElement(element, qualified(name)).text = parts[name]
    return element


@st.composite
def embedded_configs(draw: st.DrawFn) -> etree._Element:
    parts = [draw(leaves(name)) for name in draw(st.lists(element_names, max_size=4))]
    mode = etree.Element(qualified("authMode"))
    mode.text = draw(st.sampled_from(["Auth", "UnAuth"]))
    parts.append(mode)
    parts += draw(st.lists(authorizations(), max_size=3))
    for name in draw(st.sets(st.sampled_from(["verifiedUserJwtExpirationTime", "anonymousUserJwtExpirationTime"]))):
        minutes = etree.Element(qualified(name))
        minutes.text = str(draw(st.integers(1, 4320)))
        parts.append(minutes)
    element = etree.Element(qualified("embeddedConfig"))
    element.extend(draw(st.permutations(parts)))
    return element


@st.composite
def channels_xml(draw: st.DrawFn) -> etree._Element:
    parts = [draw(leaves(name)) for name in draw(st.lists(element_names, max_size=6))]
    kind = etree.Element(qualified("messagingChannelType"))
    kind.text = "EmbeddedMessaging"
    parts.append(kind)
    if draw(st.booleans()):
        parts.append(draw(embedded_configs()))
    root = etree.Element(qualified("MessagingChannel"), nsmap=NSMAP)
    root.extend(draw(st.permutations(parts)))
    return root


@st.composite
def declared_channels(draw: st.DrawFn) -> Channel:
    configurations = st.dictionaries(names, st.tuples(keysets, st.booleans()), max_size=3)
    chosen = draw(st.one_of(st.none(), configurations))
    return Channel(
        name="Web_Chat",
        enabled=draw(st.one_of(st.none(), st.booleans())),
        configurations=None if chosen is None else {name: Configuration(name, *rest) for name, rest in chosen.items()},
        verified_minutes=draw(st.one_of(st.none(), st.integers(1, 4320))),
        unverified_minutes=draw(st.one_of(st.none(), st.integers(1, 4320))),
    )
