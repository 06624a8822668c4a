"""Clues from the calls with the access token."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnosis.cases import For, Mark
from provisioner.diagnosis.login.evidence import Call, LoginEvidence, SessionSeen

_NO_API = frozenset({"API_CURRENTLY_DISABLED", "API_DISABLED_FOR_ORG"})
_REFUSED = frozenset({"INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY"})


def clue(evidence: LoginEvidence) -> Iterator[Mark]:
    session = evidence.session
    if session is None:
        return
    wanted = evidence.configured.org_id
    if wanted and session.org_id and wanted[:15] != session.org_id[:15]:
        yield For(
            "wrong-login-host",
            96,
            f"The login led to org {session.org_id}, and {evidence.configured.file} names org {wanted}.",
            proof=True,
        )
    answer = evidence.answer
    if answer is not None and answer.tries > 1:
        said = f"The login failed at first, and works after {answer.seconds:.0f} seconds and {answer.tries} attempts."
        yield For("not-propagated", 90, said, proof=True)
    yield from _rest(session)
    yield from _soap(session)


def _rest(session: SessionSeen) -> Iterator[Mark]:
    call = session.rest
    if call is None or call.ok:
        return
    said = f"The login succeeds, and the REST API answers {call.words}."
    if call.code in _NO_API:
        yield For("api-not-enabled", 85, said)
    elif "not valid for use with the" in call.text:
        lacks = session.scope is not None and not {"api", "full"} & set(session.scope.split())
        listed = f" Scopes: {session.scope or 'none'}."
        yield For("missing-api-scope", 90, said + (listed if lacks else ""), proof=lacks)
        yield For("session-level-policy", 10, said)
    elif _asks_for_more(call):
        yield For("session-level-policy", 45, said)
    elif call.code == "INVALID_SESSION_ID":
        yield For("session-level-policy", 40, f"{said} A policy ended the new session.")
        yield For("missing-api-scope", 30, said)
    elif call.code == "REQUEST_LIMIT_EXCEEDED":
        yield For("rate-limited", 45, f"{said} It is the org's daily limit of requests, not that of logins.")
    else:
        yield For("transient", 15, said)


def _soap(session: SessionSeen) -> Iterator[Mark]:
    call, rest = session.soap, session.rest
    if call is None or call.ok or rest is None or not rest.ok:
        return
    said = f"The REST API accepts the session, and the SOAP Metadata API answers {call.words}."
    if call.code == "INVALID_SESSION_ID" and session.jwt_format:
        yield For("jwt-format-token", 95, f"{said} The access token is a JWT.", proof=True)
    elif call.code in _REFUSED or "ModifyMetadata" in call.text:
        told = "Metadata API" in call.text
        yield For("metadata-permission-missing", 85, said, proof=told)
    elif call.code in _NO_API:
        yield For("api-not-enabled", 85, said)
    elif call.code == "INVALID_SESSION_ID":
        yield For("missing-api-scope", 35, said)
        yield For("session-level-policy", 30, said)
    else:
        yield For("transient", 15, said)


def _asks_for_more(call: Call) -> bool:
    return "assurance" in call.text.lower() or call.code in _REFUSED
