"""Certificates that an app does not accept."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.logins import AppType
from provisioner.rules.examples import LOGIN, changed
from provisioner.rules.login_context import LoginContext
from provisioner.rules.rule import Rule

RULE = Rule(
    id="login-certificate-unusable",
    severity=Severity.ERROR,
    what="An app does not take the certificate of a login.",
    why="""
        An app holds one certificate in PEM, at most 4096 bytes, with an RSA key of at least 2048 bits. Its presence
        switches JWT bearer on. A private key must never be in the config directory. The certificate is read from
        the file that the login names.
    """,
    fix="Name the certificate that belongs to the private key of the login.",
    good=LOGIN,
    bad=changed(LOGIN, "keys/shop.crt", "keys/ec.crt  # wrong"),
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        at = login.places.of("app", "certificate")
        found = context.certificates.get(login.name)
        for defect in found.defects if found is not None else ():
            if defect.severity is Severity.ERROR:
                yield RULE.finding(defect.message, at, login.address, fix=defect.fix)
        if login.app.type is AppType.EXTERNAL and context.lacks(login, ("app",), "certificate"):
            message = f"{login.address} has no certificate, so its app does not allow JWT bearer."
            yield RULE.finding(message, login.places.of("app"), login.address)
