"""An estate of any size, declared for our side and written as source for the other; every variant of it differs."""

from __future__ import annotations

import datetime
import json
import random
import re

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.conformance.material import SourceProject, certificate_pem, jwk, key_xml, keyset_xml, rsa_key
from tests.conformance.product import Configuration

ISSUER = "https://id.example.com"
CHANNEL = "Web_Chat"
KEYS_IN_A_KEYSET = 50


def certificates(count: int) -> list[x509.Certificate]:
    """Certificates for as many different 2048-bit public keys, all signed by one key.

    Nobody has the private keys: a random odd modulus is as good as a product of primes to who only reads it,
    and a thousand of them cost a second instead of minutes.
    """
    dice = random.Random(2048)
    authority = rsa_key(0)
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench")])
    now = datetime.datetime.now(datetime.UTC)
    made = []
    for number in range(count):
        modulus = dice.getrandbits(2048) | 1 | 1 << 2047
        made.append(
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"bench {number}")]))
            .issuer_name(issuer)
            .public_key(rsa.RSAPublicNumbers(65537, modulus).public_key())
            .serial_number(number + 1)
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=365))
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False)
            .sign(authority, hashes.SHA256())
        )
    return made


class Estate:
    """``size`` components: keys, keysets of at most fifty keys, and one channel.

    ``declare`` and ``write`` bring a variant's number into every component: labels, and the channel's expiration.
    """

    def __init__(self, size: int) -> None:
        keysets = max(1, (size - 1) // (KEYS_IN_A_KEYSET + 1))
        self.certificates = certificates(size - 1 - keysets)
        self.keys = [f"key_{number:04}" for number in range(len(self.certificates))]
        self.keysets = {f"keyset_{number:03}": self.keys[number::keysets] for number in range(keysets)}
        self.size = len(self.keys) + len(self.keysets) + 1

    def prepare(self, ours: Configuration) -> None:
        """Write the key material of our side."""
        for name, made in zip(self.keys, self.certificates, strict=True):
            (ours.keys / f"{name}.crt").write_bytes(certificate_pem(made))

    def declare(self, ours: Configuration, variant: int) -> None:
        """Declare the variant on our side."""
        keys = {
            name: {"label": f"{name} {variant}", "certificate": f"keys/{name}.crt", "kid": name} for name in self.keys
        }
        keysets = {
            name: {"label": f"{name} {variant}", "issuer": ISSUER, "keys": members}
            for name, members in self.keysets.items()
        }
        verification = {
            "enabled": True,
            "configurations": {"bench": {"keyset": next(iter(self.keysets)), "active": True}},
        }
        channel = {
            "user_verification": verification,
            "token_expiration_minutes": {"verified": 60 + variant % 100, "unverified": 360},
        }
        # YAML 1.2 reads JSON as it is.
        declaration = {"version": 1, "keys": keys, "keysets": keysets, "channels": {CHANNEL: channel}}
        ours.declare(json.dumps(declaration, indent=1))

    def write(self, theirs: SourceProject, variant: int, channel: str) -> None:
        """Write the variant as source, with ``channel`` as the text that the org gave out for the channel."""
        for name, made in zip(self.keys, self.certificates, strict=True):
            theirs.write("PublicKeyCertificate", name, key_xml(f"{name} {variant}", jwk(made, name)))
        for name, members in self.keysets.items():
            theirs.write("PublicKeyCertificateSet", name, keyset_xml(f"{name} {variant}", ISSUER, *members))
        expiration = f"<verifiedUserJwtExpirationTime>{60 + variant % 100}</verifiedUserJwtExpirationTime>"
        changed = re.sub(r"<verifiedUserJwtExpirationTime>\d+</verifiedUserJwtExpirationTime>", expiration, channel)
        theirs.write("MessagingChannel", CHANNEL, changed)

    def manifest(self, theirs: SourceProject) -> str:
        """A manifest that names every component; its file name."""
        return theirs.manifest(
            "package.xml",
            PublicKeyCertificate=" ".join(self.keys),
            PublicKeyCertificateSet=" ".join(self.keysets),
            MessagingChannel=CHANNEL,
        )
