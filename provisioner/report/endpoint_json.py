"""A JWKS endpoint's diagnosis, for programs."""

from __future__ import annotations

from provisioner.jose.defects import Defect
from provisioner.jose.endpoint_diagnosis import Description, EndpointDiagnosis
from provisioner.jose.jwks_answer import JwksAnswer
from provisioner.jose.served_keys import ServedKey
from provisioner.report.endpoint_terminal import without_credentials
from provisioner.report.key_json import moment
from provisioner.report.shapes import FORMAT_VERSION, Json


def endpoint_json(
    diagnosis: EndpointDiagnosis, followed: EndpointDiagnosis | None = None, keyset: Description | None = None
) -> Json:
    """Return ``diagnose endpoint --format json``; ``answer`` is null if there is none.

    ``followed`` has the same shape, for the JWKS that an issuer's description names; ``keyset`` is
    ``{"issuer", "endpoint"}`` to declare for it.
    """
    return {
        "format_version": FORMAT_VERSION,
        **_diagnosis(diagnosis),
        "followed": None if followed is None else _diagnosis(followed),
        "keyset": None if keyset is None else {"issuer": keyset.issuer, "endpoint": keyset.jwks_uri},
    }


def _diagnosis(diagnosis: EndpointDiagnosis) -> Json:
    return {
        "url": without_credentials(diagnosis.url),
        "verdict": diagnosis.verdict,
        "reachable": diagnosis.reachable,
        "answer_good": diagnosis.answer_good,
        "provider": diagnosis.provider.name if diagnosis.provider is not None else None,
        "answer": _answer(diagnosis.answer) if diagnosis.answer is not None else None,
        "findings": [_defect(each) for each in diagnosis.defects],
        "keys": [_key(each) for each in diagnosis.keys],
        "kid": None if diagnosis.kid is None else {"wanted": diagnosis.kid, "found": diagnosis.found},
    }


def _answer(answer: JwksAnswer) -> Json:
    return {
        "url": answer.url,
        "address": answer.hops[-1].address,
        "status": answer.status,
        "content_type": answer.header("content-type") or None,
        "cache_control": answer.header("cache-control") or None,
        "bytes": len(answer.body),
        "redirects": [{"url": hop.url, "status": hop.status, "address": hop.address} for hop in answer.hops[:-1]],
    }


def _key(key: ServedKey) -> Json:
    certificate = key.certificate.x509 if key.certificate is not None else None
    return {
        "index": key.index,
        "kid": key.kid,
        "kty": key.kty,
        "alg": key.alg,
        "usable": key.usable,
        "bits": key.jwk.bits if key.jwk is not None else None,
        "thumbprint": key.jwk.thumbprint if key.jwk is not None else None,
        "not_before": moment(certificate.not_valid_before_utc) if certificate is not None else None,
        "not_after": moment(certificate.not_valid_after_utc) if certificate is not None else None,
        "findings": [_defect(each) for each in key.defects],
    }


def _defect(defect: Defect) -> Json:
    return {
        "rule": defect.rule,
        "severity": defect.severity.value,
        "message": defect.message,
        "fix": defect.fix,
    }
