"""Facts about identity providers: their issuers, the addresses of their keys, and the settings that change a token.

Users of a provider's tokens can change neither the issuer nor the JWKS; the keyset must follow them. Sources: the
providers' documentation of their discovery documents (OpenID Connect Discovery 1.0) and access tokens.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

#: The resource id of Microsoft Graph, and its names.
_GRAPH = ("00000003-0000-0000-c000-000000000000", "https://graph.microsoft.com")
_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
#: The user flow or custom policy, which the claim tfp (older policies: acr) names.
_POLICY, _POLICY_NAME = "{policy}", re.compile(r"[A-Za-z0-9_-]{1,100}")
_TENANT = rf"(?:{_GUID}|[A-Za-z0-9.-]+)"


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    r"""A provider. ``issuer`` matches its whole issuers; ``jwks`` is the address of their keys (``\g<0>``: the issuer).

    ``{policy}`` in that address is the user flow that a token of Azure AD B2C names.
    ``hosts`` matches the hosts of its issuers and keys. ``setting`` is a sentence about the changes to a token that an
    administrator of the provider can make. ``writes_typ`` is False if its tokens have no ``typ``.
    """

    name: str
    issuer: re.Pattern[str]
    jwks: str
    hosts: re.Pattern[str]
    setting: str
    writes_typ: bool = True

    def jwks_of(self, issuer: str, claims: Mapping[str, Any] = MappingProxyType({})) -> str | None:
        """Return the address of an issuer's keys; None for an issuer of another form, or if a claim decides it."""
        match = self.issuer.fullmatch(issuer)
        if match is None:
            return None
        address = match.expand(self.jwks)
        if _POLICY not in address:
            return address
        policy = claims.get("tfp", claims.get("acr"))
        is_policy = isinstance(policy, str) and _POLICY_NAME.fullmatch(policy) is not None
        return address.replace(_POLICY, str(policy)) if is_policy else None


def _provider(
    name: str, issuer: str, jwks: str, hosts: str, setting: str, *, writes_typ: bool = True
) -> IdentityProvider:
    return IdentityProvider(name, re.compile(issuer), jwks, re.compile(hosts), setting, writes_typ)


_ENTRA_HOSTS = r"login\.microsoftonline\.(?:com|us)|login\.partner\.microsoftonline\.cn|sts\.windows\.net"
_B2C = (
    "Each user flow has its own keys at https://NAME.b2clogin.com/TENANT/POLICY/discovery/v2.0/keys; the claim tfp or "
    "acr names the policy. The user flow also decides the form of the issuer (Token compatibility settings)."
)
PROVIDERS: tuple[IdentityProvider, ...] = (
    _provider(
        "Microsoft Entra ID (tokens of version 2)",
        rf"https://(login\.microsoftonline\.(?:com|us)|login\.partner\.microsoftonline\.cn)/({_TENANT})/v2\.0",
        r"https://\1/\2/discovery/v2.0/keys",
        _ENTRA_HOSTS,
        "The app registration decides the version of its access tokens: `requestedAccessTokenVersion` in its manifest "
        "(2 for this issuer, 1 or null for https://sts.windows.net/…/).",
    ),
    _provider(
        "Microsoft Entra ID (tokens of version 1)",
        rf"https://sts\.windows\.net/({_TENANT})/",
        r"https://login.microsoftonline.com/\1/discovery/keys",
        _ENTRA_HOSTS,
        "The app registration decides the version of its access tokens: `requestedAccessTokenVersion` in its manifest "
        "(1 or null for this issuer, 2 for https://login.microsoftonline.com/…/v2.0).",
    ),
    _provider(
        "Microsoft Entra External ID",
        rf"https://([A-Za-z0-9-]+\.ciamlogin\.com)/({_TENANT})/v2\.0/?",
        r"https://\1/\2/discovery/v2.0/keys",
        r"[A-Za-z0-9-]+\.ciamlogin\.com",
        "The tenant decides the issuer; it cannot be changed.",
    ),
    _provider(
        "Azure AD B2C",
        rf"https://([A-Za-z0-9-]+\.b2clogin\.com)/tfp/({_TENANT})/([A-Za-z0-9_-]+)/v2\.0/",
        r"https://\1/\2/\3/discovery/v2.0/keys",
        r"[A-Za-z0-9-]+\.b2clogin\.com",
        _B2C,
    ),
    _provider(
        "Azure AD B2C",
        rf"https://([A-Za-z0-9-]+\.b2clogin\.com)/({_TENANT})/v2\.0/",
        rf"https://\1/\2/{_POLICY}/discovery/v2.0/keys",
        r"[A-Za-z0-9-]+\.b2clogin\.com",
        _B2C,
    ),
    _provider(
        "Auth0",
        r"https://([A-Za-z0-9.-]+\.auth0\.com)/",
        r"https://\1/.well-known/jwks.json",
        r"[A-Za-z0-9.-]+\.auth0\.com",
        "The issuer is the domain that the token was requested at, with a slash at its end: a custom domain gives "
        "another one. An API or application with Signing Algorithm HS256 must be set to RS256.",
    ),
    _provider(
        "Okta",
        r"https://([A-Za-z0-9-]+\.(?:okta|oktapreview|okta-emea)\.com)/oauth2/([A-Za-z0-9]+)",
        r"\g<0>/v1/keys",
        r"[A-Za-z0-9-]+\.(?:okta|oktapreview|okta-emea)\.com",
        "The authorization server decides the issuer (Security > API > Authorization Servers, Settings).",
        writes_typ=False,
    ),
    _provider(
        "Okta (org authorization server)",
        r"https://([A-Za-z0-9-]+\.(?:okta|oktapreview|okta-emea)\.com)",
        r"\g<0>/oauth2/v1/keys",
        r"[A-Za-z0-9-]+\.(?:okta|oktapreview|okta-emea)\.com",
        "Only its ID tokens can be verified by others; its access tokens are for Okta alone. A custom authorization "
        "server issues access tokens for other services.",
        writes_typ=False,
    ),
    _provider(
        "Amazon Cognito",
        r"https://cognito-idp\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([A-Za-z0-9_-]+)",
        r"\g<0>/.well-known/jwks.json",
        r"cognito-idp\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?",
        "The user pool decides the issuer; it cannot be changed.",
        writes_typ=False,
    ),
    _provider(
        "Firebase",
        r"https://securetoken\.google\.com/([A-Za-z0-9-]+)",
        "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com",
        r"securetoken\.google\.com",
        "The project decides the issuer; it cannot be changed.",
    ),
    _provider(
        "Google",
        r"(?:https://)?accounts\.google\.com",
        "https://www.googleapis.com/oauth2/v3/certs",
        r"accounts\.google\.com|www\.googleapis\.com|oauth2\.googleapis\.com",
        "Google writes https://accounts.google.com or accounts.google.com as the issuer; a keyset has one of them.",
    ),
    _provider(
        "Apple",
        r"https://appleid\.apple\.com",
        r"\g<0>/auth/keys",
        r"appleid\.apple\.com",
        "Apple decides the issuer; it cannot be changed.",
        writes_typ=False,
    ),
    _provider(
        "Keycloak",
        r"https://[^\s/]+(?:/[^\s/]+)*/realms/([^\s/]+)",
        r"\g<0>/protocol/openid-connect/certs",
        r"(?!)",
        "The issuer is the address that the browser used, unless the realm or the option `hostname` fixes it.",
    ),
    _provider(
        "PingOne",
        rf"https://(auth\.pingone\.(?:com|eu|asia|ca|com\.au|sg))/({_GUID})/as",
        r"\g<0>/jwks",
        r"auth\.pingone\.(?:com|eu|asia|ca|com\.au|sg)",
        "The environment decides the issuer; a custom domain gives another one.",
    ),
)


