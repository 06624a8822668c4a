"""The origins of the pages that use a deployment."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.components.origins import is_origin
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput, is_open
from provisioner.rules.rule import Rule

RULE = Rule(
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


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for deployment in context.estate.deployments.values():
        for index, origin in enumerate(deployment.origins):
            if not is_open(origin) and not is_origin(origin):
                at = deployment.places.of("origins", index)
                yield RULE.finding(f"{origin[:200]!r} is not an origin.", at, deployment.address)
