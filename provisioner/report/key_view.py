"""The view of a key's diagnosis: the verdict and the next step first, the evidence below."""

from __future__ import annotations

import shlex
from datetime import datetime
from pathlib import PurePath

from provisioner.diagnostics import Diagnostic
from provisioner.jose.certificates import CertificateText, describe
from provisioner.jose.cures import STANDARD_INPUT, Input, for_upload
from provisioner.jose.diagnosis import KeyDiagnosis
from provisioner.jose.recognition import Form, Kind
from provisioner.jose.repair import ChangeKind, Given, Repair
from provisioner.report.document import GAP, Block, instruction, line, table
from provisioner.report.style import Look, Row, Span
from provisioner.words import counted

_VALUES = {"--kid": "KID", "--certificate": "CERTIFICATE", "--alg": "RS256"}
_CHANGES = {
    ChangeKind.DROPPED: "dropped",
    ChangeKind.FILLED_IN: "filled in",
    ChangeKind.RE_ENCODED: "re-encoded",
    ChangeKind.REPLACED: "replaced",
}


def key_view(
    path: str,
    diagnosis: KeyDiagnosis,
    repair: Repair,
    *,
    given: Given | None = None,
    asked: bool = False,
    written: str | None = None,
) -> list[Block]:
    """Return the kind of the file, whether it uploads, and the next step; then findings, certificate and key.

    ``given`` are the command's other arguments, which the advice repeats; ``asked``: a repair was requested;
    ``written``: the path of the repaired file.
    """
    findings = diagnosis.findings(path)
    lines = [line(Span(path, Look.STRONG), f": {_taken(diagnosis)}", hang=2)]
    lines += _verdict(diagnosis, findings)
    lines += _next(path, diagnosis, repair, given or Given(), written)
    if asked and repair.jwk is None:
        lines += [GAP, line(Span("Not repaired:", Look.DANGER), " nothing was written.", hang=2)]
        for obstacle in repair.obstacles:
            lines.append(line(obstacle.problem, f" {obstacle.fix}", mark="-", indent=2, hang=4))
    if asked and repair.jwk is not None:
        lines += [GAP, *_changes(repair)]
    for finding in findings:
        said = _is_next(diagnosis, given) and finding.fix == for_upload(diagnosis.taken, Input.of_file(path))
        lines += [GAP, *(_finding(finding)[:2] if said else _finding(finding))]
    if diagnosis.certificate is not None:
        lines += [GAP, *_certificate(describe(diagnosis.certificate))]
    lines += _key(diagnosis)
    return lines


def _taken(diagnosis: KeyDiagnosis) -> str:
    around = f" ({diagnosis.taken.around})" if diagnosis.taken.around is not None else ""
    return f"{diagnosis.taken.what}{around}"


def _verdict(diagnosis: KeyDiagnosis, findings: tuple[Diagnostic, ...]) -> list[Block]:
    errors = sum(finding.is_error for finding in findings)
    warnings = len(findings) - errors
    counts = [counted(errors, "error")] if errors else []
    counts += [counted(warnings, "warning")] if warnings else []
    tail = f" ({', '.join(counts)})" if counts else ""
    if diagnosis.uploadable:
        lines = [line(Span("Uploadable", Look.GOOD), f": Salesforce would accept this file as it is{tail}.")]
    else:
        lines = [line(Span("Not uploadable", Look.DANGER), f" as it is{tail}.")]
    if diagnosis.matches is not None:
        said = "is this key's" if diagnosis.matches else "is NOT this key's: they belong to different pairs"
        look = Look.GOOD if diagnosis.matches else Look.DANGER
        lines.append(line("The certificate that you named ", Span(said, look), ".", hang=2))
    return lines


