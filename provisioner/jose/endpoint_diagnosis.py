"""Judges whether Salesforce finds its keys at an endpoint: status, type, caching, every key, the kid.

Metadata API Developer Guide, PublicKeyCertificateSet: jwksEndPoint is "the URL of the HTTPS server that returns the
JWKS". How Salesforce caches, and what it does with redirects, is not documented.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from provisioner.diagnostics import Severity
from provisioner.jose.base64_text import decode_url
from provisioner.jose.defects import Defect, Findings, excerpt, shown
from provisioner.jose.file_kinds import private_part, take
from provisioner.jose.json_text import NotJsonError, read_value
from provisioner.jose.jwks_answer import REDIRECTS, JwksAnswer, NoAnswer
from provisioner.jose.recognition import Form, Kind, Recognition, Wrapping
from provisioner.jose.served_keys import MOST_KEYS, ServedKey, judge_served
from provisioner.model.identity_providers import IdentityProvider, provider_of
from provisioner.model.jwk import Jwk
from provisioner.model.salesforce_hosts import OWN_DOMAINS, is_under

_OK = 200
_REALM = re.compile(r'\brealm="([^"]{1,80})"', re.IGNORECASE)
#: Members of an error in JSON that hold its words (RFC 6749 §5.2, RFC 9457 §3.1).
_REASONS = frozenset({"error", "error_description", "message", "detail", "title", "code", "reason"})
_WHOLE = "Answer each GET with 200 and the whole JWKS."
#: Statuses (RFC 9110) whose cause is known.
_STATUS_WORDS = {
    204: ("an answer without content", _WHOLE),
    206: ("a part of the content, although no part was requested", _WHOLE),
    304: ("not modified, although the request named no earlier answer: a cache in front of it is wrong", _WHOLE),
    405: ("it does not allow the method GET here", "Check that the URL is that of the JWKS, and allow GET."),
    406: (
        "it does not serve the types that the request accepts (application/json, application/jwk-set+json)",
        "Serve the JWKS as application/json, whatever the request accepts.",
    ),
}
_TITLE = re.compile(r"<title[^>]*>(?P<text>[^<]{1,500})", re.IGNORECASE)
_SAML_METADATA = re.compile(rb"<(?:\w{1,20}:)?Entit(?:y|ies)Descriptor\b")
_TAG = re.compile(r"<(?:script|style)\b[^>]*>[^<]*|<[^>]*>", re.IGNORECASE)
#: Titles of pages that ask a browser to prove itself.
_BOT_CHECK = re.compile(r"just a moment|attention required|checking your browser|are you a robot", re.IGNORECASE)
_DAY = 86400
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
#: A JWKS with something around it, or in another encoding: what the body is, and the fix.
_WRAPPED: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (
        re.compile(rb"\s*+(?:/\*\*/\s*+)?[\w$.]{1,80}+\s*+\(\s*+[{\[]"),
        "a call of a JavaScript function around JSON (JSONP)",
        "Serve the JSON alone.",
    ),
    (
        re.compile(rb"\s*+(?:\)\]\}'|while\s?\(1\);|for\s?\(;;\);)"),
        "JSON behind a prefix against script inclusion",
        "Serve the JSON alone: a JWKS holds nothing to protect.",
    ),
    (
        re.compile(rb"\s*+[{\[]\s*+&(?:quot|#34|#x22);"),
        "JSON with HTML escapes (&quot;)",
        "Serve the JSON itself, not as the text of a web page.",
    ),
)
_JSON_TYPES = ("application/json", "application/jwk-set+json")
#: Findings about the way to the answer.
_OF_THE_WAY = ("endpoint-redirect", "endpoint-private-ca", "keyset-endpoint-private-host")
_TAKE_DOWN = "Take the endpoint down now, revoke the key, make a new pair, and publish public members only."
_NEEDS_PROOF = "Serve it directly, without a redirect: Salesforce does not document how it treats redirects."


@dataclass(frozen=True, slots=True)
class EndpointDiagnosis:
    """The diagnosis of an endpoint. ``defects`` are about the endpoint; each key has its own.

    ``certain`` is False if this machine could not reach the endpoint, which proves nothing about Salesforce.
    """

    url: str
    answer: JwksAnswer | None
    defects: tuple[Defect, ...]
    keys: tuple[ServedKey, ...] = ()
    kid: str | None = None
    certain: bool = True

    @property
    def found(self) -> bool | None:
        """Return whether a token's kid finds a usable key; None if no kid was given."""
        return None if self.kid is None else any(key.kid == self.kid and key.usable for key in self.keys)

    @property
    def jwks(self) -> tuple[Jwk, ...]:
        """Return the keys that can verify tokens, also with expired certificates."""
        return tuple(key.jwk for key in self.keys if key.jwk is not None)

    @property
    def problem(self) -> Defect | None:
        """Return the first reason why the endpoint is unusable; None if there is none."""
        return next((defect for defect in self.defects if defect.severity is Severity.ERROR), None)

    @property
    def notes(self) -> tuple[Defect, ...]:
        """Return what may keep Salesforce from keys that this machine could read: redirects, a private CA."""
        return tuple(defect for defect in self.defects if defect.rule in _OF_THE_WAY and defect is not self.problem)

    @property
    def reachable(self) -> bool | None:
        """Return whether Salesforce reaches the endpoint; None if only this machine may have got no answer."""
        if self.answer is not None:
            return self.answer.public
        return False if self.certain else None

    @property
    def answer_good(self) -> bool | None:
        """Return whether the answer suits Salesforce; None if there is no answer."""
        return None if self.answer is None else self.problem is None

    @property
    def verdict(self) -> str:
        """``ok``; ``failing``: Salesforce does not reach it or its answer is wrong; ``unreachable``: it is unknown."""
        if self.reachable is None:
            return "unreachable"
        return "ok" if self.reachable and self.answer_good else "failing"

    @property
    def provider(self) -> IdentityProvider | None:
        """Return the identity provider that owns the endpoint; None if it is unknown."""
        return provider_of(url=self.answer.url if self.answer is not None else self.url)


