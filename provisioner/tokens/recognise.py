"""Recognises input that is not an identity token, and names the mistake."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from provisioner.jose.base64_text import decode_url
from provisioner.jose.json_text import NotJsonError, read_value
from provisioner.model.identity_providers import provider_of, unverifiable
from provisioner.model.salesforce_hosts import LOGIN_DOMAINS, HostKind, host_kind, is_under
from provisioner.tokens.compact import Compact, tokens_in


@dataclass(frozen=True, slots=True)
class Recognised:
    """A recognised mistake. ``message`` is a sentence; ``next`` is the next step."""

    kind: str
    message: str
    next: str


_MINT = "Give the identity token that your server signs with the private key of the keyset (RS256)."
_SESSION = re.compile(r"00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]+")
#: The texts of missing values and of objects: of JavaScript, Python, PHP and Ruby.
_MISSING_VALUES = frozenset({"null", "undefined", "None", "NULL", "nil", "NaN", "false", "true"})
#: An opaque token is one word without parts.
_NOT_OPAQUE = re.compile(r"[.\s]")
_PASETO = re.compile(r"v[1-4]\.(?:local|public)\.")
_OBJECT = re.compile(r"\[object \w{1,40}\]")
#: Claims that only an identity provider writes. Sources: OpenID Connect Core §2, RFC 9068, Entra, Cognito, Keycloak.
_PROVIDERS = ("nonce", "at_hash", "azp", "auth_time", "scp", "scope", "client_id", "tid", "token_use", "realm_access")


def recognise_text(text: str) -> Recognised | None:
    """Return the kind of a text without three parts; None if it is unknown."""
    if not text:
        return Recognised("nothing", "It is empty.", "Check the program that writes the file: the file is empty.")
    if _SESSION.fullmatch(text):
        return Recognised(
            "salesforce-session",
            "This is a Salesforce session id (an access token of the org's API): anyone who has it is logged in.",
            f"Treat it as leaked if it was pasted anywhere. {_MINT}",
        )
    if is_missing_value(text):
        return Recognised(
            "no-value",
            f"This is the text of a program's {'object' if text[0] == '[' else 'missing value'}, not a token.",
            "Pass the token itself, as text: await the fetch, read the member of its JSON, and check that the variable "
            "is set.",
        )
    if text.startswith("<"):
        return _markup(text)
    if text[0] in "{[":
        return _json(text)
    if "-----BEGIN " in text:
        return Recognised(
            "pem",
            "This is key material (PEM), not a token.",
            "For a certificate: `provisioner diagnose key FILE`. A private key signs tokens; never pass it on.",
        )
    if _PASETO.match(text) is not None:
        return Recognised(
            "paseto", "This is a PASETO token; the chat accepts only JWTs.", "Use a JWT library. " + _MINT
        )
    if text.count(".") > 2 and tokens_in(text) > 1:
        return Recognised(
            "several-tokens",
            f"There are {tokens_in(text)} tokens in this text, and nothing says which one is meant.",
            "Give one of them alone.",
        )
    if text.count(".") == 4 and _is_encrypted(text):
        return Recognised(
            "jwe",
            "This is an encrypted token (JWE, five parts); Salesforce accepts signed ones (JWS, three parts).",
            "Switch off token encryption at the identity provider, or sign your own token.",
        )
    return _base64_saml(text) or _shortened(text) or _opaque(text)


def _shortened(text: str) -> Recognised | None:
    """Recognise a token of which a page, a log or a person left out a part."""
    if not text.startswith("ey") or ("..." not in text and "\u2026" not in text):
        return None
    return Recognised(
        "shortened",
        "This token is shortened: the full stops in a row (an ellipsis) stand for a part that is missing.",
        "Give the whole token, from the program or the request that has it; logs and pages shorten tokens.",
    )


def _markup(text: str) -> Recognised:
    if "saml" in text[:2000].lower():
        return _saml()
    return Recognised(
        "markup",
        "This is a web page or XML, not a token: most likely an error page of the service that should have signed "
        "the token.",
        "Check the response of your token endpoint, and its status.",
    )


def _saml() -> Recognised:
    return Recognised(
        "saml", "This is a SAML assertion; the chat accepts only JWTs.", f"SAML signs people in to the org. {_MINT}"
    )


def _base64_saml(text: str) -> Recognised | None:
    head = text[:200].replace("-", "+").replace("_", "/")
    try:
        decoded = base64.b64decode(head[: len(head) // 4 * 4])
    except ValueError:
        return None
    return _saml() if b"saml" in decoded.lower() and decoded.lstrip().startswith(b"<") else None


def _opaque(text: str) -> Recognised | None:
    if len(text) < 10 or _NOT_OPAQUE.search(text):
        return None
    return Recognised(
        "opaque",
        "This is an opaque token: it has no header, no claims and no signature.",
        f"Identity providers issue such access tokens for their own APIs. {_MINT}",
    )


def _is_encrypted(text: str) -> bool:
    octets = decode_url(text.partition(".")[0]).octets
    try:
        header = read_value(octets) if octets is not None else None
    except NotJsonError:
        return False
    return isinstance(header, dict) and "enc" in header


def _json(text: str) -> Recognised:
    try:
        value = read_value(text.encode("utf-8", "surrogatepass"))
    except NotJsonError:
        value = None
    members = value if isinstance(value, dict) else {}
    if "kty" in members or "keys" in members:
        return Recognised("jwk", "This is a key (JWK), not a token.", "`provisioner diagnose key FILE` checks keys.")
    if "signatures" in members or {"payload", "signature"} <= members.keys():
        return Recognised(
            "jws-json",
            "This is a signed token in JSON serialization; the client accepts only the compact one.",
            "Use the compact form of your library: three parts separated by full stops.",
        )
    if "salesforce_identity_token" in members:
        return Recognised(
            "settings",
            "These are messenger settings that contain two tokens.",
            "Give only the value of salesforce_identity_token.",
        )
    if {"access_token", "id_token"} & members.keys():
        return Recognised(
            "oauth-answer",
            "This is the response of an OAuth token endpoint.",
            f"If your keyset trusts its id_token, give only that value. {_MINT}",
        )
    part = "header" if "alg" in members else "claims" if {"iss", "sub", "exp"} & members.keys() else None
    if part is not None:
        return Recognised(
            "decoded",
            f"This is the decoded {part} of a token, without its signature, not the token.",
            "Give the token itself: three parts separated by full stops.",
        )
    return Recognised("json", "This is JSON, not a token.", _MINT)


def is_missing_value(text: str) -> bool:
    """Return whether a text is what a program writes for a missing value or an object."""
    return text in _MISSING_VALUES or _OBJECT.fullmatch(text) is not None


def recognise_token(token: Compact, *, issuer_known: bool | None) -> Recognised | None:
    """Return the kind of a token of three parts that is not for the chat; None if it is for the chat or unknown.

    ``issuer_known``: a keyset has the token's issuer; None if no keysets are known.
    """
    claims, header = token.claims or {}, token.header or {}
    sub, iss = token.text("sub") or "", token.text("iss") or ""
    if sub.startswith("v2/iamessage/"):
        return Recognised(
            "chat-access-token",
            "This is the access token that the chat issues for an identity token, not an identity token.",
            _MINT,
        )
    if _is_shared_secret(header):
        if "user_id" in claims or (iss == "" and "email" in claims):
            return Recognised(
                "intercom",
                "This looks like intercom_user_jwt (HS256, for Intercom); Salesforce accepts "
                "salesforce_identity_token.",
                "intercomSettings contains two tokens, each with its own key: give salesforce_identity_token.",
            )
        return Recognised(
            "shared-secret", "It is signed with a shared secret (HMAC); Salesforce checks RSA signatures only.", _MINT
        )
    never = unverifiable(header, claims)
    if never is not None:
        return Recognised("provider-only-token", never.message, never.next)
    if issuer_known:
        return None
    if iss.startswith("3MVG") or _is_login_audience(claims):
        return Recognised(
            "login-assertion",
            "This is an assertion for logging in to the org (connected app, JWT bearer), not an identity token.",
            f"`provisioner diagnose login` is for that. {_MINT}",
        )
    if is_under(_host(iss), LOGIN_DOMAINS):
        if {"at_hash", "nonce"} & claims.keys() or "/id/00D" in sub:
            return Recognised(
                "salesforce-id-token",
                "This is an ID token that a Salesforce org issued at a login (OpenID Connect).",
                f"A keyset with the issuer {iss} and the endpoint {iss}/id/keys can trust it, as in the recipe for "
                "Teams, although Salesforce Help wants a JWKS outside of Salesforce. Or sign your own token.",
            )
        return Recognised(
            "salesforce-access-token", "This is a token that a Salesforce org issued for its own APIs.", _MINT
        )
    return _of_provider(token, iss, ", and no keyset has its issuer" if issuer_known is False else "")


def _of_provider(token: Compact, iss: str, missing: str) -> Recognised | None:
    claims, header = token.claims or {}, token.header or {}
    signs = [name for name in _PROVIDERS if name in claims]
    owner = provider_of(iss) if iss else None
    if owner is not None:
        endpoint = owner.jwks_of(iss, claims)
        keys = f" and the endpoint {endpoint}" if endpoint is not None else " and the provider's JWKS endpoint"
        return Recognised(
            "provider-token",
            f"This is a token of {owner.name}{missing}.",
            f"Declare a keyset with the issuer {iss}{keys}; or sign your own token.",
        )
    if signs or str(header.get("typ", "")).lower() in ("at+jwt", "application/at+jwt"):
        return Recognised(
            "provider-token",
            "This looks like a token of your identity provider (it has "
            f"{', '.join(signs[:3]) or 'the typ at+jwt'}){missing}.",
            "Either declare a keyset with that issuer and the provider's JWKS endpoint, or sign your own token.",
        )
    return None


def _is_shared_secret(header: Mapping[str, Any]) -> bool:
    alg = header.get("alg")
    return isinstance(alg, str) and alg.upper() in ("HS256", "HS384", "HS512")


def _is_login_audience(claims: Mapping[str, Any]) -> bool:
    aud = claims.get("aud")
    first = aud[0] if isinstance(aud, list) and aud else aud
    return isinstance(first, str) and host_kind(_host(first))[0] in (HostKind.LOGIN, HostKind.TEST)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
