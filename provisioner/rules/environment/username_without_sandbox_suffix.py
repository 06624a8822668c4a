"""User names of production in a sandbox's file."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.salesforce_hosts import HostKind
from provisioner.rules.context import RuleInput, is_open
from provisioner.rules.examples import ENVIRONMENT, changed
from provisioner.rules.rule import Rule
from provisioner.rules.values import login_host

#: Suffixes of mail domains that are unlikely to be the name of a sandbox.
MAIL_ENDINGS = ("com", "net", "org", "edu", "gov", "mil", "int", "info", "biz")

RULE = Rule(
    id="username-without-sandbox-suffix",
    severity=Severity.WARNING,
    what="The user name has no sandbox suffix, but the login URL belongs to a sandbox.",
    why="""
        When a sandbox is created, Salesforce appends its name to every user name (ci@acme.com becomes
        ci@acme.com.uat). The plain name does not exist there, and the login fails with the same message as for ten
        other mistakes. Users that were created in the sandbox can have any name, so this is a warning. Source:
        Salesforce Help,
        "Sandbox Setup Considerations".
    """,
    fix="Write the user name from Setup > Users of the sandbox.",
    good=ENVIRONMENT,
    bad=changed(ENVIRONMENT, "ci@acme.com.uat", "ci@acme.com  # wrong"),
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    environment, host = context.environment, login_host(context)
    if environment is None or environment.login is None or host is None:
        return
    username = environment.login.username
    if not isinstance(username, str) or is_open(username) or host.kind not in (HostKind.SANDBOX, HostKind.TEST):
        return
    ending = username.rpartition("@")[2].rpartition(".")[2].lower()
    if host.sandbox is not None and ending != host.sandbox:
        message = f"{username} does not end with .{host.sandbox}, but {host.host} is the sandbox {host.sandbox}."
    elif host.sandbox is None and ending in MAIL_ENDINGS:
        message = f"{username} does not end with a sandbox name, but {host.host} logs in to sandboxes."
    else:
        return
    yield RULE.finding(message, environment.places.of("username"))