class _Seen(Findings):
    """Findings about an answer. Their ids are those of equal rules; the others have no page."""

    def against(self, finding: str, message: str, fix: str) -> None:
        self.error(finding, message, fix)

    def doubt(self, finding: str, message: str, fix: str) -> None:
        self.warning(finding, message, fix)


def judge_endpoint(url: str, answer: JwksAnswer | NoAnswer, now: datetime, kid: str | None = None) -> EndpointDiagnosis:
    """Judge what an endpoint answered. Never raises."""
    found = _Seen()
    _judge_url(url, found)
    _judge_redirects(answer, found)
    if isinstance(answer, NoAnswer):
        found.against(answer.rule, answer.message, answer.fix)
        return EndpointDiagnosis(url, None, tuple(found.defects), kid=kid, certain=answer.certain)
    _judge_way(answer, found)
    keys: tuple[ServedKey, ...] = ()
    if _judge_status(answer, found):
        served = _keys(answer, found)
        if served is not None:
            _judge_headers(answer, found)
            keys = judge_served(served, now)
            _judge_keys(keys, len(served), kid, found)
    owner = provider_of(url=answer.url)
    if owner is not None:
        keys = tuple(replace(key, defects=_for_reader(key.defects, owner)) for key in keys)
        return EndpointDiagnosis(url, answer, _for_reader(tuple(found.defects), owner), keys, kid)
    return EndpointDiagnosis(url, answer, tuple(found.defects), keys, kid)


def _for_reader(defects: tuple[Defect, ...], owner: IdentityProvider) -> tuple[Defect, ...]:
    """Return the defects with fixes for a reader who does not own the endpoint."""
    return tuple(replace(each, fix=_owned_fix(each, owner)) for each in defects)


def _owned_fix(defect: Defect, owner: IdentityProvider) -> str:
    name = owner.name.partition(" (")[0]
    match defect.rule:
        case "endpoint-no-usable-key":
            return f"Set the signing algorithm to RS256 at {name}, for the application or API whose tokens you use."
        case "endpoint-kid-missing":
            return "Compare the token's iss with the issuer of these keys: the token may be of another tenant or realm."
        case "endpoint-content-type" | "endpoint-caching" | "jwk-member-missing" | "jwk-use" | "jwk-kty" | "jwk-alg":
            return f"No action is possible: {name} serves this endpoint."
        case _:
            return defect.fix


