"""Checks of the token's key: it exists, it made the signature, and it may be used."""

from __future__ import annotations

from datetime import datetime

from provisioner.jose.defects import shown
from provisioner.jose.uploaded_jwk import certificate_of
from provisioner.model.identity_providers import provider_of
from provisioner.model.jwk import Jwk
from provisioner.model.types import MetadataType
from provisioner.tokens.check import Check, CheckId, Status, failed, ok, skipped, unknown
from provisioner.tokens.issuers import nearest
from provisioner.tokens.key_selection import Candidate, Resolution, other_scheme, verifies

_ISSUER_FIX = "Sign with the issuer of the keyset, or create a keyset with this one. Both must be equal byte for byte."
#: Bytes of a signature by RSA keys of 1024 to 4096 bits.
_USUAL_LENGTHS = (128, 256, 384, 512)
#: RSA keys of all programs grow by 64 bits or more.
_STEP = 8
_WHOLE = "Pass the whole token: look for a cookie, a header, a column or a copy that limits its length."
_ASK = "Add --live: it reads the org and requests the endpoint."
_NAME_ONE = "Name the environment with --env NAME: the token is then compared with its declaration."


def check_iss_known(resolution: Resolution, iss: Check) -> Check:
    """Check that a keyset has exactly this issuer; else report the difference from the nearest one."""
    value, state = resolution.token.text("iss"), resolution.state
    if iss.status is not Status.OK or value is None:
        return skipped(CheckId.ISS_KNOWN, CheckId.ISS)
    if state.is_unknown:
        return unknown(CheckId.ISS_KNOWN, "No environment was named, so no keyset is known.", _NAME_ONE)
    if resolution.by_issuer:
        return ok(CheckId.ISS_KNOWN, f"The issuer of {_keysets(resolution)}.")
    if (hidden := state.unreadable.get(MetadataType.KEYSET)) is not None:
        return unknown(CheckId.ISS_KNOWN, f"The org hides keysets: {hidden.reason}", f"Grant: {hidden.permission}.")
    open_ = [keyset.name for keyset in state.keysets.values() if keyset.issuer is None]
    if open_:
        return unknown(CheckId.ISS_KNOWN, f"The issuer of keyset.{open_[0]} is unknown without the org.", _ASK)
    issuers = {keyset.issuer: keyset.name for keyset in state.keysets.values() if keyset.issuer is not None}
    if not issuers:
        return failed(CheckId.ISS_KNOWN, f"There is no keyset in {state.source}.", "Declare one, and apply it.")
    near = nearest(value, issuers)
    if near is None:
        listed = ", ".join(f"{shown(issuer)} (keyset.{name})" for issuer, name in list(issuers.items())[:5])
        return failed(
            CheckId.ISS_KNOWN,
            f"No keyset has the issuer {shown(value)}. In {state.source}: {listed}.",
            _provider_fix(value, None) or _ISSUER_FIX,
        )
    issuer, differ = near
    return failed(
        CheckId.ISS_KNOWN,
        f"The iss {shown(value)} is not the issuer {shown(issuer)} of keyset.{issuers[issuer]}: {differ}.",
        _provider_fix(value, issuers[issuer])
        or f"Sign with exactly {shown(issuer)}, or correct the issuer of the keyset: they are compared byte for byte.",
    )


def _provider_fix(issuer: str, keyset: str | None) -> str | None:
    """Return the fix for a token of an identity provider, which nobody here signs; None for another issuer."""
    found = provider_of(issuer)
    if found is None:
        return None
    endpoint = found.jwks_of(issuer)
    where = f"of keyset.{keyset}" if keyset is not None else "of a keyset"
    keys = f" and {shown(endpoint)} as its endpoint" if endpoint is not None else ""
    return (
        f"Write {shown(issuer)} as the issuer {where}{keys}, and apply: {found.name} writes this iss. {found.setting}"
    )


