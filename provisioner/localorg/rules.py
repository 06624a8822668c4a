"""The org's refusals of components that its schema allows: names, references, combinations.

Texts that users have quoted are exact; the others follow the generic patterns.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from provisioner.localorg import jwk
from provisioner.localorg.deployment_files import CHAT_FLAGS, FLAGS
from provisioner.localorg.faults import Faults
from provisioner.localorg.records import MetadataType
from provisioner.localorg.routing_tables import FLOWS, QUEUES
from provisioner.localorg.schema import SchemaProblem, problem_at
from provisioner.localorg.xmltree import Node

LONGEST_NAME = 80
LONGEST_LABEL = 80
_SHORT_LABEL = 40
_LONGEST_DESCRIPTION = 1000
#: Salesforce's rule for developer names, and its message.
_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")
_NAME_TEXT = (
    "The {} API Name can only contain underscores and alphanumeric characters. It must be unique, begin with a letter, "
    "not include spaces, not end with an underscore, and not contain two consecutive underscores."
)
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_RANGES = {"verifiedUserJwtExpirationTime": (60, 240), "anonymousUserJwtExpirationTime": (60, 4320)}

#: Returns whether a component of a type and name can be referenced.
Resolves = Callable[[MetadataType, str], bool]
#: The type's schema has an open string. Source of the last two: Salesforce's own chat client.
_AUTH_MODES = ("Auth", "UnAuth", "ExperienceSiteAuth", "SalesforceSessionAuth")


def name_problem(kind: MetadataType, name: str, faults: Faults) -> str | None:
    """Return the reason why a component cannot be created with a name."""
    if not _NAME.fullmatch(name):
        return _NAME_TEXT.format(kind.xml_name)
    if len(name) > LONGEST_NAME and not faults.on("long-names"):
        return f"API Name: data value too large: {name} (max length={LONGEST_NAME})"
    return None


def check(
    kind: MetadataType, new: Node, old: Node | None, resolves: Resolves, faults: Faults, *, active: bool
) -> list[SchemaProblem]:
    """Return every reason why the org refuses ``new``. ``old`` is the stored one; ``active`` is the channel's state."""
    short = kind is MetadataType.CHANNEL and faults.on("channel-label-40")
    problems = _lengths(new, _SHORT_LABEL if short else LONGEST_LABEL)
    if kind is MetadataType.KEY:
        problems += _key(new, old, faults)
    elif kind is MetadataType.KEYSET:
        problems += _keyset(new, old, resolves, faults)
    elif kind is MetadataType.CHANNEL:
        problems += _channel(new, old, resolves, faults, active=active)
    elif kind is MetadataType.CHAT_DEPLOYMENT:
        problems += _chat_deployment(new, old, resolves, faults)
    return problems


def _chat_deployment(new: Node, old: Node | None, resolves: Resolves, faults: Faults) -> list[SchemaProblem]:
    """Return the refusals of a deployment: another resource creates a web one, with its sites."""
    kind, chat = (new.value("deploymentType") or "").strip(), new.find("embeddedServiceMessagingChannel")
    if kind == "Web" and old is None:
        return [problem_at(new, "In field: Name - no Network named ESW_Site found")]
    if kind == "Web" and faults.on("web-redeploy-immutable"):
        return [problem_at(new, "Unable to change an immutable field: site")]
    problems = [problem_at(new, f"Required field is missing: {each}") for each in FLAGS if new.find(each) is None]
    if chat is None:
        return problems
    channel = (chat.value("messagingChannel") or "").strip()
    if not resolves(MetadataType.CHANNEL, channel):
        text = f"In field: messagingChannel - no MessagingChannel named {channel} found"
        problems.append(problem_at(chat.find("messagingChannel") or chat, text))
    if old is not None and old.value("embeddedServiceMessagingChannel", "messagingChannel") != channel:
        problems.append(problem_at(chat, "You can't change the messaging channel of a deployment."))
    if kind != "Web":
        on = (each for each in CHAT_FLAGS if chat.flag(each))
        problems += [problem_at(chat, f"{each} isn't supported for the deployment type {kind}") for each in on]
    return problems


def _lengths(root: Node, longest_label: int) -> list[SchemaProblem]:
    limits = (("masterLabel", longest_label), ("description", _LONGEST_DESCRIPTION))
    return [
        problem_at(found, f"{name}: data value too large: {found.text} (max length={longest})")
        for name, longest in limits
        if (found := root.find(name)) is not None and len(found.text) > longest
    ]


def _key(new: Node, old: Node | None, faults: Faults) -> list[SchemaProblem]:
    node = new.find("jsonWebKey")
    if node is None or not node.text.strip():
        return [problem_at(new, "Required field is missing: jsonWebKey")]
    before = old.value("jsonWebKey") if old is not None else None
    if before is not None and jwk.same(before, node.text):
        return []
    if before is not None and faults.on("jwk-fixed"):
        return [problem_at(node, "You can't change the JSON web key of an existing key.")]
    problem = jwk.problem(node.text, x5c_required=not faults.on("x5c-not-required"))
    return [] if problem is None else [problem_at(node, problem)]


