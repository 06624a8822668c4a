"""Rules about the hosts and users of an environment file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.characters import placeholder
from provisioner.model.salesforce_hosts import CHAT_DOMAIN, HostKind, host_kind, is_chat_host
from provisioner.rules.context import RuleCheck, RuleInput, is_open
from provisioner.rules.examples import ENVIRONMENT, PRODUCTION
from provisioner.rules.rule import Rule
from provisioner.rules.values import is_damaged, split

LOGIN_URL_NOT_HTTPS = Rule(
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
    mistake=("https://acme--uat", "acme--uat", ".com\nusername", ".com  # wrong\nusername"),
)


def login_url_not_https(context: RuleInput) -> Iterator[Diagnostic]:
    environment = context.environment
    if environment is None:
        return
    for field, url in (("login_url", environment.login_url), ("chat_url", environment.chat_url)):
        if url is None or is_damaged(url):
            continue
        parts = split(url)
        if parts is None or parts.scheme != "https" or not parts.hostname:
            shown = url if "@" not in url else "it contains credentials"
            yield LOGIN_URL_NOT_HTTPS.finding(f"`{field}` is not an https URL: {shown}", environment.places.of(field))


LOGIN_URL_UNKNOWN_SHAPE = Rule(
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
    mistake=("my.salesforce.com", "lightning.force.com  # wrong"),
)

_HOST_PROBLEMS = {
    HostKind.LIGHTNING: "is the address of Lightning or Setup, not the org's My Domain",
    HostKind.INSTANCE: "is an instance; these names are no longer served",
    HostKind.UNKNOWN: "is not a known login host",
}


def login_url_unknown_shape(context: RuleInput) -> Iterator[Diagnostic]:
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
    if kind in _HOST_PROBLEMS:
        yield LOGIN_URL_UNKNOWN_SHAPE.finding(f"{parts.hostname} {_HOST_PROBLEMS[kind]}.", at)
    elif parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        yield LOGIN_URL_UNKNOWN_SHAPE.finding(f"`login_url` contains more than the host {parts.hostname}.", at)


PRODUCTION_WITH_SANDBOX_LOGIN = Rule(
    id="production-with-sandbox-login",
    severity=Severity.ERROR,
    what="An environment has production: true but logs in to a sandbox.",
    why="""
        One of the two is wrong. Either the protections of production apply to a sandbox, or a file was copied and
        production is not provisioned at all. test.salesforce.com logs in to sandboxes only.
    """,
    fix="Write production's My Domain as login_url, or remove `production: true`.",
    good=PRODUCTION,
    mistake=(
        "https://acme.my.salesforce.com",
        "https://test.salesforce.com  # wrong",
        "ci@acme.com",
        "${env:SF_USERNAME}",
    ),
)


def production_with_sandbox_login(context: RuleInput) -> Iterator[Diagnostic]:
    environment, login = context.environment, login_host(context)
    if environment is None or login is None or not environment.production:
        return
    if login.kind in (HostKind.TEST, HostKind.SANDBOX):
        message = f"The environment is production, but {login.host} logs in to a sandbox."
        yield PRODUCTION_WITH_SANDBOX_LOGIN.finding(message, environment.places.of("login_url"))


#: Suffixes of mail domains that are unlikely to be the name of a sandbox.
MAIL_ENDINGS = ("com", "net", "org", "edu", "gov", "mil", "int", "info", "biz")

USERNAME_WITHOUT_SANDBOX_SUFFIX = Rule(
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
    mistake=("ci@acme.com.uat", "ci@acme.com  # wrong"),
)


def username_without_sandbox_suffix(context: RuleInput) -> Iterator[Diagnostic]:
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
    yield USERNAME_WITHOUT_SANDBOX_SUFFIX.finding(message, environment.places.of("username"))


CHAT_URL_UNKNOWN_HOST = Rule(
    id="chat-url-unknown-host",
    severity=Severity.WARNING,
    what="The host of chat_url is neither a Salesforce chat host nor this machine.",
    why="""
        The chat host receives identity tokens, which identify customers. Commands that talk to it (verify, diagnose
        chat, promote --verify, keys rotate) refuse any other host, because everyone who can edit this file could
        name one. Only --allow-chat-host HOST on the command line allows another host. Source: the messaging API
        reference,
        {scrt-url}.
    """,
    fix="Write the scrt2URL of the deployment's code snippet (https://NAME.my.salesforce-scrt.com), or omit it.",
    good=f"{ENVIRONMENT}chat_url: https://acme--uat.sandbox.my.salesforce-scrt.com\n",
    mistake=("acme--uat.sandbox.my.salesforce-scrt.com", "chat.example.com  # wrong"),
)


def chat_url_unknown_host(context: RuleInput) -> Iterator[Diagnostic]:
    environment = context.environment
    if environment is None or environment.chat_url is None or is_damaged(environment.chat_url):
        return
    parts = split(environment.chat_url)
    if parts is None or parts.scheme != "https" or not parts.hostname:
        return  # a separate error
    if not is_chat_host(parts.hostname):
        message = f"{parts.hostname} is neither below {CHAT_DOMAIN} nor this machine, so nothing is sent there."
        yield CHAT_URL_UNKNOWN_HOST.finding(message, environment.places.of("chat_url"))


@dataclass(frozen=True, slots=True)
class LoginHost:
    """A login host. ``sandbox`` is the sandbox's name, if the host contains it."""

    host: str
    kind: HostKind
    sandbox: str | None


def login_host(context: RuleInput) -> LoginHost | None:
    """Return the host of the environment's login URL; None if it cannot be read."""
    environment = context.environment
    if environment is None or environment.login_url is None:
        return None
    parts = split(environment.login_url)
    if parts is None or not parts.hostname:
        return None
    kind, sandbox = host_kind(parts.hostname)
    return LoginHost(parts.hostname, kind, sandbox)


CHECKS: Mapping[Rule, RuleCheck] = {
    LOGIN_URL_NOT_HTTPS: login_url_not_https,
    LOGIN_URL_UNKNOWN_SHAPE: login_url_unknown_shape,
    PRODUCTION_WITH_SANDBOX_LOGIN: production_with_sandbox_login,
    USERNAME_WITHOUT_SANDBOX_SUFFIX: username_without_sandbox_suffix,
    CHAT_URL_UNKNOWN_HOST: chat_url_unknown_host,
}
