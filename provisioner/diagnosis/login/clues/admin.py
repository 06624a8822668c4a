"""Clues from the org's own record, as an administrator may read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.diagnosis.cases import Against, For, Mark, Source
from provisioner.diagnosis.catalogue import normal
from provisioner.diagnosis.login.clues.configured import dates, swapped
from provisioner.diagnosis.login.evidence import AdminSeen, LoginEvidence, app_with_key
from provisioner.diagnosis.login.texts import EVENTS, HISTORY, known_text
from provisioner.salesforce.hosts import host_of

Rows = tuple[Mapping[str, Any], ...]


def clue(evidence: LoginEvidence) -> Iterator[Mark]:
    admin = evidence.admin
    if admin is None or admin.problem is not None:
        return
    if not swapped(evidence.configured):
        yield from _user(evidence, admin)
        yield from _app(evidence, admin)
        yield from _both(evidence, admin)
    yield from _policy(admin)
    yield from _permissions(admin)
    yield from _history(admin)
    yield from _events(admin)


def _proof(cause: str, because: str) -> For:
    return For(cause, 97, because, Source.ADMIN, proof=True)


def _user(evidence: LoginEvidence, admin: AdminSeen) -> Iterator[Mark]:
    users, name = admin.rows("user"), evidence.configured.user
    if users is None:
        return
    if not users:
        yield _proof("wrong-username", f"The org has no user with the Username {name}.")
        return
    yield Against("wrong-username", f"The org has the user {name}.")
    if users[0].get("IsActive") is False:
        yield _proof("user-inactive", "The user's record says IsActive: false.")
    else:
        yield Against("user-inactive", "The user's record says IsActive: true.")
    login = (admin.rows("user-login") or (None,))[0]
    if login is None:
        return
    states = [field for field in ("IsFrozen", "IsPasswordLocked") if login.get(field)]
    if states:
        yield _proof("user-frozen", f"The user's UserLogin record says {' and '.join(states)}: true.")
    else:
        yield Against("user-frozen", "The user's UserLogin record says IsFrozen: false.")


def _app(evidence: LoginEvidence, admin: AdminSeen) -> Iterator[Mark]:
    """Yield marks from the app's metadata: consumer key, certificate, scopes. A question that failed yields none."""
    apps = admin.rows("app-metadata")
    if apps is None:
        return
    ours = app_with_key(apps, evidence.configured.consumer_key)
    if ours is None:
        yield from _no_app_with_key(apps)
        return
    yield Against("wrong-consumer-key", f"The org's app {ours.get('fullName')} has the consumer key that was sent.")
    yield Against("app-not-installed", f"The org has the app {ours.get('fullName')}.")
    scopes = ours.get("scopes")
    if scopes is not None:
        yield from _scopes({str(scope).lower() for scope in scopes})
    if admin.certificate is not None:
        if admin.certificate.matches is False:
            yield _proof(
                "certificate-mismatch", "The app's certificate holds another public key than the private key's."
            )
        elif admin.certificate.matches:
            yield Against("certificate-mismatch", "The app's certificate is the private key's own.")
            yield Against("digital-signatures-not-enabled", "The app holds a certificate.")
        yield from dates(admin.certificate, evidence)
    elif admin.certificate_missing:
        yield For("digital-signatures-not-enabled", 70, "The app's metadata holds no certificate.", Source.ADMIN)
        yield Against("certificate-mismatch", "The app's metadata holds no certificate at all.")


def _no_app_with_key(apps: Rows) -> Iterator[Mark]:
    """Yield the mark of a consumer key that no app shows. It is no proof if an app may have it without showing it."""
    shown = sum(bool(app.get("consumerKey")) for app in apps)
    if not shown:
        return
    said = f"None of the org's {shown} apps with a readable consumer key has the one that was sent."
    if shown == len(apps):
        yield _proof("wrong-consumer-key", said)
    else:
        yield For("wrong-consumer-key", 20, f"{said} Other apps could not be read.", Source.ADMIN)


