"""The org's records of logins: the login history, and the identity provider's event log.

Source: object reference, LoginHistory and IdpEventLog. The history has only attempts with a known user; the event code
of each refusal is partly inferred.
"""

from __future__ import annotations

from typing import Any

from provisioner.localorg.clock import rest_time
from provisioner.localorg.login import LoginRefusal
from provisioner.localorg.org import Org
from provisioner.localorg.records import App, User

#: Event codes, by a part of the refusal's text; the first match counts.
_EVENTS = (
    ("hasn't approved", "ClientUnapproved"),
    ("not admin approved", "AppAccessDenied"),
    ("blocked by admin", "AppBlocked"),
    ("invalid assertion", "InvalidSignature"),
    ("client identifier", "InvalidIssuer"),
    ("authorization code", "CodeExpired"),
    ("authentication failure", "InvalidUserCredentials"),
    ("refresh_token scope", "InvalidScope"),
    ("client credentials", "InvalidClientCredentials"),
)
_EVENT_MARK = "ErrorCode"


def record_login(org: Org, user: User, app: App | None, status: str, source: str) -> None:
    """Add one row to the login history."""
    org.store.add_login(
        {
            "Id": org.store.new_id("0Ya"),
            "LoginTime": rest_time(org.now),
            "UserId": user.id,
            "LoginType": "Remote Access 2.0",
            "LoginSubType": "OauthJwtBearer",
            "Status": status,
            "SourceIp": source,
            "Application": app.label if app is not None else "N/A",
            "Browser": "Unknown",
            "LoginUrl": f"localhost:{org.identity.port}",
            "TlsProtocol": "TLS 1.3",
            "ApiType": "N/A",
        }
    )


def record_event(org: Org, refusal: LoginRefusal) -> None:
    """Add one row to the event log, if the refusal is one of the identity provider."""
    code = next((code for part, code in _EVENTS if part in refusal.description), None)
    if code is not None:
        org.store.add_login(
            {
                "Id": org.store.new_id("0Iu"),
                "Timestamp": rest_time(org.now),
                _EVENT_MARK: code,
                "IdentityUsed": refusal.user.username if refusal.user else None,
                "AppId": refusal.app.id if refusal.app is not None else None,
                "UserId": refusal.user.id if refusal.user else None,
            }
        )


def logins(org: Org) -> list[dict[str, Any]]:
    return [row for row in org.store.logins() if _EVENT_MARK not in row]


def events(org: Org) -> list[dict[str, Any]]:
    return [row for row in org.store.logins() if _EVENT_MARK in row]
