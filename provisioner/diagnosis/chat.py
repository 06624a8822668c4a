"""The diagnosis of a chat with guest customers: clues in order, each with its fix."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.diagnosis.chat_causes import BY_NAME, ORDER
from provisioner.diagnosis.chat_clues import Clue, channel_clues, routing_clues, runtime_clues
from provisioner.diagnosis.chat_evidence import ChatEvidence
from provisioner.diagnosis.chat_key_clues import key_clues
from provisioner.diagnosis.chat_seen import seen
from provisioner.diagnosis.findings import Confidence, Finding, Verdict
from provisioner.model.names import OF_TARGET_ORG, environment_option

_CERTAINTY = {Confidence.CERTAIN: 0, Confidence.LIKELY: 1, Confidence.POSSIBLE: 2}
_OUT_OF_REACH = {"chat-host-unreachable", "chat-host-strange"}


@dataclass(frozen=True, slots=True)
class ChatDiagnosis:
    """A diagnosis of one channel.

    ``findings``: best first. ``seen``: one row for each check. ``next``: further advice.
    """

    environment: str
    channel: str
    deployment: str | None
    chat_url: str | None
    verdict: Verdict
    findings: tuple[Finding, ...]
    seen: tuple[tuple[str, str], ...]
    next: tuple[str, ...]


def diagnose(evidence: ChatEvidence) -> ChatDiagnosis:
    """Return the diagnosis of the evidence. A cause that is only possible is no failure: it may be intended."""
    clues = [*channel_clues(evidence), *routing_clues(evidence), *runtime_clues(evidence), *key_clues(evidence)]
    findings = _findings(evidence, clues)
    verdict = _verdict(clues)
    return ChatDiagnosis(
        evidence.environment,
        evidence.channel,
        evidence.deployment,
        evidence.chat_url,
        verdict,
        findings,
        tuple(seen(evidence)),
        tuple(_next(evidence, verdict)),
    )


def _findings(evidence: ChatEvidence, clues: list[Clue]) -> tuple[Finding, ...]:
    """Return one finding for each cause and thing, with all evidence for it."""
    together: dict[tuple[str, str], list[Clue]] = {}
    for clue in clues:
        together.setdefault((clue.cause, clue.thing), []).append(clue)

    def weight(group: list[Clue]) -> tuple[int, int]:
        return min(_CERTAINTY[clue.confidence] for clue in group), ORDER[group[0].cause]

    ordered = sorted(together.values(), key=weight)
    return tuple(_finding(evidence, rank, group) for rank, group in enumerate(ordered, 1))


def _finding(evidence: ChatEvidence, rank: int, group: list[Clue]) -> Finding:
    cause = BY_NAME[group[0].cause]
    names = {
        "channel": evidence.channel,
        "deployment": evidence.deployment or "the deployment",
        "environment": evidence.environment,
        "chat_url": evidence.chat_url or "the chat host",
        "thing": group[0].thing,
    }
    here = environment_option(evidence.environment)
    fix = [step.replace("--env {environment}", here).format(**names) for step in cause.fix]
    if cause.applies and evidence.is_declared and not evidence.environment.startswith(OF_TARGET_ORG):
        # An apply repairs a declared value; the next apply would revert a manual repair.
        fix.insert(0, f"If the declaration has it right: provisioner apply --env {evidence.environment}")
    best = min((clue.confidence for clue in group), key=_CERTAINTY.__getitem__)
    shown = tuple(dict.fromkeys(clue.evidence for clue in group))
    return Finding(cause.name, rank, best, shown, cause.meaning.format(**names), tuple(fix), cause.wait)


def _verdict(clues: list[Clue]) -> Verdict:
    serious = {clue.cause for clue in clues if clue.confidence is not Confidence.POSSIBLE}
    if serious - _OUT_OF_REACH:
        return Verdict.FAILING
    return Verdict.UNREACHABLE if serious else Verdict.OK


def _next(evidence: ChatEvidence, verdict: Verdict) -> list[str]:
    here = f"{environment_option(evidence.environment)} --channel {evidence.channel}"
    steps = []
    if evidence.deployment is None:
        known = f" (the org has: {', '.join(evidence.deployments)})" if evidence.deployments else ""
        steps.append(f"Give --deployment to check the chat runtime, too{known}.")
    if verdict is Verdict.OK:
        deployment = f" --deployment {evidence.deployment}" if evidence.deployment else ""
        steps += [
            "Look at a customer's token: provisioner token explain",
            f"Prove the whole way with the private key: provisioner verify {here}{deployment} --key-file FILE",
            "Look at the page or app: docs/client.md lists its duties and explains the console messages.",
        ]
    return steps
