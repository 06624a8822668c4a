"""A proof at the chat runtime, for a person: the verdict first, then what was sent and answered."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.diagnosis.chat_proof_words import Probed, words_of
from provisioner.errors import ExitStatus, ProvisionerError
from provisioner.org.chat import Sent
from provisioner.org.chat_proof import Control, Proof
from provisioner.report.errors import error_terminal
from provisioner.report.style import Look, Row, Span, Style
from provisioner.report.verify_json import status_of
from provisioner.words import counted

_CONTROL = {
    Control.REFUSED: "refused, as it must be",
    Control.ACCEPTED: "ACCEPTED",
    Control.NOT_RUN: "not run, or without a clear answer",
}
_REVOKED = {True: "revoked", False: "NOT revoked", None: "there was none"}


def verify_terminal(proof: Proof, probed: Probed, style: Style) -> str:
    """Verdict, meaning and next steps; the facts; every request."""
    words = words_of(proof, probed)
    look = Look.GOOD if proof.verified else Look.DANGER
    lines = [*style.lines(Span(words.verdict, look), hang=2), *style.lines(words.meaning, hang=2)]
    for step in words.next:
        lines += style.lines(Span("Next:", Look.STRONG), f" {step}", hang=2)
    for note in words.notes:
        lines += style.lines(Span("Note:", Look.STRONG), f" {note}", hang=2)
    lines += ["", *style.table(_facts(proof, probed), indent=2), ""]
    lines += style.lines(f"Requests to {probed.chat_url}:")
    for number, sent in enumerate(proof.sent, 1):
        lines += _request(number, sent, style)
    return "\n".join(lines)


def verified_terminal(results: Sequence[tuple[str, tuple[Proof, Probed] | ProvisionerError]], style: Style) -> str:
    """Several channels, one after another; the last line sums them up."""
    parts = []
    for name, result in results:
        head = "\n".join(style.lines(Span(name, Look.STRONG)))
        if isinstance(result, ProvisionerError):
            body = error_terminal(result, style)
        else:
            body = verify_terminal(*result, style)
        parts.append(f"{head}\n{body}")
    good = sum(status_of(result) is ExitStatus.DONE for _, result in results)
    look = Look.GOOD if good == len(results) else Look.DANGER
    parts.append("\n".join(style.lines(Span(f"Verified on {good} of {counted(len(results), 'channel')}.", look))))
    return "\n\n".join(parts)


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


def _request(number: int, sent: Sent, style: Style) -> list[str]:
    answer = sent.answer
    outcome = f"{answer.subjects[0]}" if answer.subjects else answer.words
    status = "no answer" if answer.status is None else f"HTTP {answer.status}"
    head = f"{number}. {sent.purpose}: "
    lines = style.lines(head, Span(f"{sent.method} {sent.path}", Look.FAINT), indent=2, hang=5)
    detail = f"{status}, {sent.seconds:.2f} s" + (f": {outcome}" if outcome else "")
    return [*lines, *style.lines(detail, indent=5)]