def _judge_url(url: str, found: _Seen) -> None:
    try:
        parts = urlsplit(url)
        host, fragment = parts.hostname or "", parts.fragment
    except ValueError:
        return
    if fragment:
        found.against(
            "keyset-endpoint-fragment",
            "The URL has a fragment (#…), which is never sent.",
            "Remove the # and what follows: most likely a page of documentation was copied.",
        )
    if is_under(host, OWN_DOMAINS):
        found.doubt(
            "keyset-endpoint-on-salesforce",
            f"It is on {host}: Salesforce Help says that the JWKS must be hosted outside of Salesforce, but "
            f"Salesforce's own recipe for Teams hosts it there.",
            "Serve it elsewhere, unless this is that recipe.",
        )


def _judge_redirects(answer: JwksAnswer | NoAnswer, found: _Seen) -> None:
    hops = answer.hops if isinstance(answer, NoAnswer) else answer.hops[:-1]
    for hop in (each for each in hops if each.status in REDIRECTS):
        found.doubt("endpoint-redirect", f"{hop.url} answers with a redirect ({hop.status}).", _NEEDS_PROOF)


def _judge_way(answer: JwksAnswer, found: _Seen) -> None:
    if not answer.public:
        found.doubt(
            "keyset-endpoint-private-host",
            f"{answer.url} is at {answer.hops[-1].address}, which is not on the public Internet: Salesforce cannot "
            "reach it, whatever it answers here.",
            "Serve the JWKS under a public name.",
        )
    elif answer.private_ca:
        found.doubt(
            "endpoint-private-ca",
            "Only your own CA bundle trusts its certificate; Salesforce trusts public authorities.",
            "Request it once from a network without TLS inspection. If the certificate is the server's own, use a "
            "public authority.",
        )


def _judge_status(answer: JwksAnswer, found: _Seen) -> bool:
    if answer.status == _OK:
        return True
    meaning, fix = _status_words(answer)
    taken = take(answer.body)
    if taken.is_private:
        served = f"It serves {private_part(taken)}: everyone can sign tokens with it."
        found.against("jwk-private-member", served, _TAKE_DOWN)
    line = None if taken.is_private else first_line(answer.body)
    said = "" if taken.is_private else _quoted(answer.body, line)
    if line is not None and _BOT_CHECK.search(line):
        meaning, fix = "a bot check answers in its place", "Exclude the path of the JWKS from the bot check."
    found.against("endpoint-status", f"It answers with HTTP {answer.status}: {meaning}.{said}", fix)
    return False


def _quoted(body: bytes, line: str | None) -> str:
    """Return a sentence with the words of an answer: of JSON only the reason, for another member may be a secret."""
    try:
        value = read_value(body)
    except NotJsonError:
        return f" The answer begins with: {shown(line)}" if line else ""
    members = value if isinstance(value, dict) else {}
    nested = members.get("error")
    words = [*members.items(), *(nested.items() if isinstance(nested, dict) else ())]
    said = [member for name, member in words if name.lower() in _REASONS and isinstance(member, str) and member]
    return f" Its reason: {shown(': '.join(dict.fromkeys(said))[:120])}" if said else ""


def _status_words(answer: JwksAnswer) -> tuple[str, str]:
    status = answer.status
    if status in (401, 403, 407):
        realm = _REALM.search(answer.header("www-authenticate"))
        where = f" (it names the realm {shown(realm[1])})" if realm is not None else ""
        return (
            f"it requires a login or an allowlist{where}"
        ), "Serve the JWKS without authentication: it holds only public keys."
    if status in _STATUS_WORDS:
        return _STATUS_WORDS[status]
    if status in REDIRECTS:
        return "a redirect without the address that it leads to (Location)", "Serve the JWKS at this URL."
    if status in (404, 410):
        return "there is nothing at this URL", "Look up jwks_uri in the issuer's /.well-known/openid-configuration."
    if status == 429:
        wait = answer.header("retry-after").strip()[:40]
        asked = f" and asks to wait (Retry-After: {shown(wait)})" if wait else ""
        return (
            f"it limits the request rate{asked}",
            "Serve it from a cache, without a rate limit.",
        )
    if status >= 500:
        return "the server failed", "Check the log of the server."
    return "that is not a JWKS", "Answer with 200 and the JWKS."


