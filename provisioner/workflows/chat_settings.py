"""The chat runtime of an environment: its settings, the named channel and deployment, and the org's names for them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provisioner.errors import InputError, OrgRefusedError, UnreachableError, UsageError
from provisioner.model.environment import Environment
from provisioner.model.estate import DeploymentType, Estate
from provisioner.model.names import is_api_name
from provisioner.salesforce.chat import ChatSettings
from provisioner.salesforce.chat_hosts import declared_chat_host, derived_chat_host, is_my_domain, require_chat_host
from provisioner.workflows.connect import connected, local_org
from provisioner.workflows.console import Console

if TYPE_CHECKING:
    from provisioner.salesforce import Org
    from provisioner.salesforce.chat import ChatSettings
    from provisioner.salesforce.chat_hosts import ChatHost


@contextlib.contextmanager
def chat_settings(console: Console, environment: Environment, deployment: str) -> Iterator[ChatSettings]:
    """Yield the settings of the chat client. It logs in only if the file has neither org_id nor a chat host.

    A local org is served while the context is open.
    """
    login_url = environment.login_url
    known_host = environment.chat_url is not None or (login_url is not None and is_my_domain(login_url))
    with local_org(console, environment) as connection:
        if connection is not None:
            host, org_id = chat_host(console, environment, connection.chat_url), connection.org_id
            bundle = Path(connection.ca_bundle)
            yield _settings(console, host, org_id, deployment, bundle)
        elif known_host and environment.org_id is not None:
            host = chat_host(console, environment, login_url)
            yield _settings(console, host, environment.org_id, deployment, environment.ca_bundle)
        else:
            with connected(console, environment) as org:
                yield settings_of(console, environment, org, deployment)


def settings_of(
    console: Console, environment: Environment, org: Org, deployment: str, ca_bundle: Path | None = None
) -> ChatSettings:
    """Return the settings by an org that is logged in to."""
    host = chat_host(console, environment, org.session.instance_url)
    return _settings(console, host, org.session.org_id, deployment, ca_bundle or environment.ca_bundle)


def chat_host(console: Console, environment: Environment, org_url: str | None) -> ChatHost:
    """Return the chat host that the environment names, else the one of the org.

    Raises :class:`InputError`, and :class:`RefusedError` for a host that must not get an identity token.
    """
    if environment.chat_url is None:
        return derived_chat_host(org_url or "")
    try:
        found = declared_chat_host(environment.chat_url)
    except InputError as error:
        raise InputError(f"{environment.file}: {error.message}", next=error.next, code=error.code) from None
    require_chat_host(found, _admitted(console))
    return found


def select_channel(environment: Environment, given: str | None) -> str:
    """Return the named channel, or the only one under the environment's ``verify:``."""
    if given is not None:
        return given
    if len(environment.verify) == 1:
        return next(iter(environment.verify))
    several = ", ".join(environment.verify)
    raise UsageError(
        "No channel was named.",
        next=f"Give --channel with one of those under `verify:` in {environment.file}: {several}."
        if several
        else f"Give --channel NAME, or add a channel under `verify:` in {environment.file}.",
    )


def select_deployment(environment: Environment, channel: str, given: str | None) -> str | None:
    """Return the named deployment, or the one under the environment's ``verify:``; None without either."""
    target = environment.verify.get(channel)
    if given is not None or target is None or target.deployment is None:
        return given
    if not is_api_name(target.deployment):
        at = environment.places.of("verify", channel, "deployment") or environment.file
        raise InputError(
            f"`deployment` under verify ({at}) is not an API name, so it is not sent to the chat host.",
            next="Write the API name of the deployment (Setup > Embedded Service Deployments), not a reference.",
            code="verify-name-invalid",
        )
    return target.deployment


def declared_deployment(estate: Estate, channel: str) -> str | None:
    """Return the first declared deployment of a channel, a web one before others; None without any."""
    found = [each for each in estate.deployments.values() if each.channel == channel]
    web = [each for each in found if each.type is DeploymentType.WEB]
    return next((each.name for each in web or found), None)


def _settings(console: Console, host: ChatHost, org_id: str, deployment: str, ca_bundle: Path | None) -> ChatSettings:
    return ChatSettings(host, org_id, deployment, ca_bundle, console.given.timeout, _admitted(console))


def _admitted(console: Console) -> frozenset[str]:
    """Return the hosts that --allow-chat-host names."""
    return frozenset(console.given.chat_hosts)


def channel_address(org: Org, channel: str) -> str | None:
    """Return the channel's ChannelAddressIdentifier; None if the org does not show it."""
    rows = _rows(org, "SELECT DeveloperName, ChannelAddressIdentifier FROM MessagingChannel", tooling=False)
    found = {row.get("DeveloperName"): row.get("ChannelAddressIdentifier") for row in rows}
    return found.get(channel)


def deployment_names(org: Org) -> tuple[str, ...]:
    """Return the API names of the org's Embedded Service deployments; none if the org does not show them."""
    rows = _rows(org, "SELECT DeveloperName FROM EmbeddedServiceConfig", tooling=True)
    return tuple(sorted(str(row.get("DeveloperName")) for row in rows))


def _rows(org: Org, soql: str, *, tooling: bool) -> list[dict[str, Any]]:
    """Return the rows of a helpful but unnecessary query; none if the org refuses it."""
    try:
        return org.query(soql, tooling=tooling)
    except (OrgRefusedError, UnreachableError):
        return []
