"""Gathers the evidence in a fixed order, and does not stop at the first problem.

The order: offline, the network, the token endpoint, the session, the org's own record. At most one assertion is sent,
unless the caller asked to wait for propagation; none goes to a host that must not see one.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from provisioner.diagnosis.login.evidence import AdminSeen, Configured, LoginEvidence, NetworkSeen
from provisioner.diagnosis.login.probes.admin import look_as_admin
from provisioner.diagnosis.login.probes.key import look_at_key
from provisioner.diagnosis.login.probes.network import look_at_network
from provisioner.diagnosis.login.probes.session import look_at_session
from provisioner.diagnosis.login.probes.token import TokenExchange, ask, ask_until_propagated
from provisioner.errors import InputError, ProvisionerError
from provisioner.jose.cures import UNNAMED, Input
from provisioner.jose.private_key import CALLED
from provisioner.salesforce.clock import Clock
from provisioner.salesforce.connection import Connection
from provisioner.salesforce.settings import LoginSettings
from provisioner.salesforce.transport import Transport
from provisioner.salesforce.trust import Trust, choose_trust, system_trust
from provisioner.secrets import Secret

#: The Date header has whole seconds; a smaller difference is none.
_SKEW_THAT_COUNTS = 2.0


@dataclass(frozen=True, slots=True)
class Login:
    """A login as far as it could be read. ``configured`` holds the values that are not secret.

    ``key_input`` is the shell expression that reads the private key, ``key_called`` the key's name in messages.
    """

    configured: Configured
    private_key: Secret | None = None
    passphrase: Secret | None = None
    key_file: Path | None = None
    key_input: Input = UNNAMED
    key_called: str = CALLED
    ca_bundle: Path | None = None
    api_version: str | None = None
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Administrator:
    """Opens a session that reads the org's record. ``who`` names it for the user.

    ``open`` takes the instance URL of our own session, if there is one. It raises :class:`ProvisionerError`.
    """

    who: str
    open: Callable[[str | None], AbstractContextManager[Connection]]


def gather(
    login: Login,
    clock: Clock,
    *,
    wait: bool = False,
    administrator: Administrator | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> LoginEvidence:
    """Return all evidence about one login. A wrong configuration or a bad network does not raise."""
    configured = login.configured
    seen, key = look_at_key(login.private_key, login.passphrase, login.key_file, login.key_input, login.key_called)
    if seen is not None and seen.cause is not None:
        # Report one problem once: the message about the file is better than that about the reference.
        kept = tuple(each for each in configured.problems if each[0] not in ("key-unreadable", "key-encrypted"))
        configured = replace(configured, problems=kept)
    evidence = LoginEvidence(_moment(clock), configured, key=seen)
    if configured.login_url is None:
        return evidence
    settings = _settings(login)
    trust, problem = _trust(login)
    if problem is not None:
        extra = ("tls-untrusted", problem.message, problem.next)
        configured = replace(configured, problems=(*configured.problems, extra))
        evidence = replace(evidence, configured=configured)
    transport = Transport(settings, clock, trust)
    network = look_at_network(settings, transport, clock)
    if problem is not None and network.failure is not None:
        # The bundle comes first: any advice without it would contradict it.
        network = replace(network, failure=replace(network.failure, remedy=""))
    evidence = replace(evidence, network=network)
    began = clock.now()
    if key is not None and _may_ask(configured, network):
        asked = (
            ask_until_propagated(settings, key, transport, clock, say) if wait else ask(settings, key, transport, clock)
        )
        evidence = _with_answer(evidence, asked, network, settings, transport, clock)
    if administrator is not None and network.failure is None and network.refused is None:
        instance = evidence.session.instance_url if evidence.session is not None else None
        skew = (evidence.network.skew if evidence.network is not None else None) or 0.0
        ahead = skew if abs(skew) > _SKEW_THAT_COUNTS else 0.0
        span = (began + ahead, clock.now() + ahead)
        evidence = replace(evidence, admin=_ask_admin(administrator, instance, evidence, key, span))
    return evidence


def _trust(login: Login) -> tuple[Trust, InputError | None]:
    """Return the trusted authorities and the error of the CA bundle.

    If the bundle is unusable, the authorities are those of the operating system.
    """
    try:
        return choose_trust(login.ca_bundle), None
    except InputError as error:
        return system_trust(), error


def _settings(login: Login) -> LoginSettings:
    configured = login.configured
    url = configured.login_url or ""
    return LoginSettings(
        login_url=url,
        audience=configured.audience or url,
        username=configured.username or "",
        consumer_key=configured.consumer_key or "",
        private_key=login.private_key or Secret(""),
        passphrase=login.passphrase,
        ca_bundle=login.ca_bundle,
        api_version=login.api_version,
        timeout=login.timeout,
        environment=configured.environment,
    )


def _may_ask(configured: Configured, network: NetworkSeen) -> bool:
    whole = configured.username and configured.consumer_key and configured.login_url
    return bool(whole) and network.refused is None and network.failure is None


def _with_answer(
    evidence: LoginEvidence,
    asked: TokenExchange,
    network: NetworkSeen,
    settings: LoginSettings,
    transport: Transport,
    clock: Clock,
) -> LoginEvidence:
    network = replace(
        network,
        failure=network.failure or asked.failure,
        refused=asked.refused,
        skew=asked.skew if asked.skew is not None else network.skew,
    )
    evidence = replace(evidence, network=network, answer=asked.answer)
    if asked.session is None:
        return evidence
    seen = look_at_session(asked.session, asked.scope, network.versions, settings, transport, clock)
    return replace(evidence, session=seen)


def _ask_admin(
    administrator: Administrator,
    instance: str | None,
    evidence: LoginEvidence,
    key: RSAPrivateKey | None,
    span: tuple[float, float],
) -> AdminSeen:
    versions = evidence.network.versions if evidence.network is not None else ()
    try:
        with administrator.open(instance) as connection:
            return look_as_admin(connection, administrator.who, evidence.configured, key, versions, span)
    except ProvisionerError as error:
        return AdminSeen(administrator.who, problem=error.message)


def _moment(clock: Clock) -> datetime:
    return datetime.fromtimestamp(clock.now(), UTC)
