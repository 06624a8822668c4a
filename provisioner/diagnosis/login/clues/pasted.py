"""Clues from pasted output besides the answer that counts: other attempts, a token, times, keys, chat messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from provisioner.diagnosis.cases import Against, For, Mark, Source
from provisioner.diagnosis.chat.texts import meaning_anywhere
from provisioner.diagnosis.login.clues.configured import looks_like_a_consumer_key
from provisioner.diagnosis.login.evidence import LoginEvidence, Pasted, PastedAttempt, PastedFacts, PastedToken
from provisioner.diagnosis.login.texts import HISTORY, known_text
from provisioner.diagnosis.pasted.facts import moment
from provisioner.diagnosis.pasted.texts import known_client_text
from provisioner.model.salesforce_hosts import HostKind, host_kind
from provisioner.salesforce.hosts import host_of

#: The origin of the page in a browser's message about CORS.
_ORIGIN = re.compile(r"\borigin '?(https?://[A-Za-z0-9.:-]{1,200})", re.I)
_CLAIMS = ("iss", "sub", "aud", "exp")
_GENERIC = (HostKind.LOGIN, HostKind.TEST)
#: Subjects of the access tokens that the chat issues.
_OF_THE_CHAT = "v2/iamessage/"
_OF_GUESTS = ("v2/iamessage/UNAUTH/", "v2/iamessage/ANON/")
#: An expired code, a refused password, and refused client credentials: their causes differ from those in JWT bearer.
_BY_FLOW = ("F05", "F06", "F10a")


def clue(evidence: LoginEvidence) -> Iterator[Mark]:
    pasted = evidence.pasted
    if pasted is None:
        return
    for attempt in pasted.attempts:
        if attempt.not_usable_because is None and attempt.answer is not evidence.answer:
            yield from _other(attempt)
    yield from _hosts_of_the_app(pasted)
    if pasted.token is not None:
        yield from _token(pasted.token)
    yield from _expiry(pasted.facts, evidence.now)
    yield from _key(pasted.facts)
    yield from _flow(evidence, pasted.facts)
    if pasted.facts.history is not None:
        said = f'LoginHistory says "{pasted.facts.history}".'
        yield from (For(cause, 80, said) for status, cause in HISTORY if status == pasted.facts.history)
    if pasted.facts.scratch:
        yield from _scratch(evidence)
    yield from _chat(pasted)


def _other(attempt: PastedAttempt) -> Iterator[Mark]:
    """Yield marks from another attempt that may count: with a quarter of its points."""
    row = known_text(attempt.answer.error, attempt.answer.description) or known_client_text(attempt.answer.words)
    for cause, points in row.causes if row is not None else ():
        yield For(
            cause,
            points // 4,
            f'{_place_of(attempt)} says "{attempt.answer.words}".',
            Source.WORDS,
        )


def _place_of(attempt: PastedAttempt) -> str:
    if attempt.is_of_text:
        return "Another answer in the text"
    return f"Attempt {attempt.number} ({attempt.login or 'another host'})"


def _hosts_of_the_app(pasted: Pasted) -> Iterator[Mark]:
    """Yield marks for hosts that do not know an external client app: the generic ones, or also the org's own."""
    hosts = []
    for attempt in pasted.attempts:
        row = known_text(attempt.answer.error, attempt.answer.description)
        if row is not None and row.id == "F11" and attempt.login is not None:
            hosts.append((host_of(attempt.login), attempt.audience))
    own = [host for host, _ in hosts if host_kind(host)[0] not in _GENERIC and host]
    if own:
        return
    if hosts and any(audience and host_kind(host_of(audience))[0] in _GENERIC for _, audience in hosts):
        asked = " and ".join(dict.fromkeys(host for host, _ in hosts))
        yield For("eca-needs-my-domain", 45, f"The attempts went to {asked}; none went to the org's My Domain.")


