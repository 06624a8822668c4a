"""Parses pasted output of any program: the answer that counts, and the facts around it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice, pairwise
from typing import Any

from provisioner.diagnosis.chat.texts import is_of_the_chat, meaning_anywhere
from provisioner.diagnosis.login.evidence import (
    Configured,
    LoginEvidence,
    Pasted,
    PastedAttempt,
    PastedRefusal,
    TokenAnswer,
)
from provisioner.diagnosis.login.texts import TOKEN_TEXTS, known_text
from provisioner.diagnosis.pasted.facts import TOKEN, facts_of, with_facts, without_private_keys
from provisioner.diagnosis.pasted.plain_text import MOST_CHARACTERS, plain
from provisioner.diagnosis.pasted.refusals import refusals_in
from provisioner.diagnosis.pasted.secret_values import without_secret_values
from provisioner.diagnosis.pasted.sf_cli import read_sf_output
from provisioner.diagnosis.pasted.texts import (
    CLIENT_TEXTS,
    broken_line_in,
    client_text_in,
    known_client_text,
    spread_lines_in,
)
from provisioner.secrets import MASK, redactor

_SHOWN_CHARACTERS = 400
#: Points of a message of the chat that has one meaning.
_CERTAIN = 80
#: Answers of one text that are compared.
_MOST_ANSWERS = 20
#: A value is matched once and never again with another end: repeated members would take cubic time.
_QUOTED_VALUE = r"""(?>"(?P<double>[^"\n]*)"|'(?P<single>[^\n]{0,2000}?)'(?=\s*[,;}\])]|\s*(?:\n|\Z))|"""
_VALUE = _QUOTED_VALUE + r"""(?P<bare>[^\n&}"]+))"""
#: The same for a value before another member: without quotation marks it extends to that member.
_VALUE_BEFORE = _QUOTED_VALUE + r"""(?P<bare>(?:(?!error(?:_description)?["']?\s*(?:=>|[:=]))[^\n&}"])+))"""
_CODE_MEMBER = r"""["']?\berror["']?\s*(?:=>|[:=])\s*["']?(?P<error>[A-Za-z_]++)["']?"""
_PAIR = re.compile(_CODE_MEMBER + r""".{0,200}?["']?error_description["']?\s*(?:=>|[:=])\s*""" + _VALUE, re.S)
_REVERSED = re.compile(
    r"""error_description["']?\s*(?:=>|[:=])\s*""" + _VALUE_BEFORE + r""".{0,200}?""" + _CODE_MEMBER, re.S
)
#: The endpoint's answer to `Accept: application/xml`; its elements have any order.
_XML_CODE = re.compile(r"<error>\s{0,9}(?P<error>[A-Za-z_]{1,80})\s{0,9}</error>")
_XML_DESCRIPTION = re.compile(r"<error_description>(?P<description>[^<]{0,2000})</error_description>")
#: JSON of any gateway.
_MESSAGE = re.compile(
    r"""["']error["']\s{0,9}:\s*["'](?P<error>[^"'\n]{1,80})["'].{0,200}?["'](?:message|detail|errorMessage)["']\s*:\s*"""
    + _VALUE,
    re.S,
)
_CODES = sorted({code for row in TOKEN_TEXTS for code in row.errors}, key=len, reverse=True)
#: Answers whose words count without a code, in sentences of any length.
_WHOLE_TOKEN_TEXTS = tuple(row for row in TOKEN_TEXTS if row.distinct and not row.brief)
#: The official CLI's message after a login.
_LOGGED_IN = re.compile(r"\bSuccessfully authorized \S{1,200} with org ID \w{1,40}")
#: A code is a separate word, not a part of a file name.
_CODE = re.compile(r"(?<![\w./\\-])(" + "|".join(map(re.escape, _CODES)) + r")(?![\w-]|\.\w)", re.I)


