"""What a file of key material holds, key by key, and which declared keys these are. Judged it is elsewhere.

Keys are the same where their public keys are (n and e): a renewed certificate, a request and a private key all belong
to one key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from provisioner.jose.certificates import Certificate, read_der
from provisioner.jose.defects import Findings
from provisioner.jose.diagnosis import MOST_KEYS, diagnose, numbers_of, own_chain, own_numbers
from provisioner.jose.file_kinds import Taken
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
    """One key of a file. ``place`` tells several apart; ``numbers`` (n, e) is None where it is no RSA key to be had."""

    place: str | None
    kid: str | None
    alg: str | None
    numbers: tuple[int, int] | None
    certificate: Certificate | None
    declared: tuple[DeclaredMatch, ...] = ()

    @property
    def bits(self) -> int | None:
        return self.numbers[0].bit_length() if self.numbers is not None else None

    @property
    def thumbprint(self) -> str | None:
        """RFC 7638."""
        return Jwk("", "", *self.numbers, ()).thumbprint if self.numbers is not None else None


@dataclass(frozen=True, slots=True)
class Inspection:
    """``is_private``: whoever has the file can sign.

    ``findings`` is how much ``diagnose key`` has against what the file holds; that it is no JWK does not count.
    """

    taken: Taken
    is_private: bool
    keys: tuple[InspectedKey, ...]
    findings: int


def inspect(content: bytes, shown_path: str, now: datetime, declared: Iterable[tuple[str, Jwk]]) -> Inspection:
    """``declared`` are the names and JWKs of declared keys. Never raises, whatever the bytes."""
    known = list(declared)
    diagnosis = diagnose(content, shown_path, now)
    if diagnosis.keys is not None:
        found = list(_of_set(diagnosis.keys))
    elif len(diagnosis.taken.certificates) > 1:
        found = list(_of_chain(diagnosis.taken.certificates))
    elif diagnosis.numbers is not None or diagnosis.certificate is not None or diagnosis.members is not None:
        own = diagnosis.members or {}
        found = [
            InspectedKey(None, _text(own.get("kid")), _text(own.get("alg")), diagnosis.numbers, diagnosis.certificate)
        ]
    else:
        found = []
    return Inspection(
        taken=diagnosis.taken,
        is_private=diagnosis.taken.is_private,
        keys=tuple(_matched(each, known) for each in found),
        findings=len(diagnosis.defects) - (diagnosis.taken.json is None),
    )


def _of_set(keys: tuple[Any, ...]) -> Iterator[InspectedKey]:
    for index, key in enumerate(keys[:MOST_KEYS]):
        members: Mapping[str, Any] = key if isinstance(key, dict) else {}
        chain = own_chain(members)
        certificate = _read(chain[0]) if chain else None
        numbers = own_numbers(members) or numbers_of(certificate)
        kid, alg = _text(members.get("kid")), _text(members.get("alg"))
        yield InspectedKey(f"keys[{index}]", kid, alg, numbers, certificate)


def _of_chain(chain: tuple[bytes, ...]) -> Iterator[InspectedKey]:
    for number, der in enumerate(chain, 1):
        certificate = _read(der)
        yield InspectedKey(f"certificate {number}", None, None, numbers_of(certificate), certificate)


def _read(der: bytes) -> Certificate | None:
    return read_der(der, "", "", Findings())


def _matched(key: InspectedKey, declared: Iterable[tuple[str, Jwk]]) -> InspectedKey:
    matches = []
    for name, jwk in declared:
        if key.numbers == (jwk.n, jwk.e):
            same = jwk.x5c[:1] == (key.certificate.der,) if key.certificate is not None else None
            matches.append(DeclaredMatch(name, same, jwk.kid == key.kid if key.kid is not None else None))
    unique = tuple(dict.fromkeys(matches))
    return InspectedKey(key.place, key.kid, key.alg, key.numbers, key.certificate, unique)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
