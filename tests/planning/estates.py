"""Generated declarations and orgs: any of ours, with things beside them that are not ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import strategies as st
from lxml import etree

from provisioner.components import xml
from provisioner.components.key import edit_key
from provisioner.components.keyset import edit_keyset
from provisioner.components.snapshot import Component, OrgFacts, Snapshot
from provisioner.jose.material import Derivation
from provisioner.model.estate import (
    CertificateSource,
    Channel,
    Configuration,
    Endpoint,
    Estate,
    Issuer,
    Key,
    KeyFile,
    Keyset,
    Removed,
    UploadedKeys,
)
from provisioner.model.jwk import Jwk
from provisioner.model.types import MetadataType
from tests.components.shapes import channels_xml

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KEYS = ("key_a", "key_b", "key_c")
KEYSETS = ("set_a", "set_b")
CHANNELS = ("Web_Chat", "App_Chat")
SOURCE = CertificateSource(KeyFile("k.crt", "k.crt", b""), "kid", "RS256")


@cache
def jwk(index: int, kid: str, *, valid: bool = True) -> Jwk:
    """A real key with a real certificate; an invalid one ended yesterday."""
    key = _private_key(index)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, kid)])
    ends = NOW + timedelta(days=300 if valid else -1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(index + 1)
        .not_valid_before(NOW - timedelta(days=30))
        .not_valid_after(ends)
        .sign(key, SHA256())
    )
    numbers = key.public_key().public_numbers()
    return Jwk(kid, "RS256", numbers.n, numbers.e, (certificate.public_bytes(Encoding.DER),), "sig")


@cache
def _private_key(index: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


jwks = st.builds(jwk, st.integers(0, 1), st.sampled_from(["kid-1", "kid-2"]), valid=st.booleans())
labels = st.one_of(st.none(), st.sampled_from(["A label", "Another <&> label"]))
issuers = st.sampled_from(["https://id.example.com", "https://id.example.com/", "shop"])
endpoints = st.just(Endpoint("https://id.example.com/jwks"))
minutes = st.one_of(st.none(), st.integers(1, 4320))
enabled = st.one_of(st.none(), st.booleans())
key_sets, keyset_sets, channel_sets = (st.sets(st.sampled_from(names)) for names in (KEYS, KEYSETS, CHANNELS))


# Each is made once for its arguments: Hypothesis examines a new strategy for longer than it draws from a known one.


@cache
@st.composite
def keys(draw: st.DrawFn, name: str) -> Key:
    return Key(name, SOURCE, draw(st.booleans()), draw(labels), draw(labels))


@cache
def sources(members: tuple[str, ...]) -> st.SearchStrategy[UploadedKeys | Endpoint]:
    if not members:
        return endpoints
    uploaded = st.lists(st.sampled_from(members), min_size=1, unique=True).map(lambda found: UploadedKeys(tuple(found)))
    return st.one_of(uploaded, endpoints)


@cache
@st.composite
def keysets(draw: st.DrawFn, name: str, members: tuple[str, ...]) -> Keyset:
    source = draw(sources(members))
    return Keyset(name, Issuer(draw(issuers)), source, draw(labels), draw(labels))


@cache
def logins(sets: tuple[str, ...]) -> st.SearchStrategy[dict[str, tuple[str, bool]]]:
    return st.dictionaries(st.sampled_from(["web_login", "Fin"]), st.tuples(st.sampled_from(sets), st.booleans()))


@cache
@st.composite
def channels(draw: st.DrawFn, name: str, sets: tuple[str, ...]) -> Channel:
    configurations = None
    if sets != () and draw(st.booleans()):
        configurations = {each: Configuration(each, *rest) for each, rest in draw(logins(sets)).items()}
    return Channel(name, draw(enabled), configurations, draw(minutes), draw(minutes))


@cache
@st.composite
def estates(draw: st.DrawFn) -> tuple[Estate, dict[str, Derivation]]:
    """A declaration that the rules would let pass, and its keys' JWKs."""
    key_names = tuple(sorted(draw(key_sets)))
    set_names = tuple(sorted(draw(keyset_sets)))
    removed_keys = tuple(sorted(draw(key_sets) - set(key_names)))
    removed_sets = tuple(sorted(draw(keyset_sets) - set(set_names)))
    estate = Estate(
        keys={name: draw(keys(name)) for name in key_names},
        keysets={name: draw(keysets(name, key_names)) for name in set_names},
        channels={name: draw(channels(name, set_names)) for name in sorted(draw(channel_sets))},
        removed=Removed(removed_keys, removed_sets),
    )
    return estate, {name: Derivation(draw(jwks), None, ()) for name in key_names}


@cache
@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """An org with some keys, keysets and both channels."""
    key_names = tuple(sorted(draw(key_sets)))
    present_keys = {name: edit_key(None, draw(keys(name)), draw(jwks)) for name in key_names}
    set_names = sorted(draw(keyset_sets))
    present_sets = {name: edit_keyset(None, draw(keysets(name, key_names))) for name in set_names}
    present_channels = {name: draw(channels_xml()) for name in CHANNELS}
    return snapshot_of(present_keys, present_sets, present_channels)


def snapshot_of(
    key_xml: dict[str, etree._Element], set_xml: dict[str, etree._Element], channel_xml: dict[str, etree._Element]
) -> Snapshot:
    def components(kind: MetadataType, found: dict[str, etree._Element]) -> dict[str, Component]:
        return {name: Component(kind, name, element) for name, element in found.items()}

    return Snapshot(
        org=OrgFacts("00D000000000001AAA", "https://org.example.com", is_sandbox=True, is_production=False),
        api_version="67.0",
        newest_api_version="67.0",
        types={
            MetadataType.KEY: components(MetadataType.KEY, key_xml),
            MetadataType.KEYSET: components(MetadataType.KEYSET, set_xml),
            MetadataType.CHANNEL: components(MetadataType.CHANNEL, channel_xml),
        },
        active_channels=dict.fromkeys(channel_xml, True),
    )


#: What an org makes of a component that it is sent.
OrgHabit = Callable[[etree._Element], etree._Element]
#: authMode to the expiration that is in force, its default, and the other one.
_EXPIRATIONS = {
    "Auth": ("verifiedUserJwtExpirationTime", 60, "anonymousUserJwtExpirationTime"),
    "UnAuth": ("anonymousUserJwtExpirationTime", 360, "verifiedUserJwtExpirationTime"),
}


def as_sent(sent: etree._Element) -> etree._Element:
    """Keep everything."""
    return sent


def without_other_expiration(sent: etree._Element) -> etree._Element:
    """Drop the expiration of the mode that is off, and give the other one its default."""
    return _settled(sent, 0)


def with_default_of_other_expiration(sent: etree._Element) -> etree._Element:
    """Set the expiration of the mode that is off back to a value of the org's own."""
    return _settled(sent, 240)


def _settled(sent: etree._Element, other_minutes: int) -> etree._Element:
    part = xml.child(sent, "embeddedConfig")
    if part is None:
        return sent
    current, default, other = _EXPIRATIONS[xml.text_of(part, "authMode") or "UnAuth"]
    if xml.child(part, current) is None:
        xml.set_text(part, current, default)
    xml.remove(part, other)
    if other_minutes:
        xml.set_text(part, other, other_minutes)
    return sent


org_habits = st.sampled_from([as_sent, without_other_expiration, with_default_of_other_expiration])