def understand(text: str, configured: Configured) -> tuple[Pasted, TokenAnswer | None, Configured]:
    """Return the parsed text, the answer in it that counts, and the login as far as the file and the text name it.

    The answer is None if the text has no known message of an org or a client, or if no message is evidence.
    """
    whole = plain(text)
    facts = facts_of(whole)
    configured = with_facts(configured, facts)
    masked = without_private_keys(whole)
    shown = _without_secrets(masked)
    stripped = text[-MOST_CHARACTERS:].strip()
    said = _message_of(stripped)
    message = _since_login(masked if said == stripped else without_private_keys(plain(said)))
    attempts = read_sf_output(message, configured, words_in)
    if attempts:
        counting = [each for each in attempts if each.not_usable_because is None]
        known = [each for each in counting if is_known(each.answer)]
        answer = (known or counting)[0].answer if counting else None
        return Pasted(shown, "of the Salesforce CLI", attempts, facts), answer, configured
    chat = _chat_words(message, whole)
    if chat is not None:
        return Pasted(shown, "of the chat", (), facts, _shown(chat)), None, configured
    if facts.token is not None and TOKEN.fullmatch(whole):
        return Pasted(shown, "a token, and no words", (), facts), None, configured
    answer = words_in(message)
    refusals = _refusals(_since_login(masked))
    if answer is not None and (not answer.words.replace(MASK, "").strip() or (refusals and not is_known(answer))):
        answer = None
    attempts = (PastedAttempt(1, answer), *_others(message, answer)) if answer is not None else ()
    return Pasted(shown, "of a client", attempts, facts, refusals=refusals), answer, configured


def _since_login(text: str) -> str:
    """Return the text after the last login that succeeded, if it names a failure; else the whole text.

    A failure before it was repaired by another attempt.
    """
    logins = list(_LOGGED_IN.finditer(text))
    if not logins:
        return text
    rest = text[logins[-1].end() :]
    answer = words_in(rest)
    return rest if refusals_in(rest) or (answer is not None and is_known(answer)) else text


def is_known(answer: TokenAnswer) -> bool:
    """Return whether an answer's words are in the catalogue."""
    return (known_text(answer.error, answer.description) or known_client_text(answer.words)) is not None


def words_in(text: str) -> TokenAnswer | None:
    """Return the token endpoint's ``error`` and ``error_description`` in a plain text, or the known message."""
    pair = _pair_in(text)
    if pair is not None and is_known(pair):
        return pair
    stripped = " ".join(text.split())
    if not stripped:
        return None
    if pair is None and (coded := _coded(text.splitlines()) or _coded([stripped])) is not None:
        return coded
    line = _known_line(text)
    if line is not None or pair is None:
        return TokenAnswer(description=_shown(line or stripped), ours=False)
    return pair


def _coded(lines: Sequence[str]) -> TokenAnswer | None:
    """Return the code and the words of the first line that has both; the code of a single line may have no words."""
    for line in lines:
        folded = line.casefold()
        code = _CODE.search(line) if any(each in folded for each in _CODES) else None
        if code is None:
            continue
        after, before = (
            TokenAnswer(error=code[1].lower(), description=_shown(words.strip(" :-,'\")(")), ours=False)
            for words in (line[code.end() :], line[: code.start()])
        )
        known = next((each for each in (after, before) if each.description and is_known(each)), None)
        if known is not None or len(lines) == 1:
            return known or after
    return None


def _pair_in(text: str) -> TokenAnswer | None:
    code, said = _XML_CODE.search(text), _XML_DESCRIPTION.search(text)
    if code is not None and said is not None:
        return TokenAnswer(error=code["error"], description=_shown(said["description"].strip()), ours=False)
    for shape, member in ((_PAIR, "error_description"), (_REVERSED, "error_description"), (_MESSAGE, "error")):
        match = shape.search(text) if member in text else None
        if match is not None:
            return _answer(match)
    return None


