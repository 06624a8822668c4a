"""The result of a proof at the chat runtime, in sentences: its meaning and the next steps."""

from __future__ import annotations

from dataclasses import dataclass, replace

from provisioner.diagnosis.catalogue import filled
from provisioner.diagnosis.chat.answers import (
    AUTH,
    config_cause,
    other_channel,
    other_deployments,
    other_mode_cause,
    said,
)
from provisioner.diagnosis.chat.causes import CAUSES, placeholders
from provisioner.diagnosis.chat.texts import meaning_of
from provisioner.model.names import environment_option
from provisioner.salesforce.chat import TokenEndpoint
from provisioner.salesforce.chat_answers import Kind
from provisioner.salesforce.chat_proof import Proof, Why


@dataclass(frozen=True, slots=True)
class Probed:
    """The subject of a proof, for the sentences. ``signed_by`` names the key.

    ``token`` is the file of a token that was given (FILE: another input), None if the token was made for the proof.
    ``deployments`` (of the org) and ``address`` (the channel's ChannelAddressIdentifier) are read only after a proof
    failed. They are empty if the org did not return them.
    """

    environment: str
    channel: str
    deployment: str
    configuration: str
    chat_url: str
    signed_by: str
    token: str | None = None
    deployments: tuple[str, ...] = ()
    address: str | None = None


@dataclass(frozen=True, slots=True)
class ProofWords:
    """The texts for a proof.

    ``verdict`` is one sentence, ``meaning`` explains it, ``next`` lists steps, ``notes`` adds facts.
    """

    verdict: str
    meaning: str
    next: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _SeenCause:
    """A cause of the catalogue, the evidence for it, and the thing that its texts name."""

    cause: str
    seen: str = ""
    thing: str = ""


#: A smaller difference between clocks does no harm.
_CLOCK_SECONDS = 30.0


def words_of(proof: Proof, probed: Probed) -> ProofWords:
    """Return the sentences for a proof."""
    return replace(_OF[proof.why](proof, probed), notes=tuple(_notes(proof)))


def _say(verdict: str, meaning: str, *steps: str) -> ProofWords:
    return ProofWords(verdict, meaning, steps)


def _plan(probed: Probed) -> str:
    return f"provisioner plan {environment_option(probed.environment)}"


def _diagnose(probed: Probed) -> str:
    return (
        f"provisioner diagnose chat {environment_option(probed.environment)} --channel {probed.channel} "
        f"--deployment {probed.deployment}"
    )


def _explain(probed: Probed) -> tuple[str, ...]:
    """Return the step that checks a given token against the org, part by part."""
    if probed.token is None:
        return ()
    environment = environment_option(probed.environment)
    command = f"provisioner token explain {probed.token} {environment} --channel {probed.channel} --live"
    return (f"Check each part of the token against the org: {command}",)


def _verified(proof: Proof, probed: Probed) -> ProofWords:
    return _say(
        f"Verified: on {probed.channel}, customers with a token of {probed.signed_by} are not guests.",
        f"The token was exchanged at {proof.endpoint or TokenEndpoint.V1}, its subject is exactly the expected one, "
        "and the same token with a broken signature was refused.",
    )


def _refused(proof: Proof, probed: Probed) -> ProofWords:
    verdict = f"Not verified: the chat runtime refused the token ({said(proof.answer)})."
    known = meaning_of(proof.answer.words)
    if known is not None and known.cause == "wrong-endpoint":
        step = "Omit --endpoint: then the deployment's type decides."
        return _say(verdict, f"That means: {known.meaning} ({known.grade}).", step)
    if known is not None and known.cause == "token-expired" and probed.token is None and (clock := _clock(proof)):
        return _say(
            verdict,
            f"The token was made for this proof, and the clocks differ: {clock}",
            "Set the clock of this machine, and run the command again.",
            "Compare the clock of the server that signs the customers' tokens, too.",
        )
    if known is not None:
        return _of_cause(verdict, _SeenCause(known.cause), probed)
    if (found := _seen_cause(proof, probed)) is not None:
        return _of_cause(verdict, found, probed)
    return _say(
        verdict,
        "Salesforce does not document this message, so its cause is not known.",
        *_explain(probed),
        f"Compare the org with the declaration: {_plan(probed)}",
        f"Find out why: {_diagnose(probed)}",
    )


def _seen_cause(proof: Proof, probed: Probed) -> _SeenCause | None:
    """Return the cause that the public configuration shows; None if it shows none."""
    config = proof.config
    if (found := config_cause(config)) is not None:
        cause, _ = found
        seen = f"The public configuration: {said(config)}."
        if cause == "deployment-not-found":
            if probed.deployment in probed.deployments:  # the org has it and hides its configuration
                return None
            seen += other_deployments(probed.deployment, probed.deployments)
        return _SeenCause(cause, seen)
    elsewhere = other_channel(config, probed.deployment, probed.channel, probed.address)
    if elsewhere is not None:
        return _SeenCause("deployment-on-another-channel", elsewhere)
    if config.auth_mode not in (None, AUTH):
        cause = other_mode_cause(config.auth_mode) or "verification-off"
        return _SeenCause(cause, f"authMode at the runtime is {config.auth_mode}.", config.auth_mode)
    return None


