"""Checks of the header: alg, typ, kid (RFC 7515 §4.1); Salesforce Help lists all three."""

from __future__ import annotations

from provisioner.jose.defects import excerpt, shown
from provisioner.jose.jwk_members import ALGORITHMS
from provisioner.model.identity_providers import provider_of
from provisioner.tokens.check import Check, CheckId, failed, ok, skipped, unknown
from provisioner.tokens.compact import Compact
from provisioner.tokens.key_selection import Resolution


def check_structure(token: Compact) -> Check:
    if token.faults:
        return failed(
            CheckId.STRUCTURE,
            " ".join(token.faults[:4]),
            "Pass the token exactly as the signing code returns it: three base64url parts and two full stops.",
        )
    if token.doubts:
        return unknown(
            CheckId.STRUCTURE,
            " ".join(token.doubts[:4]) + " It is not proven how Salesforce treats this.",
            "Use a maintained JWT library to write the token.",
        )
    return ok(CheckId.STRUCTURE, "Three parts, a JSON header and a JSON payload.")


def check_alg(resolution: Resolution) -> Check:
    header = resolution.token.header
    if header is None:
        return skipped(CheckId.ALG, CheckId.STRUCTURE)
    alg = header.get("alg")
    fix = "Sign with RS256 (or RS512) and the RSA private key whose certificate is in the keyset."
    if "alg" not in header:
        return failed(CheckId.ALG, "The header has no `alg`.", fix)
    if alg not in ALGORITHMS:
        why = ""
        if isinstance(alg, str) and alg.upper().startswith("HS"):
            why = " It is signed with a shared secret, which Salesforce cannot verify."
        elif isinstance(alg, str) and alg.lower() == "none":
            why = " Anyone could have written this token."
        return failed(CheckId.ALG, f"The alg is {excerpt(alg)}; Salesforce verifies RS256 and RS512 only.{why}", fix)
    others = {each.jwk.alg for each in resolution.chosen if each.jwk.alg} - {alg}
    if others and all(each.jwk.alg != alg for each in resolution.chosen):
        return unknown(
            CheckId.ALG,
            f"The header says {alg}, and the JWK of {resolution.chosen[0].called} says {min(others)}: it is not "
            f"proven that Salesforce accepts this; most verifiers do not.",
            f"Sign with {min(others)}, or give the key the algorithm {alg}.",
        )
    return ok(CheckId.ALG, f"{alg}.")


def check_typ(token: Compact) -> Check:
    if token.header is None:
        return skipped(CheckId.TYP, CheckId.STRUCTURE)
    fix = 'Write "typ": "JWT" into the header.'
    found = provider_of(token.text("iss"))
    if found is not None:
        fix = f"No action is possible: {found.name} writes the header. In doubt, prove it with `provisioner verify`."
    if "typ" not in token.header:
        return unknown(
            CheckId.TYP,
            "The header has no `typ`. Salesforce Help lists it as required, and Salesforce's own tool does not write "
            "it: it is not proven that Salesforce refuses a token without it.",
            fix,
        )
    typ = token.header["typ"]
    if typ == "JWT":
        return ok(CheckId.TYP, "JWT.")
    message = f"The typ is {excerpt(typ)}, not JWT: it is not proven that Salesforce accepts this."
    return unknown(CheckId.TYP, message, fix)


def check_kid(resolution: Resolution) -> Check:
    header = resolution.token.header
    if header is None:
        return skipped(CheckId.KID, CheckId.STRUCTURE)
    kid = header.get("kid")
    if isinstance(kid, str) and kid:
        return ok(CheckId.KID, f"{shown(kid)}.")
    signer = next(((called, jwk) for called, jwk in resolution.signers), None)
    fix = "Write the kid of the JWK that belongs to the signing key into the header."
    if signer is not None:
        fix = f'Write "kid": {shown(signer[1].kid)} into the header: the signature belongs to {signer[0]}.'
    if "kid" not in header:
        return failed(CheckId.KID, "The header has no `kid`, so no key can be found for the token.", fix)
    return failed(CheckId.KID, f"The kid is {excerpt(kid)}: it must be text, and not empty.", fix)
