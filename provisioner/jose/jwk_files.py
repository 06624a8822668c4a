"""Reads a JWK file into the JWK that would be sent (RFC 7517).

Salesforce Help, "Troubleshooting User Verification": one JWK a file, with kty, kid, alg and x5c; no private members.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from provisioner.jose.certificates import Certificate
from provisioner.jose.defects import Findings, excerpt
from provisioner.jose.json_text import NotJsonError, read_json
from provisioner.jose.jwk_members import MemberPlaces, placeholders, private_members, read_rsa
from provisioner.model.jwk import Jwk

#: A person does not correct a file with more of them by hand.
MOST_DUPLICATES = 10
_ONE_JWK = "Name a file that holds one JWK: a JSON object with kty, kid, alg and x5c."
_REVOKE = "If the file was ever committed or shared, make a new pair and revoke this one"


def read_jwk_file(
    content: bytes, shown_path: str, now: datetime, found: Findings
) -> tuple[Jwk | None, Certificate | None]:
    """Return the JWK of a file and its first certificate, each None if it cannot be read."""
    try:
        text = read_json(content)
    except NotJsonError as error:
        is_certificate = content.startswith((b"-----BEGIN CERTIFICATE", b"\x30"))
        fix = "Name a certificate under `certificate`, with its `kid`." if is_certificate else _ONE_JWK
        if error.place is not None and content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            fix = "Correct the JSON at that place."
        found.error("jwk-not-json", f"{_at(shown_path, error.place)} {error.problem}.", fix)
        return None, None
    if text.byte_order_mark:
        found.warning(
            "jwk-byte-order-mark",
            f"{shown_path} begins with a byte order mark, which JSON does not have; it is dropped.",
            "Save the file as UTF-8 without a byte order mark.",
        )
    for name, place in islice(text.duplicates.items(), MOST_DUPLICATES):
        message = f"{_at(shown_path, place)} has {excerpt(name)} more than once."
        found.error("jwk-duplicate-member", message, "Keep one of the two.")
    return _read_value(text.value, MemberPlaces(shown_path, text.members), now, found)


def names_private_members(content: bytes) -> bool:
    """Return whether the file is a JWK or a set in which :func:`read_jwk_file` names the private members."""
    try:
        value = read_json(content).value
    except NotJsonError:
        return False
    keys = value.get("keys") if isinstance(value, dict) else value
    each = keys if isinstance(keys, list) else [value]
    return any(isinstance(key, dict) and private_members(key) for key in each)


def _at(path: str, place: tuple[int, int] | None) -> str:
    return f"{path}:{place[0]}:{place[1]}" if place is not None else path


def _read_value(
    value: Any, places: MemberPlaces, now: datetime, found: Findings
) -> tuple[Jwk | None, Certificate | None]:
    keys = value.get("keys") if isinstance(value, dict) else value
    if isinstance(keys, list):
        found.error(
            "jwk-is-a-set",
            f"{places.path} holds a set of keys ({len(keys)}), but a key takes one JWK.",
            "Put each JWK into its own file and declare each under `keys`.",
        )
        inside = (name for key in keys if isinstance(key, dict) for name in private_members(key))
        _refuse_private(dict.fromkeys(inside), places, found)
        return None, None
    if not isinstance(value, dict):
        found.error("jwk-not-json", f"{places.path} does not hold a JSON object.", _ONE_JWK)
        return None, None
    return read_members(value, places, now, found)


def read_members(
    members: Mapping[str, Any], places: MemberPlaces, now: datetime, found: Findings
) -> tuple[Jwk | None, Certificate | None]:
    """Return the same for the members of one JWK from any source."""
    _refuse_private(private_members(members), places, found)
    _warn_of_placeholders(placeholders(members), places, found)
    kty = members.get("kty", "RSA")
    if isinstance(kty, str) and kty != "RSA" and kty.strip().upper() == "RSA":
        found.error(
            "jwk-kty",
            f"{places.of('kty')} has the kty {excerpt(kty)}; it is compared letter by letter. The key itself is RSA.",
            'Write "kty": "RSA".',
        )
        _, certificate = read_rsa({**members, "kty": "RSA"}, places, now, found)
        return None, certificate
    if kty != "RSA":
        found.error(
            "jwk-kty",
            f"{places.of('kty')} has the kty {excerpt(kty)}; Salesforce takes RSA only.",
            "Make an RSA pair with `provisioner keys generate`.",
        )
        return None, None
    return read_rsa(members, places, now, found)


def _refuse_private(names: Iterable[str], places: MemberPlaces, found: Findings) -> None:
    for name in names:
        found.error(
            "jwk-private-member",
            f"{places.of(name)} holds `{name}`, a private member: anyone who has this file can sign tokens.",
            f"Remove the private members. {_REVOKE} (`provisioner keys rotate KEYSET --revoke KEY`).",
        )


def _warn_of_placeholders(names: tuple[str, ...], places: MemberPlaces, found: Findings) -> None:
    if names:
        listed = ", ".join(f"`{name}`" for name in names)
        found.warning(
            "jwk-placeholders",
            f"{places.of(names[0])} has placeholders of Salesforce's own tool ({listed}); they are not sent.",
            "Remove them from the file; `provisioner diagnose key FILE --repair OUT` writes the corrected file.",
        )
