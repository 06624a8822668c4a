"""Explains why Salesforce would refuse a token: every check, mistaken input, and harmful properties.

Pure: the state and the time are arguments. Nothing is sent, and sentences show no claim's value except iss and times.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from provisioner.model.verification import KnownChannel
from provisioner.tokens import claim_checks, header_checks, key_checks, usage_checks
from provisioner.tokens.advice import notes
from provisioner.tokens.check import Check, CheckId, Note, Status, failed, skipped
from provisioner.tokens.compact import Compact, clean, only_token, read_compact
from provisioner.tokens.key_selection import Resolution
from provisioner.tokens.recognise import Recognised, recognise_text, recognise_token
from provisioner.tokens.verification_state import VerificationState

_TAKEN_OUT = Note(
    "other-text-around",
    "There was other text around the token (JSON, a cookie, a form, a command); only the token was judged.",
    "Hand only the token to the client: three parts separated by full stops.",
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
        return _no_token("This is not text: its bytes are not UTF-8.", None)
    inside = only_token(text)
    if inside is not None and _may_be_taken_out(text):
        found = _judged(Resolution(_readable(inside), state, channel), now)
        return replace(found, notes=(_TAKEN_OUT, *found.notes))
    token = read_compact(text)
    if token is None or (token.header is None and token.claims is None):
        recognised = recognise_text(text)
        if token is None:
            return _no_token(_parts(text), recognised)
        if recognised is not None:
            return _no_token(" ".join(token.faults[:2]), recognised)
    return _judged(Resolution(token, state, channel), now)


def _may_be_taken_out(text: str) -> bool:
    """Return whether the text around a token is not itself a form with a better answer."""
    recognised = recognise_text(text)
    return recognised is None or recognised.kind in ("json", "opaque")


def _readable(text: str) -> Compact:
    token = read_compact(text)
    assert token is not None
    return token


def _no_token(problem: str, recognised: Recognised | None) -> Explanation:
    fix = recognised.next if recognised is not None else "Give only the token: three parts separated by full stops."
    structure = failed(CheckId.STRUCTURE, problem, fix)
    others = tuple(skipped(each, CheckId.STRUCTURE) for each in CheckId if each is not CheckId.STRUCTURE)
    return Explanation((structure, *others), recognised=recognised)


def _parts(text: str) -> str:
    if not text:
        return "It is empty."
    number = text.count(".") + 1
    return f"A token has three parts separated by full stops; this has {number}."


def _judged(resolution: Resolution, now: datetime) -> Explanation:
    token = resolution.token
    structure = header_checks.check_structure(token)
    alg, kid = header_checks.check_alg(resolution), header_checks.check_kid(resolution)
    iss = claim_checks.check_iss(token)
    iss_known = key_checks.check_iss_known(resolution, iss)
    kid_known = key_checks.check_kid_known(resolution, kid, iss_known)
    exp = claim_checks.check_exp(token, now)
    on_channel = usage_checks.check_keyset_on_channel(resolution, iss_known, kid_known)
    checks = (
        structure,
        alg,
        header_checks.check_typ(token),
        kid,
        kid_known,
        iss,
        iss_known,
        claim_checks.check_sub(token),
        exp,
        claim_checks.check_expired(token, exp, now),
        key_checks.check_signature(resolution, structure, alg, kid_known),
        key_checks.check_key_active(resolution, kid_known),
        key_checks.check_certificate(resolution, kid_known, now),
        on_channel,
        usage_checks.check_configuration_active(resolution, on_channel),
        usage_checks.check_endpoint(resolution, kid, iss_known),
    )
    known = None if resolution.state.is_unknown else bool(resolution.by_issuer)
    recognised = recognise_token(token, issuer_known=known)
    return Explanation(checks, token, recognised, notes(resolution, now))
