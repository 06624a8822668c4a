"""The proof that tokens verify, for ``verify``, ``promote --verify`` and rotations."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.diagnosis.chat.proof_words import Probed
from provisioner.errors import ExitStatus, InputError, ProvisionerError, UsageError
from provisioner.jose.cures import Input
from provisioner.model.environment import Environment
from provisioner.model.reference_values import described, resolve
from provisioner.names import hint
from provisioner.salesforce.chat import ChatRuntime, TokenEndpoint
from provisioner.salesforce.chat_proof import expected_subject, prove
from provisioner.secrets import Secret, redactor
from provisioner.tokens.minting import with_broken_signature
from provisioner.words import enumerated
from provisioner.workflows.chat_settings import (
    channel_address,
    chat_settings,
    deployment_names,
    select_channel,
    select_deployment,
)
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.key_material import input_of, passphrase_in, read_key, say_repairs
from provisioner.workflows.prepare import Prepared, prepare
from provisioner.workflows.proof_token import (
    Choice,
    ProbeToken,
    SigningKey,
    code_of_unreadable,
    minted_token,
    probe_of,
    read_token,
)

if TYPE_CHECKING:
    from provisioner.diagnosis.chat.proof_words import Probed
    from provisioner.salesforce.chat_proof import Proof


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """The options of a proof; None if the environment's ``verify:``, the declaration or the deployment decides.

    ``token`` is a path or ``-``, ``text`` a token that was read already; ``endpoint`` is ``v1``, ``v2`` or None.
    """

    channel: str | None = None
    deployment: str | None = None
    key_file: Path | None = None
    token: str | None = None
    key: str | None = None
    kid: str | None = None
    configuration: str | None = None
    endpoint: str | None = None
    text: Secret | None = None
    passphrase_variable: str | None = None


NOTHING_ASKED = VerifyRequest()

#: A proof and its subject, or the error before anything was sent.
Tried = tuple["Proof", "Probed"] | ProvisionerError
#: Failures that the org may explain better than the chat runtime.
_ASK_THE_ORG = ("token-refused", "guest")


def verify_asked(console: Console, environment: str, asked: VerifyRequest) -> list[tuple[str, Tried]]:
    """Return the proof of each channel that was asked for, in order. Of one channel alone, an error is raised."""
    prepared = prepare(console, environment)
    names = channels_to_verify(prepared.environment, asked)
    if len(names) == 1:
        return [(names[0], verify(console, prepared, replace(asked, channel=names[0])))]
    left = [name for name in verifying_channels(prepared) if name not in names]
    if left:
        console.say(f"Not proven: {enumerated(left)}, not under `verify:` in {prepared.environment.file}.")
    return verify_all(console, prepared, names, asked)


def channels_to_verify(environment: Environment, asked: VerifyRequest) -> list[str]:
    """Return the named channel, else every channel under the environment's ``verify:``. Raises UsageError."""
    if asked.channel is not None or len(environment.verify) < 2:
        return [select_channel(environment, asked.channel)]
    alone = {"--deployment": asked.deployment, "--token": asked.token, "--configuration": asked.configuration}
    for option, given in alone.items():
        if given is not None:
            raise UsageError(
                f"{option} applies to one channel, but {environment.file} has several under `verify:`.",
                next=f"Give --channel with one of: {', '.join(environment.verify)}.",
            )
    return list(environment.verify)


def verifying_channels(prepared: Prepared) -> list[str]:
    """Return the declared channels that verify customers."""
    return [name for name, channel in prepared.loaded.estate.channels.items() if channel.enabled]


def verify_all(
    console: Console, prepared: Prepared, names: Sequence[str], asked: VerifyRequest = NOTHING_ASKED
) -> list[tuple[str, Tried]]:
    """Return a proof for each channel, in order; an error of one channel does not stop the others."""
    results: list[tuple[str, Tried]] = []
    for name in names:
        try:
            results.append((name, verify(console, prepared, replace(asked, channel=name))))
        except ProvisionerError as error:
            if error.exit_status is ExitStatus.INTERRUPTED:
                raise
            results.append((name, error))
    return results


