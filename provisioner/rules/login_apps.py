"""Rules about the apps of logins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.jose.certificates import SHOULD_BE_VALID_FOR
from provisioner.jose.defects import excerpt
from provisioner.model.logins import NEEDED_SCOPES, SCOPES, AppType, nearest_scope
from provisioner.rules.examples import LOGIN, changed
from provisioner.rules.login_context import LoginCheck, LoginContext
from provisioner.rules.rule import Rule
from provisioner.words import enumerated

_EMAIL_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

LOGIN_CONTACT_INVALID = Rule(
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
    mistake=("platform@example.com", "platform  # wrong"),
)


def login_contact_invalid(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        contact = login.app.contact_email
        at = login.places.of("app", "contact_email") or login.places.of("app")
        if login.app.type is AppType.EXTERNAL and context.lacks(login, ("app",), "contact_email"):
            yield LOGIN_CONTACT_INVALID.finding(f"{login.address} has no contact_email.", at, login.address)
        elif contact is not None and "${" not in contact and not _EMAIL_ADDRESS.fullmatch(contact):
            message = f"The contact_email of {login.address} is not an e-mail address: {excerpt(contact)}."
            yield LOGIN_CONTACT_INVALID.finding(message, at, login.address)


LOGIN_CERTIFICATE_EXPIRES = Rule(
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
    mistake=("keys/shop.crt", "keys/expired.crt  # wrong"),
)


def login_certificate_expires(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        found = context.certificates.get(login.name)
        expires = found.expires if found is not None else None
        if expires is not None and expires - context.now < SHOULD_BE_VALID_FOR:
            verb = "expired" if expires < context.now else "expires"
            message = f"The certificate of {login.address} {verb} on {expires:%Y-%m-%d}."
            yield LOGIN_CERTIFICATE_EXPIRES.finding(message, login.places.of("app", "certificate"), login.address)


LOGIN_CERTIFICATE_UNUSABLE = Rule(
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
    mistake=("keys/shop.crt", "keys/ec.crt  # wrong"),
)


def login_certificate_unusable(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        at = login.places.of("app", "certificate")
        found = context.certificates.get(login.name)
        for defect in found.defects if found is not None else ():
            if defect.severity is Severity.ERROR:
                yield LOGIN_CERTIFICATE_UNUSABLE.finding(defect.message, at, login.address, fix=defect.fix)
        if login.app.type is AppType.EXTERNAL and context.lacks(login, ("app",), "certificate"):
            message = f"{login.address} has no certificate, so its app does not allow JWT bearer."
            yield LOGIN_CERTIFICATE_UNUSABLE.finding(message, login.places.of("app"), login.address)


LOGIN_REPLACES_INVALID = Rule(
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


def login_replaces_invalid(context: LoginContext) -> Iterator[Diagnostic]:
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
        yield LOGIN_REPLACES_INVALID.finding(message, at, login.address)


LOGIN_SCOPE_FULL = Rule(
    id="login-scope-full",
    severity=Severity.WARNING,
    what="A login has the scope full.",
    why="""
        A token with the scope full reaches all data that its user can reach, and every API. provisioner needs only
        api and refresh_token. A token that leaks is worth less with fewer scopes.
    """,
    fix="Remove full, and name the scopes that the integration needs.",
    good=LOGIN,
    mistake=("refresh_token]", "refresh_token, full]  # wrong"),
)


def login_scope_full(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        if "full" in (login.app.scopes or ()):
            message = f"{login.address} has the scope full."
            yield LOGIN_SCOPE_FULL.finding(message, login.places.of("app", "scopes"), login.address)


LOGIN_SCOPE_MISSING = Rule(
    id="login-scope-missing",
    severity=Severity.ERROR,
    what="A login lacks the scope api or refresh_token.",
    why="""
        Without api the Metadata API refuses the session. Without refresh_token the token endpoint answers
        "refresh_token scope is required", for connected apps and for external client apps. `scopes` is complete:
        the org loses each scope that is not listed.
    """,
    fix="Write `scopes: [api, refresh_token]`.",
    good=LOGIN,
    mistake=(", refresh_token]", "]  # wrong"),
)


def login_scope_missing(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        scopes = login.app.scopes
        written = context.listed(login, "app", "scopes") or ()
        meant = {nearest_scope(name) for name, _ in written if name not in SCOPES}
        missing = [name for name in NEEDED_SCOPES if scopes is not None and name not in {*scopes, *meant}]
        if missing:
            message = f"{login.address} lacks the scope {enumerated(missing)}, and a login by JWT needs it."
            yield LOGIN_SCOPE_MISSING.finding(message, login.places.of("app", "scopes"), login.address)


LOGIN_SCOPE_UNKNOWN = Rule(
    id="login-scope-unknown",
    severity=Severity.ERROR,
    what="A login names a scope that does not exist.",
    why="""
        An org refuses the deployment of an app with an unknown scope ("There's a problem with your scope(s)").
        Scopes are written by their names in OAuth, such as api and refresh_token, and not by their labels in Setup.
    """,
    fix="Write one of the scopes that the editor schema lists, such as api.",
    good=LOGIN,
    mistake=("refresh_token]", "refresh_token, apis]  # wrong"),
)


def login_scope_unknown(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        for name, at in context.listed(login, "app", "scopes") or ():
            if name not in SCOPES:
                near = f" Did you mean {meant}?" if (meant := nearest_scope(name)) is not None else ""
                message = f"{login.address} names the scope {excerpt(name)}, which does not exist.{near}"
                fix = f"Scopes: {', '.join(SCOPES)}."
                yield LOGIN_SCOPE_UNKNOWN.finding(message, at, login.address, fix=fix)


SHORTEST_TIMEOUT, LONGEST_TIMEOUT = 15, 1440

LOGIN_SESSION_TIMEOUT_INVALID = Rule(
    id="login-session-timeout-invalid",
    severity=Severity.ERROR,
    what="The session timeout of a login is out of range.",
    why="""
        Salesforce offers session timeouts from 15 minutes to 24 hours (Setup > Session Settings). A short timeout
        limits the use of a token that leaked; provisioner logs in again if its session expires during a deployment.
    """,
    fix="Write a whole number of minutes from 15 to 1440.",
    good=LOGIN,
    mistake=("admin_approved}", "admin_approved, session_timeout_minutes: 5}  # wrong"),
)


def login_session_timeout_invalid(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        minutes = login.policy.session_timeout_minutes
        if minutes is not None and not SHORTEST_TIMEOUT <= minutes <= LONGEST_TIMEOUT:
            limits = f"{SHORTEST_TIMEOUT} to {LONGEST_TIMEOUT}"
            message = f"The session timeout of {login.address} is {minutes} minutes, not {limits}."
            yield LOGIN_SESSION_TIMEOUT_INVALID.finding(
                message, login.places.of("policy", "session_timeout_minutes"), login.address
            )


CHECKS: Mapping[Rule, LoginCheck] = {
    LOGIN_CONTACT_INVALID: login_contact_invalid,
    LOGIN_CERTIFICATE_EXPIRES: login_certificate_expires,
    LOGIN_CERTIFICATE_UNUSABLE: login_certificate_unusable,
    LOGIN_REPLACES_INVALID: login_replaces_invalid,
    LOGIN_SCOPE_FULL: login_scope_full,
    LOGIN_SCOPE_MISSING: login_scope_missing,
    LOGIN_SCOPE_UNKNOWN: login_scope_unknown,
    LOGIN_SESSION_TIMEOUT_INVALID: login_session_timeout_invalid,
}
