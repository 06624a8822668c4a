"""A proof at the chat runtime: the verdict first, then the requests and answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from provisioner.diagnosis.chat.proof_words import Probed, words_of
from provisioner.errors import ExitStatus, ProvisionerError
from provisioner.report.document import GAP, Block, heading, joined, labelled, line, table
from provisioner.report.errors import error_object, error_view
from provisioner.report.json import FORMAT_VERSION, Json, members
from provisioner.report.junit import Case, Suite, case_of, error_cases
from provisioner.report.style import Look, Row, Span
from provisioner.salesforce.chat import ChatRequest
from provisioner.salesforce.chat_proof import Control, Proof, Why
from provisioner.words import counted

_CONTROL = {
    Control.REFUSED: "refused, as it must be",
    Control.ACCEPTED: "ACCEPTED",
    Control.NOT_RUN: "not run, or without a clear answer",
}
_REVOKED = {True: "revoked", False: "NOT revoked", None: "none was issued"}


def verify_view(proof: Proof, probed: Probed) -> list[Block]:
    """Return the verdict, its meaning and the next steps; the facts; every request."""
    words = words_of(proof, probed)
    look = Look.GOOD if proof.verified else Look.DANGER
    lines = [line(Span(words.verdict, look), hang=2), line(words.meaning, hang=2)]
    lines += [labelled("Next:", step) for step in words.next]
    lines += [labelled("Note:", note) for note in words.notes]
    lines += [GAP, table(_facts(proof, probed), indent=2), GAP]
    lines.append(line(f"Requests to {probed.chat_url}:"))
    for number, sent in enumerate(proof.sent, 1):
        lines += _request(number, sent)
    return lines


def verified_view(results: Sequence[tuple[str, tuple[Proof, Probed] | ProvisionerError]]) -> list[Block]:
    """Return one channel, or several one after another; then the last line counts the verified ones."""
    if len(results) == 1 and not isinstance(alone := results[0][1], ProvisionerError):
        return verify_view(*alone)
    parts: list[list[Block]] = []
    for name, result in results:
        body = error_view(result) if isinstance(result, ProvisionerError) else verify_view(*result)
        parts.append([heading(name), *body])
    good = sum(status_of(result) is ExitStatus.DONE for _, result in results)
    look = Look.GOOD if good == len(results) else Look.DANGER
    parts.append([line(Span(f"Verified on {good} of {counted(len(results), 'channel')}.", look))])
    return joined(parts)


def _facts(proof: Proof, probed: Probed) -> list[Row]:
    return [
        ("deployment", f"{probed.deployment} ({proof.config.deployment_type or 'type not known'})"),
        ("endpoint", proof.endpoint.value if proof.endpoint is not None else "none was reached"),
        ("signed with", probed.signed_by),
        ("expected", proof.expected),
        ("subject", Span(" and ".join(proof.answer.subjects) or "none")),
        ("broken signature", _CONTROL[proof.control]),
        ("access token", _REVOKED[proof.revoked]),
    ]


def _request(number: int, sent: ChatRequest) -> list[Block]:
    answer = sent.answer
    outcome = f"{answer.subjects[0]}" if answer.subjects else answer.words
    status = "no answer" if answer.status is None else f"HTTP {answer.status}"
    head = f"{sent.purpose}: "
    lines = [line(head, Span(f"{sent.method} {sent.path}", Look.FAINT), mark=f"{number}.", indent=2, hang=5)]
    detail = f"{status}, {sent.seconds:.2f} s" + (f": {outcome}" if outcome else "")
    return [*lines, line(detail, indent=5)]


def exit_status(proof: Proof) -> ExitStatus:
    """Return the exit status: 0 verified, 1 not, 4 if the chat host's answer was missing or could not be parsed."""
    if proof.verified:
        return ExitStatus.DONE
    return ExitStatus.NO_LOGIN if proof.why is Why.OUT_OF_REACH else ExitStatus.WRONG_INPUT


def status_of(result: tuple[Proof, Probed] | ProvisionerError) -> ExitStatus:
    """Return the exit status of one channel's proof, or of the error that stopped it."""
    return result.exit_status if isinstance(result, ProvisionerError) else exit_status(result[0])


def verified_json(results: Iterable[tuple[str, tuple[Proof, Probed] | ProvisionerError]]) -> Json:
    """Return ``verify --format json``: the proof of one channel, or of several one proof each, or its ``error``."""
    found = list(results)
    if len(found) == 1 and not isinstance(alone := found[0][1], ProvisionerError):
        return verify_json(*alone)
    return {
        "format_version": FORMAT_VERSION,
        "verified": all(status_of(result) is ExitStatus.DONE for _, result in found),
        "channels": [
            {"channel": name, "error": error_object(result)}
            if isinstance(result, ProvisionerError)
            else verify_json(*result)
            for name, result in found
        ],
    }


def verify_json(proof: Proof, probed: Probed) -> Json:
    """Return the JSON of ``verify --format json``; ``server`` is the decisive answer, in the host's own words."""
    words = words_of(proof, probed)
    offset = proof.config.clock_offset
    return {
        "format_version": FORMAT_VERSION,
        **members(proof, "verified", "subject", "endpoint", "negative_control=control", "revoked"),
        "server": {
            "status": proof.answer.status,
            "message": proof.answer.words,
            "deployment_type": proof.config.deployment_type or proof.answer.deployment_type,
            "auth_mode": proof.config.auth_mode or proof.answer.auth_mode,
            "clock_offset_seconds": None if offset is None else round(offset, 1),
        },
        **members(proof, "reason=why", "expected_subject=expected"),
        **members(probed, "environment", "channel", "deployment", "configuration", "signed_by", "chat_url"),
        **members(words, "verdict", "meaning", "next", "notes"),
        "requests": [_request_json(each) for each in proof.sent],
        "exit_status": int(exit_status(proof)),
    }


def _request_json(sent: ChatRequest) -> Json:
    return {
        **members(sent, "purpose", "method", "path", "status=answer.status", "message=answer.words"),
        "subject": sent.answer.subjects[0] if sent.answer.subjects else None,
        "seconds": round(sent.seconds, 3),
    }


def verified_suites(results: Sequence[tuple[str, tuple[Proof, Probed] | ProvisionerError]]) -> list[Suite]:
    """Return one suite with a case for each channel."""
    return [Suite("channels", tuple(case for name, each in results for case in _cases(name, each)))]


def _cases(name: str, result: tuple[Proof, Probed] | ProvisionerError) -> Iterable[Case]:
    if isinstance(result, ProvisionerError):
        return error_cases(result, name)
    words = words_of(*result)
    fails = status_of(result) is not ExitStatus.DONE
    steps = (f"Next: {step}" for step in words.next)
    return [case_of(name, fails, words.verdict, words.meaning, *steps, *(f"Note: {note}" for note in words.notes))]