def check_kid_known(resolution: Resolution, kid: Check, iss_known: Check) -> Check:
    """Check that the issuer's keysets have a key with this kid."""
    value, state = resolution.token.header_text("kid"), resolution.state
    if kid.status is not Status.OK or value is None:
        return skipped(CheckId.KID_KNOWN, CheckId.KID)
    if state.is_unknown:
        return skipped(CheckId.KID_KNOWN, CheckId.ISS_KNOWN)
    found = resolution.candidates
    if found:
        twice = len(found) > 1 and len({each.called for each in found}) > 1
        also = f"; so is {found[1].called}: it is undefined which of the two is used" if twice else ""
        return ok(CheckId.KID_KNOWN, f"It is {_named(found[0])}{also}.")
    if iss_known.status is Status.FAILED and not (state.complete and not resolution.unasked):
        return skipped(CheckId.KID_KNOWN, CheckId.ISS_KNOWN)  # the issuer decides which keyset must have the kid
    if resolution.unasked:
        url = resolution.unasked[0].endpoint
        return unknown(CheckId.KID_KNOWN, f"The keys are at {url}, which was not requested or did not answer.", _ASK)
    hidden = state.unreadable.get(MetadataType.KEY) or state.unreadable.get(MetadataType.KEYSET)
    if hidden is not None:
        return unknown(
            CheckId.KID_KNOWN, f"The org hides keys or keysets: {hidden.reason}", f"Grant: {hidden.permission}."
        )
    unread = [
        name
        for keyset in resolution.relevant or tuple(state.keysets.values())
        for name in keyset.keys
        if name in state.keys and state.keys[name].jwk is None
    ]
    if unread:
        return unknown(
            CheckId.KID_KNOWN,
            f"The JWK of key.{unread[0]} cannot be read, so its kid is unknown.",
            "Correct its file: `provisioner validate` shows the errors.",
        )
    external = _external(resolution)
    if external is not None:
        return unknown(CheckId.KID_KNOWN, f"{external} is external, so its kid is unknown without the org.", _ASK)
    return failed(CheckId.KID_KNOWN, *_kid_unknown(resolution, value))


def _external(resolution: Resolution) -> str | None:
    """Return a key or a keyset in question that the declaration only names; None if there is none."""
    state = resolution.state
    for keyset in () if state.complete else resolution.relevant or tuple(state.keysets.values()):
        if keyset.issuer is None and not keyset.keys and keyset.endpoint is None:
            return f"keyset.{keyset.name}"
        unknown_key = next((name for name in keyset.keys if name not in state.keys), None)
        if unknown_key is not None:
            return f"key.{unknown_key}"
    return None


def _kid_unknown(resolution: Resolution, kid: str) -> tuple[str, str]:
    state = resolution.state
    kids = [jwk.kid for name in _member_names(resolution) if (jwk := state.keys[name].jwk) is not None]
    kids += [jwk.kid for keyset in resolution.relevant for jwk in _served(resolution, keyset.endpoint)]
    where = _keysets(resolution) if resolution.relevant else f"any keyset in {state.source}"
    said = f" It has: {', '.join(map(shown, dict.fromkeys(kids[:10])))}." if kids else ""
    elsewhere = next((key.name for key in state.keys.values() if key.jwk is not None and key.jwk.kid == kid), None)
    if elsewhere is not None:
        return (
            f"The kid {shown(kid)} is that of key.{elsewhere}, which {where} does not hold.{said}",
            f"Add {elsewhere} to the keyset's keys, or sign with one of its keys.",
        )
    fix = "Sign with the kid of the uploaded JWK (not the API name of the key), or upload that key."
    if resolution.signers:
        called, jwk = resolution.signers[0]
        fix = f"Write the kid {shown(jwk.kid)} into the header: the signature belongs to {called}."
    elif kid in state.keys and (jwk := state.keys[kid].jwk) is not None:
        fix = f"{kid} is the key's API name; its kid is {shown(jwk.kid)}: sign with that."
    else:
        alike = next((each for each in kids if each.strip().casefold() == kid.strip().casefold()), None)
        if alike is not None:
            fix = f"{shown(alike)} differs only in case or spaces: sign with exactly that."
    return f"No key of {where} has the kid {shown(kid)}.{said}", fix


def check_signature(resolution: Resolution, structure: Check, alg: Check, kid_known: Check) -> Check:
    """Check the signature with the key of the kid."""
    token = resolution.token
    if token.signature is None or token.header is None:
        return skipped(CheckId.SIGNATURE, CheckId.STRUCTURE)
    if alg.status is Status.FAILED:
        return skipped(CheckId.SIGNATURE, CheckId.ALG)
    if kid_known.status is not Status.OK:
        return _check_length(len(token.signature)) or skipped(CheckId.SIGNATURE, CheckId.KID_KNOWN)
    verified = [each for each in resolution.chosen if verifies(token, each.jwk)]
    if verified:
        return ok(CheckId.SIGNATURE, f"Verified by {verified[0].called}.")
    named = resolution.candidates[0]
    signer = next(((called, jwk) for called, jwk in resolution.signers), None)
    if signer is not None:
        return failed(
            CheckId.SIGNATURE,
            f"It was signed by {signer[0]} (kid {shown(signer[1].kid)}), not by {named.called}, which its kid names.",
            f"Sign with the private key of {named.called}, or write the kid {shown(signer[1].kid)} into the header.",
        )
    other = other_scheme(token, named.jwk)
    if other is not None:
        return failed(
            CheckId.SIGNATURE,
            f"The key is right, and the signature is not: {named.called} made it, but {other}.",
            "Sign with RS256 (RSASSA-PKCS1-v1_5 with SHA-256), or RS512, as the header says, and encode the signature "
            "once in base64url.",
        )
    octets, expected = len(token.signature), (named.jwk.bits + 7) // 8
    if octets < expected and octets not in _USUAL_LENGTHS:
        return failed(
            CheckId.SIGNATURE,
            f"The signature was cut short: it has {octets} bytes, and {named.called} makes {expected}.",
            _WHOLE,
        )
    return failed(
        CheckId.SIGNATURE,
        f"The signature does not belong to {named.called} ({named.jwk.bits} bits){_length(resolution, named)}: the "
        f"token was signed with another private key, or was changed after signing.",
        "Compare the private key with the certificate: `openssl rsa -in KEY -noout -modulus` and `openssl x509 -in "
        "CERTIFICATE -noout -modulus` must print the same.",
    )


