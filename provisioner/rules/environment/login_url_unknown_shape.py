"""Login URLs that probably belong to something else."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.characters import placeholder
from provisioner.model.salesforce_hosts import HostKind, host_kind
from provisioner.rules.context import RuleInput
from provisioner.rules.examples import ENVIRONMENT, changed
from provisioner.rules.rule import Rule
from provisioner.rules.values import is_damaged, split

RULE = Rule(
    id="login-url-unknown-shape",
    severity=Severity.WARNING,
    what="login_url does not look like a My Domain, login.salesforce.com or test.salesforce.com.",
    why="""
        Only these hosts answer a login by assertion. The address bar of Lightning or Setup, an instance such as
        na12 and an Experience site look alike and answer with a web page. Source: Salesforce Help, "My Domain
        URL Formats".
    """,
    fix="Write https://NAME.my.salesforce.com (Setup > My Domain shows it), with nothing after the host.",
    good=ENVIRONMENT,
    bad=changed(ENVIRONMENT, "my.salesforce.com", "lightning.force.com  # wrong"),
)

_PROBLEMS = {
    HostKind.LIGHTNING: "is the address of Lightning or Setup, not the org's My Domain",
    HostKind.INSTANCE: "is an instance; these names are no longer served",
    HostKind.UNKNOWN: "is not a known login host",
}


def check(context: RuleInput) -> Iterator[Diagnostic]:
    environment = context.environment
    if environment is None or environment.login_url is None:
        return
    login_url = environment.login_url
    parts = split(login_url)
    if parts is None or parts.scheme != "https" or not parts.hostname:
        return  # a separate error
    if is_damaged(login_url) or placeholder(login_url):
        return  # a separate finding about the text
    at = environment.places.of("login_url")
    kind, _ = host_kind(parts.hostname)
    if kind in _PROBLEMS:
        yield RULE.finding(f"{parts.hostname} {_PROBLEMS[kind]}.", at)
    elif parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        yield RULE.finding(f"`login_url` contains more than the host {parts.hostname}.", at)
