"""Keys and keysets, read and edited."""

from __future__ import annotations

import json

import pytest
from lxml import etree

from provisioner.components import xml
from provisioner.components.key import edit_key, read_key
from provisioner.components.keyset import edit_keyset, read_keyset
from provisioner.components.metadata import NAMESPACE
from provisioner.model.estate import Endpoint, Issuer, Key, Keyset, UploadedKeys
from tests.planning.estates import SOURCE, jwk

UPLOADED = Keyset("shop", Issuer("https://id.example.com"), UploadedKeys(("key_a", "key_b")))
ENDPOINT = Keyset("shop", Issuer("https://id.example.com"), Endpoint("https://id.example.com/jwks"), "Shop", "Ours")


def component(kind: str, content: str) -> etree._Element:
    return etree.fromstring(f'<{kind} xmlns="{NAMESPACE}">{content}</{kind}>'.encode())


def members(*names: str) -> str:
    return "".join(
        f"<publicKeyCertificateSetKeys><publicKeyCertificate>{name}</publicKeyCertificate></publicKeyCertificateSetKeys>"
        for name in names
    )


@pytest.mark.parametrize("keyset", [UPLOADED, ENDPOINT])
def test_a_new_keyset_is_what_was_declared(keyset: Keyset) -> None:
    found = read_keyset(edit_keyset(None, keyset))
    assert found.issuer == "https://id.example.com"
    assert found.label == (keyset.label or "shop")
    assert found.description == keyset.description
    assert found.is_endpoint is isinstance(keyset.source, Endpoint)
    assert found.endpoint == (keyset.source.url if isinstance(keyset.source, Endpoint) else None)
    assert found.keys == (keyset.source.names if isinstance(keyset.source, UploadedKeys) else ())
    assert found.type == ("JWKS_URL" if found.is_endpoint else "JWKS")


@pytest.mark.parametrize(("before", "after"), [(UPLOADED, ENDPOINT), (ENDPOINT, UPLOADED)])
def test_a_new_source_of_a_keyset_replaces_the_old_one(before: Keyset, after: Keyset) -> None:
    edited = edit_keyset(edit_keyset(None, before), after)
    found = read_keyset(edited)
    assert (found.endpoint is None, found.keys == ()) == (not found.is_endpoint, found.is_endpoint)
    assert found.is_endpoint is isinstance(after.source, Endpoint)
    assert found.label == (after.label or before.label or "shop"), "a label that is not declared stays"


@pytest.mark.parametrize("kind", ["JWKS", "JWKS_URL", "JWKS_FUTURE", "A", None])
def test_only_one_type_is_an_endpoint(kind: str | None) -> None:
    text = f"<type>{kind}</type>" if kind else ""
    assert read_keyset(component("PublicKeyCertificateSet", text)).is_endpoint is (kind == "JWKS_URL")


def test_members_that_stay_stay_in_their_place() -> None:
    present = component("PublicKeyCertificateSet", members("key_b", "old", "key_b") + "<x>1</x>")
    found = read_keyset(edit_keyset(present, UPLOADED))
    assert found.keys == ("key_b", "key_a")
    again = component("PublicKeyCertificateSet", members("key_b", "key_a"))
    assert read_keyset(edit_keyset(again, UPLOADED)).keys == ("key_b", "key_a"), "the order has no meaning"


def test_a_jwk_that_means_the_same_is_not_written_again() -> None:
    key, text = Key("key_a", SOURCE, active=True), json.dumps(json.loads(jwk(0, "k").to_json()), indent=3)
    present = component("PublicKeyCertificate", f"<jsonWebKey>{text}</jsonWebKey><masterLabel>Mine</masterLabel>")
    edited = edit_key(present, key, jwk(0, "k"))
    assert xml.child(edited, "jsonWebKey").text == text  # type: ignore[union-attr]
    found = read_key(edited)
    assert (found.label, found.active) == ("Mine", True)
    other = read_key(edit_key(present, key, jwk(1, "k")))
    assert other.jwk == jwk(1, "k")


@pytest.mark.parametrize(
    ("present", "declared", "label"),
    [(None, None, "key a"), (None, "L", "L"), ("Mine", None, "Mine"), ("Mine", "L", "L")],
)
def test_a_label_is_declared_or_stays_or_is_the_name(present: str | None, declared: str | None, label: str) -> None:
    before = component("PublicKeyCertificate", f"<masterLabel>{present}</masterLabel>") if present else None
    key = Key("key_a", SOURCE, active=False, label=declared, description="D")
    found = read_key(edit_key(before, key, jwk(0, "k")))
    assert (found.label, found.description, found.active) == (label, "D", False)


def test_what_is_no_key_is_none() -> None:
    found = read_key(component("PublicKeyCertificate", "<jsonWebKey>{}</jsonWebKey>"))
    assert (found.jwk, found.label, found.active) == (None, None, False)


def test_json_as_it_is_sent_is_the_declared_jwk() -> None:
    declared = jwk(0, "a")
    sent = edit_key(None, Key("a", SOURCE), declared)
    assert read_key(sent, declared).jwk is declared
    assert read_key(sent).jwk == declared
    assert read_key(sent, jwk(1, "a")).jwk == declared, "the org's own JWK if it is another one"
    xml.set_text(sent, "jsonWebKey", json.dumps(declared.members(), indent=1))
    assert read_key(sent, declared).jwk == declared
