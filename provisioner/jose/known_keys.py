"""Recognises keys and certificates in binary and in PEM, with owner and algorithm. Nothing here raises."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7

from provisioner.jose.certificates import PSS_OID, RSASSA_PSS, is_certificate, quiet
from provisioner.jose.der import INTEGER, OCTETS, SEQUENCE, beginning, has_huge_number, read, tags
from provisioner.jose.keystores import is_bouncy_castle, read_keystore
from provisioner.jose.pem import CERTIFICATES, Block
from provisioner.jose.recognition import Form, Kind, Recognition, Wrapping
from provisioner.jose.ssh_keys import read_openssh
from provisioner.words import counted

RSA, RSA_PSS = "RSA", "RSA-PSS"
#: RSA with three or more primes (RFC 8017 §3.2). OpenSSL writes and reads such keys; most other programs do not.
MULTI_PRIME = "multi-prime RSA"
_RSA_ENCRYPTION = bytes.fromhex("06092a864886f70d010101")
#: What a PKCS #8 of RSA begins with: version 0, rsaEncryption, an octet string of more than 255 bytes.
_RSA_PKCS8 = bytes.fromhex("020100300d06092a864886f70d01010105000482")
#: What a PKCS #1 of two primes begins with: version 0, and a modulus of 2048 bits or more.
_RSA_PKCS1 = bytes.fromhex("0201000282")
#: RFC 7292 appendix D: the bags of a private key in clear, an encrypted one, and another secret (which has one inside).
_KEY_BAG, _LOCKED_BAG, _SECRET_BAG = (bytes.fromhex(f"060b2a864886f70d010c0a01{last}") for last in ("01", "02", "05"))
#: In bytes: the private number of an EC key, and less than any modulus.
_SHORTEST_NUMBER = 24
#: A length of BER that an end mark replaces: Windows and NSS write PKCS #12 so.
_INDEFINITE = 0x80
#: Copies of a structure in another file that are looked at.
_MOST_INSIDE = 20
#: The lengths of DER of 128 bytes to 64 kilobytes: text does not begin with 0 and one of these.
_LONG_LENGTHS = (b"\x81", b"\x82")
#: PKCS #7 signedData (RFC 2315 §14) and PKCS #12's version 3 (RFC 7292 §4), as DER has them near the beginning.
_PKCS7, _PKCS12 = bytes.fromhex("06092a864886f70d010702"), b"\x02\x01\x03"
#: CMS (RFC 5652): envelopedData, encryptedData and authEnvelopedData (RFC 5083).
_ENCRYPTED = tuple(
    bytes.fromhex(each) for each in ("06092a864886f70d010703", "06092a864886f70d010706", "060b2a864886f70d0109100117")
)
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm)
_NAMES = {"EllipticCurve": "EC"}

#: PKCS #5 (1.2.840.113549.1.5) and the PBE algorithms of PKCS #12 (1.2.840.113549.1.12.1), as object identifiers begin.
_PASSPHRASE_OIDS = (bytes.fromhex("06092a864886f70d0105"), bytes.fromhex("060a2a864886f70d010c01"))


#: The label of the PEM lines of each structure (RFC 7468 §10; OpenSSL for the older two).
_LABELS = {
    "PKCS #8": "PRIVATE KEY",
    "encrypted": "ENCRYPTED PRIVATE KEY",
    "PKCS #1": "RSA PRIVATE KEY",
    "SEC 1": "EC PRIVATE KEY",
}
#: Labels of private keys in a standard structure, the one of OpenSSL for DSA included. Other programs have their own.
_STANDARD_LABELS = frozenset({*_LABELS.values(), "DSA PRIVATE KEY"})


def algorithm_of(key: object) -> str | None:
    """Return ``RSA``, ``EC``, ``DSA``, ``Ed25519`` … for a private or public key."""
    name = type(key).__name__.lstrip("_").removesuffix("PrivateKey").removesuffix("PublicKey")
    return _NAMES.get(name, name) or None


def bits_of(key: object) -> int | None:
    """Return the size of a private or public key, if its algorithm has sizes."""
    if isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey | dsa.DSAPublicKey | dsa.DSAPrivateKey):
        return key.key_size
    if isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey):
        return key.key_size
    return None


def named(algorithm: str | None, what: str) -> str:
    """Return ``an RSA private key``, or ``a private key`` if the algorithm is not known."""
    if algorithm is None:
        return f"a {what}"
    return f"{'an' if algorithm[0] in 'AEFHILMNORSX' else 'a'} {algorithm} {what}"


def of_der(content: bytes) -> Recognition | None:
    """Recognise binary ``content``; None if it is not DER of a known kind."""
    if content[:1] != b"\x30":
        return None
    if is_certificate(content):
        return _certificate(content)
    if _PKCS7 in content[:32]:
        chain = _chain_of(content)
        what = f"a PKCS #7 bundle (DER) of {counted(len(chain), 'certificate')}"
        return Recognition(Kind.PKCS7, what, Form.PKCS7, certificates=chain, core=content)
    if any(each in content[:32] for each in _ENCRYPTED):
        return Recognition(Kind.ENCRYPTED, "data encrypted with CMS (PKCS #7, DER)", Form.CMS_MESSAGE, core=content)
    if _PKCS12 in content[1:9]:
        return _pkcs12(content)
    return _request(content) or _public(content) or _revocations(content) or of_private_der(content)


def _pkcs12(content: bytes) -> Recognition:
    """Recognise a PKCS #12 keystore by its bags, as far as they are in clear. Certificates are mostly encrypted."""
    name = "a PKCS #12 keystore (.p12, .pfx)"
    taken = Recognition(Kind.PKCS12, name, Form.PKCS12, is_private=True, has_passphrase=True, core=content)
    if content[1] != _INDEFINITE and read(content) is None:
        return replace(taken, what=f"{name} that was cut short", form=Form.CUT_KEY)
    secrets = content.count(_SECRET_BAG)
    keys = content.count(_KEY_BAG) + max(content.count(_LOCKED_BAG) - secrets, 0)
    if keys == 1:
        what = f"{name}: a private key with its certificate"
    elif keys:
        what = f"{name} of {keys} private keys"
    else:
        what = f"{name} with a secret key" if secrets else f"{name}, encrypted as a whole"
    return replace(taken, what=what, private_keys=keys)


