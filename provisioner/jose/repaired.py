"""What a repair is made from, and what came of it."""

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
class Change:
    """What was done to a member (or to the file, None), as the rest of a sentence that begins with its kind."""

    kind: ChangeKind
    member: str | None
    what: str


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why there is no repair, what to do, and the option that would help, if one would."""

    problem: str
    fix: str
    option: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What the person says beside the file. ``certificate_path`` names the certificate in sentences."""

    kid: str | None = None
    algorithm: str | None = None
    certificate: Certificate | None = None
    certificate_path: str = ""


@dataclass(frozen=True, slots=True)
class Repair:
    """``jwk`` is None where there are obstacles."""

    jwk: Jwk | None
    changes: tuple[Change, ...]
    obstacles: tuple[Obstacle, ...]

    @property
    def text(self) -> str:
        """The file's text; only where there is a ``jwk``."""
        assert self.jwk is not None
        return json.dumps(self.jwk.members(), indent=2, ensure_ascii=False) + "\n"
