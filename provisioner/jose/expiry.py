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
class DatedCertificate:
    """A certificate with all its places."""

    name: str
    kid: str | None
    sha256: str
    not_before: datetime
    not_after: datetime
    seen: tuple[Seen, ...]

    @property
    def in_use(self) -> bool:
        return any(each.in_use for each in self.seen)

    def days_left(self, now: datetime) -> int:
        """Return the number of whole days; negative after the expiry."""
        return (self.not_after - now).days

    def state(self, now: datetime, days: int) -> ExpiryState:
        """Return the state at ``now``; within ``days`` it expires soon."""
        if self.not_after < now:
            return ExpiryState.EXPIRED
        if self.not_after - now <= timedelta(days=days):
            return ExpiryState.EXPIRING
        return ExpiryState.NOT_YET_VALID if self.not_before > now else ExpiryState.VALID

    def needs_action(self, now: datetime, days: int) -> bool:
        """Return whether a person must act: it is in use, and expired or expires soon."""
        return self.in_use and self.state(now, days) in (ExpiryState.EXPIRED, ExpiryState.EXPIRING)


@dataclass(frozen=True, slots=True)
class ExpiryList:
    """Certificates by expiry date, the soonest first, judged at ``now`` for the next ``days``."""

    now: datetime
    days: int
    certificates: tuple[DatedCertificate, ...]
    undated: tuple[Undated, ...] = field(default=())

    @property
    def needing_action(self) -> tuple[DatedCertificate, ...]:
        return tuple(each for each in self.certificates if each.needs_action(self.now, self.days))


def expiry_list(found: Iterable[Found], undated: Iterable[Undated], *, now: datetime, days: int) -> ExpiryList:
    """Return the certificates by date, each certificate of a key once."""
    grouped: dict[tuple[str, str | None, bytes], list[Found]] = {}
    for each in found:
        der = each.certificate.public_bytes(Encoding.DER)
        grouped.setdefault((each.name, each.kid, der), []).append(each)
    certificates = [
        DatedCertificate(
            name=name,
            kid=kid,
            sha256=fingerprint(der),
            not_before=those[0].certificate.not_valid_before_utc,
            not_after=those[0].certificate.not_valid_after_utc,
            seen=tuple(dict.fromkeys(each.seen for each in those)),
        )
        for (name, kid, der), those in grouped.items()
    ]
    certificates.sort(key=lambda each: (each.not_after, each.name))
    return ExpiryList(now, days, tuple(certificates), tuple(dict.fromkeys(undated)))
