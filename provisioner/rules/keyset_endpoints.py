"""Rules about the endpoints of keysets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult

from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.model.estate import Endpoint
from provisioner.model.salesforce_hosts import OWN_DOMAINS, is_under
from provisioner.rules.context import RuleCheck, RuleInput, is_open
from provisioner.rules.examples import KEYSET, changed
from provisioner.rules.rule import Rule
from provisioner.rules.values import split

KEYSET_ENDPOINT_CREDENTIALS = Rule(
    id="keyset-endpoint-credentials",
    severity=Severity.ERROR,
    what="A keyset's endpoint has a user name or a password in it.",
    why="""
        Everyone who can see Setup or this file could read them, and the org requests the endpoint without
        authentication: a JWKS is public. Source: RFC 3986 §3.2.1 and §7.5.
    """,
    fix="Remove the part before the @; serve the JWKS without authentication; change that password.",
    good=KEYSET,
    bad=changed(KEYSET, "id.example.com/jwks.json", "reader:letmein@id.example.com/jwks.json  # wrong"),
)


def keyset_endpoint_credentials(context: RuleInput) -> Iterator[Diagnostic]:
    for endpoint in endpoints(context):
        if endpoint.parts is not None and "@" in endpoint.parts.netloc:
            message = f"The endpoint at {endpoint.host} has a user name or a password in it."
            yield KEYSET_ENDPOINT_CREDENTIALS.finding(message, endpoint.at, endpoint.address)


KEYSET_ENDPOINT_FRAGMENT = Rule(
    id="keyset-endpoint-fragment",
    severity=Severity.ERROR,
    what="A keyset's endpoint has a fragment (#…).",
    why="""
        A fragment is never sent to the server, so it has no effect there; most likely the address of a
        documentation page was copied instead of the endpoint. Source: RFC 3986 §3.5.
    """,
    fix="Remove the # and the part after it, and check the response of the URL (`provisioner diagnose endpoint`).",
    good=KEYSET,
    bad=changed(KEYSET, "jwks.json", "jwks.json#keys  # wrong"),
)


def keyset_endpoint_fragment(context: RuleInput) -> Iterator[Diagnostic]:
    for endpoint in endpoints(context):
        if "#" in endpoint.url:
            fragment = endpoint.url.partition("#")[2]
            yield KEYSET_ENDPOINT_FRAGMENT.finding(
                f"The endpoint has the fragment #{fragment}.", endpoint.at, endpoint.address
            )


KEYSET_ENDPOINT_NOT_HTTPS = Rule(
    id="keyset-endpoint-not-https",
    severity=Severity.ERROR,
    what="A keyset's endpoint is not an https URL.",
    why="""
        Anyone who can change the response on its way decides who is verified. Source: Metadata API Developer Guide,
        PublicKeyCertificateSet: jwksEndPoint is the URL of an HTTPS server that returns the JWKS.
    """,
    fix="Write the full URL, such as https://id.example.com/.well-known/jwks.json.",
    good=KEYSET,
    bad=changed(KEYSET, "https://id.example.com/jwks.json", "http://id.example.com/jwks.json  # wrong"),
)


def keyset_endpoint_not_https(context: RuleInput) -> Iterator[Diagnostic]:
    for endpoint in endpoints(context):
        if endpoint.parts is None or endpoint.parts.scheme != "https" or not endpoint.host:
            url = endpoint.url if "@" not in endpoint.url else "(it contains credentials)"
            yield KEYSET_ENDPOINT_NOT_HTTPS.finding(
                f"The endpoint is not an https URL: {url}", endpoint.at, endpoint.address
            )


KEYSET_ENDPOINT_ON_SALESFORCE = Rule(
    id="keyset-endpoint-on-salesforce",
    severity=Severity.WARNING,
    what="A keyset's endpoint is on a Salesforce host.",
    why="""
        Salesforce Help ("Set Up Token-Based User Verification") requires the JWKS to be hosted outside Salesforce,
        but Salesforce's own recipe for Teams uses `https://<org>.my.salesforce.com/id/keys`. Both exist, so this is
        a warning.
    """,
    fix="Serve the JWKS elsewhere, or accept it under ignore with the reason (the recipe for Teams).",
    good=KEYSET,
    bad=changed(
        KEYSET,
        "shop:",
        "teams:",
        "id.example.com\n",
        "acme.my.site.com/help\n",
        "id.example.com/jwks.json",
        "acme.my.salesforce.com/id/keys  # wrong",
    ),
)


def keyset_endpoint_on_salesforce(context: RuleInput) -> Iterator[Diagnostic]:
    for endpoint in endpoints(context):
        if is_under(endpoint.host, OWN_DOMAINS):
            message = f"The endpoint is on {endpoint.host}, but the JWKS should be hosted outside Salesforce."
            yield KEYSET_ENDPOINT_ON_SALESFORCE.finding(message, endpoint.at, endpoint.address)


#: Names that public DNS does not have. Sources: RFC 6761, RFC 6762, RFC 8375, ICANN's reservation of .internal.
PRIVATE_ENDINGS = (
    "localhost",
    "local",
    "internal",
    "home.arpa",
    "test",
    "invalid",
    "lan",
    "corp",
    "intranet",
    "localdomain",
)

KEYSET_ENDPOINT_PRIVATE_HOST = Rule(
    id="keyset-endpoint-private-host",
    severity=Severity.WARNING,
    what="A keyset's endpoint has a host name or an address that is not public.",
    why="""
        Salesforce fetches the JWKS over the public Internet. It cannot find a name that only your network resolves,
        so every token is refused.
    """,
    fix="Give the public name of the endpoint.",
    good=KEYSET,
    bad=changed(KEYSET, "id.example.com/jwks.json", "keycloak.internal/jwks.json  # wrong"),
)


def keyset_endpoint_private_host(context: RuleInput) -> Iterator[Diagnostic]:
    for endpoint in endpoints(context):
        if endpoint.host and _is_private(endpoint.host.lower()):
            message = f"Salesforce cannot reach {endpoint.host}: it is not a host on the public Internet."
            yield KEYSET_ENDPOINT_PRIVATE_HOST.finding(message, endpoint.at, endpoint.address)


def _is_private(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(tuple(f".{ending}" for ending in PRIVATE_ENDINGS))


@dataclass(frozen=True, slots=True)
class DeclaredEndpoint:
    """A keyset's endpoint. ``parts`` is None if the text is not a URL."""

    url: str
    parts: SplitResult | None
    at: Location | None
    address: str

    @property
    def host(self) -> str:
        return (self.parts.hostname or "").rstrip(".") if self.parts is not None else ""


def endpoints(context: RuleInput) -> Iterator[DeclaredEndpoint]:
    """Yield every keyset's endpoint that is known under the environment."""
    for keyset in context.estate.keysets.values():
        if isinstance(keyset.source, Endpoint) and not is_open(keyset.source.url):
            url = keyset.source.url
            yield DeclaredEndpoint(url, split(url), keyset.places.of("endpoint"), keyset.address)


CHECKS: Mapping[Rule, RuleCheck] = {
    KEYSET_ENDPOINT_CREDENTIALS: keyset_endpoint_credentials,
    KEYSET_ENDPOINT_FRAGMENT: keyset_endpoint_fragment,
    KEYSET_ENDPOINT_NOT_HTTPS: keyset_endpoint_not_https,
    KEYSET_ENDPOINT_ON_SALESFORCE: keyset_endpoint_on_salesforce,
    KEYSET_ENDPOINT_PRIVATE_HOST: keyset_endpoint_private_host,
}
