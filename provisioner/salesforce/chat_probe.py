"""Offers the chat runtime a token that nobody signed: its refusal needs no key.

The message of a refusal is the runtime's own report of its state; a runtime that accepts such a token admits anyone.
"""

from __future__ import annotations

import base64
import json
import secrets

from provisioner.salesforce.chat import ChatRuntime, TokenEndpoint
from provisioner.salesforce.chat_answers import ChatAnswer, Kind
from provisioner.secrets import Secret, redactor

_LIFETIME_SECONDS = 120
_SIGNATURE_OCTETS = 256


def unsigned_token(*, issuer: str, kid: str, algorithm: str, now: float) -> Secret:
    """Return a token like a real one, but with a random signature."""
    header = {"alg": algorithm, "typ": "JWT", "kid": kid}
    claims = {"iss": issuer, "sub": f"uv-probe-{int(now)}", "exp": int(now) + _LIFETIME_SECONDS}
    parts = [*(json.dumps(part).encode() for part in (header, claims)), secrets.token_bytes(_SIGNATURE_OCTETS)]
    token = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    redactor.keep(token)
    return Secret(token)


def offer(runtime: ChatRuntime, token: Secret, deployment_type: str | None) -> ChatAnswer:
    """Return the runtime's answer to the token. An access token, which it should not issue, is revoked."""
    endpoint = TokenEndpoint.V2 if deployment_type in (None, "api") else TokenEndpoint.V1
    answer = runtime.exchange(endpoint, token, "unsigned token")
    if deployment_type is None and answer.kind is Kind.REFUSED and "deploymenttype" in answer.words.lower():
        endpoint = TokenEndpoint.V1
        answer = runtime.exchange(endpoint, token, "unsigned token")
    if answer.access_token is not None and answer.is_verified:
        runtime.revoke(endpoint, answer.access_token)
    return answer