def _keys(answer: JwksAnswer, found: _Seen) -> list[object] | None:
    """Return the value of ``keys``; None if the body is not a JWKS."""
    keys = _set_in(answer.body)
    if keys:
        return keys
    taken = take(answer.body)
    if taken.is_private:
        said = f"It serves {private_part(taken)}: everyone can sign tokens with it."
        found.against("jwk-private-member", said, _TAKE_DOWN)
        if taken.kind is not Kind.JSON:
            return None
    if answer.body.lstrip()[:1] == b"<":
        line = first_line(answer.body)
        said = f" It begins with: {shown(line)}" if line else ""
        if _SAML_METADATA.search(answer.body[:5000]) is not None:
            found.against(
                "endpoint-not-jwks",
                "It answers with the SAML metadata of an identity provider, not with a JWKS.",
                "Look up jwks_uri in the provider's /.well-known/openid-configuration (AD FS: /adfs/discovery/keys).",
            )
            return None
        found.against(
            "endpoint-not-jwks",
            f"It answers with a web page or XML: a login page, or an error page with status 200.{said}",
            "Serve the JWKS itself, without a login.",
        )
        return None
    try:
        value = read_value(answer.body)
    except NotJsonError as error:
        _judge_not_json(taken, answer.body, error, found)
        return None
    fix = _fix_of_json(value, answer)
    found.against("endpoint-not-jwks", f"The answer is {_other_json(value)}.", fix)
    return None


def _fix_of_json(value: object, answer: JwksAnswer) -> str:
    """Return the fix for JSON that is not a JWKS: the address of the JWKS, if the answer shows it."""
    description = description_of(answer)
    if description is not None:
        return f"Write {description.jwks_uri} as the keyset's endpoint."
    if _is_realm(value):
        return f"Write {answer.url.rstrip('/')}/protocol/openid-connect/certs as the keyset's endpoint."
    if value == {}:
        return (
            "Choose a signing key (RS256) for this application at the identity provider: without one, it serves none."
        )
    return 'Answer with {"keys": [...]} (RFC 7517 section 5).'


def _is_realm(value: object) -> bool:
    """Return whether a value is what Keycloak answers at the address of a realm: its issuer, which is no JWKS."""
    return isinstance(value, dict) and {"realm", "public_key", "token-service"} <= value.keys()


def _set_in(body: bytes) -> list[object] | None:
    """Return the keys of a JWKS; None if the body is not one."""
    try:
        value = read_value(body)
    except NotJsonError:
        return None
    keys = value.get("keys") if isinstance(value, dict) else None
    return keys if isinstance(keys, list) else None


def _judge_not_json(taken: Recognition, body: bytes, error: NotJsonError, found: _Seen) -> None:
    """Name a body that is not JSON: by its kind, else by its first fault."""
    wrapped = next((each for each in _WRAPPED if each[0].match(body) is not None), None)
    if wrapped is not None:
        found.against("endpoint-not-jwks", f"The answer is {wrapped[1]}, not a JWKS.", wrapped[2])
    elif Wrapping.BASE64 in taken.wrappings:
        found.against("endpoint-not-jwks", f"The answer is {taken.what}.", "Serve the JSON itself, not in base64.")
    elif taken.form is Form.COMPRESSED:
        fix = "Serve it uncompressed, or with the header Content-Encoding that names the compression."
        found.against("endpoint-not-jwks", f"The answer is {taken.what}.", fix)
    elif Wrapping.UTF16 in taken.wrappings:
        found.against("endpoint-not-jwks", "The answer is in UTF-16, and JSON must be in UTF-8.", "Serve it in UTF-8.")
    elif taken.form is Form.JWT and _is_signed_set(body):
        message = "The answer is a signed set of keys (OpenID Federation: application/jwk-set+jwt), not a JWKS."
        found.against("endpoint-not-jwks", message, "Write the address of the plain set: jwks_uri of the provider.")
    elif taken.kind not in (Kind.JSON, Kind.OTHER):
        found.against("endpoint-not-jwks", f"The answer is {taken.what}, not a JWKS.", 'Answer with {"keys": [...]}.')
    else:
        where = f" (line {error.place[0]}, column {error.place[1]})" if error.place is not None else ""
        message = f"The answer {error.problem}{where}."
        if body.lstrip()[:1] == b"{" and body.rstrip()[-1:] != b"}":
            message += " It does not end with }: it was cut short."
        found.against("endpoint-not-jwks", message, 'Answer with {"keys": [...]}.')


