"""Makes the JWK that would upload from a file; each step is reported, and nothing is invented.

The members are those of Salesforce's sample ("Troubleshooting User Verification") without its placeholders; private
members are never among them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from provisioner.diagnostics import Severity
from provisioner.jose.certificates import Certificate, judge, read_der
from provisioner.jose.defects import Findings, excerpt, shown
from provisioner.jose.diagnosis import KeyDiagnosis
from provisioner.jose.jwk_files import read_jwk_file
from provisioner.jose.jwk_members import (
    ALGORITHMS,
    PUBLIC_MEMBERS,
    chain_of,
    placeholders,
    private_members,
    public_numbers,
)
from provisioner.jose.known_json import UNPARSED
from provisioner.jose.recognition import Form, Kind
from provisioner.model.characters import has_invisible
from provisioner.model.estate import DEFAULT_ALGORITHM
from provisioner.model.jwk import Jwk, base64url_uint

_NO_CERTIFICATE = "There is no certificate in it."
_MAKE_A_PAIR = "Make an RSA pair with `provisioner keys generate`."
#: Containers whose certificate was not read.
_WITHOUT = {
    Kind.PKCS12: "Its certificate is encrypted with its passphrase.",
    Kind.KEYSTORE: "Nothing says which of its certificates is meant.",
}


class ChangeKind(StrEnum):
    DROPPED = "dropped"
    FILLED_IN = "filled-in"
    RE_ENCODED = "re-encoded"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class RepairStep:
    """A step of the repair at a member (None: at the file), as the rest of a sentence that begins with its kind."""

    kind: ChangeKind
    member: str | None
    what: str


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A reason for no repair, the next step, and the option that would help, if there is one."""

    problem: str
    fix: str
    option: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """The options of the person. ``certificate_path`` names the certificate in sentences."""

    kid: str | None = None
    algorithm: str | None = None
    certificate: Certificate | None = None
    certificate_path: str = ""


@dataclass(frozen=True, slots=True)
class Repair:
    """The result of a repair. ``jwk`` is None if there are obstacles."""

    jwk: Jwk | None
    changes: tuple[RepairStep, ...]
    obstacles: tuple[Obstacle, ...]

    @property
    def text(self) -> str:
        """Return the file's text. ``jwk`` must not be None."""
        assert self.jwk is not None
        return json.dumps(self.jwk.members(), indent=2, ensure_ascii=False) + "\n"


def repair(diagnosis: KeyDiagnosis, given: Given, now: datetime) -> Repair:
    """Return the JWK that would upload, and the steps to it. Never raises."""
    return _Repairer(diagnosis, given).repair(now)


