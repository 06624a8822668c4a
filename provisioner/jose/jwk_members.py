"""The members of a JWK (RFC 7517 §4, RFC 7518 §6): known, private and meaningless ones, and their values.

:func:`read_rsa` judges those of an RSA key (n and e: RFC 7518 §6.3.1; x5c: RFC 7517 §4.7).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from provisioner.jose.base64_text import decode_standard, decode_url
from provisioner.jose.certificates import Certificate, is_certificate, judge, read_der
from provisioner.jose.defects import Findings, excerpt, shown
from provisioner.model import characters
from provisioner.model.jwk import Jwk

ALGORITHMS = ("RS256", "RS512")
#: Salesforce's own tool (key-command-line-utility) writes these, each with its own name as value.
PLACEHOLDERS = frozenset({"y", "crv", "d", "k"})
#: RFC 7518 §6.3.2 (RSA), §6.2.2 (the d of EC), §6.4.1 (the symmetric k).
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
#: Members that only a JWK has.
JWK_MEMBERS = frozenset({"kty", "n", "e", "x", "x5c"})
#: The names of the same numbers elsewhere: RFC 8017 appendix A.1.2, .NET's RSAParameters, PEM in JSON.
_PRIVATE_NAMES = frozenset(
    {"privateexponent", "prime1", "prime2", "exponent1", "exponent2", "coefficient", "inverseq", "privatekey"}
)
_SEPARATORS = r"[\s_.-]*+"
_SHORTEST_NUMBER = 16
#: A name of a private number in quotation marks, in any of its spellings.
_NAMED = re.compile(
    f'"{_SEPARATORS}(?:'
    + "|".join(_SEPARATORS.join(name) for name in sorted(PRIVATE_MEMBERS | _PRIVATE_NAMES))
    + f'){_SEPARATORS}"',
    re.I,
)
#: The public members of an RSA key that this program reads, in the order in which they are shown.
PUBLIC_MEMBERS = ("kty", "kid", "alg", "use", "n", "e", "x5c")
_REPAIR = "`provisioner diagnose key FILE --repair OUT` writes the corrected file."
#: The defects of an entry of x5c: the end of the sentence, and the fix.
_X5C_FAULTS = {
    "x5c-pem-armour": (
        "holds the PEM lines (-----BEGIN CERTIFICATE-----)",
        "Remove the PEM lines and the line breaks.",
    ),
    "x5c-line-breaks": ("has white space or line breaks in it", "Write the base64 on one line, without blanks."),
    "x5c-base64url": ("is base64url (it has - or _)", "Write standard base64, with + and /, and = at the end."),
    "x5c-not-base64": (
        "is not standard base64",
        "Write the certificate's DER as standard base64, with = at the end.",
    ),
}
#: Salesforce Help, "Troubleshooting User Verification", has "<Your public certificate>" in its sample.
_PLACEHOLDER = re.compile(r"\s*<[^<>]{1,80}>\s*")
_ENCODED_PEM = (
    "is base64 of a whole PEM file (LS0t…), not of the certificate alone",
    "Write only the base64 that is between the PEM lines of the file, on one line.",
)
_SAMPLE = "is still the placeholder of a sample", "Put the certificate's DER in base64 there, without < and >."


def placeholders(members: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the placeholders among ``members``."""
    return tuple(name for name in members if name in PLACEHOLDERS and members[name] == name)


