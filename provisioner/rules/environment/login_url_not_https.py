"""Login URLs that are not https URLs."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.examples import ENVIRONMENT, changed
from provisioner.rules.rule import Rule
from provisioner.rules.values import is_damaged, split

RULE = Rule(
    id="login-url-not-https",
    severity=Severity.ERROR,
    what="login_url or chat_url is not an https URL.",
    why="""
        The assertion is a credential, and so is an identity token: on an unencrypted connection anyone could steal
        it. A text without https:// is not a URL. Source: RFC 7523 §4 (RFC 6749 §3.2: TLS is
        required).
    """,
    fix="Write https:// and the host: the org's My Domain (https://NAME.my.salesforce.com) is best.",
    good=ENVIRONMENT,
    bad=changed(ENVIRONMENT, "https://acme--uat", "acme--uat", ".com\nusername", ".com  # wrong\nusername"),
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    environment = context.environment
    if environment is None:
        return
    for field, url in (("login_url", environment.login_url), ("chat_url", environment.chat_url)):
        if url is None or is_damaged(url) or "${" in url:
            continue
        parts = split(url)
        if parts is None or parts.scheme != "https" or not parts.hostname:
            shown = url if "@" not in url else "it contains credentials"
            yield RULE.finding(f"`{field}` is not an https URL: {shown}", environment.places.of(field))
