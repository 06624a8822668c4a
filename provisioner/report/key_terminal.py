"""Why a key does not upload, for a person: the verdict and the next step first, the evidence below."""

from __future__ import annotations

import shlex
from datetime import datetime
from pathlib import PurePath

from provisioner.diagnostics import Diagnostic
from provisioner.keys.certificate_text import CertificateText, describe
from provisioner.keys.diagnosis import Diagnosis
from provisioner.keys.repaired import ChangeKind, Given, Repair
from provisioner.report.style import Look, Row, Span, Style
from provisioner.words import counted

_VALUES = {"--kid": "KID", "--certificate": "CERTIFICATE", "--alg": "RS256"}
_CHANGES = {
    ChangeKind.DROPPED: "dropped",
    ChangeKind.FILLED_IN: "filled in",
    ChangeKind.RE_ENCODED: "re-encoded",
    ChangeKind.REPLACED: "replaced",
}


def key_terminal(
    path: str,
    diagnosis: Diagnosis,
    repair: Repair,
    style: Style,
    *,
    given: Given | None = None,
    asked: bool = False,
    written: str | None = None,
) -> str:
    """What a file was taken for, whether it uploads, what to do; then findings, certificate and key.

    ``given`` is what was said beside the file, and is said again in advice; ``asked`` says that a repair was asked for,
    ``written`` where it is.
    """
    findings = diagnosis.findings(path)
    lines = style.lines(Span(path, Look.STRONG), f": {_taken(diagnosis)}", hang=2)
    lines += _verdict(diagnosis, findings, style)
    lines += _next(path, diagnosis, repair, style, given or Given(), written)
    if asked and repair.jwk is None:
        lines += ["", *style.lines(Span("Not repaired:", Look.DANGER), " nothing was written.", hang=2)]
        for obstacle in repair.obstacles:
            lines += style.lines("- " + obstacle.problem, f" {obstacle.fix}", indent=2, hang=4)
    if asked and repair.jwk is not None:
        lines += ["", *_changes(repair, style)]
    for finding in findings:
        lines += ["", *_finding(finding, style)]
    if diagnosis.certificate is not None:
        lines += ["", *_certificate(describe(diagnosis.certificate), style)]
    lines += _key(diagnosis, style)
    return "\n".join(lines)


def _taken(diagnosis: Diagnosis) -> str:
    around = f" ({diagnosis.taken.around})" if diagnosis.taken.around is not None else ""
    return f"{diagnosis.taken.what}{around}"


def _verdict(diagnosis: Diagnosis, findings: tuple[Diagnostic, ...], style: Style) -> list[str]:
    errors = sum(finding.is_error for finding in findings)
    warnings = len(findings) - errors
    counts = [counted(errors, "error")] if errors else []
    counts += [counted(warnings, "warning")] if warnings else []
    tail = f" ({', '.join(counts)})" if counts else ""
    if diagnosis.uploadable:
        lines = style.lines(Span("Uploadable", Look.GOOD), f": Salesforce would take this file as it is{tail}.")
    else:
        lines = style.lines(Span("Not uploadable", Look.DANGER), f" as it is{tail}.")
    if diagnosis.matches is not None:
        said = "is this key's" if diagnosis.matches else "is NOT this key's: they belong to different pairs"
        look = Look.GOOD if diagnosis.matches else Look.DANGER
        lines += style.lines("The certificate that you named ", Span(said, look), ".", hang=2)
    return lines


def _next(
    path: str, diagnosis: Diagnosis, repair: Repair, style: Style, given: Given, written: str | None
) -> list[str]:
    head = Span("Next:", Look.STRONG)
    if written is not None:
        return style.lines(
            head, " upload ", Span(written, whole=True), ", which was written: it would be taken.", hang=2
        )
    if diagnosis.uploadable:
        return []
    final = [obstacle for obstacle in repair.obstacles if obstacle.option is None]
    if final:
        return style.lines(head, f" {final[0].problem} {final[0].fix}", hang=2)
    options = {"--kid": given.kid, "--alg": given.algorithm, "--certificate": given.certificate_path or None}
    said = {option: shlex.quote(value) for option, value in options.items() if value is not None}
    said |= {obstacle.option: _VALUES[obstacle.option] for obstacle in repair.obstacles if obstacle.option is not None}
    words = " ".join(f"{option} {value}" for option, value in said.items())
    command = " ".join(filter(None, ("provisioner diagnose key", shlex.quote(path), words, "--repair", _out(path))))
    first = f" {repair.obstacles[0].problem}" if repair.obstacles else " this writes the JWK that would upload:"
    return [*style.lines(head, first, hang=2), *style.lines(Span(command, whole=True), indent=4)]


def _out(path: str) -> str:
    """A name for the repaired file beside the old one."""
    name = PurePath(path).name.removesuffix(".json").removesuffix(".jwk")
    stem = PurePath(name).stem if "." in name.strip(".") else name
    ending = ".jwk.json" if not path.endswith(".json") else ".repaired.jwk.json"
    return shlex.quote(f"{stem or 'key'}{ending}")


def _changes(repair: Repair, style: Style) -> list[str]:
    if not repair.changes:
        return style.lines("Nothing had to be changed.")
    lines = style.lines(Span("Repaired:", Look.STRONG))
    for change in repair.changes:
        member = f" {change.member}:" if change.member is not None else ""
        lines += style.lines(f"- {_CHANGES[change.kind]}{member} {change.what}", indent=2, hang=4)
    return lines


def _finding(finding: Diagnostic, style: Style) -> list[str]:
    look = Look.DANGER if finding.is_error else Look.CAREFUL
    lines = style.lines(Span(finding.severity.value, look), f" {finding.rule}")
    lines += style.lines(finding.message, indent=2)
    return lines + style.lines(Span("Fix:", Look.STRONG), f" {finding.fix}", indent=2, hang=4)


def _certificate(text: CertificateText, style: Style) -> list[str]:
    rows: list[Row] = [
        ("Owner:", text.owner),
        ("Issuer:", f"{text.issuer} (self-signed)" if text.self_signed else text.issuer),
        ("Serial number:", text.serial),
        ("Valid from:", _moment(text.begins)),
        ("Valid until:", _moment(text.ends)),
        ("Signature algorithm:", text.signature_algorithm),
        ("Public key:", f"{text.bits}-bit RSA"),
    ]
    return [
        *style.lines(Span("Certificate", Look.STRONG), ", as keytool -printcert shows it:"),
        *style.table(rows, indent=2),
        *style.lines("SHA1: ", text.sha1, indent=2, hang=4),
        *style.lines("SHA256: ", text.sha256, indent=2, hang=4),
    ]


def _key(diagnosis: Diagnosis, style: Style) -> list[str]:
    members, thumbprint = diagnosis.members, diagnosis.thumbprint
    if thumbprint is None:
        return []
    rows: list[Row] = []
    for name in ("kid", "alg") if members is not None else ():
        value = members.get(name) if members is not None else None
        rows.append((f"{name}:", value if isinstance(value, str) else "(missing)"))
    rows.append(("thumbprint:", f"{thumbprint} (RFC 7638)"))
    return ["", *style.lines(Span("Key", Look.STRONG), ":"), *style.table(rows, indent=2)]


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
