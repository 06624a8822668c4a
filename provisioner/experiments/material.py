"""The public keys that a probe uploads. Their private keys are discarded immediately: nobody can sign with them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from provisioner.jose.generation import SMALLEST_BITS, jwk_of, new_key, pair
from provisioner.model.jwk import Jwk

_DAYS = 30
_ALGORITHM = "RS256"


@dataclass(frozen=True, slots=True)
class Material:
    """Two public keys with certificates that are valid for a month."""

    first: Jwk
    second: Jwk

    @classmethod
    def new(cls, now: datetime) -> Material:
        """Return new material."""
        return cls(_jwk("uvprobe-first", now), _jwk("uvprobe-second", now))


def _jwk(kid: str, now: datetime) -> Jwk:
    made = pair(new_key(SMALLEST_BITS), kid, now=now, days=_DAYS, serial_number=secrets.randbits(64) | 1)
    assert made.certificate is not None
    return jwk_of(made.certificate, kid, _ALGORITHM)
