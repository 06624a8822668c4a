"""The input and the result of a repair."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from provisioner.jose.certificates import Certificate
from provisioner.model.jwk import Jwk


class ChangeKind(StrEnum):
    DROPPED = "dropped"
    FILLED_IN = "filled-in"
    RE_ENCODED = "re-encoded"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class RepairStep:
    """A step of the repair at a member (None: at the file), as the rest of a sentence that begins with its kind."""

    kind: ChangeKind
    member: str | None
    what: str


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A reason for no repair, the next step, and the option that would help, if there is one."""

    problem: str
    fix: str
    option: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """The options of the person. ``certificate_path`` names the certificate in sentences."""

    kid: str | None = None
    algorithm: str | None = None
    certificate: Certificate | None = None
    certificate_path: str = ""


@dataclass(frozen=True, slots=True)
class Repair:
    """The result of a repair. ``jwk`` is None if there are obstacles."""

    jwk: Jwk | None
    changes: tuple[RepairStep, ...]
    obstacles: tuple[Obstacle, ...]

    @property
    def text(self) -> str:
        """Return the file's text. ``jwk`` must not be None."""
        assert self.jwk is not None
        return json.dumps(self.jwk.members(), indent=2, ensure_ascii=False) + "\n"
