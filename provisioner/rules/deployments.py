"""Rules about deployments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from provisioner.components.origins import is_origin
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.estate import Deployment, DeploymentType
from provisioner.names import Nearest
from provisioner.rules.api_names import LONGEST_LABEL
from provisioner.rules.context import RuleCheck, RuleInput, is_open
from provisioner.rules.rule import Rule
from provisioner.rules.values import length_problem

CHANNEL_OF_DEPLOYMENT_UNKNOWN = Rule(
    id="channel-of-deployment-unknown",
    severity=Severity.WARNING,
    what="A deployment names a channel that is neither declared nor external.",
    why="""
        The name is probably misspelt. A plan looks the channel up in the org, and stops if the org does not have it.
        A channel of another owner belongs under `external`: then this declaration says that it counts on the channel.
    """,
    fix="Correct the name, declare the channel under channels, or list it under `external: {channels: [...]}`.",
    good="""
        version: 1
        channels:
          Web_Chat: {user_verification: {enabled: true}}
        external: {channels: [App_Chat]}
        deployments:
          Shop_Web: {channel: Web_Chat}
          Shop_App: {channel: App_Chat}
    """,
    bad="""
        version: 1
        channels:
          Web_Chat: {user_verification: {enabled: true}}
        deployments:
          Shop_Web:
            channel: Web_Chta  # wrong
    """,
)


def channel_of_deployment_unknown(context: RuleInput) -> Iterator[Diagnostic]:
    known = context.referable("channels")
    if known is None:
        return
    nearest = Nearest(known)
    for deployment in context.estate.deployments.values():
        if deployment.channel and deployment.channel not in known and not is_open(deployment.channel):
            yield CHANNEL_OF_DEPLOYMENT_UNKNOWN.finding(
                f"There is no channel {deployment.channel!r} under channels or external."
                f"{nearest.hint(deployment.channel)}",
                deployment.places.of("channel"),
                deployment.address,
            )


_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")

DEPLOYMENT_CREATE = Rule(
    id="deployment-create",
    severity=Severity.ERROR,
    what="A deployment to create lacks its type or its domain, or has a domain or a label that cannot be.",
    why="""
        An org makes each type in another way, so `type` must be known. The site of a web deployment is bound to the
        host of the pages that show it: `domain`, a host without scheme, port and path. Custom clients and mobile apps
        have no site. A label has 1 to 80 characters.
    """,
    fix="Write `type: web` with `create: {domain: shop.example.com}`, or `type: mobile` or `custom_client` without it.",
    good="""
        version: 1
        channels:
          Web_Chat: {user_verification: {enabled: true}}
        deployments:
          Shop_Web: {type: web, channel: Web_Chat, create: {label: Shop Web, domain: shop.example.com}}
          Shop_Api: {type: custom_client, channel: Web_Chat, create: {label: Shop API}}
    """,
    bad="""
        version: 1
        channels:
          Web_Chat: {user_verification: {enabled: true}}
        deployments:
          Shop_Web:
            type: web
            channel: Web_Chat
            create:
              domain: https://shop.example.com  # wrong
    """,
)


def deployment_create(context: RuleInput) -> Iterator[Diagnostic]:
    for deployment in context.estate.deployments.values():
        found = _creation_problem(context, deployment)
        if found is not None:
            path, problem = found
            yield DEPLOYMENT_CREATE.finding(problem, deployment.places.of(*path), deployment.address)


def _creation_problem(context: RuleInput, deployment: Deployment) -> tuple[tuple[str, ...], str] | None:
    create, path = deployment.create, ("deployments", deployment.name)
    if create is None:
        return None
    if deployment.type is None:
        return ((), "The type of the new deployment is missing.") if context.lacks(path, "type") else None
    label, domain = create.label, create.domain
    if label is not None and (problem := length_problem(label, LONGEST_LABEL)) is not None:
        return ("create", "label"), f"The label of the new deployment {problem}."
    if deployment.type is not DeploymentType.WEB:
        what = "A deployment of type {} has no site, so it has no domain."
        return None if domain is None else (("create", "domain"), what.format(deployment.type))
    if domain is None:
        lacks = context.lacks((*path, "create"), "domain")
        return ((), "The domain of the new web deployment is missing.") if lacks else None
    if is_open(domain) or (_HOST.fullmatch(domain) and len(domain) <= 253):
        return None
    return ("create", "domain"), f"The domain {domain[:80]!r} is not a host: it has no scheme, port, path or wildcard."


DEPLOYMENT_ORIGIN = Rule(
    id="deployment-origin",
    severity=Severity.ERROR,
    what="A value under origins is not an origin that an org may trust.",
    why="""
        An origin in CORS may use the org's API from a browser, so only whole origins are added: `https`, a host, and
        a port if it is not 443. A wildcard would let in every host of a domain; a path is not a part of an origin.
        `http` is possible for localhost only.
    """,
    fix="Write scheme, host and port alone, such as https://shop.example.com or http://localhost:3000.",
    good="""
        version: 1
        channels:
          Web_Chat: {user_verification: {enabled: true}}
        deployments:
          Shop_Web: {channel: Web_Chat, origins: [https://shop.example.com, http://localhost:3000]}
    """,
    bad="""
        version: 1
        channels:
          Web_Chat: {user_verification: {enabled: true}}
        deployments:
          Shop_Web:
            channel: Web_Chat
            origins:
              - https://*.example.com  # wrong
    """,
)


def deployment_origin(context: RuleInput) -> Iterator[Diagnostic]:
    for deployment in context.estate.deployments.values():
        for index, origin in enumerate(deployment.origins):
            if not is_open(origin) and not is_origin(origin):
                at = deployment.places.of("origins", index)
                yield DEPLOYMENT_ORIGIN.finding(f"{origin[:200]!r} is not an origin.", at, deployment.address)


CHECKS: Mapping[Rule, RuleCheck] = {
    CHANNEL_OF_DEPLOYMENT_UNKNOWN: channel_of_deployment_unknown,
    DEPLOYMENT_CREATE: deployment_create,
    DEPLOYMENT_ORIGIN: deployment_origin,
}
