"""Resolves a token to keysets and keys: by its issuer, its kid, and its channel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from provisioner.jose.base64_text import decode_url
from provisioner.jose.certificates import LARGEST_KEY_BITS
from provisioner.model.jwk import Jwk
from provisioner.model.verification import KnownChannel, KnownConfiguration, KnownKeyset
from provisioner.tokens.compact import Compact
from provisioner.tokens.verification_state import VerificationState

#: RSASSA-PKCS1-v1_5 (RFC 7518 §3.3), the two algorithms that Salesforce accepts.
_HASHES: dict[str, type[hashes.HashAlgorithm]] = {"RS256": hashes.SHA256, "RS512": hashes.SHA512}
#: What signing programs use by mistake: PSS (RFC 7518 §3.5) and other digests.
_SCHEMES: tuple[tuple[str, padding.AsymmetricPadding, hashes.HashAlgorithm], ...] = (
    ("RS256", padding.PKCS1v15(), hashes.SHA256()),
    ("RS512", padding.PKCS1v15(), hashes.SHA512()),
    ("RS384", padding.PKCS1v15(), hashes.SHA384()),
    ("SHA-1", padding.PKCS1v15(), hashes.SHA1()),  # noqa: S303 - only to name the mistake
    ("PS256", padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO), hashes.SHA256()),
    ("PS384", padding.PSS(padding.MGF1(hashes.SHA384()), padding.PSS.AUTO), hashes.SHA384()),
    ("PS512", padding.PSS(padding.MGF1(hashes.SHA512()), padding.PSS.AUTO), hashes.SHA512()),
)


def verifies(token: Compact, jwk: Jwk) -> bool:
    """Return whether ``jwk`` verifies the token with the algorithm of its header.

    Never raises; tries no other algorithm.
    """
    algorithm = _HASHES.get(token.header_text("alg") or "")
    if algorithm is None or token.signature is None:
        return False
    return _is_of(jwk, token.signature, token.signing_input, padding.PKCS1v15(), algorithm())


def _is_of(
    jwk: Jwk, signature: bytes, content: bytes, scheme: padding.AsymmetricPadding, digest: hashes.HashAlgorithm
) -> bool:
    if not 0 < jwk.bits <= LARGEST_KEY_BITS or len(signature) != (jwk.bits + 7) // 8:
        return False
    try:
        rsa.RSAPublicNumbers(jwk.e, jwk.n).public_key().verify(signature, content, scheme, digest)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError, OverflowError):
        return False
    return True


def other_scheme(token: Compact, jwk: Jwk) -> str | None:
    """Return the other algorithm, or the encoding, by which a signature is the key's own; None if it is not.

    It is a clause. Nothing accepts such a token: the clause tells which line of the signing program is wrong.
    """
    signature = token.signature or b""
    for octets, encoding in ((signature, ""), (_decoded(signature), "its bytes were encoded twice")):
        for name, scheme, digest in _SCHEMES:
            if octets is not None and _is_of(jwk, octets, token.signing_input, scheme, digest):
                alg = token.header_text("alg")
                return encoding or f"with {name}, and the header says {alg}"
    return None


def _decoded(signature: bytes) -> bytes | None:
    """Return the bytes of a signature that is itself text: base64 or hexadecimal."""
    if not signature.isascii():
        return None
    text = signature.decode("ascii")
    try:
        return bytes.fromhex(text)
    except ValueError:
        return decode_url(text).octets


@dataclass(frozen=True, slots=True)
class Candidate:
    """A key with the token's kid: an uploaded one, or one that an endpoint serves (``active`` is then None)."""

    called: str
    keyset: KnownKeyset
    jwk: Jwk
    active: bool | None


@dataclass(frozen=True)
class Resolution:
    """A token and the known keys, keysets and channels. ``channel`` is the channel of the token, if it was given."""

    token: Compact
    state: VerificationState
    channel: KnownChannel | None

    @cached_property
    def by_issuer(self) -> tuple[KnownKeyset, ...]:
        """Return the keysets with the token's issuer, byte for byte."""
        iss = self.token.text("iss")
        return tuple(keyset for keyset in self.state.keysets.values() if iss is not None and keyset.issuer == iss)

    @cached_property
    def relevant(self) -> tuple[KnownKeyset, ...]:
        """Return the keysets to check: those of the issuer (on the channel, if it uses any), else those of the kid."""
        found = self.by_issuer or tuple(keyset for keyset in self.state.keysets.values() if self._candidates_in(keyset))
        if self.channel is not None and self.channel.configurations is not None:
            there = {configuration.keyset for configuration in self.channel.configurations}
            found = tuple(keyset for keyset in found if keyset.name in there) or found
        return found

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """Return the keys with the token's kid in the relevant keysets."""
        return tuple(each for keyset in self.relevant for each in self._candidates_in(keyset))

    @cached_property
    def chosen(self) -> tuple[Candidate, ...]:
        """Return the candidates that verify the signature; all candidates if none does."""
        return tuple(each for each in self.candidates if verifies(self.token, each.jwk)) or self.candidates

    @cached_property
    def signers(self) -> tuple[tuple[str, Jwk], ...]:
        """Return all known keys that verify the signature, with any kid and in any keyset."""
        return tuple((called, jwk) for called, jwk in self.state.all_keys() if verifies(self.token, jwk))

    @cached_property
    def unasked(self) -> tuple[KnownKeyset, ...]:
        """Return the relevant (else all) keysets with an endpoint that was not asked or gave no certain answer."""
        in_question = self.relevant or tuple(self.state.keysets.values())
        return tuple(keyset for keyset in in_question if keyset.endpoint is not None and not self.answered(keyset))

    def answered(self, keyset: KnownKeyset) -> bool:
        """Return whether the keys at the keyset's endpoint are known with certainty."""
        answer = self.state.served.get(keyset.endpoint or "")
        return answer is not None and (answer.problem is None or answer.certain)

    @cached_property
    def configurations(self) -> tuple[tuple[KnownChannel, KnownConfiguration], ...]:
        """Return the configurations that use the token's keyset: on the channel, or on any channel."""
        names = {each.keyset.name for each in self.chosen} or {keyset.name for keyset in self.relevant}
        channels = (self.channel,) if self.channel is not None else tuple(self.state.channels.values())
        return tuple(
            (channel, configuration)
            for channel in channels
            for configuration in channel.configurations or ()
            if configuration.keyset in names
        )

    def _candidates_in(self, keyset: KnownKeyset) -> tuple[Candidate, ...]:
        kid = self.token.header_text("kid")
        if kid is None:
            return ()
        found = []
        for name in keyset.keys:
            key = self.state.keys.get(name)
            if key is not None and key.jwk is not None and key.jwk.kid == kid:
                found.append(Candidate(f"key.{name}", keyset, key.jwk, key.active))
        answer = self.state.served.get(keyset.endpoint or "")
        served = answer.keys if answer is not None else ()
        found += [Candidate(f"a key of {keyset.endpoint}", keyset, jwk, None) for jwk in served if jwk.kid == kid]
        return tuple(found)
