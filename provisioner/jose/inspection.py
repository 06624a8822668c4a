"""The keys of a file of key material, and the declared keys that they are. Other modules judge them.

Keys with the same public key (n and e) are the same: a renewed certificate, a request and a private key can belong
to one key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from provisioner.jose.certificates import Certificate, numbers_of, rsa_certificate
from provisioner.jose.diagnosis import MOST_KEYS, KeyDiagnosis, diagnose
from provisioner.jose.file_kinds import take
from provisioner.jose.jwk_members import chain_of, public_numbers, text_of
from provisioner.jose.keystores import read_keystore
from provisioner.jose.known_json import algorithm_of
from provisioner.jose.known_keys import of_der
from provisioner.jose.recognition import Form, Recognition
from provisioner.model.jwk import Jwk


@dataclass(frozen=True, slots=True)
class DeclaredMatch:
    """A declared key with the same public key. ``certificate`` and ``kid`` say whether these are the same, too.

    Either is None where the file has none.
    """

    name: str
    certificate: bool | None
    kid: bool | None


@dataclass(frozen=True, slots=True)
class InspectedKey:
    """One key of a file. ``place`` distinguishes several; ``numbers`` (n, e) is None without a readable RSA key.

    ``algorithm`` and ``size`` are known of other keys, too; ``owner`` is the name that the file gives to the key.
    """

    place: str | None
    kid: str | None
    alg: str | None
    numbers: tuple[int, int] | None
    certificate: Certificate | None
    declared: tuple[DeclaredMatch, ...] = ()
    algorithm: str | None = None
    size: int | None = None
    owner: str | None = None

    @property
    def bits(self) -> int | None:
        return self.numbers[0].bit_length() if self.numbers is not None else self.size

    @property
    def thumbprint(self) -> str | None:
        """Return the thumbprint (RFC 7638)."""
        return Jwk("", "", *self.numbers, ()).thumbprint if self.numbers is not None else None


@dataclass(frozen=True, slots=True)
class Inspection:
    """The inspection of a file. ``is_private``: anyone with the file can sign.

    ``findings`` is how much ``diagnose key`` has against what the file holds; that it is no JWK does not count.
    """

    taken: Recognition
    is_private: bool
    keys: tuple[InspectedKey, ...]
    findings: int


def inspect(
    content: bytes | Recognition, shown_path: str, now: datetime, declared: Iterable[tuple[str, Jwk]]
) -> Inspection:
    """Return the keys of a file. ``declared`` are names and JWKs of declared keys. Never raises, whatever the bytes."""
    known = list(declared)
    taken = content if isinstance(content, Recognition) else take(content)
    diagnosis = diagnose(taken, shown_path, now)
    if diagnosis.keys is not None:
        found = list(_of_set(diagnosis.keys))
    elif taken.form is Form.JAVA_KEYSTORE:
        found = list(_of_keystore(taken))
    elif len(taken.certificates) > 1:
        found = list(_of_chain(taken))
    else:
        found = list(_of_one(diagnosis))
    return Inspection(
        taken=taken,
        is_private=taken.is_private,
        keys=tuple(_matched(each, known) for each in found),
        findings=len(diagnosis.defects) - (taken.json is None),
    )


def _of_one(diagnosis: KeyDiagnosis) -> Iterator[InspectedKey]:
    taken, own = diagnosis.taken, diagnosis.members or {}
    seen = (diagnosis.numbers, diagnosis.certificate, diagnosis.members, taken.algorithm)
    if any(each is not None for each in seen) and taken.form is not Form.PRIVATE_JSON:
        owner = ", ".join(taken.owners) if taken.owners and taken.json is None else None
        yield InspectedKey(
            None,
            text_of(own.get("kid")),
            text_of(own.get("alg")),
            diagnosis.numbers,
            diagnosis.certificate,
            algorithm=taken.algorithm,
            size=taken.bits,
            owner=owner,
        )


def _of_keystore(taken: Recognition) -> Iterator[InspectedKey]:
    store = read_keystore(taken.core)
    for entry in store.entries[:MOST_KEYS] if store is not None else ():
        place = f"alias {entry.alias}" if entry.protected is not None else f"alias {entry.alias} (certificate only)"
        yield _of_certificate(place, None, entry.certificates[0] if entry.certificates else None)


def _of_set(keys: tuple[Any, ...]) -> Iterator[InspectedKey]:
    for index, key in enumerate(keys[:MOST_KEYS]):
        members: Mapping[str, Any] = key if isinstance(key, dict) else {}
        chain = chain_of(members)
        certificate = rsa_certificate(chain[0]) if chain else None
        numbers = public_numbers(members) or numbers_of(certificate)
        kid, alg = text_of(members.get("kid")), text_of(members.get("alg"))
        yield InspectedKey(f"keys[{index}]", kid, alg, numbers, certificate, algorithm=algorithm_of(members))


def _of_chain(taken: Recognition) -> Iterator[InspectedKey]:
    kids = taken.owners if taken.form is Form.CERTIFICATE_MAP else ()
    for number, der in enumerate(taken.certificates, 1):
        kid = kids[number - 1] if number <= len(kids) else None
        yield _of_certificate(f"certificate {number}", kid, der)


def _of_certificate(place: str, kid: str | None, der: bytes | None) -> InspectedKey:
    """Return the key of one of several certificates; None is an entry without any."""
    certificate = rsa_certificate(der) if der is not None else None
    seen = of_der(der) if der is not None and certificate is None else None
    algorithm, size = (seen.algorithm, seen.bits) if seen is not None else (None, None)
    return InspectedKey(place, kid, None, numbers_of(certificate), certificate, algorithm=algorithm, size=size)


def _matched(key: InspectedKey, declared: Iterable[tuple[str, Jwk]]) -> InspectedKey:
    matches = []
    for name, jwk in declared:
        if key.numbers == (jwk.n, jwk.e):
            same = jwk.x5c[:1] == (key.certificate.der,) if key.certificate is not None else None
            matches.append(DeclaredMatch(name, same, jwk.kid == key.kid if key.kid is not None else None))
    unique = tuple(dict.fromkeys(matches))
    return replace(key, declared=unique)
