"""Which keysets and keys a token leads to: by its issuer, by its kid, by the channel that it is meant for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from provisioner.model.jwk import Jwk
from provisioner.model.verification import KnownChannel, KnownConfiguration, KnownKeyset
from provisioner.tokens.compact import Compact
from provisioner.tokens.signature import verifies
from provisioner.tokens.verification_state import VerificationState


@dataclass(frozen=True, slots=True)
class Candidate:
    """A key of the token's kid: an uploaded one, or one that an endpoint serves (``active`` is then None)."""

    called: str
    keyset: KnownKeyset
    jwk: Jwk
    active: bool | None


@dataclass(frozen=True)
class Resolution:
    """A token on its ground. ``channel`` is the one it is meant for, if that was said."""

    token: Compact
    ground: VerificationState
    channel: KnownChannel | None

    @cached_property
    def by_issuer(self) -> tuple[KnownKeyset, ...]:
        """The keysets whose issuer is the token's, byte for byte."""
        iss = self.token.text("iss")
        return tuple(keyset for keyset in self.ground.keysets.values() if iss is not None and keyset.issuer == iss)

    @cached_property
    def relevant(self) -> tuple[KnownKeyset, ...]:
        """The keysets that would be asked: those of the issuer, on the channel if any is; else those of the kid."""
        found = self.by_issuer or tuple(
            keyset for keyset in self.ground.keysets.values() if self._candidates_in(keyset)
        )
        if self.channel is not None and self.channel.configurations is not None:
            there = {configuration.keyset for configuration in self.channel.configurations}
            found = tuple(keyset for keyset in found if keyset.name in there) or found
        return found

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """The keys of the token's kid in the relevant keysets."""
        return tuple(each for keyset in self.relevant for each in self._candidates_in(keyset))

    @cached_property
    def chosen(self) -> tuple[Candidate, ...]:
        """The candidates that verify the signature; all of them where none does."""
        return tuple(each for each in self.candidates if verifies(self.token, each.jwk)) or self.candidates

    @cached_property
    def signers(self) -> tuple[tuple[str, Jwk], ...]:
        """All known keys that verify the signature, whatever their kid and wherever they are."""
        return tuple((called, jwk) for called, jwk in self.ground.all_keys() if verifies(self.token, jwk))

    @cached_property
    def unasked(self) -> tuple[KnownKeyset, ...]:
        """The keysets in question whose endpoint was not asked, or gave no certain answer: all, if none is relevant."""
        in_question = self.relevant or tuple(self.ground.keysets.values())
        return tuple(keyset for keyset in in_question if keyset.endpoint is not None and not self.answered(keyset))

    def answered(self, keyset: KnownKeyset) -> bool:
        """Whether it is certain what the keyset's endpoint serves."""
        answer = self.ground.served.get(keyset.endpoint or "")
        return answer is not None and (answer.problem is None or answer.certain)

    @cached_property
    def configurations(self) -> tuple[tuple[KnownChannel, KnownConfiguration], ...]:
        """Where the keyset of the token is used: on the channel, or on any."""
        names = {each.keyset.name for each in self.chosen} or {keyset.name for keyset in self.relevant}
        channels = (self.channel,) if self.channel is not None else tuple(self.ground.channels.values())
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
            key = self.ground.keys.get(name)
            if key is not None and key.jwk is not None and key.jwk.kid == kid:
                found.append(Candidate(f"key.{name}", keyset, key.jwk, key.active))
        answer = self.ground.served.get(keyset.endpoint or "")
        served = answer.keys if answer is not None else ()
        found += [Candidate(f"a key of {keyset.endpoint}", keyset, jwk, None) for jwk in served if jwk.kid == kid]
        return tuple(found)
