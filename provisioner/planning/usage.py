"""The end of a sentence about a key or a keyset: the channels that use it to verify customers now."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.planning.plan_input import PlanInput
from provisioner.words import enumerated

#: The sentence for a key or keyset that no channel uses.
NO_CHANNEL_VERIFIES = "No channel uses it for verification now."


def verifying_channels_phrase(inputs: PlanInput, channels: Sequence[str]) -> str | None:
    """Return the end of a sentence about what happens on ``channels``; None if nothing happens anywhere.

    A channel that could not be read may use anything: then the answer is never None.
    """
    here = f" on {enumerated(channels)}" if channels else None
    if inputs.usage_is_known:
        return here
    return f"{here}, and wherever else a channel uses it" if here else " wherever a channel uses it"


def channels_of_key_phrase(inputs: PlanInput, key: str) -> str | None:
    """Return where tokens verify by the key through any of its keysets, whether the key is active or not."""
    return verifying_channels_phrase(inputs, inputs.before.verifying_by(inputs.before.keysets_of_key(key)))


def channels_of_keyset_phrase(inputs: PlanInput, keyset: str) -> str | None:
    """Return where tokens verify by the keyset."""
    return verifying_channels_phrase(inputs, inputs.before.verifying_by([keyset]))