class _Repairer:
    def __init__(self, diagnosis: KeyDiagnosis, given: Given) -> None:
        self._diagnosis = diagnosis
        self._given = given
        self._members: Mapping[str, Any] = diagnosis.members or {}
        self._changes: list[RepairStep] = []
        self._obstacles: list[Obstacle] = []

    def repair(self, now: datetime) -> Repair:
        if self._is_open_set():
            return self._done(None)
        if self._diagnosis.taken.what == UNPARSED and self._given.certificate is None:
            self._stop("Its JSON cannot be parsed.", "Correct the JSON at the place below, then run the command again.")
            return self._done(None)
        kty = self._members.get("kty", "RSA")
        if isinstance(kty, str) and kty != "RSA" and kty.strip().upper() == "RSA":
            self._change(ChangeKind.RE_ENCODED, "kty", f"RSA, was {excerpt(kty)}")
        elif kty != "RSA":
            self._stop(f"Its kty is {excerpt(kty)}; Salesforce takes RSA only.", _MAKE_A_PAIR)
            return self._done(None)
        algorithm = self._diagnosis.taken.algorithm
        if algorithm not in (None, "RSA") and self._diagnosis.taken.kind in (Kind.PUBLIC_KEY, Kind.CERTIFICATE_REQUEST):
            self._stop(f"Its key is {algorithm}; Salesforce takes RSA only.", _MAKE_A_PAIR)
            return self._done(None)
        self._drop()
        chain = self._chain()
        kid, alg = self._kid(), self._alg()
        if chain is None:
            return self._done(None)
        certificate, entries = chain
        self._judge(certificate, now)
        self._agree(certificate)
        self._use()
        if self._obstacles or kid is None or alg is None:
            return self._done(None)
        jwk = Jwk(kid=kid, alg=alg, n=certificate.n, e=certificate.e, x5c=entries, use="sig")
        return self._proven(jwk, now)

    def _proven(self, jwk: Jwk, now: datetime) -> Repair:
        """Return the repair after a check of its file by the rules that the original broke."""
        found = Findings()
        read_jwk_file(Repair(jwk, (), ()).text.encode(), "the repaired file", now, found)
        for defect in found.defects:
            if defect.severity is Severity.ERROR:
                self._stop(defect.message, defect.fix)
        return self._done(None if self._obstacles else jwk)

    def _done(self, jwk: Jwk | None) -> Repair:
        return Repair(jwk, tuple(self._changes) if jwk is not None else (), tuple(self._obstacles))

    def _stop(self, problem: str, fix: str, option: str | None = None) -> None:
        self._obstacles.append(Obstacle(problem, fix, option))

    def _change(self, kind: ChangeKind, member: str | None, what: str) -> None:
        self._changes.append(RepairStep(kind, member, what))

    def _is_open_set(self) -> bool:
        """Return whether nothing selects one of several keys."""
        keys = self._diagnosis.keys
        if keys is None:
            return False
        if self._diagnosis.members is not None:
            self._change(ChangeKind.REPLACED, None, "the set by the selected key")
            return False
        kids = [key.get("kid") for key in keys if isinstance(key, dict)]
        listed = ", ".join(shown(kid) for kid in kids[:20] if isinstance(kid, str))
        wanted = f", none of them alone with the kid {shown(self._given.kid)}" if self._given.kid is not None else ""
        self._stop(
            f"It holds {len(keys)} keys{wanted}; one JWK is uploaded at a time.",
            f"Choose one with --kid. Its kids: {listed or 'none'}.",
            "--kid",
        )
        return True

    def _drop(self) -> None:
        if self._diagnosis.taken.around is not None:
            self._change(ChangeKind.DROPPED, None, f"what is not the JWK itself ({self._diagnosis.taken.around})")
        if names := placeholders(self._members):
            self._change(ChangeKind.DROPPED, ", ".join(names), "placeholders of Salesforce's own tool")
        if names := private_members(self._members):
            self._change(ChangeKind.DROPPED, ", ".join(names), "PRIVATE: anyone who has the old file can sign tokens")
        known = {*PUBLIC_MEMBERS, *placeholders(self._members), *private_members(self._members)}
        if names := tuple(name for name in self._members if name not in known):
            listed = ", ".join(name[:40] for name in names[:10])
            self._change(ChangeKind.DROPPED, listed, "not part of the structure that Salesforce requires")

    def _chain(self) -> tuple[Certificate, tuple[bytes, ...]] | None:
        """Return the key's own certificate and all certificates for x5c."""
        given = self._given.certificate
        if given is not None:
            had = chain_of(self._members)
            if had and had[0] == given.der:
                self._say_encoding(had)
                return given, had
            verb = ChangeKind.REPLACED if "x5c" in self._members else ChangeKind.FILLED_IN
            self._change(verb, "x5c", f"from {self._given.certificate_path}")
            return given, (given.der,)
        chain = chain_of(self._members) or self._diagnosis.taken.certificates
        found = Findings()
        certificate = read_der(chain[0], "x5c", "the certificate", found) if chain else None
        if certificate is None:
            self._no_certificate(found)
            return None
        if self._diagnosis.members is None:
            self._change(ChangeKind.FILLED_IN, "kty, n, e, x5c", "from the certificate")
            return certificate, chain
        self._say_encoding(chain)
        return certificate, chain

    def _no_certificate(self, found: Findings) -> None:
        for defect in found.defects:
            self._stop(defect.message, defect.fix)
        taken = self._diagnosis.taken
        if not found.defects and taken.form is Form.CERTIFICATE_MAP:
            listed = ", ".join(shown(kid) for kid in taken.owners)
            self._stop("It holds a certificate for each kid.", f"Choose one with --kid. Its kids: {listed}.", "--kid")
        elif not found.defects:
            kind = self._diagnosis.taken.kind
            unreadable = kind is Kind.CERTIFICATE or "x5c" in self._members
            problem = "Its certificate cannot be read." if unreadable else _WITHOUT.get(kind, _NO_CERTIFICATE)
            self._stop(problem, "Give the key's public certificate with --certificate FILE.", "--certificate")

    def _say_encoding(self, chain: tuple[bytes, ...]) -> None:
        canonical = [base64.b64encode(der).decode("ascii") for der in chain]
        had = self._members.get("x5c")
        if had == canonical:
            return
        if isinstance(had, list) and len(had) != len(chain):
            self._change(ChangeKind.DROPPED, "x5c", "entries that are not certificates")
        self._change(ChangeKind.RE_ENCODED, "x5c", "an array of standard base64, without PEM lines and line breaks")

    def _kid(self) -> str | None:
        had, given = self._members.get("kid"), self._given.kid
        kid = given if given is not None else had
        if not isinstance(kid, str) or not kid:
            self._stop(
                "It has no kid. The kid cannot be invented, because it must equal the kid in the header of the tokens.",
                "Give it with --kid.",
                "--kid",
            )
            return None
        if kid != kid.strip() or has_invisible(kid):
            self._stop(
                f"The kid {shown(kid)} has white space at its edge or an invisible character in it.",
                "Give the kid from the header of the tokens with --kid.",
                "--kid",
            )
            return None
        if had is None:
            self._change(ChangeKind.FILLED_IN, "kid", f"{shown(kid)}, as given")
        elif had != kid:
            self._change(ChangeKind.REPLACED, "kid", f"{shown(had)} by {shown(kid)}, as given")
        return kid

    def _alg(self) -> str | None:
        had, given = self._members.get("alg"), self._given.algorithm
        if given is not None:
            if had is None:
                self._change(ChangeKind.FILLED_IN, "alg", f"{given}, as given")
            elif had != given:
                self._change(ChangeKind.REPLACED, "alg", f"{excerpt(had)} by {given}, as given")
            return given
        if had is None:
            self._change(
                ChangeKind.FILLED_IN, "alg", f"{DEFAULT_ALGORITHM}; if your tokens use RS512, repeat with --alg RS512"
            )
            return DEFAULT_ALGORITHM
        if had in ALGORITHMS:
            return str(had)
        if isinstance(had, str) and had.strip().upper() in ALGORITHMS:
            self._change(ChangeKind.RE_ENCODED, "alg", f"{had.strip().upper()}, was {excerpt(had)}")
            return had.strip().upper()
        self._stop(
            f"Its alg is {excerpt(had)}; Salesforce verifies RS256 and RS512 only.",
            "Sign tokens with one of these, and give it with --alg.",
            "--alg",
        )
        return None

    def _use(self) -> None:
        had = self._members.get("use")
        if had is None:
            self._change(ChangeKind.FILLED_IN, "use", "sig")
        elif had != "sig":
            self._change(ChangeKind.REPLACED, "use", f"{excerpt(had)} by sig: this key verifies signatures")

    def _judge(self, certificate: Certificate, now: datetime) -> None:
        found = Findings()
        judge(certificate, "The certificate", now, found)
        for defect in found.defects:
            if defect.severity is Severity.ERROR:
                self._stop(defect.message, defect.fix)

    def _agree(self, certificate: Certificate) -> None:
        """Add an obstacle if the file's readable public key is not that of the certificate."""
        where = self._given.certificate_path if self._given.certificate is not None else "x5c"
        numbers = public_numbers(self._members) or self._diagnosis.taken.public
        true = {"n": certificate.n, "e": certificate.e}
        if numbers is not None and numbers != (certificate.n, certificate.e):
            self._stop(
                f"The certificate in {where} belongs to another key than the rest of the file.",
                "Find the certificate of the key that signs the tokens, and name it with --certificate.",
                "--certificate",
            )
            return
        for name, value in true.items():
            had = self._members.get(name)
            if self._diagnosis.members is None or had == base64url_uint(value):
                continue
            if had is None:
                self._change(ChangeKind.FILLED_IN, name, "from the certificate")
            elif numbers is None:
                self._change(ChangeKind.REPLACED, name, "from the certificate: the old value cannot be read")
            else:
                self._change(ChangeKind.RE_ENCODED, name, "base64url without padding")
        if self._diagnosis.members is not None and "kty" not in self._members:
            self._change(ChangeKind.FILLED_IN, "kty", "RSA, from the certificate")
