"""``keys rotate``: its options, checked together, and the choice of a rotation, a revocation or a look."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from provisioner.errors import ExitStatus, UsageError
from provisioner.jose.rotation_state import Choice
from provisioner.jose.rotation_words import Invocation
from provisioner.model.types import MetadataType
from provisioner.report.rotation import Revoked, Rotated
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.declared_keyset import declared_keyset, external_keys, refuse_external
from provisioner.workflows.endpoints import given_endpoint_options
from provisioner.workflows.prepare import Prepared, prepare
from provisioner.workflows.rotation.evidence import GivenToken, ProofSources, given_token
from provisioner.workflows.rotation.revoke import Revocation
from provisioner.workflows.rotation.rotate import Rotation, RotationRequest, rotation_states
from provisioner.workflows.rotation.view import find_keyset


@dataclass(frozen=True, slots=True)
class RotationOptions:
    """The options of ``keys rotate``; None for one that was not given. ``now`` is when the command began.

    ``token`` is a file or ``-``; ``confirm`` are names that repeat what a revocation is about. Raises
    :class:`UsageError` for options that exclude each other.
    """

    now: datetime
    keyset: str | None = None
    status: bool = False
    yes: bool = False
    new: str | None = None
    old: str | None = None
    key_file: Path | None = None
    token: str | None = None
    passphrase_variable: str | None = None
    channel: str | None = None
    deployment: str | None = None
    retire: bool = False
    switched_at: datetime | None = None
    token_life: timedelta | None = None
    shared: bool = False
    revoke: str | None = None
    confirm: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._refuse_excluded()
        if self.keyset is None and not self.status:
            raise UsageError("No keyset was named.", next="Name one: `provisioner keys rotate --status` lists them.")
        if self.channel is not None and self.deployment is None:
            raise UsageError("--channel needs --deployment, and none was given.", next="Give --deployment.")
        if self.switched_at is not None and self.switched_at > self.now:
            raise UsageError("--switched-at is in the future.", next="Give the time when the last signer switched.")

    def _refuse_excluded(self) -> None:
        given = {
            "--new": self.new,
            "--old": self.old,
            "--key-file": self.key_file,
            "--passphrase-env": self.passphrase_variable,
            "--token": self.token,
            "--channel": self.channel,
            "--deployment": self.deployment,
            "--retire": self.retire,
            "--switched-at": self.switched_at,
            "--token-life": self.token_life,
            "--shared": self.shared,
            "--revoke": self.revoke,
            "--confirm": self.confirm,
            "--yes": self.yes,
        }
        if self.status:
            excluded, why = [*given], "--status, which only reads"
        elif self.revoke is not None:
            excluded = [option for option in given if option not in ("--revoke", "--confirm", "--yes")]
            why = "--revoke"
        else:
            excluded, why = ["--confirm"], "a rotation, because it confirms a --revoke"
        wrong = [option for option in excluded if given[option]]
        if wrong:
            raise UsageError(f"{wrong[0]} cannot be combined with {why}.", next=f"Omit {wrong[0]}.")


@dataclass(frozen=True, slots=True)
class KeysetStates:
    """The state of the rotation of each keyset of an environment."""

    environment: str
    keysets: list[Rotated]

    @property
    def exit_status(self) -> ExitStatus:
        return ExitStatus.REFUSED if any(each.view.unreadable for each in self.keysets) else ExitStatus.DONE


def rotate(console: Console, options: RotationOptions) -> Rotated | Revoked | KeysetStates:
    """Do the next step of the rotation, revoke a key, or read the state, and return the result."""
    environment = console.one_environment()
    token = given_token(options.token) if options.token is not None else None  # read once, because stdin can be
    prepared = prepare(console, environment)
    typed = Invocation(environment, given_endpoint_options(console.given))
    if options.status:
        return _states(console, prepared, options.keyset, typed)
    assert options.keyset is not None  # checked at construction
    if options.revoke is not None:
        return _revoke(console, prepared, options.keyset, options.revoke, options.confirm, typed)
    return _rotate(console, prepared, options.keyset, options, token, typed)


def _rotate(
    console: Console,
    prepared: Prepared,
    keyset: str,
    options: RotationOptions,
    token: GivenToken | None,
    typed: Invocation,
) -> Rotated:
    find_keyset(prepared, keyset)
    deployments: dict[str, str] = {}
    if options.deployment is not None:
        channel = options.channel or _only_channel(prepared, keyset)
        deployments[channel] = options.deployment
        typed = replace(
            typed, where=f" --channel {shlex.quote(channel)} --deployment {shlex.quote(options.deployment)}"
        )
    wanted = RotationRequest(
        keyset=keyset,
        choice=Choice(options.new, options.old),
        sources=ProofSources(options.key_file, token, deployments, options.passphrase_variable),
        retire=options.retire,
        shared=options.shared,
        switched_at=options.switched_at,
        token_life=options.token_life,
    )
    with connected(console, prepared.environment) as org:
        return Rotation.begin(console, prepared, org, wanted, typed).run()


def _states(console: Console, prepared: Prepared, keyset: str | None, typed: Invocation) -> KeysetStates:
    estate = prepared.loaded.estate
    if keyset is not None:
        names = [find_keyset(prepared, keyset).name]
    else:
        names = [name for name, each in estate.keysets.items() if not external_keys(estate, each)]
        for name in (each for each in estate.keysets if each not in names):
            console.say(f"Left out: keyset.{name}, because it holds an external key.")
    with connected(console, prepared.environment) as org:
        return KeysetStates(prepared.environment.name, rotation_states(console, prepared, org, names, typed))


def _revoke(
    console: Console, prepared: Prepared, keyset: str, key: str, confirmed: tuple[str, ...], typed: Invocation
) -> Revoked:
    # A leaked key of ours is revoked even if its keyset also holds an external key: nothing else is sent.
    declared = declared_keyset(prepared.loaded.estate, keyset)
    refuse_external(prepared.loaded.estate, MetadataType.KEY, key)
    with connected(console, prepared.environment) as org:
        return Revocation(console, prepared, org, declared, key, confirmed, typed).run()


def _only_channel(prepared: Prepared, keyset: str) -> str:
    """Return the one declared channel that uses the keyset. Raises :class:`UsageError` if it is not one."""
    found = [
        name
        for name, channel in prepared.loaded.estate.channels.items()
        if any(each.keyset == keyset for each in (channel.configurations or {}).values())
    ]
    if len(found) != 1:
        which = ", ".join(found) or "none is declared"
        raise UsageError(
            f"--deployment needs --channel. Channels that use keyset.{keyset}: {which}.",
            next="Give both --channel and --deployment.",
        )
    return found[0]