def _is_signed_set(body: bytes) -> bool:
    """Return whether a token is a set of keys, by its `typ` (OpenID Federation 1.0 §5.2.1)."""
    octets = decode_url(body.strip().partition(b".")[0].decode("latin-1")).octets
    try:
        header = read_value(octets) if octets is not None else None
    except NotJsonError:
        return False
    return isinstance(header, dict) and header.get("typ") == "jwk-set+jwt"


def _other_json(value: object) -> str:
    """Return what a JSON value is that is not a set with keys."""
    if isinstance(value, list):
        is_keys = bool(value) and all(isinstance(each, dict) and "kty" in each for each in value)
        return "an array of keys, without the object around it" if is_keys else "an array"
    if isinstance(value, str):
        return "a text in JSON, not an object: it may have been encoded twice"
    if not isinstance(value, dict):
        return "JSON, but not a JWKS"
    if isinstance(value.get("keys"), list):
        return "an empty set of keys"
    if not value:
        return "an empty object"
    if _is_realm(value):
        return "the page of a realm of Keycloak, with one public key; its JWKS has another address"
    if "kty" in value:
        return "one JWK, not a set"
    if "jwks_uri" in value:
        return f"the issuer's description; its keys are at {shown(value['jwks_uri'])}"
    if "keys" in value:
        return 'JSON with a member "keys" that is not an array'
    for name, member in value.items():
        if name.lower() == "keys":
            return f'JSON with the member {shown(name)}; its name must be "keys"'
        if isinstance(member, list) and member and all(isinstance(each, dict) and "kty" in each for each in member):
            return f'JSON with the keys in its member {shown(name)}; its name must be "keys"'
        if isinstance(member, dict) and isinstance(member.get("keys"), list):
            return f"JSON with the JWKS in its member {shown(name)}; the JWKS must be the whole answer"
        if isinstance(member, str) and member.lstrip().startswith("{") and _set_in(member.encode("utf-8", "replace")):
            return f"JSON with the JWKS as text in its member {shown(name)}; the JWKS must be the whole answer"
    if value and all(isinstance(each, str) and "-----BEGIN CERTIFICATE-----" in each for each in value.values()):
        return "a map of certificates by kid, not a JWKS"
    return "JSON, but not a JWKS"


@dataclass(frozen=True, slots=True)
class Description:
    """An issuer's description of itself (OpenID Connect Discovery 1.0 §3, RFC 8414): its name and its jwks_uri."""

    issuer: str | None
    jwks_uri: str


def description_of(answer: JwksAnswer) -> Description | None:
    """Return the issuer's description in an answer; None if the answer is something else."""
    try:
        value = read_value(answer.body)
    except NotJsonError:
        return None
    members = value if isinstance(value, dict) else {}
    uri, issuer = members.get("jwks_uri"), members.get("issuer")
    if not isinstance(uri, str) or not uri.startswith("https://") or any(each.isspace() for each in uri):
        return None
    return Description(issuer if isinstance(issuer, str) and issuer else None, uri)


def first_line(body: bytes) -> str | None:
    """Return the title of a web page, else its first line of text; None if there is none."""
    text = body[:20_000].decode("utf-8", "replace")
    title = _TITLE.search(text)
    plain = title["text"] if title is not None else _TAG.sub(" ", text) if text.lstrip().startswith("<") else text
    line = next((" ".join(each.split()) for each in html.unescape(plain).splitlines() if each.strip()), "")
    return line[:120] or None


