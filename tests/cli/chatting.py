"""A person whose key they hold themselves: the example's, with certificates of keys made for the run."""

from __future__ import annotations

import json
from pathlib import Path

import jwt

from tests.cli.conftest import Person
from tests.localorg import material

WEB = ("--channel", "Web_Chat", "--deployment", "Shop_Web")
API = ("--channel", "Web_Chat", "--deployment", "Shop_Api")
ISSUER = "https://id.example.com"


def with_own_key(person: Person, *, days: int = 365, kid: str = "mine-1", name: str = "storefront") -> Path:
    """The declared key ``storefront_2026_11`` becomes the person's own; the private key's file."""
    members = material.members(name, kid, days)
    (person.folder / "config/keys/own.jwk.json").write_text(json.dumps(members))
    text = person.declaration.read_text()
    begin, end = text.index("    label: Storefront November"), text.index("  legacy:")
    person.declaration.write_text(text[:begin] + "    jwk: keys/own.jwk.json\n" + text[end:])
    return private_key(person, name)


def private_key(person: Person, name: str) -> Path:
    """The file of a private key that is made for the run."""
    from cryptography.hazmat.primitives import serialization

    pem = material.private_key(name, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = person.folder / f"{name}.key"
    file.write_bytes(pem)
    return file


def provisioned(person: Person) -> Path:
    """The same, applied: the private key's file."""
    file = with_own_key(person)
    ran = person.apply()
    assert ran.status == 0, ran.out
    return file


def token(*, sub: str = "uv-probe-by-hand", kid: str = "mine-1", name: str = "storefront", **claims: object) -> str:
    import time

    body = {"iss": ISSUER, "sub": sub, "exp": int(time.time()) + 300, **claims}
    return jwt.encode(body, material.private_key(name, 2048), algorithm="RS256", headers={"kid": kid})
