"""The diagnosis of a JWKS endpoint: the verdict and the fixes first, then every key."""

from __future__ import annotations

import json

from provisioner.diagnostics import Severity
from provisioner.jose.defects import Defect
from provisioner.jose.endpoint_diagnosis import Description, EndpointDiagnosis
from provisioner.jose.jwks_answer import JwksAnswer
from provisioner.jose.served_keys import ServedKey
from provisioner.report.document import GAP, Block, Code, heading, labelled, line, table
from provisioner.report.findings import rule_lines
from provisioner.report.json import FORMAT_VERSION, Json, members
from provisioner.report.junit import Case, Suite, case_of
from provisioner.report.style import Look, Span
from provisioner.report.visible import without_credentials
from provisioner.words import counted

_VERDICTS = {
    "ok": Span("Good", Look.GOOD),
    "failing": Span("Failing", Look.DANGER),
    "unreachable": Span("No answer", Look.DANGER),
}


def endpoint_view(
    diagnosis: EndpointDiagnosis, followed: EndpointDiagnosis | None = None, keyset: Description | None = None
) -> list[Block]:
    """Return the diagnosis of an address; if it leads to an issuer's keys, theirs too, and the keyset to declare."""
    lines = _diagnosis(diagnosis)
    if followed is not None:
        lines += [GAP, line("The issuer's description leads to its keys:"), GAP, *_diagnosis(followed)]
    if keyset is not None:
        lines += [GAP, line("Declare a keyset for this issuer:"), Code(_yaml(keyset), "yaml")]
    return lines


def _yaml(keyset: Description) -> tuple[str, ...]:
    issuer, endpoint = (json.dumps(each, ensure_ascii=False) for each in (keyset.issuer, keyset.jwks_uri))
    return "keysets:", "  NAME:", f"    issuer: {issuer}", f"    endpoint: {endpoint}"


def _diagnosis(diagnosis: EndpointDiagnosis) -> list[Block]:
    """Return the verdict, the findings (errors first), the answer, and the keys with the defects of each."""
    lines = [heading(Span(without_credentials(diagnosis.url), Look.STRONG, whole=True))]
    lines.append(line(_VERDICTS[diagnosis.verdict], f": {_said(diagnosis)}", hang=2))
    for defect in sorted(diagnosis.defects, key=lambda each: each.severity is not Severity.ERROR):
        lines += [GAP, *rule_lines(defect)]
    if diagnosis.provider is not None:
        lines += [GAP, labelled("Provider:", f"{diagnosis.provider.name}. {diagnosis.provider.setting}")]
    if diagnosis.answer is not None:
        lines += [GAP, *_answer(diagnosis.answer)]
    for key in diagnosis.keys:
        lines += [GAP, *_key(key)]
    return lines


def _said(diagnosis: EndpointDiagnosis) -> str:
    if diagnosis.verdict == "unreachable":
        return "it could not be asked from here, which proves nothing about Salesforce."
    usable = sum(key.usable for key in diagnosis.keys)
    kid = f"; the kid {diagnosis.kid} is one of them" if diagnosis.kid is not None else ""
    keys = f"{counted(usable, 'key')} that Salesforce can verify tokens with{kid}."
    if diagnosis.reachable is False:
        answer = f" The answer itself holds {keys}" if diagnosis.answer_good else ""
        return f"Salesforce cannot reach this address.{answer}"
    return keys if diagnosis.answer_good else "Salesforce reaches this address, and does not find what it needs."


def _answer(answer: JwksAnswer) -> list[Block]:
    rows = [("redirect:", f"{hop.status} at {hop.url} ({hop.address})") for hop in answer.hops[:-1]]
    rows += [
        ("status:", f"{answer.status} at {answer.url} ({answer.hops[-1].address})"),
        ("content type:", answer.header("content-type") or "(none)"),
        ("caching:", answer.header("cache-control") or "(none)"),
        ("size:", f"{len(answer.body)} bytes"),
    ]
    return [line(Span("Answer", Look.STRONG), ":"), table(rows, indent=2)]


