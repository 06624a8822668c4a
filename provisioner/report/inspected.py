"""The contents of a file of key material, key by key."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from provisioner.jose.certificates import describe
from provisioner.jose.inspection import DeclaredMatch, InspectedKey, Inspection
from provisioner.jose.recognition import Form, Recognition
from provisioner.report.document import GAP, Block, line, table
from provisioner.report.json import FORMAT_VERSION, Json, members
from provisioner.report.key import certificate_json, digits, kind_of_file
from provisioner.report.style import Look, Row, Span
from provisioner.words import counted


def inspected_view(path: str, inspection: Inspection, declaration: str | None) -> list[Block]:
    """Return the kind of the file, and each key. ``declaration`` is the file that keys were compared with, if any."""
    taken = inspection.taken
    lines = [line(Span(path, Look.STRONG), f": {kind_of_file(taken)}", hang=2)]
    if inspection.is_private:
        lines.append(line(Span("Private", Look.DANGER), f": {_who_signs(taken)} Never upload or commit it."))
    for key in inspection.keys:
        lines += [GAP, *_key(key, declaration)]
    if _is_locked(taken) and not any(key.numbers for key in inspection.keys):
        command = f"provisioner keys inspect {shlex.quote(path)} --passphrase-env VARIABLE"
        lines.append(line(Span("Next:", Look.STRONG), " to see which key it is: ", Span(command, whole=True), hang=2))
    elif inspection.findings or not inspection.keys or _is_unfit(taken):
        said = "explains its problems" if inspection.keys else "explains what to do with it"
        lines += [GAP, line(f"`provisioner diagnose key {shlex.quote(path)}` {said}.")]
    return lines


def _who_signs(taken: Recognition) -> str:
    if taken.form is Form.PKCS12 and not taken.private_keys and not _has_secret(taken):
        return "it may hold a private key, which only its passphrase shows."
    return f"everyone who has this file{' and its passphrase' if taken.has_passphrase else ''} can sign."


def _is_unfit(taken: Recognition) -> bool:
    return taken.is_private and taken.algorithm not in (None, "RSA") and taken.private_keys <= 1


def _is_locked(taken: Recognition) -> bool:
    return taken.form in (Form.PRIVATE_KEY, Form.PKCS12) and taken.has_passphrase and not _has_secret(taken)


def _has_secret(taken: Recognition) -> bool:
    return taken.form is Form.PKCS12 and taken.what.endswith("with a secret key")


def _key(key: InspectedKey, declaration: str | None) -> list[Block]:
    rows: list[Row] = []
    if key.kid is not None or key.alg is not None:
        rows += [("kid:", key.kid or "(missing)"), ("alg:", key.alg or "(missing)")]
    if key.owner is not None:
        rows.append(("name:", key.owner))
    rows.append(("key:", _kind_of(key)))
    if key.thumbprint is not None:
        rows.append(("thumbprint:", f"{key.thumbprint} (RFC 7638)"))
    if key.certificate is not None:
        text = describe(key.certificate)
        issued = "self-signed" if text.self_signed else f"issued by {text.issuer}"
        rows.append(("certificate:", f"{text.owner}, {issued}"))
        rows.append(("valid:", f"{text.begins:%Y-%m-%d %H:%M} to {text.ends:%Y-%m-%d %H:%M} UTC"))
        rows.append(("SHA-256:", digits(text.sha256)))
    if declaration is not None and key.numbers is not None:
        rows.append(("declared:", _declared(key.declared, declaration)))
    head = [line(Span(key.place, Look.STRONG), ":")] if key.place is not None else []
    return [*head, table(rows, indent=2)]


def _kind_of(key: InspectedKey) -> str:
    algorithm = _algorithm(key)
    if algorithm is None:
        return "no RSA key"
    return f"{algorithm}, {counted(key.bits, 'bit')}" if key.bits is not None else algorithm


def _algorithm(key: InspectedKey) -> str | None:
    return key.algorithm or ("RSA" if key.numbers is not None else None)


def _declared(matches: Sequence[DeclaredMatch], declaration: str) -> str:
    if not matches:
        return f"no key in {declaration} has this public key"
    return "; ".join(map(_match, matches))


def _match(match: DeclaredMatch) -> str:
    differs = []
    if match.certificate is False:
        differs.append("another certificate")
    if match.kid is False:
        differs.append("another kid")
    return f"key.{match.name}" + (f", with {' and '.join(differs)}" if differs else "")


def inspected_json(path: str, inspection: Inspection, declaration: str | None) -> Json:
    """Return the JSON of ``keys inspect --format json``; ``declared`` is null if there is no declaration."""
    return {
        "format_version": FORMAT_VERSION,
        "file": path,
        **members(inspection, "kind=taken.kind", "what=taken.what", "private=is_private", "findings"),
        "declaration": declaration,
        "keys": [_key_json(key, declaration) for key in inspection.keys],
    }


def _key_json(key: InspectedKey, declaration: str | None) -> Json:
    return {
        **members(key, "place", "kid", "alg"),
        "algorithm": _algorithm(key),
        **members(key, "name=owner", "bits", "thumbprint"),
        "certificate": None
        if key.certificate is None
        else certificate_json(describe(key.certificate), "subject", "issuer", "not_before", "not_after", "sha256"),
        "declared": None
        if declaration is None
        else [members(each, "name", "same_certificate=certificate", "same_kid=kid") for each in key.declared],
    }
