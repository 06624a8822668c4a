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
from provisioner.jose.jwk_members import private_members
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
_PASERK = re.compile(r"k[1-4]\.(local|secret|public|[a-z-]{3,14})\.")
#: Secrets that their beginning identifies, as their issuers document it.
_ISSUED = (
    (re.compile(r"ya29\.[\w.-]{20,}", re.A), "an access token of Google"),
    (re.compile(r"1//[\w-]{20,}", re.A), "a refresh token of Google"),
    (re.compile(r"5Aep[\w.]{40,}", re.A), "a refresh token of Salesforce"),
    (re.compile(r"gh[oprsu]_\w{20,}|github_pat_\w{20,}", re.A), "a token of GitHub"),
)
#: CBOR of COSE_Sign1, COSE_Sign, COSE_Mac, COSE_Mac0, COSE_Encrypt and COSE_Encrypt0 (RFC 9052 §2), also tagged as CWT.
_COSE = re.compile(rb"(?:\xd8\x3d)?(?:[\xd0-\xd2]|\xd8[\x60-\x62])[\x83\x84]")
_FIREBASE_CUSTOM = "https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit"
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
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
    named = _of_its_beginning(text)
    if named is not None:
        return named
    if text.count(".") > 2 and tokens_in(text) > 1:
        return Recognised(
            "several-tokens",
            f"There are {tokens_in(text)} tokens in this text, and nothing says which one is meant.",
            "Give one of them alone.",
        )
    if text.count(".") == 4 and _is_encrypted(text):
        return _jwe(text)
    return _without_signature(text) or _cose_text(text) or _base64_saml(text) or _shortened(text) or _opaque(text)


def _of_its_beginning(text: str) -> Recognised | None:
    """Recognise a secret of another kind by its first characters."""
    if _PASETO.match(text) is not None:
        return Recognised(
            "paseto", "This is a PASETO token; the chat accepts only JWTs.", "Use a JWT library. " + _MINT
        )
    paserk = _PASERK.match(text)
    if paserk is not None:
        secret = paserk[1] in ("local", "secret")
        return Recognised(
            "paserk",
            f"This is a {'PRIVATE ' if secret else ''}key for PASETO (PASERK), not a token.",
            f"{'Treat it as leaked if it was pasted anywhere. ' if secret else ''}{_MINT}",
        )
    issued = next((what for pattern, what in _ISSUED if pattern.fullmatch(text)), None)
    if issued is not None:
        return Recognised(
            "issued-secret",
            f"This is {issued}: a secret that only its issuer reads.",
            f"Treat it as leaked if it was pasted anywhere. {_MINT}",
        )
    return None


def _jwe(text: str) -> Recognised:
    issuer = (_header(text) or {}).get("iss")
    owner = provider_of(issuer) if isinstance(issuer, str) else None
    is_auth0 = owner is not None and owner.name == "Auth0"
    return Recognised(
        "jwe",
        "This is an encrypted token (JWE, five parts); Salesforce accepts signed ones (JWS, three parts).",
        "Auth0 encrypts an access token that was requested without an `audience`. Request it with the audience of an "
        "API of yours, or use the ID token."
        if is_auth0
        else "Switch off token encryption at the identity provider, or sign your own token.",
    )


def _without_signature(text: str) -> Recognised | None:
    """Recognise the first two parts of a token, also of an unsecured one that lost its last full stop."""
    header = _header(text) if text.count(".") == 1 else None
    if header is None or "alg" not in header or _header(text.partition(".")[2]) is None:
        return None
    if header["alg"] == "none":
        return Recognised(
            "unsecured", "This is an unsecured token (alg none): it has no signature, so it proves nothing.", _MINT
        )
    return Recognised(
        "no-signature",
        "This is a token without its third part, the signature.",
        "Give the whole token: three parts separated by full stops. A page or a program cut it at the second one.",
    )


def recognise_binary(content: bytes) -> Recognised | None:
    """Return the kind of bytes that are no text; None if it is unknown."""
    if _COSE.match(content) is None:
        return None
    return Recognised(
        "cwt",
        "This is a token in CBOR (CWT, signed with COSE); the chat accepts only JWTs.",
        f"Use a JWT library. {_MINT}",
    )


