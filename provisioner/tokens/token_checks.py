"""Checks of a token's header, of its payload, and of its keyset at the place of use.

Salesforce Help lists alg, typ and kid (RFC 7515 §4.1), and sub, iss and exp (RFC 7519 §4.1). The place of use is the
channel, and the endpoint of the keyset. No text
contains a claim's value except iss and the times: a subject identifies a customer.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeGuard

from provisioner.jose.defects import excerpt, shown
from provisioner.jose.jwk_members import ALGORITHMS
from provisioner.model.characters import has_invisible
from provisioner.model.identity_providers import provider_of
from provisioner.model.types import MetadataType
from provisioner.tokens.check import Check, CheckId, Status, failed, ok, skipped, unknown
from provisioner.tokens.compact import Compact
from provisioner.tokens.key_selection import Resolution
from provisioner.tokens.recognise import is_missing_value

#: As seconds, 10^11 is the year 5138; as milliseconds, it is 1973.
MILLISECONDS_FROM = 10**11
#: As a time, this is in 1973; as a lifetime, it is three years.
_LONGEST_DURATION = 10**8
#: The longest lifetime that is known to work is under two hours; one of six days was seen and is not proven.
LONGEST_USUAL = 24 * 3600
#: The platform key (prefix and sub) is a Salesforce text field, commonly of 255 characters.
LONGEST_SUB = 200


def check_iss(token: Compact) -> Check:
    if token.claims is None:
        return skipped(CheckId.ISS, CheckId.STRUCTURE)
    iss = token.claims.get("iss")
    fix = "Write the keyset's issuer into `iss`, byte for byte."
    if "iss" not in token.claims:
        return failed(CheckId.ISS, "The payload has no `iss`.", fix)
    if not isinstance(iss, str) or not iss:
        return failed(CheckId.ISS, f"The iss is {excerpt(iss)}: it must be text, and not empty.", fix)
    return ok(CheckId.ISS, f"{shown(iss)}.")


def check_sub(token: Compact) -> Check:
    if token.claims is None:
        return skipped(CheckId.SUB, CheckId.STRUCTURE)
    sub = token.claims.get("sub")
    fix = "Write the customer's stable id in your system into `sub`, as text."
    if "sub" not in token.claims:
        return failed(CheckId.SUB, "The payload has no `sub`, so it verifies no customer.", fix)
    if not isinstance(sub, str) or not sub:
        kind = "is empty" if sub == "" else "is not text"
        return failed(CheckId.SUB, f"The sub {kind}.", fix)
    if is_missing_value(sub):
        return unknown(
            CheckId.SUB,
            "The sub is the text of a program's missing value or object: all customers with such a token share one "
            "identity, and so their conversations.",
            "Sign only if the customer's id is set, and write its text into `sub`.",
        )
    odd = _odd(sub)
    if odd is not None:
        return unknown(
            CheckId.SUB,
            f"The sub {odd}. It becomes part of the Messaging Platform Key; it is not proven that Salesforce accepts "
            f"it.",
            "Prefer a short id of letters, digits and -_.@, such as the primary key of your customer table.",
        )
    return ok(CheckId.SUB, f"Text of {len(sub)} characters.")


def _odd(sub: str) -> str | None:
    if sub != sub.strip():
        return "begins or ends with white space"
    if has_invisible(sub):
        return "contains a control or invisible character"
    if len(sub) > LONGEST_SUB:
        return f"has {len(sub)} characters"
    odd = next((each for each in "/|:" if each in sub), None)
    if odd is not None:
        return f"has a {odd} in it"
    return None


def check_exp(token: Compact, now: datetime) -> Check:
    if token.claims is None:
        return skipped(CheckId.EXP, CheckId.STRUCTURE)
    exp = token.claims.get("exp")
    fix = "Write `exp` as a number of seconds since 1970, a few minutes ahead."
    if "exp" not in token.claims:
        return failed(CheckId.EXP, "The payload has no `exp`.", fix)
    if not is_number(exp):
        kind = "text" if isinstance(exp, str) else "no number"
        return failed(CheckId.EXP, f"The exp is {kind} ({excerpt(exp)}); it must be a number.", fix)
    if exp >= MILLISECONDS_FROM:
        return unknown(
            CheckId.EXP,
            f"The exp is {excerpt(exp)}, most likely in milliseconds. In seconds it is in the far future; it is not "
            f"proven that Salesforce accepts that.",
            "Divide by 1000: `exp` is in seconds.",
        )
    ahead = exp - now.timestamp()
    if ahead > LONGEST_USUAL:
        return unknown(
            CheckId.EXP,
            f"The exp lies {span(ahead)} ahead. Salesforce documents no maximum lifetime; it is not proven that it "
            f"accepts more than a day.",
            "Use a lifetime of minutes: anyone who finds a token is that customer until it expires.",
        )
    return ok(CheckId.EXP, f"{moment(exp)}.")


def check_expired(token: Compact, exp: Check, now: datetime) -> Check:
    value = (token.claims or {}).get("exp")
    if not is_number(value) or value >= MILLISECONDS_FROM:
        return skipped(CheckId.EXPIRED, exp.id)
    left = value - now.timestamp()
    if 0 < value < _LONGEST_DURATION:
        return failed(
            CheckId.EXPIRED,
            f"The exp is {excerpt(value)}, most likely a lifetime ({span(value)}), not a time: as seconds since 1970 "
            f"it is {moment(value)}.",
            "Write the present time in seconds plus the lifetime into `exp`.",
        )
    if left > 0:
        return ok(CheckId.EXPIRED, f"Valid for another {span(left)}.")
    return failed(
        CheckId.EXPIRED,
        f"It expired {span(-left)} ago, at {moment(value)} by this machine's clock.",
        "Sign a new one for each page load. If this token is new, correct the clock of the server that signed it, "
        "and make sure that no cache (ETag, CDN) stores tokens.",
    )


def is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def moment(seconds: float) -> str:
    """Return seconds since 1970 as a date; as the number if no calendar has it."""
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S UTC")
    except OverflowError:
        return f"{seconds} seconds since 1970"


def span(seconds: float) -> str:
    """Return a duration in its two largest units."""
    whole = max(1, int(seconds))
    units = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
    parts = []
    for name, size in units:
        number, whole = divmod(whole, size)
        if number:
            parts.append(f"{number} {name}{'s' if number != 1 else ''}")
    return " ".join(parts[:2])


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


_ASK = "Add --live: it reads the org."


def check_keyset_on_channel(resolution: Resolution, iss_known: Check, kid_known: Check) -> Check:
    """Check that a configuration of the channel (or of any channel) names the token's keyset."""
    state, channel = resolution.state, resolution.channel
    if not resolution.relevant:
        return skipped(CheckId.KEYSET_ON_CHANNEL, iss_known.id, kid_known.id)
    keyset = resolution.chosen[0].keyset.name if resolution.chosen else resolution.relevant[0].name
    if resolution.configurations:
        on, configuration = resolution.configurations[0]
        return ok(
            CheckId.KEYSET_ON_CHANNEL, f"keyset.{keyset} is used on {on.name} by configuration {configuration.name}."
        )
    hidden = state.unreadable.get(MetadataType.CHANNEL)
    if hidden is not None:
        return unknown(
            CheckId.KEYSET_ON_CHANNEL, f"The org hides channels: {hidden.reason}", f"Grant: {hidden.permission}."
        )
    channels = (channel,) if channel is not None else tuple(state.channels.values())
    unmanaged = next((each.name for each in channels if each.configurations is None), None)
    if unmanaged is not None:
        return unknown(CheckId.KEYSET_ON_CHANNEL, f"The configurations of {unmanaged} are not in {state.source}.", _ASK)
    if not channels and not state.complete:
        return unknown(CheckId.KEYSET_ON_CHANNEL, f"No channel is in {state.source}.", _ASK)
    where = f"channel {channel.name}" if channel is not None else f"a channel in {state.source}"
    there = [
        f"{each.name} (keyset.{each.keyset})" for one in channels for each in one.configurations or () if each.keyset
    ]
    has = f" Configurations there: {', '.join(there[:5])}." if there else ""
    return failed(
        CheckId.KEYSET_ON_CHANNEL,
        f"No configuration of {where} names keyset.{keyset}, the keyset of this token.{has}",
        "Add a configuration with this keyset to the channel's user_verification, and apply; or sign for a keyset "
        "that the channel uses.",
    )


