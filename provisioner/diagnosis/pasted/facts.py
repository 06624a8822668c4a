"""Reads the facts of a login that pasted text contains besides the error: hosts, user, claims, tokens, keys."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from provisioner.diagnosis.login.evidence import Configured, PastedFacts, PastedToken
from provisioner.diagnosis.login.texts import HISTORY
from provisioner.jose.file_kinds import take
from provisioner.jose.private_key import READ
from provisioner.jose.recognition import Form, Wrapping
from provisioner.model.salesforce_hosts import HostKind, host_kind
from provisioner.salesforce.hosts import host_of
from provisioner.secrets import MASK

#: A JWT in base64url, or in the standard base64 that some programs write.
TOKEN = re.compile(
    r"(?<![A-Za-z0-9_+/-])ey[A-Za-z0-9_+/-]{8,}={0,2}\.[A-Za-z0-9_+/-]{8,}={0,2}(?:\.[A-Za-z0-9_+/-]*={0,2})?(?![A-Za-z0-9])"
)
_PEM_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY-----\s*"
    r"(?:Proc-Type:[^\n]{0,40}\s{1,4}DEK-Info:[^\n]{0,100}\s{1,4})?(?P<body>[A-Za-z0-9+/=\\][A-Za-z0-9+/=\s:,\\-]{15,}?)"
    r"(?:-----END (?:[A-Z0-9]+ ){0,4}PRIVATE KEY-----|\Z|\n\s*\n|(?=[\"'}]))"
)
#: The beginning of base64 of "-----BEGIN … PRIVATE KEY". The search for a pattern that begins with text is fast, so the
#: lookbehind (no word character before it) is after the text.
_BASE64_KEY = re.compile(r"LS0tLS1CRUdJTi(?<!\wLS0tLS1CRUdJTi)[A-Za-z0-9+/]{20,}={0,2}")
#: The same of PKCS #1, PKCS #8 and encrypted PKCS #8 without PEM lines, for RSA.
_BARE_KEY = re.compile(
    r"MII(?<!\wMII)[A-Z][A-Za-z0-9+/]{2}(?:IBAAK[BC]|IBADANBgkqhkiG9w0BAQEF|B[A-Za-z0-9]BgkqhkiG9w0BBQ)[A-Za-z0-9+/=\s\\]{200,}"
)
_PRIVATE_JWK = re.compile(r"""["'](?:d|p|q|dp|dq|qi)["']\s*:\s*["'][A-Za-z0-9_-]{40,}["']""")
_SENT_KEY = re.compile(r"""\bassertion["']?\s*[:=]\s*["']?\s*-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY""")
#: Forms that a whole text can have.
_PRIVATE_FORMS = READ | {
    Form.PUTTY_KEY, Form.XML_KEY, Form.PRIVATE_JSON, Form.MICROSOFT_KEY, Form.PRINTED_KEY, Form.YAML_JWK,
    Form.UNFIT_KEY,
}  # fmt: skip
#: The beginning of a key in PEM whose lines have other characters around them: the redactor masks all of it.
_EDGED_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY-----(?:\\n|<br ?/?>)?[^A-Za-z0-9]{0,20}[A-Za-z0-9+/]{40,}"
)
_SHORTEST_KEY = 70
_NAMED = r"""(?<![A-Za-z0-9_])(?:%s)["']?(?:\s{0,4}(?::|=>|=)\s{0,4}|\s{1,4})\[?\s{0,4}b?["']?"""
_USERNAME = re.compile(
    _NAMED % r"user_?name|sub|subject|prn|--username|-o|-u|user|for"
    + r"(?P<value>[^\s\"'<>,;&@()\[\]{}]{1,80}@[A-Za-z0-9.-]{1,80}\.[A-Za-z0-9]{2,40})",
    re.I,
)
_CLIENT = re.compile(
    _NAMED % r"client[-_ ]?id|consumer[-_ ]?key|iss|issuer|--client-id|--clientid|-i"
    + r"(?P<value>[^\s\"'<>,;&)\]}]{8,200})",
    re.I,
)
_LOGIN = re.compile(
    _NAMED % r"login[-_ ]?url|(?:--)?instance[-_ ]?url|sfdc_login_url|token[-_ ]?(?:url|endpoint)|host|-r|post|curl"
    + r"(?P<value>(?:https?://)?[A-Za-z0-9.-]{4,200}\.(?:com|mil|cn)\b[^\s\"'<>,;&)\]}]*)",
    re.I,
)
_ENDPOINT = re.compile(r"(?P<value>https?://[A-Za-z0-9.-]{4,200})/services/oauth2/token")
#: Salesforce's generic login hosts, anywhere in the text.
_GENERIC_HOST = re.compile(r"(?<![\w.-])(?P<value>(?:login|test)\.salesforce\.com)(?![\w.-]*\w)", re.I)
_OWN_HOST = re.compile(r"\.my\.salesforce\.com\b", re.I)
_AUDIENCE = re.compile(
    _NAMED % r"aud|audience" + r"(?P<value>(?:https?://)?[A-Za-z0-9.-]{4,200}[^\s\"'<>,;&)\]}]*)", re.I
)
_EXPIRY = re.compile(_NAMED % r"exp" + r"(?P<value>\d{9,14})(?:\.\d+)?\b", re.I)
_DATE = re.compile(
    r"\bdate[\"']?\s*[:=]\s*\[?[\"']?(?P<value>[A-Z][a-z]{2}, \d\d? [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT)", re.I
)
#: The official CLI's note of a mixed attempt; it is read as an attempt.
_ATTEMPT = re.compile(r"\[audience=\S+ login=[^\]\s]*\]?")
#: User and password in a URL, which are no facts about a login.
_CREDENTIALS = re.compile(r"://[^\s/@\"'<>]{1,400}@")
_SALESFORCE = frozenset(HostKind) - {HostKind.LOOPBACK, HostKind.UNKNOWN}
#: Words about the creation of a scratch org.
_SCRATCH = re.compile(r"OrgCreateScratch|org:?\s?create:?\s?scratch|force:org:create\b|scratch org", re.I)
#: Signs of JWT bearer; with one of them the text's flow is not another one.
_JWT_BEARER = re.compile(r"jwt[-_]?bearer|\bassertion\b|jwt-?key-?file|org login jwt|auth:jwt:grant", re.I)
_GRANT = re.compile(
    r"""\bgrant_?type["']?\s{0,4}(?:=>|[:=])\s{0,4}["']?(?P<value>authorization_code|password|refresh_token"""
    r"|client_credentials|urn(?::|%3A)ietf(?::|%3A)params(?::|%3A)oauth(?::|%3A)grant-type(?::|%3A)token-exchange)\b",
    re.I,
)
#: What clients print and are configured with in other flows: jsforce, the official CLI, Confluent's connectors, the
#: Mobile SDK, Force.com Toolkit for .NET, Restforce, Workbench.
_FLOWS = (
    (
        re.compile(
            r"loginByOAuth2|OAuth2\.authenticate\b|UsernamePasswordAsync|authentication/password\.rb"
            r"|\bsalesforce\.password\s{0,4}[=:]\s{0,4}(?!null\b)\S"
            r"|\bsecurity_token\b[\"']?\s{0,4}(?:=>|[:=](?!>))\s{0,4}(?!nil\b|None\b)\S"
            r"|\bpassword[\"']?\s{0,4}(?:=>|[:=])\s{0,4}(?:ENV|env\(|process\.env|os\.environ|config\b)"
            r"|(?m:^\s*PASSWORD\s{0,4}=\s{0,4}\S)"
        ),
        "password",
    ),
    (
        re.compile(
            r"authenticating with auth code|AuthCodeExchangeError|OAuth2\.(?:requestToken|exchangeCode)\b"
            r"|WebServerAsync|you have been logged out:"
        ),
        "authorization_code",
    ),
    (
        re.compile(
            r"authenticating with the refresh token|RefreshTokenAuthError|OAuth2\.refresh(?:Auth)?Token\b"
            r"|TokenRefreshAsync|authentication/token\.rb"
        ),
        "refresh_token",
    ),
)
_FLOW_NAMES = {
    "authorization_code": "authorization code",
    "password": "username-password",
    "refresh_token": "refresh token",
    "client_credentials": "client credentials",
}
_BASIC = re.compile(r"""\bAuthorization["']?\s{0,4}(?:=>|[:=])\s{0,4}["']?Basic\s""", re.I)


