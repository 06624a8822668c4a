"""The required values of a deployment that is created: a type, a label, and for a web page its host."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.estate import Deployment, DeploymentType
from provisioner.rules.context import RuleInput, is_open
from provisioner.rules.names.label_length import LONGEST
from provisioner.rules.rule import Rule
from provisioner.rules.values import length_problem

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")

RULE = Rule(
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


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for deployment in context.estate.deployments.values():
        found = _problem(context, deployment)
        if found is not None:
            path, problem = found
            yield RULE.finding(problem, deployment.places.of(*path), deployment.address)


def _problem(context: RuleInput, deployment: Deployment) -> tuple[tuple[str, ...], str] | None:
    create, path = deployment.create, ("deployments", deployment.name)
    if create is None:
        return None
    if deployment.type is None:
        return ((), "The type of the new deployment is missing.") if context.lacks(path, "type") else None
    label, domain = create.label, create.domain
    if label is not None and (problem := length_problem(label, LONGEST)) is not None:
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
