"""Keysets that a channel names and the declaration does not have."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.names import Nearest
from provisioner.rules.context import RuleInput, is_open
from provisioner.rules.examples import CHANNEL, changed
from provisioner.rules.rule import Rule

RULE = Rule(
    id="channel-unknown-keyset",
    severity=Severity.ERROR,
    what="A channel's configuration names a keyset that the declaration does not have.",
    why="""
        The deployment would fail; or, if the org already has a keyset of that name, the channel would trust an
        unreviewed issuer.
    """,
    fix="Declare the keyset under keysets, correct the name, or list it under external if another team owns it.",
    good=CHANNEL,
    bad=changed(CHANNEL, "keyset: shop}", "keyset: shpo}  # wrong"),
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    known = context.referable("keysets")
    nearest = Nearest(known or ())
    for channel in context.estate.channels.values():
        for configuration in (channel.configurations or {}).values():
            name = configuration.keyset
            if known is None or name is None or name in known or is_open(name):
                continue
            yield RULE.finding(
                f"There is no keyset {name!r} under keysets or external.keysets.{nearest.hint(name)}",
                channel.places.of("user_verification", "configurations", configuration.name, "keyset"),
                channel.address,
            )
