"""Generated channels: anything an org may hold beside the user-verification part, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

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
minutes = st.integers(1, 4320)
some_minutes = st.one_of(st.none(), minutes)
some_enabled = st.one_of(st.none(), st.booleans())
inner_names = st.lists(st.sampled_from(["type", "language", "response", "empty"]), max_size=3)
authorization_types = st.sampled_from(["PublicKeyCertificateSet", "PublicKeyCertificateSet", "AuthProvider"])
authorization_orders = st.permutations(
    ["authIdentifier", "authorizationType", "enabled", "publicKeyCertificateSetName", "notYetKnown"]
)
truths = st.sampled_from(["true", "false", None])
some_keysets, some_texts = st.one_of(keysets, st.none()), st.one_of(texts, st.none())
modes = st.sampled_from(["Auth", "UnAuth"])
expirations = st.sets(st.sampled_from(["verifiedUserJwtExpirationTime", "anonymousUserJwtExpirationTime"]))
few_names, more_names = (st.lists(element_names, max_size=size) for size in (4, 6))
some_configurations = st.one_of(st.none(), st.dictionaries(names, st.tuples(keysets, st.booleans()), max_size=3))


# Each is made once for its arguments: Hypothesis examines a new strategy for longer than it draws from a known one.


@cache
def orders(count: int) -> st.SearchStrategy[Sequence[int]]:
    return st.permutations(range(count))


@cache
@st.composite
def leaves(draw: st.DrawFn, name: str) -> etree._Element:
    element = etree.Element(qualified(name))
    if draw(st.booleans()):
        element.text = draw(texts) or None
    else:
        for part in draw(inner_names):
            etree.SubElement(element, qualified(part)).text = draw(texts) or None
    return element


@cache
@st.composite
def authorizations(draw: st.DrawFn) -> etree._Element:
    element = etree.Element(qualified("messagingAuthorizations"))
    parts = {
        "authIdentifier": draw(names),
        "authorizationType": draw(authorization_types),
        "enabled": draw(truths),
        "publicKeyCertificateSetName": draw(some_keysets),
        "notYetKnown": draw(some_texts),
    }
    for name in draw(authorization_orders):
        if parts[name] is not None:
            etree.SubElement(element, qualified(name)).text = parts[name]
    return element


few_authorizations = st.lists(authorizations(), max_size=3)


@cache
@st.composite
def embedded_configs(draw: st.DrawFn) -> etree._Element:
    parts = [draw(leaves(name)) for name in draw(few_names)]
    mode = etree.Element(qualified("authMode"))
    mode.text = draw(modes)
    parts.append(mode)
    parts += draw(few_authorizations)
    for name in draw(expirations):
        expiration = etree.Element(qualified(name))
        expiration.text = str(draw(minutes))
        parts.append(expiration)
    element = etree.Element(qualified("embeddedConfig"))
    element.extend(parts[number] for number in draw(orders(len(parts))))
    return element


@cache
@st.composite
def channels_xml(draw: st.DrawFn) -> etree._Element:
    parts = [draw(leaves(name)) for name in draw(more_names)]
    kind = etree.Element(qualified("messagingChannelType"))
    kind.text = "EmbeddedMessaging"
    parts.append(kind)
    if draw(st.booleans()):
        parts.append(draw(embedded_configs()))
    root = etree.Element(qualified("MessagingChannel"), nsmap=NSMAP)
    root.extend(parts[number] for number in draw(orders(len(parts))))
    return root


@cache
@st.composite
def declared_channels(draw: st.DrawFn) -> Channel:
    chosen = draw(some_configurations)
    return Channel(
        name="Web_Chat",
        enabled=draw(some_enabled),
        configurations=None if chosen is None else {name: Configuration(name, *rest) for name, rest in chosen.items()},
        verified_minutes=draw(some_minutes),
        unverified_minutes=draw(some_minutes),
    )