def of_damaged_der(content: bytes) -> Recognition | None:
    """Recognise binary that begins as DER; None for other content."""
    if content[:1] != b"\x30" or content[1:2] not in _LONG_LENGTHS:
        return None
    is_cut = read(content) is None
    if _begins_as_private(content):
        form = Form.CUT_KEY if is_cut else Form.DAMAGED_KEY
        state = "that was cut short" if is_cut else "that is damaged: its content is no key"
        return Recognition(Kind.PRIVATE_KEY, f"a private key (DER) {state}", form, is_private=True)
    what = "binary (DER) that was cut short" if is_cut else "binary (DER) that is damaged, or of an unknown kind"
    return Recognition(Kind.OTHER, what, core=content)


def _begins_as_private(content: bytes) -> bool:
    """Return whether binary begins as PKCS #8 (also encrypted), PKCS #1 or SEC 1 do; its end may be missing."""
    found = beginning(content)
    kinds = tuple(tag for tag, _ in found)
    if kinds[:2] == (SEQUENCE, OCTETS):
        return found[0][1].startswith(_PASSPHRASE_OIDS)
    if kinds[:1] != (INTEGER,) or found[0][1] not in (b"\0", b"\x01"):
        return False
    is_long = len(found) > 1 and len(found[1][1]) >= _SHORTEST_NUMBER
    return kinds[1:] == (SEQUENCE, OCTETS) or (kinds[1:2] in ((INTEGER,), (OCTETS,)) and is_long)


def within(content: bytes) -> Recognition | None:
    """Recognise the first RSA private key (PKCS #8 or PKCS #1) inside another binary file; None if it has none."""
    for begin in (_RSA_PKCS8, _RSA_PKCS1):
        at = content.find(begin)
        for _ in range(_MOST_INSIDE):
            if at < 0:
                break
            whole = read(content, at - 4) if at >= 4 and content[at - 4] == SEQUENCE else None
            found = of_private_der(content[at - 4 : at - 4 + whole.length]) if whole is not None else None
            if found is not None:
                return found
            at = content.find(begin, at + 1)
    return None