def verify(console: Console, prepared: Prepared, asked: VerifyRequest) -> tuple[Proof, Probed]:
    """Return the proof and its subject. Raises if nothing could be sent: :class:`UsageError`, InputError, …"""
    environment = prepared.environment
    channel = select_channel(environment, asked.channel)
    deployment = select_deployment(environment, channel, asked.deployment)
    if deployment is None:
        known = {*environment.verify, *prepared.loaded.estate.channels}
        raise UsageError(
            f"No deployment was named for {channel}.{hint(channel, known) if channel not in known else ''}",
            next="Give --deployment with its API name (Setup > Embedded Service Deployments), or write it under "
            f"`verify:` in {environment.file}.",
        )
    probe = _token(console, prepared, channel, asked)
    try:
        broken = with_broken_signature(probe.token)
    except ValueError:
        raise InputError(
            "The given token's signature cannot be read.", next="Give a complete, signed token.", code="not-a-token"
        ) from None
    redactor.keep(broken.reveal())
    with chat_settings(console, environment, deployment) as settings:
        runtime = ChatRuntime(settings)
        console.say(f"Asking {settings.host.origin} about {deployment}.")
        expected = expected_subject(probe.configuration, probe.subject)
        endpoint = TokenEndpoint(asked.endpoint) if asked.endpoint is not None else None
        proof = prove(runtime, probe.token, broken, expected=expected, endpoint=endpoint)
        probed = Probed(
            environment.name,
            channel,
            deployment,
            probe.configuration,
            settings.host.origin,
            probe.signed_by,
            _token_file(asked),
        )
        if proof.why in _ASK_THE_ORG:
            probed = _with_names_of_org(console, prepared, probed)
    return proof, probed


def _token_file(asked: VerifyRequest) -> str | None:
    """Return the file of the given token as a command names it; FILE: it has none; None: no token was given."""
    if asked.token in (None, "-"):
        return "FILE" if asked.token or asked.text is not None else None
    return shlex.quote(str(asked.token))


def _with_names_of_org(console: Console, prepared: Prepared, probed: Probed) -> Probed:
    """Return ``probed`` with the org's deployments and channel address; unchanged if the org cannot be read."""
    try:
        with connected(console, prepared.environment) as org:
            return replace(probed, deployments=deployment_names(org), address=channel_address(org, probed.channel))
    except ProvisionerError as error:
        if error.exit_status is ExitStatus.INTERRUPTED:
            raise
        console.say(f"Note: The deployments of the org could not be listed: {error.message}")
        return probed


def _token(console: Console, prepared: Prepared, channel: str, asked: VerifyRequest) -> ProbeToken:
    choice = Choice(channel, asked.configuration, asked.key, asked.kid)
    text = read_token(asked.token) if asked.token is not None else asked.text
    if text is not None:
        return probe_of(prepared, choice, text)
    material = _private_key(console, prepared, channel, asked)
    say_repairs(console, material.key, f"The private key {material.shown}")
    return minted_token(console, prepared, choice, material)


def _private_key(console: Console, prepared: Prepared, channel: str, asked: VerifyRequest) -> SigningKey:
    """Return the private key that signs the token."""
    environment = prepared.environment
    passphrase = passphrase_in(asked.passphrase_variable)
    if asked.key_file is not None:
        path = str(asked.key_file)
        with code_of_unreadable():
            key = read_key(path)
        return SigningKey(key, path, Input.of_file(path), passphrase)
    target = environment.verify.get(channel)
    if target is None or target.key_file is None:
        raise UsageError(
            "There is no token, and no private key to sign one with.",
            next="Give --key-file FILE with the private key that signs the customers' tokens (it stays here), or "
            f"--token FILE, or write `key_file` under `verify:` in {environment.file}.",
        )
    place = ("verify", channel, "key_file")
    secret = resolve(console.resolver(environment.folder), environment, *place)
    called = f"{target.key_file} for {described(environment, *place)}"
    return SigningKey(secret, called, input_of(target.key_file, environment.folder), passphrase)
