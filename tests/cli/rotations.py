"""A person with one signing key in use, ready to rotate it; and their signer."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives import serialization

from provisioner import localorg
from tests.cli.chatting import private_key, token
from tests.cli.conftest import Person, Ran
from tests.localorg import material

DECLARATION = """\
# What our shop signs with.
version: 1
keys:
  # made when the shop opened
  old:
    jwk: keys/old.jwk.json   # in use
keysets:
  shop:
    issuer: https://id.example.com
    keys: [old]
channels:
  Web_Chat:
    user_verification:
      enabled: true
      configurations:
        storefront_login: {keyset: shop, active: true}
    token_expiration_minutes: {verified: 60, unverified: 360}
"""
LOCAL = ("--env", "local")


def jwk(name: str, kid: str, begins_in: int) -> dict[str, Any]:
    """The JWK of a key whose certificate begins that many days from now."""
    der = material.certificate(name, 365, begins_in).public_bytes(serialization.Encoding.DER)
    return material.members(name, kid, x5c=[base64.b64encode(der).decode()])


@dataclass
class Shop:
    """``signs`` is the (private key, kid) that customers' tokens are signed with; ``options`` are given to each run."""

    person: Person
    state: Path
    signs: tuple[str, str] = ("old", "old")
    options: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.person.declaration.read_text()

    def token(self, name: str, kid: str | None = None, sub: str = "uv-probe-by-hand", **claims: object) -> Path:
        """A file with a token of the signer."""
        file = self.person.folder / f"{secrets.token_hex(4)}.jwt"
        file.write_text(token(name=name, kid=kid or name, sub=sub, **claims))
        return file

    def key(self, name: str) -> Path:
        return private_key(self.person, name)

    def declare_new(self, name: str = "new", begins_in: int = -1) -> None:
        """What ``keys generate NAME --keyset shop`` does."""
        (self.person.folder / f"config/keys/{name}.jwk.json").write_text(json.dumps(jwk(name, name, begins_in)))
        self.person.edit("keysets:\n", f"  {name}:\n    jwk: keys/{name}.jwk.json\nkeysets:\n")
        self.person.edit("    keys: [", f"    keys: [{name}, ")

    def verifies(self, name: str, kid: str | None = None) -> bool:
        """Whether the chat runtime verifies a customer by a token of that key: one exchange, which changes nothing."""
        connection = localorg.running(self.person.org)
        assert connection is not None
        body = {
            "orgId": connection.org_id, "developerName": "Shop_Web", "capabilitiesVersion": "260",
            "authorizationType": "JWT", "customerIdentityToken": self.token(name, kid).read_text(),
        }  # fmt: skip
        with requests.Session() as session:
            session.trust_env, session.verify = False, connection.ca_bundle
            url = f"{connection.chat_url}/iamessage/v1/authorization/authenticated/accessToken"
            answer = session.post(url, json=body, timeout=20)
        if answer.status_code != 200:
            return False
        access = jwt.decode(answer.json()["accessToken"], options={"verify_signature": False})
        return "/AUTH/" in access["sub"]

    def rotate(self, *words: str, keyset: str = "shop") -> Ran:
        """Run it; before and after, tokens of the signer must verify."""
        assert self.verifies(*self.signs), "an outage"
        ran = self.person.run("keys", "rotate", keyset, *LOCAL, "--yes", "--format", "json", *self.options, *words)
        assert self.verifies(*self.signs), "an outage"
        return ran

    def step(self, *words: str) -> tuple[str, str | None, str | None]:
        """The next step, the new and the old key."""
        shown = self.rotate(*words).json
        return shown["step"], shown["new"], shown["old"]

    def hours_pass(self, hours: float = 2) -> None:
        """What is remembered is that much older; tokens that were shown, too."""
        (file,) = (self.state / "provisioner/rotations").iterdir()
        record = json.loads(file.read_text())
        ago = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
        for proof in record["proofs"].values():
            proof["since"] = ago
        record["seen"] = dict.fromkeys(record["seen"], ago)
        file.write_text(json.dumps(record))

    def forget(self) -> None:
        """Go on from another machine."""
        for file in (self.state / "provisioner/rotations").glob("*"):
            file.unlink()


def open_shop(person: Person, state: Path) -> Shop:
    """The shop with its one key applied."""
    person.declaration.write_text(DECLARATION)
    (person.folder / "config/keys/old.jwk.json").write_text(json.dumps(jwk("old", "old", -90)))
    environment = person.folder / "config/environments/local.yaml"
    environment.write_text(f"embedded_org: {person.org}\nverify:\n  Web_Chat: {{deployment: Shop_Web}}\n")
    ran = person.apply()
    assert ran.status == 0, ran.out
    return Shop(person, state)


def codes(ran: Ran) -> set[str]:
    return {each["code"] for each in ran.json["refused"]}


def errors(ran: Ran) -> str:
    """The code of the error that ended the run."""
    return str(ran.json["error"]["code"])


def ago(hours: float) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
