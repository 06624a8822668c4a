"""The values of a login's rotation: the declaration, the org, the environment, and the step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

#: A changed app is known everywhere after this time. Source: Salesforce Help, "Configure the External Client App OAuth
#: Settings" ("takes effect immediately and is distributed globally within 15 minutes").
PROPAGATION = timedelta(minutes=15)
#: The time between switching an earlier app off, which can be undone, and deleting it.
OFF_FOR = timedelta(days=1)
DEFAULT_SILENCE = timedelta(days=7)


class Way(StrEnum):
    """The two ways to rotate a certificate."""

    SECOND_APP = "second-app"
    IN_PLACE = "in-place"


class Side(StrEnum):
    """The side of a rotation that a certificate or half of a login belongs to. ``MIXED``: its two parts differ."""

    NEW = "new"
    OLD = "old"
    MIXED = "mixed"
    OTHER = "other"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class RotatingApp:
    """One side's app in the org. ``certificate`` is the side that the app's certificate belongs to.

    ``differences`` are the fields that differ from the declaration; ``changed`` is None if the org does not show it.
    """

    name: str
    label: str
    present: bool = False
    enabled: bool = True
    certificate: Side = Side.NONE
    differences: tuple[str, ...] = ()
    changed: datetime | None = None
    key_known: bool = True


@dataclass(frozen=True, slots=True)
class RotatingLogin:
    """A login in an org and an environment. ``old`` is None if nothing is declared to be replaced.

    ``uses`` and ``fallback`` are the sides of the two halves of the environment's login. ``has_key``: the new private
    key can be read. ``candidate``: a key was given that is not yet declared. ``unreadable`` are sentences.
    """

    login: str
    way: Way
    new: RotatingApp
    old: RotatingApp | None = None
    uses: Side = Side.NONE
    fallback: Side = Side.NONE
    has_key: bool = False
    candidate: bool = False
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """The login history about both apps. ``problem`` is why it cannot be read; then it proves nothing.

    ``old`` and ``new`` are the last logins through each app since ``since``; ``users`` those of the old one.
    """

    since: datetime
    old: datetime | None = None
    new: datetime | None = None
    users: tuple[str, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class LoginUse:
    """The evidence of one run. ``proven``: logins with the new half worked in this run; None if nobody tried.

    A person gives ``off_since`` and ``leaked`` (the earlier private key leaked, so the retirement does not wait).
    """

    proven: bool | None = None
    problem: str | None = None
    heard: Heard | None = None
    silence: timedelta = DEFAULT_SILENCE
    off_since: datetime | None = None
    leaked: bool = False


class StepKind(StrEnum):
    """The steps of both ways, in their order."""

    GENERATE = "generate"
    DECLARE = "declare"
    HOLD = "hold"
    DEPLOY = "deploy"
    PROVE = "prove"
    SWITCH = "switch"
    DISABLE = "disable"
    DELETE = "delete"
    RELEASE = "release"
    BLOCKED = "blocked"


#: The steps that end an app, which are those of ``login retire``.
RETIRING = frozenset((StepKind.DISABLE, StepKind.DELETE))


@dataclass(frozen=True, slots=True)
class LoginStepRefusal:
    """A reason against a step."""

    code: str
    sentence: str
    next: str


@dataclass(frozen=True, slots=True)
class LoginRotationStep:
    """The one next step. ``refused`` are the reasons against it; ``until`` is when one of them passes by itself."""

    kind: StepKind
    refused: tuple[LoginStepRefusal, ...] = ()
    until: datetime | None = None
