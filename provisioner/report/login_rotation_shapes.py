"""The result of a run of a login's rotation, as values."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.errors import ExitStatus
from provisioner.execution.outcome import Outcome
from provisioner.planning.login_rotation_state import Heard, LoginRotationStep, LoginStepRefusal, RotatingLogin
from provisioner.planning.login_rotation_words import Words


@dataclass(frozen=True, slots=True)
class LoginRotated:
    """A run of ``login rotate`` or ``login retire``. ``done`` are sentences about what this run did.

    ``proven`` is None if no login was tried; ``problem`` is why it did not work. ``refused`` is what stood in the way.
    """

    environment: str
    org_id: str
    view: RotatingLogin
    step: LoginRotationStep
    words: Words
    exit_status: ExitStatus
    done: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    refused: tuple[LoginStepRefusal, ...] = ()
    proven: bool | None = None
    problem: str | None = None
    heard: Heard | None = None
