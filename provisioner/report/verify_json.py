"""A proof at the chat runtime, for programs."""

from __future__ import annotations

from collections.abc import Iterable

from provisioner.diagnosis.chat.proof_words import Probed, words_of
from provisioner.errors import ExitStatus, ProvisionerError
from provisioner.report.errors import error_object
from provisioner.report.shapes import FORMAT_VERSION, Json
from provisioner.salesforce.chat import ChatRequest
from provisioner.salesforce.chat_proof import Proof, Why


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
        "verified": proof.verified,
        "subject": proof.subject,
        "endpoint": proof.endpoint.value if proof.endpoint is not None else None,
        "negative_control": proof.control.value,
        "revoked": proof.revoked,
        "server": {
            "status": proof.answer.status,
            "message": proof.answer.words,
            "deployment_type": proof.config.deployment_type or proof.answer.deployment_type,
            "auth_mode": proof.config.auth_mode or proof.answer.auth_mode,
            "clock_offset_seconds": None if offset is None else round(offset, 1),
        },
        "reason": proof.why.value,
        "expected_subject": proof.expected,
        "environment": probed.environment,
        "channel": probed.channel,
        "deployment": probed.deployment,
        "configuration": probed.configuration,
        "signed_by": probed.signed_by,
        "chat_url": probed.chat_url,
        "verdict": words.verdict,
        "meaning": words.meaning,
        "next": list(words.next),
        "notes": list(words.notes),
        "requests": [_request(each) for each in proof.sent],
        "exit_status": int(exit_status(proof)),
    }


def _request(sent: ChatRequest) -> Json:
    return {
        "purpose": sent.purpose,
        "method": sent.method,
        "path": sent.path,
        "status": sent.answer.status,
        "message": sent.answer.words,
        "subject": sent.answer.subjects[0] if sent.answer.subjects else None,
        "seconds": round(sent.seconds, 3),
    }