def _keyset(new: Node, old: Node | None, resolves: Resolves, faults: Faults) -> list[SchemaProblem]:
    problems = []
    type_ = (new.value("type") or "").strip()
    endpoint, keys = new.find("jwksEndPoint"), new.all("publicKeyCertificateSetKeys")
    if type_ == "JWKS" and endpoint is not None and endpoint.text.strip():
        problems.append(problem_at(endpoint, "You can't configure JWKS_URL when the key type selected is JWKS_KEY."))
    if type_ == "JWKS_URL" and keys:
        problems.append(problem_at(keys[0], "You can't configure JWKS_KEY when the key type selected is JWKS_URL."))
    if type_ == "JWKS_URL" and (endpoint is None or not endpoint.text.strip()):
        problems.append(problem_at(new, "Required field is missing: jwksEndPoint"))
    if type_ == "JWKS_URL" and endpoint is not None and endpoint.text.strip()[:8].lower() != "https://":
        problems.append(problem_at(endpoint, f"The endpoint URL must begin with https://: {endpoint.text.strip()}"))
    if old is not None and faults.on("keyset-type-fixed") and old.value("type") != type_:
        problems.append(problem_at(new.find("type") or new, "You can't change the type of an existing keyset."))
    seen: set[str] = set()
    for member in keys:
        name = (member.value("publicKeyCertificate") or "").strip()
        if name in seen:
            problems.append(problem_at(member, f"duplicate value found: publicKeyCertificate {name}"))
        elif not resolves(MetadataType.KEY, name):
            problems.append(
                problem_at(member, f"In field: publicKeyCertificate - no PublicKeyCertificate named {name} found")
            )
        seen.add(name)
    return problems


def _channel(new: Node, old: Node | None, resolves: Resolves, faults: Faults, *, active: bool) -> list[SchemaProblem]:
    if faults.on("component-refused"):
        handler = new.find("sessionHandlerType") or new
        return [problem_at(handler, "Only active Agentforce Service Agents are supported")]
    kind = new.find("sessionHandlerType")
    unnamed = kind is not None and kind.text == "AgentforceServiceAgent" and not new.value("sessionHandlerAsa")
    if kind is not None and unnamed and faults.on("session-handler-asa-required"):
        return [problem_at(kind, "Missing required Agentforce Service Agent.")]
    embedded = new.find("embeddedConfig")
    problems = _routing(new)
    if embedded is None:
        return problems
    if (new.value("messagingChannelType") or "").strip() != "EmbeddedMessaging":
        problems.append(problem_at(embedded, "embeddedConfig is supported only for the channel type EmbeddedMessaging"))
    mode = (embedded.value("authMode") or "").strip()
    if mode not in _AUTH_MODES:
        problems.append(
            problem_at(embedded.find("authMode") or embedded, f"'{mode}' is not a valid value for authMode")
        )
    if mode == "Auth" and new.flag("isSynchronousChatEnabled"):
        problems.append(
            problem_at(
                new.find("isSynchronousChatEnabled") or new, "You can't enable Session-Based Chat for verified users"
            )
        )
    was = old.value("embeddedConfig", "authMode") if old is not None else mode
    if active and was is not None and was != mode and faults.on("auth-mode-active-refused"):
        problems.append(problem_at(embedded, "Deactivate the channel before you change its user verification."))
    problems += _expirations(embedded, faults)
    seen: set[str] = set()
    authorizations = embedded.all("messagingAuthorizations")
    if len(authorizations) > 1 and faults.on("one-configuration"):
        problems.append(problem_at(authorizations[1], "A channel can have only one user verification configuration."))
    for authorization in authorizations:
        problems += _authorization(authorization, seen, resolves)
    return problems


def _routing(new: Node) -> list[SchemaProblem]:
    """Return the refusals of a routing: its target must exist, and a flow also needs a queue."""
    problems = []
    for element, word, known in (("sessionHandlerQueue", "Queue", QUEUES), ("sessionHandlerFlow", "Flow", FLOWS)):
        node = new.find(element)
        if node is not None and node.text.strip() and node.text.strip() not in known:
            problems.append(problem_at(node, f"In field: {element} - no {word} named {node.text.strip()} found"))
    if new.value("sessionHandlerFlow") and not new.value("sessionHandlerQueue"):
        text = "A Fallback Queue must be specified when selecting a Flow routing method."
        problems.append(problem_at(new.find("sessionHandlerFlow") or new, text))
    return problems


def _expirations(embedded: Node, faults: Faults) -> list[SchemaProblem]:
    problems = []
    for name, (least, most) in _RANGES.items():
        found = embedded.find(name)
        if found is None or not found.text.strip():
            continue
        minutes = int(found.text)
        if faults.on("expiration-range") and not least <= minutes <= most:
            problems.append(problem_at(found, f"{name} must be between {least} and {most} minutes"))
        elif minutes < 1:
            problems.append(problem_at(found, f"{name} must be greater than 0"))
    return problems


def _authorization(node: Node, seen: set[str], resolves: Resolves) -> list[SchemaProblem]:
    identifier = (node.value("authIdentifier") or "").strip()
    problems = []
    if not _IDENTIFIER.fullmatch(identifier):
        problems.append(
            problem_at(
                node,
                "The authIdentifier must begin with a letter and contain only alphanumeric characters and underscores.",
            )
        )
    if identifier in seen:
        problems.append(problem_at(node, f"duplicate value found: authIdentifier {identifier}"))
    seen.add(identifier)
    keyset = (node.value("publicKeyCertificateSetName") or "").strip()
    provider = (node.value("authProviderName") or "").strip()
    if (node.value("authorizationType") or "").strip() == "AuthProvider":
        if not provider:
            problems.append(problem_at(node, "Required field is missing: authProviderName"))
    elif not keyset:
        problems.append(problem_at(node, "Required field is missing: publicKeyCertificateSetName"))
    elif not resolves(MetadataType.KEYSET, keyset):
        problems.append(
            problem_at(
                node.find("publicKeyCertificateSetName") or node,
                f"In field: publicKeyCertificateSetName - no PublicKeyCertificateSet named {keyset} found",
            )
        )
    return problems
