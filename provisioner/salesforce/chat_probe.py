"""A token that nobody signed, offered to the chat runtime: no key is needed to learn how it refuses.

A refusal's words are the runtime's own account of its state; and a runtime that lets such a token in lets anybody in.
"""

from __future__ import annotations

import base64
import json
import secrets

from provisioner.salesforce.chat import ChatRuntime, Endpoint
from provisioner.salesforce.chat_answers import ChatAnswer, Kind
from provisioner.secrets import Secret, redactor

_LIFETIME_SECONDS = 120
_SIGNATURE_OCTETS = 256


def unsigned_token(*, issuer: str, kid: str, algorithm: str, now: float) -> Secret:
    """A token in every point like a real one, but for its signature, which is random."""
    header = {"alg": algorithm, "typ": "JWT", "kid": kid}
    claims = {"iss": issuer, "sub": f"uv-probe-{int(now)}", "exp": int(now) + _LIFETIME_SECONDS}
    parts = [*(json.dumps(part).encode() for part in (header, claims)), secrets.token_bytes(_SIGNATURE_OCTETS)]
    token = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    redactor.keep(token)
    return Secret(token)


def offer(runtime: ChatRuntime, token: Secret, deployment_type: str | None) -> ChatAnswer:
    """What the runtime answers to it. An access token that it should give all the same is revoked."""
    endpoint = Endpoint.V2 if deployment_type in (None, "api") else Endpoint.V1
    answer = runtime.exchange(endpoint, token, "unsigned token")
    if deployment_type is None and answer.kind is Kind.REFUSED and "deploymenttype" in answer.words.lower():
        endpoint = Endpoint.V1
        answer = runtime.exchange(endpoint, token, "unsigned token")
    if answer.access_token is not None and answer.is_verified:
        runtime.revoke(endpoint, answer.access_token)
    return answer
