"""Diagnoses a key that does not upload: judges a file by every question of Salesforce's troubleshooting page.

Salesforce Help, "Troubleshooting User Verification" ("Keys Fail to Upload to Salesforce"): one JWK a file, with kty,
kid, alg and x5c; x5c in base64; the public certificate, valid for ten days more. Pure: ``now`` is a parameter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.jose.certificates import Certificate, damaged, judge, numbers_of, read_der, rsa_certificate
from provisioner.jose.cures import Input, for_upload
from provisioner.jose.defects import Defect, Findings
from provisioner.jose.file_kinds import call_private, take
from provisioner.jose.json_text import NotJsonError, read_value
from provisioner.jose.jwk_files import names_private_members, read_jwk_file, read_members
from provisioner.jose.jwk_members import PUBLIC_MEMBERS, MemberPlaces, chain_of, other_members, public_numbers
from provisioner.jose.recognition import Form, Kind, Recognition
from provisioner.model.jwk import Jwk

#: Keys of a set that are judged one by one.
MOST_KEYS = 20
_NO_JWK = "A JWK of this certificate would be refused, too. Correct its other problem first."
#: The rule that each kind of file other than a JWK breaks; ``cures`` has the next step.
_RULES = {
    Kind.PUBLIC_KEY: "certificate-is-public-key",
    Kind.CERTIFICATE_REQUEST: "certificate-unreadable",
}


@dataclass(frozen=True, slots=True)
class KeyDiagnosis:
    """The content of a file, and the reasons why it does not upload.

    ``members`` are the members of the one JWK, also private ones: never shown. ``keys`` are all keys of a set.
    ``matches``: the certificate that was given beside the file belongs to this key; None if none was given or nothing
    can be compared.
    """

    taken: Recognition
    defects: tuple[Defect, ...]
    certificate: Certificate | None = None
    members: Mapping[str, Any] | None = None
    keys: tuple[Any, ...] | None = None
    matches: bool | None = None

    @property
    def uploadable(self) -> bool:
        """Return whether Salesforce would take the unchanged file."""
        return not any(defect.severity is Severity.ERROR for defect in self.defects)

    def findings(self, path: str) -> tuple[Diagnostic, ...]:
        """Return the findings about the file, with their places in it; ``path`` names the file."""
        return tuple(located(defect, path) for defect in self.defects)

    @property
    def public_members(self) -> dict[str, Any] | None:
        """Return the members that may be shown: those of the JWK without private ones and placeholders.

        Of another kind of file, the members that can be derived from it.
        """
        if self.members is None:
            return self._derived_members()
        shown = {name: self.members[name] for name in PUBLIC_MEMBERS if name in self.members}
        return {**shown, **other_members(self.members)}

    def _derived_members(self) -> dict[str, Any] | None:
        if self.keys is not None or self.numbers is None:
            return None
        n, e = self.numbers
        chain = (self.certificate.der,) if self.certificate is not None else ()
        members = Jwk("", "", n, e, chain).members()
        return {name: value for name, value in members.items() if name not in ("kid", "alg")}

    @property
    def thumbprint(self) -> str | None:
        """Return the RFC 7638 thumbprint of the public key, from any part that has it."""
        return Jwk("", "", *self.numbers, ()).thumbprint if self.numbers is not None else None

    @property
    def numbers(self) -> tuple[int, int] | None:
        """Return the public key (n, e), from any part that has it."""
        return public_numbers(self.members or {}) or self.taken.public or numbers_of(self.certificate)


def diagnose(
    content: bytes | Recognition,
    shown_path: str,
    now: datetime,
    *,
    kid: str | None = None,
    given: Certificate | None = None,
) -> KeyDiagnosis:
    """Judge a file, or what it was taken for. ``kid`` picks a key out of a set; ``given`` is compared with the key."""
    taken = _chosen_of_map(content if isinstance(content, Recognition) else take(content), kid)
    is_json = taken.json is not None and taken.form is not Form.PRIVATE_JSON
    found = _json(taken, shown_path, now, kid) if is_json else _not_json(taken, shown_path, now)
    if given is None or found.numbers is None:
        return found
    matches = found.numbers == (given.n, given.e)
    return KeyDiagnosis(found.taken, found.defects, found.certificate, found.members, found.keys, matches)


def _chosen_of_map(taken: Recognition, kid: str | None) -> Recognition:
    """Return the selected certificate of a map; None if nothing selects one."""
    if taken.form is not Form.CERTIFICATE_MAP:
        return taken
    meant = [pair for pair in zip(taken.owners, taken.certificates, strict=False) if kid in (None, pair[0])]
    return replace(taken, certificates=(meant[0][1],) if len(meant) == 1 else ())


def _not_json(taken: Recognition, path: str, now: datetime) -> KeyDiagnosis:
    found = Findings()
    rule = "certificate-is-private-key" if taken.is_private else _RULES.get(taken.kind, "jwk-not-json")
    around = f" ({taken.around})" if taken.around is not None else ""
    not_what = "" if taken.kind is Kind.PRIVATE_KEY else ", not a JWK; Salesforce takes the key as a JWK"
    inside = Findings()
    certificate = None
    if taken.certificates:
        subject = f"the certificate in {path}"
        certificate = read_der(taken.certificates[0], path, subject, inside)
        if certificate is not None:
            judge(certificate, f"The certificate in {path}", now, inside)
    elif taken.kind is Kind.CERTIFICATE and taken.form is not Form.CERTIFICATE_MAP:
        damaged(path, inside)
    is_useless = any(defect.severity is Severity.ERROR for defect in inside.defects)
    fix = _NO_JWK if is_useless and taken.form is Form.CERTIFICATE else for_upload(taken, Input.of_file(path))
    found.error(rule, f"{path} holds {taken.what}{around}{not_what}.", fix)
    return KeyDiagnosis(taken, (*found.defects, *inside.defects), certificate)


def _json(taken: Recognition, path: str, now: datetime, kid: str | None) -> KeyDiagnosis:
    assert taken.json is not None
    found = Findings()
    if taken.around is not None:
        found.error(
            "jwk-not-json",
            f"{path} is not the JWK alone: {taken.around}.",
            "Keep only what stands from the first { to the last }; `--repair OUT` writes that.",
        )
    if taken.is_private and not names_private_members(taken.json):
        call_private(taken, path, found)
        return KeyDiagnosis(taken, tuple(found.defects))
    _, certificate = read_jwk_file(taken.json, path, now, found)
    if taken.form is Form.PRIVATE_JWK:
        found.defects = [_made_of_private(each, taken, path) for each in found.defects]
    try:
        value = read_value(taken.json)
    except NotJsonError:
        return KeyDiagnosis(taken, tuple(found.defects))
    keys = value.get("keys") if isinstance(value, dict) else value
    if not isinstance(keys, list):
        members = MappingProxyType(value) if isinstance(value, dict) else None
        if certificate is None and members is not None and (chain := chain_of(members)):
            certificate = rsa_certificate(chain[0])
        return KeyDiagnosis(taken, tuple(found.defects), certificate, members)
    chosen = _chosen(keys, kid)
    for index, each in enumerate(keys[:MOST_KEYS]):
        _judge_in_set(each, f"{path} keys[{index}]", now, found)
    certificate = read_members(chosen, MemberPlaces(path, {}), now, Findings())[1] if chosen is not None else None
    members = MappingProxyType(chosen) if chosen is not None else None
    return KeyDiagnosis(taken, tuple(found.defects), certificate, members, tuple(keys))


def _made_of_private(defect: Defect, taken: Recognition, path: str) -> Defect:
    """Return the defect of a missing x5c with the command that makes the certificate of a private JWK."""
    is_missing = defect.rule == "jwk-member-missing" and "`x5c` is missing" in defect.message
    return replace(defect, fix=for_upload(taken, Input.of_file(path))) if is_missing else defect


def _judge_in_set(key: Any, place: str, now: datetime, found: Findings) -> None:
    """Judge one key of a set. Its private members were already reported for the whole set."""
    if not isinstance(key, dict):
        found.error(
            "jwk-not-json", f"{place} is not a JSON object.", "Each key is a JSON object with kty, kid, alg, x5c."
        )
        return
    own = Findings()
    read_members(key, MemberPlaces(place, {}), now, own)
    found.defects += [defect for defect in own.defects if defect.rule != "jwk-private-member"]


def _chosen(keys: list[Any], kid: str | None) -> dict[str, Any] | None:
    """Return the selected key of a set: the only one of that kid, or the only one."""
    meant = [key for key in keys if kid is None or (isinstance(key, dict) and key.get("kid") == kid)]
    return meant[0] if len(meant) == 1 and isinstance(meant[0], dict) else None


def located(defect: Defect, path: str) -> Diagnostic:
    """Return the defect as a finding, at the line and column of ``path`` that its message names."""
    place = re.search(re.escape(path) + r":([1-9][0-9]*):([1-9][0-9]*)\b", defect.message)
    at = Location(path, int(place[1]), int(place[2])) if place is not None else None
    return Diagnostic(defect.rule, defect.severity, defect.message, defect.fix, at)
