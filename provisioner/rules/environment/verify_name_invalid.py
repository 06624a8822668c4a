"""Names under ``verify``, which are sent to the chat host."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.model.names import LONGEST, is_api_name
from provisioner.rules.context import RuleInput, is_open
from provisioner.rules.rule import Rule

RULE = Rule(
    id="verify-name-invalid",
    severity=Severity.ERROR,
    what="A channel or a deployment under verify is not an API name.",
    why="""
        The deployment's name is sent to the chat host, so it must be a name and nothing else: ASCII letters, digits
        and underscores, a letter first, 80 characters at most. Only key_file allows a reference. Source:
        Metadata API Developer Guide, the rule for DeveloperName.
    """,
    fix="Write the API name from Setup (Setup > Embedded Service Deployments, Setup > Messaging Settings).",
    good="""
        # config/environments/sandbox.yaml
        embedded_org: .localorg
        verify:
          Web_Chat:
            deployment: Shop_Web
    """,
    bad="""
        # config/environments/sandbox.yaml
        embedded_org: .localorg
        verify:
          Web_Chat:
            deployment: Shop Web  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    environment = context.environment
    if environment is None:
        return
    for channel, target in environment.verify.items():
        yield from _judge("channel", channel, environment.places.of("verify", channel))
        yield from _judge("deployment", target.deployment, environment.places.of("verify", channel, "deployment"))


def _judge(what: str, name: str | None, at: Location | None) -> Iterator[Diagnostic]:
    if name is None or is_open(name) or is_api_name(name):
        return
    shown = repr(name) if len(name) <= LONGEST else f"{name[:LONGEST]!r}…"
    yield RULE.finding(f"{shown} is not the API name of a {what}.", at)
