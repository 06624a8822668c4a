"""``diagnose chat``: the evidence of a channel (the org, the chat runtime, the endpoints), and its diagnosis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.diagnosis.chat.diagnosis import diagnose
from provisioner.diagnosis.chat.evidence import ChatEvidence, endpoint_keysets
from provisioner.diagnosis.findings import ChatDiagnosis
from provisioner.jose.jwk_members import ALGORITHMS
from provisioner.jose.material import jwks_of
from provisioner.model.environment import Environment
from provisioner.model.estate import Estate
from provisioner.model.jwk import Jwk
from provisioner.planning.plan_input import PlanInput
from provisioner.rules.check import check
from provisioner.salesforce.chat import ChatRuntime
from provisioner.salesforce.chat_answers import Kind
from provisioner.salesforce.chat_proof import offer, unsigned_token
from provisioner.salesforce.chat_site import ask_site
from provisioner.workflows.chat_settings import (
    channel_address,
    declared_deployment,
    deployment_names,
    select_channel,
    select_deployment,
    settings_of,
)
from provisioner.workflows.connect import connected, local_org
from provisioner.workflows.console import Console
from provisioner.workflows.endpoints import ask_endpoint
from provisioner.workflows.load_declaration import FindingsError
from provisioner.workflows.prepare import observe

if TYPE_CHECKING:
    from provisioner.declaration.load import Loaded
    from provisioner.diagnosis.chat.evidence import ChatEvidence
    from provisioner.jose.endpoint_diagnosis import EndpointDiagnosis
    from provisioner.salesforce import Org
    from provisioner.salesforce.chat import ChatSettings
    from provisioner.salesforce.chat_answers import ChatAnswer

_SIDE_BY_SIDE = 4
#: So many declared origins are looked at: each is a request to the chat host, which admits few of one command.
_MOST_ORIGINS = 3


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
        declared = Declared(loaded.estate, jwks_of(check(loaded, now=console.now).derivations))
        return diagnose(gather(console, environment, declared, org, channel, deployment, bundle, options.origin))


def _loaded(console: Console, name: str) -> tuple[Loaded, Environment]:
    """Return the readable part of the declaration. Raises only for errors in the environment's own file."""
    loaded = console.config.load(name)
    assert loaded.environment is not None
    own = [found for found in loaded.findings if found.location and found.location.file == loaded.environment.file]
    if any(found.is_error for found in own):
        raise FindingsError(name, own)
    return loaded, loaded.environment


@dataclass(frozen=True, slots=True)
class Declared:
    """The readable part of the declaration, with the JWKs of its readable keys."""

    estate: Estate
    jwks: Mapping[str, Jwk]


def gather(
    console: Console, environment: Environment, declared: Declared, org: Org, channel: str, deployment: str | None,
    ca_bundle: Path | None, origin: str | None = None,
) -> ChatEvidence:  # fmt: skip
    """Return all evidence that needs no key. Raises the errors of reading the org.

    Without an ``origin``, the origins are those that the deployment declares.
    """
    estate, snapshot = declared.estate, observe(console, org, environment)
    inputs = _with_destinations(org, PlanInput(estate, declared.jwks, snapshot, console.now), channel)
    settings = settings_of(console, environment, org, deployment, ca_bundle) if deployment is not None else None
    named = estate.deployments.get(deployment or "")
    origins = (origin,) if origin is not None else named.origins[:_MOST_ORIGINS] if named is not None else ()
    asked = _runtime(console, settings, inputs, channel, origins) if settings is not None else (None, None, {})
    config, probe, allowed = asked
    shown = config.site_url if config is not None else None
    site = ask_site(settings, shown) if settings is not None and shown is not None else None
    missing = config is None or not config.auth_mode
    return ChatEvidence(
        environment=environment.name,
        channel=channel,
        inputs=inputs,
        deployment=deployment,
        chat_url=settings.host.origin if settings is not None else None,
        config=config,
        probe=probe,
        address=channel_address(org, channel) if config is not None and config.channel_address else None,
        endpoints=_endpoints(console, endpoint_keysets(inputs, channel), environment.ca_bundle),
        deployments=deployment_names(org) if missing else (),
        origins=allowed,
        site=site,
    )


def _with_destinations(org: Org, inputs: PlanInput, channel: str) -> PlanInput:
    """Return the inputs with the queue and the flow to which the channel routes conversations."""
    observed = inputs.channels.get(channel)
    if observed is None or not observed.is_enhanced_chat:
        return inputs
    queues, flows = ({name} if name is not None else set() for name in (observed.queue, observed.flow))
    return replace(inputs, snapshot=replace(inputs.snapshot, destinations=org.destinations(queues, flows)))


def _runtime(
    console: Console, settings: ChatSettings, inputs: PlanInput, channel: str, origins: Sequence[str]
) -> tuple[ChatAnswer, ChatAnswer | None, dict[str, str | None]]:
    """Return the public configuration, the answer to a token that nobody signed, and the allowed origin of each origin.

    Without verification no token is offered, and there is no second answer.
    """
    runtime = ChatRuntime(settings)
    console.say(f"Asking {settings.host.origin} about {settings.deployment}.")
    config = runtime.config(origins[0] if origins else None)
    allowed = {origins[0]: config.allowed_origin} if origins else {}
    if config.kind is Kind.GOOD:
        allowed |= {each: runtime.config(each).allowed_origin for each in origins[1:]}
    observed = inputs.channels.get(channel)
    verifies = config.auth_mode == "Auth" or (observed is not None and observed.enabled)
    if not verifies or config.kind in (Kind.SILENT, Kind.STRANGE, Kind.BUSY):
        return config, None, allowed
    issuer, kid, algorithm = _known_key(inputs, channel)
    token = unsigned_token(issuer=issuer, kid=kid, algorithm=algorithm, now=runtime.clock.now())
    return config, offer(runtime, token, config.deployment_type), allowed


def _known_key(inputs: PlanInput, channel: str) -> tuple[str, str, str]:
    """Return issuer, kid and algorithm of a key that the channel knows, so that only the signature is wrong."""
    state = inputs.before
    for keyset in state.active_keysets(state.channels[channel]) if channel in state.channels else ():
        for name in keyset.keys:
            key = state.keys.get(name)
            if key is not None and key.active and key.jwk is not None and key.jwk.alg in ALGORITHMS:
                return keyset.issuer or "", key.jwk.kid, key.jwk.alg
        return keyset.issuer or "", "unknown", "RS256"
    return "unknown", "unknown", "RS256"


def _endpoints(console: Console, urls: dict[str, str], ca_bundle: Path | None) -> dict[str, EndpointDiagnosis]:
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        found = pool.map(lambda url: ask_endpoint(console, url, ca_bundle=ca_bundle), urls.values())
        return dict(zip(urls, found, strict=True))
