"""A rotation that leads from an app to itself, or from nothing."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.logins import AppType
from provisioner.rules.examples import LOGIN, changed
from provisioner.rules.login_context import LoginContext
from provisioner.rules.rule import Rule

RULE = Rule(
    id="login-replaces-invalid",
    severity=Severity.ERROR,
    what="A `replaces` names the app itself, or neither an app nor a certificate.",
    why="""
        A `replaces` says what a rotation of the certificate leads away from: an earlier app, which
        `login retire` ends, or an earlier certificate of the same app. If it named the app itself, the app would be
        ended with it. An org creates no second connected app, so a connected app replaces only a certificate.
    """,
    fix="Let `provisioner login rotate` write `replaces`, or name the earlier app and its certificate.",
    good=changed(
        LOGIN,
        "name: Provisioner_CI\n",
        "name: Provisioner_CI_2\n      replaces: {name: Provisioner_CI, certificate: keys/shop.crt}\n",
    ),
    bad=changed(
        LOGIN, "name: Provisioner_CI\n", "name: Provisioner_CI\n      replaces: {name: Provisioner_CI}  # wrong\n"
    ),
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        replaced, at = login.app.replaces, login.places.of("app", "replaces")
        if replaced is None:
            continue
        if context.lacks(login, ("app", "replaces"), "name", "certificate"):
            message = f"`replaces` of {login.address} names neither an app nor a certificate."
        elif replaced.name is not None and replaced.name.casefold() == login.app.name.casefold():
            message = f"The app {login.app.name} of {login.address} replaces itself."
        elif replaced.name is not None and login.app.type is AppType.CONNECTED:
            message = f"{login.address} is a connected app, and cannot replace another app."
        else:
            continue
        yield RULE.finding(message, at, login.address)