def of_private_der(der: bytes) -> Recognition | None:
    """Recognise a private key in DER; None if it is not one, or damaged."""
    if has_huge_number(der):
        return None
    if _is_encrypted(der):
        # Earlier versions of cryptography would derive a key from an empty passphrase, however long that takes.
        return _locked(der)
    several = _multi_prime(der)
    if several is not None:
        return several  # earlier versions of cryptography read it as a key of two primes
    try:
        with quiet():
            # Only its public half is looked at: what makes checking a key's primes slow is not ours to check.
            key = serialization.load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
    except TypeError:
        return _locked(der)
    except UnsupportedAlgorithm:
        what = "a private key of an unknown algorithm (DER)"
        return Recognition(Kind.PRIVATE_KEY, what, Form.PRIVATE_KEY, is_private=True, algorithm="unknown", core=der)
    except ValueError:
        return None
    algorithm = RSA_PSS if RSASSA_PSS in der[:60] else algorithm_of(key)
    return Recognition(
        Kind.PRIVATE_KEY,
        f"{named(algorithm, 'private key')} (DER, {_structure(der)})",
        Form.PRIVATE_KEY,
        public=numbers(key.public_key()),
        is_private=True,
        algorithm=algorithm,
        bits=bits_of(key),
        core=der,
        private_keys=1,
    )


def _multi_prime(der: bytes) -> Recognition | None:
    """Recognise an RSA private key with more than two primes (RFC 8017 appendix A.1.2: version 1, otherPrimeInfos)."""
    outer, inner = read(der), der
    parts = tuple(islice(outer.children(), 3)) if outer is not None and outer.tag == SEQUENCE else ()
    if tuple(each.tag for each in parts) == (INTEGER, SEQUENCE, OCTETS):
        if not parts[1].content.startswith(_RSA_ENCRYPTION):
            return None
        inner = parts[2].content
    if tags(inner, 10) != (*(INTEGER,) * 9, SEQUENCE):
        return None
    whole = read(inner)
    assert whole is not None  # it has tags
    numbers = list(islice(whole.children(), 10))
    if numbers[0].content != b"\x01":
        return None
    n, e = (int.from_bytes(each.content, "big") for each in numbers[1:3])
    return Recognition(
        Kind.PRIVATE_KEY,
        f"{named(MULTI_PRIME, 'private key')} (DER, {'PKCS #8' if inner is not der else 'PKCS #1'})",
        Form.PRIVATE_KEY,
        public=(n, e),
        is_private=True,
        algorithm=MULTI_PRIME,
        bits=n.bit_length(),
        core=der,
        private_keys=1,
    )


def _locked(der: bytes) -> Recognition:
    what = "a private key with a passphrase (DER, PKCS #8)"
    return Recognition(Kind.PRIVATE_KEY, what, Form.PRIVATE_KEY, is_private=True, has_passphrase=True, core=der)


def _is_encrypted(der: bytes) -> bool:
    """Return whether this is an EncryptedPrivateKeyInfo (RFC 5958 §3) with an algorithm of PKCS #5 or PKCS #12."""
    whole = read(der)
    if whole is None or whole.tag != SEQUENCE or whole.length != len(der) or tags(der) != (SEQUENCE, OCTETS):
        return False
    return next(whole.children()).content.startswith(_PASSPHRASE_OIDS)


#: Blocks whose label alone identifies them.
_OTHER_BLOCKS = {
    "PGP PUBLIC KEY BLOCK": Recognition(Kind.PUBLIC_KEY, "a public key of PGP", Form.UNFIT_KEY),
    "PGP MESSAGE": Recognition(Kind.ENCRYPTED, "text encrypted with GPG", Form.PGP_MESSAGE),
    "AGE ENCRYPTED FILE": Recognition(Kind.ENCRYPTED, "text encrypted with age", Form.AGE),
    "OpenVPN Static key V1": Recognition(Kind.PRIVATE_KEY, "a static key of OpenVPN", Form.UNFIT_KEY, is_private=True),
}


