"""Parts of templates that were never filled in."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.model.characters import placeholder
from provisioner.rules.context import Context, is_open
from provisioner.rules.rule import Rule
from provisioner.rules.texts import compared

RULE = Rule(
    id="text-placeholder",
    severity=Severity.WARNING,
    what="An issuer, a kid, an endpoint or a login field contains a placeholder of a template.",
    why="""
        Documentation of identity providers writes `https://YOUR_DOMAIN.auth0.com/`, `<tenant>` or `{tenant}` at the
        place of a value that each reader has to fill in. An issuer with such a part matches no token, so every
        customer is a guest.
    """,
    fix="Write the real value.",
    good="""
        version: 1
        issuers:
          shop: https://acme.auth0.com/
    """,
    bad="""
        version: 1
        issuers:
          shop: https://YOUR_DOMAIN.auth0.com/  # wrong
    """,
)


def check(context: Context) -> Iterator[Diagnostic]:
    for name, value, at, address in _values(context):
        if (found := placeholder(value)) is not None:
            yield RULE.finding(f"{name} contains `{found}`, which looks like a placeholder.", at, address)


def _values(context: Context) -> Iterator[tuple[str, str, Location | None, str | None]]:
    for text in compared(context):
        yield text.name, text.value, text.at, text.address
    environment = context.environment
    if environment is None:
        return
    login = environment.login
    fields: dict[str, object] = {"chat_url": environment.chat_url}
    if login is not None:
        fields |= {"login_url": login.login_url, "audience": login.audience, "username": login.username}
        fields |= {"consumer_key": login.consumer_key}
    for field, value in fields.items():
        if isinstance(value, str) and not is_open(value):
            yield f"`{field}`", value, environment.places.of(field), None
