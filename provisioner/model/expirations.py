"""The two token expirations of a channel, and the mode in which each of them is effective.

``verified`` takes effect while user verification is on, ``unverified`` while it is off. It is not proven that an org
keeps the other one: the known channel files of real orgs hold only the effective one (docs/unproven.md).
"""

from __future__ import annotations

from enum import StrEnum


class Expiration(StrEnum):
    """One of a channel's two token expirations, by its name in YAML."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"

    @property
    def path(self) -> tuple[str, str]:
        """Return the field's path within a channel in YAML."""
        return ("token_expiration_minutes", self.value)


def in_force(verification_on: bool) -> Expiration:
    """Return the expiration that takes effect while user verification is on, or while it is off."""
    return Expiration.VERIFIED if verification_on else Expiration.UNVERIFIED


def not_in_force(verification_on: bool) -> Expiration:
    """Return the other one: an org may keep it, drop it or change it without any sign."""
    return in_force(not verification_on)