def facts_of(text: str) -> PastedFacts:
    """Return the facts in a plain text."""
    text = _CREDENTIALS.sub("://", _ATTEMPT.sub("", text))
    token = _token_in(text)
    claims = token.claims if token is not None and not token.is_foreign else {}
    header = _first(_DATE, text)
    return PastedFacts(
        login_url=_salesforce_url(_first(_ENDPOINT, text) or _first(_LOGIN, text) or _only_host(text)),
        audience=_audience(claims.get("aud")) or _first(_AUDIENCE, text),
        username=_text(claims.get("sub", claims.get("prn"))) or _first(_USERNAME, text),
        consumer_key=_text(claims.get("iss")) or _first(_CLIENT, text),
        expiry=_text(claims.get("exp")) or _first(_EXPIRY, text),
        date=parsedate_to_datetime(header).astimezone(UTC) if header and _is_date(header) else None,
        token=token,
        holds_private_key=without_private_keys(text) != text or _EDGED_KEY.search(text) is not None,
        sent_private_key=_SENT_KEY.search(text) is not None,
        scratch=_SCRATCH.search(text) is not None,
        other_flow=_other_flow(text),
        is_jwt_bearer=token is not None or _JWT_BEARER.search(text) is not None,
        basic=_BASIC.search(text) is not None,
        history=_history_in(text),
    )


