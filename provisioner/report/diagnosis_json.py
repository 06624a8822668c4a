"""A login's diagnosis, for programs."""

from __future__ import annotations

from provisioner.diagnosis.findings import LoginDiagnosis
from provisioner.diagnosis.login.evidence import TokenAnswer
from provisioner.report.pages import cause_page
from provisioner.report.shapes import FORMAT_VERSION, Json


def diagnosis_json(diagnosis: LoginDiagnosis) -> Json:
    """Return the JSON of ``diagnose login --format json``; ``server`` is null if no token endpoint answered."""
    return {
        "format_version": FORMAT_VERSION,
        "verdict": diagnosis.verdict.value,
        "server": _server(diagnosis.server) if diagnosis.server is not None else None,
        "findings": [
            {
                "cause": each.cause,
                "rank": each.rank,
                "confidence": each.confidence.value,
                "evidence": list(each.evidence),
                "meaning": each.meaning,
                "fix": list(each.fix),
                "wait": each.wait,
                "page": cause_page(each.cause),
            }
            for each in diagnosis.findings
        ],
        "excluded": [{"cause": each.cause, "because": each.because} for each in diagnosis.excluded],
    }


def _server(answer: TokenAnswer) -> Json:
    return {"status": answer.status, "error": answer.error, "error_description": answer.description}