@dataclass(frozen=True, slots=True)
class Unverifiable:
    """The reason why only the provider's own service can verify a token; two sentences."""

    message: str
    next: str


def provider_of(issuer: str | None = None, url: str | None = None) -> IdentityProvider | None:
    """Return the provider of an issuer, or of an address of keys or of a description; None if it is unknown."""
    if issuer is not None:
        found = next((each for each in PROVIDERS if each.issuer.fullmatch(issuer)), None)
        if found is not None:
            return found
    for text in filter(None, (issuer, url)):
        host = _host(text)
        found = next((each for each in PROVIDERS if each.jwks == text or each.hosts.fullmatch(host)), None)
        if found is not None:
            return found
        if "/realms/" in text and text.startswith("https://"):
            return next(each for each in PROVIDERS if each.name == "Keycloak")
    return None


def unverifiable(header: Mapping[str, Any], claims: Mapping[str, Any]) -> Unverifiable | None:
    """Return the reason why Salesforce can never verify a token of a provider; None if it can."""
    issuer, audience = claims.get("iss"), claims.get("aud")
    signer = header.get("signer")
    if isinstance(signer, str) and signer.startswith("arn:aws:elasticloadbalancing:"):
        return Unverifiable(
            "This is the token that a load balancer of AWS adds to a request (x-amzn-oidc-data). It is signed with "
            "ES256, which Salesforce does not verify.",
            "Use the ID token of the identity provider behind the load balancer, or sign your own token.",
        )
    found = provider_of(issuer) if isinstance(issuer, str) else None
    is_microsoft = found is not None and found.name.startswith("Microsoft")
    if (isinstance(audience, str) and audience.rstrip("/") in _GRAPH) or (is_microsoft and "nonce" in header):
        return Unverifiable(
            "This is an access token for Microsoft Graph: its header holds a `nonce` that only Graph can resolve, so "
            "no other service can verify its signature.",
            "Request a token for an API of your own (a scope such as api://APPLICATION-ID/chat), or use the ID token.",
        )
    if found is not None and "org authorization server" in found.name and "scp" in claims:
        return Unverifiable(
            "This is an access token of Okta's org authorization server, which only Okta verifies.",
            "Use the ID token, or request the access token from a custom authorization server.",
        )
    return None


def _host(text: str) -> str:
    try:
        return urlsplit(text if "://" in text else f"https://{text}").hostname or ""
    except ValueError:
        return ""
