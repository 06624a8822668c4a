"""Notes on properties of a token that no org refuses and that do harm."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from provisioner.tokens.check import Note
from provisioner.tokens.claim_checks import MILLISECONDS_FROM, is_number, span
from provisioner.tokens.compact import Compact
from provisioner.tokens.key_selection import Resolution

#: A smaller difference between clocks is normal.
_SKEW = 60.0
#: Web servers commonly accept headers of 8 KiB; a larger token contains more than it needs.
_LARGE = 6000


def notes(resolution: Resolution, now: datetime) -> tuple[Note, ...]:
    """Return the notes on a token, the most important first."""
    token = resolution.token
    if token.claims is None:
        return ()
    found = (_long_life(resolution, now), _not_yet(token, now), _no_iat(token), _audience(token), _own_key(token))
    return (*(note for note in found if note is not None), *_channel(resolution), *_size(token))


def _long_life(resolution: Resolution, now: datetime) -> Note | None:
    claims = resolution.token.claims or {}
    exp, iat = claims.get("exp"), claims.get("iat")
    if not is_number(exp) or exp >= MILLISECONDS_FROM:
        return None
    begins = iat if is_number(iat) and iat < exp else now.timestamp()
    channels = [on for on, _ in resolution.configurations] or ([resolution.channel] if resolution.channel else [])
    minutes = next((on.verified_minutes for on in channels if on.verified_minutes is not None), None)
    # An expiration that is not a whole number stays as written, for the rules to judge.
    if not isinstance(minutes, int) or exp - begins <= minutes * 60 + _SKEW:
        return None
    return Note(
        "life-longer-than-session",
        f"It is valid for {span(exp - begins)}, longer than the {minutes} minutes of a verified session on "
        f"{channels[0].name}: the client renews the session with the same token and does not request a new one from "
        f"your page until it expires.",
        f"Use a lifetime of at most {minutes} minutes; a few minutes are enough.",
    )


def _not_yet(token: Compact, now: datetime) -> Note | None:
    claims = token.claims or {}
    for name in ("nbf", "iat"):
        value = claims.get(name)
        if is_number(value) and value < MILLISECONDS_FROM and value - now.timestamp() > _SKEW:
            return Note(
                f"{name}-in-the-future",
                f"Its {name} lies {span(value - now.timestamp())} ahead of this machine's clock; Salesforce does not "
                f"document whether it checks this.",
                "Check the clock of the server that signs the token.",
            )
        if value is not None and not is_number(value):
            return Note(f"{name}-no-number", f"Its {name} is not a number.", f"Write {name} in seconds since 1970.")
    return None


def _no_iat(token: Compact) -> Note | None:
    if "iat" in (token.claims or {}):
        return None
    return Note(
        "no-iat",
        "It has no iat. None is required, but without it the signing time and a cache that serves old tokens remain "
        "invisible.",
        "Write `iat`, the time of signing in seconds since 1970.",
    )


def _audience(token: Compact) -> Note | None:
    if "aud" not in (token.claims or {}):
        return None
    return Note(
        "aud-present",
        "It has an aud. No key, keyset or channel defines an expected value, so Salesforce is not known to check it.",
        "Keep or omit it: it is not a reason for a refusal.",
    )


def _own_key(token: Compact) -> Note | None:
    names = [name for name in ("jwk", "jku", "x5c", "x5u") if name in (token.header or {})]
    if not names:
        return None
    return Note(
        "key-in-header",
        f"Its header contains a key ({', '.join(names)}). No verifier may trust it; only the kid selects the key.",
        "Omit it.",
    )


def _channel(resolution: Resolution) -> Iterator[Note]:
    channels = [on for on, _ in resolution.configurations] or ([resolution.channel] if resolution.channel else [])
    for channel in channels[:1]:
        if channel.active is False:
            yield Note(
                "channel-inactive",
                f"The channel {channel.name} is not active in the org: no customer can chat on it.",
                "Activate it in Setup > Messaging Settings.",
            )


def _size(token: Compact) -> Iterator[Note]:
    if len(token.signing_input) > _LARGE:
        yield Note(
            "large",
            f"It has {len(token.signing_input)} bytes before its signature.",
            "Omit every claim except sub, iss, exp and iat: Salesforce uses no others.",
        )
