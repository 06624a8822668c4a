"""Checks of the token's keyset at its place of use: on the channel, and at the endpoint."""

from __future__ import annotations

from provisioner.jose.defects import shown
from provisioner.model.types import MetadataType
from provisioner.tokens.check import Check, CheckId, Status, failed, ok, skipped, unknown
from provisioner.tokens.key_selection import Resolution

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
            "Set `enabled: true` under its user_verification, and apply.",
        )
    on, configuration = found[0]
    return failed(
        CheckId.CONFIGURATION_ACTIVE,
        f"The configuration {configuration.name} on {on.name} is not active.",
        "Set `active: true` on it, and apply.",
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
