"""A revocation for programs."""

from __future__ import annotations

from provisioner.report.outcome_json import outcome_json
from provisioner.report.revocation_shapes import Revoked
from provisioner.report.revocation_view import what_breaks
from provisioner.report.shapes import FORMAT_VERSION, Json


def revocation_json(revoked: Revoked) -> Json:
    """Return the JSON of ``keys rotate --revoke --format json``; ``refused`` is null if the revocation was done."""
    refused = revoked.refused
    return {
        "format_version": FORMAT_VERSION,
        "environment": revoked.environment,
        "keyset": revoked.keyset,
        "key": revoked.key,
        "kid": revoked.kid,
        "was_active": revoked.was_active,
        "channels": [
            {"name": hit.channel, "verified_minutes": hit.verified_minutes, "others": list(hit.others)}
            for hit in revoked.hits
        ],
        "nobody_can_chat_on": list(revoked.silenced),
        "access_tokens_live_minutes": revoked.longest_minutes,
        "breaks": list(what_breaks(revoked)),
        "outcome": outcome_json(revoked.outcome) if revoked.outcome is not None else None,
        "refused": {"message": refused[0], "next": refused[1]} if refused is not None else None,
        "declaration_written": revoked.written,
        "by_hand": revoked.by_hand,
        "next": list(revoked.next),
        "exit_status": int(revoked.exit_status),
    }