def _both(evidence: LoginEvidence, admin: AdminSeen) -> Iterator[Mark]:
    """Yield marks if the same host has the user and the app."""
    login = evidence.configured
    apps = admin.rows("app-metadata") or ()
    app = app_with_key(apps, login.consumer_key)
    if app is None:
        return
    answer = evidence.answer
    row = known_text(answer.error, answer.description) if answer is not None and answer.shape == "json" else None
    if row is not None and row.id == "F09":
        said = f"The org has the app {app.get('fullName')}, and the token endpoint does not know it."
        yield For("not-propagated", 25, said, Source.ADMIN)
        yield For("oauth-not-enabled", 25, said, Source.ADMIN)
    issuer = evidence.network.issuer if evidence.network is not None else None
    itself = issuer is None or host_of(issuer) == login.host
    if admin.host == login.host and itself and admin.rows("user"):
        yield Against("wrong-login-host", f"The org at {login.host} has the user and the app.")


def _scopes(scopes: set[str]) -> Iterator[Mark]:
    if not scopes & {"refreshtoken", "refresh_token", "offlineaccess"}:
        yield _proof("missing-refresh-token-scope", "The app's metadata lists no scope RefreshToken.")
    else:
        yield Against("missing-refresh-token-scope", "The app has the scope RefreshToken.")
    if not scopes & {"api", "full"}:
        yield _proof("missing-api-scope", "The app's metadata lists neither the scope Api nor Full.")


def _policy(admin: AdminSeen) -> Iterator[Mark]:
    policies = admin.rows("app-policy")
    if not policies:
        return
    policy = policies[0]
    approved = policy.get("OptionsAllowAdminApprovedUsersOnly")
    if approved is None and policy.get("PermittedUsersPolicyType"):
        approved = policy["PermittedUsersPolicyType"] == "AdminApprovedPreAuthorized"
    if approved is False:
        yield _proof("user-not-approved", "The app's Permitted Users is not: Admin approved users are pre-authorized.")
        yield Against("user-not-preauthorized", "The app does not ask for pre-authorization.")
        return
    if policy.get("OptionsHasSessionLevelPolicy"):
        yield For("session-level-policy", 60, "The app's record says OptionsHasSessionLevelPolicy: true.", Source.ADMIN)
    if approved is None:
        return
    yield Against("user-not-approved", "The app's Permitted Users is: Admin approved users are pre-authorized.")
    grants, held = admin.rows("access"), admin.rows("permission-sets")
    if grants is None or held is None:
        return
    parents = {str(row.get("PermissionSetId")) for row in held}
    if any(str(grant.get("ParentId")) in parents for grant in grants):
        yield Against("user-not-preauthorized", "One of the user's profile and permission sets is assigned to the app.")
    else:
        yield _proof("user-not-preauthorized", "None of the user's profile and permission sets is assigned to the app.")


def _permissions(admin: AdminSeen) -> Iterator[Mark]:
    held = admin.rows("permission-sets")
    if not held:
        return
    for cause, field, name in (
        ("api-not-enabled", "PermissionsApiEnabled", "API Enabled"),
        ("metadata-permission-missing", "PermissionsModifyMetadata", "Modify Metadata"),
    ):
        values = [(row.get("PermissionSet") or {}).get(field) for row in held]
        if any(value is None for value in values):
            continue
        if any(values):
            yield Against(cause, f"One of the user's profile and permission sets grants {name}.")
        else:
            yield _proof(cause, f"None of the user's profile and permission sets grants {name}.")


def _history(admin: AdminSeen) -> Iterator[Mark]:
    """Yield marks from the newest row of the login history: strong evidence, but our reading of its texts."""
    rows = admin.rows("history")
    if not rows:
        return
    status = str(rows[0].get("Status") or "")
    said = normal(status).removeprefix("failed: ")
    for words, cause in HISTORY:
        if words in said:
            source = rows[0].get("SourceIp")
            where = f" from {source}" if source else ""
            yield For(cause, 70, f'Setup > Login History says "{status}"{where}.', Source.ADMIN)
            return


def _events(admin: AdminSeen) -> Iterator[Mark]:
    rows = admin.rows("events")
    code = str(rows[0].get("ErrorCode") or "") if rows else ""
    if code in EVENTS:
        yield For(EVENTS[code], 60, f"The Identity Provider Event Log says {code}.", Source.ADMIN)
