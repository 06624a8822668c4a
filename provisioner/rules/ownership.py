"""Rules about the components under ``removed`` and ``external``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.types import TYPES
from provisioner.rules.context import RuleCheck, RuleInput
from provisioner.rules.rule import Rule

CHANNEL_REMOVED = Rule(
    id="channel-removed",
    severity=Severity.ERROR,
    what="A channel is listed under removed, and an org cannot delete a channel.",
    why="""
        Neither Setup nor an API deletes a messaging channel. A channel that is no longer used can be
        deactivated: customers then cannot begin a chat on it.
    """,
    fix="Remove the name, and deactivate the channel in Setup > Messaging Settings.",
    good="""
        version: 1
        removed:
          keysets: [shop_2025]
    """,
    bad="""
        version: 1
        removed:
          channels:
            - Old_Chat  # wrong
    """,
)


def channel_removed(context: RuleInput) -> Iterator[Diagnostic]:
    for name, place in context.removed("channels"):
        yield CHANNEL_REMOVED.finding(f"An org cannot delete the channel {name}.", place, f"channel.{name}")


DEPLOYMENT_REMOVED = Rule(
    id="deployment-removed",
    severity=Severity.ERROR,
    what="A deployment is listed under removed, and this program deletes no deployment.",
    why="""
        Nobody has seen what becomes of the site of a web deployment that an API deletes, and every page that loads a
        deleted deployment loses its chat at once.
    """,
    fix="Remove the name, and delete the deployment in Setup > Embedded Service Deployments.",
    good="""
        version: 1
        removed:
          keysets: [shop_2025]
    """,
    bad="""
        version: 1
        removed:
          deployments:
            - Old_Web  # wrong
    """,
)


def deployment_removed(context: RuleInput) -> Iterator[Diagnostic]:
    for name, place in context.removed("deployments"):
        message = f"The deployment {name} cannot be deleted by a declaration."
        yield DEPLOYMENT_REMOVED.finding(message, place, f"deployment.{name}")


REMOVED_AND_DECLARED = Rule(
    id="removed-and-declared",
    severity=Severity.ERROR,
    what="A name under removed is declared as well.",
    why="""
        The file declares both that the component exists and that it is deleted. The intention is unclear, and one
        of the two cuts off customers.
    """,
    fix="Remove the name from one of the two places.",
    good="""
        version: 1
        removed:
          keysets: [shop_2025]
    """,
    bad="""
        version: 1
        keysets:
          shop: {issuer: https://id.example.com, endpoint: https://id.example.com/jwks.json}
        removed:
          keysets: [shop]  # wrong
    """,
)


def removed_and_declared(context: RuleInput) -> Iterator[Diagnostic]:
    removed = context.estate.removed
    for kind in TYPES:
        declared = context.names(kind.section) or frozenset()
        for index, name in enumerate(removed.names(kind)):
            if name in declared:
                message = f"The {kind.word} {name} is listed under removed and under {kind.section}."
                yield REMOVED_AND_DECLARED.finding(message, removed.places.of(kind.section, index), kind.address(name))


EXTERNAL_AND_DECLARED = Rule(
    id="external-and-declared",
    severity=Severity.ERROR,
    what="A name under external is declared, or listed under removed, as well.",
    why="""
        An external component is never written. A declared one is made as declared, and a removed one is deleted. So
        the file says both that another team owns the component and that this declaration does.
    """,
    fix="Keep the name under external if another team owns it; else remove it there.",
    good="""
        version: 1
        external:
          keysets: [partner]
        channels:
          Web_Chat:
            user_verification:
              configurations:
                partner_login: {keyset: partner}
    """,
    bad="""
        version: 1
        keysets:
          shop: {issuer: https://id.example.com, endpoint: https://id.example.com/jwks.json}
        external:
          keysets: [shop]  # wrong
    """,
)


def external_and_declared(context: RuleInput) -> Iterator[Diagnostic]:
    estate = context.estate
    for kind in TYPES:
        declared, removed = context.names(kind.section) or frozenset(), frozenset(estate.removed.names(kind))
        for index, name in enumerate(estate.external.names(kind)):
            if name in declared or name in removed:
                other = kind.section if name in declared else "removed"
                message = f"The {kind.word} {name} is listed under external and under {other}."
                yield EXTERNAL_AND_DECLARED.finding(
                    message, estate.external.places.of(kind.section, index), kind.address(name)
                )


CHECKS: Mapping[Rule, RuleCheck] = {
    CHANNEL_REMOVED: channel_removed,
    DEPLOYMENT_REMOVED: deployment_removed,
    REMOVED_AND_DECLARED: removed_and_declared,
    EXTERNAL_AND_DECLARED: external_and_declared,
}
