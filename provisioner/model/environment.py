"""One environment file: the access to an org, and the values that differ there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provisioner.model.places import Places
from provisioner.secrets import Reference

#: A field with a plain value or a reference; secrets are always references.
Value = str | Reference


@dataclass(frozen=True, slots=True)
class Fallback:
    """The second half of a login by JWT, tried if the org refuses the first.

    Without a consumer key, it has that of the first.
    """

    consumer_key: Value | None
    private_key: Reference | None
    private_key_passphrase: Reference | None = None


@dataclass(frozen=True, slots=True)
class Login:
    """JWT bearer login. A missing or ill-shaped field is None."""

    login_url: str | None
    audience: str | None
    username: Value | None
    consumer_key: Value | None
    private_key: Reference | None
    private_key_passphrase: Reference | None
    fallback: Fallback | None = None


@dataclass(frozen=True, slots=True)
class App:
    """The app of the login; ``type`` is ``connected`` or ``external``."""

    name: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class VerifyTarget:
    """The settings of ``verify`` for a channel."""

    deployment: str | None
    key_file: Reference | None


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment by name.

    A valid file has either the fields of a login by JWT, or ``embedded_org``, or ``sf_org``: an org's alias in the
    official CLI, which provides the session. With ``sf_org``, ``login`` holds at most the login URL. ``ca_bundle`` and
    ``embedded_org`` are absolute; ``${file:}`` paths are relative to ``folder``.
    """

    name: str
    file: str
    folder: Path
    login: Login | None = None
    embedded_org: Path | None = None
    sf_org: str | None = None
    app: App = App()
    org_id: str | None = None
    production: bool = False
    ca_bundle: Path | None = None
    api_version: str | None = None
    chat_url: str | None = None
    verify: Mapping[str, VerifyTarget] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    places: Places = field(default_factory=Places, compare=False)

    @property
    def login_url(self) -> str | None:
        """Return the login URL of the file, if it has one."""
        return self.login.login_url if self.login is not None else None