def private_members(members: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the members that hold private material; a placeholder does not."""
    is_jwk = not JWK_MEMBERS.isdisjoint(members)
    return tuple(name for name in members if _is_private(name, members[name], is_jwk))


def _is_private(name: str, value: Any, is_jwk: bool) -> bool:
    """Return whether a member is private. Azure writes null for each member that a key does not have.

    Other libraries and hands spell the names differently; such a member of a JWK is private if its value could be a
    number.
    """
    if value is None or (name in PLACEHOLDERS and value == name):
        return False
    if name in PRIVATE_MEMBERS:
        return True
    plain = name.strip().lower()
    is_number = not isinstance(value, str) or len(value) >= _SHORTEST_NUMBER
    return is_jwk and is_number and (plain in PRIVATE_MEMBERS or re.sub(_SEPARATORS, "", plain) in _PRIVATE_NAMES)


def may_name_private(text: str) -> bool:
    """Return whether a text has a name of a private member, or an escape that could hide one; most have neither."""
    return "\\" in text or "&" in text or _NAMED.search(text) is not None


def other_members(members: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the members that are sent unchanged: unknown ones that are neither private nor placeholders."""
    left_out = {*PUBLIC_MEMBERS, *placeholders(members), *PRIVATE_MEMBERS, *private_members(members)}
    return MappingProxyType({name: value for name, value in members.items() if name not in left_out})


def text_of(value: object) -> str | None:
    """Return a member that is text; None for another value."""
    return value if isinstance(value, str) else None


def number_of(value: object) -> int | None:
    """Return a number in base64url, also in another encoding; None if it cannot be decoded."""
    octets = decode_url(value).octets if isinstance(value, str) else None
    return None if octets is None else int.from_bytes(octets, "big")


def public_numbers(members: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return ``n`` and ``e`` in any encoding; None if one of them cannot be decoded."""
    n, e = number_of(members.get("n")), number_of(members.get("e"))
    return None if n is None or e is None else (n, e)


def x5c_octets(members: Mapping[str, Any]) -> tuple[bytes, ...]:
    """Return the entries of x5c that can be decoded, in any encoding."""
    x5c = members.get("x5c")
    entries = [x5c] if isinstance(x5c, str) else x5c if isinstance(x5c, list) else []
    decoded = (decode_standard(entry).octets for entry in entries if isinstance(entry, str))
    return tuple(octets for octets in decoded if octets is not None)


def chain_of(members: Mapping[str, Any]) -> tuple[bytes, ...]:
    """Return the certificates of x5c that can be read."""
    return tuple(octets for octets in x5c_octets(members) if is_certificate(octets))


@dataclass(frozen=True, slots=True)
class MemberPlaces:
    """The places of a file's members: (line, column) from 1, by name."""

    path: str
    members: Mapping[str, tuple[int, int]]

    def of(self, member: str) -> str:
        """Return ``file:line:column`` of a member, or the file if it has none of that name."""
        place = self.members.get(member)
        return f"{self.path}:{place[0]}:{place[1]}" if place is not None else self.path


def read_rsa(
    members: Mapping[str, Any], places: MemberPlaces, now: datetime, found: Findings
) -> tuple[Jwk | None, Certificate | None]:
    """Return the JWK that would be sent and its certificate, each None if it cannot be read."""
    return _Reader(members, places, found).read(now)


class _Reader:
    def __init__(self, members: Mapping[str, Any], places: MemberPlaces, found: Findings) -> None:
        self._members = members
        self._places = places
        self._found = found

    def read(self, now: datetime) -> tuple[Jwk | None, Certificate | None]:
        if "kty" not in self._members:
            self._missing("kty", 'Add "kty": "RSA".')
        kid, alg, use = self._kid(), self._alg(), self._use()
        chain = self._x5c()
        certificate = self._certificate(chain)
        if certificate is not None:
            judge(certificate, f"The certificate in x5c of {self._places.of('x5c')}", now, self._found)
        numbers = {name: self._number(name) for name in ("n", "e") if name in self._members}
        if certificate is None:
            return None, None
        agree = self._agree(numbers, certificate)
        if not agree or kid is None or alg is None:
            return None, certificate
        jwk = Jwk(
            kid=kid,
            alg=alg,
            n=certificate.n,
            e=certificate.e,
            x5c=tuple(octets for octets in chain if octets is not None),
            use=use,
            other=other_members(self._members),
        )
        return jwk, certificate

    def _missing(self, member: str, fix: str, problem: str = "is missing") -> None:
        alike = next((name for name in self._members if name != member and name.lower() == member), None)
        if problem == "is missing" and alike is not None:
            problem, fix = (
                f"is missing; it has `{alike}`, and names are compared letter by letter",
                f"Write `{member}`.",
            )
        self._found.error("jwk-member-missing", f"{self._places.of(alike or member)}: `{member}` {problem}.", fix)

    def _kid(self) -> str | None:
        kid = self._members.get("kid")
        fix = "Write the key id from the header of the tokens."
        if "kid" not in self._members:
            self._missing("kid", f'Add "kid". {fix}')
        elif not isinstance(kid, str) or not kid:
            self._missing("kid", fix, "is empty" if kid == "" else "is not text")
        else:
            self._judge_kid(kid)
            return kid
        return None

    def _judge_kid(self, kid: str) -> None:
        where = f"{self._places.of('kid')} has the kid {shown(kid)}"
        fix = "Correct it in the file; the kid must equal the one in the tokens' header."
        inner = kid.strip()
        if kid != inner:
            self._found.error("text-whitespace", f"{where}, with white space at its edge.", fix)
        elif any(map(characters.is_invisible, kid)):
            self._found.error("text-control-character", f"{where}, with an invisible character in it.", fix)
        elif characters.space_inside(kid) is not None:
            self._found.error("text-whitespace", f"{where}, with white space in it.", fix)
        if characters.quotes_around(inner):
            self._found.error("text-quotes", f"{where}, with quotation marks in its value.", fix)
        if strange := characters.unusual(kid):
            message = f"{where}, which contains {characters.all_named(strange)}."
            self._found.warning("text-unusual-character", message, fix)

    def _alg(self) -> str | None:
        alg = self._members.get("alg")
        if isinstance(alg, str) and alg in ALGORITHMS:
            return alg
        meant = alg.strip().upper() if isinstance(alg, str) else None
        if meant in ALGORITHMS:
            message = f"{self._places.of('alg')} has the alg {excerpt(alg)}; it is compared letter by letter."
            self._found.error("jwk-alg", message, f'Write "alg": "{meant}".')
        elif "alg" not in self._members:
            self._missing("alg", 'Add "alg": "RS256" (or "RS512"), as the tokens are signed.')
        else:
            message = f"{self._places.of('alg')} has the alg {excerpt(alg)}; Salesforce verifies RS256 and RS512 only."
            self._found.error("jwk-alg", message, "Sign tokens with RS256 or RS512, and write that here.")
        return None

    def _use(self) -> str | None:
        use = self._members.get("use")
        if use != "sig":
            state = f"has the use {excerpt(use)}" if "use" in self._members else "has no `use`"
            message = f'{self._places.of("use")} {state}; a signing key\'s is "sig".'
            self._found.warning("jwk-use", message, 'Write "use": "sig".')
        return use if isinstance(use, str) else None

    def _x5c(self) -> list[bytes | None]:
        """Return the certificates' DER, None for an entry that cannot be decoded."""
        x5c = self._members.get("x5c")
        if "x5c" not in self._members:
            self._missing("x5c", "Name the certificate under `certificate` instead, or add its DER in base64.")
            return []
        if isinstance(x5c, list) and x5c and all(isinstance(entry, str) for entry in x5c):
            return self._chain(x5c)
        problem = "is not an array"
        if isinstance(x5c, list):
            problem = "has an entry that is not text" if x5c else "is an empty array"
        self._found.error(
            "x5c-not-array",
            f"{self._places.of('x5c')}: `x5c` {problem}.",
            'Write an array with the certificate as one text: "x5c": ["MII…"].',
        )
        return []

    def _chain(self, x5c: list[str]) -> list[bytes | None]:
        chain = [decode_standard(entry) for entry in x5c]
        faults: dict[str, int] = {}  # each with the first entry that has it
        for index, decoded in enumerate(chain):
            if decoded.fault is not None:
                faults.setdefault(f"x5c-{decoded.fault}", index)
        for rule, index in faults.items():
            problem, fix = _X5C_FAULTS[rule]
            if _PLACEHOLDER.fullmatch(x5c[index]):
                problem, fix = _SAMPLE
            elif rule == "x5c-pem-armour" and "-----" not in x5c[index]:
                problem, fix = _ENCODED_PEM
            entry = f"x5c[{index}]" if index else "x5c"
            self._found.error(rule, f"{self._places.of('x5c')}: `{entry}` {problem}.", fix)
        return [decoded.octets for decoded in chain]

    def _certificate(self, chain: list[bytes | None]) -> Certificate | None:
        if not chain or chain[0] is None:
            return None
        place = f"`x5c` of {self._places.of('x5c')}"
        return read_der(chain[0], place, f"the certificate in {place}", self._found)

    def _number(self, member: str) -> int | None:
        value = self._members[member]
        decoded = decode_url(value) if isinstance(value, str) else None
        fault = decoded.fault if decoded is not None else "is not text"
        if fault is not None:
            self._found.error(
                "jwk-modulus-encoding",
                f"{self._places.of(member)}: `{member}` {fault}; it must be base64url without padding.",
                f"Remove `n` and `e`: they are filled in from the certificate. Or: {_REPAIR}",
            )
        return int.from_bytes(decoded.octets, "big") if decoded is not None and decoded.octets is not None else None

    def _agree(self, numbers: Mapping[str, int | None], certificate: Certificate) -> bool:
        """Return whether the JWK's readable numbers are those of the certificate."""
        true = {"n": certificate.n, "e": certificate.e}
        missing = " and ".join(f"`{name}`" for name in true if name not in numbers)
        if missing:
            message = f"{self._places.path} lacks {missing}; filled in from the certificate."
            self._found.warning("jwk-modulus-missing", message, f"No action is needed. {_REPAIR}")
        wrong = [name for name, value in numbers.items() if value is not None and value != true[name]]
        for name in wrong:
            self._found.error(
                "jwk-modulus-mismatch",
                f"{self._places.of(name)}: `{name}` is not that of the certificate in `x5c`; "
                "they belong to different keys.",
                "Find out which of the two signs the tokens, and create the JWK from its certificate.",
            )
        return not wrong
