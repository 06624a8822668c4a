"""A JWK file to the JWK that would be sent (RFC 7517; RSA members: RFC 7518 §6.3).

Salesforce Help, "Troubleshooting User Verification": one JWK a file, with kty, kid, alg and x5c. Salesforce's own
tool writes placeholders (y, crv, d, k, each with its own name as value); they are dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from provisioner.keys.base64_text import decode_standard, decode_url
from provisioner.keys.certificates import Certificate, judge, read_der
from provisioner.keys.defects import Findings, shown
from provisioner.keys.json_text import JsonText, NotJsonError, read_json
from provisioner.model.jwk import Jwk

ALGORITHMS = ("RS256", "RS512")
PLACEHOLDERS = frozenset({"y", "crv", "d", "k"})
#: RFC 7518 §6.3.2 (RSA), §6.2.2 (EC's d), §6.4.1 (symmetric k).
PRIVATE_MEMBERS = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
_KNOWN = frozenset({"kty", "kid", "alg", "use", "x5c", "n", "e"})
_X5C_FAULTS = {
    "pem-armour": ("holds the PEM lines (-----BEGIN CERTIFICATE-----)", "Leave the PEM lines and the line breaks out."),
    "line-breaks": ("has white space or line breaks in it", "Write the base64 on one line, without blanks."),
    "base64url": ("is base64url (it has - or _)", "Write standard base64, with + and /, and = at the end."),
    "not-base64": ("is not standard base64", "Write the certificate's DER as standard base64, with = at the end."),
}
_REPAIR = "`provisioner diagnose key FILE --repair` writes the file as it should be."


def placeholders(members: Mapping[str, Any]) -> tuple[str, ...]:
    """The placeholder members of Salesforce's own tool that stand among ``members``."""
    return tuple(name for name in members if name in PLACEHOLDERS and members[name] == name)


def private_members(members: Mapping[str, Any]) -> tuple[str, ...]:
    """The members that hold private material; a placeholder does not."""
    dropped = placeholders(members)
    return tuple(name for name in members if name in PRIVATE_MEMBERS and name not in dropped)