def _history_in(text: str) -> str | None:
    """Return the known status in the first row of LoginHistory; None if the text has no such row."""
    for line in text.splitlines():
        said = line.lower()
        if "remote access 2.0" in said or "loginhistory" in said:
            return next((status for status, _ in HISTORY if status in said), None)
    return None


def _only_host(text: str) -> str | None:
    """Return the generic login host of a text that names no other host of an org."""
    hosts = {found["value"].lower() for found in _GENERIC_HOST.finditer(text)}
    return hosts.pop() if len(hosts) == 1 and _OWN_HOST.search(text) is None else None


def _other_flow(text: str) -> str | None:
    """Return the name of the OAuth flow that the client runs, if the text shows one that is not JWT bearer."""
    if _JWT_BEARER.search(text) is not None:
        return None
    grant = _GRANT.search(text)
    if grant is not None:
        return _FLOW_NAMES.get(grant["value"].lower(), "token exchange")
    return next((_FLOW_NAMES[flow] for sign, flow in _FLOWS if sign.search(text) is not None), None)


def with_facts(configured: Configured, facts: PastedFacts) -> Configured:
    """Return the declared login, completed with the facts of the text; declared values take precedence."""
    audience = configured.audience
    if configured.login_url is None and audience is None:
        audience = facts.audience
    login = configured.login_url or facts.login_url or _salesforce_url(facts.audience)
    return replace(
        configured,
        login_url=login,
        audience=audience,
        username=configured.username or facts.username,
        consumer_key=configured.consumer_key or facts.consumer_key,
    )


def without_private_keys(text: str) -> str:
    """Return the text with every private key masked; a text that is a private key in any form becomes one mask."""
    if _is_key_itself(text):
        return MASK
    for pattern in (_PEM_KEY, _BARE_KEY, _PRIVATE_JWK):
        text = pattern.sub(MASK, text)
    return _BASE64_KEY.sub(lambda found: MASK if _is_private(found[0]) else found[0], text)


def _is_key_itself(text: str) -> bool:
    """Return whether the recogniser identifies the whole text as a private key.

    PEM and base64 among other words are masked separately.
    """
    if len(text) < _SHORTEST_KEY or "PRIVATE KEY-----" in text:
        return False
    taken = take(text.encode("utf-8", "replace"))
    is_masked_alone = Wrapping.EMBEDDED in taken.wrappings and Wrapping.HEXADECIMAL not in taken.wrappings
    return taken.is_private and taken.form in _PRIVATE_FORMS and not is_masked_alone


def _is_private(text: str) -> bool:
    try:
        return b"PRIVATE KEY" in base64.b64decode(text[: len(text) // 4 * 4])
    except (ValueError, binascii.Error):
        return False


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    """Return the first value that is neither a mask nor a variable."""
    for found in pattern.finditer(text):
        value = found["value"].rstrip(".:\\")
        if "***" not in value and not value.startswith(("$", "{", "%", "<")):
            return value
    return None


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, (str, int, float)) and str(value) else None


def _audience(value: object) -> str | None:
    if isinstance(value, list) and value:
        value = value[0]
    return _text(value)


def _salesforce_url(value: str | None) -> str | None:
    """Return scheme and host, if it is a host of Salesforce."""
    if value is None:
        return None
    url = value if "://" in value else f"https://{value}"
    host = host_of(url)
    return f"https://{host}" if host_kind(host)[0] in _SALESFORCE else None


def _is_date(header: str) -> bool:
    try:
        parsedate_to_datetime(header)
    except (ValueError, TypeError):
        return False
    return True


def moment(expiry: str | None) -> datetime | None:
    """Return the time of an ``exp``, in seconds or milliseconds; None if it is not a time."""
    try:
        seconds = float(expiry or "")
        return datetime.fromtimestamp(seconds / 1000 if seconds >= _MILLISECONDS_FROM else seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


#: In seconds, this value is a year far in the future.
_MILLISECONDS_FROM = 100_000_000_000


def _token_in(text: str) -> PastedToken | None:
    for match in TOKEN.finditer(text):
        segments = match[0].split(".")
        header, claims = (_json_of(part) for part in segments[:2])
        if header is not None and claims is not None:
            standard = "".join(sorted({sign for segment in segments for sign in segment if sign in "+/="}))
            return PastedToken(header, claims, standard)
    return None


def _json_of(part: str) -> dict[str, Any] | None:
    plain = part.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        value = json.loads(base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    return value if isinstance(value, dict) else None
