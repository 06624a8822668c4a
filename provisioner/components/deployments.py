"""Embedded Service deployments: what visitors load, and what of it is published. They are published, never edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PublicConfig:
    """The public configuration of a deployment, as it was last published.

    ``published`` is None if the chat host did not show it; then ``why`` is the reason. ``auth_mode`` is the mode that
    clients use, ``channel_address`` that of their channel.
    """

    published: bool | None
    auth_mode: str | None = None
    channel_address: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Deployments:
    """The ids of an org's deployments by name, the addresses of its channels, and the answers of the chat host."""

    ids: Mapping[str, str]
    addresses: Mapping[str, str]
    public: Mapping[str, PublicConfig]
