"""The explanation of a token, for programs."""

from __future__ import annotations

from provisioner.report.shapes import FORMAT_VERSION, Json
from provisioner.report.token_shown import claim_values, header_values
from provisioner.tokens.explain import Explanation


def token_json(
    explanation: Explanation, *, environment: str, channel: str | None, live: bool, show_claims: bool = False
) -> Json:
    """Return the JSON of ``token explain --format json``; parts that must not be shown are masked."""
    token, recognised = explanation.token, explanation.recognised
    header = token.header if token is not None else None
    claims = token.claims if token is not None else None
    return {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        "channel": channel,
        "live": live,
        "accepted": explanation.accepted,
        "checks": [
            {"check": each.id.value, "status": each.status.value, "message": each.message, "fix": each.fix}
            for each in explanation.checks
        ],
        "recognised": None
        if recognised is None
        else {"kind": recognised.kind, "message": recognised.message, "next": recognised.next},
        "notes": [{"note": each.id, "message": each.message, "fix": each.fix} for each in explanation.notes],
        "header": header_values(header, show=show_claims) if header is not None else None,
        "claims": claim_values(claims, show=show_claims) if claims is not None else None,
    }
