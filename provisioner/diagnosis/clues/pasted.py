"""What pasted output says beside the answer that counts: other attempts, and a token that stands in it."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnosis.clues.configured import looks_like_a_consumer_key
from provisioner.diagnosis.evidence import Evidence, PastedAttempt, PastedToken
from provisioner.diagnosis.marks import For, Mark, Source
from provisioner.diagnosis.texts import known_client_text, known_text

_CLAIMS = ("iss", "sub", "aud", "exp")
#: Times in milliseconds are accepted by orgs; seconds do not reach this for a long time.
_MILLISECONDS_FROM = 100_000_000_000


def clue(evidence: Evidence) -> Iterator[Mark]:
    pasted = evidence.pasted
    if pasted is None:
        return
    for attempt in pasted.attempts:
        if attempt.worthless is None and attempt.answer is not evidence.answer:
            yield from _other(attempt)
    if pasted.token is not None:
        yield from _token(pasted.token, evidence)


def _other(attempt: PastedAttempt) -> Iterator[Mark]:
    """Another attempt that may count, too: a quarter of its worth."""
    row = known_text(attempt.answer.error, attempt.answer.description) or known_client_text(attempt.answer.words)
    for cause, points in row.causes if row is not None else ():
        yield For(
            cause,
            points // 4,
            f'Attempt {attempt.number} ({attempt.login or "another host"}) says "{attempt.answer.words}".',
            Source.WORDS,
        )


def is_chat_token(token: PastedToken) -> bool:
    """Whether a JWT is of the kind that customers show to a messaging channel: a kid, no audience, no consumer key."""
    issuer = str(token.claims.get("iss", ""))
    return "aud" not in token.claims and "sub" in token.claims and not issuer.startswith("3MVG")


def _token(token: PastedToken, evidence: Evidence) -> Iterator[Mark]:
    header, claims = token.header, token.claims
    if is_chat_token(token):
        kid = ", and its header names a kid" if "kid" in header else ""
        yield For("chat-token", 96, f"The token's claims hold neither aud nor a consumer key{kid}.", proof=True)
        return
    issuer, subject = str(claims.get("iss", "")), str(claims.get("sub", ""))
    if "@" in issuer and looks_like_a_consumer_key(subject):
        yield For("swapped-claims", 99, "In the assertion iss is a username, and sub a consumer key.", proof=True)
    elif "@" in issuer:
        yield For("swapped-claims", 70, "In the assertion iss holds an @: it is a username.")
    if header.get("alg") != "RS256":
        yield For("malformed-assertion", 95, f"The assertion's alg is {header.get('alg')!r}, not RS256.", proof=True)
    missing = [name for name in _CLAIMS if name not in claims]
    if missing:
        yield For("malformed-assertion", 95, f"The assertion lacks {', '.join(missing)}.", proof=True)
    yield from _expiry(claims.get("exp"), evidence)


def _expiry(expiry: object, evidence: Evidence) -> Iterator[Mark]:
    try:
        ends = float(str(expiry))
    except ValueError:
        return
    if ends >= _MILLISECONDS_FROM:
        ends /= 1000
    late = evidence.now.timestamp() - ends
    if late > 0:
        yield For("expired-assertion", 20, f"The assertion's exp is {late:.0f} seconds ago by this machine's clock.")
