"""Active configurations of one channel with one issuer."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule

RULE = Rule(
    id="channel-issuer-conflict",
    severity=Severity.WARNING,
    what="Two active configurations of a channel have keysets with the same issuer.",
    why="""
        A token contains its issuer, not its configuration. Salesforce does not document which of the two verifies
        it, and therefore which Configuration Name keeps the customer's history.
    """,
    fix="Put the keys of one issuer into one keyset, or deactivate one of the configurations.",
    good="""
        version: 1
        keysets:
          web: {issuer: https://id.example.com, endpoint: https://id.example.com/web.json}
        channels:
          Web_Chat:
            user_verification:
              configurations:
                web_login: {keyset: web}
    """,
    bad="""
        version: 1
        keysets:
          web: {issuer: https://id.example.com, endpoint: https://id.example.com/web.json}
          app: {issuer: https://id.example.com, endpoint: https://id.example.com/app.json}
        channels:
          Web_Chat:
            user_verification:
              configurations:
                web_login: {keyset: web}
                app_login: {keyset: app}  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for channel in context.estate.channels.values():
        owners: dict[str, str] = {}
        for configuration in (channel.configurations or {}).values():
            keyset = context.estate.keysets.get(configuration.keyset or "")
            issuer = keyset.issuer.value if keyset is not None and keyset.issuer is not None else None
            if not configuration.active or issuer is None:
                continue
            other = owners.setdefault(issuer, configuration.name)
            if other != configuration.name:
                yield RULE.finding(
                    f"The configurations {other} and {configuration.name} are both active, with the issuer {issuer}.",
                    channel.places.of("user_verification", "configurations", configuration.name),
                    channel.address,
                )
