"""A check of a token and its outcome. Programs rely on the ids; their order is that of Salesforce's page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CheckId(StrEnum):
    """Salesforce Help, "Troubleshooting User Verification": "User Verification Fails with the Provided Token"."""

    STRUCTURE = "structure"
    ALG = "alg"
    TYP = "typ"
    KID = "kid"
    KID_KNOWN = "kid-known"
    ISS = "iss"
    ISS_KNOWN = "iss-known"
    SUB = "sub"
    EXP = "exp"
    EXPIRED = "expired"
    SIGNATURE = "signature"
    KEY_ACTIVE = "key-active"
    CERTIFICATE_VALID = "certificate-valid"
    KEYSET_ON_CHANNEL = "keyset-on-channel"
    CONFIGURATION_ACTIVE = "configuration-active"
    ENDPOINT_SERVES_KID = "endpoint-serves-kid"


class Status(StrEnum):
    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of one check. ``message`` states the result; ``fix`` is the next step if the check is not ok."""

    id: CheckId
    status: Status
    message: str
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A harmful property of a token that no org refuses."""

    id: str
    message: str
    fix: str


def ok(check: CheckId, message: str) -> Check:
    return Check(check, Status.OK, message)


def failed(check: CheckId, message: str, fix: str) -> Check:
    return Check(check, Status.FAILED, message, fix)


def unknown(check: CheckId, message: str, fix: str | None = None) -> Check:
    return Check(check, Status.UNKNOWN, message, fix)


def skipped(check: CheckId, *on: CheckId) -> Check:
    """Return the result of a check that depends on a failed or unknown one."""
    listed = " and ".join(f"`{each}`" for each in on)
    return unknown(check, f"Skipped: depends on {listed}.")
