"""Opens a session by a login by JWT, from the official CLI, or with a token."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from provisioner.errors import LoginError, RefusedError, UnreachableError
from provisioner.model.ids import ORGANIZATION, USER, is_id, same_id
from provisioner.salesforce.api_errors import AttemptFailed
from provisioner.salesforce.clock import Clock
from provisioner.salesforce.hosts import host_of, require_instance
from provisioner.salesforce.login import Session, format_of, json_object, log_in
from provisioner.salesforce.official_cli import CliSession, session_of_alias
from provisioner.salesforce.retries import RetryPolicy, persist, retry_policy
from provisioner.salesforce.settings import Access, LoginSettings, SfSettings, TokenSettings
from provisioner.salesforce.transport import Transport
from provisioner.secrets import Secret, redactor

log = logging.getLogger(__name__)

#: Returns the user of a token. Source: Salesforce Help, "User Info Endpoint".
USER_INFO_PATH = "/services/oauth2/userinfo"
#: The order in which both halves of a login are tried. While a change spreads, an org may answer old and new in turn:
#: halves that simply alternate could meet the other's answer for ever, and in this order (Thue-Morse) they do not.
TURNS = (0, 1, 1, 0, 1, 0, 0, 1)
_NOT_ACCEPTED = ("Bad_OAuth_Token", "INVALID_SESSION_ID", "Session expired or invalid")


def ignore(_: str) -> None:
    """Do nothing with a host."""


def open_session(
    access: Access,
    transport: Transport,
    clock: Clock,
    *,
    patience: RetryPolicy | None = None,
    admitted: Callable[[str], None] = ignore,
) -> Session:
    """Open a session, or use an existing one.

    ``admitted`` is called with the host's origin before each attempt, after every check that precedes a request.
    Raises :class:`LoginError`, :class:`RefusedError`, :class:`UnreachableError`.
    """
    match access:
        case LoginSettings():
            return _log_in(access, transport, clock, patience, admitted)
        case SfSettings():
            session = _of_cli(access, session_of_alias(access.alias))
        case TokenSettings():
            session = _of_token(access)
        case _:
            assert_never(access)
    admitted(session.instance_url)
    return _identified(session, access, transport, clock, patience)


def _log_in(
    access: LoginSettings,
    transport: Transport,
    clock: Clock,
    patience: RetryPolicy | None,
    admitted: Callable[[str], None],
) -> Session:
    """Log in; with a fallback, with both halves in turn as long as the token endpoint refuses them.

    Raises the refusal of the first half.
    """
    first: LoginError | None = None
    for half in [(access, access.fallback)[turn] for turn in TURNS] if access.fallback is not None else [access]:
        assert half is not None
        try:
            return log_in(half, transport, clock, patience=patience, admitted=admitted)
        except LoginError as refused:
            if refused.server is None or not refused.server.get("error"):
                raise
            first = first or refused
            log.info("The org refused the login: %s", refused)
    assert first is not None
    raise first


def expired(access: SfSettings | TokenSettings, words: str) -> LoginError:
    """Return the error for a session that the org no longer accepts; ``words`` are the org's own."""
    match access:
        case SfSettings():
            host = f" --instance-url {access.my_domain}" if access.my_domain else ""
            return LoginError(
                f"The org does not accept the session that the Salesforce CLI has for {access.alias} ({words}): it "
                f"expired or was revoked.",
                next=f"Log in again: sf org login web --alias {access.alias}{host}",
                code="session-expired",
            )
        case TokenSettings():
            return LoginError(
                f"The org does not accept {access.source} ({words}): the access token expired or was revoked, or it "
                f"belongs to another org than {access.instance_url}.",
                next="Log in again, and take the new token: sf org auth show-access-token --target-org ALIAS --json",
                code="session-expired",
            )
        case _:
            assert_never(access)


def _of_cli(access: SfSettings, found: CliSession) -> Session:
    url = require_instance(found.instance_url, "")
    if access.my_domain is not None and host_of(access.my_domain) != host_of(url):
        raise RefusedError(
            f"The Salesforce CLI's {access.alias} is an org at {url}, and login_url names {access.my_domain}. "
            f"Nothing was sent.",
            next="Correct sf_org or login_url; `sf org list` lists the orgs that the CLI knows.",
            code="another-org",
        )
    token = found.access_token
    return Session(
        access_token=token,
        instance_url=url,
        org_id=found.org_id or _org_of(token),
        user_id="",
        token_format=format_of(token.reveal()),
        client_id=found.client_id,
        borrowed=True,
    )


def _of_token(access: TokenSettings) -> Session:
    url = require_instance(access.instance_url, "")
    text = access.token.reveal().strip()
    redactor.keep(text)
    token = Secret(text)
    return Session(token, url, _org_of(token), "", format_of(text))


def _org_of(token: Secret) -> str:
    """Return the org's id at the beginning of an opaque token; empty for another token."""
    found = token.reveal().partition("!")[0]
    return found if is_id(found, ORGANIZATION) else ""


def _identified(
    session: Session,
    access: SfSettings | TokenSettings,
    transport: Transport,
    clock: Clock,
    patience: RetryPolicy | None,
) -> Session:
    """Return ``session`` with the ids of its user and org, as far as the org shows them.

    Raises :class:`LoginError` if the org does not accept the session. If the org fails for another reason, the next
    request reports it better.
    """

    def ask(deadline: float) -> Session:
        with transport.session(deadline) as http:
            response = http.get(
                session.instance_url + USER_INFO_PATH,
                headers={"Authorization": f"Bearer {session.access_token.reveal()}", "Accept": "application/json"},
            )
        words = next((each for each in _NOT_ACCEPTED if each in response.text), None)
        if response.status_code in (401, 403) and words is not None:
            raise expired(access, words)
        if response.status_code >= 500:
            raise AttemptFailed(
                UnreachableError(
                    f"{host_of(session.instance_url)} answered with HTTP {response.status_code}.",
                    next="Run the command again in a minute; https://status.salesforce.com shows incidents.",
                )
            )
        answer = json_object(response) or {}
        return _with_ids(session, str(answer.get("user_id") or ""), str(answer.get("organization_id") or ""))

    return persist(ask, patience=patience or retry_policy(access.timeout), clock=clock)


def _with_ids(session: Session, user_id: str, org_id: str) -> Session:
    if is_id(org_id, ORGANIZATION) and session.org_id and not same_id(org_id, session.org_id):
        raise RefusedError(
            f"The session belongs to org {session.org_id}, but {session.instance_url} is org {org_id}. Nothing more "
            f"was sent.",
            next="Check the instance URL: one session leads to one org.",
            code="another-org",
        )
    return replace(
        session,
        user_id=user_id if is_id(user_id, USER) else "",
        org_id=org_id if is_id(org_id, ORGANIZATION) else session.org_id,
    )