def _key(key: ServedKey) -> list[Block]:
    state = Span("usable", Look.GOOD) if key.usable else Span("not usable by Salesforce", Look.CAREFUL)
    about = [f"kid {key.kid}" if key.kid else "no kid", key.kty or "no kty", key.alg or "no alg"]
    if key.jwk is not None:
        about.append(f"{key.jwk.bits} bits")
    if key.certificate is not None:
        about.append(f"certificate until {key.certificate.x509.not_valid_after_utc:%Y-%m-%d}")
    lines = [line(Span(f"keys[{key.index}]", Look.STRONG), "  ", state, f"  {', '.join(about)}", hang=4)]
    for defect in key.defects:
        lines += rule_lines(defect, indent=2)
    return lines


def endpoint_json(
    diagnosis: EndpointDiagnosis, followed: EndpointDiagnosis | None = None, keyset: Description | None = None
) -> Json:
    """Return ``diagnose endpoint --format json``; ``answer`` is null if there is none.

    ``followed`` has the same shape, for the JWKS that an issuer's description names; ``keyset`` is
    ``{"issuer", "endpoint"}`` to declare for it.
    """
    return {
        "format_version": FORMAT_VERSION,
        **_diagnosis_json(diagnosis),
        "followed": None if followed is None else _diagnosis_json(followed),
        "keyset": None if keyset is None else members(keyset, "issuer", "endpoint=jwks_uri"),
    }


def _diagnosis_json(diagnosis: EndpointDiagnosis) -> Json:
    return {
        "url": without_credentials(diagnosis.url),
        **members(diagnosis, "verdict", "reachable", "answer_good", "provider=provider.name"),
        "answer": _answer_json(diagnosis.answer) if diagnosis.answer is not None else None,
        "findings": [_defect_json(each) for each in diagnosis.defects],
        "keys": [_key_json(each) for each in diagnosis.keys],
        "kid": None if diagnosis.kid is None else members(diagnosis, "wanted=kid", "found"),
    }


def _answer_json(answer: JwksAnswer) -> Json:
    return {
        "url": answer.url,
        "address": answer.hops[-1].address,
        "status": answer.status,
        "content_type": answer.header("content-type") or None,
        "cache_control": answer.header("cache-control") or None,
        "bytes": len(answer.body),
        "redirects": [members(hop, "url", "status", "address") for hop in answer.hops[:-1]],
    }


def _key_json(key: ServedKey) -> Json:
    return {
        **members(key, "index", "kid", "kty", "alg", "usable", "bits=jwk.bits", "thumbprint=jwk.thumbprint"),
        **members(key, "not_before=certificate.x509.not_valid_before_utc"),
        **members(key, "not_after=certificate.x509.not_valid_after_utc"),
        "findings": [_defect_json(each) for each in key.defects],
    }


def _defect_json(defect: Defect) -> Json:
    return members(defect, "rule", "severity", "message", "fix")


def endpoint_suites(diagnosis: EndpointDiagnosis) -> list[Suite]:
    """Return one suite: the endpoint, its defects, and its keys. A useless key fails only if the endpoint does."""
    fails = diagnosis.verdict != "ok"
    message = f"{counted(sum(key.usable for key in diagnosis.keys), 'usable key')}."
    cases = [case_of("endpoint", fails, message), *(_defect_case(each, fails) for each in diagnosis.defects)]
    for key in diagnosis.keys:
        texts = (f"{each.rule}: {each.message} Fix: {each.fix}" for each in key.defects)
        state = "usable" if key.usable else "not usable by Salesforce"
        cases.append(case_of(f"keys[{key.index}] {key.kid or ''}".strip(), fails and not key.usable, state, *texts))
    return [Suite(without_credentials(diagnosis.url), tuple(cases))]


def _defect_case(defect: Defect, fails: bool) -> Case:
    return case_of(defect.rule, fails and defect.severity is Severity.ERROR, defect.message, f"Fix: {defect.fix}")
