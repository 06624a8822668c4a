"""``diagnose chat``: the evidence of a channel, and its diagnosis."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.diagnosis.chat.diagnosis import diagnose
from provisioner.workflows.chat_evidence import gather
from provisioner.workflows.chat_settings import declared_deployment, select_channel, select_deployment
from provisioner.workflows.connect import connected, local_org
from provisioner.workflows.console import Console
from provisioner.workflows.load_declaration import FindingsError

if TYPE_CHECKING:
    from provisioner.declaration.load import Loaded
    from provisioner.diagnosis.findings import ChatDiagnosis
    from provisioner.model.environment import Environment


@dataclass(frozen=True, slots=True)
class ChatDiagnosisOptions:
    """None: the environment's ``verify:`` names channel and deployment, else the declaration; it names the origins."""

    channel: str | None = None
    deployment: str | None = None
    origin: str | None = None


def diagnose_chat(console: Console, options: ChatDiagnosisOptions) -> ChatDiagnosis:
    """Diagnose a channel. Raises :class:`UsageError` if none is named, and the errors of a login."""
    loaded, environment = _loaded(console, console.one_environment())
    channel = select_channel(environment, options.channel)
    named = select_deployment(environment, channel, options.deployment)
    deployment = named or declared_deployment(loaded.estate, channel)
    with local_org(console, environment) as local, connected(console, environment) as org:
        bundle = Path(local.ca_bundle) if local is not None else None
        return diagnose(gather(console, environment, loaded.estate, org, channel, deployment, bundle, options.origin))


def _loaded(console: Console, name: str) -> tuple[Loaded, Environment]:
    """Return the readable part of the declaration. Raises only for errors in the environment's own file."""
    loaded = console.config.load(name)
    assert loaded.environment is not None
    own = [found for found in loaded.findings if found.location and found.location.file == loaded.environment.file]
    if any(found.is_error for found in own):
        raise FindingsError(name, own)
    return loaded, loaded.environment
