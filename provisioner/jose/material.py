"""Derives the JWK that would be sent from a declared source, with its defects.

Pure: the bytes come with the source, and ``now`` is a parameter. Private material is never shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from provisioner.jose.certificates import Certificate, judge, read_certificate_file
from provisioner.jose.cures import Input, for_upload
from provisioner.jose.defects import Defect, Findings, excerpt
from provisioner.jose.file_kinds import call_private, take
from provisioner.jose.jwk_files import names_private_members, read_jwk_file
from provisioner.jose.jwk_members import ALGORITHMS
from provisioner.jose.recognition import Form, Kind, Recognition, Wrapping
from provisioner.jose.uploaded_jwk import certificate_of
from provisioner.model.estate import CertificateSource, JwkSource
from provisioner.model.jwk import Jwk

#: Wrappings in which a certificate is read; one that lacks its PEM lines has its own message.
_PLAIN = frozenset({Wrapping.BYTE_ORDER_MARK, Wrapping.CRLF, Wrapping.UTF16, Wrapping.NO_PEM_LINES})
#: A file with one PEM certificate and nothing else, longer than any mask: it needs no recogniser, which takes longer
#: than the certificate itself, and a large declaration has thousands of such files.
_ONE_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]{300,}-----END CERTIFICATE-----\n?")


@dataclass(frozen=True, slots=True)
class Derivation:
    """``jwk`` is the one that would be sent, None if it cannot be made; the defects decide if it may be sent.

    ``certificate`` is the key's own, if it could be read.
    """

    jwk: Jwk | None
    certificate: x509.Certificate | None
    defects: tuple[Defect, ...]


def jwks_of(derivations: Mapping[str, Derivation]) -> dict[str, Jwk]:
    """Return the derived JWKs by the names of their keys."""
    return {name: each.jwk for name, each in derivations.items() if each.jwk is not None}


def validity_of(jwk: Jwk) -> tuple[datetime, datetime] | None:
    """Return from when until when the JWK's certificate is valid (UTC); None if it has none that can be read."""
    certificate = certificate_of(jwk)
    return (certificate.not_valid_before_utc, certificate.not_valid_after_utc) if certificate is not None else None


def derive(source: CertificateSource | JwkSource, now: datetime) -> Derivation:
    """Return the JWK of a declared key. ``now`` must have a time zone. Never raises, whatever the file holds."""
    found = Findings()
    jwk: Jwk | None = None
    certificate: Certificate | None = None
    file = source.file
    if file.content is None:
        rule, message, fix = file.problem or (
            "key-file-missing",
            f"{file.shown_path} cannot be read.",
            "Check the path.",
        )
        found.error(rule, message, fix)
    elif isinstance(source, CertificateSource) and _ONE_CERTIFICATE.fullmatch(file.content) is not None:
        own = Findings()
        jwk, certificate = _of_certificate_file(source, file.content, now, own)
        if certificate is not None or not _refused_as_private(source, file.content, take(file.content), found):
            found.defects += own.defects
    elif _refused_as_private(source, file.content, taken := take(file.content), found):
        pass
    elif isinstance(source, JwkSource):
        jwk, certificate = read_jwk_file(file.content, file.shown_path, now, found)
    elif _named_for_what_it_is(taken, file.shown_path, found):
        pass
    else:
        jwk, certificate = _of_certificate_file(source, file.content, now, found)
    return Derivation(jwk, certificate.x509 if certificate is not None else None, tuple(found.defects))


def _of_certificate_file(
    source: CertificateSource, content: bytes, now: datetime, found: Findings
) -> tuple[Jwk | None, Certificate | None]:
    certificate = read_certificate_file(content, source.file.shown_path, found)
    if certificate is not None:
        judge(certificate, f"The certificate in {source.file.shown_path}", now, found)
    return _from_certificate(source, certificate, found), certificate


def _refused_as_private(
    source: CertificateSource | JwkSource, content: bytes, taken: Recognition, found: Findings
) -> bool:
    """Refuse a file of private material, whatever its wrapping; a JWK's own members are named one by one elsewhere."""
    if not taken.is_private or (isinstance(source, JwkSource) and names_private_members(content)):
        return False
    call_private(taken, source.file.shown_path, found)
    return True


def _named_for_what_it_is(taken: Recognition, path: str, found: Findings) -> bool:
    """Name a file under `certificate` that is known and is not a plain certificate, with the way to one."""
    if taken.kind is Kind.CERTIFICATE:
        known = taken.form is not Form.CERTIFICATE or not _PLAIN.issuperset(taken.wrappings)
    else:
        known = taken.kind not in (Kind.OTHER, Kind.JSON) or taken.form is Form.WEB_PAGE
    if not known:
        return False
    around = f" ({taken.around})" if taken.around is not None else ""
    rule = "certificate-is-public-key" if taken.kind is Kind.PUBLIC_KEY else "certificate-unreadable"
    plain = "a plain certificate" if taken.kind is Kind.CERTIFICATE else "a certificate"
    fix = " ".join(for_upload(taken, Input.of_file(path)).splitlines())
    found.error(rule, f"{path} holds {taken.what}{around}, not {plain}.", fix)
    return True


def _from_certificate(source: CertificateSource, certificate: Certificate | None, found: Findings) -> Jwk | None:
    if not source.kid:
        found.error(
            "key-kid-missing",
            "The key has a certificate but no `kid`." if source.kid is None else "The key's `kid` is empty.",
            "Add `kid:` with the key id that the tokens' header will carry.",
            field="kid",
        )
    if source.algorithm not in ALGORITHMS:
        found.error(
            "jwk-alg",
            f"The algorithm is {excerpt(source.algorithm)}; Salesforce verifies RS256 and RS512 only.",
            "Write RS256 or RS512, as the tokens are signed.",
            field="algorithm",
        )
    if certificate is None or not source.kid or source.algorithm not in ALGORITHMS:
        return None
    return Jwk(
        kid=source.kid,
        alg=source.algorithm,
        n=certificate.n,
        e=certificate.e,
        x5c=(certificate.der,),
        use="sig",
    )
