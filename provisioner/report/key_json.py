"""The diagnosis of a key that does not upload, for programs."""

from __future__ import annotations

from datetime import datetime

from provisioner.jose.certificates import describe
from provisioner.jose.diagnosis import KeyDiagnosis
from provisioner.jose.repair import Repair
from provisioner.report.shapes import FORMAT_VERSION, Json, finding


def key_json(
    path: str, diagnosis: KeyDiagnosis, repair: Repair, *, asked: bool = False, written: str | None = None
) -> Json:
    """Return the JSON of ``diagnose key --format json``. It never contains private members."""
    return {
        "format_version": FORMAT_VERSION,
        "file": path,
        "taken_for": {"kind": diagnosis.taken.kind.value, "what": diagnosis.taken.what},
        "uploadable": diagnosis.uploadable,
        "findings": [finding(each) for each in diagnosis.findings(path)],
        "certificate": _certificate(diagnosis),
        "certificate_matches": diagnosis.matches,
        "jwk": diagnosis.public_members,
        "repair": {
            "asked": asked,
            "possible": repair.jwk is not None,
            "written": written,
            "changes": [
                {"change": each.kind.value, "member": each.member, "message": each.what} for each in repair.changes
            ],
            "obstacles": [
                {"message": each.problem, "fix": each.fix, "option": each.option} for each in repair.obstacles
            ],
        },
    }


def _certificate(diagnosis: KeyDiagnosis) -> Json | None:
    if diagnosis.certificate is None:
        return None
    text = describe(diagnosis.certificate)
    return {
        "subject": text.owner,
        "issuer": text.issuer,
        "serial": text.serial,
        "not_before": moment(text.begins),
        "not_after": moment(text.ends),
        "sha1": text.sha1.replace(":", "").lower(),
        "sha256": text.sha256.replace(":", "").lower(),
        "signature_algorithm": text.signature_algorithm,
        "bits": text.bits,
    }


def moment(at: datetime) -> str:
    """Return a time as RFC 3339 in UTC."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
