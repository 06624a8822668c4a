"""Finds what a page or an app needs to open a chat with a deployment."""

from __future__ import annotations

import re

from provisioner import names
from provisioner.errors import InputError, UnreachableError
from provisioner.model.environment import Environment
from provisioner.model.estate import DeploymentType, Estate
from provisioner.salesforce.chat import ChatRuntime
from provisioner.salesforce.chat_answers import ChatAnswer, Kind
from provisioner.salesforce.snippet import Snippet, setup_page
from provisioner.workflows.chat_settings import chat_settings
from provisioner.workflows.console import Console

_PLAIN_URL = re.compile(r"https://[A-Za-z0-9.-]+(:\d+)?(/[A-Za-z0-9._~-]+)*")


def find_snippet(console: Console, environment: Environment, estate: Estate, name: str) -> Snippet:
    """Return what the page needs.

    The public configuration, which needs no credential, is asked for the site of a web deployment, and for the type of
    a deployment that is declared without it. Raises :class:`InputError` if the deployment is not declared or not
    published, :class:`UnreachableError`.
    """
    declared = names.one_of(estate.deployments, name, "deployment", place="the declaration")
    with chat_settings(console, environment, name) as settings:
        origin, org_id = settings.host.origin, settings.org_id[:15]
        if declared.type in (DeploymentType.MOBILE, DeploymentType.CUSTOM_CLIENT):
            return Snippet(environment.name, name, declared.type, org_id, origin)
        console.say(f"Asking {origin} about {name}.")
        answer = ChatRuntime(settings).config()
        kind = _kind(name, answer)
        site = _site(name, answer) if kind is DeploymentType.WEB else None
        return Snippet(environment.name, name, kind, org_id, origin, site)


def _kind(name: str, answer: ChatAnswer) -> DeploymentType:
    known = {each.metadata.lower(): each for each in DeploymentType}
    found = known.get(answer.deployment_type or "")
    if found is not None:
        return found
    raise _refused(name, answer)


def _refused(name: str, answer: ChatAnswer) -> InputError | UnreachableError:
    said = f": {answer.words}" if answer.words else ""
    if answer.status is None or answer.kind is Kind.STRANGE:
        status = "no answer" if answer.status is None else f"HTTP {answer.status}"
        return UnreachableError(
            f"The chat host does not show the configuration of {name} ({status}){said}.",
            next=f"Run the command again, or copy the code from {setup_page(name)}.",
        )
    return InputError(
        f"The public configuration of {name} does not tell how a page opens it (HTTP {answer.status}){said}.",
        next=f"Publish the deployment, or copy its code from {setup_page(name)}.",
        code="snippet-unknown",
    )


def _site(name: str, answer: ChatAnswer) -> str:
    site = answer.site_url
    if site is None or _PLAIN_URL.fullmatch(site) is None:
        raise InputError(
            f"The public configuration of {name} names no site, and the code of a web page contains its address.",
            next=f"Copy the code from {setup_page(name)}.",
            code="snippet-unknown",
        )
    return site
