"""Explains why Salesforce would refuse a token: every check, mistaken input, and harmful properties.

Pure: the state and the time are arguments. Nothing is sent, and sentences show no claim's value except iss and times.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from provisioner.jose.jwk_members import private_members
from provisioner.model.verification import KnownChannel
from provisioner.tokens import key_checks, token_checks
from provisioner.tokens.check import Check, CheckId, Note, Status, failed, skipped
from provisioner.tokens.compact import Compact, clean, decoded_token, only_token, read_compact
from provisioner.tokens.key_selection import Resolution
from provisioner.tokens.recognise import Recognised, recognise_binary, recognise_text, recognise_token
from provisioner.tokens.token_checks import MILLISECONDS_FROM, is_number, span
from provisioner.tokens.verification_state import VerificationState

_TAKEN_OUT = Note(
    "other-text-around",
    "There was other text around the token (JSON, a cookie, a form, a command); only the token was judged.",
    "Hand only the token to the client: three parts separated by full stops.",
)
_SD_JWT = Note(
    "sd-jwt",
    "This is an SD-JWT: disclosures follow the token after `~`, and Salesforce is not known to read this form. Only "
    "the token was judged.",
    "Sign an ordinary JWT, and hand only that to the client.",
)
_DECODED = Note(
    "base64-around",
    "The token was encoded once more, in base64 or in hexadecimal; the token inside was judged.",
    "Hand the token to the client as the signing code returns it: it begins with ey and has two full stops.",
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The explanation of an input.

    ``token`` is None if the text is not a token of three parts; ``recognised`` is then its real kind, if known.
    """

    checks: tuple[Check, ...]
    token: Compact | None = None
    recognised: Recognised | None = None
    notes: tuple[Note, ...] = ()

    @property
    def accepted(self) -> bool | None:
        """Return False if a check failed, True if all are ok, else None: the outcome cannot be known from here."""
        found = {check.status for check in self.checks}
        if Status.FAILED in found:
            return False
        return True if found == {Status.OK} else None

    def with_status(self, status: Status) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.status is status)


def explain(content: bytes, state: VerificationState, channel: KnownChannel | None, now: datetime) -> Explanation:
    """Judge an input. ``channel`` is the channel that the token is for, if given. Never raises."""
    text = clean(content)
    if text is None:
        return _no_token("This is not text: its bytes are not UTF-8.", recognise_binary(content))
    inside = only_token(text)
    if inside is not None and _may_be_taken_out(text):
        found = _judged(Resolution(_readable(inside), state, channel), now)
        is_sd_jwt = text.startswith(f"{inside}~")
        return replace(found, notes=(_SD_JWT if is_sd_jwt else _TAKEN_OUT, *found.notes))
    decoded = decoded_token(text)
    if decoded is not None:
        found = _judged(Resolution(_readable(decoded), state, channel), now)
        return replace(found, notes=(_DECODED, *found.notes))
    token = read_compact(text)
    if token is None or (token.header is None and token.claims is None):
        recognised = recognise_text(text)
        if token is None:
            return _no_token(_parts(text), recognised)
        if recognised is not None:
            is_json = recognised.kind in ("jwk", "decoded", "json")
            return _no_token(_NO_PARTS if is_json else " ".join(token.faults[:2]), recognised)
    return _judged(Resolution(token, state, channel), now)


def _may_be_taken_out(text: str) -> bool:
    """Return whether the text around a token is not itself a form with a better answer."""
    recognised = recognise_text(text)
    return recognised is None or recognised.kind in ("json", "opaque", "markup")


def _readable(text: str) -> Compact:
    token = read_compact(text)
    assert token is not None
    return token


def _no_token(problem: str, recognised: Recognised | None) -> Explanation:
    fix = recognised.next if recognised is not None else "Give only the token: three parts separated by full stops."
    structure = failed(CheckId.STRUCTURE, problem, fix)
    others = tuple(skipped(each, CheckId.STRUCTURE) for each in CheckId if each is not CheckId.STRUCTURE)
    return Explanation((structure, *others), recognised=recognised)


_NO_PARTS = "This is not a token of three parts."


def _parts(text: str) -> str:
    if not text:
        return "It is empty."
    number = text.count(".") + 1
    return f"A token has three parts separated by full stops; this has {number}."


def _judged(resolution: Resolution, now: datetime) -> Explanation:
    token = resolution.token
    structure = token_checks.check_structure(token)
    alg, kid = token_checks.check_alg(resolution), token_checks.check_kid(resolution)
    iss = token_checks.check_iss(token)
    iss_known = key_checks.check_iss_known(resolution, iss)
    kid_known = key_checks.check_kid_known(resolution, kid, iss_known)
    exp = token_checks.check_exp(token, now)
    on_channel = token_checks.check_keyset_on_channel(resolution, iss_known, kid_known)
    checks = (
        structure,
        alg,
        token_checks.check_typ(token),
        kid,
        kid_known,
        iss,
        iss_known,
        token_checks.check_sub(token),
        exp,
        token_checks.check_expired(token, exp, now),
        key_checks.check_signature(resolution, structure, alg, kid_known),
        key_checks.check_key_active(resolution, kid_known),
        key_checks.check_certificate(resolution, kid_known, now),
        on_channel,
        token_checks.check_configuration_active(resolution, on_channel),
        token_checks.check_endpoint(resolution, kid, iss_known),
    )
    known = None if resolution.state.is_unknown else bool(resolution.by_issuer)
    recognised = recognise_token(token, issuer_known=known)
    return Explanation(checks, token, recognised, notes(resolution, now))


#: A smaller difference between clocks is normal.
_SKEW = 60.0
#: Web servers commonly accept headers of 8 KiB; a larger token contains more than it needs.
_LARGE = 6000


def notes(resolution: Resolution, now: datetime) -> tuple[Note, ...]:
    """Return the notes on a token, the most important first."""
    token = resolution.token
    if token.claims is None:
        return ()
    found = (
        _private_key(token),
        _long_life(resolution, now),
        _not_yet(token, now),
        _no_iat(token),
        _audience(token),
        _own_key(token),
    )
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


def _private_key(token: Compact) -> Note | None:
    key = (token.header or {}).get("jwk")
    if not isinstance(key, dict) or not private_members(key):
        return None
    return Note(
        "private-key-in-header",
        "Its header contains a PRIVATE key (jwk): everyone who has seen such a token can sign tokens.",
        "Omit it, revoke this key, and make a new pair (`provisioner keys rotate KEYSET --revoke KEY`).",
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