def _judge_headers(answer: JwksAnswer, found: _Seen) -> None:
    if answer.body.startswith(_BYTE_ORDER_MARK):
        found.doubt(
            "jwk-byte-order-mark",
            "The answer begins with a byte order mark, which JSON does not have; it is unknown whether Salesforce "
            "accepts it.",
            "Serve UTF-8 without a byte order mark.",
        )
    kind = answer.header("content-type").partition(";")[0].strip().lower()
    if kind not in _JSON_TYPES:
        found.doubt(
            "endpoint-content-type",
            f"Its content type is {excerpt(kind) if kind else 'not said'}; it is unknown whether Salesforce accepts "
            f"it.",
            "Answer with application/json or application/jwk-set+json.",
        )
    caching = answer.header("cache-control").lower()
    age = re.search(r"max-age\s*=\s*\"?([0-9]{1,12})", caching)
    if "no-store" in caching or "no-cache" in caching or (age is not None and int(age[1]) == 0):
        found.doubt(
            "endpoint-caching",
            "It forbids caching: Salesforce may request it for every token, and refuses customers whenever it is down.",
            "Answer with Cache-Control: public, max-age=300, or a similar value.",
        )
    elif age is not None and int(age[1]) > _DAY:
        found.doubt(
            "endpoint-caching",
            f"It allows caching for {int(age[1]) // 3600} hours: a new key may stay invisible for that time.",
            "Allow minutes or a few hours, and publish a new key for longer than that before you sign with it.",
        )
    elif age is None:
        found.doubt(
            "endpoint-caching",
            "It sets no cache lifetime (max-age), and Salesforce does not document how long it caches a JWKS.",
            "Answer with Cache-Control: public, max-age=300, or a similar value.",
        )


def _no_usable_key(keys: tuple[ServedKey, ...]) -> tuple[str, str]:
    """Return the message and the fix for a set without a usable key: the defect of its first RSA key, if it has one."""
    none = "None of its keys can verify a token for Salesforce"
    defects = [each for key in keys if key.kty == "RSA" for each in key.defects if each.severity is Severity.ERROR]
    first = next((each for each in defects if each.rule != "jwk-use"), None)
    if first is not None:
        return f"{none}: {first.message}", first.fix
    if defects:
        return f"{none}: {defects[0].message}", 'Serve the key that signs the tokens, with "use": "sig".'
    return f"{none}: it takes RSA keys with a kid, RS256 or RS512.", "Sign with RS256, and serve that key."


def _judge_keys(keys: tuple[ServedKey, ...], number: int, kid: str | None, found: _Seen) -> None:
    if number > MOST_KEYS:
        found.doubt("endpoint-many-keys", f"It serves {number} keys; {MOST_KEYS} were judged.", "Serve those in use.")
    kids = [key.kid for key in keys if key.kid is not None]
    for twice in dict.fromkeys(each for each in kids if kids.count(each) > 1):
        found.against(
            "keyset-duplicate-kid",
            f"Two keys have the kid {shown(twice)}: it is undefined which one verifies a token.",
            "Give each key its own kid, and never reuse a kid.",
        )
    leaks = [key for key in keys if key.leaks]
    if leaks:
        found.against(
            "jwk-private-member",
            f"keys[{leaks[0].index}] is served with its PRIVATE members: everyone can sign tokens with it.",
            _TAKE_DOWN,
        )
    usable = [key for key in keys if key.usable]
    if not usable:
        found.against("endpoint-no-usable-key", *_no_usable_key(keys))
    if kid is not None and not any(key.kid == kid for key in usable):
        named = next((key for key in keys if key.kid == kid), None)
        told = ", ".join(shown(key.kid) for key in usable[:10]) or "none"
        problem = f"No key has the kid {shown(kid)}" if named is None else f"The key of kid {shown(kid)} cannot be used"
        found.against(
            "endpoint-kid-missing",
            f"{problem}. Kids that can: {told}.",
            "Publish the key before you sign with it, or write another kid into the header of the tokens.",
        )
