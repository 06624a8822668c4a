"""The diagnosis of a key: the verdict and the next step first, the evidence below."""

from __future__ import annotations

import shlex
from datetime import datetime
from pathlib import PurePath

from provisioner.diagnostics import Diagnostic
from provisioner.jose.certificates import CertificateText, describe
from provisioner.jose.cures import STANDARD_INPUT, Input, for_upload
from provisioner.jose.diagnosis import KeyDiagnosis
from provisioner.jose.recognition import Form, Kind, Recognition
from provisioner.jose.repair import ChangeKind, Given, Repair
from provisioner.report.document import GAP, Block, instruction, line, table
from provisioner.report.findings import rule_lines, severities
from provisioner.report.json import FORMAT_VERSION, Json, finding_json, members, moment
from provisioner.report.junit import Suite, case_of, finding_case
from provisioner.report.style import Look, Row, Span

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
    lines = [line(Span(path, Look.STRONG), f": {kind_of_file(diagnosis.taken)}", hang=2)]
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
        lines += [GAP, *rule_lines(finding)[: 2 if said else None]]
    if diagnosis.certificate is not None:
        lines += [GAP, *_certificate(describe(diagnosis.certificate))]
    lines += _key(diagnosis)
    return lines


def kind_of_file(taken: Recognition) -> str:
    """Return what a file is, and what it is wrapped in."""
    return taken.what if taken.around is None else f"{taken.what} ({taken.around})"


def _verdict(diagnosis: KeyDiagnosis, findings: tuple[Diagnostic, ...]) -> list[Block]:
    errors = sum(finding.is_error for finding in findings)
    counts = "".join(span.text for span in severities(errors, len(findings) - errors))
    tail = f" ({counts})" if counts else ""
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


def key_json(
    path: str, diagnosis: KeyDiagnosis, repair: Repair, *, asked: bool = False, written: str | None = None
) -> Json:
    """Return the JSON of ``diagnose key --format json``. It never contains private members."""
    certificate = diagnosis.certificate
    return {
        "format_version": FORMAT_VERSION,
        "file": path,
        "taken_for": members(diagnosis.taken, "kind", "what"),
        "uploadable": diagnosis.uploadable,
        "findings": [finding_json(each) for each in diagnosis.findings(path)],
        "certificate": certificate_json(describe(certificate)) if certificate is not None else None,
        "certificate_matches": diagnosis.matches,
        "jwk": diagnosis.public_members,
        "repair": {
            "asked": asked,
            "possible": repair.jwk is not None,
            "written": written,
            "changes": [members(each, "change=kind", "member", "message=what") for each in repair.changes],
            "obstacles": [members(each, "message=problem", "fix", "option") for each in repair.obstacles],
        },
    }


def certificate_json(text: CertificateText, *names: str) -> Json:
    """Return the named facts about a certificate, or all of them."""
    facts = {
        "subject": text.owner,
        "issuer": text.issuer,
        "serial": text.serial,
        "not_before": moment(text.begins),
        "not_after": moment(text.ends),
        "sha1": digits(text.sha1),
        "sha256": digits(text.sha256),
        "signature_algorithm": text.signature_algorithm,
        "bits": text.bits,
    }
    return {name: facts[name] for name in names or facts}


def digits(fingerprint: str) -> str:
    """Return the digits of ``AB:CD:…`` in lower case."""
    return fingerprint.replace(":", "").lower()


def key_suites(path: str, diagnosis: KeyDiagnosis, repair: Repair, *, asked: bool, written: str | None) -> list[Suite]:
    """Return one suite: whether the file uploads, whether the certificate matches, whether a repair was written."""
    findings = diagnosis.findings(path)
    message = "" if diagnosis.uploadable else "Salesforce would not take this file as it is."
    cases = [
        case_of("uploadable", not diagnosis.uploadable, message),
        *(finding_case(each, fails=each.is_error and not diagnosis.uploadable) for each in findings),
    ]
    if diagnosis.matches is not None:
        said = "" if diagnosis.matches else "The certificate and the key belong to different pairs."
        cases.append(case_of("certificate", not diagnosis.matches, said))
    if asked:
        obstacles = (f"{each.problem} {each.fix}" for each in repair.obstacles)
        said = f"Written to {written}." if written is not None else "Nothing was written."
        cases.append(case_of("repair", written is None, said, *obstacles))
    return [Suite(path, tuple(cases))]
