"""The diagnosis of a chat with guest customers: clues in order, each with its fix."""

from __future__ import annotations

from dataclasses import replace

from provisioner.diagnosis.cases import Case, cases_of
from provisioner.diagnosis.chat.causes import CAUSES, placeholders
from provisioner.diagnosis.chat.clues import channel_clues, routing_clues, runtime_clues
from provisioner.diagnosis.chat.evidence import ChatEvidence
from provisioner.diagnosis.chat.key_clues import key_clues
from provisioner.diagnosis.chat.seen import seen
from provisioner.diagnosis.findings import ChatDiagnosis, Confidence, Finding, Verdict
from provisioner.model.names import OF_TARGET_ORG, environment_option

_OUT_OF_REACH = {"chat-host-unreachable", "chat-host-strange"}
_CERTAINTY = list(Confidence)
_CHECKS = list(CAUSES)


def diagnose(evidence: ChatEvidence) -> ChatDiagnosis:
    """Return the diagnosis of the evidence. A cause that is only possible is no failure: it may be intended."""
    marks = (*channel_clues(evidence), *routing_clues(evidence), *runtime_clues(evidence), *key_clues(evidence))
    cases = sorted(cases_of(marks, CAUSES), key=_order)
    verdict = _verdict(cases)
    return ChatDiagnosis(
        evidence.environment,
        evidence.channel,
        evidence.deployment,
        evidence.chat_url,
        verdict,
        tuple(_finding(evidence, rank, case) for rank, case in enumerate(cases, 1)),
        tuple(seen(evidence)),
        tuple(_next(evidence, verdict)),
    )


def _order(case: Case) -> tuple[int, int]:
    """Return the sort key: an earlier check hides later ones."""
    return _CERTAINTY.index(case.confidence), _CHECKS.index(case.cause.id)


def _finding(evidence: ChatEvidence, rank: int, case: Case) -> Finding:
    values = placeholders(evidence.environment, evidence.channel, evidence.deployment, evidence.chat_url, case.thing)
    finding = case.finding(rank, values)
    if case.cause.applies and evidence.is_declared and not evidence.environment.startswith(OF_TARGET_ORG):
        # An apply repairs a declared value; the next apply would revert a manual repair.
        repair = f"If the declaration has it right: provisioner apply --env {evidence.environment}"
        return replace(finding, fix=(repair, *finding.fix))
    return finding


def _verdict(cases: list[Case]) -> Verdict:
    serious = {case.cause.id for case in cases if case.confidence is not Confidence.POSSIBLE}
    if serious - _OUT_OF_REACH:
        return Verdict.FAILING
    return Verdict.UNREACHABLE if serious else Verdict.OK


def _next(evidence: ChatEvidence, verdict: Verdict) -> list[str]:
    environment = environment_option(evidence.environment)
    here = f"{environment} --channel {evidence.channel}"
    steps = []
    if evidence.deployment is None:
        known = f" (the org has: {', '.join(evidence.deployments)})" if evidence.deployments else ""
        steps.append(f"Give --deployment to check the chat runtime, too{known}.")
    if verdict is Verdict.OK:
        proof = f"provisioner verify {here} --deployment {evidence.deployment or 'NAME'} --key-file FILE"
        steps += [
            f"Look at a customer's token: provisioner token explain FILE {environment}",
            f"Prove the whole way with the private key: {proof}",
            "Look at the page or app: docs/client.md lists its duties and explains the console messages.",
        ]
    return steps
