"""What a JWKS endpoint is good for, for a person: the verdict and what to do first, then every key."""

from __future__ import annotations

import re

from provisioner.diagnostics import Severity
from provisioner.keys.defects import Defect
from provisioner.keys.endpoint_diagnosis import EndpointDiagnosis
from provisioner.keys.jwks_answer import Answer
from provisioner.keys.served_keys import ServedKey
from provisioner.report.style import Look, Span, Style
from provisioner.words import counted

_VERDICTS = {
    "ok": Span("Good", Look.GOOD),
    "failing": Span("Failing", Look.DANGER),
    "unreachable": Span("No answer", Look.DANGER),
}


def endpoint_terminal(diagnosis: EndpointDiagnosis, style: Style) -> str:
    """The verdict, the findings (errors first), the answer, and the keys with what is wrong with each."""
    lines = style.lines(Span(without_credentials(diagnosis.url), Look.STRONG, whole=True))
    lines += style.lines(_VERDICTS[diagnosis.verdict], f": {_said(diagnosis)}", hang=2)
    for defect in sorted(diagnosis.defects, key=lambda each: each.severity is not Severity.ERROR):
        lines += ["", *_defect(defect, style)]
    if diagnosis.answer is not None:
        lines += ["", *_answer(diagnosis.answer, style)]
    for key in diagnosis.keys:
        lines += ["", *_key(key, style)]
    return "\n".join(lines)


def without_credentials(url: str) -> str:
    """The URL, with whatever stands before an @ in its authority masked."""
    return re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*:)?(//)?[^/?#]*@", r"\1\2***@", url)


def _said(diagnosis: EndpointDiagnosis) -> str:
    if diagnosis.verdict == "unreachable":
        return "it could not be asked from here, which proves nothing about Salesforce."
    if diagnosis.verdict == "failing":
        return "Salesforce would not find what it needs here."
    usable = sum(key.usable for key in diagnosis.keys)
    kid = f"; the kid {diagnosis.kid} is one of them" if diagnosis.kid is not None else ""
    return f"{counted(usable, 'key')} that Salesforce can verify tokens with{kid}."


def _defect(defect: Defect, style: Style, indent: int = 0) -> list[str]:
    look = Look.DANGER if defect.severity is Severity.ERROR else Look.CAREFUL
    lines = style.lines(Span(defect.severity.value, look), f" {defect.rule}", indent=indent)
    lines += style.lines(defect.message, indent=indent + 2)
    return lines + style.lines(Span("Fix:", Look.STRONG), f" {defect.fix}", indent=indent + 2, hang=indent + 4)


def _answer(answer: Answer, style: Style) -> list[str]:
    rows = [("redirect:", f"{hop.status} at {hop.url} ({hop.address})") for hop in answer.hops[:-1]]
    rows += [
        ("status:", f"{answer.status} at {answer.url} ({answer.hops[-1].address})"),
        ("content type:", answer.header("content-type") or "(none)"),
        ("caching:", answer.header("cache-control") or "(not said)"),
        ("size:", f"{len(answer.body)} bytes"),
    ]
    return [*style.lines(Span("Answer", Look.STRONG), ":"), *style.table(rows, indent=2)]


def _key(key: ServedKey, style: Style) -> list[str]:
    state = Span("usable", Look.GOOD) if key.usable else Span("of no use to Salesforce", Look.CAREFUL)
    about = [f"kid {key.kid}" if key.kid else "no kid", key.kty or "no kty", key.alg or "no alg"]
    if key.jwk is not None:
        about.append(f"{key.jwk.bits} bits")
    if key.certificate is not None:
        about.append(f"certificate until {key.certificate.x509.not_valid_after_utc:%Y-%m-%d}")
    lines = style.lines(Span(f"keys[{key.index}]", Look.STRONG), "  ", state, f"  {', '.join(about)}", hang=4)
    for defect in key.defects:
        lines += _defect(defect, style, indent=2)
    return lines
