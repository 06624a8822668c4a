"""Proving that tokens verify, for whoever needs the proof: ``verify``, and ``promote --verify``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.cli.chat import chat_settings, the_channel, the_deployment
from provisioner.cli.context import Context
from provisioner.cli.prepare import Prepared
from provisioner.cli.probe_token import Choice, ProbeToken, given_token, minted_token, probe_of, read_text
from provisioner.errors import InputError, UsageError
from provisioner.model.reference_values import described, resolve
from provisioner.secrets import Secret, redactor

if TYPE_CHECKING:
    from provisioner.diagnosis.chat_proof_words import Probed
    from provisioner.org.chat_proof import Proof


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person said; None where the environment's ``verify:``, the declaration or the deployment decides.

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


def verify(context: Context, prepared: Prepared, asked: Asked) -> tuple[Proof, Probed]:
    """The proof, and what it is about. Raises where nothing could be sent: :class:`UsageError`, InputError, …"""
    from provisioner.diagnosis.chat_proof_words import Probed
    from provisioner.org.chat import ChatRuntime, Endpoint
    from provisioner.org.chat_proof import expected_subject, prove
    from provisioner.tokens.minting import with_broken_signature

    environment = prepared.environment
    channel = the_channel(environment, asked.channel)
    deployment = the_deployment(environment, channel, asked.deployment)
    if deployment is None:
        raise UsageError(
            "No deployment was named.",
            next="Give --deployment with its API name (Setup > Embedded Service Deployments), or write it under "
            f"`verify:` in {environment.file}.",
        )
    probe = _token(context, prepared, channel, asked)
    try:
        broken = with_broken_signature(probe.token)
    except ValueError:
        raise InputError(
            "The given token's signature cannot be read.", next="Give a whole, signed token.", code="not-a-token"
        ) from None
    redactor.keep(broken.reveal())
    with chat_settings(context, environment, deployment) as settings:
        runtime = ChatRuntime(settings)
        context.stderr(f"Asking {settings.host.origin} about {deployment}.")
        expected = expected_subject(probe.configuration, probe.subject)
        endpoint = Endpoint(asked.endpoint) if asked.endpoint is not None else None
        proof = prove(runtime, probe.token, broken, expected=expected, endpoint=endpoint)
    return proof, Probed(
        environment.name, channel, deployment, probe.configuration, settings.host.origin, probe.signed_by
    )


def _token(context: Context, prepared: Prepared, channel: str, asked: Asked) -> ProbeToken:
    choice = Choice(channel, asked.configuration, asked.key, asked.kid)
    if asked.text is not None:
        return probe_of(prepared, choice, asked.text)
    if asked.token is not None:
        return given_token(prepared, choice, asked.token)
    key, shown = _private_key(context, prepared, channel, asked)
    return minted_token(context, prepared, choice, key, shown)


def _private_key(context: Context, prepared: Prepared, channel: str, asked: Asked) -> tuple[Secret, str]:
    """The private key that signs the probe, and what messages call it."""
    environment = prepared.environment
    if asked.key_file is not None:
        text = read_text(asked.key_file, "--key-file")
        redactor.keep(text)
        return Secret(text), str(asked.key_file)
    target = environment.verify.get(channel)
    if target is None or target.key_file is None:
        raise UsageError(
            "There is nothing to sign a token with, and no token.",
            next="Give --key-file FILE with the private key that signs the customers' tokens (it stays here), or "
            f"--token FILE, or write `key_file` under `verify:` in {environment.file}.",
        )
    path = ("verify", channel, "key_file")
    secret = resolve(context.resolver(environment.folder), environment, *path)
    return secret, f"{target.key_file} for {described(environment, *path)}"