def other_members(members: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a JWK has beside the members this program knows, without placeholders and without anything private."""
    left_out = {*_KNOWN, *placeholders(members), *private_members(members)}
    return MappingProxyType({name: value for name, value in members.items() if name not in left_out})


def read_jwk_file(
    content: bytes, shown_path: str, now: datetime, found: Findings
) -> tuple[Jwk | None, Certificate | None]:
    """The JWK of a file and its first certificate, each None where it cannot be had."""
    if b"PRIVATE KEY-----" in content:
        found.error(
            "certificate-is-private-key",
            f"{shown_path} holds a private key; only public material belongs here.",
            "Move the private key out of the config directory and name the public JWK instead. "
            "If the file was ever committed or shared, make a new pair.",
        )
        return None, None
    try:
        text = read_json(content)
    except NotJsonError as error:
        where = f"{shown_path}:{error.place[0]}:{error.place[1]}" if error.place else shown_path
        is_certificate = content.startswith((b"-----BEGIN CERTIFICATE", b"\x30"))
        fix = (
            "Name a certificate under `certificate`, with its `kid`."
            if is_certificate
            else ("Name a file that holds one JWK: a JSON object with kty, kid, alg and x5c.")
        )
        found.error("jwk-not-json", f"{where} {error.problem}.", fix)
        return None, None
    if text.byte_order_mark:
        found.warning(
            "jwk-byte-order-mark",
            f"{shown_path} begins with a byte order mark, which JSON does not have; it is dropped.",
            "Save the file as UTF-8 without a byte order mark.",
        )
    return _JwkFile(text, shown_path, found).read(now)


class _JwkFile:
    def __init__(self, text: JsonText, shown_path: str, found: Findings) -> None:
        self._text = text
        self._path = shown_path
        self._found = found

    def _at(self, member: str) -> str:
        """The place of a member, or of the file."""
        place = self._text.members.get(member)
        return f"{self._path}:{place[0]}:{place[1]}" if place else self._path

    def read(self, now: datetime) -> tuple[Jwk | None, Certificate | None]:
        members = self._text.value
        for name, place in self._text.duplicates.items():
            where = f"{self._path}:{place[0]}:{place[1]}" if place else self._path
            self._found.error(
                "jwk-duplicate-member", f"{where} has {shown(name)} more than once.", "Keep one of the two."
            )
        if isinstance(members, list) or (isinstance(members, dict) and isinstance(members.get("keys"), list)):
            self._refuse_set(members if isinstance(members, list) else members["keys"])
            return None, None
        if not isinstance(members, dict):
            self._found.error(
                "jwk-not-json",
                f"{self._path} holds {shown(members)}, not a JSON object.",
                "Name a file that holds one JWK: a JSON object with kty, kid, alg and x5c.",
            )
            return None, None
        self._refuse_private(private_members(members))
        dropped = placeholders(members)
        if dropped:
            names = ", ".join(f"`{name}`" for name in dropped)
            self._found.warning(
                "jwk-placeholders",
                f"{self._at(dropped[0])} has the placeholder {names} of Salesforce's own tool; not sent."
                if len(dropped) == 1
                else f"{self._at(dropped[0])} has the placeholders {names} of Salesforce's own tool; not sent.",
                f"Remove them from the file; {_REPAIR}",
            )
        if not self._is_rsa(members):
            return None, None
        return self._read_rsa(members, now)

    def _refuse_set(self, keys: list[Any]) -> None:
        self._found.error(
            "jwk-is-a-set",
            f"{self._path} holds a set of {len(keys)} keys; a key takes one JWK.",
            "Put each JWK into a file of its own and declare each under `keys`.",
        )
        self._refuse_private({name: None for key in keys if isinstance(key, dict) for name in private_members(key)})

    def _refuse_private(self, names: Iterable[str]) -> None:
        for name in names:
            self._found.error(
                "jwk-private-member",
                f"{self._at(name)} holds `{name}`, a private member: whoever has this file can sign tokens.",
                "Remove the private members. If the file was ever committed or shared, make a new pair "
                "and revoke this one (`provisioner keys rotate KEYSET --revoke KEY`).",
            )

    def _is_rsa(self, members: dict[str, Any]) -> bool:
        if "kty" not in members:
            self._missing("kty", 'Add "kty": "RSA".')
        elif members["kty"] != "RSA":
            self._found.error(
                "jwk-kty",
                f"{self._at('kty')} has the kty {shown(members['kty'])}; Salesforce takes RSA only.",
                "Make an RSA pair with `provisioner keys generate`.",
            )
            return False
        return True

    def _missing(self, member: str, fix: str, problem: str = "is missing") -> None:
        self._found.error("jwk-member-missing", f"{self._at(member)}: `{member}` {problem}.", fix)

    def _read_rsa(self, members: dict[str, Any], now: datetime) -> tuple[Jwk | None, Certificate | None]:
        kid, alg = self._kid(members), self._alg(members)
        self._check_use(members)
        chain, certificate = self._x5c(members)
        if certificate is not None:
            judge(certificate, f"The certificate in x5c of {self._at('x5c')}", now, self._found)
        n, e = self._number(members, "n"), self._number(members, "e")
        self._warn_of_missing_numbers(members, certificate)
        if certificate is None:
            return None, None
        if not self._agree(n, e, certificate) or kid is None or alg is None:
            return None, certificate
        use = members.get("use")
        jwk = Jwk(
            kid=kid,
            alg=alg,
            n=certificate.n,
            e=certificate.e,
            x5c=chain,
            use=use if isinstance(use, str) else None,
            other=other_members(members),
        )
        return jwk, certificate

    def _kid(self, members: dict[str, Any]) -> str | None:
        kid = members.get("kid")
        fix = "Write the key id that the tokens' header will carry."
        if "kid" not in members:
            self._missing("kid", f'Add "kid". {fix}')
        elif not isinstance(kid, str) or not kid:
            self._missing("kid", fix, "is empty" if kid == "" else "is not text")
        else:
            if kid != kid.strip() or any(ord(character) < 32 or ord(character) == 127 for character in kid):
                is_white = kid != kid.strip()
                self._found.error(
                    "text-whitespace" if is_white else "text-control-character",
                    f"{self._at('kid')} has the kid {shown(kid)}, "
                    + ("with white space at its edge." if is_white else "with a control character in it."),
                    "Remove it in the file; the kid must equal the one in the tokens' header.",
                )
            return kid
        return None

    def _alg(self, members: dict[str, Any]) -> str | None:
        alg = members.get("alg")
        if "alg" not in members:
            self._missing("alg", 'Add "alg": "RS256" (or "RS512"), as the tokens are signed.')
        elif alg not in ALGORITHMS:
            self._found.error(
                "jwk-alg",
                f"{self._at('alg')} has the alg {shown(alg)}; Salesforce verifies RS256 and RS512 only.",
                "Sign tokens with RS256 or RS512, and write that here.",
            )
        else:
            return str(alg)
        return None

    def _check_use(self, members: dict[str, Any]) -> None:
        use = members.get("use")
        if use != "sig":
            state = f"has the use {shown(use)}" if "use" in members else "has no `use`"
            self._found.warning(
                "jwk-use", f'{self._at("use")} {state}; a signing key\'s is "sig".', 'Write "use": "sig".'
            )

    def _x5c(self, members: dict[str, Any]) -> tuple[tuple[bytes, ...], Certificate | None]:
        x5c = members.get("x5c")
        if "x5c" not in members:
            self._missing("x5c", "Name the certificate under `certificate` instead, or add its DER in base64.")
        elif not isinstance(x5c, list) or not x5c or not all(isinstance(item, str) for item in x5c):
            problem = (
                "is an empty array"
                if x5c == []
                else ("has an entry that is not text" if isinstance(x5c, list) else "is not an array")
            )
            self._found.error(
                "x5c-not-array",
                f"{self._at('x5c')}: `x5c` {problem}.",
                'Write an array with the certificate as one text: "x5c": ["MII…"].',
            )
        else:
            return self._chain(x5c)
        return (), None

    def _chain(self, x5c: list[str]) -> tuple[tuple[bytes, ...], Certificate | None]:
        chain = []
        for index, item in enumerate(x5c):
            entry = "`x5c`" if len(x5c) == 1 else f"`x5c[{index}]`"
            decoded = decode_standard(item)
            if decoded.fault is not None:
                problem, fix = _X5C_FAULTS[decoded.fault]
                self._found.error(f"x5c-{decoded.fault}", f"{self._at('x5c')}: {entry} {problem}.", fix)
            chain.append(decoded.octets)
        first = None
        if chain[0] is not None:
            place = f"`x5c` of {self._at('x5c')}"
            first = read_der(chain[0], place, f"the certificate in {place}", self._found)
        return tuple(octets for octets in chain if octets is not None), first

    def _number(self, members: dict[str, Any], member: str) -> int | None:
        if member not in members:
            return None
        value = members[member]
        decoded = decode_url(value) if isinstance(value, str) else None
        if decoded is None or decoded.fault is not None:
            problem = f"has {decoded.fault}" if decoded is not None and decoded.fault else "is not text"
            problem = {"has standard base64": "is standard base64", "has no base64 at all": "is no base64url"}.get(
                problem, problem
            )
            self._found.error(
                "jwk-modulus-encoding",
                f"{self._at(member)}: `{member}` {problem}; it must be base64url without padding.",
                f"Remove `n` and `e`: they are filled in from the certificate. Or: {_REPAIR}",
            )
        return int.from_bytes(decoded.octets, "big") if decoded is not None and decoded.octets is not None else None

    def _warn_of_missing_numbers(self, members: dict[str, Any], certificate: Certificate | None) -> None:
        missing = [f"`{name}`" for name in ("n", "e") if name not in members]
        if missing and certificate is not None:
            self._found.warning(
                "jwk-modulus-missing",
                f"{self._path} lacks {' and '.join(missing)}; filled in from the certificate.",
                f"Nothing need be done. {_REPAIR}",
            )

    def _agree(self, n: int | None, e: int | None, certificate: Certificate) -> bool:
        wrong = [
            name
            for name, value, true in (("n", n, certificate.n), ("e", e, certificate.e))
            if value is not None and value != true
        ]
        for name in wrong:
            self._found.error(
                "jwk-modulus-mismatch",
                f"{self._at(name)}: `{name}` is not that of the certificate in `x5c`; they belong to different keys.",
                "Find out which of the two signs the tokens, and make the JWK from its certificate: "
                "`provisioner diagnose key` shows both.",
            )
        return not wrong