def _refusals(masked: str) -> tuple[PastedRefusal, ...]:
    """Return the org's refusals after the login, with words for display."""
    return tuple(replace(each, words=_shown(each.words), name=_shown(each.name)) for each in refusals_in(masked))


def _others(text: str, first: TokenAnswer) -> tuple[PastedAttempt, ...]:
    """Return the known answers of the token endpoint in a text that differ from the first one."""
    if not first.error:
        return ()
    others: dict[str, TokenAnswer] = {}
    for match in islice(_PAIR.finditer(text), _MOST_ANSWERS):
        answer = _answer(match)
        if answer.words != first.words and is_known(answer):
            others[answer.words] = answer
    return tuple(PastedAttempt(number, each, is_of_text=True) for number, each in enumerate(others.values(), 2))


def _answer(match: re.Match[str]) -> TokenAnswer:
    description = match["double"] or match["single"] or match["bare"] or ""
    return TokenAnswer(error=match["error"], description=_shown(description.strip()), ours=False)


def _known_line(text: str) -> str | None:
    """Return the line with a known message: those of an org first, then the most specific ones of a client."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines:
        if known_text("", line) is not None:
            return line
    broken = (*_WHOLE_TOKEN_TEXTS, *CLIENT_TEXTS)
    return client_text_in(lines) or spread_lines_in(lines) or broken_line_in(lines, broken)


def _chat_words(text: str, whole: str) -> str | None:
    """Return the line with a message of the chat runtime, its page or its console.

    The first message with one meaning precedes the others. A message is in two lines if a line break divides its
    sentence: the second line begins with a small letter.
    """
    is_chat = is_of_the_chat(whole)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    pairs = (f"{first} {second}" for first, second in pairwise(lines) if second[0].islower())
    in_lines, in_pairs = (
        [(words, row) for words in each if (row := meaning_anywhere(words, is_chat=is_chat)) is not None]
        for each in (lines, pairs)
    )
    certain = next((words for words, row in (*in_lines, *in_pairs) if row.causes[0][1] >= _CERTAIN), None)
    return certain or next((words for words, _ in in_lines), None)


def _message_of(text: str) -> str:
    """Return the message in JSON that a client printed; the text itself if it is not such JSON."""
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(document, list) and document:
        if all(isinstance(line, str) for line in document):  # the lines of a text
            return "\n".join(document)
        document = document[0]
    if not isinstance(document, dict):
        return str(document) if isinstance(document, str) else text
    nested = document.get("error")
    if isinstance(nested, dict):
        document = nested.get("server") if isinstance(nested.get("server"), dict) else nested
    said = next(_members(document, "error_description", "message", "detail", "errorMessage"), "")
    code = next(_members(document, "error", "errorCode", "code"), "")
    if isinstance(document.get("error"), str):
        return json.dumps({"error": code, "error_description": said}, ensure_ascii=False)
    return f"{code} {said}".strip() if said else text


def _members(document: dict[str, Any], *names: str) -> Iterator[str]:
    yield from (document[name] for name in names if isinstance(document.get(name), str) and document[name])


def _shown(text: str) -> str:
    """Return the text for display: without tokens and keys, and shortened."""
    return _without_secrets(without_private_keys(text))


def _without_secrets(text: str) -> str:
    """Return a text without private keys for display: without tokens and secrets, and shortened."""
    shown = redactor.redact(without_secret_values(TOKEN.sub(MASK, text[: _SHOWN_CHARACTERS * 8])))
    return shown if len(shown) <= _SHOWN_CHARACTERS else f"{shown[:_SHOWN_CHARACTERS]}…"


def explain(text: str, configured: Configured, now: datetime) -> LoginEvidence:
    """Return the evidence in a program's output; ``configured`` holds an environment's login, if one was named."""
    pasted, answer, login = understand(text, configured)
    return LoginEvidence(now, login, answer=answer, pasted=pasted)