def _next(path: str, diagnosis: KeyDiagnosis, repair: Repair, given: Given, written: str | None) -> list[Block]:
    head = Span("Next:", Look.STRONG)
    if written is not None:
        return [line(head, " upload ", Span(written, whole=True), ": Salesforce would accept it.", hang=2)]
    if diagnosis.uploadable:
        return []
    if _is_next(diagnosis, given):
        return instruction("Next:", for_upload(diagnosis.taken, Input.of_file(path)))
    final = [obstacle for obstacle in repair.obstacles if obstacle.option is None]
    if final:
        return [line(head, f" {final[0].problem} {final[0].fix}", hang=2)]
    options = {"--kid": given.kid, "--alg": given.algorithm, "--certificate": given.certificate_path or None}
    said = {option: shlex.quote(value) for option, value in options.items() if value is not None}
    said |= {obstacle.option: _VALUES[obstacle.option] for obstacle in repair.obstacles if obstacle.option is not None}
    words = " ".join(f"{option} {value}" for option, value in said.items())
    command = " ".join(filter(None, ("provisioner diagnose key", _word(path), words, "--repair", _out(path))))
    first = f" {repair.obstacles[0].problem}" if repair.obstacles else " this writes the JWK that would upload:"
    return [line(head, first, hang=2), line(Span(command, whole=True), indent=4)]


def _is_next(diagnosis: KeyDiagnosis, given: Given | None) -> bool:
    """Return whether the next step is a fix of the file: it shows no certificate, and is more than a public key."""
    taken = diagnosis.taken
    alone = taken.kind in (Kind.PUBLIC_KEY, Kind.CERTIFICATE_REQUEST, Kind.CERTIFICATE)
    repairable = alone or (taken.json is not None and taken.form not in (Form.PRIVATE_JWK, Form.PRIVATE_JSON))
    return not repairable and diagnosis.certificate is None and (given is None or given.certificate is None)


def _word(path: str) -> str:
    return "-" if path == STANDARD_INPUT else shlex.quote(path)


def _out(path: str) -> str:
    """Return a name for the repaired file beside the old one."""
    if path == STANDARD_INPUT:
        return "key.jwk.json"
    name = PurePath(path).name.removesuffix(".json").removesuffix(".jwk")
    stem = PurePath(name).stem if "." in name.strip(".") else name
    ending = ".jwk.json" if not path.endswith(".json") else ".repaired.jwk.json"
    return shlex.quote(f"{stem or 'key'}{ending}")


def _changes(repair: Repair) -> list[Block]:
    if not repair.changes:
        return [line("Nothing had to be changed.")]
    lines = [line(Span("Repaired:", Look.STRONG))]
    for change in repair.changes:
        member = f" {change.member}:" if change.member is not None else ""
        lines.append(line(f"{_CHANGES[change.kind]}{member} {change.what}", mark="-", indent=2, hang=4))
    return lines


def _finding(finding: Diagnostic) -> list[Block]:
    look = Look.DANGER if finding.is_error else Look.CAREFUL
    lines = [line(Span(finding.severity.value, look), f" {finding.rule}")]
    lines.append(line(finding.message, indent=2))
    return [*lines, *instruction("Fix:", finding.fix, indent=2)]


def _certificate(text: CertificateText) -> list[Block]:
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
        line(Span("Certificate", Look.STRONG), ", as keytool -printcert shows it:"),
        table(rows, indent=2),
        line("SHA1: ", text.sha1, indent=2, hang=4),
        line("SHA256: ", text.sha256, indent=2, hang=4),
    ]


def _key(diagnosis: KeyDiagnosis) -> list[Block]:
    members, thumbprint = diagnosis.members, diagnosis.thumbprint
    if thumbprint is None:
        return []
    rows: list[Row] = []
    for name in ("kid", "alg") if members is not None else ():
        value = members.get(name) if members is not None else None
        rows.append((f"{name}:", value if isinstance(value, str) else "(missing)"))
    rows.append(("thumbprint:", f"{thumbprint} (RFC 7638)"))
    return [GAP, line(Span("Key", Look.STRONG), ":"), table(rows, indent=2)]


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