def _check_length(octets: int) -> Check | None:
    """Judge the length of a signature without its key; None if some RSA key makes this length."""
    if octets < _USUAL_LENGTHS[0]:
        return failed(
            CheckId.SIGNATURE,
            f"The signature was cut short: it has {octets} bytes, and RSA with 2048 bits makes 256.",
            _WHOLE,
        )
    if octets % _STEP:
        return unknown(
            CheckId.SIGNATURE,
            f"The signature has {octets} bytes, which no usual RSA key makes (2048 bits make 256): characters are "
            "missing at its end, or were added.",
            _WHOLE,
        )
    return None


def check_key_active(resolution: Resolution, kid_known: Check) -> Check:
    if kid_known.status is not Status.OK:
        return skipped(CheckId.KEY_ACTIVE, CheckId.KID_KNOWN)
    chosen = resolution.chosen
    if any(each.active is None for each in chosen):
        return ok(CheckId.KEY_ACTIVE, "The keys of an endpoint have no such switch.")
    active = next((each for each in chosen if each.active), None)
    if active is not None:
        return ok(CheckId.KEY_ACTIVE, f"{active.called} is active.")
    return failed(
        CheckId.KEY_ACTIVE,
        f"{chosen[0].called} is not active in {resolution.state.source}.",
        "Apply, with `active: true` in the declaration; or switch it on in Setup > Enhanced Chat User Verification.",
    )


def check_certificate(resolution: Resolution, kid_known: Check, now: datetime) -> Check:
    if kid_known.status is not Status.OK:
        return skipped(CheckId.CERTIFICATE_VALID, CheckId.KID_KNOWN)
    key = resolution.chosen[0]
    certificate = certificate_of(key.jwk)
    if certificate is None:
        lacks = "has an unreadable certificate" if key.jwk.x5c else "has no certificate (x5c)"
        where = "the keys of an endpoint need one" if key.active is None else "it works without"
        return unknown(
            CheckId.CERTIFICATE_VALID,
            f"{_named(key)} {lacks}; whether {where} is not proven.",
            "Serve x5c, too." if key.active is None else "Upload the key with its certificate.",
        )
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    fix = "Rotate to a key with a valid certificate: `provisioner keys rotate`."
    if ends < now:
        return failed(CheckId.CERTIFICATE_VALID, f"The certificate of {key.called} expired on {ends:%Y-%m-%d}.", fix)
    if now < begins:
        return failed(
            CheckId.CERTIFICATE_VALID, f"The certificate of {key.called} is not valid before {begins:%Y-%m-%d}.", fix
        )
    return ok(CheckId.CERTIFICATE_VALID, f"The certificate of {key.called} is valid until {ends:%Y-%m-%d}.")


def _length(resolution: Resolution, key: Candidate) -> str:
    signature = resolution.token.signature or b""
    if len(signature) == (key.jwk.bits + 7) // 8:
        return ""
    return f"; it has {len(signature)} bytes, and such a key makes {(key.jwk.bits + 7) // 8}"


def _keysets(resolution: Resolution) -> str:
    return " and ".join(f"keyset.{keyset.name}" for keyset in resolution.relevant[:3]) or "no keyset"


def _named(candidate: Candidate) -> str:
    return f"{candidate.called} of keyset.{candidate.keyset.name}" if candidate.active is not None else candidate.called


def _member_names(resolution: Resolution) -> list[str]:
    keysets = resolution.relevant or tuple(resolution.state.keysets.values())
    return [name for keyset in keysets for name in keyset.keys if name in resolution.state.keys]


def _served(resolution: Resolution, url: str | None) -> tuple[Jwk, ...]:
    answer = resolution.state.served.get(url or "")
    return answer.keys if answer is not None else ()
