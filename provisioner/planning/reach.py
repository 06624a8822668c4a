"""Where customers are verified by a key or a keyset now: what a sentence about them may speak of."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.planning.world import World
from provisioner.words import enumerated

#: What is added where it is nowhere.
NOWHERE = "No channel uses it for verification now."


def where(world: World, channels: Sequence[str]) -> str | None:
    """The end of a sentence about what happens on ``channels``; None where it happens nowhere.

    What could not be read may use anything: then nowhere is never said.
    """
    here = f" on {enumerated(channels)}" if channels else None
    if world.usage_is_known:
        return here
    return f"{here}, and wherever else a channel uses it" if here else " wherever a channel uses it"


def where_key_verifies(world: World, key: str) -> str | None:
    """Where tokens verify by the key through any of its keysets, whether the key is active or not."""
    return where(world, world.before.verifying_by(world.before.keysets_of_key(key)))


def where_keyset_verifies(world: World, keyset: str) -> str | None:
    """Where tokens verify by the keyset."""
    return where(world, world.before.verifying_by([keyset]))
