"""JSON with keys in it: JWKs and their sets, answers of key management services, maps of certificates, secrets."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from provisioner.jose.embedded import octets_of
from provisioner.jose.jwk_files import names_private_members
from provisioner.jose.jwk_members import JWK_MEMBERS, number_of, private_members, public_numbers
from provisioner.jose.recognition import Form, Kind, Recognition, Wrapping
from provisioner.words import counted

#: Private members in JSON that does not parse: cut short, or with a comma too many.
_PRIVATE_MEMBER = re.compile(
    rb"""["']?\b(?:d|p|q|dp|dq|qi|k)["']?\s{0,40}(?::|=>|=)\s{0,40}b?["'`][A-Za-z0-9_+/=-]{16,}"""
)
_SHORTEST_KEY = 40
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}")
#: Certificates of a map that are read.
_MOST_IN_MAP = 20
#: A JWE has five parts (RFC 7516 §3.1).
_JWE_STOPS = 4
_NET_PRIVATE = ("D", "P", "Q", "DP", "DQ", "InverseQ")
_OKP_CURVES = ("Ed25519", "Ed448", "X25519", "X448")
#: What the members of an answer tell of the service: names that no other service has together.
_SERVICES: tuple[tuple[frozenset[str], str, str], ...] = (
    (frozenset({"KeyId", "PublicKey"}), "an answer of AWS KMS (get-public-key)", "KeyId"),
    (frozenset({"pem", "algorithm", "name"}), "an answer of Google Cloud KMS (get-public-key)", "name"),
    (frozenset({"cer", "policy"}), "an answer of Azure Key Vault (certificate show)", "id"),
    (frozenset({"cer", "id"}), "an answer of Azure Key Vault (certificate show)", "id"),
    (frozenset({"value", "contentType", "id"}), "an answer of Azure Key Vault (secret show)", "id"),
)
#: The last step of a path, in the syntax of jq: the lines of an array, and an array of bytes as text in Latin-1.
_EACH, _OCTETS = -1, -2
_FILTERS: dict[str | int, str] = {_EACH: "[]", _OCTETS: " | map((. + 256) % 256) | implode"}
Recognise = Callable[[bytes], Recognition]
#: The way to a value: the way to what holds it, and its name or index; None for the outer value.
Path = tuple["Path | None", "str | int"]


class _Pairs(list[tuple[str, Any]]):
    """The members of a JSON object, repeated names included: a second `d` must not hide the first."""

    @property
    def is_private_jwk(self) -> bool:
        is_jwk = not JWK_MEMBERS.isdisjoint(name for name, _ in self)
        return is_jwk and any(private_members({"kty": None, name: value}) for name, value in self)


#: Names a text that begins as JSON and is none.
UNPARSED = "JSON that cannot be parsed"


@dataclass(frozen=True, slots=True)
class _Seen:
    """The recognised values of a document: the number of private JWKs, and each recognised string."""

    private_jwks: int
    strings: tuple[tuple[Path | None, Recognition], ...]


def of_json(content: bytes, recognise: Recognise) -> Recognition:
    """Recognise a JSON text. ``recognise`` judges the strings in it. Never raises."""
    try:
        value = json.loads(content.decode("utf-8-sig", "replace"), object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        private = _PRIVATE_MEMBER.search(content) is not None
        return Recognition(
            Kind.JSON, UNPARSED, Form.JSON, json=content, is_private=private, core=content, is_broken=True
        )
    seen = _look(value, recognise)
    private_strings = [(path, taken) for path, taken in seen.strings if taken.is_private]
    is_private = bool(seen.private_jwks or private_strings) or names_private_members(content)
    plain = _plain(value)
    taken = Recognition(Kind.JSON, _what(plain), Form.JSON, json=content, is_private=is_private, core=content)
    parameters = _rsa_parameters(taken, plain)
    if parameters is not None:
        return parameters
    if private_strings and not seen.private_jwks:
        return _private_strings(taken, private_strings)
    if is_private:
        return _private_jwk(taken, plain)
    found = (
        _encrypted(taken, plain)
        or _service(taken, plain, seen)
        or _certificate_map(taken, plain, seen)
        or _certificate_list(taken, plain, seen)
    )
    return found or _of_jwk(taken, plain)


def _rsa_parameters(taken: Recognition, value: Any) -> Recognition | None:
    """Recognise RSAParameters of .NET, which its JSON serializers write in standard base64."""
    if not isinstance(value, dict) or not isinstance(value.get("Modulus"), str) or "Exponent" not in value:
        return None
    modulus, exponent = number_of(value["Modulus"]), number_of(value["Exponent"])
    public = (modulus, exponent) if modulus and exponent else None
    is_private = any(isinstance(value.get(name), str) and value[name] for name in _NET_PRIVATE)
    return replace(
        taken,
        kind=Kind.PRIVATE_KEY if is_private else Kind.PUBLIC_KEY,
        what=f"{'a private key' if is_private else 'a bare public key'} of .NET in JSON (RSAParameters)",
        form=Form.XML_KEY if is_private else Form.PUBLIC_KEY,
        json=None,
        public=public,
        is_private=is_private,
        algorithm="RSA",
        bits=modulus.bit_length() if modulus else None,
    )


def _private_strings(taken: Recognition, found: list[tuple[Path | None, Recognition]]) -> Recognition:
    """Recognise JSON with private keys in strings. A generator writes one key in several forms: PEM comes first."""
    found = sorted(found, key=lambda each: each[1].form is not Form.PRIVATE_KEY)
    path, first = found[0]
    where, wrappings = _filter(path), first.wrappings
    place = where.partition(" | ")[0]
    what = f"JSON with {first.what} at {place}"
    if first.form is Form.PRIVATE_JSON and first.owners:
        decode = " | @base64d" * sum(each is Wrapping.BASE64 for each in wrappings)
        inner = first.owners[0] if first.owners[0] != "." else ""
        where, wrappings = f"{where}{decode} | fromjson | {inner}".removesuffix(" | "), first.string_wrappings
        what = f"{first.what}, in a string at {place} of JSON"
    return replace(
        taken,
        what=what,
        form=Form.PRIVATE_JSON,
        owners=(where, *(_filter(path) for path, _ in found[1:])),
        algorithm=first.algorithm,
        bits=first.bits,
        has_passphrase=first.has_passphrase,
        private_keys=len({each.public or each.core or path for path, each in found}),
        string_wrappings=wrappings,
    )


def _look(value: Any, recognise: Recognise) -> _Seen:
    private = 0
    strings: list[tuple[Path | None, Recognition]] = []
    for path, each in _objects_and_strings(value):
        if isinstance(each, _Pairs):
            private += each.is_private_jwk
        elif len(each) >= _SHORTEST_KEY:
            found = recognise(each if isinstance(each, bytes) else each.encode("utf-8", "replace"))
            if isinstance(each, bytes):
                found = replace(found, wrappings=(Wrapping.NUMBERS, *found.wrappings))
            if found.kind not in (Kind.OTHER, Kind.JWT, Kind.JSON) or found.is_private:
                strings.append((path, found))
    return _Seen(private, tuple(strings))


def _objects_and_strings(value: Any) -> Iterator[tuple[Path | None, _Pairs | str | bytes]]:
    """Yield the objects and strings of a document; an array of bytes, or of the lines of a PEM file, is one value."""
    waiting: list[tuple[Path | None, Any]] = [(None, value)]
    while waiting:
        path, each = waiting.pop()
        if isinstance(each, _Pairs):
            yield path, each
            waiting += [((path, name), member) for name, member in reversed(each)]
        elif isinstance(each, list) and (whole := _of_array(each)) is not None:
            yield (path, _EACH if isinstance(whole, str) else _OCTETS), whole
        elif isinstance(each, list):
            waiting += [((path, index), member) for index, member in reversed(list(enumerate(each)))]
        elif isinstance(each, str):
            yield path, each


def _of_array(value: list[Any]) -> str | bytes | None:
    """Return the text of an array of lines, or the bytes of an array of numbers; None for another array."""
    if all(isinstance(each, int) for each in value[:1]):
        return octets_of(value) if all(type(each) is int for each in value) else None
    if value and isinstance(value[0], str) and value[0].lstrip().startswith("-----BEGIN "):
        is_one = all(isinstance(each, str) for each in value) and "-----END " not in value[0]
        return "\n".join(value) if is_one else None
    return None


def _plain(value: Any) -> Any:
    """Return the outer value with mappings for its objects; the first of a repeated name counts."""
    if isinstance(value, _Pairs):
        return {name: _plain_pairs(member) for name, member in reversed(value)}
    return [_plain_pairs(member) for member in value] if isinstance(value, list) else value


def _plain_pairs(value: Any) -> Any:
    if isinstance(value, _Pairs):
        return dict(reversed(value))
    return [_plain_pairs(member) for member in value] if isinstance(value, list) and value else value


def _what(value: Any) -> str:
    keys = value.get("keys") if isinstance(value, dict) else value
    if isinstance(keys, list):
        return f"a set of {counted(len(keys), 'key')} (JWKS)" if isinstance(value, dict) else (
            f"an array of {len(keys)} entries"
        )  # fmt: skip
    return "a JWK" if isinstance(value, dict) and "kty" in value else "JSON"


def _private_jwk(taken: Recognition, value: Any) -> Recognition:
    """Recognise a JWK with private members, or a set of them."""
    keys = value.get("keys") if isinstance(value, dict) else value
    every = keys if isinstance(keys, list) else [value]
    private = [key for key in every if isinstance(key, dict) and private_members(key)]
    if not private:
        return taken
    first = _of_jwk(taken, private[0])
    what = "a private JWK" if not isinstance(keys, list) else f"{taken.what}, of which {len(private)} private"
    return replace(first, what=what, form=Form.PRIVATE_JWK, private_keys=len(private))


def _of_jwk(taken: Recognition, value: Any) -> Recognition:
    """Return the same with the algorithm, the size and the kid of a JWK."""
    if not isinstance(value, dict) or not isinstance(value.get("kty"), str):
        return taken
    algorithm = algorithm_of(value)
    modulus = number_of(value.get("n"))
    bits = modulus.bit_length() if modulus is not None else None
    kid = value.get("kid")
    owners = (kid,) if isinstance(kid, str) else ()
    return replace(taken, algorithm=algorithm, bits=bits, owners=owners)


def algorithm_of(members: Mapping[str, Any]) -> str | None:
    """Return the algorithm of a JWK (RFC 7518 §6.1, RFC 8037): ``RSA``, ``EC``, ``oct``, ``Ed25519`` …"""
    kty, crv = members.get("kty"), members.get("crv")
    if not isinstance(kty, str):
        return None
    if kty.lower() == "okp":
        return crv if isinstance(crv, str) and crv in _OKP_CURVES else None
    return {"rsa": "RSA", "ec": "EC", "oct": "oct"}.get(kty.lower())


def _encrypted(taken: Recognition, value: Any) -> Recognition | None:
    """Recognise a JWE in JSON (RFC 7516 §7.2); RFC 7517 §7 names the content type of an encrypted JWK."""
    if not isinstance(value, dict) or "ciphertext" not in value or {"protected", "recipients", "iv"}.isdisjoint(value):
        return None
    what = _of_jwe(str(value.get("protected", "")))
    return replace(taken, kind=Kind.ENCRYPTED, what=what or "encrypted data (JWE in JSON)", form=Form.JWE, json=None)


def of_compact(token: bytes) -> Recognition | None:
    """Recognise an encrypted JWK in the compact form of JWE (RFC 7516 §7.1); None for another token."""
    what = _of_jwe(token.partition(b".")[0].decode("latin-1")) if token.count(b".") == _JWE_STOPS else None
    return Recognition(Kind.ENCRYPTED, what, Form.JWE) if what is not None else None


def _of_jwe(protected: str) -> str | None:
    """Return what a JWE holds if its header says that it is a key; None for another content."""
    try:
        header = json.loads(base64.urlsafe_b64decode(protected + "==="))
    except (ValueError, RecursionError):
        header = None
    content = header.get("cty") if isinstance(header, dict) else None
    is_key = isinstance(content, str) and content.lower().removeprefix("application/") in ("jwk+json", "jwk-set+json")
    return "an encrypted JWK (JWE)" if is_key else None


def _service(taken: Recognition, value: Any, seen: _Seen) -> Recognition | None:
    """Recognise an answer of a key management service by its one public key or certificate."""
    if not isinstance(value, dict) or not {"kty", "keys", "n", "x5c"}.isdisjoint(value):
        return None
    key = value.get("key")
    if isinstance(key, dict) and isinstance(key.get("kid"), str) and ".vault.azure.net/" in key["kid"]:
        return _azure_key(taken, key)
    for members, what, owner in _SERVICES:
        if members <= value.keys() and len(seen.strings) == 1:
            inner = seen.strings[0][1]
            named = value.get(owner)
            return replace(
                inner, what=f"{what}: {inner.what}", form=Form.KMS, json=None, wrappings=(),
                owners=(named,) if isinstance(named, str) else (),
            )  # fmt: skip
    if len(seen.strings) == 1 and seen.strings[0][1].kind in (Kind.CERTIFICATE, Kind.PUBLIC_KEY):
        path, inner = seen.strings[0]
        return replace(inner, what=f"JSON with {inner.what} at {_filter(path)}", form=Form.KMS, json=None, wrappings=())
    return None


def _azure_key(taken: Recognition, key: Mapping[str, Any]) -> Recognition:
    found = _of_jwk(taken, key)
    what = "an answer of Azure Key Vault (key show): a bare public key"
    return replace(found, kind=Kind.PUBLIC_KEY, what=what, form=Form.KMS, public=public_numbers(key), json=None)


def _certificate_list(taken: Recognition, value: Any, seen: _Seen) -> Recognition | None:
    """Recognise the array of an x5c (RFC 7517 §4.7) without the JWK around it."""
    if not isinstance(value, list) or not value or len(seen.strings) != len(value):
        return None
    if any(path is None or path[0] is not None or not each.certificates for path, each in seen.strings):
        return None
    first = seen.strings[0][1]
    return Recognition(
        Kind.CERTIFICATE,
        f"an array of {counted(len(value), 'certificate')}, as in x5c",
        Form.CERTIFICATE,
        tuple(each.certificates[0] for _, each in seen.strings[:_MOST_IN_MAP]),
        algorithm=first.algorithm,
        bits=first.bits,
        core=taken.core,
    )


def _certificate_map(taken: Recognition, value: Any, seen: _Seen) -> Recognition | None:
    """Recognise a map from kid to certificate, as Google and Firebase serve it beside their JWKS."""
    if not isinstance(value, dict) or not value or len(seen.strings) != len(value):
        return None
    if any(path is None or path[0] is not None or each.kind is not Kind.CERTIFICATE for path, each in seen.strings):
        return None
    inside = seen.strings[:_MOST_IN_MAP]
    return Recognition(
        Kind.CERTIFICATE,
        f"a map of {len(value)} certificates by kid, as Google and Firebase serve it",
        Form.CERTIFICATE_MAP,
        tuple(each.certificates[0] for _, each in inside if each.certificates),
        algorithm=inside[0][1].algorithm,
        bits=inside[0][1].bits,
        owners=tuple(str(path[1]) for path, _ in inside if path is not None),
        core=taken.core,
    )


def _filter(path: Path | None) -> str:
    """Return a path in the syntax of jq."""
    found = ""
    while path is not None and len(found) < 400:
        path, each = path
        if each in _FILTERS:
            found = _FILTERS[each] + found
            continue
        plain = isinstance(each, str) and _PLAIN_NAME.fullmatch(each)
        found = (f".{each}" if plain else f"[{json.dumps(each)[:80]}]") + found
    return found if found.startswith(".") else f".{found}"