def check_configuration_active(resolution: Resolution, on_channel: Check) -> Check:
    """Check that the configuration and the verification on its channel are active."""
    if on_channel.status is not Status.OK:
        return skipped(CheckId.CONFIGURATION_ACTIVE, CheckId.KEYSET_ON_CHANNEL)
    found = resolution.configurations
    working = next(((on, each) for on, each in found if each.active and on.enabled), None)
    if working is not None:
        on, configuration = working
        return ok(CheckId.CONFIGURATION_ACTIVE, f"{configuration.name} is active on {on.name}, and verification is on.")
    unsaid = next((on for on, each in found if each.active and on.enabled is None), None)
    if unsaid is not None:
        return unknown(
            CheckId.CONFIGURATION_ACTIVE,
            f"{resolution.state.source} does not state whether user verification is on for {unsaid.name}.",
            _ASK,
        )
    off = next((on for on, each in found if each.active), None)
    if off is not None:
        return failed(
            CheckId.CONFIGURATION_ACTIVE,
            f"User verification is off on {off.name}: its clients never send a token.",
            "Apply, with `enabled: true` under its user_verification.",
        )
    on, configuration = found[0]
    return failed(
        CheckId.CONFIGURATION_ACTIVE,
        f"The configuration {configuration.name} on {on.name} is not active.",
        "Apply, with `active: true` on it in the declaration.",
    )


