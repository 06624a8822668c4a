"""A new key pair: its files, and the next steps."""

from __future__ import annotations

from provisioner.files import PRIVATE_MODE
from provisioner.jose.certificates import describe
from provisioner.jose.generation import Generated
from provisioner.report.document import GAP, Block, line, table
from provisioner.report.json import FORMAT_VERSION, Json, members
from provisioner.report.key import certificate_json, digits
from provisioner.report.style import Look, Row, Span


def generated_view(made: Generated) -> list[Block]:
    """Return the new files, and the remaining steps."""
    what = "for the login" if made.for_login else "for signing identity tokens"
    if made.private_key_file is not None:
        head = Span("Made", Look.GOOD), f" an RSA key pair of {made.bits} bits {what}: "
    elif made.held_key_file is not None:
        certificate = "certificate" if made.certificate is not None else "certificate request"
        head = Span("Made", Look.GOOD), f" a {certificate} for your RSA key of {made.bits} bits {what}: "
    else:
        head = Span("Declared", Look.GOOD), " the certificate that came back: "
    lines = [line(*head, Span(made.name, Look.STRONG), ".")]
    lines.append(table(_rows(made), indent=2))
    lines += [GAP, line(Span("Next:", Look.STRONG))]
    for number, step in enumerate(made.next, 1):
        lines.append(line(step, mark=f"{number}.", indent=2, hang=5))
    return lines


def _rows(made: Generated) -> list[Row]:
    rows: list[Row] = []
    if made.private_key_file is not None:
        protected = "encrypted with your passphrase" if made.has_passphrase else "not encrypted"
        rows.append(("private key:", f"{made.private_key_file} ({PRIVATE_MODE}, {protected})"))
    if made.held_key_file is not None:
        rows.append(("private key:", f"{made.held_key_file} (yours; it was not copied)"))
    if made.certificate_file is not None:
        rows.append(("certificate:", made.certificate_file))
    if made.request_file is not None:
        rows.append(("request:", f"{made.request_file} (the certificate must come back)"))
    if made.declaration_file is not None:
        keyset = f", and in keysets.{made.keyset}.keys" if made.keyset is not None else ""
        rows.append(("declared:", f"{made.declaration_file}: keys.{made.name}{keyset}"))
    if made.jwk is not None:
        rows += [("kid:", made.jwk.kid), ("algorithm:", made.jwk.alg)]
    rows.append(("thumbprint:", f"{made.thumbprint} (RFC 7638)"))
    if made.certificate is not None:
        text = describe(made.certificate)
        rows += [("valid:", f"{text.begins:%Y-%m-%d} to {text.ends:%Y-%m-%d}"), ("SHA-256:", digits(text.sha256))]
    return rows


def generated_json(made: Generated) -> Json:
    """Return the JSON of ``keys generate --format json``; ``jwk`` has public members only."""
    return {
        "format_version": FORMAT_VERSION,
        "name": made.name,
        "purpose": "login" if made.for_login else "signing",
        **members(made, "kid=jwk.kid", "algorithm=jwk.alg", "bits", "thumbprint"),
        **members(made, "private_key=private_key_file", "from=held_key_file"),
        "certificate": _certificate(made),
        **members(made, "request=request_file", "declaration=declaration_file", "keyset"),
        "jwk": made.jwk.members() if made.jwk is not None else None,
        "next": list(made.next),
    }


def _certificate(made: Generated) -> Json | None:
    if made.certificate is None:
        return None
    facts = certificate_json(describe(made.certificate), "subject", "not_before", "not_after", "sha256")
    return {"file": made.certificate_file, **facts}
