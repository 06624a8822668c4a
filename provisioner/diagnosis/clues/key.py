"""Clues from the private key and from its certificate."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnosis.evidence import CertificateSeen, LoginEvidence
from provisioner.diagnosis.evidence_weight import Against, For, Mark


def clue(evidence: LoginEvidence) -> Iterator[Mark]:
    key = evidence.key
    if key is None:
        return
    if key.cause is not None:
        yield For(key.cause, 95, f"{key.words} Nothing was signed, nothing sent.", proof=True, remedy=key.remedy)
        return
    if key.beside is not None:
        yield from _beside(key.beside)
        yield from dates(key.beside, evidence)
    if _answered(evidence):
        yield Against("key-unreadable", f"The private key can be read: RSA, {key.bits} bits; it signed the assertion.")


def _beside(found: CertificateSeen) -> Iterator[Mark]:
    if found.matches is False:
        yield For(
            "certificate-mismatch",
            20,
            f"The certificate {found.place} beside the private key is not this key's. If it is on the app, key and "
            "certificate do not match.",
        )


def dates(found: CertificateSeen, evidence: LoginEvidence) -> Iterator[Mark]:
    """Yield the mark of an expired certificate; also used for the app's certificate."""
    if found.matches is not False and found.not_after <= evidence.now:
        yield For("certificate-expired", 10, f"{found.place} expired on {found.not_after:%Y-%m-%d}.", proof=True)


def _answered(evidence: LoginEvidence) -> bool:
    return evidence.answer is not None and evidence.answer.ours