def of_pem(blocks: tuple[Block, ...]) -> Recognition:
    """Recognise the blocks of a PEM file together: its private key first, then certificates, then other blocks."""
    certificates = tuple(block.der for block in blocks if block.label in CERTIFICATES and block.der is not None)
    private = [block for block in blocks if block.is_private]
    if private:
        taken = _private_block(private[0])
        beside = f" and {_many(certificates)}" if certificates else ""
        count = len({block.der for block in private})
        if count > 1:
            what = f"{count} private keys (PEM){beside}"
            return replace(taken, what=what, certificates=certificates, public=None, private_keys=count)
        return replace(taken, what=f"{taken.what}{beside}", certificates=certificates)
    labels = [block.label for block in blocks]
    if any(label in CERTIFICATES for label in labels):
        first = _certificate(certificates[0]) if certificates else None
        algorithm, bits = (first.algorithm, first.bits) if first is not None else (None, None)
        what = f"{len(certificates)} certificates (PEM)" if len(certificates) > 1 else "a certificate (PEM)"
        if first is None or not is_certificate(certificates[0]):
            what += ", but damaged"
        return Recognition(Kind.CERTIFICATE, what, Form.CERTIFICATE, certificates, algorithm=algorithm, bits=bits)
    for ending, reads, kind, form, what in (
        ("PUBLIC KEY", _public, Kind.PUBLIC_KEY, Form.PUBLIC_KEY, "a bare public key (PEM)"),
        ("CERTIFICATE REQUEST", _request, Kind.CERTIFICATE_REQUEST, Form.REQUEST, "a certificate request (PEM)"),
        ("PKCS7", of_der, Kind.PKCS7, Form.PKCS7, "a PKCS #7 bundle (PEM)"),
        ("CMS", of_der, Kind.PKCS7, Form.PKCS7, "a PKCS #7 bundle (PEM)"),
        ("X509 CRL", _revocations, Kind.REVOCATION_LIST, Form.REVOCATION_LIST, "a revocation list (PEM)"),
    ):
        found = next((block for block in blocks if block.label.endswith(ending)), None)
        if found is not None:
            inner = reads(found.der) if found.der is not None else None
            return replace(inner, what=inner.what.replace("DER)", "PEM)")) if inner is not None else Recognition(
                kind, f"{what}, but damaged", form
            )  # fmt: skip
    other = next((_OTHER_BLOCKS[label] for label in labels if label in _OTHER_BLOCKS), None)
    if other is not None:
        return other
    if labels and labels[0].endswith("PARAMETERS"):
        what = f"parameters without a key (PEM, {labels[0][:40]})"
        return Recognition(Kind.OTHER, what, Form.PARAMETERS)
    label = f" ({labels[0][:40]})" if labels else ""
    return Recognition(Kind.OTHER, f"a PEM block of another kind{label}")


def of_keystore(content: bytes) -> Recognition | None:
    """Recognise a Java keystore, with the content that is readable without its passphrase; None for another file."""
    store = read_keystore(content)
    if store is None:
        if not is_bouncy_castle(content):
            return None
        what = "a keystore of Bouncy Castle (BKS or UBER)"
        return Recognition(Kind.KEYSTORE, what, Form.FOREIGN_KEY, is_private=True, has_passphrase=True, core=content)
    owners = store.private or store.entries
    chain = [certificate for entry in owners[:1] for certificate in entry.certificates]
    first = _certificate(chain[0]) if chain and is_certificate(chain[0]) else None
    inside = [counted(len(store.private), "private key")]
    if len(store.entries) > len(store.private):
        inside.append(counted(len(store.entries) - len(store.private), "certificate"))
    seen = " of " + " and ".join(inside) if store.entries else " without entries" if store.complete else ""
    if store.has_secret:
        seen = f"{seen if store.entries else ''} with a secret key, behind which no entry can be read"
    return Recognition(
        Kind.KEYSTORE,
        f"a Java keystore ({store.kind}){seen}" + ("" if store.complete else ", cut short or damaged"),
        Form.JAVA_KEYSTORE,
        tuple(chain) if first is not None and len(owners) == 1 else (),
        is_private=bool(store.private) or store.has_secret or not store.complete,
        algorithm=first.algorithm if first is not None else None,
        bits=first.bits if first is not None else None,
        owners=tuple(entry.alias for entry in owners),
        has_passphrase=True,
        core=content,
        private_keys=len(store.private),
    )


def numbers(key: object) -> tuple[int, int] | None:
    """Return (n, e) of an RSA public key; None for another key."""
    if not isinstance(key, rsa.RSAPublicKey):
        return None
    public = key.public_numbers()
    return public.n, public.e


