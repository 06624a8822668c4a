"""Contacts of apps."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.jose.defects import excerpt
from provisioner.model.logins import AppType
from provisioner.rules.examples import LOGIN, changed
from provisioner.rules.login_context import LoginContext
from provisioner.rules.rule import Rule

ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

RULE = Rule(
    id="login-contact-invalid",
    severity=Severity.ERROR,
    what="An external client app has no contact, or one that is not an e-mail address.",
    why="""
        Setup requires the address of the people who answer for an external client app, and Salesforce writes to it.
        The metadata format does not require it, so an app without one could be deployed, and later not be edited in
        Setup.
    """,
    fix="Write the address of a team, such as platform@example.com, as contact_email.",
    good=LOGIN,
    bad=changed(LOGIN, "platform@example.com", "platform  # wrong"),
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        contact = login.app.contact_email
        at = login.places.of("app", "contact_email") or login.places.of("app")
        if login.app.type is AppType.EXTERNAL and context.lacks(login, ("app",), "contact_email"):
            yield RULE.finding(f"{login.address} has no contact_email.", at, login.address)
        elif contact is not None and "${" not in contact and not ADDRESS.fullmatch(contact):
            message = f"The contact_email of {login.address} is not an e-mail address: {excerpt(contact)}."
            yield RULE.finding(message, at, login.address)
