"""Clues from the token endpoint's answer, and from other evidence about it."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnosis.cases import Against, For, Mark, Source
from provisioner.diagnosis.catalogue import KnownText
from provisioner.diagnosis.login.clues.network import SKEW_SECONDS, skew_words
from provisioner.diagnosis.login.evidence import LoginEvidence, TokenAnswer
from provisioner.diagnosis.login.texts import PROPAGATION_SECONDS, known_text
from provisioner.diagnosis.pasted.texts import known_client_text

#: The assumed checks of the endpoint, in order: the message that refuses at this check, the causes that a pass of the
#: check before it excludes, and its name. A refusal at a later check is evidence that earlier ones passed. Inferred.
_STEPS = (
    ("F04", (), "the audience"),
    ("F09", ("wrong-audience",), "the app"),
    ("F03", ("wrong-consumer-key", "swapped-claims"), "the signature"),
    ("F05", ("certificate-mismatch", "malformed-assertion", "digital-signatures-not-enabled"), "the time"),
    ("F06", ("clock-skew", "expired-assertion"), "the user"),
    ("F01", (), "the app's policy"),
)
#: Other messages that refuse at a check of the list.
_STEP_OF = {"F02": "F01", "F12": "F01", "F07": "F06", "F11": "F09"}


def clue(evidence: LoginEvidence) -> Iterator[Mark]:
    answer = evidence.answer
    if answer is None or answer.shape == "token":
        return
    if answer.shape != "json":
        yield from _no_token_answer(answer)
        return
    row = known_text(answer.error, answer.description) or (
        None if answer.ours else known_client_text(f"{answer.error} {answer.description}")
    )
    if row is None:
        return
    yield from _causes(answer, row)
    yield from _passed(row, _named_elsewhere(evidence))
    if row.id == "F04":
        yield from _audience(evidence)
    elif row.id == "F05":
        yield from _time(evidence, answer)
    elif row.id in ("F11", "F01", "F09"):
        yield from _external(evidence, row)
    if answer.ours:
        yield from _own_request(row)
    if answer.seconds >= PROPAGATION_SECONDS:
        yield Against("not-propagated", f"It was tried for {answer.seconds / 60:.0f} minutes, and nothing changed.")


def _causes(answer: TokenAnswer, row: KnownText) -> Iterator[Mark]:
    who = "The token endpoint answers" if answer.ours else "The output says"
    if row.id == "F29" and not answer.ours:
        who = "Nothing was sent: the client reports about its key"
    said = f'{who} "{answer.words.rstrip(".")}".'
    for cause, points in row.causes:
        yield For(cause, points, f"{said} {row.note}".strip(), Source.WORDS, remedy=row.remedy)


def _named_elsewhere(evidence: LoginEvidence) -> set[str]:
    """Return the first causes of the other answers in a text: one request got as far as another one did not."""
    attempts = evidence.pasted.attempts if evidence.pasted is not None else ()
    answers = [attempt.answer for attempt in attempts if attempt.is_of_text]
    rows = [known_text(answer.error, answer.description) for answer in answers]
    return {row.causes[0][0] for row in rows if row is not None}


def _passed(row: KnownText, elsewhere: set[str]) -> Iterator[Mark]:
    """Yield marks against the steps that are believed to precede the step that refused."""
    reached = [step[0] for step in _STEPS]
    step = _STEP_OF.get(row.id, row.id)
    if step not in reached:
        return
    named = {cause for cause, _ in row.causes} | elsewhere
    last = reached.index(step)
    for _, causes, _ in _STEPS[: last + 1]:
        for cause in causes:
            if cause not in named:
                yield Against(
                    cause,
                    f"The endpoint got as far as {_STEPS[last][2]}, which it is believed to check later "
                    "(its order is inferred).",
                    inferred=True,
                )


def _audience(evidence: LoginEvidence) -> Iterator[Mark]:
    login = evidence.configured
    if login.login_url is None:
        return
    if login.audience_host == login.host:
        yield For(
            "wrong-audience", 5, f"The audience is the login URL's own host, {login.host}, which does not accept it."
        )
    else:
        yield For("wrong-audience", 5, f"The audience is {login.audience}, and it was sent to {login.host}.")
    if login.app_kind == "connected":
        yield Against("eca-needs-my-domain", "The app is a connected app.")


def _time(evidence: LoginEvidence, answer: TokenAnswer) -> Iterator[Mark]:
    if not answer.ours:
        yield For(
            "expired-assertion",
            35,
            "In every public report of this message another program computed exp wrongly (UTC read as local time, a "
            "whole number of hours; seconds as minutes) or used an assertion twice; in none was the clock wrong.",
        )
        return
    skew = evidence.network.skew if evidence.network is not None else None
    if skew is None:
        return
    if skew > SKEW_SECONDS:
        yield For("clock-skew", 50, skew_words(skew), proof=True)
        yield Against("expired-assertion", "The assertion was fresh by this machine's clock; the clock is wrong.")
    elif skew < -SKEW_SECONDS:
        yield Against("clock-skew", f"{skew_words(skew)} Only a clock that is behind makes an assertion expire.")
        yield For("expired-assertion", 15, "The clock of this machine did not make the assertion expire.")
    else:
        yield Against("clock-skew", f"This machine's clock and the host's differ by {abs(skew):.0f} seconds.")
        yield For("expired-assertion", 15, "The clocks agree, so the assertion grew old on its way.")


def _external(evidence: LoginEvidence, row: KnownText) -> Iterator[Mark]:
    """Yield marks for external client apps from My Domain and the known facts about the app."""
    login = evidence.configured
    if row.id == "F11":
        attempts = evidence.pasted.attempts if evidence.pasted is not None else ()
        if any(attempt.login for attempt in attempts):
            return
        if login.login_url is None:
            if evidence.pasted is not None and evidence.answer is not None and not evidence.answer.error:
                said = "The text names no host; in most public reports it was login. or test.salesforce.com."
                yield For("eca-needs-my-domain", 10, said)
            return
        if login.audience_is_generic:
            yield For(
                "eca-needs-my-domain",
                45,
                f"The assertion went to {login.host} with the audience {login.audience_host}.",
            )
        else:
            yield Against(
                "eca-needs-my-domain",
                f"Login URL and audience are the org's own ({login.host}), not login. or test.salesforce.com.",
            )
            yield For("app-not-installed", 30, f"{login.host} was asked as itself, and does not know the app.")


def _own_request(row: KnownText) -> Iterator[Mark]:
    """Yield marks from the form of our own request, which is known."""
    if row.id == "F03":
        yield For("malformed-assertion", -12, "This program wrote the assertion itself.", Source.WORDS)
    elif row.id == "F21" and "domain" in row.words:
        yield For("wrong-login-host", 35, "The request was JWT bearer.")
        yield Against("wrong-flow", "The request was JWT bearer: this program sends nothing else.")


def _no_token_answer(answer: TokenAnswer) -> Iterator[Mark]:
    """Yield marks from a redirect, a page, a gateway's error, or an empty answer."""
    status, shown = answer.status or 0, answer.shown
    said = f"The token endpoint's URL answers HTTP {status} and {_described(answer)}."
    if status == 407 or "proxy" in shown.lower():
        yield For("proxy", 97, said, proof=status == 407)
    elif "maintenance" in shown.lower():
        yield For("maintenance", 95, said, proof=True)
    elif status == 503:
        yield For("maintenance", 60, said)
        yield For("transient", 45, said)
    elif status >= 500 or status == 429:
        yield For("transient", 60, said)
        yield For("maintenance", 30, said)
    elif answer.shape == "empty":
        yield For("not-a-login-host", 55, said)
        yield For("proxy", 40, f"{said} A server between may have lost the answer.")
    else:
        yield For("not-a-login-host", 90, said, proof=answer.shape == "redirect" or status == 405)


def _described(answer: TokenAnswer) -> str:
    return {
        "redirect": f"a redirect to {answer.shown or 'nowhere'}, which is not followed with an assertion",
        "html": f'a web page ("{answer.shown}")' if answer.shown else "a web page without a title",
        "empty": "nothing",
    }.get(answer.shape, f'"{answer.shown}"')
