"""A session that is renewed: each request has retries, and another attempt after a new login."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import requests

from provisioner.errors import LoginError, OrgRefusedError
from provisioner.salesforce.api_errors import SessionEnded
from provisioner.salesforce.clock import Clock
from provisioner.salesforce.login import Session, TokenFormat
from provisioner.salesforce.retries import ONE_ATTEMPT, RetryPolicy, persist, retry_policy
from provisioner.salesforce.sessions import expired, ignore, open_session
from provisioner.salesforce.settings import Access, LoginSettings
from provisioner.salesforce.transport import Transport

T = TypeVar("T")
#: Parallel requests may exhaust a session once before this one; more often means a defect of the org or the login.
LOGINS_A_REQUEST = 2
#: A request: a function of an HTTP session and an org session that sends it and parses the answer.
Request = Callable[[requests.Session, Session], T]


class Connection:
    """One login in one org, usable from several threads. ``admitted`` is as in :func:`open_session`."""

    def __init__(
        self, settings: Access, transport: Transport, clock: Clock, admitted: Callable[[str], None] = ignore
    ) -> None:
        self.settings = settings
        self.transport = transport
        self.clock = clock
        self._renewing = threading.Lock()
        self._session = open_session(settings, transport, clock, admitted=admitted)

    @property
    def session(self) -> Session:
        return self._session

    def call(self, request: Request[T], *, patience: RetryPolicy | None = None) -> T:
        """Send ``request`` until it is answered, at most as often as ``patience`` allows.

        A request that was refused for its session was not executed: it is sent again, after a new login. Raises the
        request's final errors, and the verdict of its last failed attempt.
        """

        def attempt(deadline: float) -> T:
            session = self._session
            for _ in range(LOGINS_A_REQUEST):
                try:
                    return self._send(request, deadline, session)
                except SessionEnded as ended:
                    session = self._renew(session, patience, ended)
            try:
                return self._send(request, deadline, session)
            except SessionEnded as again:
                raise self._never_accepted(again) from again

        return persist(attempt, patience=patience or retry_policy(self.settings.timeout), clock=self.clock)

    def _send(self, request: Request[T], deadline: float, session: Session) -> T:
        with self.transport.session(deadline) as http:
            return request(http, session)

    def _renew(self, ended: Session, patience: RetryPolicy | None, fault: SessionEnded) -> Session:
        """Return a new session in place of ``ended``, or the one that another thread opened meanwhile.

        Raises :class:`LoginError` if no new session can be opened here.
        """
        with self._renewing:
            if self._session is ended:
                renewed = open_session(self.settings, self.transport, self.clock, patience=patience)
                if not isinstance(self.settings, LoginSettings) and renewed.access_token == ended.access_token:
                    raise expired(self.settings, fault.words)
                if renewed.org_id[:15] != ended.org_id[:15]:
                    raise OrgRefusedError(
                        f"After the session expired, the same login led to another org: {renewed.org_id} instead of "
                        f"{ended.org_id}.",
                        next="Check login_url and username: a login must always lead to the same org.",
                        code="another-org",
                    )
                self._session = renewed
            return self._session

    def _never_accepted(self, fault: SessionEnded) -> LoginError:
        if "not valid for use with the" in fault.text:
            why = 'The app lacks the scope "Manage user data via APIs" (api).'
        elif self._session.token_format is TokenFormat.JWT:
            why = (
                "The app issues JWT-based access tokens, which not every interface accepts: switch this off in the app."
            )
        else:
            why = "The session policies of the app, or the profile of the user, end or restrict the session at once."
        return LoginError(
            f"The login succeeds, but the org does not accept its session, not even a new one ({fault.words}).",
            next=f"{why} Find out more with: {self.settings.diagnose}",
            code="session-refused",
        )


class Borrowed(Connection):
    """A session that another program opened. It cannot be renewed, and nothing is tried twice."""

    def __init__(self, session: Session, settings: Access, transport: Transport, clock: Clock) -> None:
        self.settings = settings
        self.transport = transport
        self.clock = clock
        self._session = session

    def call(self, request: Request[T], *, patience: RetryPolicy | None = None) -> T:
        """Send ``request`` once. Also raises :class:`SessionEnded`, unlike a login's own connection."""

        def attempt(deadline: float) -> T:
            return self._send(request, deadline, self._session)

        return persist(attempt, patience=ONE_ATTEMPT, clock=self.clock)
