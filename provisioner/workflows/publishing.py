"""Asks the chat host what is published, and publishes through the org."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provisioner.errors import ProvisionerError
from provisioner.workflows.chat_settings import settings_of
from provisioner.workflows.console import Console

if TYPE_CHECKING:
    from provisioner.model.environment import Environment
    from provisioner.salesforce import Org
    from provisioner.salesforce.chat_answers import ChatAnswer
    from provisioner.salesforce.published import Ask, Publisher


def asking(console: Console, org: Org, environment: Environment) -> Ask:
    """Return a function that asks for the public configuration of a deployment, without any credential."""
    from provisioner.salesforce.chat import ChatRuntime
    from provisioner.salesforce.chat_answers import silence

    def ask(deployment: str) -> ChatAnswer:
        try:
            return ChatRuntime(settings_of(console, environment, org, deployment, org.ca_bundle)).config()
        except ProvisionerError as error:  # the environment names no chat host that may be asked
            return silence(error.message, error.code)

    return ask


def publisher(console: Console, org: Org, environment: Environment) -> Publisher:
    """Return what publishes in this org."""
    from provisioner.salesforce.published import Publisher

    return Publisher(org, asking(console, org, environment), org.pause)
