"""The results of login commands, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioner.errors import ExitStatus
from provisioner.execution.outcome import Outcome


@dataclass(frozen=True, slots=True)
class LoginResult:
    """The result of an apply of logins. ``proven`` is None if there was nothing to prove.

    ``keys`` are consumer keys by the login's name; ``written`` is the file that got the environment's consumer key.
    """

    outcome: Outcome
    exit_status: ExitStatus
    keys: Mapping[str, str] = field(default_factory=dict)
    written: str | None = None
    todo: tuple[str, ...] = ()
    proven: bool | None = None
    attempts: int = 0
    seconds: float = 0.0
    problem: str | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True)
class LoginState:
    """A login as an org has it. ``login`` is a sentence about its proof, None if it was not tried."""

    name: str
    app: str
    in_org: bool
    differences: tuple[str, ...]
    certificate: str
    fingerprint: str | None
    expires: str | None
    user: str | None
    holders: tuple[str, ...]
    changed: str | None
    key: str
    works: bool | None = None
    problem: str | None = None

    @property
    def login(self) -> str | None:
        """Return the proof in words."""
        if self.works is None:
            return None
        return "works" if self.works else f"does not work: {self.problem}"


@dataclass(frozen=True, slots=True)
class LoginStatus:
    """The logins of an environment."""

    environment: str
    org_id: str
    instance_url: str
    logins: tuple[LoginState, ...]

    @property
    def is_good(self) -> bool:
        return all(not each.differences and each.works is not False for each in self.logins)

    @property
    def verdict(self) -> str:
        if any(each.differences for each in self.logins):
            return "The org differs from logins.yaml."
        if any(each.works is False for each in self.logins):
            return "The org is as declared, but a login does not work."
        return "The org is as declared."

    @property
    def next(self) -> str | None:
        """Return the next command."""
        if any(each.differences for each in self.logins):
            return f"provisioner login plan --env {self.environment}"
        if any(each.works is False for each in self.logins):
            return f"provisioner diagnose login --env {self.environment}"
        return None
