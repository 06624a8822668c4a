"""Secrets that are recognised wherever they turn up, in every place that one can come from."""

from __future__ import annotations

import base64
import json
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from provisioner import localorg
from tests.faults.stage import Stage
from tests.localorg import material

PASSPHRASE = "correct-horse-battery-staple-7193"
INTERCOM = "intercom-identity-secret-5f1c0e9d77b3a2"
KEYS_PASSPHRASE = "another-passphrase-for-new-keys-4410"
#: A whole signed token: header, payload and signature.
_JWT = re.compile(rb"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{40,}")
_PRIVATE_PEM = re.compile(rb"-----BEGIN (?:RSA |ENCRYPTED )?PRIVATE KEY-----\s+[A-Za-z0-9+/]{20,}")

DECLARATION = """\
version: 1
keys:
  signer: {jwk: keys/signer.jwk.json}
  second: {jwk: keys/second.jwk.json}
keysets:
  shop: {issuer: https://id.example.com, keys: [signer, second]}
channels:
  Web_Chat:
    user_verification:
      enabled: true
      configurations: {shop_login: {keyset: shop, active: true}}
    token_expiration_minutes: {verified: 60, unverified: 360}
"""
LOGINS = """\
version: 1
logins:
  tool:
    app:
      type: external
      name: Provisioner_CI
      contact_email: platform@example.com
      certificate: keys/login.crt
      scopes: [api, refresh_token]
    policy: {permitted_users: admin_approved}
    access: {gate: Provisioner_CI_Access}
    assigned_to: ${env_field:username}
"""


@dataclass
class Planted:
    """A stage with a secret in every place. ``needles`` are what must not be found, each with its name."""

    stage: Stage
    needles: dict[bytes, str] = field(default_factory=dict)
    sources: set[Path] = field(default_factory=set)
    environment: dict[str, str] = field(default_factory=dict)

    def source(self, name: str, content: str | bytes) -> Path:
        """A file that may hold secrets, for it is the person's own."""
        path = self.stage.here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.sources.add(path)
        return path

    def secret(self, value: str | bytes, name: str) -> None:
        octets = value.encode() if isinstance(value, str) else value
        self.needles[octets] = name
        # Masking the text and showing its base64 would be no masking.
        self.needles[base64.b64encode(octets)[: len(octets) - 2]] = f"{name}, in base64"

    def private_key(self, key: rsa.RSAPrivateKey, name: str) -> None:
        """Every line of the key's PEM in either format that is not public, and its numbers as JWKs write them."""
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        for form in (serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL):
            pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
            for line in pem.splitlines()[1:-2]:
                if base64.b64decode(line) not in public:
                    self.needles[line] = f"the private key {name}"
        numbers = key.private_numbers()
        for member in ("d", "p", "q"):
            self.needles[material.number(getattr(numbers, member)).encode()] = f"{member} of the private key {name}"
            self.needles[str(getattr(numbers, member)).encode()] = f"{member} of the private key {name}, in decimals"
            self.needles[f"{getattr(numbers, member):x}".encode()] = f"{member} of the private key {name}, in hex"

    def found(self, text: bytes, *, tokens_too: bool = True) -> list[str]:
        """The names of the secrets in a text."""
        names = {name for needle, name in self.needles.items() if needle in text}
        names |= {"a session" for token in self.stage.tokens() if token.encode() in text}
        if tokens_too and _JWT.search(text):
            names.add("a signed token")
        if _PRIVATE_PEM.search(text):
            names.add("a private key")
        return sorted(names)

    def files(self) -> Iterator[tuple[Path, bytes]]:
        """Everything that lies on disk and is not the person's own; what zips hold, too."""
        for path in sorted(self.stage.folder.rglob("*")):
            if not path.is_file() or path in self.sources or self.stage.template in path.parents:
                continue
            content = path.read_bytes()
            yield path, content
            if content.startswith(b"PK"):
                with zipfile.ZipFile(BytesIO(content)) as archive:
                    for name in archive.namelist():
                        yield path / name, archive.read(name)


def pem(key: rsa.RSAPrivateKey, passphrase: str | None = None) -> bytes:
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        protection = serialization.BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)


def plant(folder: Path, org: Path) -> Planted:
    """A person's folder: a login of one's own with a passphrase, signing keys, chat tokens, a leaked JWK."""
    stage = Stage(folder, org)
    stage.begin()
    planted = Planted(stage)
    connection = localorg.start(org)
    login = serialization.load_pem_private_key(Path(connection.private_key_file).read_bytes(), None)
    assert isinstance(login, rsa.RSAPrivateKey)
    planted.source("secrets/login.key", pem(login, PASSPHRASE))
    planted.source("secrets/intercom", INTERCOM + "\n")
    planted.source("secrets/consumer-key", connection.consumer_key)
    planted.private_key(login, "login")
    for secret, name in ((PASSPHRASE, "the passphrase"), (INTERCOM, "the Intercom secret"),
                         (KEYS_PASSPHRASE, "the passphrase for new keys"),
                         (connection.consumer_key, "the consumer key")):  # fmt: skip
        planted.secret(secret, name)
    for days, name in enumerate(("signer", "second", "leaked")):
        key = material.private_key(f"secret-{name}", 2048)
        planted.private_key(key, name)
        der = material.certificate(f"secret-{name}", 365, -90 + 30 * days).public_bytes(serialization.Encoding.DER)
        members = material.members(f"secret-{name}", name, x5c=[base64.b64encode(der).decode()])
        if name == "leaked":
            numbers = key.private_numbers()
            members |= {each: material.number(getattr(numbers, each)) for each in ("d", "p", "q")}
            planted.source("leaked.jwk.json", json.dumps(members))
        else:
            stage.write(f"config/keys/{name}.jwk.json", json.dumps(members))
        planted.source(f"secrets/{name}.key", pem(key))
        planted.source(f"secrets/{name}.der", key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ))  # fmt: skip
    stage.write("config/user-verification.yaml", DECLARATION)
    stage.write("config/logins.yaml", LOGINS)
    stage.write("config/keys/login.crt", (org / "login.crt").read_text())
    bundle = os.path.relpath(org / connection.ca_bundle, stage.here / "config/environments")
    planted.source(
        "config/environments/real.yaml",
        f"login_url: {connection.url}\naudience: {connection.audience or connection.url}\n"
        f"username: {connection.username}\nconsumer_key: ${{env:PLANTED_CONSUMER_KEY}}\n"
        "private_key: ${file:../../secrets/login.key}\nprivate_key_passphrase: ${env:PLANTED_PASSPHRASE}\n"
        f"ca_bundle: {bundle}\nchat_url: {connection.chat_url}\n"
        "verify: {Web_Chat: {deployment: Shop_Web, key_file: '${file:../../secrets/signer.key}'}}\n",
    )
    planted.environment = {
        "PLANTED_CONSUMER_KEY": connection.consumer_key,
        "PLANTED_PASSPHRASE": PASSPHRASE,
        "PLANTED_NEW": KEYS_PASSPHRASE,
    }
    return planted
