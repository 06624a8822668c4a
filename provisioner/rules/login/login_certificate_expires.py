"""Certificates of logins that expire soon, or have expired."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.jose.certificates import SHOULD_BE_VALID_FOR
from provisioner.rules.examples import LOGIN, changed
from provisioner.rules.login_context import LoginContext
from provisioner.rules.rule import Rule

RULE = Rule(
    id="login-certificate-expires",
    severity=Severity.WARNING,
    what="The certificate of a login has expired or expires within 30 days.",
    why="""
        Salesforce sends no notice before the certificate of an app expires. Connected apps were seen to accept
        assertions after that date; for external client apps it is not documented. A rotation needs time, because a
        new certificate takes up to 15 minutes to be known everywhere in an org.
    """,
    fix="Make a new pair with `provisioner keys generate --login NAME`, and rotate to it: `provisioner login rotate`.",
    good=LOGIN,
    bad=changed(LOGIN, "keys/shop.crt", "keys/expired.crt  # wrong"),
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        found = context.certificates.get(login.name)
        expires = found.expires if found is not None else None
        if expires is not None and expires - context.now < SHOULD_BE_VALID_FOR:
            verb = "expired" if expires < context.now else "expires"
            message = f"The certificate of {login.address} {verb} on {expires:%Y-%m-%d}."
            yield RULE.finding(message, login.places.of("app", "certificate"), login.address)