def _of_cause(verdict: str, found: _SeenCause, probed: Probed) -> ProofWords:
    """Return the meaning and the steps of a cause that `diagnose chat` also knows."""
    known = CAUSES[found.cause]
    values = placeholders(probed.environment, probed.channel, probed.deployment, probed.chat_url, found.thing)
    if probed.token is not None:
        values["explain FILE"] = f"explain {probed.token}"
    steps = [filled(step, values) for step in known.fix]
    if known.wait is not None:
        steps.append(f"Wait {known.wait}, and run the command again.")
    meaning = f"{found.cause}: {filled(known.meaning, values)}" + (f" Seen: {found.seen}" if found.seen else "")
    return _say(verdict, meaning, *steps, f"Find out more: {_diagnose(probed)}")


def _guest(proof: Proof, probed: Probed) -> ProofWords:
    verdict = f"Not verified: the customer is a guest ({proof.subject})."
    if (found := _seen_cause(proof, probed)) is not None:
        return _of_cause(verdict, found, probed)
    return _say(
        verdict,
        "The chat runtime answered with success, but identified no customer by the token: the org has another key, "
        "issuer or kid, or verification is off there.",
        *_explain(probed),
        f"See where the org differs: {_plan(probed)}",
        f"Find out why: {_diagnose(probed)}",
    )


def _other_subject(proof: Proof, probed: Probed) -> ProofWords:
    return _say(
        f"Not verified: the customer is {' and '.join(proof.answer.subjects)}, not {proof.expected}.",
        "Another configuration than the expected one verified the token, or the runtime names the customer "
        "differently. The conversations would belong to the key of another customer.",
        f"Check the Configuration Names of {probed.channel}: {_plan(probed)}",
        "If another configuration is meant, name it with --configuration.",
    )


def _any_signature(proof: Proof, probed: Probed) -> ProofWords:
    return _say(
        "Not verified: the same token with a broken signature was accepted as well.",
        f"Everyone can impersonate any customer on {probed.channel}.",
        f"Switch the channel off until this is settled: Setup > Messaging Settings > {probed.channel}.",
        "Report it to Salesforce as a security matter, with the requests below.",
    )


def _uncontrolled(proof: Proof, probed: Probed) -> ProofWords:
    control = next((each.answer for each in reversed(proof.sent) if "control" in each.purpose), proof.answer)
    return _say(
        f"Not verified: the negative control had no clear answer ({said(control)}).",
        "The token itself identified the right customer; it is not known whether a broken one would be refused.",
        "Run the command again in a minute.",
    )


def _busy(proof: Proof, probed: Probed) -> ProofWords:
    return _say(
        f"Not verified: the org issues no more access tokens at the moment ({said(proof.answer)}).",
        "One org issues at most 200 in a minute, customers included. A page that repeats the request immediately for "
        "every refused token uses them up.",
        "Run the command again in two minutes; if it stays so, look for such a page (docs/client.md).",
    )


def _out_of_reach(proof: Proof, probed: Probed) -> ProofWords:
    silent = proof.answer.kind is Kind.SILENT
    seen = proof.answer.words if silent else f"{probed.chat_url} answered with {said(proof.answer)}."
    return _say(
        f"Not verified: the chat host gave no answer that could be understood: {seen}",
        "Nothing is known about the tokens: no exchange took place.",
        f"Check that {probed.chat_url} is the org's chat host (chat_url in the environment file; by default it is "
        "derived from My Domain), and the network between here and it.",
        "Run the command again in a minute; https://status.salesforce.com shows incidents.",
    )


_OF = {
    Why.VERIFIED: _verified,
    Why.REFUSED: _refused,
    Why.GUEST: _guest,
    Why.OTHER_SUBJECT: _other_subject,
    Why.ANY_SIGNATURE: _any_signature,
    Why.UNCONTROLLED: _uncontrolled,
    Why.BUSY: _busy,
    Why.OUT_OF_REACH: _out_of_reach,
}


def _notes(proof: Proof) -> list[str]:
    notes = []
    if proof.revoked is False:
        notes.append(
            "The access token could not be revoked. It belongs to a throw-away subject and expires by itself after the "
            "channel's expiration for verified users."
        )
    mode = proof.config.auth_mode
    if mode == "UnAuth" and proof.verified:
        notes.append(
            "The public configuration says that verification is off (UnAuth), so the web client uses no tokens: "
            "publish the deployment again, and reload the page without its cache."
        )
    elif mode not in (None, AUTH) and proof.verified:
        notes.append(
            f"The public configuration has the mode {mode}, and the web client takes identity tokens only in the mode "
            f"{AUTH}: change the channel's user verification to tokens, and publish the deployment again."
        )
    elif proof.config.kind is Kind.REFUSED:
        notes.append(f"The public configuration was refused: {said(proof.config)}")
    if clock := _clock(proof):
        notes.append(clock)
    return notes


def _clock(proof: Proof) -> str:
    """Return the difference between the clocks, if it does harm; else an empty text."""
    offset = proof.config.clock_offset
    if offset is None or abs(offset) <= _CLOCK_SECONDS:
        return ""
    way = "ahead of" if offset > 0 else "behind"
    return f"The chat host's clock is {abs(offset):.0f} seconds {way} this machine's."
