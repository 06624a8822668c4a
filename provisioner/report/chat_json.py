"""A diagnosis of the chat, for programs."""

from __future__ import annotations

from provisioner.diagnosis.findings import ChatDiagnosis, Finding
from provisioner.report.pages import chat_cause_page
from provisioner.report.shapes import FORMAT_VERSION, Json


def chat_json(diagnosis: ChatDiagnosis) -> Json:
    """Return the JSON of ``diagnose chat --format json``."""
    return {
        "format_version": FORMAT_VERSION,
        "verdict": diagnosis.verdict.value,
        "environment": diagnosis.environment,
        "channel": diagnosis.channel,
        "deployment": diagnosis.deployment,
        "chat_url": diagnosis.chat_url,
        "findings": [_finding(each) for each in diagnosis.findings],
        "seen": [{"what": what, "text": text} for what, text in diagnosis.seen],
        "next": list(diagnosis.next),
        "exit_status": int(diagnosis.verdict.exit_status),
    }


def _finding(finding: Finding) -> Json:
    return {
        "cause": finding.cause,
        "rank": finding.rank,
        "confidence": finding.confidence.value,
        "evidence": list(finding.evidence),
        "meaning": finding.meaning,
        "fix": list(finding.fix),
        "wait": finding.wait,
        "page": chat_cause_page(finding.cause),
    }
