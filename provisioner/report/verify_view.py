"""The view of a proof at the chat runtime: the verdict first, then the requests and answers."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.diagnosis.chat.proof_words import Probed, words_of
from provisioner.errors import ExitStatus, ProvisionerError
from provisioner.report.document import GAP, Block, heading, joined, labelled, line, table
from provisioner.report.errors import error_view
from provisioner.report.style import Look, Row, Span
from provisioner.report.verify_json import status_of
from provisioner.salesforce.chat import ChatRequest
from provisioner.salesforce.chat_proof import Control, Proof
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
