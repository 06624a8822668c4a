"""The proof of a channel that an apply has just activated, if the environment has the settings."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from provisioner.errors import ExitStatus, InputError, ProvisionerError, UsageError
from provisioner.execution.activation import Proof, Prove
from provisioner.workflows.console import Console
from provisioner.workflows.prepare import Prepared

if TYPE_CHECKING:
    from provisioner.model.environment import Environment

#: Seconds before each attempt: how soon the chat runtime knows of an activation is not documented.
WAITS = (0.0, 5.0, 20.0)


def activation_proof(console: Console, prepared: Prepared) -> Prove:
    """Return a proof by the settings under ``verify:``. A channel without settings gets a note instead of a proof."""

    def prove(channel: str) -> Proof:
        if not _can_prove(prepared.environment, channel):
            return Proof(note=_not_proven(console, prepared.environment, channel))
        failure: tuple[str, str] | None = None
        try:
            for seconds in WAITS:
                time.sleep(seconds)
                failure = _failure(console, prepared, channel)
                if failure is None:
                    return Proof(note=f"A token verified on {channel}, and one with a broken signature did not.")
        except (InputError, UsageError) as error:  # no wait corrects a key or a setting
            failure = error.message, error.next
        return Proof(failure)

    return prove


def _can_prove(environment: Environment, channel: str) -> bool:
    target = environment.verify.get(channel)
    return target is not None and target.deployment is not None and target.key_file is not None


def _not_proven(console: Console, environment: Environment, channel: str) -> str:
    verify = f"provisioner verify --env {environment.name} --channel {channel}"
    return (
        f"Not proven: whether tokens verify on {channel}. With `deployment` and `key_file` for it under `verify:` in "
        f"{environment.file}, an apply proves it; `{verify} --deployment NAME --key-file FILE` does so now."
    )


def _failure(console: Console, prepared: Prepared, channel: str) -> tuple[str, str] | None:
    """Return why the proof failed and what to do; None if the channel verifies. Raises InputError, UsageError."""
    from provisioner.workflows.verify import VerifyRequest, verify  # the chat runtime's client

    try:
        proof, probed = verify(console, prepared, VerifyRequest(channel=channel))
    except (InputError, UsageError):
        raise
    except ProvisionerError as error:
        if error.exit_status is ExitStatus.INTERRUPTED:
            raise
        return error.message, error.next
    if proof.verified:
        return None
    environment = f"--env {prepared.environment.name}"
    diagnose = f"provisioner diagnose chat {environment} --channel {channel} --deployment {probed.deployment}"
    remedy = f"Find out why with `{diagnose}`, and run the command again."
    return f"the deployment {probed.deployment} did not verify a token.", remedy
