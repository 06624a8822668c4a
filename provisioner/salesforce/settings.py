"""The settings of a login."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from provisioner.jose.cures import UNNAMED, Input
from provisioner.secrets import Secret

#: Keys, keysets and the channels' verification exist in the Metadata API from this version on.
LOWEST_API_VERSION = "62.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """The settings that every kind of access has.

    ``api_version`` pins (``"67.0"``), else the newest that the org offers is used; ``timeout`` is in seconds, for one
    answer; ``environment`` is the environment's name, for the commands that messages recommend.
    """

    ca_bundle: Path | None = None
    api_version: str | None = None
    timeout: float | None = None
    environment: str = "NAME"


@dataclass(frozen=True, slots=True)
class LoginSettings(ConnectionSettings):
    """One environment's login by JWT.

    ``login_url`` and ``audience`` are https origins without a trailing slash. ``shown_username`` and ``shown_key`` name
    the two in messages: the reference if there is one, never its value; ``key_input`` is the shell expression that
    reads the key, for the commands in messages. ``fallback`` is the other half of a login while its certificate is
    rotated: both are tried in turn.
    """

    login_url: str
    audience: str
    username: str
    consumer_key: str
    private_key: Secret
    passphrase: Secret | None = None
    shown_username: str = ""
    shown_key: str = ""
    key_input: Input = UNNAMED
    fallback: LoginSettings | None = None

    @property
    def user(self) -> str:
        """Return the name of the user for messages."""
        return self.shown_username or self.username

    @property
    def diagnose(self) -> str:
        """Return the command that diagnoses a failing login."""
        return f"provisioner diagnose login --env {self.environment}"


@dataclass(frozen=True, slots=True)
class SfSettings(ConnectionSettings):
    """The session of the official Salesforce CLI for an org; ``alias`` is an alias or a username of the CLI.

    ``my_domain`` is the required origin of the session; None admits each of Salesforce's hosts.
    """

    alias: str
    my_domain: str | None = None

    @property
    def diagnose(self) -> str:
        """Return the command that shows the state of the session."""
        return f"sf org display --target-org {self.alias}"


@dataclass(frozen=True, slots=True)
class TokenSettings(ConnectionSettings):
    """An access token from the user. ``source`` is its name in messages; it cannot be renewed."""

    token: Secret
    instance_url: str
    source: str

    @property
    def diagnose(self) -> str:
        """Return the command that prints a new token."""
        return "sf org auth show-access-token --target-org ALIAS"


#: The settings of each kind of access to an org.
Access = LoginSettings | SfSettings | TokenSettings


def version_number(version: str) -> tuple[int, int]:
    """Return ``"67.0"`` as (67, 0), for comparison. Raises ValueError for anything else."""
    match = re.fullmatch(r"([0-9]{1,3})\.([0-9])", version)
    if match is None:
        raise ValueError(version)
    return int(match[1]), int(match[2])
