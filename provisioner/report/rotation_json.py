"""A rotation for programs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from provisioner.jose.rotation_state import DeclaredState, OrgState, RotatingKey
from provisioner.report.outcome_json import outcome_json
from provisioner.report.rotation_shapes import Rotated
from provisioner.report.shapes import FORMAT_VERSION, Json
from provisioner.report.verify_json import verify_json

_DECLARED = {
    DeclaredState.ACTIVE: "active",
    DeclaredState.INACTIVE: "inactive",
    DeclaredState.REMOVED: "gone",
    DeclaredState.UNDECLARED: "not",
}
_HELD = {
    OrgState.ACTIVE: "live",
    OrgState.INACTIVE: "off",
    OrgState.UNREFERENCED: "loose",
    OrgState.MISSING: "absent",
}


def rotation_json(rotated: Rotated) -> Json:
    """Return the JSON of ``keys rotate --format json``: the keyset's state, the actions and refusals of this run."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": rotated.environment,
        "org": {"id": rotated.org_id},
        **_standing(rotated),
        "proofs": [verify_json(proof, probed) for proof, probed in rotated.proofs],
        "outcomes": [outcome_json(each) for each in rotated.outcomes],
        "refused": [{"code": each.code, "message": each.sentence, "next": each.next} for each in rotated.refused],
        "notes": list(rotated.notes),
        "exit_status": int(rotated.exit_status),
    }


def status_json(environment: str, found: Iterable[Rotated]) -> Json:
    """Return the JSON of ``keys rotate --status --format json``."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        "keysets": [_standing(each) for each in found],
    }


def _standing(rotated: Rotated) -> Json:
    view, step = rotated.view, rotated.step
    return {
        "keyset": view.keyset,
        "type": "keys" if view.endpoint is None else "endpoint",
        "endpoint": view.endpoint,
        "issuer": view.issuer,
        "step": step.kind.value,
        "title": rotated.words.title,
        "new": step.new.name if step.new is not None else None,
        "old": step.old.name if step.old is not None else None,
        "not_before": moment(step.until),
        "against_retiring": [each.code for each in step.refused],
        "keys": [_key(each) for each in view.keys],
        "channels": [
            {"name": each.name, "verified_minutes": each.verified_minutes, "deployment": each.deployment}
            for each in view.channels
        ],
        "seen": list(rotated.words.seen),
        "next": list(rotated.words.next),
        "back": rotated.words.back,
    }


def _key(key: RotatingKey) -> Json:
    return {
        "name": key.name,
        "kid": key.kid,
        "algorithm": key.algorithm,
        "declared": _DECLARED[key.declared],
        "held": _HELD[key.held],
        "thumbprint": key.thumbprint,
        "certificate_begins": moment(key.begins),
        "certificate_ends": moment(key.ends),
    }


def moment(at: datetime | None) -> str | None:
    """Return a time as RFC 3339, in UTC; None without one."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at is not None else None