def check_endpoint(resolution: Resolution, kid: Check, iss_known: Check) -> Check:
    """Check that the endpoint of the token's keyset serves its kid."""
    if not resolution.relevant:
        return skipped(CheckId.ENDPOINT_SERVES_KID, iss_known.id)
    endpoints = [keyset for keyset in resolution.relevant if keyset.endpoint is not None]
    if not endpoints or (resolution.chosen and all(each.active is not None for each in resolution.chosen)):
        return ok(CheckId.ENDPOINT_SERVES_KID, "The keyset holds uploaded keys, so no endpoint is requested.")
    wanted = resolution.token.header_text("kid")
    if kid.status is not Status.OK or wanted is None:
        return skipped(CheckId.ENDPOINT_SERVES_KID, CheckId.KID)
    url = endpoints[0].endpoint or ""
    answer = resolution.state.served.get(url)
    if answer is None:
        return unknown(
            CheckId.ENDPOINT_SERVES_KID, f"{url} was not requested.", "Add --live: it also requests the endpoint."
        )
    if answer.problem is not None:
        fix = answer.fix or f"Run `provisioner diagnose endpoint {url}` for details."
        return (failed if answer.certain else unknown)(CheckId.ENDPOINT_SERVES_KID, answer.problem, fix)
    if any(jwk.kid == wanted for jwk in answer.keys):
        return ok(CheckId.ENDPOINT_SERVES_KID, f"{url} serves it now.")
    if wanted in answer.unusable:
        return failed(
            CheckId.ENDPOINT_SERVES_KID,
            f"{url} serves the kid {shown(wanted)}, but its key cannot be used: {answer.unusable[wanted]}",
            f"Correct its response; run `provisioner diagnose endpoint {url}` for details.",
        )
    kids = ", ".join(dict.fromkeys(shown(jwk.kid) for jwk in answer.keys[:10])) or "none is usable"
    return failed(
        CheckId.ENDPOINT_SERVES_KID,
        f"{url} does not serve the kid {shown(wanted)}. Its kids: {kids}.",
        "Publish the key there before you sign with it; Salesforce may cache an older answer for a while.",
    )
