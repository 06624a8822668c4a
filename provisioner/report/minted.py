"""A minted token, for programs and in words. Only this module shows a token, because it is the requested result."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.report.shapes import FORMAT_VERSION, Json
from provisioner.tokens.claim_checks import span
from provisioner.tokens.minted import Minted


def minted_json(minted: Minted, environment: str) -> Json:
    """Return the JSON of ``token mint --format json``."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        "keyset": minted.signing.keyset,
        "key": minted.signing.key,
        "token": minted.token.reveal(),
        "header": dict(minted.header),
        "claims": dict(minted.claims),
        "warnings": list(minted.warnings),
    }


def minted_words(minted: Minted) -> Iterator[str]:
    """Yield the sentences that a person gets with the token: its owner, and warnings."""
    signing = minted.signing
    yield (
        f"Signed with {signing.called} (kid {signing.kid}, {signing.algorithm}) for the issuer {signing.issuer}; it "
        f"lives {span(minted.ttl)}. Everyone who has it is this customer until then."
    )
    for warning in minted.warnings:
        yield f"Warning: {warning}"