def _token(token: PastedToken) -> Iterator[Mark]:
    header, claims = token.header, token.claims
    subject = str(claims.get("sub", ""))
    if subject.startswith(_OF_THE_CHAT):
        if subject.startswith(_OF_GUESTS):
            yield For("guest-session", 80, f"The access token's sub is {subject.rpartition('/')[0]}/…", proof=True)
        return
    if token.is_for_chat:
        kid = ", and its header names a kid" if "kid" in header else ""
        yield For("chat-token", 96, f"The token's claims hold neither aud nor a consumer key{kid}.", proof=True)
        return
    if token.is_of_a_provider:
        yield For(
            "malformed-assertion",
            95,
            f"The token's iss is {token.issuer}, the address of an identity provider. An assertion's iss is the app's "
            "consumer key: the client sent a token of another issuer.",
            proof=True,
            remedy="Make the client sign its own assertion: iss is the app's consumer key, sub the username, aud "
            "the org's My Domain.",
        )
        return
    if "@" in token.issuer and looks_like_a_consumer_key(subject):
        yield For("swapped-claims", 99, "In the assertion iss is a username, and sub a consumer key.", proof=True)
    elif "@" in token.issuer:
        yield For("swapped-claims", 70, "In the assertion iss holds an @: it is a username.")
    if header.get("alg") != "RS256":
        yield For("malformed-assertion", 95, f"The assertion's alg is {header.get('alg')!r}, not RS256.", proof=True)
    if token.standard:
        signs = " and ".join(token.standard)
        said = f"The assertion is in standard base64 (it holds {signs}); a JWT is in base64url without padding."
        yield For("malformed-assertion", 95, said, proof=True)
    # Salesforce accepts prn in place of sub.
    missing = [name for name in _CLAIMS if name not in claims and not (name == "sub" and "prn" in claims)]
    if missing:
        yield For("malformed-assertion", 95, f"The assertion lacks {', '.join(missing)}.", proof=True)


def _expiry(facts: PastedFacts, now: datetime) -> Iterator[Mark]:
    """Yield the mark of an ``exp`` before the answer's time: by its ``Date`` header, else by this machine's clock."""
    if facts.token is not None and facts.token.is_foreign:
        return
    expires = moment(facts.expiry)
    if expires is None:
        return
    late = ((facts.date or now) - expires).total_seconds()
    if late <= 0:
        return
    if facts.date is None:
        yield For("expired-assertion", 20, f"The assertion's exp is {late:.0f} seconds ago by this machine's clock.")
        return
    hours = late / 3600
    zone = abs(hours - round(hours)) < 0.1 and round(hours) > 0
    said = f"The assertion's exp was {late:.0f} seconds before the host's Date header." + (
        f" That is about {round(hours)} hours: a wrong time zone, local time in place of UTC." if zone else ""
    )
    yield For("expired-assertion", 60, said, proof=True)


def _key(facts: PastedFacts) -> Iterator[Mark]:
    if facts.sent_private_key:
        yield For(
            "malformed-assertion",
            97,
            "The private key itself was sent as the assertion. It is leaked: make a new key and replace this one.",
            proof=True,
        )
    if facts.holds_private_key:
        yield For("key-leaked", 99, "The text holds a private key. It is not repeated here.", proof=True)


def _flow(evidence: LoginEvidence, facts: PastedFacts) -> Iterator[Mark]:
    """Yield marks from the flow of the request, for the answers that mean something else in another flow."""
    answer = evidence.answer
    row = known_text(answer.error, answer.description) if answer is not None else None
    if row is None:
        return
    if facts.other_flow is not None and row.id in _BY_FLOW:
        yield For("wrong-flow", 95, f"The text shows the {facts.other_flow} flow of OAuth, not JWT bearer.")
    elif not facts.is_jwt_bearer and "authentication failure" in row.words:
        said = (
            "Nothing in the text shows JWT bearer; most public reports of this message are about the username-password "
            "flow, which new orgs block."
        )
        yield For("wrong-flow", 45, said)
    elif facts.basic and row.id in ("F09", "F10a", "F10b"):
        said = "The request has an Authorization: Basic header; the token endpoint reads the client from the form."
        yield For("unexpected-request", 70, said)


def _scratch(evidence: LoginEvidence) -> Iterator[Mark]:
    """Yield the mark of the Dev Hub's app, which is unknown in a scratch org during its creation."""
    answers = [attempt.answer for attempt in evidence.pasted.attempts] if evidence.pasted is not None else []
    rows = [known_text(answer.error, answer.description) for answer in answers]
    if any(row is not None and row.id == "F01" for row in rows):
        yield For("not-propagated", 55, "The login is to a scratch org, and a new one is not known to every server.")
    if not any(row is not None and row.id == "F11" for row in rows):
        return
    said = "The login is to a scratch org that is being made: the app of the Dev Hub does not exist there."
    remedy = (
        "Authorize the Dev Hub through a connected app, or package the external client app and install it in the "
        "scratch org."
    )
    yield For("app-not-installed", 60, said, remedy=remedy)
    yield Against("eca-needs-my-domain", said)


def _chat(pasted: Pasted) -> Iterator[Mark]:
    known = meaning_anywhere(pasted.chat_words, is_chat=True) if pasted.chat_words else None
    if known is None:
        return
    said = f'The text says "{pasted.chat_words.rstrip(".:")}". That means: {known.meaning} ({known.grade}).'
    origin = _ORIGIN.search(pasted.chat_words)
    for cause, points in known.causes:
        yield For(cause, points, said, Source.WORDS, thing=origin[1] if origin is not None else "")