def _private_block(block: Block) -> Recognition:
    """Recognise a private block. Its ``core`` is the block alone, as RFC 7468 writes it."""
    if block.label.startswith("PGP"):
        return _private("a private key of PGP", Form.PGP_KEY)
    if not block.ends:
        return _private("a private key (PEM) that was cut short: its END line is missing", Form.CUT_KEY)
    if block.der is None or not block.der:
        return _private(
            "a private key (PEM) that is damaged: the text between its lines is no base64", Form.DAMAGED_KEY
        )
    if block.label == "OPENSSH PRIVATE KEY":
        return _openssh(block)
    inner = of_private_der(block.der) if block.cipher is None else None
    if inner is None and block.cipher is None and block.label.isascii() and block.label not in _STANDARD_LABELS:
        return _private(f"a private key of another program (PEM, {block.label})", Form.FOREIGN_KEY)
    if inner is None and block.is_encrypted:
        structure = "PKCS #8" if block.cipher is None else "PKCS #1" if block.label.startswith("RSA") else "SEC 1"
        taken = _private(f"a private key with a passphrase (PEM, {structure})", Form.PRIVATE_KEY)
        algorithm = block.label.split(" ", 1)[0] if block.cipher is not None else None
        return replace(
            taken, has_passphrase=True, core=block.written(), private_keys=1,
            algorithm=algorithm if algorithm in ("RSA", "EC", "DSA") else None,
        )  # fmt: skip
    if inner is None:
        return _private("a private key (PEM) that is damaged: its content is no key", Form.DAMAGED_KEY)
    structure = "encrypted" if inner.has_passphrase else _structure(block.der)
    label = _LABELS.get(structure, block.label)
    return replace(
        inner,
        what=inner.what.replace("(DER", "(PEM"),
        wrappings=(Wrapping.LABEL,) if label != block.label else (),
        core=replace(block, label=label).written(),
        private_keys=1,
    )


def _openssh(block: Block) -> Recognition:
    assert block.der is not None
    seen = read_openssh(block.der)
    if seen is None:
        return _private("a private key (PEM, OpenSSH) that is damaged: its content is no key", Form.DAMAGED_KEY)
    lock = " with a passphrase" if seen.has_passphrase else ""
    return Recognition(
        Kind.PRIVATE_KEY,
        f"{named(seen.algorithm, 'private key')}{lock} (PEM, OpenSSH)",
        Form.OPENSSH_KEY,
        public=seen.numbers,
        is_private=True,
        algorithm=seen.algorithm,
        bits=seen.numbers[0].bit_length() if seen.numbers is not None else None,
        has_passphrase=seen.has_passphrase,
        core=block.written(),
        private_keys=1,
    )


def _private(what: str, form: Form) -> Recognition:
    return Recognition(Kind.PRIVATE_KEY, what, form, is_private=True)


def _structure(der: bytes) -> str:
    found = tags(der, 9)
    if found[:2] == (INTEGER, SEQUENCE):
        return "PKCS #8"
    if found[:2] == (INTEGER, OCTETS):
        return "SEC 1"
    return "PKCS #1" if len(found) == 9 else "the old form of OpenSSL"


def _certificate(der: bytes) -> Recognition:
    algorithm = bits = None
    try:
        with quiet():
            read = x509.load_der_x509_certificate(der)
        key = read.public_key()
        is_pss = read.public_key_algorithm_oid.dotted_string == PSS_OID
        algorithm, bits = RSA_PSS if is_pss else algorithm_of(key), bits_of(key)
    except _UNREADABLE:
        pass
    what = "a certificate (DER)"
    return Recognition(Kind.CERTIFICATE, what, Form.CERTIFICATE, (der,), algorithm=algorithm, bits=bits, core=der)


def _many(certificates: tuple[bytes, ...]) -> str:
    return "a certificate" if len(certificates) == 1 else f"{len(certificates)} certificates"


def _chain_of(content: bytes) -> tuple[bytes, ...]:
    try:
        with quiet():
            found = pkcs7.load_der_pkcs7_certificates(content)
        return tuple(each.public_bytes(serialization.Encoding.DER) for each in found)
    except _UNREADABLE:
        return ()


def _request(content: bytes) -> Recognition | None:
    try:
        key = x509.load_der_x509_csr(content).public_key()
    except _UNREADABLE:
        return None
    what = "a certificate request (DER)"
    return Recognition(
        Kind.CERTIFICATE_REQUEST, what, Form.REQUEST, public=numbers(key), algorithm=algorithm_of(key),
        bits=bits_of(key), core=content,
    )  # fmt: skip


def _public(content: bytes) -> Recognition | None:
    if has_huge_number(content):
        return None
    try:
        key = serialization.load_der_public_key(content)
    except _UNREADABLE:
        return None
    algorithm = RSA_PSS if RSASSA_PSS in content[:40] else algorithm_of(key)
    what = "a bare public key (DER)"
    return Recognition(
        Kind.PUBLIC_KEY, what, Form.PUBLIC_KEY, public=numbers(key), algorithm=algorithm, bits=bits_of(key),
        core=content,
    )  # fmt: skip


def _revocations(content: bytes) -> Recognition | None:
    try:
        x509.load_der_x509_crl(content)
    except _UNREADABLE:
        return None
    return Recognition(Kind.REVOCATION_LIST, "a revocation list (DER)", Form.REVOCATION_LIST, core=content)
