"""The chat runtime's client: public configurations, and access tokens for identity tokens.

Source: the messaging API reference (v2, for Custom Client deployments) and Salesforce's own web and mobile clients (v1,
for theirs). Both refuse unknown properties. Access-token requests are limited to 200 a minute for the whole org,
customers included: so every request is sent once, counted, and recorded for display.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import requests

from provisioner.errors import ProvisionerError, RefusedError
from provisioner.salesforce.api_errors import AttemptFailed
from provisioner.salesforce.chat_answers import ChatAnswer, silence, understand
from provisioner.salesforce.chat_hosts import ChatHost, require_chat_host
from provisioner.salesforce.clock import SYSTEM_CLOCK, Clock
from provisioner.salesforce.transport import ANSWER_SECONDS, Transport
from provisioner.secrets import Secret

#: The number of requests that one command may send to a chat host.
REQUESTS_AT_MOST = 6
_CONFIG = "/embeddedservice/v1/embedded-service-config"


class TokenEndpoint(StrEnum):
    """The two token endpoints: v1 accepts web and mobile deployments, v2 Custom Client ones."""

    V1 = "v1"
    V2 = "v2"


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """The settings of a chat client. ``timeout`` is in seconds, for one answer.

    ``org_id`` is cut to its first 15 characters. ``admitted`` are the hosts that the user named on the command line.
    """

    host: ChatHost
    org_id: str
    deployment: str
    ca_bundle: Path | None = None
    timeout: float | None = None
    admitted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One request, for display: its purpose, its result, and its duration in seconds."""

    purpose: str
    method: str
    path: str
    answer: ChatAnswer
    seconds: float


class ChatRuntime:
    """One deployment at one chat host. No answer raises, nor does a missing answer."""

    def __init__(self, settings: ChatSettings, clock: Clock = SYSTEM_CLOCK) -> None:
        """Raise :class:`RefusedError` if an identity token must not go to the host, InputError for the CA bundle."""
        self.settings = settings
        self.clock = clock
        self._origin = require_chat_host(settings.host, settings.admitted)
        self._transport = Transport(settings, clock)
        self._sent: list[ChatRequest] = []

    @property
    def sent(self) -> tuple[ChatRequest, ...]:
        """Return every request so far, in order."""
        return tuple(self._sent)

    @property
    def left(self) -> int:
        """Return the number of requests that may still be sent."""
        return REQUESTS_AT_MOST - len(self._sent)

    def config(self, origin: str | None = None) -> ChatAnswer:
        """Return the configuration that every visitor's browser may read, on a page of ``origin``."""
        query = {"orgId": self._org_id, "esConfigName": self.settings.deployment, "language": "en_US"}
        headers = {"Origin": origin} if origin is not None else {}
        return self._ask("public configuration", "GET", _CONFIG, params=query, headers=headers)

    def exchange(self, endpoint: TokenEndpoint, identity_token: Secret, purpose: str) -> ChatAnswer:
        """Return the answer with an access token for an identity token."""
        body: dict[str, Any] = {"orgId": self._org_id}
        if endpoint is TokenEndpoint.V2:
            path = "/iamessage/api/v2/authorization/authenticated/access-token"
            body |= {"esDeveloperName": self.settings.deployment, "capabilitiesVersion": "1", "platform": "Web"}
        else:
            path = "/iamessage/v1/authorization/authenticated/accessToken"
            body |= {"developerName": self.settings.deployment, "capabilitiesVersion": "260"}
        body |= {"authorizationType": "JWT", "customerIdentityToken": identity_token.reveal()}
        return self._ask(f"{purpose} ({endpoint.value})", "POST", path, json=body)

    def revoke(self, endpoint: TokenEndpoint, access_token: str, *, bare: bool = False) -> ChatAnswer:
        """End an access token. ``bare`` sends v1's request without the property that Salesforce's Android client sends.

        Source of v1's body: the Android SDK's RevokeTokenRequest (``deregisterDevice``); its required content is
        unproven.
        """
        headers = {"Authorization": f"Bearer {access_token}"}
        if endpoint is TokenEndpoint.V2:
            path = "/iamessage/api/v2/authorization/authenticated/access-token"
            return self._ask("revoke (v2)", "DELETE", path, headers=headers)
        body = {} if bare else {"deregisterDevice": False}
        return self._ask("revoke (v1)", "POST", "/iamessage/v1/authorization/revokeToken", json=body, headers=headers)

    @property
    def _org_id(self) -> str:
        return self.settings.org_id[:15]

    def _ask(self, purpose: str, method: str, path: str, **more: Any) -> ChatAnswer:
        if not self.left:
            raise RefusedError(
                f"{REQUESTS_AT_MOST} requests were sent to {self.settings.host.host}, and a command sends at most "
                f"this number.",
                next="Run the command again in a minute.",
                code="request-budget",
            )
        began = self.clock.monotonic()
        deadline = began + max(ANSWER_SECONDS, self.settings.timeout or 0.0)
        answer = self._answered(lambda: self._transport.session(deadline).request(method, self._origin + path, **more))
        self._sent.append(ChatRequest(purpose, method, path, answer, self.clock.monotonic() - began))
        return answer

    def _answered(self, send: Callable[[], requests.Response]) -> ChatAnswer:
        try:
            return understand(send(), self.clock)
        except AttemptFailed as failed:
            return silence(failed.verdict.message, failed.verdict.code)
        except ProvisionerError as error:
            return silence(error.message, error.code)
