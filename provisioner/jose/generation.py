"""Makes key pairs: the private key, and its self-signed certificate or the request for one.

Salesforce takes RSA keys of 2048 bits or more with RS256 and RS512 (Help, "Understanding Token-Based User
Verification"), and any certificate that is valid for ten days more. Pure but for the key itself: dates and the serial
number are parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from provisioner.jose.certificates import USUAL_EXPONENT, Certificate
from provisioner.model.jwk import Jwk

#: Clocks differ: a new certificate must not be "not yet valid" on another machine.
BEGINS_BEFORE = timedelta(hours=1)
#: RFC 5280 appendix A.1, ub-common-name-length.
LONGEST_COMMON_NAME = 64


@dataclass(frozen=True, slots=True)
class Pair:
    """A new pair: the private key, and its certificate or, with ``certificate`` None, the request for one."""

    key: rsa.RSAPrivateKey
    certificate: Certificate | None
    public_pem: bytes

    @property
    def numbers(self) -> tuple[int, int]:
        """Return the public key (n, e)."""
        numbers = self.key.public_key().public_numbers()
        return numbers.n, numbers.e


@dataclass(frozen=True, slots=True)
class Generated:
    """A generated key pair and the paths of its files, for messages. It holds nothing private.

    ``private_key_file`` is None if the key existed before; then ``held_key_file`` is its file. ``certificate_file`` is
    None if only a request was made, ``declaration_file`` if nothing was declared.
    ``numbers`` are the public key (n, e).
    """

    name: str
    numbers: tuple[int, int]
    for_login: bool = False
    private_key_file: str | None = None
    held_key_file: str | None = None
    has_passphrase: bool = False
    certificate: Certificate | None = None
    certificate_file: str | None = None
    request_file: str | None = None
    jwk: Jwk | None = None
    declaration_file: str | None = None
    keyset: str | None = None
    next: tuple[str, ...] = ()

    @property
    def bits(self) -> int:
        return self.numbers[0].bit_length()

    @property
    def thumbprint(self) -> str:
        return Jwk("", "", *self.numbers, ()).thumbprint


def new_key(bits: int) -> rsa.RSAPrivateKey:
    """Return a new RSA key, from the machine's randomness."""
    return rsa.generate_private_key(USUAL_EXPONENT, bits)


def self_signed(key: rsa.RSAPrivateKey, name: str, *, now: datetime, days: int, serial_number: int) -> Certificate:
    """Return a certificate for ``days`` from ``now``, limited to signatures."""
    now = now.replace(microsecond=0)
    subject = _subject(name)
    public = key.public_key()
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(public)
        .serial_number(serial_number)
        .not_valid_before(now - BEGINS_BEFORE)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
    numbers = public.public_numbers()
    return Certificate(made, made.public_bytes(serialization.Encoding.DER), numbers.n, numbers.e)


def signing_request(key: rsa.RSAPrivateKey, name: str) -> bytes:
    """Return a certificate request (PKCS #10, RFC 2986) in PEM, for an authority to sign."""
    made = x509.CertificateSigningRequestBuilder().subject_name(_subject(name)).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)


def pair(key: rsa.RSAPrivateKey, name: str, *, now: datetime, days: int, serial_number: int) -> Pair:
    """Return the key with a self-signed certificate."""
    made = self_signed(key, name, now=now, days=days, serial_number=serial_number)
    return Pair(key, made, certificate_pem(made))


def private_pem(key: rsa.RSAPrivateKey, passphrase: bytes | None) -> bytes:
    """Return the key in PEM as PKCS #8, encrypted if there is a passphrase."""
    protection = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)


def certificate_pem(certificate: Certificate) -> bytes:
    return certificate.x509.public_bytes(serialization.Encoding.PEM)


def jwk_of(certificate: Certificate, kid: str, algorithm: str) -> Jwk:
    """Return the JWK of a certificate."""
    return Jwk(kid, algorithm, certificate.n, certificate.e, (certificate.der,), "sig")


def request_numbers(content: bytes) -> tuple[int, int] | None:
    """Return the public key (n, e) of a request; None if it cannot be read."""
    try:
        key = x509.load_pem_x509_csr(content).public_key()
    except ValueError:
        return None
    if not isinstance(key, rsa.RSAPublicKey):
        return None
    numbers = key.public_numbers()
    return numbers.n, numbers.e


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name[:LONGEST_COMMON_NAME])])