def _cose_text(text: str) -> Recognised | None:
    if re.fullmatch(r"(?:[0-9A-Fa-f]{2}){10,}", text) is not None:
        return recognise_binary(bytes.fromhex(text[:20]))
    head = decode_url(text[:20]).octets if len(text) > 20 else None
    return recognise_binary(head) if head is not None else None


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
    return "enc" in (_header(text) or {})


def _header(text: str) -> Mapping[str, Any] | None:
    """Return the JSON object in the first part of a text; None if there is none."""
    octets = decode_url(text.partition(".")[0]).octets
    try:
        header = read_value(octets) if octets is not None else None
    except NotJsonError:
        return None
    return header if isinstance(header, dict) else None


def _json(text: str) -> Recognised:
    try:
        value = read_value(text.encode("utf-8", "surrogatepass"))
    except NotJsonError:
        value = None
    members = value if isinstance(value, dict) else {}
    inside = members.get("keys")
    if any(
        isinstance(key, dict) and private_members(key)
        for key in (members, *(inside if isinstance(inside, list) else ()))
    ):
        return Recognised(
            "jwk",
            "This is a PRIVATE key (JWK), not a token: anyone who has it can sign tokens.",
            "Treat it as leaked if it was pasted anywhere. `provisioner keys inspect FILE` identifies the key.",
        )
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
    if isinstance(members.get("error"), str):
        return Recognised(
            "oauth-error",
            "This is an error that a token endpoint answered, not a token.",
            "Correct the request that the error names; `provisioner diagnose paste` explains the errors of Salesforce.",
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
    other_use = _of_another_use(token)
    if other_use is not None:
        return other_use
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
    machine = _of_a_machine(token)
    if machine is not None:
        return machine
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


def _of_another_use(token: Compact) -> Recognised | None:
    """Recognise a token that is never an identity token."""
    claims, header = token.claims or {}, token.header or {}
    typ = str(header.get("typ", "")).lower().removeprefix("application/")
    events = claims.get("events")
    if typ == "dpop+jwt":
        return Recognised(
            "dpop-proof",
            "This is a DPoP proof (RFC 9449): it proves that a client holds a key, and names no customer.",
            _MINT,
        )
    if typ == "logout+jwt" or (isinstance(events, dict) and _LOGOUT_EVENT in events):
        return Recognised(
            "logout-token",
            "This is a logout token (OpenID Connect Back-Channel Logout): it ends a session and starts none.",
            _MINT,
        )
    if claims.get("typ") in ("Refresh", "Offline"):
        return Recognised(
            "refresh-token", "This is a refresh token of Keycloak, which only Keycloak accepts.",
            f"Use the ID token or the access token of the same answer. {_MINT}",
        )  # fmt: skip
    if _FIREBASE_CUSTOM in _audiences(claims):
        return Recognised(
            "firebase-custom-token",
            "This is a custom token of Firebase: a server signs it so that an app can log in with it.",
            "Log in with it (signInWithCustomToken), and use the ID token of that user (getIdToken).",
        )
    if (token.text("iss") or "").startswith("https://session.firebase.google.com/"):
        return Recognised(
            "firebase-session-cookie",
            "This is a session cookie of Firebase. Its keys differ from those of ID tokens, and no JWKS serves them.",
            "Use the ID token of the user (getIdToken).",
        )
    return None


def _of_a_machine(token: Compact) -> Recognised | None:
    """Recognise a token that names a program, a job or a client, not a person."""
    claims = token.claims or {}
    owner = None
    if "kubernetes.io" in claims or (token.text("sub") or "").startswith("system:serviceaccount:"):
        owner = "a service account of Kubernetes"
    elif token.text("iss") == "https://token.actions.githubusercontent.com":
        owner = "a job of GitHub Actions"
    elif {"project_path", "pipeline_id"} <= claims.keys():
        owner = "a job of GitLab CI"
    if owner is not None:
        return Recognised("machine-token", f"This is the token of {owner}: it names no customer.", _MINT)
    if any(_path(each).endswith("/token") for each in _audiences(claims)):
        return Recognised(
            "client-assertion",
            "This is an assertion for a token endpoint (RFC 7523), with which a program logs in: it names no customer.",
            _MINT,
        )
    return None


def _audiences(claims: Mapping[str, Any]) -> tuple[str, ...]:
    aud = claims.get("aud")
    return tuple(each for each in (aud if isinstance(aud, list) else [aud])[:10] if isinstance(each, str))


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


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
