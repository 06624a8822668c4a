"""The expiry of certificates of the declaration, of orgs and of endpoints, ordered by date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from provisioner.jose.certificates import fingerprint


class Where(StrEnum):
    """The source of a certificate."""

    DECLARATION = "declaration"
    ORG = "org"
    ENDPOINT = "endpoint"


class ExpiryState(StrEnum):
    EXPIRED = "expired"
    EXPIRING = "expiring"
    NOT_YET_VALID = "not-yet-valid"
    VALID = "valid"


@dataclass(frozen=True, slots=True)
class Seen:
    """The place of a certificate, and whether tokens are verified with it there.

    ``environment`` is None without one, and for an endpoint; ``place`` is a file or a URL, None for an org.
    """

    where: Where
    environment: str | None
    place: str | None
    in_use: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A certificate that was found. ``name`` is the key's API name, or its kid if it has none."""

    name: str
    kid: str | None
    certificate: x509.Certificate
    seen: Seen


@dataclass(frozen=True, slots=True)
class Undated:
    """A thing with no known date, and why. ``fails``: it should have one, so the command exits with 1.

    ``unseen``: it could not be looked at, so its certificates may expire at any time.
    """

    what: str
    reason: str
    fails: bool
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """A certificate with all its places."""

    name: str
    kid: str | None
    sha256: str
    begins: datetime
    ends: datetime
    seen: tuple[Seen, ...]

    @property
    def in_use(self) -> bool:
        return any(each.in_use for each in self.seen)

    def days_left(self, now: datetime) -> int:
        """Return the number of whole days; negative after the expiry."""
        return (self.ends - now).days

    def state(self, now: datetime, days: int) -> ExpiryState:
        """Return the state at ``now``; within ``days`` it expires soon."""
        if self.ends < now:
            return ExpiryState.EXPIRED
        if self.ends - now <= timedelta(days=days):
            return ExpiryState.EXPIRING
        return ExpiryState.NOT_YET_VALID if self.begins > now else ExpiryState.VALID

    def alarms(self, now: datetime, days: int) -> bool:
        """Return whether a person must act: it is in use, and expired or expires soon."""
        return self.in_use and self.state(now, days) in (ExpiryState.EXPIRED, ExpiryState.EXPIRING)


@dataclass(frozen=True, slots=True)
class Timetable:
    """``endings`` by date, the soonest first."""

    now: datetime
    days: int
    endings: tuple[Ending, ...]
    undated: tuple[Undated, ...] = field(default=())

    @property
    def alarming(self) -> tuple[Ending, ...]:
        return tuple(each for each in self.endings if each.alarms(self.now, self.days))


def timetable(found: Iterable[Found], undated: Iterable[Undated], *, now: datetime, days: int) -> Timetable:
    """Return the certificates by date, each certificate of a key once."""
    grouped: dict[tuple[str, str | None, bytes], list[Found]] = {}
    for each in found:
        der = each.certificate.public_bytes(Encoding.DER)
        grouped.setdefault((each.name, each.kid, der), []).append(each)
    endings = [
        Ending(
            name=name,
            kid=kid,
            sha256=fingerprint(der),
            begins=those[0].certificate.not_valid_before_utc,
            ends=those[0].certificate.not_valid_after_utc,
            seen=tuple(dict.fromkeys(each.seen for each in those)),
        )
        for (name, kid, der), those in grouped.items()
    ]
    endings.sort(key=lambda each: (each.ends, each.name))
    return Timetable(now, days, tuple(endings), tuple(dict.fromkeys(undated)))
