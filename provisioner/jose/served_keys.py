"""The keys that a JWKS endpoint serves, each judged by the rules for keys (RFC 7517 §5).

Differences to an uploaded key: one observed org does not need x5c; and a set may hold keys for other uses, which do no
harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from provisioner.diagnostics import Severity
from provisioner.jose.certificates import LARGEST_KEY_BITS, SMALLEST_KEY_BITS, Certificate
from provisioner.jose.defects import Defect, Findings, excerpt
from provisioner.jose.jwk_files import read_members
from provisioner.jose.jwk_members import (
    ALGORITHMS,
    MemberPlaces,
    other_members,
    private_members,
    public_numbers,
    text_of,
)
from provisioner.model.jwk import Jwk

#: Keys beyond this are counted and not judged.
MOST_KEYS = 100
#: Fixes that differ from those of a file.
_SERVED_FIXES = {"jwk-modulus-encoding": "Serve it in base64url without padding (RFC 7518 section 6.3.1)."}
_UNPROVEN = "In one org, keys of an endpoint verified without it."


@dataclass(frozen=True, slots=True)
class ServedKey:
    """One key of the set. ``jwk`` is None if it cannot verify tokens: ``defects`` have the reasons."""

    index: int
    kid: str | None
    kty: str | None
    alg: str | None
    jwk: Jwk | None
    certificate: Certificate | None
    defects: tuple[Defect, ...]

    @property
    def usable(self) -> bool:
        return self.jwk is not None and self.problem is None

    @property
    def problem(self) -> str | None:
        """Return the first reason why it is unusable; None if it is usable."""
        return next((each.message for each in self.defects if each.severity is Severity.ERROR), None)

    @property
    def leaks(self) -> bool:
        return any(each.rule == "jwk-private-member" for each in self.defects)


def judge_served(keys: list[Any], now: datetime) -> tuple[ServedKey, ...]:
    """Return every key of a set's ``keys``, judged. Never raises."""
    return tuple(_judge(key, index, now) for index, key in enumerate(keys[:MOST_KEYS]))


def _judge(key: Any, index: int, now: datetime) -> ServedKey:
    found = Findings()
    place = f"keys[{index}]"
    if not isinstance(key, dict):
        found.error("jwk-not-json", f"{place} is not a JSON object.", "Each key is a JSON object.")
        return ServedKey(index, None, None, None, None, None, tuple(found.defects))
    own = Findings()
    jwk, certificate = read_members(key, MemberPlaces(place, {}), now, own)
    defects = [
        replace(defect, fix=_SERVED_FIXES.get(defect.rule, defect.fix))
        for defect in own.defects
        if not _is_optional(defect, key)
    ]
    if key.get("kty", "RSA") == "RSA":
        if key.get("use", "sig") != "sig":
            message = f"{place} is not for signatures (use {excerpt(key['use'])})."
            found.error("jwk-use", message, "No action is needed.")
        jwk = jwk or _without_certificate(key, place, certificate, found)
    operations = key.get("key_ops")
    if isinstance(operations, list) and "verify" not in operations:
        message = f"{place} has key_ops {excerpt(operations)}, without verify (RFC 7517 section 4.3)."
        found.warning("jwk-use", message, 'Write "key_ops": ["verify"], or omit it.')
    for name, problem in (("x5c", _UNPROVEN), ("alg", "It is not proven whether an org needs it there.")):
        if name not in key and key.get("kty") == "RSA":
            found.warning("jwk-member-missing", f"{place}: `{name}` is missing. {problem}", f"Serve `{name}`, too.")
    return ServedKey(
        index,
        text_of(key.get("kid")),
        text_of(key.get("kty")),
        text_of(key.get("alg")),
        jwk,
        certificate,
        (*defects, *found.defects),
    )


def _is_optional(defect: Defect, key: Mapping[str, Any]) -> bool:
    """Return whether an uploaded key needs the member and a served one does not."""
    if defect.rule == "jwk-use" and key.get("use") != "sig":
        return True  # it is reported separately
    missing = [name for name in ("x5c", "alg") if name not in key]
    return defect.rule == "jwk-member-missing" and any(f"`{name}` is missing" in defect.message for name in missing)


def _without_certificate(
    key: Mapping[str, Any], place: str, certificate: Certificate | None, found: Findings
) -> Jwk | None:
    """Return the key by n and e alone, if it has no certificate to compare with."""
    if "x5c" in key and certificate is None:
        return None  # the defect of the certificate was reported
    numbers = public_numbers(key)
    if numbers is None:
        if not {"n", "e"} <= key.keys():
            found.error("jwk-modulus-missing", f"{place} has no n and e.", "Serve both, in base64url.")
        return None
    n, e = numbers
    if certificate is not None and numbers != (certificate.n, certificate.e):
        return None
    if n.bit_length() < SMALLEST_KEY_BITS:
        found.error(
            "key-too-small",
            f"{place} has an RSA key of {n.bit_length()} bits; Salesforce requires {SMALLEST_KEY_BITS} or more.",
            "Make a new pair of 2048 bits or more.",
        )
    if e < 3 or not e % 2 or e >= n or n.bit_length() > LARGEST_KEY_BITS:
        found.error(
            "jwk-modulus-encoding",
            f"{place} has n and e that no RSA key has ({n.bit_length()} and {e.bit_length()} bits).",
            "Write the n and e of the key; if they are correct, generate a new pair.",
        )
    kid, alg = text_of(key.get("kid")), text_of(key.get("alg"))
    if not kid or (alg is not None and alg not in ALGORITHMS) or private_members(key):
        return None
    chain = (certificate.der,) if certificate is not None else ()
    return Jwk(kid, alg or "", n, e, chain, text_of(key.get("use")), other_members(key))
